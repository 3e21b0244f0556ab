"""Guards that sweep every page there is: generated from the URLconf, so that whatever is built later is covered."""

import logging

import pytest

from tests.guards.browser import chromium, site  # noqa: F401 - fixtures
from tests.guards.fixtures import built_world, empty_database, world, world_media  # noqa: F401 - fixtures


@pytest.fixture(autouse=True)
def _errors_in_one_line(caplog: pytest.LogCaptureFixture) -> None:
    """A 500 is in the message of the test, with its cause; its traceback hundreds of times is not needed."""
    caplog.set_level(logging.CRITICAL, logger="django.request")
