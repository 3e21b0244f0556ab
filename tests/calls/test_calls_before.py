"""The two earlier calls as loaded: other rules, the same columns."""

from datetime import date
from decimal import Decimal

import pytest

from calls.enums import CallState
from tests.factories.calls import install_call

pytestmark = pytest.mark.django_db
BOTH = pytest.mark.parametrize("code", ["2015", "2017"])


@BOTH
@pytest.mark.rule("H-05", "PRG-22")
def test_support_was_half_and_at_most_150_000_a_year_for_three_years(code):
    rules = install_call(code).rules()
    assert (rules.max_grant_year, rules.grant_fraction, rules.project_years) == (
        Decimal("150000.00"),
        Decimal("0.5"),
        3,
    )
    assert rules.cofinancing_fraction == Decimal("0.5")


@BOTH
def test_what_was_not_published_is_no_rule(code):
    rules = install_call(code).rules()
    assert rules.max_grant_total is None
    assert rules.budget_available is None
    assert rules.max_awards is None
    assert rules.min_letters(1) == 0


@pytest.mark.rule("H-01")
def test_the_first_call_ran_from_october_2015_to_april_2016():
    call = install_call("2015")
    assert list(call.milestones.values_list("kind", "starts_on"))[:3] == [
        ("launch", date(2015, 10, 30)), ("phase1_deadline", date(2015, 12, 15)), ("phase2_deadline", date(2016, 4, 29)),
    ]  # fmt: skip


@pytest.mark.rule("H-02")
def test_the_funnel_of_the_first_call():
    facts = install_call("2015").facts.filter(is_reading=True)
    funnel = {fact.subject: int(fact.number) for fact in facts.filter(subject__startswith="weg-")}
    assert funnel == {
        "weg-1-behouden": 33, "weg-2-niet-ingediend": 8, "weg-3-volledig": 25, "weg-4-gesteund": 13, "weg-5-herziening": 1,
        "weg-6-niet-gesteund": 11,
    }  # fmt: skip


@pytest.mark.rule("H-03")
def test_the_hermes_committee_decided_in_july_2016():
    call = install_call("2015")
    assert call.decision_body == "Hermes-beslissingscomité"
    assert call.facts.get(subject="beslist").value == "juli 2016"


@pytest.mark.rule("H-03")
def test_three_published_totals_stand_side_by_side_and_one_is_the_reading():
    facts = install_call("2015").facts.filter(subject="toegekend")
    assert [(fact.number, fact.is_reading) for fact in facts] == [
        (Decimal("4824749.00"), True), (Decimal("4700000.00"), False), (Decimal("4250000.00"), False),
    ]  # fmt: skip


@pytest.mark.rule("H-04")
def test_the_second_call_supported_six_of_twelve():
    call = install_call("2017")
    assert call.launched_text == "tweede helft van 2017"
    assert call.facts.get(subject="weg-3-volledig").number == 12
    assert call.facts.get(subject="weg-4-gesteund").number == 6


@pytest.mark.rule("H-06")
def test_a_spearhead_cluster_got_more_for_longer():
    facts = install_call("2015").facts.filter(subject__startswith="speerpunt").order_by("subject")
    assert [(fact.subject, fact.number) for fact in facts] == [
        ("speerpunt-aantal", 6), ("speerpunt-looptijd", 10), ("speerpunt-steun-per-jaar", 500_000),
    ]  # fmt: skip


@pytest.mark.rule("H-07")
def test_the_knock_out_rule_of_the_first_call():
    rules = install_call("2015").knockout_rules
    assert [(rule.dimension.code, rule.step.code, rule.min_count) for rule in rules.select_related("dimension", "step")] == [
        ("potential", "rather_weak", 3), ("potential", "critical", 1), ("quality", "unsupportable", 1),
    ]  # fmt: skip


@pytest.mark.rule("H-08")
def test_five_criteria_on_two_axes():
    tree = install_call("2015").dimensions.prefetch_related("criteria")
    assert [(axis.label, axis.criteria.count()) for axis in tree] == [("Clusterpotentieel", 3), ("Kwaliteit", 2)]


@BOTH
@pytest.mark.rule("H-18")
def test_surplus_cofinancing_was_carried_over_and_support_was_not(code):
    rules = install_call(code).rules()
    assert rules.cofinancing_carries_over is True
    assert rules.support_carries_over is False


@BOTH
@pytest.mark.rule("H-24", "H-14")
def test_no_extension_and_two_meetings_a_year(code):
    rules = install_call(code).rules()
    assert rules.extension_allowed is False
    assert rules.min_steering_meetings_attended == 2


@BOTH
@pytest.mark.rule("HK-01", "HK-02", "HK-03")
def test_a_cooperation_had_three_parties_three_companies_and_was_started(code):
    kpis = install_call(code).kpi_definitions
    assert list(kpis.values_list("code", "min_parties", "min_companies", "only_started")) == [
        ("kpi1", 0, 0, False), ("kpi2", 0, 0, False), ("kpi3", 3, 3, True),
    ]  # fmt: skip


@BOTH
def test_a_past_call_is_closed_with_frozen_rules(code):
    call = install_call(code)
    assert call.state == CallState.CLOSED
    assert call.current_rules().frozen_at is not None
