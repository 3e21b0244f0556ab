"""Pitch days (manual 5.2.3; P1-PIT-01 ... 04, DAT-04, AMB-27): a slot, an invitation, notes on four topics.

A pitch is planned, moved and swapped in silence; `invite` tells the applicant where it stands. No slot twice and no
initiative twice: the database holds that, this module says it in words.
"""

from collections.abc import Mapping

from django.db import IntegrityError, transaction
from django.db.models import BigIntegerField, Case, QuerySet, When

from applications.domain import lifecycle as application_lifecycle
from applications.domain import notices, screening
from applications.enums import ApplicationState
from applications.models import Application
from calls.models import Call, PitchSlot
from evaluation.models import Pitch
from ibnportal.core import clock, icalendar
from ibnportal.core.accounts.models import User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError, NotAllowed, WrongState
from ibnportal.core.files import store
from ibnportal.core.files.kinds import FileKind
from ibnportal.core.findings import Finding
from ibnportal.core.lifecycle import lock
from ibnportal.core.outbox import mail
from ibnportal.core.ui import formats

# P1-PIT-02: what the notes are about, in the order of the manual.
TOPICS: dict[str, str] = {
    "notes_support": "Voortraject en gedragenheid",
    "notes_objectives": "Doelstellingen en activiteiten",
    "notes_positioning": "Positionering en complementariteit",
    "notes_fit": "Aansluiting bij de oproep en het beleid",
}


def place_of(application: Application, slot: PitchSlot) -> str:
    """Building and room."""
    return ", ".join(part for part in (application.call.pitch_location, slot.room) if part)


def appointment(pitch: Pitch) -> icalendar.Appointment:
    """The talk as it stands in an agenda: as it was told last (planned, while nobody was told), or that it falls away."""
    application, slot = pitch.application, pitch.slot
    starts_at, ends_at, room = pitch.invited_starts_at, pitch.invited_ends_at, pitch.invited_room
    if slot is not None and pitch.invited_at is None:
        starts_at, ends_at, room = slot.starts_at, slot.ends_at, slot.room
    if starts_at is None or ends_at is None:
        raise WrongState("Deze pitch heeft geen moment.")
    return icalendar.Appointment(
        uid=f"pitch-{pitch.pk}@ibn-portaal",
        summary=f"Pitch {application.number} {application.title}",
        starts_at=starts_at,
        ends_at=ends_at,
        stamped_at=pitch.cancelled_at or pitch.invited_at or pitch.booked_at,
        sequence=pitch.sequence,
        location=", ".join(part for part in (application.call.pitch_location, room) if part),
        description=mail.absolute(f"/dossiers/{application.number}/"),
        is_cancelled=pitch.is_cancelled,
    )


def invitation(
    application: Application, slot: PitchSlot, *, is_first_news: bool, to: tuple[str, ...] | None = None
) -> notices.Notice:
    """The mail with the exact time (NOT-03); as first news it also says that the dossier is admissible (AMB-27)."""
    template = "screening_admissible" if is_first_news else "pitch_invitation"
    return notices.compose(
        application,
        template,
        to=to,
        phase=application.phase,
        slot=slot,
        location=place_of(application, slot),
        calendar_url=mail.absolute(f"/dossiers/{application.number}/pitch.ics"),
    )


def admit(application: Application, slot: PitchSlot, *, by: User, message: str = "") -> Pitch:
    """Declare a pre-registration admissible and give it its slot, with one mail that says both (AMB-27, P1-PIT-03)."""
    with transaction.atomic():
        screening.conclude(application, admissible=True, by=by, notify=False)
        pitch = _take(application, slot, by=by)
        notice = invitation(application, slot, is_first_news=True)
        _tell(pitch, notice, key=f"screening:{application.pk}:{application.phase}", by=by, message=message)
    return pitch


def book(application: Application, slot: PitchSlot, *, by: User, message: str = "") -> Pitch:
    """Give an admissible pre-registration this slot, or move it there, and invite it (P1-PIT-01, P1-PIT-03).

    The same slot again changes nothing and mails nobody.
    """
    with transaction.atomic():
        known = Pitch.objects.select_related("slot").filter(application=application, slot=slot).first()
        if known is not None and known.is_told and known.invited_at is not None:
            return known
        pitch = known or _take(application, slot, by=by)
        invite(pitch, by=by, message=message)
    return pitch


# ---------------------------------------------------------------- planning, silently


def plan(application: Application, slot: PitchSlot, *, by: User) -> Pitch:
    """Give the dossier this slot, or move it there, without telling anybody yet: `invite` does that."""
    with transaction.atomic():
        known = Pitch.objects.select_related("slot").filter(application=application, slot=slot).first()
        return known or _take(application, slot, by=by)


def plan_all(call: Call, *, among: "QuerySet[Application]", by: User) -> list[Pitch]:
    """Every admissible dossier without a slot gets the next free one, in the order of their numbers; none is told yet.

    What finds no slot keeps waiting.
    """
    planned = []
    with transaction.atomic():
        waiting = among.filter(call=call, state=ApplicationState.P1_ADMISSIBLE).exclude(pitch__slot__isnull=False)
        free = list(free_slots(call))
        for application, slot in zip(waiting.order_by("number"), free, strict=False):
            planned.append(_take(application, slot, by=by))
    return planned


def free_slots(call: Call) -> "QuerySet[PitchSlot]":
    """Slots ahead that nobody has, in time order."""
    ahead = PitchSlot.objects.filter(call=call, starts_at__gt=clock.now(), pitches__isnull=True)
    return ahead.order_by("starts_at", "room")


def swap(one: Pitch, other: Pitch, *, by: User) -> None:
    """Two initiatives trade slots, in one statement; neither is told yet. Raises WrongState where one of them is over."""
    if one.pk == other.pk:
        raise DomainError("Kies twee verschillende initiatieven om te wisselen.", rule_id="P1-PIT-03")
    if one.application.call_id != other.application.call_id:
        raise DomainError("Wisselen kan alleen binnen één oproep.", rule_id="P1-PIT-03")
    with transaction.atomic():
        for application in sorted((one.application, other.application), key=lambda row: row.pk):
            _refuse_own(lock(application), by)
        rows = {
            row.pk: row
            for row in Pitch.objects.select_related("slot", "application")
            .select_for_update(of=("self",), no_key=True)
            .filter(pk__in=(one.pk, other.pk))
            .order_by("pk")
        }
        first, second = rows[one.pk], rows[other.pk]
        for row in (first, second):
            _refuse_unmovable(row)
        now = clock.now()
        slots = Case(When(pk=first.pk, then=second.slot_id), default=first.slot_id, output_field=BigIntegerField())
        Pitch.objects.filter(pk__in=(first.pk, second.pk)).update(slot_id=slots, booked_at=now, booked_by=by)
        for row, with_row in ((first, second), (second, first)):
            changes = {"slot": [row.slot_id, with_row.slot_id], "with": with_row.application.number}
            trail.record("pitch.booked", row.application, by=by, changes=changes)
    one.refresh_from_db()
    other.refresh_from_db()


def cancel(pitch: Pitch, *, reason: str, by: User, message: str = "") -> Pitch:
    """The pitch falls away and its slot is free again; who was invited hears it, with a calendar file that says so."""
    reason = reason.strip()
    if not reason:
        raise DomainError(
            "Schrijf waarom de pitch vervalt.",
            rule_id="P1-PIT-03",
            findings=[Finding("P1-PIT-03", "reason", "Geef een reden.")],
        )
    with transaction.atomic():
        _refuse_own(lock(pitch.application), by)
        fresh = _locked(pitch)
        if fresh.held_at is not None or fresh.slot is None:
            raise WrongState("Deze pitch is al gehouden of al vervallen.")
        before, was_told = fresh.slot, fresh.invited_at is not None
        fresh.slot = None
        fresh.cancelled_at, fresh.cancelled_by, fresh.cancel_reason = clock.now(), by, reason
        fresh.save(update_fields=["slot", "cancelled_at", "cancelled_by", "cancel_reason"])
        trail.record("pitch.cancelled", fresh.application, by=by, changes={"slot": [before.pk, None]}, reason=reason)
        if was_told:
            notice = cancellation(fresh, reason=reason)
            if notice.to:
                _post(
                    fresh,
                    notice,
                    key=f"pitch-cancelled:{fresh.application_id}:{fresh.sequence + 1}",
                    by=by,
                    message=message,
                )
    pitch.refresh_from_db()
    return pitch


def cancellation(pitch: Pitch, *, reason: str) -> notices.Notice:
    """The mail that says that the pitch does not take place."""
    return notices.compose(pitch.application, "pitch_cancelled", starts_at=pitch.invited_starts_at, reason=reason)


# ---------------------------------------------------------------- telling


def to_tell(call: Call, *, among: "QuerySet[Application]") -> list[Pitch]:
    """Planned or moved pitches that their applicants do not know of yet, in time order; one query."""
    planned = Pitch.objects.filter(
        application__in=among, application__call=call, slot__isnull=False, held_at__isnull=True
    ).select_related("slot", "application__call", "application__applicant")
    return [pitch for pitch in planned.order_by("slot__starts_at", "slot__room") if not pitch.is_told]


def invite(pitch: Pitch, *, by: User, message: str = "") -> Pitch:
    """Tell the applicant the exact time, with a calendar file that replaces an earlier one (NOT-03).

    What the applicant already knows is not told again.
    """
    with transaction.atomic():
        application = lock(pitch.application)
        _refuse_own(application, by)
        fresh = _locked(pitch)
        _refuse_unmovable(fresh)
        if fresh.slot is None or fresh.is_told:
            return pitch
        notice = invitation(application, fresh.slot, is_first_news=False)
        _tell(fresh, notice, key=f"pitch:{application.pk}:{fresh.sequence + 1}", by=by, message=message)
    pitch.refresh_from_db()
    return pitch


def _tell(pitch: Pitch, notice: notices.Notice, *, key: str, by: User, message: str) -> None:
    """Write what the applicant now knows, and send it."""
    slot = pitch.slot
    if slot is None:
        raise WrongState("Deze pitch heeft geen moment.")
    pitch.invited_at, pitch.invited_starts_at, pitch.invited_ends_at = clock.now(), slot.starts_at, slot.ends_at
    pitch.invited_room = slot.room
    pitch.save(update_fields=["invited_at", "invited_starts_at", "invited_ends_at", "invited_room"])
    trail.record("pitch.invited", pitch.application, by=by, changes={"starts_at": slot.starts_at, "room": slot.room})
    _post(pitch, notice, key=key, by=by, message=message)


def _post(pitch: Pitch, notice: notices.Notice, *, key: str, by: User, message: str) -> None:
    """One more message about this appointment: the calendar file carries its number."""
    pitch.sequence += 1
    pitch.save(update_fields=["sequence"])
    stored = store.store_bytes(
        icalendar.calendar_file(appointment(pitch)),
        name=f"pitch-{pitch.application.number}.ics",
        kind=FileKind.GENERATED_ICS,
        by=None,
    )
    notices.post(pitch.application, notice, key=key, text=message, by=by, attachments=[stored])


# ---------------------------------------------------------------- parts


def _refuse_own(application: Application, by: User) -> None:
    if by.belongs_to(application.applicant_id):
        raise NotAllowed(
            "U hoort bij de aanvrager van dit dossier. Laat een collega de pitch plannen.", rule_id="P2-EVA-03"
        )


def _locked(pitch: Pitch) -> Pitch:
    return (
        Pitch.objects.select_related("slot", "application__call")
        .select_for_update(of=("self",), no_key=True)
        .get(pk=pitch.pk)
    )


def _refuse_unmovable(pitch: Pitch) -> None:
    """A pitch that is over, held or cancelled stays where it is, and so does that of a dossier that went another way."""
    application = pitch.application
    if pitch.slot is None or pitch.held_at is not None or application.state != ApplicationState.P1_ADMISSIBLE:
        raise WrongState(
            f"De pitch van {application.number} kan niet meer verplaatst worden: het dossier staat op "
            f"“{application.get_state_display()}”.",
            rule_id="P1-PIT-01",
        )
    if pitch.slot.starts_at <= clock.now():
        raise WrongState(
            f"De pitch van {application.number} begon al op {formats.moment(pitch.slot.starts_at)}. Verplaatsen kan niet meer.",
            rule_id="P1-PIT-03",
        )


def _take(application: Application, slot: PitchSlot, *, by: User) -> Pitch:
    """Write the booking under the lock of the dossier; two people at one slot meet the database's unique key."""
    fresh = lock(application)
    _refuse_own(fresh, by)
    if fresh.state != ApplicationState.P1_ADMISSIBLE:
        raise WrongState(
            "Alleen een ontvankelijke vooraanmelding krijgt een pitchmoment; "
            f"dit dossier staat op “{fresh.get_state_display()}”.",
            rule_id="P1-PIT-01",
        )
    if slot.call_id != fresh.call_id:
        raise DomainError("Dit pitchmoment hoort bij een andere oproep. Kies er een van deze oproep.", rule_id="DAT-04")
    now = clock.now()
    if slot.starts_at <= now:
        raise DomainError(
            f"Dit pitchmoment ({formats.moment(slot.starts_at)}) is al voorbij. Kies een later moment.",
            rule_id="P1-PIT-03",
        )
    pitch = Pitch.objects.select_for_update(of=("self",), no_key=True).filter(application=fresh).first()
    before = None if pitch is None else pitch.slot_id
    if pitch is None:
        pitch = Pitch(application=fresh)
    if pitch.held_at is not None:
        raise WrongState("Deze pitch is al gehouden.", rule_id="P1-PIT-03")
    pitch.slot, pitch.booked_at, pitch.booked_by = slot, now, by
    pitch.cancelled_at = pitch.cancelled_by = None
    pitch.cancel_reason = ""
    try:
        with transaction.atomic():
            pitch.save()
    except IntegrityError as error:
        raise DomainError(
            f"Het moment van {formats.moment(slot.starts_at)} is intussen aan een ander initiatief gegeven. Kies een ander.",
            rule_id="P1-PIT-03",
        ) from error
    trail.record("pitch.booked", fresh, by=by, changes={"slot": [before, slot.pk], "starts_at": slot.starts_at})
    return pitch


# ---------------------------------------------------------------- the talk itself


class NotesConflict(DomainError):  # noqa: N818 - reads as a sentence where it is raised
    """A colleague saved other notes of the same talk since the page was opened."""

    def __init__(self, current: Pitch) -> None:
        super().__init__(
            f"{current.noted_by} bewaarde intussen andere notities. Ze staan naast de uwe: voeg samen en bewaar opnieuw."
        )
        self.current = current


def note(pitch: Pitch, *, notes: Mapping[str, str], version: int, by: User) -> Pitch:
    """Keep notes while the talk goes on, as they are typed; raises NotesConflict where a colleague was first (P1-PIT-02)."""
    written = {name: (notes.get(name) or "").strip() for name in TOPICS}
    with transaction.atomic():
        _refuse_own(lock(pitch.application), by)
        fresh = Pitch.objects.select_related("noted_by").select_for_update(of=("self",), no_key=True).get(pk=pitch.pk)
        if fresh.held_at is not None or fresh.slot_id is None:
            raise WrongState("De notities van deze pitch staan vast.")
        if all(getattr(fresh, name) == text for name, text in written.items()):
            return fresh
        if fresh.notes_version != version:
            raise NotesConflict(fresh)
        for name, text in written.items():
            setattr(fresh, name, text)
        fresh.notes_version += 1
        fresh.noted_at, fresh.noted_by = clock.now(), by
        fresh.save(update_fields=[*written, "notes_version", "noted_at", "noted_by"])
    return fresh


def hold(pitch: Pitch, *, notes: Mapping[str, str], by: User) -> Pitch:
    """Record that the pitch took place, with notes on each of the four topics (P1-PIT-02)."""
    written = {name: (notes.get(name) or "").strip() for name in TOPICS}
    empty = [
        Finding("P1-PIT-02", name, f"Noteer iets over: {TOPICS[name].lower()}.")
        for name, text in written.items()
        if not text
    ]
    if empty:
        raise DomainError(
            "De notities zijn niet volledig: elk van de vier aandachtspunten telt mee.",
            rule_id="P1-PIT-02",
            findings=empty,
        )
    with transaction.atomic():
        application = lock(pitch.application)
        fresh = Pitch.objects.select_related("slot").select_for_update(of=("self",), no_key=True).get(pk=pitch.pk)
        if fresh.held_at is not None or fresh.slot is None or application.state != ApplicationState.P1_ADMISSIBLE:
            raise WrongState(
                f"Deze pitch kan niet (meer) genoteerd worden: het dossier staat op “{application.get_state_display()}”."
            )
        now = clock.now()
        if now < fresh.slot.starts_at:
            raise WrongState(
                f"De pitch begint pas op {formats.moment(fresh.slot.starts_at)}. Noteer ze tijdens of na het gesprek."
            )
        fresh.held_at, fresh.held_by = now, by
        for name, text in written.items():
            setattr(fresh, name, text)
        fresh.save(update_fields=["held_at", "held_by", *written])
        application_lifecycle.move(pitch.application, ApplicationState.P1_PITCHED, by=by)
        trail.record("pitch.held", application, by=by, changes={"topics": sorted(written)})
    for name in ("held_at", "held_by", *written):
        setattr(pitch, name, getattr(fresh, name))
    return pitch
