"""Mail to the main applicant: composed, shown to the person who sends it, sent with the text that person approved.

Which notices exist is listed in the manual's chapter 5 (NOT-02 ... NOT-08); each has a template in `templates/mail/`.
"""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from applications.models import Application
from calls.domain import mail_texts
from calls.models import MailText
from ibnportal.core.accounts.models import OrganisationMembership
from ibnportal.core.outbox import mail
from ibnportal.core.outbox.models import MailRecord

SENT_AS = "notice"


@dataclass(frozen=True, slots=True)
class Notice:
    """A mail as it would go now."""

    to: tuple[str, ...]
    subject: str
    text: str


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
    return Notice(recipients(application)[application.pk] if to is None else to, subject, text)


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


def post(application: Application, notice: Notice, *, key: str, text: str = "") -> list[MailRecord]:
    """Put the notice in the outbox, with `text` instead of its own where the sender changed it.

    The same key sends nothing twice. Raises DomainError when the applicant has no address at all.
    """
    body = "\n".join((text.strip() or notice.text).splitlines())
    return mail.send_later(
        key=key,
        to=notice.to,
        template=SENT_AS,
        subject=notice.subject,
        context={"subject": notice.subject, "body": body},
        about=application,
    )
