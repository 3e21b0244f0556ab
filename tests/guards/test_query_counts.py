"""A list asks the same number of queries for any number of rows. That they are few is looked at in `test_walks.py`."""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

import pytest

from applications.models import Application
from applications.models.application import ApplicationQuerySet
from ibnportal.core.access import PUBLIC
from monitoring.models import Network
from monitoring.models.network import NetworkQuerySet
from tests.guards import routes
from tests.guards.crawl import Visitor
from tests.guards.routes import Route, Sample, Unresolved
from tests.guards.walk import ask
from tests.guards.world import BY_NAME, PERSONAS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world", "world_media")]

ROWS = (1, 3, 9)
ROLES = [persona.name for persona in PERSONAS if persona.leads or persona.name == "visitor"]


def queries_of(visitor: Visitor, sample: Sample) -> int:
    """How many queries the page itself asks; none when it does not open as a page."""
    answer, queries = ask(visitor, sample)
    return len(queries) if answer.status == 200 and "html" in answer.content_type else 0


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
def test_lists_cost_the_same_for_one_row_and_for_three(role):
    """`only` asks queries itself, the same number for any rows; so the difference counts."""
    visitor, wrong = Visitor(BY_NAME[role]), []
    for route, samples in pages(visitor):
        if route.keys:
            continue
        counts = {}
        for rows in ROWS:
            with only(rows):
                counts[rows] = queries_of(visitor, samples[0])
        one, three, many = (counts[rows] for rows in ROWS)
        # A prefetch that the first rows did without comes once; a query a row comes again with every row.
        if three - one > 1 and many - three > 1:
            wrong.append(f"{route.name}: {one} queries for one row, {three} for three, {many} for {ROWS[-1]}")
    assert not wrong, "\n".join(wrong)


def test_the_world_has_rows_to_count():
    assert Application.objects.count() > 30
    assert Network.objects.count() > 20
