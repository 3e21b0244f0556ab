"""A bundle of dossiers for one person: one merged PDF with bookmarks, or a zip with every file apart; the name and the moment on every page."""

import re
import unicodedata
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any

import pikepdf

from applications.domain.snapshot import Dossier
from ibnportal.core import pdf, watermark
from ibnportal.core.files.kinds import PDF


@dataclass(frozen=True, slots=True)
class Enclosed:
    """One file of a dossier: what it is, its name and type, and its bytes."""

    label: str
    name: str
    content_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Part:
    """One dossier of a bundle: the frozen row, what was handed in (None when that is not in the portal), and its files."""

    row: Mapping[str, Any]
    dossier: Dossier | None
    files: Sequence[Enclosed]


def as_pdf(content: Mapping[str, Any], parts: Sequence[Part]) -> bytes:
    """Everything that is a PDF in one file: per dossier its summary, then its documents; what is not a PDF is named in the summary."""
    with pikepdf.new() as merged:
        with merged.open_outline() as outline:
            _append(merged, _cover(content, parts))
            for part in parts:
                outline.root.append(_bookmarked(merged, content, part))
        watermark.mark(merged, _line(content))
        with merged.open_metadata() as metadata:
            metadata["dc:title"] = f"Dossierbundel voor {content['for']}"
            metadata["dc:language"] = ["nl"]
        out = BytesIO()
        merged.save(out)
    return out.getvalue()


def _bookmarked(merged: pikepdf.Pdf, content: Mapping[str, Any], part: Part) -> pikepdf.OutlineItem:
    place = len(merged.pages)
    _append(merged, summary(content, part))
    entry = pikepdf.OutlineItem(f"{part.row['number']} {part.row['title']}", place)
    for enclosed in part.files:
        place = len(merged.pages)
        if enclosed.content_type == PDF and _append(merged, enclosed.data):
            entry.children.append(pikepdf.OutlineItem(enclosed.label, place))
    return entry


def as_zip(content: Mapping[str, Any], parts: Sequence[Part]) -> bytes:
    """A folder a dossier: its summary and every file under its own name, PDFs with the watermark."""
    line, out = _line(content), BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("00-inhoud.pdf", watermark.stamp(_cover(content, parts), line))
        for part in parts:
            folder = _safe(f"{part.row['number']} {part.row['title']}")
            archive.writestr(f"{folder}/00-dossier.pdf", watermark.stamp(summary(content, part), line))
            for position, enclosed in enumerate(part.files, start=1):
                archive.writestr(f"{folder}/{position:02d}-{_safe(enclosed.name)}", _marked(enclosed, line))
    return out.getvalue()


def summary(content: Mapping[str, Any], part: Part) -> bytes:
    """What was handed in and the advice on it, as pages."""
    title = f"{part.row['number']} {part.row['title']}"
    return pdf.render(
        "pdf/bundle_dossier.html",
        {"row": part.row, "dossier": part.dossier, "files": part.files, "bundle": content},
        title=title,
    )


def _cover(content: Mapping[str, Any], parts: Sequence[Part]) -> bytes:
    asked_at = datetime.fromisoformat(content["asked_at"])
    return pdf.render(
        "pdf/bundle_cover.html", {"bundle": content, "parts": parts, "asked_at": asked_at}, title="Dossierbundel"
    )


def _line(content: Mapping[str, Any]) -> str:
    return watermark.wording(content["for"], datetime.fromisoformat(content["asked_at"]))


def _append(merged: pikepdf.Pdf, data: bytes) -> bool:
    try:
        with pikepdf.open(BytesIO(data)) as source:
            merged.pages.extend(source.pages)
    except pikepdf.PdfError:
        return False  # named in the summary all the same
    return True


def _marked(enclosed: Enclosed, line: str) -> bytes:
    if enclosed.content_type != PDF:
        return enclosed.data
    try:
        return watermark.stamp(enclosed.data, line)
    except pikepdf.PdfError:
        return enclosed.data


def _safe(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9._ -]+", "_", plain).strip(" .")[:90] or "bestand"


def names_in(archive: bytes) -> Iterator[str]:
    """What a zip made here holds."""
    with zipfile.ZipFile(BytesIO(archive)) as opened:
        yield from opened.namelist()
