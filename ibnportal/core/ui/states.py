"""How a state looks: its tone and its icon, next to its text and never instead of it.

The text comes from the object's own choices; this table only knows the words of `enums.py` across the apps.
An unknown state is shown in the neutral tone.
"""

from typing import NamedTuple


class Look(NamedTuple):
    """A tone of the theme (neutral, info, success, warning, danger, accent) and an icon of the sprite."""

    tone: str
    icon: str


NEUTRAL = Look("neutral", "circle")

_DRAFT = Look("neutral", "pencil")
_SENT = Look("info", "send")
_WAITING = Look("warning", "hourglass-split")
_GOOD = Look("success", "check-circle-fill")
_BAD = Look("danger", "x-circle-fill")
_ENDED = Look("neutral", "archive")
_RUNNING = Look("info", "play-fill")

LOOKS: dict[str, Look] = {
    # applications
    "p1_draft": _DRAFT,
    "p1_submitted": _SENT,
    "p1_admissible": _GOOD,
    "p1_inadmissible": _BAD,
    "p1_pitched": Look("info", "chat-square-text"),
    "p1_advised": Look("info", "journal-text"),
    "preselected": _GOOD,
    "not_preselected": _BAD,
    "merge_advised": Look("warning", "diagram-3"),
    "p2_draft": _DRAFT,
    "p2_submitted": _SENT,
    "p2_supplement_asked": _WAITING,
    "p2_supplement_answered": Look("info", "inbox"),
    "p2_supplement_expired": Look("warning", "clock-history"),
    "p2_admissible": _GOOD,
    "p2_inadmissible": _BAD,
    "p2_evaluation": Look("info", "people"),
    "p2_advised": Look("info", "journal-text"),
    "awarded": Look("success", "award"),
    "rejected": _BAD,
    "review_requested": Look("warning", "arrow-repeat"),
    "review_upheld": _BAD,
    "not_submitted": Look("neutral", "dash-circle"),
    "withdrawn": Look("neutral", "slash-circle"),
    # calls and meetings
    "draft": _DRAFT,
    "published": _RUNNING,
    "planned": Look("info", "calendar-event"),
    "released": _GOOD,
    # evaluation
    "invited": Look("warning", "envelope"),
    "declined": _BAD,
    "declared": Look("info", "shield-check"),
    "handed_in": _GOOD,
    "void": Look("neutral", "slash-circle"),
    # monitoring
    "agreement_drafted": _DRAFT,
    "signed": Look("success", "pencil-square"),
    "running": _RUNNING,
    "final_evaluation": Look("info", "clipboard-check"),
    "closed": _ENDED,
    "submitted": _SENT,
    "accepted": _GOOD,
    "questioned": Look("warning", "question-circle"),
    "refused": _BAD,
    "returned": Look("warning", "arrow-counterclockwise"),
    "approved": _GOOD,
    "proposed": _WAITING,
    "idea": Look("neutral", "lightbulb"),
    "prepared": Look("info", "pencil"),
    "applied": _WAITING,
    "started": _RUNNING,
    "completed": _GOOD,
    "ordered": Look("info", "bank"),
    "paid": _GOOD,
    "asked": _WAITING,
    "granted": _GOOD,
    "confirmed": _GOOD,
    "made": Look("info", "bank"),
    "cancelled": Look("neutral", "slash-circle"),
    # letters, sections, checks
    "valid": _GOOD,
    "complete": _GOOD,
    "incomplete": Look("warning", "exclamation-triangle-fill"),
    "invalid": _BAD,
    "yes": _GOOD,
    "no": _BAD,
    "unclear": Look("warning", "question-circle"),
    "sent": _SENT,
    "opened": Look("info", "eye"),
    "expired": Look("warning", "clock-history"),
    "revoked": Look("neutral", "slash-circle"),
    "trusted": Look("success", "shield-check"),
    "untrusted": Look("warning", "exclamation-triangle-fill"),
    "broken": _BAD,
    "unreadable": Look("warning", "question-circle"),
    # severities of a finding
    "ok": _GOOD,
    "error": _BAD,
    "warning": Look("warning", "exclamation-triangle-fill"),
    "info": Look("info", "info-circle-fill"),
    # sections of a dossier
    "done": _GOOD,
    "missing": Look("warning", "exclamation-circle-fill"),
    "empty": NEUTRAL,
    # jobs
    "queued": _WAITING,
    "failed": _BAD,
}


def look_of(state: object) -> Look:
    """The look of a state (a choice, its value, or a boolean)."""
    return LOOKS.get(str(getattr(state, "value", state)), NEUTRAL)
