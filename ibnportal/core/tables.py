"""A list that somebody typed in a workbook or saved as csv, read within bounds: cells as text, each with its address.

    table = tables.read(content, name="leden.xlsx", columns=("Naam", "Ondernemingsnummer"))
    table.rows[0]["Naam"].text, table.rows[0]["Naam"].address        # "Alfa nv", "B2"

Workbooks are read by `workbooks`, within its bounds. A formula is never computed nor its remembered value believed: it is a
finding. What cannot be read is a finding with sheet and cell, never an empty row.
"""

import csv
import io
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ibnportal.core import workbooks
from ibnportal.core.findings import Finding

MAX_ROWS = 5_000
MAX_COLUMNS = 40
MAX_TEXT = 2_000
MAX_FINDINGS = 60
LIMITS = workbooks.Limits(
    unpacked=16 * 1024 * 1024, cells=60_000, row=MAX_ROWS + 10, column=MAX_COLUMNS, strings=100_000
)


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in one cell, as text, and where that is."""

    text: str
    address: str


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list by its columns; a column that the file lacks is empty."""

    number: int
    cells: dict[str, Cell]

    def __getitem__(self, column: str) -> Cell:
        return self.cells[column]


@dataclass(frozen=True, slots=True)
class Table:
    """The rows that hold something, and what is wrong with the file itself."""

    sheet: str
    rows: tuple[Row, ...] = ()
    findings: tuple[Finding, ...] = ()

    def where(self, cell: Cell) -> str:
        """`Blad Ondernemingen, cel B4`."""
        return (
            f"Blad {self.sheet}, cel {cell.address}"
            if self.sheet
            else f"Lijn {cell.address[1:]}, kolom {cell.address[0]}"
        )


def read(content: bytes, *, name: str, columns: Sequence[str], needed: Sequence[str], rule_id: str = "") -> Table:
    """The rows below the head; the head is the first row that holds every needed column, in any order and spelling of case.

    `columns` are all that are read, `needed` those without which the file is not this list.
    """
    try:
        sheets = _csv(content) if name.lower().endswith(".csv") else _xlsx(content)
    except _TooMuch as error:
        return Table("", findings=(Finding(rule_id, "Hele bestand", str(error)),))
    except csv.Error:
        return Table("", findings=(Finding(rule_id, "Hele bestand", "Deze lijst kan niet gelezen worden. Bewaar ze opnieuw als csv of xlsx."),))  # fmt: skip
    for sheet, lines in sheets:
        for index, line in enumerate(lines):
            heads = {_plain(text): position for position, (text, _) in enumerate(line) if text}
            if all(_plain(column) in heads for column in needed):
                places = {column: heads.get(_plain(column)) for column in columns}
                return _below(sheet, lines[index + 1 :], places, first=index + 2, rule_id=rule_id)
    missing = ", ".join(f"“{column}”" for column in needed)
    return Table("", findings=(Finding(rule_id, "Hele bestand", f"We vonden geen rij met de kolommen {missing}. Gebruik het sjabloon."),))  # fmt: skip


Line = list[tuple[str, str]]
"""(text, what is wrong with the cell) of each cell."""


def _below(sheet: str, lines: list[Line], places: Mapping[str, int | None], *, first: int, rule_id: str) -> Table:
    """The rows under the head; `first` is the number of the first of them."""
    rows: list[Row] = []
    findings: list[Finding] = []
    for offset, line in enumerate(lines):
        number = first + offset
        cells = {}
        for column, position in places.items():
            text, wrong = line[position] if position is not None and position < len(line) else ("", "")
            cells[column] = Cell(text, f"{_letters(position or 0)}{number}")
            if wrong:
                where = Table(sheet).where(cells[column])
                findings.append(Finding(rule_id, where, wrong))
        if any(cell.text for cell in cells.values()):
            rows.append(Row(number, cells))
    return Table(sheet, tuple(rows), tuple(findings[:MAX_FINDINGS]))


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().replace("*", " ").split())


def _letters(position: int) -> str:
    """A, B … Z, AA: the name of a column by its place from 0."""
    name = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


class _TooMuch(Exception):  # noqa: N818 - says what is too much
    pass


# ---------------------------------------------------------------- csv


def _csv(content: bytes) -> list[tuple[str, list[Line]]]:
    text = _decoded(content)
    first = text.splitlines()[0] if text.strip() else ""
    delimiter = max(";,\t", key=first.count)
    lines: list[Line] = []
    csv.field_size_limit(MAX_TEXT * MAX_COLUMNS)
    for row in csv.reader(io.StringIO(text), delimiter=delimiter):
        if len(lines) > MAX_ROWS:
            raise _TooMuch(f"Deze lijst telt meer dan {MAX_ROWS} rijen. Splits ze op.")
        lines.append([_text(value.removeprefix("'")) for value in row[:MAX_COLUMNS]])
    return [("", lines)]


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1")


# ---------------------------------------------------------------- xlsx


def _xlsx(content: bytes) -> list[tuple[str, list[Line]]]:
    """The visible sheets as lines from row 1 on; what nobody saw is not read."""
    try:
        book = workbooks.read(content, LIMITS)
    except workbooks.Unreadable as error:
        raise _TooMuch(error.message.replace(workbooks.AGAIN, "Kopieer de lijst naar het sjabloon.")) from error
    found = []
    for sheet in book.sheets.values():
        if sheet.is_hidden or not sheet.cells:
            continue
        last_row, last_column = (max(place[axis] for place in sheet.cells) for axis in (0, 1))
        lines = [
            [_shown(sheet.at(row, column)) for column in range(1, last_column + 1)] for row in range(1, last_row + 1)
        ]
        found.append((sheet.name, lines))
    return found


def _shown(cell: workbooks.Cell) -> tuple[str, str]:
    """A cell as text, whole numbers without a point; a formula and an error are findings."""
    if cell.formula:
        return "", "Hier staat een formule. Typ de waarde zelf."
    if cell.kind is workbooks.Kind.ERROR:
        return "", f"Hier staat een fout ({cell.text[:20]}). Typ de waarde."
    number = cell.number
    if number is not None:
        return (str(int(number)) if number == number.to_integral_value() else str(number)), ""
    return _text(cell.text.removeprefix("'"))


def _text(value: str) -> tuple[str, str]:
    kept = "".join(char for char in value if unicodedata.category(char) != "Cc" or char in "\n\t")
    text = unicodedata.normalize("NFC", kept.encode("utf-8", "ignore").decode()).strip()
    if len(text) > MAX_TEXT:
        return "", f"Deze tekst telt {len(text)} tekens; er mogen er {MAX_TEXT} in een cel."
    return text, ""
