"""Messages to the main applicant: kept word for word with their proof, and changed before they go (NOT-01 ... NOT-08)."""

import pytest
from django.db.utils import ProgrammingError
from django.urls import reverse

from applications.domain import notices, supplements
from applications.enums import ApplicationState as S
from applications.models import NoticeText, SentNotice
from calls.domain import mail_texts
from ibnportal.core.accounts.enums import Role
from ibnportal.core.errors import DomainError
from ibnportal.core.outbox import queue
from ibnportal.core.outbox.models import MailRecord
from tests.factories.applications import ApplicationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def handler(make_user):
    return make_user(Role.CASE_HANDLER)


@pytest.fixture
def application(clock):
    clock.set("2026-05-12T09:00")
    return ApplicationFactory(state=S.P2_SUBMITTED)


@pytest.fixture
def supplement(application, handler):
    return supplements.ask(application, items=["Een taakverdeling"], by=handler)


@pytest.mark.rule("NOT-01")
def test_the_receipt_of_each_phase_is_kept_with_its_mail(application):
    kept = [notice for notice in notices.sent_to(application) if notice.notice.template == "receipt"]
    assert [item.notice.phase for item in kept] == [2, 1]
    assert all(item.proofs[0].to == application.representative.email for item in kept)


@pytest.mark.rule("NOT-05")
def test_a_message_has_its_proof_once_the_mail_has_left(application, supplement, handler):
    [asked] = [item for item in notices.sent_to(application) if item.notice.template == "supplement_asked"]
    assert (asked.is_sent, asked.notice.posted_by, asked.notice.was_edited) == (False, handler, False)
    queue.drain()
    [asked] = [item for item in notices.sent_to(application) if item.notice.template == "supplement_asked"]
    [proof] = asked.proofs
    record = MailRecord.objects.get(key__startswith="supplement-asked")
    assert (proof.sent_at, proof.message_id) == (record.sent_at, record.message_id)
    assert proof.sent_at is not None
    assert asked.notice.text.split() == record.text.split()


def test_a_kept_message_is_never_changed_nor_removed(application, supplement):
    kept = SentNotice.objects.filter(template="supplement_asked")
    with pytest.raises(ProgrammingError, match="Cannot update or delete"):
        kept.update(text="Iets anders")


def test_what_was_changed_before_it_went_says_so(application, handler):
    supplements.ask(application, items=["A"], by=handler, message="Beste An, graag punt A.")
    kept = SentNotice.objects.get(template="supplement_asked")
    assert kept.text == "Beste An, graag punt A."
    assert kept.was_edited
    assert "Om uw aanvraag" in kept.composed_text


@pytest.mark.rule("NOT-05")
def test_a_reminder_that_was_written_beforehand_goes_in_those_words(application, supplement, handler, clock):
    planned = supplements.reminder_notice(application, supplement)
    notices.write(application, planned, text="Beste An\n\nVergeet de taakverdeling niet.", by=handler)
    clock.set("2026-05-27T08:00")
    assert supplements.remind_due() == 1
    assert SentNotice.objects.get(template="supplement_reminder").text == "Beste An\n\nVergeet de taakverdeling niet."
    assert NoticeText.objects.get().used_at is not None


def test_a_text_written_over_another_message_does_not_go(application, supplement, handler, clock):
    notices.write(application, supplements.reminder_notice(application, supplement), text="Oud.", by=handler)
    supplement.items.create(position=9, text="Nog iets")
    planned = supplements.reminder_notice(application, supplement)
    assert notices.outdated(application, planned).text == "Oud."
    clock.set("2026-05-27T08:00")
    supplements.remind_due()
    assert "Nog iets" in SentNotice.objects.get(template="supplement_reminder").text


def test_an_empty_text_takes_the_portals_own_again(application, supplement, handler):
    planned = supplements.reminder_notice(application, supplement)
    notices.write(application, planned, text="Anders.", by=handler)
    assert notices.write(application, planned, text="  ", by=handler) is None
    assert not NoticeText.objects.exists()


def test_nobody_writes_the_mail_to_their_own_organisation(application, supplement, make_user):
    own = make_user(Role.CASE_HANDLER, organisation=application.applicant)
    with pytest.raises(DomainError, match="Laat een collega"):
        notices.write(application, supplements.reminder_notice(application, supplement), text="x", by=own)


def test_the_case_handler_reads_the_receipt_of_the_call_beforehand(application, handler, as_user):
    page = reverse("applications:messages", args=[application.number])
    assert "Ontvangen op" in as_user(handler).get(page).context["receipt"].text
    mail_texts.save(
        application.call,
        "receipt",
        subject="Goed aangekomen",
        body="Dag\n\n{kern}\n\nTot gauw",
        by=handler,
        reason="Toon",
    )
    shown = as_user(handler).get(page).content.decode()
    assert "<dd>Goed aangekomen</dd>" in shown
    assert "Tot gauw" in shown
