"""The account manager's portfolio: lights with their reasons, what changed, and the calendar of what is due."""

from collections import defaultdict
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_POST, require_safe

from calls.models import Call
from ibnportal.core import clock
from ibnportal.core.access import access
from ibnportal.core.accounts.enums import Role
from ibnportal.core.exports import table_response, wants_export
from ibnportal.core.http import SignedInRequest
from ibnportal.core.months import add_months
from monitoring import permissions
from monitoring.domain import portfolio
from monitoring.domain.overview import Light, NetworkView, view_of, with_years
from monitoring.domain.portfolio import Change, Due, Signal
from monitoring.enums import LIVE_NETWORK, NetworkState
from monitoring.forms.payments import AgendaFilter, FollowUpFilter
from monitoring.models import Network
from monitoring.views.networks import LIGHT_NAMES

PER_PAGE = 25
_WORST = [Light.RED, Light.AMBER, Light.GREEN, Light.NONE]
_PAGES = {
    "verslag": "monitoring:report",
    "toekomst": "monitoring:future",
    "schijf": "monitoring:contributions",
    "terugbetaling": "monitoring:settlement",
    "vergadering": "monitoring:steering_meeting",
    "notulen": "monitoring:steering_meeting",
}
Row = tuple[NetworkView, list[Signal], list[Change]]


@access(*permissions.READERS)
@require_safe
def follow_up(request: SignedInRequest) -> HttpResponse:
    """Live networks with every light, the worst first, and what changed since the last time."""
    form = FollowUpFilter(_with_mine(request))
    calls = Call.objects.visible_to(request.user).order_by("-year").values_list("code", "name")
    _choose(form, "oproep", [("", "Alle"), *calls])
    _choose(form, "domein", [("", "Alles"), *((key, label) for key, label, _ in portfolio.WATCHES)])
    form.is_valid()
    networks, now = _networks(request, form), clock.now()
    since = portfolio.seen_until(request.user, at=now)
    happened = portfolio.changes(networks, since=since, until=now)
    rows = _rows(networks, happened)
    shown = [row for row in rows if _matches(row, form.cleaned_data)]
    if export := wants_export(request):
        return table_response(export, "opvolging", _COLUMNS, _lines(shown))
    context = {
        "page": Paginator(shown, PER_PAGE).get_page(request.GET.get("pagina")),
        "count_text": f"{len(shown)} van {len(rows)} lopende netwerken",
        "filter_form": form,
        "red": sum(_worst(row) == Light.RED for row in rows),
        "amber": sum(_worst(row) == Light.AMBER for row in rows),
        "changed": sum(bool(row[2]) for row in rows),
        "total": len(rows),
        "since": since,
        "until": now.isoformat(),
        "tab": "opvolging",
    }
    return render(request, "monitoring/follow_up.html", context)


def _with_mine(request: SignedInRequest) -> dict[str, str]:
    """The filter of the address; account managers begin with their own networks."""
    mine = "mij" if request.user.has_role(Role.ACCOUNT_MANAGER) else "alle"
    return {"van": mine, **request.GET.dict()}


def _choose(form: forms.Form, name: str, choices: list[tuple[str, str]]) -> None:
    form.fields[name].choices = choices  # type: ignore[attr-defined]


def _networks(request: SignedInRequest, form: forms.Form) -> Any:
    networks = (
        Network.objects.visible_to(request.user).filter(is_reconstructed=False).exclude(state=NetworkState.CLOSED)
    )
    if form.cleaned_data.get("van") != "alle" and request.user.has_role(Role.ACCOUNT_MANAGER):
        networks = networks.filter(account_manager=request.user)
    return networks


def _rows(networks: Any, happened: list[Change]) -> list[Row]:
    today = clock.today()
    changes: dict[int, list[Change]] = defaultdict(list)
    for change in happened:
        changes[change.network_id].append(change)
    rows = []
    for view in map(view_of, with_years(networks.filter(state__in=LIVE_NETWORK), until=today)):
        found = sorted(portfolio.signals(view, on=today), key=lambda signal: _WORST.index(signal.light))
        rows.append((view, found, changes[view.network.pk]))
    return sorted(
        rows, key=lambda row: (_WORST.index(_worst(row)), -_reds(row), -len(row[2]), row[0].network.name.lower())
    )


def _worst(row: Row) -> Light:
    return row[1][0].light if row[1] else Light.NONE


def _reds(row: Row) -> int:
    return sum(signal.light == Light.RED for signal in row[1])


def _matches(row: Row, wanted: dict[str, Any]) -> bool:
    view, found, _ = row
    network, words = view.network, (wanted.get("q") or "").lower()
    area, light = wanted.get("domein"), wanted.get("licht")
    about = [signal for signal in found if area in ("", None, signal.key)]
    has_light = not light or (
        any(signal.light == light for signal in about)
        if light != Light.GREEN or area
        else all(signal.light == light for signal in about)
    )
    return (
        has_light
        and (not words or words in f"{network.name} {network.code} {network.beneficiary.name}".lower())
        and wanted.get("oproep") in ("", None, network.call.code)
    )


_COLUMNS = ("Code", "Netwerk", "Oproep", "Accountmanager", "Waarover", "Kleur", "Reden", "Veranderd")


def _lines(rows: list[Row]) -> list[list[Any]]:
    return [
        [
            view.network.code, view.network.name, view.network.call.code, str(view.network.account_manager or ""), signal.label,
            LIGHT_NAMES[signal.light], signal.reason, "; ".join(change.text for change in happened),
        ]
        for view, found, happened in rows
        for signal in found
    ]  # fmt: skip


@access(*permissions.READERS)
@require_POST
def seen(request: SignedInRequest) -> HttpResponse:
    """What changed up to the moment that the page was made was read."""
    try:
        until = parse_datetime(request.POST.get("until", ""))
    except ValueError:
        until = None
    if until is None or until.tzinfo is None or until > clock.now():
        messages.error(request, "De lijst is intussen verouderd. Kijk ze na en vink ze opnieuw af.")
    else:
        portfolio.mark_seen(by=request.user, until=until)
        messages.success(request, "Afgevinkt: de volgende keer ziet u alleen wat nieuw is.")
    return redirect("monitoring:follow_up")


@access(*permissions.READERS)
@require_safe
def agenda(request: SignedInRequest) -> HttpResponse:
    """What is late and what comes, a month at a time."""
    form = AgendaFilter({"maanden": "12", **_with_mine(request)})
    _choose(form, "soort", [("", "Alles"), *portfolio.KINDS.items()])
    form.is_valid()
    now, wanted = clock.now(), form.cleaned_data
    today, ahead = clock.today(), int(wanted.get("maanden") or "12")
    views = [view_of(network) for network in with_years(_networks(request, form), until=add_months(today, ahead))]
    dues = [
        due for due in portfolio.calendar(views, at=now) if wanted.get("soort") in ("", None) or due.kind == wanted["soort"]
    ]  # fmt: skip
    months = portfolio.months_of(dues, today=today, months=ahead)
    listed = [due for _, group in months for due in group]
    if export := wants_export(request):
        lines = [
            [due.on, due.view.network.code, due.view.network.name, portfolio.KINDS[due.kind], due.text, "te laat" if due.is_late else ""]
            for due in listed
        ]  # fmt: skip
        return table_response(export, "agenda", ("Dag", "Code", "Netwerk", "Soort", "Wat", "Te laat"), lines)
    context = {
        "months": [(month, [(due, portfolio.KINDS[due.kind], url_of(due)) for due in group]) for month, group in months],
        "count_text": f"{len(listed)} {'datum' if len(listed) == 1 else 'datums'}",
        "filter_form": form,
        "tab": "agenda",
    }  # fmt: skip
    return render(request, "monitoring/agenda.html", context)


def url_of(due: Due) -> str:
    """The page where the thing that is due is done."""
    name, code = _PAGES.get(due.kind), due.view.network.code
    return reverse(name or "monitoring:network", args=[code] if due.target is None else [code, due.target])
