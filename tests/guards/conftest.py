"""Guards that sweep every page there is: generated from the URLconf, so that whatever is built later is covered."""

import logging
from collections.abc import Iterator
from unittest import mock

import pytest
from django.template.base import Template

from tests.guards.browser import chromium, site  # noqa: F401 - fixtures
from tests.guards.fixtures import built_world, empty_database, world, world_media  # noqa: F401 - fixtures


@pytest.fixture(autouse=True)
def _errors_in_one_line(caplog: pytest.LogCaptureFixture) -> None:
    """A 500 is in the message of the test, with its cause; its traceback hundreds of times is not needed."""
    caplog.set_level(logging.CRITICAL, logger="django.request")


@pytest.fixture(autouse=True, scope="module")
def _pages_as_in_production() -> Iterator[None]:
    """Nobody here looks at the context of a template, of which the test environment keeps a copy at every include."""
    with mock.patch.object(Template, "_render", lambda self, context: self.nodelist.render(context)):
        yield
