"""The preview that a page shows is what the settlement becomes."""

from decimal import Decimal as D

import pytest

from monitoring.domain import overview, settlements, tranches
from monitoring.domain.reports import accepted_costs_of
from monitoring.models import Network
from tests.factories.monitoring import approved_report, contribution, team

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("costs", ["450000.00", "340000.00"])
def test_page_and_settlement_agree(clock, costs):
    clock.set("2027-03-01T10:00")
    crew = team()
    contribution(crew.year(), "160000.00", accepted_by=crew.manager)
    contribution(crew.year(), "90000.00", kind="activity_income", accepted_by=crew.manager)
    tranches.release(tranches.propose(crew.year(), 1, by=crew.manager), by=crew.officer)
    clock.set("2027-09-15T10:00")
    approved_report(crew, costs=costs)
    settlements.close_claims(crew.year(), by=crew.manager)
    view = overview.view_of(overview.with_years(Network.objects.all()).get()).year(1)
    shown = overview.preview(view, accepted_costs=accepted_costs_of(crew.year()), reduction=D("500.00"))
    assert shown == settlements.preview(crew.year(), reduction=D("500.00"))
    made = settlements.settle(crew.year(), reduction=D("500.00"), reduction_reason="Achterstand.", by=crew.manager)
    assert made.balance == shown.balance
