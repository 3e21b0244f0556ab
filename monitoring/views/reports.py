"""The yearly report: written by the network, reviewed by the account manager."""

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from calls.enums import CostType
from ibnportal.core import clock
from ibnportal.core.access import ORGANISATION, access
from ibnportal.core.accounts.enums import Role
from ibnportal.core.errors import DomainError
from ibnportal.core.files.http import respond
from ibnportal.core.http import SignedInRequest, add_domain_error, domain_errors
from ibnportal.core.money import ZERO
from ibnportal.core.ui.formats import clock_time
from monitoring import permissions
from monitoring.domain import kpi_path, report_costs, report_papers, reports
from monitoring.domain.queries import report_due_on, rules_row
from monitoring.enums import ExtensionState, KpiBasis, ReportState
from monitoring.forms.reports import ApprovalForm, ExtensionAnswerForm, ExtensionForm, QuestionsForm, ReportForm
from monitoring.models import (
    AgreementKpi,
    AwardYear,
    KpiValue,
    Report,
    ReportCost,
    ReportPaper,
    ReportQuestion,
    ReportSubmission,
)
from monitoring.views.fetch import allow, visible_year


def _back(request: SignedInRequest, code: str, year: int) -> str:
    return reverse("monitoring:report", args=[code, year])


def _report(award_year: AwardYear) -> Report | None:
    """The year's report with its costs; the year and its network are those at hand."""
    found = (
        Report.objects.select_related("submitted_by", "approved_by")
        .prefetch_related("costs")
        .filter(award_year=award_year)
        .first()
    )
    if found is not None:
        found.award_year = award_year
    return found


@access(*permissions.READERS, ORGANISATION, subject="network")
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: SignedInRequest, code: str, year: int) -> HttpResponse:
    """Write it (the network, while it may), or read it (everybody else)."""
    award_year = visible_year(request, code, year)
    if request.method != "POST":
        return show(request, award_year)
    allow(permissions.can_enter(request.user, award_year.network))
    found = _report(award_year) or reports.open(award_year, by=request.user)
    allow(found.state in reports.EDITABLE)
    return _write(request, found, data=request.POST)


def show(request: SignedInRequest, award_year: AwardYear, *, status: int = 200, **forms: Any) -> HttpResponse:
    """The report as this person may have it now, with `forms` in place of the empty ones."""
    found = _report(award_year)
    may_write = permissions.can_enter(request.user, award_year.network)
    if found is None:
        context = {
            "network": award_year.network, "year": award_year, "may_write": may_write,
            "due_at": clock.end_of_day(report_due_on(award_year, rules_row(award_year.network).frozen())),
            **_extension(request, award_year, None), **forms,
        }  # fmt: skip
        return render(request, "monitoring/report_none.html", context, status=status)
    if may_write and found.state in reports.EDITABLE:
        return _write(request, found, status=status, **forms)
    return _read(request, found, status=status, **forms)


def _extension(request: SignedInRequest, award_year: AwardYear, found: Report | None) -> dict[str, Any]:
    """Later due dates: what was asked and answered, and what this person may do about it; one query."""
    asked = list(award_year.report_extensions.select_related("asked_by", "decided_by"))
    is_open = found is None or found.submitted_at is None
    waits = any(one.state == ExtensionState.ASKED for one in asked)
    return {
        "extensions": asked,
        "can_ask_extension": is_open and not waits and permissions.can_enter(request.user, award_year.network),
        "can_decide_extension": permissions.can_judge(request.user, award_year.network),
        "extension_form": ExtensionForm(),
        "answer_form": ExtensionAnswerForm(),
    }


def _write(
    request: SignedInRequest, found: Report, *, data: Any = None, status: int = 200, **forms: Any
) -> HttpResponse:
    year = found.award_year
    indicators = reports.indicators_of(found)
    workbook = found.workbooks.select_related("uploaded_by").first()
    form = ReportForm(
        data,
        report=found,
        indicators=indicators,
        companies=reports.companies_of(year),
        has_workbook=workbook is not None,
        questions=reports.open_questions(found),
    )
    is_autosave = request.headers.get("X-Autosave") == "1"
    if form.is_bound and form.is_valid():
        try:
            found = reports.save(found, by=request.user, **form.content())
            if is_autosave:
                return JsonResponse({"message": f"Bewaard om {clock_time(clock.now())}"})
            if "indienen" in request.POST:
                reports.submit(found, by=request.user)
                messages.success(
                    request, "Het jaarverslag is ingediend. De accountmanager kijkt het na en laat u iets weten."
                )
            else:
                messages.success(request, "Het jaarverslag is bewaard. U kunt later verder werken.")
            return redirect("monitoring:report", year.network.code, year.project_year)
        except DomainError as error:
            add_domain_error(form, error)
    if form.is_bound:
        if is_autosave:
            return JsonResponse({"message": "Nog niet bewaard: kijk de aangeduide velden na."}, status=400)
        status = 422
    context = {
        "network": year.network,
        "year": year,
        "report": found,
        "form": form,
        "findings": reports.findings(found, indicators=indicators, workbook=workbook),
        "computed": reports.computed_values(year),
        "due_at": clock.end_of_day(found.due_on),
        "year_is_over": clock.today() > year.ends_on,
        "workbook": workbook,
        "costs": sorted(found.costs.all(), key=lambda cost: CostType.values.index(cost.cost_type)),
        "chart": _chart(_drafted(found, indicators)),
        **_extension(request, year, found),
        **forms,
    }
    return render(request, "monitoring/report_form.html", context, status=status)


def _read(request: SignedInRequest, found: Report, *, status: int = 200, **forms: Any) -> HttpResponse:
    year = found.award_year
    costs = sorted(found.costs.all(), key=lambda cost: CostType.values.index(cost.cost_type))
    reviews = found.state == ReportState.SUBMITTED and permissions.can_judge(request.user, year.network)
    previous = (
        Report.objects.filter(award_year__network=year.network, award_year__project_year=year.project_year - 1)
        .exclude(submitted_at=None)
        .prefetch_related("costs")
        .first()
    )
    indicators = _indicator_rows(found, reports.indicators_of(found))
    handed_in = list(found.submissions.select_related("submitted_by"))
    workbook = found.workbooks.first()
    context = {
        "network": year.network,
        "year": year,
        "report": found,
        "costs": _beside(costs, previous),
        "submitted_total": sum((cost.submitted_amount for cost in costs), ZERO),
        "accepted_total": sum((cost.accepted_amount or ZERO for cost in costs), ZERO),
        "is_public": found.submitted_at is not None,
        "indicators": indicators,
        "chart": _chart(indicators),
        "due_at": clock.end_of_day(found.due_on),
        "workbook": workbook,
        "people": [line for line in report_costs.lines_of(workbook) if line.hours is not None],
        "invoices": [line for line in report_costs.lines_of(workbook) if line.invoice_number],
        "handed_in": handed_in,
        "changes": _changes(handed_in),
        "paper": ReportPaper.objects.filter(report=found).select_related("file__blob").first(),
        "remarks": [
            *report_costs.findings(found, costs, workbook),
            *report_costs.remarks(report_costs.lines_of(workbook), year),
        ]
        if reviews
        else [],
        **_extension(request, year, found),
        "reviews": reviews,
        "approval_form": ApprovalForm(report=found) if reviews else None,
        "questions_form": QuestionsForm(),
        "asked": _asked(found),
        "previous": previous,
        **forms,
    }
    return render(request, "monitoring/report.html", context, status=status)


def _asked(found: Report) -> dict[str, list[ReportQuestion]]:
    """What was asked about each part, with the answers."""
    asked: dict[str, list[ReportQuestion]] = {}
    for question in found.part_questions.select_related("asked_by", "answered_by"):
        asked.setdefault(question.part, []).append(question)
    return asked


def _beside(costs: list[ReportCost], previous: Report | None) -> list[dict[str, Any]]:
    """Each cost of this year beside last year's."""
    before = {} if previous is None else {cost.cost_type: cost for cost in previous.costs.all()}
    return [{"cost": cost, "before": before.get(cost.cost_type)} for cost in costs]


def _changes(handed_in: list[ReportSubmission]) -> list[dict[str, str]]:
    """What the last hand-in says otherwise than the one before it; nothing for a first one."""
    if len(handed_in) < 1 + 1:
        return []
    newest, before = handed_in[:2]
    return [
        {"label": name, "old": old, "new": new}
        for name, old, new in report_papers.changes(before.content, newest.content)
    ]


def _chart(indicators: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each indicator as a share of its target: what was reported, beside where the path to the target would be."""
    return [
        {
            "label": row["label"],
            "values": [kpi_path.share_of_target(row[name], row["target"]) for name in ("reported", "path")],
            "target": 1,
        }
        for row in indicators
        if row["target"] and row["reported"] is not None
    ]


def _drafted(found: Report, indicators: list[AgreementKpi]) -> list[dict[str, Any]]:
    """The same rows with what is typed so far in place of what was reported."""
    drafts = {kpi.label: found.kpi_drafts.get(str(kpi.pk)) for kpi in indicators}
    rows = _indicator_rows(found, indicators)
    return [
        {**row, "reported": Decimal(draft) if (draft := drafts[row["label"]]) is not None else None} for row in rows
    ]


def _indicator_rows(found: Report, indicators: list[AgreementKpi]) -> list[dict[str, Any]]:
    """Each indicator of the agreement with target, path, this year's report, the register's count and last year's report."""
    year = found.award_year
    years = year.network.award_years.count()
    values = KpiValue.objects.filter(
        network=year.network, is_reading=True, project_year__in=(year.project_year - 1, year.project_year)
    )
    read = {(value.label, value.basis, value.project_year): value.value for value in values}
    return [
        {
            "label": kpi.label,
            "target": kpi.target,
            "path": kpi_path.path(kpi.baseline, kpi.target, project_year=year.project_year, years=years),
            "percent": kpi_path.percent_of_target(
                read.get((kpi.label, KpiBasis.REPORTED, year.project_year)), kpi.target
            ),
            "reported": read.get((kpi.label, KpiBasis.REPORTED, year.project_year)),
            "computed": read.get((kpi.label, KpiBasis.COMPUTED, year.project_year)),
            "before": read.get((kpi.label, KpiBasis.REPORTED, year.project_year - 1)),
        }
        for kpi in indicators
    ]


@access(Role.ACCOUNT_MANAGER, subject="network")
@require_POST
def send_back(request: SignedInRequest, code: str, year: int) -> HttpResponse:
    """Questions to the network."""
    found = _reviewed(request, code, year)
    form = QuestionsForm(request.POST)
    if form.is_valid():
        try:
            reports.send_back(found, **form.content(), by=request.user)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, "De vragen zijn verstuurd. Het netwerk kan het verslag nu aanpassen.")
            return redirect("monitoring:report", code, year)
    return _read(request, found, status=422, questions_form=form)


@access(Role.ACCOUNT_MANAGER, subject="network")
@require_POST
def approve(request: SignedInRequest, code: str, year: int) -> HttpResponse:
    """Approve with the accepted costs."""
    found = _reviewed(request, code, year)
    form = ApprovalForm(request.POST, report=found)
    if form.is_valid():
        try:
            reports.approve(found, accepted_costs=form.accepted_costs(), by=request.user)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, "Het jaarverslag is goedgekeurd.")
            return redirect("monitoring:report", code, year)
    return _read(request, found, status=422, approval_form=form)


def _reviewed(request: SignedInRequest, code: str, year: int) -> Report:
    award_year = visible_year(request, code, year)
    allow(permissions.can_judge(request.user, award_year.network))
    found = _report(award_year)
    allow(found is not None)
    assert found is not None  # noqa: S101 - allow raised otherwise
    return found


@access(*permissions.READERS, ORGANISATION, subject="network")
@require_safe
def paper(request: SignedInRequest, code: str, year: int) -> HttpResponseBase:
    """The approved report as PDF."""
    papers = ReportPaper.objects.visible_to(request.user).select_related("file__blob")
    found = get_object_or_404(papers, report__award_year=visible_year(request, code, year))
    if found.file is None:
        raise Http404
    return respond(found.file, by=request.user, inline=True)


@access(ORGANISATION, subject="network")
@require_POST
@domain_errors(redirect_to=_back)
def begin(request: SignedInRequest, code: str, year: int) -> HttpResponse:
    """Open the report of the year."""
    award_year = visible_year(request, code, year)
    allow(permissions.can_enter(request.user, award_year.network))
    reports.open(award_year, by=request.user)
    return redirect("monitoring:report", code, year)
