"""Small real files for the story: signed letters, work plans, proofs of payment, lists."""

from io import BytesIO
from typing import Any

import pikepdf
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

_LINE_HEIGHT = 22
_TOP = 760
_LEFT = 64


def _content(lines: list[str]) -> bytes:
    """A page content stream with one line of text under the other."""
    parts = [b"BT /F1 12 Tf", b"%d %d Td" % (_LEFT, _TOP)]
    for line in lines:
        text = line.encode("cp1252", "replace").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
        parts.append(b"(%s) Tj 0 -%d Td" % (text, _LINE_HEIGHT))
    parts.append(b"ET")
    return b"\n".join(parts)


def pdf(name: str, *pages: list[str]) -> SimpleUploadedFile:
    """A PDF with those pages of lines, as a browser would upload it."""
    document = pikepdf.new()
    font = document.make_indirect(
        pikepdf.Dictionary(
            Type=pikepdf.Name.Font,
            Subtype=pikepdf.Name.Type1,
            BaseFont=pikepdf.Name.Helvetica,
            Encoding=pikepdf.Name.WinAnsiEncoding,
        )
    )
    for lines in pages:
        page = pikepdf.Dictionary(
            Type=pikepdf.Name.Page,
            MediaBox=pikepdf.Array([0, 0, 595, 842]),
            Resources=pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font)),
            Contents=document.make_stream(_content(lines)),
        )
        document.pages.append(pikepdf.Page(document.make_indirect(page)))
    buffer = BytesIO()
    document.save(buffer, deterministic_id=True)
    return SimpleUploadedFile(name, buffer.getvalue(), content_type="application/pdf")


def signed_letter(company_name: str, initiative: str, phase_label: str) -> SimpleUploadedFile:
    """A letter of intent of one company for one initiative."""
    return pdf(
        f"intentiebrief {company_name}.pdf",
        [
            f"Intentiebrief - {phase_label}",
            "",
            f"{company_name} steunt het initiatief",
            f"{initiative}",
            "en geeft de aanvrager mandaat.",
            "",
            "Getekend, de zaakvoerder (fictief voorbeeld)",
        ],
    )


def xlsx(name: str, head: list[str], rows: list[list[Any]]) -> SimpleUploadedFile:
    """A workbook with one list, as a browser would upload it."""
    book = Workbook()
    for row in [head, *rows]:
        book.active.append(row)
    buffer = BytesIO()
    book.save(buffer)
    return SimpleUploadedFile(name, buffer.getvalue())
