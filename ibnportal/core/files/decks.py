"""What is on the slides of a presentation, in words: to know that it opens, and to read it where it cannot be shown."""

from dataclasses import dataclass
from io import BytesIO
from typing import Any

from ibnportal.core.errors import DomainError

MOST_SLIDES = 200
MOST_LINES = 40


@dataclass(frozen=True, slots=True)
class Slide:
    """One slide: its number, its title (or "") and its other lines of text."""

    number: int
    title: str
    lines: tuple[str, ...]


def read(content: bytes, *, name: str) -> tuple[Slide, ...]:
    """The slides of a pptx that passed the checks of an upload; raises DomainError where PowerPoint would not open it either."""
    from pptx import Presentation  # noqa: PLC0415 - only who has a presentation pays for it

    broken = (
        f"“{name}” kan niet geopend worden. Bewaar de presentatie opnieuw als .pptx of als PDF en laad ze nog eens op."
    )
    try:
        deck = Presentation(BytesIO(content))
        slides = tuple(_slide(number, slide) for number, slide in enumerate(deck.slides, start=1))
    except Exception as error:  # python-pptx has no error of its own for a file that makes no sense
        raise DomainError(broken) from error
    if not slides:
        raise DomainError(f"“{name}” heeft geen enkele dia. Kies de presentatie die u wil tonen.")
    if len(slides) > MOST_SLIDES:
        raise DomainError(
            f"“{name}” telt {len(slides)} dia's; meer dan {MOST_SLIDES} kan niet. Kort de presentatie in."
        )
    return slides


def _slide(number: int, slide: Any) -> Slide:
    title_shape = slide.shapes.title
    title = " ".join(title_shape.text_frame.text.split()) if title_shape is not None else ""
    lines = []
    for shape in slide.shapes:
        if shape == title_shape or not shape.has_text_frame:
            continue
        lines += [text for paragraph in shape.text_frame.paragraphs if (text := " ".join(paragraph.text.split()))]
    return Slide(number, title, tuple(lines[:MOST_LINES]))
