"""The steering group: every meeting invites the observer, every meeting has its minutes (MON-05 ... 07, NOT-09, H-14).

The network plans and reports; the account manager records whether they were there. What is lacking is a finding, on the
network's page and in the portfolio, until it is put right; nothing is ever taken as done because nobody looked.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.core.files.base import File
from django.db import IntegrityError, transaction

from calls.ruleset import Rules
from ibnportal.core import clock
from ibnportal.core.accounts.enums import Role
from ibnportal.core.accounts.models import Organisation, User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError, NotAllowed, WrongState
from ibnportal.core.files.kinds import FileKind
from ibnportal.core.files.store import store
from ibnportal.core.findings import Finding, Severity
from ibnportal.core.lifecycle import lock
from ibnportal.core.outbox.queue import enqueue
from monitoring.domain import people
from monitoring.enums import NetworkState
from monitoring.models import AwardYear, Membership, Network, SteeringAttendance, SteeringMeeting

INVITATION = "monitoring.steering_invitation"
OPEN_NETWORK = (NetworkState.SIGNED, NetworkState.RUNNING, NetworkState.FINAL_EVALUATION)
FIELDS = ("starts_at", "ends_at", "location", "agenda")


# ---------------------------------------------------------------- what is lacking


def minutes_due_on(meeting: SteeringMeeting, rules: Rules) -> date:
    """The last day for the minutes: so many days after the day of the meeting (MON-07)."""
    return clock.local(meeting.starts_at).date() + timedelta(days=rules.minutes_due_days)


def findings_of(meeting: SteeringMeeting, rules: Rules, *, at: datetime) -> list[Finding]:
    """What this meeting lacks at that moment; nothing for a cancelled one."""
    if meeting.cancelled_at is not None:
        return []
    day = clock.local(meeting.starts_at)
    where = f"Stuurgroep van {day:%d/%m/%Y}"
    found = []
    if meeting.invited_at is None:
        if at >= meeting.starts_at:
            message = "De waarnemer kreeg voor deze vergadering geen uitnodiging."
            found.append(Finding("MON-06", where, message))
        else:
            message = "De waarnemer is nog niet uitgenodigd. Verstuur de uitnodiging."
            found.append(Finding("MON-06", where, message, Severity.WARNING))
    due_on = minutes_due_on(meeting, rules)
    if meeting.minutes_id is None and at >= meeting.ends_at:
        late = clock.local(at).date() > due_on
        message = (
            f"Het verslag moest er uiterlijk op {due_on:%d/%m/%Y} zijn. Bezorg het alsnog."
            if late
            else f"Het verslag wordt verwacht tot en met {due_on:%d/%m/%Y}."
        )
        found.append(Finding("MON-07", where, message, Severity.ERROR if late else Severity.INFO))
    return found


def attended(meetings: Iterable[SteeringMeeting], year: AwardYear) -> int:
    """How many meetings of that project year the observer sat at (H-14)."""
    return sum(
        bool(meeting.observer_present)
        for meeting in meetings
        if meeting.cancelled_at is None and year.starts_on <= clock.local(meeting.starts_at).date() <= year.ends_on
    )


def observer_finding(
    meetings: Sequence[SteeringMeeting], year: AwardYear, rules: Rules, *, at: datetime
) -> Finding | None:
    """Whether the observer sat at enough meetings of the year: known once it is over, or once no meeting is left to go to."""
    needed, seen = rules.min_steering_meetings_attended, attended(meetings, year)
    today = clock.local(at).date()
    if seen >= needed or today < year.starts_on:
        return None
    where = f"Projectjaar {year.project_year}"
    if today > year.ends_on:
        return Finding("H-14", where, f"De waarnemer was op {seen} van de minstens {needed} stuurgroepen aanwezig.")
    planned = sum(
        meeting.cancelled_at is None
        and meeting.starts_at > at
        and clock.local(meeting.starts_at).date() <= year.ends_on
        for meeting in meetings
    )
    if seen + planned >= needed:
        return None
    return Finding(
        "H-14",
        where,
        f"De waarnemer was op {seen} van de minstens {needed} stuurgroepen aanwezig en er {'staat' if planned == 1 else 'staan'} "
        f"nog {planned} gepland tot en met {year.ends_on:%d/%m/%Y}. Plan er nog {needed - seen - planned}.",
        Severity.WARNING,
    )


def findings(
    meetings: Sequence[SteeringMeeting], years: Iterable[AwardYear], rules: Rules, *, at: datetime
) -> list[Finding]:
    """Everything that the steering group lacks at that moment, the newest meeting first."""
    found = [finding for meeting in meetings for finding in findings_of(meeting, rules, at=at)]
    return found + [
        finding for year in years if (finding := observer_finding(meetings, year, rules, at=at)) is not None
    ]


# ---------------------------------------------------------------- the verbs


@transaction.atomic
def plan(
    network: Network,
    *,
    starts_at: datetime,
    ends_at: datetime,
    location: str,
    by: User,
    agenda: str = "",
) -> SteeringMeeting:
    """A meeting, and with it the invitation of the observer (MON-06); one that was held already comes without.

    Raises DomainError for a meeting that ends before it begins or that stands there already.
    """
    _may_keep(network, by)
    _check_times(starts_at, ends_at)
    meeting = SteeringMeeting(
        network=network, starts_at=starts_at, ends_at=ends_at, location=location.strip(), agenda=agenda.strip(),
        planned_at=clock.now(), planned_by=by,
    )  # fmt: skip
    _save_once(meeting)
    trail.record("steeringmeeting.planned", meeting, by=by, changes={name: getattr(meeting, name) for name in FIELDS})
    if starts_at > clock.now() and network.account_manager_id is not None:
        invite(meeting, by=by)
    return meeting


@transaction.atomic
def change(meeting: SteeringMeeting, *, by: User, **fields: Any) -> SteeringMeeting:
    """Another moment, place or agenda; who was invited gets the change."""
    unknown = set(fields) - set(FIELDS)
    if unknown:
        raise TypeError(f"A meeting has no {', '.join(sorted(unknown))}")
    _may_keep(meeting.network, by)
    fresh = _standing(meeting)
    if fresh.minutes_id is not None:
        raise WrongState("Het verslag van deze vergadering is er al; ze verandert niet meer.", rule_id="MON-07")
    changes = {name: [getattr(fresh, name), value] for name, value in fields.items() if getattr(fresh, name) != value}
    if not changes:
        return fresh
    for name, value in fields.items():
        setattr(fresh, name, value)
        setattr(meeting, name, value)
    _check_times(fresh.starts_at, fresh.ends_at)
    _save_once(fresh)
    trail.record("steeringmeeting.changed", fresh, by=by, changes=changes)
    if fresh.invited_at is not None and fresh.starts_at > clock.now():
        invite(meeting, by=by)
    return meeting


@transaction.atomic
def invite(meeting: SteeringMeeting, *, by: User) -> SteeringMeeting:
    """Invite the observer, or send the invitation again, with a calendar file (MON-06, NOT-09); only before the meeting."""
    _may_keep(meeting.network, by)
    fresh = _standing(meeting)
    if fresh.network.account_manager_id is None:
        raise DomainError(
            "Er is nog geen accountmanager aangeduid om uit te nodigen. Vraag het aan VLAIO.", rule_id="MON-04"
        )
    at = clock.now()
    if at >= fresh.starts_at:
        raise WrongState("Deze vergadering is al begonnen; uitnodigen kan niet meer.", rule_id="MON-06")
    for row in (fresh, meeting):
        row.invited_at, row.invited_by = at, by
    fresh.invitation_version = meeting.invitation_version = fresh.invitation_version + 1
    fresh.save(update_fields=["invited_at", "invited_by", "invitation_version"])
    trail.record("steeringmeeting.invited", fresh, by=by, changes={"version": fresh.invitation_version}, at=at)
    _announce(fresh)
    return meeting


@transaction.atomic
def cancel(meeting: SteeringMeeting, *, reason: str, by: User) -> SteeringMeeting:
    """It does not take place; who was invited is told. A meeting with minutes was held."""
    _may_keep(meeting.network, by)
    if not reason.strip():
        raise DomainError("Schrijf op waarom de vergadering niet doorgaat.", rule_id="MON-06")
    fresh = _standing(meeting)
    if fresh.minutes_id is not None:
        raise WrongState("Het verslag van deze vergadering is er al; ze ging door.", rule_id="MON-07")
    at = clock.now()
    for row in (fresh, meeting):
        row.cancelled_at, row.cancelled_by, row.cancellation_reason = at, by, reason.strip()
    if fresh.invited_at is not None:
        fresh.invitation_version = meeting.invitation_version = fresh.invitation_version + 1
    fresh.save(update_fields=["cancelled_at", "cancelled_by", "cancellation_reason", "invitation_version"])
    trail.record("steeringmeeting.cancelled", fresh, by=by, reason=reason.strip(), at=at)
    if fresh.invited_at is not None:
        _announce(fresh)
    return meeting


@transaction.atomic
def hand_in_minutes(
    meeting: SteeringMeeting,
    *,
    upload: "File[bytes]",
    by: User,
    attendees: Iterable[Organisation] = (),
    others: str = "",
) -> SteeringMeeting:
    """The minutes with who was there (MON-07); a better version takes the place of an earlier one, which stays on the trail."""
    _may_keep(meeting.network, by)
    fresh = _standing(meeting)
    at = clock.now()
    if at < fresh.starts_at:
        raise WrongState(
            f"De vergadering begint pas op {clock.local(fresh.starts_at):%d/%m/%Y om %H.%M uur}; dan is er nog geen verslag.",
            rule_id="MON-07",
        )
    file = store(upload, by=by, kind=FileKind.DOCUMENT_PDF)
    before = fresh.minutes_id
    for row in (fresh, meeting):
        row.minutes, row.minutes_at, row.minutes_by, row.other_attendees = file, at, by, others.strip()
    fresh.save(update_fields=["minutes", "minutes_at", "minutes_by", "other_attendees"])
    present = {organisation.pk for organisation in attendees}
    fresh.attendances.exclude(organisation_id__in=present).delete()
    known = set(fresh.attendances.values_list("organisation_id", flat=True))
    SteeringAttendance.objects.bulk_create(
        SteeringAttendance(meeting=fresh, organisation_id=pk) for pk in sorted(present - known)
    )
    changes = {"minutes": [before, file.pk], "attendees": sorted(present), "others": others.strip()}
    trail.record("steeringmeeting.minutes_handed_in", fresh, by=by, changes=changes, at=at)
    return meeting


@transaction.atomic
def record_observer(meeting: SteeringMeeting, *, present: bool, by: User) -> SteeringMeeting:
    """The account manager says whether they sat at it (H-14)."""
    people.require_role(by, Role.ACCOUNT_MANAGER)
    people.refuse_own_network(meeting.network, by)
    fresh = _standing(meeting)
    at = clock.now()
    if at < fresh.starts_at:
        raise WrongState("De vergadering moet nog beginnen.", rule_id="H-14")
    before = fresh.observer_present
    for row in (fresh, meeting):
        row.observer_present, row.observer_recorded_at, row.observer_recorded_by = present, at, by
    fresh.save(update_fields=["observer_present", "observer_recorded_at", "observer_recorded_by"])
    trail.record("steeringmeeting.observer_recorded", fresh, by=by, changes={"present": [before, present]}, at=at)
    return meeting


def who_may_sit(meeting: SteeringMeeting) -> list[Organisation]:
    """The members on the day of the meeting, by name."""
    day = clock.local(meeting.starts_at).date()
    rows = (
        Membership.objects.filter(network_id=meeting.network_id, joined_on__lte=day)
        .exclude(left_on__lt=day)
        .select_related("organisation")
        .order_by("organisation__name", "pk")
    )
    return list({row.organisation_id: row.organisation for row in rows}.values())


def _may_keep(network: Network, by: User) -> None:
    if not by.belongs_to(network.beneficiary_id):
        raise NotAllowed("Alleen wie voor het netwerk werkt, houdt de stuurgroep bij.", rule_id="MON-06")
    if network.state not in OPEN_NETWORK:
        raise WrongState("De stuurgroep hoort bij een netwerk met een ondertekende overeenkomst dat nog loopt.")


def _standing(meeting: SteeringMeeting) -> SteeringMeeting:
    fresh = lock(meeting)
    if fresh.cancelled_at is not None:
        raise WrongState(f"Deze vergadering is afgelast op {clock.local(fresh.cancelled_at):%d/%m/%Y}.")
    return fresh


def _check_times(starts_at: datetime, ends_at: datetime) -> None:
    if ends_at <= starts_at:
        raise DomainError("Het einde moet na het begin liggen.")


def _save_once(meeting: SteeringMeeting) -> None:
    try:
        with transaction.atomic():
            meeting.save()
    except IntegrityError as error:
        if "steering_meeting_once" not in str(error):
            raise
        raise DomainError("Op dat moment staat er al een vergadering van de stuurgroep.") from error


def _announce(meeting: SteeringMeeting) -> None:
    enqueue(
        INVITATION,
        key=f"steering_invitation:{meeting.pk}:{meeting.invitation_version}",
        payload={"meeting": meeting.pk, "version": meeting.invitation_version},
        subject=meeting,
    )
