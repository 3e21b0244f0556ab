"""The receipt of a submission as a PDF: the server's time and the hash of every file (P1-SUB-07)."""

from applications.domain.drafts import moment
from applications.domain.snapshot import Dossier
from ibnportal.core import pdf


def render(dossier: Dossier, *, sha256: str) -> bytes:
    """A tagged PDF; everything in it comes from the frozen dossier."""
    context = {
        "dossier": dossier,
        "sha256": sha256,
        "received": moment(dossier.received_at) if dossier.received_at else "",
        "deadline": moment(dossier.deadline_at) if dossier.deadline_at else "",
        "files": dossier.files(),
    }
    return pdf.render("pdf/receipt.html", context, title=f"Ontvangstbewijs {dossier.number}")
