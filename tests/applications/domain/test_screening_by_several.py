"""Several people in one screening: who has what, who is there, and two verdicts on one criterion (manual 5.2.2, 5.3.2)."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from applications.domain import handling, screening, supplements
from applications.domain.screening import VerdictConflict, stamp_of
from applications.enums import ApplicationState as S
from applications.models import AdmissibilityCheck, Application, DossierHandler
from ibnportal.core import clock as portal_clock
from ibnportal.core.accounts.enums import Role
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError, NotAllowed
from tests.factories.applications import ApplicationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def handler(make_user, clock):
    clock.set("2026-01-26T10:00")
    return make_user(Role.CASE_HANDLER, full_name="Carla Maes")


@pytest.fixture
def colleague(make_user):
    return make_user(Role.CASE_HANDLER, full_name="Dirk Peeters")


@pytest.fixture
def application(handler):
    return ApplicationFactory(state=S.P1_SUBMITTED, letters=9)


@pytest.mark.rule("P1-ADM-04")
def test_a_second_verdict_does_not_overwrite_the_first_unseen(application, handler, colleague):
    check = screening.open_screening(application, by=handler)[2]
    seen = stamp_of(check)
    screening.judge(check, verdict="no", reason="", by=colleague, seen=seen)
    with pytest.raises(VerdictConflict) as conflict:
        screening.judge(check, verdict="yes", reason="De tiende kwam op papier.", by=handler, seen=seen)
    assert "Dirk Peeters" in conflict.value.message
    again = stamp_of(conflict.value.current)
    screening.judge(check, verdict="yes", reason="De tiende kwam op papier.", by=handler, seen=again)
    assert AdmissibilityCheck.objects.get(pk=check.pk).verdict == "yes"


def test_the_same_verdict_twice_is_no_conflict(application, handler, colleague):
    check = screening.open_screening(application, by=handler)[2]
    seen = stamp_of(check)
    screening.judge(check, verdict="no", reason="", by=colleague, seen=seen)
    screening.judge(check, verdict="no", reason="", by=handler, seen=seen)


def test_the_page_gives_back_what_the_second_typed_beside_what_the_first_decided(
    application, handler, colleague, as_user
):
    check = screening.open_screening(application, by=handler)[2]
    seen = stamp_of(check)
    screening.judge(check, verdict="no", reason="", by=colleague)
    prefix, client = f"c{check.pk}", as_user(handler)
    address = reverse("applications:screening_judge", args=[application.number, check.pk])
    data = {f"{prefix}-verdict": "yes", f"{prefix}-reason": "Mijn reden.", f"{prefix}-seen": seen}
    response = client.post(address, data)
    page = response.content.decode()
    assert response.status_code == 409
    assert "Dirk Peeters beoordeelde dit criterium intussen" in page
    assert "Mijn reden." in page
    form = response.context["rows"][2]["form"]
    client.post(address, {**data, f"{prefix}-seen": form["seen"].value()})
    assert AdmissibilityCheck.objects.get(pk=check.pk).verdict == "yes"


def test_who_has_it_open_is_shown_to_the_other(application, handler, colleague, as_user, clock):
    page = reverse("applications:screening", args=[application.number])
    as_user(colleague).get(page)
    assert "Dirk Peeters heeft dit dossier ook open" in as_user(handler).get(page).content.decode()
    clock.advance(minutes=3)
    fragment = reverse("applications:screening_presence", args=[application.number])
    assert "Dirk Peeters" not in as_user(handler).get(fragment).content.decode()


def test_a_page_that_is_behind_says_so(application, handler, colleague, as_user):
    check = screening.open_screening(application, by=handler)[0]
    client, fragment = as_user(handler), reverse("applications:screening_presence", args=[application.number])
    before = client.get(reverse("applications:screening", args=[application.number])).context["fingerprint"]
    assert "intussen iets beoordeeld" not in client.get(fragment, {"stand": before}).content.decode()
    screening.judge(check, verdict="yes", reason="", by=colleague)
    assert "intussen iets beoordeeld" in client.get(fragment, {"stand": before}).content.decode()


# ---------------------------------------------------------------- who has what


@pytest.mark.rule("ROL-10")
def test_a_dossier_has_one_handler_at_a_time_and_the_trail_knows_the_others(application, handler, colleague):
    handling.assign(application, handler=handler, by=handler)
    handling.assign(application, handler=colleague, by=handler)
    handling.assign(application, handler=colleague, by=handler)
    assert handling.handler_of(application) == colleague
    assert trail.history(application).filter(action="handler.assigned").count() == 2
    held = DossierHandler.objects.get(application=application, until_at__isnull=True)
    with pytest.raises(IntegrityError, match="one_handler_at_a_time"), transaction.atomic():
        DossierHandler.objects.create(
            application=application, handler=handler, since_at=held.since_at, since_by=handler
        )


def test_only_a_case_handler_from_elsewhere_takes_it_up(application, handler, make_user):
    with pytest.raises(DomainError, match="geen dossierbehandelaar"):
        handling.assign(application, handler=make_user(Role.EXPERT), by=handler)
    own = make_user(Role.CASE_HANDLER, organisation=application.applicant)
    with pytest.raises(NotAllowed, match="hoort bij de aanvrager"):
        handling.assign(application, handler=own, by=handler)


def lines(application, phase):
    return handling.progress(application.call, phase, among=Application.objects.all())


def test_the_screening_of_phase_1_aims_at_five_working_days_after_the_deadline(application, handler):
    """Closed on Friday 23 January at noon: Friday the 30th, before the first pitch on 2 February."""
    [line] = lines(application, 1)
    assert portal_clock.local(line.due_at).date() == date(2026, 1, 30)
    assert (line.handler, line.total, line.is_this_week) == (None, 0, True)
    screening.open_screening(application, by=handler)
    handling.assign(application, handler=handler, by=handler)
    [line] = lines(application, 1)
    assert (line.handler, line.total, line.judged, line.doubts) == (handler, 3, 0, 1)


def test_what_is_late_stands_first_and_who_completes_is_not_late(handler, clock):
    clock.set("2026-05-13T10:00")
    waiting, late = ApplicationFactory(state=S.P2_SUBMITTED), ApplicationFactory(state=S.P2_SUBMITTED)
    supplement = supplements.ask(waiting, items=["A"], by=handler)
    clock.set("2026-05-27T10:00")
    first, second = lines(waiting, 2)
    assert (first.application, first.is_overdue) == (late, True)
    assert (second.application, second.due_at, second.waits_for_applicant) == (waiting, supplement.due_at, True)
    clock.set(supplement.due_at + timedelta(minutes=5))
    supplements.expire_due()
    again = {line.application: line for line in lines(waiting, 2)}[waiting]
    assert portal_clock.local(again.due_at).date() == date(2026, 6, 9)


def test_the_progress_page_costs_the_same_for_one_and_three(handler, as_user, django_assert_num_queries):
    client, address = as_user(handler), reverse("applications:screening_progress")
    for wanted in (1, 3):
        while Application.objects.in_state(S.P1_SUBMITTED).count() < wanted:
            screening.open_screening(ApplicationFactory(state=S.P1_SUBMITTED, letters=0), by=handler)
        client.get(address)
        with django_assert_num_queries(10):
            client.get(address, {"fase": "1"})


def test_a_colleague_is_given_a_dossier_on_the_progress_page(application, handler, colleague, as_user):
    client = as_user(handler)
    address = reverse("applications:screening_assign", args=[application.number])
    assert client.post(address, {"handler": colleague.pk}).status_code == 302
    page = client.get(reverse("applications:screening_progress"), {"fase": "1", "wie": "niemand"})
    assert page.context["lines"] == []
    assert handling.handler_of(application) == colleague
