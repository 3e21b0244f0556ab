"""What is done, now and next on the calendar of 2025; no database."""

from datetime import date, time

import pytest

from calls.domain import timeline
from calls.domain.timeline import Stage
from calls.models import Milestone, Phase
from ibnportal.core import clock

MILESTONES = [
    Milestone(kind="pitch", starts_on=date(2026, 2, 2), ends_on=date(2026, 2, 3)),
    Milestone(kind="info_session", starts_on=date(2025, 12, 4)),
    Milestone(kind="phase1_deadline", starts_on=date(2026, 1, 23), at_time=time(12)),
    Milestone(kind="latest_start", text="nog te bepalen"),
]
PHASES = [
    Phase(number=2, opens_at=clock.moment("2026-02-23T00:00"), closes_at=clock.moment("2026-05-11T12:00")),
    Phase(number=1, opens_at=clock.moment("2025-12-01T00:00"), closes_at=clock.moment("2026-01-23T12:00")),
]

STAGES = [
    ("2025-11-30T10:00", ["next", "later", "later", "later"]),
    ("2025-12-04T23:59:59", ["now", "next", "later", "later"]),
    ("2025-12-05T00:00", ["done", "next", "later", "later"]),
    ("2026-01-23T12:00", ["done", "now", "next", "later"]),
    ("2026-01-23T12:00:01", ["done", "done", "next", "later"]),
    ("2026-02-03T18:00", ["done", "done", "now", "later"]),
    ("2026-02-04T00:00", ["done", "done", "done", "later"]),
]


@pytest.mark.rule("DAT-01", "DAT-03", "DAT-04")
@pytest.mark.parametrize(("at", "stages"), STAGES)
def test_each_moment_against_now(at, stages):
    line = timeline.moments(MILESTONES, at=clock.moment(at))
    assert [moment.kind for moment in line] == ["info_session", "phase1_deadline", "pitch", "latest_start"]
    assert [moment.stage for moment in line] == stages


def test_of_a_closed_call_all_is_done():
    line = timeline.moments(MILESTONES, at=clock.moment("2020-01-01T00:00"), is_over=True)
    assert {moment.stage for moment in line} == {Stage.DONE}


@pytest.mark.rule("DAT-03", "DAT-07")
@pytest.mark.parametrize(
    ("at", "open_number", "next_number"),
    [
        ("2025-11-30T12:00", None, 1),
        ("2026-01-23T12:00", 1, 2),
        ("2026-01-23T12:00:01", None, 2),
        ("2026-05-11T12:00", 2, None),
        ("2026-05-11T12:00:01", None, None),
    ],
)
def test_which_phase_takes_dossiers(at, open_number, next_number):
    standing = timeline.standing(PHASES, at=clock.moment(at))
    assert getattr(standing.open_phase, "number", None) == open_number
    assert getattr(standing.next_phase, "number", None) == next_number
    assert standing.is_over is (open_number is None and next_number is None)


def test_without_dates_nothing_is_open():
    assert timeline.standing([Phase(number=1)], at=clock.moment("2026-01-01T00:00")).is_over
