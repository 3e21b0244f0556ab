"""The invariants of money, over whatever amounts Hypothesis thinks of."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitoring.domain import payable
from tests.monitoring.rules import rules_2015, rules_2025

amounts = st.decimals(min_value=0, max_value=2_000_000, places=2)
awards = st.decimals(min_value=0, max_value=225_000, places=2)
calls = st.sampled_from(
    [
        rules_2025(),
        rules_2015(),
        rules_2025(first_tranche_basis="fixed_share"),
        rules_2025(cofinancing_carries_over=True),
    ]
)
quick = settings(max_examples=200, deadline=None)


@pytest.mark.rule("COF-05")
@given(cash=amounts, income=amounts)
@quick
def test_cash_is_at_least_seven_tenths_of_what_counts(cash, income):
    year = payable.accepted_cofinancing(cash=cash, income=income, rules=rules_2025())
    assert year.cash * 10 >= year.total * 7
    assert year.counted_income <= year.income


@pytest.mark.rule("COF-06")
@given(cash=amounts, income=amounts)
@quick
def test_no_more_than_a_cent_of_countable_income_is_lost_to_rounding(cash, income):
    counted = payable.accepted_income(income, cash, rules_2025())
    assert counted == income or (counted + Decimal("0.01")) * 7 > cash * 3


@pytest.mark.rule("SUB-03")
@given(rules=calls, awarded=awards, cash=amounts, income=amounts, carried=amounts)
@quick
def test_the_first_tranche_stays_within_award_and_cofinancing(rules, awarded, cash, income, carried):
    year = payable.accepted_cofinancing(cash=cash, income=income, rules=rules, carried=carried)
    amount = payable.first_tranche(awarded, year, rules).amount
    assert Decimal(0) <= amount <= min(awarded, year.total)
    assert amount == Decimal(0) or payable.is_threshold_met(year.total, awarded, rules)


@pytest.mark.rule("SUB-04")
@pytest.mark.rule("PAY-05")
@given(rules=calls, awarded=awards, costs=amounts, cash=amounts, income=amounts, carried=amounts, reduction=amounts)
@quick
def test_a_settled_year_stays_within_every_limit_and_adds_up(
    *, rules, awarded, costs, cash, income, carried, reduction
):
    year = payable.accepted_cofinancing(cash=cash, income=income, rules=rules, carried=carried)
    first = payable.first_tranche(awarded, year, rules).amount
    figures = payable.settlement(
        awarded=awarded,
        accepted_costs=costs,
        cofinancing=year,
        already_released=first,
        rules=rules,
        reduction=reduction,
    )
    paid = first + figures.second_tranche - figures.recovery
    assert paid == figures.payable
    assert Decimal(0) <= paid <= awarded
    assert paid <= year.total
    assert paid * 2 <= costs
    assert figures.second_tranche >= 0
    assert figures.recovery >= 0
    assert figures.second_tranche == 0 or figures.recovery == 0
    assert figures.forfeited == awarded - figures.payable
    assert first + figures.second_tranche <= awarded


@pytest.mark.rule("COF-20")
@given(rules=calls, years=st.lists(st.tuples(awards, amounts, amounts, amounts), min_size=1, max_size=3))
@quick
def test_over_the_project_no_euro_is_paid_without_a_euro_of_cofinancing(rules, years):
    """A carried surplus is never used twice."""
    carried, paid, collected = Decimal(0), Decimal(0), Decimal(0)
    for awarded, costs, cash, income in years:
        year = payable.accepted_cofinancing(cash=cash, income=income, rules=rules, carried=carried)
        figures = payable.settlement(
            awarded=awarded, accepted_costs=costs, cofinancing=year, already_released=Decimal(0), rules=rules
        )
        paid += figures.payable
        collected += year.cash + year.counted_income
        carried = figures.surplus
    assert paid <= collected
