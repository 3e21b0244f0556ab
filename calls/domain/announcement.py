"""The mail about an amendment, in one text for all: read and changed before it goes, and filled in for each person (PRG-22)."""

import hashlib
from collections.abc import Iterable

from calls.domain import mail_texts
from calls.enums import MailKind
from calls.models import Amendment
from ibnportal.core.outbox import mail

DOSSIERS = "{dossiers}"
"""Where each person's own dossiers will stand."""


def compose(amendment: Amendment) -> mail_texts.Wording:
    """The mail as the portal and the call word it, with DOSSIERS for what differs from person to person."""
    call = amendment.call
    context = {
        "call": call,
        "amendment": amendment,
        "dossiers": DOSSIERS,
        "call_url": mail.absolute(f"/oproepen/{call.code}/"),
    }
    subject, text, _ = mail.render(MailKind.CALL_AMENDED.value, context)
    return mail_texts.worded(call, MailKind.CALL_AMENDED, subject, text)


def addressed(text: str, dossiers: Iterable[tuple[str, str]]) -> str:
    """That text for one person: the number and title of each of their dossiers where DOSSIERS stood."""
    return text.replace(DOSSIERS, "\n".join(f"- {number} {title}" for number, title in dossiers))


def says_otherwise(amendment: Amendment, message: str) -> bool:
    """Whether the sender's text is another than the portal's; an empty one is the portal's."""
    return bool(message.strip()) and _plain(message) != _plain(compose(amendment).text)


def mark(text: str) -> str:
    """What a page remembers of the text that was read, to see whether it would still be the same."""
    return hashlib.sha256(_plain(text).encode()).hexdigest()


def _plain(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip().splitlines())
