"""Due dates of yearly reports: they do not drift, and a later one is asked and granted on record (NOT-11)."""

from datetime import date

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from ibnportal.core.errors import DomainError, NotAllowed, WrongState
from monitoring import invariants
from monitoring.domain import extensions, reports
from monitoring.domain.queries import report_due_on, rules_row
from monitoring.models import AwardYear, ReportExtension
from monitoring.tasks import report_reminders
from monitoring.views.work import work_items
from tests.factories.monitoring import filled_report, team

pytestmark = pytest.mark.django_db
WHY = "De boekhouder sluit het jaar pas in december af."


@pytest.fixture
def crew(clock):
    clock.set("2027-09-15T10:00")
    return team()


def due_days(crew) -> list[date]:
    rules = rules_row(crew.network).frozen()
    return [report_due_on(year, rules) for year in crew.network.award_years.order_by("project_year")]


@pytest.mark.rule("NOT-11")
def test_an_extension_moves_the_due_date_of_its_own_year_only(crew, drain_outbox, mailoutbox):
    report = reports.open(crew.year(), by=crew.worker)
    assert due_days(crew) == [date(2027, 10, 31), date(2028, 10, 31), date(2029, 10, 31)]
    asked = extensions.ask(crew.year(), until=date(2027, 12, 31), reason=WHY, by=crew.worker)
    assert due_days(crew)[0] == date(2027, 10, 31)
    assert [item.action for item in work_items(crew.manager) if "uitstel" in item.text] == ["Antwoord"]
    granted = extensions.grant(asked, reason="De jaarrekening is nodig.", by=crew.manager)
    assert due_days(crew) == [date(2027, 12, 31), date(2028, 10, 31), date(2029, 10, 31)]
    report.refresh_from_db()
    assert report.due_on == date(2027, 12, 31)
    assert (granted.reason, granted.asked_by, granted.decision_reason, granted.decided_by) == (
        WHY, crew.worker, "De jaarrekening is nodig.", crew.manager,
    )  # fmt: skip
    drain_outbox()
    assert [mail.subject for mail in mailoutbox if "itstel" in mail.subject] == [
        "Uitstel gevraagd voor het jaarverslag van projectjaar 1", "Uw vraag om uitstel: toegestaan",
    ]  # fmt: skip


@pytest.mark.rule("NOT-11")
def test_a_late_report_does_not_move_the_next_due_date(crew, clock):
    clock.set("2028-03-01T10:00")
    reports.submit(filled_report(crew), by=crew.worker)
    assert due_days(crew)[1] == date(2028, 10, 31)


def test_a_report_opened_after_the_extension_is_due_on_its_day(crew):
    asked = extensions.ask(crew.year(), until=date(2027, 12, 31), reason=WHY, by=crew.worker)
    extensions.grant(asked, reason="Goed.", by=crew.manager)
    assert reports.open(crew.year(), by=crew.worker).due_on == date(2027, 12, 31)


def test_reminders_follow_the_extension(crew, clock, drain_outbox, mailoutbox):
    asked = extensions.ask(crew.year(), until=date(2027, 12, 31), reason=WHY, by=crew.worker)
    extensions.grant(asked, reason="Goed.", by=crew.manager)
    clock.set("2027-11-15T08:00")
    report_reminders()
    drain_outbox()
    assert [mail.subject for mail in mailoutbox if "Jaarverslag" in mail.subject] == [
        "Jaarverslag in te dienen uiterlijk op 31 december 2027"
    ]


def test_a_refused_one_changes_nothing_and_another_can_be_asked(crew):
    asked = extensions.ask(crew.year(), until=date(2027, 12, 31), reason=WHY, by=crew.worker)
    with pytest.raises(WrongState, match="wacht al een vraag"):
        extensions.ask(crew.year(), until=date(2028, 1, 31), reason=WHY, by=crew.worker)
    extensions.refuse(asked, reason="De gegevens zijn er al.", by=crew.manager)
    assert due_days(crew)[0] == date(2027, 10, 31)
    with pytest.raises(WrongState):
        extensions.grant(asked, reason="Toch.", by=crew.manager)
    assert extensions.ask(crew.year(), until=date(2027, 11, 30), reason=WHY, by=crew.worker).pk


def test_who_asks_and_who_grants(crew, clock):
    common = {"until": date(2027, 12, 31), "reason": WHY}
    with pytest.raises(NotAllowed, match="Alleen wie voor het netwerk werkt"):
        extensions.ask(crew.year(), **common, by=crew.manager)
    with pytest.raises(DomainError, match="Schrijf op waarom"):
        extensions.ask(crew.year(), until=date(2027, 12, 31), reason=" ", by=crew.worker)
    with pytest.raises(DomainError, match=r"na de huidige uiterste dag \(31/10/2027\)"):
        extensions.ask(crew.year(), until=date(2027, 10, 31), reason=WHY, by=crew.worker)
    asked = extensions.ask(crew.year(), **common, by=crew.worker)
    for by in (crew.worker, crew.officer):
        with pytest.raises(NotAllowed):
            extensions.grant(asked, reason="Goed.", by=by)
    with pytest.raises(DomainError, match="waarom u het uitstel"):
        extensions.grant(asked, reason="", by=crew.manager)
    reports.submit(filled_report(crew), by=crew.worker)
    extensions.refuse(asked, reason="Al ingediend.", by=crew.manager)
    with pytest.raises(WrongState, match="al ingediend"):
        extensions.ask(crew.year(), **common, by=crew.worker)


def test_the_database_keeps_requests_whole(crew):
    asked = extensions.ask(crew.year(), until=date(2027, 12, 31), reason=WHY, by=crew.worker)
    with pytest.raises(IntegrityError, match="report_extension_decided_pair"), transaction.atomic():
        ReportExtension.objects.update(state="granted")
    for change in (asked.delete, lambda: ReportExtension.objects.update(reason="Anders.")):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    AwardYear.objects.filter(pk=crew.year().pk).update(report_extended_until=date(2029, 1, 1))
    assert "granted is None" in next(invariants.reports_are_kept())
