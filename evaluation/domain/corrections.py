"""Correcting a decision after its release: a new version with its own sheet; the first stays, and both can be verified (H-12, DEC-01).

A correction mends words, conditions or the split over the years. Another outcome is the matter of a review; an award that has an agreement is mended there.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from django.db import transaction

from applications.domain import notices
from applications.enums import ApplicationState
from applications.models import Application
from evaluation.domain import committee, sheets
from evaluation.enums import DecisionKind, DecisionOrigin, DecisionOutcome
from evaluation.models import Decision
from ibnportal.core import clock
from ibnportal.core.accounts.models import User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError, NotAllowed, WrongState
from ibnportal.core.findings import Finding
from ibnportal.core.lifecycle import lock
from ibnportal.core.money import ZERO


def correct(
    application: Application,
    *,
    reason: str,
    why: str,
    by: User,
    year_amounts: Mapping[int, Decimal] | Sequence[Decimal] = (),
    conditions: Sequence[committee.Condition] = (),
) -> Decision:
    """Put a corrected decision on support in the place of the released one; `reason` is its new motivation, `why` what was wrong.

    The outcome stays. Amounts are given anew for an award and the ceiling follows. Applicant and sheet follow at once.
    """
    reason, why = reason.strip(), why.strip()
    found = []
    if not reason:
        found.append(Finding("DEC-01", "reason", "Schrijf de motivering."))
    if not why:
        found.append(Finding("DEC-01", "why", "Schrijf wat er verbeterd is: de aanvrager leest het."))
    if found:
        raise DomainError("De verbetering kan zo niet vastgelegd worden.", rule_id="DEC-01", findings=found)
    with transaction.atomic():
        fresh = lock(application)
        first = (
            Decision.objects.select_for_update(of=("self",), no_key=True)
            .standing()
            .filter(application=fresh, kind=DecisionKind.SUPPORT, released_at__isnull=False, is_reconstructed=False)
            .first()
        )
        if first is None:
            raise WrongState("Er is geen bekendgemaakte beslissing om te verbeteren.", rule_id="DEC-01")
        if getattr(first, "agreement", None) is not None:
            raise WrongState("Op deze beslissing steunt al een overeenkomst. Verbeter ze daar.", rule_id="AGR-01")
        if fresh.state == ApplicationState.REVIEW_REQUESTED:
            raise WrongState("Er loopt een herziening. Wacht op haar beslissing.", rule_id="REV-01")
        if by.belongs_to(fresh.applicant_id) or fresh.bars.filter(user=by, lifted_at__isnull=True).exists():
            raise NotAllowed(
                "U onthoudt zich bij dit dossier. Laat een collega de verbetering vastleggen.", rule_id="P2-EVA-03"
            )
        years, amount = _amounts(first, fresh, year_amounts)
        now = clock.now()
        decision = Decision(
            application=fresh, kind=first.kind, outcome=first.outcome, origin=DecisionOrigin.CORRECTION, meeting=first.meeting, rules=first.rules,
            reason=reason, deviation_reason=first.deviation_reason, decided_on=first.decided_on, amount=amount, recorded_at=now, recorded_by=by,
            released_at=now, released_by=by, supersedes=first,
        )  # fmt: skip
        decision.save()
        committee.write_award(decision, years, conditions if amount is not None else ())
        changes = {"first": first.pk, "amount": [first.amount, amount], "why": why}
        trail.record("decision.corrected", fresh, by=by, changes=changes, reason=why)
        sheets.request(decision, by=by)
        notice = notices.compose(fresh, "decision_corrected", decision=decision, why=why)
        if notice.to:
            notices.post(fresh, notice, key=f"decision:{decision.pk}")
    return decision


def _amounts(
    first: Decision, application: Application, given: Mapping[int, Decimal] | Sequence[Decimal]
) -> tuple[dict[int, Decimal], Decimal | None]:
    if first.outcome != DecisionOutcome.AWARDED:
        return {}, None
    years = committee.by_year(given)
    rules = first.rules.frozen()
    if found := committee.amount_findings(years, rules, requested=application.requested_grant):
        raise DomainError("De toekenning kan zo niet vastgelegd worden.", rule_id=found[0].rule_id, findings=found)
    amount = sum(years.values(), ZERO)
    committee.take_from_ceiling(application.call, rules, amount=amount - (first.amount or ZERO), count=0)
    return years, amount
