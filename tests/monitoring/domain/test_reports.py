"""The yearly report (MON-02, MON-03, NOT-11, KPI-11)."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from ibnportal.core.errors import DomainError, NotAllowed, WrongState
from ibnportal.core.findings import Severity
from monitoring.domain import reports
from monitoring.enums import KpiBasis, ReportState
from monitoring.models import KpiValue, Report, ReportCost
from monitoring.tasks import report_reminders
from tests.factories.monitoring import filled_report, member, team

pytestmark = pytest.mark.django_db


@pytest.fixture
def crew(clock):
    clock.set("2027-09-01T10:00")
    return team()


@pytest.mark.rule("NOT-11")
def test_a_report_is_due_two_months_after_the_year(crew):
    report = reports.open(crew.year(), by=crew.worker)
    assert report.due_on == date(2027, 10, 31)
    assert reports.open(crew.year(), by=crew.manager) == report
    assert report.costs.count() == 4


@pytest.mark.rule("MON-02")
@pytest.mark.rule("MON-03")
def test_an_empty_report_says_everything_that_is_lacking(crew):
    report = reports.open(crew.year(), by=crew.worker)
    with pytest.raises(DomainError, match="nog niet volledig") as error:
        reports.submit(report, by=crew.worker)
    assert [finding.where for finding in error.value.findings] == [
        "Projectstatus", "Behaalde resultaten", "Succesverhalen", "Indicatoren", "Indicatoren", "Actieve ondernemingen",
        "Kosten", "Boekhouding",
    ]  # fmt: skip


@pytest.mark.rule("MON-02")
@pytest.mark.rule("KPI-07")
@pytest.mark.rule("KPI-08")
@pytest.mark.rule("HK-08")
def test_reported_values_stand_beside_the_computed_ones(crew):
    member(crew.network)
    member(crew.network, joined_on=date(2025, 1, 1))
    report = reports.submit(filled_report(crew), by=crew.worker)
    values = {(v.label, v.basis): (v.value, v.project_year) for v in KpiValue.objects.filter(report=report)}
    assert values == {
        ("Actieve ondernemingen", KpiBasis.REPORTED): (Decimal("20.00"), 1),
        ("Actieve ondernemingen", KpiBasis.COMPUTED): (Decimal("2.00"), 1),
        ("Nieuwe actieve ondernemingen", KpiBasis.REPORTED): (Decimal("20.00"), 1),
        ("Nieuwe actieve ondernemingen", KpiBasis.COMPUTED): (Decimal("1.00"), 1),
    }
    assert [company["since"] for company in report.active_companies] == ["2026-09-01", "2025-01-01"]


def test_a_report_is_handed_in_by_the_network_after_the_year(crew, clock):
    report = filled_report(crew)
    with pytest.raises(NotAllowed, match="Alleen wie voor het netwerk werkt"):
        reports.submit(report, by=crew.manager)
    clock.set("2027-08-31T23:59")
    with pytest.raises(WrongState, match="loopt nog tot en met 31/08/2027"):
        reports.submit(report, by=crew.worker)
    clock.set("2027-09-01T00:00")
    assert reports.submit(report, by=crew.worker).state == ReportState.SUBMITTED
    with pytest.raises(WrongState, match="kan niet meer aangepast"):
        reports.save(report, by=crew.worker, results="Nog iets.")


def test_questions_go_back_and_the_next_hand_in_is_the_reading(crew, drain_outbox, mailoutbox):
    report = reports.submit(filled_report(crew), by=crew.worker)
    with pytest.raises(DomainError, match="Schrijf op wat"):
        reports.send_back(report, questions="", by=crew.manager)
    reports.send_back(report, questions="Hoe kwam u aan twintig?", by=crew.manager)
    kpi = crew.network.agreement.kpis.first()
    reports.save(report, by=crew.worker, kpis={kpi.pk: Decimal(18)})
    reports.submit(report, by=crew.worker)
    values = KpiValue.objects.filter(report=report, basis=KpiBasis.REPORTED, label="Actieve ondernemingen").order_by(
        "id"
    )
    assert [(v.value, v.is_reading) for v in values] == [(Decimal("20.00"), False), (Decimal("18.00"), True)]
    drain_outbox()
    assert sorted((mail.to[0], mail.subject.split(":")[0]) for mail in mailoutbox if "Vragen" in mail.subject) == [
        (crew.worker.email, "Vragen bij uw jaarverslag van projectjaar 1")
    ]


@pytest.mark.rule("SUB-01")
def test_costs_are_accepted_per_type_with_a_reason_for_less(crew):
    report = reports.submit(filled_report(crew, costs="450000.00"), by=crew.worker)
    none = dict.fromkeys(("overhead", "operating", "external"), Decimal("0.00"))
    with pytest.raises(DomainError, match="werkingskosten"):
        reports.approve(
            report,
            accepted_costs={
                "personnel": Decimal("450000.00"),
                "overhead": Decimal("0.00"),
                "external": Decimal("0.00"),
            },
            by=crew.manager,
        )
    with pytest.raises(DomainError, match="waarom u minder aanvaardt"):
        reports.approve(report, accepted_costs={**none, "personnel": Decimal("449999.99")}, by=crew.manager)
    for amount in (Decimal("450000.01"), Decimal("-0.01")):
        with pytest.raises(DomainError, match="tussen nul en het ingediende bedrag"):
            reports.approve(report, accepted_costs={**none, "personnel": (amount, "Omdat.")}, by=crew.manager)
    assert reports.accepted_costs_of(crew.year()) == Decimal("0.00")
    reports.approve(
        report, accepted_costs={**none, "personnel": (Decimal("440000.00"), "Niet aan het project.")}, by=crew.manager
    )
    assert reports.accepted_costs_of(crew.year()) == Decimal("440000.00")
    with pytest.raises(IntegrityError, match="report_cost_accepted_within_submitted"), transaction.atomic():
        ReportCost.objects.filter(cost_type="personnel").update(accepted_amount=Decimal("450000.01"))


def test_nobody_approves_their_own_report(crew):
    report = reports.submit(filled_report(crew), by=crew.worker)
    for by, message in ((crew.worker, "U werkt voor dit netwerk"), (crew.officer, "accountmanager")):
        with pytest.raises(NotAllowed, match=message):
            reports.approve(report, accepted_costs={}, by=by)


def test_negative_costs_are_refused(crew):
    report = reports.open(crew.year(), by=crew.worker)
    with pytest.raises(DomainError, match="kunnen niet negatief"):
        reports.save(report, by=crew.worker, costs={"personnel": (Decimal("-1.00"), Decimal(0))})


@pytest.mark.rule("NOT-11")
def test_the_network_is_reminded_once_an_occasion(crew, clock, drain_outbox, mailoutbox):
    for moment in (
        "2027-08-31",
        "2027-09-01",
        "2027-09-02",
        "2027-10-17",
        "2027-10-18",
        "2027-10-31",
        "2027-11-01",
        "2027-12-01",
    ):
        clock.set(f"{moment}T08:00")
        report_reminders()
    drain_outbox()
    assert [mail.subject for mail in mailoutbox if "Jaarverslag" in mail.subject] == [
        "Jaarverslag in te dienen uiterlijk op 31 oktober 2027",
        "Jaarverslag in te dienen uiterlijk op 31 oktober 2027",
        f"Jaarverslag te laat: {crew.network.name}",
    ]


def test_who_handed_in_is_not_reminded(crew, clock, drain_outbox, mailoutbox):
    reports.submit(filled_report(crew), by=crew.worker)
    assert report_reminders() == 0
    assert Report.objects.count() == 1


# ---------------------------------------------------------------- questions about parts


@pytest.mark.rule("MON-02")
def test_a_question_about_a_part_is_answered_beside_it_before_the_report_comes_back(crew, clock):
    clock.set("2027-09-15T10:00")
    report = reports.submit(filled_report(crew), by=crew.worker)
    about = {"costs": "Waarom zoveel personeel?", "stories": "Wie deed mee?", "results": "  "}
    returned = reports.send_back(report, about=about, by=crew.manager)
    assert returned.questions == "Kosten van het jaar: Waarom zoveel personeel?\n\nSuccesverhalen: Wie deed mee?"
    asked = {question.part: question for question in reports.open_questions(returned)}
    assert set(asked) == {"costs", "stories"}
    with pytest.raises(DomainError) as error:
        reports.submit(returned, by=crew.worker)
    refusing = [f.where for f in error.value.findings if f.severity == Severity.ERROR]
    assert refusing == ["Kosten van het jaar", "Succesverhalen"]
    reports.save(returned, answers={question.pk: "Twee extra mensen." for question in asked.values()}, by=crew.worker)
    again = reports.submit(returned, by=crew.worker)
    assert reports.open_questions(again) == []
    kept = again.part_questions.get(part="costs")
    assert (kept.answer, kept.answered_by, kept.version) == ("Twee extra mensen.", crew.worker, 1)


@pytest.mark.rule("MON-02")
def test_an_answer_stays_as_it_was_when_the_report_was_handed_in_again(crew, clock):
    clock.set("2027-09-15T10:00")
    report = reports.submit(filled_report(crew), by=crew.worker)
    first = reports.send_back(report, about={"costs": "Waarom?"}, by=crew.manager)
    (question,) = reports.open_questions(first)
    reports.save(first, answers={question.pk: "Daarom."}, by=crew.worker)
    second = reports.send_back(reports.submit(first, by=crew.worker), about={"costs": "En de reizen?"}, by=crew.manager)
    (newer,) = reports.open_questions(second)
    reports.save(second, answers={question.pk: "Toch anders.", newer.pk: "Naar Gent."}, by=crew.worker)
    answers = second.part_questions.values_list("version", "answer")
    assert list(answers) == [(1, "Daarom."), (2, "Naar Gent.")]


def test_sending_back_without_a_question_says_what_to_do(crew, clock):
    clock.set("2027-09-15T10:00")
    report = reports.submit(filled_report(crew), by=crew.worker)
    with pytest.raises(DomainError, match="Schrijf op wat het netwerk moet verduidelijken"):
        reports.send_back(report, questions=" ", about={"costs": ""}, by=crew.manager)
