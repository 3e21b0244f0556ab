"""An appointment as a calendar file (iCalendar, RFC 5545), for any agenda."""

from dataclasses import dataclass
from datetime import UTC, datetime

CONTENT_TYPE = "text/calendar; charset=utf-8"
_STAMP = "%Y%m%dT%H%M%SZ"
_LINE_LENGTH = 72  # octets a line; the standard allows 75
_ESCAPES = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n", "\r": ""})


@dataclass(frozen=True, slots=True)
class Appointment:
    """What stands in the agenda. The same `uid` with a higher `sequence` replaces an earlier file; moments are aware."""

    uid: str
    summary: str
    starts_at: datetime
    ends_at: datetime
    stamped_at: datetime
    sequence: int = 0
    location: str = ""
    description: str = ""
    is_cancelled: bool = False


def calendar_file(appointment: Appointment) -> bytes:
    """The appointment in UTC; a cancelled one takes itself out of the agenda again."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//IBN-portaal//NL",
        f"METHOD:{'CANCEL' if appointment.is_cancelled else 'PUBLISH'}",
        "BEGIN:VEVENT",
        f"UID:{appointment.uid}",
        f"DTSTAMP:{_utc(appointment.stamped_at)}",
        f"SEQUENCE:{appointment.sequence}",
        f"STATUS:{'CANCELLED' if appointment.is_cancelled else 'CONFIRMED'}",
        f"DTSTART:{_utc(appointment.starts_at)}",
        f"DTEND:{_utc(appointment.ends_at)}",
        f"SUMMARY:{_escape(appointment.summary)}",
        f"LOCATION:{_escape(appointment.location)}",
        f"DESCRIPTION:{_escape(appointment.description)}",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(_folded(line) + "\r\n" for line in lines).encode()


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime(_STAMP)


def _escape(text: str) -> str:
    return text.translate(_ESCAPES)


def _folded(line: str) -> str:
    parts, left = [], line
    while len(left.encode()) > _LINE_LENGTH:
        cut = _LINE_LENGTH
        while len(left[:cut].encode()) > _LINE_LENGTH:
            cut -= 1
        parts.append(left[:cut])
        left = " " + left[cut:]
    return "\r\n".join([*parts, left])
