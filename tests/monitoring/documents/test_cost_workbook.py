"""The cost workbook of a project year: written, locked and bound, and read back with errors by cell (BUD-03 ... 12, MON-03)."""

from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from openpyxl import load_workbook

from calls.enums import CostType
from ibnportal.core.findings import Severity
from monitoring.documents import cost_workbook
from monitoring.domain.report_costs import CostLine, difference, sums
from monitoring.models import AwardYear, Network

YEAR = AwardYear(
    network=Network(code="IBN-2025-003-N", name="Netwerk Papier"),
    project_year=1,
    starts_on=date(2026, 9, 1),
    ends_on=date(2027, 8, 31),
)
LINES = [
    CostLine(
        "personnel", 5, "An Claes", Decimal("61250.50"), role="Clustermanager", hours=Decimal("1650.00"), person_months=Decimal("12.00")
    ),
    CostLine("overhead", 5, "Kantoor", Decimal("12000.00"), motivation="30 op 96 mensmaanden"),
    CostLine(
        "external", 5, "Strategische oefening", Decimal("9000.00"), supplier="Bureau Lint", invoice_number="AL-31",
        invoiced_on=date(2027, 3, 15), motivation="Die kennis hebben we niet.",
    ),
]  # fmt: skip


def book(lines=LINES, year=YEAR):
    return load_workbook(BytesIO(cost_workbook.build(year, lines)))


def read(workbook, year=YEAR):
    out = BytesIO()
    workbook.save(out)
    return cost_workbook.read(out.getvalue(), year)


@pytest.mark.rule("BUD-03")
@pytest.mark.rule("BUD-04")
@pytest.mark.rule("BUD-05")
@pytest.mark.rule("BUD-08")
def test_what_is_filled_in_is_what_is_read():
    lines, findings = cost_workbook.read(cost_workbook.build(YEAR, LINES), YEAR)
    assert findings == []
    assert lines == LINES
    assert sums(lines, CostType.PERSONNEL) == (Decimal("61250.50"), Decimal("12.00"))
    assert [CostLine.from_dict(line.as_dict()) for line in lines] == LINES


def test_only_input_cells_are_open():
    workbook = book()
    assert workbook.security.lockStructure
    for sheet in workbook.worksheets:
        assert sheet.protection.sheet
    sheet = workbook["Personeel"]
    assert not sheet["A5"].protection.locked
    assert sheet["A4"].protection.locked
    assert sheet["E85"].value == "=SUM(E5:E84)"


@pytest.mark.parametrize(
    ("year", "message"),
    [
        (AwardYear(network=Network(code="IBN-2025-004-N"), project_year=1), "hoort bij netwerk IBN-2025-003-N"),
        (AwardYear(network=Network(code="IBN-2025-003-N"), project_year=2), "hoort bij projectjaar 1"),
    ],
)
def test_it_is_bound_to_its_network_and_year(year, message):
    lines, (finding,) = read(book(), year)
    assert lines == []
    assert message in finding.message


def test_a_broken_seal_and_a_stranger_are_refused():
    workbook = book()
    for prop in workbook.custom_doc_props.props:
        if prop.name == "IBN projectjaar":
            prop.value = "2"
    _, (finding,) = read(workbook)
    assert "niet het kostenrekenblad van het portaal" in finding.message
    _, (finding,) = cost_workbook.read(b"PK geen rekenblad", YEAR)
    assert finding.where == "Hele rekenblad"


@pytest.mark.rule("MON-03")
@pytest.mark.parametrize(
    ("sheet", "cell", "value", "message"),
    [
        ("Personeel", "E5", "veel", "geen bedrag"),
        ("Personeel", "E5", "=1+1", "Hier staat een formule"),
        ("Personeel", "E5", -5, "Een negatief getal"),
        ("Personeel", "D5", 13, "te groot"),
        ("Personeel", "C5", None, "Uren op het project: vul dit in"),
        ("Personeel", "B5", "x" * 301, "telt 301 tekens"),
        ("Personeel", "I9", "Vergeet mij niet", "buiten de invulcellen"),
        ("Personeel", "A4", "Naam", "Hier hoort “Persoon *” te staan"),
        ("Externe prestaties", "F5", None, "Motivering: vul dit in"),
        ("Externe prestaties", "C5", None, "Factuurnummer: vul dit in"),
        ("Externe prestaties", "D5", "ooit", "geen datum"),
        ("Overhead", "C5", None, "Hoe het deel bepaald is: vul dit in"),
    ],
)
def test_an_error_is_named_with_its_cell(sheet, cell, value, message):
    workbook = book()
    workbook[sheet][cell] = value
    _, findings = read(workbook)
    named = [finding for finding in findings if finding.where == f"Blad {sheet}, cel {cell}"]
    assert named, findings
    assert message in named[0].message


@pytest.mark.rule("BUD-11")
def test_an_invoice_counts_once():
    twice = [
        *LINES,
        CostLine("operating", 5, "Nog eens", Decimal("9000.00"), supplier="bureau lint", invoice_number="al-31"),
    ]
    _, (finding,) = cost_workbook.read(cost_workbook.build(YEAR, twice), YEAR)
    assert finding.where == "Blad Externe prestaties, cel C5"
    assert "staat ook op blad Werking, rij 5" in finding.message


@pytest.mark.rule("BUD-01")
def test_an_invoice_outside_the_year_is_a_question_not_an_error():
    late = [
        CostLine(
            "operating",
            5,
            "Zaal",
            Decimal("900.00"),
            supplier="Zaal",
            invoice_number="Z-1",
            invoiced_on=date(2027, 9, 1),
        )
    ]
    lines, (finding,) = cost_workbook.read(cost_workbook.build(YEAR, late), YEAR)
    assert (len(lines), finding.severity, finding.where) == (1, Severity.WARNING, "Blad Werking, cel D5")


def test_an_empty_workbook_is_no_costs():
    _, (finding,) = cost_workbook.read(cost_workbook.build(YEAR), YEAR)
    assert "nog geen enkele kost" in finding.message


def test_amounts_typed_as_text_are_read():
    workbook = book()
    workbook["Personeel"]["E5"] = "€ 1.234,56"
    lines, findings = read(workbook)
    assert (lines[0].amount, findings) == (Decimal("1234.56"), [])


def test_text_that_looks_like_a_formula_stays_text():
    lines, findings = cost_workbook.read(
        cost_workbook.build(YEAR, [CostLine("operating", 5, "=zaal", Decimal("1.00"))]), YEAR
    )
    assert (lines[0].description, findings) == ("=zaal", [])


def test_what_changed_line_by_line():
    new = [
        CostLine("personnel", 5, "An Claes", Decimal("60000.00")),
        CostLine("overhead", 5, "kantoor", Decimal("12000.00")),
        CostLine("operating", 5, "Zaal", Decimal("100.00")),
    ]
    assert [(change.description, change.old, change.new, change.by) for change in difference(LINES, new)] == [
        ("An Claes", Decimal("61250.50"), Decimal("60000.00"), Decimal("-1250.50")),
        ("Zaal", None, Decimal("100.00"), Decimal("100.00")),
        ("Strategische oefening (AL-31)", Decimal("9000.00"), None, Decimal("-9000.00")),
    ]
