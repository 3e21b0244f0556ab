"""Collaborations, related projects and success stories of a network."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ibnportal.core import clock
from ibnportal.core.access import ORGANISATION, access
from ibnportal.core.accounts.domain.people import find_or_register_organisation
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError
from ibnportal.core.exports import table_response, wants_export
from ibnportal.core.http import SignedInRequest, add_domain_error, domain_errors
from monitoring import permissions
from monitoring.domain import collaborations, indicators
from monitoring.domain.queries import current_year
from monitoring.enums import CollaborationState
from monitoring.forms.activities import CollaborationForm, MoveForm, PartyForm, ProjectForm, StoryForm
from monitoring.models import Collaboration, CollaborationParty, Network, RelatedProject, SuccessStory
from monitoring.views.fetch import allow, visible_network

PER_PAGE = 25


@access(*permissions.READERS, ORGANISATION, subject="network")
@require_safe
def index(request: SignedInRequest, code: str) -> HttpResponse:
    """Every collaboration, what counts for indicator 3, the projects around it and the stories."""
    return _list(request, visible_network(request, code))


def _list(request: SignedInRequest, network: Network, *, status: int = 200, **forms: Any) -> HttpResponse:
    rows = list(collaborations.counted(network).order_by("-initiated_on", "-pk"))
    definitions = [one for one in network.call.kpi_definitions.all() if one.code in collaborations.CODES]
    today = clock.today()
    wanted = request.GET.get("toon", "")
    chosen = next((one for one in definitions if one.code == wanted), None)
    shown = [
        row
        for row in rows
        if (chosen is None or collaborations.counts_for(row, chosen, on=today))
        and (wanted not in CollaborationState.values or row.state == wanted)
    ]
    export = wants_export(request)
    if export:
        return table_response(export, f"samenwerkingen-{network.code}", _COLUMNS, [_row(row) for row in shown])
    counts = collaborations.computed(rows, definitions, on=today)
    reported = indicators.latest_reported(network)
    context = {
        "network": network,
        "year": current_year(network.award_years.all()),
        "page": Paginator([(row, _kind(row)) for row in shown], PER_PAGE).get_page(request.GET.get("pagina")),
        "has_any": bool(rows),
        "count_text": f"{len(shown)} {'samenwerking' if len(shown) == 1 else 'samenwerkingen'}",
        "indicators": [(one, counts[one.code], reported.get(one.code)) for one in definitions],
        "filters": [("", "Alle"), *CollaborationState.choices],
        "wanted": wanted,
        "projects": list(network.related_projects.prefetch_related("partners")),
        "stories": list(network.stories.all()),
        "can_edit": permissions.can_keep_activities(request.user, network),
        "form": CollaborationForm(initial={"initiated_on": today}, prefix="nieuw"),
        "project_form": ProjectForm(network=network, collaborations=rows, prefix="project"),
        "story_form": StoryForm(network=network, collaborations=rows, initial={"told_on": today}, prefix="verhaal"),
        **forms,
    }
    return render(request, "monitoring/collaborations.html", context, status=status)


def _kind(row: Any) -> str:
    return collaborations.kind_of(row.n_parties)


_COLUMNS = (
    "Titel",
    "Aard",
    "Instrument",
    "Status",
    "Partijen",
    "Ondernemingen",
    "Soort",
    "Ontstaan op",
    "Gestart op",
    "Geëindigd op",
    "Waarom mislukt",
)


def _row(row: Any) -> list[Any]:
    return [
        row.title, row.get_nature_display(), row.get_instrument_display(), row.get_state_display(), row.n_parties, row.n_companies,
        collaborations.kind_of(row.n_parties), row.initiated_on, row.started_on, row.ended_on, row.get_failure_reason_display(),
    ]  # fmt: skip


def _kept(request: SignedInRequest, code: str) -> Network:
    network = visible_network(request, code)
    allow(permissions.can_keep_activities(request.user, network))
    return network


@access(ORGANISATION, subject="network")
@require_POST
def add(request: SignedInRequest, code: str) -> HttpResponse:
    """A new collaboration."""
    network = _kept(request, code)
    form = CollaborationForm(request.POST, prefix="nieuw")
    if form.is_valid():
        made = collaborations.begin(network, **form.cleaned_data, by=request.user)
        messages.success(request, f"“{made.title}” is bewaard. Voeg de partijen toe.")
        return redirect("monitoring:collaboration", code, made.pk)
    return _list(request, network, status=422, form=form)


# ---------------------------------------------------------------- one collaboration


def _collaboration(request: SignedInRequest, code: str, pk: int, *, keep: bool = False) -> Collaboration:
    network = _kept(request, code) if keep else visible_network(request, code)
    return get_object_or_404(Collaboration.objects.select_related("network__beneficiary"), network=network, pk=pk)


@access(*permissions.READERS, ORGANISATION, subject="network")
@require_http_methods(["GET", "HEAD", "POST"])
def collaboration(request: SignedInRequest, code: str, pk: int) -> HttpResponse:
    """One collaboration; the network corrects it here."""
    found = _collaboration(request, code, pk, keep=request.method == "POST")
    form = CollaborationForm.of(request.POST or None, found)
    if request.method == "POST" and form.is_valid():
        try:
            collaborations.change(found, **form.cleaned_data, by=request.user)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, "De samenwerking is aangepast.")
            return redirect("monitoring:collaboration", code, pk)
    return _page(request, found, form=form, status=422 if form.is_bound else 200)


def _page(request: SignedInRequest, found: Collaboration, *, status: int = 200, **forms: Any) -> HttpResponse:
    parties = list(found.parties.select_related("organisation").order_by("organisation__name"))
    move_form = MoveForm(collaboration=found)
    context = {
        "network": found.network,
        "collaboration": found,
        "parties": parties,
        "kind": collaborations.kind_of(len(parties)),
        "companies": sum(party.organisation.kind == "company" for party in parties),
        "findings": collaborations.findings(len(parties)),
        "projects": list(found.projects.all()),
        "stories": list(found.stories.all()),
        "can_edit": permissions.can_keep_activities(request.user, found.network),
        "can_move": bool(move_form.fields["to"].choices),  # type: ignore[attr-defined]
        "form": CollaborationForm.of(None, found),
        "party_form": PartyForm(),
        "move_form": move_form,
        "history": [
            {
                "at": event.at,
                "text": _EVENTS.get(event.action, event.action),
                "by": event.actor_label,
                "reason": event.reason,
            }
            for event in reversed(trail.history(found))
        ],
        **forms,
    }
    return render(request, "monitoring/collaboration.html", context, status=status)


_EVENTS = {
    "collaboration.begun": "Ingevoerd",
    "collaboration.changed": "Aangepast",
    "collaboration.party_added": "Partij toegevoegd",
    "collaboration.party_removed": "Partij verwijderd",
    **{f"collaboration.{state.value}": f"Status: {state.label}" for state in CollaborationState},
}


def _back(request: SignedInRequest, code: str, pk: int, **_: object) -> str:
    return reverse("monitoring:collaboration", args=[code, pk])


@access(ORGANISATION, subject="network")
@require_POST
def add_party(request: SignedInRequest, code: str, pk: int) -> HttpResponse:
    """One more party."""
    found = _collaboration(request, code, pk, keep=True)
    form = PartyForm(request.POST)
    if form.is_valid():
        try:
            organisation, _ = find_or_register_organisation(**form.cleaned_data, by=request.user)
            collaborations.add_party(found, organisation, by=request.user)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, f"{organisation} is een partij van deze samenwerking.")
            return redirect("monitoring:collaboration", code, pk)
    return _page(request, found, status=422, party_form=form)


@access(ORGANISATION, subject="network")
@require_POST
@domain_errors(redirect_to=_back)
def remove_party(request: SignedInRequest, code: str, pk: int, party_id: int) -> HttpResponse:
    """One party less."""
    found = _collaboration(request, code, pk, keep=True)
    parties = CollaborationParty.objects.select_related("organisation", "collaboration__network")
    party = get_object_or_404(parties, collaboration=found, pk=party_id)
    collaborations.remove_party(party, by=request.user)
    messages.success(request, f"{party.organisation} is geen partij meer.")
    return redirect("monitoring:collaboration", code, pk)


@access(ORGANISATION, subject="network")
@require_POST
def move(request: SignedInRequest, code: str, pk: int) -> HttpResponse:
    """How far it came."""
    found = _collaboration(request, code, pk, keep=True)
    form = MoveForm(request.POST, collaboration=found)
    if form.is_valid():
        try:
            collaborations.move(found, **form.cleaned_data, by=request.user)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, f"De samenwerking staat nu op “{found.get_state_display()}”.")
            return redirect("monitoring:collaboration", code, pk)
    return _page(request, found, status=422, move_form=form)


# ---------------------------------------------------------------- projects and stories


@access(ORGANISATION, subject="network")
@require_POST
def add_project(request: SignedInRequest, code: str) -> HttpResponse:
    """A related project."""
    network = _kept(request, code)
    form = ProjectForm(request.POST, network=network, prefix="project")
    if form.is_valid():
        collaborations.record_project(network, **form.cleaned_data, by=request.user)
        messages.success(request, "Het project is bewaard.")
        return redirect("monitoring:collaborations", code)
    return _list(request, network, status=422, project_form=form)


@access(ORGANISATION, subject="network")
@require_http_methods(["GET", "HEAD", "POST"])
def related_project(request: SignedInRequest, code: str, pk: int) -> HttpResponse:
    """Correct a related project."""
    network = _kept(request, code)
    project = get_object_or_404(RelatedProject, network=network, pk=pk)
    form = ProjectForm(request.POST or None, network=network, project=project)
    if request.method == "POST" and form.is_valid():
        collaborations.record_project(network, project=project, **form.cleaned_data, by=request.user)
        messages.success(request, "Het project is aangepast.")
        return redirect("monitoring:collaborations", code)
    context = {"network": network, "form": form, "title": project.title}
    return render(request, "monitoring/related.html", context, status=422 if form.is_bound else 200)


@access(ORGANISATION, subject="network")
@require_POST
def add_story(request: SignedInRequest, code: str) -> HttpResponse:
    """A success story."""
    network = _kept(request, code)
    form = StoryForm(request.POST, network=network, prefix="verhaal")
    if form.is_valid():
        collaborations.tell_story(network, **form.cleaned_data, by=request.user)
        messages.success(request, "Het verhaal is bewaard. Het jaarverslag van dat jaar neemt het over.")
        return redirect("monitoring:collaborations", code)
    return _list(request, network, status=422, story_form=form)


@access(ORGANISATION, subject="network")
@require_http_methods(["GET", "HEAD", "POST"])
def success_story(request: SignedInRequest, code: str, pk: int) -> HttpResponse:
    """Rewrite a story."""
    network = _kept(request, code)
    story = get_object_or_404(SuccessStory, network=network, pk=pk)
    form = StoryForm(request.POST or None, network=network, story=story)
    if request.method == "POST" and form.is_valid():
        collaborations.tell_story(network, story=story, **form.cleaned_data, by=request.user)
        messages.success(request, "Het verhaal is aangepast.")
        return redirect("monitoring:collaborations", code)
    context = {"network": network, "form": form, "title": story.title}
    return render(request, "monitoring/related.html", context, status=422 if form.is_bound else 200)
