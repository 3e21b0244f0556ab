"""After the decision: corrections, post-discussions and complaints (DEC-01, DEC-02, REV-03, H-12)."""

from datetime import timedelta
from decimal import Decimal

import pytest

from evaluation.domain import complaints, corrections, discussions, reviews, sheets
from evaluation.domain.committee import Condition
from evaluation.models import CallCeiling, Complaint, Decision, PostDiscussion
from ibnportal.core import clock as portal_clock
from ibnportal.core.accounts.enums import Role
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError, NotAllowed, WrongState
from ibnportal.core.outbox.models import MailRecord
from tests.factories.applications import ApplicationFactory
from tests.factories.evaluation import advised, evaluated, released

pytestmark = pytest.mark.django_db


@pytest.fixture
def secretary(make_user, clock):
    clock.set("2026-07-20T10:00")
    return make_user(Role.SECRETARY)


@pytest.fixture
def awarded(secretary):
    application = advised(evaluated(letters=1))
    decision = released(application)
    CallCeiling.objects.create(
        call=application.call, budget=Decimal(3375000), max_awards=5, awarded_amount=decision.amount, awarded_count=1
    )
    return application, decision


@pytest.fixture
def refused(secretary):
    application = advised(evaluated(letters=1), recommendation="negative")
    return application, released(application, outcome="rejected")


# ---------------------------------------------------------------- corrections


@pytest.mark.rule("H-12", "DEC-01")
def test_a_correction_is_a_new_version_and_both_are_kept_and_verifiable(awarded, secretary, drain_outbox):
    application, first = awarded
    corrected = corrections.correct(
        application, reason="Met het juiste bedrag.", why="Jaar 3 was verkeerd overgenomen.", by=secretary,
        year_amounts=[Decimal(50000), Decimal(50000), Decimal(40000)], conditions=[Condition("start", "Boekhouding.")],
    )  # fmt: skip
    drain_outbox()
    first.refresh_from_db()
    assert (corrected.origin, corrected.supersedes, corrected.amount) == ("correction", first, Decimal(140000))
    assert (first.amount, [row.amount for row in first.years.all()]) == (Decimal(150000), [Decimal(50000)] * 3)
    ceiling = CallCeiling.objects.get()
    assert (ceiling.awarded_amount, ceiling.awarded_count) == (Decimal(140000), 1)
    assert sheets.check_code(first.sheet.code).replaced_by == corrected.sheet.code
    assert sheets.check_code(corrected.sheet.code).verdict == "valid"
    assert corrected.sheet.snapshot["supersedes"] == first.sheet.code
    (mail,) = MailRecord.objects.filter(key__startswith=f"decision:{corrected.pk}:")
    assert "Jaar 3 was verkeerd overgenomen." in mail.text
    again = corrections.correct(application, reason="x", why="y", by=secretary, year_amounts=[Decimal(1)] * 3)
    assert [row.pk for row in Decision.objects.standing().filter(application=application)] == [again.pk]


@pytest.mark.rule("PRG-02", "PRG-11")
def test_a_correction_keeps_to_the_caps_and_the_budget(awarded, secretary):
    application, _ = awarded
    for amounts, rule in (([Decimal(225001), 0, 0], "PRG-11"), ([Decimal(60000)] * 3, "P2-EVA-04")):
        with pytest.raises(DomainError) as raised:
            corrections.correct(application, reason="x", why="y", by=secretary, year_amounts=amounts)
        assert raised.value.rule_id == rule
    CallCeiling.objects.update(budget=Decimal(150000), awarded_amount=Decimal(150000))
    type(application).objects.filter(pk=application.pk).update(requested_grant=Decimal(200000))
    with pytest.raises(DomainError, match="te weinig"):
        corrections.correct(application, reason="x", why="y", by=secretary, year_amounts=[Decimal(51000)] * 3)


def test_what_stops_a_correction(refused, secretary, make_user):
    application, _ = refused
    with pytest.raises(DomainError, match="kan zo niet"):
        corrections.correct(application, reason="", why="", by=secretary)
    application.bars.create(user=secretary, reason="x", barred_at=portal_clock.now(), barred_by=secretary)
    with pytest.raises(NotAllowed):
        corrections.correct(application, reason="x", why="y", by=secretary)
    reviews.request(application, arguments="Kijk na.", by=application.representative)
    with pytest.raises(WrongState, match="herziening"):
        corrections.correct(application, reason="x", why="y", by=make_user(Role.SECRETARY))
    with pytest.raises(WrongState, match="geen bekendgemaakte beslissing"):
        corrections.correct(ApplicationFactory(), reason="x", why="y", by=secretary)


# ---------------------------------------------------------------- the post-discussion


@pytest.mark.rule("DEC-02")
def test_the_applicant_proposes_a_case_handler_plans_and_notes(refused, make_user, clock):
    application, decision = refused
    handler = make_user(Role.CASE_HANDLER)
    first, second = clock.now() + timedelta(days=7), clock.now() + timedelta(days=8)
    talk = discussions.ask(application, proposals=[second, first, first], question="Waarom?", by=application.colleague)
    assert talk.proposals == [first.isoformat(), second.isoformat()]
    discussions.plan(talk, at=second, place="Brussel", by=handler)
    (mail,) = MailRecord.objects.filter(key__startswith="discussion:")
    assert "Brussel" in mail.text
    with pytest.raises(WrongState, match="al gepland"):
        discussions.ask(application, proposals=[first], question="", by=application.colleague)
    with pytest.raises(WrongState, match="na haar moment"):
        discussions.hold(talk, notes="x", by=handler)
    clock.advance(days=9)
    discussions.hold(talk, notes="De scores zijn overlopen.", by=handler)
    assert PostDiscussion.objects.get(decision=decision).notes == "De scores zijn overlopen."
    assert [event.action for event in trail.history(talk)] == [
        "discussion.asked",
        "discussion.planned",
        "discussion.held",
    ]


@pytest.mark.rule("DEC-02")
def test_nobody_else_asks_and_not_before_the_decision(refused, make_user, clock):
    application, _ = refused
    later = clock.now() + timedelta(days=1)
    with pytest.raises(NotAllowed):
        discussions.ask(application, proposals=[later], question="", by=make_user(Role.CASE_HANDLER))
    with pytest.raises(DomainError, match="minstens één moment"):
        discussions.ask(application, proposals=[], question="", by=application.colleague)
    with pytest.raises(DomainError, match="al voorbij"):
        discussions.ask(application, proposals=[clock.now()], question="", by=application.colleague)
    other = ApplicationFactory()
    with pytest.raises(WrongState, match="nog geen beslissing"):
        discussions.ask(other, proposals=[later], question="", by=other.representative)


# ---------------------------------------------------------------- complaints


@pytest.mark.rule("REV-03")
def test_a_complaint_is_received_handled_by_an_outsider_and_answered(refused, make_user, clock):
    application, _ = refused
    author = application.advices.get().given_by
    outsider = make_user(Role.CASE_HANDLER)
    complaint = complaints.file(
        subject="Lang gewacht", text="Zes weken.", application=application, by=application.colleague
    )
    assert (complaint.number, complaint.state, complaint.channel) == ("KL-2026-001", "received", "portal")
    with pytest.raises(DomainError, match="schreef het advies"):
        complaints.take_in_hand(complaint, handler=author, by=outsider)
    complaints.take_in_hand(complaint, handler=outsider, by=outsider)
    with pytest.raises(NotAllowed):
        complaints.answer(complaint, text="Sorry.", by=author)
    clock.advance(days=3)
    complaints.answer(complaint, text="Sorry.", by=outsider)
    assert (complaint.state, complaint.answer, complaint.answered_at) == ("answered", "Sorry.", clock.now())
    assert sorted(mail.subject for mail in MailRecord.objects.filter(key__startswith="complaint:")) == [
        "Antwoord op uw klacht KL-2026-001",
        "Uw klacht KL-2026-001 is ontvangen",
    ]
    with pytest.raises(WrongState):
        complaints.answer(complaint, text="Nog iets.", by=outsider)


@pytest.mark.rule("REV-03")
@pytest.mark.parametrize("channel", ["letter", "mail", "oral"])
def test_written_oral_and_electronic_complaints_are_registered_with_their_day(secretary, clock, channel):
    fields = {
        "complainant_name": "Jef",
        "complainant_email": "",
        "subject": "s",
        "text": "t",
        "application": None,
        "by": secretary,
    }
    complaint = complaints.register(channel=channel, received_at=clock.now() - timedelta(days=10), **fields)
    assert portal_clock.local(complaint.received_at).date().isoformat() == "2026-07-10"
    assert not MailRecord.objects.filter(key__startswith="complaint:").exists()
    with pytest.raises(DomainError, match="toekomst"):
        complaints.register(channel=channel, received_at=clock.now() + timedelta(days=1), **fields)


@pytest.mark.rule("REV-03")
def test_who_complains_sees_the_own_complaints_and_nobody_elses(refused, make_user):
    application, _ = refused
    own = complaints.file(subject="a", text="b", application=None, by=application.colleague)
    other = complaints.file(subject="c", text="d", application=application, by=application.representative)
    assert list(Complaint.objects.visible_to(application.colleague)) == [own]
    handler = make_user(Role.CASE_HANDLER)
    assert set(Complaint.objects.visible_to(handler)) == {own, other}
    application.bars.create(user=handler, reason="x", barred_at=portal_clock.now(), barred_by=handler)
    assert list(Complaint.objects.visible_to(handler)) == [own]
    assert not Complaint.objects.visible_to(make_user(Role.EXPERT)).exists()
