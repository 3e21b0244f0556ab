"""Writes the call's budget workbook for one dossier, with what is known filled in (BUD-01 ... BUD-11, DOC-06).

Everything but the input cells is locked, and every input cell says what it takes. Where things stand is in `budget_layout`; what
comes back is read by `budget_reading`, which believes none of it.
"""

from copy import copy
from decimal import Decimal
from io import BytesIO
from typing import Any

from django.core.signing import BadSignature, Signer
from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.formatting.rule import CellIsRule
from openpyxl.packaging.custom import StringProperty
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from applications.documents.budget_layout import (
    BUDGET_ROW,
    FIRST_ROW,
    HEAD_ROW,
    INSTRUCTIONS,
    LABELS,
    LAST_ROW,
    MARKS,
    MARKS_ROW,
    MAX_AMOUNT,
    MAX_LONG_TEXT,
    MAX_MONTHS,
    MAX_TEXT,
    NO,
    SUMMARY,
    TOTAL_ROW,
    YES,
    Field,
    Layout,
    formulas,
    marks_of,
    percent,
    sheets,
    summary_heads,
    summary_rows,
)
from applications.domain.budget_lines import Expected
from calls.enums import CostType
from ibnportal.core.money import format_euros

YELLOW, DARK, GREY, PALE, LOCKED, RED = "FFE615", "333332", "D9D9D4", "FFFBD6", "EFEFEC", "F9D5D3"
EURO_FORMAT = "#,##0.00"
MONTH_FORMAT = "0.00"

_LINE, _TIP_WIDTH = 15.5, 100

_THIN = Side(style="thin", color=GREY)
_BOX = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_OPEN = Protection(locked=False)
_NO_ZERO = "#,##0.00;-#,##0.00;"
_SEAL = Signer(salt="applications.budget_workbook")


def _font(*, size: int = 11, bold: bool = False, italic: bool = False, color: str = DARK) -> Font:
    return Font(name="Calibri", size=size, bold=bold, italic=italic, color=color)


def seal(marks: tuple[str, ...]) -> str:
    """What proves that the marks are the portal's own."""
    return _SEAL.signature("|".join(marks))


def is_sealed(marks: tuple[str, ...], signature: str) -> bool:
    """Whether the portal wrote these marks (also with an earlier key that is still kept)."""
    try:
        _SEAL.unsign(f"{'|'.join(marks)}:{signature}")
    except BadSignature:
        return False
    return True


def build(expected: Expected, *, title: str, applicant: str, lines: tuple[Any, ...] = ()) -> bytes:
    """The workbook of one dossier; the same input gives the same sheets. `lines` are those of an earlier budget."""
    book = Workbook()
    book.remove(book.active)
    marks = marks_of(expected)
    marked = (*marks, seal(marks))
    _instructions(book.create_sheet(INSTRUCTIONS), expected, marked, title=title, applicant=applicant)
    looks = _Looks(book, may_claim_vat=expected.may_claim_vat)
    for layout, year in sheets(expected.rules):
        here = [line for line in lines if line.cost_type == layout.cost_type and line.project_year == year]
        _cost_sheet(book.create_sheet(layout.title(year)), layout, year, here, looks)
    _summary(book.create_sheet(SUMMARY), expected)
    for name, value in zip(MARKS, marked, strict=True):
        book.custom_doc_props.append(StringProperty(name=name, value=value))
    book.properties.title = f"Begroting {expected.number}"
    book.properties.creator = "IBN-portaal"
    book.properties.language = "nl-BE"
    book.security.lockStructure = True
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _heading(sheet: Worksheet, text: str, explanation: str) -> None:
    sheet["A1"] = text
    sheet["A1"].font = _font(size=16, bold=True, color=DARK)
    sheet["A2"] = explanation
    sheet["A2"].font = _font(color="55554F")
    sheet.sheet_view.showGridLines = False
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True


def _head_cell(cell: Cell, text: str) -> None:
    cell.value = text
    cell.font = _font(bold=True, color="FFFFFF")
    cell.fill = PatternFill("solid", start_color=DARK)
    cell.alignment = Alignment(wrap_text=True, vertical="center")
    cell.border = _BOX


def _protect(sheet: Worksheet) -> None:
    sheet.protection.sheet = True
    sheet.protection.formatColumns = False
    sheet.protection.formatRows = False


def _text(cell: Cell, value: str) -> None:
    """Text that stays text: openpyxl takes a leading = for a formula."""
    cell.value = value
    cell.data_type = "s"
    if value[:1] in {"=", "+", "-", "@"}:
        cell.quotePrefix = True


# ---------------------------------------------------------------- instructions


def _instructions(sheet: Worksheet, expected: Expected, marked: tuple[str, ...], *, title: str, applicant: str) -> None:
    _heading(
        sheet,
        "Begroting",
        "Rekenblad van de oproep. Vul alleen de gele cellen in, bewaar het als .xlsx en laad het op in het portaal.",
    )
    rows = [*zip(LABELS, marked, strict=True), ("Initiatief", title), ("Aanvrager", applicant), ("Btw", _vat(expected))]
    for row, (label, value) in enumerate(rows, start=MARKS_ROW):
        sheet.cell(row, 1, label).font = _font(bold=True)
        cell = sheet.cell(row, 2)
        _text(cell, value)
        cell.font = _font()
        cell.alignment = Alignment(horizontal="left", wrap_text=True, vertical="top")
    first = MARKS_ROW + len(rows) + 1
    sheet.cell(first, 1, "Zo vult u het in").font = _font(bold=True, size=13)
    for row, (number, tip) in enumerate(enumerate(_tips(expected), start=1), start=first + 1):
        sheet.cell(row, 1, number).alignment = Alignment(horizontal="right", vertical="top")
        cell = sheet.cell(row, 2, tip)
        cell.alignment, cell.font = Alignment(wrap_text=True, vertical="top"), _font()
        # No program computes the height of a locked row by itself.
        sheet.row_dimensions[row].height = _LINE * (1 + len(tip) // _TIP_WIDTH)
    sheet.column_dimensions["A"].width = 28
    sheet.column_dimensions["B"].width = _TIP_WIDTH
    sheet.sheet_properties.tabColor = DARK
    _protect(sheet)


def _vat(expected: Expected) -> str:
    share = expected.recoverable_vat_fraction
    if share is None:
        return "Niet verklaard in het portaal: de kolom voor btw is gesloten."
    if expected.may_claim_vat:
        return f"De aanvrager recupereert {percent(share)} van de btw: wat overblijft mag in de begroting."
    return "De aanvrager is volledig btw-plichtig: btw hoort niet in de begroting."


def _tips(expected: Expected) -> list[str]:
    rules = expected.rules
    tips = [
        "Elk kostentype heeft per projectjaar een eigen werkblad. Schrijf per lijn wat de kost is en vul het bedrag in. Bedragen zijn reële kosten in euro.",
        f"Mensmaanden: {rules.months_per_year} mensmaanden zijn 1 voltijds equivalent (VTE) in een jaar. Wie deeltijds aan het project werkt, telt voor dat deel.",
        "Overhead: schrijf bij elke lijn hoe u het deel van het project bepaalt.",
        "Externe prestaties zijn uitzonderlijk: motiveer elke lijn en noem wie ze uitvoert en factureert. Wat u niet zelf doet, is altijd op factuur.",
        "Een zelfstandige met een langdurig formeel engagement telt mee voor de VTE en de overhead: zet “ja” en vul de mensmaanden in.",
        "Niet-recupereerbare btw vult u apart in, en alleen als de aanvrager niet volledig btw-plichtig is. U verklaart dat in het portaal.",
        f"De samenvatting rekent vanzelf: de gevraagde steun is {percent(rules.grant_fraction)} van de begroting. Het portaal rekent alles opnieuw uit.",
        "Verander geen formules, titels of werkbladen, en voeg geen cellen samen. Gebruik geen macro's en geen koppelingen naar andere bestanden.",
    ]
    if rules.max_budget_year is not None and rules.max_budget_total is not None:
        tips.append(
            f"De begroting is ten hoogste {format_euros(rules.max_budget_year, cents=False)} per jaar en "
            f"{format_euros(rules.max_budget_total, cents=False)} over het project."
        )
    if rules.min_fte is not None and rules.min_person_months is not None:
        tips.append(
            f"Het project telt gemiddeld minstens {_number(rules.min_fte)} VTE: {_number(rules.min_person_months)} mensmaanden over {rules.duration_months} maanden."
        )
    return tips


def _number(value: Decimal) -> str:
    return f"{value:f}".rstrip("0").rstrip(".").replace(".", ",")


# ---------------------------------------------------------------- cost sheets


class _Looks:
    """One styled cell of each kind, to copy the look of: styling every cell anew takes ten times as long."""

    def __init__(self, book: Workbook, *, may_claim_vat: bool) -> None:
        self.may_claim_vat = may_claim_vat
        sheet = book.worksheets[0]
        self._made: dict[tuple[str, bool], Any] = {}
        for kind in ("text", "long_text", "yes_no", "months", "euro", "vat", "total", "rate"):
            for is_total_row in (False, True):
                cell = Cell(sheet)
                is_open = not is_total_row and kind not in {"total", "rate"} and (kind != "vat" or may_claim_vat)
                cell.border = _BOX
                if is_open:
                    cell.protection = _OPEN
                    cell.fill = PatternFill("solid", start_color=PALE)
                elif not is_total_row and kind == "vat":
                    cell.fill = PatternFill("solid", start_color=LOCKED)
                cell.font = _font(bold=is_total_row or kind == "total")
                if kind in {"text", "long_text", "yes_no"}:
                    cell.number_format = "@"
                    cell.alignment = Alignment(wrap_text=True, vertical="top")
                else:
                    cell.number_format = MONTH_FORMAT if kind == "months" else EURO_FORMAT
                    if kind in {"total", "rate"} and not is_total_row:
                        cell.number_format = _NO_ZERO
                self._made[kind, is_total_row] = cell._style  # noqa: SLF001 - openpyxl has no public way to share a look

    def dress(self, cell: Cell, field: Field, *, is_total_row: bool = False) -> None:
        """Give the cell the look of its column."""
        cell._style = copy(self._made[field.kind, is_total_row])  # noqa: SLF001 - likewise


def _cost_sheet(sheet: Worksheet, layout: Layout, year: int, lines: list[Any], looks: _Looks) -> None:
    _heading(sheet, f"{CostType(layout.cost_type).label}, projectjaar {year}", layout.explanation)
    for column, field in enumerate(layout.fields, start=1):
        _head_cell(sheet.cell(HEAD_ROW, column), field.head)
        for row in range(FIRST_ROW, TOTAL_ROW + 1):
            looks.dress(sheet.cell(row, column), field, is_total_row=row == TOTAL_ROW)
        sheet.column_dimensions[get_column_letter(column)].width = field.width
    sheet.row_dimensions[HEAD_ROW].height = 4 * _LINE
    for (row, column), formula in formulas(layout).items():
        sheet.cell(row, column).value = formula
    sheet.cell(TOTAL_ROW, 1, "Totaal")
    for row, line in enumerate(lines, start=FIRST_ROW):
        _prefill(sheet, layout, row, line)
    _validate(sheet, layout, may_claim_vat=looks.may_claim_vat)
    sheet.freeze_panes = sheet.cell(FIRST_ROW, 2)
    sheet.print_title_rows = f"{HEAD_ROW}:{HEAD_ROW}"
    sheet.sheet_properties.tabColor = YELLOW if year % 2 else GREY
    _protect(sheet)


def _prefill(sheet: Worksheet, layout: Layout, row: int, line: Any) -> None:
    if row > LAST_ROW:
        raise ValueError(f"More than {LAST_ROW - FIRST_ROW + 1} lines of one type and year do not fit.")
    engagement = YES if line.is_long_engagement else NO if line.supplier else ""
    texts = {
        "description": line.description,
        "supplier": line.supplier,
        "motivation": line.motivation,
        "engagement": engagement,
    }
    numbers = {"months": line.person_months, "cost": line.amount - line.vat, "vat": line.vat}
    for column, field in enumerate(layout.fields, start=1):
        cell = sheet.cell(row, column)
        if texts.get(field.name):
            _text(cell, texts[field.name])
        elif numbers.get(field.name):
            cell.value = numbers[field.name]


def _validate(sheet: Worksheet, layout: Layout, *, may_claim_vat: bool) -> None:
    """What each input cell takes; a spreadsheet program refuses the rest while typing."""
    for column, field in enumerate(layout.fields, start=1):
        if field.is_computed:
            continue
        if field.is_number:
            limit = MAX_MONTHS if field.kind == "months" else MAX_AMOUNT
            if field.kind == "vat" and not may_claim_vat:
                limit = Decimal(0)
            rule = DataValidation(type="decimal", operator="between", formula1="0", formula2=str(limit))
            rule.error = (
                "Vul het aantal mensmaanden in: een getal van 0 of meer."
                if field.kind == "months"
                else "Vul een bedrag in euro in: een getal van 0 of meer, zonder tekst."
                if limit
                else "Verklaar eerst in het portaal dat de aanvrager niet volledig btw-plichtig is."
            )
            rule.errorTitle = "Geen geldig getal"
        elif field.kind == "yes_no":
            rule = DataValidation(type="list", formula1=f'"{YES},{NO}"')
            rule.error, rule.errorTitle = f"Kies {YES} of {NO}.", "Kies uit de lijst"
        else:
            most = MAX_TEXT if field.kind == "text" else MAX_LONG_TEXT
            rule = DataValidation(type="textLength", operator="lessThanOrEqual", formula1=str(most))
            rule.error, rule.errorTitle = f"Hier passen ten hoogste {most} tekens.", "Te lang"
        rule.allow_blank, rule.showErrorMessage = True, True
        letter = get_column_letter(column)
        rule.add(f"{letter}{FIRST_ROW}:{letter}{LAST_ROW}")
        sheet.add_data_validation(rule)


# ---------------------------------------------------------------- summary


def _summary(sheet: Worksheet, expected: Expected) -> None:
    rules = expected.rules
    _heading(sheet, "Samenvatting", "Rekent vanzelf uit de andere werkbladen. Hier vult u niets in.")
    for column, text in enumerate(summary_heads(rules), start=1):
        _head_cell(sheet.cell(HEAD_ROW, column), text)
    for row, line in enumerate(summary_rows(rules), start=FIRST_ROW):
        is_bold = row >= BUDGET_ROW and not line.label.startswith("Ten hoogste")
        for column, value in enumerate((line.label, *line.years, line.total), start=1):
            cell = sheet.cell(row, column, value)
            cell.border, cell.font = _BOX, _font(bold=is_bold, italic=line.label.startswith("Ten hoogste"))
            if column > 1:
                cell.number_format = MONTH_FORMAT if line.is_months else EURO_FORMAT
    whole = get_column_letter(rules.project_years + 2)
    red = PatternFill("solid", start_color=RED, end_color=RED)
    for cells, limit in (
        (f"B{BUDGET_ROW}:{get_column_letter(rules.project_years + 1)}{BUDGET_ROW}", rules.max_budget_year),
        (f"{whole}{BUDGET_ROW}", rules.max_budget_total),
    ):
        if limit is not None:
            sheet.conditional_formatting.add(cells, CellIsRule(operator="greaterThan", formula=[str(limit)], fill=red))
    sheet.column_dimensions["A"].width = 34
    for column in range(2, rules.project_years + 3):
        sheet.column_dimensions[get_column_letter(column)].width = 18
    sheet.sheet_properties.tabColor = DARK
    _protect(sheet)
