"""What one cluster organisation was awarded over ten years, beside the ceiling (SUB-06, PRG-21); which awards are made public (X-15)."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest

from applications.models import Application
from calls.models import Call
from evaluation.models import Decision
from ibnportal.core.accounts.enums import Role
from monitoring.domain import agreements, state_aid
from monitoring.models import Network
from tests.factories.monitoring import award, staff
from tests.factories.programme import load_programme

pytestmark = [pytest.mark.django_db, pytest.mark.rule("SUB-06")]


@pytest.fixture
def agreement(clock):
    clock.set("2026-08-20T10:00")
    decision = award(
        amounts=("225000.00", "225000.00", "225000.00"), rules={"award_published_above": Decimal("100000.00")}
    )
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


def test_an_award_without_a_published_day_counts_from_the_start_of_its_network(agreement):
    """Of the second call no day of decision is published: it cannot have been later than the start."""
    Decision.objects.update(decided_on=None)
    assert agreement.network.start_on == date(2026, 9, 1)
    assert total(agreement, ceiling="1.00", on=date(2026, 8, 31)).awarded == 0
    assert total(agreement, ceiling="1.00", on=date(2026, 9, 1)).awarded == Decimal("675000.00")
    assert total(agreement, ceiling="1.00", on=date(2036, 9, 30)).awarded == Decimal("675000.00")
    assert total(agreement, ceiling="1.00", on=date(2036, 10, 1)).awarded == 0


def test_the_page_adds_up_the_past_and_says_where_nothing_can_be(client, clock):
    """At the opening of the call of 2025: MaaS of ITS asked 295.059 euro; of Flanders Health no amount is published."""
    load_programme()
    clock.set("2026-01-20T10:00")
    rules = Call.objects.get(code="2025").rules()
    found = {
        aid.beneficiary.name: aid for aid in state_aid.clusters(Network.objects.all(), rules, on=date(2026, 1, 20))
    }
    assert found["ITS vzw"].cumulation.awarded == Decimal("295059.00")
    assert found["WTCB"].cumulation.awarded == Decimal("899620.00")
    assert (found["WTCB"].unpublished, found["WTCB"].is_known) == (1, True)
    assert (found["FlandersBio"].unpublished, found["FlandersBio"].is_known) == (1, False)
    assert sum(aid.cumulation.awarded for aid in found.values()) == Decimal("4824749.00") + Decimal("663367.00")


# ---------------------------------------------------------------- to publish


def made(number, amount, *, bound="100000.00", on=date(2026, 7, 1), released=True):
    return SimpleNamespace(
        application=SimpleNamespace(number=number),
        amount=None if amount is None else Decimal(amount),
        rules=SimpleNamespace(award_published_above=None if bound is None else Decimal(bound)),
        decided_on=on,
        released_at=date(2026, 7, 2) if released else None,
    )


def test_what_was_told_and_lies_above_the_bound_of_its_own_call_is_made_public_newest_first():
    """X-15. Exactly the bound is not above it, and what was never published is not known to be."""
    awards = [
        made("IBN-01", "675000.00", on=date(2016, 3, 1)),
        made("IBN-02", "100000.00"),
        made("IBN-03", "100000.01"),
        made("IBN-04", None),
        made("IBN-05", "675000.00", released=False),
        made("IBN-06", "400000.00", bound="500000.00"),
        made("IBN-07", "675000.00", bound=None),
        made("IBN-08", "225000.00", on=None),
    ]
    assert [award.application.number for award in state_aid.to_publish(awards)] == ["IBN-03", "IBN-01", "IBN-08"]


def test_the_page_of_the_agency_and_the_open_data_are_one_list(agreement, client, clock):
    clock.set("2026-09-20T10:00")
    Application.objects.update(is_reconstructed=True)  # the open data tell what was published
    shown = state_aid.to_publish(state_aid.awards_of(Network.objects.all()))
    answer = client.get("/open-data/v1/od-01.json").json()
    assert [award.amount for award in shown] == [Decimal("675000.00")]
    assert [row["cells"]["amount"] for row in answer["rows"]] == ["675000"]
