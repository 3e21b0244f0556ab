"""Laying out the pitch days of a call (manual 5.2.3; DAT-04): rows of slots per day and room, made in one go.

The days are those of the call's timeline unless the case handler says otherwise. Overlap in one room is refused by the
database, whoever else lays out the same day at that moment; a slot that somebody has is never taken away.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import IntegrityError, transaction

from calls.enums import MilestoneKind
from calls.models import Call, PitchSlot
from ibnportal.core import clock
from ibnportal.core.accounts.models import User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError
from ibnportal.core.findings import Finding
from ibnportal.core.ui import formats


@dataclass(frozen=True, slots=True)
class Layout:
    """How a pitch day runs: from when to when, how long a pitch and the pause after it, and which break is kept free."""

    starts: time
    ends: time
    minutes: int
    pause: int = 0
    break_from: time | None = None
    break_to: time | None = None


def days_of(call: Call) -> list[date]:
    """The pitch days on the call's timeline, first to last."""
    found: list[date] = []
    for milestone in call.milestones.filter(kind=MilestoneKind.PITCH, starts_on__isnull=False):
        day, last = milestone.starts_on, milestone.ends_on or milestone.starts_on
        while day is not None and last is not None and day <= last:
            found.append(day)
            day += timedelta(days=1)
    return sorted(set(found))


def moments(day: date, layout: Layout) -> list[tuple[datetime, datetime]]:
    """The slots of one day by that layout: none into the break, none beyond the end. Pure."""
    at, end = _at(day, layout.starts), _at(day, layout.ends)
    length, pause = timedelta(minutes=layout.minutes), timedelta(minutes=layout.pause)
    free_from = _at(day, layout.break_from) if layout.break_from else None
    free_to = _at(day, layout.break_to) if layout.break_to else None
    found = []
    while at + length <= end:
        if free_from is not None and free_to is not None and at < free_to and at + length > free_from:
            at = free_to
            continue
        found.append((at, at + length))
        at += length + pause
    return found


def lay_out(call: Call, *, days: Sequence[date], rooms: Sequence[str], layout: Layout, by: User) -> list[PitchSlot]:
    """Make the slots of these days in these rooms; all of them or, where one overlaps, none.

    Raises DomainError naming the field that is wrong, or the room and the hour that are taken.
    """
    _refuse_impossible(days, rooms, layout)
    slots = [
        PitchSlot(call=call, starts_at=starts_at, ends_at=ends_at, room=room)
        for day in sorted(set(days))
        for starts_at, ends_at in moments(day, layout)
        for room in dict.fromkeys(" ".join(room.split()) for room in rooms)
    ]
    if not slots:
        raise DomainError(
            "In deze uren past geen enkele pitch. Maak de dag langer of de pitch korter.", rule_id="DAT-04"
        )
    with transaction.atomic():
        for slot in slots:
            try:
                with transaction.atomic():
                    slot.save()
            except IntegrityError as error:
                raise DomainError(
                    f"In {slot.room or 'die zaal'} is er op {formats.moment(slot.starts_at)} al een pitchmoment. Er is niets "
                    "toegevoegd: kies een andere zaal of andere uren, of verwijder eerst de vrije momenten van die dag.",
                    rule_id="DAT-04",
                ) from error
        changes = {"days": sorted(set(days)), "rooms": list(rooms), "slots": len(slots)}
        trail.record("call.pitch_slots_made", call, by=by, changes=changes)
    return slots


def clear(call: Call, *, day: date, by: User) -> int:
    """Take away the free slots of one day; those that somebody has stay. How many went."""
    begin, end = clock.start_of_day(day), clock.end_of_day(day)
    with transaction.atomic():
        free = PitchSlot.objects.filter(call=call, starts_at__gte=begin, starts_at__lte=end, pitches__isnull=True)
        ids = list(free.values_list("pk", flat=True))
        gone, _ = PitchSlot.objects.filter(pk__in=ids, pitches__isnull=True).delete()
        trail.record("call.pitch_slots_removed", call, by=by, changes={"day": day, "slots": gone})
    return gone


def _refuse_impossible(days: Sequence[date], rooms: Sequence[str], layout: Layout) -> None:
    found = []
    if not days:
        found.append(Finding("DAT-04", "days", "Noem minstens één dag."))
    if not [room for room in rooms if room.strip()]:
        found.append(Finding("DAT-04", "rooms", "Noem minstens één zaal."))
    if layout.ends <= layout.starts:
        found.append(Finding("DAT-04", "ends", "Laat de dag na haar begin eindigen."))
    if layout.minutes < 1:
        found.append(Finding("DAT-04", "minutes", "Een pitch duurt minstens één minuut."))
    if layout.pause < 0:
        found.append(Finding("DAT-04", "pause", "Een pauze is niet negatief."))
    if (layout.break_from is None) != (layout.break_to is None):
        found.append(
            Finding("DAT-04", "break_to", "Vul begin en einde van de middagpauze allebei in, of geen van beide.")
        )
    elif layout.break_from and layout.break_to and layout.break_to <= layout.break_from:
        found.append(Finding("DAT-04", "break_to", "Het einde van de middagpauze ligt na het begin."))
    if found:
        raise DomainError("De pitchdag kan zo niet ingedeeld worden.", rule_id="DAT-04", findings=found)


def _at(day: date, hour: time) -> datetime:
    return datetime.combine(day, hour, tzinfo=clock.BRUSSELS)
