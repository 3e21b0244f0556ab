"""The only writer of `state` in the monitoring (STA-08): of networks and everything that hangs on them.

Each move locks the row, checks its table in `enums.py`, writes the moment and the audit row (`ibnportal.core.lifecycle`).
"""

from datetime import datetime
from typing import Any

from ibnportal.core import clock
from ibnportal.core.accounts.models import User
from ibnportal.core.lifecycle import change_state
from monitoring.enums import (
    ACCOUNT_CHANGE_TRANSITIONS,
    BATCH_TRANSITIONS,
    COLLABORATION_TRANSITIONS,
    CONTRIBUTION_TRANSITIONS,
    EXTENSION_TRANSITIONS,
    NETWORK_TRANSITIONS,
    REPORT_TRANSITIONS,
    TRANCHE_TRANSITIONS,
    AccountChangeState,
    BatchState,
    CollaborationState,
    ContributionState,
    ExtensionState,
    NetworkState,
    ReportState,
    TrancheState,
)
from monitoring.models import (
    AccountChange,
    Collaboration,
    Contribution,
    Network,
    PaymentBatch,
    Report,
    ReportExtension,
    Tranche,
)


def move_network(
    network: Network, to: NetworkState, *, by: User | None, at: datetime | None = None, reason: str = "", **fields: Any
) -> Network:
    """The network goes on to its next state."""
    at = at or clock.now()
    return change_state(
        network, to, by=by, transitions=NETWORK_TRANSITIONS, at=at, reason=reason, state_changed_at=at, **fields
    )


def move_contribution(
    contribution: Contribution,
    to: ContributionState,
    *,
    by: User,
    at: datetime | None = None,
    reason: str = "",
    **fields: Any,
) -> Contribution:
    """The contribution is judged, with who and when."""
    at = at or clock.now()
    return change_state(
        contribution,
        to,
        by=by,
        transitions=CONTRIBUTION_TRANSITIONS,
        at=at,
        reason=reason,
        state_changed_at=at,
        judged_at=at,
        judged_by=by,
        **fields,
    )


def ask_about_contribution(
    contribution: Contribution, to: ContributionState, *, by: User, at: datetime | None = None, reason: str = ""
) -> Contribution:
    """A question is put or answered; nothing is judged by that."""
    at = at or clock.now()
    return change_state(
        contribution, to, by=by, transitions=CONTRIBUTION_TRANSITIONS, at=at, reason=reason, state_changed_at=at
    )


def move_report(
    report: Report, to: ReportState, *, by: User, at: datetime | None = None, reason: str = "", **fields: Any
) -> Report:
    """The report goes on, or back with questions."""
    at = at or clock.now()
    return change_state(
        report, to, by=by, transitions=REPORT_TRANSITIONS, at=at, reason=reason, state_changed_at=at, **fields
    )


def move_tranche(
    tranche: Tranche, to: TrancheState, *, by: User | None, at: datetime | None = None, reason: str = "", **fields: Any
) -> Tranche:
    """The tranche goes on; `by` is None for the worker that makes the order."""
    at = at or clock.now()
    return change_state(
        tranche, to, by=by, transitions=TRANCHE_TRANSITIONS, at=at, reason=reason, state_changed_at=at, **fields
    )


def move_account_change(
    change: AccountChange, to: AccountChangeState, *, by: User, at: datetime | None = None, reason: str = ""
) -> AccountChange:
    """Another account is confirmed or refused, with who and when."""
    at = at or clock.now()
    return change_state(
        change,
        to,
        by=by,
        transitions=ACCOUNT_CHANGE_TRANSITIONS,
        at=at,
        reason=reason,
        state_changed_at=at,
        decided_at=at,
        decided_by=by,
        refusal_reason=reason,
    )


def move_batch(
    batch: PaymentBatch, to: BatchState, *, by: User, at: datetime | None = None, reason: str = "", **fields: Any
) -> PaymentBatch:
    """A payment file is cancelled, with who, when and why."""
    at = at or clock.now()
    return change_state(
        batch, to, by=by, transitions=BATCH_TRANSITIONS, at=at, reason=reason, state_changed_at=at, **fields
    )


def move_extension(
    extension: ReportExtension, to: ExtensionState, *, by: User, at: datetime, reason: str
) -> ReportExtension:
    """A later due date is granted or refused, with who, when and why."""
    return change_state(
        extension,
        to,
        by=by,
        transitions=EXTENSION_TRANSITIONS,
        at=at,
        reason=reason,
        state_changed_at=at,
        decided_at=at,
        decided_by=by,
        decision_reason=reason,
    )


def move_collaboration(
    collaboration: Collaboration,
    to: CollaborationState,
    *,
    by: User,
    at: datetime | None = None,
    reason: str = "",
    **fields: Any,
) -> Collaboration:
    """The collaboration comes further, or fails."""
    at = at or clock.now()
    return change_state(
        collaboration,
        to,
        by=by,
        transitions=COLLABORATION_TRANSITIONS,
        at=at,
        reason=reason,
        state_changed_at=at,
        **fields,
    )
