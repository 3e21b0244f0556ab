"""Until when an expert reads a dossier, and when the portal reminds: the call's terms applied to one assignment (CONF-01, CONF-02)."""

from datetime import date, datetime, timedelta

from calls.ruleset import Rules
from evaluation.models import Assignment
from ibnportal.core import clock


def declaration_ends(declared_at: datetime, rules: Rules) -> datetime | None:
    """The last instant at which a declaration counts; None when the call sets no term."""
    if rules.declaration_valid_days is None:
        return None
    day = clock.local(declared_at).date() + timedelta(days=rules.declaration_valid_days)
    return clock.end_of_day(day)


def term_ends(due_on: date | None, rules: Rules) -> datetime | None:
    """The last instant at which an expert may read, so many days after the date for the scores; None without such a term."""
    if due_on is None or rules.expert_access_days is None:
        return None
    return clock.end_of_day(due_on + timedelta(days=rules.expert_access_days))


def access_ends(assignment: Assignment, rules: Rules) -> datetime | None:
    """When the dossier closes for this expert: at the end of the declaration or of the term, whichever comes first."""
    ends = [end for end in (assignment.declaration_until, term_ends(assignment.due_on, rules)) if end is not None]
    return min(ends, default=None)


def reminder_on(due_on: date, rules: Rules) -> date | None:
    """The day on which the portal reminds; None when the call does not want that."""
    return None if rules.expert_reminder_days is None else due_on - timedelta(days=rules.expert_reminder_days)
