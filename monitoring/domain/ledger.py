"""The contributions of one project year as a reader goes through them: which to show, which break a rule, how many.

The database sorts them out (see `contribution_checks`); a page costs the lines that are on it, not those of the year.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from django.db.models import BooleanField, Count, DateField, ExpressionWrapper, F, Q, QuerySet, Sum, Value

from calls.ruleset import Rules
from ibnportal.core.findings import Finding, Severity
from monitoring.domain import contribution_checks, forecasting
from monitoring.domain.contributions import UNJUDGED
from monitoring.domain.outlook import Forecast
from monitoring.domain.pledges import Spread
from monitoring.enums import ContributionState
from monitoring.models import AwardYear, Contribution


class Choice(StrEnum):
    """Which contributions of a year to show."""

    ALL = ""
    COUNTING = "tellen"
    WAITING = "wachten"
    PROBLEMS = "problemen"
    REFUSED = "geweigerd"


@dataclass(frozen=True, slots=True)
class Counts:
    """How many there are by state, by whether a rule refuses them and by whether there is something to look at besides."""

    found: dict[tuple[str, bool, bool], int]
    looked_at: tuple[ContributionState, ...]
    choice: str

    @property
    def clean(self) -> int:
        """Waiting, without an error."""
        return self._sum(lambda state, is_refused, _: state == ContributionState.SUBMITTED and not is_refused)

    @property
    def broken(self) -> int:
        """Accepted in a year that is open still, and breaking a rule now."""
        accepted = ContributionState.ACCEPTED
        return self._sum(lambda state, is_refused, _: accepted in self.looked_at and state == accepted and is_refused)

    @property
    def all(self) -> int:
        """All of them."""
        return sum(self.found.values())

    @property
    def shown(self) -> int:
        """How many `chosen` gives for the choice."""
        if self.choice == Choice.COUNTING:
            return self._sum(lambda state, *_: state == ContributionState.ACCEPTED)
        if self.choice == Choice.WAITING:
            return self._sum(lambda state, *_: state in UNJUDGED)
        if self.choice == Choice.PROBLEMS:
            return self._sum(lambda state, *found: state in self.looked_at and any(found))
        if self.choice == Choice.REFUSED:
            return self._sum(lambda state, *_: state == ContributionState.REFUSED)
        return self.all

    def _sum(self, wanted: Callable[[str, bool, bool], bool]) -> int:
        return sum(count for key, count in self.found.items() if wanted(*key))


def looked_at(year: AwardYear) -> tuple[ContributionState, ...]:
    """The states whose contributions are checked: what is accepted too while the year is open, for a payer can turn out to be public."""
    return UNJUDGED if year.claims_closed_at is not None else (*UNJUDGED, ContributionState.ACCEPTED)


def chosen(year: AwardYear, choice: str) -> QuerySet[Contribution]:
    """The year's contributions of that choice; all of them for a word that is none."""
    rows = Contribution.objects.filter(award_year=year)
    if choice == Choice.COUNTING:
        return rows.filter(state=ContributionState.ACCEPTED)
    if choice == Choice.WAITING:
        return rows.filter(state__in=UNJUDGED)
    if choice == Choice.PROBLEMS:
        return rows.filter(contribution_checks.broken(year), state__in=looked_at(year))
    if choice == Choice.REFUSED:
        return rows.filter(state=ContributionState.REFUSED)
    return rows


def counts(year: AwardYear, choice: str = Choice.ALL) -> Counts:
    """The year's counts, in one query; what is only remarked is looked for when that choice is asked, for it costs as much again."""
    is_refused = _whether(contribution_checks.broken(year, Severity.ERROR))
    remarks = (
        contribution_checks.broken(year, Severity.WARNING) if choice == Choice.PROBLEMS else contribution_checks.NEVER
    )
    is_noted = _whether(remarks)
    rows = Contribution.objects.filter(award_year=year).order_by().values_list("state", is_refused, is_noted)
    found = {(state, refused, noted): count for state, refused, noted, count in rows.annotate(Count("pk"))}
    return Counts(found, looked_at(year), choice)


def _whether(condition: Q) -> Any:
    return ExpressionWrapper(condition, output_field=BooleanField())


def outlook_and_spread(year: AwardYear, rules: Rules, *, before: AwardYear | None, on: date) -> tuple[Forecast, Spread]:
    """What the year will probably come to and who carries it, in one query: sums a day, and sums a payer.

    The spread is empty where the call sets no bound to it.
    """
    per_day = forecasting.sums_per_day(year, before)
    if rules.max_payer_fraction is None:
        return forecasting.from_sums(year, rules, list(per_day), before=before, on=on), Spread([])
    accepted = Contribution.objects.filter(award_year=year, state=ContributionState.ACCEPTED).order_by()
    no_day, no_kind = Value(None, output_field=DateField()), Value(None, output_field=BooleanField())
    per_payer = accepted.values_list("payer_id", no_day, no_kind).annotate(Sum("amount"), name=F("payer__name"))
    rows = list(per_day.annotate(name=Value("")).union(per_payer, all=True))
    spread = sorted((name, amount) for _, day, _, amount, name in rows if day is None)
    days = [row[:-1] for row in rows if row[1] is not None]
    return forecasting.from_sums(year, rules, days, before=before, on=on), Spread(spread)


def with_findings(
    rows: QuerySet[Contribution], year: AwardYear, rules: Rules
) -> Iterable[tuple[Contribution, list[Finding]]]:
    """Each of these contributions with what breaks; one that is judged for good with nothing."""
    return contribution_checks.with_findings(rows, year, rules, states=looked_at(year))
