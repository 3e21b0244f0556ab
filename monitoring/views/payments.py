"""Tranches: what can be released and why, proposed by one person and released by another."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from ibnportal.core import clock
from ibnportal.core.access import ORGANISATION, access
from ibnportal.core.accounts.enums import Role
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError
from ibnportal.core.exports import table_response, wants_export
from ibnportal.core.files.http import respond
from ibnportal.core.findings import Finding
from ibnportal.core.http import SignedInRequest, add_domain_error, domain_errors
from ibnportal.core.money import ZERO
from monitoring import permissions
from monitoring.domain import payable, tranches
from monitoring.domain.overview import TrancheView, YearView, view_of, with_years
from monitoring.domain.payable import Line
from monitoring.enums import LIVE_NETWORK, TrancheState
from monitoring.forms.payments import PaidForm, PaymentsFilter, WithdrawForm
from monitoring.models import Network, Tranche
from monitoring.views.fetch import allow, visible_year, visible_years

PER_PAGE = 50
STAFF = (Role.FINANCIAL_OFFICER, Role.ACCOUNT_MANAGER, Role.POLICY_READER, Role.ADMINISTRATOR)
STATUS_TEXT = {
    "ready": "Voor te stellen",
    "proposed": "Vrij te geven",
    "settle": "Af te rekenen",
    "waiting": "Wacht",
    "released": "Vrijgegeven",
    "ordered": "Betaalopdracht klaar",
    "paid": "Betaald",
    "recovery": "Terugvordering",
    "none": "Niets",
}
TONES = {
    "ready": "accent", "proposed": "warning", "settle": "accent", "waiting": "neutral", "released": "info", "ordered": "info",
    "paid": "success", "recovery": "danger", "none": "neutral",
}  # fmt: skip
ORDER = list(STATUS_TEXT)


@dataclass(frozen=True, slots=True)
class PaymentRow:
    """One tranche of one project year in the list."""

    year: YearView
    item: TrancheView

    @property
    def network(self) -> Network:
        """Whose."""
        return self.year.year.network

    @property
    def status_text(self) -> str:
        """The status in a word or two."""
        return STATUS_TEXT[self.item.status]

    @property
    def tone(self) -> str:
        """The status' tone."""
        return TONES[self.item.status]

    @property
    def url(self) -> str:
        """Where to look or act: the tranche, the settlement, or the derivation of what could be proposed."""
        year = self.year.year
        if self.item.tranche is not None:
            return reverse("monitoring:tranche", args=[self.item.tranche.pk])
        if self.item.number == tranches.SECOND:
            return reverse("monitoring:settlement", args=[self.network.code, year.project_year])
        return reverse("monitoring:propose", args=[self.network.code, year.project_year, self.item.number])


@access(*STAFF)
@require_safe
def index(request: SignedInRequest) -> HttpResponse:
    """Every tranche of every year that began, with what it waits for; a second one from the end of its year on."""
    today = clock.today()
    networks = with_years(
        Network.objects.visible_to(request.user).filter(agreement__isnull=False, state__in=LIVE_NETWORK), until=today
    )
    rows = [
        PaymentRow(year, item)
        for view in map(view_of, networks)
        for year in view.years
        if year.year.starts_on <= today
        for item in year.tranches
        if item.number == tranches.FIRST or item.status != "waiting" or year.has_ended(today)
    ]
    form = PaymentsFilter(request.GET)
    form.is_valid()
    wanted, words = form.cleaned_data.get("status") or "", (form.cleaned_data.get("q") or "").lower()
    shown = [
        row
        for row in rows
        if wanted in ("", row.item.status) and words in f"{row.network.name} {row.network.code}".lower()
    ]
    shown = _sorted(request, shown)
    export = wants_export(request)
    if export:
        return table_response(export, "betalingen", _COLUMNS, [_row(row) for row in shown])
    releasable = {
        row.item.tranche.pk
        for row in shown
        if row.item.status == "proposed"
        and row.item.tranche
        and permissions.can_release(request.user, row.item.tranche)
    }
    context = {
        "shows_nav": request.user.has_role(Role.FINANCIAL_OFFICER, Role.ACCOUNT_MANAGER),
        "pays": request.user.has_role(Role.FINANCIAL_OFFICER),
        "releasable": releasable,
        "can_release_any": bool(releasable),
        "page": Paginator(shown, PER_PAGE).get_page(request.GET.get("pagina")),
        "count_text": f"{len(shown)} {'schijf' if len(shown) == 1 else 'schijven'}",
        "filter_form": form,
        "has_any": bool(rows),
        "tiles": {
            "proposed": sum((row.item.amount or ZERO for row in rows if row.item.status == "proposed"), ZERO),
            "proposed_count": sum(row.item.status == "proposed" for row in rows),
            "ready": sum(row.item.status == "ready" for row in rows),
            "settle": sum(row.item.status == "settle" for row in rows),
            "paid": sum((row.year.year.paid_amount for row in rows if row.item.number == tranches.FIRST), ZERO),
        },
    }
    return render(request, "monitoring/payments.html", context)


_SORTS = {
    "netwerk": lambda row: (row.network.name.lower(), row.year.year.project_year, row.item.number),
    "bedrag": lambda row: row.item.amount or ZERO,
    "status": lambda row: (ORDER.index(row.item.status), row.network.name.lower()),
}
_COLUMNS = (
    "Netwerk",
    "Code",
    "Begunstigde",
    "Projectjaar",
    "Schijf",
    "Status",
    "Bedrag",
    "Toelichting",
    "Rekening",
    "Mededeling",
)


def _sorted(request: SignedInRequest, rows: list[PaymentRow]) -> list[PaymentRow]:
    """By what can be done first, unless asked otherwise."""
    asked = request.GET.get("sorteer", "")
    key = _SORTS.get(asked.lstrip("-"))
    if key is None:
        urgency = {"proposed": 0, "ready": 1, "settle": 2}
        return sorted(rows, key=lambda row: (urgency.get(row.item.status, len(urgency)), _SORTS["netwerk"](row)))
    return sorted(rows, key=key, reverse=asked.startswith("-"))


def _row(row: PaymentRow) -> list[Any]:
    tranche = row.item.tranche
    return [
        row.network.name, row.network.code, row.network.beneficiary.name, row.year.year.project_year, row.item.label, row.status_text,
        row.item.amount, row.item.text, tranche.iban if tranche else "", tranche.payment_reference if tranche else "",
    ]  # fmt: skip


# ---------------------------------------------------------------- proposing


@access(*STAFF, subject="network")
@require_safe
def proposal(request: SignedInRequest, code: str, year: int, number: int) -> HttpResponse:
    """What a tranche would be now, with its whole derivation, and what it waits for."""
    _, shown_year = visible_years(request, code, year)
    award_year, network = shown_year.year, shown_year.year.network
    item = next((item for item in shown_year.tranches if item.number == number), None)
    if item is None:
        raise Http404
    if item.tranche is not None:
        return redirect("monitoring:tranche", item.tranche.pk)
    if number == tranches.SECOND:
        return redirect("monitoring:settlement", code, year)
    derived = payable.first_tranche(award_year.awarded_amount, shown_year.cofinancing, shown_year.rules)
    context = {
        "network": network,
        "year": shown_year,
        "number": number,
        "amount": derived.amount,
        "lines": derived.lines,
        "waits": [] if item.status == "ready" and network.state in LIVE_NETWORK else [Finding("PAY-02", "", item.text)],
        "can_propose": permissions.can_propose(request.user, network),
    }
    return render(request, "monitoring/proposal.html", context)


def _to_proposal(request: SignedInRequest, code: str, year: int, number: int) -> str:
    return reverse("monitoring:propose", args=[code, year, number])


@access(Role.ACCOUNT_MANAGER, Role.FINANCIAL_OFFICER, subject="network")
@require_POST
@domain_errors(redirect_to=_to_proposal)
def propose(request: SignedInRequest, code: str, year: int, number: int) -> HttpResponse:
    """Propose it."""
    award_year = visible_year(request, code, year)
    allow(permissions.can_propose(request.user, award_year.network))
    tranche = tranches.propose(award_year, number, by=request.user)
    messages.success(request, "De schijf is voorgesteld. Een andere persoon geeft ze vrij.")
    return redirect("monitoring:tranche", tranche.pk)


# ---------------------------------------------------------------- one tranche


def _tranche(request: SignedInRequest, pk: int) -> Tranche:
    networks = Network.objects.visible_to(request.user)
    rows = Tranche.objects.select_related(
        "award_year__network__beneficiary", "award_year__network__call", "rules__call", "proposed_by", "released_by", "withdrawn_by",
        "order_file__blob",
    )  # fmt: skip
    return get_object_or_404(rows, award_year__network__in=networks, pk=pk)


@access(*permissions.READERS, ORGANISATION, subject="tranche")
@require_safe
def detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """One tranche: amount, derivation, who, and where it stands."""
    return _page(request, _tranche(request, pk))


def _page(request: SignedInRequest, tranche: Tranche, *, status: int = 200, **forms: Any) -> HttpResponse:
    year, network = tranche.award_year, tranche.award_year.network
    is_officer = request.user.has_role(Role.FINANCIAL_OFFICER)
    context = {
        "tranche": tranche,
        "year": year,
        "network": network,
        "lines": [Line.from_dict(line) for line in tranche.derivation["lines"]],
        "contribution_count": len(tranche.derivation["contributions"]),
        "may_read_order": request.user.has_role(*STAFF),
        "hash": tranches.content_hash(tranche) if tranche.released_at else "",
        "blockers": tranches.release_blockers(tranche) if tranche.state == TrancheState.PROPOSED else [],
        "can_release": permissions.can_release(request.user, tranche) and tranche.state == TrancheState.PROPOSED,
        "is_own_proposal": is_officer
        and tranche.proposed_by_id == request.user.pk
        and tranche.state == TrancheState.PROPOSED,
        "can_withdraw": permissions.can_propose(request.user, network) and tranche.state == TrancheState.PROPOSED,
        "can_confirm": is_officer and tranche.state == TrancheState.ORDERED,
        "withdraw_form": WithdrawForm(),
        "paid_form": PaidForm(initial={"paid_on": clock.today()}),
        "history": [
            {
                "at": event.at,
                "text": _EVENTS.get(event.action, event.action),
                "by": event.actor_label,
                "reason": event.reason,
            }
            for event in reversed(trail.history(tranche))
        ],
        **forms,
    }
    return render(request, "monitoring/tranche.html", context, status=status)


_EVENTS = {
    "tranche.proposed": "Voorgesteld",
    "tranche.released": "Vrijgegeven",
    "tranche.ordered": "Betaalopdracht gemaakt",
    "tranche.paid": "Betaling bevestigd",
    "tranche.withdrawn": "Voorstel ingetrokken",
    "tranche.put_in_file": "In een betaalbestand gezet",
    "tranche.taken_from_file": "Uit het betaalbestand gehaald",
}


def _to_tranche(request: SignedInRequest, pk: int) -> str:
    return reverse("monitoring:tranche", args=[pk])


@access(Role.FINANCIAL_OFFICER, subject="tranche")
@require_POST
@domain_errors(redirect_to=_to_tranche)
def release(request: SignedInRequest, pk: int) -> HttpResponse:
    """Release it; the domain refuses the proposer and a second time."""
    tranche = tranches.release(_tranche(request, pk), by=request.user)
    messages.success(
        request, "De schijf is vrijgegeven. De betaalopdracht wordt gemaakt en staat hier binnen enkele ogenblikken."
    )
    return redirect("monitoring:tranche", tranche.pk)


@access(Role.ACCOUNT_MANAGER, Role.FINANCIAL_OFFICER, subject="tranche")
@require_POST
def withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take a proposal back."""
    tranche = _tranche(request, pk)
    allow(permissions.can_propose(request.user, tranche.award_year.network))
    form = WithdrawForm(request.POST)
    if form.is_valid():
        try:
            tranches.withdraw(tranche, reason=form.cleaned_data["reason"], by=request.user)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, "Het voorstel is ingetrokken. Er kan een nieuw voorstel komen.")
            return redirect("monitoring:tranche", pk)
    return _page(request, _tranche(request, pk), status=422, withdraw_form=form)


@access(Role.FINANCIAL_OFFICER, subject="tranche")
@require_POST
def confirm_paid(request: SignedInRequest, pk: int) -> HttpResponse:
    """The bank carried it out."""
    tranche = _tranche(request, pk)
    form = PaidForm(request.POST)
    if form.is_valid():
        try:
            tranches.confirm_paid(tranche, paid_on=form.cleaned_data["paid_on"], by=request.user)
        except DomainError as error:
            add_domain_error(form, error, field="paid_on")
        else:
            messages.success(request, f"De betaling is bevestigd op {tranche.paid_on:%d/%m/%Y}.")
            return redirect("monitoring:tranche", pk)
    return _page(request, _tranche(request, pk), status=422, paid_form=form)


@access(*STAFF, subject="tranche")
@require_safe
def order(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """The payment order."""
    tranche = _tranche(request, pk)
    if tranche.order_file is None:
        raise Http404
    return respond(tranche.order_file, by=request.user, inline=True)
