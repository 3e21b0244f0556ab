"""Asking and answering, page by page."""

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from applications.domain import supplements
from applications.enums import ApplicationState as S
from applications.models import Supplement
from ibnportal.core.accounts.enums import Role
from tests.factories.applications import ApplicationFactory
from tests.factories.core import pdf_bytes

pytestmark = pytest.mark.django_db


@pytest.fixture
def application(clock):
    clock.set("2026-05-12T09:00")
    return ApplicationFactory(state=S.P2_SUBMITTED)


def answer_url(application):
    return reverse("applications:supplement", args=[application.number])


def test_a_mail_made_for_something_else_does_not_go(as_role, application):
    client, url = as_role(Role.CASE_HANDLER), reverse("applications:supplement_request", args=[application.number])
    page = client.post(url, {"items": "Het cv", "stap": "voorbeeld"})
    made = {"previewed": page.context["form"].initial["previewed"], "message": "Mijn woorden.", "stap": "verstuur"}
    page = client.post(url, {**made, "items": "Het cv", "asks_budget": "on"}).content.decode()
    assert "Nog niet verstuurd: de mail is opnieuw gemaakt" in page
    assert "Mijn woorden." in page
    assert not Supplement.objects.exists()
    client.post(url, {**made, "items": " Het cv "})
    assert [item.text for item in Supplement.objects.get().items.all()] == ["Het cv"]


@pytest.mark.rule("P2-COM-01", "NOT-05")
def test_a_request_is_previewed_then_sent(as_role, application):
    client, url = as_role(Role.CASE_HANDLER), reverse("applications:supplement_request", args=[application.number])
    preview = client.post(url, {"items": "Een taakverdeling\nHet cv", "stap": "voorbeeld"})
    assert "1. Een taakverdeling" in preview.content.decode()
    assert not Supplement.objects.exists()
    client.post(url, {"items": "Een taakverdeling\nHet cv", "stap": "verstuur", "message": "Graag dit."})
    assert [item.text for item in Supplement.objects.get().items.all()] == ["Een taakverdeling", "Het cv"]
    assert client.post(url, {"items": "Nog iets", "stap": "verstuur"}).status_code == 422


@pytest.mark.rule("P2-COM-03")
def test_six_pages_come_back_with_the_text_still_there(as_user, make_user, application):
    supplements.ask(application, items=["A"], by=make_user(Role.CASE_HANDLER))
    client = as_user(application.representative)
    files = {"text": "Mijn antwoord", "annex": SimpleUploadedFile("a.pdf", pdf_bytes(6))}
    response = client.post(answer_url(application), files)
    assert response.status_code == 422
    assert "telt 6 bladzijden" in response.content.decode()
    assert "Mijn antwoord" in response.content.decode()
    files = {"text": "Mijn antwoord", "annex": SimpleUploadedFile("a.pdf", pdf_bytes(5))}
    assert client.post(answer_url(application), files).status_code == 302
    assert "Uw antwoord is ontvangen" in client.get(answer_url(application)).content.decode()


@pytest.mark.rule("P2-COM-06")
def test_late_is_refused_with_both_times(as_user, make_user, application, clock):
    supplements.ask(application, items=["A"], by=make_user(Role.CASE_HANDLER))
    clock.set("2026-06-02T00:00:01")
    client = as_user(application.representative)
    response = client.post(answer_url(application), {"text": "Te laat"})
    assert response.status_code == 409
    assert "het kon tot en met" in response.content.decode()
    assert "versturen kan één keer" not in response.content.decode()
    kept = client.post(answer_url(application), {"text": "Te laat", "stap": "bewaar"}, follow=True).content.decode()
    assert "Bewaard, maar de termijn is voorbij" in kept
    assert "Versturen kan nog" not in kept
    assert "De termijn is voorbij" in client.get(answer_url(application)).content.decode()


def test_a_stranger_and_a_dossier_without_request_are_404(as_applicant, as_user, application, make_user):
    assert as_user(application.representative).get(answer_url(application)).status_code == 404
    supplements.ask(application, items=["A"], by=make_user(Role.CASE_HANDLER))
    assert as_applicant().get(answer_url(application)).status_code == 404
    colleague = as_user(application.colleague)
    assert "Een rechtsgeldig vertegenwoordiger antwoordt" in colleague.get(answer_url(application)).content.decode()


@pytest.mark.rule("P2-COM-01")
def test_the_register_opens_again_says_so_and_shows_the_difference(as_user, as_role, application):
    asking = reverse("applications:supplement_request", args=[application.number])
    fields = {"parts": ["letters:letters"], "part_text": "Twee brieven missen hun adres.", "stap": "verstuur"}
    assert as_role(Role.CASE_HANDLER).post(asking, {**fields, "message": "Graag dit."}).status_code == 302
    client = as_user(application.colleague)
    register = client.get(reverse("applications:letters", args=[application.number])).content.decode()
    assert "Dit onderdeel staat opnieuw open" in register
    assert "Voeg een brief toe" in register
    plan = client.get(reverse("applications:cofinancing", args=[application.number])).content.decode()
    assert "Alleen lezen" in plan
    letter = application.letters.filter(phase=2).first()
    client.post(reverse("applications:letter_remove", args=[application.number, letter.pk]))
    page = client.get(answer_url(application)).content.decode()
    assert "Wat u wijzigde" in page
    assert letter.company_name in page


@pytest.mark.rule("P2-COM-01")
def test_indicators_and_team_open_again_on_their_own_pages(as_user, as_role, application):
    asking = reverse("applications:supplement_request", args=[application.number])
    fields = {"parts": ["kpis:kpis", "team:team"], "part_text": "De streefwaarde is te laag.", "stap": "verstuur"}
    assert as_role(Role.CASE_HANDLER).post(asking, {**fields, "message": "Graag dit."}).status_code == 302
    client = as_user(application.colleague)
    pages = {name: reverse(f"applications:{name}", args=[application.number]) for name in ("kpis", "team", "workplan")}
    shown = {name: client.get(url).content.decode() for name, url in pages.items()}
    assert "Dit onderdeel staat opnieuw open" in shown["kpis"]
    assert "Voeg een eigen indicator toe" in shown["kpis"]
    assert "Dit onderdeel staat opnieuw open" in shown["team"]
    assert "Alleen lezen" in shown["workplan"]
    member = application.team_members.first()
    row = reverse("applications:member", args=[application.number, member.pk])
    form = client.get(row).context["form"]
    sent = {name: form[name].value() or "" for name in form.fields} | {"function": "Projectleider"}
    assert client.post(row, {name: value for name, value in sent.items() if value is not False}).status_code == 302
    page = client.get(answer_url(application)).content.decode()
    assert pages["team"] in page
    assert "Wat u wijzigde" in page
    assert "Projectleider" in page


def test_after_the_term_both_sides_read_what_was_asked_and_that_nothing_came(as_user, make_user, application, clock):
    handler = make_user(Role.CASE_HANDLER)
    asked = supplements.ask(application, items=["Een taakverdeling"], by=handler)
    screening = reverse("applications:screening", args=[application.number])
    assert "De aanvrager vult aan" in as_user(handler).get(screening).content.decode()
    clock.set(f"{asked.due_at.date() + dt.timedelta(days=1):%Y-%m-%d}T09:00")
    supplements.expire_due()
    page = as_user(handler).get(screening).content.decode()
    assert "Er kwam geen antwoord op de vraag om aan te vullen" in page
    assert "<li>Een taakverdeling</li>" in page
    own = (
        as_user(application.representative)
        .get(reverse("applications:detail", args=[application.number]))
        .content.decode()
    )
    assert "De termijn om aan te vullen is voorbij" in own
    assert answer_url(application) in own
