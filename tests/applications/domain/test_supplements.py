"""Completing a full dossier: itemised, once, twelve working days, and then on as it stands (manual 5.3.2)."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from applications.domain import snapshot, supplements
from applications.enums import ApplicationState as S
from applications.models import Submission, Supplement
from ibnportal.core import clock as clock_module
from ibnportal.core.accounts.enums import Role
from ibnportal.core.canonical import digest
from ibnportal.core.errors import DomainError, NotAllowed, TooLate, WrongState
from ibnportal.core.files.models import StoredFile
from ibnportal.core.outbox.models import MailRecord
from tests.factories.applications import ApplicationFactory, budget_upload
from tests.factories.core import pdf_bytes

pytestmark = pytest.mark.django_db


@pytest.fixture
def handler(make_user):
    return make_user(Role.CASE_HANDLER)


@pytest.fixture
def application(clock):
    clock.set("2026-05-12T09:00")
    return ApplicationFactory(state=S.P2_SUBMITTED)


def annex(pages=5):
    return SimpleUploadedFile("annex.pdf", pdf_bytes(pages), content_type="application/pdf")


def answer(application, at, **fields):
    values = {"text": "Punt per punt beantwoord.", "by": application.representative, "received_at": at, **fields}
    return supplements.answer(application, **values)


@pytest.mark.rule("P2-COM-02", "DAT-08")
def test_the_term_ends_with_the_twelfth_working_day(application, handler):
    """Tuesday 12 May; Ascension (14 May) and Whit Monday (25 May) do not count, nor does the day of the request."""
    supplement = supplements.ask(application, items=["Een taakverdeling"], by=handler)
    assert clock_module.local(supplement.due_at).isoformat() == "2026-06-01T23:59:59.999999+02:00"
    assert application.state == S.P2_SUPPLEMENT_ASKED


@pytest.mark.rule("P2-COM-01", "NOT-05")
def test_the_mail_lists_each_item_and_the_deadline(application, handler):
    supplements.ask(
        application, items=["Een taakverdeling", " ", "Het cv van de clustermanager"], asks_budget=True, by=handler
    )
    mail = MailRecord.objects.get(key__startswith="supplement-asked")
    assert "1. Een taakverdeling\n2. Het cv van de clustermanager" in mail.text
    assert "verbeterde begroting" in mail.text
    assert "juni 2026 om 23.59" in mail.text
    assert f"/dossiers/{application.number}/vervollediging/" in mail.text


@pytest.mark.rule("P2-COM-01")
def test_it_is_asked_once(application, handler, clock):
    supplements.ask(application, items=["A"], by=handler)
    with pytest.raises(WrongState, match="maar één keer"):
        supplements.ask(application, items=["B"], by=handler)


def test_asking_for_nothing_is_refused(application, handler):
    with pytest.raises(DomainError, match="minstens één ding"):
        supplements.ask(application, items=["  "], by=handler)


@pytest.mark.rule("P1-ADM-07")
def test_phase_1_knows_no_completion(handler, clock):
    with pytest.raises(WrongState, match="vooraanmelding") as refused:
        supplements.ask(ApplicationFactory(state=S.P1_SUBMITTED), items=["Brief tien"], by=handler)
    assert refused.value.rule_id == "P1-ADM-07"


@pytest.mark.rule("P2-COM-03")
def test_the_answer_becomes_a_next_version_and_leaves_the_first_as_it_was(application, handler, clock):
    first = application.latest_submission(2)
    supplements.ask(application, items=["A"], by=handler)
    version = answer(application, clock.now(), annex=annex())
    assert (version.version, application.state) == (2, S.P2_SUPPLEMENT_ANSWERED)
    read = snapshot.read(version)
    assert read.supplement.text == "Punt per punt beantwoord."
    assert read.supplement.file.pages == 5
    kept = Submission.objects.get(pk=first.pk)
    assert (kept.sha256, kept.snapshot["supplement"]) == (first.sha256, None)
    assert {**version.snapshot, "supplement": None} == kept.snapshot
    assert version.sha256 == digest(version.snapshot) != kept.sha256


@pytest.mark.rule("P2-COM-03")
def test_an_annex_of_six_pages_is_refused_and_nothing_is_kept(application, handler, clock):
    supplements.ask(application, items=["A"], by=handler)
    before = StoredFile.objects.count()
    with pytest.raises(DomainError, match="telt 6 bladzijden; er mogen er hoogstens 5"):
        answer(application, clock.now(), annex=annex(6))
    assert StoredFile.objects.count() == before
    assert Supplement.objects.get().answered_at is None


@pytest.mark.rule("P2-COM-05")
def test_a_corrected_budget_comes_in_when_it_was_asked(application, handler, clock):
    supplements.ask(application, items=["Klopt jaar 2?"], asks_budget=True, by=handler)
    with pytest.raises(DomainError) as refused:
        answer(application, clock.now())
    assert [finding.where for finding in refused.value.findings] == ["budget"]
    version = answer(application, clock.now(), budget=budget_upload(application))
    assert snapshot.read(version).budget.version == 2


@pytest.mark.rule("P2-COM-05")
def test_a_budget_nobody_asked_for_is_refused(application, handler, clock):
    supplements.ask(application, items=["A"], by=handler)
    with pytest.raises(DomainError) as refused:
        answer(application, clock.now(), budget=budget_upload(application))
    assert "geen nieuwe begroting gevraagd" in refused.value.findings[0].message


def test_an_empty_answer_is_refused(application, handler, clock):
    supplements.ask(application, items=["A"], by=handler)
    with pytest.raises(DomainError) as refused:
        answer(application, clock.now(), text=" ")
    assert refused.value.findings[0].where == "text"


@pytest.mark.rule("P2-COM-06")
def test_the_last_instant_is_in_time_and_the_next_is_late(application, handler, clock):
    due = supplements.ask(application, items=["A"], by=handler).due_at
    clock.set("2026-06-02T00:00")
    with pytest.raises(TooLate) as refused:
        answer(application, clock.now())
    assert "2 juni 2026 om 00.00.00" in refused.value.message.replace("\N{NO-BREAK SPACE}", " ")
    assert "1 juni 2026 om 23.59.59" in refused.value.message.replace("\N{NO-BREAK SPACE}", " ")
    assert Supplement.objects.get().answered_at is None
    assert answer(application, due).version == 2


@pytest.mark.rule("DAT-11", "P2-COM-06")
def test_without_an_answer_the_dossier_goes_on_as_it_stands(application, handler, clock):
    supplements.ask(application, items=["A"], by=handler)
    assert supplements.expire_due() == 0
    clock.set("2026-06-02T08:00")
    assert supplements.expire_due() == 1
    assert supplements.expire_due() == 0
    application.refresh_from_db()
    assert application.state == S.P2_SUPPLEMENT_EXPIRED
    assert application.latest_submission(2).version == 1
    assert MailRecord.objects.filter(key__startswith="supplement-expired").count() == 1
    with pytest.raises(TooLate):
        answer(application, clock.now())


@pytest.mark.rule("P2-COM-06")
def test_a_request_that_arrived_in_time_is_not_overtaken_by_the_sweep(application, handler, clock):
    due = supplements.ask(application, items=["A"], by=handler).due_at
    clock.set("2026-06-02T00:01")
    assert supplements.expire_due() == 0
    assert answer(application, due).version == 2


def test_answering_twice_is_refused(application, handler, clock):
    supplements.ask(application, items=["A"], by=handler)
    answer(application, clock.now())
    with pytest.raises(WrongState, match="al op"):
        answer(application, clock.now())


def test_only_a_legal_representative_answers(application, handler, clock):
    supplements.ask(application, items=["A"], by=handler)
    with pytest.raises(NotAllowed):
        answer(application, clock.now(), by=application.colleague)


def test_nothing_to_answer_when_nothing_was_asked(application, clock):
    with pytest.raises(WrongState, match="geen vervollediging gevraagd"):
        answer(application, clock.now())
