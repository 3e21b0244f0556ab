"""A document of answers as a Word document, as a tagged PDF, and as a workbook; from its content as plain values."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

from ibnportal.core import exports, pdf
from ibnportal.core.ui import formats
from ibnportal.portal.answers.files import written
from ibnportal.portal.answers.table import Column, Kind

_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def name_of(content: Mapping[str, Any]) -> str:
    """`antwoord-op-vraag-98-2019-11-07`: the name of its files, without an extension."""
    slug = re.sub(r"[^a-z0-9]+", "-", content["title"].casefold()).strip("-")[:60]
    return f"{slug or 'antwoorden'}-{content['as_of']}"


def sections(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The parts as people read them: text, heading, heads, rows as text, footnotes, remarks, sources."""
    return [_section(part) for part in content["parts"]]


def _section(part: Mapping[str, Any]) -> dict[str, Any]:
    answer = part["answer"]
    section: dict[str, Any] = {"paragraphs": [line for line in part["text"].split("\n\n") if line.strip()], "title": ""}
    if answer is None:
        return section
    columns = [Column(c["key"], c["title"], Kind(c["kind"]), c["definition"]) for c in answer["columns"]]
    notes = list(dict.fromkeys(row["note"] for row in answer["rows"] if row["note"]))
    rows = [[_cell(row["cells"].get(c.key), c) for c in columns] for row in answer["rows"]]
    for shown, row in zip(rows, answer["rows"], strict=True):
        if row["note"]:
            shown[0] += f" ({notes.index(row['note']) + 1})"
    total = (
        [_cell(answer["total"][c.key], c) if c.key in answer["total"] else "" for c in columns]
        if answer["total"]
        else []
    )
    if total:
        total[0] = total[0] or "Totaal"
    told = list(dict.fromkeys(source for row in answer["rows"] for source in row["sources"]))
    section |= {
        "title": answer["title"],
        "about": f"{answer['id']}, {answer['asked_by']}",
        "heads": [column.title for column in columns],
        "rows": rows,
        "total": total,
        "figures": [place for place, column in enumerate(columns) if column.is_figure],
        "unanswered": answer["unanswered"],
        "footnotes": [f"({number}) {note}" for number, note in enumerate(notes, start=1)],
        "remarks": [
            *([f"Basis: {answer['base']}"] if answer["base"] else []),
            *([f"Dekking: {answer['coverage']}"] if answer["coverage"] else []),
            *[f"{column.title}: {column.definition}" for column in columns if column.definition and rows],
            *answer["notes"],
        ],
        "sources": "; ".join(told),
    }
    return section


def _cell(value: Any, column: Column) -> str:
    if value is None or value == "":
        return "–"
    if column.kind is Kind.DATE:
        return formats.short_date(date.fromisoformat(value))
    return written(Decimal(str(value)) if column.is_figure else str(value), column)


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
    """The Word document: headings, tables with header rows, footnotes and sources under each."""
    from docx import Document  # noqa: PLC0415 - only who asks for a document pays for the library
    from docx.oxml.ns import qn  # noqa: PLC0415

    document = Document()
    document.core_properties.title = _plain(content["title"])
    document.core_properties.author = "IBN-portaal"
    properties = document.styles["Normal"].element.get_or_add_rPr()
    properties.append(properties.makeelement(qn("w:lang"), {qn("w:val"): "nl-BE"}))
    document.add_heading(_plain(content["title"]), level=0)
    document.add_paragraph(
        f"Stand op {formats.long_date(date.fromisoformat(content['as_of']))}. Vastgelegd op {formats.long_date(frozen_on)}."
    )
    for section in sections(content):
        if section["title"]:
            document.add_heading(_plain(section["title"]), level=1)
        for text in section["paragraphs"]:
            document.add_paragraph(_plain(text))
        if section["title"]:
            _add_answer(document, section)
    document.add_paragraph(f"Controlegetal van de inhoud: {sha256}")
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def _add_answer(document: Any, section: Mapping[str, Any]) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH  # noqa: PLC0415
    from docx.oxml import OxmlElement  # noqa: PLC0415
    from docx.oxml.ns import qn  # noqa: PLC0415

    if section["unanswered"]:
        document.add_paragraph(_plain(section["unanswered"]))
    if section["rows"]:
        grid = document.add_table(rows=1, cols=len(section["heads"]), style="Table Grid")
        head = OxmlElement("w:tblHeader")
        head.set(qn("w:val"), "true")
        grid.rows[0]._tr.get_or_add_trPr().append(head)  # noqa: SLF001 - python-docx has no public way to repeat a head
        for cell, text in zip(grid.rows[0].cells, section["heads"], strict=True):
            cell.paragraphs[0].add_run(_plain(text)).bold = True
        for row in (*section["rows"], *([section["total"]] if section["total"] else [])):
            for place, (cell, text) in enumerate(zip(grid.add_row().cells, row, strict=True)):
                cell.paragraphs[0].add_run(_plain(text)).bold = row is section["total"]
                if place in section["figures"]:
                    cell.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.RIGHT
    for text in (*section["footnotes"], *section["remarks"]):
        document.add_paragraph(_plain(text))
    if section["sources"]:
        document.add_paragraph(_plain(f"Bronnen: {section['sources']}"))


def as_xlsx(content: Mapping[str, Any]) -> bytes:
    """One sheet an answer; text never becomes a formula."""
    from openpyxl import Workbook  # noqa: PLC0415 - heavy, and only wanted for an export

    book = Workbook()
    book.remove(book.active)
    for place, section in enumerate(sections(content), start=1):
        sheet = book.create_sheet(f"{place}. {section.get('about', 'Tekst')}"[:31].replace("/", "-"))
        lines = [[section["title"]], *[[text] for text in section["paragraphs"]]]
        if section["title"]:
            answer = content["parts"][place - 1]["answer"]
            figures = {c["key"] for c in answer["columns"] if c["kind"] in {"number", "euro", "percent"}}
            lines += [[], section["heads"]]
            for row in answer["rows"]:
                lines.append(
                    [_number(row["cells"].get(c["key"]), is_figure=c["key"] in figures) for c in answer["columns"]]
                )
            lines += [
                [],
                *[[text] for text in (*section["footnotes"], *section["remarks"])],
                [f"Bronnen: {section['sources']}"],
            ]
        for line in lines:
            sheet.append([_plain(value) if isinstance(value, str) else value for value in line])
        for cells in sheet.iter_rows():
            for cell in cells:
                if isinstance(cell.value, str):
                    cell.data_type = "s"
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def as_csv(content: Mapping[str, Any]) -> bytes:
    """Every answer under the other in one file: its title, its heads, its rows, its footnotes and sources; a blank line between two."""
    lines: list[list[Any]] = []
    for part, section in zip(content["parts"], sections(content), strict=True):
        lines += [[section["title"]]] if section["title"] else []
        lines += [[text] for text in section["paragraphs"]]
        if part["answer"] is not None:
            columns = part["answer"]["columns"]
            figures = {c["key"] for c in columns if c["kind"] in {"number", "euro", "percent"}}
            lines += [section["heads"]] if section["rows"] else []
            lines += [[_number(row["cells"].get(c["key"]), is_figure=c["key"] in figures) for c in columns] for row in part["answer"]["rows"]]  # fmt: skip
            lines += [[text] for text in (section["unanswered"], *section["footnotes"], *section["remarks"]) if text]
            lines += [[f"Bronnen: {section['sources']}"]] if section["sources"] else []
        lines.append([])
    as_of = date.fromisoformat(content["as_of"])
    return exports.content("csv", "antwoorden", [content["title"], f"Stand op {as_of:%d/%m/%Y}"], lines)


def _number(value: Any, *, is_figure: bool) -> Any:
    return Decimal(str(value)) if is_figure and value is not None else value


def _plain(text: str) -> str:
    """What XML can hold."""
    return _NOT_IN_XML.sub("", text)
