"""The text of the first pages of a PDF, good enough to find a number or a name in it; never shown as the document.

No layout, no images: what the page draws with its fonts, decoded by their own tables. Bounded in pages, operators and
characters; a PDF that does not let itself be read gives an empty text.
"""

import re
from io import BytesIO
from typing import Any

import pikepdf

MAX_PAGES = 3
MAX_CHARACTERS = 20_000
MAX_OPERATORS = 40_000
MAX_STREAM = 4 * 1024 * 1024
MAX_DEPTH = 3
_GAP = -180  # thousandths of the font's size: wider than this between two pieces of one word is a space
_HEX = re.compile(rb"<([0-9A-Fa-f\s]*)>|(\[)|(\])|(\w+)")

Table = dict[int, str]


def text_of(content: bytes) -> str:
    """The text, pieces parted by spaces and lines by newlines; empty when there is none or it cannot be read."""
    try:
        with pikepdf.open(BytesIO(content), suppress_warnings=True) as pdf:
            pieces = _Pieces()
            for page in pdf.pages[:MAX_PAGES]:
                _read(pdf, page.obj, pieces, depth=0)
            return pieces.text()
    except (
        pikepdf.PdfError,
        RuntimeError,
        ValueError,
        TypeError,
        KeyError,
        AttributeError,
        IndexError,
        RecursionError,
    ):
        return ""


class _Pieces:
    """What was drawn so far, up to a bound."""

    def __init__(self) -> None:
        self._found: list[str] = []
        self._characters = 0
        self.operators = 0

    def add(self, text: str) -> None:
        if self._characters < MAX_CHARACTERS:
            self._found.append(text)
            self._characters += len(text)

    def text(self) -> str:
        joined = "".join(self._found)[:MAX_CHARACTERS].replace("\x00", "")
        lines = (" ".join(line.split()) for line in joined.splitlines())
        return "\n".join(line for line in lines if line)


def _read(pdf: pikepdf.Pdf, holder: Any, pieces: _Pieces, *, depth: int) -> None:
    """The text operators of a page or of a form that it draws."""
    resources = _inherited(holder, "/Resources") or pikepdf.Dictionary()
    fonts = {str(name): font for name, font in (resources.get("/Font") or pikepdf.Dictionary()).items()}
    forms = {str(name): form for name, form in (resources.get("/XObject") or pikepdf.Dictionary()).items()}
    pen = _Pen(fonts, pieces)
    for instruction in pikepdf.parse_content_stream(holder):
        pieces.operators += 1
        if pieces.operators > MAX_OPERATORS:
            return
        operands: Any = instruction.operands
        sign = str(instruction.operator)
        if sign == "Do" and operands and depth < MAX_DEPTH:
            form = forms.get(str(operands[0]))
            if form is not None and str(form.get("/Subtype", "")) == "/Form":
                _read(pdf, form, pieces, depth=depth + 1)
        else:
            pen.follow(sign, operands)


class _Pen:
    """Turns the text operators into pieces, with the font at hand."""

    def __init__(self, fonts: dict[str, Any], pieces: _Pieces) -> None:
        self._fonts = fonts
        self._pieces = pieces
        self._tables: dict[str, tuple[Table, bool]] = {}
        self._font: tuple[Table, bool] = ({}, False)

    def follow(self, sign: str, operands: Any) -> None:
        """One operator; what is no text is passed over."""
        if sign in {"Td", "TD", "Tm"}:
            self._pieces.add(" " if sign == "Td" and operands and float(operands[-1]) == 0 else "\n")
        elif sign in {"T*", "ET"}:
            self._pieces.add("\n")
        elif not operands:
            return
        elif sign == "Tf":
            name = str(operands[0])
            if name not in self._tables:
                self._tables[name] = _table_of(self._fonts.get(name))
            self._font = self._tables[name]
        elif sign in {"Tj", "'", '"'}:
            self._pieces.add("" if sign == "Tj" else "\n")
            self._write(operands[-1])
        elif sign == "TJ":
            for item in operands[0]:
                if isinstance(item, pikepdf.String):
                    self._write(item)
                elif float(item) < _GAP:
                    self._pieces.add(" ")

    def _write(self, raw: Any) -> None:
        table, is_wide = self._font
        self._pieces.add(_decode(bytes(raw), table, is_wide=is_wide))


def _inherited(holder: Any, key: str) -> Any:
    """An attribute of a page, or of the nearest page tree node above that has it."""
    for _ in range(20):
        if key in holder:
            return holder[key]
        if "/Parent" not in holder:
            return None
        holder = holder["/Parent"]
    return None


def _table_of(font: Any) -> tuple[Table, bool]:
    """Code → text of a font, and whether its codes are two bytes wide."""
    if font is None:
        return {}, False
    is_wide = str(font.get("/Subtype", "")) == "/Type0"
    mapping = font.get("/ToUnicode")
    if not isinstance(mapping, pikepdf.Stream):
        return {}, is_wide
    source = mapping.read_bytes()
    return (_cmap(source) if len(source) <= MAX_STREAM else {}), is_wide


def _cmap(source: bytes) -> Table:
    """The `bfchar` and `bfrange` parts of a ToUnicode table."""
    table: Table = {}
    for kind, body in re.findall(rb"begin(bfchar|bfrange)(.*?)endbf", source, re.DOTALL):
        tokens = [found for found in _HEX.finditer(body) if not found[4]]
        index = 0
        while index < len(tokens) and len(table) < MAX_CHARACTERS:
            index = _entry(kind, tokens, index, table)
    return table


def _entry(kind: bytes, tokens: list[re.Match[bytes]], index: int, table: Table) -> int:
    """Read one line of such a part into the table; returns where the next begins."""
    width = 2 if kind == b"bfchar" else 3
    if index + width > len(tokens):
        return len(tokens)
    codes = [_number(token) for token in tokens[index : index + width - 1]]
    target = tokens[index + width - 1]
    if kind == b"bfchar":
        table[codes[0]] = _unicode(target)
        return index + width
    if target[2]:  # an array: one text a code
        end = index + width
        for code in range(codes[0], codes[1] + 1):
            if end >= len(tokens) or tokens[end][3]:
                break
            table[code] = _unicode(tokens[end])
            end += 1
        while end < len(tokens) and not tokens[end][3]:
            end += 1
        return end + 1
    first = _unicode(target)
    if first:
        for offset in range(min(codes[1] - codes[0], 0xFFFF) + 1):
            table[codes[0] + offset] = first[:-1] + chr(min(ord(first[-1]) + offset, 0x10FFFF))
    return index + width


def _number(token: re.Match[bytes]) -> int:
    digits = b"".join((token[1] or b"").split())
    return int(digits, 16) if digits else 0


def _unicode(token: re.Match[bytes]) -> str:
    digits = b"".join((token[1] or b"").split())
    return bytes.fromhex(digits.decode()).decode("utf-16-be", "ignore") if len(digits) % 4 == 0 else ""


def _decode(raw: bytes, table: Table, *, is_wide: bool) -> str:
    if is_wide:
        codes = [int.from_bytes(raw[at : at + 2]) for at in range(0, len(raw) - 1, 2)]
        return "".join(table.get(code, "") for code in codes)
    if table:
        return "".join(table.get(code, chr(code)) for code in raw)
    return raw.decode("cp1252", "replace")
