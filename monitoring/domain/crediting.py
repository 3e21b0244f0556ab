"""Credit notes and corrections: what an invoice loses afterwards (COF-12, SUB-02, PAY-05).

While the year is open a credit note takes the contribution out and, where a part is left, puts that part in its place to be
judged anew; what was paid on it comes back at the settlement. Once the year is settled nothing moves any more: what turns
out wrong then is a correction, its own record, for the financial officer to act on.
"""

from datetime import date
from decimal import Decimal

from django.db import transaction

from ibnportal.core import clock
from ibnportal.core.accounts.enums import Role
from ibnportal.core.accounts.models import User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError, NotAllowed, WrongState
from ibnportal.core.files.models import StoredFile
from ibnportal.core.lifecycle import lock
from ibnportal.core.money import ZERO, format_euros
from monitoring.domain import contributions, people
from monitoring.domain.lifecycle import move_contribution
from monitoring.enums import ContributionState
from monitoring.models import AwardYear, Contribution, CreditNote, LedgerCorrection


@transaction.atomic
def credit(
    contribution: Contribution,
    *,
    number: str,
    amount: Decimal,
    issued_on: date,
    by: User,
    proof: StoredFile | None = None,
) -> CreditNote:
    """A credit note on a contribution of an open year, whole or in part, entered by the network or the account manager."""
    network = contribution.award_year.network
    if not by.belongs_to(network.beneficiary_id):
        people.require_role(by, Role.ACCOUNT_MANAGER)
    year = contributions.open_year(contribution.award_year)
    fresh = lock(contribution)
    if fresh.state == ContributionState.REFUSED:
        raise WrongState("Deze bijdrage telt al niet mee; een creditnota verandert daar niets aan.", rule_id="COF-12")
    if not ZERO < amount <= fresh.amount:
        raise DomainError(
            f"Een creditnota is meer dan nul en ten hoogste het bedrag van de factuur ({format_euros(fresh.amount)}).",
            rule_id="COF-12",
        )
    if issued_on < fresh.invoiced_on:
        raise DomainError(
            f"De factuur is van {fresh.invoiced_on:%d/%m/%Y}; een creditnota komt daarna.", rule_id="COF-12"
        )
    number = " ".join(number.split())
    if not number:
        raise DomainError("Vul het nummer van de creditnota in.", rule_id="COF-12")
    at = clock.now()
    note = CreditNote.objects.create(
        contribution=fresh, number=number, amount=amount, issued_on=issued_on, proof=proof, entered_at=at, entered_by=by
    )
    reason = f"Gecrediteerd met {number}: {format_euros(amount)}."
    move_contribution(
        contribution,
        ContributionState.REFUSED,
        by=by,
        at=at,
        reason=reason,
        refused_rule="SUB-02",
        refusal_reason=reason,
    )
    trail.record("contribution.credited", fresh, by=by, at=at, changes={"number": number, "amount": amount})
    if amount < fresh.amount:
        _enter_rest(year, fresh, note, by=by)
    return note


def _enter_rest(year: AwardYear, whole: Contribution, note: CreditNote, *, by: User) -> None:
    """What is left of the invoice, under its own number, to be judged anew."""
    kept = {name: getattr(whole, name) for name in contributions.FIELDS if name not in ("amount", "vat_amount")}
    rest = contributions.enter(
        year,
        by=by,
        **{**kept, "amount": whole.amount - note.amount, "invoice_number": f"{whole.invoice_number} na {note.number}"},
    )
    note.rest = rest
    note.save(update_fields=["rest"])


@transaction.atomic
def correct(
    award_year: AwardYear, *, amount: Decimal, reason: str, by: User, contribution: Contribution | None = None
) -> LedgerCorrection:
    """What a closed year should have had more (or less, negative); the settled figures stay, the record tells."""
    if not by.has_role(Role.ACCOUNT_MANAGER, Role.FINANCIAL_OFFICER):
        raise NotAllowed(
            "Een rechtzetting noteert de accountmanager of de financieel verantwoordelijke.", rule_id="PAY-05"
        )
    people.refuse_own_network(award_year.network, by)
    year = lock(award_year)
    if year.claims_closed_at is None:
        raise WrongState("Dit projectjaar is nog open: verbeter de bijdrage zelf.", rule_id="PAY-05")
    if not amount or not reason.strip():
        raise DomainError("Een rechtzetting heeft een bedrag en een reden.", rule_id="PAY-05")
    made = LedgerCorrection.objects.create(
        award_year=year, contribution=contribution, amount=amount, reason=reason.strip(), recorded_at=clock.now(), recorded_by=by
    )  # fmt: skip
    changes = {"amount": amount, "contribution": contribution.pk if contribution else None}
    trail.record("ledger.corrected", year, by=by, reason=reason.strip(), changes=changes)
    return made
