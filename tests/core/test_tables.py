"""A list out of a workbook or csv: within bounds, with an address for each cell, and never a computed value."""

import time
import zipfile
from io import BytesIO

import openpyxl
import pytest

from ibnportal.core import tables

COLUMNS = ("Naam", "Ondernemingsnummer")


def workbook(*rows, head=COLUMNS, title="Blad1", **more):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    for row in (head, *rows):
        sheet.append(list(row))
    for name, content in more.items():
        sheet[name] = content
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def with_sheet(xml):
    """A workbook whose sheet holds that XML."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(workbook())) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for part in source.infolist():
            target.writestr(part.filename, xml if part.filename == "xl/worksheets/sheet1.xml" else source.read(part))
    return out.getvalue()


def sheet(body):
    return f'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{body}</sheetData></worksheet>'


def read(content, name="leden.xlsx"):
    return tables.read(content, name=name, columns=COLUMNS, needed=("Naam",))


def test_cells_come_with_their_address():
    table = read(workbook(("Alfa nv", "0566.988.259"), (None, None), ("Beta", 566988259)))
    assert [(row.number, row["Naam"].text, row["Ondernemingsnummer"].address) for row in table.rows] == [
        (2, "Alfa nv", "B2"), (4, "Beta", "B4"),
    ]  # fmt: skip
    assert table.where(table.rows[1]["Ondernemingsnummer"]) == "Blad Blad1, cel B4"
    assert table.rows[1]["Ondernemingsnummer"].text == "566988259"


def test_columns_may_stand_anywhere_and_the_head_lower_down():
    table = read(workbook(("ondernemingsnummer", " NAAM *"), ("1", "Alfa"), head=("Onze lijst", "")))
    assert [(row.number, row["Naam"].text, row["Ondernemingsnummer"].text) for row in table.rows] == [(3, "Alfa", "1")]


@pytest.mark.parametrize("start", ["=", "+", "-", "@"])
def test_text_that_looks_like_a_formula_is_text(start):
    book = openpyxl.Workbook()
    book.active.append(list(COLUMNS))
    book.active["A2"] = f"{start}Home nv"
    book.active["A2"].data_type = "s"
    out = BytesIO()
    book.save(out)
    assert read(out.getvalue()).rows[0]["Naam"].text == f"{start}Home nv"


def test_a_formula_is_named_and_not_believed():
    table = read(workbook(('=HYPERLINK("http://kwaad")', "1")))
    assert [(found.where, found.message) for found in table.findings] == [
        ("Blad Blad1, cel A2", "Hier staat een formule. Typ de waarde zelf.")
    ]


def test_csv_of_excel_and_of_others():
    expected = [("Café Zoé", "0566988259")]
    for content in (
        "Naam;Ondernemingsnummer\r\nCafé Zoé;0566988259".encode("cp1252"),
        "\ufeffNaam,Ondernemingsnummer\nCafé Zoé,0566988259".encode(),
    ):
        assert [
            (row["Naam"].text, row["Ondernemingsnummer"].text) for row in read(content, "leden.csv").rows
        ] == expected
    where = read(b"Naam;Ondernemingsnummer\nAlfa;1", "leden.csv")
    assert where.where(where.rows[0]["Ondernemingsnummer"]) == "Lijn 2, kolom B"


def test_a_hidden_sheet_is_not_read():
    book = openpyxl.Workbook()
    book.active.append(["Niets", "hier"])
    hidden = book.create_sheet("Geheim")
    hidden.append(list(COLUMNS))
    hidden.append(["Alfa", "1"])
    hidden.sheet_state = "hidden"
    out = BytesIO()
    book.save(out)
    assert "geen rij met de kolommen “Naam”" in read(out.getvalue()).findings[0].message


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        pytest.param(b"", "geen rekenblad", id="nothing"),
        pytest.param(b"PK\x03\x04rommel", "geen rekenblad", id="broken"),
        pytest.param(with_sheet(sheet('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')), "", id="the last cell there is"),
        pytest.param(with_sheet(sheet('<row r="1"><c r="ZZ1"><v>1</v></c></row>')), "", id="far to the right"),
        pytest.param(with_sheet(sheet("<row>" + "<c><v>1</v></c>" * 60_001 + "</row>")), "", id="too many cells"),
        pytest.param(with_sheet(b"0" * (tables.LIMITS.unpacked + 1)), "uitgepakt veel groter", id="a bomb"),
        pytest.param(with_sheet('<!DOCTYPE x [<!ENTITY a "b">]>' + sheet("")), "niet in een rekenblad horen", id="entities"),
        pytest.param(workbook(head=("Iets", "anders")), "geen rij met de kolommen", id="another list"),
    ],
)  # fmt: skip
def test_a_hostile_file_is_refused_quickly(content, sentence):
    began = time.process_time()
    table = read(content)
    assert sentence in table.findings[0].message
    assert "het rekenblad opnieuw, neem" not in table.findings[0].message
    assert table.rows == ()
    assert time.process_time() - began < 2


def test_a_cell_with_a_book_in_it_is_named():
    table = read(workbook(("x" * 3000, "1")))
    assert "telt 3000 tekens" in table.findings[0].message
