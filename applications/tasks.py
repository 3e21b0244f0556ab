"""What a worker does for a dossier: the receipt as a PDF (NOT-01), and ending requests whose term ran out (P2-COM-06)."""

from pathlib import Path

from celery import shared_task
from django.conf import settings

from applications.documents import letter_pdf, receipt
from applications.domain import announcements, authors, invitations, letter_evidence, letters, submission, supplements
from applications.domain.snapshot import read
from applications.domain.submission import RECEIPT_TOPIC
from applications.models import Invitation, LetterInvitation, OnlineSignature, Receipt, Submission
from calls.domain.amending import ANNOUNCE_TOPIC
from calls.models import Amendment
from ibnportal.core import clock
from ibnportal.core.files import signatures, store
from ibnportal.core.files.kinds import FileKind
from ibnportal.core.files.models import StoredFile
from ibnportal.core.outbox import mail
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
    amendment = Amendment.objects.select_related("call", "made_by").get(pk=message.payload["amendment"])
    announcements.announce(amendment, message=message.payload.get("message", ""))


@performs(letter_evidence.CHECK_TOPIC)
def check_signature(message: OutboxMessage) -> None:
    """Look at the digital signatures of one letter and keep what was seen; a file that is gone needs no look."""
    stored = StoredFile.objects.filter(pk=message.payload["file"]).first()
    if stored is None:
        return
    roots = [Path(path) for path in settings.SIGNATURE_TRUST_ROOTS]
    signers = signatures.look(store.read_bytes(stored), trust_roots=roots, at=clock.now())
    letter_evidence.keep(stored, signers)


@mail.reveals(invitations.SECRET)
def reveal_link(key: str) -> str:
    """The personal link of an invitation, for the mail that leaves; nobody else asks this."""
    return invitations.token_of(LetterInvitation.objects.get(pk=key))


@mail.reveals(authors.SECRET)
def reveal_author_link(key: str) -> str:
    """The personal link of somebody who is asked to write along, for the mail that leaves."""
    return authors.token_of(Invitation.objects.get(pk=key))


@performs(invitations.RENDER_TOPIC)
def render_signed_letter(message: OutboxMessage) -> None:
    """The PDF of a letter with a drawn signature, and the company's copy by mail; once for each signature.

    Gone when the applicant removed the letter meanwhile: then there is nothing to do.
    """
    found = OnlineSignature.objects.select_related(
        "invitation", "letter__application__call", "letter__application__applicant", "letter__signed_file"
    ).filter(pk=message.payload["signature"])
    signature = found.first()
    if signature is None:
        return
    letter, stored = signature.letter, None
    if signature.is_drawn and letter.signed_file_id is None:
        fields = {name: getattr(letter, name) for name in letters.FIELDS}
        content = letter_pdf.render(letter.application, letter.phase, fields, signature=signature)
        stored = store.store_bytes(
            content, name=f"intentiebrief-{letter.enterprise_number}.pdf", kind=FileKind.GENERATED_PDF, by=None
        )
    invitations.keep_rendered(signature, stored, at=clock.now())


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
