"""The figures of the rules against each other: a table without a database."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from calls.domain import consistency
from calls.models import Call, CallRules

GOOD = CallRules(
    call=Call(code="2025"), version=1, budget_available=Decimal("3375000.00"), max_awards=5, duration_months=36, project_years=3,
    min_fte=Decimal(2), max_budget_year=Decimal(450000), max_budget_total=Decimal(1350000), max_grant_year=Decimal(225000),
    max_grant_total=Decimal(675000), grant_fraction=Decimal("0.5"), cofinancing_fraction=Decimal("0.5"),
    min_cash_fraction=Decimal("0.7"), max_income_fraction=Decimal("0.3"), min_companies=30, min_letters_phase1=10,
    min_letters_phase2=30, latest_start_on=date(2027, 1, 1),
).frozen()  # fmt: skip
"""The figures of 2025 that can contradict each other; every other column as it is by default."""

CONTRADICTIONS = [
    pytest.param({"max_awards": 4}, "PRG-05", marks=pytest.mark.rule("PRG-05"), id="awards use less than the budget"),
    pytest.param(
        {"budget_available": Decimal(3000000)}, "PRG-05", marks=pytest.mark.rule("PRG-05"), id="budget too small"
    ),
    pytest.param(
        {"max_budget_total": Decimal(1300000)}, "PRG-10", marks=pytest.mark.rule("PRG-10"), id="budget of the years"
    ),
    pytest.param({"duration_months": 48}, "PRG-07", marks=pytest.mark.rule("PRG-07"), id="months of the years"),
    pytest.param(
        {"cofinancing_fraction": Decimal("0.4")}, "PRG-14", marks=pytest.mark.rule("PRG-14"), id="half and two fifths"
    ),
    pytest.param(
        {"max_income_fraction": Decimal("0.2")}, "PRG-16", marks=pytest.mark.rule("PRG-16"), id="cash and income"
    ),
    pytest.param(
        {"min_cash_fraction": Decimal("0.8")}, "PRG-16", marks=pytest.mark.rule("PRG-15"), id="income and cash"
    ),
    pytest.param({"min_companies": 25}, "PRG-17", marks=pytest.mark.rule("PRG-17"), id="mandate and letters"),
]


def test_the_figures_of_2025_agree():
    assert consistency.figures(GOOD) == []


@pytest.mark.parametrize(("change", "rule_id"), CONTRADICTIONS)
def test_a_contradiction_is_found_under_its_rule(change, rule_id):
    assert rule_id in {finding.rule_id for finding in consistency.figures(replace(GOOD, **change))}


@pytest.mark.parametrize(
    "change",
    [{"max_awards": None}, {"budget_available": None}, {"max_grant_total": None}, {"max_income_fraction": None}],
)
def test_what_is_not_published_contradicts_nothing(change):
    assert not {"PRG-05", "PRG-16"} & {finding.rule_id for finding in consistency.figures(replace(GOOD, **change))}
