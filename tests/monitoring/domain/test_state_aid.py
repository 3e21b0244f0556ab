"""What one cluster organisation was awarded over ten years, beside the ceiling (SUB-06, PRG-21)."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from ibnportal.core.accounts.enums import Role
from monitoring.domain import agreements, state_aid
from tests.factories.monitoring import award, staff

pytestmark = [pytest.mark.django_db, pytest.mark.rule("SUB-06")]


@pytest.fixture
def agreement(clock):
    clock.set("2026-08-20T10:00")
    decision = award(amounts=("225000.00", "225000.00", "225000.00"))
    return agreements.draft(decision, start_on=date(2026, 9, 1), by=staff(Role.ACCOUNT_MANAGER))


def total(agreement, *, ceiling, on=date(2026, 8, 20), years=10):
    rules = replace(agreement.rules.frozen(), state_aid_years=years, state_aid_ceiling=Decimal(ceiling))
    return state_aid.cumulated(agreement.network.beneficiary, rules, on=on)


def test_exactly_the_ceiling_is_allowed_and_a_cent_more_is_not(agreement):
    assert total(agreement, ceiling="675000.00").awarded == Decimal("675000.00")
    assert not total(agreement, ceiling="675000.00").is_exceeded
    assert total(agreement, ceiling="674999.99").is_exceeded


def test_an_award_counts_for_ten_years_and_then_no_more(agreement):
    assert total(agreement, ceiling="1.00", on=date(2036, 7, 31)).awarded == Decimal("675000.00")
    assert total(agreement, ceiling="1.00", on=date(2036, 8, 1)).awarded == 0


def test_a_call_without_years_keeps_no_count(agreement):
    assert total(agreement, ceiling="1.00", years=None) is None


def test_above_the_ceiling_the_agreement_is_not_signed(agreement, monkeypatch):
    assert "SUB-06" not in {finding.rule_id for finding in agreements.findings(agreement)}
    beyond = total(agreement, ceiling="500000.00")
    monkeypatch.setattr(state_aid, "cumulated", lambda *_args, **_more: beyond)
    found = [finding for finding in agreements.findings(agreement) if finding.rule_id == "SUB-06"]
    assert len(found) == 1
    assert "675.000,00" in found[0].message
    assert "500.000,00" in found[0].message
