"""The call's budget workbook: made for a dossier, filled in by people, read back (BUD-01 ... BUD-11, DOC-06).

Written: instructions, one sheet a cost type with the project years, a summary with formulas; everything but the input cells is
locked. Read: nothing in it is believed. Identity, structure, formulas and every cell are checked, and every total is
recomputed; what can't be read is a finding at its sheet and cell, never 0.
"""

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from io import BytesIO
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import Cell
from openpyxl.packaging.custom import IntProperty, StringProperty
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import column_index_from_string, get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from applications.domain import words
from applications.domain.budget import Expected, Figures, Reading, ReadLine, figures, reads_workbooks
from calls.enums import CostType
from ibnportal.core.findings import Finding, Severity, has_errors
from ibnportal.core.money import CENT, ZERO, euros, format_euros

TEMPLATE_VERSION = 1
INSTRUCTIONS, SUMMARY = "Uitleg", "Samenvatting"
P_CALL, P_NUMBER, P_VERSION = "IBN oproep", "IBN dossier", "IBN versie"

HEAD_ROW = 4
FIRST_ROW = HEAD_ROW + 1
INPUT_ROWS = 40
LAST_ROW = FIRST_ROW + INPUT_ROWS - 1
TOTAL_ROW = LAST_ROW + 1

# Bounds, far above what the workbook needs; what is beyond them is refused before openpyxl sees it.
MAX_UNPACKED = 12 * 1024 * 1024
MAX_PARTS = 80
MAX_CELLS = 20_000
MAX_ROW = 2_000
MAX_COLUMN = 60
MAX_MERGED = 500
MAX_FINDINGS = 60
MAX_AMOUNT = Decimal("99999999.99")
MAX_MONTHS = Decimal("9999.99")

YELLOW, DARK, GREY, PALE = "FFE615", "333332", "D9D9D4", "FFFBD6"
EURO_FORMAT = "#,##0.00"
MONTH_FORMAT = "0.00"


@dataclass(frozen=True, slots=True)
class Layout:
    """The sheet of one cost type: description, per year months (people only) and amount, total, motivation (external only)."""

    cost_type: CostType
    title: str
    explanation: str
    has_months: bool = False
    has_motivation: bool = False


LAYOUTS = (
    Layout(
        CostType.PERSONNEL,
        "Personeel",
        "Medewerkers die rechtstreeks aan het project werken, pro rata hun tijd. Een lijn per functie of persoon.",
        has_months=True,
    ),
    Layout(CostType.OVERHEAD, "Overhead", "Kosten die niet volledig aan het project toe te wijzen zijn."),
    Layout(
        CostType.OPERATING, "Werking", "Reële kosten van de uitvoering, zoals zalen, communicatie en verplaatsingen."
    ),
    Layout(
        CostType.EXTERNAL,
        "Externe prestaties",
        "Uitzonderlijk en te motiveren. Mensmaanden alleen voor zelfstandigen met een langdurig formeel engagement.",
        has_months=True,
        has_motivation=True,
    ),
)


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column holds what, for a number of project years; 1-based."""

    months: dict[int, int]
    amounts: dict[int, int]
    total: int
    motivation: int | None

    @property
    def last(self) -> int:
        """The outermost column."""
        return self.motivation or self.total


def columns_of(layout: Layout, years: int) -> Columns:
    """The columns of a sheet: B onwards months, then amounts, then the total and the motivation."""
    column = 2
    months: dict[int, int] = {}
    if layout.has_months:
        months = {year: column + year - 1 for year in range(1, years + 1)}
        column += years
    amounts = {year: column + year - 1 for year in range(1, years + 1)}
    total = column + years
    return Columns(months, amounts, total, total + 1 if layout.has_motivation else None)


def safe_text(value: str) -> str:
    """What a user typed, so that no spreadsheet takes it for a formula."""
    return f"'{value}" if value[:1] in {"=", "+", "-", "@", "\t", "\r"} else value


# ---------------------------------------------------------------- writing

_THIN = Side(style="thin", color=GREY)
_BOX = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_OPEN = Protection(locked=False)


def build(expected: Expected, *, title: str, applicant: str, lines: tuple[Any, ...] = ()) -> bytes:
    """The workbook of one dossier, with what is already known filled in; the same input gives the same sheets."""
    book = Workbook()
    book.remove(book.active)
    _instructions(book.create_sheet(INSTRUCTIONS), expected, title=title, applicant=applicant)
    years = expected.rules.project_years
    for layout in LAYOUTS:
        _cost_sheet(book.create_sheet(layout.title), layout, years, lines)
    _summary(book.create_sheet(SUMMARY), expected)
    book.custom_doc_props.append(StringProperty(name=P_CALL, value=expected.call_code))
    book.custom_doc_props.append(StringProperty(name=P_NUMBER, value=expected.number))
    book.custom_doc_props.append(IntProperty(name=P_VERSION, value=TEMPLATE_VERSION))
    book.properties.title = f"Begroting {expected.number}"
    book.properties.creator = "IBN-portaal"
    book.properties.language = "nl-BE"
    book.security.lockStructure = True
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _heading(sheet: Worksheet, text: str, explanation: str) -> None:
    sheet["A1"] = text
    sheet["A1"].font = Font(size=16, bold=True, color=DARK)
    sheet["A2"] = explanation
    sheet["A2"].font = Font(color="55554F")
    sheet.sheet_view.showGridLines = False
    sheet.sheet_properties.tabColor = YELLOW


def _head_cell(cell: Cell, text: str) -> None:
    cell.value = text
    cell.font = Font(bold=True, color="FFFFFF")
    cell.fill = PatternFill("solid", start_color=DARK)
    cell.alignment = Alignment(wrap_text=True, vertical="center")
    cell.border = _BOX


def _protect(sheet: Worksheet) -> None:
    sheet.protection.sheet = True
    sheet.protection.formatColumns = False
    sheet.protection.formatRows = False


def _instructions(sheet: Worksheet, expected: Expected, *, title: str, applicant: str) -> None:
    rules = expected.rules
    _heading(
        sheet,
        "Begroting",
        "Rekenblad van de oproep. Vul alleen de gele cellen in en laad het bestand op in het portaal.",
    )
    rows: list[tuple[str, str | int | Decimal]] = [
        ("Oproep", expected.call_code),
        ("Dossier", expected.number),
        ("Versie van het rekenblad", TEMPLATE_VERSION),
        ("Initiatief", safe_text(title)),
        ("Aanvrager", safe_text(applicant)),
    ]
    for offset, (label, value) in enumerate(rows):
        sheet.cell(4 + offset, 1, label).font = Font(bold=True)
        cell = sheet.cell(4 + offset, 2, value)
        cell.data_type = "n" if isinstance(value, int) else "s"
        cell.alignment = Alignment(horizontal="left")
    tips = [
        "1. Elk kostentype heeft een eigen werkblad. Schrijf per lijn wat de kost is en vul het bedrag per projectjaar in.",
        "2. Bedragen zijn in euro, zonder formules van buiten dit bestand. Een niet-recupereerbare btw mag u meerekenen.",
        f"3. Mensmaanden: {rules.months_per_year} mensmaanden zijn 1 voltijds equivalent (VTE) in een jaar.",
        "4. Bij externe prestaties is een motivering per lijn verplicht.",
        f"5. De samenvatting rekent vanzelf: de gevraagde steun is {_percent(rules.grant_fraction)} van de begroting.",
        "6. Het portaal rekent elk totaal opnieuw uit. Verander geen formules, titels of werkbladen.",
    ]
    if rules.max_budget_year is not None and rules.max_budget_total is not None:
        tips.append(
            f"7. Ten hoogste {format_euros(rules.max_budget_year, cents=False)} per jaar en "
            f"{format_euros(rules.max_budget_total, cents=False)} over het project."
        )
    for offset, tip in enumerate(tips):
        cell = sheet.cell(11 + offset, 1, tip)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        sheet.merge_cells(start_row=11 + offset, end_row=11 + offset, start_column=1, end_column=2)
        sheet.row_dimensions[11 + offset].height = 32
    sheet.column_dimensions["A"].width = 30
    sheet.column_dimensions["B"].width = 70
    _protect(sheet)


def headers(layout: Layout, years: int) -> dict[int, str]:
    """The text of each head cell by column: it is part of what is checked when reading back."""
    columns = columns_of(layout, years)
    texts = {1: "Omschrijving"}
    texts |= {column: f"Mensmaanden jaar {year}" for year, column in columns.months.items()}
    texts |= {column: f"Bedrag jaar {year} (euro)" for year, column in columns.amounts.items()}
    texts[columns.total] = "Totaal (euro)"
    if columns.motivation is not None:
        texts[columns.motivation] = "Motivering (verplicht)"
    return texts


def formulas(layout: Layout, years: int) -> dict[str, str]:
    """The formulas of a cost sheet by cell."""
    columns = columns_of(layout, years)
    first, last = get_column_letter(columns.amounts[1]), get_column_letter(columns.amounts[years])
    found = {
        f"{get_column_letter(columns.total)}{row}": f"=SUM({first}{row}:{last}{row})"
        for row in range(FIRST_ROW, LAST_ROW + 1)
    }
    for column in (*columns.months.values(), *columns.amounts.values(), columns.total):
        letter = get_column_letter(column)
        found[f"{letter}{TOTAL_ROW}"] = f"=SUM({letter}{FIRST_ROW}:{letter}{LAST_ROW})"
    return found


def _cost_sheet(sheet: Worksheet, layout: Layout, years: int, lines: tuple[Any, ...]) -> None:
    columns = columns_of(layout, years)
    _heading(sheet, CostType(layout.cost_type).label, layout.explanation)
    for column, text in headers(layout, years).items():
        _head_cell(sheet.cell(HEAD_ROW, column), text)
    sheet.row_dimensions[HEAD_ROW].height = 34
    numbers = {
        **dict.fromkeys(columns.months.values(), MONTH_FORMAT),
        **dict.fromkeys(columns.amounts.values(), EURO_FORMAT),
    }
    texts = [1] + ([columns.motivation] if columns.motivation is not None else [])
    for row in range(FIRST_ROW, LAST_ROW + 1):
        for column in (*numbers, *texts):
            cell = sheet.cell(row, column)
            cell.protection, cell.border = _OPEN, _BOX
            cell.fill = PatternFill("solid", start_color=PALE)
            cell.number_format = numbers.get(column, "@")
            if column in texts:
                cell.alignment = Alignment(wrap_text=True, vertical="top")
    for address, formula in formulas(layout, years).items():
        cell = sheet[address]
        cell.value, cell.font, cell.border = formula, Font(bold=True), _BOX
        cell.number_format = MONTH_FORMAT if cell.column in columns.months.values() else EURO_FORMAT
    sheet.cell(TOTAL_ROW, 1, "Totaal").font = Font(bold=True)
    _prefill(sheet, layout, columns, lines)
    _validate_input(sheet, columns)
    sheet.column_dimensions["A"].width = 44
    for column in range(2, columns.total + 1):
        sheet.column_dimensions[get_column_letter(column)].width = 16
    if columns.motivation is not None:
        sheet.column_dimensions[get_column_letter(columns.motivation)].width = 50
    sheet.freeze_panes = sheet.cell(FIRST_ROW, 2)
    _protect(sheet)


def _prefill(sheet: Worksheet, layout: Layout, columns: Columns, lines: tuple[Any, ...]) -> None:
    """Lines of an earlier budget back in their rows: one row for each description and motivation."""
    rows: dict[tuple[str, str], int] = {}
    for line in lines:
        if line.cost_type != layout.cost_type:
            continue
        row = rows.setdefault((line.description, line.motivation), FIRST_ROW + len(rows))
        if row > LAST_ROW:
            continue
        _text(sheet.cell(row, 1), line.description)
        if columns.motivation is not None and line.motivation:
            _text(sheet.cell(row, columns.motivation), line.motivation)
        sheet.cell(row, columns.amounts[line.project_year], float(line.amount))
        if line.person_months and line.project_year in columns.months:
            sheet.cell(row, columns.months[line.project_year], float(line.person_months))


def _text(cell: Cell, value: str) -> None:
    """Text that stays text: openpyxl takes a leading = for a formula."""
    cell.value = value
    cell.data_type = "s"
    cell.quotePrefix = value[:1] in {"=", "+", "-", "@"}


def _validate_input(sheet: Worksheet, columns: Columns) -> None:
    for group, limit, what in (
        (columns.amounts, MAX_AMOUNT, "Vul een bedrag in euro in: een getal van 0 of meer, zonder tekst."),
        (columns.months, MAX_MONTHS, "Vul het aantal mensmaanden in: een getal van 0 of meer."),
    ):
        if not group:
            continue
        rule = DataValidation(
            type="decimal",
            operator="between",
            formula1="0",
            formula2=str(limit),
            allow_blank=True,
            showErrorMessage=True,
        )
        rule.error, rule.errorTitle = what, "Geen geldig getal"
        first, last = get_column_letter(min(group.values())), get_column_letter(max(group.values()))
        rule.add(f"{first}{FIRST_ROW}:{last}{LAST_ROW}")
        sheet.add_data_validation(rule)


def summary_cells(years: int, *, grant_fraction: Decimal, months_per_year: int) -> dict[str, str]:
    """The formulas of the summary by cell: costs by type and year, totals, support, months and FTE."""
    found = {}
    for offset, layout in enumerate(LAYOUTS):
        row = FIRST_ROW + offset
        columns = columns_of(layout, years)
        for year in range(1, years + 1):
            letter = get_column_letter(columns.amounts[year])
            found[f"{get_column_letter(1 + year)}{row}"] = f"='{layout.title}'!{letter}{TOTAL_ROW}"
    total_row = FIRST_ROW + len(LAYOUTS)
    last_year = get_column_letter(1 + years)
    for row in range(FIRST_ROW, total_row + 1):
        found[f"{get_column_letter(2 + years)}{row}"] = f"=SUM(B{row}:{last_year}{row})"
    for year in range(1, years + 1):
        letter = get_column_letter(1 + year)
        found[f"{letter}{total_row}"] = f"=SUM({letter}{FIRST_ROW}:{letter}{total_row - 1})"
        found[f"{letter}{total_row + 1}"] = f"=ROUND({letter}{total_row}*{_plain(grant_fraction)},2)"
        parts = [
            f"'{layout.title}'!{get_column_letter(columns_of(layout, years).months[year])}{TOTAL_ROW}"
            for layout in LAYOUTS
            if layout.has_months
        ]
        found[f"{letter}{total_row + 2}"] = "=" + "+".join(parts)
        found[f"{letter}{total_row + 3}"] = f"={letter}{total_row + 2}/{months_per_year}"
    end = get_column_letter(2 + years)
    found[f"{end}{total_row + 1}"] = f"=SUM(B{total_row + 1}:{last_year}{total_row + 1})"
    found[f"{end}{total_row + 2}"] = f"=SUM(B{total_row + 2}:{last_year}{total_row + 2})"
    found[f"{end}{total_row + 3}"] = f"={end}{total_row + 2}/{months_per_year * years}"
    return found


def _summary(sheet: Worksheet, expected: Expected) -> None:
    rules, years = expected.rules, expected.rules.project_years
    _heading(sheet, "Samenvatting", "Rekent vanzelf uit de andere werkbladen. Hier vult u niets in.")
    heads = ["Kostentype", *(f"Jaar {year} (euro)" for year in range(1, years + 1)), "Totaal"]
    for column, text in enumerate(heads, start=1):
        _head_cell(sheet.cell(HEAD_ROW, column), text)
    total_row = FIRST_ROW + len(LAYOUTS)
    labels = [*(CostType(layout.cost_type).label for layout in LAYOUTS), "Totale begroting",
              f"Gevraagde steun ({_percent(rules.grant_fraction)})", "Mensmaanden", "VTE"]  # fmt: skip
    for offset, label in enumerate(labels):
        cell = sheet.cell(FIRST_ROW + offset, 1, label)
        cell.border = _BOX
        cell.font = Font(bold=FIRST_ROW + offset >= total_row)
    cells = summary_cells(years, grant_fraction=rules.grant_fraction, months_per_year=rules.months_per_year)
    for address, formula in cells.items():
        cell = sheet[address]
        cell.value, cell.border = formula, _BOX
        cell.number_format = MONTH_FORMAT if cell.row >= total_row + 2 else EURO_FORMAT
        cell.font = Font(bold=cell.row >= total_row)
    sheet.column_dimensions["A"].width = 34
    for column in range(2, years + 3):
        sheet.column_dimensions[get_column_letter(column)].width = 18
    _protect(sheet)


# ---------------------------------------------------------------- reading


@reads_workbooks
def read(content: bytes, expected: Expected) -> Reading:
    """What the workbook holds, and everything that is wrong with it, by sheet and cell."""
    refusal = _refusal(content)
    if refusal is not None:
        return Reading(findings=(refusal,))
    try:
        typed = load_workbook(BytesIO(content), data_only=False, keep_links=False)
        computed = load_workbook(BytesIO(content), data_only=True, keep_links=False)
    except Exception:  # noqa: BLE001 - openpyxl raises anything on a broken part; each is the same to the user
        return Reading(
            findings=(_whole("Dit bestand kan niet gelezen worden als rekenblad. Bewaar het opnieuw als .xlsx."),)
        )
    wrong = list(_identity(typed, expected)) or list(_structure(typed, expected.rules.project_years))
    if wrong:
        return Reading(findings=tuple(wrong))
    lines: list[ReadLine] = []
    findings: list[Finding] = []
    for layout in LAYOUTS:
        sheet_lines, sheet_findings = _read_sheet(
            typed[layout.title], computed[layout.title], layout, expected.rules.project_years
        )
        lines += sheet_lines
        findings += sheet_findings
    findings += _changed_formulas(typed, expected)
    if not has_errors(findings):
        findings += _disagreements(computed, figures(lines, expected.rules), expected)
    return Reading(lines=tuple(lines), findings=tuple(findings[:MAX_FINDINGS]))


def _whole(message: str) -> Finding:
    return Finding("BUD-09", "Hele werkmap", message)


def _refusal(content: bytes) -> Finding | None:
    """Bounds before anything is parsed: unpacked size, parts, cells, dimensions, merged ranges, entities."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            parts = archive.infolist()
            if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
                return _whole(
                    "Dit rekenblad is uitgepakt veel groter dan de begroting kan zijn. Download het rekenblad opnieuw en vul dat in."
                )
            left, cells = MAX_UNPACKED, 0
            for part in parts:
                with archive.open(part) as stream:
                    data = stream.read(left + 1)
                left -= len(data)
                if left < 0:
                    return _whole(
                        "Dit rekenblad is uitgepakt veel groter dan het zegt. Download het rekenblad opnieuw en vul dat in."
                    )
                if part.filename.endswith((".xml", ".rels")) and (b"<!DOCTYPE" in data or b"<!ENTITY" in data):
                    return _whole(
                        "Dit bestand bevat onderdelen die niet in een rekenblad horen. Download het rekenblad opnieuw."
                    )
                if re.fullmatch(r"xl/worksheets/[^/]+\.xml", part.filename):
                    cells += len(_CELL_TAG.findall(data))
                    finding = _too_wide(data)
                    if finding is not None or cells > MAX_CELLS:
                        return finding or _whole(
                            f"Dit rekenblad telt meer dan {MAX_CELLS} cellen. Download het rekenblad opnieuw en vul dat in."
                        )
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError):
        return _whole("Dit is geen rekenblad. Download het rekenblad van dit dossier en vul dat in.")
    return None


_CELL_TAG = re.compile(rb"<(?:\w+:)?c[\s>/]")
_ADDRESS = re.compile(rb'\br(?:ef)?\s*=\s*["\']([A-Z]{1,4})(\d{1,8})["\':]')
_RANGE_END = re.compile(rb'ref\s*=\s*["\']([A-Z]{1,4})(\d{1,8}):([A-Z]{1,4})(\d{1,8})["\']')


def _too_wide(data: bytes) -> Finding | None:
    for letters, row in _ADDRESS.findall(data):
        if int(row) > MAX_ROW or _column(letters) > MAX_COLUMN:
            where = f"{letters.decode()}{row.decode()}"
            return _whole(
                f"Er staat iets in cel {where}, ver buiten het rekenblad. Wis die cel of download het rekenblad opnieuw."
            )
    for left, top, right, bottom in _RANGE_END.findall(data):
        if int(bottom) > MAX_ROW or _column(right) > MAX_COLUMN:
            return _whole(
                "Dit rekenblad bevat een bereik ver buiten de begroting. Download het rekenblad opnieuw en vul dat in."
            )
        if (int(bottom) - int(top) + 1) * (_column(right) - _column(left) + 1) > MAX_ROW * MAX_COLUMN:
            return _whole(
                "Dit rekenblad bevat een bereik dat te groot is. Download het rekenblad opnieuw en vul dat in."
            )
    return None


def _column(letters: bytes) -> int:
    try:
        return int(column_index_from_string(letters.decode()))
    except ValueError:
        return MAX_COLUMN + 1


def _identity(book: Workbook, expected: Expected) -> Iterator[Finding]:
    """Of which call, dossier and version it is: by its hidden properties, else by the locked cells of the instructions."""
    properties = {prop.name: prop.value for prop in book.custom_doc_props.props}
    sheet = book[INSTRUCTIONS] if INSTRUCTIONS in book.sheetnames else None
    if P_CALL not in properties and sheet is not None:
        properties = {P_CALL: sheet["B4"].value, P_NUMBER: sheet["B5"].value, P_VERSION: sheet["B6"].value}
    call, number, version = (str(properties.get(name) or "").strip() for name in (P_CALL, P_NUMBER, P_VERSION))
    if not call or not number or not version:
        yield _whole("Dit is niet het rekenblad van deze oproep. Download het rekenblad van dit dossier en vul dat in.")
    elif call != expected.call_code:
        yield _whole(
            f"Dit rekenblad is van de oproep {_shown(call)}, niet van {expected.call_code}. Download het rekenblad van dit dossier."
        )
    elif number != expected.number:
        yield _whole(
            f"Dit rekenblad is van dossier {_shown(number)}, niet van {expected.number}. Download het rekenblad van dit dossier."
        )
    elif version != str(TEMPLATE_VERSION):
        yield _whole(
            f"Dit is versie {_shown(version)} van het rekenblad; versie {TEMPLATE_VERSION} is nodig. Download het opnieuw en neem uw cijfers over."
        )


def _structure(book: Workbook, years: int) -> Iterator[Finding]:
    """Every sheet there, with the heads where they belong: else figures would be read from the wrong place."""
    for layout in LAYOUTS:
        if layout.title not in book.sheetnames:
            yield Finding(
                "BUD-09",
                f"Blad {layout.title}",
                "Dit werkblad ontbreekt. Download het rekenblad opnieuw en neem uw cijfers over.",
            )
            continue
        for column, text in headers(layout, years).items():
            cell = book[layout.title].cell(HEAD_ROW, column)
            if cell.value != text:
                yield Finding(
                    "BUD-09",
                    _where(layout.title, cell.coordinate),
                    f"Hier hoort de titel “{text}” te staan. Voeg geen kolommen of rijen toe en verplaats ze niet.",
                )
    if SUMMARY not in book.sheetnames:
        yield Finding(
            "BUD-09",
            f"Blad {SUMMARY}",
            "Dit werkblad ontbreekt. Download het rekenblad opnieuw en neem uw cijfers over.",
        )


def _read_sheet(
    typed: Worksheet, computed: Worksheet, layout: Layout, years: int
) -> tuple[list[ReadLine], list[Finding]]:
    columns = columns_of(layout, years)
    lines: list[ReadLine] = []
    findings: list[Finding] = []
    for row in range(FIRST_ROW, LAST_ROW + 1):
        row_lines, row_findings = _read_row(typed, computed, layout, columns, row)
        lines += row_lines
        findings += row_findings
    findings += _outside(typed, layout, columns)
    return lines, findings


def _read_row(
    typed: Worksheet, computed: Worksheet, layout: Layout, columns: Columns, row: int
) -> tuple[list[ReadLine], list[Finding]]:
    findings: list[Finding] = []
    description = _read_text(typed.cell(row, 1))
    motivation = _read_text(typed.cell(row, columns.motivation)) if columns.motivation is not None else ""
    numbers: dict[int, Decimal] = {}
    for column in (*columns.months.values(), *columns.amounts.values()):
        limit = MAX_MONTHS if column in columns.months.values() else MAX_AMOUNT
        value, problem = _read_number(typed.cell(row, column), computed.cell(row, column), limit)
        numbers[column] = value
        if problem:
            findings.append(Finding("BUD-09", _where(layout.title, typed.cell(row, column).coordinate), problem))
    filled = any(numbers.values())
    if filled and not description:
        findings.append(
            Finding(
                "BUD-04" if layout.has_months else "BUD-03",
                _where(layout.title, f"A{row}"),
                "Schrijf in woorden wat deze kost is.",
            )
        )
    if description and not filled and not findings:
        findings.append(
            Finding(
                "BUD-09",
                _where(layout.title, f"A{row}"),
                f"“{_shown(description)}” heeft geen enkel bedrag. Vul het aan of wis de lijn.",
            )
        )
    if layout.has_motivation and filled and columns.motivation is not None and not motivation:
        cell = f"{get_column_letter(columns.motivation)}{row}"
        findings.append(
            Finding(
                "BUD-08",
                _where(layout.title, cell),
                "Een externe prestatie is uitzonderlijk: motiveer waarom ze nodig is.",
            )
        )
    lines = [
        ReadLine(
            project_year=year,
            cost_type=layout.cost_type,
            description=description[:300],
            amount=numbers[column],
            person_months=numbers.get(columns.months.get(year, 0), ZERO),
            motivation=motivation,
            cell=f"{layout.title}!{get_column_letter(column)}{row}"[:40],
        )
        for year, column in columns.amounts.items()
        if numbers[column] or numbers.get(columns.months.get(year, 0), ZERO)
    ]
    return lines, findings


def _outside(typed: Worksheet, layout: Layout, columns: Columns) -> Iterator[Finding]:
    """Costs typed below or beside the input cells would silently not count: they are named."""
    for row in typed.iter_rows(
        min_row=FIRST_ROW, max_row=min(typed.max_row, MAX_ROW), max_col=min(typed.max_column, MAX_COLUMN)
    ):
        for cell in row:
            outside = cell.row > TOTAL_ROW or cell.column > columns.last
            if outside and cell.value not in (None, ""):
                yield Finding(
                    "BUD-09",
                    _where(layout.title, cell.coordinate),
                    "Hier staat iets buiten de invulvakken. Het zou niet meetellen: zet het in een invulvak of wis het.",
                )


def _read_text(cell: Cell) -> str:
    value = cell.value
    if value is None or isinstance(value, bool):
        return ""
    return words.clean(str(value)).removeprefix("'")


def _read_number(typed: Cell, computed: Cell, limit: Decimal) -> tuple[Decimal, str]:
    """(value, problem): an empty cell is 0 without a problem; what can't be read is a problem."""
    value = typed.value
    if value is None or (isinstance(value, str) and not value.strip()):
        return ZERO, ""
    if typed.data_type == "f":
        value = computed.value
        if value is None:
            return (
                ZERO,
                "Deze formule heeft nog geen uitkomst. Open het bestand in Excel of LibreOffice, bewaar het en laad het opnieuw op.",
            )
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        return ZERO, f"“{_shown(str(value))}” is geen getal. Vul een getal in, of laat de cel leeg."
    if isinstance(value, str):
        return ZERO, f"“{_shown(value)}” is tekst, geen getal. Vul een getal in zonder letters, spaties of eurotekens."
    try:
        number = Decimal(str(value)).quantize(CENT, rounding=ROUND_HALF_UP)
    except InvalidOperation:
        return ZERO, f"“{_shown(str(value))}” is geen getal dat het portaal kan lezen."
    if number < ZERO:
        return ZERO, f"{_plain(number)} is negatief. Een kost is 0 of meer."
    if number > limit:
        return ZERO, f"{_plain(number)} is te groot. Kijk na of er geen cijfers te veel staan."
    return number, ""


def _changed_formulas(book: Workbook, expected: Expected) -> Iterator[Finding]:
    rules, years = expected.rules, expected.rules.project_years
    sheets = {layout.title: formulas(layout, years) for layout in LAYOUTS}
    sheets[SUMMARY] = summary_cells(years, grant_fraction=rules.grant_fraction, months_per_year=rules.months_per_year)
    for title, cells in sheets.items():
        for address, formula in cells.items():
            if _normal(book[title][address].value) != _normal(formula):
                yield Finding(
                    "BUD-09",
                    _where(title, address),
                    f"De formule is veranderd. Hier hoort {formula}. Download het rekenblad opnieuw, of zet de formule terug.",
                )


def _normal(value: object) -> str:
    """A formula without what a spreadsheet program may add: spaces, $ and capitals; quotes around a sheet name."""
    return re.sub(r"[\s$']", "", str(value if value is not None else "")).upper()


def _disagreements(computed: Workbook, sums: Figures, expected: Expected) -> Iterator[Finding]:
    """Totals as the file holds them against our own; only where the file holds any (a program saved it)."""
    sheet, years = computed[SUMMARY], expected.rules.project_years
    total_row = FIRST_ROW + len(LAYOUTS)
    ours: dict[str, Decimal] = {
        f"{get_column_letter(1 + year)}{total_row}": sums.year_totals[year] for year in sums.years
    }
    ours[f"{get_column_letter(2 + years)}{total_row}"] = sums.total
    ours[f"{get_column_letter(2 + years)}{total_row + 1}"] = sums.requested_grant
    for address, right in ours.items():
        held = sheet[address].value
        if isinstance(held, int | float) and not isinstance(held, bool) and euros(held) != right:
            yield Finding(
                "BUD-15",
                _where(SUMMARY, address),
                f"Het rekenblad zegt {format_euros(euros(held))}, het portaal rekent {format_euros(right)} uit. De berekening van het portaal telt.",
                Severity.WARNING,
            )


def _where(sheet: str, cell: str) -> str:
    return f"Blad {sheet}, cel {cell}"


def _shown(text: str) -> str:
    return text.strip()[:40]


def _plain(value: Decimal) -> str:
    return f"{value:f}".rstrip("0").rstrip(".") if "." in f"{value:f}" else f"{value:f}"


def _percent(fraction: Decimal) -> str:
    return f"{fraction * 100:.0f} %"
