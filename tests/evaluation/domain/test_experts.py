"""Experts: declared before they read, never conflicted, scores handed in once (CONF-02, P2-EVA-02, P2-EVA-03, ROL-11)."""

import pytest
from django.db import IntegrityError, transaction

from applications.models import Application, DossierBar, DossierGrant
from calls.models import Criterion, ScaleStep
from evaluation.domain import conflicts, expert_opinions, experts, panel, scoring
from evaluation.models import Assignment, ConflictFinding, Score
from ibnportal.core.accounts.enums import Role
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError, NotAllowed, WrongState
from ibnportal.core.outbox.models import MailRecord
from tests.factories.applications import ApplicationFactory
from tests.factories.core import MembershipFactory, OrganisationFactory, StaffFactory
from tests.factories.evaluation import (
    AssignmentFactory,
    ExpertFactory,
    case_handler,
    evaluated,
    panel_scores,
    score_all,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_june(clock):
    clock.set("2026-06-10T10:00")


@pytest.fixture
def application():
    return evaluated()


def standing(application, expert):
    return [
        (row.ground, row.evidence)
        for row in ConflictFinding.objects.standing().filter(application=application, person=expert)
    ]


# ---------------------------------------------------------------- the declaration


@pytest.mark.rule("CONF-02", "CONF-01")
def test_nothing_of_the_dossier_is_open_before_the_declaration(application):
    assignment = AssignmentFactory(application=application)
    assert not Application.objects.visible_to(assignment.expert).exists()
    experts.declare(assignment, keeps_confidential=True, has_interest=False, by=assignment.expert)
    assert list(Application.objects.visible_to(assignment.expert)) == [application]


@pytest.mark.rule("CONF-02")
def test_without_the_promise_of_confidentiality_the_dossier_stays_closed(application):
    assignment = AssignmentFactory(application=application)
    with pytest.raises(DomainError) as raised:
        experts.declare(assignment, keeps_confidential=False, has_interest=False, by=assignment.expert)
    assert raised.value.rule_id == "CONF-02"
    assert not DossierGrant.objects.exists()


@pytest.mark.rule("CONF-02", "P2-EVA-03")
def test_an_interest_ends_the_assignment_and_the_case_handler_is_told(application):
    assignment = AssignmentFactory(application=application)
    experts.declare(
        assignment,
        keeps_confidential=True,
        has_interest=True,
        interest_text="Mijn broer leidt het.",
        by=assignment.expert,
    )
    assert assignment.state == "declined"
    assert DossierBar.objects.get(user=assignment.expert).reason == "De deskundige meldde een belang."
    assert MailRecord.objects.filter(to=assignment.invited_by.email, subject__contains="weigert dossier").count() == 1
    assert not Assignment.objects.visible_to(assignment.expert).exists()


@pytest.mark.rule("CONF-02")
def test_nobody_declares_for_another(application):
    assignment = AssignmentFactory(application=application)
    with pytest.raises(NotAllowed):
        experts.declare(assignment, keeps_confidential=True, has_interest=False, by=case_handler())


@pytest.mark.rule("CONF-02")
def test_the_database_refuses_an_open_assignment_without_a_declaration(application):
    assignment = AssignmentFactory(application=application)
    with pytest.raises(IntegrityError, match="assignment_declared_before_reading"), transaction.atomic():
        Assignment.objects.filter(pk=assignment.pk).update(state="declared")


@pytest.mark.rule("ROL-11")
def test_only_people_of_the_pool_are_invited(application):
    with pytest.raises(NotAllowed):
        experts.invite(application, expert=StaffFactory(role=Role.POLICY_READER), due_on=None, by=case_handler())


def test_the_invitation_names_the_number_and_nothing_of_the_content():
    application = evaluated(title="Geheimzinnig grafeen", summary="Kanariezin.")
    assignment = AssignmentFactory(application=application)
    record = MailRecord.objects.get(to=assignment.expert.email)
    assert application.number in record.text
    assert "grafeen" not in record.text.lower() + record.subject.lower()


# ---------------------------------------------------------------- ties that the portal finds


@pytest.mark.rule("P2-EVA-03")
class TestTies:
    def test_the_same_number_as_a_company_that_signed_a_letter(self, application):
        letter = application.letters.first()
        expert = ExpertFactory(employer="Onderneming X", employer_number=letter.enterprise_number)
        with pytest.raises(DomainError) as raised:
            experts.invite(application, expert=expert, due_on=None, by=case_handler())
        assert [finding.where for finding in raised.value.findings] == ["Zelfde ondernemingsnummer"]
        assert not Assignment.objects.exists()
        assert DossierBar.objects.filter(user=expert, lifted_at__isnull=True).exists()

    def test_the_same_mail_domain_as_a_signer(self, application):
        domain = application.letters.first().contact_email.partition("@")[2]
        expert = ExpertFactory(email=f"onafhankelijk@{domain}")
        assert [tie.ground for tie in conflicts.search(application, expert)] == ["Zelfde e-maildomein"]

    def test_a_provider_where_everyone_has_an_address_says_nothing(self, application):
        application.letters.update(contact_email="an@gmail.com")
        assert conflicts.search(application, ExpertFactory(email="bob@gmail.com")) == []

    def test_a_subdomain_is_the_same_house(self, application):
        application.letters.filter(pk=application.letters.first().pk).update(contact_email="an@be.groep.com")
        assert [tie.ground for tie in conflicts.search(application, ExpertFactory(email="bob@groep.com"))] == [
            "Zelfde e-maildomein"
        ]

    def test_working_for_the_applicant(self, application):
        expert = ExpertFactory()
        MembershipFactory(user=expert, organisation=application.applicant)
        assert "Zelfde ondernemingsnummer" in [tie.ground for tie in conflicts.search(application, expert)]

    def test_working_for_the_beneficiary_without_a_number(self):
        application = evaluated()
        body = OrganisationFactory(enterprise_number="", email_domain="")
        Application.objects.filter(pk=application.pk).update(beneficiary=body)
        application.refresh_from_db()
        expert = ExpertFactory()
        MembershipFactory(user=expert, organisation=body)
        assert [tie.ground for tie in conflicts.search(application, expert)] == ["Zelfde organisatie"]

    def test_a_subcontractor_named_in_the_budget(self, application):
        line = application.budget_uploads.get().lines.filter(cost_type="external").first()
        line.description = "Studie door Adviesbureau Zuid NV, jaar 1"
        line.save()
        expert = ExpertFactory(employer="Adviesbureau Zuid nv")
        assert [tie.ground for tie in conflicts.search(application, expert)] == ["Genoemd bij externe prestaties"]

    @pytest.mark.rule("ROL-16")
    def test_who_carries_out_and_invoices_a_service_of_the_budget_is_a_subcontractor(self, application):
        """Manual 4.2.2: such a party is named in the budget; who works there is not the one to judge it."""
        lines = application.budget_uploads.get().lines
        lines.filter(cost_type="external").update(description="Studie", supplier="Adviesbureau Noord bv")
        expert = ExpertFactory(employer="Adviesbureau Noord")
        (tie,) = conflicts.search(application, expert)
        assert (tie.ground, tie.evidence.startswith("Adviesbureau Noord staat bij “Adviesbureau Noord bv Studie")) == (
            "Genoemd bij externe prestaties",
            True,
        )

    def test_an_independent_expert_has_none(self, application):
        assert (
            conflicts.search(application, ExpertFactory(employer="Universiteit Ver Weg", email="eva@verweg.nl")) == []
        )

    def test_the_search_costs_the_same_for_many_letters(self, application, django_assert_num_queries):
        expert = ExpertFactory()
        application = Application.objects.select_related("applicant", "beneficiary", "call").get(pk=application.pk)
        with django_assert_num_queries(8):
            conflicts.search(application, expert)

    def test_the_pool_is_searched_when_the_evaluation_starts(self):
        application = ApplicationFactory(state="p2_admissible", letters=1)
        expert = ExpertFactory(employer_number=application.letters.first().enterprise_number, employer="Zij")
        panel.start_evaluation(application, by=case_handler())
        assert len(standing(application, expert)) == 1

    def test_a_tie_that_shows_at_the_declaration_keeps_the_dossier_closed(self, application):
        assignment = AssignmentFactory(application=application)
        assignment.expert.expert_profile.employer_number = application.letters.first().enterprise_number
        assignment.expert.expert_profile.save()
        experts.declare(assignment, keeps_confidential=True, has_interest=False, by=assignment.expert)
        assert assignment.state == "invited"
        assert not Application.objects.visible_to(assignment.expert).exists()
        assert (
            MailRecord.objects.filter(
                to=assignment.invited_by.email, subject__startswith="Mogelijk belangenconflict"
            ).count()
            == 1
        )


@pytest.mark.rule("P2-EVA-03")
class TestWaiving:
    def conflicted(self, application):
        expert = ExpertFactory(employer="Zij", employer_number=application.letters.first().enterprise_number)
        conflicts.look(application, expert, by=None)
        return expert, ConflictFinding.objects.get(person=expert)

    def test_a_reason_lifts_the_bar_and_the_expert_can_be_invited(self, application):
        expert, finding = self.conflicted(application)
        conflicts.waive(finding, reason="Het gaat om een andere vestiging.", by=case_handler())
        assert not DossierBar.objects.filter(lifted_at__isnull=True).exists()
        assert experts.invite(application, expert=expert, due_on=None, by=case_handler()).state == "invited"

    def test_without_a_reason_nothing_changes(self, application):
        expert, finding = self.conflicted(application)
        with pytest.raises(DomainError):
            conflicts.waive(finding, reason=" ", by=case_handler())
        assert conflicts.is_kept_out(application, expert)

    def test_a_bar_of_another_origin_stays(self, application):
        expert = ExpertFactory(employer="Zij", employer_number=application.letters.first().enterprise_number)
        conflicts.bar(application, expert, reason="Onthouding.", by=case_handler())
        conflicts.look(application, expert, by=None)
        conflicts.waive(ConflictFinding.objects.get(person=expert), reason="Geen conflict.", by=case_handler())
        assert conflicts.is_kept_out(application, expert)

    def test_nobody_waives_about_themselves(self, application):
        expert, finding = self.conflicted(application)
        with pytest.raises(NotAllowed):
            conflicts.waive(finding, reason="Ik ken ze niet.", by=expert)


# ---------------------------------------------------------------- scoring


def first_criterion(application):
    return Criterion.objects.filter(dimension__call=application.call).select_related("dimension").first()


def step(application, code="good"):
    return ScaleStep.objects.get(call=application.call, code=code)


@pytest.mark.rule("P2-CRI-20")
def test_sixteen_complete_scores_are_handed_in_once(application):
    assignment = AssignmentFactory(application=application, state="handed_in")
    assert assignment.scores.count() == 16
    with pytest.raises(WrongState):
        scoring.hand_in(assignment, doubts_identity=False, distorts_market=False, by=assignment.expert)
    with pytest.raises(WrongState):
        scoring.save_score(
            assignment, first_criterion(application), step=None, motivation="Toch niet.", by=assignment.expert
        )


@pytest.mark.rule("P2-CRI-20", "P2-CRI-21")
def test_what_is_missing_is_listed_per_criterion(application):
    assignment = AssignmentFactory(application=application, state="declared")
    score_all(assignment)
    scoring.save_score(
        assignment, first_criterion(application), step=step(application), motivation="Te kort.", by=assignment.expert
    )
    with pytest.raises(DomainError) as raised:
        scoring.hand_in(assignment, doubts_identity=None, distorts_market=True, by=assignment.expert)
    assert [(finding.where, finding.message) for finding in raised.value.findings] == [
        ("Vermelding in beleidsdocumenten", "De motivering telt 2 woorden; schrijf er minstens 5."),
        ("doubts_identity", "Zeg of u sterk twijfelt aan een eigen identiteit en dynamiek."),
        ("grounds_text", "Leg uit waarom u een uitsluitingsgrond ziet."),
    ]
    assert Assignment.objects.get().state == "declared"


@pytest.mark.rule("CONF-02")
def test_no_score_before_the_declaration(application):
    assignment = AssignmentFactory(application=application)
    with pytest.raises(WrongState):
        scoring.save_score(
            assignment,
            first_criterion(application),
            step=step(application),
            motivation="Goed zo.",
            by=assignment.expert,
        )


@pytest.mark.rule("P2-EVA-03")
def test_no_score_once_a_bar_stands(application):
    assignment = AssignmentFactory(application=application, state="declared")
    conflicts.bar(application, assignment.expert, reason="Later gebleken.", by=case_handler())
    with pytest.raises(NotAllowed):
        scoring.save_score(
            assignment,
            first_criterion(application),
            step=step(application),
            motivation="Goed zo.",
            by=assignment.expert,
        )


@pytest.mark.rule("P2-EVA-03", "CONF-02")
def test_the_database_itself_refuses_a_score_past_a_conflict_or_after_handing_in(application, clock):
    handed_in = AssignmentFactory(application=application, state="handed_in")
    with pytest.raises(IntegrityError, match="no score while the assignment is handed_in"), transaction.atomic():
        Score.objects.filter(assignment=handed_in).update(motivation="Stilletjes anders.")
    declared = AssignmentFactory(application=application, state="declared")
    ConflictFinding.objects.create(
        application=application, person=declared.expert, ground="x", evidence="y", found_at=clock.now()
    )
    with pytest.raises(IntegrityError, match="no score by a conflicted person"), transaction.atomic():
        Score.objects.create(assignment=declared, criterion=first_criterion(application), saved_at=clock.now())


@pytest.mark.rule("P2-CRI-21")
def test_a_step_of_another_call_is_refused(application):
    from tests.factories.calls import ScaleStepFactory

    assignment = AssignmentFactory(application=application, state="declared")
    with pytest.raises(DomainError):
        scoring.save_score(
            assignment, first_criterion(application), step=ScaleStepFactory(), motivation="x", by=assignment.expert
        )


def test_only_a_case_handler_reopens_and_with_a_reason(application):
    assignment = AssignmentFactory(application=application, state="handed_in")
    with pytest.raises(DomainError):
        scoring.reopen(assignment, reason="", by=case_handler())
    with pytest.raises(NotAllowed):
        scoring.reopen(assignment, reason="Ik vergiste me.", by=assignment.expert)
    scoring.reopen(assignment, reason="Een cijfer klopt niet.", by=case_handler())
    assert (assignment.state, assignment.handed_in_at) == ("declared", None)
    assert trail.history(assignment).last().reason == "Een cijfer klopt niet."


def test_taking_an_assignment_back_closes_the_dossier(application):
    assignment = AssignmentFactory(application=application, state="declared")
    experts.release(assignment, reason="Ziek.", by=case_handler())
    assert not Application.objects.visible_to(assignment.expert).exists()


def test_the_progress_of_an_expert_counts_complete_scores_only(application, django_assert_num_queries):
    assignment = AssignmentFactory(application=application, state="declared")
    criteria = list(Criterion.objects.filter(dimension__call=application.call).select_related("dimension"))
    for criterion in criteria[:11]:
        scoring.save_score(
            assignment,
            criterion,
            step=step(application),
            motivation="Dit zijn er ruim vijf samen.",
            by=assignment.expert,
        )
    scoring.save_score(assignment, criteria[11], step=step(application), motivation="Te kort.", by=assignment.expert)
    expert = assignment.expert
    expert.roles  # noqa: B018 - read before counting
    with django_assert_num_queries(2):
        (row,) = expert_opinions.expert_rows(expert)
    assert (row.done, row.total) == (11, 16)


# ---------------------------------------------------------------- beside each other, and the advice


def test_median_spread_and_outliers_are_said_in_words(application):
    for code in ("good", "good", "critical"):
        AssignmentFactory(application=application, state="handed_in", step=code)
    scale = ["Zeer goed", "Goed", "Voldoende", "Eerder zwak", "Kritisch", "Niet-steunbaar"]
    rows = expert_opinions.matrix(
        expert_opinions.criteria_of(application.call), scale, list(expert_opinions.handed_in(application).values())
    )
    assert len(rows) == 16
    assert (rows[0].median, rows[0].spread, rows[0].remark) == ("Goed", 3, "3 stappen uit elkaar")
    assert [cell.remark for cell in rows[0].cells] == ["", "", "wijkt af van de andere"]


def test_the_median_of_two_lies_between_them(application):
    for code in ("good", "rather_weak"):
        AssignmentFactory(application=application, state="handed_in", step=code)
    scale = ["Zeer goed", "Goed", "Voldoende", "Eerder zwak", "Kritisch", "Niet-steunbaar"]
    rows = expert_opinions.matrix(
        expert_opinions.criteria_of(application.call), scale, list(expert_opinions.handed_in(application).values())
    )
    assert (rows[0].median, rows[0].remark) == ("tussen goed en eerder zwak", "2 stappen uit elkaar")


@pytest.mark.rule("P2-EVA-02")
def test_advising_with_too_few_experts_needs_a_reason(application):
    AssignmentFactory(application=application, state="handed_in")
    given = {
        "recommendation": "positive",
        "text": "Steunen.",
        "panel_scores": panel_scores(application),
        "advised_amount": None,
    }
    with pytest.raises(DomainError) as raised:
        panel.advise_phase2(application, by=case_handler(), second_reader=case_handler(), **given)
    assert {finding.where for finding in raised.value.findings} == {"few_experts_reason", "advised_amount"}


@pytest.mark.rule("P2-EVA-01", "P2-EVA-04")
def test_the_advice_closes_what_was_not_handed_in(application):
    waiting = AssignmentFactory(application=application, state="declared")
    for _ in range(2):
        AssignmentFactory(application=application, state="handed_in")
    panel.advise_phase2(
        application, recommendation="positive", text="Steunen.", panel_scores=panel_scores(application),
        advised_amount=application.requested_grant, by=case_handler(),
        second_reader=case_handler(),
    )  # fmt: skip
    application.refresh_from_db()
    waiting.refresh_from_db()
    assert (application.state, waiting.state) == ("p2_advised", "void")
    assert not Application.objects.visible_to(waiting.expert).exists()


@pytest.mark.rule("P2-EVA-04")
def test_no_more_is_advised_than_was_asked(application):
    with pytest.raises(DomainError) as raised:
        panel.advise_phase2(
            application, recommendation="positive", text="Steunen.", panel_scores=panel_scores(application),
            advised_amount=application.requested_grant + 1, few_experts_reason="Mondeling.", by=case_handler(), second_reader=case_handler(),
        )  # fmt: skip
    assert [finding.rule_id for finding in raised.value.findings] == ["P2-EVA-04"]


@pytest.mark.rule("P2-CRI-18", "P2-CRI-19")
def test_an_exclusion_ground_and_a_positive_advice_do_not_go_together(application):
    with pytest.raises(DomainError) as raised:
        panel.advise_phase2(
            application, recommendation="positive", text="Steunen.", panel_scores=panel_scores(application),
            advised_amount=application.requested_grant, few_experts_reason="Mondeling.", distorts_market=True, by=case_handler(), second_reader=case_handler(),
        )  # fmt: skip
    assert [(finding.rule_id, finding.where) for finding in raised.value.findings] == [
        ("P2-CRI-19", "grounds_text"),
        ("P2-CRI-19", "distorts_market"),
    ]


def test_the_applicants_own_people_do_not_advise(application, make_user):
    insider = make_user(Role.CASE_HANDLER, organisation=application.applicant)
    with pytest.raises(NotAllowed):
        panel.save_draft(application, content={}, by=insider)
