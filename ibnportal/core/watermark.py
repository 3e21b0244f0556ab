"""A line of text on every page of a PDF: for whom this copy is, and when it was made (CONF-01).

The line stands at the foot of the page and once across it, pale. It is marked as an artifact, so that a screen reader does not read it on each page.
"""

from io import BytesIO
from typing import Any

import pikepdf

_TONE = "0.45 0.45 0.45 rg"
_PALE = "0.86 0.86 0.86 rg"


def stamp(data: bytes, text: str) -> bytes:
    """The same PDF with `text` on every page. Raises pikepdf.PdfError for what is no PDF or is locked."""
    with pikepdf.open(BytesIO(data)) as document:
        mark(document, text)
        out = BytesIO()
        document.save(out)
    return out.getvalue()


def mark(document: pikepdf.Pdf, text: str) -> None:
    """Write `text` on every page of an open document."""
    font = document.make_indirect(
        pikepdf.Dictionary(
            Type=pikepdf.Name.Font,
            Subtype=pikepdf.Name.Type1,
            BaseFont=pikepdf.Name.Helvetica,
            Encoding=pikepdf.Name.WinAnsiEncoding,
        )
    )
    for page in document.pages:
        name = page.add_resource(font, pikepdf.Name.Font, replace_existing=False)
        page.contents_add(b"q\n", prepend=True)
        page.contents_add(_drawing(page, str(name), text))


def _drawing(page: pikepdf.Page, font: str, text: str) -> bytes:
    left, bottom, right, top = (float(edge) for edge in page.mediabox)
    shown = text.encode("cp1252", "replace").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
    across = max(min((right - left) / max(len(text), 1) * 1.6, 22), 8)
    slope = 0.7071
    return b"\n".join(
        [
            b"\nQ\n/Artifact BMC\nq",
            f"BT {_PALE} {font} {across:.1f} Tf {slope} {slope} -{slope} {slope} {left + 60:.1f} {bottom + (top - bottom) * 0.18:.1f} Tm (".encode()
            + shown
            + b") Tj ET",
            f"BT {_TONE} {font} 7 Tf 1 0 0 1 {left + 28:.1f} {bottom + 12:.1f} Tm (".encode() + shown + b") Tj ET",
            b"Q\nEMC\n",
        ]
    )


def wording(name: str, moment: Any, *, portal: str = "IBN-portaal") -> str:
    """`Vertrouwelijk exemplaar van An Peeters, 14/07/2026 14.05, IBN-portaal`; `moment` is an aware instant."""
    from ibnportal.core import clock  # noqa: PLC0415 - only here

    return f"Vertrouwelijk exemplaar van {name}, {clock.local(moment):%d/%m/%Y %H.%M}, {portal}"
