"""The portfolio page: what was published of the calls of the past, what the portal saw of its own, and nowhere a nought for what nobody told."""

from decimal import Decimal

import pytest

from applications.enums import ApplicationState
from calls.models import PublishedFact
from ibnportal.core.accounts.enums import Role
from ibnportal.portal.queries import figures_per_call
from monitoring.models import Network
from tests.factories.applications import ApplicationFactory
from tests.factories.monitoring import team
from tests.factories.programme import load_programme

pytestmark = pytest.mark.django_db


@pytest.fixture
def figures():
    load_programme()
    return {row.call.code: row for row in figures_per_call()}


def test_a_call_of_the_past_has_the_numbers_that_were_published(figures):
    first, second = figures["2015"], figures["2017"]
    assert (first.full, first.awarded, first.rejected) == (25, 14, 11)
    assert (second.full, second.awarded, second.rejected) == (12, 6, 6)


def test_how_many_registered_for_it_was_not_published(figures):
    assert figures["2015"].entered is None
    assert figures["2017"].entered is None


def test_of_an_amount_it_says_of_how_many_it_is_known(figures):
    first, second = figures["2015"], figures["2017"]
    assert (first.awarded_amount, first.awarded_known) == (Decimal("4824749.00"), 14)
    assert (second.awarded_amount, second.awarded_known) == (Decimal("663367.00"), 3)
    assert (first.refused_amount, first.refused_known) == (Decimal("3767323.00"), 11)
    assert (second.refused_amount, second.refused_known) == (None, 0)


def test_what_was_paid_before_the_portal_is_unknown_and_no_nought(figures):
    for code in ("2015", "2017"):
        assert figures[code].released is None
        assert figures[code].forfeited is None


def test_a_call_of_the_portal_is_counted_from_its_own_rows(figures):
    ApplicationFactory(state=ApplicationState.P1_DRAFT)
    ApplicationFactory(state=ApplicationState.P1_SUBMITTED)
    now = {row.call.code: row for row in figures_per_call()}["2025"]
    assert (now.entered, now.full, now.awarded, now.rejected) == (1, 0, 0, 0)
    assert (now.released, now.forfeited) == (0, 0)


def test_of_several_sources_the_one_that_counts_is_shown(figures):
    fact = PublishedFact.objects.get(call__code="2015", subject="weg-6-niet-gesteund")
    PublishedFact.objects.filter(pk=fact.pk).update(is_reading=False)
    fact.pk, fact.number, fact.source, fact.is_reading = None, Decimal(12), "Een andere bron", True
    fact.save()
    assert {row.call.code: row for row in figures_per_call()}["2015"].rejected == 12


def test_who_reads_the_answers_goes_from_a_figure_to_its_rows(client, figures, make_user):
    client.force_login(make_user(Role.POLICY_READER))
    page = client.get("/portefeuille/").content.decode()
    assert '<a href="/antwoorden/qp-01/?oproep=2015">11</a>' in page
    assert '<a href="/antwoorden/qp-05/?oproep=2017">6</a>' in page  # nobody published which six
    assert '<a href="/antwoorden/qp-09/?oproep=2017">€\xa0663.367</a><br><span class="source">3 van 6</span>' in page
    assert '<a class="nav-link" href="/antwoorden/beeld/leden/">Leden</a>' in page
    assert client.get("/antwoorden/qp-01/?oproep=2015").status_code == 200


def test_who_does_not_read_the_answers_gets_no_link_to_them(client, figures, make_user):
    client.force_login(make_user(Role.ACCOUNT_MANAGER))
    page = client.get("/portefeuille/").content.decode()
    assert "/antwoorden/" not in page
    assert "Van 3 netwerken is geen bedrag gepubliceerd." in page


def test_a_network_of_the_portal_is_paid_there():
    crew = team()
    Network.objects.filter(pk=crew.network.pk).update(is_reconstructed=False)
    (row,) = [row for row in figures_per_call() if row.call == crew.network.call]
    assert (row.networks, row.released) == (1, Decimal("0.00"))
