"""Whole stories in a real browser: a server of the portal on a database of its own, and people who are logged in.

    def test_it(stage, clock):
        clock.set("2026-01-20T10:00")
        page = stage.page_of("aanvrager@demo.example")
        page.goto("/dossiers/")
        stage.work()                      # what a Celery worker would do meanwhile

`stage` stands for a whole module: three calls, the programme's history, closing days and the demo accounts; no dossier
of 2025 yet. What a test does stays done, so that the next test of the module goes on from there. `world` and `site` of the
guards are here too, for a journey through the story as it was played.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import override_settings
from playwright.sync_api import Browser, BrowserContext, Page

from ibnportal.core.accounts.models import User
from ibnportal.core.demo.people import create_demo_people
from ibnportal.core.outbox import queue
from ibnportal.core.workdays.seed import seed_closing_days
from tests.guards import databases
from tests.guards.browser import SCREENSHOTS, Site, Watch, chromium, examine, served, site
from tests.guards.fixtures import built_world, empty_database, world, world_media

__all__ = ["Stage", "built_world", "chromium", "empty_database", "examine", "site", "world", "world_media"]


@dataclass
class Stage(Site):
    """The portal before the story begins."""

    media: Path
    contexts: dict[str, BrowserContext] = field(default_factory=dict)
    watches: dict[str, Watch] = field(default_factory=dict)
    shots: int = 0

    def page_of(self, email: str) -> Page:
        """The page of this person, logged in; the same one all through the module. "" is a visitor."""
        if email not in self.contexts:
            user = User.objects.get(email=email) if email else None
            self.contexts[email] = self.context_of(user, accept_downloads=True)
            self.watches[email] = Watch(self.contexts[email].new_page())
        return self.watches[email].page

    def faults_of(self, email: str) -> list[str]:
        """Console errors, refused and failed requests of this person's page since the last time."""
        return self.watches[email].take()

    def work(self) -> int:
        """Perform everything that waits in the outbox."""
        return queue.drain()

    def shoot(self, page: Page, name: str, *, folder: str = "journey") -> Path:
        """A numbered screenshot of the whole page."""
        self.shots += 1
        path = SCREENSHOTS / folder / f"{self.shots:03d}-{name}.jpg"
        page.screenshot(path=path, full_page=True, quality=80)
        return path


@pytest.fixture(scope="module")
def stage_media(
    empty_database: str, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """A database of this module's own with the programme in it, and the folder for its files; both gone afterwards."""
    name = f"{empty_database}_stage"
    with django_db_blocker.unblock():
        connection.close()
        databases.copy(empty_database, name)
        media = tmp_path_factory.mktemp("stage") / "media"
        with databases.pointed_at(name):
            with override_settings(MEDIA_ROOT=media):  # the programme brings files of its own
                call_command("load_programme", stdout=StringIO())
            seed_closing_days(range(2025, 2031))
            create_demo_people()
            connection.close()
            yield media
        databases.drop(name)


@pytest.fixture(scope="module")
def stage(stage_media: Path, chromium: Browser) -> Iterator[Stage]:
    """See the docstring of this module."""
    with served() as url:
        ready = Stage(url=url, browser=chromium, media=stage_media)
        yield ready
        for context in ready.contexts.values():
            context.close()


@pytest.fixture(autouse=True)
def _media_of_the_stage(request: pytest.FixtureRequest, _own_media_root: None, settings: Any) -> None:
    if "stage" in request.fixturenames:
        settings.MEDIA_ROOT = request.getfixturevalue("stage").media
