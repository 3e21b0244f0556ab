import pytest
from django.core import mail as django_mail
from django.db import transaction

from ibnportal.core.errors import DomainError
from ibnportal.core.invariants import breaches
from ibnportal.core.outbox import mail, queue
from ibnportal.core.outbox.models import MailRecord, OutboxMessage
from tests.factories.core import OrganisationFactory, StoredFileFactory

pytestmark = pytest.mark.django_db


def send(**changes):
    values = {
        "key": "receipt:7",
        "to": "an@voorbeeld.be",
        "template": "account",
        "context": {"subject": "Ontvangstbewijs", "body": "Uw dossier <A & B> is ingediend."},
    }
    return mail.send_later(**{**values, **changes})


def test_a_mail_is_rendered_now_and_sent_by_the_outbox(clock, drain_outbox):
    organisation = OrganisationFactory()
    (record,) = send(about=organisation)
    assert django_mail.outbox == []
    drain_outbox()
    (sent,) = django_mail.outbox
    assert (sent.subject, sent.to) == ("Ontvangstbewijs", ["an@voorbeeld.be"])
    assert sent.body == "Uw dossier <A & B> is ingediend.\n"
    assert "&lt;A &amp; B&gt;" in sent.alternatives[0].content
    assert sent.extra_headers["Message-ID"] == record.message_id
    record.refresh_from_db()
    assert record.sent_at == clock.now()
    assert record.about == f"accounts.organisation:{organisation.pk}"


def test_the_same_key_is_one_mail(drain_outbox):
    (first,) = send()
    (again,) = send(context={"subject": "Anders", "body": "Anders"})
    assert again == first
    drain_outbox()
    send()
    drain_outbox()
    assert len(django_mail.outbox) == 1
    assert OutboxMessage.objects.count() == 1


def test_each_address_gets_a_mail_of_its_own(drain_outbox):
    send(to=["an@voorbeeld.be", "bram@voorbeeld.be", "an@voorbeeld.be"])
    drain_outbox()
    assert [message.to for message in django_mail.outbox] == [["an@voorbeeld.be"], ["bram@voorbeeld.be"]]


@pytest.mark.parametrize("to", ["", [], "geen adres <>"])
def test_without_an_address_it_is_refused(to):
    with pytest.raises(DomainError, match="geen geldig e-mailadres"):
        send(to=to)


def test_a_subject_cannot_smuggle_in_a_header(drain_outbox):
    send(subject="Goed nieuws\r\nBcc: iedereen@voorbeeld.be")
    drain_outbox()
    assert django_mail.outbox[0].subject == "Goed nieuws Bcc: iedereen@voorbeeld.be"


def test_attachments_come_from_the_store(drain_outbox):
    stored = StoredFileFactory(name="ontvangstbewijs.pdf")
    send(attachments=[stored])
    drain_outbox()
    (attachment,) = django_mail.outbox[0].attachments
    assert (attachment[0], attachment[2]) == ("ontvangstbewijs.pdf", "application/pdf")
    assert attachment[1].startswith(b"%PDF-")


def test_a_mail_server_that_is_down_loses_nothing(monkeypatch, drain_outbox):
    (record,) = send()

    def refuse(*_, **__):
        raise OSError("geen verbinding")

    with monkeypatch.context() as broken:
        broken.setattr("django.core.mail.EmailMultiAlternatives.send", refuse)
        assert drain_outbox(raises=False) == 0
    record.refresh_from_db()
    assert record.sent_at is None
    assert list(breaches()) == []
    queue.perform(OutboxMessage.objects.get().pk)
    assert len(django_mail.outbox) == 1


def test_a_crash_after_sending_repeats_the_same_message_id(drain_outbox):
    send()
    message = OutboxMessage.objects.get()
    with transaction.atomic():
        queue.perform(message.pk)
        transaction.set_rollback(True)  # the worker died before the commit
    queue.perform(message.pk)
    first, second = django_mail.outbox
    assert first.extra_headers["Message-ID"] == second.extra_headers["Message-ID"]


def test_a_mail_that_nobody_will_send_is_a_breach():
    (record,) = send()
    OutboxMessage.objects.all().delete()
    assert [breach for _, breach in breaches()] == [
        f"mail {record.pk} to an@voorbeeld.be: not sent, and nothing waits to send it"
    ]


def test_links_are_absolute(settings):
    settings.SITE_URL = "https://ibn.voorbeeld.be"
    assert mail.absolute("/dossiers/7/") == "https://ibn.voorbeeld.be/dossiers/7/"


def test_a_record_keeps_what_was_said():
    send()
    assert MailRecord.objects.get().text == "Uw dossier <A & B> is ingediend.\n"
