"""Handing in: the stamp, who may, what is frozen, once; and taking out."""

import datetime as dt
import threading

import pytest
from django.core import mail
from django.db import DatabaseError, connection, transaction

from applications.domain import budget, drafts, freezing, letters, snapshot, submission
from applications.domain.drafts import AnswerConflict
from applications.invariants import letters_once, submissions
from applications.models import Application, Receipt
from calls.models import Question
from ibnportal.core import clock as portal_clock
from ibnportal.core.audit import trail
from ibnportal.core.canonical import digest
from ibnportal.core.errors import DomainError, NotAllowed, TooLate, WrongState
from tests.factories.applications import (
    PHASE1_AT,
    ApplicationFactory,
    add_letters,
    budget_upload,
    complete_full_dossier,
    small_pdf,
)  # fmt: skip
from tests.factories.core import UserFactory

pytestmark = pytest.mark.django_db

NOON = "2026-01-23T12:00:00"


def submit(application, at=PHASE1_AT, by=None):
    at = portal_clock.moment(at)
    return submission.submit(application, by=by or application.representative, received_at=at)


@pytest.mark.rule("P1-ADM-01")
@pytest.mark.rule("DAT-03")
def test_twelve_sharp_is_in_time(clock):
    assert submit(ApplicationFactory(), NOON).received_at == portal_clock.moment(NOON)


@pytest.mark.rule("P1-ADM-01")
def test_a_second_later_is_refused_with_both_times_and_the_draft_stays(clock):
    application = ApplicationFactory(letters=1)
    with pytest.raises(TooLate) as late:
        submit(application, "2026-01-23T12:00:01")
    assert "23/01/2026 om 12:00:01" in late.value.message
    assert "23/01/2026 om 12:00:00" in late.value.message
    application.refresh_from_db()
    assert (application.state, application.letters.count(), application.submissions.count()) == ("p1_draft", 1, 0)


@pytest.mark.rule("P2-ADM-02")
@pytest.mark.rule("DAT-07")
def test_phase_2_closes_on_11_may_at_noon(clock):
    application = ApplicationFactory(state="p2_draft")
    with pytest.raises(TooLate, match=r"11/05/2026 om 12:00:00"):
        submit(application, "2026-05-11T12:00:00.000001")
    assert submit(application, "2026-05-11T12:00:00").phase == 2


@pytest.mark.rule("ROL-06")
@pytest.mark.rule("P2-ADM-05")
def test_only_a_legal_representative_submits_and_the_others_read_who_can(clock):
    application = ApplicationFactory()
    with pytest.raises(NotAllowed, match=application.representative.full_name):
        submit(application, by=application.colleague)
    with pytest.raises(NotAllowed):
        submit(application, by=UserFactory())


def test_a_second_submission_says_when_the_first_came_in(clock):
    application = ApplicationFactory()
    submit(application)
    with pytest.raises(WrongState, match="al ingediend, op 20/01/2026 om 11:00:00"):
        submit(application)
    assert application.submissions.count() == 1


def test_nine_letters_may_be_handed_in_for_the_screening_decides(clock):
    assert submit(ApplicationFactory(letters=9)).phase == 1


@pytest.mark.django_db(transaction=True)
def test_two_tabs_at_once_make_exactly_one_submission(clock):
    application = ApplicationFactory()
    barrier, outcomes = threading.Barrier(2), []

    def attempt():
        try:
            barrier.wait(5)
            submit(Application.objects.get(pk=application.pk), by=application.representative)
            outcomes.append("done")
        except WrongState:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=attempt) for _ in range(2)]
    [thread.start() for thread in threads]
    [thread.join(20) for thread in threads]
    assert sorted(outcomes) == ["done", "refused"]
    assert application.submissions.count() == 1


# ---------------------------------------------------------------- what is frozen


def test_a_submission_reads_back_what_was_there_and_later_changes_do_not_touch_it(clock):
    application = ApplicationFactory(state="p1_submitted")
    frozen = application.submissions.get()
    dossier = snapshot.read(frozen)
    assert (dossier.number, len(dossier.letters), dossier.phase) == (application.number, 10, 1)
    assert dossier.submitted_by.is_legal_representative
    assert next(what for what, _ in dossier.files()) == "Presentatie voor de pitch"
    Application.objects.filter(pk=application.pk).update(title="Iets anders")
    frozen.refresh_from_db()
    assert snapshot.read(frozen) == dossier


def test_the_hash_is_over_the_canonical_bytes_as_they_come_back(clock):
    application = ApplicationFactory(state="p2_submitted", letters=2)
    frozen = application.submissions.get(phase=2)
    assert digest(frozen.snapshot) == frozen.sha256
    assert len(frozen.sha256) == 64
    assert list(submissions()) == []
    assert list(letters_once()) == []


def test_a_submission_cannot_be_changed_or_removed(clock):
    frozen = submit(ApplicationFactory())
    frozen.sha256 = "0" * 64
    with pytest.raises(DatabaseError), transaction.atomic():
        frozen.save()
    with pytest.raises(DatabaseError), transaction.atomic():
        frozen.delete()


def test_a_full_dossier_freezes_budget_plan_and_indicators(clock):
    application = ApplicationFactory(state="p2_draft")
    complete_full_dossier(application, letters_count=1)
    dossier = snapshot.read(submit(application, "2026-05-08T11:00"))
    assert str(dossier.requested_grant) == "150000.00"
    assert (len(dossier.budget.lines), len(dossier.cofinancing), len(dossier.kpis)) == (15, 9, 4)
    assert dossier.preselected_at == portal_clock.moment("2026-02-23T09:00")


# ---------------------------------------------------------------- receipt


@pytest.mark.rule("P1-SUB-07")
@pytest.mark.rule("NOT-01")
def test_the_applicant_gets_a_mail_and_a_pdf_once(clock, drain_outbox):
    application = ApplicationFactory()
    frozen = submit(application)
    drain_outbox()
    drain_outbox()
    (sent,) = [message for message in mail.outbox if "Ontvangen" in message.subject]
    assert sent.to == [application.representative.email]
    assert "20/01/2026 om 11:00:00" in sent.body
    assert frozen.sha256 in sent.body
    receipt = Receipt.objects.get(submission=frozen)
    assert receipt.file.content_type == "application/pdf"


# ---------------------------------------------------------------- withdrawing, second phase


@pytest.mark.rule("STA-10")
def test_withdrawing_needs_a_reason_and_a_representative(clock):
    application = ApplicationFactory()
    with pytest.raises(DomainError, match="waarom"):
        submission.withdraw(application, by=application.representative, reason=" ")
    with pytest.raises(NotAllowed):
        submission.withdraw(application, by=application.colleague, reason="Te weinig steun")
    submission.withdraw(application, by=application.representative, reason="Te weinig steun")
    assert application.state == "withdrawn"
    assert trail.history(application).last().reason == "Te weinig steun"


def test_what_is_decided_cannot_be_withdrawn(clock):
    application = ApplicationFactory(state="awarded", letters=0)
    with pytest.raises(WrongState):
        submission.withdraw(application, by=application.representative, reason="Toch niet")


@pytest.mark.rule("P2-ADM-01")
@pytest.mark.parametrize("state", ["p1_submitted", "p1_advised", "not_preselected"])
def test_only_a_preselected_initiative_begins_the_full_dossier(clock, state):
    application = ApplicationFactory(state=state, letters=0)
    with pytest.raises(WrongState):
        submission.open_full_dossier(application, by=application.representative)


@pytest.mark.rule("KPI-07")
@pytest.mark.rule("P1-DEC-03")
def test_the_full_dossier_begins_with_the_calls_duration_and_indicators(clock):
    application = ApplicationFactory(state="merge_advised", letters=0)
    submission.open_full_dossier(application, by=application.colleague)
    assert (application.state, application.duration_months) == ("p2_draft", 36)
    assert application.kpi_targets.count() == 4


# ---------------------------------------------------------------- drafts


def test_two_people_in_one_answer_lose_nothing(clock):
    application = ApplicationFactory()
    question = Question.objects.filter(
        section__call=application.call, section__phase=1, answer_type="long_text"
    ).first()
    drafts.save_answer(application, question, "van de ene", version=0, by=application.representative)
    with pytest.raises(AnswerConflict) as conflict:
        drafts.save_answer(application, question, "van de andere", version=0, by=application.colleague)
    assert (conflict.value.current.value, conflict.value.typed) == ("van de ene", "van de andere")
    saved = drafts.save_answer(application, question, "samen", version=1, by=application.colleague)
    assert (saved.value, saved.version) == ("samen", 2)


@pytest.mark.rule("P1-SUB-01")
def test_a_call_that_is_closed_takes_no_new_initiative(clock):
    application = ApplicationFactory()
    clock.set("2026-01-23T12:00:01")
    with pytest.raises(TooLate, match="sloot op 23/01/2026 om 12:00:00"):
        drafts.start(
            call=application.call, organisation=application.applicant, title="Te laat", by=application.colleague
        )


def test_initiatives_are_numbered_by_call(clock):
    first = ApplicationFactory(number="IBN-2025-041")
    begun = drafts.start(call=first.call, organisation=first.applicant, title="Nieuw", by=first.colleague)
    assert begun.number == "IBN-2025-042"


def test_a_new_annex_replaces_the_earlier_one(clock):
    application = ApplicationFactory()
    for title in ("een", "twee"):
        drafts.attach(application, "pitch_deck", small_pdf(f"{title}.pdf"), by=application.colleague)
    assert [document.file.name for document in application.documents.select_related("file")] == ["twee.pdf"]


def test_a_budget_with_errors_changes_nothing(clock):
    application = ApplicationFactory(state="p2_draft")
    budget.accept(application, budget_upload(application), by=application.colleague)
    other = ApplicationFactory(state="p2_draft", applicant=application.applicant)
    with pytest.raises(budget.Refused) as refused:
        budget.accept(application, budget_upload(other), by=application.colleague)
    assert "van dossier" in refused.value.findings[0].message
    assert budget.latest(application).version == 1
    budget.accept(application, budget_upload(application), by=application.colleague)
    assert budget.latest(application).version == 2


@pytest.mark.rule("BUD-14")
def test_a_budget_above_the_cap_is_refused(clock):
    application = ApplicationFactory(state="p2_draft")
    costs = (("Duur", "personnel", (450001, 0, 0), (72, 0, 0), ""),)
    with pytest.raises(budget.Refused) as refused:
        budget.accept(application, budget_upload(application, costs), by=application.colleague)
    assert {found.rule_id for found in refused.value.findings if found.severity == "error"} == {"BUD-14", "BUD-15"}


def test_an_empty_budget_is_refused(clock):
    application = ApplicationFactory(state="p2_draft")
    with pytest.raises(budget.Refused, match="niet bewaard") as refused:
        budget.accept(application, budget_upload(application, ()), by=application.colleague)
    assert refused.value.findings[0].message == "De begroting is nog leeg: er staat geen enkele kost in."


def test_a_handed_in_dossier_refuses_every_change(clock):
    application = ApplicationFactory(state="p1_submitted", letters=1)
    by = application.representative
    question = Question.objects.filter(section__call=application.call, section__phase=1).first()
    attempts = (
        lambda: drafts.save_answer(application, question, "later", version=1, by=by),
        lambda: drafts.save_facts(application, by=by, title="Later"),
        lambda: drafts.attach(application, "pitch_deck", small_pdf(), by=by),
        lambda: letters.remove(application.letters.get(), by=by),
        lambda: add_letters(application),
    )
    for attempt in attempts:
        with pytest.raises(WrongState):
            attempt()


@pytest.mark.rule("STA-04")
def test_a_preselected_initiative_that_never_hands_in_ends_as_not_submitted(clock):
    application = ApplicationFactory(state="p2_draft", letters=1)
    with pytest.raises(DomainError, match="kan nog ingediend worden"):
        submission.close_unsubmitted(application, by=None, at=portal_clock.moment("2026-05-11T12:00:00"))
    assert submission.close_all_unsubmitted(at=portal_clock.moment("2026-05-11T12:00:00")) == 0
    assert submission.close_all_unsubmitted(at=portal_clock.moment("2026-05-11T12:02:01")) == 1
    application.refresh_from_db()
    assert application.state == "not_submitted"
    assert submission.close_all_unsubmitted(at=portal_clock.moment("2026-05-12T09:00:00")) == 0


def test_a_draft_is_read_in_one_query_and_again_the_next_day(clock, django_assert_num_queries):
    """Who may hand it in depends on the day; the text of the query is kept for one day only."""
    draft = Application.objects.select_related("call", "applicant").get(pk=ApplicationFactory(letters=3).pk)
    membership = draft.applicant.memberships.get(is_legal_representative=True)
    freezing.take(draft, 1)
    with django_assert_num_queries(1):
        before = freezing.take(draft, 1, rules_version=1)
    assert before["representatives"] == [membership.user.full_name]
    membership.until = portal_clock.today() + dt.timedelta(days=1)
    membership.save()
    clock.set(f"{membership.until:%Y-%m-%d}T09:00")
    assert freezing.take(draft, 1)["representatives"] == []
