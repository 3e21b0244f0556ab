"""Mail to the main applicant: composed, shown to the person who sends it, sent with the text that person approved.

Which notices exist is listed in the manual's chapter 5 (NOT-01 ... NOT-08); each has a template in `templates/mail/`. What
went is kept word for word with its mails (`SentNotice`). For a message that goes later, by the clock or with a release, a
person may write another text now (`write`); it goes only if the portal would then still say what it says today.
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction

from applications.models import Application, NoticeText, SentNotice
from calls.domain import mail_texts
from calls.enums import PhaseNumber
from calls.models import MailText
from ibnportal.core import clock
from ibnportal.core.accounts.models import OrganisationMembership, User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError
from ibnportal.core.files.models import StoredFile
from ibnportal.core.outbox import mail
from ibnportal.core.outbox.models import MailRecord, OutboxMessage

SENT_AS = "notice"

# What each kind of message is called on a page, by its template.
LABELS = {
    "receipt": "Ontvangstmelding",
    "screening_admissible": "Ontvankelijk",
    "screening_inadmissible": "Niet ontvankelijk",
    "supplement_asked": "Vraag om vervollediging",
    "supplement_reminder": "Herinnering aan de vervollediging",
    "supplement_answered": "Vervollediging ontvangen",
    "supplement_expired": "Termijn van de vervollediging voorbij",
    "pitch_invitation": "Uitnodiging voor de pitch",
    "pitch_cancelled": "Pitch vervalt",
    "committee_preselection": "Feedback over de vooraanmelding",
    "committee_decision": "Beslissing over de steun",
    "merged": "Samenvoeging",
    "merger_undone": "Samenvoeging ongedaan gemaakt",
}


@dataclass(frozen=True, slots=True)
class Notice:
    """A mail as it would go now."""

    to: tuple[str, ...]
    subject: str
    text: str
    template: str = ""
    composed_text: str = ""

    @property
    def was_edited(self) -> bool:
        """Whether a person's own text stands in place of the portal's."""
        return bool(self.composed_text) and self.composed_text != self.text


def recipients(*applications: Application) -> dict[int, tuple[str, ...]]:
    """Who hears for each main applicant: its legal representatives, and who made the dossier if still there. One query."""
    members: dict[int, list[OrganisationMembership]] = defaultdict(list)
    current = OrganisationMembership.objects.current().filter(
        organisation_id__in=[application.applicant_id for application in applications], user__is_active=True
    )
    for membership in current.select_related("user").order_by("user__email"):
        members[membership.organisation_id].append(membership)
    return {
        application.pk: tuple(
            dict.fromkeys(
                membership.user.email
                for membership in members[application.applicant_id]
                if membership.is_legal_representative or membership.user_id == application.created_by_id
            )
        )
        for application in applications
    }


def compose(
    application: Application,
    template: str,
    *,
    to: tuple[str, ...] | None = None,
    wordings: Mapping[str, MailText] | None = None,
    **context: Any,
) -> Notice:
    """The notice of `templates/mail/<template>.txt` about this dossier, in the words of its call where it has its own.

    `to` and `wordings` spare a query each to who asked `recipients` and `mail_texts.in_force` for many dossiers at once.
    """
    path = f"/dossiers/{application.number}/"
    values = {"application": application, "call": application.call, "dossier_url": mail.absolute(path), **context}
    subject, text, _ = mail.render(template, values)
    text = re.sub(r"\n{3,}", "\n\n", text).strip()
    subject, text = _in_words_of_the_call(application, template, subject, text, wordings)
    return Notice(recipients(application)[application.pk] if to is None else to, subject, text, template, text)


def _in_words_of_the_call(
    application: Application, template: str, subject: str, text: str, wordings: Mapping[str, MailText] | None
) -> tuple[str, str]:
    values = {
        "dossiernummer": application.number,
        "initiatief": application.title,
        "dossierlink": mail.absolute(f"/dossiers/{application.number}/"),
    }
    wording = mail_texts.worded(application.call, template, subject, text, values, wordings=wordings)
    return wording.subject, wording.text


def post(
    application: Application,
    notice: Notice,
    *,
    key: str,
    text: str = "",
    by: User | None = None,
    attachments: Sequence[StoredFile] = (),
) -> list[MailRecord]:
    """Put the notice in the outbox and keep it, with `text` instead of its own where the sender changed it.

    Without `text` a text that waits for this message goes, if it still fits. The same key sends nothing twice. Raises
    DomainError when the applicant has no address at all.
    """
    with transaction.atomic():
        going = replace(notice, text=text.strip()) if text.strip() else _with_own_text(application, notice)
        body = "\n".join(going.text.splitlines())
        mails = mail.send_later(
            key=key,
            to=going.to,
            template=SENT_AS,
            subject=going.subject,
            context={"subject": going.subject, "body": body},
            about=application,
            attachments=attachments,
        )
        keep(application, replace(going, text=body), key=key, mails=mails, by=by)
        NoticeText.objects.filter(application=application, template=going.template, used_at__isnull=True).update(
            used_at=clock.now()
        )
    return mails


def keep(
    application: Application, notice: Notice, *, key: str, mails: Sequence[MailRecord], by: User | None
) -> SentNotice:
    """Keep word for word what went, with the mails that carry it; the same key is kept once."""
    known = SentNotice.objects.filter(key=key).first()
    if known is not None:
        return known
    kept = SentNotice.objects.create(
        application=application,
        phase=PhaseNumber(application.phase),
        template=notice.template,
        key=key,
        to=list(notice.to),
        subject=" ".join(notice.subject.split()),
        text=notice.text,
        composed_text=notice.composed_text or notice.text,
        posted_at=clock.now(),
        posted_by=by,
    )
    kept.mails.set(mails)
    return kept


# ---------------------------------------------------------------- texts for later


def write(application: Application, notice: Notice, *, text: str, by: User) -> NoticeText | None:
    """Keep another text for a message that goes later; an empty one, or the portal's own, takes an earlier one away."""
    text = "\n".join(line.rstrip() for line in text.strip().splitlines())
    if by.belongs_to(application.applicant_id):
        raise DomainError("U hoort bij de aanvrager van dit dossier. Laat een collega de mail schrijven.")
    with transaction.atomic():
        NoticeText.objects.filter(application=application, template=notice.template, used_at__isnull=True).delete()
        changes = {"template": notice.template, "subject": notice.subject}
        if not text or text.split() == notice.composed_text.split():
            trail.record("notice.text_removed", application, by=by, changes=changes)
            return None
        written = NoticeText.objects.create(
            application=application,
            template=notice.template,
            text=text,
            based_on=_fingerprint(notice),
            written_at=clock.now(),
            written_by=by,
        )
        trail.record("notice.text_written", application, by=by, changes=changes)
    return written


def with_own_texts(pairs: Iterable[tuple[Application, Notice]]) -> list[Notice]:
    """The notices as they would go, with the texts that wait for them and still fit; one query for all."""
    pairs = list(pairs)
    waiting = {
        (row.application_id, row.template): row
        for row in NoticeText.objects.filter(
            application__in=[application.pk for application, _ in pairs], used_at__isnull=True
        )
    }
    return [_applied(notice, waiting.get((application.pk, notice.template))) for application, notice in pairs]


def outdated(application: Application, notice: Notice) -> NoticeText | None:
    """A text that waits for this message but was written over another one: it will not go, somebody has to look."""
    found = NoticeText.objects.filter(application=application, template=notice.template, used_at__isnull=True).first()
    return found if found is not None and found.based_on != _fingerprint(notice) else None


def _with_own_text(application: Application, notice: Notice) -> Notice:
    if notice.was_edited:
        return notice
    return with_own_texts([(application, notice)])[0]


def _applied(notice: Notice, own: NoticeText | None) -> Notice:
    if own is None or own.based_on != _fingerprint(notice):
        return notice
    return replace(notice, text=own.text)


def _fingerprint(notice: Notice) -> str:
    return hashlib.sha256((notice.composed_text or notice.text).encode()).hexdigest()


# ---------------------------------------------------------------- proof


@dataclass(frozen=True, slots=True)
class Proof:
    """One mail of a notice: to whom, under which Message-ID, when it left, or what keeps it."""

    to: str
    message_id: str
    sent_at: datetime | None
    attempts: int
    trouble: str
    attachments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """A notice as a page shows it, with the proof of each of its mails."""

    notice: SentNotice
    label: str
    proofs: tuple[Proof, ...]

    @property
    def is_sent(self) -> bool:
        """Whether every mail of it has left."""
        return all(proof.sent_at for proof in self.proofs)


def sent_to(application: Application) -> list[Kept]:
    """Every notice about the dossier, newest first, with its proof; four queries however many there are."""
    notices = list(application.notices.select_related("posted_by").prefetch_related("mails__attachments"))
    keys = [f"mail:{record.pk}" for notice in notices for record in notice.mails.all()]
    waiting = {message.key: message for message in OutboxMessage.objects.filter(key__in=keys)}
    return [
        Kept(
            notice,
            LABELS.get(notice.template, "Bericht"),
            tuple(_proof(record, waiting.get(f"mail:{record.pk}")) for record in notice.mails.all()),
        )
        for notice in notices
    ]


def _proof(record: MailRecord, message: OutboxMessage | None) -> Proof:
    error = message.last_error.strip().splitlines() if message is not None else []
    return Proof(
        to=record.to,
        message_id=record.message_id,
        sent_at=record.sent_at,
        attempts=message.attempts if message is not None else 0,
        trouble=error[-1] if error and record.sent_at is None else "",
        attachments=tuple(attachment.name for attachment in record.attachments.all()),
    )
