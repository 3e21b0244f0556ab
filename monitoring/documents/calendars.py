"""A meeting of the steering group as a calendar file (NOT-09)."""

from ibnportal.core import clock, icalendar
from ibnportal.core.outbox.mail import absolute
from monitoring.domain.notices import steering_path
from monitoring.models import SteeringMeeting


def meeting_file(meeting: SteeringMeeting) -> tuple[bytes, str]:
    """(file, name); a later invitation replaces an earlier one in the agenda, a cancellation takes it out."""
    appointment = icalendar.Appointment(
        uid=f"stuurgroep-{meeting.pk}@ibn-portaal",
        summary=f"Stuurgroep {meeting.network.name}",
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        stamped_at=meeting.cancelled_at or meeting.invited_at or meeting.planned_at,
        sequence=meeting.invitation_version,
        location=meeting.location,
        description="\n\n".join(part for part in (meeting.agenda, absolute(steering_path(meeting))) if part),
        is_cancelled=meeting.cancelled_at is not None,
    )
    day = clock.local(meeting.starts_at)
    return icalendar.calendar_file(appointment), f"stuurgroep-{meeting.network.code}-{day:%Y-%m-%d}.ics"
