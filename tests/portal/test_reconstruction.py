"""Tables 7 and 8 of the evaluation, from rows that are marked as reconstructed: literal figures, and the one that cannot be."""

from datetime import date
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command
from django.db.models import Count, Sum
from django.urls import reverse

from applications.domain.cofinancing_spread import distribution
from ibnportal.core.accounts.enums import Role
from ibnportal.core.accounts.models import Organisation
from ibnportal.portal import search
from ibnportal.portal.history import reconstruction
from ibnportal.portal.history.reconstruction import Printed, amounts
from monitoring.domain import reconstructed
from monitoring.models import AwardYear, Collaboration, Contribution, Membership, Network
from tests.conftest import BACKEND
from tests.factories.core import StaffFactory
from tests.factories.programme import load_programme

# code: (members, collaborations; contributions, highest, lowest, median, at the highest, to half)
TABLES = {
    "IBN1-01": (140, 23, 82, 35000, 175, 550, 1, 9),
    "IBN1-02": (33, 14, 31, 5000, 5000, 5000, 31, 16),
    "IBN1-03": (105, 19, 68, 10000, 250, 850, 8, 7),
    "IBN1-04": (75, 11, 55, 2900, 2900, 2900, 55, 28),  # the table prints 27 (49,1 %, as 50 %); 27 do not carry half
    "IBN1-05": (34, 2, 19, 8000, 3000, 3000, 1, 9),
    "IBN1-06": (85, 32, 31, 5000, 500, 2000, 5, 8),
    "IBN1-07": (64, 9, 54, 5500, 250, 1000, 9, 12),
    "IBN1-08": (196, 20, 105, 20000, 50, 100, 5, 4),
    "IBN1-09": (81, 8, 82, 2850, 375, 600, 2, 18),
    "IBN1-10": (28, 17, 29, 3300, 800, 2200, 1, 12),
    "IBN1-11": (54, 10, 39, 12000, 400, 1200, 3, 5),
    "IBN1-12": (34, 3, 34, 10000, 300, 600, 2, 4),
    "IBN1-13": (69, 1, 65, 6000, 1250, 1525, 7, 17),
    "IBN1-14": (84, 9, 68, 2000, 500, 1000, 10, 28),
}  # fmt: skip
# What the rows add up to; a third of the award lies out of reach of the printed fees for the last five (H-18, HE-07).
SUMS = {
    "IBN1-01": "150000.00", "IBN1-02": "155000.00", "IBN1-04": "159500.00", "IBN1-06": "68230.33", "IBN1-08": "149989.67",
    "IBN1-10": "70833.33", "IBN1-11": "99687.67",
    "IBN1-03": "140000.00", "IBN1-05": "67298.96", "IBN1-07": "131994.00", "IBN1-09": "102568.00", "IBN1-12": "79996.00",
}  # fmt: skip


@pytest.fixture
def loaded(db):
    return load_programme()


@pytest.mark.rule("HE-07", "HE-08", "HK-03")
def test_the_rows_give_the_printed_figures_of_tables_7_and_8(loaded):
    assert "Nieuw: 762 gereconstrueerde bijdragen" in loaded
    networks = {network.code: network for network in Network.objects.filter(call__code="2015")}
    found = {
        code: tuple(int(one.computed) for one in reconstructed.figures(networks[code])) for code in sorted(networks)
    }
    assert found == TABLES
    disagreeing = {
        (code, one.label) for code in networks for one in reconstructed.figures(networks[code]) if not one.agrees
    }
    assert disagreeing == {("IBN1-04", "Aantal bijdragen tot de helft van de cofinanciering")}


@pytest.mark.rule("HE-07")
def test_what_the_rows_add_up_to(loaded):
    sums = Contribution.objects.order_by().values_list("award_year__network__code").annotate(Sum("amount"))
    found = {code: str(amount) for code, amount in sums}
    assert {code: found[code] for code in SUMS} == SUMS


def test_every_row_says_that_it_is_reconstructed_and_counts_for_no_euro(loaded):
    assert Contribution.objects.filter(is_reconstructed=False).count() == 0
    assert set(Contribution.objects.values_list("source", flat=True)) == {"Evaluatie januari 2020, tabel 8"}
    assert AwardYear.objects.aggregate(awarded=Sum("awarded_amount"), paid=Sum("paid_amount")) == {
        "awarded": Decimal(0), "paid": Decimal(0),
    }  # fmt: skip
    assert Membership.objects.exclude(organisation__name__endswith="(naam niet gepubliceerd)").count() == 0
    assert Membership.objects.filter(organisation__enterprise_number__gt="").count() == 0
    assert Collaboration.objects.count() == 178
    parties = Collaboration.objects.annotate(n=Count("parties"))
    assert set(parties.values_list("n", flat=True)) == {3}


def test_the_invariants_hold_over_them(loaded):
    out = StringIO()
    call_command("check_invariants", stdout=out)
    assert "breach" not in out.getvalue()


def test_a_second_run_adds_none(loaded):
    before = Contribution.objects.count(), Membership.objects.count(), Collaboration.objects.count()
    call_command("load_programme", stdout=StringIO())
    assert (Contribution.objects.count(), Membership.objects.count(), Collaboration.objects.count()) == before


def test_search_does_not_find_who_has_no_name(loaded):
    reader = StaffFactory(role=Role.POLICY_READER)
    assert Organisation.objects.filter(name__startswith="Onderneming 1 van Air Cargo").exists()
    assert not search.organisations_of(reader).filter(name__endswith=reconstruction.UNNAMED).exists()


def test_the_page_of_a_past_network_shows_both_and_says_what_does_not_fit(loaded, client):
    client.force_login(StaffFactory(role=Role.POLICY_READER), backend="ibnportal.core.accounts.backends.SessionBackend")
    html = client.get("/netwerken/IBN1-04/").content.decode()
    assert "nagerekend uit gereconstrueerde rijen" in html
    assert html.count("geen enkele verdeling geeft ze alle") == 1


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("MaaS", (27, 10000, 2, 375, 3600, 8, 295059)),
        ("IoT4 Society", (24, 15000, 9, 135, 3000, 6, 218400)),
        ("Space 4.0", (27, 2500, 15, 1250, 2500, 11, 149908)),
    ],
)
def test_the_measures_of_the_second_call_can_be_met_too(name, printed):
    count, largest, at_largest, smallest, median, to_half, award = map(Decimal, printed)
    asked = Printed(
        int(count), largest, int(at_largest), smallest, median, int(to_half), award, start_on=date(2018, 7, 1)
    )
    found = distribution(amounts(asked))
    measures = (found.payers, found.largest, found.at_largest, found.smallest, found.median, found.to_half)
    assert measures == printed[:6], name


def test_a_line_from_published_sources_has_no_page_of_its_own(loaded, client):
    """It stands with the others on the page of the network, where its source is; nothing can be judged or corrected."""
    row = Contribution.objects.filter(award_year__network__code="IBN1-01").select_related("award_year__network").first()
    client.force_login(StaffFactory(role=Role.ACCOUNT_MANAGER), backend=BACKEND)
    address = reverse("monitoring:contribution", args=["IBN1-01", row.award_year.project_year, row.pk])
    assert client.get(address).status_code == 404
    assert client.get(reverse("monitoring:network", args=["IBN1-01"])).status_code == 200
