"""The questions of a phase as a Word document to write in, or as a tagged PDF to read and print."""

import re
from io import BytesIO

from applications.domain.questionnaire import Question, Questionnaire
from ibnportal.core import pdf

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NOTE = (
    "Werk hier rustig in en neem de antwoorden over in het portaal. Alleen wat in het portaal ingediend wordt, telt."
)


def docx(paper: Questionnaire) -> bytes:
    """A Word document with headings, in Dutch; each answer has its own place, empty or with what is known."""
    from docx import Document  # noqa: PLC0415 - only who asks for a document pays for the library
    from docx.oxml.ns import qn  # noqa: PLC0415

    document = Document()
    document.core_properties.title = _plain(paper.title)
    document.core_properties.author = "IBN-portaal"
    document.core_properties.language = "nl-BE"
    fonts = document.styles["Normal"].element.get_or_add_rPr()
    language = fonts.makeelement(qn("w:lang"), {qn("w:val"): "nl-BE"})
    fonts.append(language)
    document.add_heading(_plain(paper.title), level=0)
    document.add_paragraph(_plain(paper.call))
    if paper.about:
        document.add_paragraph(_plain(paper.about))
    if paper.deadline:
        document.add_paragraph(_plain(f"Indienen kan tot en met {paper.deadline}."))
    document.add_paragraph(_NOTE)
    for section in paper.sections:
        document.add_heading(_plain(section.title), level=1)
        if section.intro:
            document.add_paragraph(_plain(section.intro))
        for question in section.questions:
            _write(document, question)
    document.add_heading("Wat u in het portaal zelf invult", level=1)
    for what, how in paper.elsewhere:
        document.add_paragraph(_plain(f"{what}: {how}"), style="List Bullet")
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def _write(document: "object", question: Question) -> None:
    add_heading, add_paragraph = document.add_heading, document.add_paragraph  # type: ignore[attr-defined]
    add_heading(_plain(question.label), level=2)
    hint = " ".join(part for part in (question.help_text, f"({question.limits})" if question.limits else "") if part)
    if hint:
        add_paragraph(_plain(hint), style="Intense Quote")
    for choice in question.choices:
        add_paragraph(f"{'☒' if choice == question.answer else '☐'} {_plain(choice)}")
    if not question.choices:
        for line in _plain(question.answer).split("\n") if question.answer else ("", ""):
            add_paragraph(line)


def as_pdf(paper: Questionnaire) -> bytes:
    """The same as a tagged PDF."""
    return pdf.render("pdf/questionnaire.html", {"paper": paper, "note": _NOTE}, title=f"{paper.title}: {paper.call}")


def _plain(text: str) -> str:
    """What XML can hold."""
    return _NOT_IN_XML.sub("", text)
