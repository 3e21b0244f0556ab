"""An answer as plain text for a letter: nothing cut off, nothing that only the portal explains, what other sources say in a footnote."""

import re
from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from openpyxl import load_workbook

from ibnportal.portal.answers import asking, files, register
from ibnportal.portal.answers.asking import Asked
from ibnportal.portal.answers.table import Answer, Behind, Column, Each, Kind, Row, none_of

QUESTION = register.question("QP-10")
ASKED = Asked(as_of=date(2019, 10, 31))
NAME = Column("name", "Netwerk", definition="Zoals in de beslissing (H-16).")
SUPPORT = Column("support", "Toegekende steun over de hele looptijd", Kind.EURO)
WHY = Column("why", "Motivering")
LONG = "Niet gesteund volgens de regel van de oproep: drie of meer keer “eerder zwak” of één keer “kritisch”."


def text(*rows: Row, **more) -> str:
    return files.text(QUESTION, ASKED, Answer((NAME, SUPPORT, WHY), rows, **more))


def test_a_long_text_goes_on_and_amounts_stay_right():
    shown = text(
        Row("a", {"name": "Space 4.0", "support": Decimal(149_908), "why": LONG}),
        Row("b", {"name": "EUKA", "support": Decimal(50), "why": None}, note="zonder bedrag"),
        total={"support": Decimal(149_958)},
    )
    assert shown.splitlines()[3:] == [
        "Netwerk      Toegekende steun  Motivering",
        "                 over de hele",
        "                     looptijd",
        "---------  ------------------  ---------------------------------------------",
        "Space 4.0           € 149.908  Niet gesteund volgens de regel van de oproep:",
        "                               drie of meer keer “eerder zwak” of één keer",
        "                               “kritisch”.",
        "EUKA (1)                 € 50  –",
        "---------  ------------------  ---------------------------------------------",
        "Totaal              € 149.958",
        "",
        "(1) Zonder bedrag.",
        "Netwerk: Zoals in de beslissing.",
    ]


def test_what_is_not_answered_explains_no_columns():
    shown = files.text(QUESTION, ASKED, none_of((NAME, SUPPORT), "Op die dag was er niets."))
    assert shown.splitlines()[3:] == ["Op die dag was er niets."]


def test_a_source_stands_once_also_where_one_names_several():
    assert files.sources_of(["Tabel 7; Tabel 8", "", "Tabel 8", "Tabel 7"]) == ["Tabel 7", "Tabel 8"]
    many = files.sources_of(f"Dossier {number}" for number in range(40))
    assert many[-2:] == ["Dossier 14", "en nog 25"]


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("Met drie partijen (HK-03).", "Met drie partijen."),
        ("geen: gewone kanalen (H-16)", "geen: gewone kanalen"),
        ("Flemish Aerospace Group (FLAG)", "Flemish Aerospace Group (FLAG)"),
        ("enkel kernwoorden (QE-04)", "enkel kernwoorden (QE-04)"),
    ],
)
def test_numbers_of_rules_are_for_us_alone(line, shown):
    assert files.without_rules(line) == shown


def stated(value: str, source: str, *, counts: bool = False, note: str = "") -> Behind:
    return Behind("Einde", value, source, is_reading=counts, note=note)


@pytest.mark.parametrize(
    ("others", "told"),
    [
        ([stated("31/08/2019", "Tabel 3")], []),
        ([stated("30/09/2019", "Tabel 3")], ["Einde volgens Tabel 3: 30/09/2019."]),
        ([stated("eind 2019", "Een brief", note="Niet getekend.")], ["Einde volgens Een brief: eind 2019. Niet getekend."]),
        ([stated("1.340", "Tabel 5")], []),
        ([stated("20/2/2020", "Tabel 7")], []),
        ([stated("88", "Jaarverslag 1, stand op 1 aug. 2018")], []),
        ([stated("91", "Jaarverslag 2, stand op 1 aug. 2019", counts=True), stated("88", "Tabel 7, stand op 1 aug. 2019")], ["Einde volgens Tabel 7, stand op 1 aug. 2019: 88."]),
    ],
)  # fmt: skip
def test_only_what_another_source_says_otherwise_is_a_footnote(others, told):
    """Not what says the same in another notation, what the row shows, or what its own footnote says."""
    row = Row(
        "a", {"name": "EUKA", "members": "1.340"}, (stated("31/8/2019", "Berekend", counts=True), *others), note="Andere bron: 20/2/2020."
    )  # fmt: skip
    assert files.said_otherwise(row) == told


@pytest.mark.django_db
@pytest.mark.usefixtures("programme")
@pytest.mark.parametrize("as_of", ["2019-10-31", "2025-12-31"])
def test_every_question_reads_as_text(as_of):
    asked = asking.read({"stand": as_of})
    for question in register.QUESTIONS:
        shown = files.text(question, asked, question.answer(asked))
        assert shown.startswith(f"{question.id}  {question.title}\nStand op "), question.id
        assert "\n\n\n" not in shown, question.id
        assert not re.search(r"\((?:HK|HE|H|LES|SPC)-\d", shown), question.id
        assert not re.search(r"\b(?:None|percent|erachter)\b", shown), question.id


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_file_without_an_answer_has_the_same_columns_and_the_reason_as_its_remark(kind):
    content = files.content(kind, QUESTION, ASKED, none_of((NAME, SUPPORT), "Op die dag was er niets."))
    if kind == "csv":
        assert content.decode("utf-8-sig").splitlines() == [
            f"Netwerk;{SUPPORT.title};Opmerking;Bron",
            ";;Op die dag was er niets.;",
        ]
    else:
        rows = load_workbook(BytesIO(content)).worksheets[0].iter_rows(values_only=True)
        assert list(rows) == [
            ("Netwerk", SUPPORT.title, "Opmerking", "Bron"),
            (None, None, "Op die dag was er niets.", None),
        ]


def test_no_file_opens_what_has_one_source():
    """Of a large programme that is every payer and every member, for one line under the table."""

    def opened(_thing):
        raise AssertionError("nobody asked for the rows themselves")

    row = Row("a", {"name": "Alfa", "support": 3}, Each((1, 2, 3), opened, source="Ledenlijst"))
    found = Answer((NAME, SUPPORT), (row,))
    assert "Bronnen: Ledenlijst" in files.text(QUESTION, ASKED, found)
    assert files.content("csv", QUESTION, ASKED, found).decode("utf-8-sig").splitlines()[1] == "Alfa;3;;Ledenlijst"
    assert files.footnotes_of(row) == []
    assert files.as_data(QUESTION, ASKED, found)["rows"][0]["sources"] == ["Ledenlijst"]


@pytest.mark.parametrize(
    ("kind", "values", "written"),
    [
        (Kind.EURO, (450_000, None), '"€" #,##0'),
        (Kind.EURO, (Decimal("2.50"),), '"€" #,##0.00'),
        (Kind.NUMBER, (Decimal("140.00"),), "#,##0"),
        (Kind.NUMBER, (Decimal("40.7"), 99), "#,##0.0#"),
        (Kind.PERCENT, (Decimal("0.11"),), "0 %"),
        (Kind.DATE, (), "d/mm/yyyy"),
        (Kind.TEXT, ("a",), ""),
    ],
)
def test_how_a_spreadsheet_writes_a_column(kind, values, written):
    assert files.number_format(kind, values) == written
