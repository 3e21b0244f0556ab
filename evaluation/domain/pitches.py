"""Pitch days (manual 5.2.3; P1-PIT-01 ... 04, DAT-04, AMB-27): a slot, an invitation, notes on four topics.

No slot twice and no initiative twice: the database holds that, this module says it in words.
"""

from collections.abc import Mapping

from django.db import IntegrityError, transaction

from applications.domain import lifecycle as application_lifecycle
from applications.domain import notices, screening
from applications.enums import ApplicationState
from applications.models import Application
from calls.models import PitchSlot
from evaluation.models import Pitch
from ibnportal.core import clock
from ibnportal.core.accounts.models import User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError, WrongState
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


def invitation(application: Application, slot: PitchSlot, *, is_first_news: bool) -> notices.Notice:
    """The mail with the exact time (NOT-03); as first news it also says that the dossier is admissible (AMB-27)."""
    template = "screening_admissible" if is_first_news else "pitch_invitation"
    return notices.compose(
        application,
        template,
        phase=application.phase,
        slot=slot,
        location=", ".join(part for part in (application.call.pitch_location, slot.room) if part),
        calendar_url=mail.absolute(f"/dossiers/{application.number}/pitch.ics"),
    )


def admit(application: Application, slot: PitchSlot, *, by: User, message: str = "") -> Pitch:
    """Declare a pre-registration admissible and give it its slot, with one mail that says both (AMB-27, P1-PIT-03)."""
    with transaction.atomic():
        screening.conclude(application, admissible=True, by=by, notify=False)
        pitch = _take(application, slot, by=by)
        notices.post(
            application,
            invitation(application, slot, is_first_news=True),
            key=f"screening:{application.pk}:{application.phase}",
            text=message,
        )
    return pitch


def book(application: Application, slot: PitchSlot, *, by: User, message: str = "") -> Pitch:
    """Give an admissible pre-registration this slot, or move it there, and invite it (P1-PIT-01, P1-PIT-03).

    The same slot again changes nothing and mails nobody.
    """
    with transaction.atomic():
        known = Pitch.objects.filter(application=application, slot=slot).first()
        if known is not None:
            return known
        pitch = _take(application, slot, by=by)
        notices.post(
            application,
            invitation(application, slot, is_first_news=False),
            key=f"pitch:{application.pk}:{slot.pk}:{pitch.booked_at:%Y%m%d%H%M%S%f}",
            text=message,
        )
    return pitch


def _take(application: Application, slot: PitchSlot, *, by: User) -> Pitch:
    """Write the booking under the lock of the dossier; two people at one slot meet the database's unique key."""
    fresh = lock(application)
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
    pitch = Pitch.objects.select_for_update(of=("self",)).filter(application=fresh).first()
    before = None if pitch is None else pitch.slot_id
    if pitch is None:
        pitch = Pitch(application=fresh)
    pitch.slot, pitch.booked_at, pitch.booked_by = slot, now, by
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
        fresh = Pitch.objects.select_related("slot").select_for_update(of=("self",)).get(pk=pitch.pk)
        if fresh.held_at is not None or application.state != ApplicationState.P1_ADMISSIBLE:
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
