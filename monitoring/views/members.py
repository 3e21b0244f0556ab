"""The register of members."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ibnportal.core import clock
from ibnportal.core.access import ORGANISATION, access
from ibnportal.core.accounts.enums import Role
from ibnportal.core.errors import DomainError
from ibnportal.core.exports import table_response, wants_export
from ibnportal.core.http import SignedInRequest, add_domain_error
from monitoring import permissions
from monitoring.domain import members as register
from monitoring.domain.queries import current_year
from monitoring.forms.members import LeaveForm, MemberForm, MembershipForm
from monitoring.models import Membership, Network
from monitoring.views.fetch import allow, visible_network

SORTS = {
    "naam": ("organisation__name",),
    "sinds": ("joined_on", "organisation__name"),
    "lidgeld": ("yearly_fee", "organisation__name"),
}


@access(*permissions.READERS, ORGANISATION, subject="network")
@require_safe
def index(request: SignedInRequest, code: str) -> HttpResponse:
    """Who is a member, since when, and what the register gives for indicators 1 and 2."""
    network = visible_network(request, code)
    return _list(request, network)


def _list(request: SignedInRequest, network: Network, *, form: MemberForm | None = None) -> HttpResponse:
    asked = request.GET.get("sorteer", "naam")
    order = SORTS.get(asked.lstrip("-"), SORTS["naam"])
    if asked.startswith("-"):
        order = (f"-{order[0]}", *order[1:])
    memberships = list(Membership.objects.filter(network=network).select_related("organisation").order_by(*order))
    export = wants_export(request)
    if export:
        columns = (
            "Onderneming",
            "Ondernemingsnummer",
            "Soort",
            "Gemeente",
            "Lid sinds",
            "Lid tot",
            "Lidgeld",
            "Betrokken",
        )
        return table_response(
            export, f"leden-{network.code}", columns, [_row(membership) for membership in memberships]
        )
    today = clock.today()
    active, new = register.computed(memberships, start_on=network.start_on, on=today)
    current = sum(membership.left_on is None or membership.left_on >= today for membership in memberships)
    context = {
        "network": network,
        "year": current_year(network.award_years.all()),
        "memberships": memberships,
        "count_text": f"{current} {'lid' if current == 1 else 'leden'}, {len(memberships) - current} vroeger",
        "active": active,
        "new": new,
        "today": today,
        "can_edit": permissions.can_keep_members(request.user, network),
        "form": form or MemberForm(initial={"joined_on": today}),
    }
    return render(request, "monitoring/members.html", context, status=422 if form is not None else 200)


def _row(membership: Membership) -> list[Any]:
    organisation = membership.organisation
    return [
        organisation.name, organisation.formatted_number, organisation.get_kind_display(), organisation.municipality,
        membership.joined_on, membership.left_on, membership.yearly_fee, "ja" if membership.is_involved else "nee",
    ]  # fmt: skip


@access(Role.ACCOUNT_MANAGER, ORGANISATION, subject="network")
@require_POST
def join(request: SignedInRequest, code: str) -> HttpResponse:
    """A new member; a company that the portal knows keeps its own name."""
    network = visible_network(request, code)
    allow(permissions.can_keep_members(request.user, network))
    form = MemberForm(request.POST)
    if form.is_valid():
        try:
            membership = register.register(network, **form.cleaned_data, by=request.user)
        except DomainError as error:
            add_domain_error(form, error, field="enterprise_number" if error.rule_id == "H-34" else None)
        else:
            messages.success(request, f"{membership.organisation} is ingeschreven als lid.")
            return redirect("monitoring:members", code)
    return _list(request, network, form=form)


@access(Role.ACCOUNT_MANAGER, ORGANISATION, subject="network")
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: SignedInRequest, code: str, pk: int) -> HttpResponse:
    """Correct a membership."""
    membership = _membership(request, code, pk)
    form = MembershipForm.of(request.POST or None, membership)
    if request.method == "POST" and form.is_valid():
        try:
            register.change(membership, **form.cleaned_data, by=request.user)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, "Het lidmaatschap is aangepast.")
            return redirect("monitoring:members", code)
    return _page(request, membership, form=form, status=422 if form.is_bound else 200)


@access(Role.ACCOUNT_MANAGER, ORGANISATION, subject="network")
@require_POST
def leave(request: SignedInRequest, code: str, pk: int) -> HttpResponse:
    """The last day of a membership."""
    membership = _membership(request, code, pk)
    form = LeaveForm(request.POST)
    if form.is_valid():
        try:
            register.leave(membership, left_on=form.cleaned_data["left_on"], by=request.user)
        except DomainError as error:
            add_domain_error(form, error, field="left_on")
        else:
            messages.success(request, f"{membership.organisation} is lid tot en met {membership.left_on:%d/%m/%Y}.")
            return redirect("monitoring:members", code)
    return _page(request, membership, leave_form=form, status=422)


def _membership(request: SignedInRequest, code: str, pk: int) -> Membership:
    network = visible_network(request, code)
    allow(permissions.can_keep_members(request.user, network))
    return get_object_or_404(Membership.objects.select_related("organisation", "network"), network=network, pk=pk)


def _page(request: SignedInRequest, membership: Membership, *, status: int = 200, **forms: Any) -> HttpResponse:
    context = {
        "network": membership.network,
        "membership": membership,
        "form": MembershipForm.of(None, membership),
        "leave_form": LeaveForm(initial={"left_on": clock.today()}),
        **forms,
    }
    return render(request, "monitoring/membership.html", context, status=status)
