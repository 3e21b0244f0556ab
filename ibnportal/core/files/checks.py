"""Is this file really what it says, and harmless? Every refusal is one Dutch sentence with what to do.

Nothing is opened by a program that would run what is inside, and unpacking is bounded before it starts.
"""

import re
import unicodedata
import zipfile
import zlib
from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePosixPath
from typing import Any

import pikepdf
from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from ibnportal.core.errors import DomainError
from ibnportal.core.files import decks
from ibnportal.core.files.kinds import CONTENT_TYPES, MEGABYTE, FileKind

MAX_NAME = 150
MAX_UNPACKED = 100 * MEGABYTE
MAX_ENTRIES = 5000
MAX_OBJECTS = 200_000
MAX_DEPTH = 60
MAX_TAIL = 2048
MAX_LINES = 50_000

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MAIN_PART = {
    ".xlsx": "spreadsheetml.sheet.main+xml",
    ".pptx": "presentationml.presentation.main+xml",
    ".docx": "wordprocessingml.document.main+xml",
}
_HOW_TO_SAVE = {
    ".pdf": "Bewaar het in uw tekstverwerker of scanner als PDF",
    ".xlsx": "Bewaar het in Excel of LibreOffice als .xlsx",
    ".pptx": "Bewaar het in PowerPoint of LibreOffice als .pptx",
    ".docx": "Bewaar het in Word of LibreOffice als .docx",
    ".xml": "Voer het uit als .xml",
    ".csv": "Bewaar het in Excel of LibreOffice als .csv",
}


@dataclass(frozen=True, slots=True)
class Checked:
    """What a file turned out to be."""

    name: str
    content_type: str
    pages: int | None = None


def check(content: bytes, *, name: str, kind: FileKind) -> Checked:
    """What the file is, or a DomainError that names it and says what is wrong and what to do."""
    rule = kind.rule
    shown = clean_name(name)
    extension = PurePosixPath(shown).suffix.lower()
    if not content:
        raise DomainError(f"“{shown}” is leeg. Kies het bestand opnieuw.")
    if len(content) > rule.max_bytes:
        raise DomainError(too_large(shown, len(content), rule.max_bytes))
    if extension not in rule.extensions:
        raise DomainError(f"“{shown}” is geen {rule.in_words}-bestand. {_how_to(rule.extensions[0])}.")
    if kind == FileKind.GENERATED_BUNDLE:
        return Checked(shown, CONTENT_TYPES[extension])
    if extension == ".pdf":
        pages = check_pdf(content, name=shown, may_embed=rule.may_embed)
        if rule.max_pages is not None and pages > rule.max_pages:
            raise DomainError(
                f"“{shown}” telt {pages} bladzijden; er mogen er hoogstens {rule.max_pages} zijn. Kort het in en laad het opnieuw op."
            )
        return Checked(shown, CONTENT_TYPES[extension], pages)
    if extension == ".xml":
        check_xml(content, name=shown)
    elif extension == ".ics":
        _check_calendar(content, name=shown)
    elif extension == ".csv":
        check_csv(content, name=shown)
    else:
        check_ooxml(content, name=shown, extension=extension, max_unpacked=rule.max_unpacked)
    if extension == ".pptx":
        return Checked(shown, CONTENT_TYPES[extension], len(decks.read(content, name=shown)))
    return Checked(shown, CONTENT_TYPES[extension])


def _check_calendar(content: bytes, *, name: str) -> None:
    """Only the portal makes these; what is stored is one calendar in plain text."""
    if not content.startswith(b"BEGIN:VCALENDAR\r\n") or b"\x00" in content:
        raise DomainError(f"“{name}” is geen agendabestand.")


def too_large(name: str, size: int, limit: int) -> str:
    """The sentence for a file above the limit."""
    megabytes = f"{size / MEGABYTE:.1f}".replace(".", ",")
    return (
        f"“{clean_name(name)}” is te groot: {megabytes} MB, en er mag hoogstens {limit // MEGABYTE} MB. "
        "Verklein het, bijvoorbeeld door afbeeldingen te comprimeren, en laad het opnieuw op."
    )


def clean_name(name: str) -> str:
    """The last part of the name, without folders, control or direction characters, at most 150 long with its extension."""
    last = name.replace("\\", "/").rsplit("/", maxsplit=1)[-1]
    last = unicodedata.normalize("NFC", last.encode("utf-8", "replace").decode("utf-8"))
    last = "".join(
        char for char in last if unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    )
    last = last.strip(" .") or "bestand"
    path = PurePosixPath(last)
    suffix = path.suffix[:10]
    return f"{path.stem[: MAX_NAME - len(suffix)]}{suffix}"


# ---------------------------------------------------------------- PDF


def check_pdf(content: bytes, *, name: str, may_embed: bool = False) -> int:
    """The number of pages of a whole, open PDF without scripts, forms that run code or (unless `may_embed`) embedded files."""
    if not content.lstrip(b"\xef\xbb\xbf\r\n\t \x00")[:5] == b"%PDF-":
        raise DomainError(f"“{name}” is geen PDF maar {_looks_like(content)}. {_how_to('.pdf')}.")
    broken = f"“{name}” is beschadigd of onvolledig opgeladen. Maak de PDF opnieuw aan en laad hem nog eens op."
    end = content.rfind(b"%%EOF")
    if end < 0 or end < len(content) - MAX_TAIL:
        raise DomainError(broken)
    if content[end + len(b"%%EOF") :].strip(b"\r\n\t \x00\x1a"):
        raise DomainError(
            f"“{name}” is een PDF met nog een ander bestand erachter. Druk het af naar een nieuwe PDF en laad die op."
        )
    try:
        with pikepdf.open(BytesIO(content), attempt_recovery=False, suppress_warnings=True) as pdf:
            if pdf.is_encrypted:
                raise DomainError(_locked(name))
            pages = len(pdf.pages)
            if pages == 0:
                raise DomainError(f"“{name}” heeft geen enkele bladzijde. Maak de PDF opnieuw aan.")
            _refuse_active_content(pdf, name, may_embed=may_embed)
    except pikepdf.PasswordError as error:
        raise DomainError(_locked(name)) from error
    except (pikepdf.PdfError, RuntimeError, ValueError, TypeError, RecursionError) as error:
        raise DomainError(broken) from error
    return pages


def _locked(name: str) -> str:
    return f"“{name}” is beveiligd met een wachtwoord of beperkingen. Bewaar de PDF zonder beveiliging en laad hem opnieuw op."


def _refuse_active_content(pdf: pikepdf.Pdf, name: str, *, may_embed: bool) -> None:
    if len(pdf.attachments) and not may_embed:
        raise DomainError(_embedded(name))
    if len(pdf.objects) > MAX_OBJECTS:
        raise DomainError(
            f"“{name}” is te ingewikkeld om na te kijken. Druk het af naar een nieuwe PDF en laad die op."
        )
    for obj in pdf.objects:
        _refuse_in(obj, name, depth=0, may_embed=may_embed)


def _refuse_in(obj: Any, name: str, *, depth: int, may_embed: bool) -> None:
    """Look at one object and what lies directly in it; what it points to has its own turn."""
    if depth > MAX_DEPTH:
        raise DomainError(
            f"“{name}” is te ingewikkeld om na te kijken. Druk het af naar een nieuwe PDF en laad die op."
        )
    if isinstance(obj, pikepdf.Array):
        for index in range(len(obj)):
            _descend(obj[index], name, depth, may_embed=may_embed)
        return
    if not isinstance(obj, pikepdf.Dictionary | pikepdf.Stream):
        return
    dictionary = obj.stream_dict if isinstance(obj, pikepdf.Stream) else obj
    keys = set(dictionary.keys())
    kind = str(dictionary.get("/S", "")), str(dictionary.get("/Subtype", "")), str(dictionary.get("/Type", ""))
    if (
        "/JS" in keys
        or "/JavaScript" in keys
        or kind[0] in {"/JavaScript", "/Launch", "/ImportData", "/SubmitForm", "/Rendition", "/Movie", "/GoToE"}
    ):
        raise DomainError(
            f"“{name}” bevat een script of een opdracht die iets uitvoert. Druk het af naar een nieuwe PDF en laad die op."
        )
    if "/XFA" in keys or kind[1] in {"/RichMedia", "/Screen", "/3D", "/Movie", "/Sound"}:
        raise DomainError(
            f"“{name}” is een formulier of medium dat code kan bevatten. Druk het af naar een nieuwe PDF en laad die op."
        )
    if not may_embed and (
        "/EmbeddedFiles" in keys or "/EF" in keys or kind[1] == "/FileAttachment" or kind[2] == "/EmbeddedFile"
    ):
        raise DomainError(_embedded(name))
    for key in keys:
        _descend(dictionary[key], name, depth, may_embed=may_embed)


def _descend(value: Any, name: str, depth: int, *, may_embed: bool) -> None:
    if isinstance(value, pikepdf.Object) and not value.is_indirect:
        _refuse_in(value, name, depth=depth + 1, may_embed=may_embed)


def _embedded(name: str) -> str:
    return f"“{name}” bevat andere bestanden als bijlage. Laad elk bestand apart op, en deze PDF zonder bijlagen."


# ---------------------------------------------------------------- XML


def check_xml(content: bytes, *, name: str) -> None:
    """Well-formed XML that declares no document type: entities and addresses to fetch are refused, never followed."""
    try:
        for _event, _element in ElementTree.iterparse(BytesIO(content), forbid_dtd=True):
            pass
    except DefusedXmlException as error:
        raise DomainError(
            f"“{name}” bevat een documenttype of entiteiten; zulke XML leest het portaal niet. Voer het bestand opnieuw uit."
        ) from error
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise DomainError(
            f"“{name}” is geen geldige of volledige XML. Voer het bestand opnieuw uit als XML."
        ) from error


# ---------------------------------------------------------------- OOXML


def check_ooxml(content: bytes, *, name: str, extension: str, max_unpacked: int | None = None) -> None:
    """A whole xlsx, pptx or docx: bounded when unpacked, of the right sort, without macros, entities or odd paths."""
    program = _how_to(extension)
    if content.startswith(_OLE):
        raise DomainError(
            f"“{name}” heeft een wachtwoord of is in een oud formaat bewaard. {program}, zonder wachtwoord."
        )
    if not content.startswith(b"PK\x03\x04"):
        raise DomainError(f"“{name}” is geen {extension[1:]}-bestand maar {_looks_like(content)}. {program}.")
    broken = f"“{name}” is beschadigd of onvolledig opgeladen. {program} en laad het nog eens op."
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            _check_parts(
                archive, name=name, extension=extension, program=program, max_unpacked=max_unpacked or MAX_UNPACKED
            )
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError) as error:
        raise DomainError(broken) from error


def _check_parts(archive: zipfile.ZipFile, *, name: str, extension: str, program: str, max_unpacked: int) -> None:
    parts = archive.infolist()
    if len(parts) > MAX_ENTRIES or sum(part.file_size for part in parts) > max_unpacked:
        raise DomainError(
            f"“{name}” is na uitpakken te groot om veilig te lezen. Haal overbodige bladen en afbeeldingen weg."
        )
    names = [part.filename for part in parts]
    lowered = [part.lower() for part in names]
    if any(part.startswith(("/", "\\")) or ".." in PurePosixPath(part).parts or "\\" in part for part in names):
        raise DomainError(f"“{name}” is geen gewoon {extension[1:]}-bestand. {program}.")
    if len(set(lowered)) != len(lowered):
        raise DomainError(f"“{name}” is geen gewoon {extension[1:]}-bestand. {program}.")
    if any(part.flag_bits & 1 for part in parts):
        raise DomainError(f"“{name}” is beveiligd met een wachtwoord. {program}, zonder wachtwoord.")
    if any("vbaproject" in part or "/activex/" in part or "macrosheets/" in part for part in lowered):
        raise DomainError(f"“{name}” bevat macro's. {program}, zonder macro's.")
    types = b""
    left = max_unpacked
    for part in parts:
        text, left = _read_bounded(archive, part, left=left, name=name)
        if part.filename.lower().endswith((".xml", ".rels", ".vml")) and _declares_entities(text):
            raise DomainError(f"“{name}” bevat verwijzingen die niet veilig te lezen zijn. {program}.")
        if part.filename == "[Content_Types].xml":
            types = text
    if b"macroEnabled" in types:
        raise DomainError(f"“{name}” bevat macro's. {program}, zonder macro's.")
    if _MAIN_PART[extension].encode() not in types:
        raise DomainError(f"“{name}” is geen {extension[1:]}-bestand maar {_sort_of(types)}. {program}.")


def _read_bounded(archive: zipfile.ZipFile, part: zipfile.ZipInfo, *, left: int, name: str) -> tuple[bytes, int]:
    """Unpack one part, whatever size its header claims; also proves its checksum."""
    with archive.open(part) as stream:
        text = stream.read(left + 1)
        if len(text) > left:
            raise DomainError(
                f"“{name}” is na uitpakken te groot om veilig te lezen. Haal overbodige bladen en afbeeldingen weg."
            )
    return text, left - len(text)


def _declares_entities(text: bytes) -> bool:
    head = text.replace(b"\x00", b"")  # also what is written in UTF-16
    return re.search(rb"<!\s*(DOCTYPE|ENTITY)", head) is not None


def _sort_of(types: bytes) -> str:
    for extension, main in _MAIN_PART.items():
        if main.encode() in types:
            return f"een {extension[1:]}-bestand"
    return "een ander soort bestand"


def check_csv(content: bytes, *, name: str) -> None:
    """Plain text in lines; which columns it has is for its reader to say."""
    if content.startswith((_OLE, b"PK\x03\x04", b"%PDF-")) or b"\x00" in content:
        raise DomainError(f"“{name}” is geen csv-bestand maar {_looks_like(content)}. {_how_to('.csv')}.")
    if content.count(b"\n") > MAX_LINES:
        raise DomainError(f"“{name}” telt meer dan {MAX_LINES} lijnen. Splits de lijst op.")


def _looks_like(content: bytes) -> str:
    head = content[:512].lstrip()
    if head.startswith(b"%PDF-"):
        return "een PDF"
    if head.startswith(_OLE):
        return "een oud Office-bestand of een bestand met wachtwoord"
    if head.startswith(b"PK\x03\x04"):
        try:
            with zipfile.ZipFile(BytesIO(content)) as archive:
                return _sort_of(archive.open("[Content_Types].xml").read(MEGABYTE))
        except (
            zipfile.BadZipFile,
            KeyError,
            RuntimeError,
            ValueError,
            OSError,
            zlib.error,
            EOFError,
            NotImplementedError,
        ):
            return "een zip-bestand"
    if head.startswith((b"\xff\xd8\xff", b"\x89PNG", b"GIF8")):
        return "een afbeelding"
    if head[:1] == b"<":
        return "een webpagina of XML-bestand"
    return "een ander soort bestand"


def _how_to(extension: str) -> str:
    return _HOW_TO_SAVE[extension]
