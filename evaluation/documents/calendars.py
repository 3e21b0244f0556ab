"""A pitch as a calendar file (NOT-03): what an applicant puts in the agenda, and a whole day for the agency's own."""

from evaluation.domain.pitches import appointment
from evaluation.models import Pitch
from ibnportal.core import icalendar


def calendar_file(pitch: Pitch) -> bytes:
    """The appointment as it stands; a later one replaces it in the agenda, a cancelled one takes it out."""
    return icalendar.calendar_file(appointment(pitch))
