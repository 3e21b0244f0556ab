"""Whether pages open to whom they are for, and to nobody else.

Anonymous goes to the login page; whoever is not admitted, and whoever is but may not see the row, is told that the page
does not exist; whoever may is never met with 403 or 500.
"""

import itertools
from collections.abc import Iterable

from ibnportal.core.access import PUBLIC, SIGNED_IN
from tests.guards import routes
from tests.guards.crawl import Answer, Visitor
from tests.guards.routes import Route
from tests.guards.walk import Seen, last_event, resolved


def complaint(answer: Answer, route: Route, expected: str) -> str:
    return f"{route.name}: {answer}; expected {expected}"


def wrong_refusals(visitor: Visitor) -> list[str]:
    """Of the patterns that do not let this person in: one row of each, read, and by some of each kind written to."""
    wrong = []
    anonymous = visitor.user is None or not visitor.user.is_active
    expected = "the login page" if anonymous else "404"
    for route, samples in resolved():
        if visitor.is_admitted(route):
            continue
        visible, hidden = visitor.split(samples)
        for sample in (visible or hidden)[:1]:
            before = last_event()
            for method in ("GET", "POST") if visitor.persona.leads or anonymous else ("GET",):
                answer = visitor.ask(sample, method=method, keep=True)
                if not (answer.is_login if anonymous else answer.status == 404) and answer.status != 405:
                    wrong.append(complaint(answer, route, expected))
            if last_event() != before:
                wrong.append(f"{route.name}: something was written for {visitor.persona.name} at {sample.url}")
    return wrong


def wrong_openings(visitor: Visitor, walked: Iterable[Seen]) -> list[str]:
    """Of the patterns that do: each answer of the walk, and a POST at the same addresses."""
    wrong = []
    for route, group in itertools.groupby(walked, key=lambda seen: seen.route):
        seen = list(group)
        if PUBLIC in route.policy.who:
            wrong += _public(route, [one.answer for one in seen])
            continue
        visible = [one for one in seen if one.is_visible]
        wrong += _hidden(visitor, route, [one for one in seen if not one.is_visible])
        wrong += _visible(visitor, route, visible)
    return wrong


def _public(route: Route, answers: list[Answer]) -> list[str]:
    """Open to all, where it exists at all; a package's own answer to a made-up key is its affair."""
    wrong = [
        complaint(answer, route, "a page or 404") for answer in answers if answer.status == 403 or answer.status >= 500
    ]
    if route.is_ours and not any(answer.is_success for answer in answers):
        wrong.append(complaint(answers[0], route, "at least one public page"))
    return wrong


def _hidden(visitor: Visitor, route: Route, hidden: list[Seen]) -> list[str]:
    wrong = []
    for number, one in enumerate(hidden):
        before, answers = last_event(), [one.answer]
        if number < routes.MOST_POSTS:
            answers.append(visitor.ask(one.sample, method="POST", keep=True))
        wrong += [
            complaint(answer, route, "404, for visible_to does not have it")
            for answer in answers
            if answer.status not in {404, 405}
        ]
        if one.has_written or last_event() != before:
            wrong.append(f"{route.name}: something was written for {visitor.persona.name} at {one.sample.url}")
    return wrong


def _visible(visitor: Visitor, route: Route, visible: list[Seen]) -> list[str]:
    answers = [one.answer for one in visible]
    wrong = [
        complaint(answer, route, "anything but 403 and 500")
        for answer in answers
        if answer.status == 403 or answer.status >= 500
    ]
    for one in visible[: routes.MOST_POSTS]:
        answer = visitor.ask(one.sample, method="POST")
        if answer.status == 403 or answer.status >= 500:
            wrong.append(complaint(answer, route, "a refusal in words"))
    if (
        visitor.persona.leads
        and route.is_ours
        and SIGNED_IN not in route.policy.who
        and not any(answer.is_success for answer in answers)
    ):
        told = ", ".join(f"{answer.url} {answer.status}" for answer in answers[:4]) or "no visible object at all"
        wrong.append(f"{route.name}: opens on nothing for {visitor.persona.name} ({told})")
    return wrong
