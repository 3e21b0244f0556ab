"""Mail: rendered when decided, recorded, sent through the outbox.

A template `templates/mail/<name>.txt` is plain text; its first line is the subject. Beside it there may be a
`<name>.html`; otherwise the text is set in the common layout.

A personal link is not kept in the record: `secret=("kind", "key")` puts a stand-in into the text, and what it stands for is
asked when the mail leaves, of the function that `reveals("kind")`.

Promise: one record per key and address, none lost, at most one duplicate per crash and then with the same Message-ID.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from email.utils import parseaddr
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import models, transaction
from django.template import Context, TemplateDoesNotExist
from django.template.loader import get_template, render_to_string
from django.utils.module_loading import autodiscover_modules

from ibnportal.core import clock
from ibnportal.core.audit.trail import stream_of
from ibnportal.core.errors import DomainError
from ibnportal.core.files import store
from ibnportal.core.files.models import StoredFile
from ibnportal.core.outbox import queue
from ibnportal.core.outbox.models import MailRecord

TOPIC = "mail.send"


def send_later(
    *,
    key: str,
    to: str | Sequence[str],
    template: str,
    context: Mapping[str, Any] | None = None,
    subject: str = "",
    about: models.Model | str | None = None,
    attachments: Sequence[StoredFile] = (),
    secret: tuple[str, str] | None = None,
) -> list[MailRecord]:
    """Render a mail now and send it after the commit: one to each address, so that nobody sees another's.

    `subject` replaces the template's first line. The same key and address again changes nothing. Raises DomainError when
    there is no address at all. With `secret` the template gets `{{ secret }}`: a stand-in of which only the mail that
    leaves knows the meaning.
    """
    addresses = [to] if isinstance(to, str) else list(to)
    if not addresses or not all(parseaddr(address)[1] for address in addresses):
        raise DomainError("Er is geen geldig e-mailadres om naartoe te schrijven.")
    hidden = None if secret is None else {"stand_in": f"geheim-{uuid4().hex}", "kind": secret[0], "key": secret[1]}
    values = {**(context or {}), **({"secret": hidden["stand_in"]} if hidden else {})}
    first_line, text, html = render(template, values)
    with transaction.atomic():
        return [
            _enqueue(
                f"{key}:{address.lower()}"[:200],
                address,
                (subject or first_line, text, html),
                about=about,
                attachments=attachments,
                hidden=hidden,
            )
            for address in dict.fromkeys(addresses)
        ]


def render(template: str, context: Mapping[str, Any]) -> tuple[str, str, str]:
    """(subject, text, html) of `templates/mail/<template>`; the text is not escaped, the html is."""
    values = {"portal_url": settings.SITE_URL, **context}
    source = get_template(f"mail/{template}.txt")
    rendered = source.template.render(Context(values, autoescape=False))  # type: ignore[attr-defined]
    first_line, _, text = rendered.strip().partition("\n")
    text = text.strip() + "\n"
    try:
        html = render_to_string(f"mail/{template}.html", values)
    except TemplateDoesNotExist:
        html = render_to_string("mail/_layout.html", {**values, "subject": first_line, "text": text})
    return first_line.strip(), text, html


def absolute(path: str) -> str:
    """The full address of a page, for a link in a mail or a PDF."""
    return f"{settings.SITE_URL.rstrip('/')}{path}"


def _enqueue(
    key: str,
    address: str,
    content: tuple[str, str, str],
    *,
    about: models.Model | str | None,
    attachments: Sequence[StoredFile],
    hidden: Mapping[str, str] | None,
) -> MailRecord:
    subject, text, html = content
    record = MailRecord(
        key=key,
        to=parseaddr(address)[1],
        subject=" ".join(subject.split())[:250],
        text=text,
        html=html,
        message_id=_message_id(key),
        about="" if about is None else stream_of(about),
        created_at=clock.now(),
    )
    MailRecord.objects.bulk_create([record], ignore_conflicts=True)
    record = MailRecord.objects.get(key=key)
    if attachments:
        record.attachments.add(*attachments)
    payload = {"mail": record.pk, **({"secret": hidden} if hidden else {})}
    queue.enqueue(TOPIC, key=f"mail:{record.pk}", payload=payload, subject=about)
    return record


Revealer = Callable[[str], str]
_revealers: dict[str, Revealer] = {}


def reveals(kind: str) -> Callable[[Revealer], Revealer]:
    """Register, in an app's `tasks.py`, the function that tells what a secret of this kind is, by its key."""

    def register(revealer: Revealer) -> Revealer:
        _revealers[kind] = revealer
        return revealer

    return register


def _reveal(hidden: Mapping[str, str], text: str) -> str:
    if hidden["kind"] not in _revealers:
        autodiscover_modules("tasks")
    return text.replace(hidden["stand_in"], _revealers[hidden["kind"]](hidden["key"]))


def deliver(mail_id: int, hidden: Mapping[str, str] | None = None) -> None:
    """Send a recorded mail unless it was sent; called by the outbox, inside its transaction."""
    record = MailRecord.objects.select_for_update(of=("self",), no_key=True).get(pk=mail_id)
    if record.sent_at is not None:
        return
    text, html = record.text, record.html
    if hidden:
        text, html = _reveal(hidden, text), _reveal(hidden, html)
    mail = EmailMultiAlternatives(
        subject=record.subject, body=text, to=[record.to], headers={"Message-ID": record.message_id}
    )
    if html:
        mail.attach_alternative(html, "text/html")
    for attachment in record.attachments.all():
        mail.attach(attachment.name, store.read_bytes(attachment), attachment.content_type)
    record.sent_at = clock.now()
    record.save(update_fields=["sent_at"])
    mail.send()


def _message_id(key: str) -> str:
    host = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:40]}@{host}>"
