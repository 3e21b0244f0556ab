"""The register of complaints about the handling (REV-03): written, oral or electronic, at any time; each with its dates, its handler and its answer."""

from datetime import datetime

from django.db import transaction

from applications.models import Application
from evaluation.domain import independence, lifecycle
from evaluation.enums import ComplaintChannel, ComplaintState
from evaluation.models import Complaint
from ibnportal.core import clock
from ibnportal.core.accounts.enums import Role
from ibnportal.core.accounts.models import User
from ibnportal.core.audit import trail
from ibnportal.core.db import advisory_turn
from ibnportal.core.errors import DomainError, NotAllowed
from ibnportal.core.findings import Finding
from ibnportal.core.lifecycle import lock
from ibnportal.core.outbox import mail


def file(*, subject: str, text: str, application: Application | None, by: User) -> Complaint:
    """Somebody with an account complains through the portal; a receipt with the number goes out."""
    return _enter(
        channel=ComplaintChannel.PORTAL, received_at=clock.now(), name=by.full_name or by.email, email=by.email,
        subject=subject, text=text, application=application, made_by=by, by=by,
    )  # fmt: skip


def register(
    *,
    channel: str,
    received_at: datetime,
    complainant_name: str,
    complainant_email: str,
    subject: str,
    text: str,
    application: Application | None,
    by: User,
) -> Complaint:
    """The case team enters a complaint that came by letter, mail or word of mouth, with the day on which it came."""
    if received_at > clock.now():
        raise DomainError(
            "Een klacht kan niet in de toekomst ontvangen zijn.",
            rule_id="REV-03",
            findings=[Finding("REV-03", "received_on", "Kies een dag die voorbij is.")],
        )
    return _enter(
        channel=ComplaintChannel(channel), received_at=received_at, name=complainant_name, email=complainant_email,
        subject=subject, text=text, application=application, made_by=None, by=by,
    )  # fmt: skip


def take_in_hand(complaint: Complaint, *, handler: User, by: User) -> Complaint:
    """Give a complaint to somebody of the case team who had no hand in the dossier that it is about."""
    if not handler.has_role(Role.CASE_HANDLER, Role.SECRETARY):
        raise DomainError(f"{handler} is geen dossierbehandelaar of secretaris.", rule_id="REV-03")
    _refuse_involved(complaint, handler)
    with transaction.atomic():
        return lifecycle.move_complaint(
            complaint, ComplaintState.IN_HAND, by=by, handler=handler, assigned_at=clock.now()
        )


def answer(complaint: Complaint, *, text: str, by: User) -> Complaint:
    """The handler answers; the answer is mailed to whoever left an address and stays on the register."""
    text = text.strip()
    if not text:
        raise DomainError(
            "Schrijf het antwoord.", rule_id="REV-03", findings=[Finding("REV-03", "answer", "Schrijf het antwoord.")]
        )
    with transaction.atomic():
        fresh = lock(complaint)
        if fresh.handler_id != by.pk:
            raise NotAllowed("Alleen wie de klacht behandelt, beantwoordt ze.", rule_id="REV-03")
        lifecycle.move_complaint(complaint, ComplaintState.ANSWERED, by=by, answer=text, answered_at=clock.now())
        _tell(complaint, "complaint_answered")
    return complaint


def _enter(
    *,
    channel: ComplaintChannel,
    received_at: datetime,
    name: str,
    email: str,
    subject: str,
    text: str,
    application: Application | None,
    made_by: User | None,
    by: User,
) -> Complaint:
    name, subject, text = name.strip(), " ".join(subject.split()), text.strip()
    found = [
        Finding("REV-03", field, message)
        for field, value, message in (
            ("complainant_name", name, "Noteer wie klaagt."),
            ("subject", subject, "Vat de klacht in één regel samen."),
            ("text", text, "Schrijf de klacht uit."),
        )
        if not value
    ]
    if found:
        raise DomainError("De klacht kan zo niet ingeschreven worden.", rule_id="REV-03", findings=found)
    with transaction.atomic():
        complaint = Complaint.objects.create(
            number=_next_number(received_at), channel=channel, received_at=received_at, complainant_name=name, complainant_email=email, subject=subject,
            text=text, application=application, made_by=made_by, registered_by=by, state_changed_at=clock.now(),
        )  # fmt: skip
        trail.record("complaint.received", complaint, by=by, changes={"channel": channel})
        _tell(complaint, "complaint_received")
    return complaint


def _next_number(received_at: datetime) -> str:
    """`KL-2026-003`: one row of numbers a year, without gaps, whoever else registers at that moment."""
    year = clock.local(received_at).year
    advisory_turn(f"complaints:{year}")
    return f"KL-{year}-{Complaint.objects.filter(number__startswith=f'KL-{year}-').count() + 1:03d}"


def _refuse_involved(complaint: Complaint, handler: User) -> None:
    deed = independence.involvement(complaint.application, handler) if complaint.application is not None else ""
    if not deed and complaint.made_by_id == handler.pk:
        deed = "diende de klacht zelf in"
    if deed:
        raise DomainError(
            f"{handler} {deed} en kan deze klacht niet behandelen.",
            rule_id="REV-03",
            findings=[Finding("REV-03", "handler", f"Deze persoon {deed}.")],
        )


def _tell(complaint: Complaint, template: str) -> None:
    if complaint.complainant_email:
        url = mail.absolute(f"/klachten/{complaint.pk}/") if complaint.made_by_id else ""
        mail.send_later(
            key=f"complaint:{complaint.pk}:{template}", to=complaint.complainant_email, template=template,
            context={"complaint": complaint, "complaint_url": url}, about=complaint,
        )  # fmt: skip
