"""The steering group: the observer is invited, the minutes come, and what is lacking shows (MON-05 ... 07, NOT-09, H-14)."""

from datetime import date

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction

from ibnportal.core import clock as portal_clock
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError, NotAllowed, WrongState
from ibnportal.core.outbox.models import MailRecord
from monitoring import tasks
from monitoring.domain import members, steering
from monitoring.domain.overview import view_of, with_years
from monitoring.models import Network, SteeringMeeting
from tests.factories.core import pdf_bytes
from tests.factories.monitoring import member, team
from tests.monitoring.rules import rules_2025

pytestmark = pytest.mark.django_db
RULES = rules_2025()


@pytest.fixture
def crew(clock):
    """A network that runs from 1 September 2026."""
    clock.set("2026-10-01T10:00")
    return team(title="Netwerk Stuur")


def pdf_upload(name):
    return SimpleUploadedFile(name, pdf_bytes(), content_type="application/pdf")


def planned(crew, day="2026-11-10", **fields):
    values = {
        "starts_at": portal_clock.moment(f"{day}T14:00"),
        "ends_at": portal_clock.moment(f"{day}T16:00"),
        "location": "Brussel",
        "agenda": "Werkplan",
        **fields,
    }
    return steering.plan(crew.network, by=crew.worker, **values)


def lacks(meeting, at):
    return [(f.rule_id, f.severity.value) for f in steering.findings_of(meeting, RULES, at=portal_clock.moment(at))]


@pytest.mark.rule("MON-05")
@pytest.mark.rule("MON-06")
@pytest.mark.rule("NOT-09")
def test_planning_a_meeting_invites_the_account_manager_with_a_calendar_file(crew, drain_outbox):
    meeting = planned(crew)
    assert meeting.invited_by == crew.worker
    drain_outbox()
    (sent,) = [message for message in mail.outbox if "Stuurgroep" in message.subject]
    assert sent.to == [crew.manager.email]
    assert sent.subject == "Stuurgroep Netwerk Stuur op 10 november 2026"
    ((name, content, kind),) = sent.attachments
    assert name == f"stuurgroep-{crew.network.code}-2026-11-10.ics"
    assert kind == "text/calendar"
    text = content if isinstance(content, str) else content.decode()
    assert "DTSTART:20261110T130000Z" in text  # 14:00 in Brussels is 13:00 UTC in winter
    assert "METHOD:PUBLISH" in text


@pytest.mark.rule("MON-06")
def test_a_change_replaces_the_invitation_and_a_cancellation_takes_it_back(crew, drain_outbox):
    meeting = planned(crew)
    drain_outbox()
    steering.change(
        meeting,
        starts_at=portal_clock.moment("2026-11-12T09:00"),
        ends_at=portal_clock.moment("2026-11-12T11:00"),
        by=crew.worker,
    )
    steering.cancel(meeting, reason="Te weinig leden beschikbaar", by=crew.worker)
    drain_outbox()
    assert [m.subject for m in mail.outbox if "tuurgroep" in m.subject] == [
        "Stuurgroep Netwerk Stuur op 10 november 2026",
        "Afgelast: stuurgroep Netwerk Stuur op 12 november 2026",
    ]  # the change between the two was overtaken before a worker sent it
    assert "METHOD:CANCEL" in str(mail.outbox[-1].attachments[0][1])
    assert lacks(meeting, "2027-06-01T10:00") == []


@pytest.mark.rule("MON-06")
def test_a_meeting_that_nobody_was_invited_to_shows(crew):
    crew.network.account_manager = None
    crew.network.save()
    meeting = planned(crew)
    assert meeting.invited_at is None
    assert lacks(meeting, "2026-11-01T10:00") == [("MON-06", "warning")]
    assert lacks(meeting, "2026-11-10T14:00") == [("MON-06", "error")]
    with pytest.raises(DomainError, match="nog geen accountmanager"):
        steering.invite(meeting, by=crew.worker)


@pytest.mark.rule("MON-06")
def test_inviting_after_the_meeting_is_no_invitation(crew, clock):
    meeting = planned(crew, "2026-09-15")  # recorded afterwards
    assert meeting.invited_at is None
    with pytest.raises(WrongState, match="al begonnen"):
        steering.invite(meeting, by=crew.worker)


@pytest.mark.rule("MON-07")
@pytest.mark.parametrize(
    ("at", "found"),
    [
        ("2026-11-10T15:59", []),
        ("2026-11-10T16:00", [("MON-07", "info")]),
        ("2026-12-08T23:59", [("MON-07", "info")]),  # 10 November and 28 days
        ("2026-12-09T00:00", [("MON-07", "error")]),
    ],
)
def test_minutes_are_there_within_four_weeks(crew, at, found):
    assert lacks(planned(crew), at) == found


@pytest.mark.rule("MON-07")
def test_handed_in_minutes_take_the_finding_away_and_say_who_was_there(crew, clock):
    company, gone = member(crew.network), member(crew.network)
    members.leave(gone, left_on=date(2026, 11, 9), by=crew.worker)
    meeting = planned(crew)
    with pytest.raises(WrongState, match=r"begint pas op 10/11/2026 om 14\.00 uur"):
        steering.hand_in_minutes(meeting, upload=pdf_upload("v.pdf"), by=crew.worker)
    clock.set("2027-01-10T10:00")
    assert [one.pk for one in steering.who_may_sit(meeting)] == [company.organisation_id]
    steering.hand_in_minutes(
        meeting, upload=pdf_upload("v.pdf"), attendees=[company.organisation], others="VLAIO", by=crew.worker
    )
    assert lacks(meeting, "2027-06-01T10:00") == []
    assert [a.organisation for a in meeting.attendances.all()] == [company.organisation]
    first = meeting.minutes_id
    steering.hand_in_minutes(meeting, upload=pdf_upload("beter.pdf"), by=crew.worker)
    assert list(trail.history(meeting))[-1].changes["minutes"][0] == first
    assert not meeting.attendances.exists()
    with pytest.raises(WrongState, match="ze ging door"):
        steering.cancel(meeting, reason="x", by=crew.worker)
    with pytest.raises(WrongState, match="verandert niet meer"):
        steering.change(meeting, location="Elders", by=crew.worker)


@pytest.mark.rule("MON-07")
def test_the_network_is_reminded_once_of_late_minutes(crew, clock, drain_outbox):
    planned(crew)
    for moment in ("2026-12-08T10:00", "2026-12-09T10:00", "2026-12-20T10:00"):
        clock.set(moment)
        tasks.minutes_reminders()
    drain_outbox()
    late = MailRecord.objects.filter(key__startswith="steering_minutes:")
    assert [record.to for record in late] == [crew.worker.email]
    assert late.get().subject == "Verslag van de stuurgroep van 10 november 2026 ontbreekt"


@pytest.mark.rule("H-14")
@pytest.mark.parametrize(
    ("meetings", "at", "severity"),
    [
        ((2, 0), "2027-09-01T10:00", None),
        ((1, 0), "2027-09-01T10:00", "error"),  # the year ended on 31 August 2027
        ((1, 1), "2027-03-01T10:00", None),
        ((1, 0), "2027-03-01T10:00", "warning"),
        ((0, 1), "2027-03-01T10:00", "warning"),
    ],
)
def test_the_account_manager_sits_at_two_meetings_a_year(crew, clock, meetings, at, severity):
    held, to_come = meetings
    clock.set("2026-10-01T10:00")
    for number in range(held):
        meeting = planned(crew, f"2026-11-1{number}")
        clock.set("2027-01-05T10:00")
        steering.record_observer(meeting, present=True, by=crew.manager)
        clock.set("2026-10-01T10:00")
    for number in range(to_come):
        planned(crew, f"2027-06-1{number}")
    absent = planned(crew, "2026-12-01")
    clock.set("2027-01-05T10:00")
    steering.record_observer(absent, present=False, by=crew.manager)
    rows = list(crew.network.steering_meetings.all())
    finding = steering.observer_finding(rows, crew.year(), RULES, at=portal_clock.moment(at))
    assert (finding and finding.severity.value) == severity
    assert steering.attended(rows, crew.year()) == held
    assert steering.attended(rows, crew.year(2)) == 0


@pytest.mark.rule("H-14", "ROL-09")
def test_only_the_account_manager_says_that_they_were_there(crew, clock):
    meeting = planned(crew)
    with pytest.raises(WrongState, match="moet nog beginnen"):
        steering.record_observer(meeting, present=True, by=crew.manager)
    clock.set("2026-11-11T10:00")
    with pytest.raises(NotAllowed):
        steering.record_observer(meeting, present=True, by=crew.worker)
    with pytest.raises(NotAllowed):
        steering.plan(crew.network, starts_at=meeting.starts_at, ends_at=meeting.ends_at, location="x", by=crew.manager)


def test_a_meeting_stands_once_and_ends_after_it_begins(crew):
    planned(crew)
    with pytest.raises(DomainError, match="staat er al een vergadering"):
        planned(crew)
    with pytest.raises(DomainError, match="na het begin"):
        planned(crew, "2026-11-11", ends_at=portal_clock.moment("2026-11-11T13:00"))
    with pytest.raises(IntegrityError, match="steering_cancelled_pair"), transaction.atomic():
        SteeringMeeting.objects.update(cancelled_at=portal_clock.now())


@pytest.mark.rule("MON-07")
def test_late_minutes_colour_the_portfolio(crew, clock):
    member(crew.network)
    planned(crew)
    clock.set("2026-12-08T10:00")
    assert view_of(with_years(Network.objects.all()).get()).light == "success"
    clock.set("2026-12-09T10:00")
    view = view_of(with_years(Network.objects.all()).get())
    assert view.light == "warning"
    assert view.reason == (
        "Stuurgroep van 10/11/2026: het verslag moest er uiterlijk op 08/12/2026 zijn. Bezorg het alsnog."
    )
