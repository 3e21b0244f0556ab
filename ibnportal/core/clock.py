"""The portal's only clock (DAT-12): every moment is an aware instant, every date a date in Brussels.

Three things can move it, in this order: `freeze` (tests, the whole process), `fixed` (the story, one context) and, where
settings.DEMO is on, an offset that all processes share through one row. In production `now()` asks nothing of the database.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time, timedelta
from math import ceil
from zoneinfo import ZoneInfo

from django.apps import apps
from django.conf import settings

from ibnportal.core.errors import DomainError

BRUSSELS = ZoneInfo("Europe/Brussels")

_frozen: datetime | None = None
_fixed: ContextVar[datetime | None] = ContextVar("fixed_clock", default=None)
_demo_offset: ContextVar[timedelta | None] = ContextVar("demo_offset", default=None)


def now() -> datetime:
    """The instant that counts, in UTC. Take it when a request arrives, before any lock is waited for."""
    if _frozen is not None:
        return _frozen
    fixed_at = _fixed.get()
    if fixed_at is not None:
        return fixed_at
    if settings.DEMO:
        return real_now() + demo_offset()
    return real_now()


def real_now() -> datetime:
    """The machine's own time, for machinery (retries, sweeps) that must go on when the demo travels."""
    return datetime.now(tz=UTC)


def today() -> date:
    """The date in Brussels; near midnight that is not the date in UTC."""
    return now().astimezone(BRUSSELS).date()


def local(moment: datetime) -> datetime:
    """The same instant on a clock in Brussels."""
    return moment.astimezone(BRUSSELS)


def at_noon(day: date) -> datetime:
    """12:00:00 in Brussels: the last instant at which a submission of that day is on time (AMB-01)."""
    return datetime.combine(day, time(12), tzinfo=BRUSSELS)


def start_of_day(day: date) -> datetime:
    """The first instant of that day in Brussels."""
    return datetime.combine(day, time.min, tzinfo=BRUSSELS)


def end_of_day(day: date) -> datetime:
    """The last instant of that day in Brussels: up to and including it, the day is not over."""
    return datetime.combine(day, time.max, tzinfo=BRUSSELS)


def moment(value: datetime | str) -> datetime:
    """An aware instant from ISO text or a datetime; without a zone it is meant in Brussels. Raises ValueError."""
    parsed = datetime.fromisoformat(value) if isinstance(value, str) else value
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=BRUSSELS)


@contextmanager
def fixed(at: datetime | str) -> Iterator[datetime]:
    """Inside the block, in this context only, it is `at` and stays so; blocks nest."""
    instant = moment(at)
    token = _fixed.set(instant)
    try:
        yield instant
    finally:
        _fixed.reset(token)


def freeze(at: datetime | str | None) -> datetime | None:
    """Stop the clock of the whole process, threads included; None lets it run again. For tests.

    Returns where it stood still before, None when it ran.
    """
    global _frozen  # threads of a live server do not share a context
    before, _frozen = _frozen, None if at is None else moment(at)
    return before


def demo_offset() -> timedelta:
    """How far the demo has travelled; read once per request or task (see `ibnportal.core.democlock.apps`)."""
    offset = _demo_offset.get()
    if offset is None:
        row = apps.get_model("democlock", "DemoClock").objects.filter(singleton=True).first()
        offset = timedelta(seconds=row.offset_seconds) if row else timedelta()
        _demo_offset.set(offset)
    return offset


def forget_demo_offset(**_signal: object) -> None:
    """The next `now()` reads the row again."""
    _demo_offset.set(None)


def set_demo_now(at: datetime | str) -> datetime:
    """From here on it is `at` for everybody in the demo, and time runs on from there. Refused outside the demo."""
    if not settings.DEMO:
        raise DomainError("De klok kan alleen in de demo verzet worden.")
    instant = moment(at)
    offset = ceil((instant - real_now()).total_seconds())  # never a second before it
    apps.get_model("democlock", "DemoClock").objects.update_or_create(
        singleton=True, defaults={"offset_seconds": offset}
    )
    forget_demo_offset()
    return instant


def reset_demo_clock() -> None:
    """The demo runs on real time again."""
    apps.get_model("democlock", "DemoClock").objects.all().delete()
    forget_demo_offset()
