"""The pages of the money of a dossier: what people meet when they upload, compare, edit together and take over."""

import re
from decimal import Decimal
from io import BytesIO

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from applications.domain import budget, cofinancing, cofinancing_grid
from applications.domain.cofinancing_grid import Edit, Row
from applications.forms.money import written
from tests.factories.applications import COSTS, ApplicationFactory, add_letters, budget_upload
from tests.factories.core import OrganisationFactory

pytestmark = pytest.mark.django_db

D = Decimal


def address(name, application, *args):
    return reverse(f"applications:{name}", args=[application.number, *args])


def text(response):
    plain = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"\s+", " ", plain.replace("&#x27;", "'"))


@pytest.fixture
def draft(clock):
    clock.set("2026-03-02T10:00")
    return ApplicationFactory(state="p2_draft")


@pytest.fixture
def client_of(as_user, draft):
    return as_user(draft.colleague)


def upload(client, draft, costs=COSTS):
    return client.post(address("budget", draft), {"workbook": budget_upload(draft, costs)}, follow=True)


# ---------------------------------------------------------------- budget


def test_every_version_stays_and_the_difference_is_shown(client_of, draft):
    upload(client_of, draft)
    dearer = (("Clustermanager", "personnel", (65000, 60000, 60000), (12, 12, 12), ""), *COSTS[1:])
    page = upload(client_of, draft, dearer)
    assert "bewaard als versie 2" in text(page)
    shown = text(page)
    assert "Wat veranderde tegenover versie 1" in shown
    assert "Jaar 1, Personeelskosten € 80.000,00 € 85.000,00 + € 5.000,00" in shown.replace("\N{NO-BREAK SPACE}", " ")
    assert "Clustermanager Jaar 1, Personeelskosten Aangepast" in shown
    versions = list(draft.budget_uploads.order_by("version"))
    for version in versions:
        answer = client_of.get(address("budget_version", draft, version.pk))
        content = b"".join(answer.streaming_content)
        assert load_workbook(BytesIO(content))["Personeel jaar 1"]["C5"].value == (
            60000 if version.version == 1 else 65000
        )


def test_an_older_version_can_be_compared_with_now(client_of, draft):
    for _ in range(3):
        upload(client_of, draft)
    page = client_of.get(address("budget", draft), {"met": "1"})
    assert "Wat veranderde tegenover versie 1 Niets: beide versies" in text(page)
    assert client_of.get(address("budget", draft), {"met": "99'; drop"}).status_code == 200


def test_the_budget_of_another_organisation_is_not_there(as_applicant, as_user, draft):
    upload(as_user(draft.colleague), draft)
    kept = budget.latest(draft)
    stranger = as_applicant(OrganisationFactory())
    pages = [("budget_version", kept.pk), ("budget_vat",), ("plan_grid",), ("plan_promises",), ("plan_declaration",)]
    assert {stranger.get(address(name, draft, *args)).status_code for name, *args in pages} == {404}


def test_what_the_file_said_about_itself_is_shown_with_the_budget_that_was_kept(client_of, draft):
    mine = budget_upload(draft)
    upload(client_of, draft)
    page = client_of.post(address("budget", draft), {"workbook": mine}, follow=True)
    assert "intussen versie 1 bewaarde" in text(page)


@pytest.mark.rule("BUD-10")
def test_vat_is_declared_before_it_stands_in_the_budget(client_of, draft):
    page = client_of.post(address("budget_vat", draft), {"status": "part", "percentage": ""})
    assert page.status_code == 422
    assert "Vul het deel in dat de aanvrager recupereert" in text(page)
    page = client_of.post(address("budget_vat", draft), {"status": "part", "percentage": "40"}, follow=True)
    assert "De aanvrager recupereert 40 % btw" in text(page).replace("\N{NO-BREAK SPACE}", " ").replace("40,0", "40")
    assert budget.declared_vat(draft) == D("0.4")
    content = client_of.get(address("budget_template", draft)).content
    assert not load_workbook(BytesIO(content))["Werking jaar 1"]["C5"].protection.locked


@pytest.mark.parametrize("percentage", ["0", "100", "-1", "veel", "1e5", "NaN"])
def test_a_part_of_the_vat_lies_between_nothing_and_all(client_of, draft, percentage):
    assert client_of.post(address("budget_vat", draft), {"status": "part", "percentage": percentage}).status_code == 422
    assert budget.declared_vat(draft) is None


# ---------------------------------------------------------------- co-financing


def grid_data(*rows):
    """As the browser sends the grid: (before, typed) of each row."""
    data = {
        "rij-TOTAL_FORMS": str(len(rows)),
        "rij-INITIAL_FORMS": "0",
        "rij-MIN_NUM_FORMS": "0",
        "rij-MAX_NUM_FORMS": "60",
    }
    for at, (before, typed) in enumerate(rows):
        values = {"payer_kind": "company", "kind": "cash_fee", "is_member": "on", **typed}
        data |= {f"rij-{at}-{name}": value for name, value in values.items()}
        data[f"rij-{at}-seen"] = written(before) if before else ""
    return data


ALFA = Row("Alfa bv", "cash_fee", amounts={1: D("1000.00")})
TYPED = {"company_name": "Alfa bv", "year_1": "1.000,00"}


def test_many_cells_are_saved_at_once(client_of, draft):
    rows = [(None, {"company_name": f"Bedrijf {at}", "year_1": "1.234,56", "year_3": "5"}) for at in range(20)]
    page = client_of.post(address("plan_grid", draft), grid_data(*rows, (None, {"company_name": ""})), follow=True)
    assert "Het plan is bewaard: 40 bedragen aangepast." in text(page)
    assert draft.cofinancing_lines.count() == 40


def test_the_grid_opens_with_the_plan_and_empty_rows_for_more(client_of, draft):
    cofinancing_grid.save(draft, [Edit(None, ALFA)], by=draft.colleague)
    page = client_of.get(address("plan_grid", draft)).content.decode()
    assert 'value="Alfa bv"' in page
    assert 'value="1000,00"' in page
    assert page.count('-company_name"') >= 6


def test_what_is_wrong_comes_back_at_its_cell_and_nothing_typed_is_lost(client_of, draft):
    page = client_of.post(
        address("plan_grid", draft),
        grid_data(
            (None, {**TYPED, "year_2": "duizend"}),
            (
                None,
                {"company_name": "Federatie X", "payer_kind": "federation", "year_1": "5", "enterprise_number": "12"},
            ),
        ),
    )
    assert page.status_code == 422
    assert "Lijn 1, Jaar 2: “duizend” is geen bedrag." in text(page)
    assert "Lijn 2, Ondernemingsnummer: Een ondernemingsnummer heeft tien cijfers" in text(page)
    assert "“duizend” is geen bedrag." in text(page)
    assert 'value="duizend"' in page.content.decode()
    assert not draft.cofinancing_lines.exists()


@pytest.mark.rule("COF-19")
def test_an_excluded_payer_in_the_grid_is_refused_at_its_row(client_of, draft):
    page = client_of.post(
        address("plan_grid", draft),
        grid_data((None, TYPED), (None, {"company_name": "Stad Gent", "payer_kind": "public", "year_1": "5"})),
    )
    assert page.status_code == 422
    assert "telt nooit mee: Publieke of semipublieke actor" in text(page)
    assert not draft.cofinancing_lines.exists()


def test_two_people_in_the_grid_lose_nothing(client_of, draft):
    cofinancing_grid.save(draft, [Edit(None, ALFA)], by=draft.colleague)
    other = Row("Alfa bv", "cash_fee", amounts={1: D("1500.00")})
    cofinancing_grid.save(draft, [Edit(ALFA, other)], by=draft.representative)
    mine = {"company_name": "Alfa bv", "year_1": "1.200,00", "year_2": "300"}
    page = client_of.post(address("plan_grid", draft), grid_data((ALFA, mine)))
    assert page.status_code == 422
    assert "iemand anders intussen € 1.500,00" in text(page).replace("\N{NO-BREAK SPACE}", " ")
    assert 'value="1.200,00"' in page.content.decode()
    seen = re.search(r'name="rij-0-seen" value="([^"]*)"', page.content.decode()).group(1).replace("&quot;", '"')
    again = client_of.post(address("plan_grid", draft), {**grid_data((ALFA, mine)), "rij-0-seen": seen}, follow=True)
    assert "2 bedragen aangepast" in text(again)
    assert {line.project_year: line.amount for line in draft.cofinancing_lines.all()} == {1: D(1200), 2: D(300)}


@pytest.mark.parametrize("seen", ["{", "[]", '{"amounts": {"x": "y"}}', "null", "\x00"])
def test_a_forged_comparison_is_refused_not_a_crash(client_of, draft, seen):
    page = client_of.post(address("plan_grid", draft), {**grid_data((None, TYPED)), "rij-0-seen": seen})
    assert page.status_code == 422


def test_a_grid_without_its_management_form_is_no_crash(client_of, draft):
    assert client_of.post(address("plan_grid", draft), {}).status_code == 422


@pytest.mark.rule("COF-17")
def test_what_letters_promise_is_taken_over_from_the_page(client_of, draft):
    add_letters(draft, 2, commitment_amount=D(1000))
    assert "2 ondernemingen beloofden" in text(client_of.get(address("cofinancing", draft)))
    page = client_of.post(address("plan_promises", draft), {"basis": "per_year", "kind": "cash_fee"}, follow=True)
    assert "2 ondernemingen zijn in het plan gezet" in text(page)
    assert draft.cofinancing_lines.count() == 6
    page = client_of.post(address("plan_promises", draft), {"basis": "per_year", "kind": "cash_fee"}, follow=True)
    assert "er is niets veranderd" in text(page)


def test_the_plan_is_exported_as_xlsx_and_csv(client_of, draft):
    cofinancing_grid.save(
        draft, [Edit(None, Row("=cmd|' /C calc'!A0", "cash_fee", amounts={2: D(5)}))], by=draft.colleague
    )
    content = client_of.get(address("cofinancing", draft), {"formaat": "xlsx"}).content
    sheet = load_workbook(BytesIO(content)).active
    assert [cell.value for cell in sheet[2]][5:9] == [0, 5, 0, 5]
    assert sheet["A2"].data_type == "s"
    assert "Jaar 2 (euro)" in client_of.get(address("cofinancing", draft), {"formaat": "csv"}).content.decode(
        "utf-8-sig"
    )


@pytest.mark.rule("COF-08")
def test_the_page_tells_the_spread_over_the_payers(client_of, draft):
    rows = [Row(f"Bedrijf {at}", "cash_fee", amounts={1: D(5000)}) for at in range(31)]
    cofinancing_grid.save(draft, [Edit(None, row, place=str(at)) for at, row in enumerate(rows)], by=draft.colleague)
    assert "16 van 31" in text(client_of.get(address("cofinancing", draft)))


@pytest.mark.rule("COF-10")
def test_a_broad_member_organisation_is_declared_on_its_own_page(client_of, draft):
    assert client_of.post(address("plan_declaration", draft), {}).status_code == 422
    page = client_of.post(address("plan_declaration", draft), {"is_broad": "yes"}, follow=True)
    assert "ledenorganisatie met een bredere werking" in text(page)
    assert cofinancing.is_broad(draft)
