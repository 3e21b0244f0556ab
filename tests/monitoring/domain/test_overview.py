"""Lights that say why, and what each tranche waits for, from rows at hand."""

from dataclasses import replace
from datetime import date

import pytest

from ibnportal.core import clock as portal_clock
from ibnportal.core.accounts.enums import Role
from ibnportal.core.months import add_months
from monitoring.domain import agreements, overview, portfolio, reports, settlements, tranches
from monitoring.domain.overview import view_of, with_years
from monitoring.domain.queries import cofinancing_of
from monitoring.models import AwardYear, Network, Settlement
from tests.factories.monitoring import approved_report, award, contribution, member, running_network, staff, team

pytestmark = pytest.mark.django_db


def view(network):
    return view_of(with_years(Network.objects.filter(pk=network.pk)).get())


@pytest.fixture
def crew(clock):
    clock.set("2026-10-01T10:00")
    crew = team()
    member(crew.network)
    return crew


def test_a_network_without_members_is_amber(clock):
    clock.set("2026-10-01T10:00")
    shown = view(running_network())
    assert (shown.light, shown.reason) == ("warning", "Er zijn nog geen leden ingeschreven.")


@pytest.mark.parametrize(
    ("moment", "collected", "light", "begins"),
    [
        ("2026-12-01", "0.01", "success", "Nog ruim de tijd"),
        ("2027-05-01", "0.01", "danger", "Ver achter"),
        ("2027-05-01", "112500.00", "warning", "Achter: 50\xa0%"),
        ("2027-05-01", "160000.00", "success", "Op schema: 71\xa0% van de cofinanciering van projectjaar 1"),
    ],
)
def test_the_light_follows_the_money_and_the_calendar(*, crew, clock, moment, collected, light, begins):
    contribution(crew.year(), collected, accepted_by=crew.manager)
    clock.set(f"{moment}T10:00")
    shown = view(crew.network)
    assert shown.light == light
    assert shown.reason.startswith(begins)


def test_a_late_report_is_red(crew, clock):
    contribution(crew.year(), "225000.00", accepted_by=crew.manager)
    clock.set("2027-10-31T23:00")
    assert view(crew.network).light == "success"
    clock.set("2027-11-01T00:00")
    assert view(crew.network).reason == "Jaarverslag 1 te laat: het was nodig op 31/10/2027."


def test_a_year_that_ended_below_the_threshold_is_red(crew, clock):
    contribution(crew.year(), "100000.00", accepted_by=crew.manager)
    clock.set("2027-09-02T00:00")
    assert view(crew.network).reason == "Projectjaar 1 is voorbij met 44\xa0% van de cofinanciering."


def test_a_network_whose_years_are_all_settled_is_neither_early_nor_late(crew):
    shown = view(crew.network)
    settled = [replace(year, settlement=Settlement()) for year in shown.years]
    assert overview.light_of(crew.network, settled, settled[-1], date(2030, 1, 1)) == (
        "neutral", "Alle projectjaren zijn afgerekend.",
    )  # fmt: skip
    assert (
        overview.light_of(crew.network, [*settled[:-1], shown.years[-1]], settled[-1], date(2030, 1, 1))[0] == "danger"
    )


def test_a_network_that_should_run_and_does_not_is_red(clock):
    clock.set("2026-08-01T10:00")
    network = agreements.draft(award(), start_on=date(2026, 9, 1), by=staff(Role.ACCOUNT_MANAGER)).network
    assert view(network).light == "neutral"
    clock.set("2026-09-01T10:00")
    assert view(network).light == "danger"


@pytest.mark.rule("PAY-02")
@pytest.mark.rule("PAY-03")
def test_each_tranche_says_what_it_waits_for(crew, clock):
    def texts():
        year = view(crew.network).year(1)
        return [(item.status, item.text) for item in year.tranches]

    assert texts()[0][0] == "waiting"
    assert "nog €\xa0180.000,00 tot de drempel van €\xa0180.000,00" in texts()[0][1]
    contribution(crew.year(), "225000.00", accepted_by=crew.manager)
    assert texts()[0][0] == "ready"
    tranche = tranches.propose(crew.year(), 1, by=crew.manager)
    assert texts()[0][0] == "proposed"
    assert texts()[1] == (
        "waiting",
        "Wacht op het jaarverslag, het afsluiten van de bijdragen en de vrijgave van de eerste schijf.",
    )
    tranches.release(tranche, by=crew.officer)
    clock.set("2027-09-15T10:00")
    approved_report(crew)
    assert texts()[1] == ("waiting", "Wacht op het afsluiten van de bijdragen.")
    settlements.close_claims(crew.year(), by=crew.manager)
    assert texts()[1][0] == "settle"
    settlements.settle(crew.year(), by=crew.manager)
    assert texts()[1][0] == "proposed"


def test_a_recovery_is_no_tranche(crew, clock):
    contribution(crew.year(), "225000.00", accepted_by=crew.manager)
    tranches.release(tranches.propose(crew.year(), 1, by=crew.manager), by=crew.officer)
    clock.set("2027-09-15T10:00")
    approved_report(crew, costs="340000.00")
    settlements.close_claims(crew.year(), by=crew.manager)
    settlements.settle(crew.year(), by=crew.manager)
    second = view(crew.network).year(1).tranches[1]
    assert (second.status, second.text) == ("recovery", "Geen tweede schijf: €\xa010.000,00 wordt teruggevorderd.")


def test_the_overview_agrees_with_the_verbs(crew):
    contribution(crew.year(), "700.00", accepted_by=crew.manager)
    contribution(crew.year(), "500.00", kind="activity_income", accepted_by=crew.manager)
    contribution(crew.year(), "11.00")
    year = view(crew.network).year(1)
    assert year.cofinancing == cofinancing_of(crew.year(), year.rules)
    assert (str(year.waiting), year.waiting_count) == ("11.00", 1)


def told(view):
    """All that lists say of a network today."""
    today = portal_clock.today()
    begun = [year for year in view.years if year.year.starts_on <= today]
    now = view.now and (view.now.year.project_year, view.now.cofinancing, view.now.collected_fraction)
    tranches_of = [(year.year.project_year, item) for year in begun for item in year.tranches]
    figures = (now, view.awarded, view.paid, view.members, view.attended)
    return view.light, view.reason, figures, tranches_of, view.steering, portfolio.signals(view, on=today)


def agenda(view, *, months):
    found = portfolio.months_of(
        portfolio.calendar([view], at=portal_clock.now()), today=portal_clock.today(), months=months
    )
    return [(due.on, due.kind, due.text, due.is_late) for _, dues in found for due in dues]


def test_a_list_that_reads_no_year_to_come_says_what_all_years_say(crew, clock):
    """Read are the years up to the one of the day, and those for which something was entered."""

    def listed():
        whole, today = view(crew.network), portal_clock.today()
        part = view_of(with_years(Network.objects.all(), until=today).get())
        assert told(part) == told(whole)
        for months in (3, 12, 36):
            ahead = view_of(with_years(Network.objects.all(), until=add_months(today, months)).get())
            assert agenda(ahead, months=months) == agenda(whole, months=months)
        numbers = [year.year.project_year for year in part.years]
        return numbers, part.light.name, str(part.now.cofinancing.total), str(part.paid)

    assert listed() == ([1], "GREEN", "0.00", "0.00")
    contribution(crew.year(), "160000.00", accepted_by=crew.manager)
    contribution(crew.year(), "90000.00", kind="activity_income", accepted_by=crew.manager)
    assert listed() == ([1], "GREEN", "228571.42", "0.00")
    tranches.release(tranches.propose(crew.year(), 1, by=crew.manager), by=crew.officer)
    clock.set("2027-08-31T23:00")
    assert listed() == ([1], "GREEN", "228571.42", "180000.00")
    clock.set("2027-09-01T00:00")
    assert listed() == ([1, 2], "GREEN", "0.00", "180000.00")
    contribution(crew.year(3), "40.00")
    assert listed() == ([1, 2, 3], "GREEN", "0.00", "180000.00")
    clock.set("2027-11-02T10:00")
    assert listed()[1] == "RED"
    approved_report(crew)
    settlements.close_claims(crew.year(), by=crew.manager)
    settlements.settle(crew.year(), by=crew.manager)
    assert listed() == ([1, 2, 3], "GREEN", "0.00", "180000.00")
    tranches.release(crew.year().tranches.get(number=2), by=crew.officer)
    assert listed() == ([1, 2, 3], "GREEN", "0.00", "225000.00")
    clock.set("2029-12-01T10:00")
    assert listed() == ([1, 2, 3], "RED", "0.00", "225000.00")


def test_a_list_says_of_a_closed_network_what_its_page_says_without_reading_its_years(crew, clock):
    contribution(crew.year(), "225000.00", accepted_by=crew.manager)
    tranches.release(tranches.propose(crew.year(), 1, by=crew.manager), by=crew.officer)
    clock.set("2030-01-15T10:00")
    Network.objects.update(state="closed")
    part = view_of(with_years(Network.objects.all(), until=portal_clock.today()).get())
    for shown in (part, view(crew.network)):
        figures = (
            shown.light.name,
            shown.reason,
            str(shown.awarded),
            str(shown.paid),
            shown.members,
            shown.has_agreement,
        )
        assert figures == ("NONE", "Afgesloten.", "675000.00", "180000.00", 2, True)
    assert part.years == ()
    assert str(view(crew.network).year(1).cofinancing.total) == "225000.00"


def test_a_year_that_began_is_read_though_an_earlier_one_runs(crew, clock):
    AwardYear.objects.filter(project_year=1).update(ends_on=date(2027, 12, 31))
    clock.set("2027-10-01T10:00")
    part = view_of(with_years(Network.objects.all(), until=portal_clock.today()).get())
    assert [year.year.project_year for year in part.years] == [1, 2]


def test_three_queries_for_any_number_of_networks(crew, django_assert_num_queries):
    for _ in range(2):
        team()
    reports.open(crew.year(), by=crew.worker)
    with django_assert_num_queries(3):
        assert len([view_of(network) for network in with_years(Network.objects.all())]) == 3
