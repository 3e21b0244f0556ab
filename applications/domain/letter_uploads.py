"""Many signed letters at once: each PDF is kept on its own, and paired with the row of its company where that is certain.

Certain is: exactly one row has the enterprise number, or the name, that stands in the file's name or in its text. What is
not certain waits as a row of its own until a person pairs it; nothing is thrown away and nothing is guessed.
"""

import datetime as dt
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from django.core.files.base import File
from django.db import IntegrityError, transaction

from applications.domain import drafts, letters, lifecycle, words
from applications.enums import ItemPart
from applications.models import Application, Letter, LetterUpload
from calls.enums import PhaseNumber
from ibnportal.core import clock, enterprise_numbers
from ibnportal.core.accounts.models import User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError
from ibnportal.core.files import store
from ibnportal.core.files.checks import clean_name
from ibnportal.core.files.kinds import FileKind
from ibnportal.core.files.models import StoredFile
from ibnportal.core.statements import Statement

LONGEST_NAME = int(Letter._meta.get_field("company_name").max_length or 0)  # noqa: SLF001 - Django's documented Meta API
Read = Callable[[bytes], str]
"""From the bytes of a PDF to its text; `ibnportal.core.files.pdf_text.text_of`, given by the caller."""

_NUMBER = re.compile(r"(?<!\d)(?:BE[\s.\-_]*)?([01]?\d{3}[\s.\-_]?\d{3}[\s.\-_]?\d{3})(?!\d)", re.IGNORECASE)
_NOISE = frozenset(
    ("intentiebrief", "intentieverklaring", "brief", "getekend", "ondertekend", "signed", "scan", "loi", "ibn", "pdf",
     "van", "def", "definitief", "versie", "v1", "v2", "final", "be")
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Clues:
    """What a file says about whose letter it is."""

    in_name: tuple[str, ...]
    in_text: tuple[str, ...]
    name: str
    text: str

    @property
    def number(self) -> str:
        """The one enterprise number that it shows, first of its name; empty when there is none or several."""
        for found in (self.in_name, self.in_text):
            if len(found) == 1:
                return found[0]
        return ""


@dataclass(frozen=True, slots=True)
class Paired:
    """The letter a file belongs to, and why."""

    letter: Letter
    because: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file: kept (and with which letter), known already, or refused with a reason."""

    name: str
    upload: LetterUpload | None = None
    is_known: bool = False
    refusal: str = ""


def clues(name: str, text: str, *, leave_out: Iterable[str] = ()) -> Clues:
    """Enterprise numbers and words of a file; `leave_out` are numbers of others that stand in every letter (the applicant)."""
    others = set(leave_out)
    stem = PurePosixPath(clean_name(name)).stem
    return Clues(
        in_name=_numbers(stem, others),
        in_text=_numbers(text, others),
        name=letters.plain_name(stem.replace("_", " ")),
        text=letters.plain_name(text),
    )


def _numbers(text: str, others: set[str]) -> tuple[str, ...]:
    found = (enterprise_numbers.normalise(match[1].replace("_", "")) for match in _NUMBER.finditer(text))
    return tuple(
        dict.fromkeys(number for number in found if enterprise_numbers.is_valid(number) and number not in others)
    )


def match(found: Clues, register: Sequence[Letter]) -> Paired | None:
    """The one letter this file belongs to, by number before name and file name before text; None when that is not certain."""
    by_number = {letter.enterprise_number: letter for letter in register if letter.enterprise_number}
    for numbers, where in ((found.in_name, "in de naam van het bestand"), (found.in_text, "in de tekst van de brief")):
        known = [by_number[number] for number in numbers if number in by_number]
        if len(known) == 1:
            shown = enterprise_numbers.format(known[0].enterprise_number)
            return Paired(known[0], f"Nummer {shown} staat {where}.")
        if known:
            return None
    if found.number:
        return None  # it names a company that has no row
    for text, where in ((found.name, "in de naam van het bestand"), (found.text, "in de tekst van de brief")):
        named = _named(text, register)
        if len(named) == 1:
            return Paired(named[0], f"De naam staat {where}.")
        if named:
            return None
    return None


def _named(text: str, register: Sequence[Letter]) -> list[Letter]:
    """The letters whose company is named in the text in whole words; a name inside a longer one that is there does not count."""
    there = f" {text} "
    names = {letter.pk: letters.plain_name(letter.company_name) for letter in register}
    found = [letter for letter in register if names[letter.pk] and f" {names[letter.pk]} " in there]
    return [
        letter
        for letter in found
        if not any(
            other is not letter
            and f" {names[letter.pk]} " in f" {names[other.pk]} "
            and names[other.pk] != names[letter.pk]
            for other in found
        )
    ]


def name_from(name: str) -> str:
    """A company's name as far as a file name tells it: "getekend_Alfa-Software nv_0566988259.pdf" gives "Alfa Software nv"."""
    stem = _NUMBER.sub(" ", PurePosixPath(clean_name(name)).stem)
    parts = [part for part in re.split(r"[\s_\-.()]+", stem) if part and part.casefold() not in _NOISE]
    return words.clean(" ".join(part for part in parts if not part.isdigit()))


# ---------------------------------------------------------------- verbs


def receive(
    application: Application, uploads: "Iterable[File[bytes]]", *, read: Read, by: User, at: dt.datetime | None = None
) -> list[Outcome]:
    """Keep each PDF in a transaction of its own, so that one that is refused stops none of the others.

    A file with the content of an earlier one makes no second row: sending all of them again is harmless.
    """
    at = at or clock.now()
    return [_receive_one(application, upload, read=read, by=by, at=at) for upload in uploads]


def _receive_one(application: Application, upload: "File[bytes]", *, read: Read, by: User, at: dt.datetime) -> Outcome:
    name = clean_name(upload.name or "bestand")
    try:
        with transaction.atomic():
            fresh = lifecycle.open_draft(application, by=by, part=ItemPart.LETTERS)
            stored = store.store(upload, by=by, kind=FileKind.LETTER_PDF)
            _refuse_known(fresh, stored.sha256)
            return Outcome(name, _keep(fresh, stored, read=read, by=by, at=at))
    except _KnownAlready as error:
        return Outcome(name, error.upload, is_known=True)
    except DomainError as error:
        return Outcome(name, refusal=error.message)


class _KnownAlready(Exception):  # noqa: N818 - rolls a transaction back, is no error
    def __init__(self, upload: LetterUpload | None) -> None:
        self.upload = upload


def _refuse_known(application: Application, sha256: str) -> None:
    """Raise, and so undo the second copy, when this phase has the content already."""
    known = application.letter_uploads.filter(phase=application.phase, sha256=sha256).first()
    held = application.letters.filter(phase=application.phase, signed_file__blob_id=sha256).exists()
    if known is not None or held:
        raise _KnownAlready(known)


def _keep(application: Application, stored: StoredFile, *, read: Read, by: User, at: dt.datetime) -> LetterUpload:
    own = [application.applicant.enterprise_number]
    if application.beneficiary is not None:
        own.append(application.beneficiary.enterprise_number)
    found = clues(stored.name, read(store.read_bytes(stored)), leave_out=own)
    register = list(application.letters.filter(phase=application.phase).select_related("signed_file"))
    upload = LetterUpload(
        application=application, phase=application.phase, file=stored, sha256=stored.sha256, found_number=found.number,
        found_name=name_from(stored.name), uploaded_at=at, uploaded_by=by,
    )  # fmt: skip
    try:
        with transaction.atomic():
            upload.save()
    except IntegrityError as error:
        raise _KnownAlready(None) from error
    trail.record("letter.uploaded", application, by=by, changes={"name": stored.name, "sha256": stored.sha256}, at=at)
    paired = match(found, register)
    if paired is not None and paired.letter.is_signed:
        upload.found_name = paired.letter.company_name  # a signed letter is replaced by a person, never by a guess
        upload.found_number = paired.letter.enterprise_number
        upload.save(update_fields=["found_name", "found_number"])
    elif paired is not None:
        _join(upload, paired.letter, because=paired.because, by=by, at=at)
    return upload


def _join(upload: LetterUpload, letter: Letter, *, because: str, by: User, at: dt.datetime) -> None:
    letter.application = upload.application
    letters.put_file(letter, upload.file, by=by, at=at)
    upload.letter, upload.paired_because = letter, because
    upload.save(update_fields=["letter", "paired_because"])


def pair(upload: LetterUpload, letter: Letter, *, by: User, at: dt.datetime | None = None) -> LetterUpload:
    """A person says whose letter this is; it replaces the PDF that the letter had."""
    at = at or clock.now()
    with transaction.atomic():
        fresh = _open(upload, by=by)
        if letter.application_id != fresh.application_id or letter.phase != fresh.phase:
            raise DomainError("Die brief hoort niet bij deze fase van dit dossier. Kies een brief uit de lijst.")
        letters.refuse_confirmed(letter)
        _join(fresh, letter, because=f"Gekoppeld door {by}.", by=by, at=at)
    return fresh


def start_letter(upload: LetterUpload, *, company_name: str = "", by: User, at: dt.datetime | None = None) -> Letter:
    """A new row out of a PDF that has none: the name and number that the file shows; the rest is filled in afterwards."""
    at = at or clock.now()
    with transaction.atomic():
        fresh = _open(upload, by=by)
        name = words.clean(company_name) or fresh.found_name or PurePosixPath(fresh.file.name).stem
        letter = letters.add(
            fresh.application,
            by=by,
            at=at,
            company_name=name[:LONGEST_NAME],
            enterprise_number=fresh.found_number,
        )
        _join(fresh, letter, because=f"Nieuwe brief, gemaakt door {by}.", by=by, at=at)
    return letter


def start_all(application: Application, *, by: User, at: dt.datetime | None = None) -> tuple[list[Letter], list[str]]:
    """A new row for every PDF that waits; returns the letters, and a sentence for each PDF for which that could not be."""
    made, refused = [], []
    for upload in waiting(application):
        try:
            made.append(start_letter(upload, by=by, at=at))
        except DomainError as error:
            refused.append(f"{upload.file.name}: {error.message}")
    return made, refused


def discard(upload: LetterUpload, *, by: User, at: dt.datetime | None = None) -> None:
    """Take a PDF out that belongs to no letter; a paired one is taken out with its letter."""
    with transaction.atomic():
        fresh = _open(upload, by=by)
        changes = {"name": fresh.file.name, "sha256": fresh.sha256}
        application = fresh.application
        fresh.delete()
        trail.record("letter.upload_discarded", application, by=by, changes=changes, at=at)


def waiting(application: Application) -> list[LetterUpload]:
    """The PDFs of this phase that belong to no letter yet, oldest first."""
    found = _WAITING.all(application.pk, PhaseNumber(application.phase))
    for upload in found:
        upload.application = application
    return found


_WAITING: Statement[LetterUpload] = Statement(
    lambda application, phase: LetterUpload.objects.filter(
        application=application, phase=phase, letter__isnull=True
    ).select_related("file__blob")
)


def _open(upload: LetterUpload, *, by: User) -> LetterUpload:
    """The PDF again, under the dossier's lock, if it still waits."""
    application = lifecycle.open_draft(upload.application, by=by, part=ItemPart.LETTERS)
    drafts.refuse_other_phase(application, upload.phase)
    fresh = LetterUpload.objects.select_related("file", "letter").filter(pk=upload.pk).first()
    if fresh is None:
        raise DomainError("Dit bestand is ondertussen verwijderd. Laad de pagina opnieuw.")
    fresh.application = application
    if fresh.letter is not None:
        raise DomainError(f"Dit bestand is ondertussen al de brief van {fresh.letter.company_name}.")
    return fresh
