"""The co-financing plan (4.2.4)."""

from decimal import Decimal

import pytest

from applications.domain import cofinancing
from applications.domain.snapshot import PlanItem
from calls.enums import PayerKind
from ibnportal.core.errors import DomainError
from tests.applications.domain.sample import RULES
from tests.factories.applications import ApplicationFactory


def line(amount, *, year=1, company="Alfa bv", kind="cash_fee"):
    return PlanItem(year, company, "", "company", kind, Decimal(str(amount)))


def summarise(*lines, required=None):
    return cofinancing.summarise(lines, required or {1: Decimal(50000), 2: Decimal(50000), 3: Decimal(50000)}, RULES)


@pytest.mark.rule("COF-16")
@pytest.mark.parametrize(
    ("amount", "closed", "gap"), [("49999.99", False, "0.01"), (50000, True, "0.00"), (60000, True, "0.00")]
)
def test_a_year_is_closed_when_the_plan_reaches_the_support_asked(amount, closed, gap):
    year = summarise(line(amount)).years[0]
    assert (year.is_closed, year.gap) == (closed, Decimal(gap))


@pytest.mark.rule("COF-16")
def test_a_plan_is_closed_when_every_year_is():
    assert summarise(*(line(50000, year=year) for year in (1, 2, 3))).is_closed
    assert not summarise(line(150000, year=1)).is_closed


def test_without_a_budget_nothing_is_closed():
    assert not cofinancing.summarise([line(50000)], {}, RULES).is_closed


@pytest.mark.rule("COF-06")
@pytest.mark.rule("COF-05")
@pytest.mark.parametrize(
    ("cash", "income", "accepted"),
    [(157500, 67500, "67500.00"), (157500, 67501, "67500.00"), (70, 30, "30.00"), (0, 100, "0.00"), (1, 1, "0.42")],
)
def test_income_counts_up_to_three_sevenths_of_the_cash(cash, income, accepted):
    assert cofinancing.accepted_income(Decimal(cash), Decimal(income), RULES) == Decimal(accepted)


@pytest.mark.rule("COF-15")
def test_the_plan_is_split_by_year_and_type():
    year = summarise(line(35000), line(15000, kind="activity_income"), line(1, year=2)).years[0]
    assert (year.cash, year.income, year.planned) == (Decimal(35000), Decimal(15000), Decimal(50000))
    assert (year.cash_fraction, year.income_fraction) == (Decimal("0.7"), Decimal("0.3"))


@pytest.mark.rule("COF-07")
def test_the_spread_shows_who_carries_how_much():
    spread = summarise(line(75), line(25, company="Beta nv"), line(100, year=2, company="alfa  BV")).spread
    assert [(item.company_name, item.total, item.fraction) for item in spread] == [
        ("Alfa bv", Decimal(175), Decimal("0.875")), ("Beta nv", Decimal(25), Decimal("0.125")),
    ]  # fmt: skip


@pytest.fixture
def draft(db, clock):
    return ApplicationFactory(state="p2_draft")


def add(draft, **changes):
    fields = {"project_year": 1, "company_name": "Alfa bv", "kind": "cash_fee", "amount": Decimal(1000)}
    return cofinancing.add_line(draft, by=draft.colleague, **{**fields, **changes})


@pytest.mark.rule("COF-19")
@pytest.mark.parametrize("payer", [kind for kind in PayerKind if kind != PayerKind.COMPANY])
def test_the_five_excluded_payers_are_refused_by_name(draft, payer):
    with pytest.raises(DomainError) as refused:
        add(draft, payer_kind=payer)
    assert refused.value.rule_id == "COF-19"
    assert payer.label in refused.value.message
    assert not draft.cofinancing_lines.exists()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"project_year": 4}, "telt 3 projectjaren; jaar 4"),
        ({"project_year": 0}, "jaar 0 is er geen"),
        ({"amount": Decimal(0)}, "meer dan 0 euro"),
        ({"amount": Decimal(-5)}, "meer dan 0 euro"),
        ({"company_name": " "}, "naam van de onderneming"),
        ({"enterprise_number": "0400000985"}, "controlegetal"),
    ],
)
def test_bad_lines_are_refused_in_words(draft, changes, message):
    with pytest.raises(DomainError, match=message):
        add(draft, **changes)


@pytest.mark.rule("P1-SUB-03")
def test_the_pre_registration_has_no_plan(db, clock):
    with pytest.raises(DomainError, match="nog geen cofinancieringsplan"):
        add(ApplicationFactory())


def test_a_line_is_corrected_and_taken_out(draft):
    kept = add(draft)
    cofinancing.change_line(
        kept, project_year=2, company_name="Alfa nv", kind="activity_income", amount=Decimal(5), by=draft.colleague
    )
    assert (draft.cofinancing_lines.get().project_year, draft.cofinancing_lines.get().amount) == (2, Decimal(5))
    cofinancing.remove_line(kept, by=draft.colleague)
    assert not draft.cofinancing_lines.exists()
