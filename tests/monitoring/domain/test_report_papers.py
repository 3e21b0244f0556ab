"""What was reported stays: each hand-in a frozen row, the approved report a PDF with its hash; the path of indicators (HK-04, HK-05, HK-07)."""

from decimal import Decimal
from io import BytesIO

import pgtrigger
import pikepdf
import pytest
from django.db import DatabaseError, transaction

from ibnportal.core.canonical import digest
from ibnportal.core.files.store import read_bytes
from monitoring import invariants
from monitoring.documents import report_paper
from monitoring.domain import kpi_path, report_papers, reports
from monitoring.models import AgreementKpi, ReportPaper, ReportSubmission
from tests.factories.monitoring import approved_report, filled_report, team

pytestmark = pytest.mark.django_db


@pytest.fixture
def crew(clock):
    clock.set("2027-09-15T10:00")
    return team(title="Netwerk Papier")


@pytest.mark.rule("MON-02")
@pytest.mark.rule("MON-03")
def test_each_hand_in_stays_as_it_was(crew):
    report = reports.submit(filled_report(crew, costs="450000.00"), by=crew.worker)
    reports.send_back(report, questions="Kloppen de kosten?", by=crew.manager)
    reports.save(
        report, by=crew.worker, results="Achttien leden.", costs={"personnel": (Decimal("430000.00"), Decimal(23))}
    )
    reports.submit(report, by=crew.worker)
    second, first = ReportSubmission.objects.all()
    assert [(row.version, row.content["results"]) for row in (first, second)] == [
        (1, "Twintig leden."),
        (2, "Achttien leden."),
    ]
    assert first.content["costs"][0] == {
        "type": "personnel", "label": "Personeelskosten", "amount": "450000.00", "person_months": "24.00",
    }  # fmt: skip
    assert (first.submitted_by, first.content_hash) == (crew.worker, digest(first.content))
    assert report_papers.changes(first.content, second.content) == [
        ("Behaalde resultaten", "Twintig leden.", "Achttien leden."),
        ("Personeelskosten (euro)", "450000.00", "430000.00"),
        ("Mensmaanden", "24.00", "23.00"),
    ]
    for change in (first.delete, lambda: ReportSubmission.objects.update(content={})):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    assert list(invariants.reports_are_kept()) == []
    with pgtrigger.ignore("monitoring.ReportSubmission:report_submission_is_frozen"):
        ReportSubmission.objects.filter(pk=first.pk).update(content={})
    assert "is not what was handed in" in next(invariants.reports_are_kept())


def test_a_worker_makes_the_approved_report_from_what_was_frozen(crew, drain_outbox):
    report = approved_report(crew, costs="420000.00")
    paper = ReportPaper.objects.get(report=report)
    assert paper.content_hash == digest(paper.content)
    assert (paper.content["review"]["total"], paper.content["review"]["approved_by"]) == (
        "420000.00",
        str(crew.manager),
    )
    assert paper.content["kpis"][0]["path"] == "20.00"
    drain_outbox()
    paper.refresh_from_db()
    with pikepdf.open(BytesIO(read_bytes(paper.file))) as document:
        assert document.Root.MarkInfo.Marked
        assert str(document.docinfo["/Title"]) == "Jaarverslag 1 van Netwerk Papier"
        tags = [one for one in document.objects if isinstance(one, pikepdf.Dictionary) and one.get("/S") == "/Figure"]
        told = {str(tag["/Alt"]) for tag in tags}
        indicator = paper.content["kpis"][0]["label"]
        assert f"{indicator}, pad: 50\N{NO-BREAK SPACE}% van de streefwaarde" in told
    assert drain_outbox() == 0
    for change in (paper.delete, lambda: ReportPaper.objects.update(content={})):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


@pytest.mark.rule("MON-02")
def test_questions_about_parts_and_their_answers_are_frozen_with_the_approved_report(crew, clock):
    report = reports.submit(filled_report(crew), by=crew.worker)
    returned = reports.send_back(
        report, questions="Lees het na.", about={"costs": "Waarom zoveel personeel?"}, by=crew.manager
    )
    (question,) = reports.open_questions(returned)
    clock.set("2027-09-16T09:30")
    reports.save(returned, answers={question.pk: "Twee extra mensen."}, by=crew.worker)
    again = reports.submit(returned, by=crew.worker)
    accepted = {cost.cost_type: (cost.submitted_amount, "") for cost in again.costs.all()}
    reports.approve(again, accepted_costs=accepted, by=crew.manager)
    content = ReportPaper.objects.get(report=again).content
    [part] = content["review"]["parts"]
    assert (part["part"], part["version"], part["question"], part["answer"], part["answered_by"]) == (
        "Kosten van het jaar", 1, "Waarom zoveel personeel?", "Twee extra mensen.", str(crew.worker),
    )  # fmt: skip
    [read] = report_paper.read(content)["review"]["parts"]
    assert report_paper.read(content)["review"]["questions"] == "Lees het na."
    assert f"{read['answered_at']:%d/%m/%Y}" == "16/09/2027"
    del content["review"]["parts"]  # as it was frozen before parts could be asked about
    assert report_paper.read(content)["review"]["parts"] == []


@pytest.mark.rule("HK-04")
@pytest.mark.parametrize(
    ("baseline", "target", "steps"),
    [
        ("10", "40", ["20.00", "30.00", "40.00"]),
        (None, "9", ["3.00", "6.00", "9.00"]),
        ("60", "50", ["56.67", "53.33", "50.00"]),
        ("10", None, [None, None, None]),
    ],
)
def test_the_target_is_reached_at_the_end_of_the_third_year(baseline, target, steps):
    begin, goal = (None if value is None else Decimal(value) for value in (baseline, target))
    found = [kpi_path.path(begin, goal, project_year=year, years=3) for year in (1, 2, 3)]
    assert found == [None if step is None else Decimal(step) for step in steps]


@pytest.mark.rule("HK-07")
@pytest.mark.parametrize(
    ("value", "target", "percent"),
    [("82", "60", 137), ("1", "3", 33), ("2", "3", 67), ("1", "200", 1), ("0", "9", 0), ("5", "0", None), (None, "9", None), ("5", None, None)],
)  # fmt: skip
def test_the_percentage_of_the_target_is_whole(value, target, percent):
    given, goal = (None if text is None else Decimal(text) for text in (value, target))
    assert kpi_path.percent_of_target(given, goal) == percent


@pytest.mark.rule("HK-05")
def test_indicators_of_the_network_itself_are_reported_beside_the_mandatory_ones(crew):
    AgreementKpi.objects.create(
        agreement=crew.network.agreement,
        label="Nieuwe producten",
        definition="Op de markt.",
        target=Decimal(6),
        method="Rondvraag.",
    )
    report = reports.submit(filled_report(crew), by=crew.worker)
    own = report.submissions.get().content["kpis"][-1]
    assert (own["label"], own["reported"], own["computed"], own["path"]) == ("Nieuwe producten", "20.00", "", "2.00")
