"""The only writer of states: of a call, of a visitor's question, of a pre-discussion."""

from datetime import datetime
from typing import Any

from calls.enums import ENQUIRY_TRANSITIONS, PREDISCUSSION_TRANSITIONS, TRANSITIONS, CallState
from calls.models import Call, Enquiry, Prediscussion
from ibnportal.core import clock
from ibnportal.core.audit import trail
from ibnportal.core.lifecycle import change_state

RECONSTRUCTED = "Overgenomen uit gepubliceerde bronnen"


def move(call: Call, to: str, *, by: trail.Actor, reason: str = "", at: datetime | None = None, **fields: Any) -> Call:
    """Bring the call to `to` if its state allows it; raises WrongState otherwise."""
    return change_state(call, to, by=by, transitions=TRANSITIONS, reason=reason, at=at, **fields)


def reconstruct_closed(call: Call, *, by: trail.Actor) -> Call:
    """Bring a call from before the portal through both steps at once: it was public and has ended."""
    move(call, CallState.PUBLISHED, by=by, reason=RECONSTRUCTED, frozen_at=clock.now())
    return move(call, CallState.CLOSED, by=by, reason=RECONSTRUCTED)


def move_enquiry(enquiry: Enquiry, to: str, *, by: trail.Actor, reason: str = "", **fields: Any) -> Enquiry:
    """Bring a visitor's question to `to` if its state allows it; raises WrongState otherwise."""
    return change_state(enquiry, to, by=by, transitions=ENQUIRY_TRANSITIONS, reason=reason, **fields)


def move_prediscussion(
    prediscussion: Prediscussion, to: str, *, by: trail.Actor, reason: str = "", **fields: Any
) -> Prediscussion:
    """Bring a pre-discussion to `to` if its state allows it; raises WrongState otherwise."""
    return change_state(prediscussion, to, by=by, transitions=PREDISCUSSION_TRANSITIONS, reason=reason, **fields)
