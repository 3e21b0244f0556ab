"""Figures of a full dossier: the budget workbook and the indicators; the co-financing plan has its own module."""

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications.documents import budget_workbook
from applications.domain import budget, kpis, progress, snapshot
from applications.domain.budget_difference import What, difference
from applications.domain.stale import Stale
from applications.forms.drafts import BudgetForm
from applications.forms.money import VatForm
from applications.forms.register import KpiForm
from applications.models import BudgetUpload, KpiTarget
from applications.views.page import back_to, full_page, own_application
from applications.views.plan import typed_data
from calls.enums import CostType, PhaseNumber
from calls.ruleset import Rules
from ibnportal.core.access import ORGANISATION, access
from ibnportal.core.errors import DomainError
from ibnportal.core.files.http import respond
from ibnportal.core.files.kinds import XLSX
from ibnportal.core.findings import Finding, Severity
from ibnportal.core.http import SignedInRequest, add_domain_error, domain_errors
from ibnportal.core.money import ZERO
from ibnportal.core.statements import Statement
from ibnportal.core.ui import formats

# ---------------------------------------------------------------- budget

_UPLOADS: Statement[BudgetUpload] = Statement(
    lambda application: (
        BudgetUpload.objects.filter(application=application).select_related("uploaded_by").order_by("-version")
    )
)


@access(ORGANISATION, subject="application")
@require_http_methods(["GET", "HEAD", "POST"])
def budget_page(request: SignedInRequest, number: str) -> HttpResponse:
    """The budget as the portal computes it; an upload with errors shows all of them and changes nothing.

    `?met=2` shows what changed since version 2; without it, since the version before.
    """
    page = full_page(request, number, "budget")
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
    rules, part = page["rules"], page["dossier"].budget
    history = _UPLOADS.all(page["application"].pk)
    vat = budget.declared_vat(page["application"])
    context = {
        **page,
        "form": form,
        "refused": refused,
        "error_count": sum(finding.severity == Severity.ERROR for finding in refused),
        "upload": part,
        "history": history,
        "vat_is_declared": vat is not None,
        "vat_text": _vat_text(vat),
    }
    sums = page["reckoned"].sums
    if part is not None:
        kept_remarks = [Finding.from_dict(item) for item in history[0].remarks]
        compared = _compared(history, request.GET.get("met", ""))
        context |= {
            "sums": sums,
            "table": _table(sums, part.lines),
            "lines": [_line(line) for line in part.lines],
            "line_columns": _LINE_COLUMNS,
            "chart": [
                (label, *(sums.by_year_and_type[year, kind] for year in sums.years)) for kind, label in CostType.choices
            ],
            "series": "|".join(f"Jaar {year}" for year in sums.years),
            "remarks": [*kept_remarks, *budget.examine(sums, rules)],
            "compared": compared,
            "change": _change(compared, part, rules) if compared is not None else None,
        }
    return render(request, "applications/budget.html", context, status=422 if form.errors else 200)


def _vat_text(fraction: Decimal | None) -> str:
    if fraction is None:
        return "Nog niet verklaard. Zolang dat zo is, kan er geen btw in de begroting staan."
    if fraction == 1:
        return "De aanvrager recupereert alle btw: er hoort geen btw in de begroting."
    recovered = formats.percent(fraction) if fraction else "geen"
    return f"De aanvrager recupereert {recovered} btw: wat hij niet recupereert, mag in de begroting staan."


def _compared(history: list[BudgetUpload], wanted: str) -> BudgetUpload | None:
    """The version that the newest one is compared with: the one asked for, or the one before."""
    older = history[1:]
    asked = next((upload for upload in older if str(upload.version) == wanted), None)
    return asked or next(iter(older), None)


_WHAT = {What.ADDED: "Nieuw", What.REMOVED: "Geschrapt", What.CHANGED: "Aangepast"}


def _change(compared: BudgetUpload, part: snapshot.BudgetPart, rules: Rules) -> dict[str, Any]:
    """The difference as flat rows; months only where they changed."""
    found = difference(compared.lines.all(), part.lines, rules)
    return {
        "is_empty": found.is_empty,
        "old_total": found.old_total,
        "new_total": found.new_total,
        "old_months": found.old_months,
        "new_months": found.new_months,
        "sums": [
            {
                "project_year": item.project_year,
                "label": CostType(item.cost_type).label,
                "old": item.old,
                "new": item.new,
                "by_text": f"{'+' if item.by > 0 else '−'} {formats.euro(abs(item.by))}",
            }
            for item in found.sums
        ],
        "lines": [
            {
                "description": item.description,
                "project_year": item.project_year,
                "label": CostType(item.cost_type).label,
                "what": _WHAT[item.what],
                "words": ", ".join(item.words),
                "old": _side(item.old, item.old_months, is_there=item.what != What.ADDED),
                "new": _side(item.new, item.new_months, is_there=item.what != What.REMOVED),
            }
            for item in found.lines
        ],
    }


def _side(amount: Decimal, months: Decimal, *, is_there: bool) -> dict[str, str]:
    """One side of a line's change; empty where the line was or is not there."""
    if not is_there:
        return {}
    return {"amount": formats.euro(amount), "months": formats.number(months) if months else ""}


_LINE_COLUMNS = (("Jaar en kostentype", ""), ("Mensmaanden", "num"), ("Bedrag", "num"), ("Waarvan btw", "num"))


def _line(line: snapshot.BudgetItem) -> tuple[str, str, tuple[str, ...]]:
    """One line as text, with the cells of `_LINE_COLUMNS`: there are hundreds."""
    return (
        line.description,
        " · ".join(text for text in (line.supplier, line.motivation) if text),
        (
            f"Jaar {line.project_year}, {_TYPES[line.cost_type]}",
            formats.number(line.person_months) if line.person_months else "",
            formats.euro(line.amount),
            formats.euro(line.vat) if line.vat else "",
        ),
    )


_TYPES = {kind.value: kind.label.lower() for kind in CostType}


def _table(sums: budget.Figures, lines: tuple[snapshot.BudgetItem, ...]) -> list[dict[str, Any]]:
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
    vat = {year: sum((line.vat for line in lines if line.project_year == year), ZERO) for year in sums.years}
    if any(vat.values()):
        rows.append(
            {"label": "Waarvan niet-recupereerbare btw", "values": list(vat.values()), "total": sum(vat.values(), ZERO)}
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


@access(ORGANISATION, subject="budget_upload")
@require_safe
def budget_version(request: SignedInRequest, number: str, budget_upload_id: int) -> HttpResponseBase:
    """Any version of the budget, as it was uploaded."""
    visible = BudgetUpload.objects.visible_to(request.user).select_related("file__blob")
    upload = get_object_or_404(visible, pk=budget_upload_id, application__number=number)
    return respond(upload.file, by=request.user)


@access(ORGANISATION, subject="application")
@require_http_methods(["GET", "HEAD", "POST"])
def budget_vat(request: SignedInRequest, number: str) -> HttpResponse:
    """How much of its VAT the applicant recovers (BUD-10)."""
    page = full_page(request, number, "budget")
    form = VatForm(
        request.POST if request.method == "POST" else None, fraction=budget.declared_vat(page["application"])
    )
    if request.method == "POST" and form.is_valid():
        try:
            budget.declare_vat(page["application"], recoverable_fraction=form.fraction, by=request.user)
        except DomainError as error:
            add_domain_error(form, error, field="status")
        else:
            messages.success(
                request,
                "De verklaring is bewaard. Download het rekenblad opnieuw: de kolom voor btw volgt uw verklaring.",
            )
            return redirect("applications:budget", number)
    context = {
        **page,
        "form": form,
        "title": "Btw van de aanvrager",
        "back": "applications:budget",
        "back_label": "Begroting",
        "lead": "Btw die de aanvrager niet recupereert is een kost en mag in de begroting staan; de rest niet.",
    }
    return render(request, "applications/declaration.html", context, status=422 if form.errors else 200)


@access(ORGANISATION, subject="application")
@require_safe
def budget_file(request: SignedInRequest, number: str) -> HttpResponseBase:
    """The workbook that was accepted last."""
    upload = budget.latest(own_application(request, number))
    if upload is None:
        raise Http404
    return respond(upload.file, by=request.user)


# ---------------------------------------------------------------- indicators


@access(ORGANISATION, subject="application")
@require_safe
def kpi_list(request: SignedInRequest, number: str) -> HttpResponse:
    """The mandatory indicators, and the project's own as a matrix of area by what is measured, so that empty cells show."""
    page = full_page(request, number, "kpis")
    targets = list(page["application"].kpi_targets.all())
    own = [target for target in targets if target.definition_of_call_id is None]
    context = {
        **page,
        "mandatory": [target for target in targets if target.definition_of_call_id is not None],
        "columns": [column.label for column in kpis.COLUMNS],
        "matrix": kpis.matrix(own),
        "own": own,
        "findings": progress.kpi_findings(page["dossier"]),
    }
    return render(request, "applications/kpis.html", context)


@access(ORGANISATION, subject="application", rescues=True)
@require_http_methods(["GET", "HEAD", "POST"])
def kpi_add(request: SignedInRequest, number: str) -> HttpResponse:
    """A new indicator of the project."""
    return _kpi(request, number, None)


@access(ORGANISATION, subject="kpi_target", rescues=True)
@require_http_methods(["GET", "HEAD", "POST"])
def kpi_edit(request: SignedInRequest, number: str, target_id: int) -> HttpResponse:
    """One indicator: definition, baseline, target, method."""
    return _kpi(request, number, _own_target(request, number, target_id))


def _own_target(request: SignedInRequest, number: str, target_id: int) -> KpiTarget:
    visible = KpiTarget.objects.visible_to(request.user).select_related("application")
    return get_object_or_404(visible, pk=target_id, application__number=number)


def _kpi(request: SignedInRequest, number: str, indicator: KpiTarget | None) -> HttpResponse:
    page = full_page(request, number, "kpis")
    form = KpiForm(typed_data(request), indicator=indicator, place=request.GET)
    if request.method == "POST" and form.is_valid():
        wanted, seen = form.typed()
        try:
            saved = kpis.save_target(page["application"], by=request.user, indicator=indicator, seen=seen, **wanted)
        except DomainError as error:
            form.add_findings(error)
            if isinstance(error, Stale) and indicator is not None:
                indicator.refresh_from_db()
                form.renew(indicator)
        else:
            messages.success(request, f"De indicator “{saved.label}” is bewaard.")
            return redirect("applications:kpis", number)
    return render(
        request,
        "applications/kpi.html",
        {**page, "form": form, "indicator": indicator},
        status=422 if request.method == "POST" else 200,
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
