"""The contributions of one project year as a reader goes through them: which to show, which break a rule, how many.

The database sorts them out (see `contribution_checks`); a page costs the lines that are on it, not those of the year.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import BooleanField, Count, ExpressionWrapper, QuerySet

from calls.ruleset import Rules
from ibnportal.core.findings import Finding
from monitoring.domain import contribution_checks
from monitoring.domain.contributions import UNJUDGED
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
    """How many there are by state and by whether a rule refuses them; `broken` were accepted but cannot count now."""

    by_state: dict[tuple[str, bool], int]
    is_open: bool

    @property
    def clean(self) -> int:
        """Waiting, without an error."""
        return self.by_state.get((ContributionState.SUBMITTED, False), 0)

    @property
    def broken(self) -> int:
        """Accepted in a year that is open still, and breaking a rule now."""
        return self.by_state.get((ContributionState.ACCEPTED, True), 0) if self.is_open else 0

    @property
    def all(self) -> int:
        """All of them."""
        return sum(self.by_state.values())


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


def counts(year: AwardYear) -> Counts:
    """The year's counts, in one query."""
    is_refused = ExpressionWrapper(contribution_checks.broken(year, warnings=False), output_field=BooleanField())
    rows = Contribution.objects.filter(award_year=year).order_by().values_list("state", is_refused)
    by_state = {(state, refused): count for state, refused, count in rows.annotate(Count("pk"))}
    return Counts(by_state, is_open=year.claims_closed_at is None)


def with_findings(
    rows: QuerySet[Contribution], year: AwardYear, rules: Rules
) -> Iterable[tuple[Contribution, list[Finding]]]:
    """Each of these contributions with what breaks; one that is judged for good with nothing."""
    states = looked_at(year)
    for row, found in contribution_checks.with_findings(rows, year, rules):
        yield row, found if row.state in states else []
