"""The work plan: packages within the project, person-months against the budget, milestones that can be verified."""

from decimal import Decimal

import pytest

from applications.domain import completeness, freezing, snapshot, workplan
from applications.domain.stale import Stale
from applications.domain.workplan import MilestoneItem
from applications.models import Milestone, WorkPackage
from ibnportal.core.errors import DomainError, NotAllowed
from ibnportal.core.findings import Severity
from tests.applications.domain.sample import RULES, budget, cost, dossier, package
from tests.factories.applications import ApplicationFactory, plan_the_work


def found(packages=None, milestones=None, budgeted=Decimal(72)):
    packages = (package(),) if packages is None else packages
    milestones = (MilestoneItem("", 12, "Dertig leden", "Ledenlijst"),) if milestones is None else milestones
    return workplan.findings(packages, milestones, RULES, budgeted=budgeted)


@pytest.mark.rule("DOC-08")
@pytest.mark.rule("P2-SUB-01")
def test_a_full_proposal_has_a_work_plan_with_packages_and_milestones():
    assert found() == []
    assert [item.message for item in found(packages=())] == ["Het werkplan heeft nog geen werkpakketten."]
    assert [item.message for item in found(milestones=())] == ["Het werkplan heeft nog geen mijlpalen."]


@pytest.mark.rule("DOC-08")
@pytest.mark.parametrize(
    ("field", "value", "what"),
    [
        ("goal", "", "het doel"),
        ("activities", "", "de activiteiten"),
        ("lead", "", "de trekker"),
        ("start_month", None, "de eerste en de laatste maand"),
        ("end_month", None, "de eerste en de laatste maand"),
        ("person_months", None, "het aantal mensmaanden"),
        ("deliverables", "", "de resultaten"),
    ],
)
def test_each_package_says_what_when_who_and_how_much(field, value, what):
    messages = [item.message for item in found((package(**{field: value}),), budgeted=None)]
    assert messages == [f"Bij “Ecosysteem” ontbreekt nog {what}."]


def test_no_person_months_is_an_answer_and_not_an_absence():
    assert found((package(person_months=Decimal(0)),), budgeted=Decimal(0)) == []


@pytest.mark.rule("DOC-08")
def test_a_milestone_has_a_result_that_can_be_verified():
    messages = [item.message for item in found(milestones=(MilestoneItem("", 12, "Dertig leden", ""),))]
    assert messages == ["Bij de mijlpaal “Dertig leden” ontbreekt het verifieerbare resultaat."]


@pytest.mark.rule("P2-ADM-07")
def test_nothing_runs_past_the_thirty_six_months():
    late = found((package(end_month=37),), (MilestoneItem("", 40, "Te laat", "Iets"),))
    assert [item.rule_id for item in late] == ["P2-ADM-07", "P2-ADM-07"]
    assert found((package(end_month=36),), (MilestoneItem("", 36, "Net op tijd", "Iets"),)) == []


@pytest.mark.rule("DUR-06")
def test_the_person_months_agree_with_the_budget_or_a_person_is_warned():
    differs = found((package(person_months=Decimal(60)), package(person_months=Decimal("11.5"))))
    assert [(item.severity, item.message) for item in differs] == [
        (
            Severity.WARNING,
            "Het werkplan telt 71,5 mensmaanden, de begroting 72. Breng ze met elkaar in overeenstemming.",
        )
    ]
    assert found((package(person_months=Decimal(60)), package(person_months=Decimal(12)))) == []


@pytest.mark.rule("DUR-06")
def test_twenty_four_person_months_a_year_are_two_fte():
    given = dossier(budget=budget(*(cost(year, 100000, months=24) for year in (1, 2, 3))))
    assert completeness.work_plan_findings(given, RULES) == []
    assert completeness.team_findings(given, RULES) == []


def test_the_timeline_has_a_bar_for_each_package_with_its_months():
    bars = workplan.timeline((package(start_month=7, end_month=36), package("Zonder maanden", start_month=None)))
    assert [(bar.offset, bar.length) for bar in bars] == [(6, 30)]


# ---------------------------------------------------------------- writing


@pytest.fixture
def draft(db, clock):
    clock.set("2026-04-01T10:00")
    return ApplicationFactory(state="p2_draft")


@pytest.mark.rule("P1-SUB-03")
def test_phase_one_takes_no_work_plan(db, clock):
    first = ApplicationFactory()
    with pytest.raises(DomainError) as refused:
        workplan.save_package(first, title="Ecosysteem", by=first.representative)
    assert refused.value.rule_id == "P1-SUB-03"
    assert not WorkPackage.objects.exists()


@pytest.mark.parametrize(
    ("start", "end", "field"),
    [(0, 12, "start_month"), (1, 37, "end_month"), (12, 6, "end_month"), (40, 41, "start_month")],
)
def test_impossible_months_are_refused_at_their_field_and_nothing_is_kept(draft, start, end, field):
    with pytest.raises(DomainError) as refused:
        workplan.save_package(draft, title="Ecosysteem", start_month=start, end_month=end, by=draft.colleague)
    assert refused.value.findings[0].where == field
    assert not WorkPackage.objects.exists()


def test_a_package_may_be_kept_half_done(draft):
    assert workplan.save_package(draft, title="Ecosysteem", by=draft.colleague).goal == ""


def test_two_people_in_one_package_the_second_is_told_what_the_first_made_of_it(draft):
    row = workplan.save_package(draft, title="Ecosysteem", lead="An", by=draft.colleague)
    workplan.save_package(draft, package=row, lead="Griet", seen={"lead": "An"}, by=draft.representative)
    with pytest.raises(Stale) as refused:
        workplan.save_package(draft, package=row, lead="Bram", seen={"lead": "An"}, by=draft.colleague)
    assert refused.value.findings[0].message == "Een collega maakte hier intussen van: “Griet”."
    row.refresh_from_db()
    assert row.lead == "Griet"
    workplan.save_package(draft, package=row, goal="Een doel", seen={"goal": ""}, by=draft.colleague)
    row.refresh_from_db()
    assert (row.lead, row.goal) == ("Griet", "Een doel")


def test_a_package_that_a_colleague_removed_is_said_so(draft):
    row = workplan.save_package(draft, title="Ecosysteem", by=draft.colleague)
    workplan.remove_package(WorkPackage.objects.get(), by=draft.representative)
    with pytest.raises(DomainError, match="een collega verwijderde het"):
        workplan.save_package(draft, package=row, title="Anders", by=draft.colleague)


def test_a_package_of_another_dossier_is_out_of_reach(draft):
    other = ApplicationFactory(state="p2_draft")
    row = workplan.save_package(other, title="Van een ander", by=other.representative)
    with pytest.raises(DomainError):
        workplan.save_package(draft, package=row, title="Gekaapt", by=draft.representative)
    with pytest.raises(DomainError):
        workplan.save_milestone(draft, title="Mijlpaal", month=3, package=row, by=draft.representative)
    with pytest.raises(NotAllowed):
        workplan.remove_package(row, by=draft.representative)
    assert not WorkPackage.objects.visible_to(draft.representative).exists()


def test_a_removed_package_leaves_its_milestones_to_the_project(draft):
    plan_the_work(draft)
    workplan.remove_package(Milestone.objects.get().package, by=draft.colleague)
    assert Milestone.objects.get().package is None


def test_what_is_handed_in_holds_the_plan(draft):
    plan_the_work(draft)
    frozen = snapshot.parse(freezing.take(draft, 2))
    assert [(item.title, item.person_months) for item in frozen.packages] == [
        ("Ecosysteem opbouwen", Decimal("40.00")),
        ("Samenwerking op gang brengen", Decimal("32.00")),
    ]
    assert frozen.milestones[0].package == "Samenwerking op gang brengen"
