"""The co-financing plan: its figures, one contribution, the whole grid at once, what letters promised."""

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from applications.domain import cofinancing, cofinancing_grid, cofinancing_promises, progress
from applications.domain.cofinancing_grid import Edit, Overtaken, Row
from applications.forms.money import PER_YEAR, BroadForm, PlanLineForm, PromiseForm, plan_rows, written
from applications.models import CofinancingPlanLine
from applications.views.page import back_to, full_page
from calls.enums import ContributionKind, PayerKind
from ibnportal.core.access import ORGANISATION, access
from ibnportal.core.errors import DomainError
from ibnportal.core.exports import table_response, wants_export
from ibnportal.core.findings import Finding
from ibnportal.core.http import SignedInRequest, add_domain_error, domain_errors

ROWS_A_PAGE = 40


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


_FIELDS = {
    "COF-19": "payer_kind",
    "COF-21": "is_member",
    "P1-LET-03": "enterprise_number",
    "COF-17": "company_name",
    "COF-15": "amount",
}


def _plan(request: SignedInRequest, number: str, line: CofinancingPlanLine | None) -> HttpResponse:
    page = full_page(request, number, "cofinancing")
    application, rules = page["application"], page["rules"]
    wanted = wants_export(request)
    if wanted:
        return _export(wanted, application, rules.project_years)
    seen = cofinancing.fingerprint(line) if line is not None else ""
    form = PlanLineForm(
        request.POST if request.method == "POST" else None, years=rules.project_years, line=line, seen=seen
    )
    if request.method == "POST" and form.is_valid():
        try:
            if line is None:
                cofinancing.add_line(application, by=request.user, **form.cleaned_data)
            else:
                cofinancing.change_line(line, by=request.user, **form.cleaned_data)
        except DomainError as error:
            form = _with_seen(form, seen, years=rules.project_years, line=line)
            add_domain_error(form, error, field=_FIELDS.get(error.rule_id))
        else:
            messages.success(request, f"De bijdrage van {form.cleaned_data['company_name']} is bewaard.")
            return redirect("applications:cofinancing", number)
    plan = progress.plan_of(page["dossier"], rules, page["reckoned"].sums)
    promised = cofinancing_promises.promises(application)
    missing = [(promise.company_name, promise.amount) for promise in promised if not promise.is_planned]
    lines = page["dossier"].cofinancing
    context = {
        **page,
        "form": form,
        "line": line,
        "plan": plan,
        "findings": [*cofinancing.findings(plan, rules), *cofinancing.unplanned(missing)] if lines else [],
        "missing": missing,
        "rows": [_shown(row, rules.project_years) for row in cofinancing_grid.rows(application)],
        "years": list(range(1, rules.project_years + 1)),
        "chart": [
            {"label": f"Jaar {year.year}", "values": [year.cash, year.accepted_income, year.required]}
            for year in plan.years
        ],
        "distributions": [
            *((f"Jaar {year.year}", year.distribution) for year in plan.years if year.distribution),
            *([("Hele project", plan.distribution)] if plan.distribution else []),
        ],
        "is_broad": page["dossier"].is_broad_member_organisation,
        "least_cash": rules.min_cash_fraction,
    }
    return render(request, "applications/cofinancing.html", context, status=422 if form.errors else 200)


def _with_seen(form: PlanLineForm, seen: str, *, years: int, line: CofinancingPlanLine | None) -> PlanLineForm:
    """The same form with what was typed, compared from now on with how the line looks now."""
    data = {**form.data.dict(), "seen": seen} if isinstance(form.data, QueryDict) else {**form.data, "seen": seen}
    again = PlanLineForm(data, years=years, line=line, seen=seen)
    again.is_valid()
    return again


def _shown(row: Row, years: int) -> dict[str, Any]:
    return {
        "row": row,
        "kind": ContributionKind(row.kind).label,
        "amounts": [row.amounts.get(year) for year in range(1, years + 1)],
    }


def _export(wanted: str, application: Any, years: int) -> HttpResponse:
    columns = [
        "Onderneming", "Ondernemingsnummer", "Soort betaler", "Lid", "Soort bijdrage",
        *(f"Jaar {year} (euro)" for year in range(1, years + 1)), "Samen (euro)", "Waarvoor",
    ]  # fmt: skip
    rows = [
        [
            row.company_name,
            row.enterprise_number,
            PayerKind(row.payer_kind).label,
            "ja" if row.is_member else "nee",
            ContributionKind(row.kind).label,
            *(row.amounts.get(year, Decimal("0.00")) for year in range(1, years + 1)),
            row.total,
            row.explanation,
        ]
        for row in cofinancing_grid.rows(application)
    ]
    return table_response(wanted, f"cofinanciering-{application.number}", columns, rows)


@access(ORGANISATION, subject="plan_line")
@require_POST
@domain_errors(redirect_to=back_to("applications:cofinancing"))
def plan_remove(request: SignedInRequest, number: str, line_id: int) -> HttpResponse:
    """Take one line out of the plan."""
    line = _own_line(request, number, line_id)
    cofinancing.remove_line(line, by=request.user)
    messages.success(request, f"De bijdrage van {line.company_name} in jaar {line.project_year} is verwijderd.")
    return redirect("applications:cofinancing", number)


# ---------------------------------------------------------------- the whole grid


@access(ORGANISATION, subject="application")
@require_http_methods(["GET", "HEAD", "POST"])
def plan_grid(request: SignedInRequest, number: str) -> HttpResponse:
    """Many cells at once; what a colleague changed meanwhile is kept, and a clash is shown with both amounts."""
    page = full_page(request, number, "cofinancing")
    application, years = page["application"], page["rules"].project_years
    shown = Paginator(cofinancing_grid.rows(application), ROWS_A_PAGE).get_page(request.GET.get("pagina"))
    problem, status = "", 200
    if request.method == "POST":
        grid = plan_rows(request.POST, years=years)
        if grid.is_valid():
            try:
                cells = cofinancing_grid.save(application, _edits(grid), by=request.user)
            except DomainError as error:
                problem, status = error.message, 422
                grid = _marked(request, grid, error, application, years)
            else:
                messages.success(request, _told(cells))
                return redirect("applications:cofinancing", number)
        else:
            status = 422
    else:
        grid = plan_rows(years=years, rows=shown)
    context = {
        **page,
        "grid": grid,
        "problem": problem,
        "shown": shown,
        "years": list(range(1, years + 1)),
        "is_broad": page["dossier"].is_broad_member_organisation,
        "required": [
            year
            for year in progress.plan_of(page["dossier"], page["rules"], page["reckoned"].sums).years
            if year.required
        ],
    }
    return render(request, "applications/cofinancing_grid.html", context, status=status)


def _told(cells: int) -> str:
    if not cells:
        return "Er was niets veranderd."
    return f"Het plan is bewaard: {cells} {'bedrag' if cells == 1 else 'bedragen'} aangepast."


def _edits(grid: Any) -> list[Edit]:
    """One edit a row that holds anything; its place is its prefix, so that what is wrong comes back to it."""
    return [
        Edit(form.before, form.after, place=form.prefix)
        for form in grid.forms
        if form.before is not None or form.after is not None
    ]


def _marked(request: SignedInRequest, grid: Any, error: DomainError, application: Any, years: int) -> Any:
    """The grid as it was typed, each finding at its row; after a clash it is compared with what stands there now."""
    data = request.POST.copy()
    if isinstance(error, Overtaken):
        now = {row.key: row for row in cofinancing_grid.rows(application)}
        for form in grid.forms:
            base = form.before or form.after
            current = now.get(base.key) if base is not None else None
            data[f"{form.prefix}-seen"] = written(current) if current is not None else ""
    again = plan_rows(data, years=years)
    again.is_valid()
    forms: dict[str, Any] = {str(form.prefix): form for form in again.forms}
    for finding in error.findings:
        _mark(forms, finding)
    return again


def _mark(forms: dict[str, Any], finding: Finding) -> None:
    prefix, _, year = finding.where.partition(", jaar ")
    form = forms.get(prefix)
    if form is None:
        return
    field = f"year_{year}" if year else _ROW_FIELDS.get(finding.rule_id, "company_name")
    form.add_error(field, finding.message)


_ROW_FIELDS = {
    "COF-19": "payer_kind",
    "COF-21": "is_member",
    "P1-LET-03": "enterprise_number",
}


# ---------------------------------------------------------------- what letters promised, what was declared


@access(ORGANISATION, subject="application")
@require_http_methods(["GET", "HEAD", "POST"])
def plan_promises(request: SignedInRequest, number: str) -> HttpResponse:
    """What the signed letters promise, and in one action all of it into the plan."""
    page = full_page(request, number, "cofinancing")
    form = PromiseForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            taken = cofinancing_promises.take_over(
                page["application"],
                is_per_year=form.cleaned_data["basis"] == PER_YEAR,
                kind=form.cleaned_data["kind"],
                by=request.user,
            )
        except DomainError as error:
            add_domain_error(form, error)
        else:
            if taken.added:
                what = "1 onderneming is" if taken.added == 1 else f"{taken.added} ondernemingen zijn"
                messages.success(
                    request, f"{what} in het plan gezet met wat hun brief belooft. Kijk het na en pas aan waar nodig."
                )
            else:
                messages.info(
                    request, "Alle ondernemingen met een belofte stonden al in het plan; er is niets veranderd."
                )
            return redirect("applications:cofinancing", number)
    context = {**page, "form": form, "promises": cofinancing_promises.promises(page["application"])}
    return render(request, "applications/cofinancing_promises.html", context, status=422 if form.errors else 200)


@access(ORGANISATION, subject="application")
@require_http_methods(["GET", "HEAD", "POST"])
def plan_declaration(request: SignedInRequest, number: str) -> HttpResponse:
    """Whether the cluster organisation has a wider scope than the project (COF-10)."""
    page = full_page(request, number, "cofinancing")
    declared = page["dossier"].is_broad_member_organisation
    initial = {} if declared is None else {"is_broad": "yes" if declared else "no"}
    form = BroadForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            cofinancing.declare_broad(page["application"], is_broad=form.cleaned_data["is_broad"], by=request.user)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, "De verklaring is bewaard.")
            return redirect("applications:cofinancing", number)
    context = {
        **page,
        "form": form,
        "title": "Clusterorganisatie",
        "back": "applications:cofinancing",
        "back_label": "Cofinancieringsplan",
        "lead": "Bepaalt van wie de bijdragen meetellen als cofinanciering.",
    }
    return render(request, "applications/declaration.html", context, status=422 if form.errors else 200)
