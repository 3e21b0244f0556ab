"""Counting working days. The day of the start does not count; a term ends at the end of its last day (AMB-02)."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from functools import cache

import holidays
from django.apps import apps

from ibnportal.core import clock

SATURDAY = 5
ONE_DAY = timedelta(days=1)


@cache
def _public_holidays(year: int) -> frozenset[date]:
    """The ten legal holidays of Belgium (X-60)."""
    return frozenset(holidays.country_holidays("BE", years=year))


def is_working_day(day: date, closed: Collection[date] = ()) -> bool:
    """Monday to Friday, no public holiday, not in `closed`."""
    return day.weekday() < SATURDAY and day not in _public_holidays(day.year) and day not in closed


def add_working_days(start: date, days: int, closed: Collection[date] = ()) -> date:
    """The date of the `days`-th working day after `start`, which itself never counts. Pure."""
    if days < 0:
        raise ValueError("Working days are counted forward only.")
    day, left = start, days
    while left:
        day += ONE_DAY
        left -= is_working_day(day, closed)
    return day


def closed_days() -> frozenset[date]:
    """Every closing day on record, in one query."""
    return frozenset(apps.get_model("workdays", "ClosingDay").objects.values_list("date", flat=True))


def deadline_after(start: date | datetime, days: int) -> datetime:
    """The last instant, in Brussels, of the `days`-th working day after `start` (an instant counts by its day in Brussels)."""
    day = clock.local(start).date() if isinstance(start, datetime) else start
    return clock.end_of_day(add_working_days(day, days, closed_days()))
