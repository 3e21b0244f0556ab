"""The papers that the manual names after the submission: advice, sheet, agreement, minutes, report, invoices, review, complaint (DOC-14 ... 17).

Each exists as a record with its day, its maker and its text or file; each is found from the dossier or the network it belongs to.
"""

from datetime import date
from decimal import Decimal

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile

from evaluation.domain import complaints, reviews, sheets
from evaluation.models import Complaint, Review
from ibnportal.core import clock as portal_clock
from ibnportal.core.accounts.enums import Role
from ibnportal.core.canonical import digest
from ibnportal.core.errors import DomainError, WrongState
from ibnportal.core.files.store import read_bytes
from ibnportal.core.outbox.models import MailRecord
from monitoring.domain import agreement_papers, agreements, reports, steering
from monitoring.models import ReportPaper
from tests.factories.core import pdf_bytes
from tests.factories.evaluation import advised, evaluated, released
from tests.factories.monitoring import approved_report, contribution, filled_report, proof, staff, team

pytestmark = pytest.mark.django_db


def pdf_upload(name):
    return SimpleUploadedFile(name, pdf_bytes(), content_type="application/pdf")


@pytest.mark.rule("DOC-14", "DEC-03")
def test_from_advice_to_sheet_to_agreement_each_paper_says_what_the_one_before_it_said(clock, drain_outbox):
    clock.set("2026-07-20T10:00")
    dossier = advised(evaluated(letters=1))
    advice = dossier.advices.get(phase=2)
    assert (advice.recommendation, advice.text, advice.strengths) == (
        "positive", "Een gedragen voorstel.", "Veel engagement.",
    )  # fmt: skip
    assert advice.approved_by not in (None, advice.given_by)

    decision = released(dossier, amount="150000.00")
    sheet = decision.sheet
    assert sheet.snapshot["advice"]["text"] == advice.text
    assert sheet.snapshot["decision"]["amount"] == "150000.00"

    manager = staff(Role.ACCOUNT_MANAGER)
    agreement = agreements.draft(decision, start_on=date(2026, 9, 1), by=manager)
    paper = agreement_papers.request(agreement, by=manager)
    terms = paper.content["terms"]
    assert (terms["decision"]["number"], terms["total"]) == (dossier.number, sheet.snapshot["decision"]["amount"])
    assert (terms["fund"], terms["beneficiary"]["name"]) == (dossier.call.fund, agreement.network.beneficiary.name)
    assert [row["amount"] for row in terms["years"]] == [row["amount"] for row in sheet.snapshot["years"]]

    drain_outbox()
    sheet.refresh_from_db()
    paper.refresh_from_db()
    assert sheets.check_code(sheet.code).verdict == "valid"
    assert all(read_bytes(file)[:5] == b"%PDF-" for file in (sheet.file, paper.pdf_file))
    assert read_bytes(paper.docx_file)[:2] == b"PK"


@pytest.mark.rule("DEC-03", "DOC-14")
def test_a_refusal_has_a_sheet_and_no_agreement(clock):
    clock.set("2026-07-20T10:00")
    decision = released(advised(evaluated(letters=1), recommendation="negative"), outcome="rejected")
    assert decision.sheet.snapshot["decision"]["outcome_label"] == "Niet gesteund"
    with pytest.raises(WrongState, match="Alleen bij een toekenning"):
        agreements.draft(decision, start_on=date(2026, 9, 1), by=staff(Role.ACCOUNT_MANAGER))


@pytest.mark.rule("DOC-15")
def test_a_steering_group_has_its_invitation_and_its_minutes_as_files(clock, drain_outbox):
    clock.set("2026-10-01T10:00")
    crew = team(title="Netwerk Stuur")
    meeting = steering.plan(
        crew.network, starts_at=portal_clock.moment("2026-11-10T14:00"), ends_at=portal_clock.moment("2026-11-10T16:00"),
        location="Brussel", agenda="Werkplan", by=crew.worker,
    )  # fmt: skip
    drain_outbox()
    (invitation,) = [message for message in mail.outbox if message.subject.startswith("Stuurgroep")]
    assert invitation.to == [crew.manager.email]
    assert [(name, kind) for name, _, kind in invitation.attachments] == [
        (f"stuurgroep-{crew.network.code}-2026-11-10.ics", "text/calendar")
    ]
    clock.set("2026-11-20T10:00")
    with pytest.raises(DomainError, match=r"v\.pdf"):
        steering.hand_in_minutes(
            meeting, upload=SimpleUploadedFile("v.pdf", b"geen pdf", content_type="application/pdf"), by=crew.worker
        )
    steering.hand_in_minutes(meeting, upload=pdf_upload("verslag.pdf"), by=crew.worker)
    meeting.refresh_from_db()
    assert (meeting.minutes.name, read_bytes(meeting.minutes)[:5]) == ("verslag.pdf", b"%PDF-")


@pytest.mark.rule("DOC-16")
def test_a_year_has_its_report_on_content_and_money_its_companies_and_its_invoices(clock, drain_outbox):
    clock.set("2027-09-15T10:00")
    crew = team(title="Netwerk Papier")
    invoice = proof(crew.worker)
    paid = contribution(crew.year(), "5000.00", proof=invoice, accepted_by=crew.manager)
    report = approved_report(crew, costs="420000.00")
    content = report.submissions.get().content
    assert (content["project_status"], content["results"]) == ("Op schema.", "Twintig leden.")
    assert {row["type"]: row["amount"] for row in content["costs"]}["personnel"] == "420000.00"
    (company,) = content["companies"]
    assert str(crew.network.memberships.get().organisation.name) in map(str, company.values())
    assert (paid.proof, paid.invoice_number != "", paid.amount) == (invoice, True, Decimal("5000.00"))
    drain_outbox()
    paper = ReportPaper.objects.get(report=report)
    assert (paper.content_hash, read_bytes(paper.file)[:5]) == (digest(paper.content), b"%PDF-")


@pytest.mark.rule("DOC-16")
def test_a_report_without_its_companies_or_its_money_is_not_handed_in(clock):
    clock.set("2027-09-15T10:00")
    crew = team()
    report = filled_report(crew)
    reports.save(report, by=crew.worker, active_companies=[], costs={"personnel": (Decimal(0), Decimal(0))}, results="")
    with pytest.raises(DomainError) as refused:
        reports.submit(report, by=crew.worker)
    assert refused.value.findings
    report.refresh_from_db()
    assert report.submitted_at is None


@pytest.mark.rule("DOC-17")
def test_a_review_and_a_complaint_are_papers_of_their_own_with_receipt_and_day(clock):
    clock.set("2026-07-20T10:00")
    dossier = advised(evaluated(letters=1), recommendation="negative")
    released(dossier, outcome="rejected")
    dossier.refresh_from_db()
    applicant = dossier.representative
    review = reviews.request(dossier, arguments="Criterium 4 las bijlage 2 niet.", by=applicant)
    complaint = complaints.file(subject="Lang gewacht", text="Zes weken.", application=dossier, by=applicant)
    assert (review.arguments, review.asked_by, review.asked_at) == (
        "Criterium 4 las bijlage 2 niet.", applicant, clock.now(),
    )  # fmt: skip
    assert (complaint.subject, complaint.received_at, complaint.number[:8]) == ("Lang gewacht", clock.now(), "KL-2026-")
    assert set(MailRecord.objects.filter(to=applicant.email).values_list("subject", flat=True)) >= {
        f"Uw verzoek om herziening van {dossier.number} is ontvangen",
        f"Uw klacht {complaint.number} is ontvangen",
    }
    assert (Review.objects.get().decision.application, Complaint.objects.get().application) == (dossier, dossier)
