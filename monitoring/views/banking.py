"""Money at the bank: payment files, statements, account numbers, recoveries and what is still to come."""

from typing import Any

from django.contrib import messages
from django.db.models import Prefetch, Sum
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ibnportal.core import clock
from ibnportal.core.access import ORGANISATION, access
from ibnportal.core.accounts.enums import Role
from ibnportal.core.errors import DomainError
from ibnportal.core.exports import table_response, wants_export
from ibnportal.core.files.http import respond
from ibnportal.core.files.kinds import FileKind
from ibnportal.core.files.store import read_bytes, store
from ibnportal.core.http import SignedInRequest, add_domain_error, domain_errors
from ibnportal.core.money import ZERO
from monitoring import permissions
from monitoring.documents import bank_statement
from monitoring.domain import accounts, bank, batches, forecast, queries, tranches
from monitoring.forms.banking import AccountChangeForm, BatchForm, ReasonForm, RepaymentForm, StatementForm
from monitoring.models import (
    AccountChange,
    BankEntry,
    BankStatement,
    Network,
    PaymentBatch,
    Recovery,
    Tranche,
)
from monitoring.views.fetch import allow, visible_network

OFFICER = Role.FINANCIAL_OFFICER
FORECAST_READERS = (Role.FINANCIAL_OFFICER, Role.ACCOUNT_MANAGER, Role.POLICY_READER)


# ---------------------------------------------------------------- releasing several at once


@access(OFFICER)
@require_POST
def release_several(request: SignedInRequest) -> HttpResponse:
    """Release the proposals that were ticked; each succeeds or fails by itself, and says so."""
    wanted = [pk for pk in request.POST.getlist("schijf") if pk.isdigit()]
    networks = Network.objects.visible_to(request.user)
    chosen = list(
        Tranche.objects.filter(award_year__network__in=networks, pk__in=wanted)
        .select_related("award_year__network__beneficiary", "rules__call")
        .order_by("pk")
    )
    if not chosen:
        messages.warning(request, "Vink minstens één voorstel aan.")
    for tranche, refusal in tranches.release_all(chosen, by=request.user):
        name = f"{tranche.award_year.network.name}, {tranche.get_number_display().lower()}"
        if refusal:
            messages.error(request, f"{name}: niet vrijgegeven. {refusal}")
        else:
            messages.success(request, f"{name}: vrijgegeven.")
    return redirect(f"{reverse('monitoring:payments')}?status=proposed")


# ---------------------------------------------------------------- payment files


@access(OFFICER)
@require_http_methods(["GET", "HEAD", "POST"])
def files(request: SignedInRequest) -> HttpResponse:
    """Every payment file, and the orders that can go into a new one."""
    ready = batches.ready()
    form = BatchForm(request.POST or None, ready=ready, initial={"execute_on": clock.today()})
    if request.method == "POST" and form.is_valid():
        try:
            batch = batches.make(form.chosen(), execute_on=form.cleaned_data["execute_on"], by=request.user)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(
                request, f"{batch} is klaar om te schrijven. Het bestand staat hier binnen enkele ogenblikken."
            )
            return redirect("monitoring:payment_batch", batch.pk)
    context = {
        "form": form,
        "ready": ready,
        "ready_total": sum((tranche.amount for tranche in ready), ZERO),
        "batches": PaymentBatch.objects.visible_to(request.user).select_related("made_by")[:100],
    }
    return render(request, "monitoring/banking/files.html", context, status=422 if form.errors else 200)


def _batch(request: SignedInRequest, pk: int) -> PaymentBatch:
    rows = PaymentBatch.objects.visible_to(request.user).select_related("made_by", "cancelled_by", "file__blob")
    return get_object_or_404(rows, pk=pk)


@access(OFFICER, subject="paymentbatch")
@require_safe
def payment_file(request: SignedInRequest, pk: int) -> HttpResponse:
    """One file: its payments, whether the bank confirmed them, and the file itself."""
    return _batch_page(request, _batch(request, pk), ReasonForm())


def _batch_page(request: SignedInRequest, batch: PaymentBatch, form: ReasonForm) -> HttpResponse:
    by_pk = {tranche.pk: tranche for tranche in Tranche.objects.filter(batch=batch)}
    context = {
        "batch": batch,
        "payments": [{**payment, "row": by_pk.get(payment["tranche"])} for payment in batch.payments],
        "cancel_form": form,
        "can_cancel": batch.state == "made" and not any(tranche.paid_on for tranche in by_pk.values()),
    }
    return render(request, "monitoring/banking/file.html", context, status=422 if form.errors else 200)


@access(OFFICER, subject="paymentbatch")
@require_safe
def payment_file_download(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """The file for the bank."""
    batch = _batch(request, pk)
    if batch.file is None:
        raise Http404
    return respond(batch.file, by=request.user)


@access(OFFICER, subject="paymentbatch")
@require_POST
def payment_file_cancel(request: SignedInRequest, pk: int) -> HttpResponse:
    """The bank did not carry it out."""
    batch = _batch(request, pk)
    form = ReasonForm(request.POST)
    if form.is_valid():
        try:
            batches.cancel(batch, reason=form.cleaned_data["reason"], by=request.user)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, "Het bestand is geannuleerd. De betalingen kunnen in een nieuw bestand.")
            return redirect("monitoring:payment_batch", pk)
    return _batch_page(request, batch, form)


# ---------------------------------------------------------------- statements


@access(OFFICER)
@require_http_methods(["GET", "HEAD", "POST"])
def statements(request: SignedInRequest) -> HttpResponse:
    """The bank's answers that were read, and a form for the next one."""
    form = StatementForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            file = store(form.cleaned_data["upload"], by=request.user, kind=FileKind.BANK_XML)
            taken = bank.take_in(bank_statement.read(read_bytes(file)), file=file, by=request.user)
        except DomainError as error:
            add_domain_error(form, error, field="upload")
        else:
            messages.success(request, f"{taken} is ingelezen. Kijk na wat niet klopt.")
            return redirect("monitoring:bank_statement", taken.pk)
    rows = BankStatement.objects.visible_to(request.user).select_related("imported_by").prefetch_related("entries")
    context = {
        "form": form,
        "statements": [
            {"row": row, "count": len(found), "wrong": sum(entry.verdict == "differs" for entry in found)}
            for row in rows[:100]
            for found in [row.entries.all()]
        ],
    }
    return render(request, "monitoring/banking/statements.html", context, status=422 if form.errors else 200)


@access(OFFICER, subject="bankstatement")
@require_safe
def statement(request: SignedInRequest, pk: int) -> HttpResponse:
    """One statement, line by line, with what each line is."""
    entries = BankEntry.objects.select_related(
        "tranche__award_year__network", "recovery__settlement__award_year__network"
    )
    rows = BankStatement.objects.visible_to(request.user).select_related("imported_by", "file__blob")
    found = get_object_or_404(rows.prefetch_related(Prefetch("entries", entries)), pk=pk)
    return render(request, "monitoring/banking/statement.html", {"statement": found, "entries": found.entries.all()})


# ---------------------------------------------------------------- account numbers


@access(Role.FINANCIAL_OFFICER, Role.ACCOUNT_MANAGER)
@require_safe
def account_changes(request: SignedInRequest) -> HttpResponse:
    """Every change of an account number, the open ones first."""
    rows = AccountChange.objects.visible_to(request.user).select_related(
        "network", "asked_by", "decided_by", "proof__blob"
    )
    found = sorted(rows[:200], key=lambda change: change.state != "asked")
    context = {
        "changes": found,
        "refuse_form": ReasonForm(),
        "is_officer": request.user.has_role(OFFICER),
        "can_decide": {change.pk for change in found if change.asked_by_id != request.user.pk},
    }
    return render(request, "monitoring/banking/accounts.html", context)


def _change(request: SignedInRequest, pk: int) -> AccountChange:
    rows = AccountChange.objects.visible_to(request.user).select_related(
        "network__beneficiary", "network__account_manager"
    )
    return get_object_or_404(rows, pk=pk)


def _to_changes(_request: SignedInRequest, **_: Any) -> str:
    return reverse("monitoring:account_changes")


@access(Role.ACCOUNT_MANAGER, Role.FINANCIAL_OFFICER, subject="network")
@require_http_methods(["GET", "HEAD", "POST"])
def ask_account(request: SignedInRequest, code: str) -> HttpResponse:
    """Ask for another account for this network."""
    network = visible_network(request, code)
    allow(permissions.can_ask_account(request.user, network))
    form = AccountChangeForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            accounts.ask_change(
                network,
                form.cleaned_data["iban"],
                reason=form.cleaned_data["reason"],
                proof=form.cleaned_data["proof"],
                by=request.user,
            )
        except DomainError as error:
            add_domain_error(form, error, field="iban")
        else:
            messages.success(
                request, "Gevraagd. Het nummer telt zodra een andere financieel verantwoordelijke het bevestigt."
            )
            return redirect("monitoring:account_changes")
    context = {"network": network, "form": form, "open_change": accounts.open_change(network)}
    return render(request, "monitoring/banking/account_ask.html", context, status=422 if form.errors else 200)


@access(OFFICER, subject="accountchange")
@require_POST
@domain_errors(redirect_to=_to_changes)
def confirm_account(request: SignedInRequest, pk: int) -> HttpResponse:
    """The second person confirms."""
    change = accounts.confirm_change(_change(request, pk), by=request.user)
    messages.success(request, f"Het rekeningnummer van {change.network} is gewijzigd. Het netwerk kreeg bericht.")
    return redirect("monitoring:account_changes")


@access(OFFICER, subject="accountchange")
@require_POST
@domain_errors(redirect_to=_to_changes)
def refuse_account(request: SignedInRequest, pk: int) -> HttpResponse:
    """The second person refuses, with why."""
    accounts.refuse_change(_change(request, pk), reason=request.POST.get("reason", "")[:2000], by=request.user)
    messages.success(request, "De wijziging is niet aanvaard; het rekeningnummer blijft zoals het was.")
    return redirect("monitoring:account_changes")


@access(Role.FINANCIAL_OFFICER, Role.ACCOUNT_MANAGER, subject="accountchange")
@require_safe
def account_proof(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """The proof that came with the question."""
    change = _change(request, pk)
    if change.proof is None:
        raise Http404
    return respond(change.proof, by=request.user, inline=True)


# ---------------------------------------------------------------- recoveries


@access(Role.FINANCIAL_OFFICER, Role.ACCOUNT_MANAGER)
@require_safe
def recoveries(request: SignedInRequest) -> HttpResponse:
    """What must come back, from whom, by when; the latest due first among what is open."""
    networks = Network.objects.visible_to(request.user)
    rows = list(
        Recovery.objects.filter(settlement__award_year__network__in=networks)
        .select_related("settlement__award_year__network__beneficiary")
        .order_by("repaid_on", "due_on", "pk")
    )
    found = sorted(rows, key=lambda row: (row.repaid_on is not None, row.due_on or clock.today(), row.pk))
    totals = Recovery.objects.filter(pk__in=[row.pk for row in rows]).aggregate(
        asked=Sum("amount"), back=Sum("repaid_amount")
    )
    export = wants_export(request)
    if export:
        return table_response(export, "terugvorderingen", _RECOVERY_COLUMNS, map(_recovery_row, found))
    context = {
        "recoveries": found,
        "is_officer": request.user.has_role(OFFICER),
        "today": clock.today(),
        "asked": totals["asked"] or ZERO,
        "back": totals["back"] or ZERO,
        "open": (totals["asked"] or ZERO) - (totals["back"] or ZERO),
    }
    return render(request, "monitoring/banking/recoveries.html", context)


_RECOVERY_COLUMNS = (
    "Netwerk",
    "Projectjaar",
    "Terug te vorderen",
    "Terugbetaald",
    "Nog open",
    "Tegen",
    "Volledig op",
    "Mededeling",
)


def _recovery_row(row: Recovery) -> list[Any]:
    year = row.settlement.award_year
    return [
        year.network.name, year.project_year, row.amount, row.repaid_amount, row.amount - row.repaid_amount, row.due_on, row.repaid_on,
        row.payment_reference,
    ]  # fmt: skip


def _recovery(request: SignedInRequest, pk: int) -> Recovery:
    rows = Recovery.objects.filter(settlement__award_year__network__in=Network.objects.visible_to(request.user))
    related = rows.select_related("settlement__award_year__network__beneficiary", "letter_file__blob", "claimed_by")
    return get_object_or_404(related, pk=pk)


@access(Role.FINANCIAL_OFFICER, Role.ACCOUNT_MANAGER, ORGANISATION, subject="recovery")
@require_http_methods(["GET", "HEAD", "POST"])
def recovery(request: SignedInRequest, pk: int) -> HttpResponse:
    """One recovery: the letter, what came back, and for the officer a way to note what came outside the statements."""
    found = _recovery(request, pk)
    is_officer = request.user.has_role(OFFICER)
    form = RepaymentForm(request.POST or None, initial={"received_on": clock.today()})
    if request.method == "POST":
        allow(is_officer)
        if form.is_valid():
            try:
                bank.note_repayment(found, by=request.user, **form.cleaned_data)
            except DomainError as error:
                add_domain_error(form, error, field="amount")
            else:
                messages.success(request, "De terugbetaling is genoteerd.")
                return redirect("monitoring:recovery", pk)
    context = {
        "recovery": found,
        "year": found.settlement.award_year,
        "network": found.settlement.award_year.network,
        "open": found.amount - found.repaid_amount,
        "is_late": found.repaid_on is None and found.due_on is not None and found.due_on < clock.today(),
        "repayments": found.repayments.select_related("noted_by", "entry__statement"),
        "form": form,
        "can_note": is_officer and found.repaid_on is None,
    }
    return render(request, "monitoring/banking/recovery.html", context, status=422 if form.errors else 200)


@access(Role.FINANCIAL_OFFICER, Role.ACCOUNT_MANAGER, ORGANISATION, subject="recovery")
@require_safe
def recovery_letter(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """The claim letter."""
    found = _recovery(request, pk)
    if found.letter_file is None:
        raise Http404
    return respond(found.letter_file, by=request.user, inline=True)


# ---------------------------------------------------------------- what is to come


@access(*FORECAST_READERS)
@require_safe
def outlook(request: SignedInRequest) -> HttpResponse:
    """Committed, paid and expected per budget year, over all networks with an agreement."""
    today = clock.today()
    planned = queries.planned_years(Network.objects.visible_to(request.user))
    years = forecast.by_budget_year(planned, today=today)
    export = wants_export(request)
    if export:
        columns = ("Begrotingsjaar", "Vastgelegd", "Betaald", "Verwacht", "Samen", "Netwerken")
        rows = [[y.year, y.committed, y.paid, y.expected, y.total, len(y.networks)] for y in years]
        return table_response(export, "prognose", columns, rows)
    context = {
        "years": years,
        "bars": [(str(y.year), y.paid, y.expected) for y in years],
        "shows_nav": request.user.has_role(OFFICER, Role.ACCOUNT_MANAGER),
        "is_officer": request.user.has_role(OFFICER),
        "this_year": next((y for y in years if y.year == today.year), None),
        "expected": sum((y.expected for y in years), ZERO),
        "today": today,
    }
    return render(request, "monitoring/banking/outlook.html", context)
