"""The portfolio of networks, one network at a glance, and drafting an agreement from an award."""

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from calls.models import Call
from evaluation.enums import DecisionKind, DecisionOutcome
from evaluation.models import Decision
from ibnportal.core import clock
from ibnportal.core.access import ORGANISATION, access
from ibnportal.core.accounts.enums import Role
from ibnportal.core.accounts.models import User
from ibnportal.core.errors import DomainError
from ibnportal.core.exports import table_response, wants_export
from ibnportal.core.http import SignedInRequest, add_domain_error
from ibnportal.core.money import ZERO
from monitoring import permissions
from monitoring.domain import agreements, indicators, reconstructed
from monitoring.domain.overview import NetworkView, view_of, with_years
from monitoring.enums import LIVE_NETWORK, NetworkState
from monitoring.forms.agreements import DraftForm
from monitoring.forms.payments import PortfolioFilter
from monitoring.models import Network
from monitoring.views.fetch import visible_view

PER_PAGE = 25
SORTS = {
    "naam": lambda view: view.network.name.lower(),
    "oproep": lambda view: (view.network.call.year, view.network.name.lower()),
    "stand": lambda view: (["danger", "warning", "success", "neutral"].index(view.light), view.network.name.lower()),
    "cofinanciering": lambda view: view.now.collected_fraction if view.is_live else Decimal(-1),
    "leden": lambda view: view.members,
    "betaald": lambda view: view.paid,
}


@access(*permissions.READERS, ORGANISATION)
@require_safe
def index(request: SignedInRequest) -> HttpResponse:
    """All networks that this person may see, with a light that says why."""
    views = [view_of(network) for network in with_years(Network.objects.visible_to(request.user), until=clock.today())]
    if not request.user.roles and len(views) == 1:
        return redirect("monitoring:network", views[0].network.code)
    form = _filter_form(request)
    shown = _sorted(request, [view for view in views if _matches(view, form, request)])
    export = wants_export(request)
    if export:
        return table_response(export, "netwerken", _COLUMNS, [_row(view) for view in shown])
    context = {
        "page": Paginator(shown, PER_PAGE).get_page(request.GET.get("pagina")),
        "count_text": _count(len(shown), len(views)),
        "filter_form": form,
        "tiles": _tiles(views),
        "to_draft": _awards_without_agreement(request),
    }
    return render(request, "monitoring/list.html", context)


def _filter_form(request: SignedInRequest) -> PortfolioFilter:
    form = PortfolioFilter(request.GET)
    calls = Call.objects.visible_to(request.user).order_by("-year").values_list("code", "name")
    form.fields["oproep"].choices = [("", "Alle"), *calls]  # type: ignore[attr-defined]
    form.fields["status"].choices = [("", "Alle"), *NetworkState.choices]  # type: ignore[attr-defined]
    form.is_valid()
    return form


def _matches(view: NetworkView, form: PortfolioFilter, request: SignedInRequest) -> bool:
    network, wanted = view.network, form.cleaned_data
    words = (wanted.get("q") or "").lower()
    return (
        (
            not words
            or words in f"{network.name} {network.code} {network.beneficiary.name} {' '.join(network.aliases)}".lower()
        )
        and wanted.get("oproep") in ("", None, network.call.code)
        and wanted.get("status") in ("", None, network.state)
        and wanted.get("licht") in ("", None, view.light)
        and (wanted.get("van") != "mij" or network.account_manager_id == request.user.pk)
    )


def _sorted(request: SignedInRequest, views: list[NetworkView]) -> list[NetworkView]:
    asked = request.GET.get("sorteer", "")
    key = SORTS.get(asked.lstrip("-"))
    if key is None:
        return sorted(sorted(views, key=SORTS["stand"]), key=lambda view: -view.network.call.year)
    return sorted(views, key=key, reverse=asked.startswith("-"))


_COLUMNS = (
    "Code", "Netwerk", "Oproep", "Begunstigde", "Status", "Stand", "Reden", "Leden", "Projectjaar", "Vereiste cofinanciering",
    "Aanvaarde cofinanciering", "Toegekend", "Vrijgegeven",
)  # fmt: skip
LIGHT_NAMES = {"danger": "rood", "warning": "oranje", "success": "groen", "neutral": ""}


def _row(view: NetworkView) -> list[Any]:
    """One network in the export; what was never published stays empty."""
    network, now = view.network, view.now if view.is_live else None
    has_money = view.has_agreement
    return [
        network.code, network.name, network.call.code, network.beneficiary.name, network.get_state_display(),
        LIGHT_NAMES[view.light], view.reason, None if network.is_reconstructed else view.members,
        now.year.project_year if now else None, now.required if now else None, now.cofinancing.total if now else None,
        view.awarded if has_money else None, view.paid if has_money else None,
    ]  # fmt: skip


def _count(shown: int, total: int) -> str:
    noun = "netwerk" if total == 1 else "netwerken"
    return f"{shown} {noun}" if shown == total else f"{shown} van {total} {noun}"


def _tiles(views: list[NetworkView]) -> dict[str, Any]:
    live = [view for view in views if view.network.state in LIVE_NETWORK]
    return {
        "live": len(live),
        "red": sum(view.light == "danger" for view in live),
        "amber": sum(view.light == "warning" for view in live),
        "required": sum((view.now.required for view in live if view.now), ZERO),
        "collected": sum((view.now.cofinancing.total for view in live if view.now), ZERO),
        "paid": sum((view.paid for view in views), ZERO),
        "has_years": any(view.has_agreement for view in views),
    }


def _awards_without_agreement(request: SignedInRequest) -> list[Decision]:
    """Released awards that wait for their agreement, for account managers."""
    if not request.user.has_role(Role.ACCOUNT_MANAGER):
        return []
    return list(draftable(request.user))


def draftable(user: User) -> Any:
    """Released awards that this person may see and that have no agreement."""
    return (
        Decision.objects.visible_to(user)
        .standing()
        .filter(
            kind=DecisionKind.SUPPORT,
            outcome=DecisionOutcome.AWARDED,
            released_at__isnull=False,
            agreement__isnull=True,
            is_reconstructed=False,
            application__network__isnull=True,
        )
        .select_related("application__applicant", "application__call", "rules__call")
        .order_by("application__number")
    )


@access(Role.ACCOUNT_MANAGER, subject="decision")
@require_http_methods(["GET", "HEAD", "POST"])
def draft(request: SignedInRequest, pk: int) -> HttpResponse:
    """Draft the agreement of an award."""
    decision = get_object_or_404(draftable(request.user), pk=pk)
    form = DraftForm(request.POST or None, initial={"start_on": decision.application.start_on})
    if request.method == "POST" and form.is_valid():
        try:
            agreement = agreements.draft(decision, start_on=form.cleaned_data["start_on"], by=request.user)
        except DomainError as error:
            add_domain_error(form, error, field="start_on" if error.rule_id == "AGR-03" else None)
        else:
            messages.success(request, "De overeenkomst is opgemaakt. Vul ze aan en leg daarna de ondertekening vast.")
            return redirect("monitoring:agreement", agreement.network.code)
    context = {
        "decision": decision,
        "form": form,
        "years": decision.years.all(),
        "latest": decision.rules.latest_start_on,
    }
    return render(request, "monitoring/draft.html", context, status=422 if form.is_bound else 200)


@access(*permissions.READERS, ORGANISATION, subject="network")
@require_safe
def network(request: SignedInRequest, code: str) -> HttpResponse:
    """This year at a glance; `?jaar=2` shows another year."""
    view = visible_view(request, code)
    if view.network.is_reconstructed:
        return render(request, "monitoring/historic.html", _historic(view))
    asked = request.GET.get("jaar", "")
    year = view.year(int(asked)) if asked.isdecimal() and len(asked) < len("100") else None
    year = year or view.now
    table = indicators.table(view.network, year.year if year else None, years=len(view.years))
    context = {
        "view": view,
        "network": view.network,
        "year": year,
        "table": table,
        "chart": [
            (row.kpi.label, row.latest, row.kpi.target) for row in table if row.latest is not None and row.kpi.target
        ],
        "today": clock.today(),
        "is_beneficiary": permissions.is_beneficiary(request.user, view.network),
        "can_enter": permissions.can_enter(request.user, view.network),
        "can_manage": permissions.can_manage(request.user, view.network),
        "can_propose": permissions.can_propose(request.user, view.network),
        "step": _next_step(request, view),
    }
    return render(request, "monitoring/network.html", context)


def _historic(view: NetworkView) -> dict[str, Any]:
    """A network of an earlier call: only what sources state."""
    network = view.network
    values = list(network.kpi_values.filter(is_reading=True).order_by("label", "as_of", "pk"))
    facts = network.facts.filter(is_reading=True).order_by("attribute")
    return {
        "view": view,
        "network": network,
        "values": values,
        "facts": facts,
        "figures": reconstructed.figures(network, values),
    }


def _next_step(request: SignedInRequest, view: NetworkView) -> dict[str, Any]:
    """What is asked of this person first, for the head of the page."""
    network, now = view.network, view.now
    if network.state == NetworkState.AGREEMENT_DRAFTED:
        return {"text": "De overeenkomst wordt opgemaakt en ondertekend."}
    if network.state == NetworkState.SIGNED:
        return {"text": f"De overeenkomst is ondertekend. Het project start op {network.start_on:%d/%m/%Y}."}
    if now is None:
        return {}
    for year in view.years:
        due = _report_step(request, year)
        if due:
            return due
    if not now.is_threshold_met and permissions.is_beneficiary(request.user, network):
        return {"text": "Verzamel de bijdragen en voer ze in, tot de drempel voor de eerste schijf bereikt is."}
    return {}


def _report_step(request: SignedInRequest, year: Any) -> dict[str, Any]:
    handed_in = year.report is not None and year.report.state in ("submitted", "approved")
    if not year.has_ended(clock.today()) or handed_in:
        return {}
    text = f"Dien het jaarverslag van projectjaar {year.year.project_year} in."
    if not permissions.is_beneficiary(request.user, year.year.network):
        text = f"Het netwerk dient het jaarverslag van projectjaar {year.year.project_year} in."
    return {"text": text, "deadline": clock.end_of_day(year.due_on)}
