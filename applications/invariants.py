"""What must always be true of what was handed in."""

from collections.abc import Iterator
from decimal import Decimal

from django.db.models import Sum
from django.db.models.functions import Coalesce

from applications.domain import invitations
from applications.models import BudgetUpload, Letter, LetterInvitation, LetterUpload, Submission
from ibnportal.core.canonical import digest
from ibnportal.core.invariants import invariant


@invariant("submissions equal their hash and are in time")
def submissions() -> Iterator[str]:
    """Every snapshot has its hash, was received by its deadline, and holds files that the store still has."""
    for submission in Submission.objects.select_related("application").iterator(chunk_size=100):
        name = f"submission {submission.pk} of {submission.application.number}"
        if digest(submission.snapshot) != submission.sha256:
            yield f"{name}: snapshot and hash differ"
        if submission.received_at > submission.deadline_at and not submission.application.is_reconstructed:
            yield f"{name}: received after its deadline"


@invariant("letters of intent count a company once")
def letters_once() -> Iterator[str]:
    """The database holds this for a draft; here for what was handed in."""
    for submission in Submission.objects.select_related("application").iterator(chunk_size=100):
        numbers = [item["enterprise_number"] for item in submission.snapshot["letters"] if item["enterprise_number"]]
        if len(numbers) != len(set(numbers)):
            yield f"submission {submission.pk} of {submission.application.number}: a company is in it twice"


@invariant("budgets are the sum of their lines")
def budgets() -> Iterator[str]:
    """What was kept with an upload equals its lines, and no line holds more VAT than was declared to be claimable (BUD-10)."""
    uploads = BudgetUpload.objects.select_related("application").annotate(
        lines_total=Coalesce(Sum("lines__amount"), Decimal(0)),
        lines_months=Coalesce(Sum("lines__person_months"), Decimal(0)),
        lines_vat=Coalesce(Sum("lines__vat"), Decimal(0)),
    )
    for upload in uploads.iterator(chunk_size=100):
        name = f"budget {upload.version} of {upload.application.number}"
        if (upload.total, upload.person_months) != (upload.lines_total, upload.lines_months):
            yield f"{name}: total and lines differ"
        if upload.lines_vat and (upload.recoverable_vat_fraction is None or upload.recoverable_vat_fraction == 1):
            yield f"{name}: holds VAT that the applicant did not declare to bear"


@invariant("letters signed through a link say so in all three places")
def letters_signed_online() -> Iterator[str]:
    """Letter, invitation and signature agree, and what was signed is what the letter says still."""
    signed = Letter.objects.filter(signed_online_at__isnull=False).select_related("online_signature__invitation")
    for letter in signed.iterator(chunk_size=500):
        signature = getattr(letter, "online_signature", None)
        if signature is None or signature.invitation.signed_at != letter.signed_online_at:
            yield f"letter {letter.pk}: signed through a link, without its signature or invitation"
        elif invitations.content_sha256(letter) != signature.content_sha256:
            yield f"letter {letter.pk}: changed since its company signed it"
    for invitation in LetterInvitation.objects.filter(
        signed_at__isnull=False, letter__isnull=False, signature__isnull=True
    ):
        yield f"invitation {invitation.pk}: signed without a signature"


@invariant("uploaded letters are where they were put")
def uploaded_letters() -> Iterator[str]:
    """A PDF that was paired belongs to a letter of the same dossier and phase."""
    for upload in LetterUpload.objects.filter(letter__isnull=False).select_related("letter"):
        letter = upload.letter
        if letter is not None and (letter.application_id, letter.phase) != (upload.application_id, upload.phase):
            yield f"upload {upload.pk}: paired with a letter of another dossier or phase"
