"""One expert's scores on one dossier: saved criterion by criterion, handed in once (P2-CRI-18 ... P2-CRI-21).

The same is held by a trigger on the table of scores: none is written before the declaration, after handing in or past a conflict.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import blake2b

from django.db import transaction

from applications.domain import words
from applications.enums import ApplicationState
from applications.models import DossierGrant
from calls.models import Criterion, ScaleStep
from evaluation.domain import conflicts
from evaluation.domain.lifecycle import move_assignment
from evaluation.enums import AssignmentState
from evaluation.models import AdviceVersion, Assignment, Score
from ibnportal.core import clock
from ibnportal.core.accounts.models import User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError, NotAllowed, TooLate, WrongState
from ibnportal.core.findings import Finding
from ibnportal.core.lifecycle import lock
from ibnportal.core.outbox import mail


@dataclass(frozen=True, slots=True)
class Gap:
    """What a score still lacks, in words."""

    criterion: Criterion
    text: str


@dataclass(frozen=True, slots=True)
class Clash:
    """One answer that another window changed meanwhile: what stands there now, in words. `field` names it on the form."""

    field: str
    label: str
    stored: str


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of a form: how many scores changed, and which answers were left as another window has them."""

    changed: int
    clashes: tuple[Clash, ...]


MARK_BYTES = 2 * 2 * 2
"""Enough to tell two answers apart, short enough to travel with each of them."""

GROUNDS = "grounds"
"""The name under which the answers about the exclusion grounds travel, beside the criteria's codes."""


def fingerprint(*answer: object) -> str:
    """A short mark of an answer as it stands, to see later whether it is still the same; white space around does not count."""
    text = "\x1f".join(words.clean(str(part)) if part is not None else "" for part in answer)
    return blake2b(text.encode(), digest_size=MARK_BYTES).hexdigest()


def marks_of(assignment: Assignment, criteria: Iterable[Criterion]) -> dict[str, str]:
    """The mark of every answer as it is stored now, by the criterion's code and `GROUNDS`; reads the scores."""
    stored = {score.criterion_id: score for score in assignment.scores.all()}
    marks = {row.code: _mark(stored.get(row.pk)) for row in criteria}
    return marks | {
        GROUNDS: fingerprint(assignment.doubts_identity, assignment.distorts_market, assignment.grounds_text)
    }


def _mark(score: Score | None) -> str:
    return fingerprint(score.step.code if score and score.step else "", score.motivation if score else "")


def save_score(
    assignment: Assignment, criterion: Criterion, *, step: ScaleStep | None, motivation: str, by: User
) -> Score:
    """Keep the score on one criterion as it is now, complete or not; the last one saved counts."""
    with transaction.atomic():
        fresh = _open(assignment, by=by)
        call_id = fresh.application.call_id
        if criterion.dimension.call_id != call_id or (step is not None and step.call_id != call_id):
            raise DomainError("Dit criterium of deze score hoort bij een andere oproep.", rule_id="P2-CRI-21")
        score, _ = Score.objects.update_or_create(
            assignment=fresh,
            criterion=criterion,
            defaults={"step": step, "motivation": words.clean(motivation), "saved_at": clock.now()},
        )
        trail.record(
            "assignment.scored",
            fresh,
            by=by,
            changes={"criterion": criterion.code, "step": step.code if step else None},
        )
    return score


def save_all(
    assignment: Assignment,
    scores: Mapping[Criterion, tuple[ScaleStep | None, str]],
    *,
    doubts_identity: bool | None,
    distorts_market: bool | None,
    grounds_text: str,
    by: User,
    seen: Mapping[str, str] | None = None,
) -> Saved:
    """Keep a whole form at once, complete or not.

    `seen` holds the marks of the answers as the page had them when it was opened. An answer that the page did not touch leaves
    alone what another window saved; one that both changed stays as the other window has it and comes back as a Clash, so that
    nothing is overwritten unseen. Without `seen` the form wins.
    """
    seen = seen or {}
    with transaction.atomic():
        fresh = _open(assignment, by=by)
        known = {score.criterion_id: score for score in fresh.scores.select_related("step")}
        changed, clashes = 0, []
        for criterion, (step, motivation) in scores.items():
            stored = known.get(criterion.pk)
            typed, now = fingerprint(step.code if step else "", motivation), _mark(stored)
            if typed in {now, seen.get(criterion.code)}:
                continue
            if seen.get(criterion.code, now) != now:
                clashes.append(Clash(criterion.code, criterion.label, _in_words(stored)))
                continue
            save_score(fresh, criterion, step=step, motivation=motivation, by=by)
            changed += 1
        typed = fingerprint(doubts_identity, distorts_market, grounds_text)
        now = fingerprint(fresh.doubts_identity, fresh.distorts_market, fresh.grounds_text)
        if typed not in {now, seen.get(GROUNDS)}:
            if seen.get(GROUNDS, now) != now:
                clashes.append(Clash(GROUNDS, "Uitsluitingsgronden", fresh.grounds_text or "andere antwoorden"))
            else:
                save_grounds(
                    fresh,
                    doubts_identity=doubts_identity,
                    distorts_market=distorts_market,
                    grounds_text=grounds_text,
                    by=by,
                )
    return Saved(changed, tuple(clashes))


def _in_words(score: Score | None) -> str:
    if score is None or (score.step is None and not score.motivation):
        return "niets"
    return f"{score.step.label if score.step else 'nog geen score'}. {score.motivation}".strip()


def save_grounds(
    assignment: Assignment, *, doubts_identity: bool | None, distorts_market: bool | None, grounds_text: str, by: User
) -> Assignment:
    """Keep the answers about the two exclusion grounds as they are now, answered or not."""
    with transaction.atomic():
        fresh = _open(assignment, by=by)
        fresh.doubts_identity = doubts_identity
        fresh.distorts_market = distorts_market
        fresh.grounds_text = words.clean(grounds_text)
        fresh.save(update_fields=["doubts_identity", "distorts_market", "grounds_text"])
        changes = {"doubts_identity": doubts_identity, "distorts_market": distorts_market}
        trail.record("assignment.grounds_saved", fresh, by=by, changes=changes)
    return fresh


def gaps(assignment: Assignment) -> list[Gap]:
    """Which of the call's criteria are not complete yet, in the call's order, and what each lacks; three queries."""
    least = assignment.application.call.rules().min_motivation_words
    scores = {score.criterion_id: score for score in assignment.scores.all()}
    criteria = Criterion.objects.filter(dimension__call_id=assignment.application.call_id).select_related("dimension")
    found = ((criterion, lacks(scores.get(criterion.pk), least)) for criterion in criteria)
    return [Gap(criterion, text) for criterion, text in found if text]


def lacks(score: Score | None, least: int) -> str:
    """What this score still lacks, or nothing; `least` is the minimum number of words of a motivation."""
    if score is None or (score.step_id is None and not score.motivation):
        return "Nog geen score en geen motivering."
    if score.step_id is None:
        return "Kies nog een score."
    count = words.count(score.motivation)
    if count < least or not count:
        return (
            f"De motivering telt {count} {'woord' if count == 1 else 'woorden'}; schrijf er minstens {max(least, 1)}."
        )
    return ""


def hand_in(
    assignment: Assignment,
    *,
    doubts_identity: bool | None,
    distorts_market: bool | None,
    grounds_text: str = "",
    by: User,
) -> Assignment:
    """Hand in all scores at once; from then on they are fixed. Raises DomainError listing every criterion that lacks something."""
    grounds_text = words.clean(grounds_text)
    with transaction.atomic():
        fresh = _open(assignment, by=by)
        findings = [Finding("P2-CRI-20", gap.criterion.label, gap.text) for gap in gaps(fresh)]
        if doubts_identity is None:
            findings.append(
                Finding("P2-CRI-18", "doubts_identity", "Zeg of u sterk twijfelt aan een eigen identiteit en dynamiek.")
            )
        if distorts_market is None:
            findings.append(
                Finding("P2-CRI-19", "distorts_market", "Zeg of u een duidelijk risico op marktverstoring ziet.")
            )
        if (doubts_identity or distorts_market) and not grounds_text:
            findings.append(Finding("P2-CRI-18", "grounds_text", "Leg uit waarom u een uitsluitingsgrond ziet."))
        if findings:
            raise DomainError(
                "Nog niet alles is ingevuld; er is niets ingediend.", rule_id="P2-CRI-20", findings=findings
            )
        now = clock.now()
        move_assignment(
            assignment,
            AssignmentState.HANDED_IN,
            by=by,
            at=now,
            doubts_identity=doubts_identity,
            distorts_market=distorts_market,
            grounds_text=grounds_text,
            handed_in_at=now,
        )
    return assignment


def reopen(assignment: Assignment, *, reason: str, by: User) -> Assignment:
    """Give handed-in scores back to the expert, with a reason; not once the advice is there."""
    reason = words.clean(reason)
    if not reason:
        raise DomainError("Schrijf waarom u de scores heropent; de deskundige leest dit.")
    if assignment.expert_id == by.pk:
        raise NotAllowed("Alleen een dossierbehandelaar heropent scores.")
    if assignment.application.state != ApplicationState.P2_EVALUATION:
        raise WrongState("Het advies is al gegeven; scores kunnen niet meer heropend worden.", rule_id="P2-EVA-01")
    if AdviceVersion.objects.awaiting().filter(application_id=assignment.application_id).exists():
        raise WrongState("Een advies ligt bij de tweede lezer. Laat het eerst terugsturen; heropen daarna de scores.")
    with transaction.atomic():
        move_assignment(
            assignment, AssignmentState.DECLARED, by=by, reason=reason, handed_in_at=None, reopened_reason=reason
        )
        mail.send_later(
            key=f"scores-reopened:{assignment.pk}:{clock.now():%Y%m%d%H%M%S}",
            to=assignment.expert.email,
            template="scores_reopened",
            context={
                "assignment": assignment,
                "application": assignment.application,
                "address": mail.absolute(f"/expert/dossier/{assignment.pk}/"),
            },
            about=assignment,
        )
    return assignment


def _open(assignment: Assignment, *, by: User) -> Assignment:
    """The locked assignment on which this expert may write now."""
    if assignment.expert_id != by.pk:
        raise NotAllowed("Alleen de deskundige zelf geeft deze scores.", rule_id="CONF-02")
    fresh = lock(assignment)
    if conflicts.is_kept_out(fresh.application, by):
        raise NotAllowed("U bent van dit dossier uitgesloten.", rule_id="P2-EVA-03")
    if fresh.state == AssignmentState.INVITED:
        raise WrongState("Onderteken eerst de verklaring; dan gaat het dossier open.", rule_id="CONF-02")
    if fresh.state == AssignmentState.HANDED_IN:
        raise WrongState(
            "U hebt uw scores al ingediend. Vraag de dossierbehandelaar om ze te heropenen als er iets niet klopt."
        )
    if fresh.state != AssignmentState.DECLARED:
        raise WrongState(f"Deze toewijzing staat op “{fresh.get_state_display()}”; scoren kan niet meer.")
    if not DossierGrant.objects.open().filter(application_id=fresh.application_id, user=by).exists():
        raise TooLate(
            "Uw toegang tot dit dossier is afgelopen. Wat u bewaarde, staat er nog: vraag de dossierbehandelaar om meer tijd.",
            rule_id="CONF-01",
        )
    if fresh.application.state != ApplicationState.P2_EVALUATION:
        raise WrongState("Dit dossier is niet meer in beoordeling; scoren kan niet meer.", rule_id="P2-EVA-01")
    return fresh
