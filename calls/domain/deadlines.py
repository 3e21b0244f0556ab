"""The deadline that visitors read on the calendar is that of the phase, always (DAT-03, DAT-07, AMB-01)."""

from collections.abc import Iterable

from calls.enums import MilestoneKind, PhaseNumber
from calls.models import Milestone, Phase
from ibnportal.core import clock

KINDS = {
    PhaseNumber.PRE_REGISTRATION: MilestoneKind.PHASE1_DEADLINE,
    PhaseNumber.FULL_DOSSIER: MilestoneKind.PHASE2_DEADLINE,
}


def follow(phase: Phase, milestones: Iterable[Milestone]) -> list[Milestone]:
    """Give the deadline of this phase on the calendar its day and hour; those that changed, not saved."""
    if phase.closes_at is None:
        return []
    local = clock.local(phase.closes_at)
    changed = []
    for milestone in milestones:
        if milestone.kind != KINDS[PhaseNumber(phase.number)]:
            continue
        if (milestone.starts_on, milestone.at_time) != (local.date(), local.time()):
            milestone.starts_on, milestone.at_time = local.date(), local.time()
            changed.append(milestone)
    return changed
