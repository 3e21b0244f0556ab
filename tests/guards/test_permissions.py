"""Who may open what: every pattern of the URLconf, everybody, rows that they may see and rows that they may not.

Anonymous goes to the login page; whoever is not admitted, and whoever is but may not see the row, is told that the page
does not exist; whoever may is never met with 403 or 500.
"""

import pytest

from ibnportal.core.access import PUBLIC, SIGNED_IN
from ibnportal.core.audit.models import AuditEvent
from tests.guards import routes
from tests.guards.crawl import Answer, Visitor
from tests.guards.routes import Route, Unresolved
from tests.guards.world import BY_NAME, PERSONAS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world", "world_media")]

EVERYBODY = [persona.name for persona in PERSONAS]
LEADS = [persona.name for persona in PERSONAS if persona.leads]


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


def last_event() -> int:
    """The newest row of the trail, which only grows; asked thousands of times, so not by counting it."""
    return AuditEvent.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def complaint(answer: Answer, route: Route, expected: str) -> str:
    return f"{route.name}: {answer}; expected {expected}"


def resolved() -> list[tuple[Route, list[routes.Sample]]]:
    """The patterns with their samples; one without policy or sample has its own test."""
    found = []
    for route in our_patterns():
        if route.policy is None:
            continue
        try:
            found.append((route, routes.samples(route)))
        except Unresolved:
            continue
    return found


@pytest.mark.parametrize("name", EVERYBODY)
def test_pages_open_to_whom_they_are_for_and_to_nobody_else(name):
    visitor, wrong = Visitor(BY_NAME[name]), []
    for route, samples in resolved():
        visible, hidden = visitor.split(samples)
        if PUBLIC in route.policy.who:
            wrong += _check_public(visitor, route, samples[:6])
        elif not visitor.is_admitted(route):
            wrong += _check_refused(visitor, route, (visible or hidden)[:1])
        else:
            wrong += _check_hidden(visitor, route, hidden[: routes.MOST_SAMPLES])
            wrong += _check_visible(visitor, route, visible)
    assert not wrong, "\n".join(wrong)


def _check_public(visitor: Visitor, route: Route, samples: list[routes.Sample]) -> list[str]:
    """Open to all, where it exists at all; a package's own answer to a made-up key is its affair."""
    answers = [visitor.ask(sample) for sample in samples]
    wrong = [
        complaint(answer, route, "a page or 404") for answer in answers if answer.status == 403 or answer.status >= 500
    ]
    if route.is_ours and not any(answer.is_success for answer in answers):
        wrong.append(complaint(answers[0], route, "at least one public page"))
    return wrong


def _check_refused(visitor: Visitor, route: Route, samples: list[routes.Sample]) -> list[str]:
    wrong = []
    anonymous = visitor.user is None or not visitor.user.is_active
    for sample in samples:
        before = last_event()
        for method in ("GET", "POST"):
            answer = visitor.ask(sample, method=method, keep=True)
            as_expected = answer.is_login if anonymous else answer.status == 404
            if not as_expected and answer.status != 405:
                wrong.append(complaint(answer, route, "the login page" if anonymous else "404"))
        if last_event() != before:
            wrong.append(f"{route.name}: something was written for {visitor.persona.name} at {sample.url}")
    return wrong


def _check_hidden(visitor: Visitor, route: Route, samples: list[routes.Sample]) -> list[str]:
    wrong = []
    for sample in samples:
        before = last_event()
        for method in ("GET", "POST"):
            answer = visitor.ask(sample, method=method, keep=True)
            if answer.status not in {404, 405}:
                wrong.append(complaint(answer, route, "404, for visible_to does not have it"))
        if last_event() != before:
            wrong.append(f"{route.name}: something was written for {visitor.persona.name} at {sample.url}")
    return wrong


def _check_visible(visitor: Visitor, route: Route, samples: list[routes.Sample]) -> list[str]:
    answers: list[Answer] = []
    for sample in samples:
        if len(answers) >= routes.MOST_SAMPLES and any(answer.is_success for answer in answers):
            break
        answers.append(visitor.ask(sample))
    wrong = [
        complaint(answer, route, "anything but 403 and 500")
        for answer in answers
        if answer.status == 403 or answer.status >= 500
    ]
    for sample in samples[: routes.MOST_SAMPLES]:
        answer = visitor.ask(sample, method="POST")
        if answer.status == 403 or answer.status >= 500:
            wrong.append(complaint(answer, route, "a refusal in words"))
    if (
        visitor.persona.leads
        and route.is_ours
        and SIGNED_IN not in route.policy.who
        and not any(answer.is_success for answer in answers)
    ):
        seen = ", ".join(f"{answer.url} {answer.status}" for answer in answers[:4]) or "no visible object at all"
        wrong.append(f"{route.name}: opens on nothing for {visitor.persona.name} ({seen})")
    return wrong


# ---------------------------------------------------------------- the administration


def admin_patterns() -> list[Route]:
    return [route for route in routes.all_routes() if route.is_admin]


OPEN_IN_ADMIN = {"admin:login", "admin:logout"}
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


@pytest.mark.parametrize("name", [name for name in EVERYBODY if name != "administrator"])
def test_the_administration_is_for_administrators(name):
    visitor, wrong = Visitor(BY_NAME[name]), []
    for route in admin_patterns():
        is_list = route.pattern.name and route.pattern.name.endswith("_changelist")
        if route.name in OPEN_IN_ADMIN or route.keys or not (is_list or route.name == "admin:index"):
            continue
        for sample in routes.samples(route):
            answer = visitor.ask(sample)
            if not (answer.is_login or answer.status == 404):
                wrong.append(complaint(answer, route, "the login page or 404"))
    assert not wrong, "\n".join(wrong)
