"""One walk of one person through everything: each answer is asked for once, and every guard looks at the same answers."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection

from ibnportal.core.access import PUBLIC
from ibnportal.core.audit.models import AuditEvent
from tests.guards import routes
from tests.guards.crawl import Answer, Visitor
from tests.guards.routes import Route, Sample, Unresolved

OF_EVERY_REQUEST = (
    'FROM "django_session"',
    'UPDATE "django_session"',
    'FROM "accounts_user" WHERE "accounts_user"."id"',
    'SELECT "accounts_rolegrant"."role"',
    'SELECT "accounts_organisationmembership"."organisation_id"',
    'FROM "mfa_authenticator"',
    "SAVEPOINT",
)


MOST_PUBLIC = 6


@dataclass(frozen=True)
class Seen:
    """What one person got at one address: the answer to a GET, and what that asked of the database."""

    route: Route
    sample: Sample
    is_visible: bool
    """Whether `visible_to` has the row for this person."""
    answer: Answer
    queries: tuple[str, ...]
    """Without what every request costs: the session, the person with roles and organisations, the second factor."""
    has_written: bool = False
    """Whether a row came into the trail for somebody who may not see what was asked for."""

    @property
    def is_page(self) -> bool:
        return self.answer.status == 200 and "html" in self.answer.content_type


def last_event() -> int:
    """The newest row of the trail, which only grows; asked thousands of times, so not by counting it."""
    return AuditEvent.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def ask(visitor: Visitor, sample: Sample, *, keep: bool = False) -> tuple[Answer, tuple[str, ...]]:
    """The answer to a GET, and its own queries."""
    statements: list[str] = []

    def note(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        statements.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(note):  # the log of Django would fill in every parameter of every query
        answer = visitor.ask(sample, keep=keep)
    return answer, tuple(sql for sql in statements if not any(part in sql for part in OF_EVERY_REQUEST))


def resolved() -> list[tuple[Route, list[Sample]]]:
    """The patterns outside the administration with their samples; one without policy or sample has its own test."""
    found = []
    for route in routes.all_routes():
        if route.is_admin or route.policy is None:
            continue
        try:
            found.append((route, routes.samples(route)))
        except Unresolved:
            continue
    return found


def walk(visitor: Visitor) -> Iterator[Seen]:
    """Every pattern that lets this person in: a few rows that they may see (until one opens), and some that they may not."""
    most = routes.MOST_SAMPLES if visitor.persona.leads else routes.MOST_SAMPLES // 2
    for route, samples in resolved():
        if not visitor.is_admitted(route):
            continue
        # What is open to all has no rows that somebody may not see: some are over, and one has to open.
        visible, hidden = (samples[:MOST_PUBLIC], []) if PUBLIC in route.policy.who else visitor.split(samples)
        has_opened = False
        for number, sample in enumerate(visible):
            if number >= most and has_opened:
                break
            answer, queries = ask(visitor, sample)
            has_opened = has_opened or answer.is_success
            yield Seen(route, sample, True, answer, queries)
        for sample in hidden[: routes.MOST_SAMPLES]:
            before = last_event()
            answer, queries = ask(visitor, sample, keep=True)
            yield Seen(route, sample, False, answer, queries, has_written=last_event() != before)
