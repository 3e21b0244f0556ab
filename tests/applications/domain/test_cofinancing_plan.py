"""The co-financing plan as a whole: its grid with several people in it, what letters promised, and how it is spread (4.2.4)."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from applications.domain import cofinancing, cofinancing_grid, cofinancing_promises
from applications.domain.cofinancing_grid import Edit, Overtaken, Row
from applications.domain.cofinancing_spread import distribution
from applications.domain.snapshot import PlanItem
from calls.enums import PayerKind
from ibnportal.core.errors import DomainError, WrongState
from tests.applications.domain.sample import RULES
from tests.factories.applications import ApplicationFactory, add_letters
from tests.factories.core import enterprise_number

D = Decimal
NEEDED = {1: D(50000), 2: D(50000), 3: D(50000)}


def line(amount, *, year=1, company="Alfa bv", kind="cash_fee", **more):
    return PlanItem(year, company, "", "company", kind, D(str(amount)), **more)


def summarise(*lines, is_broad=False):
    return cofinancing.summarise(lines, NEEDED, RULES, is_broad=is_broad)


# ---------------------------------------------------------------- what counts


@pytest.mark.rule("COF-01")
@pytest.mark.rule("COF-16")
def test_each_year_needs_as_much_as_the_support_asked_for_that_year():
    year = cofinancing.summarise([line(225000)], {1: D(225000)}, RULES).years[0]
    assert (year.required, year.is_closed) == (D(225000), True)
    assert not cofinancing.summarise([line(224999)], {1: D(225000)}, RULES).years[0].is_closed


@pytest.mark.rule("COF-05")
@pytest.mark.rule("COF-16")
def test_a_year_does_not_close_with_income_above_its_share():
    """EUR 30.000 cash carries at most EUR 12.857,14 of income: EUR 42.857,14 counts, EUR 7.142,86 is missing."""
    year = summarise(line(30000), line(20000, kind="activity_income")).years[0]
    assert (year.planned, year.counted, year.gap, year.is_closed) == (D(50000), D("42857.14"), D("7142.86"), False)
    closed = summarise(line(35000), line(15000, kind="activity_income")).years[0]
    assert (closed.counted, closed.is_closed, closed.cash_fraction) == (D(50000), True, D("0.7"))


@pytest.mark.rule("COF-02")
@pytest.mark.rule("COF-19")
@pytest.mark.parametrize("payer", [kind for kind in PayerKind if kind != PayerKind.COMPANY])
def test_only_companies_count_also_in_a_plan_that_was_handed_in_before(payer):
    excluded = replace(line(50000), payer_kind=payer)
    plan = summarise(excluded)
    assert (plan.years[0].planned, plan.years[0].uncounted, plan.years[0].is_closed) == (D(0), D(50000), False)
    assert [(finding.rule_id, finding.where) for finding in plan.remarks] == [("COF-19", "Alfa bv")]


@pytest.mark.rule("COF-03")
@pytest.mark.rule("COF-21")
@pytest.mark.parametrize(("kind", "counts"), [("cash_fee", 0), ("cash_sponsoring", 0), ("activity_income", 1)])
def test_cash_counts_from_members_only_and_income_from_any_company(kind, counts):
    plan = summarise(line(700, company="Lid"), line(100, kind=kind, is_member=False, explanation="Congres"))
    assert plan.years[0].planned == D(700) + D(100) * counts
    assert [finding.rule_id for finding in plan.remarks] == ["COF-21"] * (1 - counts)


@pytest.mark.rule("COF-04")
@pytest.mark.rule("COF-11")
def test_income_names_the_activity_it_comes_from():
    (finding,) = summarise(line(70), line(30, kind="activity_income")).remarks
    assert (finding.rule_id, finding.severity, finding.where) == ("COF-11", "warning", "Alfa bv")
    assert summarise(line(30, kind="activity_income", explanation="Jaarcongres")).remarks == ()


@pytest.mark.rule("COF-10")
def test_in_a_broad_member_organisation_only_members_involved_in_the_project_count():
    lines = (
        line(40000, explanation="Trekt werkpakket 2"),
        line(30000, company="Beta nv"),
        line(10000, company="Gamma cv", kind="activity_income", explanation="Congres"),
    )
    broad = summarise(*lines, is_broad=True)
    assert (broad.years[0].planned, broad.years[0].uncounted) == (D(50000), D(30000))
    assert [(finding.rule_id, finding.where) for finding in broad.remarks] == [("COF-10", "Beta nv")]
    assert summarise(*lines).years[0].planned == D(80000)


@pytest.mark.rule("COF-06")
def test_the_share_of_cash_is_told_a_year_and_over_the_project():
    plan = summarise(line(70), line(30, kind="activity_income"), line(100, year=2))
    assert (plan.years[0].cash_fraction, plan.cash_fraction) == (D("0.7"), D("0.85"))


# ---------------------------------------------------------------- spread


@pytest.mark.rule("COF-08")
@pytest.mark.parametrize(
    ("amounts", "median", "to_half", "largest"),
    [
        ([5000] * 31, "5000", 16, "0.0323"),  # Power to Gas in table 8: 16 of 31
        ([20000, 100, 100, 100], "100", 1, "0.9852"),
        ([3, 1, 1, 1], "1", 1, "0.5"),
        ([2, 1, 1, 1], "1", 2, "0.4"),
        ([100, 200], "150", 1, "0.6667"),
        ([1], "1", 1, "1"),
    ],
)
def test_the_spread_is_told_as_in_the_evaluation(amounts, median, to_half, largest):
    found = distribution(D(amount) for amount in amounts)
    assert (found.payers, found.median, found.to_half, found.largest_fraction) == (
        len(amounts), D(median), to_half, D(largest),
    )  # fmt: skip


def test_nobody_pays_anything_has_no_spread():
    assert distribution([]) is None
    assert distribution([D(0)]) is None


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a busy machine is no failing rule
@given(st.lists(st.integers(1, 9_999_999), min_size=1, max_size=40))
def test_the_fewest_payers_that_carry_half_carry_half_and_one_less_do_not(cents):
    amounts = [D(amount) / 100 for amount in cents]
    found = distribution(amounts)
    ranked = sorted(amounts, reverse=True)
    assert sum(ranked[: found.to_half]) * 2 >= sum(amounts)
    assert sum(ranked[: found.to_half - 1]) * 2 < sum(amounts)
    assert found.smallest <= found.median <= found.largest


@pytest.mark.rule("COF-07")
def test_one_payer_that_carries_half_of_the_plan_is_a_warning():
    def warned(*lines):
        return [
            finding.where for finding in cofinancing.findings(summarise(*lines), RULES) if finding.rule_id == "COF-07"
        ]

    assert warned(line(50), line(25, company="Beta nv"), line(25, company="Gamma cv")) == ["Alfa bv"]
    assert warned(line(49), line(26, company="Beta nv"), line(25, company="Gamma cv")) == []


# ---------------------------------------------------------------- the grid


@pytest.fixture
def draft(db, clock):
    clock.set("2026-03-02T10:00")
    return ApplicationFactory(state="p2_draft")


ALFA = Row("Alfa bv", "cash_fee", amounts={1: D(1000), 2: D(1000)})


def save(draft, *edits):
    return cofinancing_grid.save(
        draft, [Edit(*edit, place=f"rij-{at}") for at, edit in enumerate(edits)], by=draft.colleague
    )


def cells(draft):
    return {(line.company_name, line.kind, line.project_year): line.amount for line in draft.cofinancing_lines.all()}


@pytest.mark.rule("COF-15")
def test_many_cells_are_kept_at_once_by_company_year_and_type(draft):
    beta = Row("Beta nv", "activity_income", enterprise_number(7), amounts={3: D("2500.50")}, explanation="Congres")
    assert save(draft, (None, ALFA), (None, beta)) == 3
    assert cells(draft) == {
        ("Alfa bv", "cash_fee", 1): D(1000), ("Alfa bv", "cash_fee", 2): D(1000),
        ("Beta nv", "activity_income", 3): D("2500.50"),
    }  # fmt: skip
    assert cofinancing_grid.rows(draft) == [ALFA, beta]


def test_a_row_is_changed_emptied_renamed_and_taken_out(draft):
    save(draft, (None, ALFA), (None, replace(ALFA, company_name="Beta nv")))
    assert save(draft, (ALFA, replace(ALFA, amounts={2: D(5), 3: D(6)}))) == 3
    (alfa, beta) = cofinancing_grid.rows(draft)
    save(draft, (alfa, replace(alfa, company_name="Alfa Groep nv")), (beta, None))
    assert cells(draft) == {("Alfa Groep nv", "cash_fee", 2): D(5), ("Alfa Groep nv", "cash_fee", 3): D(6)}


def test_two_rows_may_swap_names(draft):
    beta = Row("Beta nv", "cash_fee", amounts={1: D(2)})
    save(draft, (None, ALFA), (None, beta))
    save(draft, (ALFA, replace(ALFA, company_name="Beta nv")), (beta, replace(beta, company_name="Alfa bv")))
    assert cells(draft)["Alfa bv", "cash_fee", 1] == D(2)
    assert cells(draft)["Beta nv", "cash_fee", 1] == D(1000)


def test_what_was_not_changed_costs_nothing(draft):
    save(draft, (None, ALFA))
    assert save(draft, (ALFA, ALFA)) == 0


def test_two_people_who_change_other_cells_both_keep_their_own(draft):
    save(draft, (None, ALFA))
    save(draft, (ALFA, replace(ALFA, amounts={1: D(1500), 2: D(1000)})))
    save(draft, (ALFA, replace(ALFA, amounts={1: D(1000), 2: D(900)}, explanation="Stuurgroep")))
    assert cells(draft) == {("Alfa bv", "cash_fee", 1): D(1500), ("Alfa bv", "cash_fee", 2): D(900)}
    assert {line.explanation for line in draft.cofinancing_lines.all()} == {"Stuurgroep"}


def test_two_people_who_change_the_same_cell_are_told_and_nothing_is_lost(draft):
    save(draft, (None, ALFA))
    save(draft, (ALFA, replace(ALFA, amounts={1: D(1500), 2: D(1000)})))
    with pytest.raises(Overtaken) as overtaken:
        save(draft, (ALFA, replace(ALFA, amounts={1: D(1200), 2: D(1000)})))
    (finding,) = overtaken.value.findings
    assert finding.where == "rij-0, jaar 1"
    assert finding.message == (
        "U schreef €\N{NO-BREAK SPACE}1.200,00, iemand anders intussen €\N{NO-BREAK SPACE}1.500,00. Bewaart u opnieuw, dan telt uw bedrag."
    )
    assert cells(draft)["Alfa bv", "cash_fee", 1] == D(1500)


def test_a_row_that_a_colleague_took_out_comes_back_only_when_asked_again(draft):
    save(draft, (None, ALFA))
    save(draft, (ALFA, None))
    mine = replace(ALFA, amounts={1: D(1)})
    with pytest.raises(Overtaken, match="iemand anders"):
        save(draft, (ALFA, mine))
    assert save(draft, (None, mine)) == 1


def test_a_row_that_a_colleague_changed_is_not_taken_out_unseen(draft):
    save(draft, (None, ALFA))
    save(draft, (ALFA, replace(ALFA, amounts={1: D(9)})))
    with pytest.raises(Overtaken):
        save(draft, (ALFA, None))


@pytest.mark.parametrize(
    ("row", "rule", "message"),
    [
        (replace(ALFA, payer_kind=PayerKind.FEDERATION), "COF-19", "telt nooit mee: Federatie"),
        (replace(ALFA, is_member=False), "COF-21", "alleen mee van leden van de cluster"),
        (replace(ALFA, enterprise_number="0400000985"), "P1-LET-03", "controlegetal"),
        (replace(ALFA, company_name=""), "COF-17", "naam van de onderneming"),
        (replace(ALFA, amounts={}), "COF-15", "minstens één jaar een bedrag"),
    ],
)
def test_nothing_of_the_grid_is_kept_when_one_row_cannot_be(draft, row, rule, message):
    beta = Row("Beta nv", "cash_fee", amounts={1: D(5)})
    with pytest.raises(DomainError) as refused:
        save(draft, (None, beta), (None, row))
    assert [(finding.rule_id, finding.where) for finding in refused.value.findings] == [(rule, "rij-1")]
    assert message in refused.value.findings[0].message
    assert not draft.cofinancing_lines.exists()


def test_the_same_company_and_kind_twice_is_one_row(draft):
    with pytest.raises(DomainError) as refused:
        save(draft, (None, ALFA), (None, replace(ALFA, company_name="ALFA  bv")))
    assert "staat al in het plan met lidgeld" in refused.value.findings[0].message


def test_the_plan_that_was_handed_in_is_not_edited(db, clock):
    handed_in = ApplicationFactory(state="p2_submitted")
    with pytest.raises(WrongState):
        save(handed_in, (None, ALFA))


# ---------------------------------------------------------------- letters


@pytest.mark.rule("COF-17")
@pytest.mark.rule("ROL-13")
def test_what_letters_promise_goes_into_the_plan_in_one_action_and_only_once(draft):
    first, _ = add_letters(draft, 2, commitment_amount=D(1000), role="Stuurgroep")
    add_letters(draft, 1)
    add_letters(draft, 1, signed=False, commitment_amount=D(9999))
    taken = cofinancing_promises.take_over(draft, is_per_year=True, by=draft.colleague)
    assert (taken.added, taken.already_planned, taken.amount) == (2, 0, D(6000))
    of_first = draft.cofinancing_lines.filter(company_name=first.company_name)
    assert {
        (line.project_year, line.amount, line.kind, line.explanation, line.enterprise_number) for line in of_first
    } == {(year, D(1000), "cash_fee", "Stuurgroep", first.enterprise_number) for year in (1, 2, 3)}
    again = cofinancing_promises.take_over(draft, is_per_year=True, by=draft.colleague)
    assert (again.added, again.already_planned) == (0, 2)


def test_an_amount_for_the_whole_project_is_spread_to_the_cent(draft):
    add_letters(draft, 1, commitment_amount=D("1000.00"))
    cofinancing_promises.take_over(draft, is_per_year=False, kind="cash_sponsoring", by=draft.colleague)
    amounts = list(draft.cofinancing_lines.order_by("project_year").values_list("amount", flat=True))
    assert amounts == [D("333.34"), D("333.33"), D("333.33")]


def test_a_company_that_is_planned_already_stays_as_it_is(draft):
    (letter,) = add_letters(draft, 1, commitment_amount=D(1000))
    save(draft, (None, Row("Anders geschreven", "cash_fee", letter.enterprise_number, amounts={1: D(7)})))
    taken = cofinancing_promises.take_over(draft, is_per_year=True, by=draft.colleague)
    assert (taken.added, taken.already_planned) == (0, 1)
    assert list(cells(draft).values()) == [D(7)]


@pytest.mark.rule("COF-17")
def test_promises_that_are_not_in_the_plan_are_named():
    (finding,) = cofinancing.unplanned([("Alfa bv", D(1000))])
    assert (finding.rule_id, finding.severity) == ("COF-17", "warning")
    assert "niet in het plan: Alfa bv (€\N{NO-BREAK SPACE}1.000,00)" in finding.message
    assert cofinancing.unplanned([]) == []


def test_letters_without_an_amount_give_nothing_to_take_over(draft):
    add_letters(draft, 1)
    with pytest.raises(DomainError, match="noemt een bedrag"):
        cofinancing_promises.take_over(draft, is_per_year=True, by=draft.colleague)


# ---------------------------------------------------------------- one line


def test_a_line_that_somebody_else_changed_is_not_overwritten_unseen(draft):
    fields = {"project_year": 1, "company_name": "Alfa bv", "kind": "cash_fee", "amount": D(1000)}
    kept = cofinancing.add_line(draft, by=draft.colleague, **fields)
    seen = cofinancing.fingerprint(kept)
    cofinancing.change_line(kept, by=draft.representative, **{**fields, "amount": D(2000)}, seen=seen)
    with pytest.raises(DomainError, match="Iemand anders paste deze bijdrage intussen aan"):
        cofinancing.change_line(kept, by=draft.colleague, **{**fields, "amount": D(3000)}, seen=seen)
    assert draft.cofinancing_lines.get().amount == D(2000)


@pytest.mark.rule("COF-15")
def test_one_company_has_one_amount_a_year_and_kind(draft):
    fields = {"project_year": 1, "kind": "cash_fee", "amount": D(1000), "by": draft.colleague}
    cofinancing.add_line(draft, company_name="Alfa bv", **fields)
    with pytest.raises(DomainError, match="staat voor jaar 1 al in het plan met lidgeld"):
        cofinancing.add_line(draft, company_name="ALFA  BV", **fields)


@pytest.mark.rule("COF-21")
def test_sponsoring_of_who_is_no_member_is_refused_with_its_rule(draft):
    with pytest.raises(DomainError) as refused:
        cofinancing.add_line(
            draft,
            company_name="Alfa bv",
            project_year=1,
            kind="cash_sponsoring",
            amount=D(5),
            is_member=False,
            by=draft.colleague,
        )
    assert refused.value.rule_id == "COF-21"


@pytest.mark.rule("COF-10")
def test_being_a_broad_member_organisation_is_declared_and_changes_what_counts(draft):
    save(draft, (None, replace(ALFA, amounts={1: D(1000)})))
    assert cofinancing.summary(draft).years[0].planned == D(1000)
    cofinancing.declare_broad(draft, is_broad=True, by=draft.colleague)
    assert cofinancing.summary(draft).years[0].planned == D(0)
