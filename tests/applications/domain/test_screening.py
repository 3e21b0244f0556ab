"""The screening: the machine shows, a person judges, the applicant hears (manual 5.2.2, 5.3.2)."""

import pytest
from django.db import IntegrityError, transaction

from applications.domain import screening, supplements
from applications.enums import ApplicationState as S
from applications.enums import CheckOutcome
from applications.models import AdmissibilityCheck, Submission
from ibnportal.core.accounts.enums import Role
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError, NotAllowed, WrongState
from ibnportal.core.outbox.models import MailRecord
from tests.factories.applications import ApplicationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def handler(make_user, clock):
    return make_user(Role.CASE_HANDLER)


def judged(application, handler, *, no=(), reason="Nagekeken."):
    """Every criterion judged by a person: as met, except those named."""
    checks = screening.open_screening(application, by=handler)
    for check in checks:
        verdict = CheckOutcome.NO if check.rule_id in no else CheckOutcome.YES
        screening.judge(check, verdict=verdict, reason=reason, by=handler)
    return checks


@pytest.mark.rule("P1-ADM-04")
def test_opening_stores_the_evidence_of_each_criterion_once(handler):
    application = ApplicationFactory(state=S.P1_SUBMITTED)
    first = screening.open_screening(application, by=handler)
    again = screening.open_screening(application, by=handler)
    assert [check.rule_id for check in first] == ["P1-ADM-01", "P1-ADM-02", "P1-ADM-03"]
    assert [check.machine_outcome for check in first] == ["yes", "yes", "yes"]
    assert [check.pk for check in again] == [check.pk for check in first]
    assert all(check.evidence and not check.verdict for check in first)


@pytest.mark.rule("P2-ADM-03")
def test_phase_2_has_its_ten_criteria(handler):
    application = ApplicationFactory(state=S.P2_SUBMITTED)
    rules = [check.rule_id for check in screening.open_screening(application, by=handler)]
    assert rules == [f"P2-ADM-{n:02d}" for n in range(1, 11)]


def test_a_draft_has_nothing_to_screen(handler):
    with pytest.raises(WrongState, match="valt nu niets te screenen"):
        screening.open_screening(ApplicationFactory(), by=handler)


@pytest.mark.rule("P1-ADM-04")
def test_a_verdict_against_the_evidence_needs_a_reason(handler):
    application = ApplicationFactory(state=S.P1_SUBMITTED, letters=9)
    check = screening.open_screening(application, by=handler)[2]
    assert check.machine_outcome == "no"
    with pytest.raises(DomainError, match="Schrijf waarom"):
        screening.judge(check, verdict="yes", reason="  ", by=handler)
    screening.judge(check, verdict="yes", reason="De tiende brief kwam op papier mee.", by=handler)
    assert AdmissibilityCheck.objects.get(pk=check.pk).verdict == "yes"


@pytest.mark.rule("P1-ADM-04")
def test_the_database_refuses_such_a_verdict_too(handler):
    check = screening.open_screening(ApplicationFactory(state=S.P1_SUBMITTED), by=handler)[0]
    with pytest.raises(IntegrityError, match="admissibility_other_verdict_has_reason"), transaction.atomic():
        AdmissibilityCheck.objects.filter(pk=check.pk).update(
            verdict="no", verdict_at=check.submission.received_at, verdict_by=handler
        )


def test_unclear_is_no_verdict(handler):
    check = screening.open_screening(ApplicationFactory(state=S.P1_SUBMITTED), by=handler)[0]
    with pytest.raises(DomainError, match="moet een persoon beslissen"):
        screening.judge(check, verdict="unclear", reason="?", by=handler)


def test_a_verdict_leaves_a_trace(handler):
    application = ApplicationFactory(state=S.P1_SUBMITTED)
    judged(application, handler)
    events = trail.history(application).filter(action="admissibility.judged")
    assert [event.changes["rule"] for event in events] == ["P1-ADM-01", "P1-ADM-02", "P1-ADM-03"]


@pytest.mark.rule("P1-ADM-05")
def test_admissible_waits_for_every_verdict(handler):
    application = ApplicationFactory(state=S.P1_SUBMITTED)
    checks = screening.open_screening(application, by=handler)
    screening.judge(checks[0], verdict="yes", reason="", by=handler)
    with pytest.raises(DomainError) as refused:
        screening.conclude(application, admissible=True, by=handler)
    assert [finding.rule_id for finding in refused.value.findings] == ["P1-ADM-02", "P1-ADM-03"]
    application.refresh_from_db()
    assert application.state == S.P1_SUBMITTED


@pytest.mark.rule("P1-ADM-05")
def test_one_criterion_not_met_stands_in_the_way(handler):
    application = ApplicationFactory(state=S.P1_SUBMITTED)
    judged(application, handler, no=("P1-ADM-02",))
    with pytest.raises(DomainError) as refused:
        screening.conclude(application, admissible=True, by=handler)
    assert [finding.message for finding in refused.value.findings] == ["als niet voldaan beoordeeld."]


def test_a_no_of_the_machine_rejects_nothing_by_itself(handler):
    application = ApplicationFactory(state=S.P1_SUBMITTED, letters=3)
    checks = screening.open_screening(application, by=handler)
    assert checks[2].machine_outcome == "no"
    with pytest.raises(DomainError, match="duid eerst aan"):
        screening.conclude(application, admissible=False, reason="Te weinig brieven.", by=handler)


@pytest.mark.rule("P1-ADM-06", "NOT-02")
def test_inadmissible_names_the_criterion_in_the_mail_to_the_main_applicant(handler):
    application = ApplicationFactory(state=S.P1_SUBMITTED, letters=9)
    judged(application, handler, no=("P1-ADM-03",), reason="Maar negen geldige brieven.")
    screening.conclude(application, admissible=False, reason="Een tiende brief ontbreekt.", by=handler)
    assert application.state == S.P1_INADMISSIBLE
    mail = MailRecord.objects.get(key__startswith=f"screening:{application.pk}:1")
    assert mail.to == application.representative.email
    assert mail.subject == f"Vooraanmelding {application.number} is niet ontvankelijk"
    assert "Voldoende geldige intentiebrieven: Maar negen geldige brieven." in mail.text
    assert "Een tiende brief ontbreekt." in mail.text


@pytest.mark.rule("P1-ADM-06")
def test_inadmissible_without_a_reason_is_refused(handler):
    application = ApplicationFactory(state=S.P1_SUBMITTED, letters=9)
    judged(application, handler, no=("P1-ADM-03",))
    with pytest.raises(DomainError, match="de aanvrager leest dit"):
        screening.conclude(application, admissible=False, reason=" ", by=handler)


@pytest.mark.rule("P2-COM-07", "NOT-07")
def test_admissible_and_complete_is_told_by_mail(handler):
    application = ApplicationFactory(state=S.P2_SUBMITTED)
    judged(application, handler)
    screening.conclude(application, admissible=True, by=handler)
    assert application.state == S.P2_ADMISSIBLE
    mail = MailRecord.objects.get(key__startswith=f"screening:{application.pk}:2")
    assert mail.subject == f"Aanvraag {application.number} is ontvankelijk en volledig"


@pytest.mark.rule("P2-ADM-12", "NOT-06")
def test_inadmissible_in_phase_2_ends_the_evaluation(handler):
    application = ApplicationFactory(state=S.P2_SUBMITTED)
    judged(application, handler, no=("P2-ADM-06",))
    screening.conclude(application, admissible=False, reason="Start te laat.", by=handler)
    assert application.state == S.P2_INADMISSIBLE
    assert (
        "Start uiterlijk op de uiterste startdatum"
        in MailRecord.objects.get(key__startswith=f"screening:{application.pk}:2").text
    )


def test_the_person_who_sends_may_change_the_mail(handler):
    application = ApplicationFactory(state=S.P2_SUBMITTED)
    judged(application, handler)
    screening.conclude(application, admissible=True, by=handler, message="Beste An\n\nTot snel.")
    assert "Tot snel." in MailRecord.objects.get(key__startswith=f"screening:{application.pk}:2").text


def test_concluding_twice_is_refused_and_mails_once(handler):
    application = ApplicationFactory(state=S.P2_SUBMITTED)
    judged(application, handler)
    screening.conclude(application, admissible=True, by=handler)
    with pytest.raises(WrongState):
        screening.conclude(application, admissible=True, by=handler)
    assert MailRecord.objects.filter(key__startswith=f"screening:{application.pk}").count() == 1


@pytest.mark.parametrize("state", [S.P1_DRAFT, S.P1_ADMISSIBLE, S.PRESELECTED, S.WITHDRAWN])
def test_no_other_state_is_concluded(handler, state):
    with pytest.raises(WrongState):
        screening.conclude(ApplicationFactory(state=state), admissible=True, by=handler)


def test_nobody_screens_the_dossier_of_their_own_organisation(make_user, clock):
    application = ApplicationFactory(state=S.P1_SUBMITTED)
    handler = make_user(Role.CASE_HANDLER, organisation=application.applicant)
    with pytest.raises(NotAllowed, match="Laat een collega"):
        screening.open_screening(application, by=handler)


@pytest.mark.rule("P2-ADM-02")
def test_after_a_supplement_only_what_changed_is_judged_again(handler, clock):
    clock.set("2026-05-12T09:00")
    application = ApplicationFactory(state=S.P2_SUBMITTED)
    judged(application, handler)
    supplements.ask(application, items=["Een taakverdeling"], by=handler)
    supplements.answer(application, text="Hier is ze.", by=application.representative, received_at=clock.now())
    checks = screening.open_screening(application, by=handler)
    assert Submission.objects.filter(application=application, phase=2).count() == 2
    assert {check.submission.version for check in checks} == {2}
    assert [check.rule_id for check in checks if not check.verdict] == []
    assert checks[1].machine_outcome == "yes"  # handed in before the deadline: the supplement came later, and may
