"""What of an answer is drawn."""

from decimal import Decimal

import pytest

from ibnportal.portal.answers.pictures import MOST_BARS, picture_of
from ibnportal.portal.answers.table import Answer, Chart, Column, Kind, Row

NAME = Column("name", "Netwerk")
REPORTED, TARGET = (Column(key, title, Kind.NUMBER) for key, title in (("reported", "Gemeld"), ("target", "Doel")))
BOTH = Chart("Gemeld en doel", "name", ("target", "reported"))


def answer(*figures: tuple[int | None, int | None], chart: Chart | None = BOTH) -> Answer:
    rows = (
        Row(f"rij-{n}", {"name": f"N{n}", "reported": reported, "target": target})
        for n, (reported, target) in enumerate(figures)
    )
    return Answer((NAME, REPORTED, TARGET), tuple(rows), chart=chart)


def test_what_is_not_known_is_no_nought():
    assert picture_of(answer((1, 2), (None, 3))).rows == (("N0", Decimal(2), Decimal(1)), ("N1", Decimal(3), None))


def test_series_stand_in_the_order_of_their_bars():
    assert picture_of(answer((1, 2), (3, 4))).heads == "Doel|Gemeld"


def test_a_row_or_series_of_which_nothing_is_known_is_left_out():
    found = picture_of(answer((1, None), (None, None), (3, None)))
    assert (found.series, found.rows) == (("Gemeld",), (("N0", Decimal(1)), ("N2", Decimal(3))))
    assert found.left_out == 1


@pytest.mark.parametrize(
    "given",
    [
        answer((1, 2), chart=None),
        answer(),
        answer((None, None)),
        answer(*[(1, 2)] * (MOST_BARS + 1)),
        answer((1, 2), chart=Chart("Kaart", "name", ("reported",), is_map=True)),
    ],
)
def test_no_picture_of_nothing_or_of_too_much(given):
    assert picture_of(given) is None


def test_a_map_by_province():
    rows = (Row("antwerp", {"name": "Antwerpen", "reported": 5}), Row("brussels", {"name": "Brussel", "reported": 2}))
    found = picture_of(Answer((NAME, REPORTED), rows, chart=Chart("Leden", "name", ("reported",), is_map=True)))
    assert found.alt == "Kaart van Vlaanderen: Leden. De cijfers staan in de tabel eronder."
    assert ">5</text>" in found.drawn()
