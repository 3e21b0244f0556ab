"""A review of a rejection (REV-01, REV-02, REV-05, H-12): asked with arguments, decided once, and both decisions are kept."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from django.db import transaction

from applications.domain import lifecycle as application_lifecycle
from applications.domain.submission import refuse_unless_representative
from applications.enums import ApplicationState
from applications.models import Application
from evaluation.domain import committee, sheets
from evaluation.enums import DecisionKind, DecisionOrigin, DecisionOutcome
from evaluation.models import Decision
from ibnportal.core import clock
from ibnportal.core.accounts.models import User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError, NotAllowed
from ibnportal.core.lifecycle import lock
from ibnportal.core.money import ZERO

S = ApplicationState


def request(application: Application, *, arguments: str, by: User) -> Application:
    """The applicant asks to review a rejection, on arguments that can be checked (REV-01, REV-02)."""
    refuse_unless_representative(application, by)
    if not arguments.strip():
        raise DomainError("Schrijf op welke punten de beoordeling volgens u niet klopt.", rule_id="REV-02")
    return application_lifecycle.move(application, S.REVIEW_REQUESTED, by=by, reason=arguments.strip())


def decide(
    application: Application,
    *,
    outcome: str,
    reason: str,
    by: User,
    year_amounts: Mapping[int, Decimal] | Sequence[Decimal] = (),
    conditions: Sequence[committee.Condition] = (),
) -> Decision:
    """Uphold the rejection or award after all; the new decision supersedes the first, which stays (REV-05, H-12).

    An award may exceed the call's maximum number, never its budget. The person who recorded the first decision does not
    decide on its review.
    """
    outcome, reason = DecisionOutcome(outcome), reason.strip()
    if outcome not in committee.SUPPORT_OUTCOMES or not reason:
        raise DomainError("Kies de beslissing na herziening en schrijf de motivering.", rule_id="REV-05")
    with transaction.atomic():
        fresh = lock(application)
        first = Decision.objects.standing().select_related("rules").get(application=fresh, kind=DecisionKind.SUPPORT)
        if first.recorded_by_id == by.pk:
            raise NotAllowed(
                "U legde de eerste beslissing vast. Laat een collega over de herziening beslissen.", rule_id="REV-01"
            )
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
            committee.make_room_for_review(fresh.call, rules)
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
        trail.record(
            "decision.reviewed",
            fresh,
            by=by,
            changes={"outcome": outcome, "amount": amount, "first": first.pk},
            reason=reason,
        )
        sheets.request(decision, by=by)
    return decision
