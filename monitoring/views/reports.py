"""The yearly report: written by the network, reviewed by the account manager."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from calls.enums import CostType
from ibnportal.core import clock
from ibnportal.core.access import ORGANISATION, access
from ibnportal.core.accounts.enums import Role
from ibnportal.core.errors import DomainError
from ibnportal.core.http import SignedInRequest, add_domain_error, domain_errors
from ibnportal.core.money import ZERO
from ibnportal.core.ui.formats import clock_time
from monitoring import permissions
from monitoring.domain import reports
from monitoring.domain.queries import report_due_on, rules_row
from monitoring.enums import KpiBasis, ReportState
from monitoring.forms.reports import ApprovalForm, QuestionsForm, ReportForm
from monitoring.models import AwardYear, KpiValue, Report
from monitoring.views.fetch import allow, visible_year


def _back(request: SignedInRequest, code: str, year: int) -> str:
    return reverse("monitoring:report", args=[code, year])


def _report(award_year: AwardYear) -> Report | None:
    reports_of = Report.objects.select_related(
        "submitted_by", "approved_by", "award_year__network__beneficiary", "award_year__network__account_manager"
    )
    return reports_of.filter(award_year=award_year).first()


@access(*permissions.READERS, ORGANISATION, subject="network")
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: SignedInRequest, code: str, year: int) -> HttpResponse:
    """Write it (the network, while it may), or read it (everybody else)."""
    award_year = visible_year(request, code, year)
    found = _report(award_year)
    may_write = permissions.can_enter(request.user, award_year.network)
    if request.method == "POST":
        allow(may_write)
        found = found or reports.open(award_year, by=request.user)
    if found is None:
        context = {
            "network": award_year.network, "year": award_year, "may_write": may_write,
            "due_at": clock.end_of_day(report_due_on(award_year, rules_row(award_year.network).frozen())),
        }  # fmt: skip
        return render(request, "monitoring/report_none.html", context)
    if may_write and found.state in reports.EDITABLE:
        return _write(request, found)
    allow(request.method != "POST")
    return _read(request, found)


def _write(request: SignedInRequest, found: Report) -> HttpResponse:
    year = found.award_year
    indicators = reports.indicators_of(found)
    form = ReportForm(request.POST or None, report=found, indicators=indicators, companies=reports.companies_of(year))
    status = 200
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
        "findings": reports.findings(found),
        "computed": reports.computed_values(year),
        "due_at": clock.end_of_day(found.due_on),
        "year_is_over": clock.today() > year.ends_on,
    }
    return render(request, "monitoring/report_form.html", context, status=status)


def _read(request: SignedInRequest, found: Report, *, status: int = 200, **forms: Any) -> HttpResponse:
    year = found.award_year
    costs = sorted(found.costs.all(), key=lambda cost: CostType.values.index(cost.cost_type))
    reviews = found.state == ReportState.SUBMITTED and permissions.can_judge(request.user, year.network)
    previous = Report.objects.filter(
        award_year__network=year.network, award_year__project_year=year.project_year - 1
    ).first()
    context = {
        "network": year.network,
        "year": year,
        "report": found,
        "costs": costs,
        "submitted_total": sum((cost.submitted_amount for cost in costs), ZERO),
        "accepted_total": sum((cost.accepted_amount or ZERO for cost in costs), ZERO),
        "is_public": found.submitted_at is not None,
        "indicators": _indicator_rows(found),
        "due_at": clock.end_of_day(found.due_on),
        "reviews": reviews,
        "approval_form": ApprovalForm(report=found) if reviews else None,
        "questions_form": QuestionsForm(),
        "previous": previous,
        **forms,
    }
    return render(request, "monitoring/report.html", context, status=status)


def _indicator_rows(found: Report) -> list[dict[str, Any]]:
    """Each indicator of the agreement with target, this year's report, the register's count and last year's report."""
    year = found.award_year
    values = KpiValue.objects.filter(
        network=year.network, is_reading=True, project_year__in=(year.project_year - 1, year.project_year)
    )
    read = {(value.label, value.basis, value.project_year): value.value for value in values}
    return [
        {
            "label": kpi.label,
            "target": kpi.target,
            "reported": read.get((kpi.label, KpiBasis.REPORTED, year.project_year)),
            "computed": read.get((kpi.label, KpiBasis.COMPUTED, year.project_year)),
            "before": read.get((kpi.label, KpiBasis.REPORTED, year.project_year - 1)),
        }
        for kpi in reports.indicators_of(found)
    ]


@access(Role.ACCOUNT_MANAGER, subject="network")
@require_POST
def send_back(request: SignedInRequest, code: str, year: int) -> HttpResponse:
    """Questions to the network."""
    found = _reviewed(request, code, year)
    form = QuestionsForm(request.POST)
    if form.is_valid():
        try:
            reports.send_back(found, questions=form.cleaned_data["questions"], by=request.user)
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


@access(ORGANISATION, subject="network")
@require_POST
@domain_errors(redirect_to=_back)
def begin(request: SignedInRequest, code: str, year: int) -> HttpResponse:
    """Open the report of the year."""
    award_year = visible_year(request, code, year)
    allow(permissions.can_enter(request.user, award_year.network))
    reports.open(award_year, by=request.user)
    return redirect("monitoring:report", code, year)
