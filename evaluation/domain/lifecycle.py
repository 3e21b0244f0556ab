"""The only writer of the state of an assignment, of a meeting and of a complaint (CONF-02, P2-EVA-01, DEC-01, REV-03).

The state of an application is written by `applications.domain.lifecycle`; the verbs of the evaluation call that one.
"""

from datetime import datetime
from typing import Any

from evaluation.enums import (
    ASSIGNMENT_TRANSITIONS,
    COMPLAINT_TRANSITIONS,
    MEETING_TRANSITIONS,
    AssignmentState,
    ComplaintState,
    MeetingState,
    VoidKind,
)
from evaluation.models import Assignment, Complaint, Meeting
from ibnportal.core import clock
from ibnportal.core.audit import trail
from ibnportal.core.lifecycle import change_state


def move_assignment(
    assignment: Assignment,
    to: AssignmentState,
    *,
    by: trail.Actor,
    reason: str = "",
    at: datetime | None = None,
    **fields: Any,
) -> Assignment:
    """Bring one expert's work on one dossier to `to`, with its moment; raises WrongState."""
    at = at or clock.now()
    return change_state(
        assignment, to, by=by, transitions=ASSIGNMENT_TRANSITIONS, reason=reason, at=at, state_changed_at=at, **fields
    )


def void_assignment(assignment: Assignment, kind: VoidKind, *, by: trail.Actor, reason: str) -> Assignment:
    """End an assignment before its time; what was scored stays on record, and so does the state it came from."""
    return move_assignment(
        assignment,
        AssignmentState.VOID,
        by=by,
        reason=reason,
        void_kind=kind,
        void_reason=reason,
        voided_from=assignment.state,
    )


def give_back_assignment(assignment: Assignment, *, by: trail.Actor, reason: str) -> Assignment:
    """Bring a voided assignment back to where it stood; raises WrongState when it was not voided."""
    return move_assignment(
        assignment,
        AssignmentState(assignment.voided_from),
        by=by,
        reason=reason,
        void_kind="",
        void_reason="",
        voided_from="",
    )


def move_meeting(
    meeting: Meeting, to: MeetingState, *, by: trail.Actor, reason: str = "", at: datetime | None = None, **fields: Any
) -> Meeting:
    """Bring a meeting to `to`, with its moment; raises WrongState."""
    at = at or clock.now()
    return change_state(
        meeting, to, by=by, transitions=MEETING_TRANSITIONS, reason=reason, at=at, state_changed_at=at, **fields
    )


def move_complaint(
    complaint: Complaint,
    to: ComplaintState,
    *,
    by: trail.Actor,
    reason: str = "",
    at: datetime | None = None,
    **fields: Any,
) -> Complaint:
    """Bring a complaint to `to`, with its moment; raises WrongState."""
    at = at or clock.now()
    return change_state(
        complaint, to, by=by, transitions=COMPLAINT_TRANSITIONS, reason=reason, at=at, state_changed_at=at, **fields
    )
