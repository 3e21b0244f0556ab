"""Telling every applicant of a call that the call changed (PRG-22): all who still take part, each person once.

The call itself knows no applicants; it asks for the announcement through the outbox, in the transaction of the change.
"""

from collections import defaultdict

from applications.enums import ENDED_STATES
from applications.models import Application
from calls.domain import announcement
from calls.models import Amendment
from ibnportal.core.accounts.models import OrganisationMembership
from ibnportal.core.outbox import mail
from ibnportal.core.outbox.models import MailRecord


def announce(amendment: Amendment, *, message: str = "") -> list[MailRecord]:
    """Mail everybody of every organisation with a dossier in the call that has not ended, drafts first of all.

    One mail a person, however many dossiers; a second run sends nothing twice. `message` is the text that the sender wrote instead
    of the portal's.
    """
    call = amendment.call
    dossiers: dict[int, list[Application]] = defaultdict(list)
    for application in Application.objects.of_call(call).exclude(state__in=ENDED_STATES).order_by("number"):
        dossiers[application.applicant_id].append(application)
    people: dict[str, list[Application]] = defaultdict(list)
    members = OrganisationMembership.objects.current().filter(organisation_id__in=dossiers, user__is_active=True)
    for membership in members.select_related("user").order_by("user__email"):
        people[membership.user.email] += dossiers[membership.organisation_id]
    wording = announcement.compose(amendment)
    return [
        record
        for email, own in people.items()
        for record in _tell(amendment, email, own, subject=wording.subject, text=message or wording.text)
    ]


def _tell(
    amendment: Amendment, email: str, dossiers: list[Application], *, subject: str, text: str
) -> list[MailRecord]:
    own = announcement.addressed(text, ((dossier.number, dossier.title) for dossier in dossiers))
    return mail.send_later(
        key=f"amendment:{amendment.pk}",
        to=email,
        template="notice",
        subject=subject,
        context={"subject": subject, "body": own},
        about=amendment.call,
    )
