"""A rejection can be reviewed; the first decision stays (REV-01, REV-05, H-12)."""

from decimal import Decimal

import pytest

from applications.enums import ApplicationState as S
from evaluation.domain import committee, reviews
from evaluation.models import CallCeiling, Decision
from ibnportal.core.accounts.enums import Role
from ibnportal.core.errors import DomainError, NotAllowed, WrongState
from tests.evaluation.domain.test_committee import YEARS, advised, meeting_of, ranked

pytestmark = pytest.mark.django_db


@pytest.fixture
def secretary(make_user, clock):
    return make_user(Role.SECRETARY)


@pytest.fixture
def rejected(secretary, make_user):
    application = advised()
    ranked([application], secretary, within=0)
    meeting = meeting_of(2, make_user(Role.COMMITTEE_MEMBER), secretary, application.call)
    committee.record_support(meeting, application, outcome="rejected", reason="Zwak.", by=secretary)
    committee.release(meeting, by=secretary)
    application.refresh_from_db()
    return application


@pytest.mark.rule("REV-01", "REV-02")
def test_a_rejected_applicant_asks_with_arguments(rejected):
    with pytest.raises(DomainError, match="op welke punten"):
        reviews.request(rejected, arguments=" ", by=rejected.representative)
    reviews.request(rejected, arguments="Criterium 4 las de bijlage niet.", by=rejected.representative)
    assert rejected.state == S.REVIEW_REQUESTED


@pytest.mark.rule("REV-05", "H-12", "PRG-04")
def test_an_award_after_review_keeps_the_first_decision_and_may_be_one_more(rejected, secretary, make_user):
    reviews.request(rejected, arguments="Kijk na.", by=rejected.representative)
    CallCeiling.objects.update(awarded_amount=Decimal(3000000), awarded_count=5)
    with pytest.raises(NotAllowed):
        reviews.decide(rejected, outcome="awarded", reason="Toch.", year_amounts=YEARS, by=secretary)
    decision = reviews.decide(
        rejected, outcome="awarded", reason="Toch.", year_amounts=YEARS, by=make_user(Role.SECRETARY)
    )
    assert (decision.origin, decision.supersedes.outcome, rejected.state) == ("review", "rejected", S.AWARDED)
    assert Decision.objects.standing().get() == decision
    ceiling = CallCeiling.objects.get()
    assert (ceiling.awarded_count, ceiling.review_extra_count, ceiling.awarded_amount) == (6, 1, Decimal(3150000))


@pytest.mark.rule("PRG-02")
def test_not_even_a_review_breaks_the_budget(rejected, make_user):
    reviews.request(rejected, arguments="Kijk na.", by=rejected.representative)
    CallCeiling.objects.update(awarded_amount=Decimal(3300000), awarded_count=4)
    with pytest.raises(DomainError, match="te weinig"):
        reviews.decide(rejected, outcome="awarded", reason="Toch.", year_amounts=YEARS, by=make_user(Role.SECRETARY))
    rejected.refresh_from_db()
    assert rejected.state == S.REVIEW_REQUESTED


def test_upheld_ends_it(rejected, make_user):
    reviews.request(rejected, arguments="Kijk na.", by=rejected.representative)
    reviews.decide(rejected, outcome="rejected", reason="Klopt.", by=make_user(Role.SECRETARY))
    assert rejected.state == S.REVIEW_UPHELD
    with pytest.raises(WrongState):
        reviews.request(rejected, arguments="Nog eens.", by=rejected.representative)
