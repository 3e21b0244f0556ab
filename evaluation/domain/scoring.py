"""One expert's scores on one dossier: saved criterion by criterion, handed in once (P2-CRI-18 ... P2-CRI-21).

The same is held by a trigger on the table of scores: none is written before the declaration, after handing in or past a conflict.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction

from applications.domain import words
from applications.enums import ApplicationState
from calls.models import Criterion, ScaleStep
from evaluation.domain import conflicts
from evaluation.domain.lifecycle import move_assignment
from evaluation.enums import AssignmentState
from evaluation.models import Assignment, Score
from ibnportal.core import clock
from ibnportal.core.accounts.models import User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError, NotAllowed, WrongState
from ibnportal.core.findings import Finding
from ibnportal.core.lifecycle import lock


@dataclass(frozen=True, slots=True)
class Gap:
    """What a score still lacks, in words."""

    criterion: Criterion
    text: str


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
) -> int:
    """Keep a whole form at once, complete or not; returns how many scores changed."""
    with transaction.atomic():
        known = {score.criterion_id: (score.step_id, score.motivation) for score in assignment.scores.all()}
        changed = 0
        for criterion, (step, motivation) in scores.items():
            now = (step.pk if step else None, words.clean(motivation))
            if now != known.get(criterion.pk, (None, "")):
                save_score(assignment, criterion, step=step, motivation=motivation, by=by)
                changed += 1
        grounds = (doubts_identity, distorts_market, words.clean(grounds_text))
        if grounds != (assignment.doubts_identity, assignment.distorts_market, assignment.grounds_text):
            save_grounds(
                assignment,
                doubts_identity=doubts_identity,
                distorts_market=distorts_market,
                grounds_text=grounds_text,
                by=by,
            )
    return changed


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
    reason = reason.strip()
    if not reason:
        raise DomainError("Schrijf waarom u de scores heropent; de deskundige leest dit.")
    if assignment.expert_id == by.pk:
        raise NotAllowed("Alleen een dossierbehandelaar heropent scores.")
    if assignment.application.state != ApplicationState.P2_EVALUATION:
        raise WrongState("Het advies is al gegeven; scores kunnen niet meer heropend worden.", rule_id="P2-EVA-01")
    return move_assignment(
        assignment, AssignmentState.DECLARED, by=by, reason=reason, handed_in_at=None, reopened_reason=reason
    )


def _open(assignment: Assignment, *, by: User) -> Assignment:
    """The locked assignment on which this expert may write now."""
    if assignment.expert_id != by.pk:
        raise NotAllowed("Alleen de deskundige zelf geeft deze scores.", rule_id="CONF-02")
    fresh = lock(assignment)
    if fresh.state == AssignmentState.INVITED:
        raise WrongState("Onderteken eerst de verklaring; dan gaat het dossier open.", rule_id="CONF-02")
    if fresh.state == AssignmentState.HANDED_IN:
        raise WrongState(
            "U hebt uw scores al ingediend. Vraag de dossierbehandelaar om ze te heropenen als er iets niet klopt."
        )
    if fresh.state != AssignmentState.DECLARED:
        raise WrongState(f"Deze toewijzing staat op “{fresh.get_state_display()}”; scoren kan niet meer.")
    if conflicts.is_kept_out(fresh.application, by):
        raise NotAllowed("U bent van dit dossier uitgesloten.", rule_id="P2-EVA-03")
    if fresh.application.state != ApplicationState.P2_EVALUATION:
        raise WrongState("Dit dossier is niet meer in beoordeling; scoren kan niet meer.", rule_id="P2-EVA-01")
    return fresh
