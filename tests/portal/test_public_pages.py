"""The public pages: anyone reads them, each figure is there, odd addresses are answered, queries stay few."""

import csv
import io
from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from calls.enums import CallState
from calls.models import Call
from evaluation.models import Decision
from ibnportal.portal.history.facts import MEMBERS
from monitoring.models import KpiValue, Network
from tests.factories.calls import CallFactory, install_call
from tests.factories.monitoring import approved_report, member, team
from tests.factories.programme import load_programme

pytestmark = pytest.mark.django_db


@pytest.fixture
def programme():
    load_programme()


def text_of(response) -> str:
    assert response.status_code == 200
    return " ".join(response.content.decode().replace("\N{NO-BREAK SPACE}", " ").split())


@pytest.mark.usefixtures("programme")
class TestHome:
    def test_it_counts_down_to_the_open_phase(self, client, clock):
        clock.set("2026-01-20T10:00")
        text = text_of(client.get("/"))
        assert "og 3 dagen en 2 uur" in text
        assert "vrijdag 23 januari 2026 om 12.00 uur (Belgische tijd)" in text

    def test_between_the_phases_it_says_when_the_next_one_opens(self, client, clock):
        clock.set("2026-02-10T10:00")
        assert "23 februari 2026 om 00.00 uur" in text_of(client.get("/"))

    def test_after_the_phases_nothing_can_be_handed_in(self, client, clock):
        clock.set("2026-06-01T10:00")
        assert "Indienen kan niet meer" in text_of(client.get("/"))

    def test_it_shows_the_programme_in_figures(self, client, clock):
        text = text_of(client.get("/"))
        for figure in ("20", "€ 4.824.749", "€ 3.767.323", "1.166"):
            assert figure in text

    def test_it_takes_few_queries(self, client, clock, django_assert_num_queries):
        with django_assert_num_queries(7):
            client.get("/")


def test_home_without_any_call_says_so(client):
    assert "Er is nu geen open oproep" in text_of(client.get("/"))


def test_the_list_without_any_call_says_so(client):
    assert "Nog geen oproepen" in text_of(client.get("/oproepen/"))


@pytest.mark.parametrize("amount", [1, 3])
def test_the_list_of_calls_takes_two_queries(client, amount, django_assert_num_queries):
    for code in ("2025", "2017", "2015")[:amount]:
        install_call(code)
    with django_assert_num_queries(2):
        response = client.get("/oproepen/")
    assert response.content.decode().count("<article") == amount


class TestCall:
    def test_it_says_what_for_whom_how_much_and_how(self, client, clock):
        install_call()
        text = text_of(client.get("/oproepen/2025/"))
        for piece in (
            "€ 225.000", "€ 675.000", "€ 3.375.000", "minstens 70 %", "hoogstens 30 %", "12 werkdagen", "Omvang en potentieel",
            "clusters@vlaio.be", "Belpairegebouw", "Wat de handleiding openlaat", "2 en 3 februari 2026", "8 en 10 december 2025",
        ):  # fmt: skip
            assert piece in text

    def test_its_rules_name_their_clause_and_no_internal_number(self, client, clock):
        install_call()
        text = text_of(client.get("/oproepen/2025/"))
        assert "Handleiding 4.2.3" in text
        assert "PRG-" not in text

    def test_a_past_call_shows_its_results_and_no_clause(self, client):
        install_call("2015")
        text = text_of(client.get("/oproepen/2015/"))
        assert "Wat de oproep opleverde" in text
        assert "4,25 miljoen euro" in text
        assert "juli 2016" in text
        assert "Handleiding" not in text

    @pytest.mark.parametrize("code", ["2025", "2015"])
    def test_it_takes_few_queries(self, client, code, clock, django_assert_max_num_queries):
        install_call(code)
        with django_assert_max_num_queries(12):
            client.get(f"/oproepen/{code}/")

    def test_a_draft_and_an_unknown_call_are_not_found(self, client):
        CallFactory(code="geheim", state=CallState.DRAFT, name="KANARIE")
        for code in ("geheim", "1999"):
            for page in ("detail", "questions"):
                assert client.get(reverse(f"calls:{page}", args=[code])).status_code == 404
        assert "KANARIE" not in text_of(client.get("/oproepen/"))

    def test_a_bare_call_is_a_page_too(self, client):
        CallFactory(code="kaal")
        assert "Wie beslist" in text_of(client.get("/oproepen/kaal/"))
        assert "Geen vragen gepubliceerd" in text_of(client.get("/oproepen/kaal/vragen/"))

    def test_the_questions_can_be_taken_home(self, client):
        install_call()
        assert "hoogstens 250 woorden" in text_of(client.get("/oproepen/2025/vragen/"))
        book = load_workbook(BytesIO(client.get("/oproepen/2025/vragen/?formaat=xlsx").content))
        assert book.active.max_row == 40


@pytest.mark.usefixtures("programme")
class TestProgramme:
    def test_the_expected_figures_are_there(self, client):
        text = text_of(client.get("/programma/"))
        for figure in (">20<", "€ 4.824.749", "€ 3.767.323", ">1.166<", ">921<", ">9<", ">11<"):
            assert figure in text.replace("> ", ">").replace(" <", "<")

    def test_each_figure_says_its_source_and_definition(self, client):
        text = text_of(client.get("/programma/"))
        assert text.count("Wat telt mee?") == 7
        assert "Som van de toegekende bedragen in de eerste oproep" in text

    def test_it_lists_all_networks_and_refused_projects(self, client):
        text = text_of(client.get("/programma/"))
        assert text.count('href="/programma/IBN') == 20
        assert "Prosument 2.0" in text

    @pytest.mark.parametrize(
        ("query", "count"),
        [
            ("", "20 netwerken"),
            ("oproep=2017", "6 van 20 netwerken"),
            ("type=independent", "9 van 20 netwerken"),
            ("oproep=2015&type=established", "7 van 20 netwerken"),
            ("zoek=DRONES", "1 van 20 netwerken"),
            ("zoek=Digitizing", "1 van 20 netwerken"),
            ("oproep=onzin&type=%00&sorteer=--", "20 netwerken"),
            ("zoek=bestaatniet", "0 van 20 netwerken"),
        ],
    )
    def test_the_table_filters(self, client, query, count):
        assert f">{count}<" in text_of(client.get(f"/programma/?{query}"))

    @pytest.mark.parametrize(
        ("asked", "first", "last"),
        [
            ("steun", "IBN2-03", "IBN2-04"),
            ("-steun", "IBN1-01", "IBN2-04"),
            ("-ondernemingen", "IBN1-08", "IBN2-02"),
            ("naam", "IBN1-01", "IBN2-04"),
        ],
    )
    def test_the_table_sorts_with_what_is_unknown_last(self, client, asked, first, last):
        rows = client.get(f"/programma/?sorteer={asked}").context["networks"].rows
        assert (rows[0].code, rows[-1].code) == (first, last)

    def test_the_list_as_csv_keeps_the_filter(self, client):
        content = client.get("/programma/?oproep=2017&formaat=csv").content.decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(content), delimiter=";"))
        assert len(rows) == 7
        assert rows[0][:3] == ["Code", "Netwerk", "Oproep"]

    def test_the_list_as_xlsx_has_amounts_as_numbers(self, client):
        sheet = load_workbook(BytesIO(client.get("/programma/?formaat=xlsx").content)).active
        assert sheet.max_row == 21
        amounts = [row[4] for row in sheet.iter_rows(min_row=2, values_only=True) if row[4] is not None]
        assert sum(Decimal(str(amount)) for amount in amounts) == Decimal(5488116)

    def test_sources_that_disagree_are_told(self, client):
        assert "Cofinanciering van 6,2 miljoen euro" in text_of(client.get("/programma/"))

    @pytest.mark.parametrize("networks", [1, 3, 20])
    def test_it_takes_seven_queries(self, client, networks, django_assert_num_queries):
        keep = list(Network.objects.values_list("pk", flat=True)[:networks])
        Decision.objects.exclude(application__network__in=keep).filter(outcome="awarded").update(released_at=None)
        with django_assert_num_queries(7):
            response = client.get("/programma/")
        assert len(response.context["networks"].rows) == networks

    def test_an_unreleased_award_is_not_shown(self, client):
        Decision.objects.filter(application__number="IBN1-01").update(released_at=None)
        assert "Air Cargo Belgium</a>" not in client.get("/programma/").content.decode()
        assert client.get("/programma/IBN1-01/").status_code == 404


@pytest.mark.usefixtures("programme")
class TestNetwork:
    def test_facts_stand_side_by_side_with_their_sources(self, client):
        text = text_of(client.get("/programma/IBN1-01/"))
        for piece in (
            "31/08/2019",
            "30/09/2019",
            "Berekend: start plus 36 maanden",
            "€ 450.000",
            "140",
            "Zelfstandig verder",
        ):
            assert piece in text

    def test_two_counts_of_members_both_show(self, client):
        text = text_of(client.get("/programma/IBN2-02/"))
        assert ">26<" in text
        assert ">48<" in text
        assert "Andere bron" in text

    def test_what_is_not_published_is_said(self, client):
        text = text_of(client.get("/programma/IBN2-06/"))
        assert "Niet gepubliceerd" in text
        assert "Streefwaarde" in text

    def test_the_condition_of_joining_a_spearhead_cluster_shows(self, client):
        assert "erin opgaan na afloop" in text_of(client.get("/programma/IBN1-06/"))

    @pytest.mark.parametrize("code", ["IBN1-01", "IBN1-09", "IBN2-06"])
    def test_it_takes_few_queries(self, client, code, django_assert_max_num_queries):
        with django_assert_max_num_queries(7):
            client.get(f"/programma/{code}/")

    def test_every_network_has_its_page(self, client):
        for code in Network.objects.values_list("code", flat=True):
            assert client.get(reverse("portal:network", args=[code])).status_code == 200

    @pytest.mark.parametrize("code", ["IBN1-R01", "niets", "x" * 200])
    def test_a_refused_project_and_nonsense_are_not_found(self, client, code):
        assert client.get(f"/programma/{code}/").status_code == 404


def test_the_programme_without_anything_is_a_page(client):
    assert "Nog geen netwerken" in text_of(client.get("/programma/"))


def test_the_menu_leads_to_calls_and_programme(client):
    text = text_of(client.get("/programma/"))
    assert 'href="/oproepen/"' in text
    assert 'href="/programma/" aria-current="page"' in text


def test_a_closed_call_is_not_the_open_call(client):
    install_call("2015")
    assert Call.objects.get().state == CallState.CLOSED
    assert "Er is nu geen open oproep" in text_of(client.get("/"))


def test_a_running_network_shows_the_members_of_its_newest_approved_report(client, clock):
    """Until there is one, those on its list, and a dash where there is none; what the portal counted itself beside the report is not what was reported."""
    clock.set("2027-10-01T10:00")
    crew = team()
    [row] = client.get("/programma/").context["networks"].rows
    assert row.members is None
    for _ in range(6):
        member(crew.network, joined_on=date(2027, 1, 1))
    [row] = client.get("/programma/").context["networks"].rows
    assert (row.members, row.is_listed) == (6, True)
    page = client.get(f"/programma/{crew.network.code}/")
    assert page.context["listed"] == 6
    assert "Vandaag op de ledenlijst" in page.content.decode()
    report = approved_report(crew)
    KpiValue.objects.filter(report=report, label=MEMBERS).delete()
    for basis, value in (("computed", 21), ("reported", 22)):
        KpiValue.objects.create(network=crew.network, report=report, label=MEMBERS, basis=basis, value=value, project_year=1, as_of=date(2027, 8, 31), source="Jaarverslag")  # fmt: skip
    [row] = client.get("/programma/").context["networks"].rows
    assert (row.members, row.members_basis_label) == (22, "Gerapporteerd")
