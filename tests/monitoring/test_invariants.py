"""The invariants see what they are for, and see nothing where all is well."""

from decimal import Decimal
from io import StringIO

import pgtrigger
import pytest
from django.core.management import CommandError, call_command

from evaluation.models import DecisionYear
from monitoring import invariants
from monitoring.domain import settlements, tranches
from monitoring.models import AwardYear, Contribution, ReportCost, Settlement, Tranche
from tests.factories.monitoring import approved_report, contribution, team

pytestmark = pytest.mark.django_db


@pytest.fixture
def settled(clock):
    clock.set("2027-03-01T10:00")
    crew = team()
    contribution(crew.year(), "240000.00", accepted_by=crew.manager)
    contribution(crew.year(), "7000.00", kind="activity_income", accepted_by=crew.manager)
    tranches.release(tranches.propose(crew.year(), 1, by=crew.manager), by=crew.officer)
    clock.set("2027-09-15T10:00")
    approved_report(crew, costs="420000.00")
    settlements.close_claims(crew.year(), by=crew.manager)
    settlements.settle(crew.year(), reduction=Decimal("1000.00"), reduction_reason="Achterstand.", by=crew.manager)
    tranches.release(Tranche.objects.get(number=2), by=crew.officer)
    return crew


def test_a_true_story_has_no_breach(settled):
    for name in dir(invariants):
        check = getattr(invariants, name)
        if getattr(check, "__module__", "") == invariants.__name__ and not name.startswith("_"):
            assert list(check()) == [], name


def test_a_released_amount_that_differs_from_its_tranches_is_seen(settled):
    AwardYear.objects.filter(project_year=1).update(paid_amount=Decimal("1.00"))
    assert "its tranches say 209000.00" in next(invariants.paid_within_award_of_year())


def test_a_tampered_payment_is_seen(settled):
    with pgtrigger.ignore("monitoring.Tranche:tranche_figures_are_frozen"):
        Tranche.objects.filter(number=1).update(amount=Decimal("180000.01"))
    assert "amount 180000.01, recomputed 180000.00" in " ".join(invariants.payments_recompute())


def test_tampered_evidence_is_seen(settled):
    with pgtrigger.ignore("monitoring.Contribution:closed_year_takes_no_contributions"):
        Contribution.objects.filter(amount=Decimal("240000.00")).update(amount=Decimal("239999.00"))
    assert "was 240000.00, is 239999.00" in next(invariants.payments_recompute())


def test_a_tampered_settlement_is_seen(settled):
    with pgtrigger.ignore("monitoring.Settlement:settlement_is_frozen"):
        Settlement.objects.update(forfeited=Decimal("0.00"))
    assert "forfeits 0.00" in " ".join(invariants.settlements_add_up())
    assert "recomputed" in " ".join(invariants.payments_recompute())


def test_paying_more_than_was_collected_is_seen(settled):
    with pgtrigger.ignore("monitoring.Settlement:settlement_is_frozen"):
        Settlement.objects.update(accepted_cash=Decimal("1.00"))
    assert "paid 209000.00 net" in next(invariants.paid_within_cofinancing())


def test_a_payment_is_explained_to_the_contribution(settled):
    out = StringIO()
    call_command("explain_payment", Tranche.objects.get(number=1).pk, stdout=out)
    text = out.getvalue()
    assert "Eerste schijf" in text
    assert "Bijdragen: 2" in text
    assert "hetzelfde bedrag" in text
    with pytest.raises(CommandError, match="no tranche 999999"):
        call_command("explain_payment", 999999, stdout=StringIO())


def test_a_second_tranche_is_explained_by_its_settlement(settled):
    out = StringIO()
    call_command("explain_payment", Tranche.objects.get(number=2).pk, stdout=out)
    assert "Vermindering wegens voortgang" in out.getvalue()
    assert f"Jaarverslag: goedgekeurd door {settled.manager}" in out.getvalue()


def test_costs_that_the_report_does_not_accept_are_seen(settled):
    ReportCost.objects.filter(cost_type="personnel").update(accepted_amount=Decimal("1.00"))
    found = " ".join(invariants.payments_recompute())
    assert "counts 420000.00 costs, the approved report says 1.00" in found
    with pytest.raises(CommandError, match="does not follow"):
        call_command("explain_payment", Tranche.objects.get(number=2).pk, stdout=StringIO(), stderr=StringIO())


def test_an_award_that_nobody_decided_is_seen(settled):
    DecisionYear.objects.filter(project_year=1).update(amount=Decimal("1.00"))
    assert "computed with an award of 225000.00" in " ".join(invariants.payments_recompute())
