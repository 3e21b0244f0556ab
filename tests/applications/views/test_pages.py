"""Every page of the applicant opens in every state that has it, at a constant number of queries, for its own people only."""

import pytest
from django.urls import reverse

from tests.factories.applications import ApplicationFactory, add_letters
from tests.factories.core import OrganisationFactory

pytestmark = pytest.mark.django_db

PHASE1 = ("detail", "facts", "letters", "letter_add", "documents", "submit", "withdraw")
PHASE2 = (*PHASE1, "budget", "budget_template", "cofinancing", "kpis", "kpi_add")


def address(name, application, *args):
    return reverse(f"applications:{name}", args=[application.number, *args])


@pytest.fixture
def draft(clock):
    return ApplicationFactory(letters=2)


@pytest.fixture
def full_draft(clock):
    clock.set("2026-03-02T10:00")
    return ApplicationFactory(state="p2_draft", letters=1)


def content_of(response):
    """The whole of a download, its file closed."""
    content = b"".join(response.streaming_content)
    for close in response._resource_closers:
        close()
    return content


def test_every_page_of_the_pre_registration_opens(as_user, draft):
    client = as_user(draft.representative)
    assert {name: client.get(address(name, draft)).status_code for name in PHASE1} == dict.fromkeys(PHASE1, 200)


def test_every_page_of_the_full_dossier_opens(as_user, full_draft):
    client = as_user(full_draft.colleague)
    assert {name: client.get(address(name, full_draft)).status_code for name in PHASE2} == dict.fromkeys(PHASE2, 200)


def test_the_pre_registration_has_no_budget_plan_or_indicators(as_user, draft):
    client = as_user(draft.representative)
    names = ("budget", "budget_template", "cofinancing", "kpis")
    assert {name: client.get(address(name, draft)).status_code for name in names} == dict.fromkeys(names, 404)


def test_another_organisation_finds_nothing(as_applicant, full_draft):
    client = as_applicant(OrganisationFactory())
    assert {name: client.get(address(name, full_draft)).status_code for name in PHASE2} == dict.fromkeys(PHASE2, 404)


def test_every_section_opens(as_user, full_draft):
    client = as_user(full_draft.representative)
    for section in full_draft.call.sections.filter(phase=2):
        assert client.get(address("section", full_draft, section.code)).status_code == 200


def test_letters_lines_and_indicators_open(as_user, full_draft):
    client = as_user(full_draft.representative)
    letter = full_draft.letters.get(phase=2)
    indicator = full_draft.kpi_targets.first()
    assert client.get(address("letter", full_draft, letter.pk)).status_code == 200
    assert content_of(client.get(address("letter_file", full_draft, letter.pk))).startswith(b"%PDF")
    assert client.get(address("kpi", full_draft, indicator.pk)).status_code == 200


def test_the_pages_of_a_draft_ask_seven_queries_at_most(as_user, full_draft, django_assert_num_queries):
    client = as_user(full_draft.representative)
    section = full_draft.call.sections.filter(phase=2).order_by("position")[2]
    for url, count in ((address("detail", full_draft), 6), (address("section", full_draft, section.code), 7)):
        client.get(url)
        with django_assert_num_queries(count):
            client.get(url)


def test_the_list_has_a_constant_number_of_queries(as_user, clock, django_assert_num_queries):
    first = ApplicationFactory()
    client = as_user(first.representative)
    client.get(reverse("applications:list"))
    with django_assert_num_queries(6):
        client.get(reverse("applications:list"))
    ApplicationFactory(applicant=first.applicant)
    ApplicationFactory(applicant=first.applicant)
    with django_assert_num_queries(6):
        assert client.get(reverse("applications:list")).content.count(b'class="task-card ') == 3


def test_the_register_has_a_constant_number_of_queries(as_user, clock, django_assert_num_queries):
    draft = ApplicationFactory(letters=1)
    client = as_user(draft.representative)
    client.get(address("letters", draft))
    with django_assert_num_queries(8):
        client.get(address("letters", draft))
    add_letters(draft, 2)
    with django_assert_num_queries(8):
        assert client.get(address("letters", draft)).content.decode().count("Telt mee</span>") == 3


@pytest.mark.rule("PRG-24")
def test_after_submitting_the_receipt_and_what_was_handed_in_open(as_user, clock, drain_outbox):
    application = ApplicationFactory(state="p1_submitted", letters=1)
    client = as_user(application.representative)
    page = client.get(address("receipt", application, 1))
    assert "wordt gemaakt" in page.content.decode()
    drain_outbox()
    page = client.get(address("receipt", application, 1))
    assert "Download als PDF" in page.content.decode()
    assert content_of(client.get(address("receipt_file", application, 1))).startswith(b"%PDF")
    assert client.get(address("submitted", application, 1, 1)).status_code == 200
    file_id = application.submissions.get().snapshot["letters"][0]["file"]["id"]
    assert content_of(client.get(address("submission_file", application, 1, 1, file_id))).startswith(b"%PDF")
    assert client.get(address("submission_file", application, 1, 1, file_id + 10_000)).status_code == 404
