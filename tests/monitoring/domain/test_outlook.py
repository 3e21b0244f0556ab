"""The forecast of a year's co-financing, from literal days and amounts (COF-01)."""

from datetime import date
from decimal import Decimal

import pytest

from monitoring.domain.outlook import forecast

YEAR = {"starts_on": date(2027, 9, 1), "ends_on": date(2028, 8, 30)}  # 365 days


def made(*receipts, on, last=(), **more):
    def days(rows):
        return [(day, Decimal(amount)) for day, amount in rows]

    return forecast(receipts=days(receipts), on=on, last_year=days(last), **YEAR, **more)


@pytest.mark.rule("COF-01")
def test_the_pace_so_far_goes_on_to_the_end_of_the_year():
    outlook = made((date(2027, 10, 1), "50000.00"), on=date(2027, 11, 12))  # day 73 of 365: a fifth
    assert outlook.amount == Decimal("250000.00")
    assert "in 73 van de 365 dagen" in outlook.basis


def test_last_year_tells_what_still_comes_and_the_lower_estimate_counts():
    last = [(date(2026, 10, 1), "60000.00"), (date(2027, 3, 1), "40000.00")]
    outlook = made((date(2027, 10, 1), "50000.00"), on=date(2027, 11, 12), last=last, last_starts_on=date(2026, 9, 1))
    assert outlook.amount == Decimal("90000.00")  # what came in, and the 40.000 that came later last year
    assert "vorig jaar na dezelfde dag" in outlook.basis
    slow = made((date(2027, 10, 1), "5000.00"), on=date(2027, 11, 12), last=last, last_starts_on=date(2026, 9, 1))
    assert slow.amount == Decimal("25000.00")
    assert "het tempo tot nu" in slow.basis


@pytest.mark.parametrize(
    ("on", "receipts", "says"),
    [
        (date(2027, 8, 31), [], "nog niet begonnen"),
        (date(2027, 9, 30), [], "nog niets binnen"),
    ],
)
def test_there_is_no_estimate_from_nothing(on, receipts, says):
    outlook = made(*receipts, on=on)
    assert outlook.amount is None
    assert says in outlook.basis
    assert not outlook.falls_short_of(Decimal(1))


def test_a_year_that_is_over_is_what_it_was_and_what_is_still_to_come_does_not_count():
    assert made((date(2027, 10, 1), "7.00"), on=date(2028, 9, 15)).amount == Decimal("7.00")
    assert made((date(2027, 12, 1), "7.00"), on=date(2027, 11, 1)).amount is None
