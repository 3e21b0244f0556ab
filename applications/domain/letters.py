"""The register of letters of intent (P1-LET-01 ... 10, TGT-03, TGT-12): checks, count and verbs.

The counter counts distinct, complete, Flemish, signed letters. What the machine cannot decide (an address outside
the Flemish Region may have an establishment inside it) is left to a person and named as such (AMB-06, AMB-25).
"""

import datetime as dt
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Generic, Protocol, TypeVar

from django.core.files.base import File
from django.db import IntegrityError, transaction

from applications.domain import drafts, letter_evidence, lifecycle, mergers, words
from applications.enums import ItemPart
from applications.models import Application, Letter
from calls.enums import PhaseNumber
from calls.ruleset import Rules
from ibnportal.core import clock, enterprise_numbers, places
from ibnportal.core.accounts.models import User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError, NotAllowed
from ibnportal.core.files import store
from ibnportal.core.files.kinds import FileKind
from ibnportal.core.files.models import StoredFile
from ibnportal.core.findings import Finding, Severity

FIELDS = (
    "company_name", "enterprise_number", "contact_name", "contact_email", "street", "postcode", "municipality",
    "declares_mandate", "declares_support", "declares_cofinancing", "motivation", "commitment_amount", "role",
)  # fmt: skip
# What goes along when a letter is asked for again: who the company is, never what it signed or declared (AMB-13).
COPIED = (
    "company_name", "enterprise_number", "contact_name", "contact_email", "street", "postcode", "municipality", "role",
)  # fmt: skip


# Overrides and isolates: invisible, and they would turn the text around them.
_DIRECTIONS = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b\ufeff")
# Not part of what a company is called.
LEGAL_FORMS = frozenset(("nv", "bv", "bvba", "cv", "cvba", "vzw", "sa", "srl", "sprl", "comm", "commv", "vof", "asbl"))


class LetterLike(Protocol):
    """A letter of a draft, or one in a snapshot."""

    @property
    def phase(self) -> int:
        """1 or 2."""

    @property
    def company_name(self) -> str:
        """Who signs."""

    @property
    def enterprise_number(self) -> str:
        """Ten digits, or nothing."""

    @property
    def contact_name(self) -> str:
        """Whom to call."""

    @property
    def street(self) -> str:
        """Of the establishment in Flanders."""

    @property
    def postcode(self) -> str:
        """Four digits."""

    @property
    def municipality(self) -> str:
        """Of the establishment."""

    @property
    def declares_mandate(self) -> bool:
        """P1-LET-04."""

    @property
    def declares_support(self) -> bool:
        """P1-LET-05."""

    @property
    def declares_cofinancing(self) -> bool:
        """P1-LET-06."""

    @property
    def is_signed(self) -> bool:
        """Whether the signed letter itself is there."""


# A row of the register is named too: the type checker does not see a model's columns as plain attributes.
AnyLetter = Letter | LetterLike
L = TypeVar("L", bound=AnyLetter)


# ---------------------------------------------------------------- one check a rule


def names_company_and_contact(letter: AnyLetter) -> list[Finding]:
    """P1-LET-01: the company's name and a contact person."""
    missing = []
    if not letter.company_name.strip():
        missing.append(Finding("P1-LET-01", "company_name", "De naam van de onderneming ontbreekt."))
    if not letter.contact_name.strip():
        missing.append(Finding("P1-LET-01", "contact_name", "De contactpersoon ontbreekt."))
    return missing


def gives_address(letter: AnyLetter) -> list[Finding]:
    """P1-LET-02: street, postcode and municipality."""
    if not (letter.street.strip() and letter.municipality.strip() and letter.postcode.strip()):
        return [Finding("P1-LET-02", "street", "Het adres is niet volledig: vul straat, postcode en gemeente in.")]
    if places.province_of(letter.postcode) is None:
        return [Finding("P1-LET-02", "postcode", places.explain(letter.postcode))]
    return []


def is_in_flanders(letter: AnyLetter) -> list[Finding]:
    """TGT-03: a pre-check on the postcode; elsewhere a person decides, for the seat may lie outside Flanders (AMB-06)."""
    province = places.province_of(letter.postcode)
    if province is None or province in places.FLEMISH:
        return []
    return [
        Finding(
            "TGT-03",
            "postcode",
            f"Postcode {letter.postcode} ligt in {province.label}, niet in het Vlaamse Gewest. Heeft de onderneming een "
            "vestiging in Vlaanderen, vul dan dat adres in. Anders telt de brief hier niet mee; VLAIO oordeelt erover.",
            Severity.WARNING,
        )
    ]


def gives_enterprise_number(letter: AnyLetter) -> list[Finding]:
    """P1-LET-03, TGT-04: a company is known by a number whose check digits are right; what is wrong is explained."""
    problem = enterprise_numbers.explain(letter.enterprise_number)
    return [Finding("P1-LET-03", "enterprise_number", problem)] if problem else []


def declares_mandate(letter: AnyLetter) -> list[Finding]:
    """P1-LET-04: the company mandates the applicant."""
    if letter.declares_mandate:
        return []
    what = (
        "om namens de groep bedrijven op te treden"
        if letter.phase == PhaseNumber.PRE_REGISTRATION
        else "om het project uit te voeren"
    )
    return [
        Finding("P1-LET-04", "declares_mandate", f"De verklaring dat de onderneming u mandateert {what} ontbreekt.")
    ]


def declares_support(letter: AnyLetter) -> list[Finding]:
    """P1-LET-05: the company knows and supports the proposal."""
    if letter.declares_support:
        return []
    what = "vooraanmelding" if letter.phase == PhaseNumber.PRE_REGISTRATION else "volledige aanvraag"
    return [
        Finding(
            "P1-LET-05", "declares_support", f"De verklaring dat de onderneming de {what} kent en steunt ontbreekt."
        )
    ]


def declares_cofinancing(letter: AnyLetter) -> list[Finding]:
    """P1-LET-06: the company knows how the co-financing works."""
    if letter.declares_cofinancing:
        return []
    return [
        Finding(
            "P1-LET-06",
            "declares_cofinancing",
            "De verklaring dat de onderneming de cofinancieringsprincipes kent ontbreekt.",
        )
    ]


def is_signed(letter: AnyLetter) -> list[Finding]:
    """P1-LET-07: the signed letter itself; whether the signature is right is for a person to see."""
    return (
        [] if letter.is_signed else [Finding("P1-LET-07", "signed_file", "De ondertekende brief (PDF) ontbreekt nog.")]
    )


CHECKS: tuple[Callable[[AnyLetter], list[Finding]], ...] = (
    names_company_and_contact,
    gives_address,
    is_in_flanders,
    gives_enterprise_number,
    declares_mandate,
    declares_support,
    declares_cofinancing,
    is_signed,
)


def findings(letter: AnyLetter, rules: Rules | None = None) -> list[Finding]:  # noqa: ARG001 - same minimum in both phases and every call (P1-LET-12)
    """Everything that keeps this letter from counting, in the order of the manual; empty when it counts."""
    return [finding for check in CHECKS for finding in check(letter)]


def obstacles(letter: AnyLetter) -> list[Finding]:
    """What only its own company can still add; an address outside Flanders is left to a person (AMB-06)."""
    return [finding for finding in findings(letter) if finding.severity == Severity.ERROR]


# ---------------------------------------------------------------- counting


@dataclass(frozen=True, slots=True)
class Judged(Generic[L]):
    """One letter with what it lacks."""

    letter: L
    findings: tuple[Finding, ...]

    @property
    def counts(self) -> bool:
        """Whether it is one of the counter's."""
        return not self.findings

    @property
    def awaits_person(self) -> bool:
        """Whether only a person can say whether it counts."""
        return bool(self.findings) and all(finding.severity == Severity.WARNING for finding in self.findings)


@dataclass(frozen=True, slots=True)
class Tally(Generic[L]):
    """The register of one phase, counted; `not_renewed` are companies of phase 1 that did not sign again (P2-SUB-03)."""

    needed: int
    judged: tuple[Judged[L], ...]
    not_renewed: tuple[L, ...] = ()

    @property
    def valid(self) -> int:
        """How many distinct, complete, Flemish, signed letters there are."""
        return sum(judged.counts for judged in self.judged)

    @property
    def awaiting(self) -> int:
        """How many more there would be if a person accepts their address."""
        return sum(judged.awaits_person for judged in self.judged)

    @property
    def incomplete(self) -> int:
        """How many lack something that the applicant can still add."""
        return len(self.judged) - self.valid - self.awaiting

    @property
    def short(self) -> int:
        """How many are still needed."""
        return max(0, self.needed - self.valid)

    @property
    def is_enough(self) -> bool:
        """Whether the machine counts enough letters."""
        return self.short == 0


def judge(letters: Iterable[L]) -> tuple[Judged[L], ...]:
    """Each letter with its findings; of several letters of one company the first complete one counts (TGT-12)."""
    letters = list(letters)
    seen: dict[str, L] = {}
    judged: list[Judged[L]] = []
    for letter in letters:
        found = findings(letter)
        first = seen.get(letter.enterprise_number) if letter.enterprise_number else None
        if first is not None:
            found.append(
                Finding(
                    "TGT-12",
                    "enterprise_number",
                    f"Deze onderneming staat er al met de brief van {first.company_name}; een onderneming telt één keer.",
                )
            )
        elif letter.enterprise_number:
            seen[letter.enterprise_number] = letter
        judged.append(Judged(letter, tuple(found)))
    return tuple(judged)


def count(letters: Iterable[L], *, needed: int, earlier: Iterable[L] = ()) -> Tally[L]:
    """The tally of the letters of one phase; `earlier` are those of the phase before."""
    letters = list(letters)
    again = {letter.enterprise_number for letter in letters if letter.enterprise_number}
    names = {_plain(letter.company_name) for letter in letters}
    missing = tuple(
        letter
        for letter in earlier
        if letter.enterprise_number not in again and _plain(letter.company_name) not in names
    )
    return Tally(needed=needed, judged=judge(letters), not_renewed=missing)


def combine(*registers: Iterable[L]) -> tuple[L, ...]:
    """The letters of initiatives that go on as one, each company once (P1-DEC-03, TGT-12).

    For a company in several registers the first letter that counts stays, else the first of all; so give the initiative
    that goes on first. A letter without a number is known by its company's name. Letters for two applicants stay what
    they are: which of them mandates the merged applicant, a person sees; phase 2 asks for new ones anyway (P2-SUB-03).
    """
    kept: dict[str, L] = {}
    for letter in (letter for register in registers for letter in register):
        key = letter.enterprise_number or f"name:{_plain(letter.company_name)}"
        if key not in kept or (findings(kept[key]) and not findings(letter)):
            kept[key] = letter
    return tuple(kept.values())


def in_both(*registers: Iterable[L]) -> frozenset[str]:
    """The enterprise numbers that stand in more than one of these registers: who signed for several initiatives (POS-04)."""
    seen: set[str] = set()
    again: set[str] = set()
    for register in registers:
        numbers = {letter.enterprise_number for letter in register if letter.enterprise_number}
        again |= seen & numbers
        seen |= numbers
    return frozenset(again)


def tally(application: Application, phase: int) -> Tally[Letter]:
    """The register of that phase as it stands now; companies of an initiative that went up in this one sign again too (P1-DEC-03)."""
    everything = list(application.letters.select_related("signed_file"))
    earlier = [letter for letter in everything if letter.phase < phase]
    joined = mergers.letters_of_joined(
        application, before=phase, known=[letter.enterprise_number for letter in earlier]
    )
    return count(
        [letter for letter in everything if letter.phase == phase],
        needed=application.call.rules().min_letters(phase),
        earlier=[*earlier, *joined],
    )


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())


def plain_name(name: str) -> str:
    """A company's name to compare by: without accents, capitals, punctuation and legal form ("D'Hondt & Zn. NV": "d hondt zn")."""
    bare = "".join(char for char in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(char))
    parts = "".join(char if char.isalnum() else " " for char in bare).split()
    return " ".join(part for part in parts if part not in LEGAL_FORMS) or " ".join(parts)


# ---------------------------------------------------------------- verbs


def add(application: Application, *, by: User, at: dt.datetime | None = None, **fields: Any) -> Letter:
    """A letter in the phase the draft is in. It may be incomplete; what is wrong in itself is refused (P1-LET-03, TGT-12)."""
    at = at or clock.now()
    with transaction.atomic():
        fresh = lifecycle.open_draft(application, by=by, part=ItemPart.LETTERS)
        letter = Letter(application=fresh, phase=fresh.phase, added_at=at, added_by=by)
        changed = fill(letter, fields)
        save(letter)
        trail.record("letter.added", fresh, by=by, changes={"letter": letter, **changed}, at=at)
    return letter


def change(letter: Letter, *, by: User, at: dt.datetime | None = None, **fields: Any) -> Letter:
    """Correct a letter of the draft; only what is given changes."""
    with transaction.atomic():
        application = lifecycle.open_draft(letter.application, by=by, part=ItemPart.LETTERS)
        drafts.refuse_other_phase(application, letter.phase)
        refuse_confirmed(letter)
        changed = fill(letter, fields)
        if changed:
            save(letter)
            trail.record("letter.changed", application, by=by, changes={"letter": letter, **changed}, at=at)
    return letter


def sign(letter: Letter, upload: "File[bytes]", *, by: User, at: dt.datetime | None = None) -> Letter:
    """Keep the signed letter as a PDF; a newer one replaces it (P1-LET-07)."""
    with transaction.atomic():
        application = lifecycle.open_draft(letter.application, by=by, part=ItemPart.LETTERS)
        drafts.refuse_other_phase(application, letter.phase)
        refuse_confirmed(letter)
        stored = store.store(upload, by=by, kind=FileKind.LETTER_PDF)
        put_file(letter, stored, by=by, at=at)
    return letter


def put_file(letter: Letter, stored: StoredFile, *, by: User | str | None, at: dt.datetime | None = None) -> None:
    """Make a stored PDF the signed letter, inside the caller's transaction and lock; the same PDF is one company's (P1-LET-07)."""
    application = letter.application
    before = letter.signed_file.sha256 if letter.signed_file is not None else None
    twin = (
        application.letters.filter(phase=letter.phase, signed_file__blob_id=stored.sha256).exclude(pk=letter.pk).first()
    )
    if twin is not None:
        raise DomainError(
            f"Precies dit bestand is al de brief van {twin.company_name}. Kies de brief van {letter.company_name}.",
            rule_id="P1-LET-07",
        )
    letter.signed_file = stored
    letter.save(update_fields=["signed_file"])
    letter_evidence.ask_for_check(stored)
    changes = {"letter": letter, "name": stored.name, "sha256": [before, stored.sha256]}
    trail.record("letter.signed", application, by=by, changes=changes, at=at)


def refuse_confirmed(letter: Letter) -> None:
    """What the company itself signed through its link is not changed by anybody else; raises NotAllowed."""
    letter.refresh_from_db(fields=["signed_online_at", "signed_online_by", "signed_file"])
    if letter.is_confirmed:
        raise NotAllowed(
            f"{letter.company_name} tekende deze brief zelf, via haar persoonlijke link. De inhoud ligt vast. Klopt er iets "
            "niet, verwijder de brief dan en nodig de onderneming opnieuw uit.",
            rule_id="P1-LET-07",
        )


def remove(letter: Letter, *, by: User, at: dt.datetime | None = None) -> None:
    """Take a letter out of the draft."""
    with transaction.atomic():
        application = lifecycle.open_draft(letter.application, by=by, part=ItemPart.LETTERS)
        drafts.refuse_other_phase(application, letter.phase)
        changes = {
            "letter": trail.stream_of(letter),
            "company_name": letter.company_name,
            "enterprise_number": letter.enterprise_number,
            "signed_online_by": letter.signed_online_by,
        }
        # Its link leads nowhere from now on, and says so.
        letter.invitations.open().update(revoked_at=at or clock.now(), revoked_by=by)
        letter.uploads.all().delete()
        letter.delete()
        trail.record("letter.removed", application, by=by, changes=changes, at=at)


def renew(earlier: Letter, *, by: User, into: Application | None = None, at: dt.datetime | None = None) -> Letter:
    """Start the phase-2 letter of a company that signed in phase 1: its data, not its signature or declarations (AMB-13).

    `into`: the initiative that goes on, where the letter was for one that merged into it (P1-DEC-03).
    """
    if earlier.phase != PhaseNumber.PRE_REGISTRATION:
        raise DomainError("Alleen een brief van de vooraanmelding kan overgenomen worden.")
    return add(into or earlier.application, by=by, at=at, **{name: getattr(earlier, name) for name in COPIED})


def fill(letter: Letter, fields: dict[str, Any]) -> dict[str, Any]:
    """Set the fields; returns what changed. Raises DomainError for what can never be right."""
    unknown = set(fields) - set(FIELDS)
    if unknown:
        raise TypeError(f"A letter has no {', '.join(sorted(unknown))}.")
    wanted: dict[str, Any] = {
        name: _typed(name, value) if isinstance(value, str) else value for name, value in fields.items()
    }
    number = wanted.get("enterprise_number", "")
    if number:
        wanted["enterprise_number"] = enterprise_numbers.parse(number)
    if wanted.get("company_name") == "":
        raise DomainError("Vul de naam van de onderneming in.", rule_id="P1-LET-01")
    amount: Decimal | None = wanted.get("commitment_amount")
    if amount is not None and amount < Decimal(0):
        raise DomainError("Een financieel engagement kan niet negatief zijn.", rule_id="P1-LET-09")
    changes: dict[str, Any] = {}
    for name, value in wanted.items():
        before = getattr(letter, name)
        if before != value:
            changes[name] = [before, value]
            setattr(letter, name, value)
    return changes


def _typed(name: str, value: str) -> str:
    """Cleaned text; a name holds no characters that turn the direction of what follows (letters of any script stay)."""
    text = words.clean(value)
    if name in {"company_name", "contact_name", "street", "municipality", "role"}:
        text = " ".join("".join(char for char in text if char not in _DIRECTIONS).split())
    return text


def save(letter: Letter) -> None:
    """Save; the database refuses a second letter of one company, and the message names the first."""
    others = Letter.objects.filter(application=letter.application, phase=letter.phase).exclude(pk=letter.pk)
    twin = others.filter(enterprise_number=letter.enterprise_number).first() if letter.enterprise_number else None
    if twin is None:
        try:
            with transaction.atomic():
                letter.save()
        except IntegrityError:
            twin = others.filter(enterprise_number=letter.enterprise_number).first()
            if twin is None:
                raise
        else:
            return
    raise DomainError(
        f"Het nummer {enterprise_numbers.format(letter.enterprise_number)} staat al bij de brief van {twin.company_name}. "
        "Een onderneming telt één keer per fase: pas die brief aan in plaats van een tweede toe te voegen.",
        rule_id="TGT-12",
    )
