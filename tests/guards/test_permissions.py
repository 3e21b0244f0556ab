"""Every pattern of the URLconf says who may open it and has an object to try it on; the administration is for administrators.

Who really gets in is tried in `test_walks.py`.
"""

import pytest

from tests.guards import routes
from tests.guards.crawl import Visitor
from tests.guards.openings import complaint
from tests.guards.routes import Route, Unresolved
from tests.guards.world import BY_NAME, PERSONAS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world", "world_media")]

EVERYBODY = [persona.name for persona in PERSONAS]


def our_patterns() -> list[Route]:
    return [route for route in routes.all_routes() if not route.is_admin]


def test_every_pattern_says_who_may_open_it():
    undeclared = [str(route) for route in routes.all_routes() if route.policy is None]
    assert not undeclared, "Put @access(...) on: " + ", ".join(undeclared)


def test_every_pattern_of_ours_has_a_name():
    nameless = [route.route for route in routes.own_routes() if not route.pattern.name]
    assert not nameless, "Give these a name: " + ", ".join(nameless)


def test_every_pattern_has_an_object_to_try_it_on():
    unresolved = []
    for route in our_patterns():
        try:
            routes.samples(route)
        except Unresolved as error:
            unresolved.append(str(error))
    assert not unresolved, "\n".join(unresolved)


# ---------------------------------------------------------------- the administration


def admin_patterns() -> list[Route]:
    return [route for route in routes.all_routes() if route.is_admin]


NO_PAGE = {"admin:autocomplete"}
"""Answers 403 to a question that names no field."""


def test_the_administrator_reads_every_table():
    visitor, wrong = Visitor(BY_NAME["administrator"]), []
    for route in admin_patterns():
        if route.name in NO_PAGE:
            continue
        is_register = route.pattern.name and route.pattern.name.endswith(("_add", "_delete"))
        for sample in routes.samples(route):
            answer = visitor.ask(sample)
            if answer.status >= 500 or (answer.status in {403, 404} and not is_register):
                wrong.append(complaint(answer, route, "a page"))
    assert not wrong, "\n".join(wrong)


OUTSIDERS = [name for name in EVERYBODY if name != "administrator"]
EACH_LIST_BY = 5


def admin_lists() -> list[Route]:
    """The front page of the administration and every list in it."""
    lists = [route for route in admin_patterns() if (route.pattern.name or "").endswith("_changelist")]
    return [route for route in admin_patterns() if route.name == "admin:index"] + lists


@pytest.mark.parametrize("name", OUTSIDERS)
def test_the_administration_is_for_administrators(name):
    """Each list is tried by every fifth of the others, the front page by all: one gate stands before all of it."""
    visitor, wrong = Visitor(BY_NAME[name]), []
    turn = OUTSIDERS.index(name)
    for number, route in enumerate(admin_lists()):
        if number and number % EACH_LIST_BY != turn % EACH_LIST_BY:
            continue
        for sample in routes.samples(route):
            answer = visitor.ask(sample)
            if not (answer.is_login or answer.status == 404):
                wrong.append(complaint(answer, route, "the login page or 404"))
    assert not wrong, "\n".join(wrong)
