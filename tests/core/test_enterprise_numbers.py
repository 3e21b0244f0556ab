import pytest

from ibnportal.core import enterprise_numbers
from ibnportal.core.errors import DomainError

pytestmark = pytest.mark.rule("P1-LET-03")


@pytest.mark.parametrize(
    "typed",
    ["0566988259", "BE 0566.988.259", "be0566988259", "0566-988-259", " 566.988.259 ", "0566\u00a0988\u00a0259"],
)
def test_a_number_is_recognised_however_it_is_written(typed):
    assert enterprise_numbers.normalise(typed) == "0566988259"
    assert enterprise_numbers.is_valid(typed)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Vul het ondernemingsnummer in: tien cijfers, zoals 0566.988.259."),
        ("05669882", "Een ondernemingsnummer heeft tien cijfers; “05669882” heeft er 8."),
        ("056698825912", "heeft er 12"),
        ("2566988259", "begint met 0 of 1"),
        ("0566988258", "horen als laatste twee 59, niet 58"),
        ("geen", "gebruik alleen cijfers"),
        ("٠٥٦٦٩٨٨٢٥٩", "gebruik alleen cijfers"),
        ("0000000000", "horen als laatste twee 97, niet 00"),
    ],
)
def test_what_is_wrong_is_said(typed, sentence):
    assert sentence in enterprise_numbers.explain(typed)
    assert not enterprise_numbers.is_valid(typed)
    with pytest.raises(DomainError) as refusal:
        enterprise_numbers.parse(typed)
    assert refusal.value.rule_id == "P1-LET-03"


def test_check_digits_of_a_stem_that_97_divides_are_97():
    assert enterprise_numbers.is_valid("0000009797")


def test_a_number_is_written_with_points():
    assert enterprise_numbers.format("0566988259") == "0566.988.259"
    assert enterprise_numbers.format("12") == "12"
