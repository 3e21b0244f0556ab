"""The budget's figures, recomputed from its lines (4.2.2, 4.2.3)."""

from dataclasses import replace
from decimal import Decimal

import pytest

from applications.domain import budget
from tests.applications.domain.sample import RULES, cost


def figures(*lines, rules=RULES):
    return budget.figures(lines, rules)


@pytest.mark.rule("BUD-01")
def test_costs_are_summed_per_year_and_type():
    sums = figures(cost(1, "100.10"), cost(1, "0.20"), cost(2, 50, kind="overhead"))
    assert sums.by_year_and_type[1, "personnel"] == Decimal("100.30")
    assert sums.year_totals == {1: Decimal("100.30"), 2: Decimal("50.00"), 3: Decimal("0.00")}
    assert sums.type_totals["overhead"] == Decimal("50.00")
    assert sums.total == Decimal("150.30")


@pytest.mark.rule("DUR-06")
@pytest.mark.parametrize(("months", "fte"), [(12, "1.00"), (24, "2.00"), (6, "0.50"), (70.5, "5.88")])
def test_twelve_person_months_are_one_fte(months, fte):
    assert figures(cost(1, 1, months=months)).year_fte[1] == Decimal(fte)


@pytest.mark.rule("BUD-15")
@pytest.mark.rule("PRG-13")
@pytest.mark.parametrize(
    ("amount", "grant"), [(450000, "225000.00"), ("0.01", "0.01"), ("100.01", "50.01"), (0, "0.00")]
)
def test_the_support_asked_is_half_of_the_budget_of_each_year(amount, grant):
    assert figures(cost(1, amount)).year_grants[1] == Decimal(grant)


@pytest.mark.rule("BUD-14")
@pytest.mark.rule("PRG-09")
@pytest.mark.parametrize(("amount", "errors"), [(450000, 0), ("450000.01", 2), (450001, 2)])
def test_a_year_costs_at_most_450_000_euro(amount, errors):
    found = budget.examine(figures(cost(2, amount, months=72)), RULES)
    assert [finding.where for finding in found if finding.severity == "error"] == ["Projectjaar 2"] * errors


@pytest.mark.rule("BUD-14")
@pytest.mark.rule("PRG-10")
def test_the_whole_project_costs_at_most_1_350_000_euro():
    sums = figures(*(cost(year, "450000.01", months=24) for year in (1, 2, 3)))
    assert "Verlaag ze met €\N{NO-BREAK SPACE}0,03." in budget.within_total_cap(sums, RULES)[0].message


@pytest.mark.rule("DUR-04")
def test_a_year_below_two_fte_is_a_warning_only():
    found = budget.examine(figures(cost(1, 1, months=18), cost(2, 1, months=27), cost(3, 1, months=27)), RULES)
    assert [(finding.rule_id, finding.where, finding.severity) for finding in found] == [
        ("DUR-04", "Projectjaar 1", "warning")
    ]


@pytest.mark.rule("BUD-16")
def test_a_rate_of_the_cost_model_applies_only_where_the_call_sets_it():
    sums = figures(cost(1, 10001, kind="overhead"), *(cost(year, 1, months=24) for year in (1, 2, 3)))
    assert budget.within_cost_model(sums, RULES) == []
    (found,) = budget.within_cost_model(sums, replace(RULES, overhead_per_fte=Decimal(5000)))
    assert (found.rule_id, found.severity) == ("BUD-16", "warning")
