"""Figures of a full dossier: the budget workbook, the co-financing plan, the indicators."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications.documents import budget_workbook
from applications.domain import budget, cofinancing, kpis, progress
from applications.forms.drafts import BudgetForm
from applications.forms.register import KpiForm, PlanLineForm
from applications.models import CofinancingPlanLine, KpiTarget
from applications.views.page import back_to, dossier_page, own_application
from calls.enums import CostType, KpiArea, PhaseNumber
from ibnportal.core.access import ORGANISATION, access
from ibnportal.core.errors import DomainError
from ibnportal.core.files.http import respond
from ibnportal.core.files.kinds import XLSX
from ibnportal.core.findings import Severity
from ibnportal.core.http import SignedInRequest, add_domain_error, domain_errors


def _full_page(request: SignedInRequest, number: str, current: str) -> dict[str, Any]:
    """The page of a part that only the full dossier has; before that it does not exist."""
    page = dossier_page(request, number, current=current)
    if page["phase"] != PhaseNumber.FULL_DOSSIER:
        raise Http404
    return page


# ---------------------------------------------------------------- budget


@access(ORGANISATION, subject="application")
@require_http_methods(["GET", "HEAD", "POST"])
def budget_page(request: SignedInRequest, number: str) -> HttpResponse:
    """The budget as the portal computes it; an upload with errors shows all of them and changes nothing."""
    page = _full_page(request, number, "budget")
    form = BudgetForm(request.POST or None, request.FILES or None)
    refused: tuple[Any, ...] = ()
    if request.method == "POST" and form.is_valid():
        try:
            kept = budget.accept(page["application"], form.cleaned_data["workbook"], by=request.user)
        except budget.Refused as error:
            form.add_error("workbook", error.message)
            refused = error.findings
        except DomainError as error:
            add_domain_error(form, error, field="workbook")
        else:
            messages.success(request, f"De begroting is gelezen en bewaard als versie {kept.version}.")
            return redirect("applications:budget", number)
    part = page["dossier"].budget
    sums = budget.figures(part.lines, page["rules"]) if part is not None else None
    context = {
        **page,
        "form": form,
        "refused": refused,
        "error_count": sum(finding.severity == Severity.ERROR for finding in refused),
        "upload": part,
        "sums": sums,
        "table": _table(sums) if sums else [],
        "chart": [(f"Jaar {year}", sums.year_totals[year], sums.year_grants[year]) for year in sums.years]
        if sums
        else [],
        "remarks": budget.examine(sums, page["rules"]) if sums else [],
    }
    return render(request, "applications/budget.html", context, status=422 if form.errors else 200)


def _table(sums: budget.Figures) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = [
        {
            "label": CostType(kind).label,
            "values": [sums.by_year_and_type[year, kind] for year in sums.years],
            "total": sums.type_totals[kind],
        }
        for kind in CostType.values
    ]
    rows.append(
        {"label": "Totale begroting", "values": list(sums.year_totals.values()), "total": sums.total, "is_total": True}
    )
    rows.append(
        {
            "label": "Gevraagde steun",
            "values": list(sums.year_grants.values()),
            "total": sums.requested_grant,
            "is_total": True,
        }
    )
    return rows


@access(ORGANISATION, subject="application")
@require_safe
def budget_template(request: SignedInRequest, number: str) -> HttpResponse:
    """The workbook of this dossier, filled with what is known."""
    application = own_application(request, number)
    if application.phase != PhaseNumber.FULL_DOSSIER:
        raise Http404
    upload = budget.latest(application)
    content = budget_workbook.build(
        budget.expected(application),
        title=application.title,
        applicant=application.applicant.name,
        lines=tuple(upload.lines.all()) if upload else (),
    )
    response = HttpResponse(content, content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="begroting-{application.number}.xlsx"'
    response["Cache-Control"] = "private, no-store"
    return response


@access(ORGANISATION, subject="application")
@require_safe
def budget_file(request: SignedInRequest, number: str) -> HttpResponseBase:
    """The workbook that was accepted last."""
    upload = budget.latest(own_application(request, number))
    if upload is None:
        raise Http404
    return respond(upload.file, by=request.user)


# ---------------------------------------------------------------- co-financing


@access(ORGANISATION, subject="application")
@require_http_methods(["GET", "HEAD", "POST"])
def plan_page(request: SignedInRequest, number: str) -> HttpResponse:
    """The plan by company, year and type, with its figures; the form adds a line."""
    return _plan(request, number, None)


@access(ORGANISATION, subject="plan_line")
@require_http_methods(["GET", "HEAD", "POST"])
def plan_line(request: SignedInRequest, number: str, line_id: int) -> HttpResponse:
    """Correct one line of the plan."""
    return _plan(request, number, _own_line(request, number, line_id))


def _own_line(request: SignedInRequest, number: str, line_id: int) -> CofinancingPlanLine:
    visible = CofinancingPlanLine.objects.visible_to(request.user).select_related("application__call")
    return get_object_or_404(visible, pk=line_id, application__number=number)


def _plan(request: SignedInRequest, number: str, line: CofinancingPlanLine | None) -> HttpResponse:
    page = _full_page(request, number, "cofinancing")
    application, rules = page["application"], page["rules"]
    form = PlanLineForm(request.POST or None, years=rules.project_years, line=line)
    if request.method == "POST" and form.is_valid():
        try:
            if line is None:
                cofinancing.add_line(application, by=request.user, **form.cleaned_data)
            else:
                cofinancing.change_line(line, by=request.user, **form.cleaned_data)
        except DomainError as error:
            fields = {"COF-19": "payer_kind", "P1-LET-03": "enterprise_number", "COF-17": "company_name"}
            add_domain_error(form, error, field=fields.get(error.rule_id))
        else:
            messages.success(request, f"De bijdrage van {form.cleaned_data['company_name']} is bewaard.")
            return redirect("applications:cofinancing", number)
    plan = progress.plan_of(page["dossier"], rules)
    context = {
        **page,
        "form": form,
        "line": line,
        "plan": plan,
        "findings": cofinancing.findings(plan, rules) if page["dossier"].cofinancing else [],
        "companies": _by_company(application, rules.project_years),
        "years": list(range(1, rules.project_years + 1)),
        "chart": [(f"Jaar {year.year}", year.planned, year.required) for year in plan.years],
    }
    return render(request, "applications/cofinancing.html", context, status=422 if form.errors else 200)


def _by_company(application: Any, years: int) -> list[dict[str, Any]]:
    """The grid: one row a company, one cell a year, each with its lines."""
    rows: dict[str, dict[str, Any]] = {}
    for line in application.cofinancing_lines.all():
        key = " ".join(line.company_name.casefold().split())
        row = rows.setdefault(
            key, {"name": line.company_name, "cells": {year: [] for year in range(1, years + 1)}, "total": 0}
        )
        row["cells"].setdefault(line.project_year, []).append(line)
        row["total"] += line.amount
    return sorted(rows.values(), key=lambda row: row["name"].casefold())


@access(ORGANISATION, subject="plan_line")
@require_POST
@domain_errors(redirect_to=back_to("applications:cofinancing"))
def plan_remove(request: SignedInRequest, number: str, line_id: int) -> HttpResponse:
    """Take one line out of the plan."""
    line = _own_line(request, number, line_id)
    cofinancing.remove_line(line, by=request.user)
    messages.success(request, f"De bijdrage van {line.company_name} in jaar {line.project_year} is verwijderd.")
    return redirect("applications:cofinancing", number)


# ---------------------------------------------------------------- indicators


@access(ORGANISATION, subject="application")
@require_safe
def kpi_list(request: SignedInRequest, number: str) -> HttpResponse:
    """The mandatory indicators and the project's own, by area."""
    page = _full_page(request, number, "kpis")
    targets = list(page["application"].kpi_targets.all())
    own = [target for target in targets if target.definition_of_call_id is None]
    context = {
        **page,
        "mandatory": [target for target in targets if target.definition_of_call_id is not None],
        "areas": [(area.label, [target for target in own if target.area == area]) for area in KpiArea],
        "findings": progress.kpi_findings(page["dossier"]),
    }
    return render(request, "applications/kpis.html", context)


@access(ORGANISATION, subject="application")
@require_http_methods(["GET", "HEAD", "POST"])
def kpi_add(request: SignedInRequest, number: str) -> HttpResponse:
    """A new indicator of the project."""
    return _kpi(request, number, None)


@access(ORGANISATION, subject="kpi_target")
@require_http_methods(["GET", "HEAD", "POST"])
def kpi_edit(request: SignedInRequest, number: str, target_id: int) -> HttpResponse:
    """One indicator: definition, baseline, target, method."""
    return _kpi(request, number, _own_target(request, number, target_id))


def _own_target(request: SignedInRequest, number: str, target_id: int) -> KpiTarget:
    visible = KpiTarget.objects.visible_to(request.user).select_related("application")
    return get_object_or_404(visible, pk=target_id, application__number=number)


def _kpi(request: SignedInRequest, number: str, indicator: KpiTarget | None) -> HttpResponse:
    page = _full_page(request, number, "kpis")
    form = KpiForm(request.POST or None, indicator=indicator)
    if request.method == "POST" and form.is_valid():
        try:
            saved = kpis.save_target(page["application"], by=request.user, indicator=indicator, **form.cleaned_data)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, f"De indicator “{saved.label}” is bewaard.")
            return redirect("applications:kpis", number)
    return render(
        request,
        "applications/kpi.html",
        {**page, "form": form, "indicator": indicator},
        status=422 if form.errors else 200,
    )


@access(ORGANISATION, subject="kpi_target")
@require_POST
@domain_errors(redirect_to=back_to("applications:kpis"))
def kpi_remove(request: SignedInRequest, number: str, target_id: int) -> HttpResponse:
    """Take an indicator of the project out."""
    target = _own_target(request, number, target_id)
    kpis.remove_target(target, by=request.user)
    messages.success(request, f"De indicator “{target.label}” is verwijderd.")
    return redirect("applications:kpis", number)
