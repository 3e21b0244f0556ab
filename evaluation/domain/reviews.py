"""A review of a rejection (REV-01, REV-02, REV-04, REV-05, H-12): asked within the call's term with arguments, handled by who stood outside, decided once.

Both decisions are kept: the new one supersedes the first. The ranking of the others does not move, for it is frozen.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction

from applications.domain import lifecycle as application_lifecycle
from applications.domain import notices
from applications.domain.submission import refuse_unless_representative
from applications.enums import ApplicationState
from applications.models import Application
from evaluation.domain import committee, independence, sheets
from evaluation.enums import DecisionKind, DecisionOrigin, DecisionOutcome
from evaluation.models import CallCeiling, Decision, Review
from ibnportal.core import clock, workdays
from ibnportal.core.accounts.enums import Role
from ibnportal.core.accounts.models import User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError, NotAllowed, WrongState
from ibnportal.core.findings import Finding
from ibnportal.core.lifecycle import lock
from ibnportal.core.money import ZERO
from ibnportal.core.ui import formats

S = ApplicationState


def last_day_of(decision: Decision) -> date | None:
    """The last day on which a review of this decision may be asked; None where the call sets no term (REV-04)."""
    days = decision.rules.review_working_days
    if not days or decision.released_at is None:
        return None
    return clock.local(workdays.deadline_after(decision.released_at, days)).date()


def can_still_be_asked(decision: Decision) -> bool:
    """Whether a review of this rejection may be asked today."""
    if decision.kind != DecisionKind.SUPPORT or decision.outcome != DecisionOutcome.REJECTED:
        return False
    until = last_day_of(decision)
    return decision.released_at is not None and (until is None or clock.today() <= until)


def request(application: Application, *, arguments: str, by: User) -> Review:
    """The applicant asks to review a rejection, on arguments that can be checked (REV-01, REV-02); a receipt goes out.

    Raises DomainError after the last day of the call's term, naming that day (REV-04); whoever asks is a legal representative.
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
        first = (
            Decision.objects.standing()
            .filter(application=fresh, kind=DecisionKind.SUPPORT, released_at__isnull=False)
            .select_related("rules")
            .first()
        )
        if first is None or first.outcome != DecisionOutcome.REJECTED:
            raise WrongState("Er is geen negatieve beslissing om te herzien.", rule_id="REV-01")
        until = last_day_of(first)
        if until is not None and clock.today() > until:
            raise DomainError(
                f"U kon een herziening vragen tot en met {formats.long_date(until)}; dat is voorbij. Een klacht over de behandeling kan altijd.",
                rule_id="REV-04",
            )
        application_lifecycle.move(application, S.REVIEW_REQUESTED, by=by, reason=arguments)
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
    """Uphold the rejection or award after all; the new decision supersedes the first, which stays (REV-05, H-12).

    Only the assigned handler decides, and never who had a hand in the first handling. An award may exceed the call's maximum number with a recorded reason,
    never its budget. The applicant hears of it at once.
    """
    outcome, reason = DecisionOutcome(outcome), reason.strip()
    if outcome not in committee.SUPPORT_OUTCOMES or not reason:
        raise DomainError("Kies de beslissing na herziening en schrijf de motivering.", rule_id="REV-05")
    with transaction.atomic():
        fresh = lock(application)
        first = Decision.objects.standing().select_related("rules").get(application=fresh, kind=DecisionKind.SUPPORT)
        review = _undecided(_review_of(first))
        _refuse_unless_independent(review, fresh, by)
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
        to = S.AWARDED if outcome == DecisionOutcome.AWARDED else S.REVIEW_UPHELD
        application_lifecycle.move(application, to, by=by, reason=reason)
        if amount is not None:
            review.excess_reason = _room_for(fresh, first, excess_reason.strip())
            committee.take_from_ceiling(fresh.call, rules, amount=amount, count=1)
        now = clock.now()
        decision = Decision(
            application=fresh, kind=DecisionKind.SUPPORT, outcome=outcome, origin=DecisionOrigin.REVIEW, rules=first.rules,
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


def _room_for(application: Application, first: Decision, reason: str) -> str:
    """Make room above the maximum number where there is none left, for which the reason is kept; returns the reason that was needed."""
    ceiling = committee.ceiling_of(application.call, first.rules.frozen())
    if ceiling is None:
        return ""
    held = CallCeiling.objects.select_for_update().get(pk=ceiling.pk)
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


def _review_of(first: Decision) -> Review:
    found = Review.objects.filter(decision=first).first()
    if found is None:
        raise WrongState("Voor dit dossier is geen herziening gevraagd.", rule_id="REV-01")
    return found


def _undecided(review: Review) -> Review:
    fresh = Review.objects.select_for_update(of=("self",)).get(pk=review.pk)
    if fresh.decided_at is not None:
        raise WrongState(f"Over deze herziening is al beslist op {formats.moment(fresh.decided_at)}.")
    return fresh


def _tell(application: Application, template: str, *, key: str, **context: Any) -> None:
    """A mail to the applicant; who has no address is found on the dossier page."""
    notice = notices.compose(application, template, **context)
    if notice.to:
        notices.post(application, notice, key=key)
