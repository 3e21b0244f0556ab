"""The decision sheet as a PDF: archival (PDF/A-3a) and accessible (PDF/UA-1), with the frozen content attached as JSON.

WeasyPrint writes the first; the identification of the second, with the schema that PDF/A asks for it, goes into the metadata with pikepdf. What is
made depends on the content alone: the same content gives the same pages (font subsets get another name each time, so not the same bytes).
"""

import hashlib
import json
import zlib
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import pikepdf
from django.template.loader import render_to_string

from ibnportal.core import pdf

ATTACHMENT = "projectfiche.json"
VARIANT = "pdf/a-3a"
MAX_ATTACHED = 2_000_000

# ISO 14289-1 clause 5, and the extension schema by which ISO 19005-3 clause 6.6.2.3 admits it.
_UA = """
<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/"><pdfuaid:part>1</pdfuaid:part></rdf:Description>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA Universal Accessibility Schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Part of ISO 14289 to which the document conforms</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description>
</rdf:RDF>"""


def render(content: Mapping[str, Any], attached: bytes, *, check_url: str) -> bytes:
    """The PDF of a frozen content; `attached` are its canonical bytes, `check_url` the page where anyone checks it."""
    from weasyprint import Attachment  # noqa: PLC0415 - seconds to import; only the worker pays

    digest = hashlib.sha256(attached).hexdigest()
    made_at = date.fromisoformat(content["decision"]["released_on"])
    html = html_of(content, digest=digest, check_url=check_url)
    moment = datetime(made_at.year, made_at.month, made_at.day)  # noqa: DTZ001 - WeasyPrint writes it as a plain date
    attachment = Attachment(
        string=attached,
        name=ATTACHMENT,
        description="Inhoud van deze fiche als gegevens",
        relationship="Source",
        created=moment,
        modified=moment,
    )
    return _identified(pdf.from_html(html, variant=VARIANT, attachments=[attachment]))


def name_of(content: Mapping[str, Any]) -> str:
    """What this sheet is called: of a decision on support, or of a preselection."""
    return "Feedbackfiche" if content.get("kind") == "preselection" else "Projectfiche"


def html_of(content: Mapping[str, Any], *, digest: str, check_url: str) -> str:
    """The page that becomes the PDF."""
    initiative = content["initiative"]
    title = f"{name_of(content)} {initiative['number']}: {initiative['title']}"
    context = {
        "sheet": read(content),
        "name": name_of(content),
        "digest": digest,
        "check_url": check_url,
        "title": title,
        "lang": "nl",
    }
    return render_to_string("pdf/decision_sheet.html", context)


def read(content: Mapping[str, Any]) -> dict[str, Any]:
    """The content with its dates and amounts as values, for the template."""
    dates, amounts = (
        {"decided_on", "released_on", "given_on", "start_on", "until"},
        {"amount", "requested_grant", "budget"},
    )

    def value(key: str, item: Any) -> Any:
        if isinstance(item, dict):
            return {name: value(name, part) for name, part in item.items()}
        if isinstance(item, list):
            return [value("", part) for part in item]
        if item == "":
            return None if key in dates | amounts | {"received_at", "next_deadline"} else item
        if key in dates:
            return date.fromisoformat(item)
        if key in {"received_at", "next_deadline"}:
            return datetime.fromisoformat(item)
        return Decimal(item) if key in amounts else item

    read_back = {key: value(key, item) for key, item in content.items()}
    for row in read_back["kpis"]:
        row["baseline"], row["target"] = (Decimal(row[name]) if row[name] else None for name in ("baseline", "target"))
    return read_back


def attached_content(data: bytes) -> bytes | None:
    """The canonical bytes of what is attached to a PDF that somebody uploads; None when there is nothing of ours in it."""
    try:
        with pikepdf.open(BytesIO(data), attempt_recovery=False, suppress_warnings=True) as document:
            if ATTACHMENT not in document.attachments:
                return None
            content = _unpacked(document.attachments[ATTACHMENT].get_file().obj)
    except (pikepdf.PdfError, RuntimeError, ValueError, TypeError, RecursionError, zlib.error):
        return None
    return json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def _unpacked(stream: Any) -> Any:
    """The attached JSON; bounded while unpacking, for the file is anybody's."""
    raw, packing = stream.read_raw_bytes(), stream.get("/Filter")
    if packing is not None:
        raw = zlib.decompressobj().decompress(raw, MAX_ATTACHED)
    return json.loads(raw[:MAX_ATTACHED])


def _identified(data: bytes) -> bytes:
    with pikepdf.open(BytesIO(data)) as document:
        metadata = document.Root.Metadata
        metadata.write(metadata.read_bytes().replace(b"</rdf:RDF>", _UA.encode()))
        document.Root.ViewerPreferences = pikepdf.Dictionary(DisplayDocTitle=True)
        out = BytesIO()
        document.save(out, deterministic_id=True)
    return out.getvalue()
