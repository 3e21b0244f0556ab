"""Around the contributions of a year: pledges, lists, electronic invoices, questions, credit notes and corrections."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ibnportal.core.access import ORGANISATION, access
from ibnportal.core.accounts.enums import Role
from ibnportal.core.errors import DomainError
from ibnportal.core.exports import table_response, wants_export
from ibnportal.core.files.kinds import FileKind
from ibnportal.core.files.store import read_bytes, store
from ibnportal.core.findings import Finding, has_errors
from ibnportal.core.http import SignedInRequest, add_domain_error, domain_errors
from monitoring import permissions
from monitoring.documents import contribution_list as workbook
from monitoring.documents import einvoice as reader
from monitoring.domain import contribution_checks, contribution_list, crediting, einvoices, pledges
from monitoring.domain import contributions as ledger
from monitoring.domain.queries import rules_row
from monitoring.enums import ListKind
from monitoring.forms.ledger import CorrectionForm, EInvoiceForm, PledgeForm, TextForm
from monitoring.forms.members import ListUploadForm
from monitoring.models import AwardYear, ListImport
from monitoring.views import contributions as pages
from monitoring.views.fetch import allow, visible_year, visible_years

PER_PAGE = 100


def _entered_by_network(request: SignedInRequest, code: str, year: int) -> AwardYear:
    award_year = visible_year(request, code, year)
    allow(permissions.can_enter(request.user, award_year.network))
    return award_year


# ---------------------------------------------------------------- pledges


@access(*permissions.READERS, ORGANISATION, subject="network")
@require_http_methods(["GET", "HEAD", "POST"])
def pledged(request: SignedInRequest, code: str, year: int) -> HttpResponse:
    """The year per company, from planned to accepted; the network writes pledges here."""
    _, shown = visible_years(request, code, year)
    network = shown.year.network
    can_edit = permissions.can_enter(request.user, network) and not shown.is_closed
    form = PledgeForm(request.POST or None, network=network)
    if request.method == "POST":
        allow(can_edit)
        if form.is_valid():
            data = dict(form.cleaned_data)
            payer = data.pop("payer")
            try:
                pledges.pledge(shown.year, payer, **data, by=request.user)
            except DomainError as error:
                add_domain_error(form, error)
            else:
                messages.success(request, f"De toezegging van {payer} is bewaard.")
                return redirect("monitoring:pledges", code, year)
    lines = list(shown.year.contributions.select_related("payer"))
    made = pledges.ledger_of(shown.year.pledges.select_related("payer"), lines)
    export = wants_export(request)
    if export:
        rows = [
            [row.organisation.name, row.organisation.formatted_number, *(getattr(row, one) for one in _STAGES)]
            for row in made.rows
        ]
        return table_response(export, f"toezeggingen-{code}-jaar{year}", _COLUMNS, rows)
    context = {
        "network": network,
        "year": shown,
        "ledger": made,
        "totals": {stage: made.total(stage) for stage in _STAGES},
        "page": Paginator(made.rows, PER_PAGE).get_page(request.GET.get("pagina")),
        "count_text": f"{len(made.rows)} {'onderneming' if len(made.rows) == 1 else 'ondernemingen'}",
        "findings": pledges.spread_findings(made.spread, shown.rules),
        "can_edit": can_edit,
        "form": form,
    }
    return render(request, "monitoring/pledges.html", context, status=422 if form.is_bound else 200)


_STAGES = ("planned", "committed", "invoiced", "received", "accepted")
_COLUMNS = ("Onderneming", "Ondernemingsnummer", "Gepland", "Toegezegd", "Gefactureerd", "Ontvangen", "Aanvaard")


def _back_to_pledges(request: SignedInRequest, code: str, year: int) -> str:
    return reverse("monitoring:pledges", args=[code, year])


@access(ORGANISATION, subject="network")
@require_POST
@domain_errors(redirect_to=_back_to_pledges)
def from_plan(request: SignedInRequest, code: str, year: int) -> HttpResponse:
    """The lines of the co-financing plan as planned amounts."""
    added = pledges.from_plan(_entered_by_network(request, code, year), by=request.user)
    messages.success(request, f"{added} {'lijn' if added == 1 else 'lijnen'} uit het cofinancieringsplan overgenomen.")
    return redirect("monitoring:pledges", code, year)


# ---------------------------------------------------------------- lists


@access(ORGANISATION, subject="network")
@require_safe
def template(request: SignedInRequest, code: str, year: int) -> HttpResponse:
    """An empty list with its columns."""
    _entered_by_network(request, code, year)
    return table_response("xlsx", f"bijdragenlijst-{code}-jaar{year}", workbook.TITLES, [])


@access(ORGANISATION, subject="network")
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: SignedInRequest, code: str, year: int) -> HttpResponse:
    """Send a list; nothing is taken over yet."""
    award_year = _entered_by_network(request, code, year)
    form = ListUploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = contribution_list.upload(award_year, form.cleaned_data["upload"], by=request.user)
        except DomainError as error:
            add_domain_error(form, error, field="upload")
        else:
            return redirect("monitoring:list_import_contributions", code, year, made.pk)
    earlier = award_year.imports.filter(kind=ListKind.CONTRIBUTIONS).select_related("file")[:10]
    context = {
        "network": award_year.network,
        "year": award_year,
        "form": form,
        "earlier": earlier,
        "columns": workbook.COLUMNS,
    }
    return render(request, "monitoring/contribution_upload.html", context, status=422 if form.is_bound else 200)


def _import(request: SignedInRequest, code: str, year: int, pk: int) -> ListImport:
    award_year = _entered_by_network(request, code, year)
    rows = ListImport.objects.select_related("network", "award_year__network", "file", "uploaded_by", "taken_over_by")
    return get_object_or_404(rows, award_year=award_year, kind=ListKind.CONTRIBUTIONS, pk=pk)


def _lines(found: ListImport) -> tuple[list[Any], list[Finding]]:
    try:
        return workbook.read(read_bytes(found.file))
    except DomainError as error:
        return [], [Finding(workbook.RULE, "Hele lijst", error.message)]


@access(ORGANISATION, subject="network")
@require_safe
def preview(request: SignedInRequest, code: str, year: int, pk: int) -> HttpResponse:
    """What each line would do, and whether it would count."""
    found = _import(request, code, year, pk)
    planned: list[contribution_list.PlannedLine] = []
    whole: list[Finding] = []
    if found.taken_over_at is None and found.award_year is not None:
        lines, whole = _lines(found)
        planned = contribution_list.plan(found.award_year, lines, by=request.user)
    counts = found.counts or contribution_list.count(planned)
    planned.sort(key=lambda one: (one.contribution is not None, not has_errors(one.rules_broken), one.line.row))
    context = {
        "network": found.network,
        "year": found.award_year,
        "found": found,
        "whole": whole,
        "counts": counts,
        "page": Paginator(planned, PER_PAGE).get_page(request.GET.get("pagina")),
        "can_take_over": found.taken_over_at is None and bool(counts["new"]),
    }
    return render(request, "monitoring/contribution_preview.html", context)


def _back_to_list(request: SignedInRequest, code: str, year: int, pk: int) -> str:
    return reverse("monitoring:list_import_contributions", args=[code, year, pk])


@access(ORGANISATION, subject="network")
@require_POST
@domain_errors(redirect_to=_back_to_list)
def take_over(request: SignedInRequest, code: str, year: int, pk: int) -> HttpResponse:
    """Enter the lines."""
    found = _import(request, code, year, pk)
    counts = contribution_list.take_over(found, _lines(found)[0], by=request.user)
    messages.success(
        request, f"{counts['new']} bijdragen ingevoerd, waarvan {counts['clean']} zonder opmerking. {counts['error']} lijnen met een fout bleven weg."
    )  # fmt: skip
    return redirect("monitoring:contributions", code, year)


# ---------------------------------------------------------------- electronic invoices


@access(ORGANISATION, subject="network")
@require_http_methods(["GET", "HEAD", "POST"])
def einvoice(request: SignedInRequest, code: str, year: int) -> HttpResponse:
    """Electronic invoices, one contribution each; what can't be taken in is named, the rest comes in."""
    award_year = _entered_by_network(request, code, year)
    form = EInvoiceForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        refused = []
        rules = rules_row(award_year.network).frozen()
        for file in form.cleaned_data["invoices"]:
            try:
                invoice = reader.read(file.read(), name=file.name)
                made = einvoices.take_in(
                    award_year, invoice, kind=form.cleaned_data["kind"], file=file, by=request.user
                )
            except DomainError as error:
                refused.append(f"{file.name}: {error.message}" + (f" ({error.rule_id})" if error.rule_id else ""))
                continue
            if invoice.is_credit_note:
                messages.success(request, f"Creditnota {invoice.number} is verwerkt bij factuur {made.invoice_number}.")
            elif has_errors(contribution_checks.findings(made, rules)):
                messages.warning(
                    request, f"Factuur {made.invoice_number} is bewaard, maar telt zo nog niet mee: kijk ze na."
                )
            else:
                messages.success(request, f"Factuur {made.invoice_number} van {made.payer} is bewaard.")
        if not refused:
            return redirect("monitoring:contributions", code, year)
        for text in refused:
            form.add_error("invoices", text)
    context = {"network": award_year.network, "year": award_year, "form": form}
    return render(request, "monitoring/einvoice.html", context, status=422 if form.is_bound else 200)


# ---------------------------------------------------------------- about one contribution


@access(Role.ACCOUNT_MANAGER, subject="network")
@require_POST
def ask(request: SignedInRequest, code: str, year: int, pk: int) -> HttpResponse:
    """A question to the network."""
    contribution = pages.contribution_of(request, code, year, pk)
    allow(permissions.can_judge(request.user, contribution.award_year.network))
    form = TextForm(request.POST, label="Vraag aan het netwerk")
    if form.is_valid():
        try:
            ledger.ask(contribution, question=form.cleaned_data["text"], by=request.user)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, "De vraag is verstuurd. De bijdrage wacht op het antwoord.")
            return redirect("monitoring:contribution", code, year, pk)
    return pages.show(request, contribution, ask_form=form)


@access(ORGANISATION, subject="network")
@require_POST
def answer(request: SignedInRequest, code: str, year: int, pk: int) -> HttpResponse:
    """The network's answer."""
    contribution = pages.contribution_of(request, code, year, pk)
    allow(permissions.can_enter(request.user, contribution.award_year.network))
    form = TextForm(request.POST, label="Antwoord")
    if form.is_valid():
        try:
            ledger.answer(contribution, text=form.cleaned_data["text"], by=request.user)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, "Uw antwoord is verstuurd. De accountmanager beoordeelt de bijdrage.")
            return redirect("monitoring:contribution", code, year, pk)
    return pages.show(request, contribution, answer_form=form)


@access(Role.ACCOUNT_MANAGER, ORGANISATION, subject="network")
@require_POST
def credit(request: SignedInRequest, code: str, year: int, pk: int) -> HttpResponse:
    """A credit note on the invoice."""
    contribution = pages.contribution_of(request, code, year, pk)
    network = contribution.award_year.network
    allow(permissions.can_enter(request.user, network) or permissions.can_judge(request.user, network))
    form = pages.CreditForm(request.POST, request.FILES)
    if form.is_valid():
        data = dict(form.cleaned_data)
        file = data.pop("upload")
        try:
            proof = store(file, by=request.user, kind=FileKind.PROOF_PDF) if file else None
            crediting.credit(contribution, **data, proof=proof, by=request.user)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, f"Creditnota {form.cleaned_data['number']} is verwerkt.")
            return redirect("monitoring:contributions", code, year)
    return pages.show(request, contribution, credit_form=form)


@access(Role.ACCOUNT_MANAGER, Role.FINANCIAL_OFFICER, subject="network")
@require_http_methods(["GET", "HEAD", "POST"])
def corrections(request: SignedInRequest, code: str, year: int) -> HttpResponse:
    """What a closed year should have had more or less."""
    award_year = visible_year(request, code, year)
    allow(permissions.can_propose(request.user, award_year.network) and award_year.claims_closed_at is not None)
    form = CorrectionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            crediting.correct(award_year, **form.facts(), by=request.user)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, "De rechtzetting is genoteerd. De afrekening zelf verandert niet.")
            return redirect("monitoring:ledger_corrections", code, year)
    context = {
        "network": award_year.network,
        "year": award_year,
        "form": form,
        "rows": list(award_year.corrections.select_related("recorded_by", "contribution")),
    }
    return render(request, "monitoring/corrections.html", context, status=422 if form.is_bound else 200)
