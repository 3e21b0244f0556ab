"""How a call words its notices: the portal says what has to be said, the call may say it in its own tone around that.

A wording has a subject and a body with placeholders in braces. `{kern}` stands for the portal's own text between greeting and
signature; it cannot be left out, so that no wording loses a deadline, an amount or a reason (NOT-01 ... NOT-08).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.db import transaction

from calls.enums import MailKind
from calls.models import Call, MailText
from ibnportal.core import clock
from ibnportal.core.accounts.models import User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError
from ibnportal.core.findings import Finding
from ibnportal.core.lifecycle import lock

CORE = "kern"
OF_THE_CALL = {
    CORE: "wat het portaal in dit bericht te zeggen heeft (verplicht)",
    "oproep": "de naam van de oproep",
    "contact": "het contactadres van de oproep",
}
OF_A_DOSSIER = {
    **OF_THE_CALL,
    "dossiernummer": "het nummer van het dossier",
    "initiatief": "de titel van het initiatief",
    "dossierlink": "het adres van het dossier in het portaal",
}
_WITHOUT_DOSSIER = frozenset(
    {
        MailKind.CALL_AMENDED, MailKind.PREDISCUSSION_ASKED, MailKind.PREDISCUSSION_PLANNED, MailKind.PREDISCUSSION_ADVISED,
        MailKind.ENQUIRY_ANSWERED,
    }
)  # fmt: skip
DEFAULT_BODY = "Beste\n\n{kern}\n\nMet vriendelijke groet\nHet team Innovatieve Bedrijfsnetwerken"
_UNKNOWN = "[Hier staat wat het portaal meldt, met de data, bedragen en redenen van dat dossier.]"
_BRACES = re.compile(r"\{([^{}]*)\}")
_LOOSE = re.compile(r"[{}]")
_GREETING = re.compile(r"\A\s*Beste[^\n]*\n+")
_SIGNATURE = re.compile(r"\n+(?:Met vriendelijke groet[\s\S]*|Het IBN-portaal)\s*\Z")


@dataclass(frozen=True, slots=True)
class Wording:
    """A subject and a body as they would go."""

    subject: str
    text: str


def placeholders(kind: str) -> Mapping[str, str]:
    """What this notice can name, with what each stands for."""
    return OF_THE_CALL if kind in _WITHOUT_DOSSIER else OF_A_DOSSIER


def check(kind: str, subject: str, body: str) -> list[Finding]:
    """What is wrong with a wording: an unknown placeholder, a loose brace, or no core; pure."""
    known = placeholders(kind)
    found = []
    for where, text in (("subject", subject), ("body", body)):
        for name in dict.fromkeys(_BRACES.findall(text)):
            if name not in known:
                listed = ", ".join(f"{{{each}}}" for each in known)
                found.append(
                    Finding("NOT-01", where, f"{{{name}}} bestaat niet in dit bericht. Gebruik enkel: {listed}.")
                )
        if _LOOSE.search(_BRACES.sub("", text)):
            found.append(
                Finding("NOT-01", where, "Er staat een losse accolade. Schrijf een veld volledig, zoals {oproep}.")
            )
    if f"{{{CORE}}}" in subject:
        found.append(Finding("NOT-01", "subject", "{kern} is een hele tekst; die past niet in een onderwerp."))
    if f"{{{CORE}}}" not in body:
        found.append(
            Finding(
                "NOT-01", "body", "Zet {kern} in de tekst: daar komt wat het portaal moet melden, met data en redenen."
            )
        )
    return found


def save(call: Call, kind: str, *, subject: str, body: str, by: User | None, reason: str = "") -> MailText:
    """Word this notice from now on; earlier versions stay. Once the call is out a reason is asked. Raises DomainError."""
    subject, body = subject.strip(), "\n".join(body.strip().splitlines())
    findings = check(kind, subject, body)
    if findings:
        raise DomainError("Deze tekst kan zo niet gebruikt worden.", findings=findings)
    with transaction.atomic():
        fresh = lock(call)
        last = current(fresh, kind)
        if last is not None and (last.subject, last.body) == (subject, body):
            return last
        if fresh.frozen_at is not None and not reason.strip():
            raise DomainError("Schrijf waarom deze tekst verandert: de oproep is al gepubliceerd.")
        saved = MailText.objects.create(
            call=fresh,
            kind=kind,
            version=1 if last is None else last.version + 1,
            subject=subject,
            body=body,
            reason=reason.strip(),
            saved_at=clock.now(),
            saved_by=by,
        )
        trail.record("call.mail_worded", fresh, by=by, changes={"kind": kind, "version": saved.version}, reason=reason)
    return saved


def current(call: Call, kind: str) -> MailText | None:
    """The wording in force, or None where the portal's own words go; one query."""
    return MailText.objects.filter(call=call, kind=kind).order_by("-version").first()


def in_force(call: Call) -> dict[str, MailText]:
    """Every wording of the call by its kind, for who writes many notices at once; one query."""
    rows = MailText.objects.filter(call=call).order_by("kind", "-version").distinct("kind")
    return {row.kind: row for row in rows}


def worded(
    call: Call,
    kind: str,
    subject: str,
    text: str,
    values: Mapping[str, str] | None = None,
    *,
    wordings: Mapping[str, MailText] | None = None,
) -> Wording:
    """The notice in the call's words: `subject` and `text` are the portal's own, `values` what a placeholder stands for.

    A notice that no call can word (`kind` is none of MailKind), or that this call does not, comes back as it was. `wordings`
    (of `in_force`) spares the query.
    """
    if kind not in MailKind.values:
        return Wording(subject, text)
    wording = current(call, kind) if wordings is None else wordings.get(kind)
    if wording is None:
        return Wording(subject, text)
    known = {"oproep": call.name, "contact": call.contact_email, CORE: core_of(text), **(values or {})}
    filled = _fill(wording.subject, known) if wording.subject else subject
    return Wording(" ".join(filled.split()), _fill(wording.body, known))


def core_of(text: str) -> str:
    """A notice without its greeting and its signature."""
    return _SIGNATURE.sub("", _GREETING.sub("", text)).strip()


Example = Callable[[Call], Wording]
"""A notice of the portal about a made-up dossier of this call."""

_examples: dict[str, Example] = {}


def register_example(kind: str, example: Example) -> None:
    """Let the app that sends this notice show it, so that an administrator reads the whole mail before it ever goes."""
    _examples[kind] = example


def sample(call: Call, kind: str, *, subject: str = "", body: str = "") -> Wording:
    """The wording as it would look, with an example for everything it names; without a body as the portal words it."""
    own = _examples[kind](call) if kind in _examples else Wording("[het onderwerp van het portaal]", _UNKNOWN)
    if not body:
        return own if kind in _examples else Wording(own.subject, _fill(DEFAULT_BODY, {CORE: _UNKNOWN}))
    examples = {
        CORE: core_of(own.text),
        "oproep": call.name,
        "contact": call.contact_email,
        "dossiernummer": f"IBN-{call.code}-001",
        "initiatief": "Voorbeeldinitiatief",
        "dossierlink": "https://…/dossiers/…",
    }
    return Wording(_fill(subject, examples) or own.subject, _fill(body, examples))


def as_it_goes(call: Call, kind: str) -> Wording:
    """This notice in the words that are in force, for a made-up dossier."""
    wording = current(call, kind)
    return sample(call, kind, **({} if wording is None else {"subject": wording.subject, "body": wording.body}))


def _fill(text: str, values: Mapping[str, str]) -> str:
    return _BRACES.sub(lambda found: str(values.get(found[1], "")), text)
