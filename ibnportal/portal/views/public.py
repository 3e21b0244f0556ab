"""The public pages of the programme: home, the programme in figures, one network. No login."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from calls.domain import timeline
from calls.domain.queries import open_call
from calls.views.stages import stages_of
from ibnportal.core import clock
from ibnportal.core.access import PUBLIC, access
from ibnportal.core.exports import table_response, wants_export
from ibnportal.portal.history import queries
from ibnportal.portal.history.network_page import network_page
from ibnportal.portal.history.overview import NetworkList, disagreements
from monitoring.enums import NetworkType

COLUMNS = (
    "Code", "Netwerk", "Oproep", "Type", "Toegekende steun (euro)", "Actieve ondernemingen", "Soort telling", "Start", "Einde",
    "Toekomst", "Bron",
)  # fmt: skip


@access(PUBLIC)
def home(request: HttpRequest) -> HttpResponse:
    """What the programme is, the open call with its deadline, and the ways in."""
    call, at = open_call(), clock.now()
    context = {
        "call": call,
        "standing": timeline.standing(call.phases.all(), at=at) if call else None,
        "stages": stages_of(call, at=at, with_notes=False) if call else [],
        "rules": call.rules() if call else None,
        "figures": queries.programme_figures()[:4],
    }
    return render(request, "portal/public/home.html", context)


@access(PUBLIC)
def programme(request: HttpRequest) -> HttpResponse:
    """The programme in figures: tiles, funnel of the first call, table of networks (filter, sort, export), refused projects."""
    networks = NetworkList.of(request.GET)
    if export := wants_export(request):
        rows = [
            (
                row.code, row.name, row.call.name, row.get_network_type_display(), row.award, row.members, row.members_basis_label,
                row.start_on, row.end_on, row.future, row.source,
            )
            for row in networks.rows
        ]  # fmt: skip
        return table_response(export, "netwerken", COLUMNS, rows)
    call_facts, programme_facts = queries.published_facts()
    context = {
        "networks": networks,
        "types": NetworkType.choices,
        "figures": queries.programme_figures(),
        "funnel": [(fact.label, fact.number) for fact in call_facts if fact.is_reading],
        "funnel_notes": [fact for fact in call_facts if fact.note],
        "refused": queries.refused_projects(),
        "programme_facts": programme_facts,
        "disagreements": disagreements(),
    }
    return render(request, "portal/public/programme.html", context)


@access(PUBLIC, subject="network")
def network(request: HttpRequest, code: str) -> HttpResponse:
    """One network with every published fact and its source, side by side where sources differ."""
    return render(request, "portal/public/network.html", network_page(code))
