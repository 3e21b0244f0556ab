"""What a page asks of the database: few queries, and not one more for each row.

Counted without what every request costs: the session, the person with roles and organisations, the second factor, and
the savepoints of the tests.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from applications.models import Application
from applications.models.application import ApplicationQuerySet
from ibnportal.core.access import PUBLIC
from monitoring.models import Network
from monitoring.models.network import NetworkQuerySet
from tests.guards import routes
from tests.guards.crawl import Visitor
from tests.guards.routes import Route, Sample, Unresolved
from tests.guards.world import BY_NAME, PERSONAS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world", "world_media")]

MOST_ON_A_LIST = 8
MOST_ON_A_PAGE = 24
ROWS = (1, 3, 9)
ROLES = [persona.name for persona in PERSONAS if persona.leads or persona.name == "visitor"]
OF_EVERY_REQUEST = (
    'FROM "django_session"',
    'UPDATE "django_session"',
    'FROM "accounts_user" WHERE "accounts_user"."id"',
    'SELECT "accounts_rolegrant"."role"',
    'SELECT "accounts_organisationmembership"."organisation_id"',
    'FROM "mfa_authenticator"',
    "SAVEPOINT",
)


def queries_of(visitor: Visitor, sample: Sample) -> list[str]:
    """The queries of the page itself; empty when it does not open as a page."""
    connection.queries_log.clear()  # it holds 9000, and a walk asks more
    with CaptureQueriesContext(connection) as captured:
        answer = visitor.ask(sample)
    if answer.status != 200 or "html" not in answer.content_type:
        return []
    return [query["sql"] for query in captured if not any(part in query["sql"] for part in OF_EVERY_REQUEST)]


def pages(visitor: Visitor) -> Iterator[tuple[Route, list[Sample]]]:
    for route in routes.own_routes():
        is_public = route.policy is None or PUBLIC in route.policy.who
        if is_public != (visitor.persona.name == "visitor") or not visitor.is_admitted(route):
            continue
        try:
            samples = routes.samples(route)
        except Unresolved:
            continue
        yield route, samples[:6] if is_public else visitor.split(samples)[0]


@contextmanager
def only(rows: int) -> Iterator[None]:
    """As if there were so many dossiers and networks to be seen."""
    dossiers, networks = ApplicationQuerySet.visible_to, NetworkQuerySet.visible_to
    published = NetworkQuerySet.published

    def few(found):
        return found.filter(pk__in=list(found.order_by("-pk").values_list("pk", flat=True)[:rows]))

    with (
        mock.patch.object(ApplicationQuerySet, "visible_to", lambda self, user: few(dossiers(self, user))),
        mock.patch.object(NetworkQuerySet, "visible_to", lambda self, user: few(networks(self, user))),
        mock.patch.object(NetworkQuerySet, "published", lambda self: few(published(self))),
    ):
        yield


@pytest.mark.parametrize("role", ROLES)
def test_pages_ask_little(role):
    visitor, wrong = Visitor(BY_NAME[role]), []
    for route, samples in pages(visitor):
        most = MOST_ON_A_LIST if not route.keys else MOST_ON_A_PAGE
        for sample in samples:
            queries = queries_of(visitor, sample)
            if len(queries) > most:
                wrong.append(f"{route.name} {sample.url}: {len(queries)} queries, at most {most}; {_repeated(queries)}")
                break
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("role", ROLES)
def test_lists_cost_the_same_for_one_row_and_for_three(role):
    """`only` asks queries itself, the same number for any rows; so the difference counts."""
    visitor, wrong = Visitor(BY_NAME[role]), []
    for route, samples in pages(visitor):
        if route.keys:
            continue
        counts = {}
        for rows in ROWS:
            with only(rows):
                counts[rows] = len(queries_of(visitor, samples[0]))
        one, three, many = (counts[rows] for rows in ROWS)
        # A prefetch that the first rows did without comes once; a query a row comes again with every row.
        if three - one > 1 and many - three > 1:
            wrong.append(f"{route.name}: {one} queries for one row, {three} for three, {many} for {ROWS[-1]}")
    assert not wrong, "\n".join(wrong)


def _repeated(queries: list[str]) -> str:
    """The statement that comes back most, apart from its figures."""
    import re
    from collections import Counter

    shapes = Counter(re.sub(r"\d+|'[^']*'", "?", query)[:1000] for query in queries)
    shape, times = shapes.most_common(1)[0]
    table = re.search(r'FROM "(\w+)"', shape)
    where = shape.partition(" WHERE ")[2][:100]
    return f"{times} times on {table[1] if table else shape[:60]} where {where}"


def test_the_world_has_rows_to_count():
    assert Application.objects.count() > 30
    assert Network.objects.count() > 20
