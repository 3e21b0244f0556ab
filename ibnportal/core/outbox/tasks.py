"""What the worker runs: one message by its id, and every half minute whatever was forgotten."""

from celery import shared_task

from ibnportal.core.outbox import queue
from ibnportal.core.outbox.mail import TOPIC, deliver
from ibnportal.core.outbox.models import OutboxMessage


@shared_task(name="outbox.perform_message", ignore_result=True)
def perform_message(message_id: int) -> bool:
    """Perform one message; running it twice, or at the same time, is harmless."""
    return queue.perform(message_id)


@shared_task(name="outbox.sweep", ignore_result=True)
def sweep() -> int:
    """Announce every due message that nobody has in hand; beat runs it every 30 seconds."""
    ids = queue.claim_due()
    for message_id in ids:
        queue.nudge(message_id)
    return len(ids)


@queue.performs(TOPIC)
def deliver_mail(message: OutboxMessage) -> None:
    """Hand one mail to the mail server."""
    deliver(message.payload["mail"], message.payload.get("secret"))
