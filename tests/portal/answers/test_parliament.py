"""What parliament was told in 2017 and 2019, reproduced from rows as of the day, with the literal figures of the answers."""

from datetime import date
from decimal import Decimal

import pytest

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("programme")]

D = Decimal
IN_2017, QUESTION_98, EVALUATION = "2017-03-31", "2019-11-07", "2020-01-31"


def cells(answer, key: str) -> dict[str, object]:
    return {
        row.cells["network"] if "network" in row.cells else row.cells["title"]: row.cells[key] for row in answer.rows
    }


@pytest.mark.rule("H-02")
def test_eleven_projects_were_not_selected(answer):
    found = answer("QP-01", IN_2017)
    assert (len(found.rows), found.total) == (11, {"requested": D("3767323.00")})
    assert cells(found, "requested")["Vlas/Hennep Innovatie Incubator"] == D("185000.00")


def test_the_field_of_work_was_never_published_and_the_answer_says_so(answer):
    found = answer("QP-02", IN_2017)
    assert found.coverage == "Werkgebied gekend voor 0 van 11 projecten."
    assert "staan in geen bron" in found.notes[0]


@pytest.mark.rule("H-05")
def test_the_whole_budget_is_twice_the_support(answer):
    found = answer("QP-03", IN_2017)
    assert cells(found, "budget")["Future Furniture"] == D("533664.00")
    assert found.total["budget"] == D("7534646.00")


@pytest.mark.rule("H-07")
def test_the_ground_is_known_for_the_group_only(answer):
    found = answer("QP-04", IN_2017)
    assert found.coverage == "Scores per criterium gekend voor 0 van 11 projecten."
    assert "hele groep" in found.notes[0]


@pytest.mark.rule("H-02", "H-03", "H-12")
def test_the_funnel_of_the_first_call(answer):
    found = answer("QP-05", EVALUATION, oproep="2015")
    assert [row.cells["count"] for row in found.rows] == [33, 8, 25, 13, 1, 14, 11]
    supported = found.rows[5]
    assert (supported.cells["step"], supported.note) == ("Gesteunde netwerken", "13 bij de eerste beslissing en 1 na herziening.")  # fmt: skip
    assert [(one.value, one.is_reading) for one in supported.behind] == [("14", True), ("13", False)]
    assert [row.cells["count"] for row in answer("QP-05", EVALUATION, oproep="2017").rows] == [12, 6, 6]


def test_before_the_evaluation_the_full_proposals_are_counted_from_their_decisions(answer):
    found = answer("QP-05", IN_2017)
    assert [(row.cells["count"], row.cells["basis"]) for row in found.rows][-1] == (25, "berekend")


@pytest.mark.rule("H-10", "H-11")
def test_the_state_of_the_fourteen_projects(answer):
    found = answer("QP-06", IN_2017)
    assert (len(found.rows), found.total) == (14, {"award": D("4824749.00"), "months": D("921.00")})
    assert cells(found, "months")["Digitising Manufacturing"] == D("40.70")
    assert cells(found, "start")["EUKA"] == date(2017, 1, 1)
    assert cells(found, "state")["Groen Licht Vlaanderen"] == "start nog"


@pytest.mark.rule("H-14")
def test_the_follow_up_of_the_past_was_not_published_but_its_rule_was(answer):
    found = answer("QP-07", IN_2017)
    assert found.rows == ()
    assert "minstens 2 keer per jaar" in found.notes[0]


@pytest.mark.rule("H-03", "H-04")
def test_every_printed_total_stands_beside_the_sum(answer):
    found = answer("QP-09", EVALUATION)
    assert [(row.cells["call"], row.cells["amount"]) for row in found.rows] == [
        ("2015", D("4824749.00")), ("2015", D("4824749.00")), ("2015", D("4700000.00")), ("2015", D("4250000.00")),
        ("2017", D("663367.00")), ("2017", D("1500000.00")),
    ]  # fmt: skip


@pytest.mark.rule("H-23")
def test_five_periods_had_ended(answer):
    found = answer("QP-10", QUESTION_98)
    assert cells(found, "end") == {
        "Air Cargo Belgium": date(2019, 8, 31),
        "Power to Gas": date(2019, 8, 31),
        "B-hive": date(2019, 9, 30),
        "BIM - Bouw Informatie Modellen": date(2019, 9, 30),
        "Digitising Manufacturing": date(2019, 9, 30),
    }
    assert None not in cells(found, "future").values()


def test_the_other_end_of_air_cargo_is_behind_it_from_the_evaluation_on(answer):
    def ends(as_of: str) -> list[str]:
        behind = answer("QP-10", as_of).rows[0].behind
        return [one.value for one in behind if one.what == "Einde"]

    assert ends(QUESTION_98) == ["31/08/2019", "31/8/2019"]
    assert ends(EVALUATION) == ["31/08/2019", "30/09/2019", "30/09/2019", "31/8/2019"]


@pytest.mark.rule("H-16")
def test_support_for_the_network_beside_support_for_projects(answer):
    found = answer("QP-11", QUESTION_98)
    assert {name: amount for name, amount in cells(found, "projects").items() if amount is not None} == {
        "Power to Gas": D(12_000),
        "B-hive": D(0),
        "BIM - Bouw Informatie Modellen": D(547_000),
        "Digitising Manufacturing": D(1_014_000),
    }
    assert cells(found, "award")["Power to Gas"] == D("298059.00")


@pytest.mark.rule("H-17")
def test_project_applications_supported_and_refused(answer):
    found = answer("QP-13", QUESTION_98)
    counted = {row.cells["network"]: (row.cells["supported"], row.cells["refused"]) for row in found.rows}
    assert counted["BIM - Bouw Informatie Modellen"] == (3, 1)
    assert counted["Digitising Manufacturing"] == (3, 1)
    assert counted["Air Cargo Belgium"] == (1, 2)
    assert counted["B-hive"] == (0, 1)
    assert counted["Power to Gas"] == (1, None)


def test_intercluster_projects_as_told_in_2019_and_as_counted_since(answer):
    def counted(as_of: str) -> dict[str, tuple]:
        rows = answer("QP-12", as_of).rows
        told = {row.cells["network"]: (row.cells["intercluster"], row.cells["approved"]) for row in rows}
        return {network: numbers for network, numbers in told.items() if numbers != (None, None)}

    assert counted(QUESTION_98) == {
        "Air Cargo Belgium": (1, 0),
        "BIM - Bouw Informatie Modellen": (4, 3),
        "Digitising Manufacturing": (4, 3),
    }
    since = counted(EVALUATION)
    assert (since["Digitising Manufacturing"], since["Bouwindustrialisatie"]) == ((4, 3), (2, 1))
    assert len(since) == 20


def test_nine_periods_were_about_to_end_flag_included(answer):
    found = answer("QP-17", QUESTION_98)
    assert len(found.rows) == 9
    assert found.coverage == "Toekomst gekend voor 8 van 9 netwerken."
    assert cells(found, "future")["Flemish Aerospace Group (FLAG)"] is None


@pytest.mark.rule("HK-01", "HK-08")
def test_members_as_counted_in_2019(answer):
    found = answer("QP-19", QUESTION_98)
    assert (len(found.rows), found.total) == (20, {"members": D("1340.00")})
    assert {
        row.cells["network"]: row.cells["members"] for row in found.rows if row.cells["basis"] == "bij de start"
    } == {
        "Smart Buildings in Use": 31,
        "Flanders Health": 18,
    }


def test_a_later_count_does_not_erase_the_earlier_one(answer):
    """Composieten: 90 in November 2019, 85 in January 2020; both stay behind the figure."""
    before, after = (cells(answer("QP-19", day), "members")["Composieten"] for day in (QUESTION_98, EVALUATION))
    assert (before, after) == (90, 85)
    row = next(row for row in answer("QP-19", EVALUATION).rows if row.key == "IBN1-06")
    assert sorted((one.value, one.is_reading) for one in row.behind) == [("85", True), ("90", False)]


@pytest.mark.rule("H-33")
def test_size_cannot_be_told_for_2019_and_the_answer_says_why(answer):
    found = answer("QP-20", QUESTION_98)
    assert (found.rows, found.chart) == ((), None)
    assert "maken geen onderscheid tussen kmo's en grote ondernemingen" in found.unanswered
    assert found.coverage == "Ledenlijst in het portaal van 0 van 20 netwerken."


@pytest.mark.rule("H-30")
def test_three_quarters_gave_more_than_seven(answer):
    found = answer("QP-21", QUESTION_98)
    assert [row.cells["printed"] for row in found.rows] == ["75 % van wie antwoordde"]


@pytest.mark.rule("HE-10")
def test_means_of_the_evaluation_rest_on_complete_answers_only(answer):
    found = answer("QP-21", EVALUATION)
    assert {row.cells["base"] for row in found.rows[1:]} == {269}


@pytest.mark.rule("SPC-03")
def test_two_reasons_not_to_use_earmarked_means(answer):
    assert len(answer("QP-26", "2019-01-23").rows) == 2


@pytest.mark.rule("SPC-04")
def test_sources_of_additional_means(answer):
    found = answer("QP-25", "2019-01-23")
    assert [row.cells["source"] for row in found.rows][:2] == ["EFRO en Interreg", "Flanders Investment & Trade (FIT)"]
    assert len(found.rows) == 9


@pytest.mark.rule("SPC-02", "SPC-05")
def test_commitments_by_year_and_type(answer):
    found = answer("QP-27", "2019-01-23")
    assert [(row.cells["year"], row.cells["type"], row.cells.get("amount")) for row in found.rows] == [
        ("2016", "Innovatief bedrijfsnetwerk", D("4824749.00")),
        ("niet gepubliceerd", "Innovatief bedrijfsnetwerk", D("663367.00")),
        ("2017", "Speerpuntcluster", None),
        ("2018", "Speerpuntcluster", None),
    ]


@pytest.mark.rule("HK-04", "HK-07")
def test_share_of_target_on_whole_per_cent(answer):
    """A network that had not reported shows its target and no share; the three with a target only."""
    found = answer("QP-30", EVALUATION)
    assert found.total == {"target": D("46.00"), "value": D("194.00")}
    assert {row.cells["share"] for row in found.rows} == {None}
