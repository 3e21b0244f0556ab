"""Reads an xlsx of a stranger into plain cells: each with its text, its formula and the outcome the file holds; nothing is believed or run.

Bounded before and while reading (unpacked size, parts, cells, depth, processor time), so that it may be done in a request. Whatever
could run, fetch or hide something is refused with one Dutch sentence. Formulas are never computed here.
"""

import posixpath
import re
import time
import zipfile
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from io import BytesIO
from typing import Any
from xml.parsers import expat  # doctypes and entities are refused by a handler, so nothing can expand

from openpyxl.formula.translate import Translator
from openpyxl.styles.numbers import is_date_format
from openpyxl.utils import get_column_letter

from ibnportal.core.errors import DomainError
from ibnportal.core.files.kinds import MEGABYTE

CHUNK = 64 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a workbook may ask. Sizes in bytes when unpacked, time in seconds of the processor."""

    unpacked: int = 8 * MEGABYTE
    parts: int = 120
    cells: int = 20_000
    row: int = 2_000
    column: int = 60
    merged: int = 500
    strings: int = 50_000
    depth: int = 40
    seconds: float = 1.2


class Kind(StrEnum):
    """What a cell holds; a formula's cell is of the kind of its outcome."""

    NUMBER = "number"
    TEXT = "text"
    BOOLEAN = "boolean"
    DATE = "date"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Cell:
    """`text` is what the file holds, empty where a formula has no outcome yet; `formula` starts with = where there is one."""

    text: str
    kind: Kind = Kind.TEXT
    formula: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether a person would see nothing in it."""
        return not self.formula and not self.text.strip()

    @property
    def number(self) -> Decimal | None:
        """The number, exactly as written; None for what is none (text, a date, NaN, nothing)."""
        if self.kind is not Kind.NUMBER or not self.text:
            return None
        try:
            value = Decimal(self.text)
        except InvalidOperation:
            return None
        return value if value.is_finite() else None


NOTHING = Cell("")


@dataclass(slots=True)
class Sheet:
    """One sheet; `cells` by (row, column), both from 1, without the empty ones."""

    name: str
    is_hidden: bool = False
    cells: dict[tuple[int, int], Cell] = field(default_factory=dict)
    merged: list[str] = field(default_factory=list)

    def at(self, row: int, column: int) -> Cell:
        """The cell there, or an empty one."""
        return self.cells.get((row, column), NOTHING)


@dataclass(slots=True)
class Book:
    """The workbook: its sheets in order and its own properties (`docProps/custom.xml`)."""

    sheets: dict[str, Sheet] = field(default_factory=dict)
    properties: dict[str, str] = field(default_factory=dict)


class Unreadable(DomainError):  # noqa: N818 - reads as a sentence where it is raised
    """The file is no workbook, or one that must not be read; the message says why and what to do."""


AGAIN = "Download het rekenblad opnieuw, neem uw cijfers over en laad dat op."


def read(content: bytes, limits: Limits | None = None) -> Book:
    """The cells of a workbook. Raises Unreadable, within the limits."""
    reader = _Reader(limits or Limits())
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            return reader.read(archive)
    except expat.ExpatError as error:
        raise Unreadable(
            "Dit bestand is beschadigd: een deel ervan kan niet gelezen worden. Bewaar het opnieuw als .xlsx."
        ) from error
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, OSError, EOFError) as error:
        raise Unreadable("Dit is geen rekenblad. Download het rekenblad van dit dossier en vul dat in.") from error
    except (KeyError, ValueError, IndexError, OverflowError) as error:
        raise Unreadable(
            "Dit bestand kan niet gelezen worden als rekenblad. Open het in Excel of LibreOffice en bewaar het opnieuw als .xlsx."
        ) from error


def address(row: int, column: int) -> str:
    """`E5` of (5, 5)."""
    return f"{get_column_letter(column)}{row}"


# ---------------------------------------------------------------- what is refused by the name of a part

_REFUSED_PARTS = (
    (("vbaproject", "macrosheets/", "/activex", "/ctrlprops"), "Dit rekenblad bevat macro's of knoppen. Bewaar het als gewone .xlsx, zonder macro's."),
    (("externallinks/", "/connections", "/querytables", "/customdata", "/model/"), "Dit rekenblad haalt gegevens uit een ander bestand of programma. Zet de cijfers zelf in de cellen en verwijder de koppelingen."),
    (("/embeddings",), "In dit rekenblad zit een ander bestand. Verwijder het en laad het rekenblad opnieuw op."),
)  # fmt: skip

# A formula that reaches outside its own workbook, or starts something: DDE (“=cmd|…”), other files, the web, old macro functions.
_REACHES_OUT = re.compile(
    r"\||\[|\b(?:DDE|WEBSERVICE|FILTERXML|HYPERLINK|INDIRECT|CALL|REGISTER(?:\.ID)?|EXEC|RTD|CUBE\w+|IMAGE|SQL\.REQUEST)\s*\(",
    re.IGNORECASE,
)


def reaches_out(formula: str) -> bool:
    """Whether a formula looks beyond its own workbook or could start something."""
    return _REACHES_OUT.search(formula) is not None


# ---------------------------------------------------------------- reading

Start = Callable[[str, dict[str, str]], None]
_REF = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_DATE_IDS = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}


class _Reader:
    """One reading; counts what was spent."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.left = limits.unpacked
        self.cells = 0
        self.until = time.thread_time() + limits.seconds
        self.strings: list[str] = []
        self.date_styles: set[str] = set()

    def read(self, archive: zipfile.ZipFile) -> Book:
        parts = archive.infolist()
        names = {part.filename.lstrip("/"): part for part in parts}
        self._refuse(parts, names)
        root = self._relations(archive, names, "")
        main = next((target for kind, target, _ in root if kind == "officeDocument"), "xl/workbook.xml")
        if main not in names:
            raise Unreadable("Dit is geen rekenblad. Download het rekenblad van dit dossier en vul dat in.")
        relations = self._relations(archive, names, main)
        for kind, target, _ in relations:
            if kind == "sharedStrings" and target in names:
                self._strings(archive, names[target])
            elif kind == "styles" and target in names:
                self._styles(archive, names[target])
        book = Book()
        by_id = {key: target for _, target, key in relations}
        for name, key, state in self._sheet_list(archive, names[main]):
            if by_id.get(key) not in names or "/worksheets/" not in f"/{by_id[key]}":
                raise Unreadable(f"Het blad “{name[:40]}” is geen gewoon werkblad. {AGAIN}")
            sheet = Sheet(name, is_hidden=state not in {"", "visible"})
            book.sheets[name] = sheet
            self._sheet(archive, names[by_id[key]], sheet)
        custom = next((target for kind, target, _ in root if kind == "custom-properties"), "docProps/custom.xml")
        if custom in names:
            book.properties = self._properties(archive, names[custom])
        return book

    # ------------------------------------------------------------ parts

    def _refuse(self, parts: list[zipfile.ZipInfo], names: Iterable[str]) -> None:
        """What can be seen from the outside: too large, locked, or holding what runs or fetches."""
        if len(parts) > self.limits.parts or sum(part.file_size for part in parts) > self.limits.unpacked:
            raise Unreadable(f"Dit rekenblad is uitgepakt veel groter dan het kan zijn. {AGAIN}")
        if any(part.flag_bits & 1 for part in parts):
            raise Unreadable("Dit rekenblad heeft een wachtwoord. Bewaar het zonder wachtwoord en laad het opnieuw op.")
        for name in names:
            for marks, message in _REFUSED_PARTS:
                if any(mark in f"/{name.lower()}" for mark in marks):
                    raise Unreadable(message)

    def _parse(
        self,
        archive: zipfile.ZipFile,
        part: zipfile.ZipInfo,
        start: Start,
        end: Callable[[str], None] | None = None,
        text: Callable[[str], None] | None = None,
    ) -> None:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        local: dict[str, str] = {}
        depth, deepest = 0, self.limits.depth

        def on_start(name: str, attributes: dict[str, str]) -> None:
            nonlocal depth
            depth += 1
            if depth > deepest:
                raise Unreadable(f"Dit rekenblad is te ingewikkeld om na te kijken. {AGAIN}")
            plain = local.get(name)
            if plain is None:
                plain = local[name] = name.rpartition(" ")[2]
            start(plain, attributes)

        def on_end(name: str) -> None:
            nonlocal depth
            depth -= 1
            if end is not None:
                end(local[name])

        def on_doctype(*_: Any) -> None:
            raise Unreadable("Dit bestand bevat onderdelen die niet in een rekenblad horen. " + AGAIN)

        parser.StartElementHandler = on_start
        parser.EndElementHandler = on_end
        parser.StartDoctypeDeclHandler = on_doctype
        if text is not None:
            parser.CharacterDataHandler = text
        with archive.open(part) as stream:
            while chunk := stream.read(CHUNK):
                self.left -= len(chunk)
                if self.left < 0:
                    raise Unreadable(f"Dit rekenblad is uitgepakt veel groter dan het zegt. {AGAIN}")
                parser.Parse(chunk, False)  # noqa: FBT003 - expat's signature
                if time.thread_time() > self.until:
                    raise Unreadable(f"Dit rekenblad is te ingewikkeld om na te kijken. {AGAIN}")
        parser.Parse(b"", True)  # noqa: FBT003 - expat's signature

    def _relations(
        self, archive: zipfile.ZipFile, names: dict[str, zipfile.ZipInfo], of: str
    ) -> list[tuple[str, str, str]]:
        """(kind, target, id) of a part's relations, "" for the package's own."""
        folder, _, base = of.rpartition("/")
        part = names.get(posixpath.join(folder, "_rels", f"{base}.rels").lstrip("/"))
        found: list[tuple[str, str, str]] = []

        def start(name: str, attributes: dict[str, str]) -> None:
            if name == "Relationship" and attributes.get("TargetMode") != "External":
                target = attributes.get("Target", "")
                whole = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"{folder}/{target}")
                found.append(
                    (attributes.get("Type", "").rpartition("/")[2], whole.lstrip("/"), attributes.get("Id", ""))
                )

        if part is not None:
            self._parse(archive, part, start)
        return found

    def _sheet_list(self, archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> list[tuple[str, str, str]]:
        found: list[tuple[str, str, str]] = []
        names: list[str] = []
        inside = ""

        def start(name: str, attributes: dict[str, str]) -> None:
            nonlocal inside
            inside = name
            if name == "sheet":
                key = next((value for key, value in attributes.items() if key.endswith(" id")), "")
                found.append((attributes.get("name", ""), key, attributes.get("state", "")))

        def text(data: str) -> None:
            if inside == "definedName":
                names.append(data)

        self._parse(archive, part, start, text=text)
        if any(reaches_out(name) for name in names):
            raise Unreadable(
                "Dit rekenblad verwijst naar een ander bestand of programma. Verwijder de namen en koppelingen en laad het opnieuw op."
            )
        return found

    def _strings(self, archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
        pieces: list[str] = []
        strings = self.strings
        takes = False

        def start(name: str, _: dict[str, str]) -> None:
            nonlocal takes
            takes = name == "t"

        def text(data: str) -> None:
            if takes:
                pieces.append(data)

        def end(name: str) -> None:
            nonlocal takes
            takes = False
            if name == "si":
                strings.append("".join(pieces))
                pieces.clear()
                if len(strings) > self.limits.strings:
                    raise Unreadable(f"Dit rekenblad bevat veel meer tekst dan het kan bevatten. {AGAIN}")

        self._parse(archive, part, start, end, text)

    def _styles(self, archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
        """Which cell styles show a number as a date."""
        dates = set(map(str, _DATE_IDS))
        inside = False
        position = 0

        def start(name: str, attributes: dict[str, str]) -> None:
            nonlocal inside, position
            if name == "numFmt":
                key = attributes.get("numFmtId", "")
                (dates.add if is_date_format(attributes.get("formatCode", "")) else dates.discard)(key)
            elif name == "cellXfs":
                inside = True
            elif name == "xf" and inside:
                if attributes.get("numFmtId") in dates:
                    self.date_styles.add(str(position))
                position += 1

        def end(name: str) -> None:
            nonlocal inside
            inside = inside and name != "cellXfs"

        self._parse(archive, part, start, end)

    def _properties(self, archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> dict[str, str]:
        found: dict[str, str] = {}
        current = ""

        def start(name: str, attributes: dict[str, str]) -> None:
            nonlocal current
            if name == "property":
                current = attributes.get("name", "")

        def text(data: str) -> None:
            if current:
                found[current] = (found.get(current, "") + data).strip()

        self._parse(archive, part, start, text=text)
        return found

    def _sheet(self, archive: zipfile.ZipFile, part: zipfile.ZipInfo, sheet: Sheet) -> None:
        _SheetReader(self, sheet).parse(archive, part)


class _SheetReader:
    """The cells of one sheet; the hot loop of the reading."""

    def __init__(self, reader: _Reader, sheet: Sheet) -> None:
        self.reader, self.sheet = reader, sheet
        self.row = self.column = 0
        self.type = self.style = self.taking = ""
        self.value: list[str] = []
        self.formula: list[str] = []
        self.has_formula = False
        self.shared_key = ""
        self.shared: dict[str, tuple[str, str]] = {}
        self.columns: dict[str, int] = {}

    def parse(self, archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
        self.reader._parse(archive, part, self.start, self.end, self.text)  # noqa: SLF001 - two halves of one thing

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "c":
            self._begin_cell(attributes)
        elif name in {"v", "t"}:
            self.taking = "v"
        elif name == "f":
            self.taking, self.has_formula = "f", True
            self.shared_key = attributes.get("si", "") if attributes.get("t") == "shared" else ""
        elif name == "row":
            self.row = int(attributes.get("r", self.row + 1))
            self.column = 0
        elif name == "mergeCell":
            self.sheet.merged.append(attributes.get("ref", ""))
            if len(self.sheet.merged) > self.reader.limits.merged:
                raise Unreadable(f"Dit rekenblad bevat te veel samengevoegde cellen. {AGAIN}")

    def text(self, data: str) -> None:
        if self.taking == "v":
            self.value.append(data)
        elif self.taking == "f":
            self.formula.append(data)

    def end(self, name: str) -> None:
        self.taking = ""
        if name == "c" and (self.value or self.has_formula):
            self._end_cell()

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        ref = attributes.get("r")
        if ref is None:
            self.column += 1
        else:
            found = _REF.fullmatch(ref)
            if found is None:
                raise Unreadable(f"Het blad “{self.sheet.name[:40]}” heeft een cel zonder geldige plaats. {AGAIN}")
            letters, row = found.groups()
            self.row = int(row)
            self.column = self.columns.get(letters) or self.columns.setdefault(letters, _column(letters))
        self.type, self.style = attributes.get("t", "n"), attributes.get("s", "")
        self.value, self.formula, self.has_formula, self.shared_key = [], [], False, ""
        self.reader.cells += 1
        if self.reader.cells > self.reader.limits.cells:
            raise Unreadable(f"Dit rekenblad telt meer dan {self.reader.limits.cells} cellen. {AGAIN}")

    def _end_cell(self) -> None:
        limits = self.reader.limits
        if self.row > limits.row or self.column > limits.column:
            where = address(self.row, self.column)
            raise Unreadable(
                f"Er staat iets in blad {self.sheet.name[:40]}, cel {where}, ver buiten het rekenblad. Wis die cel of download het rekenblad opnieuw."
            )
        text, kind = "".join(self.value), Kind.NUMBER
        if self.type == "s":
            text, kind = self.reader.strings[int(text)] if text else "", Kind.TEXT
        elif self.type in {"str", "inlineStr"}:
            kind = Kind.TEXT
        elif self.type == "b":
            kind = Kind.BOOLEAN
        elif self.type == "e":
            kind = Kind.ERROR
        elif self.type == "d" or (self.style in self.reader.date_styles and text):
            kind = Kind.DATE
        elif not text and not self.has_formula:
            return
        self.sheet.cells[self.row, self.column] = Cell(text, kind, self._formula() if self.has_formula else "")

    def _formula(self) -> str:
        """The formula as written, a shared one as it reads in this cell."""
        text, here = "".join(self.formula), address(self.row, self.column)
        if self.shared_key:
            if text:
                self.shared[self.shared_key] = here, f"={text}"
            elif self.shared_key in self.shared:
                origin, first = self.shared[self.shared_key]
                return str(Translator(first, origin=origin).translate_formula(here))
        return f"={text}"


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def cells_within(merged: Iterable[str], *, rows: range, columns: range) -> list[str]:
    """Those merged ranges that touch a block of cells."""
    found = []
    for ref in merged:
        first, _, last = ref.partition(":")
        ends = [_REF.fullmatch(end) for end in (first, last or first)]
        if ends[0] is None or ends[1] is None:
            found.append(ref)
            continue
        (left, top), (right, bottom) = ends[0].groups(), ends[1].groups()
        apart = (
            int(bottom) < rows.start
            or int(top) >= rows.stop
            or _column(right) < columns.start
            or _column(left) >= columns.stop
        )
        if not apart:
            found.append(ref)
    return found
