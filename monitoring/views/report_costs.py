"""The cost workbook of a project year: downloaded, uploaded, and read back line by line with what changed."""

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from calls.enums import CostType
from ibnportal.core.access import ORGANISATION, access
from ibnportal.core.errors import DomainError
from ibnportal.core.files.http import respond
from ibnportal.core.files.kinds import XLSX, FileKind
from ibnportal.core.findings import Finding, has_errors
from ibnportal.core.http import SignedInRequest, add_domain_error
from monitoring import permissions
from monitoring.documents import cost_workbook
from monitoring.domain import report_costs, reports
from monitoring.forms.reports import CostWorkbookForm
from monitoring.models import AwardYear, Report, ReportWorkbook
from monitoring.views.fetch import allow, visible_year


def _report(request: SignedInRequest, code: str, year: int) -> tuple[AwardYear, Report, bool]:
    """The year, its report and whether this person writes it; what is not handed in is the network's own."""
    award_year = visible_year(request, code, year)
    found = Report.objects.filter(award_year=award_year).first()
    if found is None:
        raise Http404
    found.award_year = award_year
    may_write = permissions.can_enter(request.user, award_year.network)
    allow(may_write or found.submitted_at is not None)
    return award_year, found, may_write and found.state in reports.EDITABLE


@access(*permissions.READERS, ORGANISATION, subject="network")
@require_http_methods(["GET", "HEAD", "POST"])
def costs(request: SignedInRequest, code: str, year: int) -> HttpResponse:
    """The lines of the newest upload and what changed; the network sends another one here."""
    award_year, found, may_write = _report(request, code, year)
    form = CostWorkbookForm(request.POST or None, request.FILES or None)
    findings: list[Finding] = []
    if request.method == "POST":
        allow(may_write)
        if form.is_valid():
            upload = form.cleaned_data["upload"]
            lines: list[report_costs.CostLine] = []
            try:
                lines, findings = _read(upload, award_year)
                kept = report_costs.take_over(found, upload, lines, findings, by=request.user)
            except DomainError as error:
                if not has_errors(findings):
                    add_domain_error(form, error, field="upload")
            else:
                messages.success(
                    request, f"Versie {kept.version} van het kostenrekenblad is gelezen: {len(lines)} lijnen."
                )
                return redirect("monitoring:report_costs", code, year)
    uploads = list(found.workbooks.select_related("file__blob", "uploaded_by"))
    newest = report_costs.lines_of(uploads[0] if uploads else None)
    before = report_costs.lines_of(uploads[1] if len(uploads) > 1 else None)
    context = {
        "network": award_year.network,
        "year": award_year,
        "report": found,
        "form": form,
        "findings": findings,
        "may_write": may_write,
        "uploads": uploads,
        "groups": [
            {
                "label": cost_type.label,
                "type": cost_type.value,
                "lines": own,
                "total": report_costs.total(own),
            }
            for cost_type in CostType
            if (own := [line for line in newest if line.cost_type == cost_type])
        ],
        "total": report_costs.total(newest),
        "remarks": report_costs.remarks(newest, award_year),
        "changes": report_costs.difference(before, newest) if len(uploads) > 1 else [],
    }
    return render(request, "monitoring/report_costs.html", context, status=422 if form.is_bound else 200)


def _read(upload, award_year: AwardYear) -> tuple[list[report_costs.CostLine], list[Finding]]:
    limit = FileKind.IMPORT_XLSX.rule.max_bytes
    if upload.size > limit:
        raise DomainError("Dit bestand is groter dan 5 MB. Laad alleen het kostenrekenblad op.")
    upload.seek(0)
    return cost_workbook.read(upload.read(limit + 1), award_year)


@access(ORGANISATION, subject="network")
@require_safe
def template(request: SignedInRequest, code: str, year: int) -> HttpResponse:
    """The workbook of this network and year, with the lines of the newest upload."""
    award_year, found, may_write = _report(request, code, year)
    allow(may_write)
    content = cost_workbook.build(award_year, report_costs.lines_of(found.workbooks.first()))
    response = HttpResponse(content, content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="{cost_workbook.name_of(award_year)}"'
    response["Cache-Control"] = "private, no-store"
    return response


@access(*permissions.READERS, ORGANISATION, subject="network")
@require_safe
def workbook(request: SignedInRequest, code: str, year: int, pk: int) -> HttpResponseBase:
    """One upload as it came."""
    _, found, _ = _report(request, code, year)
    uploads = ReportWorkbook.objects.select_related("file__blob")
    return respond(get_object_or_404(uploads, report=found, pk=pk).file, by=request.user)
