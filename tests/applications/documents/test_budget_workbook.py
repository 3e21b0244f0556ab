"""The budget workbook: made, filled in, read back; everything that can be wrong with it is said by sheet and cell."""

import zipfile
from decimal import Decimal
from functools import cache
from io import BytesIO

import pytest
from openpyxl import Workbook, load_workbook

from applications.documents import budget_workbook as workbook
from applications.domain import budget
from applications.domain.budget import Expected, ReadLine
from tests.applications.domain.sample import RULES, replace
from tests.factories.applications import COSTS, fill_budget

EXPECTED = Expected("2025", "IBN-2025-001", RULES)


@cache
def filled():
    return fill_budget(blank())


def blank(expected=EXPECTED, **fields):
    return workbook.build(expected, **{"title": "Circulaire materialen", "applicant": "Flux vzw", **fields})


def changed(change, content=None):
    """The filled workbook after `change(book)`."""
    book = load_workbook(BytesIO(content or filled()))
    change(book)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def set_cell(sheet, cell, value):
    return lambda book: book[sheet].__setitem__(cell, value)


def wrong(content, expected=EXPECTED):
    return [(found.where, found.message) for found in workbook.read(content, expected).findings]


def test_what_people_fill_in_is_read_back():
    reading = workbook.read(filled(), EXPECTED)
    assert reading.findings == ()
    sums = budget.figures(reading.lines, RULES)
    assert (sums.total, sums.person_months, sums.requested_grant) == (Decimal(300000), Decimal(72), Decimal(150000))
    first = reading.lines[0]
    assert (first.description, first.project_year, first.amount, first.person_months, first.cell) == (
        "Clustermanager", 1, Decimal("60000.00"), Decimal("12.00"), "Personeel!E5",
    )  # fmt: skip


def test_what_is_known_is_filled_in_again():
    lines = workbook.read(filled(), EXPECTED).lines
    assert workbook.read(blank(lines=lines), EXPECTED).lines == lines


def test_only_the_input_cells_are_open_and_everything_else_is_protected():
    book = load_workbook(BytesIO(blank()))
    assert all(sheet.protection.sheet for sheet in book.worksheets)
    sheet = book["Personeel"]
    assert (sheet["A5"].protection.locked, sheet["E5"].protection.locked, sheet["H5"].protection.locked) == (
        False,
        False,
        True,
    )
    assert len(sheet.data_validations.dataValidation) == 2


@pytest.mark.parametrize("text", ["=1+1", "+32 9", "-5", "@SUM(A1)"])
def test_text_of_a_user_is_never_a_formula(text):
    line = ReadLine(1, "operating", text, Decimal(1))
    book = load_workbook(BytesIO(blank(title=text, lines=(line,))))
    assert book["Uitleg"]["B7"].data_type == "s"
    assert book["Werking"]["A5"].data_type == "s"
    assert workbook.read(blank(title=text, lines=(line,)), EXPECTED).lines[0].description == text


@pytest.mark.rule("BUD-09")
@pytest.mark.parametrize(
    ("made_for", "message"),
    [
        (Expected("2017", "IBN-2025-001", RULES), "Dit rekenblad is van de oproep 2017, niet van 2025."),
        (Expected("2025", "IBN-2025-002", RULES), "Dit rekenblad is van dossier IBN-2025-002, niet van IBN-2025-001."),
    ],
)
def test_a_workbook_of_another_call_or_dossier_is_named(made_for, message):
    ((where, found),) = wrong(fill_budget(blank(made_for)))
    assert (where, found.startswith(message)) == ("Hele werkmap", True)


def test_a_workbook_of_another_version_is_named(monkeypatch):
    monkeypatch.setattr(workbook, "TEMPLATE_VERSION", 7)
    old = fill_budget(blank())
    monkeypatch.undo()
    assert wrong(old)[0][1].startswith("Dit is versie 7 van het rekenblad; versie 1 is nodig.")


def test_any_other_workbook_is_refused():
    book, out = Workbook(), BytesIO()
    book.save(out)
    assert wrong(out.getvalue()) == [
        (
            "Hele werkmap",
            "Dit is niet het rekenblad van deze oproep. Download het rekenblad van dit dossier en vul dat in.",
        )
    ]


@pytest.mark.parametrize("content", [b"", b"geen rekenblad", b"PK\x03\x04kapot", b"%PDF-1.7"])
def test_what_is_no_workbook_is_refused(content):
    assert wrong(content)[0][1].startswith("Dit is geen rekenblad.")


def test_identity_survives_a_program_that_drops_the_properties():
    def drop(book):
        book.custom_doc_props.props.clear()

    assert wrong(changed(drop)) == []


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("twaalf", "“twaalf” is tekst, geen getal."),
        ("€ 60.000", "“€ 60.000” is tekst, geen getal."),
        (-1, "-1 is negatief. Een kost is 0 of meer."),
        (1e12, "is te groot."),
        (True, "is geen getal."),
        ("=1+1", "Deze formule heeft nog geen uitkomst."),
    ],
)
def test_a_number_cell_that_holds_no_number_is_a_finding_at_its_cell(value, message):
    ((where, found),) = wrong(changed(set_cell("Personeel", "E5", value)))
    assert where == "Blad Personeel, cel E5"
    assert message in found


@pytest.mark.rule("BUD-08")
def test_an_external_service_without_motivation_is_refused():
    ((where, message),) = wrong(changed(set_cell("Externe prestaties", "I5", None)))
    assert (where, message) == (
        "Blad Externe prestaties, cel I5",
        "Een externe prestatie is uitzonderlijk: motiveer waarom ze nodig is.",
    )


def test_an_amount_without_a_description_is_refused():
    assert wrong(changed(set_cell("Werking", "A5", None)))[0][0] == "Blad Werking, cel A5"


@pytest.mark.rule("BUD-09")
@pytest.mark.parametrize(
    ("sheet", "cell"), [("Personeel", "H5"), ("Personeel", "E45"), ("Samenvatting", "E9"), ("Samenvatting", "B10")]
)
def test_a_changed_formula_is_named_with_what_belongs_there(sheet, cell):
    ((where, message),) = wrong(changed(set_cell(sheet, cell, 999999)))
    assert where == f"Blad {sheet}, cel {cell}"
    assert message.startswith("De formule is veranderd. Hier hoort =")


def test_a_moved_column_is_named():
    assert wrong(changed(lambda book: book["Overhead"].insert_cols(2)))[0][0] == "Blad Overhead, cel B4"


def test_a_missing_sheet_is_named():
    assert wrong(changed(lambda book: book.remove(book["Werking"])))[0][0] == "Blad Werking"


def test_a_cost_below_the_input_cells_would_not_count_and_is_named():
    assert wrong(changed(set_cell("Werking", "B60", 5000)))[0][0] == "Blad Werking, cel B60"


def test_the_server_recomputes_and_says_where_the_sheet_disagrees():
    filled = fill_budget(blank())
    reading = workbook.read(_with_cached_total(filled, "E9", "123"), EXPECTED)
    (found,) = reading.findings
    assert (found.where, found.severity) == ("Blad Samenvatting, cel E9", "warning")
    assert (
        "Het rekenblad zegt €\N{NO-BREAK SPACE}123,00, het portaal rekent €\N{NO-BREAK SPACE}300.000,00 uit."
        in found.message
    )


def _with_cached_total(content, cell, value):
    """As a spreadsheet program saves: the formula with the outcome it last computed."""
    source, out = zipfile.ZipFile(BytesIO(content)), BytesIO()
    with zipfile.ZipFile(out, "w") as target:
        for item in source.infolist():
            data = source.read(item)
            if item.filename.endswith("sheet6.xml"):
                head, tail = data.split(f'r="{cell}"'.encode(), 1)
                assert b"<v" in tail
                tail = (
                    tail.replace(b"<v></v>", f"<v>{value}</v>".encode(), 1)
                    .replace(b"<v/>", f"<v>{value}</v>".encode(), 1)
                    .replace(b"<v />", f"<v>{value}</v>".encode(), 1)
                )
                data = head + f'r="{cell}"'.encode() + tail
            target.writestr(item, data)
    return out.getvalue()


def test_an_empty_workbook_has_no_lines():
    assert workbook.read(blank(), EXPECTED).lines == ()


# ---------------------------------------------------------------- hostile


def with_part(name, data, content=None):
    source, out = zipfile.ZipFile(BytesIO(content or filled())), BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for item in source.infolist():
            target.writestr(item.filename, data if item.filename == name else source.read(item))
        if name not in source.namelist():
            target.writestr(name, data)
    return out.getvalue()


SHEET = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%s</sheetData>%s</worksheet>'


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            SHEET % (b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>', b""),
            "cel XFD1048576, ver buiten het rekenblad",
        ),
        (SHEET % (b"", b'<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'), "ver buiten"),
        (SHEET % (b'<row r="1"><c r="A1"/></row>' * 20001, b""), "meer dan 20000 cellen"),
        (b"<!DOCTYPE x [<!ENTITY a 'b'>]>" + SHEET % (b"", b""), "die niet in een rekenblad horen"),
        (b" " * 13_000_000, "veel groter dan de begroting kan zijn"),
    ],
)
def test_a_bomb_is_refused_before_it_is_unpacked(data, message):
    ((_, found),) = wrong(with_part("xl/worksheets/sheet2.xml", data))
    assert message in found


def test_a_part_that_is_broken_is_refused():
    assert "kan niet gelezen worden" in wrong(with_part("xl/workbook.xml", b"<workbook"))[0][1]


def test_costs_over_the_cap_are_read_and_left_to_the_rules():
    costs = (("Duur", "personnel", (500000, 0, 0), (72, 0, 0), ""), *COSTS[2:])
    assert workbook.read(fill_budget(blank(), costs), EXPECTED).findings == ()


def test_the_workbook_follows_the_years_of_the_call():
    two = replace(RULES, project_years=2)
    assert "Bedrag jaar 3 (euro)" not in workbook.headers(workbook.LAYOUTS[0], two.project_years).values()
