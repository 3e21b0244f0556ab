"""The tables of the evaluation of 2020 from rows, with their literal figures; and where that cannot be, the answer says so."""

from datetime import date
from decimal import Decimal

import pytest

from ibnportal.portal.answers.table import share

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("programme")]

D = Decimal
DAY = "2020-01-31"


def column(answer, key: str) -> dict[object, object]:
    first = answer.columns[0].key
    return {row.cells[first]: row.cells.get(key) for row in answer.rows}


@pytest.mark.rule("H-05", "H-06", "SPC-01")
def test_table_1_two_types_of_cluster(answer):
    found = answer("QE-01", DAY)
    assert column(found, "spc") == {
        "Hoogste steun per jaar": "500.000 euro",
        "Looptijd": "10 jaar",
        "Aantal erkend": "6",
        "Eigen projectbudget": "meer dan 45 miljoen euro",
    }
    assert column(found, "network")["Aantal erkend"] == "20"


def test_table_2_is_not_kept_and_says_so(answer):
    assert "tabel 2" in answer("QE-02", DAY).unanswered


def test_table_3_fourteen_and_six_networks_with_their_ends(answer):
    found = answer("QE-03", DAY)
    calls = [row.cells["call"] for row in found.rows]
    assert (calls.count("2015"), calls.count("2017")) == (14, 6)
    assert column(found, "end")["Offshore Energy"] == date(2020, 2, 29)
    notes = {row.key: row.note for row in found.rows if row.note}
    assert sorted(notes) == ["IBN1-01", "IBN1-11", "IBN2-04", "IBN2-06"]
    assert notes["IBN1-11"] == "Andere bron: 20/02/2020."


@pytest.mark.rule("H-22")
def test_table_4_keywords(answer):
    assert column(answer("QE-04", DAY), "keywords")["EUKA"] == "drones, aanbieders, gebruikers"


@pytest.mark.rule("HK-06", "HK-07")
def test_table_5_programme_indicators(answer):
    found = answer("QE-05", DAY)
    assert [(r.cells["value"], r.cells["target"], r.cells["share"], r.cells["rows"]) for r in found.rows] == [
        (1132, 1337, D("0.85"), 1166),
        (658, 690, D("0.95"), None),
        (176, 246, D("0.72"), 194),
    ]
    assert "niet na te rekenen" in found.rows[0].note


@pytest.mark.rule("HK-07")
@pytest.mark.parametrize(
    ("part", "whole", "fraction"),
    [(1132, 1337, "0.85"), (658, 690, "0.95"), (176, 246, "0.72"), (1, 8, "0.13"), (0, 10, "0.00"), (12, 10, "1.20")],
)
def test_a_share_is_rounded_to_a_whole_per_cent(part, whole, fraction):
    assert share(part, whole) == D(fraction)


@pytest.mark.parametrize(("part", "whole"), [(None, 10), (5, None), (5, 0)])
def test_no_share_without_value_or_target(part, whole):
    assert share(part, whole) is None


@pytest.mark.rule("H-20")
def test_table_6_nine_independent_and_eleven_established(answer):
    assert column(answer("QE-06", DAY), "networks") == {"Zelfstandig": 9, "Gevestigd (ingebed)": 11}


@pytest.mark.rule("HK-08")
def test_table_7_sums_what_was_reported_and_marks_what_is_a_target(answer):
    found = answer("QE-07", DAY)
    assert (len(found.rows), found.total["members"], found.total["started"]) == (20, 1166, 194)
    marked = {row.key for row in found.rows if row.note.startswith("**")}
    assert marked == {"IBN2-04", "IBN2-05", "IBN2-06"}
    assert {row.key for row in found.rows if row.note.startswith("* ")} == {"IBN2-01", "IBN2-02", "IBN2-03"}
    assert column(found, "members")["Smart Cities Vlaanderen (IoT for Society)"] == 26


@pytest.mark.rule("HE-07", "HE-08")
def test_table_8_spread_of_contributions(answer):
    found = answer("QE-08", DAY)
    spread = {
        row.key: tuple(row.cells[key] for key in ("max", "min", "median", "at_max", "to_half", "count", "share"))
        for row in found.rows
    }
    assert len(spread) == 17
    assert spread["IBN1-01"] == (35000, 175, 550, 1, 9, 82, D("0.11"))
    assert spread["IBN1-08"] == (20000, 50, 100, 5, 4, 105, D("0.04"))
    assert spread["IBN1-03"] == (10000, 250, 850, 8, 7, 68, D("0.10"))
    assert (spread["IBN1-02"][-1], spread["IBN1-04"][-1]) == (D("0.52"), D("0.49"))  # the table prints 50 % for both


@pytest.mark.rule("H-25", "H-26")
def test_table_10_intercluster_projects(answer):
    found = answer("QE-10", DAY)
    assert found.coverage == "15 aanvragen, 10 goedgekeurd; 5 met een speerpuntcluster, 3 goedgekeurd."
    assert found.total == {"count": 26, "established": 18, "independent": 8}


@pytest.mark.rule("HE-06")
def test_all_sixty_one_survey_values_with_their_profile(answer):
    found = answer("QE-20", DAY)
    values = {row.key: row.cells["printed"] for row in found.rows}
    assert len(values) == 61
    assert (values["m01"], values["m38"], values["m46"], values["m61"]) == ("3,01", "2,82", "3,01", "57")
    groups = {str(row.cells["group"]).partition(":")[0] for row in found.rows}
    assert groups == {"Alle leden", "Oproep", "Grootte", "Inbedding", "Deelname"}


@pytest.mark.rule("HE-09")
def test_the_matrix_of_effects(answer):
    found = answer("QE-17", DAY)
    first = found.rows[0]
    assert (first.cells["wanted"], first.cells["realised"], first.cells["contribution"]) == (
        D("0.69"),
        D("1.19"),
        D("62.60"),
    )
    assert "één van die vijf waarden klopt niet" in first.note
    assert found.notes[0].startswith("Elf effecten in drie groepen.")


@pytest.mark.rule("HE-10")
def test_response_of_the_survey(answer):
    found = answer("QE-21", DAY)
    assert [(row.cells["count"], row.cells["share"]) for row in found.rows] == [
        (1065, 1),
        (328, D("0.31")),
        (269, D("0.25")),
    ]


@pytest.mark.rule("HE-11")
def test_large_networks_were_found_less_relevant_in_words_only(answer):
    assert "minder relevant" in answer("QE-16", DAY).notes[0]


@pytest.mark.rule("HK-02")
def test_growth_as_printed_and_as_the_rows_give_it(answer):
    found = answer("QE-22", DAY)
    assert [(r.cells["printed"], r.cells["new"], r.cells["rows"]) for r in found.rows] == [
        (692, 423, 719),
        (447, 232, 447),
    ]


def test_members_of_networks_with_much_support(answer):
    found = answer("QE-24", DAY)
    assert [(r.cells["networks"], r.cells["members"], r.cells["printed"]) for r in found.rows] == [
        (6, 661, 662),
        (11, 505, 504),
    ]


def test_networks_at_the_highest_support(answer):
    assert list(column(answer("QE-25", DAY), "networks").values()) == [3, 9, 5, 3]


@pytest.mark.rule("H-27")
def test_partners_of_fit(answer):
    found = answer("QE-29", DAY)
    assert {row.cells["network"] for row in found.rows if "structureel" in str(row.cells["value"])} == {
        "EUKA",
        "B-hive",
    }
    assert len(found.rows) == 5


@pytest.mark.rule("H-28")
def test_eight_networks_had_a_focus_study(answer):
    assert len(answer("QE-30", DAY).rows) == 8


@pytest.mark.rule("H-15")
def test_two_networks_had_to_join_a_spearhead_cluster(answer):
    assert [row.key for row in answer("QE-31", DAY).rows] == ["IBN1-06", "IBN1-11"]


@pytest.mark.rule("H-35")
def test_other_actors_in_the_steering_group(answer):
    assert column(answer("QE-32", DAY), "value") == {
        "EUKA": "Flanders Make",
        "Flanders' Bike Valley": "Flanders Make",
        "Flemish Aerospace Group (FLAG)": "Agoria",
        "Groen Licht Vlaanderen": "KU Leuven",
    }


def test_the_mobilised_cofinancing_is_the_support_mirrored(answer):
    assert "niet een gemeten cofinanciering" in answer("QE-35", DAY).rows[0].note


@pytest.mark.rule("LES-02", "HK-10")
def test_attempts_that_failed_have_their_reasons(answer):
    said = {row.cells["state"] for row in answer("QE-28", DAY).rows}
    assert {"Uiteenlopende verwachtingen", "Te weinig middelen", "Te weinig engagement of geen trekker"} <= said
