"""A conflict that shows late, and everyone who is searched: experts, committee and staff (P2-EVA-03, CONF-02)."""

from datetime import date

import pytest

from applications.models import Application, DossierBar
from evaluation.domain import conflicts, expert_opinions, experts, interests, panel, scoring
from evaluation.models import Assignment, ConflictFinding, DeclaredTie, ExpertProfile, Score
from ibnportal.core.accounts.enums import Role
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError, NotAllowed, WrongState
from ibnportal.core.outbox.models import MailRecord
from tests.factories.applications import ApplicationFactory
from tests.factories.core import OrganisationFactory, StaffFactory
from tests.factories.evaluation import AssignmentFactory, ExpertFactory, case_handler, evaluated

pytestmark = [pytest.mark.django_db, pytest.mark.rule("P2-EVA-03")]


@pytest.fixture(autouse=True)
def _in_june(clock):
    clock.set("2026-06-10T10:00")


@pytest.fixture
def application():
    return evaluated()


def becomes_tied(assignment):
    """A letter signer turns out to be the expert's employer, after all was scored."""
    number = assignment.application.letters.first().enterprise_number
    ExpertProfile.objects.filter(user=assignment.expert).update(employer="Zij", employer_number=number)


@pytest.mark.rule("P2-EVA-03", "CONF-02")
def test_scores_of_who_turns_out_to_be_conflicted_are_void_and_kept(application):
    tied = AssignmentFactory(application=application, state="handed_in", step="critical")
    other = AssignmentFactory(application=application, state="handed_in")
    becomes_tied(tied)
    assert conflicts.sweep() == 1
    tied.refresh_from_db()
    assert (tied.state, tied.void_kind, tied.voided_from) == ("void", "conflict", "handed_in")
    assert tied.void_reason == "Het portaal vond een mogelijk belangenconflict."
    assert Score.objects.filter(assignment=tied).count() == 16
    assert tied.has_lost_scores
    assert list(expert_opinions.handed_in(application)) == [other]
    assert panel.handed_in_count(application) == 1


def test_the_dossier_is_hidden_from_then_on_and_the_trail_has_it(application):
    tied = AssignmentFactory(application=application, state="handed_in")
    becomes_tied(tied)
    conflicts.look(application, tied.expert, by=None)
    assert not Application.objects.visible_to(tied.expert).exists()
    assert not Assignment.objects.visible_to(tied.expert).exists()
    actions = list(trail.history(application).values_list("action", flat=True))
    assert {"conflict.found", "dossier.barred", "scores.voided", "dossier.closed_for_expert"} <= set(actions)
    assert MailRecord.objects.filter(to=tied.invited_by.email, subject__startswith="Scores vervallen").count() == 1


def test_a_tie_that_is_waived_gives_the_scores_back(application):
    tied = AssignmentFactory(application=application, state="handed_in")
    becomes_tied(tied)
    conflicts.look(application, tied.expert, by=None)
    conflicts.waive(ConflictFinding.objects.get(), reason="Een andere firma met dezelfde groep.", by=case_handler())
    tied.refresh_from_db()
    assert (tied.state, tied.void_kind) == ("handed_in", "")
    assert list(expert_opinions.handed_in(application)) == [tied]
    assert Application.objects.visible_to(tied.expert).exists()


def test_after_the_advice_nothing_comes_back_by_itself(application):
    tied = AssignmentFactory(application=application, state="handed_in")
    AssignmentFactory(application=application, state="handed_in")
    panel_advice(application)
    becomes_tied(tied)
    conflicts.look(application, tied.expert, by=None)
    conflicts.waive(ConflictFinding.objects.get(), reason="Toch geen conflict.", by=case_handler())
    tied.refresh_from_db()
    assert tied.state == "void"


def panel_advice(application):
    from tests.factories.evaluation import advised

    return advised(application)


def test_a_second_search_finds_and_voids_nothing_more(application):
    tied = AssignmentFactory(application=application, state="handed_in")
    becomes_tied(tied)
    assert (conflicts.sweep(), conflicts.sweep()) == (1, 0)
    assert MailRecord.objects.filter(subject__startswith="Scores vervallen").count() == 1


def test_an_interest_told_after_scoring_voids_at_once(application):
    assignment = AssignmentFactory(application=application, state="declared")
    number = application.letters.first().enterprise_number
    _, found = interests.declare_tie(kind="family", body="Zij", enterprise_number=number, by=assignment.expert)
    assignment.refresh_from_db()
    assert (found, assignment.state) == (1, "void")
    with pytest.raises(NotAllowed):
        scoring.save_grounds(
            assignment, doubts_identity=False, distorts_market=False, grounds_text="", by=assignment.expert
        )


def test_an_interest_taken_back_does_not_open_what_it_closed(application):
    person = ExpertFactory()
    number = application.letters.first().enterprise_number
    tie, _ = interests.declare_tie(kind="board", body="Zij", enterprise_number=number, by=person)
    interests.withdraw_tie(tie, by=person)
    assert conflicts.is_kept_out(application, person)
    with pytest.raises(WrongState):
        interests.withdraw_tie(tie, by=person)


def test_an_interest_is_read_by_nobody_else(application):
    tie, _ = interests.declare_tie(kind="board", body="Geheime Raad", by=ExpertFactory())
    for role in (Role.CASE_HANDLER, Role.ADMINISTRATOR, Role.EXPERT):
        assert not DeclaredTie.objects.visible_to(StaffFactory(role=role)).exists()
    assert DeclaredTie.objects.visible_to(tie.person).exists()


@pytest.mark.parametrize("role", [Role.COMMITTEE_MEMBER, Role.CASE_HANDLER, Role.SECRETARY])
def test_committee_and_staff_are_searched_when_the_evaluation_starts(role):
    application = ApplicationFactory(state="p2_admissible", letters=1)
    domain = application.letters.first().contact_email.partition("@")[2]
    person = StaffFactory(role=role, email=f"dochter@{domain}")
    panel.start_evaluation(application, by=case_handler())
    found = ConflictFinding.objects.get(person=person)
    assert (found.ground, domain in found.evidence) == ("Zelfde e-maildomein", True)
    assert not Application.objects.visible_to(person).exists()


def test_a_case_handler_with_a_tie_does_not_start_the_evaluation_herself():
    application = ApplicationFactory(state="p2_admissible", letters=1)
    domain = application.letters.first().contact_email.partition("@")[2]
    person = StaffFactory(role=Role.CASE_HANDLER, email=f"zoon@{domain}")
    with pytest.raises(NotAllowed):
        panel.start_evaluation(application, by=person)
    assert DossierBar.objects.filter(user=person, lifted_at__isnull=True).exists()
    application.refresh_from_db()
    assert application.state == "p2_admissible"


def test_somebody_of_an_earlier_network_of_the_applicant_is_found():
    from tests.factories.calls import CallFactory

    application = evaluated()
    partner = OrganisationFactory(name="Oude Partner vzw")
    earlier = ApplicationFactory(call=CallFactory(year=2015), applicant=partner, acronym="OUD")
    earlier.co_applicants.add(application.applicant)
    expert = ExpertFactory(employer="oude partner")
    assert [tie.evidence for tie in conflicts.search(application, expert)] == [
        "oude partner is partner in het eerdere netwerk OUD, Oude Partner vzw."
    ]


def test_with_a_conflict_on_one_place_of_a_distribution_nobody_is_invited(application):
    free, tied = ExpertFactory(), ExpertFactory(employer_number=application.letters.first().enterprise_number)
    with pytest.raises(DomainError) as raised:
        experts.invite_all([(application, free), (application, tied)], due_on=date(2026, 6, 24), by=case_handler())
    assert [finding.where for finding in raised.value.findings] == [application.number]
    assert not Assignment.objects.exists()
