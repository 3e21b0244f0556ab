"""No answer speaks of what came after its day: neither in its figures nor in its words.

Read are all words of an answer: base, coverage, reason, remarks, titles and definitions of columns, footnotes, cells, and what
stands behind each figure. Three kinds of later dates are no knowledge of later, and are let through:

- a plan that was known on the day: the end and start of a project period, the day up to which a question looks ahead, and what a
  source of that day or earlier says of the years after it (a future, a promise);
- the source of a row, or the source that a text names after "Bron:": much of the past is only known from sources that were printed
  afterwards, and who said so is never hidden. What counts is the day of what they tell, and that is held by the figures' own tests;
- a name that holds a year, as of the European programme Horizon 2020.
"""

import re
from collections.abc import Iterator
from datetime import date

import pytest

from ibnportal.portal.answers import asking, register
from ibnportal.portal.answers.table import Answer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("programme")]

DAYS = ("2016-06-30", "2017-03-31", "2019-10-31", "2019-11-07")
MONTHS = (
    "januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober", "november", "december",
)  # fmt: skip
WHOLE = re.compile(r"\b(\d{1,2})/(\d{1,2})/(\d{4})\b")
WITH_MONTH = re.compile(rf"\b(?:\d{{1,2}} )?({'|'.join(MONTHS)}) (\d{{4}})\b")
YEAR = re.compile(r"(?<![\d/.,-])20[0-3]\d(?!\.?\d)")
LET_THROUGH = re.compile(r"Bron: .*|Horizon 2020|ten laatste op \d{2}/\d{2}/\d{4}")
PLANS = {"Einde", "Start", "Toekomst"}
"""What is behind a figure under these names is a plan: the day on which it was told is held by the reading of facts and futures."""
PLANNED = {"future"}
"""The column of what comes after the project."""


def words(answer: Answer) -> Iterator[str]:
    yield from (answer.base, answer.coverage, answer.unanswered, *answer.notes)
    for column in answer.columns:
        yield from (column.title, column.definition)
    for row in answer.rows:
        yield row.note
        yield from (cell for key, cell in row.cells.items() if isinstance(cell, str) and key not in PLANNED)
        for one in row.behind:
            yield from (one.what, one.note, "" if one.what in PLANS else one.value)


def later(text: str, day: date) -> list[str]:
    """The dates and years in the text that come after the day; a date is taken out before the years are read."""
    left = LET_THROUGH.sub("", text)
    found = [m[0] for m in WHOLE.finditer(left) if date(int(m[3]), int(m[2]), int(m[1])) > day]
    left = WHOLE.sub("", left)
    found += [m[0] for m in WITH_MONTH.finditer(left) if (int(m[2]), MONTHS.index(m[1]) + 1) > (day.year, day.month)]
    return found + [m[0] for m in YEAR.finditer(WITH_MONTH.sub("", left)) if int(m[0]) > day.year]


@pytest.mark.parametrize("as_of", DAYS)
def test_no_answer_speaks_of_what_came_after_its_day(as_of):
    asked = asking.read({"stand": as_of})
    told = {
        (question.id, text): found
        for question in register.QUESTIONS
        for text in words(question.answer(asked))
        if (found := later(text, asked.as_of))
    }
    assert told == {}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("In november 2019 was er geen verslag.", ["november 2019"]),
        ("De oproepen van 2015 en 2020.", ["2020"]),
        ("Ingediend op 1/11/2019.", ["1/11/2019"]),
        ("In oktober 2019, op 31/10/2019, voor 2.017 leden en 2019 euro.", []),
        ("Periodes tot en met ten laatste op 31/12/2020.", []),
        ("Opgaan in een cluster. Bron: Evaluatie januari 2020.", []),
    ],
)
def test_a_later_date_is_found_in_any_writing(text, found):
    assert later(text, date(2019, 10, 31)) == found


@pytest.mark.parametrize(
    ("name", "remark", "first"),
    [
        ("QP-14", "In november 2019 waren die eindverslagen nog niet ingediend.", "2019-11-07"),
        ("QP-16", "In november 2019 meldde het antwoord dat geen enkel eindverslag binnen was.", "2019-11-07"),
        ("QE-07", "Tabel 5 telt 1.132 leden en 176 samenwerkingen; de rijen geven 1.166 en 194.", "2020-01-31"),
    ],
)
def test_a_remark_stands_there_from_the_day_of_its_source(answer, name, remark, first):
    before = date.fromordinal(date.fromisoformat(first).toordinal() - 1).isoformat()
    assert remark not in answer(name, before).notes
    assert remark in answer(name, first).notes


def test_what_a_source_without_a_day_says_of_a_call_counts_from_its_decision(answer):
    """The answer of 2017 prints no day: its thirteen and one supported are told from the decision of July 2016."""
    assert [answer(name, "2016-06-30").rows for name in ("QP-05", "QP-09")] == [(), ()]
    assert len(answer("QP-05", "2016-07-31").rows) >= 5
    assert any(row.cells["what"] == "4,25 miljoen euro" for row in answer("QP-09", "2016-07-31").rows)
