"""The costs of one project year as a workbook: written for one network and year, filled in, and read back with its errors by cell.

One sheet a cost type; everything but the input cells is locked. What comes back is bound to its network and year by a seal; no sum
and no formula in it is believed: the portal adds up itself (BUD-03 ... 12, MON-03).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from io import BytesIO
from typing import Any, Literal

from django.core.signing import BadSignature, Signer
from openpyxl import Workbook
from openpyxl.cell.cell import Cell as Written
from openpyxl.packaging.custom import StringProperty
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from calls.enums import CostType
from ibnportal.core import workbooks
from ibnportal.core.errors import DomainError
from ibnportal.core.findings import Finding, Severity
from ibnportal.core.money import CENT, ZERO, parse_euros
from ibnportal.core.workbooks import Cell, Kind, Sheet, address
from monitoring.domain.report_costs import CostLine
from monitoring.models import AwardYear

TEMPLATE_VERSION = 1
HEAD_ROW, FIRST_ROW, INPUT_ROWS = 4, 5, 80
LAST_ROW = FIRST_ROW + INPUT_ROWS - 1
TOTAL_ROW = LAST_ROW + 1
MAX_AMOUNT, MAX_HOURS, MAX_MONTHS, MAX_TEXT, MAX_LONG_TEXT = (
    Decimal("99999999.99"),
    Decimal(3000),
    Decimal(12),
    300,
    2000,
)
INSTRUCTIONS, SUMMARY = "Uitleg", "Samenvatting"
MARKS = ("IBN netwerk", "IBN projectjaar", "IBN kostenblad", "IBN zegel")
MARKS_ROW = 4
RULE = "MON-03"
_SEAL = Signer(salt="monitoring.cost_workbook")
_EXCEL_EPOCH = date(1899, 12, 30)

FieldKind = Literal["text", "long", "hours", "months", "euro", "day"]


@dataclass(frozen=True, slots=True)
class Field:
    """One column: the name of what it holds, its head, what it takes, and whether every line needs it."""

    name: str
    head: str
    kind: FieldKind
    width: int = 18
    is_required: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """The sheet of one cost type."""

    cost_type: CostType
    title: str
    explanation: str
    fields: tuple[Field, ...]

    def column(self, name: str) -> int:
        """Where it stands, from 1; 0 when this type has none."""
        return next((at for at, field in enumerate(self.fields, start=1) if field.name == name), 0)


_AMOUNT = Field("amount", "Bedrag (euro) *", "euro", 18, is_required=True)
LAYOUTS = (
    Layout(
        CostType.PERSONNEL,
        "Personeel",
        "Een lijn per persoon die aan het project werkte: de uren volgens de tijdsregistratie, de mensmaanden en de loonkost van dat deel.",
        (
            Field("description", "Persoon *", "text", 34, is_required=True),
            Field("role", "Functie *", "text", 30, is_required=True),
            Field("hours", "Uren op het project *", "hours", 16, is_required=True),
            Field("person_months", "Mensmaanden *", "months", 16, is_required=True),
            _AMOUNT,
            Field("motivation", "Toelichting", "long", 50),
        ),
    ),
    Layout(
        CostType.OVERHEAD,
        "Overhead",
        "Kosten die maar deels aan het project toe te wijzen zijn: alleen het deel van het project.",
        (
            Field("description", "Omschrijving *", "text", 44, is_required=True),
            _AMOUNT,
            Field("motivation", "Hoe het deel bepaald is *", "long", 50, is_required=True),
        ),
    ),
    Layout(
        CostType.OPERATING,
        "Werking",
        "Reële kosten van de uitvoering, zoals zalen, communicatie en verplaatsingen.",
        (
            Field("description", "Omschrijving *", "text", 44, is_required=True),
            Field("supplier", "Leverancier", "text", 30),
            Field("invoice_number", "Factuurnummer", "text", 20),
            Field("invoiced_on", "Factuurdatum", "day", 14),
            _AMOUNT,
            Field("motivation", "Toelichting", "long", 50),
        ),
    ),
    Layout(
        CostType.EXTERNAL,
        "Externe prestaties",
        "Uitzonderlijk en te motiveren: een lijn per factuur.",
        (
            Field("description", "Prestatie *", "text", 44, is_required=True),
            Field("supplier", "Wie factureert *", "text", 30, is_required=True),
            Field("invoice_number", "Factuurnummer *", "text", 20, is_required=True),
            Field("invoiced_on", "Factuurdatum *", "day", 14, is_required=True),
            _AMOUNT,
            Field("motivation", "Motivering *", "long", 50, is_required=True),
        ),
    ),
)

TIPS = (
    "Vul alleen de gele cellen in, bewaar het als .xlsx en laad het op bij het jaarverslag. Kolommen met een * zijn verplicht op elke lijn die u gebruikt.",
    "Bedragen zijn reële kosten in euro, van dit projectjaar en van dit project.",
    "Uren komen uit de tijdsregistratie. Wie voltijds een heel jaar aan het project werkte, telt voor twaalf mensmaanden.",
    "Wat u niet zelf doet, staat op factuur. Externe prestaties motiveert u per factuur.",
    "Typ getallen en datums, geen formules. Verander geen titels of werkbladen, voeg geen cellen samen en gebruik geen macro's.",
    "Laadt u later een nieuw rekenblad op, dan ziet u eerst wat er verschilt. Elke versie blijft bewaard.",
)

# ---------------------------------------------------------------- writing

YELLOW, DARK, GREY, PALE = "FFE615", "333332", "D9D9D4", "FFFBD6"
_THIN = Side(style="thin", color=GREY)
_BOX = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_FORMATS = {"euro": "#,##0.00", "hours": "#,##0.00", "months": "0.00", "day": "dd/mm/yyyy", "text": "@", "long": "@"}


def marks_of(year: AwardYear) -> tuple[str, str, str]:
    """What binds a workbook to its network and year; without the seal."""
    return year.network.code, str(year.project_year), str(TEMPLATE_VERSION)


def name_of(year: AwardYear) -> str:
    """`kosten-IBN-2025-013-N-jaar1.xlsx`."""
    return f"kosten-{year.network.code}-jaar{year.project_year}.xlsx"


def build(year: AwardYear, lines: Sequence[CostLine] = ()) -> bytes:
    """The workbook of one year, with the lines of an earlier upload filled in."""
    book = Workbook()
    book.remove(book.active)
    marks = marks_of(year)
    marked = (*marks, _SEAL.signature("|".join(marks)))
    _instructions(book.create_sheet(INSTRUCTIONS), year, marked)
    for layout in LAYOUTS:
        _cost_sheet(
            book.create_sheet(layout.title), layout, [line for line in lines if line.cost_type == layout.cost_type]
        )
    _summary(book.create_sheet(SUMMARY))
    for name, value in zip(MARKS, marked, strict=True):
        book.custom_doc_props.append(StringProperty(name=name, value=value))
    book.properties.title = f"Kosten {year.network.code}, projectjaar {year.project_year}"
    book.properties.creator = "IBN-portaal"
    book.properties.language = "nl-BE"
    book.security.lockStructure = True
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _font(*, size: int = 11, bold: bool = False, color: str = DARK) -> Font:
    return Font(name="Calibri", size=size, bold=bold, color=color)


def _heading(sheet: Worksheet, title: str, explanation: str) -> None:
    sheet["A1"], sheet["A2"] = title, explanation
    sheet["A1"].font, sheet["A2"].font = _font(size=16, bold=True), _font(color="55554F")
    sheet.sheet_view.showGridLines = False
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.protection.sheet = True
    sheet.protection.formatColumns = sheet.protection.formatRows = False


def _head(cell: Written, text: str) -> None:
    cell.value, cell.border = text, _BOX
    cell.font, cell.fill = _font(bold=True, color="FFFFFF"), PatternFill("solid", start_color=DARK)
    cell.alignment = Alignment(wrap_text=True, vertical="center")


def _text(cell: Written, value: str) -> None:
    """Text that stays text: openpyxl takes a leading = for a formula."""
    cell.value, cell.data_type = value, "s"
    if value[:1] in {"=", "+", "-", "@"}:
        cell.quotePrefix = True


def _instructions(sheet: Worksheet, year: AwardYear, marked: tuple[str, ...]) -> None:
    _heading(sheet, "Kosten van het projectjaar", f"{year.network.name}, projectjaar {year.project_year}")
    period = f"{year.starts_on:%d/%m/%Y} tot en met {year.ends_on:%d/%m/%Y}"
    labels = ("Netwerk", "Projectjaar", "Versie van het rekenblad", "Zegel")
    for row, (label, value) in enumerate((*zip(labels, marked, strict=True), ("Periode", period)), start=MARKS_ROW):
        sheet.cell(row, 1, label).font = _font(bold=True)
        _text(sheet.cell(row, 2), value)
        sheet.cell(row, 2).alignment = Alignment(horizontal="left", wrap_text=True, vertical="top")
    for row, tip in enumerate(TIPS, start=MARKS_ROW + len(marked) + 3):
        sheet.cell(row, 2, tip).alignment = Alignment(wrap_text=True, vertical="top")
        sheet.row_dimensions[row].height = 16 * (1 + len(tip) // 95)  # no program computes the height of a locked row
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 28, 100


def _cost_sheet(sheet: Worksheet, layout: Layout, lines: Sequence[CostLine]) -> None:
    _heading(sheet, layout.title, layout.explanation)
    if len(lines) > INPUT_ROWS:
        raise ValueError(f"More than {INPUT_ROWS} lines of one type do not fit.")
    for column, field in enumerate(layout.fields, start=1):
        letter = get_column_letter(column)
        _head(sheet.cell(HEAD_ROW, column), field.head)
        sheet.column_dimensions[letter].width = field.width
        first = sheet.cell(FIRST_ROW, column)
        first.border, first.fill = _BOX, PatternFill("solid", start_color=PALE)
        first.protection, first.font, first.number_format = Protection(locked=False), _font(), _FORMATS[field.kind]
        first.alignment = Alignment(wrap_text=field.kind in {"text", "long"}, vertical="top")
        for row in range(FIRST_ROW + 1, LAST_ROW + 1):
            sheet.cell(row, column)._style = first._style  # noqa: SLF001 - openpyxl has no public way to share a look
        total = sheet.cell(TOTAL_ROW, column)
        total.border, total.font = _BOX, _font(bold=True)
        if field.kind in {"euro", "hours", "months"}:
            total.value, total.number_format = f"=SUM({letter}{FIRST_ROW}:{letter}{LAST_ROW})", _FORMATS[field.kind]
        elif column == 1:
            total.value = "Samen"
        sheet.add_data_validation(_validation(field, letter))
    for row, line in enumerate(lines, start=FIRST_ROW):
        for column, field in enumerate(layout.fields, start=1):
            value: Any = getattr(line, field.name)
            if field.kind in {"text", "long"} and value:
                _text(sheet.cell(row, column), value)
            elif value not in ("", None):
                sheet.cell(row, column).value = value
    sheet.freeze_panes = f"A{FIRST_ROW}"
    sheet.sheet_properties.tabColor = YELLOW


def _validation(field: Field, letter: str) -> DataValidation:
    """What an input cell takes; a spreadsheet program refuses the rest while typing."""
    if field.kind == "day":
        rule = DataValidation(type="date", operator="greaterThan", formula1="36526")
        rule.error = "Vul een datum in, bijvoorbeeld 15/03/2027."
    elif field.kind in {"text", "long"}:
        most = MAX_TEXT if field.kind == "text" else MAX_LONG_TEXT
        rule = DataValidation(type="textLength", operator="lessThanOrEqual", formula1=str(most))
        rule.error = f"Hier passen ten hoogste {most} tekens."
    else:
        rule = DataValidation(type="decimal", operator="between", formula1="0", formula2=str(_limit(field)))
        rule.error = f"Vul een getal in van 0 tot {_limit(field):f}, zonder tekst."
    rule.allow_blank, rule.showErrorMessage = True, True
    rule.add(f"{letter}{FIRST_ROW}:{letter}{LAST_ROW}")
    return rule


def _limit(field: Field) -> Decimal:
    return {"hours": MAX_HOURS, "months": MAX_MONTHS}.get(field.kind, MAX_AMOUNT)


def _summary(sheet: Worksheet) -> None:
    _heading(sheet, SUMMARY, "Rekent vanzelf uit de andere werkbladen. Het portaal telt alles zelf opnieuw op.")
    for column, text in enumerate(("Kostentype", "Bedrag (euro)"), start=1):
        _head(sheet.cell(HEAD_ROW, column), text)
    for row, layout in enumerate(LAYOUTS, start=FIRST_ROW):
        sheet.cell(row, 1, str(layout.cost_type.label))
        sheet.cell(row, 2, f"='{layout.title}'!{address(TOTAL_ROW, layout.column('amount'))}")
    last = FIRST_ROW + len(LAYOUTS)
    sheet.cell(last, 1, "Samen")
    sheet.cell(last, 2, f"=SUM(B{FIRST_ROW}:B{last - 1})")
    for row in range(FIRST_ROW, last + 1):
        for column in (1, 2):
            sheet.cell(row, column).border, sheet.cell(row, column).font = _BOX, _font(bold=row == last)
        sheet.cell(row, 2).number_format = _FORMATS["euro"]
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 34, 20


# ---------------------------------------------------------------- reading


def read(content: bytes, year: AwardYear) -> tuple[list[CostLine], list[Finding]]:
    """The lines, and everything that is wrong by sheet and cell. What cannot be read is a finding, never 0 and never left out."""
    try:
        book = workbooks.read(content)
    except workbooks.Unreadable as error:
        return [], [Finding(RULE, "Hele rekenblad", error.message)]
    problem = _not_ours(book.properties, year)
    if problem:
        return [], [Finding(RULE, "Hele rekenblad", problem)]
    missing = [layout.title for layout in LAYOUTS if layout.title not in book.sheets]
    if missing:
        return [], [Finding(RULE, "Hele rekenblad", f"Het werkblad “{missing[0]}” ontbreekt. {workbooks.AGAIN}")]
    lines: list[CostLine] = []
    findings: list[Finding] = []
    for layout in LAYOUTS:
        own, found = _read_sheet(book.sheets[layout.title], layout, year)
        lines += own
        findings += found
    findings += _duplicates(lines)
    if not lines and not findings:
        findings.append(Finding(RULE, "Hele rekenblad", "Er staat nog geen enkele kost in dit rekenblad."))
    return lines, findings


def _not_ours(properties: dict[str, str], year: AwardYear) -> str:
    """Why this is not the workbook of this network and year; empty when it is."""
    *marks, signature = (properties.get(name, "") for name in MARKS)
    try:
        _SEAL.unsign(f"{'|'.join(marks)}:{signature}")
    except BadSignature:
        return f"Dit is niet het kostenrekenblad van het portaal. {workbooks.AGAIN}"
    code, number, version = marks_of(year)
    if marks[0] != code:
        return f"Dit rekenblad hoort bij netwerk {marks[0]}, niet bij {code}. {workbooks.AGAIN}"
    if marks[1] != number:
        return f"Dit rekenblad hoort bij projectjaar {marks[1]}, niet bij projectjaar {number}. {workbooks.AGAIN}"
    return f"Dit is een oude versie van het rekenblad. {workbooks.AGAIN}" if marks[2] != version else ""


def _read_sheet(sheet: Sheet, layout: Layout, year: AwardYear) -> tuple[list[CostLine], list[Finding]]:
    findings = list(_tampered(sheet, layout))
    lines = []
    for row in range(FIRST_ROW, LAST_ROW + 1):
        cells = {field.name: sheet.at(row, column) for column, field in enumerate(layout.fields, start=1)}
        if all(cell.is_empty for cell in cells.values()):
            continue
        values: dict[str, Any] = {}
        before = len(findings)
        for column, field in enumerate(layout.fields, start=1):
            where = f"Blad {layout.title}, cel {address(row, column)}"
            value, wrong = _value(cells[field.name], field)
            if wrong:
                findings.append(Finding(RULE, where, wrong))
            elif value in ("", None) and field.is_required:
                findings.append(
                    Finding(
                        _rule_of(layout, field), where, f"{field.head.rstrip(' *')}: vul dit in, of wis de hele lijn."
                    )
                )
            else:
                values[field.name] = value
        day = values.get("invoiced_on")
        if day is not None and not year.starts_on <= day <= year.ends_on:
            where = f"Blad {layout.title}, cel {address(row, layout.column('invoiced_on'))}"
            text = f"De factuur van {day:%d/%m/%Y} ligt buiten het projectjaar; licht toe waarom ze hier hoort."
            findings.append(Finding("BUD-01", where, text, Severity.WARNING))
        if len([one for one in findings[before:] if one.severity == Severity.ERROR]) == 0:
            lines.append(CostLine(cost_type=str(layout.cost_type), row=row, **values))
    return lines, findings


def _rule_of(layout: Layout, field: Field) -> str:
    if layout.cost_type == CostType.EXTERNAL:
        return "BUD-08" if field.name == "motivation" else "BUD-11"
    if layout.cost_type == CostType.OVERHEAD and field.name == "motivation":
        return "BUD-05"
    return "BUD-04" if layout.cost_type == CostType.PERSONNEL else RULE


def _tampered(sheet: Sheet, layout: Layout) -> Iterator[Finding]:
    """Heads that moved, cells that were merged, and whatever stands outside the input."""
    for column, field in enumerate(layout.fields, start=1):
        if sheet.at(HEAD_ROW, column).text.strip() != field.head:
            where = f"Blad {layout.title}, cel {address(HEAD_ROW, column)}"
            yield Finding(RULE, where, f"Hier hoort “{field.head}” te staan. {workbooks.AGAIN}")
    width = len(layout.fields)
    for ref in workbooks.cells_within(sheet.merged, rows=range(FIRST_ROW, LAST_ROW + 1), columns=range(1, width + 1)):
        yield Finding(RULE, f"Blad {layout.title}, cel {ref}", "Deze cellen zijn samengevoegd. Splits ze opnieuw.")
    for row, column in sorted(sheet.cells):
        is_beside = column > width and row >= HEAD_ROW
        if (is_beside or row > TOTAL_ROW) and not sheet.at(row, column).is_empty:
            where = f"Blad {layout.title}, cel {address(row, column)}"
            yield Finding(
                RULE, where, "Dit staat buiten de invulcellen en telt niet mee. Zet het in een gele cel of wis het."
            )


def _value(cell: Cell, field: Field) -> tuple[Any, str]:
    """(what stands there, what is wrong with it)."""
    if cell.formula:
        return None, "Hier staat een formule. Typ de waarde zelf."
    if cell.kind is Kind.ERROR:
        return None, f"Hier staat een fout ({cell.text[:20]}). Typ de waarde."
    if cell.is_empty:
        return ("" if field.kind in {"text", "long"} else None), ""
    if field.kind in {"text", "long"}:
        text, most = " ".join(cell.text.split()), MAX_TEXT if field.kind == "text" else MAX_LONG_TEXT
        return (text, "") if len(text) <= most else (None, f"Deze tekst telt {len(text)} tekens; er passen er {most}.")
    return _day(cell) if field.kind == "day" else _number(cell, field)


def _day(cell: Cell) -> tuple[date | None, str]:
    try:
        if cell.kind is Kind.DATE and cell.text.replace(".", "").isdigit():
            return _EXCEL_EPOCH + timedelta(days=int(Decimal(cell.text))), ""
        day, month, year = cell.text.strip().replace("-", "/").split("/")
        return date(int(year), int(month), int(day)), ""
    except (ValueError, InvalidOperation, OverflowError):
        return None, f"“{cell.text[:40]}” is geen datum. Vul een datum in, bijvoorbeeld 15/03/2027."


def _number(cell: Cell, field: Field) -> tuple[Decimal | None, str]:
    number = cell.number
    if number is None:
        if cell.kind is not Kind.TEXT:
            return None, "Vul hier een getal in."
        try:
            number = parse_euros(cell.text, allow_negative=True)
        except DomainError as error:
            return None, error.message
    if number < ZERO:
        return None, f"Een negatief getal ({cell.text[:20]}) kan hier niet."
    if number > _limit(field):
        return (
            None,
            f"{cell.text[:20]} is te groot: ten hoogste {_limit(field):f}. Kijk na of er geen cijfers te veel staan.",
        )
    return number.quantize(CENT, rounding=ROUND_HALF_UP), ""


def _duplicates(lines: Sequence[CostLine]) -> Iterator[Finding]:
    """The same invoice of the same supplier twice."""
    titles = {str(layout.cost_type): layout for layout in LAYOUTS}
    seen: dict[tuple[str, str], CostLine] = {}
    for line in lines:
        if not line.invoice_number:
            continue
        key = line.supplier.casefold(), line.invoice_number.casefold()
        if key in seen:
            layout = titles[line.cost_type]
            where = f"Blad {layout.title}, cel {address(line.row, layout.column('invoice_number'))}"
            first = seen[key]
            yield Finding(
                "BUD-11",
                where,
                f"Factuur {line.invoice_number} staat ook op blad {titles[first.cost_type].title}, rij {first.row}. Tel ze één keer.",
            )
        else:
            seen[key] = line
