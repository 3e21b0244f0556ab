"""Activities of a network and who took part."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ibnportal.core import clock
from ibnportal.core.access import ORGANISATION, access
from ibnportal.core.accounts.domain.people import find_or_register_organisation
from ibnportal.core.accounts.models import Organisation
from ibnportal.core.errors import DomainError
from ibnportal.core.exports import table_response, wants_export
from ibnportal.core.http import SignedInRequest, add_domain_error, domain_errors
from monitoring import permissions
from monitoring.domain import activities
from monitoring.domain.queries import current_year, rules_row
from monitoring.forms.activities import ActivityForm, ParticipantsForm
from monitoring.models import Activity, Membership, Network
from monitoring.views.fetch import allow, visible_network

PER_PAGE = 25


@access(*permissions.READERS, ORGANISATION, subject="network")
@require_safe
def index(request: SignedInRequest, code: str) -> HttpResponse:
    """Every activity with its participants, and who is active."""
    return _list(request, visible_network(request, code))


def _list(
    request: SignedInRequest, network: Network, *, status: int = 200, form: ActivityForm | None = None
) -> HttpResponse:
    rows = list(network.activities.annotate(companies=Count("participations")).order_by("-starts_on", "-pk"))
    export = wants_export(request)
    if export:
        return table_response(export, f"activiteiten-{network.code}", _COLUMNS, [_row(row) for row in rows])
    rules, today = rules_row(network).frozen(), clock.today()
    takers = list(activities.participants(network, rules, on=today))
    context = {
        "network": network,
        "year": current_year(network.award_years.all()),
        "page": Paginator([(row, activities.findings(row)) for row in rows], PER_PAGE).get_page(
            request.GET.get("pagina")
        ),
        "count_text": f"{len(rows)} {'activiteit' if len(rows) == 1 else 'activiteiten'}",
        "takers": [(row, activities.is_active(row["times"], rules)) for row in takers],
        "active": sum(activities.is_active(row["times"], rules) for row in takers),
        "rules": rules,
        "today": today,
        "can_edit": permissions.can_keep_activities(request.user, network),
        "form": form or ActivityForm(initial={"starts_on": today}),
    }
    return render(request, "monitoring/activities.html", context, status=status)


_COLUMNS = ("Dag", "Titel", "Soort", "Plaats", "Prijs", "Voor wie", "Deelnemende organisaties", "Clustercoördinatie")


def _row(activity: Any) -> list[Any]:
    return [
        activity.starts_on, activity.title, activity.get_kind_display(), activity.location, activity.get_price_basis_display(),
        activity.get_audience_display(), activity.companies, "ja" if activities.is_coordination(activity) else "nee",
    ]  # fmt: skip


@access(ORGANISATION, subject="network")
@require_POST
def add(request: SignedInRequest, code: str) -> HttpResponse:
    """A new activity."""
    network = visible_network(request, code)
    allow(permissions.can_keep_activities(request.user, network))
    form = ActivityForm(request.POST)
    if form.is_valid():
        try:
            activity = activities.record(network, **form.cleaned_data, by=request.user)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, f"“{activity.title}” is bewaard. Duid aan wie deelnam.")
            return redirect("monitoring:activity", code, activity.pk)
    return _list(request, network, status=422, form=form)


def _activity(request: SignedInRequest, code: str, pk: int, *, keep: bool = False) -> Activity:
    network = visible_network(request, code)
    if keep:
        allow(permissions.can_keep_activities(request.user, network))
    return get_object_or_404(
        Activity.objects.select_related("network__beneficiary", "network__call"), network=network, pk=pk
    )


@access(*permissions.READERS, ORGANISATION, subject="network")
@require_http_methods(["GET", "HEAD", "POST"])
def activity(request: SignedInRequest, code: str, pk: int) -> HttpResponse:
    """One activity; the network corrects it here."""
    found = _activity(request, code, pk, keep=request.method == "POST")
    form = ActivityForm.of(request.POST or None, found)
    if request.method == "POST" and form.is_valid():
        try:
            activities.change(found, **form.cleaned_data, by=request.user)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, "De activiteit is aangepast.")
            return redirect("monitoring:activity", code, pk)
    return _page(request, found, form=form, status=422 if form.is_bound else 200)


def _page(request: SignedInRequest, found: Activity, *, status: int = 200, **forms: Any) -> HttpResponse:
    participations = list(found.participations.select_related("organisation").order_by("organisation__name"))
    can_edit = permissions.can_keep_activities(request.user, found.network)
    has_begun = found.starts_on <= clock.today()
    context = {
        "network": found.network,
        "activity": found,
        "participations": participations,
        "findings": activities.findings(found),
        "can_edit": can_edit,
        "form": ActivityForm.of(None, found),
        "has_begun": has_begun,
        "participants_form": _participants_form(found) if can_edit and has_begun else None,
        **forms,
    }
    return render(request, "monitoring/activity.html", context, status=status)


def _participants_form(found: Activity, *args: Any) -> ParticipantsForm:
    """The members of that day and whoever is on the list already."""
    members = (
        Membership.objects.filter(network=found.network, joined_on__lte=found.ends_on or found.starts_on)
        .exclude(left_on__lt=found.starts_on)
        .values("organisation")
    )
    present = set(found.participations.values_list("organisation_id", flat=True))
    organisations = Organisation.objects.filter(pk__in=members) | Organisation.objects.filter(pk__in=present)
    return ParticipantsForm(*args, organisations=list(organisations.distinct().order_by("name")), present=present)


@access(ORGANISATION, subject="network")
@require_POST
def participants(request: SignedInRequest, code: str, pk: int) -> HttpResponse:
    """Who took part."""
    found = _activity(request, code, pk, keep=True)
    form = _participants_form(found, request.POST)
    if form.is_valid():
        try:
            people = {int(one): 1 for one in form.cleaned_data["members"]}
            if form.cleaned_data["other_name"]:
                other, _ = find_or_register_organisation(
                    name=form.cleaned_data["other_name"], enterprise_number=form.cleaned_data["other_number"], by=request.user
                )  # fmt: skip
                people[other.pk] = 1
            activities.set_participants(found, people, by=request.user)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            count = len(people)
            messages.success(request, f"{count} {'deelnemer' if count == 1 else 'deelnemers'} bewaard.")
            return redirect("monitoring:activity", code, pk)
    return _page(request, found, status=422, participants_form=form)


def _back(request: SignedInRequest, code: str, pk: int) -> str:
    return reverse("monitoring:activity", args=[code, pk])


@access(ORGANISATION, subject="network")
@require_POST
@domain_errors(redirect_to=_back)
def remove(request: SignedInRequest, code: str, pk: int) -> HttpResponse:
    """Take it out."""
    found = _activity(request, code, pk, keep=True)
    title = found.title
    activities.remove(found, by=request.user)
    messages.success(request, f"“{title}” is verwijderd.")
    return redirect("monitoring:activities", code)
