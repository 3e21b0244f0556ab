"""The factories reach every state through the domain, and what they make is admissible."""

import pytest

from applications.domain import admissibility
from applications.enums import ApplicationState
from tests.factories.applications import PHASE1_AT, PHASE2_AT, ApplicationFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("state", ApplicationState.values)
def test_every_state_is_reached(state):
    assert ApplicationFactory(state=state, letters=1).state == state


def test_a_full_pre_registration_meets_every_criterion():
    application = ApplicationFactory(state="p1_submitted")
    assert [(check.rule_id, check.outcome) for check in admissibility.examine(application, 1, at=PHASE1_AT)] == [
        ("P1-ADM-01", "yes"), ("P1-ADM-02", "yes"), ("P1-ADM-03", "yes"),
    ]  # fmt: skip


def test_a_full_dossier_meets_every_criterion():
    application = ApplicationFactory(state="p2_submitted")
    checks = admissibility.examine(application, 2, at=PHASE2_AT)
    assert [check.rule_id for check in checks if check.outcome != "yes"] == []
    assert len(checks) == 10
