"""A review of a negative decision (REV-01, REV-02, REV-04, REV-05, REV-06, H-12): asked within the call's term with arguments, handled by who stood outside.

Both decisions are kept: the new one supersedes the first. The ranking of the others does not move, for it is frozen.
A rejection waits in a state of its own while it is reviewed. A preselection or an inadmissibility stays what it is until the review
turns it; then the dossier goes on from there.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Subquery

from applications.domain import lifecycle as application_lifecycle
from applications.domain import notices
from applications.domain.submission import refuse_unless_representative
from applications.enums import ApplicationState
from applications.models import Application
from calls.enums import PhaseNumber
from calls.ruleset import Rules
from evaluation.domain import committee, independence, sheets
from evaluation.enums import DecisionKind, DecisionOrigin, DecisionOutcome
from evaluation.models import CallCeiling, Decision, Review
from ibnportal.core import clock, workdays
from ibnportal.core.accounts.enums import Role
from ibnportal.core.accounts.models import User
from ibnportal.core.audit import trail
from ibnportal.core.audit.models import AuditEvent
from ibnportal.core.errors import DomainError, NotAllowed, WrongState
from ibnportal.core.findings import Finding
from ibnportal.core.lifecycle import lock
from ibnportal.core.money import ZERO
from ibnportal.core.outbox import mail
from ibnportal.core.ui import formats

S = ApplicationState
K = DecisionKind
O = DecisionOutcome  # noqa: E741 - as in committee

# What a review can make of each kind of decision: it turns, or it stays.
OUTCOMES: dict[DecisionKind, tuple[DecisionOutcome, DecisionOutcome]] = {
    K.ADMISSIBILITY_1: (O.ADMISSIBLE, O.INADMISSIBLE),
    K.PRESELECTION: (O.PRESELECTED, O.NOT_PRESELECTED),
    K.ADMISSIBILITY_2: (O.ADMISSIBLE, O.INADMISSIBLE),
    K.SUPPORT: (O.AWARDED, O.REJECTED),
}
_SCREENED: dict[str, tuple[DecisionKind, PhaseNumber]] = {
    S.P1_INADMISSIBLE: (K.ADMISSIBILITY_1, PhaseNumber.PRE_REGISTRATION),
    S.P2_INADMISSIBLE: (K.ADMISSIBILITY_2, PhaseNumber.FULL_DOSSIER),
}
_TURNS_TO = {
    K.ADMISSIBILITY_1: S.P1_ADMISSIBLE,
    K.PRESELECTION: S.PRESELECTED,
    K.ADMISSIBILITY_2: S.P2_ADMISSIBLE,
}


def covers(kind: str, rules: Rules) -> bool:
    """Whether this call opens a review of such a decision: of support always, of the earlier ones as its rules say (REV-06). Pure."""
    if kind == K.SUPPORT:
        return True
    return rules.review_covers_preselection if kind == K.PRESELECTION else rules.review_covers_admissibility


def contested(application: Application, *, released: Sequence[Decision] | None = None) -> Decision | None:
    """The negative decision that stands on this dossier and was told, whether or not a review is still open; None without one.

    `released` are the decisions that were told and that no other replaced, for who has read them already.
    An inadmissibility is a conclusion of the screening: until somebody contests it, it is read from the trail and not stored as a decision.
    """
    if released is None:
        told = Decision.objects.standing().filter(released_at__isnull=False, is_reconstructed=False)
        released = list(told.filter(application=application).select_related("rules"))
    if application.state in _SCREENED:
        kind, phase = _SCREENED[application.state]
        return _of_kind(released, kind) or _screened(application, kind, phase)
    kind = K.PRESELECTION if application.state == S.NOT_PRESELECTED else K.SUPPORT
    found = _of_kind(released, kind)
    return found if found is not None and found.outcome == OUTCOMES[kind][1] else None


def _of_kind(decisions: Iterable[Decision], kind: DecisionKind) -> Decision | None:
    return next((decision for decision in decisions if decision.kind == kind), None)


def _screened(application: Application, kind: DecisionKind, phase: PhaseNumber) -> Decision | None:
    """The inadmissibility as a decision that is not saved: when, by whom and why, from the trail; the rules of the submission."""
    concluded = AuditEvent.objects.filter(
        stream=trail.stream_of(application), action=f"application.{ApplicationState(application.state).value}"
    ).order_by("-seq")[:1]
    handed_in = application.submissions.filter(phase=phase).select_related("rules").defer("snapshot")
    submission: Any = (
        handed_in.annotate(
            **{f"concluded_{name}": Subquery(concluded.values(name)) for name in ("at", "reason", "actor")}
        )
        .order_by("-version")
        .first()
    )
    if submission is None or submission.concluded_actor is None:
        return None
    submission.rules.call = application.call
    at, by = submission.concluded_at, submission.concluded_actor
    return Decision(
        application=application, kind=kind, outcome=O.INADMISSIBLE, origin=DecisionOrigin.SCREENING, rules=submission.rules,
        reason=submission.concluded_reason, decided_on=clock.local(at).date(), recorded_at=at, recorded_by_id=by, released_at=at,
        released_by_id=by,
    )  # fmt: skip


def last_day_of(decision: Decision) -> date | None:
    """The last day on which a review of this decision may be asked; None where the call sets no term (REV-04)."""
    days = decision.rules.review_working_days
    if not days or decision.released_at is None:
        return None
    return clock.local(workdays.deadline_after(decision.released_at, days)).date()


def can_still_be_asked(decision: Decision) -> bool:
    """Whether a review of this negative decision may be asked today."""
    return term_of(decision).is_open


@dataclass(frozen=True, slots=True)
class Term:
    """Whether a review can be asked today, and the last day on which it can where the call sets one."""

    is_open: bool
    until: date | None = None


def term_of(decision: Decision) -> Term:
    """The term to have this decision reviewed; none for one that is not negative, that came of a review, or that the call excludes."""
    kind = DecisionKind(decision.kind)
    if decision.outcome != OUTCOMES[kind][1] or decision.origin == DecisionOrigin.REVIEW:
        return Term(is_open=False)
    if decision.released_at is None or not covers(kind, decision.rules.frozen()):
        return Term(is_open=False)
    until = last_day_of(decision)
    return Term(is_open=until is None or clock.today() <= until, until=until)


def request(application: Application, *, arguments: str, by: User) -> Review:
    """The applicant asks to review a negative decision, on arguments that can be checked (REV-01, REV-02, REV-06); a receipt goes out.

    Raises DomainError after the last day of the call's term, naming that day (REV-04), or where the call opens no review of
    such a decision; whoever asks is a legal representative.
    """
    refuse_unless_representative(application, by)
    arguments = arguments.strip()
    if not arguments:
        raise DomainError(
            "Schrijf op welke punten de beoordeling volgens u niet klopt.",
            rule_id="REV-02",
            findings=[Finding("REV-02", "arguments", "Schrijf uw argumenten.")],
        )
    with transaction.atomic():
        fresh = lock(application)
        first = contested(fresh)
        if first is None or first.origin == DecisionOrigin.REVIEW:
            raise WrongState("Er is geen negatieve beslissing om te herzien.", rule_id="REV-01")
        if not covers(first.kind, first.rules.frozen()):
            raise WrongState(
                "Deze oproep voorziet geen herziening van deze beslissing. Een klacht over de behandeling kan altijd.",
                rule_id="REV-06",
            )
        until = last_day_of(first)
        if until is not None and clock.today() > until:
            raise DomainError(
                f"U kon een herziening vragen tot en met {formats.long_date(until)}; dat is voorbij. Een klacht over de behandeling kan altijd.",
                rule_id="REV-04",
            )
        if first.kind == K.SUPPORT:
            application_lifecycle.move(application, S.REVIEW_REQUESTED, by=by, reason=arguments)
        elif Review.objects.filter(decision__application=fresh, decision__kind=first.kind).exists():
            raise WrongState("U vroeg al een herziening van deze beslissing.", rule_id="REV-01")
        if first.pk is None:
            first.save()
            trail.record(
                "decision.contested", fresh, by=by, changes={"decision": first.pk, "outcome": first.outcome}, reason=first.reason
            )  # fmt: skip
        review = Review.objects.create(
            decision=first, arguments=arguments, asked_at=clock.now(), asked_by=by, due_on=until
        )
        trail.record("review.asked", review, by=by, changes={"decision": first.pk}, reason=arguments)
        _tell(application, "review_received", key=f"review:{review.pk}:received", review=review)
    return review


def assign(review: Review, *, handler: User, by: User) -> Review:
    """Give a review to somebody of the case team who had no hand in the dossier; may be given to another until it is decided."""
    if not handler.has_role(Role.CASE_HANDLER, Role.SECRETARY):
        raise DomainError(f"{handler} is geen dossierbehandelaar of secretaris.", rule_id="REV-01")
    application = review.decision.application
    if deed := independence.involvement(application, handler):
        raise DomainError(
            f"{handler} {deed} en kan deze herziening niet behandelen. Kies iemand die niets met het dossier te maken had.",
            rule_id="REV-01",
            findings=[Finding("REV-01", "handler", f"Deze persoon {deed}.")],
        )
    with transaction.atomic():
        fresh = _undecided(review)
        before = fresh.handler
        fresh.handler, fresh.assigned_at, fresh.assigned_by = handler, clock.now(), by
        fresh.save(update_fields=["handler", "assigned_at", "assigned_by"])
        trail.record("review.assigned", fresh, by=by, changes={"handler": [str(before or ""), str(handler)]})
        mail.send_later(
            key=f"review-assigned:{fresh.pk}:{handler.pk}",
            to=handler.email,
            template="review_assigned",
            context={
                "review": fresh,
                "application": application,
                "address": mail.absolute(f"/nazorg/herziening/{fresh.pk}/"),
            },
            about=fresh,
        )
    return fresh


def decide(
    application: Application,
    *,
    outcome: str,
    reason: str,
    by: User,
    year_amounts: Mapping[int, Decimal] | Sequence[Decimal] = (),
    conditions: Sequence[committee.Condition] = (),
    excess_reason: str = "",
) -> Decision:
    """Uphold the first decision or turn it; the new decision supersedes the first, which stays (REV-05, REV-06, H-12).

    Only the assigned handler decides, and never who had a hand in the first handling. An award may exceed the call's maximum number with a recorded reason,
    never its budget. What is preselected or admissible after review goes on from there, as long as phase 2 has not closed. The applicant hears of it at once.
    """
    outcome, reason = DecisionOutcome(outcome), reason.strip()
    review = _review_of(application)
    kind = DecisionKind(review.decision.kind)
    if outcome not in OUTCOMES[kind] or not reason:
        raise DomainError("Kies de beslissing na herziening en schrijf de motivering.", rule_id="REV-05")
    with transaction.atomic():
        fresh = lock(application)
        review = _undecided(review)
        first = review.decision
        _refuse_unless_independent(review, fresh, by)
        if outcome == OUTCOMES[kind][0]:
            _refuse_a_dead_end(fresh, kind)
        years, amount = {}, None
        rules = first.rules.frozen()
        if outcome == DecisionOutcome.AWARDED:
            years = committee.by_year(year_amounts)
            amount = sum(years.values(), ZERO)
            found = committee.amount_findings(years, rules, requested=fresh.requested_grant)
            if found:
                raise DomainError(
                    "De toekenning kan zo niet vastgelegd worden.", rule_id=found[0].rule_id, findings=found
                )
        to = _next_state(kind, outcome)
        if to is not None:
            application_lifecycle.move(application, to, by=by, reason=reason)
        if amount is not None:
            review.excess_reason = _room_for(fresh, first, excess_reason.strip())
            committee.take_from_ceiling(fresh.call, rules, amount=amount, count=1)
        now = clock.now()
        decision = Decision(
            application=fresh, kind=kind, outcome=outcome, origin=DecisionOrigin.REVIEW, rules=first.rules,
            reason=reason, decided_on=clock.today(), recorded_at=now, recorded_by=by, released_at=now,
            released_by=by, supersedes=first,
        )  # fmt: skip
        if amount is not None:
            decision.amount = amount
        decision.save()
        committee.write_award(decision, years, conditions)
        review.outcome, review.decided_at = decision, now
        review.save(update_fields=["excess_reason", "outcome", "decided_at"])
        changes = {"outcome": outcome, "amount": amount, "first": first.pk, "excess": review.excess_reason}
        trail.record("decision.reviewed", fresh, by=by, changes=changes, reason=reason)
        if decision.has_sheet:
            sheets.request(decision, by=by)
        _tell(
            fresh,
            "review_decided",
            key=f"review:{review.pk}:decided",
            review=review,
            decision=decision,
            years=list(decision.years.all()),
        )
    return decision


def _refuse_a_dead_end(application: Application, kind: DecisionKind) -> None:
    """Nobody is let into phase 2 when it has closed: it never opens again, for nobody, so the promise would be empty (ADR 0036)."""
    if kind not in {K.ADMISSIBILITY_1, K.PRESELECTION}:
        return
    window = application.call.phases.filter(number=PhaseNumber.FULL_DOSSIER).first()
    if window is not None and window.closes_at is not None and clock.now() > window.closes_at:
        raise WrongState(
            f"De volledige aanvragen moesten er zijn op {formats.moment(window.closes_at)}; wie nu nog toegelaten wordt, kan niet meer indienen. "
            "Bevestig de beslissing, en schrijf in de motivering wat er fout liep en wat de aanvrager nog kan, zoals een volgende oproep.",
            rule_id="REV-06",
        )


def _next_state(kind: DecisionKind, outcome: DecisionOutcome) -> ApplicationState | None:
    """Where the decision of a review brings the dossier; None where it stays (an upheld preselection or inadmissibility)."""
    is_turned = outcome == OUTCOMES[kind][0]
    if kind == K.SUPPORT:
        return S.AWARDED if is_turned else S.REVIEW_UPHELD
    return _TURNS_TO[kind] if is_turned else None


def _room_for(application: Application, first: Decision, reason: str) -> str:
    """Make room above the maximum number where there is none left, for which the reason is kept; returns the reason that was needed."""
    ceiling = committee.ceiling_of(application.call, first.rules.frozen())
    if ceiling is None:
        return ""
    held = CallCeiling.objects.select_for_update(no_key=True).get(pk=ceiling.pk)
    if held.awarded_count < held.max_awards + held.review_extra_count:
        return ""
    if not reason:
        raise DomainError(
            f"Er zijn al {held.awarded_count} initiatieven gesteund, het hoogste aantal. Schrijf waarom deze toekenning daarbovenop komt.",
            rule_id="REV-05",
            findings=[Finding("REV-05", "excess_reason", "Geef de reden om boven het hoogste aantal te gaan.")],
        )
    committee.make_room_for_review(application.call, first.rules.frozen())
    return reason


def _refuse_unless_independent(review: Review, application: Application, by: User) -> None:
    if review.handler_id is None:
        raise WrongState(
            "Wijs deze herziening eerst toe aan iemand die niets met het dossier te maken had.", rule_id="REV-01"
        )
    if review.handler_id != by.pk:
        raise NotAllowed(
            f"Deze herziening is toegewezen aan {review.handler}. Alleen die beslist erover.", rule_id="REV-01"
        )
    if deed := independence.involvement(application, by):
        raise NotAllowed(f"U {deed}. Laat een collega deze herziening behandelen.", rule_id="REV-01")


def _review_of(application: Application) -> Review:
    """The newest review of this dossier; who decides twice is stopped by `_undecided`."""
    asked = Review.objects.filter(decision__application=application).select_related("decision__rules")
    found = asked.order_by("-asked_at", "-pk").first()
    if found is None:
        raise WrongState("Voor dit dossier is geen herziening gevraagd.", rule_id="REV-01")
    return found


def _undecided(review: Review) -> Review:
    fresh = lock(review)
    if fresh.decided_at is not None:
        raise WrongState(f"Over deze herziening is al beslist op {formats.moment(fresh.decided_at)}.")
    return fresh


def _tell(application: Application, template: str, *, key: str, **context: Any) -> None:
    """A mail to the applicant; who has no address is found on the dossier page."""
    notice = notices.compose(application, template, **context)
    if notice.to:
        notices.post(application, notice, key=key)
