"""Who took this copy, and when: on every page of a PDF, in the properties of an Office file (CONF-01).

The stored file stays as it is; only the copy that leaves is marked. A signature on the original does not cover the copy.
"""

import zipfile
from io import BytesIO
from xml.sax.saxutils import escape

import pikepdf

from ibnportal.core import clock
from ibnportal.core.accounts.enums import Role
from ibnportal.core.accounts.models import User
from ibnportal.core.files.kinds import PDF

MARKED_ROLES = (Role.EXPERT, Role.COMMITTEE_MEMBER)
"""Outsiders who read what is not theirs; the case team answers for its copies itself."""

_CASE_TEAM = (Role.CASE_HANDLER, Role.SECRETARY, Role.ADMINISTRATOR)
_PROPERTIES = "docProps/core.xml"


def text_for(user: User) -> str:
    """What a copy for this person says; nothing for who needs no mark."""
    if not user.has_role(*MARKED_ROLES) or user.has_role(*_CASE_TEAM):
        return ""
    return f"Vertrouwelijk. Kopie voor {user}, {clock.local(clock.now()):%d/%m/%Y om %H.%M uur}"


def marked(content: bytes, *, content_type: str, text: str) -> bytes:
    """The content with the mark; of a kind that cannot carry one, the content itself."""
    if content_type == PDF:
        return mark_pdf(content, text)
    return mark_office(content, text) if content.startswith(b"PK\x03\x04") else content


def mark_pdf(content: bytes, text: str) -> bytes:
    """The text across every page, pale, and small along its foot. Raises pikepdf.PdfError for what is no PDF."""
    out = BytesIO()
    with pikepdf.open(BytesIO(content)) as pdf:
        font = pdf.make_indirect(
            pikepdf.Dictionary(
                Type=pikepdf.Name.Font,
                Subtype=pikepdf.Name.Type1,
                BaseFont=pikepdf.Name.Helvetica,
                Encoding=pikepdf.Name.WinAnsiEncoding,
            )
        )
        pale = pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.ExtGState, ca=0.18))
        for page in pdf.pages:
            names = (
                page.add_resource(font, pikepdf.Name.Font, prefix="Mark"),
                page.add_resource(pale, pikepdf.Name.ExtGState, prefix="Pale"),
            )
            # What the page left behind (a moved origin, a colour) must not move the mark.
            page.contents_add(b"q\n", prepend=True)
            page.contents_add(b"\nQ\n" + _drawn(page, text, *(str(name) for name in names)), prepend=False)
        pdf.save(out)
    return out.getvalue()


def _drawn(page: pikepdf.Page, text: str, font: str, pale: str) -> bytes:
    """The mark in the page's own coordinates, turned along with a page that is shown turned; an artefact for screen readers."""
    left, bottom, right, top = (float(edge) for edge in page.cropbox)
    width, height = right - left, top - bottom
    turned = int(page.obj.get("/Rotate", 0)) % 360
    frames = {
        0: (1, 0, 0, 1, left, bottom, width, height),
        90: (0, 1, -1, 0, right, bottom, height, width),
        180: (-1, 0, 0, -1, right, top, width, height),
        270: (0, -1, 1, 0, left, top, height, width),
    }
    a, b, c, d, x, y, across, up = frames.get(turned, frames[0])
    size = max(8.0, min(30.0, 1.5 * across / max(len(text), 1)))
    shown = b"(" + _escaped(text) + b") Tj"
    frame = f"q {a} {b} {c} {d} {x:.2f} {y:.2f} cm".encode()
    diagonal = (
        f"q {pale} gs 0.2 g BT {font} {size:.1f} Tf 0.866 0.5 -0.5 0.866 {across * 0.08:.2f} {up * 0.3:.2f} Tm".encode()
    )
    foot = f"q 0.35 g BT {font} 8 Tf 1 0 0 1 18 10 Tm".encode()
    return b" ".join([b"/Artifact BMC", frame, diagonal, shown, b"ET Q", foot, shown, b"ET Q", b"Q EMC\n"])


def _escaped(text: str) -> bytes:
    data = text.encode("cp1252", "replace")
    return data.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")


def mark_office(content: bytes, text: str) -> bytes:
    """The text in the file's properties, where it had any; sheets and slides stay as they are."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as archive, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as copy:
        for part in archive.infolist():
            data = _properties(text) if part.filename == _PROPERTIES else archive.read(part)
            copy.writestr(part, data, compress_type=zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _properties(text: str) -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<dc:title>{escape(text)}</dc:title><dc:description>{escape(text)}</dc:description></cp:coreProperties>"
    ).encode()
