"""The release of a meeting: until here nothing is visible to applicants, from here on all of it at once (DEC-01, NOT-04, NOT-08).

States, moments, mails and requests for decision sheets are written in one transaction; worker and mail server come after.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import transaction

from applications.domain import lifecycle as application_lifecycle
from applications.domain import notices
from applications.enums import ApplicationState
from applications.models import Application
from calls.domain import mail_texts
from calls.enums import MilestoneKind, PhaseNumber
from calls.models import Call
from evaluation.domain import committee, lifecycle, meetings, preselection, sheets
from evaluation.enums import DecisionKind, MeetingState
from evaluation.models import Decision, Meeting
from ibnportal.core import clock
from ibnportal.core.accounts.models import User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError, WrongState
from ibnportal.core.lifecycle import lock

_TEMPLATES = {DecisionKind.PRESELECTION: "committee_preselection", DecisionKind.SUPPORT: "committee_decision"}


@dataclass(slots=True)
class Release:
    """What a release did: the decisions that are out, what could not go out and why, and who has no address."""

    decisions: list[Decision] = field(default_factory=list)
    fallen: list[tuple[Application, str]] = field(default_factory=list)
    without_address: list[Application] = field(default_factory=list)


def pending(meeting: Meeting) -> list[Decision]:
    """The decisions that a release of this meeting publishes now, by dossier number."""
    decisions = meeting.decisions.filter(released_at__isnull=True).order_by("application__number")
    return list(
        decisions.select_related(
            "application__call", "application__applicant", "merge_with__applicant", "rules"
        ).prefetch_related("years", "conditions")
    )


def previews(decisions: Sequence[Decision]) -> list[tuple[Decision, notices.Notice]]:
    """The mail about each of these decisions of one call, as the release would send it (NOT-04, NOT-08)."""
    if not decisions:
        return []
    call = decisions[0].application.call
    phase2 = call.phases.filter(number=PhaseNumber.FULL_DOSSIER).first()
    to = notices.recipients(*(decision.application for decision in decisions))
    wordings = mail_texts.in_force(call)
    composed = [
        (
            decision,
            notices.compose(
                decision.application,
                _TEMPLATES[DecisionKind(decision.kind)],
                to=to[decision.application_id],
                wordings=wordings,
                decision=decision,
                years=list(decision.years.all()),
                conditions=list(decision.conditions.all()),
                phase2_closes_at=phase2 and phase2.closes_at,
                review_days=decision.rules.review_working_days,
            ),
        )
        for decision in decisions
    ]
    going = notices.with_own_texts((decision.application, notice) for decision, notice in composed)
    return [(decision, notice) for (decision, _), notice in zip(composed, going, strict=True)]


def hint(call: Call, phase: int) -> str:
    """When the manual expects this news: phase 1 in the week that begins on its date (DAT-06, AMB-04); else nothing."""
    if phase != PhaseNumber.PRE_REGISTRATION:
        return ""
    week = call.milestones.filter(kind=MilestoneKind.PHASE1_FEEDBACK, starts_on__isnull=False).first()
    if week is None or week.starts_on is None:
        return ""
    today = clock.today()
    if today < week.starts_on:
        return f"Aan de aanvragers is feedback beloofd in de week van {week.starts_on:%d/%m/%Y}. U bent vroeger."
    if week.starts_on.isocalendar()[:2] == today.isocalendar()[:2]:
        return f"Dit is de week van {week.starts_on:%d/%m/%Y}, waarin feedback beloofd is."
    return f"Feedback was beloofd in de week van {week.starts_on:%d/%m/%Y}. Die is voorbij."


def release(meeting: Meeting, *, by: User) -> Release:
    """Publish every decision of the meeting, once; a second call finds it done and changes nothing.

    A dossier that was withdrawn meanwhile keeps its state: its decision falls away and its money returns to the call. Dossiers without a decision stay for a next meeting. An applicant without an address is reported, and holds
    nobody up.
    """
    result = Release()
    with transaction.atomic():
        fresh = lock(meeting)
        if fresh.state == MeetingState.RELEASED:
            return result
        decisions = pending(fresh)
        if not decisions:
            raise WrongState("Er is nog geen enkele beslissing vastgelegd om bekend te maken.")
        if found := meetings.obstacles(fresh):
            raise DomainError(
                "Deze vergadering kan nog niet bekendgemaakt worden.", rule_id="P2-EVA-03", findings=found
            )
        against = preselection.contradictions(decisions)
        if against:
            raise DomainError(
                "De beslissingen spreken elkaar tegen; er is niets bekendgemaakt.",
                rule_id="P1-DEC-03",
                findings=against,
            )
        now = clock.now()
        for decision, notice in previews(decisions):
            _publish(decision, notice, result, by=by)
        lifecycle.move_meeting(meeting, MeetingState.RELEASED, by=by, at=now, released_at=now, released_by=by)
        changes = {"released": [d.pk for d in result.decisions], "fallen": [a.number for a, _ in result.fallen]}
        trail.record("meeting.published", meeting, by=by, changes=changes)
    return result


def _publish(decision: Decision, notice: notices.Notice, result: Release, *, by: User) -> None:
    """One dossier: its state moves, its decision gets its moment, its mail and its sheet are asked for."""
    application = decision.application
    changes = {"outcome": decision.outcome, "amount": decision.amount, "meeting": decision.meeting_id}
    try:
        with transaction.atomic():
            application_lifecycle.move(application, ApplicationState(decision.outcome), by=by, reason=decision.reason)
    except WrongState as error:
        committee.give_back(decision)
        trail.record("decision.fallen", application, by=by, changes=changes, reason=error.message)
        decision.delete()
        result.fallen.append((application, error.message))
        return
    decision.released_at, decision.released_by = clock.now(), by
    decision.save(update_fields=["released_at", "released_by"])
    trail.record("decision.released", application, by=by, changes=changes)
    sheets.request(decision, by=by)
    try:
        with transaction.atomic():
            notices.post(application, notice, key=f"decision:{decision.pk}", by=by)
    except DomainError:
        result.without_address.append(application)
    result.decisions.append(decision)
