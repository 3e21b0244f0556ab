"""Every page in a real browser, as each role that has it: quiet, accessible, and whole at 1280 and at 360 pixels.

One dossier a page and role, axe for two of the roles that have it; ALL_PAGES=1 opens every dossier in the world, with axe for all. With PICTURES=1 each page leaves two screenshots in
`screenshots/pages/<role>/`.
"""

import os
import re
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Page

from ibnportal.core import clock
from ibnportal.core.access import PUBLIC
from ibnportal.core.accounts.models import User
from tests.guards import routes
from tests.guards.browser import NARROW, SCREENSHOTS, WIDE, Site, Watch, examine, examine_wide, measure
from tests.guards.crawl import Visitor
from tests.guards.routes import Route, Sample, Unresolved
from tests.guards.world import BY_NAME, PERSONAS

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("world_media")]

ALL = os.environ.get("ALL_PAGES") == "1"
PICTURES = os.environ.get("PICTURES") == "1"
ROLES = [persona.name for persona in PERSONAS if persona.leads or persona.name == "visitor"]
SIGNED_IN_PAGES = "applicant"
"""Who opens the pages of the account; they are the same for everybody."""

FRAGMENTS = {"applications:screening_presence"}
"""Parts that a page asks for while it is open; they are seen there."""


def pages_of(visitor: Visitor) -> list[tuple[Route, Sample]]:
    """The HTML pages that this person has: public ones for the visitor only, pages of the account once."""
    found = []
    for route in routes.all_routes():
        is_public = route.policy is None or PUBLIC in route.policy.who
        if route.is_admin or route.name in FRAGMENTS or is_public != (visitor.persona.name == "visitor"):
            continue
        if not route.is_ours and visitor.persona.name not in {"visitor", SIGNED_IN_PAGES}:
            continue
        if visitor.is_admitted(route):
            found += [(route, sample) for sample in _opening(visitor, route)]
    return found


def _opening(visitor: Visitor, route: Route) -> list[Sample]:
    try:
        visible, _hidden = visitor.split(routes.samples(route))
    except Unresolved:
        return []  # tests/guards/test_permissions.py says so
    if route.policy and PUBLIC in route.policy.who:
        visible = routes.samples(route)
    opening = []
    for sample in visible:
        answer = visitor.ask(sample)
        if answer.status == 200 and "html" in answer.content_type:
            opening.append(sample)
            if not ALL:
                break
        elif answer.status in {200, 405}:
            break  # a file, or a form's address: none of its rows is a page
    return opening


@cache
def _leads() -> dict[str, User]:
    """Who leads each role, in the order of the roles."""
    return {persona.name: persona.user for persona in PERSONAS if persona.leads}


def _faults(page: Page, route: Route, role: str) -> list[str]:
    """All of it for the first of the roles that have this page; the others differ in a button or two: axe for the last of them
    at one width, and none in between."""
    having = [name for name, user in _leads().items() if route.policy is None or route.policy.admits(user)]
    if ALL or role not in having[1:]:
        return examine(page)
    return examine_wide(page) if role == having[-1] else measure(page)


@pytest.mark.parametrize("role", ROLES)
def test_every_page_is_sound_in_the_browser(role: str, site: Site):
    visitor = Visitor(BY_NAME[role])
    context, wrong = site.context_of(visitor.user), []
    page = context.new_page()
    watch = Watch(page)
    for route, sample in pages_of(visitor):
        clock.freeze(sample.moment)
        response = page.goto(sample.url, wait_until="load")
        faults = (
            [f"answers {response.status}"] if response is None or response.status != 200 else _faults(page, route, role)
        )
        if PICTURES:
            _shoot(page, SCREENSHOTS / "pages" / role / re.sub(r"[^\w-]+", "-", route.name))
        wrong += [f"{route.name} {sample.url}: {fault}" for fault in faults + watch.take()]
    context.close()
    assert not wrong, "\n".join(wrong)


def _shoot(page: Page, path: Path) -> None:
    for width, size in (("360", NARROW), ("1280", WIDE)):
        page.set_viewport_size(size)
        page.screenshot(path=path.with_name(f"{path.name}-{width}.png"), full_page=True)


def test_the_missing_page_is_sound_too(site: Site):
    context = site.context_of(None)
    page = context.new_page()
    watch = Watch(page)
    response = page.goto("/bestaat-niet/")
    faults = examine(page) + [fault for fault in watch.take() if "404" not in fault]
    context.close()
    assert response is not None
    assert response.status == 404
    assert not faults, "\n".join(faults)
