"""Everybody walks through everything once: who gets in, what they read there, where links lead, what it asks of the database.

Each address is asked for once (a walk is the dearest part), and three guards look at the same answers: `openings.py`,
`leaks.py` and the count of queries here.
"""

import re
from collections import Counter
from collections.abc import Iterable

import pytest

from ibnportal.core.access import PUBLIC
from tests.guards import leaks, openings
from tests.guards.crawl import Visitor
from tests.guards.walk import Seen, walk
from tests.guards.world import BY_NAME, PERSONAS, Persona, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world_media")]

MOST_ON_A_LIST = 8
MOST_ON_A_PAGE = 24


@pytest.mark.parametrize("name", [persona.name for persona in PERSONAS])
def test_each_person_finds_what_is_theirs_and_nothing_else(name: str, world: World):
    visitor = Visitor(BY_NAME[name])
    walked = list(walk(visitor))
    answers = [seen.answer for seen in walked if seen.route.is_ours]
    answers += leaks.exports_of(visitor, walked)
    wrong = openings.wrong_refusals(visitor) + openings.wrong_openings(visitor, walked)
    wrong += leaks.found_in(visitor, answers, world) + leaks.broken_links(visitor, answers)
    wrong += too_many_queries(visitor.persona, walked)
    assert not wrong, "\n".join(wrong)


def too_many_queries(persona: Persona, walked: Iterable[Seen]) -> list[str]:
    """Pages of those to whom a role is for that ask more of the database than a page may."""
    if not persona.leads and persona.name != "visitor":
        return []
    wrong = {}
    for seen in walked:
        is_public = PUBLIC in seen.route.policy.who
        most = MOST_ON_A_PAGE if seen.route.keys else MOST_ON_A_LIST
        if (
            seen.route.is_ours
            and seen.is_page
            and is_public == (persona.name == "visitor")
            and len(seen.queries) > most
        ):
            asked = f"{len(seen.queries)} queries, at most {most}; {_repeated(seen.queries)}"
            wrong.setdefault(seen.route.name, f"{seen.route.name} {seen.sample.url}: {asked}")
    return list(wrong.values())


def _repeated(queries: Iterable[str]) -> str:
    """The statement that comes back most, apart from its figures."""
    shapes = Counter(re.sub(r"\d+|'[^']*'", "?", query)[:1000] for query in queries)
    shape, times = shapes.most_common(1)[0]
    table = re.search(r'FROM "(\w+)"', shape)
    where = shape.partition(" WHERE ")[2][:100]
    return f"{times} times on {table[1] if table else shape[:60]} where {where}"
