"""Questions about a call and their answers: anybody asks, the agency answers, everybody reads (ROL-18).

What is published is a question without its asker; the asker hears the answer by mail whether or not it is published.
"""

from django.db import transaction

from calls.domain import lifecycle, mail_texts
from calls.enums import CallState, EnquiryState, MailKind
from calls.models import Call, Enquiry
from ibnportal.core import clock
from ibnportal.core.accounts.models import User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError
from ibnportal.core.lifecycle import lock
from ibnportal.core.outbox import mail

_BY_LINK = "een bezoeker"


def ask(call: Call, *, question: str, email: str, name: str = "", by: User | None = None) -> Enquiry:
    """Keep a visitor's question, and tell the agency's mailbox that it is there. Raises DomainError when there is no call to ask about."""
    question = question.strip()
    if not question:
        raise DomainError("Schrijf uw vraag.")
    if call.state != CallState.PUBLISHED:
        raise DomainError("Over deze oproep kunnen geen vragen meer gesteld worden.")
    with transaction.atomic():
        enquiry = Enquiry.objects.create(
            call=call, question=question, asker_email=email, asker_name=name.strip(), asked_at=clock.now()
        )
        trail.record("enquiry.asked", enquiry, by=by or _BY_LINK)
        if call.contact_email:
            mail.send_later(
                key=f"enquiry:{enquiry.pk}:asked",
                to=call.contact_email,
                template="enquiry_asked",
                context={"call": call, "enquiry": enquiry, "url": mail.absolute(f"/behandeling/vragen/{enquiry.pk}/")},
                about=enquiry,
            )
    return enquiry


def answer(enquiry: Enquiry, *, text: str, by: User) -> Enquiry:
    """Answer the asker by mail; a corrected answer of one that was answered before goes out again. Raises DomainError."""
    text = text.strip()
    if not text:
        raise DomainError("Schrijf een antwoord.")
    with transaction.atomic():
        if enquiry.state in {EnquiryState.ASKED, EnquiryState.SET_ASIDE}:
            lifecycle.move_enquiry(
                enquiry, EnquiryState.ANSWERED, by=by, answer=text, answered_at=clock.now(), answered_by=by
            )
        else:
            fresh = lock(enquiry)
            if fresh.answer == text:
                return enquiry
            changes = {"answer": [fresh.answer, text]}
            for row in (fresh, enquiry):
                row.answer, row.answered_at, row.answered_by = text, clock.now(), by
            fresh.save(update_fields=["answer", "answered_at", "answered_by"])
            trail.record("enquiry.answer_corrected", fresh, by=by, changes=changes)
        _mail_answer(enquiry)
    return enquiry


def publish(enquiry: Enquiry, *, question: str, by: User) -> Enquiry:
    """Put question and answer on the page of the call; `question` as it may be read by all, without who asked.

    Raises DomainError while the asker's name or address stands in it, WrongState when there is no answer yet.
    """
    question = question.strip()
    if not question:
        raise DomainError("Schrijf de vraag zoals ze op de bladzijde van de oproep verschijnt.")
    lowered = f"{question} {enquiry.answer}".lower()
    if any(personal and personal.lower() in lowered for personal in (enquiry.asker_email, enquiry.asker_name)):
        raise DomainError(
            "De naam of het adres van de vraagsteller staat nog in de tekst. Haal dat weg voor u publiceert."
        )
    return lifecycle.move_enquiry(
        enquiry, EnquiryState.PUBLISHED, by=by, shown_question=question, published_at=clock.now(), published_by=by
    )  # fmt: skip


def withdraw(enquiry: Enquiry, *, by: User, reason: str = "") -> Enquiry:
    """Take a published question off the page; its answer stays on record."""
    return lifecycle.move_enquiry(
        enquiry, EnquiryState.ANSWERED, by=by, reason=reason, published_at=None, published_by=None
    )


def set_aside(enquiry: Enquiry, *, by: User, reason: str) -> Enquiry:
    """Leave a question without an answer (spam, or answered by telephone), with the reason."""
    if not reason.strip():
        raise DomainError("Schrijf waarom deze vraag geen antwoord krijgt.")
    return lifecycle.move_enquiry(enquiry, EnquiryState.SET_ASIDE, by=by, reason=reason.strip())


def _mail_answer(enquiry: Enquiry) -> None:
    call = enquiry.call
    url = mail.absolute(f"/oproepen/{call.code}/")
    subject, text, _ = mail.render("enquiry_answered", {"call": call, "enquiry": enquiry, "call_url": url})
    wording = mail_texts.worded(call, MailKind.ENQUIRY_ANSWERED, subject, text)
    mail.send_later(
        key=f"enquiry:{enquiry.pk}:answer:{trail.history(enquiry).count()}",
        to=enquiry.asker_email,
        template="notice",
        subject=wording.subject,
        context={"subject": wording.subject, "body": wording.text},
        about=enquiry,
    )
