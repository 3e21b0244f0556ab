"""The advice on a pre-registration: after the pitch, with reasons, and naming the other where it advises to merge."""

import pytest
from django.db import IntegrityError, transaction

from applications.enums import ApplicationState as S
from evaluation.domain import advice
from evaluation.models import Advice
from ibnportal.core.accounts.enums import Role
from ibnportal.core.errors import DomainError, NotAllowed, WrongState
from tests.factories.applications import ApplicationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def handler(make_user, clock):
    return make_user(Role.CASE_HANDLER)


@pytest.mark.rule("P1-DEC-01")
def test_advice_follows_the_pitch_and_brings_the_dossier_to_the_committee(handler):
    application = ApplicationFactory(state=S.P1_PITCHED)
    given = advice.advise_phase1(
        application, recommendation="positive", text="Sterk gedragen.", strengths="Leden", by=handler
    )
    assert (application.state, given.phase, given.strengths) == (S.P1_ADVISED, 1, "Leden")


@pytest.mark.rule("P1-DEC-01")
@pytest.mark.parametrize("state", [S.P1_SUBMITTED, S.P1_ADMISSIBLE, S.P1_ADVISED, S.P1_INADMISSIBLE])
def test_before_the_pitch_or_twice_there_is_none(handler, state):
    with pytest.raises(WrongState):
        advice.advise_phase1(ApplicationFactory(state=state), recommendation="positive", text="Ja.", by=handler)


def test_without_reasons_there_is_none(handler):
    with pytest.raises(DomainError, match="motivering"):
        advice.advise_phase1(ApplicationFactory(state=S.P1_PITCHED), recommendation="positive", text=" ", by=handler)


@pytest.mark.rule("P1-DEC-03")
def test_merging_names_another_initiative_of_the_call(handler):
    application, other = ApplicationFactory(state=S.P1_PITCHED), ApplicationFactory(state=S.P1_SUBMITTED)
    for wrong in (None, application, ApplicationFactory(state=S.P1_INADMISSIBLE)):
        with pytest.raises(DomainError) as refused:
            advice.advise_phase1(
                application, recommendation="merge", text="Zelfde keten.", merge_with=wrong, by=handler
            )
        assert refused.value.rule_id == "P1-DEC-03"
    given = advice.advise_phase1(
        application, recommendation="merge", text="Zelfde keten.", merge_with=other, by=handler
    )
    assert given.merge_with == other


@pytest.mark.rule("P1-DEC-03")
def test_only_merging_names_another(handler):
    application, other = ApplicationFactory(state=S.P1_PITCHED), ApplicationFactory(state=S.P1_SUBMITTED)
    with pytest.raises(DomainError, match="kan alleen bij samenvoegen"):
        advice.advise_phase1(application, recommendation="positive", text="Ja.", merge_with=other, by=handler)


def test_the_database_refuses_a_merger_without_the_other(handler):
    application = ApplicationFactory(state=S.P1_PITCHED)
    with pytest.raises(IntegrityError, match="advice_merge_names_the_other"), transaction.atomic():
        Advice.objects.create(
            application=application,
            phase=1,
            recommendation="merge",
            text="x",
            given_at=application.created_at,
            given_by=handler,
        )


def test_nobody_advises_on_their_own_organisation(make_user, clock):
    application = ApplicationFactory(state=S.P1_PITCHED)
    insider = make_user(Role.CASE_HANDLER, organisation=application.applicant)
    with pytest.raises(NotAllowed):
        advice.advise_phase1(application, recommendation="positive", text="Ja.", by=insider)
