"""A document of answers as a Word document, as a tagged PDF, and as a workbook; from its content as plain values."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

from ibnportal.core import exports, pdf
from ibnportal.core.ui import drawings, formats
from ibnportal.portal.answers.files import (
    marked,
    narrowed_to,
    number_format,
    sentence,
    sources_of,
    without_rules,
    written,
)
from ibnportal.portal.answers.table import Column, Kind

A4_MM, MARGIN_MM, POINTS_IN_MM = (210, 297), 22, 72 / 25.4
TYPEFACE, NOTE, CAPTION = "Arial", "Noot", "Bijschrift"
HIGHEST_MM = 220
"""How high a drawing may be on the page of the letter."""
INK, GREY, LINE = "1D1D1B", "55554F", "B5B5AE"
LETTERS_PT = (9.0, 8.5, 8.0, 7.5, 7.0)
"""Sizes of the letters of a table in the Word document, the first that fits."""
LETTER_WIDTH, BOLD, CELL_PT, AROUND_PT = 0.58, 1.12, 11.5, 1.5
"""Width of a letter as a part of its size, and how much more of a bold one; what a cell keeps free beside and above and below its text, in points."""
SHORTEST = 4.5
WIDEST_COLUMN = 60
"""How wide a column of the workbook becomes, in letters."""
_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def name_of(content: Mapping[str, Any]) -> str:
    """`antwoord-op-vraag-98-2019-11-07`: the name of its files, without an extension."""
    slug = re.sub(r"[^a-z0-9]+", "-", content["title"].casefold()).strip("-")[:60]
    return f"{slug or 'antwoorden'}-{content['as_of']}"


def sections(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The parts as people read them: text, heading, chart with its number, heads, rows as text, footnotes, remarks, sources."""
    made = [_section(part) for part in content["parts"]]
    for number, section in enumerate((one for one in made if one["chart"]), start=1):
        left_out = section["chart"].get("left_out", 0)
        beside = f" (zonder {left_out} van {len(section['rows'])}, waarvan geen cijfer gekend is)" if left_out else ""
        section["caption"] = f"Figuur {number}. {section['chart']['title']}{beside}"
    return made


def _section(part: Mapping[str, Any]) -> dict[str, Any]:
    answer = part["answer"]
    section: dict[str, Any] = {
        "paragraphs": [line for line in part["text"].split("\n\n") if line.strip()],
        "title": "",
        "chart": None,
    }
    if answer is None:
        return section
    columns = [Column(c["key"], c["title"], Kind(c["kind"]), c["definition"]) for c in answer["columns"]]
    notes_of = [[*filter(None, [row["note"]]), *row.get("said_otherwise", ())] for row in answer["rows"]]
    notes = list(dict.fromkeys(note for own in notes_of for note in own))
    rows = [[_cell(row["cells"].get(c.key), c) for c in columns] for row in answer["rows"]]
    for shown, own in zip(rows, notes_of, strict=True):
        shown[0] = marked(shown[0], own, notes)
    total = (
        [_cell(answer["total"][c.key], c) if c.key in answer["total"] else "" for c in columns]
        if answer["total"]
        else []
    )
    if total:
        total[0] = total[0] or "Totaal"
    told = sources_of(source for row in answer["rows"] for source in row["sources"])
    section |= {
        "title": answer["title"],
        "about": f"{answer['id']}, {answer['asked_by']}",
        "heads": [column.title for column in columns],
        "rows": rows,
        "total": total,
        "figures": [place for place, column in enumerate(columns) if column.is_figure],
        "unanswered": answer["unanswered"],
        "chart": answer.get("chart"),  # a document frozen before there were charts has none
        "footnotes": [without_rules(f"({number}) {sentence(note)}") for number, note in enumerate(notes, start=1)],
        "remarks": [
            without_rules(line)
            for line in (
                *narrowed_to(answer["parameters"]),
                *([f"Basis: {answer['base']}"] if answer["base"] else []),
                *([f"Dekking: {answer['coverage']}"] if answer["coverage"] else []),
                *[f"{column.title}: {column.definition}" for column in columns if column.definition and rows],
                *answer["notes"],
            )
        ],
        "sources": "; ".join(told),
    }
    return section


def _cell(value: Any, column: Column) -> str:
    if value is None or value == "":
        return "–"
    if column.kind is Kind.DATE:
        return formats.short_date(date.fromisoformat(value))
    return without_rules(written(Decimal(str(value)) if column.is_figure else str(value), column))


def as_pdf(content: Mapping[str, Any], *, frozen_on: date, sha256: str) -> bytes:
    """The tagged PDF."""
    as_of = date.fromisoformat(content["as_of"])
    context = {
        "content": content,
        "sections": sections(content),
        "as_of": as_of,
        "frozen_on": frozen_on,
        "sha256": sha256,
    }
    return pdf.render("pdf/answers.html", context, title=content["title"])


def as_docx(content: Mapping[str, Any], *, frozen_on: date, sha256: str) -> bytes:
    """The Word document, on A4: headings, tables within the page with their head repeated, footnotes and sources under each, pages numbered."""
    from docx import Document  # noqa: PLC0415 - only who asks for a document pays for the library

    document = Document()
    as_of = f"Stand op {formats.long_date(date.fromisoformat(content['as_of']))}"
    properties = document.core_properties
    properties.title, properties.author, properties.comments = _plain(content["title"]), "IBN-portaal", ""
    _dress(document)
    _number_pages(document, f"{_plain(content['title'])} · {as_of}")
    document.add_heading(_plain(content["title"]), level=0)
    document.add_paragraph(f"{as_of}. Vastgelegd op {formats.long_date(frozen_on)}.")
    for section in sections(content):
        if section["title"]:
            document.add_heading(_plain(section["title"]), level=1)
        for text in section["paragraphs"]:
            document.add_paragraph(_plain(text)).paragraph_format.keep_with_next = bool(section["title"])
        if section["title"]:
            _add_answer(document, section)
    document.add_paragraph(f"Controlegetal van de inhoud: {sha256}", style=NOTE)
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def _dress(document: Any) -> None:
    """A4, one plain typeface that every office has, Dutch, and a style for what stands under a table."""
    from docx.enum.style import WD_STYLE_TYPE  # noqa: PLC0415
    from docx.oxml.ns import qn  # noqa: PLC0415
    from docx.shared import Mm, Pt, RGBColor  # noqa: PLC0415

    page = document.sections[0]
    page.page_width, page.page_height = Mm(A4_MM[0]), Mm(A4_MM[1])
    page.left_margin = page.right_margin = page.top_margin = page.bottom_margin = Mm(MARGIN_MM)
    for name in (NOTE, CAPTION):
        document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH).base_style = document.styles["Normal"]
    sizes = {
        "Normal": (10, 6), "Title": (20, 8), "Heading 1": (13, 4), NOTE: (8, 2), CAPTION: (9, 10), "Footer": (8, 0),
    }  # fmt: skip
    for name, (size, after) in sizes.items():
        style = document.styles[name]
        style.font.name, style.font.size = TYPEFACE, Pt(size)
        style.font.color.rgb = RGBColor.from_string(GREY if name in {NOTE, CAPTION, "Footer"} else INK)
        style.paragraph_format.space_after, style.paragraph_format.line_spacing = Pt(after), 1.1
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for key in [key for key in fonts.attrib if key.endswith("Theme")]:
            del fonts.attrib[key]  # the typeface of a theme goes before the one that is named
    document.styles["Heading 1"].paragraph_format.space_before = Pt(16)
    normal = document.styles["Normal"].element.get_or_add_rPr()
    normal.append(normal.makeelement(qn("w:lang"), {qn("w:val"): "nl-BE"}))


def _number_pages(document: Any, text: str) -> None:
    """What this is, and which page of how many, at the foot of each."""
    from docx.oxml import OxmlElement  # noqa: PLC0415
    from docx.oxml.ns import qn  # noqa: PLC0415

    line = document.sections[0].footer.paragraphs[0]
    line.add_run(f"{text} · blz. ")
    for field, after in (("PAGE", " van "), ("NUMPAGES", "")):
        counted = OxmlElement("w:fldSimple")
        counted.set(qn("w:instr"), field)
        line._p.append(counted)  # noqa: SLF001 - python-docx has no fields
        line.add_run(after)


def _add_answer(document: Any, section: Mapping[str, Any]) -> None:
    if section["unanswered"]:
        document.add_paragraph(_plain(section["unanswered"]))
    if section["chart"]:
        _add_chart(document, section)
    if section["rows"]:
        _add_table(document, section)
    under = [*section["footnotes"], *section["remarks"]]
    if section["sources"]:
        under.append(f"Bronnen: {section['sources']}")
    for place, text in enumerate(under):
        paragraph = document.add_paragraph(_plain(text), style=NOTE)
        if not place:
            paragraph.paragraph_format.space_before = document.styles["Normal"].paragraph_format.space_after


def _add_chart(document: Any, section: Mapping[str, Any]) -> None:
    """The drawing as a picture within the page, with what it shows for who cannot see it, and its caption under it."""
    from docx.shared import Mm  # noqa: PLC0415

    width, height = size_of(section["chart"]["drawing"])
    image = pdf.picture(section["chart"]["drawing"], width_mm=width, height_mm=height)
    shape = document.add_picture(BytesIO(image), width=Mm(width))
    inline = shape._inline  # noqa: SLF001 - python-docx has no alternative texts
    inline.docPr.set("descr", _plain(section["chart"]["alt"]))
    for side in ("distT", "distB", "distL", "distR"):
        inline.set(side, "0")  # not every program takes what is not said for nothing
    document.paragraphs[-1].paragraph_format.keep_with_next = True
    document.add_paragraph(_plain(section["caption"]), style=CAPTION)


def size_of(drawing: str) -> tuple[float, float]:
    """Width and height of a drawing on the page of the letter, in mm: as wide as its text, and never more than a page high. Pure."""
    wide, high = drawings.shape_of(drawing)
    room = A4_MM[0] - 2 * MARGIN_MM
    width = min(room, wide * drawings.MM_IN_UNIT, HIGHEST_MM * wide / high)
    return round(width, 2), round(width * high / wide, 2)


def _add_table(document: Any, section: Mapping[str, Any]) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH  # noqa: PLC0415
    from docx.shared import Pt  # noqa: PLC0415

    heads = section["heads"]
    lines = [heads, *section["rows"], *([section["total"]] if section["total"] else [])]
    size, widths = widths_of(lines)
    grid = document.add_table(rows=len(lines), cols=len(heads))
    _rule(grid)
    for column, width in zip(grid.columns, widths, strict=True):
        column.width = Pt(width)
    for line, row in zip(lines, grid.rows, strict=True):
        is_bold = line is heads or line is section["total"]
        _keep_whole(row, is_head=line is heads)
        for place, (cell, text) in enumerate(zip(row.cells, line, strict=True)):
            cell.width = Pt(widths[place])
            paragraph = cell.paragraphs[0]
            run = paragraph.add_run(_plain(text))
            run.bold, run.font.size = is_bold, Pt(size)
            shape = paragraph.paragraph_format
            shape.space_before = shape.space_after = Pt(AROUND_PT)
            shape.keep_with_next = line is heads or line is lines[-2]
            if place in section["figures"]:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT


def widths_of(lines: Sequence[Sequence[str]]) -> tuple[float, list[float]]:
    """Size of the letters and width of each column, in points, for a table whose first line is its head. Pure.

    No word, date or amount is broken as long as the smallest letters allow it; what is left of the page goes to the columns with most text.
    """
    room = (A4_MM[0] - 2 * MARGIN_MM) * POINTS_IN_MM
    columns = list(zip(*lines, strict=True))
    for size in LETTERS_PT:
        letter = size * LETTER_WIDTH
        least = [_longest_word(column) * letter + CELL_PT for column in columns]
        if sum(least) <= room:
            break
    else:
        return size, [width * room / sum(least) for width in least]
    wanted = [
        max(max(map(len, column)) * letter + CELL_PT - width, 0) for column, width in zip(columns, least, strict=True)
    ]
    share = min((room - sum(least)) / (sum(wanted) or 1), 1)
    widths = [width + more * share for width, more in zip(least, wanted, strict=True)]
    return size, [width * room / sum(widths) for width in widths]


def _longest_word(column: Sequence[str]) -> float:
    """In letters; of the head, which is bold, and of a total, which may be. Spaces that do not break hold a date or an amount together.

    A short word may be of wide letters alone (“Kmo”), so none counts for less than SHORTEST.
    """
    head, *rest = [max(map(len, text.split(" "))) for text in column]
    return max([SHORTEST, head * BOLD, *rest[:-1], *(length * BOLD for length in rest[-1:])])


def _rule(grid: Any) -> None:
    """Thin lines between rows, and widths that no program computes anew."""
    from docx.oxml import OxmlElement  # noqa: PLC0415
    from docx.oxml.ns import qn  # noqa: PLC0415

    grid.autofit = False
    borders = OxmlElement("w:tblBorders")
    for edge in ("top", "bottom", "insideH"):
        line = OxmlElement(f"w:{edge}")
        for key, value in (("val", "single"), ("sz", "4"), ("space", "0"), ("color", LINE)):
            line.set(qn(f"w:{key}"), value)
        borders.append(line)
    grid._tbl.tblPr.append(borders)  # noqa: SLF001 - python-docx has no borders


def _keep_whole(row: Any, *, is_head: bool) -> None:
    """No row is split over two pages; the head stands on each."""
    from docx.oxml import OxmlElement  # noqa: PLC0415
    from docx.oxml.ns import qn  # noqa: PLC0415

    for name in ("w:cantSplit", *(("w:tblHeader",) if is_head else ())):
        mark = OxmlElement(name)
        mark.set(qn("w:val"), "true")
        row._tr.get_or_add_trPr().append(mark)  # noqa: SLF001 - python-docx has no public way


def as_xlsx(content: Mapping[str, Any]) -> bytes:
    """One sheet an answer: what it is and as of when, its table with numbers as numbers, and under it all that a reader has to know; no text becomes a formula."""
    from openpyxl import Workbook  # noqa: PLC0415 - heavy, and only wanted for an export
    from openpyxl.styles import Font  # noqa: PLC0415

    book = Workbook()
    book.remove(book.active)
    about = f"{content['title']}, stand op {date.fromisoformat(content['as_of']):%d/%m/%Y}"
    for place, (part, section) in enumerate(zip(content["parts"], sections(content), strict=True), start=1):
        sheet = book.create_sheet(f"{place}. {section.get('about', 'Tekst')}"[:31].replace("/", "-"))
        above, table, under = _lines(part, section)
        for line in ([about], *above, *([[]] if table else []), *table, *([[]] if table else []), *under):
            sheet.append([_plain(value) if isinstance(value, str) else value for value in line])
        for cells in sheet.iter_rows():
            for cell in cells:
                if isinstance(cell.value, str):
                    cell.data_type = "s"
        if section["title"]:
            sheet["A2"].font = Font(bold=True, size=13)
        if table:
            _set(sheet, part["answer"]["columns"], table, first=len(above) + 3)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _set(sheet: Any, columns: Sequence[Mapping[str, Any]], table: Sequence[Sequence[Any]], *, first: int) -> None:
    """A table that begins on row `first`: its head in bold and in sight, each column as wide as what is in it, numbers as its kind is written."""
    from openpyxl.styles import Font  # noqa: PLC0415
    from openpyxl.utils import get_column_letter  # noqa: PLC0415

    for cell in sheet[first]:
        cell.font = Font(bold=True)
    sheet.freeze_panes = sheet.cell(first + 1, 2)
    for place, (column, values) in enumerate(zip(columns, zip(*table, strict=True), strict=True)):
        told = values[1:]
        width = max(len(str(value)) for value in values if value is not None)
        sheet.column_dimensions[get_column_letter(place + 1)].width = min(width, WIDEST_COLUMN) + 2
        for row in range(first + 1, first + len(table)):
            sheet.cell(row, place + 1).number_format = number_format(Kind(column["kind"]), told) or "General"


def as_csv(content: Mapping[str, Any]) -> bytes:
    """Every answer under the other in one file: its title, its heads, its rows, its footnotes and sources; a blank line between two."""
    lines: list[list[Any]] = []
    for part, section in zip(content["parts"], sections(content), strict=True):
        for block in _lines(part, section):
            lines += block
        lines.append([])
    as_of = date.fromisoformat(content["as_of"])
    return exports.content("csv", "antwoorden", [content["title"], f"Stand op {as_of:%d/%m/%Y}"], lines)


Lines = list[list[Any]]


def _lines(part: Mapping[str, Any], section: Mapping[str, Any]) -> tuple[Lines, Lines, Lines]:
    """A part for a spreadsheet: what stands above its table, the table with its head and total as values, and what stands under it."""
    above = [[text] for text in (section["title"], *section["paragraphs"]) if text]
    answer = part["answer"]
    if answer is None:
        return above, [], []
    table: Lines = []
    if section["rows"]:
        columns = answer["columns"]
        table = [section["heads"], *([_value(row["cells"].get(c["key"]), c["kind"]) for c in columns] for row in answer["rows"])]  # fmt: skip
        for line, shown in zip(table[1:], section["rows"], strict=True):
            line[0] = shown[0] if columns[0]["kind"] == Kind.TEXT else line[0]  # with the numbers of its footnotes
        if section["total"]:
            total = [_value(answer["total"].get(c["key"]), c["kind"]) for c in columns]
            table.append(["Totaal" if total[0] is None else total[0], *total[1:]])
    told = (section["unanswered"], *section["footnotes"], *section["remarks"])
    under = [[text] for text in told if text]
    return above, table, [*under, *([[f"Bronnen: {section['sources']}"]] if section["sources"] else [])]


def _value(value: Any, kind: str) -> Any:
    """A value of a frozen answer as a spreadsheet takes it: a number, a day or a text."""
    if value is None or kind == Kind.TEXT:
        return value
    return date.fromisoformat(value) if kind == Kind.DATE else Decimal(str(value))


def _plain(text: str) -> str:
    """What XML can hold."""
    return _NOT_IN_XML.sub("", text)
