"""An answer as text for a letter, as csv or xlsx for a spreadsheet, as json for a machine."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import zip_longest
from textwrap import wrap
from typing import Any

from ibnportal.core import exports
from ibnportal.core.places import Province
from ibnportal.core.ui import formats
from ibnportal.portal.answers.asking import Asked
from ibnportal.portal.answers.register import Question
from ibnportal.portal.answers.table import Answer, Behind, Column, Each, Kind, Row, Value, sources_behind
from monitoring.enums import NetworkType, SizeClass

FORMATS = ("table", "csv", "json", "xlsx")
WIDEST, HEAD = 46, 18
"""How wide a column of plain text is at most, and its head at least before it goes on a next line."""
_RULE = re.compile(r" ?\((?:HK|HE|H|LES|SPC)-\d+[a-z]?\)")
DAY_MONTH_YEAR = 3
MOST_SOURCES = 15


def written(value: Value, column: Column) -> str:
    """A cell as people read it; a dash where nothing is known."""
    if value is None:
        return "–"
    if isinstance(value, date):
        return formats.short_date(value)
    if isinstance(value, str):
        return value
    if column.kind is Kind.EURO:
        return formats.euro(value, cents=value != int(value))
    if column.kind is Kind.PERCENT:
        return formats.percent(value, 0)
    return formats.number(value)


def name_of(question: Question, asked: Asked) -> str:
    """`qp-06-2017-03-31`: the name of the file."""
    return f"{question.slug}-{asked.as_of.isoformat()}"


def content(format_: str, question: Question, asked: Asked, answer: Answer) -> bytes:
    """The answer in one of FORMATS."""
    if format_ == "json":
        return json.dumps(as_data(question, asked, answer), ensure_ascii=False, indent=2).encode()
    if format_ == "table":
        return text(question, asked, answer).encode()
    lines = answer.lines()
    # Without an answer the reason stands under Opmerking: the columns stay what a program reads.
    why_none: list[Value] = [*([None] * len(answer.columns)), answer.unanswered, None]
    rows = [[_shortest(value) for value in line] for line in lines] or [why_none]
    columns = [(column.kind, [row.cells.get(column.key) for row in answer.rows]) for column in answer.columns]
    written_as = [number_format(kind, values) for kind, values in columns]
    return exports.content(
        format_, question.id, answer.heads(), rows, notes=explained(question, asked, answer), formats=written_as
    )


def number_format(kind: Kind, values: Iterable[Value]) -> str:
    """How a spreadsheet writes a column of this kind: amounts in euro, with cents where one has them, shares in per cent; "" for text. Pure."""
    is_whole = all(value == int(value) for value in values if isinstance(value, Decimal | int))
    return {
        Kind.EURO: '"€" #,##0' if is_whole else '"€" #,##0.00',
        Kind.NUMBER: "#,##0" if is_whole else "#,##0.0#",
        Kind.PERCENT: "0 %",
        Kind.DATE: "d/mm/yyyy",
    }.get(kind, "")


def _shortest(value: Value) -> Value:
    """A number without the noughts that its column of the database keeps: a count is 140 and not 140.00; a text without our rules."""
    if isinstance(value, Decimal):
        return Decimal(plain(value))
    return without_rules(value) if isinstance(value, str) else value


def explained(question: Question, asked: Asked, answer: Answer) -> list[tuple[str, str]]:
    """What a reader has to know beside the table: date, filters, base, coverage, definitions, notes."""
    lines = [("Vraag", f"{question.id}: {question.title}"), ("Gesteld in", f"{question.asked_by}, {question.where}")]
    lines += [(name.capitalize(), value) for name, value in asked.kept().items()]
    lines += [("Basis", answer.base), ("Dekking", answer.coverage)]
    lines += [
        (column.title, f"{column.definition}{f' ({column.basis})' if column.basis else ''}".strip())
        for column in answer.columns
        if column.definition or column.basis
    ]
    lines += [("Opmerking", note) for note in answer.notes]
    if answer.unanswered:
        lines.append(("Niet te beantwoorden", answer.unanswered))
    return [(label, without_rules(value)) for label, value in lines if value]


def as_data(question: Question, asked: Asked, answer: Answer) -> dict[str, Any]:
    """Plain values: amounts as text with a point, dates in ISO; also what a frozen document keeps."""
    return {
        "id": question.id,
        "title": question.title,
        "asked_by": question.asked_by,
        "parameters": asked.kept(),
        "columns": [
            {"key": c.key, "title": c.title, "kind": c.kind.value, "definition": without_rules(c.definition), "basis": c.basis.value if c.basis else ""}
            for c in answer.columns
        ],
        "rows": [
            {
                "key": row.key,
                "cells": {column.key: plain(row.cells.get(column.key)) for column in answer.columns},
                "note": without_rules(row.note),
                "sources": sources_behind(row.behind),
            }
            for row in answer.rows
        ],
        "total": {key: plain(value) for key, value in answer.total.items()},
        "base": without_rules(answer.base),
        "coverage": without_rules(answer.coverage),
        "notes": [without_rules(note) for note in answer.notes],
        "unanswered": without_rules(answer.unanswered),
    }  # fmt: skip


def said_otherwise(row: Row) -> list[str]:
    """What sources say of a row that do not count, where that is something else: behind a figure on a page, a footnote on paper.

    A figure as of another day, or a target, is no other answer to the same question. What has one source is not opened: no other says anything.
    """
    if isinstance(row.behind, Each) and row.behind.source:
        return []
    counted: dict[tuple[str, str], list[str]] = {}
    for one in row.behind:
        if one.is_reading:
            counted.setdefault((one.what, _day_of(one)), []).append(_comparable(one.value))
    shown = {_comparable(str(plain(value))) for value in row.cells.values()}
    told = (
        f"{one.what} volgens {one.source}: {one.value.rstrip('.')}.{f' {one.note}' if one.note else ''}"
        for one in row.behind
        if not one.is_reading
        and (not _day_of(one) or (one.what, _day_of(one)) in counted)
        and _comparable(one.value) not in {*counted.get((one.what, _day_of(one)), ()), *shown}
        and one.value not in row.note
    )
    return list(dict.fromkeys(told))


def _day_of(one: Behind) -> str:
    """The day that its source gives, as `reads` writes it; "" where it gives none."""
    return one.source.partition(", stand op ")[2]


def footnotes_of(row: Row) -> list[str]:
    """The footnotes of a row on paper: its own, and what other sources say."""
    return [*([row.note] if row.note else []), *said_otherwise(row)]


def marked(text: str, notes: Sequence[str], footnotes: Sequence[str]) -> str:
    """`B-hive (1, 3)`: a name with the numbers of its footnotes. Pure."""
    numbers = ", ".join(map(str, sorted(footnotes.index(note) + 1 for note in notes)))
    return f"{text} ({numbers})" if numbers else text


def _comparable(text: str) -> str:
    """The same for `31/08/2019`, `31/8/2019` and `31 aug. 2019`."""
    pieces = text.split("/")
    if len(pieces) == DAY_MONTH_YEAR and all(piece.isdecimal() for piece in pieces):
        return "/".join(str(int(piece)) for piece in pieces)
    return " ".join(text.casefold().split())


def plain(value: Value) -> Any:
    """A value as json keeps it, so that the same answer gives the same text."""
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, date):
        return value.isoformat()
    return value


def text(question: Question, asked: Asked, answer: Answer) -> str:
    """A table of plain text that can be pasted into a letter: columns of a fixed width, long texts over several lines, and what it rests on."""
    lines = [f"{question.id}  {question.title}", f"Stand op {formats.long_date(asked.as_of)}", ""]
    if answer.unanswered:
        lines += [answer.unanswered, ""]
    footnotes = _footnotes(answer)
    if answer.rows:
        lines += [*_grid(answer, footnotes), ""]
    under = [f"({number}) {sentence(note)}" for number, note in enumerate(footnotes, start=1)]
    under += narrowed_to(asked.kept())
    under += [f"{label}: {value}" for label, value in (("Basis", answer.base), ("Dekking", answer.coverage)) if value]
    under += [f"{c.title}: {c.definition}" for c in answer.columns if c.definition and answer.rows]
    under += [f"Opmerking: {note}" for note in answer.notes]
    told = sources_of(source for row in answer.rows for source in sources_behind(row.behind))
    under += [f"Bronnen: {'; '.join(told)}"] if told else []
    return "\n".join(map(without_rules, [*lines, *under])).replace(formats.NBSP, " ").rstrip() + "\n"


def narrowed_to(parameters: Mapping[str, str]) -> list[str]:
    """`Beperkt tot: provincie Antwerpen, oproep 2015.`: by which filters an answer counts less than everything; empty without."""
    labels: dict[str, Any] = {"type": NetworkType, "provincie": Province, "grootte": SizeClass}
    told = [
        f"{'soort netwerk' if name == 'type' else name} {labels[name](value).label if name in labels else value}"
        for name, value in parameters.items()
        if name != "stand"
    ]
    return [f"Beperkt tot: {', '.join(told)}."] if told else []


def without_rules(line: str) -> str:
    """Without the numbers of our rules, which no reader knows. Pure."""
    return _RULE.sub("", line)


def sentence(note: str) -> str:
    """A footnote with its capital and its full stop. Pure."""
    return note[:1].upper() + note[1:] + ("" if note.endswith((".", "?", "!", "…")) else ".")


def sources_of(told: Iterable[str]) -> list[str]:
    """Each source once, also where one says several (“tabel 7; tabel 8”); the first of very many, and how many more. Pure."""
    found = list(dict.fromkeys(one for source in told for one in source.split("; ") if one))
    return found if len(found) <= MOST_SOURCES else [*found[:MOST_SOURCES], f"en nog {len(found) - MOST_SOURCES}"]


def _footnotes(answer: Answer) -> list[str]:
    return list(dict.fromkeys(note for row in answer.rows for note in footnotes_of(row)))


def _grid(answer: Answer, footnotes: Sequence[str]) -> list[str]:
    heads = [column.title for column in answer.columns]
    table = []
    for row in answer.rows:
        cells = [written(row.cells.get(column.key), column) for column in answer.columns]
        cells[0] = marked(cells[0], footnotes_of(row), footnotes)
        table.append([_wrapped(cell, WIDEST) for cell in cells])
    total = [written(answer.total[c.key], c) if c.key in answer.total else "" for c in answer.columns]
    total[0] = total[0] or "Totaal"
    if answer.total:
        table.append([[cell] for cell in total])
    widths = [
        max(*(len(line) for row in table for line in row[place]), *map(len, head.split()), min(len(head), HEAD))
        for place, head in enumerate(heads)
    ]
    rule = "  ".join("-" * width for width in widths)
    drawn = [_drawn([_wrapped(head, width) for head, width in zip(heads, widths, strict=True)], widths, answer), [rule]]
    drawn += [_drawn(row, widths, answer) for row in table]
    if answer.total:
        drawn.insert(-1, [rule])
    return [line for lines in drawn for line in lines]


def _drawn(row: Sequence[Sequence[str]], widths: Sequence[int], answer: Answer) -> list[str]:
    """One row, as many lines high as its longest cell."""
    return [
        "  ".join(
            cell.rjust(width) if column.is_figure else cell.ljust(width)
            for cell, width, column in zip(line, widths, answer.columns, strict=True)
        ).rstrip()
        for line in zip_longest(*row, fillvalue="")
    ]


def _wrapped(value: str, width: int) -> list[str]:
    """Lines of at most so many letters; a space that does not break holds a date or an amount together."""
    return wrap(" ".join(value.replace("\n", " ").split(" ")), width, break_on_hyphens=False) or [""]
