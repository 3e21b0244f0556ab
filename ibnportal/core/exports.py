"""A table as a file: xlsx for who goes on calculating, csv for who loads it elsewhere. Text never becomes a formula."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse

from ibnportal.core import clock

FORMATS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_WIDEST = 60


def wants_export(request: HttpRequest) -> str:
    """The format that the address asks for by `?formaat=`: xlsx or csv, otherwise an empty text."""
    wanted = request.GET.get("formaat", "")
    return wanted if wanted in FORMATS else ""


def table_response(format_: str, name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> HttpResponse:
    """The rows as a download called `<name>.<format>`; amounts stay numbers, dates stay dates."""
    return file_response(format_, name, content(format_, name, columns, rows))


def content(
    format_: str,
    name: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    notes: Sequence[tuple[str, str]] = (),
    formats: Sequence[str] = (),
) -> bytes:
    """The rows as bytes of an xlsx or csv; in the workbook `notes` (label, text) become a second sheet, and `formats` say how each column writes its numbers."""
    lines = [list(row) for row in rows]
    return _xlsx(name, columns, lines, notes, formats) if format_ == "xlsx" else _csv(columns, lines)


def file_response(format_: str, name: str, content: bytes) -> HttpResponse:
    """A made file as a download called `<name>.<format>`."""
    response = HttpResponse(content, content_type=FORMATS[format_])
    response["Content-Disposition"] = f'attachment; filename="{name}.{format_}"'
    response["Cache-Control"] = "no-store"
    return response


def as_text(value: Any) -> Any:
    """Text that a spreadsheet would read as a formula gets an apostrophe in front; all else stays as it is."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA_STARTS) else value


def _csv(columns: Sequence[str], rows: list[list[Any]]) -> bytes:
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([["" if value is None else as_text(value) for value in row] for row in rows])
    return buffer.getvalue().encode("utf-8-sig")


def _xlsx(
    name: str,
    columns: Sequence[str],
    rows: list[list[Any]],
    notes: Sequence[tuple[str, str]] = (),
    formats: Sequence[str] = (),
) -> bytes:
    from openpyxl import Workbook  # noqa: PLC0415 - heavy, and only wanted for an export
    from openpyxl.styles import Font  # noqa: PLC0415
    from openpyxl.utils import get_column_letter  # noqa: PLC0415

    book = Workbook()
    sheet = book.active
    sheet.title = name[:31]
    sheet.append(list(columns))
    for row in rows:
        sheet.append([_plain(value) for value in row])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for position, column in enumerate(columns, start=1):
        longest = max([len(str(column)), *(len(str(row[position - 1] or "")) for row in rows)])
        sheet.column_dimensions[get_column_letter(position)].width = min(longest, _WIDEST) + 2
    sheet.freeze_panes = "A2"
    for cells in sheet.iter_rows(min_row=2):
        for cell in cells:
            if isinstance(cell.value, str):
                cell.data_type = "s"
        for cell, format_ in zip(cells, formats, strict=False):
            if format_ and not isinstance(cell.value, str):
                cell.number_format = format_
    if notes:
        _explain(book, notes)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _explain(book: Any, notes: Sequence[tuple[str, str]]) -> None:
    """A second sheet in words."""
    sheet = book.create_sheet("Toelichting")
    for label, text in notes:
        sheet.append([label, text])
        for cell in sheet[sheet.max_row]:
            cell.data_type = "s"
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 24, 100


def _plain(value: Any) -> Any:
    """What openpyxl can write: moments lose their zone (they are shown in Brussels), the rest as it is."""
    return clock.local(value).replace(tzinfo=None) if isinstance(value, datetime) else value
