"""What each line of the budget must say for itself (4.2.2), and what changed between two versions."""

from dataclasses import replace
from decimal import Decimal

import pytest

from applications.domain import budget, budget_lines
from applications.domain.budget_difference import What, difference
from applications.domain.budget_lines import Expected, ReadLine
from ibnportal.core.errors import DomainError
from tests.applications.domain.sample import RULES
from tests.factories.applications import COSTS, ApplicationFactory, budget_upload

EXPECTED = Expected("2025", "IBN-2025-001", RULES)
PARTLY = replace(EXPECTED, recoverable_vat_fraction=Decimal("0.4"))

STAFF = ReadLine(1, "personnel", "Clustermanager", Decimal(60000), Decimal(12), places={"months": "Blad P, cel B5"})
OVERHEAD = ReadLine(1, "overhead", "Kantoor", Decimal(5000), motivation="Oppervlakte")
OPERATING = ReadLine(1, "operating", "Zalen", Decimal(1000))
EXTERNAL = ReadLine(1, "external", "Studie", Decimal(5000), motivation="Kennis van buiten", supplier="Delta bv")


def found(line, expected=EXPECTED):
    return [(finding.rule_id, finding.severity) for finding in budget_lines.examine([line], expected)]


def test_sound_lines_say_all_that_is_asked():
    assert [found(line) for line in (STAFF, OVERHEAD, OPERATING, EXTERNAL)] == [[], [], [], []]


@pytest.mark.rule("BUD-03")
def test_a_real_cost_has_a_name_and_an_amount():
    assert found(replace(OPERATING, description="")) == [("BUD-03", "error")]
    assert found(replace(OPERATING, amount=Decimal(0))) == [("BUD-03", "error")]
    assert found(replace(STAFF, amount=Decimal(0))) == [("BUD-03", "warning")]


@pytest.mark.rule("BUD-04")
def test_staff_is_charged_for_its_time_on_the_project():
    (finding,) = budget_lines.examine([replace(STAFF, person_months=Decimal(0))], EXPECTED)
    assert (finding.rule_id, finding.where) == ("BUD-04", "Blad P, cel B5")
    assert "hoeveel mensmaanden op het project" in finding.message


@pytest.mark.rule("BUD-04")
def test_half_a_year_of_one_person_is_half_an_fte():
    assert budget.figures([replace(STAFF, person_months=Decimal(6))], RULES).year_fte[1] == Decimal("0.50")


@pytest.mark.rule("BUD-05")
def test_overhead_without_a_key_would_be_wholly_the_projects():
    assert found(replace(OVERHEAD, motivation="")) == [("BUD-05", "error")]


@pytest.mark.rule("BUD-08")
def test_an_external_service_is_exceptional_and_motivated():
    assert found(replace(EXTERNAL, motivation="")) == [("BUD-08", "error")]


@pytest.mark.rule("BUD-11", "ROL-16")
def test_what_the_applicant_does_not_do_itself_is_invoiced_by_somebody():
    assert found(replace(EXTERNAL, supplier="")) == [("BUD-11", "error")]
    assert found(replace(OPERATING, supplier="")) == []


@pytest.mark.rule("BUD-06")
def test_a_freelancer_counts_in_months_only_with_a_long_formal_engagement():
    months = replace(EXTERNAL, person_months=Decimal(3))
    assert found(months) == [("BUD-06", "error")]
    assert found(replace(months, is_long_engagement=True)) == []
    assert found(replace(EXTERNAL, is_long_engagement=True)) == [("BUD-06", "error")]


@pytest.mark.rule("BUD-06")
@pytest.mark.rule("BUD-16")
def test_a_freelancer_with_a_long_engagement_raises_what_overhead_may_be():
    """12 months of staff and 6 of a freelancer are 1,5 FTE: EUR 15.000 of overhead at EUR 10.000 an FTE."""
    rules = replace(RULES, overhead_per_fte=Decimal(10000))
    freelancer = replace(EXTERNAL, person_months=Decimal(6), is_long_engagement=True)

    def warned(*lines):
        return [finding.message for finding in budget.within_cost_model(budget.figures(lines, rules), rules)]

    overhead = replace(OVERHEAD, amount=Decimal(15000))
    assert warned(STAFF, freelancer, overhead) == []
    assert warned(STAFF, overhead) == [
        "Voor overhead staat €\N{NO-BREAK SPACE}15.000,00; bij 1 VTE hoort ten hoogste €\N{NO-BREAK SPACE}10.000,00."
    ]


@pytest.mark.rule("BUD-10")
@pytest.mark.parametrize(
    ("recovered", "vat", "errors"),
    [
        (None, "210", 1),
        ("1", "210", 1),
        ("0.4", "126", 0),
        ("0", "210", 0),
        ("0.4", "600", 1),
        (None, "0", 0),
        ("1", "0", 0),
    ],
)
def test_non_recoverable_vat_is_only_for_who_declared_not_to_recover_all_of_it(recovered, vat, errors):
    expected = replace(EXPECTED, recoverable_vat_fraction=None if recovered is None else Decimal(recovered))
    line = replace(OPERATING, vat=Decimal(vat))
    assert found(line, expected) == [("BUD-10", "error")] * errors


# ---------------------------------------------------------------- kept with the dossier


@pytest.fixture
def draft(db, clock):
    clock.set("2026-03-02T10:00")
    return ApplicationFactory(state="p2_draft")


@pytest.mark.rule("BUD-10")
def test_the_declaration_goes_with_the_budget_that_was_made_under_it(draft):
    budget.declare_vat(draft, recoverable_fraction=Decimal("0.4"), by=draft.colleague)
    kept = budget.accept(draft, budget_upload(draft), by=draft.colleague)
    assert kept.recoverable_vat_fraction == Decimal("0.4")
    with pytest.raises(DomainError, match="tussen 0 en 100"):
        budget.declare_vat(draft, recoverable_fraction=Decimal("1.1"), by=draft.colleague)


@pytest.mark.rule("BUD-10")
def test_who_has_vat_in_the_budget_cannot_declare_to_recover_all_of_it(draft):
    budget.declare_vat(draft, recoverable_fraction=Decimal(0), by=draft.colleague)
    kept = budget.accept(draft, budget_upload(draft), by=draft.colleague)
    kept.lines.filter(cost_type="operating").update(vat=10)
    with pytest.raises(DomainError, match="Laad eerst een begroting zonder btw op") as refused:
        budget.declare_vat(draft, recoverable_fraction=Decimal(1), by=draft.colleague)
    assert refused.value.rule_id == "BUD-10"


def test_who_fills_in_an_older_workbook_is_told_that_a_colleague_was_first(draft):
    mine = budget_upload(draft)
    budget.accept(draft, budget_upload(draft), by=draft.representative)
    kept = budget.accept(draft, mine, by=draft.colleague)
    assert kept.version == 2
    (remark,) = kept.remarks
    assert remark["severity"] == "warning"
    assert f"{draft.representative.full_name} intussen versie 1 bewaarde" in remark["message"]


def test_a_budget_filled_from_the_newest_says_nothing_of_it(draft):
    budget.accept(draft, budget_upload(draft), by=draft.representative)
    assert budget.accept(draft, budget_upload(draft), by=draft.colleague).remarks == []


# ---------------------------------------------------------------- differences


def changes(old, new):
    return [
        (change.what, change.description, change.old, change.new, change.words)
        for change in difference(old, new, RULES).lines
    ]


@pytest.mark.rule("BUD-17")
def test_the_difference_between_two_budgets_is_told_by_year_and_type_and_by_line():
    old = [STAFF, OVERHEAD, replace(OPERATING, project_year=2)]
    new = [replace(STAFF, amount=Decimal(65000)), replace(OPERATING, project_year=2), EXTERNAL]
    told = difference(old, new, RULES)
    assert [(change.project_year, change.cost_type, change.by) for change in told.sums] == [
        (1, "personnel", Decimal(5000)), (1, "overhead", Decimal(-5000)), (1, "external", Decimal(5000)),
    ]  # fmt: skip
    assert (told.old_total, told.new_total) == (Decimal(66000), Decimal(71000))
    assert changes(old, new) == [
        (What.CHANGED, "Clustermanager", Decimal(60000), Decimal(65000), ()),
        (What.REMOVED, "Kantoor", Decimal(5000), Decimal(0), ()),
        (What.ADDED, "Studie", Decimal(0), Decimal(5000), ()),
    ]


def test_a_line_with_another_name_and_the_same_figures_was_renamed():
    assert changes([STAFF], [replace(STAFF, description="Directeur")]) == [
        (What.CHANGED, "Directeur", Decimal(60000), Decimal(60000), ("heette “Clustermanager”",))
    ]


def test_of_two_lines_with_one_name_the_one_that_changed_is_told():
    twice = [OPERATING, replace(OPERATING, amount=Decimal(2000))]
    assert changes(twice, [twice[1], replace(OPERATING, amount=Decimal(1500))]) == [
        (What.CHANGED, "Zalen", Decimal(1000), Decimal(1500), ())
    ]


def test_two_equal_budgets_have_no_difference():
    assert difference([STAFF, OVERHEAD], [OVERHEAD, STAFF], RULES).is_empty


def test_the_motivation_of_a_line_is_part_of_it():
    assert changes([EXTERNAL], [replace(EXTERNAL, motivation="Anders", supplier="Epsilon nv")]) == [
        (
            What.CHANGED,
            "Studie",
            Decimal(5000),
            Decimal(5000),
            ("andere motivering of toelichting", "andere uitvoerder"),
        )
    ]


@pytest.mark.rule("P2-ADM-08")
def test_the_budget_counts_freelancers_of_long_engagement_in_the_two_fte(draft):
    costs = (
        ("Clustermanager", "personnel", (60000, 60000, 60000), (12, 12, 12), ""),
        ("Begeleider", "external", (40000, 40000, 40000), (12, 12, 12), "Langdurig aan het netwerk verbonden"),
        *COSTS[2:4],
    )
    kept = budget.accept(draft, budget_upload(draft, costs), by=draft.colleague)
    assert kept.person_months == Decimal(72)
