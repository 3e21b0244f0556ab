"""Money over a project year, as the manual tells it: tables of rules, input and outcome."""

from decimal import Decimal

import pytest

from ibnportal.core.errors import DomainError
from monitoring.domain import payable
from tests.monitoring.rules import rules_2015, rules_2025


def cofinancing(cash: str, income: str = "0.00", rules=None, carried: str = "0.00"):
    return payable.accepted_cofinancing(
        cash=Decimal(cash), income=Decimal(income), rules=rules or rules_2025(), carried=Decimal(carried)
    )


@pytest.mark.rule("COF-01")
@pytest.mark.rule("SUB-03")
@pytest.mark.parametrize("awarded", ["225000.00", "180000.50", "0.00"])
def test_a_year_requires_as_much_cofinancing_as_support(awarded):
    assert payable.required_cofinancing(Decimal(awarded)) == Decimal(awarded)


@pytest.mark.rule("COF-05")
@pytest.mark.rule("COF-06")
@pytest.mark.parametrize(
    ("cash", "income", "counts"),
    [
        ("157500.00", "67500.00", "67500.00"),  # the manual's own year of 225.000
        ("157500.00", "67500.01", "67500.00"),  # a cent above its share is lost
        ("157499.99", "67500.00", "67499.99"),  # 67.499,9957…: the ceiling is rounded down
        ("225000.00", "0.00", "0.00"),
        ("0.00", "50000.00", "0.00"),  # income without cash counts for nothing
        ("100.00", "42.86", "42.85"),  # 42,857…: never a cent above 3/7
        ("70.00", "30.00", "30.00"),
        ("70.00", "10.00", "10.00"),
    ],
)
def test_income_counts_up_to_three_sevenths_of_the_cash(cash, income, counts):
    assert payable.accepted_income(Decimal(income), Decimal(cash), rules_2025()) == Decimal(counts)


@pytest.mark.rule("COF-06")
def test_a_call_without_a_split_lets_all_income_count():
    assert payable.accepted_income(Decimal("90000.00"), Decimal("10000.00"), rules_2015()) == Decimal("90000.00")


@pytest.mark.rule("COF-05")
def test_the_income_share_follows_from_the_cash_share_where_only_that_is_given():
    rules = rules_2025(max_income_fraction=None)
    assert payable.accepted_income(Decimal("99999.00"), Decimal("70.00"), rules) == Decimal("30.00")


@pytest.mark.rule("COF-02")
@pytest.mark.rule("COF-03")
@pytest.mark.rule("COF-04")
def test_accepted_cofinancing_is_cash_and_the_income_that_counts():
    year = cofinancing("157500.00", "80000.00")
    assert year.total == Decimal("225000.00")
    assert year.lost_income == Decimal("12500.00")


@pytest.mark.rule("COF-20")
def test_a_surplus_passes_to_the_next_year_only_where_the_call_says_so():
    assert cofinancing("100000.00", carried="5000.00").total == Decimal("100000.00")
    assert cofinancing("100000.00", carried="5000.00", rules=rules_2015()).total == Decimal("105000.00")


@pytest.mark.rule("PAY-02")
@pytest.mark.rule("PAY-08")
@pytest.mark.parametrize(
    ("collected", "awarded", "met"),
    [
        ("180000.00", "225000.00", True),
        ("179999.99", "225000.00", False),
        ("225000.00", "225000.00", True),
        ("0.00", "225000.00", False),
        ("80000.00", "100000.01", False),  # 80.000,008 is more than 80.000
        ("80000.01", "100000.01", True),
    ],
)
def test_first_tranche_waits_for_four_fifths_of_the_cofinancing(collected, awarded, met):
    assert payable.is_threshold_met(Decimal(collected), Decimal(awarded), rules_2025()) is met


@pytest.mark.rule("PAY-02")
def test_a_call_without_a_threshold_waits_for_nothing():
    assert payable.is_threshold_met(Decimal("0.00"), Decimal("150000.00"), rules_2015())
    assert payable.threshold(Decimal("150000.00"), rules_2015()) is None


@pytest.mark.rule("PAY-04")
@pytest.mark.parametrize(
    ("rules", "awarded", "collected", "amount"),
    [
        (rules_2025(), "225000.00", "180000.00", "180000.00"),
        (rules_2025(), "225000.00", "225000.00", "180000.00"),
        (rules_2025(), "225000.00", "300000.00", "180000.00"),
        (rules_2025(), "225000.00", "179999.99", "0.00"),
        (rules_2025(), "100000.01", "100000.01", "80000.00"),  # 80.000,008 rounded down
        (rules_2025(first_tranche_basis="fixed_share"), "225000.00", "190000.00", "180000.00"),
        (rules_2015(), "150000.00", "40000.00", "40000.00"),
        (rules_2015(), "150000.00", "160000.00", "150000.00"),
        (rules_2015(), "150000.00", "0.00", "0.00"),
    ],
)
def test_first_tranche_is_the_cofinancing_at_most_the_thresholds_share(rules, awarded, collected, amount):
    assert payable.first_tranche_amount(Decimal(awarded), Decimal(collected), rules) == Decimal(amount)


def test_the_first_tranche_tells_how_it_came_about():
    derived = payable.first_tranche(Decimal("225000.00"), cofinancing("140000.00", "70000.00"), rules_2025())
    assert [(line.rule_id, line.amount) for line in derived.lines] == [
        ("PRG-11", Decimal("225000.00")),
        ("COF-01", Decimal("225000.00")),
        ("COF-03", Decimal("140000.00")),
        ("COF-04", Decimal("70000.00")),
        ("COF-06", Decimal("60000.00")),
        ("COF-02", Decimal("200000.00")),
        ("PAY-02", Decimal("180000.00")),
        ("PAY-04", Decimal("180000.00")),
        ("PAY-01", Decimal("180000.00")),
    ]


@pytest.mark.rule("SUB-01")
@pytest.mark.parametrize(
    ("costs", "support"), [("450000.00", "225000.00"), ("0.01", "0.00"), ("0.03", "0.01"), ("99999.99", "49999.99")]
)
def test_support_is_half_of_the_accepted_costs_rounded_down(costs, support):
    assert payable.supported_costs(Decimal(costs), rules_2025()) == Decimal(support)


@pytest.mark.rule("SUB-01")
@pytest.mark.rule("SUB-02")
@pytest.mark.rule("SUB-03")
@pytest.mark.rule("SUB-04")
@pytest.mark.parametrize(
    ("awarded", "costs", "collected", "reduction", "due"),
    [
        ("225000.00", "450000.00", "225000.00", "0.00", "225000.00"),
        ("225000.00", "500000.00", "300000.00", "0.00", "225000.00"),  # never above the award
        ("225000.00", "400000.00", "225000.00", "0.00", "200000.00"),  # half of the costs
        ("225000.00", "450000.00", "190000.00", "0.00", "190000.00"),  # a euro for a euro
        ("225000.00", "450000.00", "225000.00", "25000.00", "200000.00"),
        ("225000.00", "100000.00", "225000.00", "60000.00", "0.00"),  # never below nothing
        ("225000.00", "0.00", "225000.00", "0.00", "0.00"),
        ("225000.00", "450000.00", "0.00", "0.00", "0.00"),
    ],
)
def test_payable_is_the_least_of_three_less_the_reduction(awarded, costs, collected, reduction, due):
    assert payable.payable_for_year(
        Decimal(awarded), Decimal(costs), Decimal(collected), rules_2025(), reduction=Decimal(reduction)
    ) == Decimal(due)


@pytest.mark.rule("SUB-02")
def test_a_negative_reduction_would_be_a_raise():
    with pytest.raises(DomainError, match="kan niet negatief zijn"):
        payable.payable_for_year(
            Decimal("1.00"), Decimal("2.00"), Decimal("1.00"), rules_2025(), reduction=Decimal("-0.01")
        )


@pytest.mark.rule("PAY-03")
@pytest.mark.rule("PAY-05")
@pytest.mark.rule("PAY-06")
@pytest.mark.rule("PAY-07")
@pytest.mark.parametrize(
    ("costs", "cash", "income", "first", "reduction", "due", "second", "recovery", "forfeited", "surplus"),
    [
        # all is well
        ("450000.00", "157500.00", "67500.00", "180000.00", "0.00", "225000.00", "45000.00", "0.00", "0.00", "0.00"),
        # too little spent: part of the award is lost
        ("400000.00", "225000.00", "0.00", "180000.00", "0.00", "200000.00", "20000.00", "0.00", "25000.00", "0.00"),
        # far too little spent: the first tranche was too much
        ("340000.00", "225000.00", "0.00", "180000.00", "0.00", "170000.00", "0.00", "10000.00", "55000.00", "0.00"),
        # exactly the first tranche
        ("360000.00", "225000.00", "0.00", "180000.00", "0.00", "180000.00", "0.00", "0.00", "45000.00", "0.00"),
        # more co-financing than required
        ("450000.00", "240000.00", "0.00", "180000.00", "0.00", "225000.00", "45000.00", "0.00", "0.00", "15000.00"),
        # a motivated reduction
        (
            "450000.00",
            "225000.00",
            "0.00",
            "180000.00",
            "10000.00",
            "215000.00",
            "35000.00",
            "0.00",
            "10000.00",
            "0.00",
        ),
        # never a first tranche: the whole year in one
        ("450000.00", "150000.00", "0.00", "0.00", "0.00", "150000.00", "150000.00", "0.00", "75000.00", "0.00"),
        # nothing at all
        ("0.00", "0.00", "0.00", "0.00", "0.00", "0.00", "0.00", "0.00", "225000.00", "0.00"),
    ],
)
def test_the_settlement_of_a_year(*, costs, cash, income, first, reduction, due, second, recovery, forfeited, surplus):
    figures = payable.settlement(
        awarded=Decimal("225000.00"),
        accepted_costs=Decimal(costs),
        cofinancing=cofinancing(cash, income),
        already_released=Decimal(first),
        rules=rules_2025(),
        reduction=Decimal(reduction),
    )
    assert figures.payable == Decimal(due)
    assert figures.second_tranche == Decimal(second)
    assert figures.recovery == Decimal(recovery)
    assert figures.forfeited == Decimal(forfeited)
    assert figures.surplus == Decimal(surplus)
    assert figures.balance == Decimal(due) - Decimal(first)


def test_the_settlement_tells_how_it_came_about():
    figures = payable.settlement(
        awarded=Decimal("225000.00"),
        accepted_costs=Decimal("400000.00"),
        cofinancing=cofinancing("157500.00", "70000.00"),
        already_released=Decimal("180000.00"),
        rules=rules_2025(),
        reduction=Decimal("5000.00"),
    )
    assert [(line.rule_id, str(line.amount)) for line in figures.lines] == [
        ("PRG-11", "225000.00"),
        ("SUB-01", "400000.00"),
        ("SUB-01", "200000.00"),
        ("COF-03", "157500.00"),
        ("COF-04", "70000.00"),
        ("COF-06", "67500.00"),
        ("COF-02", "225000.00"),
        ("SUB-04", "200000.00"),
        ("SUB-02", "-5000.00"),
        ("SUB-04", "195000.00"),
        ("PAY-01", "-180000.00"),
        ("PAY-03", "15000.00"),
        ("PAY-07", "30000.00"),
        ("COF-20", "0.00"),
    ]


def test_a_line_comes_back_from_json_as_it_was():
    line = payable.Line("Eerste schijf", "PAY-01", Decimal("180000.00"))
    assert payable.Line.from_dict(line.as_dict()) == line


@pytest.mark.parametrize("amount", ["-0.01", "-225000.00"])
def test_a_negative_award_is_a_fault(amount):
    with pytest.raises(ValueError, match="is negative"):
        payable.required_cofinancing(Decimal(amount))
