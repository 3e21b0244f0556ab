"""Open data: no login, versioned and described, small cells left out, bad input answered with a reason."""

import json
from dataclasses import replace

import pgtrigger
import pytest

from calls.models import CallRules
from evaluation.models import Decision
from ibnportal.portal.answers import open_data, register
from ibnportal.portal.answers.table import Answer, Behind, Column, Kind, Row
from tests.factories.monitoring import team

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("programme")]


def test_the_list_and_the_description_name_each_public_question(client):
    listed = client.get("/open-data/v1/").json()
    described = client.get("/open-data/v1/openapi.json").json()
    public = [one.id for one in register.QUESTIONS if one.is_public]
    assert [one["id"] for one in listed["questions"]] == public
    assert described["openapi"] == "3.1.0"
    assert {f"/v1/{name.lower()}.json" for name in public} < set(described["paths"])
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


def test_a_company_is_not_a_public_parameter(client):
    assert client.get("/open-data/v1/qp-19.json?stand=2019-11-07&onderneming=0566988259").json()["total"] == {
        "members": "1340"
    }


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
        ((3, 10, 20), [None, None, 20]),
        ((3, 4, 20), [None, None, 20]),
        ((0, 5, 6), [0, 5, 6]),
        ((4,), [None]),
    ],
)
def test_small_cells_are_left_out_and_cannot_be_subtracted(values, left):
    found = open_data.without_small_cells(table(*values))
    assert [row.cells["companies"] for row in found.rows] == left
    assert all(row.behind == () and row.cells["share"] is None for row in found.rows if row.cells["companies"] is None)


def test_a_total_of_hidden_cells_only_is_hidden_too():
    alone = replace(table(4), total={"companies": 4})
    assert open_data.without_small_cells(alone).total == {}
    assert open_data.without_small_cells(replace(table(3, 10, 20), total={"companies": 33})).total == {"companies": 33}


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
