"""Every outbox row is done or has a next try that somebody makes; every mail has its outbox row."""

from collections.abc import Iterator

from ibnportal.core.invariants import invariant
from ibnportal.core.outbox.health import breaches
from ibnportal.core.outbox.models import MailRecord, OutboxMessage


@invariant("outbox keeps up")
def outbox_keeps_up() -> Iterator[str]:
    """Nothing forgotten, nothing failing for long."""
    yield from breaches()


@invariant("mail is sent or waiting")
def mail_is_sent_or_waiting() -> Iterator[str]:
    """A mail without a date has an outbox row that still waits."""
    waiting = {message.payload.get("mail") for message in OutboxMessage.objects.waiting().filter(topic="mail.send")}
    for mail in MailRecord.objects.filter(sent_at__isnull=True):
        if mail.pk not in waiting:
            yield f"mail {mail.pk} to {mail.to}: not sent, and nothing waits to send it"
