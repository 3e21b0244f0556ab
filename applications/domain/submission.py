"""Handing in, taking out, and opening the second phase (manual 5.2.1, 5.3.1; P1-SUB-07, NOT-01, STA-10).

What stops a submission is only what can't be mended afterwards: too late, not the legal representative, or no draft.
Everything else is for the screening: the portal warns and a person decides.
"""

import datetime as dt
from types import SimpleNamespace

from django.db import transaction

from applications.domain import freezing, kpis, lifecycle, notices, snapshot, words
from applications.domain.drafts import moment
from applications.enums import DRAFT_STATES, ENDED_STATES, ApplicationState
from applications.models import Application, Submission, Withdrawal
from calls.domain.mail_texts import Wording
from calls.enums import PhaseNumber
from calls.models import Call, Phase
from ibnportal.core import clock
from ibnportal.core.accounts.models import User
from ibnportal.core.audit import trail
from ibnportal.core.canonical import digest
from ibnportal.core.errors import DomainError, NotAllowed, TooLate, WrongState
from ibnportal.core.lifecycle import lock
from ibnportal.core.outbox import mail, queue

# A request that arrived in time may take this long before the sweep looks at its dossier.
GRACE = dt.timedelta(minutes=2)
RECEIPT_TOPIC = "applications.receipt_pdf"
# Once decided, or with nothing left to take out.
NOT_WITHDRAWABLE = ENDED_STATES | {ApplicationState.REJECTED, ApplicationState.REVIEW_REQUESTED}


def submit(application: Application, *, by: User, received_at: dt.datetime) -> Submission:
    """Freeze the draft as a submission stamped `received_at`, the instant the request arrived, before any work (AMB-01).

    Raises NotAllowed when the person cannot bind the applicant, WrongState when it is no draft (any more), TooLate with
    both times after the deadline; the draft then stays as it was. Exactly one of two simultaneous attempts succeeds.
    """
    refuse_unless_representative(application, by)
    with transaction.atomic():
        fresh = lock(application)
        refuse_unless_draft(fresh)
        phase = PhaseNumber(fresh.phase)
        window = fresh.call.phase(phase)
        deadline_at = refuse_outside(window, received_at)
        content = freezing.take(fresh, phase, received_at=received_at, submitted_by=by)
        submission = Submission.objects.create(
            application=fresh,
            phase=phase,
            version=1,
            rules=fresh.call.current_rules(),
            received_at=received_at,
            deadline_at=deadline_at,
            submitted_by=by,
            snapshot=content,
            sha256=digest(content),
        )
        target = (
            ApplicationState.P1_SUBMITTED if phase == PhaseNumber.PRE_REGISTRATION else ApplicationState.P2_SUBMITTED
        )
        lifecycle.move(fresh, target, by=by, at=received_at)
        trail.record(
            "submission.received",
            fresh,
            by=by,
            changes={"phase": int(phase), "version": 1, "sha256": submission.sha256, "received_at": received_at},
            at=received_at,
        )
        _confirm(submission, by)
        queue.enqueue(
            RECEIPT_TOPIC, key=f"receipt:{submission.pk}", payload={"submission": submission.pk}, subject=fresh
        )
    application.refresh_from_db(fields=["state", "state_changed_at"])
    return submission


def refuse_unless_representative(application: Application, by: User) -> None:
    """Only a legal representative of the applicant submits; the message names who can (ROL-06, P2-ADM-05)."""
    if by.represents(application.applicant_id):
        return
    names = [person.full_name for person in application.applicant.legal_representatives()]
    who = (
        f"Dat kan: {', '.join(names)}."
        if names
        else "Er staat nog niemand zo geregistreerd; neem contact op met VLAIO."
    )
    raise NotAllowed(
        f"Alleen een rechtsgeldig vertegenwoordiger van {application.applicant} kan indienen. {who}",
        rule_id="P2-ADM-05",
    )


def refuse_unless_draft(application: Application) -> None:
    """A second submission of the same draft does not exist; the message says when the first came in."""
    if application.state in DRAFT_STATES:
        return
    last = application.submissions.order_by("-received_at").first()
    if last is not None and application.state in {ApplicationState.P1_SUBMITTED, ApplicationState.P2_SUBMITTED}:
        raise WrongState(
            f"Dit dossier is al ingediend, op {moment(last.received_at)} door {last.submitted_by}. Een tweede keer hoeft niet."
        )
    raise WrongState(f"Dit dossier staat op “{application.get_state_display()}” en kan niet ingediend worden.")


def refuse_outside(window: Phase, received_at: dt.datetime) -> dt.datetime:
    """P1-ADM-01, P2-ADM-02: the deadline; raises before the opening and after it, naming both times."""
    opens_at, closes_at = window.opens_at, window.closes_at
    rule_id = "P1-ADM-01" if window.number == PhaseNumber.PRE_REGISTRATION else "P2-ADM-02"
    if opens_at is None or closes_at is None:
        raise DomainError("Deze fase van de oproep heeft nog geen data. Indienen kan nog niet.")
    if received_at < opens_at:
        raise DomainError(f"Indienen kan vanaf {moment(opens_at)}; het is nu {moment(received_at)}.", rule_id=rule_id)
    if received_at > closes_at:
        raise TooLate(
            f"Uw aanvraag kwam binnen op {moment(received_at)}; het uiterste moment was {moment(closes_at)}. Ze is niet "
            "ingediend. Uw dossier blijft bewaard zoals het is.",
            rule_id=rule_id,
        )
    return closes_at


def withdraw(application: Application, *, by: User, reason: str, at: dt.datetime | None = None) -> Withdrawal:
    """Take the initiative out of the call, for good, with a reason (STA-10)."""
    at = at or clock.now()
    refuse_unless_representative(application, by)
    reason = words.clean(reason)
    if not reason:
        raise DomainError("Schrijf waarom u het initiatief terugtrekt.", rule_id="STA-10")
    with transaction.atomic():
        lifecycle.move(application, ApplicationState.WITHDRAWN, by=by, reason=reason, at=at)
        return Withdrawal.objects.create(application=application, at=at, by=by, reason=reason)


def can_be_withdrawn(application: Application) -> bool:
    """Whether there is something to take out."""
    return application.state not in NOT_WITHDRAWABLE


def open_full_dossier(application: Application, *, by: User, at: dt.datetime | None = None) -> Application:
    """Begin the full dossier of a preselected initiative, with the call's duration and its mandatory indicators.

    The companies' letters are asked for again: those of phase 1 stay where they are (P2-SUB-03).
    """
    at = at or clock.now()
    if not by.belongs_to(application.applicant_id):
        raise NotAllowed("Alleen mensen van de aanvrager kunnen de volledige aanvraag beginnen.")
    with transaction.atomic():
        fresh = lock(application)
        if fresh.state == ApplicationState.MERGED:
            raise WrongState(
                "Dit initiatief gaat verder in een ander dossier. De volledige aanvraag wordt daar uitgewerkt."
            )
        lifecycle.move(application, ApplicationState.P2_DRAFT, by=by, at=at)
        fresh = lock(application)
        if fresh.duration_months is None:
            fresh.duration_months = application.duration_months = fresh.call.rules().duration_months
            fresh.save(update_fields=["duration_months"])
        kpis.lay_out(fresh, by=by)
    return application


def close_unsubmitted(application: Application, *, by: User | None, at: dt.datetime | None = None) -> Application:
    """End an initiative that was preselected but did not hand in its full dossier before the deadline (STA-04).

    Raises DomainError while the phase is still open.
    """
    at = at or clock.now()
    closes_at = application.call.phase(PhaseNumber.FULL_DOSSIER).closes_at
    if closes_at is None or at <= closes_at:
        raise DomainError("De volledige aanvraag kan nog ingediend worden. Dit kan pas na het sluiten van de fase.")
    return lifecycle.move(application, ApplicationState.NOT_SUBMITTED, by=by, at=at)


def close_all_unsubmitted(*, at: dt.datetime | None = None) -> int:
    """Close every initiative that let the deadline of its full dossier pass; how many there were (STA-04).

    A little later than the deadline itself: a dossier whose request arrived in time may still be at work.
    """
    at = at or clock.now()
    waiting = Application.objects.in_state(
        ApplicationState.PRESELECTED, ApplicationState.MERGE_ADVISED, ApplicationState.P2_DRAFT
    ).filter(call__phases__number=PhaseNumber.FULL_DOSSIER, call__phases__closes_at__lt=at - GRACE)
    closed = 0
    for application in waiting:
        # One at a time: a dossier that is handed in meanwhile (its request arrived in time) stays as it is.
        try:
            close_unsubmitted(application, by=None, at=at)
        except WrongState:
            continue
        closed += 1
    return closed


def _confirm(submission: Submission, by: User) -> None:
    """P1-SUB-07, NOT-01: a mail to the main applicant, once for each submission and address."""
    dossier = snapshot.read(submission)
    application = submission.application
    people = [by.email, *(person.email for person in application.applicant.legal_representatives())]
    notice = notices.compose(
        application,
        "receipt",
        to=tuple(dict.fromkeys(people)),
        submission=submission,
        dossier=dossier,
        received=moment(submission.received_at),
        files=dossier.files(),
    )
    notices.post(application, notice, key=f"receipt:{submission.pk}")


def receipt_example(call: Call) -> Wording:
    """NOT-01: the receipt as the portal would word it for a made-up dossier of this call."""
    made_up = SimpleNamespace(
        title="Voorbeeldinitiatief", number=f"IBN-{call.code}-001", phase=int(PhaseNumber.PRE_REGISTRATION), call_name=call.name,
        applicant=SimpleNamespace(name="Voorbeeld vzw"), submitted_by=SimpleNamespace(name="An Peeters"),
    )  # fmt: skip
    rules = call.rules_versions.order_by("-version").first()
    context = {
        "dossier": made_up,
        "submission": SimpleNamespace(sha256=digest({"number": made_up.number})),
        "received": moment(clock.now()),
        "files": range(rules.frozen().min_letters(PhaseNumber.PRE_REGISTRATION) if rules is not None else 0),
    }
    subject, text, _ = mail.render("receipt", context)
    return Wording(subject, text)
