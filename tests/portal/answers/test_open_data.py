"""Open data: no login, versioned and described, small cells left out, bad input answered with a reason."""

import json
from dataclasses import replace
from decimal import Decimal

import pgtrigger
import pytest

from calls.models import CallRules
from evaluation.models import Decision
from ibnportal.portal.answers import disclosure, register
from ibnportal.portal.answers.table import Answer, Behind, Column, Kind, Row
from tests.factories.monitoring import team

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("programme")]


def test_the_list_and_the_description_name_each_public_question(client):
    listed = client.get("/open-data/v1/").json()
    described = client.get("/open-data/v1/openapi.json").json()
    public = [one.id for one in register.QUESTIONS if one.is_public]
    assert [one["id"] for one in listed["questions"]] == public
    assert described["openapi"] == "3.1.0"
    assert {f"/open-data/v1/{name.lower()}.json" for name in public} < set(described["paths"])
    assert client.get("/open-data/").status_code == 200


def test_every_public_answer_is_given_in_both_kinds(client):
    for one in register.QUESTIONS:
        if one.is_public:
            for kind in ("json", "csv"):
                assert (one.id, client.get(f"/open-data/v1/{one.slug}.{kind}?stand=2020-01-31").status_code) == (
                    one.id,
                    200,
                )


def test_figures_of_a_day(client):
    response = client.get("/open-data/v1/qp-19.json?stand=2019-11-07")
    assert response["Access-Control-Allow-Origin"] == "*"
    assert response.json()["total"] == {"members": "1340"}
    assert client.get("/open-data/v1/qp-06.csv?stand=2017-03-31").content.decode("utf-8-sig").count("\r\n") == 15


@pytest.mark.parametrize(
    "query", ["stand=2050-01-01", "stand='; DROP TABLE x", "oproep=1999", "netwerk=<script>", "type=9"]
)
def test_a_wrong_parameter_is_400_with_its_reason(client, query):
    response = client.get(f"/open-data/v1/qp-19.json?{query}")
    assert response.status_code == 400
    assert json.loads(response.content)["error"]


@pytest.mark.parametrize("path", ["qp-20.json", "qa-03.json", "qx-1.json", "qp-19.exe"])
def test_what_is_not_public_is_not_there(client, path):
    assert client.get(f"/open-data/v1/{path}").status_code == 404


@pytest.mark.parametrize(
    ("address", "named"),
    [
        ("qp-19.json?stand=2019-11-07&onderneming=0566988259", "onderneming"),
        ("qp-19.json?grootte=micro", "grootte"),
        ("qp-01.json?netwerk=IBN1-01", "netwerk"),
        ("qp-06.json?as_of=2017-03-31", "as_of"),
        ("qp-06.csv?%3Cscript%3E=1", "<script>"),
    ],
)
def test_a_parameter_that_would_narrow_nothing_is_400_and_what_there_is_is_named(client, address, named):
    """Left unsaid, all would be read as the part that was asked for."""
    response = client.get(f"/open-data/v1/{address}")
    assert response.status_code == 400
    assert response.json()["detail"].startswith(f"“{named}” is geen parameter van")
    assert "Kies uit: stand, oproep" in response.json()["detail"]


def test_a_refusal_is_a_problem_document(client):
    for path, status in (("qp-19.json?stand=2050-01-01", 400), ("qx-1.json", 404), ("qp-19.xml", 404)):
        response = client.get(f"/open-data/v1/{path}")
        assert (response.status_code, response["Content-Type"]) == (status, "application/problem+json")
        told = response.json()
        assert (told["status"], told["detail"]) == (status, told["error"])
        assert response["Access-Control-Allow-Origin"] == "*"
    posted = client.post("/open-data/v1/qp-19.json")
    assert (posted.status_code, posted["Allow"]) == (405, "GET, HEAD, OPTIONS")
    assert posted.json()["detail"] == "Hier wordt enkel gelezen: gebruik GET."


def test_who_has_the_answer_already_is_told_so(client):
    first = client.get("/open-data/v1/qp-06.json?stand=2017-03-31")
    assert first["Cache-Control"] == "public, max-age=300"
    again = client.get("/open-data/v1/qp-06.json?stand=2017-03-31", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    asked = client.options("/open-data/v1/qp-06.json", headers={"Origin": "https://elders.example", "Access-Control-Request-Headers": "if-none-match"})  # fmt: skip
    assert (asked.status_code, asked["Access-Control-Allow-Headers"], again["Access-Control-Allow-Origin"]) == (204, "If-None-Match", "*")  # fmt: skip
    other = client.get("/open-data/v1/qp-06.json?stand=2019-11-07", headers={"If-None-Match": first["ETag"]})
    assert other.status_code == 200


def test_a_count_has_no_decimals_and_no_number_of_a_rule_is_told(client):
    lines = client.get("/open-data/v1/qp-19.csv?stand=2019-11-07").content.decode("utf-8-sig").splitlines()
    assert lines[1].startswith("Air Cargo Belgium;140;")
    assert "HK-01" not in client.get("/open-data/v1/qp-19.json").content.decode()
    months = client.get("/open-data/v1/qp-06.csv?stand=2017-03-31").content.decode("utf-8-sig")
    assert ";225000;40.7;2016-10-01;" in months


class TestTheDescription:
    """What a client is generated from is what is given: each object has the fields that its schema names, of that kind."""

    @pytest.fixture
    def described(self, client):
        return client.get("/open-data/v1/openapi.json").json()

    def fits(self, value, schema, described) -> bool:
        if "$ref" in schema:
            schema = described["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        found = {dict: "object", list: "array", str: "string", int: "number", type(None): "null"}[type(value)]
        if found not in kinds and not (found == "number" and "integer" in kinds):
            return False
        if isinstance(value, list):
            return all(self.fits(one, schema["items"], described) for one in value)
        if isinstance(value, dict):
            fields = schema.get("properties", {})
            rest = schema.get("additionalProperties")
            return (not fields or set(value) == set(fields) == set(schema["required"])) and all(
                self.fits(one, fields.get(name, rest), described) for name, one in value.items()
            )
        return "enum" not in schema or value in schema["enum"]

    def test_each_address_gives_what_is_described(self, client, described):
        json_of = [path for path in described["paths"] if path.startswith("/open-data/") and not path.endswith(".csv")]
        assert len(json_of) > 40
        for path in json_of:
            schema = described["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
            query = "?stand=2020-01-31" if path.endswith(".json") else ""
            assert (path, self.fits(client.get(f"{path}{query}").json(), schema, described)) == (path, True)
        problem = client.get("/open-data/v1/qp-19.json?type=x").json()
        assert self.fits(problem, {"$ref": "#/components/schemas/Problem"}, described)

    def test_each_parameter_that_is_described_can_be_given(self, client, described):
        given = {"stand": "2020-01-31", "oproep": "2015", "netwerk": "IBN1-01", "type": "independent", "vanaf": "0", "aantal": "3"}  # fmt: skip
        for path, address in described["paths"].items():
            if path.startswith("/open-data/") and path.endswith(".json"):
                names = [one["$ref"].rpartition("/")[2] for one in address["get"]["parameters"]]
                response = client.get(path, {name: given[name] for name in names})
                assert (path, response.status_code) == (path, 200)

    def test_no_two_addresses_have_one_name(self, described):
        names = [address["get"]["operationId"] for address in described["paths"].values()]
        assert (
            len(names)
            == len(set(names))
            == 2 * (len(register.QUESTIONS) + sum(one.is_public for one in register.QUESTIONS)) + 2
        )
        assert {server["url"] for server in described["servers"]} == {"http://testserver"}


def table(*values: int) -> Answer:
    columns = (
        Column("name", "Naam"),
        Column("companies", "Ondernemingen", Kind.NUMBER),
        Column("share", "Aandeel", Kind.PERCENT),
    )
    return Answer(
        columns,
        tuple(
            Row(str(n), {"name": str(n), "companies": value, "share": 1}, (Behind("Alfa nv", "1", "lijst"),))
            for n, value in enumerate(values)
        ),
    )


@pytest.mark.parametrize(
    ("values", "left"),
    [
        ((10, 20), [10, 20]),
        ((3, 10, 20), [None, 10, 20]),
        ((3, 4, 20), [None, None, 20]),
        ((0, 5, 6), [0, 5, 6]),
        ((4,), [None]),
        ((1, 1, 20), [None, None, 20]),
    ],
)
def test_small_cells_are_left_out_and_cannot_be_subtracted(values, left):
    """By no total: less what is shown it would be what is not, also with what the answer about another call shows."""
    found = disclosure.without_small_cells(replace(table(*values), total={"companies": sum(values)}))
    assert [row.cells["companies"] for row in found.rows] == left
    assert found.total == ({} if None in left else {"companies": sum(values)})
    assert all(row.behind == () and row.cells["share"] is None for row in found.rows if row.cells["companies"] is None)


def traits(**numbers: int) -> Answer:
    """A table of members by a trait, with what stands around it."""
    made = table(*numbers.values())
    rows = [row._replace(cells={**row.cells, "name": name}) for row, name in zip(made.rows, numbers, strict=True)]
    told = sum(number for name, number in numbers.items() if name != "onbekend")
    return replace(
        made,
        rows=tuple(rows),
        total={"companies": sum(numbers.values())},
        coverage=f"Ledenlijst van 1 van 2 netwerken. Grootte gekend voor {told} van {sum(numbers.values())} ondernemingen.",
        notes=("Gemiddelde leeftijd: 12,3 jaar.", "Evaluatie van 2020: 22,5."),
    )


class TestTraits:
    """Of a table by size, age, place or sector no figure tells one member apart, also beside another answer."""

    @pytest.mark.parametrize(
        ("number", "shown"), [(0, 0), (1, None), (4, None), (5, 5), (7, 5), (8, 10), (12, 10), (13, 15)]
    )
    def test_a_count_is_rounded_or_left_out(self, number, shown):
        found = disclosure.rounded(traits(micro=number, klein=40))
        assert [row.cells["companies"] for row in found.rows] == [shown, 40]
        assert bool(found.rows[0].note) == (shown is None)

    def test_two_answers_beside_each_other_give_no_third(self):
        """All networks less the established ones: the independent have 3 micro companies, and nobody can tell."""
        every, established = (disclosure.rounded(traits(micro=number, klein=40)) for number in (30, 27))
        assert [found.rows[0].cells["companies"] for found in (every, established)] == [30, 25]

    def test_shares_follow_from_what_is_shown_and_the_whole_is_not_told_exactly(self):
        found = disclosure.rounded(traits(micro=12, klein=36, groot=2, onbekend=3))
        assert [row.cells["share"] for row in found.rows] == [Decimal("0.20"), Decimal("0.70"), None, None]
        assert (found.total, found.coverage) == ({"companies": 55}, "Ledenlijst van 1 van 2 netwerken.")

    def test_who_is_left_out_stays_in_the_whole_and_of_few_no_share_is_told(self):
        """Ten of twenty, the others in classes of a few: half of them, not all."""
        found = disclosure.rounded(traits(micro=4, klein=10, middel=3, groot=3))
        assert [row.cells["share"] for row in found.rows] == [None, Decimal("0.50"), None, None]
        assert disclosure.rounded(traits(micro=9, klein=10)).rows[1].cells["share"] is None

    def test_a_mean_is_of_ten_at_least(self):
        assert "Gemiddelde leeftijd: 12,3 jaar." in disclosure.rounded(traits(jong=10)).notes
        assert disclosure.rounded(traits(jong=9, onbekend=30)).notes[0] == "Evaluatie van 2020: 22,5."

    def test_of_fewer_than_five_nothing_is_told(self):
        found = disclosure.rounded(traits(jong=3, oud=1, onbekend=30))
        assert (found.rows, found.total, found.coverage, found.notes) == ((), {}, "", ())
        assert "minder dan 5 ondernemingen" in found.unanswered

    def test_without_members_its_own_reason_stays(self, client):
        told = client.get("/open-data/v1/qe-12.json?stand=2020-01-31").json()
        assert told["unanswered"].startswith("Van geen enkel netwerk")


def test_the_bound_of_the_register_is_a_rule_of_the_call(answer):
    """X-15: another bound in the rules of a call, other rows in the register."""
    with pgtrigger.ignore("calls.CallRules:frozen_rules_are_kept"):  # the rules of a published call are frozen
        CallRules.objects.filter(call__code="2015").update(award_published_above=400_000)
    assert len(answer("OD-01", "2020-01-31").rows) == 9
    with pgtrigger.ignore("calls.CallRules:frozen_rules_are_kept"):
        CallRules.objects.update(award_published_above=None)
    found = answer("OD-01", "2020-01-31")
    assert found.rows == ()
    assert "geen toekenning boven de grens" in found.unanswered


def test_awards_above_the_bound_with_the_fields_of_the_register(answer):
    found = answer("OD-01", "2020-01-31")
    assert (len(found.rows), found.total["amount"]) == (17, 5_488_116)
    assert {
        "beneficiary",
        "number",
        "size",
        "region",
        "sector",
        "amount",
        "instrument",
        "granted",
        "objective",
        "authority",
        "measure",
    } == {c.key for c in found.columns}


def test_an_award_of_a_running_call_is_public_once_it_is_made_known(client, clock):
    """Above the bound of its call (EUR 100 000): in the register of aid and of subsidies from the day of its release, without a login."""
    clock.set("2027-03-01T10:00")
    crew = team(title="Netwerk Nieuw", rules={"award_published_above": 100_000})
    for name in ("od-01", "od-02"):
        rows = client.get(f"/open-data/v1/{name}.json?oproep={crew.network.call.code}").json()["rows"]
        assert [(row["cells"]["beneficiary"], row["cells"]["amount"]) for row in rows] == [
            (crew.network.beneficiary.name, "675000")
        ]
    Decision.objects.filter(application__network=crew.network).update(released_at=None, released_by=None)
    assert client.get(f"/open-data/v1/od-02.json?oproep={crew.network.call.code}").json()["rows"] == []


def test_every_award_is_in_the_register_of_subsidies(answer):
    assert len(answer("OD-02", "2020-01-31").rows) == 20


class TestPages:
    """The citizen who asks where the money went reads it, without an account and without a spreadsheet."""

    @pytest.mark.parametrize("one", [one for one in register.QUESTIONS if one.is_public], ids=lambda one: one.id)
    def test_every_public_answer_is_a_page(self, client, one, django_assert_max_num_queries):
        with django_assert_max_num_queries(20):
            page = client.get(f"/open-data/{one.slug}/?stand=2020-01-31")
        assert page.status_code == 200
        text = page.content.decode()
        assert ("Bron" in text) == bool(page.context["rows"]) or page.context["answer"].unanswered
        assert "achter=" not in text
        assert page.context["totals"] == [] or "Totaal" in text

    def test_it_says_what_its_figures_mean_where_they_come_from_and_leads_to_the_files(self, client):
        page = client.get("/open-data/qp-10/?stand=2019-11-07&type=independent").content.decode()
        for piece in ("Air Cargo Belgium", "/programma/IBN1-01/", "Beperkt tot", "Wat op die dag het recentst bekend was", "Schriftelijke vraag 98 van 7 november 2019, antwoord 1-2", "/open-data/v1/qp-10.csv?stand=2019-11-07&amp;type=independent"):  # fmt: skip
            assert piece in page
        assert "Bouw Informatie" not in page.partition("<table")[2].partition("</table>")[0]

    def test_what_is_not_public_is_not_there_and_no_filter_tells_members_apart(self, client):
        assert [client.get(f"/open-data/{name}/").status_code for name in ("qp-20", "qa-03", "niets")] == [404] * 3
        assert list(client.get("/open-data/qe-12/").context["form"].fields) == ["stand", "oproep", "netwerk", "type"]

    @pytest.mark.parametrize(("name", "text"), [("stand", "2050-01-01"), ("oproep", "' OR 1=1"), ("netwerk", "<b>"), ("type", "x")])  # fmt: skip
    def test_what_cannot_be_asked_is_told_at_its_field(self, client, name, text):
        page = client.get("/open-data/qp-19/", {name: text})
        assert list(page.context["form"].errors) == [name]
        assert "<b>" not in page.content.decode().partition("<main")[2].replace("IBN<b>", "")

    def test_the_list_and_the_search_lead_to_it(self, client):
        assert 'href="/open-data/qp-10/"' in client.get("/open-data/").content.decode()
        assert 'href="/open-data/qp-10/"' in client.get("/zoeken/?q=projectperiodes").content.decode()
