"""The way of a dossier, step by step: no step is skipped, and each end is an end (manual 5.2, 5.3)."""

import pytest

from applications.domain import lifecycle, screening
from applications.enums import DRAFT_STATES, ENDED_STATES, TRANSITIONS
from applications.enums import ApplicationState as S
from ibnportal.core.accounts.enums import Role
from ibnportal.core.errors import WrongState
from tests.factories.applications import ApplicationFactory

WAY_OUT = {S.WITHDRAWN}


@pytest.mark.rule("STA-02")
def test_a_pre_registration_goes_from_draft_over_submitted_to_admissible_or_not():
    assert TRANSITIONS[S.P1_DRAFT] - WAY_OUT == {S.P1_SUBMITTED}
    assert TRANSITIONS[S.P1_SUBMITTED] - WAY_OUT == {S.P1_ADMISSIBLE, S.P1_INADMISSIBLE, S.P1_SUPPLEMENT_ASKED}
    assert TRANSITIONS[S.P1_INADMISSIBLE] == {S.P1_ADMISSIBLE}  # by a review (REV-06)


@pytest.mark.rule("STA-03")
def test_the_way_from_pitch_over_advice_to_the_preselection():
    assert TRANSITIONS[S.P1_ADMISSIBLE] - WAY_OUT == {S.P1_PITCHED}
    assert TRANSITIONS[S.P1_PITCHED] - WAY_OUT == {S.P1_ADVISED}
    assert TRANSITIONS[S.P1_ADVISED] - WAY_OUT == {S.PRESELECTED, S.NOT_PRESELECTED, S.MERGE_ADVISED}


@pytest.mark.rule("STA-05")
def test_a_full_dossier_is_completed_or_not_and_then_admissible_or_not():
    assert TRANSITIONS[S.P2_DRAFT] - WAY_OUT == {S.P2_SUBMITTED, S.MERGED, S.NOT_SUBMITTED}
    assert TRANSITIONS[S.P2_SUBMITTED] - WAY_OUT == {S.P2_SUPPLEMENT_ASKED, S.P2_ADMISSIBLE, S.P2_INADMISSIBLE}
    assert TRANSITIONS[S.P2_SUPPLEMENT_ASKED] - WAY_OUT == {S.P2_SUPPLEMENT_ANSWERED, S.P2_SUPPLEMENT_EXPIRED}
    for after in (S.P2_SUPPLEMENT_ANSWERED, S.P2_SUPPLEMENT_EXPIRED):
        assert TRANSITIONS[after] - WAY_OUT == {S.P2_ADMISSIBLE, S.P2_INADMISSIBLE}
    assert TRANSITIONS[S.P2_INADMISSIBLE] == {S.P2_ADMISSIBLE}  # by a review (REV-06)


def test_what_ended_is_no_draft_and_a_merged_dossier_ended():
    assert not ENDED_STATES & DRAFT_STATES
    assert S.MERGED in ENDED_STATES
    assert {S.P1_INADMISSIBLE, S.NOT_PRESELECTED, S.P2_INADMISSIBLE} <= ENDED_STATES


@pytest.mark.django_db
@pytest.mark.rule("STA-02", "STA-05")
@pytest.mark.parametrize("state", [S.P1_INADMISSIBLE, S.P2_INADMISSIBLE])
def test_the_screening_itself_does_not_come_back_on_an_inadmissibility(state, make_user, clock):
    application = ApplicationFactory(state=state, letters=0)
    with pytest.raises(WrongState):
        screening.conclude(application, admissible=True, by=make_user(Role.CASE_HANDLER))


@pytest.mark.django_db
@pytest.mark.rule("STA-02", "STA-05")
@pytest.mark.parametrize(
    ("state", "skipped_to"),
    [
        (S.P1_DRAFT, S.P1_ADMISSIBLE),
        (S.P1_INADMISSIBLE, S.P1_PITCHED),
        (S.P2_DRAFT, S.P2_ADMISSIBLE),
        (S.P2_SUPPLEMENT_ASKED, S.P2_ADMISSIBLE),
        (S.P2_INADMISSIBLE, S.P2_EVALUATION),
    ],
)
def test_no_step_is_skipped(state, skipped_to, clock):
    application = ApplicationFactory(state=state, letters=0)
    with pytest.raises(WrongState):
        lifecycle.move(application, skipped_to, by=None)
    application.refresh_from_db()
    assert application.state == state


@pytest.mark.django_db
@pytest.mark.rule("STA-05")
def test_while_the_applicant_completes_nothing_is_concluded(make_user, clock):
    application = ApplicationFactory(state=S.P2_SUPPLEMENT_ASKED, letters=0)
    with pytest.raises(WrongState) as refused:
        screening.conclude(application, admissible=True, by=make_user(Role.CASE_HANDLER))
    assert refused.value.rule_id == "STA-05"
