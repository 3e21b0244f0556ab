"""An advice is read by a second person, versions are kept, corrections of the budget carry the grant (P2-EVA-01, P2-EVA-04)."""

from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from evaluation.domain import accepted_costs, conflicts, panel, scoring
from evaluation.domain import advised as readings
from evaluation.models import Advice, AdviceVersion, ExpertProfile, PanelDraft, PanelScore
from ibnportal.core.errors import DomainError, NotAllowed, WrongState
from ibnportal.core.outbox.models import MailRecord
from tests.factories.evaluation import AssignmentFactory, case_handler, evaluated, panel_scores

pytestmark = [pytest.mark.django_db, pytest.mark.rule("P2-EVA-01")]


@pytest.fixture(autouse=True)
def _in_june(clock):
    clock.set("2026-06-10T10:00")


@pytest.fixture
def application():
    return evaluated()


def handed_over(application, *, by=None, **content):
    return panel.hand_over(
        application,
        by=by or case_handler(),
        **{
            "recommendation": "positive",
            "text": "Steunen.",
            "panel_scores": panel_scores(application),
            "advised_amount": application.requested_grant,
            "few_experts_reason": "De deskundigen gaven mondeling advies.",
            **content,
        },
    )


def test_handing_over_gives_no_advice_yet(application):
    handed_over(application)
    application.refresh_from_db()
    assert application.state == "p2_evaluation"
    assert not Advice.objects.exists()


def test_the_writer_does_not_approve_her_own_advice(application):
    writer = case_handler()
    version = handed_over(application, by=writer)
    with pytest.raises(NotAllowed, match="zelf"):
        panel.approve(version, by=writer)
    with pytest.raises(IntegrityError, match="advice_read_by_somebody_else"), transaction.atomic():
        AdviceVersion.objects.update(outcome="approved", read_at="2026-06-10T10:00Z", read_by=writer)


def test_a_second_reader_gives_it_and_both_names_stand(application):
    version = handed_over(
        application, start_conditions=["Eerst oprichten.", " "], special_conditions=["Overleg met SIM."]
    )
    reader = case_handler()
    advice = panel.approve(version, by=reader)
    application.refresh_from_db()
    assert application.state == "p2_advised"
    assert (advice.given_by, advice.approved_by) == (version.written_by, reader)
    assert [(row.kind, row.text) for row in advice.proposed_conditions.all()] == [
        ("start", "Eerst oprichten."),
        ("special", "Overleg met SIM."),
    ]
    assert PanelScore.objects.filter(advice=advice).count() == 16


def test_sent_back_with_a_reason_the_writer_goes_on_from_what_was_there(application):
    version = handed_over(application)
    with pytest.raises(DomainError):
        panel.send_back(version, reason=" ", by=case_handler())
    panel.send_back(version, reason="Criterium 4 mist cijfers.", by=case_handler())
    draft = PanelDraft.objects.get(application=application)
    assert draft.content["text"] == "Steunen."
    assert draft.content["step_POL_MENTION"] == "good"
    assert "Criterium 4 mist cijfers." in MailRecord.objects.get(to=version.written_by.email).text
    again = handed_over(application, text="Steunen, met cijfers.")
    assert (again.version, AdviceVersion.objects.count()) == (2, 2)


def test_one_version_waits_at_a_time(application):
    version = handed_over(application)
    with pytest.raises(WrongState):
        handed_over(application)
    with pytest.raises(WrongState):
        panel.save_draft(application, content={}, by=case_handler())
    panel.approve(version, by=case_handler())
    with pytest.raises(WrongState):
        panel.approve(version, by=case_handler())


def test_what_was_handed_over_is_never_changed_or_thrown_away(application):
    handed_over(application)
    with pytest.raises(DatabaseError), transaction.atomic():
        AdviceVersion.objects.update(content={})
    with pytest.raises(DatabaseError), transaction.atomic():
        AdviceVersion.objects.all().delete()


def test_while_it_is_read_no_scores_are_reopened(application):
    assignment = AssignmentFactory(application=application, state="handed_in")
    handed_over(application)
    with pytest.raises(WrongState, match="tweede lezer"):
        scoring.reopen(assignment, reason="Toch anders.", by=case_handler())


@pytest.mark.rule("P2-EVA-03")
def test_a_late_conflict_sends_a_waiting_advice_back(application):
    tied = AssignmentFactory(application=application, state="handed_in")
    version = handed_over(application)
    ExpertProfile.objects.filter(user=tied.expert).update(employer_number=application.letters.first().enterprise_number)
    conflicts.look(application, tied.expert, by=None)
    version.refresh_from_db()
    assert version.outcome == "returned"
    assert "vervielen door een belangenconflict" in version.remark
    with pytest.raises(WrongState):
        panel.approve(version, by=case_handler())


def test_a_revision_takes_the_place_of_the_advice_and_keeps_the_first(application):
    panel.approve(handed_over(application), by=case_handler())
    revised = handed_over(application, recommendation="negative", text="Toch niet.", advised_amount=None)
    assert Advice.objects.get().recommendation == "positive"
    panel.approve(revised, by=case_handler())
    assert (Advice.objects.get().recommendation, Advice.objects.get().text) == ("negative", "Toch niet.")
    assert PanelScore.objects.count() == 16
    versions = readings.versions_of(application)
    assert [(row.version, row.outcome) for row in versions] == [(2, "approved"), (1, "approved")]
    assert readings.of_version(versions[1]).recommendation == "Gunstig"


def test_after_the_decision_no_advice_is_revised(application):
    from tests.factories.evaluation import released

    panel.approve(handed_over(application), by=case_handler())
    released(application, amount="150000.00")
    with pytest.raises(WrongState):
        handed_over(application)


@pytest.mark.rule("P2-EVA-04")
class TestCorrections:
    def test_accepted_costs_carry_the_grant(self, application):
        asked = accepted_costs.requested_costs(application)
        less = asked["external"] - Decimal("10000.00")
        accepted = {"external": (less, "Eén opdracht past niet bij de doelen.")}
        most = application.requested_grant - Decimal("5000.00")
        with pytest.raises(DomainError) as raised:
            handed_over(application, accepted=accepted)
        assert [finding.where for finding in raised.value.findings] == ["advised_amount"]
        version = handed_over(application, accepted=accepted, advised_amount=most)
        advice = panel.approve(version, by=case_handler())
        row = advice.corrections.get()
        assert (row.cost_type, row.requested - row.accepted) == ("external", Decimal("10000.00"))

    @pytest.mark.parametrize(
        ("accepted", "reason", "where"),
        [
            ("1.00", "", "reason_external"),
            ("-1.00", "Fout.", "accepted_external"),
            ("99999999.00", "Fout.", "accepted_external"),
        ],
    )
    def test_a_correction_goes_down_and_has_a_reason(self, application, accepted, reason, where):
        with pytest.raises(DomainError) as raised:
            handed_over(application, accepted={"external": (Decimal(accepted), reason)}, advised_amount=Decimal(1))
        assert [finding.where for finding in raised.value.findings] == [where]

    def test_what_is_accepted_as_asked_is_no_correction(self, application):
        asked = accepted_costs.requested_costs(application)
        found, problems = accepted_costs.judge(application, {"external": (asked["external"], "")})
        assert (found, problems) == ([], [])


@pytest.mark.rule("P2-EVA-03")
def test_a_frozen_ranking_is_overtaken_by_lost_scores_and_by_a_revision(application, clock):
    from evaluation.domain import ranking, shortlists
    from ibnportal.core.accounts.enums import Role
    from tests.factories.core import StaffFactory

    tied = AssignmentFactory(application=application, state="handed_in")
    AssignmentFactory(application=application, state="handed_in")
    panel.approve(handed_over(application), by=case_handler())
    secretary, member = StaffFactory(role=Role.SECRETARY), StaffFactory(role=Role.COMMITTEE_MEMBER)

    def is_overtaken():
        return shortlists.shortlist(member, shortlists.ranked_call(member, "2025")).ranking.is_overtaken

    clock.set("2026-06-11T10:00")
    ranking.freeze(application.call, by=secretary)
    assert not is_overtaken()
    clock.set("2026-06-12T10:00")
    conflicts.bar(application, tied.expert, reason="Zijn zus tekende een brief.", by=case_handler())
    assert is_overtaken()
    clock.set("2026-06-13T10:00")
    ranking.freeze(application.call, by=secretary)
    assert not is_overtaken()
    clock.set("2026-06-14T10:00")
    panel.approve(handed_over(application, text="Herzien."), by=case_handler())
    assert is_overtaken()
