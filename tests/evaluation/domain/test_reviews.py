"""A rejection can be reviewed; the first decision stays (REV-01, REV-05, H-12)."""

from decimal import Decimal

import pytest

from applications.enums import ApplicationState as S
from evaluation.domain import committee, reviews, sheets
from evaluation.models import Advice, CallCeiling, Decision
from ibnportal.core.accounts.enums import Role
from ibnportal.core.errors import DomainError, NotAllowed, WrongState
from ibnportal.core.outbox.models import MailRecord
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


@pytest.fixture
def outsider(make_user, clock):
    return make_user(Role.SECRETARY)


def asked(application, handler, by):
    """A review that was asked and given to somebody who stood outside."""
    review = reviews.request(application, arguments="Kijk na.", by=application.representative)
    return reviews.assign(review, handler=handler, by=by)


@pytest.mark.rule("REV-01", "REV-02")
def test_a_rejected_applicant_asks_with_arguments(rejected):
    with pytest.raises(DomainError, match="op welke punten"):
        reviews.request(rejected, arguments=" ", by=rejected.representative)
    reviews.request(rejected, arguments="Criterium 4 las de bijlage niet.", by=rejected.representative)
    assert rejected.state == S.REVIEW_REQUESTED


@pytest.mark.rule("REV-05", "H-12", "PRG-04")
def test_an_award_after_review_keeps_the_first_decision_and_may_be_one_more(rejected, secretary, outsider):
    asked(rejected, outsider, secretary)
    CallCeiling.objects.update(awarded_amount=Decimal(3000000), awarded_count=5)
    with pytest.raises(NotAllowed):
        reviews.decide(rejected, outcome="awarded", reason="Toch.", year_amounts=YEARS, by=secretary)
    with pytest.raises(DomainError, match="Er zijn al 5 initiatieven gesteund"):
        reviews.decide(rejected, outcome="awarded", reason="Toch.", year_amounts=YEARS, by=outsider)
    decision = reviews.decide(
        rejected,
        outcome="awarded",
        reason="Toch.",
        year_amounts=YEARS,
        excess_reason="De fout lag bij ons.",
        by=outsider,
    )
    assert decision.supersedes.review.excess_reason == "De fout lag bij ons."
    assert (decision.origin, decision.supersedes.outcome, rejected.state) == ("review", "rejected", S.AWARDED)
    assert Decision.objects.standing().get() == decision
    ceiling = CallCeiling.objects.get()
    assert (ceiling.awarded_count, ceiling.review_extra_count, ceiling.awarded_amount) == (6, 1, Decimal(3150000))


@pytest.mark.rule("PRG-02")
def test_not_even_a_review_breaks_the_budget(rejected, secretary, outsider):
    asked(rejected, outsider, secretary)
    CallCeiling.objects.update(awarded_amount=Decimal(3300000), awarded_count=4)
    with pytest.raises(DomainError, match="te weinig"):
        reviews.decide(rejected, outcome="awarded", reason="Toch.", year_amounts=YEARS, by=outsider)
    rejected.refresh_from_db()
    assert rejected.state == S.REVIEW_REQUESTED


def test_upheld_ends_it(rejected, secretary, outsider):
    asked(rejected, outsider, secretary)
    reviews.decide(rejected, outcome="rejected", reason="Klopt.", by=outsider)
    assert rejected.state == S.REVIEW_UPHELD
    with pytest.raises(WrongState):
        reviews.request(rejected, arguments="Nog eens.", by=rejected.representative)


@pytest.mark.rule("REV-04")
def test_thirty_working_days_after_the_release_are_enough_and_one_more_is_not(rejected, clock):
    # Released on Tuesday 20 January 2026: the thirtieth working day is Tuesday 3 March.
    first = Decision.objects.get(application=rejected)
    assert reviews.last_day_of(first).isoformat() == "2026-03-03"
    clock.set("2026-03-04T00:00:01")
    with pytest.raises(DomainError, match=r"dinsdag 3.maart 2026; dat is voorbij"):
        reviews.request(rejected, arguments="Te laat.", by=rejected.representative)
    clock.set("2026-03-03T23:59:00")
    assert (
        reviews.request(rejected, arguments="Op tijd.", by=rejected.representative).due_on.isoformat() == "2026-03-03"
    )


@pytest.mark.rule("REV-04")
def test_a_call_without_a_term_takes_a_review_at_any_time(rejected, clock):
    first = Decision.objects.get(application=rejected)
    rules = first.rules
    rules.pk, rules.version, rules.review_working_days, rules.frozen_at, rules.frozen_by = None, 9, None, None, None
    rules.save()
    Decision.objects.filter(pk=first.pk).update(rules=rules)
    clock.set("2031-01-10T10:00")
    assert reviews.request(rejected, arguments="Jaren later.", by=rejected.representative).due_on is None


@pytest.mark.rule("REV-01")
def test_a_receipt_goes_out_and_only_once(rejected):
    reviews.request(rejected, arguments="Kijk na.", by=rejected.representative)
    with pytest.raises(WrongState):
        reviews.request(rejected, arguments="Nog eens.", by=rejected.representative)
    (mail,) = MailRecord.objects.filter(key__startswith="review:")
    assert mail.subject == f"Uw verzoek om herziening van {rejected.number} is ontvangen"


@pytest.mark.rule("REV-01")
def test_who_had_a_hand_in_the_dossier_does_not_handle_its_review(rejected, secretary, make_user):
    author, expert_like, member = (
        make_user(Role.CASE_HANDLER),
        make_user(Role.CASE_HANDLER),
        make_user(Role.CASE_HANDLER),
    )
    Advice.objects.create(
        application=rejected,
        phase=2,
        recommendation="negative",
        text="x",
        given_at=rejected.created_at,
        given_by=author,
    )
    rejected.decisions.get().meeting.members.add(member)
    rejected.bars.create(user=expert_like, reason="Verwant", barred_at=rejected.created_at, barred_by=secretary)
    review = reviews.request(rejected, arguments="Kijk na.", by=rejected.representative)
    for person, deed in (
        (author, "schreef het advies"),
        (secretary, "legde de beslissing vast"),
        (member, "zat in de vergadering die besliste"),
        (expert_like, "is van dit dossier uitgesloten"),
        (make_user(Role.ACCOUNT_MANAGER), "is geen dossierbehandelaar"),
    ):
        with pytest.raises(DomainError, match=deed):
            reviews.assign(review, handler=person, by=secretary)
    outside = make_user(Role.CASE_HANDLER)
    reviews.assign(review, handler=outside, by=secretary)
    with pytest.raises(NotAllowed, match="toegewezen aan"):
        reviews.decide(rejected, outcome="rejected", reason="Klopt.", by=make_user(Role.SECRETARY))
    # Somebody who is drawn in after the assignment is stopped at the decision too.
    Advice.objects.filter(application=rejected).update(given_by=outside)
    with pytest.raises(NotAllowed, match="schreef het advies"):
        reviews.decide(rejected, outcome="rejected", reason="Klopt.", by=outside)


@pytest.mark.rule("REV-01")
def test_nobody_decides_on_a_review_that_nobody_was_given(rejected, outsider):
    reviews.request(rejected, arguments="Kijk na.", by=rejected.representative)
    with pytest.raises(WrongState, match="Wijs deze herziening eerst toe"):
        reviews.decide(rejected, outcome="rejected", reason="Klopt.", by=outsider)


@pytest.mark.rule("REV-05")
def test_the_ranking_of_the_others_does_not_move(rejected, secretary, outsider):
    meeting = rejected.decisions.get().meeting
    before = list(meeting.ranking.entries.values_list("rank", "application_id", "is_within_budget"))
    asked(rejected, outsider, secretary)
    reviews.decide(rejected, outcome="awarded", reason="Toch.", year_amounts=YEARS, by=outsider)
    assert list(meeting.ranking.entries.values_list("rank", "application_id", "is_within_budget")) == before


def test_both_decisions_have_their_sheet_and_both_can_be_checked(rejected, secretary, outsider, drain_outbox):
    asked(rejected, outsider, secretary)
    decision = reviews.decide(rejected, outcome="awarded", reason="Toch.", year_amounts=YEARS, by=outsider)
    drain_outbox()
    first, second = decision.supersedes.sheet, decision.sheet
    assert sheets.check_code(second.code).verdict == "valid"
    assert (sheets.check_code(first.code).verdict, sheets.check_code(first.code).replaced_by) == (
        "superseded",
        second.code,
    )
