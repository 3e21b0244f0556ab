"""Figures, moments and files as Dutch in Belgium writes them, letter by letter."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from ibnportal.core.ui import formats, marks

SUBMITTED = datetime(2026, 1, 20, 11, 0, tzinfo=UTC)  # noon in Brussels


@pytest.mark.parametrize(
    ("amount", "cents", "written"),
    [
        (Decimal("1234.56"), 2, "€\u00a01.234,56"),
        (Decimal(675000), 2, "€\u00a0675.000,00"),
        (Decimal("1234.56"), 0, "€\u00a01.235"),
        (Decimal(-5), 2, "€\u00a0-5,00"),
        (0, 2, "€\u00a00,00"),
        (None, 2, "–"),
        ("geen bedrag", 2, "–"),
    ],
)
def test_euro(amount, cents, written):
    assert marks.euro(amount, cents) == written


@pytest.mark.parametrize(
    ("fraction", "written"),
    [
        (Decimal("0.725"), "72,5\u00a0%"),
        (Decimal("0.8"), "80\u00a0%"),
        (1, "100\u00a0%"),
        (Decimal("-0.031"), "−3,1\u00a0%"),
        (0, "0\u00a0%"),
        (None, "–"),
    ],
)
def test_percent_of_a_fraction(fraction, written):
    assert marks.percent(fraction) == written


@pytest.mark.parametrize(
    ("value", "decimals", "written"),
    [
        (1234.5, None, "1.234,5"),
        (3, 1, "3,0"),
        (Decimal("2.00"), None, "2"),
        (-1500, None, "−1.500"),
        (None, None, "–"),
    ],
)
def test_number(value, decimals, written):
    assert marks.number(value, decimals) == written


def test_moments_are_written_in_brussels():
    assert marks.date_nl(SUBMITTED) == "dinsdag 20\u00a0januari 2026"
    assert marks.date_nl(date(2026, 3, 1)) == "zondag 1\u00a0maart 2026"
    assert marks.date_short(date(2026, 3, 1)) == "1\u00a0mrt.\u00a02026"
    assert marks.datetime_nl(SUBMITTED) == "20\u00a0januari 2026 om 12.00\u00a0uur"
    assert marks.deadline_nl(SUBMITTED) == "dinsdag 20\u00a0januari 2026 om 12.00\u00a0uur (Belgische tijd)"
    assert marks.time_nl(SUBMITTED) == "12.00\u00a0uur"
    assert marks.datetime_nl(None) == "–"


def test_near_midnight_the_date_is_that_of_brussels():
    assert marks.date_short(datetime(2026, 6, 30, 22, 30, tzinfo=UTC)) == "1\u00a0juli\u00a02026"


@pytest.mark.parametrize(
    ("now", "written"),
    [
        ("2026-01-17T10:00", "nog 3\u00a0dagen en 2\u00a0uur"),
        ("2026-01-19T12:00", "nog 1\u00a0dag"),
        ("2026-01-20T10:59", "nog 1\u00a0uur en 1\u00a0minuut"),
        ("2026-01-20T11:45", "nog 15\u00a0minuten"),
        ("2026-01-20T11:59:30", "nog minder dan een minuut"),
        ("2026-01-20T12:00", "nog minder dan een minuut"),
        ("2026-01-20T12:00:01", "minder dan een minuut geleden"),
        ("2026-01-21T15:00", "1\u00a0dag en 3\u00a0uur geleden"),
    ],
)
def test_countdown_follows_the_clock_of_the_portal(clock, now, written):
    clock.set(now)
    assert marks.countdown(SUBMITTED) == written


def test_past_and_soon_follow_the_clock_of_the_portal(clock):
    clock.set("2026-01-18T12:00")
    assert not marks.is_past(SUBMITTED)
    assert marks.is_soon(SUBMITTED)
    clock.set("2026-01-10T12:00")
    assert not marks.is_soon(SUBMITTED)
    clock.set("2026-01-20T12:00:01")
    assert marks.is_past(SUBMITTED)
    assert not marks.is_past(None)


@pytest.mark.parametrize(
    ("size", "written"), [(0, "0\u00a0bytes"), (340_900, "340\u00a0kB"), (1_234_567, "1,2\u00a0MB"), (None, "–")]
)
def test_filesize(size, written):
    assert marks.filesize_nl(size) == written


def test_hash_and_number_of_an_enterprise():
    assert marks.short_hash("a3f109bc77d25e0b8c44") == "a3f109bc77d2"
    assert marks.enterprise_number("0566988259") == "0566.988.259"
    assert marks.enterprise_number("") == "–"


def test_a_duration_has_two_units_at_most():
    assert formats.duration(timedelta(days=2, hours=1, minutes=59)) == "2\u00a0dagen en 1\u00a0uur"


def test_moment_is_exact_for_machines():
    assert (
        marks.moment(SUBMITTED, "short") == '<time datetime="2026-01-20T12:00:00+01:00">20\u00a0jan.\u00a02026</time>'
    )
