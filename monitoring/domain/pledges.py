"""What companies are expected to contribute, before there is an invoice: planned, then committed (COF-07, COF-08, COF-15, COF-17).

The ledger of a year per company: planned, committed, invoiced, received, accepted; with the spread over who pays.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db import transaction

from calls.ruleset import Rules
from ibnportal.core import clock
from ibnportal.core.accounts.models import Organisation, User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError, NotAllowed
from ibnportal.core.findings import Finding, Severity
from ibnportal.core.money import ZERO, format_euros
from monitoring.domain import contributions
from monitoring.enums import ContributionState
from monitoring.models import AwardYear, Contribution, Pledge


@dataclass(slots=True)
class CompanyRow:
    """One company in one year; amounts in euros, without VAT."""

    organisation: Organisation
    planned: Decimal = ZERO
    committed: Decimal = ZERO
    invoiced: Decimal = ZERO
    received: Decimal = ZERO
    accepted: Decimal = ZERO


@dataclass(slots=True)
class Ledger:
    """The year's companies by name, with their sums."""

    rows: list[CompanyRow] = field(default_factory=list)

    def total(self, stage: str) -> Decimal:
        """The sum of a stage over all companies."""
        return sum((getattr(row, stage) for row in self.rows), ZERO)

    @property
    def spread(self) -> "Spread":
        """Who carries what of what counts."""
        return Spread([(row.organisation.name, row.accepted) for row in self.rows if row.accepted])

    @property
    def paying(self) -> int:
        """How many companies paid something that counts (COF-08)."""
        return self.spread.paying

    @property
    def largest_fraction(self) -> Decimal | None:
        """The share of who pays most, between 0 and 1."""
        return self.spread.largest_fraction


@dataclass(frozen=True, slots=True)
class Spread:
    """What counts per company, (name, euros): on whom the burden lies (COF-07, COF-08)."""

    accepted: Sequence[tuple[str, Decimal]]

    @property
    def paying(self) -> int:
        """How many companies paid something that counts."""
        return len(self.accepted)

    @property
    def largest(self) -> tuple[str, Decimal] | None:
        """Who pays most of it, and how much."""
        return max(self.accepted, key=lambda row: row[1], default=None)

    @property
    def largest_fraction(self) -> Decimal | None:
        """The share of who pays most, between 0 and 1; None when nothing counts."""
        if self.largest is None:
            return None
        return self.largest[1] / sum((amount for _, amount in self.accepted), ZERO)


def ledger_of(pledges: Iterable[Pledge], lines: Iterable[Contribution]) -> Ledger:
    """The rows of a year, from pledges and contributions at hand with their payers."""
    rows: dict[int, CompanyRow] = {}

    def row_of(organisation: Organisation) -> CompanyRow:
        return rows.setdefault(organisation.pk, CompanyRow(organisation))

    for pledge in pledges:
        row = row_of(pledge.payer)
        row.planned += pledge.planned_amount or ZERO
        row.committed += pledge.committed_amount or ZERO
    for line in lines:
        if line.state == ContributionState.REFUSED:
            continue
        row = row_of(line.payer)
        row.invoiced += line.amount
        row.received += line.amount if line.received_on is not None else ZERO
        row.accepted += line.amount if line.state == ContributionState.ACCEPTED else ZERO
    return Ledger(sorted(rows.values(), key=lambda row: row.organisation.name.casefold()))


def spread_findings(spread: Spread, rules: Rules) -> list[Finding]:
    """Whether the burden is spread over the members (COF-07, COF-08); somebody looks at it, nothing is refused."""
    largest, fraction = spread.largest, spread.largest_fraction
    if rules.max_payer_fraction is None or largest is None or fraction is None or fraction <= rules.max_payer_fraction:
        return []
    name, amount = largest
    return [
        Finding(
            "COF-07", "Spreiding",
            f"{name} draagt {int(fraction * 100)} % van wat meetelt ({format_euros(amount)}), met {spread.paying} "
            f"{'betalende onderneming' if spread.paying == 1 else 'betalende ondernemingen'}. Kijk na of dat in verhouding is.",
            Severity.WARNING,
        )
    ]  # fmt: skip


@transaction.atomic
def pledge(
    award_year: AwardYear,
    payer: Organisation,
    *,
    kind: str,
    by: User,
    planned_amount: Decimal | None = None,
    committed_amount: Decimal | None = None,
    committed_on: date | None = None,
) -> Pledge:
    """What a company is expected to contribute in a year, by kind; a later word takes the place of an earlier one."""
    if not by.belongs_to(award_year.network.beneficiary_id):
        raise NotAllowed("Alleen wie voor het netwerk werkt, voert toezeggingen in.", rule_id="COF-17")
    year = contributions.open_year(award_year)
    if planned_amount is None and committed_amount is None:
        raise DomainError("Vul in hoeveel gepland of toegezegd is.", rule_id="COF-17")
    if any(amount is not None and amount < ZERO for amount in (planned_amount, committed_amount)):
        raise DomainError("Een toezegging kan niet negatief zijn.", rule_id="COF-17")
    if committed_amount is not None and committed_on is None:
        committed_on = clock.today()
    found = (
        Pledge.objects.select_for_update(of=("self",), no_key=True)
        .filter(award_year=year, payer=payer, kind=kind)
        .first()
    )
    found = found or Pledge(award_year=year, payer=payer, kind=kind)
    values = {"planned_amount": planned_amount, "committed_amount": committed_amount, "committed_on": committed_on}
    changes = {name: [getattr(found, name), value] for name, value in values.items() if getattr(found, name) != value}
    for name, value in values.items():
        setattr(found, name, value)
    found.changed_at, found.changed_by = clock.now(), by
    found.save()
    if changes:
        trail.record("pledge.set", found, by=by, changes=changes)
    return found


@transaction.atomic
def from_plan(award_year: AwardYear, *, by: User) -> int:
    """Take the year's lines of the dossier's co-financing plan over as planned amounts; returns how many were added.

    Only of companies that the portal knows by number; what is planned already stays.
    """
    year = contributions.open_year(award_year)
    lines = year.network.application.cofinancing_lines.filter(project_year=year.project_year).exclude(
        enterprise_number=""
    )
    numbers = {line.enterprise_number for line in lines}
    known = {one.enterprise_number: one for one in Organisation.objects.filter(enterprise_number__in=numbers)}
    sums: dict[tuple[str, str], Decimal] = {}
    for line in lines:
        key = (line.enterprise_number, line.kind)
        sums[key] = sums.get(key, ZERO) + line.amount
    there = set(year.pledges.values_list("payer__enterprise_number", "kind"))
    added = 0
    for (number, kind), amount in sorted(sums.items()):
        if number in known and (number, kind) not in there:
            pledge(year, known[number], kind=kind, planned_amount=amount, by=by)
            added += 1
    return added
