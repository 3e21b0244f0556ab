"""The world that the guards walk through is itself in order."""

from io import StringIO

import pytest
from django.core.management import call_command

from applications.enums import ApplicationState
from applications.models import Application
from evaluation.domain.waiting import PARTIES
from tests.evaluation.reckoned import assert_stands_as_reckoned
from tests.guards.world import PERSONAS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world", "world_media")]


def test_no_invariant_is_broken():
    out = StringIO()
    call_command("check_invariants", stdout=out)
    assert out.getvalue() == ""


def test_there_is_an_initiative_in_every_stage():
    states = set(Application.objects.values_list("state", flat=True))
    reviewed = {ApplicationState.REVIEW_REQUESTED, ApplicationState.REVIEW_UPHELD}
    # The call of 2025 has no completion in phase 1 (P1-ADM-07).
    not_in_this_call = {state for state in ApplicationState if state.startswith("p1_supplement")}
    assert set(ApplicationState.values) - states <= reviewed | not_in_this_call


def test_everybody_is_there():
    assert all(persona.user is not None for persona in PERSONAS if persona.email)


def test_the_worklist_stands_as_reckoned_one_by_one():
    assert {each.step.waits_on for each in assert_stands_as_reckoned()} == set(PARTIES)
