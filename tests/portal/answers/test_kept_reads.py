"""A read of answers whose text is made once says what its query set says, for each day, reader, call, network and type."""

from decimal import Decimal

import pytest

from ibnportal.core.accounts.enums import Role
from ibnportal.portal.answers import asking, register
from ibnportal.portal.answers.table import Answer

pytestmark = pytest.mark.django_db

FIRST = {"stand": "2016-06-30", "oproep": "2015", "netwerk": "IBN1-02", "type": "established"}
"""What is asked before: if a value of it stood still in a text, the next asking would give it away."""
ASKINGS = (
    ("everything", {"stand": "2019-11-07"}),
    ("everything", {"stand": "2018-12-31", "type": "independent"}),
    ("the public", {"stand": "2020-12-31", "oproep": "2017"}),
    ("a reader", {"stand": "2020-12-31", "netwerk": "IBN1-01"}),
)
BEHIND = 3


def said(answer: Answer) -> tuple:
    """All that a reader gets to see, of the first rows also what is behind them."""
    rows = [(row.key, dict(row.cells), row.note, row.url, len(row.behind)) for row in answer.rows]
    opened = [list(row.behind) for row in answer.rows[:BEHIND]]
    return rows, opened, answer.total, answer.base, answer.coverage, answer.notes, answer.unanswered


@pytest.mark.parametrize(("who", "given"), ASKINGS)
def test_every_question_is_answered_as_by_its_query_sets(who, given, programme, make_user, monkeypatch):
    others = {
        "everything": {},
        "the public": {"is_public": True},
        "a reader": {"reader": make_user(Role.POLICY_READER)},
    }
    before = {name: text for name, text in FIRST.items() if name in given}
    for question in register.QUESTIONS:
        question.answer(asking.read(before, **others[who]))
        kept = said(question.answer(asking.read(given, **others[who])))
        with monkeypatch.context() as plainly:
            plainly.setattr(asking.Read, "lines", lambda self, *asked: list(self.query(*asked)))
            plainly.setattr(asking.Read, "all", lambda self, *asked: list(self.query(*asked)))
            assert said(question.answer(asking.read(given, **others[who]))) == kept, question.id


def test_who_is_no_longer_active_sees_what_everybody_sees(programme, make_user):
    reader = make_user(Role.POLICY_READER)
    asked = {"stand": "2019-11-07"}
    assert len(register.question("QE-03").answer(asking.read(asked, reader=reader)).rows) == 20
    reader.is_active = False
    assert register.question("QE-03").answer(asking.read(asked, reader=reader)).rows == ()
    awarded = register.question("QP-06").answer(asking.read(asked, reader=reader)).rows
    assert len(awarded) == 20  # published


def test_a_row_is_made_when_somebody_looks_at_it(programme):
    answer = register.question("QP-06").answer(asking.read({"stand": "2019-11-07"}))
    assert answer.total["award"] == sum(row.cells["award"] for row in answer.rows if row.cells["award"] is not None)
    assert answer.rows[3] == list(answer.rows)[3]
    assert [row.key for row in answer.rows[5:8]] == [row.key for row in answer.rows][5:8]
    assert answer.total["award"] > Decimal(1_000_000)
