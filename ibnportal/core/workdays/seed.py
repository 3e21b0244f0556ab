"""The closing days of the Flemish administration besides the legal holidays (X-61, X-62)."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from ibnportal.core.workdays.models import ClosingDay

FIXED = (
    (7, 11, "Feest van de Vlaamse Gemeenschap"),
    (11, 2, "Allerzielen"),
    (11, 15, "Koningsdag"),
    (12, 26, "Tweede kerstdag"),
)


def seed_closing_days(years: Iterable[int]) -> int:
    """Add what is missing for these years and return how many; a day that an administrator named stays as it is."""
    rows = [ClosingDay(date=day, name=name) for year in years for day, name in _closing_days(year)]
    before = ClosingDay.objects.count()
    ClosingDay.objects.bulk_create(rows, ignore_conflicts=True)
    return ClosingDay.objects.count() - before


def _closing_days(year: int) -> Iterator[tuple[date, str]]:
    for month, day, name in FIXED:
        yield date(year, month, day), name
    day_between = date(year, 12, 27)
    while day_between.year == year:
        yield day_between, "Tussen Kerstmis en nieuwjaar"
        day_between += timedelta(days=1)
