"""The European size classes from literal figures, and what stays unknown (TGT-10)."""

from dataclasses import fields
from decimal import Decimal

import pytest

from calls.ruleset import Rules
from monitoring.domain.company_size import Bounds, Figures, Tie, size_of
from tests.monitoring.rules import rules_2025

RULES = rules_2025()


def figures(staff=None, turnover=None, balance=None):
    return Figures(*(None if value is None else Decimal(value) for value in (staff, turnover, balance)))


def tie(fraction, staff=None, turnover=None, balance=None):
    return Tie(Decimal(fraction), figures(staff, turnover, balance))


@pytest.mark.rule("TGT-10")
@pytest.mark.parametrize(
    ("own", "size"),
    [
        (figures(9, 2_000_000, 5_000_000), "micro"),  # one of the two within the bound is enough
        (figures(9, 2_000_001, 2_000_001), "small"),
        (figures(10, 1, 1), "small"),
        (figures(49, 10_000_000, 50_000_000), "small"),
        (figures(50, 10_000_000, 1), "medium"),
        (figures(249, 50_000_000, 90_000_000), "medium"),
        (figures(249, 50_000_001, 43_000_000), "medium"),
        (figures(249, 50_000_001, 43_000_001), "large"),
        (figures(250, 1, 1), "large"),
        (figures(9, 60_000_000, 60_000_000), "large"),
        (figures(9, 1_000_000, None), "micro"),  # the turnover alone decides
    ],
)
def test_staff_and_one_of_the_two_amounts_decide(own, size):
    assert size_of(own, "autonomous", [], RULES).size == size


@pytest.mark.parametrize(
    ("own", "independence", "ties"),
    [
        (figures(None, 1, 1), "autonomous", []),
        (figures(9, None, None), "autonomous", []),
        (figures(9, 3_000_000, None), "autonomous", []),  # the balance could still make it micro
        (figures(9, 1, 1), "unknown", []),
        (figures(9, 1, 1), "linked", []),
        (figures(9, 1, 1), "linked", [tie("0.6")]),
        (figures(), "unknown", []),
    ],
)
def test_what_is_not_known_is_never_guessed(own, independence, ties):
    outcome = size_of(own, independence, ties, RULES)
    assert outcome.size == "unknown"
    assert outcome.reason.endswith(".")


@pytest.mark.parametrize(
    ("ties", "size"),
    [
        ([tie("0.5001", 250, 1, 1)], "large"),  # linked: counts whole
        ([tie("0.5000", 250, 1, 1)], "medium"),  # partner: half of 250 and 9 is 134
        ([tie("0.2500", 160, 1, 1)], "small"),  # a quarter of 160 and 9 is 49
        ([tie("0.2499", 9_999, 1, 1)], "micro"),  # below a quarter it is no partner
        ([tie("1.0000", 41, 1, 1)], "medium"),
    ],
)
def test_linked_companies_count_whole_and_partners_by_their_share(ties, size):
    assert size_of(figures(9, 1, 1), "linked", ties, RULES).size == size


def test_large_already_needs_no_further_figures():
    assert size_of(figures(250), "unknown", [], RULES).size == "large"
    assert size_of(figures(9, 1, 1), "linked", [tie("0.6", 241), tie("0.6")], RULES).size == "large"
    assert size_of(figures(1, 1, 1), "public", [], RULES).size == "large"


def test_the_bounds_are_data():
    assert size_of(figures(9, 1, 1), "autonomous", [], rules_2025(size_micro_staff=9)).size == "small"


def test_the_bounds_are_all_rules_about_size_and_give_the_same_class():
    assert Bounds._fields == tuple(one.name for one in fields(Rules) if one.name.startswith("size_"))
    bounds = Bounds(*(getattr(RULES, name) for name in Bounds._fields))
    for staff, turnover in ((9, 2_000_000), (49, 10_000_000), (249, 50_000_000), (250, 1)):
        own = figures(staff, turnover, turnover)
        assert size_of(own, "autonomous", (), bounds) == size_of(own, "autonomous", (), RULES)
