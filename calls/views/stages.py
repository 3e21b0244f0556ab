"""The calendar of a call in the shape that the timeline component draws."""

from datetime import datetime
from itertools import groupby
from typing import Any

from calls.domain import timeline
from calls.domain.timeline import Moment, Stage
from calls.enums import CallState
from calls.models import Call
from ibnportal.core.ui import formats

SOFT_HYPHEN = "\N{SOFT HYPHEN}"
LONG_WORDS = tuple(
    word.replace("-", SOFT_HYPHEN) for word in ("Voor-bespreking", "voor-aanmelding", "Pitch-gesprekken")
)


def stages_of(call: Call, *, at: datetime, with_notes: bool = True) -> list[dict[str, Any]]:
    """One stage a moment, days of one kind together; the texts are dates, or the source's words where there is no date."""
    is_over = call.state == CallState.CLOSED
    line = timeline.moments(call.milestones.all(), at=at, is_over=is_over)
    together = [list(days) for _, days in groupby(line, key=lambda moment: moment.kind)]
    return [
        {
            "label": _breakable(days[0].label),
            "text": _days(days),
            "note": days[0].text if with_notes and days[0].starts_on else "",
            "state": _state(days),
        }
        for days in together
    ]


def _breakable(label: str) -> str:
    """Long words may break where Dutch breaks them: a stage is narrow."""
    for word in LONG_WORDS:
        label = label.replace(word.replace(SOFT_HYPHEN, ""), word)
    return label


def _state(days: list[Moment]) -> str:
    stages = {day.stage for day in days}
    if Stage.NOW in stages or len(stages & {Stage.DONE, Stage.NEXT}) > 1:
        return "now"
    return "done" if stages == {Stage.DONE} else "later"


def _days(days: list[Moment]) -> str:
    dates = [day.starts_on for day in days if day.starts_on]
    if len(days) < 2 or len(dates) < len(days) or len({(day.year, day.month) for day in dates}) > 1:
        return ", ".join(when(day) for day in days)
    return " en ".join([*(str(day.day) for day in dates[:-1]), formats.plain_date(dates[-1])])


def when(moment: Moment) -> str:
    """`23 januari 2026 om 12.00 uur`, `2 en 3 februari 2026`, `23 februari tot 27 februari 2026`, or the source's own words."""
    if moment.starts_on is None:
        return moment.text
    if moment.deadline_at is not None:
        return formats.moment(moment.deadline_at)
    if moment.ends_on is None:
        return formats.plain_date(moment.starts_on)
    joint = "en" if (moment.ends_on - moment.starts_on).days == 1 else "tot"
    same_month = (moment.starts_on.year, moment.starts_on.month) == (moment.ends_on.year, moment.ends_on.month)
    first = str(moment.starts_on.day) if same_month else formats.plain_date(moment.starts_on)
    return f"{first} {joint} {formats.plain_date(moment.ends_on)}"
