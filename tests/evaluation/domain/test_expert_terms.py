"""Invitations that are taken or refused, declarations that run out, dossiers that close, reminders (CONF-01, CONF-02)."""

from datetime import date

import pytest

from applications.models import Application, DossierBar, DossierGrant
from evaluation.domain import experts, scoring
from ibnportal.core.errors import DomainError, TooLate, WrongState
from ibnportal.core.outbox.models import MailRecord
from tests.factories.evaluation import AssignmentFactory, case_handler, evaluated, score_all

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_june(clock):
    clock.set("2026-06-10T10:00")


@pytest.fixture
def declared():
    return AssignmentFactory(application=evaluated(), state="declared", due_on=date(2026, 6, 24))


@pytest.mark.rule("CONF-01")
def test_a_dossier_closes_fourteen_days_after_the_date_for_the_scores(declared, clock):
    clock.set("2026-07-08T23:59:59")
    assert Application.objects.visible_to(declared.expert).exists()
    clock.set("2026-07-09T00:00:00")
    assert not Application.objects.visible_to(declared.expert).exists()
    with pytest.raises(TooLate):
        score_all(declared)


@pytest.mark.rule("CONF-01")
def test_it_closes_for_who_handed_in_too(declared, clock):
    score_all(declared)
    scoring.hand_in(declared, doubts_identity=False, distorts_market=False, by=declared.expert)
    clock.set("2026-07-09T00:00:00")
    assert not Application.objects.visible_to(declared.expert).exists()


@pytest.mark.rule("CONF-02")
def test_a_declaration_counts_sixty_days_and_is_then_given_again(clock):
    assignment = AssignmentFactory(application=evaluated(), state="declared", due_on=date(2026, 12, 24))
    clock.set("2026-08-09T12:00")
    assert Application.objects.visible_to(assignment.expert).exists()
    clock.set("2026-08-10T00:00")
    assert not Application.objects.visible_to(assignment.expert).exists()
    experts.declare(assignment, keeps_confidential=True, has_interest=False, by=assignment.expert)
    assert Application.objects.visible_to(assignment.expert).exists()
    assert DossierGrant.objects.count() == 1
    assert assignment.state == "declared"


def test_more_time_opens_the_dossier_again_with_a_reason(declared, clock):
    clock.set("2026-07-10T09:00")
    with pytest.raises(DomainError):
        experts.extend(declared, due_on=date(2026, 7, 20), reason=" ", by=case_handler())
    with pytest.raises(DomainError):
        experts.extend(declared, due_on=date(2026, 6, 20), reason="Ziek.", by=case_handler())
    experts.extend(declared, due_on=date(2026, 7, 20), reason="Ziek.", by=case_handler())
    assert Application.objects.visible_to(declared.expert).exists()


def test_the_portal_reminds_three_days_before_and_once_after(declared, clock):
    assert experts.remind_due() == 0
    clock.set("2026-06-21T08:00")
    assert (experts.remind_due(), experts.remind_due()) == (1, 0)
    clock.set("2026-06-25T08:00")
    assert (experts.remind_due(), experts.remind_due()) == (1, 0)
    subjects = MailRecord.objects.filter(to=declared.expert.email, subject__startswith="Herinnering")
    assert subjects.count() == 2
    assert "is voorbij" in subjects.order_by("pk").last().text


def test_nobody_is_reminded_of_what_was_handed_in(declared, clock):
    score_all(declared)
    scoring.hand_in(declared, doubts_identity=False, distorts_market=False, by=declared.expert)
    clock.set("2026-06-23T08:00")
    assert experts.remind_due() == 0


def test_a_case_handler_reminds_once_a_day(declared):
    experts.remind(declared, by=case_handler())
    with pytest.raises(WrongState, match="vandaag al"):
        experts.remind(declared, by=case_handler())


class TestRefusing:
    def test_no_time_needs_no_explanation_and_bars_nobody(self):
        assignment = AssignmentFactory(application=evaluated())
        experts.decline(assignment, kind="no_time")
        assert (assignment.state, assignment.decline_kind) == ("declined", "no_time")
        assert not DossierBar.objects.exists()
        told = MailRecord.objects.get(to=assignment.invited_by.email)
        assert "ik heb geen tijd" in told.text

    @pytest.mark.rule("P2-EVA-03")
    def test_an_interest_has_to_be_said_and_bars(self):
        assignment = AssignmentFactory(application=evaluated())
        with pytest.raises(DomainError):
            experts.decline(assignment, kind="interest", text=" ")
        experts.decline(assignment, kind="interest", text="Mijn zus zit in het bestuur.")
        assert DossierBar.objects.filter(user=assignment.expert).exists()

    def test_who_declared_cannot_refuse_any_more(self, declared):
        with pytest.raises(WrongState):
            experts.decline(declared, kind="no_time")

    def test_only_the_portals_own_link_leads_to_an_invitation(self, drain_outbox, mailoutbox):
        assignment = AssignmentFactory(application=evaluated())
        token = experts.invitation_token(assignment)
        assert experts.invited_by_token(token) == assignment
        assert experts.invited_by_token(f"{assignment.pk}:vals") is None
        drain_outbox()
        sent = next(mail for mail in mailoutbox if mail.to == [assignment.expert.email])
        assert f"/expert/uitnodiging/{token}/" in sent.body
        assert token not in MailRecord.objects.get(to=assignment.expert.email).text


def test_a_reopening_is_told_to_the_expert_with_its_reason(declared):
    score_all(declared)
    scoring.hand_in(declared, doubts_identity=False, distorts_market=False, by=declared.expert)
    scoring.reopen(declared, reason="Criterium 3 en uw motivering spreken elkaar tegen.", by=case_handler())
    told = MailRecord.objects.get(to=declared.expert.email, subject__contains="heropend")
    assert "spreken elkaar tegen" in told.text
