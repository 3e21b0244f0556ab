"""How figures, moments and files are written in Dutch, the same on every page, in every mail and in every PDF.

Spaces inside a figure and its unit do not break. What is absent is written as an en dash, never as 0.
"""

from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from ibnportal.core import clock, enterprise_numbers, money

NBSP = "\N{NO-BREAK SPACE}"
ABSENT = "–"
DAYS = ("maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag")
MONTHS = (
    "januari", "februari", "maart", "april", "mei", "juni",
    "juli", "augustus", "september", "oktober", "november", "december",
)  # fmt: skip
SHORT_MONTHS = ("jan.", "feb.", "mrt.", "apr.", "mei", "juni", "juli", "aug.", "sep.", "okt.", "nov.", "dec.")
ZONE = "Belgische tijd"

Number = Decimal | int | float


def _exact(value: Number) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(str(value))


def _day(value: date | datetime) -> date:
    return clock.local(value).date() if isinstance(value, datetime) else value


def number(value: Number | None, decimals: int | None = None) -> str:
    """`1.234,5`: at most two decimals without trailing zeros, or exactly `decimals`."""
    if value is None:
        return ABSENT
    places = 2 if decimals is None else decimals
    rounded = _exact(value).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    text = f"{rounded:,.{places}f}"
    if decimals is None and "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.translate(str.maketrans(",.", ".,")).replace("-", "−")


def euro(value: Number | None, *, cents: bool = True) -> str:
    """`€ 1.234,56`; `cents=False` rounds to whole euros."""
    return ABSENT if value is None else money.format_euros(_exact(value), cents=cents)


def percent(fraction: Number | None, decimals: int = 1) -> str:
    """`72,5 %` for 0.725; a whole percentage has no decimals."""
    if fraction is None:
        return ABSENT
    share = (_exact(fraction) * 100).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    text = f"{share:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace(".", ",").replace("-", "−") + f"{NBSP}%"


def long_date(value: date | datetime | None) -> str:
    """`dinsdag 20 januari 2026`."""
    if value is None:
        return ABSENT
    day = _day(value)
    return f"{DAYS[day.weekday()]} {day.day}{NBSP}{MONTHS[day.month - 1]} {day.year}"


def plain_date(value: date | datetime | None) -> str:
    """`20 januari 2026`."""
    if value is None:
        return ABSENT
    day = _day(value)
    return f"{day.day}{NBSP}{MONTHS[day.month - 1]} {day.year}"


def short_date(value: date | datetime | None) -> str:
    """`20 jan. 2026`, for tables."""
    if value is None:
        return ABSENT
    day = _day(value)
    return f"{day.day}{NBSP}{SHORT_MONTHS[day.month - 1]}{NBSP}{day.year}"


def clock_time(value: datetime | None) -> str:
    """`12.00 uur`."""
    return ABSENT if value is None else f"{clock.local(value):%H.%M}{NBSP}uur"


def moment(value: datetime | None) -> str:
    """`20 januari 2026 om 12.00 uur`."""
    return ABSENT if value is None else f"{plain_date(value)} om {clock_time(value)}"


def deadline(value: datetime | None) -> str:
    """`dinsdag 20 januari 2026 om 12.00 uur (Belgische tijd)`: nothing left to guess."""
    return ABSENT if value is None else f"{long_date(value)} om {clock_time(value)} ({ZONE})"


def _count(amount: int, one: str, many: str) -> str:
    return f"{amount}{NBSP}{one if amount == 1 else many}"


def duration(span: timedelta) -> str:
    """`3 dagen en 2 uur`, `2 uur en 5 minuten`, `12 minuten`: two units at most, rounded down."""
    minutes = int(span.total_seconds()) // 60
    days, minutes = divmod(minutes, 24 * 60)
    hours, minutes = divmod(minutes, 60)
    if days:
        parts = [_count(days, "dag", "dagen")] + ([_count(hours, "uur", "uur")] if hours else [])
    elif hours:
        parts = [_count(hours, "uur", "uur")] + ([_count(minutes, "minuut", "minuten")] if minutes else [])
    elif minutes:
        parts = [_count(minutes, "minuut", "minuten")]
    else:
        return "minder dan een minuut"
    return " en ".join(parts)


def countdown(value: datetime | None) -> str:
    """`nog 3 dagen en 2 uur`, or how long ago it was; by the portal's clock."""
    if value is None:
        return ABSENT
    left = value - clock.now()
    return f"nog {duration(left)}" if left >= timedelta() else f"{duration(-left)} geleden"


def filesize(size: int | None) -> str:
    """`1,2 MB`: decimal units, one decimal from a megabyte on."""
    if size is None:
        return ABSENT
    if size < 1000:
        return f"{size}{NBSP}bytes"
    if size < 1000 * 1000:
        return f"{size // 1000}{NBSP}kB"
    return f"{number(Decimal(size) / (1000 * 1000), 1)}{NBSP}MB"


def short_hash(sha256: str | None) -> str:
    """The first twelve characters: enough to compare by eye."""
    return sha256[:12] if sha256 else ABSENT


def enterprise_number(digits: str | None) -> str:
    """`0566.988.259`."""
    return enterprise_numbers.format(digits) if digits else ABSENT
