"""A pitch as a calendar file (NOT-03): what an applicant puts in the agenda."""

from evaluation.models import Pitch
from ibnportal.core import icalendar
from ibnportal.core.icalendar import Appointment


def calendar_file(pitch: Pitch) -> bytes:
    """The appointment in UTC; the same `UID` with a later stamp replaces a moved one."""
    slot, application = pitch.slot, pitch.application
    return icalendar.calendar_file(
        Appointment(
            uid=f"pitch-{pitch.pk}@ibn-portaal",
            summary=f"Pitch {application.number} {application.title}",
            location=", ".join(part for part in (application.call.pitch_location, slot.room) if part),
            starts_at=slot.starts_at,
            ends_at=slot.ends_at,
            stamped_at=pitch.booked_at,
            sequence=int(pitch.booked_at.timestamp()),
        )
    )
