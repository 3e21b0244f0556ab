"""Verbs on a call: publish it, close it. Each leaves its row in the audit trail.

Copying stands in `copying`, changing a published call in `amending`.
"""

from django.db import transaction

from calls.domain import consistency, deadlines, lifecycle
from calls.enums import CallState
from calls.models import Call
from ibnportal.core import clock
from ibnportal.core.accounts.models import User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError
from ibnportal.core.findings import Severity
from ibnportal.core.lifecycle import lock


def publish(call: Call, *, by: User | None) -> Call:
    """Make the call public and freeze all that is written for and judged by (PRG-05, PRG-22).

    Refused while it contradicts itself; the findings say what and where. From here on the database keeps its rules,
    criteria, questions and dates; what has to change is an amendment.
    """
    with transaction.atomic():
        lock(call)
        errors = [finding for finding in consistency.examine(call) if finding.severity == Severity.ERROR]
        if errors:
            raise DomainError(
                "Deze oproep kan nog niet gepubliceerd worden: haar gegevens kloppen niet met elkaar. "
                + " ".join(f"{finding.where}: {finding.message}" for finding in errors),
                findings=errors,
            )
        freeze(call, by=by)
        _date_the_deadlines(call)
        return lifecycle.move(call, CallState.PUBLISHED, by=by, frozen_at=clock.now())


def _date_the_deadlines(call: Call) -> None:
    """A deadline that has no day on the calendar yet gets that of its phase."""
    undated = list(call.milestones.filter(starts_on__isnull=True))
    for phase in call.phases.all():
        for milestone in deadlines.follow(phase, undated):
            milestone.save(update_fields=["starts_on", "at_time"])


def freeze(call: Call, *, by: User | None) -> None:
    """Fix the newest version of the rules for good; a version that is frozen stays as it is."""
    rules = call.rules_versions.select_for_update(of=("self",), no_key=True).latest("version")
    if rules.frozen_at is None:
        rules.frozen_at, rules.frozen_by = clock.now(), by
        rules.save(update_fields=["frozen_at", "frozen_by"])
        trail.record("callrules.frozen", rules, by=by, changes={"version": rules.version})


def close(call: Call, *, by: User | None, reason: str = "") -> Call:
    """End a published call: nothing can be handed in any more, its results stay readable."""
    return lifecycle.move(call, CallState.CLOSED, by=by, reason=reason)
