"""What of a call's calendar is done, what happens now and what comes next; pure.

Deadlines are taken from the phases (they decide), all other moments from the milestones (they inform).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum

from calls.enums import MilestoneKind
from calls.models import Milestone, Phase
from ibnportal.core import clock


class Stage(StrEnum):
    """Where a moment stands against now."""

    DONE = "done"
    NOW = "now"
    NEXT = "next"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class Moment:
    """One moment on the line; `ends_on` and `deadline_at` where it has them, `stage` against now."""

    kind: str
    label: str
    starts_on: date | None
    ends_on: date | None
    deadline_at: datetime | None
    text: str
    stage: Stage


@dataclass(frozen=True, slots=True)
class Standing:
    """What a visitor wants to know first: which phase takes dossiers now, or which one opens next."""

    open_phase: Phase | None
    next_phase: Phase | None

    @property
    def is_over(self) -> bool:
        """Whether no phase is open or still to come."""
        return self.open_phase is None and self.next_phase is None


def standing(phases: Iterable[Phase], *, at: datetime) -> Standing:
    """The open phase, and the first one that opens after `at`."""
    ordered = sorted(phases, key=lambda phase: phase.number)
    return Standing(
        open_phase=next((phase for phase in ordered if phase.is_open(at)), None),
        next_phase=next((phase for phase in ordered if phase.opens_at and phase.opens_at > at), None),
    )


def moments(milestones: Iterable[Milestone], *, at: datetime, is_over: bool = False) -> list[Moment]:
    """The calendar in order, undated moments last; exactly one dated moment to come is NEXT.

    `is_over`: the call is closed, so that its undated moments lie behind us too.
    """
    ordered = sorted(milestones, key=lambda m: (m.starts_on is None, m.starts_on or date.max, m.at_time or time.min))
    line: list[Moment] = []
    has_next = False
    for milestone in ordered:
        stage = Stage.DONE if is_over else _stage(milestone, at)
        if stage == Stage.LATER and not has_next and milestone.starts_on is not None:
            stage, has_next = Stage.NEXT, True
        line.append(
            Moment(
                kind=milestone.kind,
                label=MilestoneKind(milestone.kind).label,
                starts_on=milestone.starts_on,
                ends_on=milestone.ends_on,
                deadline_at=_deadline(milestone),
                text=milestone.text,
                stage=stage,
            )
        )
    return line


def _deadline(milestone: Milestone) -> datetime | None:
    if milestone.starts_on is None or milestone.at_time is None:
        return None
    return datetime.combine(milestone.starts_on, milestone.at_time, tzinfo=clock.BRUSSELS)


def _stage(milestone: Milestone, at: datetime) -> Stage:
    if milestone.starts_on is None:
        return Stage.LATER
    today = clock.local(at).date()
    deadline = _deadline(milestone)
    if deadline is not None:
        # The last instant still counts (AMB-01).
        return Stage.DONE if at > deadline else (Stage.NOW if today == milestone.starts_on else Stage.LATER)
    last = milestone.ends_on or milestone.starts_on
    if today > last:
        return Stage.DONE
    return Stage.NOW if milestone.starts_on <= today else Stage.LATER
