"""The programme's history, and a short way to ask a question."""

import pytest

from ibnportal.portal.answers import asking, register
from ibnportal.portal.answers.table import Answer
from tests.factories.programme import load_programme


@pytest.fixture
def programme(db):
    load_programme()


@pytest.fixture
def answer():
    """`answer("QP-06", "2017-03-31", oproep="2015")`: the answer of a reader who sees everything."""

    def ask(name: str, as_of: str, reader=None, **given: str) -> Answer:
        return register.question(name).answer(asking.read({"stand": as_of, **given}, reader=reader))

    return ask
