"""Digital signatures in a PDF: intact, valid, trusted, by whom. Evidence for a person; it decides nothing.

Works from the file alone: no list of revoked certificates is fetched, which the remark of each signature says. Who is
trusted is the administrator's choice: the certificates in SIGNATURE_TRUST_ROOTS (see docs/operations.md).
"""

import datetime as dt
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

logger = logging.getLogger(__name__)

MAX_SIGNATURES = 10
_ENDINGS = (".pem", ".crt", ".cer", ".der")


@dataclass(frozen=True, slots=True)
class Signer:
    """One digital signature: by whom, when (as the signature itself says, ISO), and what holds."""

    name: str
    issuer: str
    signed_at: str
    is_intact: bool
    is_valid: bool
    is_trusted: bool
    covers_all: bool
    remark: str = ""


def look(content: bytes, *, trust_roots: Iterable[Path], at: dt.datetime) -> list[Signer] | None:
    """Every signature in the file, in the order in which they were set; None when the file cannot be looked at.

    Certificates are judged at the moment `at`.
    """
    # Half a second to import, and only a worker needs it.
    from pyhanko.pdf_utils.reader import PdfFileReader  # noqa: PLC0415

    try:
        reader = PdfFileReader(BytesIO(content), strict=False)
        embedded = reader.embedded_regular_signatures[:MAX_SIGNATURES]
        if not embedded:
            return []
        roots = certificates(trust_roots)
        return [_judge(signature, roots, at) for signature in embedded]
    except Exception:  # a hostile or odd file makes the library raise anything; it is evidence that is missing
        logger.warning("The signatures of a PDF could not be read", exc_info=True)
        return None


def certificates(paths: Iterable[Path]) -> list[Any]:
    """The certificates in these files and folders (PEM or DER); a file that holds none is an error of the settings."""
    from pyhanko.keys import load_certs_from_pemder  # noqa: PLC0415

    files: list[Path] = []
    for path in paths:
        files += sorted(item for item in path.iterdir() if item.suffix.lower() in _ENDINGS) if path.is_dir() else [path]
    return list(load_certs_from_pemder([str(file) for file in files]))  # type: ignore[no-untyped-call]


def _judge(signature: Any, roots: Sequence[Any], at: dt.datetime) -> Signer:
    from pyhanko.sign.diff_analysis import ModificationLevel  # noqa: PLC0415
    from pyhanko.sign.validation import SignatureCoverageLevel, validate_pdf_signature  # noqa: PLC0415
    from pyhanko_certvalidator import ValidationContext  # noqa: PLC0415

    certificate = signature.signer_cert
    name, issuer = _common_name(certificate.subject), _common_name(certificate.issuer)
    stamp = signature.self_reported_timestamp
    signed_at = stamp.isoformat() if stamp is not None else ""
    try:
        context = ValidationContext(trust_roots=list(roots), moment=at, allow_fetching=False)
        status = validate_pdf_signature(signature, signer_validation_context=context)
    except Exception as error:  # noqa: BLE001 - a certificate that cannot be followed makes one signature unreadable, not the others
        return Signer(name, issuer, signed_at, False, False, False, False, str(error)[:200])  # noqa: FBT003 - a row of verdicts
    # A second signature is an addition too; anything beyond filling in and signing is a change.
    is_whole = status.coverage == SignatureCoverageLevel.ENTIRE_FILE
    is_untouched = is_whole or (
        status.modification_level is not None and status.modification_level <= ModificationLevel.FORM_FILLING
    )
    remark = "Of het certificaat ingetrokken is, werd niet opgevraagd."
    if not status.intact:
        remark = "De inhoud is niet meer wat er getekend werd."
    elif not is_untouched:
        remark = "Na het tekenen is er nog iets aan het bestand gewijzigd."
    elif not status.trusted:
        remark = "De uitgever van het certificaat staat niet bij de vertrouwde uitgevers van het portaal."
    return Signer(
        name=name, issuer=issuer, signed_at=signed_at, is_intact=bool(status.intact) and is_untouched,
        is_valid=bool(status.valid), is_trusted=bool(status.trusted), covers_all=is_untouched, remark=remark,
    )  # fmt: skip


def _common_name(name: Any) -> str:
    native = name.native
    found = native.get("common_name") or native.get("organization_name") or name.human_friendly
    return str(found if not isinstance(found, list) else found[0])[:200]
