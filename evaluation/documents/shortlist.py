"""The shortlist as a file: the same rows as on the page."""

import csv
from collections.abc import Iterator
from io import BytesIO, StringIO
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Font

from evaluation.domain.shortlists import Shortlist

AMOUNT = '#,##0.00 "€"'


def table(shortlist: Shortlist) -> Iterator[list[Any]]:
    """The head, then one row a dossier."""
    yield [
        "Plaats", "Dossier", "Initiatief", "Aanvrager", "Sector", "Technologiedomein",
        *(label for _, label, _ in shortlist.dimensions),
        "Totaal", "Uitsluitingen", "Gevraagd", "Gecumuleerd", "Binnen budget en maximum", "Advies", "Geadviseerd",
    ]  # fmt: skip
    for row in shortlist.rows:
        yield [
            row.rank, row.number, row.title, row.applicant, row.sector, row.technology_domain, *(total for _, total in row.totals), row.total,
            "; ".join(row.knockouts), row.requested, row.cumulative, "ja" if row.is_within_budget else "nee",
            row.recommendation, row.advised_amount,
        ]  # fmt: skip


def as_csv(shortlist: Shortlist) -> bytes:
    """With semicolons and decimal commas, as a Dutch spreadsheet opens it; text that looks like a formula is kept as text."""
    out = StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    for row in table(shortlist):
        writer.writerow([_plain(value) for value in row])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _plain(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return f"'{value}" if value[:1] in set("=+-@\t\r") else value
    return str(value).replace(".", ",")


def as_xlsx(shortlist: Shortlist) -> bytes:
    """One sheet with a frozen head; amounts are numbers, text is text."""
    book = Workbook()
    sheet = book.active
    sheet.title = "Rangschikking"
    for number, row in enumerate(table(shortlist), start=1):
        for column, value in enumerate(row, start=1):
            cell = sheet.cell(number, column)
            cell.value = value
            if isinstance(value, str):
                cell.data_type = "s"
            elif hasattr(value, "quantize"):
                cell.number_format = AMOUNT
            if number == 1:
                cell.font = Font(bold=True)
    sheet.freeze_panes = "C2"
    for letter, width in zip("ABCDEF", (8, 16, 44, 32, 18, 22), strict=True):
        sheet.column_dimensions[letter].width = width
    out = BytesIO()
    book.save(out)
    return out.getvalue()
