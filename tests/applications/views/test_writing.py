"""Writing with several people, as they meet it: two in one section, two tabs, an ended session, a link in a mail."""

import re

import pytest
from django.urls import reverse

from applications.domain import authors, drafts
from applications.enums import AuthorRole
from applications.models import Answer
from tests.factories.applications import ApplicationFactory
from tests.factories.core import UserFactory

pytestmark = pytest.mark.django_db

LONG = "Een lange tekst die een avond kostte. " * 40


@pytest.fixture
def draft(clock):
    return ApplicationFactory()


@pytest.fixture
def address(draft):
    return reverse("applications:section", args=[draft.number, "initiatief"])


@pytest.fixture
def question(draft):
    return draft.call.sections.get(phase=1, code="initiatief").questions.get(code="samenvatting")


def values(question, text, version=0, **others):
    """The section as a browser sends it: every question with the version that the page had."""
    rest = {f"v{other.pk}": "0" for other in question.section.questions.all()}
    return {**rest, f"q{question.pk}": text, f"v{question.pk}": str(version), **others}


# ---------------------------------------------------------------- an ended session


def test_a_long_text_sent_after_the_session_ended_comes_back_after_the_login(client, draft, address, question):
    answer = client.post(address, values(question, LONG))
    assert answer.status_code == 302
    assert answer["Location"] == f"/account/login/?next={address}"
    client.force_login(draft.colleague)
    page = client.get(address).content.decode()
    assert LONG.strip() in page
    assert "Dit typte u voor u opnieuw aanmeldde" in page
    assert not Answer.objects.exists()
    again = client.get(address).content.decode()
    assert "Dit typte u" not in again


def test_a_text_from_before_the_login_does_not_run_over_a_colleague(client, draft, address, question):
    client.post(address, values(question, "Mijn tekst."))
    drafts.save_answer(draft, question, "Tekst van een collega.", version=0, by=draft.representative)
    client.force_login(draft.colleague)
    page = client.get(address).content.decode()
    assert f'name="v{question.pk}" value="0"' in page
    answer = client.post(address, values(question, "Mijn tekst.", 0))
    assert answer.status_code == 409
    assert "Tekst van een collega." in answer.content.decode()
    assert "Mijn tekst." in answer.content.decode()


def test_who_logs_in_without_a_right_to_the_dossier_never_meets_the_kept_text(client, draft, address, question):
    client.post(address, values(question, LONG))
    client.force_login(ApplicationFactory().representative)
    assert client.get(address).status_code == 404


def test_an_autosave_without_a_session_says_so_and_never_that_it_saved(client, draft, address, question):
    answer = client.post(address, values(question, "Tekst."), headers={"X-Autosave": "1"})
    assert answer.status_code == 401
    assert answer.json()["login"] == f"/account/login/?next={address}"
    assert "niet meer aangemeld" in answer.json()["message"]


def test_an_autosave_tells_the_moment_to_the_second(as_user, draft, address, question, clock):
    clock.set("2026-01-20T21:14:03")
    answer = as_user(draft.colleague).post(address, values(question, "Tekst."), headers={"X-Autosave": "1"})
    assert answer.json()["message"] == "Bewaard om 21:14:03"


# ---------------------------------------------------------------- two people, two tabs


def test_the_second_sees_who_else_has_the_section_open(as_user, draft, address):
    first, second = as_user(draft.representative), as_user(draft.colleague)
    first.get(address)
    assert f"{draft.representative} heeft dit onderdeel nu ook open" in second.get(address).content.decode()


def test_an_open_page_learns_of_a_newer_text_and_of_whom(as_user, draft, address, question, clock):
    clock.set("2026-01-20T21:14:03")
    drafts.save_answer(draft, question, "Tekst.", version=0, by=draft.representative)
    state = as_user(draft.colleague).get(f"{address}stand/").json()
    assert state["answers"] == {str(question.pk): {"version": 1, "who": str(draft.representative), "at": "21:14:03"}}


def test_both_texts_of_a_conflict_can_be_put_together_without_saving_yet(as_user, draft, address, question):
    drafts.save_answer(draft, question, "Tekst van een collega.", version=0, by=draft.representative)
    client = as_user(draft.colleague)
    conflict = client.post(address, values(question, "Mijn tekst."))
    assert conflict.status_code == 409
    assert "Bewaard op" in conflict.content.decode()
    merged = client.post(address, values(question, "Mijn tekst.", 1, samen=str(question.pk)))
    assert "Mijn tekst.\n\nTekst van een collega." in merged.content.decode()
    assert Answer.objects.get(question=question).value == "Tekst van een collega."
    saved = client.post(address, values(question, "Mijn tekst.\r\n\r\nTekst van een collega.", 1))
    assert saved.status_code == 302
    assert Answer.objects.get(question=question).versions.count() == 2


def test_a_second_tab_of_the_same_person_is_a_conflict_too(as_user, draft, address, question):
    client = as_user(draft.colleague)
    client.post(address, values(question, "Uit het eerste tabblad."))
    answer = client.post(address, values(question, "Uit het tweede tabblad."))
    assert answer.status_code == 409
    assert Answer.objects.get(question=question).value == "Uit het eerste tabblad."


# ---------------------------------------------------------------- history


def test_the_history_shows_who_when_and_the_difference_and_puts_back(as_user, draft, question):
    drafts.save_answer(draft, question, "Wij bouwen alleen.", version=0, by=draft.representative)
    answer = drafts.save_answer(draft, question, "Wij bouwen samen.", version=1, by=draft.colleague)
    client = as_user(draft.colleague)
    address = reverse("applications:answer_history", args=[draft.number, answer.pk])
    page = client.get(address).content.decode()
    assert re.search(r"<del>.{0,60}alleen", page)
    assert re.search(r"<ins>.{0,60}samen", page)
    assert str(draft.representative) in page
    old = client.get(f"{address}?versie=1").content.decode()
    assert "Zet deze tekst terug" in old
    client.post(reverse("applications:answer_restore", args=[draft.number, answer.pk]), {"versie": "1", "over": "2"})
    answer.refresh_from_db()
    assert answer.value == "Wij bouwen alleen."


def test_an_old_page_of_the_history_writes_over_nothing(as_user, draft, question):
    drafts.save_answer(draft, question, "Een.", version=0, by=draft.representative)
    answer = drafts.save_answer(draft, question, "Twee.", version=1, by=draft.representative)
    drafts.save_answer(draft, question, "Drie.", version=2, by=draft.representative)
    client = as_user(draft.colleague)
    restore = reverse("applications:answer_restore", args=[draft.number, answer.pk])
    page = client.post(restore, {"versie": "1", "over": "2"}, follow=True).content.decode()
    assert "Er is niets teruggezet" in page
    answer.refresh_from_db()
    assert answer.value == "Drie."


@pytest.mark.parametrize(
    "typed", [{}, {"versie": "x", "over": "1"}, {"versie": "9" * 40, "over": "1"}, {"versie": "8", "over": "1"}]
)
def test_nonsense_puts_nothing_back_and_breaks_nothing(as_user, draft, question, typed):
    answer = drafts.save_answer(draft, question, "Een.", version=0, by=draft.representative)
    restore = reverse("applications:answer_restore", args=[draft.number, answer.pk])
    assert as_user(draft.colleague).post(restore, typed).status_code == 302
    answer.refresh_from_db()
    assert answer.value == "Een."


# ---------------------------------------------------------------- authors


def link_of(invitation):
    return f"/uitnodiging/{authors.token_of(invitation)}/"


def test_a_colleague_without_an_organisation_comes_in_by_the_link_and_writes(client, as_user, draft, address, question):
    user = UserFactory(email="nele@elders.be")
    as_user(draft.colleague).post(
        reverse("applications:authors", args=[draft.number]),
        {"full_name": "Nele Elders", "email": "Nele@Elders.be", "role": "author"},
    )
    link = link_of(draft.invitations.get())
    assert draft.title in client.get(link).content.decode()
    assert client.post(link)["Location"] == f"/account/login/?next={link}"
    client.force_login(user)
    assert client.get(address).status_code == 404
    answer = client.post(link, follow=True)
    assert "Welkom bij" in answer.content.decode()
    assert client.post(address, values(question, "Van Nele.")).status_code == 302
    assert Answer.objects.get().saved_by == user
    assert draft.title in client.get("/dossiers/").content.decode()
    assert (
        "Alleen een rechtsgeldig vertegenwoordiger"
        in client.get(reverse("applications:submit", args=[draft.number])).content.decode()
    )


def test_a_used_link_shows_the_way_and_an_unknown_one_does_not_exist(client, draft):
    user = UserFactory()
    invitation = authors.invite(
        draft, email=user.email, full_name=str(user), role=AuthorRole.READER, by=draft.representative
    )
    link = link_of(invitation)
    authors.accept(invitation, by=user)
    assert client.get(link).status_code == 410
    client.force_login(user)
    assert "U schrijft al mee" in client.get(link).content.decode()
    assert client.get("/uitnodiging/onbekend/").status_code == 404


def test_a_reader_is_told_what_reading_means(as_user, draft, address):
    user = UserFactory()
    authors.accept(
        authors.invite(draft, email=user.email, full_name=str(user), role=AuthorRole.READER, by=draft.representative),
        by=user,
    )
    page = as_user(user).get(address).content.decode()
    assert "U leest mee" in page
    assert "Bewaar en ga verder" not in page


def test_a_wrong_address_keeps_what_was_typed(as_user, draft):
    address = reverse("applications:authors", args=[draft.number])
    answer = as_user(draft.colleague).post(address, {"full_name": "Nele", "email": "geen adres", "role": "author"})
    assert answer.status_code == 422
    assert 'value="geen adres"' in answer.content.decode()


def test_a_colleague_is_not_offered_to_make_signatories(as_user, draft):
    page = as_user(draft.colleague).get(reverse("applications:authors", args=[draft.number])).content.decode()
    assert 'value="signatory"' not in page
    page = as_user(draft.representative).get(reverse("applications:authors", args=[draft.number])).content.decode()
    assert 'value="signatory"' in page


def test_an_autosave_tells_how_far_the_section_is_now(as_user, draft, address, question):
    client = as_user(draft.colleague)
    first = client.post(address, values(question, "Tekst."), headers={"X-Autosave": "1"}).json()
    assert first["part"]["state"] == "missing"
    long = values(question, "woord " * (question.word_limit + 3), first["versions"][f"v{question.pk}"])
    answer = client.post(address, long, headers={"X-Autosave": "1"}).json()
    assert answer["part"] == {"state": "error", "note": "1 antwoord te lang"}
    assert Answer.objects.get(question=question).version == 2
