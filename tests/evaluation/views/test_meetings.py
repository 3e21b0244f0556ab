"""The committee's pages: only the secretary writes, a recused member sees nothing, the release is previewed."""

from decimal import Decimal

import pytest
from django.urls import reverse

from applications.enums import ApplicationState as S
from evaluation.domain import committee
from evaluation.models import Decision, Meeting
from ibnportal.core.accounts.enums import Role
from ibnportal.core.outbox.models import MailRecord
from tests.evaluation.domain.test_committee import advised, meeting_of, ranked

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(as_role, clock):
    return as_role(Role.SECRETARY)


@pytest.fixture
def member_client(as_role, clock):
    return as_role(Role.COMMITTEE_MEMBER)


@pytest.fixture
def preselection(client, member_client):
    application = advised(S.P1_ADVISED)
    return meeting_of(1, member_client.user, client.user, application.call), application


@pytest.fixture
def support(client, member_client):
    application = advised()
    ranked([application], client.user)
    return meeting_of(2, member_client.user, client.user, application.call), application


def decide_url(meeting, application):
    return reverse("evaluation:meeting_decide", args=[meeting.pk, application.number])


@pytest.mark.rule("P1-DEC-02")
def test_the_secretary_plans_a_meeting(client, member_client):
    application = advised(S.P1_ADVISED)
    data = {
        "call": application.call.pk,
        "phase": 1,
        "held_on": "2026-02-20",
        "location": "Brussel",
        "members": [member_client.user.pk],
    }
    response = client.post(reverse("evaluation:meeting_plan"), data)
    assert response.status_code == 302
    assert application.number in client.get(response.url).content.decode()
    refused = client.post(reverse("evaluation:meeting_plan"), {**data, "phase": 2})
    assert refused.status_code == 422
    assert "vastgelegde rangschikking" in refused.content.decode()


@pytest.mark.rule("P2-EVA-03")
def test_a_recused_member_finds_the_dossier_nowhere(client, member_client, preselection):
    meeting, application = preselection
    page, dossier = (
        reverse("evaluation:meeting", args=[meeting.pk]),
        reverse("evaluation:dossier", args=[application.number]),
    )
    assert application.number in member_client.get(page).content.decode()
    assert member_client.get(dossier).status_code == 200
    data = {"member": member_client.user.pk, "application": application.pk, "reason": "Bestuurder."}
    client.post(reverse("evaluation:meeting_recuse", args=[meeting.pk]), data)
    assert application.number not in member_client.get(page).content.decode()
    assert member_client.get(dossier).status_code == 404
    assert "Bestuurder." in client.get(page).content.decode()


def test_an_incomplete_recusal_keeps_what_was_typed(client, preselection):
    meeting, _ = preselection
    response = client.post(reverse("evaluation:meeting_recuse", args=[meeting.pk]), {"reason": "Ooit collega."})
    assert response.status_code == 422
    assert "Ooit collega." in response.content.decode()


@pytest.mark.rule("NOT-04")
def test_decide_preview_release(client, preselection, as_user):
    meeting, application = preselection
    client.post(decide_url(meeting, application), {"outcome": "preselected", "reason": "Sterk.", "merge_with": ""})
    preview = client.get(reverse("evaluation:meeting_preview", args=[meeting.pk])).content.decode()
    assert application.representative.email in preview
    assert not MailRecord.objects.filter(key__startswith="decision:").exists()
    publish = reverse("evaluation:meeting_publish", args=[meeting.pk])
    client.post(publish)
    again = client.post(publish, follow=True).content.decode()
    assert "waren al bekendgemaakt" in again
    assert MailRecord.objects.filter(key__startswith="decision:").count() == 1
    assert (
        client.post(decide_url(meeting, application), {"outcome": "not_preselected", "reason": "x"}).status_code == 422
    )


@pytest.mark.rule("P2-EVA-04")
def test_an_award_is_typed_as_people_write_amounts(client, support):
    meeting, application = support
    data = {
        "outcome": "awarded", "reason": "Sterk.", "year_1": "50.000", "year_2": "49.999,50", "year_3": "1.000",
        "condition_1_kind": "start", "condition_1_text": "De vzw is opgericht.", "condition_1_blocks": "on",
    }  # fmt: skip
    client.post(decide_url(meeting, application), data)
    decision = Decision.objects.get()
    assert decision.amount == Decimal("100999.50")
    assert decision.conditions.get().is_blocking
    assert 'value="49.999,50"' in client.get(decide_url(meeting, application)).content.decode()


@pytest.mark.rule("PRG-11")
def test_an_award_above_the_cap_comes_back_with_every_figure(client, support):
    meeting, application = support
    data = {"outcome": "awarded", "reason": "Mijn motivering", "year_1": "225.000,01", "year_2": "abc", "year_3": ""}
    response = client.post(decide_url(meeting, application), data)
    assert response.status_code == 422
    page = response.content.decode()
    assert "“abc” is geen bedrag" in page
    assert "Mijn motivering" in page
    response = client.post(decide_url(meeting, application), {**data, "year_2": "0", "year_3": "0"})
    assert "225.000,01" in response.content.decode()
    assert not Decision.objects.exists()


def test_members_read_and_do_not_write(member_client, preselection):
    meeting, application = preselection
    assert member_client.get(reverse("evaluation:meetings")).status_code == 200
    for url in (
        decide_url(meeting, application),
        reverse("evaluation:meeting_plan"),
        reverse("evaluation:meeting_preview", args=[meeting.pk]),
    ):
        assert member_client.get(url).status_code == 404
    assert member_client.post(reverse("evaluation:meeting_publish", args=[meeting.pk])).status_code == 404
    assert Meeting.objects.get().state == "planned"


def test_a_member_of_another_meeting_sees_nothing(as_role, preselection):
    meeting, _ = preselection
    stranger = as_role(Role.COMMITTEE_MEMBER)
    assert stranger.get(reverse("evaluation:meeting", args=[meeting.pk])).status_code == 404
    assert "Geen vergadering" in stranger.get(reverse("evaluation:meetings")).content.decode()


def test_the_agenda_costs_the_same_for_one_and_three(client, member_client, django_assert_num_queries):
    dossiers = [advised()]
    committee.ceiling_of(dossiers[0].call, dossiers[0].call.rules())
    for wanted in (1, 3):
        while len(dossiers) < wanted:
            dossiers.append(advised())
        ranked(dossiers, client.user)
        meeting = meeting_of(2, member_client.user, client.user, dossiers[0].call)
        for dossier in dossiers:
            if not Decision.objects.filter(application=dossier).exists() and wanted == 3:
                committee.record_support(
                    meeting, dossier, outcome="awarded", reason="x", year_amounts=[Decimal(10000)] * 3, by=client.user
                )
        with django_assert_num_queries(10):
            client.get(reverse("evaluation:meeting", args=[meeting.pk]))
