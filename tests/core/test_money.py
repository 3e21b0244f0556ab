from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibnportal.core.errors import DomainError
from ibnportal.core.money import euros, format_euros, parse_euros


@pytest.mark.parametrize(
    ("value", "amount"),
    [
        ("0.005", "0.01"),
        ("0.004", "0.00"),
        ("-0.005", "-0.01"),
        (2.675, "2.68"),
        (225000, "225000.00"),
        ("1E+3", "1000.00"),
        ("-0", "0.00"),
    ],
)
def test_half_a_cent_goes_up(value, amount):
    assert str(euros(value)) == amount


@pytest.mark.parametrize("value", ["", "veel", "NaN", "Infinity", float("nan"), float("inf")])
def test_what_is_no_number_is_no_amount(value):
    with pytest.raises(ValueError, match="not an amount"):
        euros(value)


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("1.234,56", "1234.56"),
        ("€ 1.234,56", "1234.56"),
        ("1234,5", "1234.50"),
        ("1 234,56", "1234.56"),
        ("1\u00a0234,56 EUR", "1234.56"),
        ("1234.56", "1234.56"),
        ("1.234", "1234.00"),
        ("675.000", "675000.00"),
        ("0", "0.00"),
        ("12,", "12.00"),
        (450000, "450000.00"),
        (1234.565, "1234.57"),
        (Decimal("3.1"), "3.10"),
    ],
)
def test_amounts_are_read_as_people_type_them(typed, amount):
    assert str(parse_euros(typed)) == amount


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Vul een bedrag in"),
        (None, "Vul een bedrag in"),
        ("   ", "Vul een bedrag in"),
        (True, "Vul een bedrag in"),
        ("n.v.t.", "“n.v.t.” is geen bedrag"),
        ("1.23,4", "geen bedrag"),
        ("12.34.56", "geen bedrag"),
        ("1,234.56", "geen bedrag"),
        ("1,2345", "meer dan twee cijfers na de komma"),
        ("-5", "negatief"),
        ("= 1+1", "geen bedrag"),
        ("٣٤", "geen bedrag"),
        ("1e5", "geen bedrag"),
        ("99.999.999.999", "te groot"),
        (float("nan"), "geen bedrag"),
        (10**30, "te groot"),
    ],
)
def test_what_cannot_be_read_is_refused_and_never_zero(typed, sentence):
    with pytest.raises(DomainError, match=sentence.replace("+", r"\+")):
        parse_euros(typed)


def test_a_negative_amount_only_where_it_may():
    assert parse_euros("-1.234,50", allow_negative=True) == Decimal("-1234.50")
    assert parse_euros("€ -5", allow_negative=True) == Decimal("-5.00")


def test_amounts_are_written_as_in_belgium():
    assert format_euros(Decimal("1234.56")) == "€\u00a01.234,56"
    assert format_euros(3_375_000, cents=False) == "€\u00a03.375.000"
    assert format_euros(Decimal("-0.5")) == "€\u00a0-0,50"
    assert format_euros(Decimal(-5000)) == "€\u00a0-5.000,00"
    assert format_euros(Decimal("-5000.40"), cents=False) == "€\u00a0-5.000"
    assert format_euros(Decimal("-0.001")) == "€\u00a00,00"
    assert format_euros(Decimal("-0.40"), cents=False) == "€\u00a00"


@given(st.decimals(min_value=0, max_value=9_999_999_999, places=2))
def test_what_is_written_can_be_read_back(amount):
    assert parse_euros(format_euros(amount)) == amount
