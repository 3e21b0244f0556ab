"""Who decides with whom: absences and quorum, what the agenda says besides the dossiers, and what keeps a meeting from its release.

The manual gives the committee no quorum; it is a rule of the call (`committee_quorum_fraction`, a part of the members of the meeting) and counts per dossier:
who is absent or recused does not take part.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import time
from decimal import ROUND_CEILING, Decimal

from django.db import transaction
from django.db.models import QuerySet

from applications.models import Application, DossierBar
from evaluation.enums import MeetingState
from evaluation.models import Decision, Meeting, MeetingAbsence
from ibnportal.core import clock
from ibnportal.core.accounts.models import User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError, WrongState
from ibnportal.core.findings import Finding
from ibnportal.core.lifecycle import lock


@dataclass(frozen=True, slots=True)
class Quorum:
    """How many members there are, how many take part in a decision, and how many have to."""

    members: int
    taking_part: int
    needed: int

    @property
    def is_met(self) -> bool:
        """Whether enough members take part."""
        return self.taking_part >= self.needed


def needed_for(members: int, fraction: Decimal | None) -> int:
    """How many of so many members must take part; none where the call sets no quorum. Half of five is three."""
    if fraction is None:
        return 0
    return int((fraction * members).to_integral_value(rounding=ROUND_CEILING))


def quorum_from(members: int, away: int, fraction: Decimal | None) -> Quorum:
    """The quorum of so many members of whom so many do not take part. Pure."""
    return Quorum(members, members - away, needed_for(members, fraction))


def quorum_of(meeting: Meeting, application: Application | None = None) -> Quorum:
    """The quorum of a meeting, or of its decision on one dossier (who is recused from it does not count); four queries."""
    members = set(meeting.members.values_list("pk", flat=True))
    away = set(meeting.absences.values_list("member_id", flat=True))
    if application is not None:
        bars = DossierBar.objects.filter(application=application, lifted_at__isnull=True, user__in=members)
        away |= set(bars.values_list("user_id", flat=True))
    return quorum_from(len(members), len(members & away), meeting.call.rules().committee_quorum_fraction)


def refuse_without_quorum(meeting: Meeting, application: Application) -> None:
    """Raise DomainError when too few members take part in the decision on this dossier (ROL-12)."""
    found = quorum_of(meeting, application)
    if not found.is_met:
        raise DomainError(
            f"Over {application.number} beslissen {found.taking_part} van de {found.members} leden mee; er zijn er {found.needed} nodig. "
            "Kijk na wie aanwezig is en wie zich onthoudt, of plan dit dossier op een andere vergadering.",
            rule_id="ROL-12",
        )


def note_attendance(meeting: Meeting, *, absent: Iterable[User], by: User) -> list[User]:
    """Who of the members is absent; the rest takes part. May be noted again until the release; returns the absent ones."""
    people = list(absent)
    with transaction.atomic():
        fresh = _planned(meeting)
        strangers = [str(person) for person in people if not fresh.members.filter(pk=person.pk).exists()]
        if strangers:
            raise DomainError(f"Neemt niet deel aan deze vergadering: {', '.join(strangers)}.", rule_id="ROL-12")
        before = sorted(str(row.member) for row in fresh.absences.select_related("member"))
        after = sorted(str(person) for person in people)
        if before != after:
            fresh.absences.all().delete()
            MeetingAbsence.objects.bulk_create(
                MeetingAbsence(meeting=fresh, member=person, noted_at=clock.now(), noted_by=by) for person in people
            )
            trail.record("meeting.attendance", fresh, by=by, changes={"absent": [before, after]})
    return people


def describe(meeting: Meeting, *, starts_at: time | None, location: str, notes: str, by: User) -> Meeting:
    """When and where it begins, and what is said besides the dossiers; goes into the minutes."""
    with transaction.atomic():
        fresh = _planned(meeting)
        values = {"starts_at": starts_at, "location": location.strip(), "notes": notes.strip()}
        changes = {
            name: [getattr(fresh, name), value] for name, value in values.items() if getattr(fresh, name) != value
        }
        for name, value in values.items():
            setattr(fresh, name, value)
        if changes:
            fresh.save(update_fields=list(values))
            trail.record("meeting.described", fresh, by=by, changes=changes)
    return fresh


def obstacles(meeting: Meeting) -> list[Finding]:
    """What keeps this meeting from its release; see `late_recusals`. Two queries."""
    bars = recusals(meeting).filter(application__decisions__meeting=meeting)
    return late_recusals(bars, meeting.decisions.filter(released_at__isnull=True))


def recusals(meeting: Meeting) -> "QuerySet[DossierBar]":
    """The standing bars of this meeting's members, with person and dossier."""
    bars = DossierBar.objects.filter(lifted_at__isnull=True, user__in=meeting.members.values("pk"))
    return bars.select_related("user", "application")


def late_recusals(bars: Iterable[DossierBar], decisions: Iterable[Decision]) -> list[Finding]:
    """Decisions noted while somebody still took part who was recused afterwards: the committee has to decide again (P2-EVA-03). Pure."""
    noted = {decision.application_id: decision.recorded_at for decision in decisions if decision.released_at is None}
    return [
        Finding(
            "P2-EVA-03",
            bar.application.number,
            f"{bar.user} onthield zich pas nadat deze beslissing genoteerd was. Laat het comité opnieuw beslissen en leg de beslissing opnieuw vast.",
        )
        for bar in bars
        if bar.application_id in noted and noted[bar.application_id] < bar.barred_at
    ]


def _planned(meeting: Meeting) -> Meeting:
    fresh = lock(meeting)
    if fresh.state != MeetingState.PLANNED:
        raise WrongState("De beslissingen van deze vergadering zijn bekendgemaakt; ze staat vast.")
    return fresh
