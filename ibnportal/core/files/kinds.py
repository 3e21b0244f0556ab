"""What kinds of files the portal takes and makes, and what each must be."""

from dataclasses import dataclass

from django.db import models

PDF = "application/pdf"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XML = "application/xml"

MEGABYTE = 1024 * 1024
MAX_BYTES = 20 * MEGABYTE

ICS = "text/calendar"
CSV = "text/csv"

ZIP = "application/zip"

CONTENT_TYPES = {
    ".pdf": PDF,
    ".zip": ZIP,
    ".xlsx": XLSX,
    ".pptx": PPTX,
    ".docx": DOCX,
    ".xml": XML,
    ".ics": ICS,
    ".csv": CSV,
}


class FileKind(models.TextChoices):
    """The role of a file in a dossier."""

    LETTER_PDF = "letter_pdf", "intentiebrief"
    PITCH_DECK = "pitch_deck", "presentatie"
    BUDGET_XLSX = "budget_xlsx", "begroting"
    ANNEX_PDF = "annex_pdf", "bijlage bij een aanvulling"
    PROOF_PDF = "proof_pdf", "bewijsstuk"
    DOCUMENT_PDF = "document_pdf", "document"
    IMPORT_XLSX = "import_xlsx", "lijst om in te lezen"
    OFFICE_FILE = "office_file", "document, rekenblad of presentatie"
    BANK_XML = "bank_xml", "rekeninguittreksel"
    IMPORT_LIST = "import_list", "ledenlijst om in te lezen"
    GENERATED_PDF = "generated_pdf", "document van het portaal"
    GENERATED_XLSX = "generated_xlsx", "rekenblad van het portaal"
    GENERATED_DOCX = "generated_docx", "tekstdocument van het portaal"
    GENERATED_XML = "generated_xml", "gegevensbestand van het portaal"
    INVOICE_XML = "invoice_xml", "e-factuur"
    GENERATED_ICS = "generated_ics", "agendabestand van het portaal"
    GENERATED_BUNDLE = "generated_bundle", "bundel van het portaal"

    @property
    def rule(self) -> "KindRule":
        """What a file of this kind must be."""
        return _RULES[self]


@dataclass(frozen=True, slots=True)
class KindRule:
    """Extensions it may have, its size in bytes, also unpacked, and for a PDF its number of pages and whether files may be attached to it."""

    extensions: tuple[str, ...]
    max_bytes: int = MAX_BYTES
    max_pages: int | None = None
    may_embed: bool = False
    max_unpacked: int | None = None

    @property
    def in_words(self) -> str:
        """`PDF of pptx`, to name in a message."""
        *others, last = (extension[1:].upper() for extension in self.extensions)
        return f"{', '.join(others)} of {last}" if others else last

    @property
    def accept(self) -> str:
        """For the `accept` attribute of a file input."""
        return ",".join(self.extensions)


_RULES = {
    FileKind.LETTER_PDF: KindRule((".pdf",)),
    FileKind.PITCH_DECK: KindRule((".pptx", ".pdf")),
    FileKind.BUDGET_XLSX: KindRule((".xlsx",), max_bytes=5 * MEGABYTE, max_unpacked=8 * MEGABYTE),
    FileKind.ANNEX_PDF: KindRule((".pdf",), max_pages=5),  # DOC-13
    FileKind.PROOF_PDF: KindRule((".pdf",)),
    FileKind.DOCUMENT_PDF: KindRule((".pdf",)),
    FileKind.IMPORT_XLSX: KindRule((".xlsx",), max_bytes=5 * MEGABYTE),
    FileKind.OFFICE_FILE: KindRule((".pdf", ".docx", ".xlsx", ".pptx")),
    FileKind.IMPORT_LIST: KindRule((".xlsx", ".csv"), max_bytes=5 * MEGABYTE),
    FileKind.GENERATED_PDF: KindRule(
        (".pdf",), may_embed=True
    ),  # a decision sheet carries its own data; nobody uploads these
    FileKind.GENERATED_XLSX: KindRule((".xlsx",)),
    FileKind.GENERATED_DOCX: KindRule((".docx",)),
    FileKind.BANK_XML: KindRule((".xml",), max_bytes=5 * MEGABYTE),
    FileKind.GENERATED_XML: KindRule((".xml",)),
    FileKind.INVOICE_XML: KindRule((".xml",), max_bytes=10 * MEGABYTE),
    FileKind.GENERATED_ICS: KindRule((".ics",)),
    # Hundreds of checked files in one: the portal alone makes it, so it is not opened again to be checked.
    FileKind.GENERATED_BUNDLE: KindRule((".pdf", ".zip"), max_bytes=800 * MEGABYTE),
}
