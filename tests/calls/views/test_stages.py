"""The calendar as a visitor reads it; no database."""

from datetime import date, time

import pytest

from calls.domain.timeline import Moment, Stage
from calls.views.stages import when


def moment(starts_on=None, ends_on=None, deadline_at=None, text="") -> Moment:
    return Moment("pitch", "Pitchgesprekken", starts_on, ends_on, deadline_at, text, Stage.LATER)


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (moment(date(2025, 12, 4)), "4 december 2025"),
        (moment(date(2026, 2, 2), date(2026, 2, 3)), "2 en 3 februari 2026"),
        (moment(date(2026, 2, 23), date(2026, 2, 27)), "23 tot 27 februari 2026"),
        (moment(date(2026, 2, 27), date(2026, 3, 2)), "27 februari 2026 tot 2 maart 2026"),
        (moment(text="juli 2016"), "juli 2016"),
    ],
)
def test_a_moment_in_words(given, text):
    assert when(given).replace("\N{NO-BREAK SPACE}", " ") == text


def test_a_deadline_says_its_hour():
    from datetime import datetime

    from ibnportal.core.clock import BRUSSELS

    at = datetime.combine(date(2026, 1, 23), time(12), tzinfo=BRUSSELS)
    assert (
        when(moment(date(2026, 1, 23), deadline_at=at)).replace("\N{NO-BREAK SPACE}", " ")
        == "23 januari 2026 om 12.00 uur"
    )
