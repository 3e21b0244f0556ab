"""The pages of costs, extensions and the approved report."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from monitoring.documents import cost_workbook
from monitoring.domain import report_costs, reports
from monitoring.domain.report_costs import CostLine
from monitoring.models import ReportCost, ReportExtension, ReportWorkbook
from tests.factories.core import MembershipFactory, OrganisationFactory, UserFactory
from tests.factories.monitoring import approved_report, filled_report, team

pytestmark = pytest.mark.django_db
PERSON = CostLine(
    "personnel",
    5,
    "An Claes",
    Decimal("61250.50"),
    role="Clustermanager",
    hours=Decimal(1650),
    person_months=Decimal(12),
)


@pytest.fixture
def crew(clock):
    clock.set("2027-09-15T10:00")
    return team(title="Netwerk Papier")


def url(crew, rest: str = "") -> str:
    return f"/netwerken/{crew.network.code}/jaar/1/verslag/{rest}"


def filled(crew, *lines: CostLine) -> SimpleUploadedFile:
    return SimpleUploadedFile("kosten.xlsx", cost_workbook.build(crew.year(), lines))


@pytest.mark.rule("MON-03")
def test_the_workbook_goes_out_and_comes_back(crew, as_user):
    worker = as_user(crew.worker)
    reports.open(crew.year(), by=crew.worker)
    assert worker.get(url(crew, "kosten/rekenblad/")).content.startswith(b"PK")
    shown = worker.post(url(crew, "kosten/"), {"upload": filled(crew, PERSON)}, follow=True).content.decode()
    assert "Versie 1 van het kostenrekenblad is gelezen: 1 lijnen." in shown
    assert ReportCost.objects.get(cost_type="personnel").submitted_amount == Decimal("61250.50")
    assert "cost_personnel" not in worker.get(url(crew)).content.decode()
    less = CostLine(
        **{**PERSON.as_dict(), "amount": Decimal("60000.00"), "hours": Decimal(1650), "person_months": Decimal(12)}
    )
    shown = worker.post(url(crew, "kosten/"), {"upload": filled(crew, less)}, follow=True).content.decode()
    assert "Wat verschilt van de vorige versie" in shown
    assert "€\u00a0-1.250,50" in shown
    first = ReportWorkbook.objects.get(version=1)
    assert worker.get(url(crew, f"kosten/{first.pk}/")).getvalue().startswith(b"PK")


def test_an_invoice_outside_the_year_is_shown_to_the_reviewer(crew, as_user):
    report = filled_report(crew)
    late = CostLine(
        "operating", 5, "Zaal", Decimal("900.00"), supplier="Zaal", invoice_number="Z-1", invoiced_on=date(2027, 9, 2)
    )
    as_user(crew.worker).post(url(crew, "kosten/"), {"upload": filled(crew, PERSON, late)})
    reports.submit(report, by=crew.worker)
    assert (
        "De factuur van 02/09/2027 ligt buiten het projectjaar."
        in as_user(crew.manager).get(url(crew)).content.decode()
    )


def test_errors_are_shown_by_cell_and_the_earlier_version_stands(crew, as_user):
    worker = as_user(crew.worker)
    report = reports.open(crew.year(), by=crew.worker)
    report_costs.take_over(report, filled(crew, PERSON), [PERSON], [], by=crew.worker)
    bad = CostLine("external", 5, "Advies", Decimal("10.00"))
    response = worker.post(url(crew, "kosten/"), {"upload": filled(crew, bad)})
    assert response.status_code == 422
    assert "Blad Externe prestaties, cel F5" in response.content.decode()
    assert ReportWorkbook.objects.count() == 1
    for upload in (
        SimpleUploadedFile("kosten.xlsx", b"niets"),
        SimpleUploadedFile("kosten.xlsx", b"x" * 6_000_000),
        "",
    ):
        assert worker.post(url(crew, "kosten/"), {"upload": upload}).status_code == 422


@pytest.mark.rule("BUD-08")
@pytest.mark.rule("BUD-12")
def test_external_services_and_overhead_need_their_grounds(crew):
    report = filled_report(crew)
    reports.save(
        report,
        by=crew.worker,
        costs={"external": (Decimal("9000.00"), Decimal(0)), "overhead": (Decimal("9000.00"), Decimal(0))},
    )
    with pytest.raises(Exception, match="nog niet volledig") as error:
        reports.submit(report, by=crew.worker)
    assert [finding.rule_id for finding in error.value.findings] == ["BUD-12", "BUD-08", "BUD-04"]


def test_costs_by_hand_are_refused_once_there_is_a_workbook(crew):
    report = filled_report(crew)
    report_costs.take_over(report, filled(crew, PERSON), [PERSON], [], by=crew.worker)
    with pytest.raises(Exception, match="komen uit het kostenrekenblad"):
        reports.save(report, by=crew.worker, costs={"personnel": (Decimal(1), Decimal(1))})
    reports.submit(report, by=crew.worker)
    with pytest.raises(Exception, match="de kosten liggen vast"):
        report_costs.take_over(report, filled(crew, PERSON), [PERSON], [], by=crew.worker)


def test_costs_of_a_draft_are_the_networks_own(crew, as_user):
    reports.open(crew.year(), by=crew.worker)
    stranger = UserFactory()
    MembershipFactory(user=stranger, organisation=OrganisationFactory())
    for user in (crew.manager, crew.officer, stranger):
        assert as_user(user).get(url(crew, "kosten/")).status_code == 404
    reports.submit(filled_report(crew), by=crew.worker)
    assert as_user(crew.manager).get(url(crew, "kosten/")).status_code == 200
    assert as_user(crew.manager).post(url(crew, "kosten/"), {"upload": filled(crew, PERSON)}).status_code == 404
    assert as_user(crew.manager).get(url(crew, "kosten/rekenblad/")).status_code == 404


def test_an_extension_is_asked_and_granted_on_the_report(crew, as_user):
    worker, manager = as_user(crew.worker), as_user(crew.manager)
    wrong = worker.post(url(crew, "uitstel/"), {"until": "2027-10-01", "reason": "Boekhouder."})
    assert wrong.status_code == 422
    assert "na de huidige uiterste dag" in wrong.content.decode()
    worker.post(url(crew, "uitstel/"), {"until": "2027-12-31", "reason": "Boekhouder ziek."})
    asked = ReportExtension.objects.get()
    assert "Boekhouder ziek." in manager.get(url(crew)).content.decode()
    assert worker.post(url(crew, f"uitstel/{asked.pk}/toestaan/"), {"answer": "Ja."}).status_code == 404
    assert manager.post(url(crew, f"uitstel/{asked.pk}/toestaan/"), {"answer": ""}).status_code == 422
    manager.post(url(crew, f"uitstel/{asked.pk}/toestaan/"), {"answer": "Begrijpelijk."})
    asked.refresh_from_db()
    assert asked.state == "granted"
    assert "31\u00a0december 2027" in worker.get(url(crew)).content.decode()


def test_the_approved_report_is_read_as_pdf(crew, as_user, drain_outbox):
    approved_report(crew)
    assert as_user(crew.worker).get(url(crew, "pdf/")).status_code == 404
    drain_outbox()
    for user in (crew.worker, crew.manager, crew.officer):
        assert as_user(user).get(url(crew, "pdf/")).getvalue().startswith(b"%PDF")


def test_the_pages_of_a_report_take_a_fixed_number_of_queries(crew, as_user, clock, django_assert_max_num_queries):
    first = filled_report(crew)
    lines = [PERSON, *(CostLine("operating", 5 + n, f"Zaal {n}", Decimal("10.00")) for n in range(30))]
    report_costs.take_over(first, filled(crew, *lines), lines, [], by=crew.worker)
    clients = {"worker": as_user(crew.worker), "manager": as_user(crew.manager)}
    for rest, most in (("", 14), ("kosten/", 5)):
        clients["worker"].get(url(crew, rest))
        with django_assert_max_num_queries(most) as captured:
            clients["worker"].get(url(crew, rest))
        assert len({query["sql"] for query in captured}) == len(captured)
    reports.submit(first, by=crew.worker)
    for rest, most in (("", 15), ("kosten/", 5)):
        clients["manager"].get(url(crew, rest))
        with django_assert_max_num_queries(most):
            assert clients["manager"].get(url(crew, rest)).status_code == 200


def test_the_review_shows_last_year_beside_this_year(crew, as_user, clock):
    approved_report(crew, costs="420000.00")
    clock.set("2028-09-15T10:00")
    report = filled_report(crew, number=2)
    reports.save(report, by=crew.worker, results="Dertig leden.")
    reports.submit(report, by=crew.worker)
    shown = as_user(crew.manager).get(f"/netwerken/{crew.network.code}/jaar/2/verslag/").content.decode()
    for text in ("Twintig leden.", "Dertig leden.", "Vorig jaar aanvaard", "420.000,00"):
        assert text in shown
