"""What the portal can say about the signature on a letter: asked here, looked at by a worker, read back per file (P1-LET-07).

It decides nothing: a drawn or scanned signature is a signature too, and a broken digital one is for a person to judge.
"""

from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from applications.enums import SignatureOutcome
from applications.models import Application, Letter, SignatureCheck
from calls.enums import PhaseNumber
from ibnportal.core import clock
from ibnportal.core.files import store
from ibnportal.core.files.models import StoredFile
from ibnportal.core.files.signatures import Signer
from ibnportal.core.outbox import queue
from ibnportal.core.statements import Statement

if TYPE_CHECKING:
    from django.db.models import QuerySet

CHECK_TOPIC = "letters.check_signature"
# Every digital signature in a PDF says in plain bytes which part of the file it covers.
_MARK = b"/ByteRange"


def ask_for_check(stored: StoredFile) -> None:
    """Have a worker look at the digital signatures in this PDF, if it has any; in the transaction at hand."""
    if _MARK in store.read_bytes(stored):
        queue.enqueue(CHECK_TOPIC, key=f"{CHECK_TOPIC}:{stored.pk}", payload={"file": stored.pk}, subject=stored)


def outcome_of(signers: Iterable[Signer]) -> SignatureOutcome:
    """The worst that holds for all signatures together: one broken signature makes the file suspect."""
    signers = list(signers)
    if not signers:
        return SignatureOutcome.NONE
    if not all(signer.is_intact and signer.is_valid for signer in signers):
        return SignatureOutcome.BROKEN
    if not all(signer.is_trusted and signer.covers_all for signer in signers):
        return SignatureOutcome.UNTRUSTED
    return SignatureOutcome.TRUSTED


def keep(stored: StoredFile, signers: Iterable[Signer] | None) -> SignatureCheck:
    """Write down what was seen; None when the file could not be looked at. Once a file: the first look stays."""
    outcome = SignatureOutcome.UNREADABLE if signers is None else outcome_of(signers := list(signers))
    values: dict[str, Any] = {
        "outcome": outcome,
        "signers": [asdict(signer) for signer in signers or ()],
        "checked_at": clock.now(),
    }
    check, _ = SignatureCheck.objects.get_or_create(file=stored, defaults=values)
    return check


def of_files(file_ids: Iterable[int]) -> dict[int, SignatureCheck]:
    """The checks of these files, by the id of the file; one query."""
    return {check.file_id: check for check in SignatureCheck.objects.filter(file_id__in=list(file_ids))}


def of_register(application: Application) -> dict[int, SignatureCheck]:
    """The checks of all letters of the phase the dossier is in, by the id of the file; one query."""
    return {check.file_id: check for check in _OF_REGISTER.all(application.pk, PhaseNumber(application.phase))}


def _of_register(application: int, phase: int) -> "QuerySet[SignatureCheck]":
    signed = Letter.objects.filter(application=application, phase=phase, signed_file__isnull=False)
    return SignatureCheck.objects.filter(file__in=signed.values("signed_file"))


_OF_REGISTER = Statement(_of_register)
