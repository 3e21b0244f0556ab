"""What a member of the committee reads closes after the term of the call, and each look is on record (CONF-01, ROL-12)."""

from datetime import date
from decimal import Decimal

import pytest

from applications.models import Application
from evaluation.domain import committee, papers, release
from evaluation.models import CommitteePaper
from ibnportal.core.accounts.enums import Role
from ibnportal.core.audit.models import AuditEvent
from tests.evaluation.domain.test_committee import YEARS, advised, ranked

pytestmark = [pytest.mark.django_db, pytest.mark.rule("CONF-01", "ROL-12")]


@pytest.fixture
def member(make_user, clock):
    clock.set("2026-07-13T10:00")
    return make_user(Role.COMMITTEE_MEMBER)


@pytest.fixture
def meeting(member, make_user):
    """One award and one rejection, made known on 13 July 2026; the call closes sixty days later."""
    secretary = make_user(Role.SECRETARY)
    dossiers = [advised(), advised()]
    ranked(dossiers, secretary, within=1)
    made = committee.plan_meeting(
        call=dossiers[0].call, phase=2, held_on=date(2026, 7, 13), members=[member], by=secretary
    )
    committee.record_support(made, dossiers[0], outcome="awarded", reason="Goed.", year_amounts=YEARS, by=secretary)
    committee.record_support(made, dossiers[1], outcome="rejected", reason="Zwak.", by=secretary)
    release.release(made, by=secretary)
    papers.ask_minutes(made, by=secretary)
    made.secretary, made.dossiers = secretary, dossiers
    assert sum(YEARS) == Decimal(150000)
    return made


def test_a_member_reads_what_was_decided_until_the_term_and_not_a_day_longer(meeting, member, clock):
    clock.set("2026-09-11T09:59")
    assert Application.objects.visible_to(member).count() == 2
    assert CommitteePaper.objects.visible_to(member).exists()
    clock.set("2026-09-11T10:01")
    assert not Application.objects.visible_to(member).exists()
    assert not CommitteePaper.objects.visible_to(member).exists()


def test_the_case_team_keeps_its_access(meeting, clock):
    clock.set("2027-01-11T10:00")
    assert Application.objects.visible_to(meeting.secretary).count() == 2
    assert CommitteePaper.objects.visible_to(meeting.secretary).exists()


def test_what_is_still_to_be_decided_stays_open(meeting, member, clock):
    waiting = advised()
    clock.set("2027-01-11T10:00")
    assert list(Application.objects.visible_to(member)) == [waiting]


def test_the_pages_close_and_say_so_and_each_look_is_on_record(meeting, member, as_user, clock):
    client, base = as_user(member), f"/comite/{meeting.pk}/"
    assert client.get(base).status_code == 200
    assert client.get(f"{base}portefeuille/").status_code == 200
    assert client.get(f"/behandeling/{meeting.dossiers[0].number}/").status_code == 200
    looks = AuditEvent.objects.filter(actor=member, action__endswith=".looked").order_by("pk")
    assert list(looks.values_list("action", flat=True)) == ["meeting.looked", "meeting.looked", "application.looked"]
    clock.set("2026-09-12T10:00")
    assert client.get(base).status_code == 404
    assert client.get(f"/behandeling/{meeting.dossiers[0].number}/").status_code == 404
    page = client.get("/comite/").content.decode()
    assert "Gesloten voor leden" in page
    assert "13\u00a0juli 2026" in page
