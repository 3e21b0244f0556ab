"""One version of an agreement as a tagged PDF and as a Word document, from what was frozen when it was asked for.

Both say the same, article by article; the Word document is there to be completed and signed, the PDF to be read and kept.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from io import BytesIO
from typing import Any

from ibnportal.core import pdf
from ibnportal.core.ui import formats
from monitoring.models import AgreementPaper

_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
NOTHING = "niet ingevuld"


@dataclass(frozen=True, slots=True)
class Table:
    """Heads and rows; the columns of `numbers` (from 0) are amounts or figures, the last row may be a sum."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...] = ()
    has_total: bool = False


@dataclass(frozen=True, slots=True)
class Article:
    """One article: its title, paragraphs, facts (term, value), and tables."""

    title: str
    paragraphs: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    tables: tuple[Table, ...] = ()


def name_of(paper: AgreementPaper) -> str:
    """The name of its files, without an extension."""
    return f"overeenkomst-{paper.content['terms']['network']['code']}-versie{paper.version}"


def title_of(paper: AgreementPaper) -> str:
    """`Overeenkomst IBN-2025-013-N: Digitale keten`."""
    network = paper.content["terms"]["network"]
    return f"Overeenkomst {network['code']}: {network['name']}"


def as_pdf(paper: AgreementPaper) -> bytes:
    """The tagged PDF."""
    context = {
        "paper": paper,
        "terms": paper.content["terms"],
        "articles": articles(paper.content),
        "parties": parties(paper),
    }
    return pdf.render("pdf/agreement.html", context, title=title_of(paper))


def parties(paper: AgreementPaper) -> tuple[str, str]:
    """Who agrees, in one line each."""
    terms = paper.content["terms"]
    beneficiary = terms["beneficiary"]
    form = beneficiary["legal_form"]
    is_named = beneficiary["name"].casefold().endswith(form.casefold())
    details = ["" if is_named else form, beneficiary["number"], beneficiary["address"]]
    return terms["fund"], ", ".join(part for part in (beneficiary["name"], *details) if part)


def articles(content: Mapping[str, Any]) -> list[Article]:
    """The text, article by article."""
    terms, status = content["terms"], content["status"]
    found = [
        _subject(terms),
        _period(terms, status),
        _support(terms),
        _conditions(terms, status),
        _indicators(terms),
        _following(),
    ]
    if terms["amendments"]:
        found.append(_amendments(terms))
    return found


def _subject(terms: Mapping[str, Any]) -> Article:
    decision, call = terms["decision"], terms["call"]
    return Article(
        "Voorwerp",
        (
            (
                f"{decision['body']} besliste op {_day(decision['decided_on'])} om het netwerk {terms['network']['name']} te steunen "
                f"(dossier {decision['number']}, {call['name']}, regels versie {terms['rules_version']}). "
                "De begunstigde voert het project uit zoals het in de aanvraag staat en zoals het hieronder is vastgelegd."
            ),
        ),
    )


def _period(terms: Mapping[str, Any], status: Mapping[str, Any]) -> Article:
    facts = [("Start", _day(terms["start_on"])), ("Einde", _day(terms["end_on"]))]
    if status["founded_on"]:
        facts.append(("Begunstigde opgericht op", _day(status["founded_on"])))
    return Article("Looptijd", facts=tuple(facts))


def _support(terms: Mapping[str, Any]) -> Article:
    rows = [
        (f"Jaar {year['year']}", _day(year["starts_on"]), _day(year["ends_on"]), _euro(year["amount"]))
        for year in terms["years"]
    ]
    rows.append(("Samen", "", "", _euro(terms["total"])))
    return Article(
        "Steun per projectjaar",
        (
            "De bedragen zijn maxima. Wat in een jaar niet verschuldigd blijkt, gaat niet naar een ander jaar.",
            f"Uitbetalingen gaan naar rekening {terms['iban'] or NOTHING}.",
        ),
        tables=(
            Table(
                ("Projectjaar", "Van", "Tot en met", "Ten hoogste"),
                tuple(rows),
                numbers=(len(rows[0]) - 1,),
                has_total=True,
            ),
        ),
    )


def _conditions(terms: Mapping[str, Any], status: Mapping[str, Any]) -> Article:
    rows = []
    for condition, met in zip(terms["conditions"], status["conditions"], strict=True):
        kind = condition["kind"] + (", vóór de ondertekening" if condition["is_blocking"] else "")
        state = f"Vervuld op {_day(met['met_on'])}. {met['note']}" if met["met_on"] else "Nog te vervullen"
        rows.append((kind, condition["text"], state))
    if not rows:
        return Article("Voorwaarden", ("De beslissing legt geen bijzondere voorwaarden op.",))
    return Article("Voorwaarden", tables=(Table(("Soort", "Voorwaarde", "Stand"), tuple(rows)),))


def _indicators(terms: Mapping[str, Any]) -> Article:
    figures = Table(
        ("Indicator", "Bij de start", "Streefwaarde"),
        tuple((kpi["label"], _number(kpi["baseline"]), _number(kpi["target"])) for kpi in terms["kpis"]),
        numbers=(1, 2),
    )
    facts: list[tuple[str, str]] = []
    for kpi in terms["kpis"]:
        how = f" Meting: {kpi['method']}" if kpi["method"] else ""
        facts.append((kpi["label"], f"{kpi['definition'] or NOTHING}{how}"))
    return Article(
        "Indicatoren",
        ("De begunstigde meet deze indicatoren zoals hier bepaald en meldt ze in elk jaarverslag.",),
        tuple(facts),
        (figures,) if terms["kpis"] else (),
    )


def _following() -> Article:
    return Article(
        "Opvolging",
        (
            (
                "De begunstigde dient na elk projectjaar een inhoudelijk en financieel jaarverslag in, nodigt de accountmanager uit op elke "
                "stuurgroep en houdt de kosten en inkomsten van het project gescheiden in de boekhouding."
            ),
        ),
    )


def _amendments(terms: Mapping[str, Any]) -> Article:
    rows = []
    for amendment in terms["amendments"]:
        changes = "; ".join(
            f"{change['name']}: {change_text(change['name'], change['old'])} wordt {change_text(change['name'], change['new'])}"
            for change in amendment["changes"]
        )
        rows.append(
            (
                str(amendment["number"]),
                _day(amendment["made_on"]),
                f"{amendment['subject']}. {changes}",
                amendment["reason"],
            )
        )
    return Article(
        "Addenda",
        ("Deze tekst is bijgewerkt tot en met het laatste addendum.",),
        tables=(Table(("Nr.", "Datum", "Wat wijzigt", "Waarom"), tuple(rows)),),
    )


def change_text(name: str, value: str) -> str:
    """One side of a change, as people read it: an amount, a date, a figure or a name."""
    return _euro(value) if name.startswith("Jaar ") and value else _value(value)


def _value(text: str) -> str:
    """A value of an amendment: a date, an amount or figure, or a name."""
    if not text:
        return "niets"
    try:
        return _day(date.fromisoformat(text).isoformat())
    except ValueError:
        pass
    try:
        return formats.number(Decimal(text))
    except InvalidOperation:
        return text


def _day(text: str) -> str:
    return formats.plain_date(date.fromisoformat(text)) if text else NOTHING


def _euro(text: str) -> str:
    return formats.euro(Decimal(text)) if text else NOTHING


def _number(text: str) -> str:
    return formats.number(Decimal(text)) if text else "geen"


# ---------------------------------------------------------------- Word


def as_docx(paper: AgreementPaper) -> bytes:
    """The same as a Word document in Dutch, with headings, header rows and a place to sign."""
    from docx import Document  # noqa: PLC0415 - only who asks for a document pays for the library

    document = Document()
    document.core_properties.title = _plain(title_of(paper))
    document.core_properties.author = "IBN-portaal"
    document.core_properties.language = "nl-BE"
    _in_dutch(document)
    document.add_heading(_plain(title_of(paper)), level=0)
    document.add_paragraph(f"Versie {paper.version} van {formats.plain_date(paper.requested_at)}")
    for number, party in enumerate(parties(paper), start=1):
        document.add_paragraph(_plain(f"Partij {number}: {party}"))
    for number, article in enumerate(articles(paper.content), start=1):
        document.add_heading(f"{number}. {_plain(article.title)}", level=1)
        for text in article.paragraphs:
            document.add_paragraph(_plain(text))
        for table in article.tables:
            _add_table(document, table)
        for term, text in article.facts:
            paragraph = document.add_paragraph()
            paragraph.add_run(f"{_plain(term)}: ").bold = True
            paragraph.add_run(_plain(text))
    document.add_heading("Handtekeningen", level=1)
    _add_table(document, Table(("Voor het fonds", "Voor de begunstigde"), (("\n\nNaam en functie:\n\nDatum:\n",) * 2,)))
    document.add_paragraph(f"Controlegetal van de inhoud: {paper.content_hash}")
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def _in_dutch(document: Any) -> None:
    from docx.oxml.ns import qn  # noqa: PLC0415

    properties = document.styles["Normal"].element.get_or_add_rPr()
    properties.append(properties.makeelement(qn("w:lang"), {qn("w:val"): "nl-BE"}))


def _add_table(document: Any, table: Table) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH  # noqa: PLC0415
    from docx.oxml import OxmlElement  # noqa: PLC0415
    from docx.oxml.ns import qn  # noqa: PLC0415

    grid = document.add_table(rows=1, cols=len(table.heads), style="Table Grid")
    head = OxmlElement("w:tblHeader")
    head.set(qn("w:val"), "true")
    grid.rows[0]._tr.get_or_add_trPr().append(head)  # noqa: SLF001 - python-docx has no public way to repeat a head
    for cell, text in zip(grid.rows[0].cells, table.heads, strict=True):
        cell.paragraphs[0].add_run(_plain(text)).bold = True
    for row in table.rows:
        for column, (cell, text) in enumerate(_cells(grid.add_row().cells, row)):
            is_total = table.has_total and row is table.rows[-1]
            cell.paragraphs[0].add_run(_plain(text)).bold = is_total
            if column in table.numbers:
                cell.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.RIGHT
    document.add_paragraph()


def _cells(cells: Any, row: tuple[str, ...]) -> Iterator[tuple[Any, str]]:
    return zip(cells, row, strict=True)


def _plain(text: str) -> str:
    """What XML can hold."""
    return _NOT_IN_XML.sub("", text)
