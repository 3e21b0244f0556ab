"""A list in a workbook: one row of titles, then one thing a row. Every problem is a finding at its cell; nothing reads as 0.

The workbook is read within bounds by `ibnportal.core.workbooks`. Titles are found by name, in any order and any case; columns that
nobody asked for are left alone. A cell with a formula counts by the outcome that the file holds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

from ibnportal.core import workbooks
from ibnportal.core.errors import DomainError
from ibnportal.core.files.kinds import MEGABYTE
from ibnportal.core.findings import Finding
from ibnportal.core.money import parse_euros

LIMITS = workbooks.Limits(
    unpacked=60 * MEGABYTE, parts=200, cells=200_000, row=6_000, column=80, strings=200_000, seconds=12.0
)
MOST_TITLE_ROWS = 10
"""A title of the whole list and an empty line may stand above the titles of the columns."""

_EPOCH = date(1899, 12, 30)
_YES, _NO = {"ja", "j", "x", "1", "waar", "true", "yes"}, {"nee", "n", "0", "neen", "onwaar", "false", "no"}


@dataclass(frozen=True, slots=True)
class Column:
    """A column by its title, as the portal writes it; `aliases` are other titles that people give it."""

    key: str
    title: str
    aliases: tuple[str, ...] = ()
    is_required: bool = False


@dataclass(slots=True)
class Line:
    """One row; the readers return None (or "") for an empty cell and note a finding for one that can't be read."""

    row: int
    rule_id: str
    columns: Mapping[str, int]
    cells: Mapping[str, workbooks.Cell]
    titles: Mapping[str, str]
    findings: list[Finding] = field(default_factory=list)

    def where(self, key: str) -> str:
        """`Cel E5 (Lid sinds)`; the row where the column is not in the list."""
        column = self.columns.get(key)
        if column is None:
            return f"Rij {self.row}"
        return f"Cel {workbooks.address(self.row, column)} ({self.titles[key]})"

    def problem(self, key: str, message: str, *, rule_id: str = "") -> None:
        """Note what is wrong with a cell."""
        self.findings.append(Finding(rule_id or self.rule_id, self.where(key), message))

    def text(self, key: str, *, most: int = 300, needed: str = "") -> str:
        """The text of the cell; `needed` says what is missing when it is empty."""
        cell = self.cells.get(key, workbooks.NOTHING)
        if cell.kind is workbooks.Kind.ERROR:
            self.problem(key, f"In deze cel staat een fout ({cell.text[:20]}). Typ de waarde zelf.")
            return ""
        text = " ".join(cell.text.split())
        if cell.kind is workbooks.Kind.NUMBER and text.endswith(".0"):
            text = text.removesuffix(".0")
        if cell.kind is workbooks.Kind.NUMBER and "e" in text.lower():
            text = _plain(text)
        if not text and needed:
            self.problem(key, needed)
        if len(text) > most:
            self.problem(key, f"Deze tekst telt {len(text)} tekens; er passen er {most}.")
            return text[:most]
        return text

    def amount(self, key: str, *, needed: str = "", allow_negative: bool = False) -> Decimal | None:
        """An amount in euros."""
        cell = self.cells.get(key, workbooks.NOTHING)
        if cell.is_empty:
            if needed:
                self.problem(key, needed)
            return None
        if cell.kind is workbooks.Kind.DATE:
            self.problem(key, "Hier staat een datum, geen bedrag. Kijk de opmaak van de cel na.")
            return None
        try:
            number = cell.number
            return parse_euros(cell.text if number is None else number, allow_negative=allow_negative)
        except DomainError as error:
            self.problem(key, error.message)
            return None

    def number(self, key: str) -> Decimal | None:
        """A number of zero or more, with or without decimals."""
        cell = self.cells.get(key, workbooks.NOTHING)
        if cell.is_empty:
            return None
        value = cell.number
        if value is None:
            try:
                value = Decimal(cell.text.strip().replace(",", "."))
            except InvalidOperation:
                value = None
        if value is None or not value.is_finite() or value < 0:
            self.problem(key, f"“{cell.text.strip()[:30]}” is geen getal van nul of meer.")
            return None
        return value

    def day(self, key: str, *, needed: str = "") -> date | None:
        """A date: a date of the workbook, or text as 15/03/2027 or 2027-03-15."""
        cell = self.cells.get(key, workbooks.NOTHING)
        if cell.is_empty:
            if needed:
                self.problem(key, needed)
            return None
        day = _day(cell)
        if day is None:
            self.problem(key, f"“{cell.text.strip()[:30]}” is geen datum. Schrijf ze zoals 15/03/2027.")
        return day

    def yes(self, key: str, *, default: bool) -> bool:
        """Ja or nee; `default` where the cell is empty."""
        typed = self.text(key, most=20).lower()
        if not typed:
            return default
        if typed in _YES or typed in _NO:
            return typed in _YES
        self.problem(key, f"“{typed[:20]}” is geen antwoord: vul ja of nee in.")
        return default

    def choice(self, key: str, choices: Mapping[str, str], *, default: str) -> str:
        """One of the choices, by its label or its value in any case; `default` where the cell is empty."""
        typed = self.text(key, most=100)
        if not typed:
            return default
        for value, label in choices.items():
            if typed.casefold() in (str(label).casefold(), str(value).casefold()):
                return value
        self.problem(key, f"“{typed[:40]}” staat niet in de lijst. Kies uit: {', '.join(map(str, choices.values()))}.")
        return default


def read(content: bytes, columns: Sequence[Column], *, rule_id: str, most: int) -> tuple[list[Line], list[Finding]]:
    """The lines of the first sheet and what is wrong with the list as a whole. Raises Unreadable for what is no workbook."""
    book = workbooks.read(content, LIMITS)
    sheet = next((sheet for sheet in book.sheets.values() if not sheet.is_hidden and sheet.cells), None)
    if sheet is None:
        return [], [
            Finding(
                rule_id, "Hele lijst", "Het rekenblad is leeg. Zet op de eerste rij de titels en daaronder de gegevens."
            )
        ]
    head, at = _head(sheet, columns)
    lacking = [column.title for column in columns if column.is_required and column.key not in at]
    if lacking:
        message = f"Deze kolommen ontbreken: {', '.join(lacking)}. Neem de lijst van het portaal als voorbeeld."
        return [], [Finding(rule_id, "Hele lijst", message)]
    titles = {column.key: column.title for column in columns}
    by_column = {number: key for key, number in at.items()}
    rows: dict[int, dict[str, workbooks.Cell]] = {}
    for (row, number), cell in sheet.cells.items():
        key = by_column.get(number)
        if row > head and key is not None and not cell.is_empty:
            rows.setdefault(row, {})[key] = cell
    lines = [Line(row, rule_id, at, rows[row], titles) for row in sorted(rows)]
    found = []
    if not lines:
        found.append(Finding(rule_id, "Hele lijst", "Onder de titels staat nog niets."))
    if len(lines) > most:
        found.append(
            Finding(rule_id, "Hele lijst", f"De lijst telt {len(lines)} lijnen; er kunnen er {most} tegelijk.")
        )
        lines = []
    return lines, found


def _head(sheet: workbooks.Sheet, columns: Sequence[Column]) -> tuple[int, dict[str, int]]:
    """The row of the titles, the one with the most of them, and the column of each key."""
    names = {_name(title): column.key for column in columns for title in (column.title, *column.aliases)}
    best: tuple[int, dict[str, int]] = (0, {})
    by_row: dict[int, dict[str, int]] = {}
    for (row, number), cell in sheet.cells.items():
        key = names.get(_name(cell.text)) if row <= MOST_TITLE_ROWS else None
        if key is not None:
            by_row.setdefault(row, {}).setdefault(key, number)
    for row in sorted(by_row):
        if len(by_row[row]) > len(best[1]):
            best = (row, by_row[row])
    return best


def _name(title: str) -> str:
    return "".join(char for char in title.casefold() if char.isalnum())


def _plain(text: str) -> str:
    try:
        return f"{Decimal(text):f}"
    except InvalidOperation:
        return text


def _day(cell: workbooks.Cell) -> date | None:
    if cell.kind in (workbooks.Kind.DATE, workbooks.Kind.NUMBER):
        try:
            return _EPOCH + timedelta(days=int(Decimal(cell.text)))
        except (InvalidOperation, OverflowError, ValueError):
            pass
    text = cell.text.strip().split("T")[0].split(" ")[0]
    for separator in "/-.":
        parts = text.split(separator)
        if len(parts) == len(("dag", "maand", "jaar")) and all(part.isascii() and part.isdigit() for part in parts):
            year_first = len(parts[0]) == len("2027")
            year, month, day = map(int, parts if year_first else reversed(parts))
            try:
                return date(year, month, day) if year > 1900 else None
            except ValueError:
                return None
    return None
