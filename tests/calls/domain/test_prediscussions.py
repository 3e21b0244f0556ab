"""Pre-discussions: asked before the pre-registration, planned on the call's two days, advised on record."""

import threading
from datetime import date, time

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction

from applications.domain import drafts
from calls.domain import prediscussions
from calls.enums import PrediscussionState as S
from calls.models import Prediscussion
from ibnportal.core import clock as portal_clock
from ibnportal.core.accounts.enums import Role
from ibnportal.core.errors import DomainError, NotAllowed, TooLate, WrongState
from ibnportal.core.outbox.models import MailRecord
from tests.factories.calls import CallFactory, install_call
from tests.factories.core import MembershipFactory, OrganisationFactory, pdf_bytes

pytestmark = pytest.mark.django_db

DAY = date(2025, 12, 8)


@pytest.fixture(autouse=True)
def _early(clock):
    clock.set("2025-12-02T10:00")


@pytest.fixture
def call():
    return install_call()


@pytest.fixture
def handler(make_user):
    return make_user(Role.CASE_HANDLER)


@pytest.fixture
def asker():
    return MembershipFactory().user


@pytest.fixture
def idea(call, asker):
    return ask(call, asker)


def ask(call, asker, **fields):
    organisation = asker.memberships.get().organisation
    values = {"title": "Slimme bouw", "idea": "Een keten van bouwers.", "doubts": "Past dit?", **fields}
    return prediscussions.ask(call, organisation, by=asker, **values)


def slots(call, handler, day=DAY, **changes):
    values = {"starts": time(9), "ends": time(10), "minutes": 30, "place": "online", **changes}
    return prediscussions.lay_out_slots(call, day=day, by=handler, **values)


@pytest.mark.rule("PRE-01")
@pytest.mark.rule("PRE-02")
def test_asking_reaches_the_mailbox_of_the_call_and_confirms(call, asker):
    upload = SimpleUploadedFile("voorbespreking.pdf", pdf_bytes())
    idea = ask(call, asker, upload=upload)
    assert (idea.state, idea.file.name) == (S.ASKED, "voorbespreking.pdf")
    assert set(MailRecord.objects.values_list("to", flat=True)) == {"clusters@vlaio.be", asker.email}


@pytest.mark.rule("PRE-01")
def test_a_pre_discussion_comes_before_the_pre_registration(call, asker, clock):
    clock.set("2026-01-23T12:00:00")
    assert ask(call, asker)
    clock.set("2026-01-23T12:00:01")
    with pytest.raises(TooLate, match=r"sloot op 23/01/2026 om 12\.00 uur"):
        ask(call, asker)


@pytest.mark.rule("PRE-01")
def test_a_pre_discussion_is_optional_for_the_call_too(asker):
    with pytest.raises(DomainError, match="neemt geen aanvragen"):
        ask(CallFactory(), asker)


@pytest.mark.rule("PRE-02")
@pytest.mark.parametrize("field", ["title", "idea", "doubts"])
def test_an_empty_request_is_none(call, asker, field):
    with pytest.raises(DomainError, match="Vul de werktitel"):
        ask(call, asker, **{field: "  "})


def test_nobody_asks_for_an_organisation_of_others(call, asker):
    with pytest.raises(NotAllowed):
        prediscussions.ask(call, OrganisationFactory(), title="x", idea="x", doubts="x", by=asker)


def test_a_template_that_is_not_what_it_says_is_refused(call, asker):
    with pytest.raises(DomainError, match=r"idee\.docx"):
        ask(call, asker, upload=SimpleUploadedFile("idee.docx", pdf_bytes()))
    assert not Prediscussion.objects.exists()


# ---------------------------------------------------------------- planning


@pytest.mark.rule("DAT-02")
def test_slots_lie_on_the_two_days_of_the_calendar(call, handler):
    assert prediscussions.days_of(call) == [date(2025, 12, 8), date(2025, 12, 10)]
    made = slots(call, handler, ends=time(10, 20))
    assert [portal_clock.local(slot.starts_at).time() for slot in made] == [time(9), time(9, 30)][:2]
    with pytest.raises(DomainError, match="de dagen die de kalender"):
        slots(call, handler, day=date(2025, 12, 9))
    with pytest.raises(DomainError, match="is er daar al een moment"):
        slots(call, handler, starts=time(9, 15))
    assert slots(call, handler, place="Zaal 2")


@pytest.mark.rule("DAT-02")
def test_planning_invites_with_the_exact_time_and_moving_says_so(call, handler, idea, asker):
    first, second = slots(call, handler)
    prediscussions.plan(idea, first, by=handler)
    prediscussions.plan(idea, first, by=handler)
    prediscussions.plan(idea, second, by=handler)
    idea.refresh_from_db()
    assert (idea.state, idea.slot, idea.planned_by) == (S.PLANNED, second, handler)
    mails = MailRecord.objects.filter(to=asker.email, key__contains="planned").order_by("pk")
    assert ["09.00" in mail.text for mail in mails] == [True, False]
    assert "8\xa0december 2025, van 09.30" in mails[1].text


@pytest.mark.rule("DAT-02")
def test_a_slot_holds_one_idea_and_the_database_says_so(call, handler, asker, idea):
    slot, _ = slots(call, handler)
    prediscussions.plan(idea, slot, by=handler)
    other = ask(call, asker, title="Ander idee")
    with pytest.raises(DomainError, match="intussen aan een ander idee gegeven"):
        prediscussions.plan(other, slot, by=handler)
    other.refresh_from_db()
    assert other.state == S.ASKED
    with pytest.raises(IntegrityError), transaction.atomic():
        Prediscussion.objects.filter(pk=other.pk).update(slot=slot, planned_at=portal_clock.now(), planned_by=handler)


def test_a_past_slot_or_that_of_another_call_is_refused(call, handler, idea, clock):
    slot, _ = slots(call, handler)
    clock.set("2025-12-08T09:00")
    with pytest.raises(DomainError, match="al voorbij"):
        prediscussions.plan(idea, slot, by=handler)


def test_calling_it_off_frees_the_slot(call, handler, idea, asker):
    slot, _ = slots(call, handler)
    prediscussions.plan(idea, slot, by=handler)
    prediscussions.withdraw(idea, by=asker)
    assert slot in prediscussions.free_slots(call, at=portal_clock.now())


# ---------------------------------------------------------------- advice


@pytest.mark.rule("STA-01")
def test_advice_comes_after_the_talk_and_stays(call, handler, idea, asker, clock):
    slot, _ = slots(call, handler)
    prediscussions.plan(idea, slot, by=handler)
    with pytest.raises(WrongState, match="Het gesprek is pas op"):
        prediscussions.advise(idea, advice="Doen.", by=handler)
    clock.set("2025-12-08T10:00")
    prediscussions.advise(idea, advice="Zoek aansluiting bij de bouwcluster.", by=handler)
    assert (idea.state, idea.advised_by) == (S.ADVISED, handler)
    assert "Zoek aansluiting" in MailRecord.objects.get(key__contains="advised").text
    with pytest.raises(WrongState):
        prediscussions.advise(idea, advice="Toch niet.", by=handler)


@pytest.mark.rule("STA-01")
def test_a_pre_discussion_is_asked_then_held_then_advised_and_nothing_follows(call, handler, idea, asker, clock):
    """Manual 5.1: on request, before the pre-registration; what came out of it stays with the idea."""
    path = [idea.state]
    slot, other = slots(call, handler)
    path.append(prediscussions.plan(idea, slot, by=handler).state)
    clock.set("2025-12-08T10:00")
    path.append(prediscussions.advise(idea, advice="Zoek een groep van bouwers.", by=handler).state)
    assert path == [S.ASKED, S.PLANNED, S.ADVISED]
    for verb in (
        lambda: prediscussions.plan(idea, other, by=handler),
        lambda: prediscussions.advise(idea, advice="Toch anders.", by=handler),
        lambda: prediscussions.withdraw(idea, by=asker),
    ):
        with pytest.raises(WrongState):
            verb()
    idea.refresh_from_db()
    assert (idea.state, idea.advice) == (S.ADVISED, "Zoek een groep van bouwers.")


@pytest.mark.rule("STA-01")
def test_nobody_needs_a_pre_discussion_to_pre_register(call, asker, clock):
    """Manual 5.1: it is optional."""
    clock.set("2026-01-20T10:00")
    organisation = asker.memberships.get().organisation
    application = drafts.start(call=call, organisation=organisation, title="Zonder gesprek", by=asker)
    assert application.state == "p1_draft"
    assert not Prediscussion.objects.filter(organisation=organisation).exists()


def test_an_idea_is_its_asker_s_and_the_case_handlers_(idea, asker, handler, make_user):
    assert idea in Prediscussion.objects.visible_to(asker)
    assert idea in Prediscussion.objects.visible_to(handler)
    strangers = (
        None,
        MembershipFactory().user,
        make_user(Role.EXPERT),
        make_user(Role.COMMITTEE_MEMBER),
        make_user(Role.SECRETARY),
    )
    for stranger in strangers:
        assert not Prediscussion.objects.visible_to(stranger).exists()


@pytest.mark.django_db(transaction=True)
def test_two_case_handlers_at_one_slot_give_it_once(make_user, asker):
    call, handler = install_call(), make_user(Role.CASE_HANDLER)
    ideas = [ask(call, asker, title=f"Idee {n}") for n in range(2)]
    slot, _ = slots(call, handler)
    barrier, outcomes = threading.Barrier(2), []

    def take(idea):
        barrier.wait()
        try:
            prediscussions.plan(idea, slot, by=handler)
            outcomes.append("gepland")
        except DomainError:
            outcomes.append("bezet")
        finally:
            connection.close()

    threads = [threading.Thread(target=take, args=[idea]) for idea in ideas]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["bezet", "gepland"]
    assert Prediscussion.objects.filter(slot=slot).count() == 1
