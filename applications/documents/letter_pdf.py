"""A letter of intent as a PDF: to sign by hand, or with the signature that the company drew on its screen (P1-LET-01 ... 10)."""

from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from applications.domain.drafts import moment
from applications.models import Application, OnlineSignature
from calls.enums import PhaseNumber
from ibnportal.core import pdf

WIDTH, HEIGHT = 600, 200
"""The drawing board: the coordinates of strokes run from 0 to these, whatever the size of the screen."""

Strokes = Sequence[Sequence[Sequence[int]]]


@dataclass(frozen=True, slots=True)
class Declaration:
    """One declaration, and the column that holds it."""

    field: str
    text: str


def declarations(application: Application, phase: int) -> tuple[Declaration, ...]:
    """The three declarations in the words of the company; in phase 2 about the full dossier and carrying it out (AMB-13)."""
    applicant = application.applicant.name
    first = phase == PhaseNumber.PRE_REGISTRATION
    mandate = (
        f"Wij mandateren {applicant} om als aanvrager op te treden voor de groep van ondernemingen."
        if first
        else f"Wij mandateren {applicant} om het project uit te voeren."
    )
    what = "de vooraanmelding" if first else "de volledige aanvraag"
    return (
        Declaration("declares_mandate", mandate),
        Declaration("declares_support", f"Wij kennen {what} “{application.title}” en steunen die."),
        Declaration(
            "declares_cofinancing", "Wij kennen de principes van de cofinanciering van een innovatief bedrijfsnetwerk."
        ),
    )


def render(
    application: Application, phase: int, fields: Mapping[str, Any], *, signature: OnlineSignature | None = None
) -> bytes:
    """A tagged PDF of the letter. Without a signature it has a place to sign by hand.

    `fields` are the letter's: `applications.domain.letters.FIELDS`.
    """
    said = [item.text for item in declarations(application, phase) if fields.get(item.field)]
    context = {
        "application": application,
        "call": application.call,
        "phase_label": PhaseNumber(phase).label.lower(),
        "letter": fields,
        "declarations": said,
        "signature": signature,
        "signed": moment(signature.signed_at) if signature is not None else "",
        "drawing": drawing(signature.strokes) if signature is not None and signature.is_drawn else "",
    }
    return pdf.render("pdf/letter.html", context, title=f"Intentiebrief van {fields['company_name']}")


def drawing(strokes: Strokes) -> str:
    """The strokes as a `data:` address of an SVG; only numbers go into it."""
    path = " ".join(_line(stroke) for stroke in strokes)
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}">'
        f'<path d="{path}" fill="none" stroke="#1b2a6b" stroke-width="3.5" stroke-linecap="round" stroke-linejoin="round"/></svg>'
    )
    return f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}"


def _line(points: Iterable[Sequence[int]]) -> str:
    shown = [f"{int(x)} {int(y)}" for x, y in points]
    return f"M {shown[0]} L {' '.join(shown[1:] or shown)}"
