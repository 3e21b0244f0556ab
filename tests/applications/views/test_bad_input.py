"""What people can do wrong on a page: each gets a sentence in Dutch, nothing typed is lost, nothing half is kept."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from calls.models import Question
from tests.factories.applications import COSTS, ApplicationFactory, add_letters, budget_upload, small_pdf
from tests.factories.core import enterprise_number

pytestmark = pytest.mark.django_db

LETTER = {
    "company_name": "Alfa bv", "enterprise_number": enterprise_number(999_001), "contact_name": "An", "street": "Laan 1",
    "postcode": "9000", "municipality": "Gent", "declares_mandate": "on", "declares_support": "on", "declares_cofinancing": "on",
}  # fmt: skip


def address(name, application, *args):
    return reverse(f"applications:{name}", args=[application.number, *args])


def text(response):
    return re.sub(r"\s+", " ", response.content.decode())


@pytest.fixture
def draft(clock):
    return ApplicationFactory()


@pytest.fixture
def full_draft(clock):
    clock.set("2026-03-02T10:00")
    return ApplicationFactory(state="p2_draft")


@pytest.mark.parametrize(
    ("changes", "status", "message"),
    [
        ({"enterprise_number": "0400000985"}, 422, "Het controlegetal van 0400.000.985 klopt niet"),
        ({"enterprise_number": "abc"}, 422, "geen ondernemingsnummer"),
        ({"company_name": ""}, 422, "Dit veld is verplicht"),
        ({"declares_support": ""}, 302, ""),
        ({"postcode": "1000", "municipality": "Brussel"}, 302, ""),
        ({"commitment_amount": "duizend"}, 422, "“duizend” is geen bedrag."),
        ({"company_name": "A\x00B"}, 422, ""),
        ({"company_name": "x" * 201}, 422, ""),
    ],
)
def test_a_letter_with_something_wrong(as_user, draft, changes, status, message):
    response = as_user(draft.representative).post(address("letter_add", draft), {**LETTER, **changes})
    assert response.status_code == status
    assert message in text(response)
    if status == 422:
        assert 'value="Laan 1"' in text(response)
        assert not draft.letters.exists()


def test_a_letter_that_is_kept_but_does_not_count_says_why(as_user, draft):
    client = as_user(draft.representative)
    page = client.post(address("letter_add", draft), {**LETTER, "postcode": "1000"}, follow=True)
    assert "telt nog niet mee" in text(page)
    assert "Postcode 1000 ligt in Brussels Hoofdstedelijk Gewest" in text(page)
    assert "De ondertekende brief (PDF) ontbreekt nog." in text(page)


def test_the_same_company_twice_names_the_first(as_user, draft):
    (first,) = add_letters(draft)
    page = as_user(draft.representative).post(
        address("letter_add", draft), {**LETTER, "enterprise_number": first.enterprise_number}
    )
    assert f"staat al bij de brief van {first.company_name}" in text(page)


@pytest.mark.parametrize(
    ("upload", "message"),
    [
        (SimpleUploadedFile("brief.pdf", b"geen pdf"), "is geen PDF"),
        (SimpleUploadedFile("brief.docx", b"PK"), "is geen PDF-bestand"),
        (SimpleUploadedFile("brief.pdf", b"%PDF-1.7\n" + b"0" * (51 * 1024 * 1024)), "te groot"),
    ],
)
def test_a_letter_with_a_bad_file_keeps_what_was_typed(as_user, draft, upload, message):
    upload.seek(0)
    page = as_user(draft.representative).post(
        address("letter_add", draft), {**LETTER, "signed_file": upload}, follow=True
    )
    assert message in text(page)
    letter = draft.letters.get()
    assert (letter.company_name, letter.is_signed) == ("Alfa bv", False)


def test_an_annex_that_is_no_pdf(as_user, draft):
    page = as_user(draft.representative).post(
        address("document_attach", draft, "pitch_deck"), {"pitch_deck-file": SimpleUploadedFile("deck.pdf", b"<html>")}
    )
    assert page.status_code == 422
    assert "“deck.pdf” is geen PDF" in text(page)


def test_an_annex_comes_and_goes(as_user, draft):
    client = as_user(draft.representative)
    client.post(address("document_attach", draft, "pitch_deck"), {"pitch_deck-file": small_pdf("deck.pdf")})
    assert draft.documents.get().file.name == "deck.pdf"
    client.post(address("document_detach", draft, "pitch_deck"))
    assert not draft.documents.exists()
    assert client.post(address("document_detach", draft, "pitch_deck")).status_code == 404
    assert client.post(address("document_attach", draft, "onzin")).status_code == 302


# ---------------------------------------------------------------- budget


def upload_budget(client, application, upload):
    return client.post(address("budget", application), {"workbook": upload})


def test_a_budget_with_errors_shows_all_of_them_and_keeps_the_earlier_one(as_user, full_draft):
    client = as_user(full_draft.colleague)
    assert upload_budget(client, full_draft, budget_upload(full_draft)).status_code == 302
    costs = ((*COSTS[0][:2], ("twaalf", -5, 1), (0, 0, 1), ""), ("Studie", "external", (5000, 0, 0), (), ""))
    page = upload_budget(client, full_draft, budget_upload(full_draft, costs))
    assert page.status_code == 422
    for where in (
        "Blad Personeel jaar 1, cel C5",
        "Blad Personeel jaar 2, cel C5",
        "Blad Externe prestaties jaar 1, cel H5",
    ):
        assert where in text(page)
    assert "3 fouten in het rekenblad" in text(page)
    assert "Dit rekenblad is niet overgenomen" in text(page)
    assert "Er is nog 1 fout" not in text(page)
    assert "versie 1 blijft gelden" in text(page)
    assert "300.000" in text(page)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("begroting.xlsx", b"geen rekenblad", "“begroting.xlsx” is geen"),
        ("begroting.pdf", b"%PDF-1.7", "is geen XLSX-bestand"),
        ("begroting.xlsx", b"", "leeg"),
        ("begroting.xlsx", b"PK" + b"0" * (6 * 1024 * 1024), "te groot"),
    ],
)
def test_what_is_no_workbook_is_refused_in_words(as_user, full_draft, name, content, message):
    page = upload_budget(as_user(full_draft.colleague), full_draft, SimpleUploadedFile(name, content))
    assert page.status_code == 422
    assert message in text(page)


# ---------------------------------------------------------------- plan and indicators


LINE = {
    "company_name": "Alfa bv",
    "payer_kind": "company",
    "project_year": "1",
    "kind": "cash_fee",
    "amount": "1.000,00",
    "is_member": "on",
}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"payer_kind": "public"}, "Een bijdrage van dit soort betaler telt nooit mee"),
        ({"amount": "-5"}, "Een negatief bedrag"),
        ({"amount": "0"}, "meer dan 0 euro"),
        ({"amount": "99999999999999"}, "te groot"),
        ({"project_year": "4"}, "Selecteer een geldige keuze"),
    ],
)
def test_a_plan_line_with_something_wrong(as_user, full_draft, changes, message):
    page = as_user(full_draft.colleague).post(address("cofinancing", full_draft), {**LINE, **changes})
    assert page.status_code == 422
    assert message in text(page)
    assert 'value="Alfa bv"' in text(page)
    assert not full_draft.cofinancing_lines.exists()


def test_a_plan_line_is_added_and_an_indicator_kept(as_user, full_draft):
    client = as_user(full_draft.colleague)
    assert client.post(address("cofinancing", full_draft), LINE).status_code == 302
    kpi = {
        "label": "Events",
        "kind": "output",
        "area": "ecosystem",
        "target": "1.200,5",
        "baseline": "",
        "definition": "",
        "method": "",
    }
    assert client.post(address("kpi_add", full_draft), kpi).status_code == 302
    assert full_draft.kpi_targets.get(label="Events").target == pytest.approx(1200.5)


# ---------------------------------------------------------------- answers


def _fields(application, code="initiatief", **typed):
    questions = Question.objects.filter(section__call=application.call, section__phase=1, section__code=code)
    return {f"v{question.pk}": "0" for question in questions} | typed


def test_a_colleagues_newer_text_is_shown_beside_ours_and_nothing_is_lost(as_user, draft):
    question = Question.objects.get(section__call=draft.call, section__phase=1, code="samenvatting")
    first, second = as_user(draft.representative), as_user(draft.colleague)
    url = address("section", draft, "initiatief")
    assert first.post(url, _fields(draft, **{f"q{question.pk}": "van de ene"})).status_code == 302
    page = second.post(url, _fields(draft, **{f"q{question.pk}": "van de andere"}))
    assert page.status_code == 409
    assert "van de ene" in text(page)
    assert "van de andere" in text(page)
    assert f'name="v{question.pk}" value="1"' in text(page)
    again = second.post(url, _fields(draft, **{f"q{question.pk}": "samen", f"v{question.pk}": "1"}))
    assert again.status_code == 302
    assert draft.answers.get(question=question).value == "samen"


def test_two_windows_of_one_person_name_no_colleague(as_user, draft):
    question = Question.objects.get(section__call=draft.call, section__phase=1, code="samenvatting")
    client, url = as_user(draft.representative), address("section", draft, "initiatief")
    client.post(url, _fields(draft, **{f"q{question.pk}": "in het ene venster"}))
    late = _fields(draft, **{f"q{question.pk}": "in het andere"})
    page = text(client.post(url, late))
    assert "U bewaarde in een ander venster een andere tekst" in page
    assert "Uw tekst uit het andere venster" in page
    assert "collega" not in page
    autosaved = client.post(url, late, headers={"X-Autosave": "1"})
    assert autosaved.json()["message"].startswith("U bewaarde in een ander venster")


def test_autosave_answers_with_versions_and_a_conflict(as_user, draft):
    question = Question.objects.get(section__call=draft.call, section__phase=1, code="samenvatting")
    url = address("section", draft, "initiatief")
    saved = as_user(draft.representative).post(
        url, _fields(draft, **{f"q{question.pk}": "een"}), headers={"X-Autosave": "1"}
    )
    assert (saved.status_code, saved.json()["versions"]) == (200, {f"v{question.pk}": 1})
    conflict = as_user(draft.colleague).post(
        url, _fields(draft, **{f"q{question.pk}": "twee"}), headers={"X-Autosave": "1"}
    )
    assert conflict.status_code == 409
    assert draft.representative.full_name in conflict.json()["message"]


def test_an_answer_above_its_limit_is_kept_and_counted(as_user, draft):
    question = Question.objects.get(section__call=draft.call, section__phase=1, code="samenvatting")
    page = as_user(draft.representative).post(
        address("section", draft, "initiatief"), _fields(draft, **{f"q{question.pk}": "woord " * 251}), follow=True
    )
    assert "251 van ten hoogste 250 woorden: kort dit antwoord in" in text(page)
    assert "1 antwoord te lang" in text(page)


def test_a_number_that_is_none_is_refused_and_the_rest_is_saved(as_user, draft):
    number = Question.objects.get(section__call=draft.call, section__phase=1, answer_type="number")
    other = Question.objects.filter(section=number.section, answer_type="long_text").first()
    typed = _fields(draft, number.section.code, **{f"q{number.pk}": "veel", f"q{other.pk}": "Wel bewaard"})
    page = as_user(draft.representative).post(address("section", draft, number.section.code), typed)
    assert page.status_code == 422
    assert "“veel” is geen getal." in text(page)
    assert draft.answers.get().value == "Wel bewaard"


# ---------------------------------------------------------------- submitting


def test_a_late_submit_is_refused_with_both_times_and_the_draft_stays(as_user, draft, clock):
    clock.set("2026-01-23T12:00:01")
    page = as_user(draft.representative).post(address("submit", draft), {"confirm": "on", "confirm_gaps": "on"})
    assert page.status_code == 409
    assert "kwam binnen op 23/01/2026 om 12:00:01; het uiterste moment was 23/01/2026 om 12:00:00" in text(page)
    draft.refresh_from_db()
    assert draft.state == "p1_draft"


def test_gaps_ask_a_second_confirmation_and_then_it_is_handed_in(as_user, draft):
    client = as_user(draft.representative)
    page = client.post(address("submit", draft), {"confirm": "on"})
    assert page.status_code == 422
    assert "Het portaal ziet nog gebreken" in text(page)
    page = client.post(address("submit", draft), {"confirm": "on", "confirm_gaps": "on"}, follow=True)
    assert page.redirect_chain == [(address("receipt", draft, 1), 302)]
    assert "Uw dossier is goed ontvangen" in text(page)


def test_a_second_click_leads_to_what_was_handed_in(as_user, draft):
    client = as_user(draft.representative)
    for _ in range(2):
        page = client.post(address("submit", draft), {"confirm": "on", "confirm_gaps": "on"}, follow=True)
    assert "al ingediend" in text(page)
    assert draft.submissions.count() == 1


def test_a_colleague_reads_who_can_submit(as_user, draft):
    page = as_user(draft.colleague).get(address("submit", draft))
    assert f"Dat kan: <strong>{draft.representative.full_name}</strong>" in text(page)
    refused = as_user(draft.colleague).post(address("submit", draft), {"confirm": "on", "confirm_gaps": "on"})
    assert refused.status_code == 422
    assert not draft.submissions.exists()


def test_withdrawing_needs_a_reason(as_user, draft):
    page = as_user(draft.representative).post(address("withdraw", draft), {"confirm": "on", "reason": ""})
    assert page.status_code == 422
    as_user(draft.representative).post(address("withdraw", draft), {"confirm": "on", "reason": "Te weinig steun"})
    draft.refresh_from_db()
    assert draft.state == "withdrawn"


def test_starting_a_pre_registration(as_user, draft, clock):
    client = as_user(draft.colleague)
    data = {"title": "Tweede idee", "organisation": draft.applicant_id, "call": draft.call_id}
    assert client.post(reverse("applications:start"), data).status_code == 302
    clock.set("2026-01-23T12:00:01")
    late = client.post(reverse("applications:start"), data)
    assert late.status_code == 422
    assert 'value="Tweede idee"' in text(late)
