"""Who may do what with a call, beyond reading it."""

from typing import Any

from calls.enums import CallState
from calls.models import Phase
from ibnportal.core import clock
from ibnportal.core.accounts.enums import Role


def handles_calls(user: Any) -> bool:
    """Case handlers and administrators: they answer questions, plan pre-discussions and may extend a deadline."""
    return bool(user.is_authenticated and user.has_role(Role.CASE_HANDLER, Role.ADMINISTRATOR))


def can_extend(user: Any, phase: Phase) -> bool:
    """Whether this person can let this phase close later: only while it has not closed (DAT-03, DAT-07)."""
    return (
        handles_calls(user)
        and phase.call.state == CallState.PUBLISHED
        and phase.closes_at is not None
        and clock.now() <= phase.closes_at
    )
