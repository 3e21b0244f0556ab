"""The questions on paper: every question of the phase, blank for all, filled for who writes the dossier."""

from io import BytesIO

import pikepdf
import pytest
from django.urls import reverse
from docx import Document

from applications.domain import drafts
from tests.factories.applications import ApplicationFactory

pytestmark = pytest.mark.django_db


def text_of(content):
    return "\n".join(paragraph.text for paragraph in Document(BytesIO(content)).paragraphs)


@pytest.fixture
def call():
    return ApplicationFactory().call


@pytest.mark.rule("DOC-02")
@pytest.mark.rule("DOC-05")
@pytest.mark.rule("P1-SUB-04")
@pytest.mark.rule("P2-SUB-02")
@pytest.mark.parametrize("phase", [1, 2])
def test_anyone_gets_every_question_of_the_phase_in_the_order_of_the_call(client, call, phase):
    answer = client.get(reverse("applications:questionnaire", args=[call.code, phase, "docx"]))
    assert answer.status_code == 200
    text, place = text_of(answer.content), 0
    for section in call.sections.filter(phase=phase).order_by("position"):
        place = text.index(section.title, place)
        for question in section.questions.all():
            place = text.index(question.label, place)
    assert f"Ten hoogste {250 if phase == 1 else 400} woorden" in text


def test_a_blank_pdf_is_tagged_and_dutch(client, call):
    content = client.get(reverse("applications:questionnaire", args=[call.code, 1, "pdf"])).content
    with pikepdf.open(BytesIO(content)) as document:
        assert document.Root.MarkInfo.Marked
        assert str(document.Root.Lang) == "nl"


@pytest.mark.parametrize(("phase", "kind"), [(3, "docx"), (1, "exe"), (0, "pdf")])
def test_what_does_not_exist_is_not_made(client, call, phase, kind):
    assert client.get(f"/oproepen/{call.code}/vragenlijst/{phase}/{kind}/").status_code == 404


def test_the_own_answers_are_in_the_document_and_a_stranger_gets_none(as_user, clock):
    draft = ApplicationFactory()
    question = draft.call.sections.get(phase=1, code="initiatief").questions.get(code="samenvatting")
    text = "D'Hondt & Çelik <b>bouwen</b>\nsamen \u202eعربى\ufffe."
    drafts.save_answer(draft, question, text, version=0, by=draft.colleague)
    address = reverse("applications:own_questionnaire", args=[draft.number, "docx"])
    written = text_of(as_user(draft.colleague).get(address).content)
    assert "D'Hondt & Çelik <b>bouwen</b>" in written
    assert draft.number in written
    assert as_user(ApplicationFactory().representative).get(address).status_code == 404
