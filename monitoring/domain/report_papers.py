"""What a yearly report says, frozen: at each hand-in as it was handed in, and at the approval with what was accepted (MON-02, MON-03).

A later correction makes another row; it never erases what was reported. The PDF of an approved report is made by a worker from
the frozen content, never from what the database says later.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from calls.enums import CostType
from ibnportal.core import clock
from ibnportal.core.accounts.models import User
from ibnportal.core.audit import trail
from ibnportal.core.canonical import digest
from ibnportal.core.files.models import StoredFile
from ibnportal.core.money import ZERO
from ibnportal.core.outbox import queue
from monitoring.domain import kpi_path
from monitoring.enums import KpiBasis
from monitoring.models import AgreementKpi, KpiValue, Report, ReportPaper, ReportSubmission

TOPIC = "monitoring.report_paper"
FORMAT = 1
TEXTS = {"project_status": "Projectstatus", "results": "Behaalde resultaten", "success_stories": "Succesverhalen"}


def keep_submission(report: Report, *, by: User, at: datetime) -> ReportSubmission:
    """Freeze what is handed in now; the caller just moved the report to its next version."""
    content = compose(report)
    return ReportSubmission.objects.create(
        report=report,
        version=report.version,
        content=content,
        content_hash=digest(content),
        submitted_at=at,
        submitted_by=by,
    )


def request(report: Report, *, by: User, at: datetime) -> ReportPaper:
    """Freeze the approved report and ask for its PDF; the caller approved it in the same transaction."""
    submission = report.submissions.first()
    content = {**(submission.content if submission is not None else compose(report)), "review": _review(report)}
    paper = ReportPaper.objects.create(report=report, content=content, content_hash=digest(content), requested_at=at)
    trail.record("report.paper_frozen", report, by=by, at=at, changes={"sha256": paper.content_hash})
    queue.enqueue(TOPIC, key=f"report-paper:{paper.pk}", payload={"paper": paper.pk}, subject=paper)
    return paper


def made(paper: ReportPaper, file: StoredFile) -> ReportPaper:
    """Note the PDF that a worker made; once."""
    paper.file, paper.made_at = file, clock.now()
    paper.save(update_fields=["file", "made_at"])
    trail.record("report.paper_made", paper.report, by=None, changes={"file": file.sha256})
    return paper


# ---------------------------------------------------------------- the content


def compose(report: Report) -> dict[str, Any]:
    """Everything that the report says, as plain JSON; eight queries."""
    year = report.award_year
    network = year.network
    workbook = report.workbooks.first()
    return {
        "format": FORMAT,
        "network": {
            "code": network.code,
            "name": network.name,
            "beneficiary": network.beneficiary.name,
            "number": network.beneficiary.formatted_number,
        },
        "call": network.call.name,
        "year": {
            "number": year.project_year,
            "starts_on": year.starts_on.isoformat(),
            "ends_on": year.ends_on.isoformat(),
            "awarded": f"{year.awarded_amount}",
        },
        "version": report.version,
        "due_on": report.due_on.isoformat(),
        "submitted_at": report.submitted_at.isoformat() if report.submitted_at else "",
        "submitted_by": str(report.submitted_by or ""),
        **{name: getattr(report, name) for name in TEXTS},
        "kpis": _indicators(report),
        "companies": report.active_companies,
        "costs": [
            {
                "type": cost.cost_type,
                "label": cost.get_cost_type_display(),
                "amount": f"{cost.submitted_amount}",
                "person_months": f"{cost.person_months}",
            }
            for cost in _costs(report)
        ],
        "workbook": {"version": workbook.version, "sha256": workbook.file.sha256} if workbook is not None else None,
        "lines": workbook.lines if workbook is not None else [],
        "keeps_separate_accounts": report.keeps_separate_accounts,
        "allocation_key": report.allocation_key,
    }


def _costs(report: Report) -> list[Any]:
    return sorted(report.costs.all(), key=lambda cost: CostType.values.index(cost.cost_type))


def _indicators(report: Report) -> list[dict[str, str]]:
    year = report.award_year
    years = year.network.award_years.count()
    values = KpiValue.objects.filter(network=year.network, is_reading=True, project_year__isnull=False)
    read = {(value.label, value.basis, value.project_year): value.value for value in values}
    kpis = AgreementKpi.objects.filter(agreement__network=year.network)
    return [
        {
            "label": kpi.label,
            "definition": kpi.definition,
            "baseline": _text(kpi.baseline),
            "target": _text(kpi.target),
            "path": _text(kpi_path.path(kpi.baseline, kpi.target, project_year=year.project_year, years=years)),
            "reported": _text(read.get((kpi.label, KpiBasis.REPORTED, year.project_year))),
            "computed": _text(read.get((kpi.label, KpiBasis.COMPUTED, year.project_year))),
            "before": _text(read.get((kpi.label, KpiBasis.REPORTED, year.project_year - 1))),
        }
        for kpi in kpis
    ]


def _review(report: Report) -> dict[str, Any]:
    costs = _costs(report)
    return {
        "approved_at": report.approved_at.isoformat() if report.approved_at else "",
        "approved_by": str(report.approved_by or ""),
        "questions": report.questions,
        "parts": [
            {
                "part": one.get_part_display(),
                "version": one.version,
                "question": one.question,
                "asked_at": one.asked_at.isoformat(),
                "asked_by": str(one.asked_by),
                "answer": one.answer,
                "answered_at": one.answered_at.isoformat() if one.answered_at else "",
                "answered_by": str(one.answered_by or ""),
            }
            for one in report.part_questions.select_related("asked_by", "answered_by")
        ],
        "accepted": [
            {"type": cost.cost_type, "amount": _text(cost.accepted_amount), "reason": cost.correction_reason}
            for cost in costs
        ],
        "total": f"{sum((cost.accepted_amount or ZERO for cost in costs), ZERO)}",
    }


def _text(value: Decimal | None) -> str:
    return "" if value is None else f"{value}"


# ---------------------------------------------------------------- what changed between hand-ins


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """(part, was, became) of what differs between two hand-ins: texts, indicators, costs, companies and declarations."""
    before, after = _parts(old), _parts(new)
    names = [*after, *(name for name in before if name not in after)]
    return [
        (name, before.get(name, ""), after.get(name, ""))
        for name in names
        if before.get(name, "") != after.get(name, "")
    ]


def _parts(content: Mapping[str, Any]) -> dict[str, str]:
    return {
        **{label: content[name] for name, label in TEXTS.items()},
        **{kpi["label"]: kpi["reported"] for kpi in content["kpis"]},
        "Actieve ondernemingen": ", ".join(company["name"] for company in content["companies"]),
        **{f"{cost['label']} (euro)": cost["amount"] for cost in content["costs"]},
        "Mensmaanden": ", ".join(
            cost["person_months"] for cost in content["costs"] if cost["type"] == CostType.PERSONNEL
        ),
        "Verdeelsleutel": content["allocation_key"],
        "Gescheiden boekhouding": "ja" if content["keeps_separate_accounts"] else "nee",
    }
