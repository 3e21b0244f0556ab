"""Several lights, each with its reason; a calendar; what changed since the last visit (MON-04)."""

from datetime import date

import pytest

from ibnportal.core.accounts.enums import Role
from monitoring.domain import portfolio, reports, settlements, steering, tranches
from monitoring.domain.overview import view_of, with_years
from monitoring.models import Network, PortfolioMark
from tests.factories.monitoring import (
    approved_report,
    contribution,
    filled_report,
    member,
    running_network,
    staff,
    team,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def crew(clock):
    clock.set("2027-03-01T10:00")
    return team()


def lights(crew, on):
    view = view_of(with_years(Network.objects.filter(pk=crew.network.pk)).get())
    return {signal.key: (signal.light.name, signal.reason) for signal in portfolio.signals(view, on=on)}


def dues(crew, at):
    view = view_of(with_years(Network.objects.filter(pk=crew.network.pk)).get())
    return [(due.on, due.kind, due.is_late) for due in portfolio.calendar([view], at=at)]


def test_each_light_says_why(crew):
    contribution(crew.year(), "200000.00")
    found = lights(crew, date(2027, 3, 1))
    assert list(found) == ["cofinanciering", "bijdragen", "verslag", "stuurgroep", "uitbetaling", "leden"]
    assert found["bijdragen"] == ("AMBER", "1 bijdrage wacht op een beoordeling.")
    assert found["verslag"] == ("GREEN", "Het volgende is nodig tegen 31/10/2027.")
    assert found["leden"] == ("AMBER", "1 lid; de oproep vraagt er 30.")
    assert found["uitbetaling"][0] == "GREEN"


@pytest.mark.rule("NOT-11")
def test_a_late_report_is_red_and_a_handed_in_one_waits_for_the_manager(crew, clock):
    clock.set("2027-11-02T10:00")
    assert lights(crew, date(2027, 11, 2))["verslag"] == ("RED", "Jaar 1 was nodig op 31/10/2027.")
    report = filled_report(crew)
    reports.submit(report, by=crew.worker)
    assert lights(crew, date(2027, 11, 2))["verslag"][0] == "AMBER"


@pytest.mark.rule("MON-07")
def test_minutes_that_are_four_weeks_late_are_red(crew, clock):
    steering.plan(
        crew.network,
        starts_at=clock.now().replace(day=10), ends_at=clock.now().replace(day=10, hour=15), location="Gent", agenda="Stand",
        by=crew.worker,
    )  # fmt: skip
    clock.set("2027-04-07T10:00")
    assert lights(crew, date(2027, 4, 7))["stuurgroep"][0] != "RED"
    clock.set("2027-04-08T10:00")
    light, reason = lights(crew, date(2027, 4, 8))["stuurgroep"]
    assert light == "RED"
    assert "07/04/2027" in reason
    assert (date(2027, 4, 7), "notulen", True) in dues(crew, clock.now())


def test_a_recovery_that_is_late_is_red_until_it_came_back(crew, clock):
    contribution(crew.year(), "225000.00", accepted_by=crew.manager)
    tranches.release(tranches.propose(crew.year(), 1, by=crew.manager), by=crew.officer)
    clock.set("2027-09-15T10:00")
    approved_report(crew, costs="300000.00")
    settlements.close_claims(crew.year(), by=crew.manager)
    settlements.settle(crew.year(), by=crew.manager)
    light, reason = lights(crew, date(2027, 9, 15))["uitbetaling"]
    assert (light, "30.000" in reason) == ("AMBER", True)


def test_the_calendar_names_what_is_due_and_what_is_late(crew, clock):
    found = dues(crew, clock.now())
    assert (date(2027, 8, 31), "schijf", False) in found
    assert (date(2027, 10, 31), "verslag", False) in found
    assert (date(2029, 8, 31), "einde", False) in found
    clock.set("2027-11-02T10:00")
    late = [due for due in dues(crew, clock.now()) if due[2]]
    assert late == [(date(2027, 8, 31), "schijf", True), (date(2027, 10, 31), "verslag", True)]


def test_changes_since_the_mark_in_one_query(crew, clock, django_assert_num_queries):
    since = clock.now()
    clock.advance(days=1)
    contribution(crew.year(), "1000.00", accepted_by=crew.manager)
    contribution(crew.year(), "1000.00")
    with django_assert_num_queries(1):
        changes = portfolio.changes(Network.objects.all(), since=since, until=clock.now())
        found = {change.text for change in changes}
    assert found == {"2 nieuwe bijdragen", "1 bijdrage beoordeeld"}
    assert portfolio.changes(Network.objects.none(), since=since, until=clock.now()) == []


def test_what_is_still_to_come_is_no_news_when_the_clock_is_set_back(crew, clock):
    clock.advance(days=40)
    contribution(crew.year(), "1000.00", accepted_by=crew.manager)
    portfolio.mark_seen(by=crew.manager, until=clock.now())
    clock.set("2027-03-02T10:00")
    now = clock.now()
    since = portfolio.seen_until(crew.manager, at=now)
    assert since.date() == date(2027, 2, 2)
    assert portfolio.changes(Network.objects.all(), since=since, until=now) == []


def test_a_mark_moves_forward_only(crew, clock):
    first = clock.now()
    assert portfolio.seen_until(crew.manager, at=first).date() == date(2027, 2, 1)
    portfolio.mark_seen(by=crew.manager, until=first)
    portfolio.mark_seen(by=crew.manager, until=first.replace(year=2020))
    assert PortfolioMark.objects.get().seen_at == first


def test_the_pages_cost_the_same_for_one_and_for_five_networks(crew, clock, as_user, django_assert_num_queries):
    contribution(crew.year(), "1000.00")
    client = as_user(crew.manager)
    for address, count in (("/netwerken/opvolging/", 8), ("/netwerken/agenda/", 5)):
        client.get(address)
        with django_assert_num_queries(count):
            assert "Netwerk Proef" in client.get(address).content.decode()
    for _ in range(4):
        member(running_network(manager=crew.manager))
    for address, count in (("/netwerken/opvolging/", 8), ("/netwerken/agenda/", 5)):
        with django_assert_num_queries(count):
            client.get(address)


def test_the_filter_finds_by_colour_and_subject(crew, as_user, as_role):
    contribution(crew.year(), "1000.00")
    client = as_user(crew.manager)
    name = crew.network.name
    assert name in client.get("/netwerken/opvolging/?domein=bijdragen&licht=warning").content.decode()
    assert name not in client.get("/netwerken/opvolging/?domein=bijdragen&licht=danger").content.decode()
    assert name not in as_user(staff(Role.ACCOUNT_MANAGER)).get("/netwerken/opvolging/").content.decode()
    assert name in as_role(Role.POLICY_READER).get("/netwerken/opvolging/").content.decode()
    assert as_user(crew.worker).get("/netwerken/opvolging/").status_code == 404
    assert client.get("/netwerken/agenda/?formaat=csv").status_code == 200
    assert client.get("/netwerken/opvolging/?formaat=xlsx").status_code == 200


def test_ticking_off_empties_the_list(crew, clock, as_user):
    contribution(crew.year(), "1000.00", accepted_by=crew.manager)
    client = as_user(crew.manager)
    page = client.get("/netwerken/opvolging/")
    assert "1 nieuwe bijdrage" in page.content.decode()
    for bad in ("", "gisteren", "2099-01-01T00:00:00+00:00", "2027-13-01T00:00:00", "2027-01-01"):
        assert client.post("/netwerken/opvolging/gelezen/", {"until": bad}).status_code == 302
    assert not PortfolioMark.objects.exists()
    client.post("/netwerken/opvolging/gelezen/", {"until": page.context["until"]})
    clock.advance(minutes=1)
    assert "1 nieuwe bijdrage" not in client.get("/netwerken/opvolging/").content.decode()
