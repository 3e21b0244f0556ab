"""What the networks will ask of the budget, on literal figures (PAY-01, PAY-02, PAY-03)."""

from datetime import date
from decimal import Decimal

import pytest

from monitoring.domain.forecast import PlannedYear, by_budget_year, expected
from tests.monitoring.rules import rules_2025

D = Decimal


def year(**fields) -> PlannedYear:
    """Project year 1 of a network that started on 1 January 2027 with 225.000 euro."""
    return PlannedYear(
        **{
            "network": "N1", "project_year": 1, "starts_on": date(2027, 1, 1), "ends_on": date(2027, 12, 31),
            "awarded": D("225000.00"), "rules": rules_2025(), **fields,
        }
    )  # fmt: skip


@pytest.mark.rule("PAY-02")
@pytest.mark.parametrize(
    ("fields", "today", "coming"),
    [
        # an even pace reaches 80 % in the tenth month; the report is due two months after the year
        ({}, date(2027, 3, 1), [(date(2027, 11, 1), D("180000.00")), (date(2028, 2, 29), D("45000.00"))]),
        # late: expected now
        ({}, date(2027, 12, 15), [(date(2027, 12, 15), D("180000.00")), (date(2028, 2, 29), D("45000.00"))]),
        # the first one went out: 180.000 of 225.000
        (
            {"paid": ((date(2027, 9, 20), D("180000.00")),), "has_first": True},
            date(2027, 10, 1),
            [(date(2028, 2, 29), D("45000.00"))],
        ),
        # proposed and not released: nothing paid, still expected with the second
        ({"has_first": True}, date(2027, 10, 1), [(date(2028, 2, 29), D("225000.00"))]),
        # settled at 200.000 with 180.000 paid
        (
            {"paid": ((date(2027, 9, 20), D("180000.00")),), "has_first": True, "due": D("200000.00")},
            date(2028, 3, 1),
            [(date(2028, 3, 1), D("20000.00"))],
        ),
        # settled below the first tranche: a recovery is no expected payment
        (
            {"paid": ((date(2027, 9, 20), D("180000.00")),), "has_first": True, "due": D("170000.00")},
            date(2028, 3, 1),
            [],
        ),
    ],
)
def test_what_is_still_to_come(fields, today, coming):
    assert expected(year(**fields), today=today) == coming


def test_budget_years_add_up_and_none_is_left_out():
    found = by_budget_year(
        [year(), year(network="N2", starts_on=date(2029, 1, 1), ends_on=date(2029, 12, 31), awarded=D("100000.00"))],
        today=date(2027, 3, 1),
    )
    assert [(row.year, row.committed, row.paid, row.expected) for row in found] == [
        (2027, D("225000.00"), D("0.00"), D("180000.00")),
        (2028, D("0.00"), D("0.00"), D("45000.00")),
        (2029, D("100000.00"), D("0.00"), D("80000.00")),
        (2030, D("0.00"), D("0.00"), D("20000.00")),
    ]
    assert sum(row.total for row in found) == D("325000.00")


def test_no_networks_no_years():
    assert by_budget_year([], today=date(2027, 3, 1)) == []
