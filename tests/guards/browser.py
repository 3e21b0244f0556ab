"""A real Chromium in front of the world: what a page does there, beyond what its HTML says."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.conf import settings as django_settings
from django.db import connections
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response, sync_playwright
from pytest_django.live_server_helper import LiveServer

from ibnportal.core.accounts.models import User
from tests.guards.crawl import BACKEND
from tests.guards.world import World

__all__ = ["SCREENSHOTS", "Site", "Watch", "chromium", "site"]

WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
SCREENSHOTS = Path(__file__).resolve().parents[2] / "screenshots"
QUIET = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-gpu",
    "--disable-software-rasterizer",
]
ROOMY = 1024**3
KEPT_SECONDS = 60
NARROW_RULES = ["color-contrast", "scrollable-region-focusable", "target-size", "meta-viewport"]
"""What another width can change; the other rules see the same page."""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A browser for this module only. Playwright keeps an event loop running in this thread, and under a loop Django hands
    out other connections: whoever changes the database does so before, and ours are closed before the loop ends."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=QUIET, ignore_default_args=_needless())
        yield browser
        browser.close()
        connections.close_all()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


def _needless() -> list[str]:
    """Playwright keeps Chromium out of /dev/shm, which is tiny in many a container; where it is not, pictures of pages are
    made there a quarter cheaper than in files."""
    shared = Path("/dev/shm")
    roomy = shared.is_dir() and shutil.disk_usage(shared).free > ROOMY
    return ["--disable-dev-shm-usage"] if roomy else []


@dataclass
class Site:
    """The portal at an address, and people who are logged in there."""

    url: str
    browser: Browser

    def context_of(self, user: User | None, **options: Any) -> BrowserContext:
        """A browser of its own for this person, logged in, second factor included."""
        context = self.browser.new_context(
            base_url=self.url,
            viewport=WIDE,
            locale="nl-BE",
            timezone_id="Europe/Brussels",
            reduced_motion="reduce",
            **options,
        )
        if user is not None:
            client = Client()
            client.force_login(user, backend=BACKEND)
            name = django_settings.SESSION_COOKIE_NAME
            context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": self.url}])
        return context


@pytest.fixture(scope="module")
def site(world: World, chromium: Browser) -> Iterator[Site]:
    """A server of the portal on this module's copy of the world; what is done there stays done until the module ends."""
    with served() as url:
        yield Site(url, chromium)


@contextmanager
def served() -> Iterator[str]:
    """The address of a server of the portal. A thread of it keeps its connection to the database from one request to the next, as
    in production: a new one costs as much as a page."""
    with mock.patch.dict(connections.settings["default"], CONN_MAX_AGE=KEPT_SECONDS):
        server = LiveServer("127.0.0.1")
        yield server.url
        server.stop()


@dataclass
class Watch:
    """Notes what goes wrong in a page while it is open."""

    page: Page
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.faults.append(f"script error: {error}"))
        self.page.on("requestfailed", self._failed)
        self.page.on("response", self._answered)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.faults.append(f"console: {message.text}")

    def _failed(self, request: Request) -> None:
        # A PDF in a page becomes a download in a browser without a viewer.
        if "ERR_ABORTED" not in (request.failure or ""):
            self.faults.append(f"request failed: {request.url} {request.failure}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400 and not response.request.is_navigation_request():
            self.faults.append(f"{response.status} for {response.url}")

    def take(self) -> list[str]:
        """What was noted since the last time."""
        taken, self.faults[:] = list(self.faults), []
        return taken


def examine(page: Page) -> list[str]:
    """What is wrong with the page as it stands, at both widths: structure, axe, overflow."""
    page.set_viewport_size(WIDE)
    return [*_structure(page), *violations(page), *narrow_faults(page)]


def examine_wide(page: Page) -> list[str]:
    """As `examine`, with axe at the wide size only and without colours, which do not change from role to role."""
    page.set_viewport_size(WIDE)
    return [*_structure(page), *violations(page, but="color-contrast"), *_overflow(page)]


def measure(page: Page) -> list[str]:
    """As `examine`, without axe."""
    return [*_structure(page), *_overflow(page)]


def _structure(page: Page) -> list[str]:
    title, headings, language = page.evaluate(_FRAME)
    wrong = []
    if not title.strip():
        wrong.append("no title")
    if headings != 1:
        wrong.append(f"{headings} h1 headings")
    if language != "nl":
        wrong.append("not lang=nl")
    return wrong


_FRAME = "[document.title, document.querySelectorAll('h1').length, document.documentElement.lang]"


def narrow_faults(page: Page) -> list[str]:
    """At 360 px: nothing sticks out of the page, and what the width can change passes axe; of a long table the first rows, since
    a width changes all rows alike."""
    return _overflow(page) + violations(page, NARROW_RULES, without="tbody > tr:nth-child(n + 6)")


def _overflow(page: Page) -> list[str]:
    page.set_viewport_size(NARROW)
    wrong = []
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if overflow > 0:
        widest = page.evaluate(_WIDEST)
        wrong.append(f"sticks {overflow} px out of the page at 360 px: {widest}")
    return wrong


_WIDEST = """() => [...document.querySelectorAll('body *')]
  .filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
  .map(e => e.tagName.toLowerCase() + '.' + [...e.classList].join('.')).slice(0, 4).join(' ')"""


def violations(page: Page, rules: list[str] | None = None, *, but: str = "", without: str = "") -> list[str]:
    """axe-core's violations, one line each: of these rules, or of all but one; `without` names what is left out of the page."""
    options: dict[str, Any] = {"resultTypes": ["violations"], "preload": False}
    if but:
        options["rules"] = {but: {"enabled": False}}
    if rules:
        options["runOnly"] = {"type": "rule", "values": rules}
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(AXE_SCRIPT)  # half a megabyte: once a page
    where = {"include": [["html"]], **({"exclude": [[without]]} if without else {})}
    found = page.evaluate("([where, options]) => axe.run(where, options).then(all => all.violations)", [where, options])
    return [
        f"axe {rule['id']}: {' '.join(node['html'].split())[:140]} — {_why(node)}"
        for rule in found
        for node in rule["nodes"][:3]
    ]


def _why(node: dict[str, Any]) -> str:
    return "; ".join(check["message"] for kind in ("any", "all", "none") for check in node[kind])[:200]
