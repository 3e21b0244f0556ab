"""A question that is answered with a file: from the call's template to what was handed in."""

from dataclasses import replace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from applications.domain import admissibility, answer_files, drafts, freezing, snapshot, submission
from calls.domain import installing
from calls.models import Question
from ibnportal.core import clock as portal_clock
from ibnportal.core.accounts.enums import Role
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError
from tests.factories.applications import ApplicationFactory, complete_pre_registration, small_pdf
from tests.factories.calls import call_definition
from tests.factories.core import OrganisationFactory, pdf_bytes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

PROOF = {
    "phase": 1,
    "code": "bewijs",
    "title": "Bewijsstukken",
    "questions": (
        {"code": "statuten", "label": "Voeg de statuten toe.", "answer_type": "upload", "page_limit": 3},
        {"code": "schema", "label": "Voeg een schema toe.", "answer_type": "upload", "upload_format": "office", "is_required": False},
    ),
}  # fmt: skip


@pytest.fixture
def draft():
    definition = call_definition()
    call, _ = installing.install(replace(definition, sections=(*definition.sections, PROOF)), by=None)
    return ApplicationFactory(call=call)


@pytest.fixture
def question(draft):
    return Question.objects.get(section__call=draft.call, code="statuten")


def put(draft, question, upload=None, *, version=0, by=None):
    upload = upload or small_pdf("statuten.pdf")
    return answer_files.attach(draft, question, upload, version=version, by=by or draft.representative)


@pytest.mark.rule("DOC-02")
def test_what_was_uploaded_is_handed_in_with_its_hash(draft, question):
    complete_pre_registration(draft)
    received = submission.submit(draft, by=draft.representative, received_at=portal_clock.now())
    dossier = snapshot.read(received)
    answer = next(item for part in dossier.sections for item in part.answers if item.code == "statuten")
    assert (answer.display, answer.words, answer.is_missing) == ("statuten.pdf", 0, False)
    assert answer.file.sha256 == draft.answers.get(question=question).file.sha256
    assert ("Voeg de statuten toe.", answer.file) in dossier.files()


def test_without_the_file_the_template_is_not_complete(draft, question):
    complete_pre_registration(draft)
    rules, at = draft.call.rules(), portal_clock.now()

    def unmet():
        dossier = snapshot.parse(freezing.take(draft, 1))
        return [result.gaps for result in admissibility.judge(dossier, rules, at=at) if not result.is_met]

    assert unmet() == []
    answer_files.remove(draft, question, version=1, by=draft.representative)
    assert unmet() == [("Bewijsstukken: “Voeg de statuten toe.” is niet beantwoord.",)]


@pytest.mark.parametrize(
    ("upload", "message"),
    [
        (SimpleUploadedFile("statuten.pdf", b"dit is tekst"), "is geen PDF"),
        (SimpleUploadedFile("statuten.docx", b"PK\x03\x04"), "is geen PDF-bestand"),
        (SimpleUploadedFile("statuten.pdf", pdf_bytes(pages=4)), "telt 4 bladzijden; er mogen er hoogstens 3 zijn"),
        (SimpleUploadedFile("statuten.pdf", b""), "is leeg"),
    ],
)
def test_what_is_not_asked_is_refused_and_nothing_is_kept(draft, question, upload, message):
    with pytest.raises(DomainError, match=message):
        put(draft, question, upload)
    assert not draft.answers.exists()


def test_a_colleague_s_file_does_not_disappear_unseen(draft, question):
    put(draft, question)
    with pytest.raises(DomainError, match=r"bewaarde intussen “statuten\.pdf”.*Wil u toch “nieuw\.pdf”"):
        put(draft, question, small_pdf("nieuw.pdf"), by=draft.colleague)
    assert draft.answers.get().file.name == "statuten.pdf"


def test_replacing_keeps_both_hashes_in_the_trail(draft, question):
    first = put(draft, question).file.sha256
    second = put(draft, question, small_pdf("nieuw.pdf"), version=1).file.sha256
    assert trail.history(draft).last().changes["sha256"] == [first, second]


def test_a_question_with_text_takes_no_file_and_the_other_way_round(draft, question):
    text = Question.objects.filter(section__call=draft.call, section__phase=1, answer_type="long_text").first()
    with pytest.raises(DomainError, match="niet met een bestand"):
        put(draft, text)
    with pytest.raises(DomainError, match="met een bestand"):
        drafts.save_answer(draft, question, "statuten.pdf", version=0, by=draft.representative)


# ---------------------------------------------------------------- the page


def address(draft):
    return reverse("applications:section", args=[draft.number, "bewijs"])


def typed(draft, version=0, **values):
    """What the page posts: the version of each question and what was chosen for `statuten`."""
    questions = Question.objects.filter(section__call=draft.call, section__code="bewijs")
    data = {f"v{question.pk}": version for question in questions}
    key = questions.get(code="statuten").pk
    return data | {f"{prefix}{key}": value for prefix, value in values.items()}


def test_the_section_takes_the_file_shows_it_and_removes_it(as_user, draft):
    client = as_user(draft.representative)
    page = client.get(address(draft)).content.decode()
    assert 'enctype="multipart/form-data"' in page
    assert "PDF, DOCX, XLSX of PPTX, ten hoogste 20 MB" in page
    page = client.post(address(draft), typed(draft, q=small_pdf("statuten.pdf")), follow=True).content.decode()
    assert "statuten.pdf" in page
    answer = draft.answers.get()
    file = client.get(reverse("applications:answer_file", args=[draft.number, answer.pk]))
    assert b"".join(file.streaming_content).startswith(b"%PDF")
    page = client.post(address(draft), typed(draft, version=1, x="on"), follow=True).content.decode()
    assert "statuten.pdf" not in page
    answer.refresh_from_db()
    assert (answer.value, answer.file) == ("", None)


def test_a_wrong_file_is_named_on_the_page(as_user, draft):
    wrong = SimpleUploadedFile("statuten.pdf", b"tekst")
    page = as_user(draft.representative).post(address(draft), typed(draft, q=wrong))
    assert page.status_code == 422
    assert "“statuten.pdf” is geen PDF" in page.content.decode()


def test_saving_as_one_types_leaves_files_alone(as_user, draft, question):
    put(draft, question)
    page = as_user(draft.representative).post(
        address(draft), typed(draft, version=1, x="on"), headers={"X-Autosave": "1"}
    )
    assert page.status_code == 200
    assert draft.answers.get().value == "statuten.pdf"


def test_strangers_and_staff_find_no_file_of_a_draft(as_role, as_applicant, draft, question):
    answer = put(draft, question)
    url = reverse("applications:answer_file", args=[draft.number, answer.pk])
    assert as_applicant(OrganisationFactory()).get(url).status_code == 404
    assert as_role(Role.CASE_HANDLER).get(url).status_code == 404


# ---------------------------------------------------------------- history


def test_the_history_shows_each_file_with_its_hash_and_puts_an_earlier_one_back(as_user, draft, question):
    first = put(draft, question).file
    answer = put(draft, question, small_pdf("nieuw.pdf"), version=1, by=draft.colleague)
    answer_files.remove(draft, question, version=2, by=draft.representative)
    assert [(kept.version, kept.value, kept.saved_by) for kept in answer.versions.all()] == [
        (3, "", draft.representative), (2, "nieuw.pdf", draft.colleague), (1, "statuten.pdf", draft.representative),
    ]  # fmt: skip
    client = as_user(draft.colleague)
    history = reverse("applications:answer_history", args=[draft.number, answer.pk])
    page = client.get(f"{history}?versie=2").content.decode()
    for text in (
        "<del>statuten.pdf (vingerafdruk ",
        "<ins>nieuw.pdf (vingerafdruk ",
        first.sha256,
        str(draft.colleague),
    ):
        assert text in page
    file = reverse("applications:answer_file", args=[draft.number, answer.pk])
    assert client.get(file).status_code == 404
    assert client.get(f"{file}?versie=9").status_code == 404
    assert b"".join(client.get(f"{file}?versie=1").streaming_content).startswith(b"%PDF")
    restore = reverse("applications:answer_restore", args=[draft.number, answer.pk])
    assert "Er is niets vervangen" in client.post(restore, {"versie": "1", "over": "2"}, follow=True).content.decode()
    client.post(restore, {"versie": "3", "over": "3"})
    client.post(restore, {"versie": "1", "over": "3"})
    answer.refresh_from_db()
    assert (answer.version, answer.file, answer.value) == (4, first, "statuten.pdf")
    assert "Teruggezet uit versie 1" in client.get(history).content.decode()


def test_a_file_from_before_the_history_is_its_first_version(draft, question):
    answer = put(draft, question)
    answer.versions.all().delete()
    put(draft, question, small_pdf("nieuw.pdf"), version=1)
    assert [kept.value for kept in answer.versions.all()] == ["nieuw.pdf", "statuten.pdf"]
