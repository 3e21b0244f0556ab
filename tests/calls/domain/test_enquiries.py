"""Questions about a call: asked by anyone, answered by mail, published without their asker."""

import pytest
from django.db import IntegrityError, transaction

from calls.domain import enquiries, opening
from calls.enums import EnquiryState
from calls.models import Enquiry
from ibnportal.core.accounts.enums import Role
from ibnportal.core.errors import DomainError, WrongState
from ibnportal.core.outbox.models import MailRecord
from tests.factories.calls import install_call

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def handler(make_user):
    return make_user(Role.CASE_HANDLER)


@pytest.fixture
def enquiry():
    return enquiries.ask(install_call(), question="Telt een vzw mee?", email="an@bedrijf.example", name="An Claes")


@pytest.mark.rule("ROL-18")
def test_a_question_reaches_the_mailbox_of_the_call(enquiry):
    mail = MailRecord.objects.get()
    assert mail.to == "clusters@vlaio.be"
    assert "Telt een vzw mee?" in mail.text
    assert list(Enquiry.objects.all().open()) == [enquiry]


def test_the_asker_hears_the_answer_and_a_correction(enquiry, handler):
    enquiries.answer(enquiry, text="Neen.", by=handler)
    enquiries.answer(enquiry, text="Neen, enkel ondernemingen.", by=handler)
    enquiries.answer(enquiry, text="Neen, enkel ondernemingen.", by=handler)
    texts = MailRecord.objects.filter(to="an@bedrijf.example").order_by("pk").values_list("text", flat=True)
    assert ["enkel ondernemingen" in text for text in texts] == [False, True]


def test_what_is_published_says_nothing_of_who_asked(enquiry, handler):
    enquiries.answer(enquiry, text="Neen.", by=handler)
    for shown in ("Telt een vzw mee? An Claes", "Vraag van AN@bedrijf.example"):
        with pytest.raises(DomainError, match="naam of het adres"):
            enquiries.publish(enquiry, question=shown, by=handler)
    enquiries.publish(enquiry, question="Telt een vzw mee?", by=handler)
    assert list(Enquiry.objects.all().published()) == [enquiry]
    enquiries.withdraw(enquiry, by=handler)
    assert not Enquiry.objects.all().published().exists()


def test_no_question_is_published_without_an_answer(enquiry, handler):
    with pytest.raises(WrongState):
        enquiries.publish(enquiry, question="Telt een vzw mee?", by=handler)
    with pytest.raises(IntegrityError), transaction.atomic():
        Enquiry.objects.filter(pk=enquiry.pk).update(state=EnquiryState.PUBLISHED)


def test_setting_aside_needs_a_reason(enquiry, handler):
    with pytest.raises(DomainError, match="Schrijf waarom"):
        enquiries.set_aside(enquiry, by=handler, reason=" ")
    enquiries.set_aside(enquiry, by=handler, reason="Spam")
    assert not Enquiry.objects.all().open().exists()


def test_a_closed_call_takes_no_questions(make_user):
    call = install_call()
    opening.close(call, by=make_user(Role.ADMINISTRATOR))
    with pytest.raises(DomainError, match="geen vragen meer"):
        enquiries.ask(call, question="Nog iets?", email="an@bedrijf.example")


def test_questions_are_the_agency_s_to_see(enquiry, handler, make_user):
    assert enquiry in Enquiry.objects.visible_to(handler)
    for other in (None, make_user(), make_user(Role.EXPERT), make_user(Role.POLICY_READER)):
        assert not Enquiry.objects.visible_to(other).exists()
