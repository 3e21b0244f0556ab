"""Pre-discussions (manual 5.1; PRE-01 ... PRE-03, DAT-02): asked before the pre-registration, planned, advised on record.

An idea is confidential: the asker's organisation and the case handlers see it, nobody else. A slot holds one idea; the database
says so. Advice binds neither side.
"""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.core.files.base import File
from django.db import IntegrityError, transaction

from calls.domain import lifecycle, mail_texts
from calls.enums import CallState, MailKind, MilestoneKind, PhaseNumber, PrediscussionState
from calls.models import Call, Prediscussion, PrediscussionSlot
from ibnportal.core import clock
from ibnportal.core.accounts.models import Organisation, User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError, NotAllowed, TooLate, WrongState
from ibnportal.core.files import store
from ibnportal.core.files.kinds import FileKind
from ibnportal.core.lifecycle import lock
from ibnportal.core.outbox import mail

S = PrediscussionState
_LIVE = (S.ASKED, S.PLANNED)


def refuse_unless_possible(call: Call, *, at: datetime) -> None:
    """Raise unless an idea of this call can still be talked through: before its pre-registrations close (PRE-01)."""
    if call.state != CallState.PUBLISHED or not call.prediscussion_intro:
        raise DomainError("Deze oproep neemt geen aanvragen voor een voorbespreking.", rule_id="PRE-01")
    closes_at = call.phases.filter(number=PhaseNumber.PRE_REGISTRATION).values_list("closes_at", flat=True).first()
    if closes_at is not None and at > closes_at:
        raise TooLate(
            f"Een voorbespreking gaat vooraf aan de vooraanmelding, en die sloot op {clock.local(closes_at):%d/%m/%Y om %H.%M} uur.",
            rule_id="PRE-01",
        )


def ask(
    call: Call,
    organisation: Organisation,
    *,
    title: str,
    idea: str,
    doubts: str,
    by: User,
    upload: "File[bytes] | None" = None,
    at: datetime | None = None,
) -> Prediscussion:
    """Ask to talk an idea through, with the filled template of the call if there is one (PRE-02). Mails the asker and the agency.

    One request an organisation at a time is not a rule: an organisation may have several ideas.
    """
    at = at or clock.now()
    if not by.belongs_to(organisation):
        raise NotAllowed("U kunt alleen een voorbespreking vragen voor een organisatie waar u bij hoort.")
    refuse_unless_possible(call, at=at)
    title, idea, doubts = title.strip(), idea.strip(), doubts.strip()
    if not (title and idea and doubts):
        raise DomainError(
            "Vul de werktitel, het idee en uw vragen in: zo kan de gesprekspartner zich voorbereiden.", rule_id="PRE-02"
        )
    with transaction.atomic():
        stored = store.store(upload, by=by, kind=FileKind.OFFICE_FILE) if upload is not None else None
        asked = Prediscussion.objects.create(
            call=call, organisation=organisation, title=title, idea=idea, doubts=doubts, file=stored, asked_at=at, asked_by=by
        )  # fmt: skip
        trail.record("prediscussion.asked", asked, by=by, changes={"title": title, "organisation": organisation}, at=at)
        _tell(asked, MailKind.PREDISCUSSION_ASKED, key="asked", to=[by.email])
        if call.contact_email:
            mail.send_later(
                key=f"prediscussion:{asked.pk}:agency",
                to=call.contact_email,
                template="prediscussion_received",
                context={"call": call, "prediscussion": asked, "url": _url(asked)},
                about=asked,
            )
    return asked


# ---------------------------------------------------------------- slots


def days_of(call: Call) -> list[date]:
    """The days on which the calendar of the call puts pre-discussions (DAT-02)."""
    days: list[date] = []
    for milestone in call.milestones.all():
        if milestone.kind == MilestoneKind.PREDISCUSSION and milestone.starts_on is not None:
            last = milestone.ends_on or milestone.starts_on
            days += [milestone.starts_on + timedelta(days=n) for n in range((last - milestone.starts_on).days + 1)]
    return sorted(set(days))


def lay_out_slots(
    call: Call, *, day: date, starts: time, ends: time, minutes: int, place: str, by: User
) -> list[PrediscussionSlot]:
    """Slots of equal length on one of the call's days; what does not fit whole is left out. Raises DomainError."""
    if day not in days_of(call):
        raise DomainError("Voorbesprekingen vallen op de dagen die de kalender van de oproep noemt.", rule_id="DAT-02")
    if minutes < 1 or starts >= ends:
        raise DomainError("Het begin moet voor het einde vallen, en een gesprek duurt minstens een minuut.")
    length = timedelta(minutes=minutes)
    at, end = (datetime.combine(day, hour, tzinfo=clock.BRUSSELS) for hour in (starts, ends))
    rows = []
    while at + length <= end:
        rows.append(PrediscussionSlot(call=call, starts_at=at, ends_at=at + length, place=place.strip()))
        at += length
    if not rows:
        raise DomainError(f"In die tijd past geen gesprek van {minutes} minuten.")
    with transaction.atomic():
        lock(call)
        taken = PrediscussionSlot.objects.filter(
            call=call, place=place.strip(), starts_at__lt=rows[-1].ends_at, ends_at__gt=rows[0].starts_at
        ).first()
        if taken is not None:
            raise DomainError(
                f"Op dat uur is er daar al een moment ({taken}). Kies een ander uur of een andere plaats."
            )
        made = PrediscussionSlot.objects.bulk_create(rows)
        changes = {"day": day, "count": len(made), "place": place}
        trail.record("call.prediscussion_slots_added", call, by=by, changes=changes)
    return made


def free_slots(call: Call, *, at: datetime) -> Any:
    """Those ahead that no idea has; in order."""
    return call.prediscussion_slots.filter(prediscussion__isnull=True, starts_at__gt=at).order_by("starts_at", "place")


def plan(
    prediscussion: Prediscussion, slot: PrediscussionSlot, *, by: User, at: datetime | None = None
) -> Prediscussion:
    """Give the idea a slot, or move it there, and invite its asker. The same slot again changes nothing and mails nobody.

    Raises DomainError when the slot is taken, past, or of another call; WrongState once there is advice.
    """
    at = at or clock.now()
    with transaction.atomic():
        fresh = lock(prediscussion)
        if fresh.slot_id == slot.pk and fresh.state == S.PLANNED:
            return prediscussion
        if fresh.state not in _LIVE:
            raise WrongState(
                f"Deze voorbespreking staat op “{fresh.get_state_display()}”; er is niets meer te plannen."
            )
        if slot.call_id != fresh.call_id:
            raise DomainError("Dit moment hoort bij een andere oproep.", rule_id="DAT-02")
        if slot.starts_at <= at:
            raise DomainError(f"Dit moment ({slot}) is al voorbij. Kies een later.", rule_id="DAT-02")
        try:
            with transaction.atomic():
                if fresh.state == S.ASKED:
                    lifecycle.move_prediscussion(fresh, S.PLANNED, by=by, slot=slot, planned_at=at, planned_by=by)
                else:
                    before = fresh.slot_id
                    fresh.slot, fresh.planned_at, fresh.planned_by = slot, at, by
                    fresh.save(update_fields=["slot", "planned_at", "planned_by"])
                    trail.record("prediscussion.moved", fresh, by=by, changes={"slot": [before, slot.pk]}, at=at)
        except IntegrityError as error:
            raise DomainError(
                f"Het moment {slot} is intussen aan een ander idee gegeven. Kies een ander.", rule_id="DAT-02"
            ) from error
        _tell(fresh, MailKind.PREDISCUSSION_PLANNED, key=f"planned:{slot.pk}:{at:%Y%m%d%H%M%S%f}")
    prediscussion.refresh_from_db()
    return prediscussion


def advise(prediscussion: Prediscussion, *, advice: str, by: User, at: datetime | None = None) -> Prediscussion:
    """Put the advice on record and send it to the asker (PRE-03). Advice is given once; a planned talk comes first."""
    at = at or clock.now()
    advice = advice.strip()
    if not advice:
        raise DomainError(
            "Schrijf het advies: het blijft bij het idee bewaard en gaat naar de aanvrager.", rule_id="PRE-03"
        )
    with transaction.atomic():
        fresh = lock(prediscussion)
        if fresh.slot is not None and at < fresh.slot.starts_at:
            raise WrongState(f"Het gesprek is pas op {fresh.slot}. Schrijf het advies daarna.", rule_id="PRE-03")
        lifecycle.move_prediscussion(prediscussion, S.ADVISED, by=by, advice=advice, advised_at=at, advised_by=by)
        _tell(prediscussion, MailKind.PREDISCUSSION_ADVISED, key="advised")
    return prediscussion


def withdraw(prediscussion: Prediscussion, *, by: User, reason: str = "") -> Prediscussion:
    """The asker, or the agency for them, calls it off; its slot is free again."""
    return lifecycle.move_prediscussion(
        prediscussion, S.WITHDRAWN, by=by, reason=reason.strip(), slot=None, planned_at=None, planned_by=None
    )


def _url(prediscussion: Prediscussion) -> str:
    return mail.absolute(f"/voorbesprekingen/{prediscussion.pk}/")


def _tell(prediscussion: Prediscussion, kind: MailKind, *, key: str, to: list[str] | None = None) -> None:
    call = prediscussion.call
    context = {
        "call": call,
        "prediscussion": prediscussion,
        "url": _url(prediscussion),
        "calendar_url": f"{_url(prediscussion)}afspraak.ics",
    }
    subject, text, _ = mail.render(kind.value, context)
    wording = mail_texts.worded(call, kind, subject, text)
    mail.send_later(
        key=f"prediscussion:{prediscussion.pk}:{key}",
        to=to or [prediscussion.asked_by.email],
        template="notice",
        subject=wording.subject,
        context={"subject": wording.subject, "body": wording.text},
        about=prediscussion,
    )
