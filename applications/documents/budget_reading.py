"""Reads a filled budget workbook into lines (BUD-01, BUD-09): nothing in it is believed, and every problem has its sheet and cell.

In order: can it be read safely, is it this dossier's, does it have its sheets and heads, its cells, its formulas, and do its totals equal
ours. What can't be read is a finding, never 0. What a line must say is for `applications.domain.budget_lines`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from applications.documents.budget_layout import (
    FIRST_ROW,
    HEAD_ROW,
    INSTRUCTIONS,
    LAST_ROW,
    MARKS,
    MARKS_ROW,
    MAX_AMOUNT,
    MAX_LONG_TEXT,
    MAX_MONTHS,
    MAX_TEXT,
    NO,
    SUMMARY,
    TEMPLATE_VERSION,
    TOTAL_ROW,
    YES,
    Field,
    Layout,
    computed,
    formulas,
    sheets,
    summary_formulas,
    summary_heads,
    titles,
)
from applications.documents.budget_workbook import is_sealed
from applications.domain import words
from applications.domain.budget import Figures, figures, reads_workbooks
from applications.domain.budget_lines import Expected, Reading, ReadLine
from calls.enums import CostType
from ibnportal.core import workbooks
from ibnportal.core.errors import DomainError
from ibnportal.core.findings import Finding, Severity, has_errors
from ibnportal.core.money import CENT, ZERO, euros, format_euros, parse_euros
from ibnportal.core.workbooks import (
    AGAIN,
    Book,
    Cell,
    Kind,
    Limits,
    Sheet,
    Unreadable,
    address,
    cells_within,
    reaches_out,
)

MAX_FINDINGS = 60
LONGEST_NUMBER = 40
LIMITS = Limits()
_A_CENT = Decimal("0.01")


@reads_workbooks
def read(content: bytes, expected: Expected) -> Reading:
    """What the workbook holds, and everything that is wrong with it, by sheet and cell."""
    try:
        book = workbooks.read(content, LIMITS)
    except Unreadable as error:
        return Reading(findings=(_whole(error.message),))
    marks = _marks(book)
    wrong = list(_identity(marks, expected)) or list(_structure(book, expected))
    if wrong:
        return Reading(findings=_shortened(wrong))
    found = _Found()
    for layout, year in sheets(expected.rules):
        _read_sheet(book.sheets[layout.title(year)], layout, year, found)
    changed = list(_changed_formulas(book, expected))
    if changed and marks[3] != str(expected.rules.version):
        changed = [_other_rules(marks[3], expected, Severity.ERROR)]
    elif marks[3] != str(expected.rules.version):
        found.findings.append(_other_rules(marks[3], expected, Severity.WARNING))
    found.findings += changed
    if not has_errors(found.findings):
        found.findings += _disagreements(book, found, figures(found.lines, expected.rules), expected)
    base = int(marks[4]) if marks[4].isdecimal() else 0
    return Reading(lines=tuple(found.lines), findings=_shortened(found.findings), base_version=base)


@dataclass(slots=True)
class _Found:
    """What was read so far; `numbers` by sheet and row, for comparing the sheet's own sums."""

    lines: list[ReadLine] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    numbers: dict[tuple[str, int], dict[str, Decimal]] = field(default_factory=dict)

    def add(self, rule_id: str, where: str, message: str, severity: Severity = Severity.ERROR) -> None:
        self.findings.append(Finding(rule_id, where, message, severity))


def _whole(message: str) -> Finding:
    return Finding("BUD-09", "Hele werkmap", message)


def _shortened(findings: list[Finding]) -> tuple[Finding, ...]:
    """Errors are never pushed out by warnings; what is left out is counted."""
    if len(findings) <= MAX_FINDINGS:
        return tuple(findings)
    ordered = sorted(findings, key=lambda finding: finding.severity != Severity.ERROR)
    left = len(ordered) - MAX_FINDINGS
    return (*ordered[:MAX_FINDINGS], _whole(f"Er zijn nog {left} andere punten. Verbeter eerst deze {MAX_FINDINGS}."))


# ---------------------------------------------------------------- whose workbook it is


def _marks(book: Book) -> tuple[str, ...]:
    """The marks and the seal: from the hidden properties, else from the locked cells (some programs drop properties)."""
    if MARKS[0] in book.properties:
        return tuple(book.properties.get(name, "") for name in MARKS)
    sheet = book.sheets.get(INSTRUCTIONS)
    if sheet is None:
        return ("",) * len(MARKS)
    return tuple(sheet.at(MARKS_ROW + offset, 2).text.strip() for offset in range(len(MARKS)))


def _identity(marks: tuple[str, ...], expected: Expected) -> Iterator[Finding]:
    call, number, version, *_, signature = marks
    if not call or not number:
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
    elif not is_sealed(marks[:-1], signature):
        yield _whole(
            f"De verborgen kenmerken van dit rekenblad zijn veranderd: het zegel klopt niet met oproep, dossier en versie. {AGAIN}"
        )


def _other_rules(version: str, expected: Expected, severity: Severity) -> Finding:
    now = expected.rules.version
    message = (
        f"Dit rekenblad is gemaakt onder versie {_shown(version)} van de regels van de oproep; nu geldt versie {now} en de formules verschillen. {AGAIN}"
        if severity == Severity.ERROR
        else f"Dit rekenblad is gemaakt onder versie {_shown(version)} van de regels van de oproep. Het portaal rekende met versie {now}."
    )
    return Finding("BUD-09", "Hele werkmap", message, severity)


# ---------------------------------------------------------------- sheets and heads


def _structure(book: Book, expected: Expected) -> Iterator[Finding]:
    """Every sheet there, open, with its heads in place: else figures would be read from the wrong spot, or not at all."""
    rules = expected.rules
    wanted = titles(rules)
    strange = [name for name in book.sheets if name not in wanted]
    for title in wanted:
        sheet = book.sheets.get(title)
        if sheet is None:
            hint = (
                f" Er staat wel een blad “{_shown(strange[0])}”: kreeg het een andere naam, geef het dan zijn naam terug."
                if strange
                else ""
            )
            yield Finding(
                "BUD-09",
                f"Blad {title}",
                f"Dit werkblad ontbreekt.{hint} Of download het rekenblad opnieuw en neem uw cijfers over.",
            )
        elif sheet.is_hidden:
            yield Finding(
                "BUD-09",
                f"Blad {title}",
                "Dit werkblad is verborgen. Maak het zichtbaar en laad het rekenblad opnieuw op.",
            )
    for name in strange:
        hidden = " en is verborgen" if book.sheets[name].is_hidden else ""
        yield Finding(
            "BUD-09",
            f"Blad {_shown(name)}",
            f"Dit werkblad hoort niet in het rekenblad{hidden}. Wat erop staat, telt niet mee: verwijder het blad.",
        )
    for layout, year in sheets(rules):
        sheet = book.sheets.get(layout.title(year))
        if sheet is not None:
            yield from _heads(sheet, [field.head for field in layout.fields])
            block = cells_within(
                sheet.merged, rows=range(HEAD_ROW, TOTAL_ROW + 1), columns=range(1, len(layout.fields) + 1)
            )
            for merged in block:
                yield Finding(
                    "BUD-09",
                    _where(sheet.name, merged),
                    "Deze cellen zijn samengevoegd. Splits ze weer: elk vak telt apart.",
                )
    if SUMMARY in book.sheets:
        yield from _heads(book.sheets[SUMMARY], summary_heads(rules))


def _heads(sheet: Sheet, heads: list[str]) -> Iterator[Finding]:
    for column, text in enumerate(heads, start=1):
        if sheet.at(HEAD_ROW, column).text.strip() != text:
            yield Finding(
                "BUD-09",
                _where(sheet.name, address(HEAD_ROW, column)),
                f"Hier hoort de titel “{text}” te staan. Voeg geen kolommen of rijen toe en verplaats ze niet.",
            )


# ---------------------------------------------------------------- cells


def _read_sheet(sheet: Sheet, layout: Layout, year: int, found: _Found) -> None:
    rows = sorted({row for row, column in sheet.cells if FIRST_ROW <= row <= LAST_ROW and column <= len(layout.fields)})
    for row in rows:
        _read_row(sheet, layout, year, row, found)
    for row, column in sheet.cells:
        is_beside = column > len(layout.fields) and row >= HEAD_ROW
        if (row > TOTAL_ROW or is_beside) and not sheet.at(row, column).is_empty:
            found.add(
                "BUD-09",
                _where(sheet.name, address(row, column)),
                "Hier staat iets buiten de invulvakken. Het zou niet meetellen: zet het in een invulvak of wis het.",
            )


def _read_row(sheet: Sheet, layout: Layout, year: int, row: int, found: _Found) -> None:
    texts: dict[str, str] = {}
    numbers: dict[str, Decimal] = {}
    is_readable = True
    for column, column_field in enumerate(layout.fields, start=1):
        cell = sheet.at(row, column)
        if column_field.is_computed or cell.is_empty:
            continue
        where = _where(sheet.name, address(row, column))
        problem = warning = ""
        if column_field.is_number:
            numbers[column_field.name], problem, warning = _number(cell, column_field)
        else:
            texts[column_field.name], problem = _text(cell, column_field)
        if problem:
            is_readable = False
            found.add("BUD-09", where, problem)
        elif warning:
            found.add("BUD-09", where, warning, Severity.WARNING)
    if not is_readable or not (texts or any(numbers.values())):
        return
    found.numbers[sheet.name, row] = numbers
    amount_cell = layout.cell("cost", row)
    found.lines.append(
        ReadLine(
            project_year=year,
            cost_type=layout.cost_type,
            description=texts.get("description", ""),
            amount=numbers.get("cost", ZERO) + numbers.get("vat", ZERO),
            person_months=numbers.get("months", ZERO),
            motivation=texts.get("motivation", ""),
            cell=f"{sheet.name}!{amount_cell}"[:40],
            vat=numbers.get("vat", ZERO),
            supplier=texts.get("supplier", ""),
            is_long_engagement=texts.get("engagement", "") == YES,
            places={
                column_field.name: _where(sheet.name, address(row, column))
                for column, column_field in enumerate(layout.fields, start=1)
            },
        )
    )


def _text(cell: Cell, column_field: Field) -> tuple[str, str]:
    """(text, problem) of a text cell."""
    if cell.kind is Kind.ERROR:
        return "", f"De formule in deze cel geeft een fout ({_shown(cell.text)}). Schrijf de tekst zelf."
    if cell.formula:
        return "", "Hier staat een formule. Schrijf de tekst zelf; begint ze met =, zet er dan een apostrof voor."
    value = words.clean(cell.text).removeprefix("'")
    if column_field.kind == "yes_no":
        answer = value.casefold()
        return (
            (answer, "") if answer in {YES, NO, ""} else ("", f"“{_shown(value)}” kan hier niet. Kies {YES} of {NO}.")
        )
    most = MAX_TEXT if column_field.kind == "text" else MAX_LONG_TEXT
    if len(value) > most:
        return "", f"Deze tekst telt {len(value)} tekens; er passen er {most}. Kort ze in."
    return value, ""


def _number(cell: Cell, column_field: Field) -> tuple[Decimal, str, str]:
    """(value, problem, warning): what can't be read is a problem, never 0."""
    problem = _unlike_a_number(cell)
    if problem:
        return ZERO, problem, ""
    try:
        exact = Decimal(cell.text[:LONGEST_NUMBER])
        if len(cell.text) > LONGEST_NUMBER or not exact.is_finite():
            return ZERO, f"“{_shown(cell.text)}” is geen getal dat het portaal kan lezen. Vul een getal in.", ""
        if exact < 0:
            return ZERO, f"{_shown(str(exact))} is negatief. Een kost is 0 of meer; trek niets af in een begroting.", ""
        limit = MAX_MONTHS if column_field.kind == "months" else MAX_AMOUNT
        if exact > limit:
            return ZERO, f"{_shown(str(exact))} is te groot. Kijk na of er geen cijfers te veel staan.", ""
        value = exact.quantize(CENT, rounding=ROUND_HALF_UP)
    except InvalidOperation:
        return ZERO, f"“{_shown(cell.text)}” is geen getal dat het portaal kan lezen. Vul een getal in.", ""
    # A computed outcome carries the noise of a binary fraction; more decimals than that were meant.
    if abs(exact - value) > CENT * CENT:
        return value, "", f"Dit getal heeft meer dan twee cijfers na de komma. Het portaal rekent met {_dutch(value)}."
    return value, "", ""


def _unlike_a_number(cell: Cell) -> str:
    if cell.formula and reaches_out(cell.formula):
        return "Deze formule verwijst naar iets buiten dit bestand of start iets. Vul het getal zelf in."
    if cell.kind is Kind.ERROR:
        return f"De formule in deze cel geeft een fout ({_shown(cell.text)}). Verbeter ze of vul het getal zelf in."
    if cell.formula and not cell.text:
        return "Deze formule heeft nog geen uitkomst. Open het bestand in Excel of LibreOffice, bewaar het en laad het opnieuw op."
    if cell.kind is Kind.DATE:
        return "Hier staat een datum, geen getal. Zet de opmaak van de cel op getal en vul het getal opnieuw in."
    if cell.kind is Kind.BOOLEAN:
        return f"“{'WAAR' if cell.text == '1' else 'ONWAAR'}” is geen getal. Vul een getal in, of laat de cel leeg."
    if cell.kind is Kind.TEXT:
        try:
            meant = _dutch(parse_euros(cell.text))
        except DomainError:
            return (
                f"“{_shown(cell.text)}” is tekst, geen getal. Vul een getal in zonder letters, spaties of eurotekens."
            )
        return f"“{_shown(cell.text)}” is als tekst bewaard en telt zo niet mee. Typ het opnieuw als getal: {meant}."
    return ""


# ---------------------------------------------------------------- formulas and sums


def _changed_formulas(book: Book, expected: Expected) -> Iterator[Finding]:
    wanted = {layout.title(year): formulas(layout) for layout, year in sheets(expected.rules)}
    wanted[SUMMARY] = summary_formulas(expected.rules)
    for title, cells in wanted.items():
        sheet = book.sheets[title]
        for (row, column), formula in cells.items():
            held = sheet.at(row, column)
            if held.formula != formula and _normal(held.formula) != _normal(formula):
                instead = f" In de plaats staat “{_shown(held.formula or held.text)}”." if not held.is_empty else ""
                yield Finding(
                    "BUD-09",
                    _where(title, address(row, column)),
                    f"De formule is veranderd: hier hoort {formula} te staan.{instead} Zet ze terug, of download het rekenblad opnieuw.",
                )


def _normal(formula: str) -> str:
    """A formula without what a spreadsheet program may add: spaces, $ and capitals; quotes around a sheet name."""
    return re.sub(r"[\s$']", "", formula).upper()


def _disagreements(book: Book, found: _Found, sums: Figures, expected: Expected) -> Iterator[Finding]:
    """Every sum as the file holds it against our own; only where the file holds one (a program computed it)."""
    for sheet, row, column, right, is_exact in _own_sums(found, sums, expected):
        held = book.sheets[sheet].at(row, column).number
        if held is None:
            continue
        off = abs(held - right)
        if off >= _A_CENT - CENT * CENT if is_exact else off > _A_CENT:
            yield Finding(
                "BUD-15" if sheet == SUMMARY else "BUD-09",
                _where(sheet, address(row, column)),
                f"Het rekenblad zegt {_dutch(euros(held))}, het portaal rekent {_dutch(right)} uit. Wat het portaal uitrekent, telt.",
                Severity.WARNING,
            )


def _own_sums(found: _Found, sums: Figures, expected: Expected) -> Iterator[tuple[str, int, int, Decimal, bool]]:
    """(sheet, row, column, our figure, whether to the cent) of every formula in the workbook."""
    for layout, year in sheets(expected.rules):
        title = layout.title(year)
        totals: dict[str, Decimal] = {}
        for row in range(FIRST_ROW, LAST_ROW + 1):
            values = found.numbers.get((title, row), {})
            for column, column_field in enumerate(layout.fields, start=1):
                value = (
                    computed(values, column_field) if column_field.is_computed else values.get(column_field.name, ZERO)
                )
                totals[column_field.name] = totals.get(column_field.name, ZERO) + value
                if column_field.is_computed:
                    yield title, row, column, value, column_field.kind == "total"
        for name in layout.summed:
            yield title, TOTAL_ROW, layout.column(name), totals[name], True
    rows: list[tuple[list[Decimal], Decimal, bool]] = [
        ([sums.by_year_and_type[year, kind] for year in sums.years], sums.type_totals[kind], True)
        for kind in (CostType.PERSONNEL, CostType.OVERHEAD, CostType.OPERATING, CostType.EXTERNAL)
    ]
    rows.append(([sums.year_totals[year] for year in sums.years], sums.total, True))
    rows.append(([sums.year_grants[year] for year in sums.years], sums.requested_grant, True))
    rows.append(([sums.year_months[year] for year in sums.years], sums.person_months, True))
    rows.append(([sums.year_fte[year] for year in sums.years], sums.mean_fte, False))
    for row, (years, total, is_exact) in enumerate(rows, start=FIRST_ROW):
        for column, right in enumerate((*years, total), start=2):
            yield SUMMARY, row, column, right, is_exact


def _where(sheet: str, cell: str) -> str:
    return f"Blad {sheet}, cel {cell}"


def _shown(text: str) -> str:
    short = " ".join(text.split())
    return short if len(short) <= 40 else f"{short[:39]}…"


def _dutch(value: Decimal) -> str:
    return format_euros(value).split("\N{NO-BREAK SPACE}", 1)[1]
