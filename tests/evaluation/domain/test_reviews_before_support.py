"""What else can be reviewed, where the call says so: an inadmissibility and the preselection (REV-06, AMB-18)."""

from datetime import date, timedelta

import pytest

from applications.domain import screening
from applications.enums import ApplicationState as S
from evaluation.domain import committee, reviews
from evaluation.models import Decision, DecisionSheet, Review
from ibnportal.core.accounts.enums import Role
from ibnportal.core.errors import DomainError, NotAllowed, WrongState
from ibnportal.core.outbox.models import MailRecord
from tests.factories.applications import ApplicationFactory
from tests.factories.calls import OpenCallFactory

pytestmark = [pytest.mark.django_db, pytest.mark.rule("REV-06")]


@pytest.fixture
def secretary(make_user, clock):
    return make_user(Role.SECRETARY)


@pytest.fixture
def screener(make_user, clock):
    return make_user(Role.CASE_HANDLER)


@pytest.fixture
def outsider(make_user, clock):
    return make_user(Role.CASE_HANDLER)


def screened_out(state, screener, **traits):
    """A dossier of which a person judged one criterion as not met, and that was declared inadmissible for it."""
    application = ApplicationFactory(state=state, letters=0, **traits)
    for check in screening.open_screening(application, by=screener):
        screening.judge(check, verdict="no", reason="Ontbreekt.", by=screener)
    screening.conclude(application, admissible=False, reason="De brieven ontbreken.", by=screener)
    return application


def not_preselected(secretary, make_user, **traits):
    """A dossier that the committee did not preselect, and whose applicant was told."""
    application = ApplicationFactory(state=S.P1_ADVISED, letters=0, **traits)
    member = make_user(Role.COMMITTEE_MEMBER)
    meeting = committee.plan_meeting(
        call=application.call, phase=1, held_on=date(2026, 1, 20), members=[member], by=secretary
    )
    committee.record_preselection(meeting, application, outcome="not_preselected", reason="Te vroeg.", by=secretary)
    committee.release(meeting, by=secretary)
    application.refresh_from_db()
    return application


@pytest.mark.parametrize(
    ("state", "ways"),
    [(S.P1_SUBMITTED, (S.P1_INADMISSIBLE, S.P1_ADMISSIBLE)), (S.P2_SUBMITTED, (S.P2_INADMISSIBLE, S.P2_ADMISSIBLE))],
)
def test_an_inadmissibility_that_was_wrong_is_turned_and_both_decisions_are_kept(
    state, ways, screener, secretary, outsider
):
    ended, goes_on = ways
    application = screened_out(state, screener)
    assert not Decision.objects.exists()
    review = reviews.request(application, arguments="De brieven zaten in bijlage 2.", by=application.representative)
    first = review.decision
    assert (first.outcome, first.origin, first.recorded_by) == ("inadmissible", "screening", screener)
    assert "De brieven ontbreken." in first.reason
    application.refresh_from_db()
    assert application.state == ended
    reviews.assign(review, handler=outsider, by=secretary)
    assert MailRecord.objects.filter(to=outsider.email, subject__startswith="Een herziening voor u").exists()
    decision = reviews.decide(application, outcome="admissible", reason="Ze zaten erbij.", by=outsider)
    assert (decision.supersedes, decision.origin, application.state) == (first, "review", goes_on)
    subjects = list(
        MailRecord.objects.filter(key__startswith="review:").order_by("pk").values_list("subject", flat=True)
    )
    assert subjects == [
        f"Uw verzoek om herziening van {application.number} is ontvangen",
        f"Na herziening: {application.number} is ontvankelijk",
    ]
    assert not DecisionSheet.objects.exists()


def test_who_screened_does_not_handle_its_review(screener, secretary):
    application = screened_out(S.P1_SUBMITTED, screener)
    review = reviews.request(application, arguments="Kijk na.", by=application.representative)
    with pytest.raises(DomainError, match="legde de beslissing vast"):
        reviews.assign(review, handler=screener, by=secretary)


def test_an_inadmissibility_that_is_upheld_stays_and_is_not_asked_again(screener, secretary, outsider):
    application = screened_out(S.P1_SUBMITTED, screener)
    review = reviews.request(application, arguments="Kijk na.", by=application.representative)
    with pytest.raises(WrongState, match="al een herziening"):
        reviews.request(application, arguments="Nog eens.", by=application.representative)
    reviews.assign(review, handler=outsider, by=secretary)
    reviews.decide(application, outcome="inadmissible", reason="Ze ontbreken.", by=outsider)
    application.refresh_from_db()
    assert application.state == S.P1_INADMISSIBLE
    with pytest.raises(WrongState, match="geen negatieve beslissing"):
        reviews.request(application, arguments="Nog eens.", by=application.representative)
    with pytest.raises(WrongState, match="al beslist"):
        reviews.decide(application, outcome="admissible", reason="Toch.", by=outsider)


def test_a_preselection_after_review_opens_the_full_dossier(secretary, outsider, make_user, drain_outbox):
    application = not_preselected(secretary, make_user)
    first = Decision.objects.get()
    review = reviews.request(application, arguments="De pitch werd verward.", by=application.representative)
    with pytest.raises(DomainError, match="legde de beslissing vast"):
        reviews.assign(review, handler=secretary, by=secretary)
    reviews.assign(review, handler=outsider, by=secretary)
    with pytest.raises(NotAllowed):
        reviews.decide(application, outcome="preselected", reason="Toch.", by=secretary)
    with pytest.raises(DomainError, match="Kies de beslissing"):
        reviews.decide(application, outcome="awarded", reason="Toch.", by=outsider)
    decision = reviews.decide(application, outcome="preselected", reason="Dat klopt.", by=outsider)
    application.refresh_from_db()
    assert (application.state, decision.supersedes, decision.kind) == (S.PRESELECTED, first, "preselection")
    drain_outbox()
    assert decision.sheet.file is not None


@pytest.mark.parametrize("flag", ["review_covers_preselection", "review_covers_admissibility"])
def test_a_call_that_reviews_only_support_says_so(flag, secretary, screener, make_user):
    closed = {"call": OpenCallFactory(code="enkel-steun", **{f"rules_row__{flag}": False})}
    if flag == "review_covers_preselection":
        application = not_preselected(secretary, make_user, **closed)
    else:
        application = screened_out(S.P1_SUBMITTED, screener, **closed)
    assert not reviews.can_still_be_asked(reviews.contested(application))
    with pytest.raises(WrongState, match="voorziet geen herziening"):
        reviews.request(application, arguments="Kijk na.", by=application.representative)
    assert not Review.objects.exists()


@pytest.mark.rule("REV-04")
def test_the_term_runs_from_the_day_the_applicant_was_told(screener, clock):
    # Concluded on Tuesday 20 January 2026: the thirtieth working day is Tuesday 3 March.
    application = screened_out(S.P1_SUBMITTED, screener)
    assert reviews.last_day_of(reviews.contested(application)) == date(2026, 3, 3)
    clock.set("2026-03-04T00:00:01")
    with pytest.raises(DomainError, match="dat is voorbij"):
        reviews.request(application, arguments="Te laat.", by=application.representative)


@pytest.mark.parametrize("kind", ["preselection", "admissibility"])
def test_nobody_is_let_into_a_phase_that_has_closed(kind, secretary, make_user, clock):
    outsider = make_user(Role.CASE_HANDLER)
    if kind == "preselection":
        application, turned, upheld = not_preselected(secretary, make_user), "preselected", "not_preselected"
    else:
        application = screened_out(S.P1_SUBMITTED, make_user(Role.CASE_HANDLER))
        turned, upheld = "admissible", "inadmissible"
    before = application.state
    review = reviews.request(application, arguments="Kijk na.", by=application.representative)
    reviews.assign(review, handler=outsider, by=secretary)
    clock.set(application.call.phase(2).closes_at + timedelta(seconds=1))
    with pytest.raises(WrongState, match="kan niet meer indienen"):
        reviews.decide(application, outcome=turned, reason="Toch.", by=outsider)
    decision = reviews.decide(application, outcome=upheld, reason="Fase 2 is voorbij.", by=outsider)
    application.refresh_from_db()
    assert (application.state, decision.outcome) == (before, upheld)
