"""The screening's pages: evidence beside verdict, nothing typed is lost, the mail is seen before it goes."""

import pytest
from django.urls import reverse

from applications.domain import mergers, screening
from applications.enums import ApplicationState as S
from applications.models import AdmissibilityCheck
from ibnportal.core.accounts.enums import Role
from ibnportal.core.outbox.models import MailRecord
from tests.applications.domain.test_screening import judged
from tests.factories.applications import ApplicationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(as_role, clock):
    clock.set("2026-01-26T10:00")
    return as_role(Role.CASE_HANDLER)


@pytest.fixture
def application():
    return ApplicationFactory(state=S.P1_SUBMITTED, letters=9)


def url(name, application, *args):
    return reverse(f"applications:{name}", args=[application.number, *args])


@pytest.mark.rule("P1-ADM-04")
def test_the_page_shows_the_evidence_before_and_after_opening(client, application):
    assert "9 van 10 geldige brieven" in client.get(url("screening", application)).content.decode()
    client.post(url("screening_open", application))
    page = client.get(url("screening", application)).content.decode()
    assert "0 van 3 beoordeeld" in page
    assert "Bewaar het oordeel" in page


@pytest.mark.rule("P1-ADM-04")
def test_a_verdict_without_its_reason_comes_back_with_what_was_chosen(client, application):
    check = screening.open_screening(application, by=client.user)[2]
    prefix = f"c{check.pk}"
    response = client.post(
        url("screening_judge", application, check.pk), {f"{prefix}-verdict": "yes", f"{prefix}-reason": ""}
    )
    assert response.status_code == 422
    assert "Schrijf waarom" in response.content.decode()
    assert response.context["rows"][2]["form"]["verdict"].value() == "yes"
    client.post(
        url("screening_judge", application, check.pk), {f"{prefix}-verdict": "yes", f"{prefix}-reason": "Papier."}
    )
    assert AdmissibilityCheck.objects.get(pk=check.pk).verdict_reason == "Papier."


@pytest.mark.rule("NOT-02")
def test_inadmissible_shows_the_mail_before_it_goes(client, application):
    judged(application, client.user, no=("P1-ADM-03",))
    target = url("screening_conclude", application, "onontvankelijk")
    assert client.post(target, {"stap": "voorbeeld", "reason": ""}).status_code == 422
    preview = client.post(target, {"stap": "voorbeeld", "reason": "Een brief te weinig."})
    assert "Toelichting: Een brief te weinig." in preview.content.decode()
    assert not MailRecord.objects.filter(key__startswith="screening:").exists()
    client.post(target, {"stap": "verstuur", "reason": "Een brief te weinig.", "message": "Zo gezegd."})
    application.refresh_from_db()
    assert application.state == S.P1_INADMISSIBLE
    assert "Zo gezegd." in MailRecord.objects.get(key__startswith="screening:").text


def test_a_refused_conclusion_keeps_the_text(client, application):
    judged(application, client.user, no=("P1-ADM-03",))
    target = url("screening_conclude", application, "ontvankelijk")
    assert "Dit kan nog niet" in client.get(target).content.decode()
    response = client.post(target, {"stap": "verstuur", "message": "Mijn tekst"})
    assert response.status_code == 422
    application.refresh_from_db()
    assert application.state == S.P1_SUBMITTED


def test_the_page_costs_the_same_for_any_number_of_letters(client, django_assert_num_queries):
    for letters in (1, 10):
        application = ApplicationFactory(state=S.P1_SUBMITTED, letters=letters)
        screening.open_screening(application, by=client.user)
        client.get(url("screening", application))
        with django_assert_num_queries(9):
            client.get(url("screening", application))


def test_a_file_of_the_snapshot_opens_in_the_page_and_no_other_does(client, application):
    other = ApplicationFactory(state=S.P1_SUBMITTED)
    own = application.latest_submission(1).snapshot["documents"][0]["file"]["id"]
    foreign = other.latest_submission(1).snapshot["documents"][0]["file"]["id"]
    shown = client.get(url("handling_file", application, own) + "?toon=1")
    assert shown.headers["Content-Disposition"].startswith("inline")
    assert b"".join(shown.streaming_content).startswith(b"%PDF")
    assert client.get(url("handling_file", application, foreign)).status_code == 404


@pytest.mark.parametrize("role", [Role.EXPERT, Role.COMMITTEE_MEMBER, Role.ACCOUNT_MANAGER, Role.SECRETARY])
def test_only_case_handlers_screen(as_role, application, role, clock):
    client = as_role(role)
    assert client.get(url("screening", application)).status_code == 404
    assert client.post(url("screening_open", application)).status_code == 404


def test_an_applicant_does_not_see_the_screening(as_applicant, application, clock):
    assert as_applicant(application.applicant).get(url("screening", application)).status_code == 404


@pytest.mark.rule("P1-DEC-03")
def test_a_merger_that_cannot_be_is_refused_before_anybody_writes_its_mails(as_user, make_user, clock):
    clock.set("2026-03-02T10:00")
    handler = make_user(Role.CASE_HANDLER)
    one, lead, joined = (ApplicationFactory(state=S.PRESELECTED) for _ in range(3))
    mergers.merge(lead, joined, reason="Akkoord van beide.", by=handler)
    client, address = as_user(handler), url("merge", one)
    asked = {"other": lead.pk, "lead": "this", "reason": "Akkoord van beide.", "stap": "voorbeeld"}
    refused = client.post(address, asked)
    assert refused.status_code == 422
    assert "ging al een ander initiatief op" in refused.content.decode()
    assert "De mails die vertrekken" not in refused.content.decode()
    assert "De mails die vertrekken" in client.post(address, {**asked, "lead": "other"}).content.decode()
