"""A pitch as a calendar file (NOT-03): what an applicant puts in the agenda."""

from datetime import UTC, datetime

from evaluation.models import Pitch

_STAMP = "%Y%m%dT%H%M%SZ"
_LINE_LENGTH = 72  # octets a line; RFC 5545 allows 75
_ESCAPES = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n", "\r": ""})


def calendar_file(pitch: Pitch) -> bytes:
    """The appointment as iCalendar (RFC 5545), in UTC; the same `UID` with a later stamp replaces a moved one."""
    slot, application = pitch.slot, pitch.application
    location = ", ".join(part for part in (application.call.pitch_location, slot.room) if part)
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//IBN-portaal//Pitch//NL",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        f"UID:pitch-{pitch.pk}@ibn-portaal",
        f"DTSTAMP:{_utc(pitch.booked_at)}",
        f"SEQUENCE:{int(pitch.booked_at.timestamp())}",
        f"DTSTART:{_utc(slot.starts_at)}",
        f"DTEND:{_utc(slot.ends_at)}",
        f"SUMMARY:{_escape(f'Pitch {application.number} {application.title}')}",
        f"LOCATION:{_escape(location)}",
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
