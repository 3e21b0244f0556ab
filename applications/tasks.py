"""What a worker does for a dossier: the receipt as a PDF (NOT-01), and ending requests whose term ran out (P2-COM-06)."""

from celery import shared_task

from applications.documents import receipt
from applications.domain import announcements, submission, supplements
from applications.domain.snapshot import read
from applications.domain.submission import RECEIPT_TOPIC
from applications.models import Receipt, Submission
from calls.domain.amending import ANNOUNCE_TOPIC
from calls.models import Amendment
from ibnportal.core import clock
from ibnportal.core.files import store
from ibnportal.core.files.kinds import FileKind
from ibnportal.core.outbox.models import OutboxMessage
from ibnportal.core.outbox.queue import performs


@performs(RECEIPT_TOPIC)
def make_receipt(message: OutboxMessage) -> None:
    """Once for each submission: a second run finds the first one's row."""
    received = Submission.objects.select_related("application", "submitted_by").get(pk=message.payload["submission"])
    if Receipt.objects.filter(submission=received).exists():
        return
    dossier = read(received)
    content = receipt.render(dossier, sha256=received.sha256)
    stored = store.store_bytes(
        content, name=f"ontvangstbewijs-{dossier.number}-fase-{dossier.phase}.pdf", kind=FileKind.GENERATED_PDF, by=None
    )
    Receipt.objects.create(submission=received, file=stored, made_at=clock.now())


@performs(ANNOUNCE_TOPIC)
def announce_amendment(message: OutboxMessage) -> None:
    """Tell all applicants of a call what changed in it (PRG-22)."""
    announcements.announce(Amendment.objects.select_related("call", "made_by").get(pk=message.payload["amendment"]))


@shared_task(name="applications.expire_supplements", ignore_result=True)
def expire_supplements() -> int:
    """End every request to complete a dossier whose term ran out; beat runs it every minute."""
    return supplements.expire_due()


@shared_task(name="applications.remind_supplements", ignore_result=True)
def remind_supplements() -> int:
    """Remind of every open request whose day has come; beat runs it every hour (NOT-05)."""
    return supplements.remind_due()


@shared_task(name="applications.close_unsubmitted", ignore_result=True)
def close_unsubmitted() -> int:
    """End every preselected initiative whose full dossier never came; beat runs it every hour (STA-04)."""
    return submission.close_all_unsubmitted()
