"""The only writer of a call's state: draft, published, closed."""

from datetime import datetime
from typing import Any

from calls.enums import TRANSITIONS, CallState
from calls.models import Call
from ibnportal.core.audit import trail
from ibnportal.core.lifecycle import change_state

RECONSTRUCTED = "Overgenomen uit gepubliceerde bronnen"


def move(call: Call, to: str, *, by: trail.Actor, reason: str = "", at: datetime | None = None, **fields: Any) -> Call:
    """Bring the call to `to` if its state allows it; raises WrongState otherwise."""
    return change_state(call, to, by=by, transitions=TRANSITIONS, reason=reason, at=at, **fields)


def reconstruct_closed(call: Call, *, by: trail.Actor) -> Call:
    """Bring a call from before the portal through both steps at once: it was public and has ended."""
    move(call, CallState.PUBLISHED, by=by, reason=RECONSTRUCTED)
    return move(call, CallState.CLOSED, by=by, reason=RECONSTRUCTED)
