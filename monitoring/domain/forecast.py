"""What the networks will ask of the budget, year by year: paid, and expected when (PAY-01, PAY-02, PAY-03).

Pure. The first tranche is expected when an even pace of co-financing reaches the threshold, the second when the report of
the year is due; what should have come already is expected now. A settled year expects what the settlement left, no more.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from math import ceil

from calls.ruleset import Rules
from ibnportal.core.money import ZERO, euros
from ibnportal.core.months import add_months


@dataclass(frozen=True, slots=True)
class PlannedYear:
    """One project year of one network; `paid` holds the released tranches by the day they counted, `due` the settlement's total."""

    network: str
    project_year: int
    starts_on: date
    ends_on: date
    awarded: Decimal
    rules: Rules
    paid: tuple[tuple[date, Decimal], ...] = ()
    has_first: bool = False
    due: Decimal | None = None


@dataclass(slots=True)
class BudgetYear:
    """One calendar year: what was committed by project years that begin in it, what was paid and what is expected in it."""

    year: int
    committed: Decimal = ZERO
    paid: Decimal = ZERO
    expected: Decimal = ZERO
    networks: set[str] = field(default_factory=set)

    @property
    def total(self) -> Decimal:
        """What the year will have cost."""
        return self.paid + self.expected


def expected(year: PlannedYear, *, today: date) -> list[tuple[date, Decimal]]:
    """The payments still to come for one project year, each with the day on which it is expected."""
    spent = sum((amount for _, amount in year.paid), ZERO)
    if year.due is not None:
        rest = max(year.due - spent, ZERO)
        return [(today, rest)] if rest else []
    fraction = year.rules.first_tranche_threshold_fraction
    report_on = add_months(year.ends_on, year.rules.latest_report_months)
    coming: list[tuple[date, Decimal]] = []
    first = ZERO
    if fraction is not None and not year.has_first:
        months = ceil(year.rules.months_per_year * fraction)
        first = euros(year.awarded * fraction)
        coming.append((max(add_months(year.starts_on, months), today), first))
    rest = max(year.awarded - spent - first, ZERO)
    if rest:
        coming.append((max(report_on, today), rest))
    return coming


def by_budget_year(years: Iterable[PlannedYear], *, today: date) -> list[BudgetYear]:
    """All networks together, per calendar year, from the first year with something to the last, none left out."""
    found: dict[int, BudgetYear] = defaultdict(lambda: BudgetYear(0))
    for year in years:
        _of(found, year.starts_on).committed += year.awarded
        for day, amount in year.paid:
            _of(found, day).paid += amount
        for day, amount in expected(year, today=today):
            budget_year = _of(found, day)
            budget_year.expected += amount
            budget_year.networks.add(year.network)
    if not found:
        return []
    return [found.get(number) or BudgetYear(number) for number in range(min(found), max(found) + 1)]


def _of(found: dict[int, BudgetYear], day: date) -> BudgetYear:
    row = found[day.year]
    row.year = day.year
    return row
