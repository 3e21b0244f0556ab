"""One initiative all the way through the call of 2025, by pages only: from the first letter to the settled first year.

Each step is a function of `tests/journeys/steps/`, named after what somebody does there. Roles change with the login of the
demo, time with its clock. What the workers do is performed in this process, except the two papers that cost trust or money:
a real Celery worker makes the decision sheet and the payment order. Screenshots: `screenshots/journey/`.
"""

import shutil
from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from playwright.sync_api import expect

from ibnportal.celery import app as celery_app
from tests.guards.browser import SCREENSHOTS, WIDE
from tests.journeys.conftest import Stage
from tests.journeys.steps import decision, network, phase1, phase2, selection
from tests.journeys.steps.journey import Journey

PATIENCE = 20_000
STEPS = (*phase1.STEPS, *selection.STEPS, *phase2.STEPS, *decision.STEPS, *network.STEPS)


@pytest.fixture
def demo(settings: Any) -> None:
    """The portal as `make run` shows it: everybody's login and a clock that travels."""
    settings.DEBUG = settings.DEMO = True


@pytest.fixture
def broker(settings: Any) -> Iterator[None]:
    """Announcements leave for the real broker, where a worker finds them; without a worker they stay there, harmless."""
    before = celery_app.conf.broker_url
    _use_broker(settings.REDIS_URL)
    celery_app.control.purge()
    yield
    celery_app.control.purge()
    _use_broker(before)


def _use_broker(url: str) -> None:
    celery_app.conf.update(broker_url=url, broker_transport_options={})
    celery_app.amqp._producer_pool = celery_app._pool = None  # connections to the broker before


@pytest.fixture
def journey(stage: Stage, demo: None, broker: None) -> Iterator[Journey]:
    album = SCREENSHOTS / "journey"
    shutil.rmtree(album, ignore_errors=True)
    album.mkdir(parents=True)
    context = stage.browser.new_context(
        viewport=WIDE, locale="nl-BE", timezone_id="Europe/Brussels", reduced_motion="reduce"
    )
    context.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    yield Journey(page=context.new_page(), url=stage.url, album=album)
    expect.set_options(timeout=5_000)
    context.close()


@pytest.mark.browser
@pytest.mark.rule("P1-ADM-01")
@pytest.mark.rule("P1-ADM-03")
@pytest.mark.rule("P1-LET-03")
@pytest.mark.rule("P2-SUB-03")
@pytest.mark.rule("COF-19")
@pytest.mark.rule("PAY-04")
def test_one_initiative_from_pre_registration_to_the_settlement_of_its_first_year(journey: Journey) -> None:
    for step in STEPS:
        _take(step, journey)
    assert journey.faults == []
    journey.perform_outbox()
    told = StringIO()
    call_command("check_invariants", stdout=told)
    assert told.getvalue() == ""


def _take(step: Callable[[Journey], None], journey: Journey) -> None:
    """One step; when it stops, the last picture shows where."""
    try:
        step(journey)
    except Exception:
        journey.shot(f"GESTRAND-{step.__name__}")
        raise
