"""The register of members: who, since when, how large, and what follows for indicators 1 and 2."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from calls.ruleset import Rules
from ibnportal.core import clock
from ibnportal.core.access import ORGANISATION, access
from ibnportal.core.accounts.enums import Role
from ibnportal.core.errors import DomainError
from ibnportal.core.exports import table_response, wants_export
from ibnportal.core.http import SignedInRequest, add_domain_error, domain_errors
from monitoring import permissions
from monitoring.documents import member_list
from monitoring.domain import companies, indicators
from monitoring.domain import members as register
from monitoring.domain.company_size import Outcome
from monitoring.domain.queries import current_year, rules_row
from monitoring.enums import SizeClass
from monitoring.forms.members import (
    CompanyForm,
    ConditionsForm,
    LeaveForm,
    MemberFilter,
    MemberForm,
    MembershipForm,
    TieForm,
)
from monitoring.models import CompanyTie, Membership, Network
from monitoring.views.fetch import allow, visible_network

PER_PAGE = 50
SORTS = {
    "naam": ("organisation__name", "joined_on"),
    "sinds": ("joined_on", "organisation__name"),
    "lidgeld": ("yearly_fee", "organisation__name"),
}
Row = tuple[Membership, Outcome]


def register_of(network: Network, *order: str) -> list[Membership]:
    """All memberships of a network with their companies, in two queries."""
    rows = Membership.objects.filter(network=network).select_related("organisation__profile")
    return list(rows.prefetch_related("organisation__profile__ties").order_by(*(order or SORTS["naam"])))


@access(*permissions.READERS, ORGANISATION, subject="network")
@require_safe
def index(request: SignedInRequest, code: str) -> HttpResponse:
    """Who is a member, since when, and what the register gives for indicators 1 and 2, each with the companies behind it."""
    network = visible_network(request, code)
    return _list(request, network)


def _list(request: SignedInRequest, network: Network, *, status: int = 200, **forms: Any) -> HttpResponse:
    asked = request.GET.get("sorteer", "naam")
    order = SORTS.get(asked.lstrip("-"), SORTS["naam"])
    if asked.startswith("-"):
        order = (f"-{order[0]}", *order[1:])
    memberships = register_of(network, *order)
    rules, today = rules_row(network).frozen(), clock.today()
    active, new = register.behind(memberships, start_on=network.start_on, on=today)
    shown, filter_form = _filtered(request, memberships, rules, active, new)
    export = wants_export(request)
    if export:
        columns = (*member_list.TITLES, "Grootte", "Provincie", "Sector")
        return table_response(export, f"leden-{network.code}", columns, [_row(*row) for row in shown])
    years = list(network.award_years.all())
    reported = indicators.latest_reported(network)
    context = {
        "network": network,
        "year": current_year(years),
        "page": Paginator(shown, PER_PAGE).get_page(request.GET.get("pagina")),
        "count_text": _count(shown, memberships),
        "has_any": bool(memberships),
        "filter_form": filter_form,
        "active": len(active),
        "new": len(new),
        "reported": reported,
        "sizes": _sizes(active, rules),
        "findings": register.findings(network, memberships, on=today),
        "today": today,
        "can_edit": permissions.can_keep_members(request.user, network),
        "form": MemberForm(initial={"joined_on": today}),
        "conditions_form": ConditionsForm(
            initial={
                "membership_package": network.membership_package,
                "entry_conditions": network.entry_conditions,
            }
        ),
        **forms,
    }
    return render(request, "monitoring/members.html", context, status=status)


def _filtered(
    request: SignedInRequest,
    memberships: list[Membership],
    rules: Rules,
    active: list[Membership],
    new: list[Membership],
) -> tuple[list[Row], MemberFilter]:
    form = MemberFilter(request.GET)
    form.is_valid()
    wanted, today = form.cleaned_data, clock.today()
    behind_active, behind_new = set(active), set(new)
    kept = {
        "kpi1": lambda one: one in behind_active,
        "kpi2": lambda one: one in behind_new,
        "nu": lambda one: register.is_current(one, today),
        "vroeger": lambda one: one.left_on is not None and one.left_on < today,
    }.get(wanted.get("toon", ""), lambda _one: True)
    words = (wanted.get("q") or "").casefold()
    rows = []
    for one in memberships:
        organisation = one.organisation
        outcome = companies.size(organisation, rules)
        if (
            kept(one)
            and words
            in f"{organisation.name} {organisation.enterprise_number} {organisation.formatted_number}".casefold()
            and wanted.get("grootte") in ("", None, outcome.size)
            and wanted.get("provincie") in ("", None, organisation.province)
        ):
            rows.append((one, outcome))
    return rows, form


def _sizes(active: list[Membership], rules: Rules) -> list[tuple[str, int]]:
    """How many active companies of each size, the unknown ones named as such."""
    sizes = [companies.size(one.organisation, rules).size for one in active]
    return [(str(choice.label), sizes.count(choice)) for choice in SizeClass if sizes.count(choice)]


def _count(shown: list[Row], memberships: list[Membership]) -> str:
    today = clock.today()
    current = sum(register.is_current(one, today) for one in memberships)
    whole = f"{current} {'lid' if current == 1 else 'leden'}, {len(memberships) - current} vroeger of later"
    return whole if len(shown) == len(memberships) else f"{len(shown)} van {len(memberships)} lidmaatschappen"


def _row(membership: Membership, outcome: Outcome) -> list[Any]:
    organisation = membership.organisation
    profile = companies.profile_of(organisation)
    section = profile.section if profile is not None else None
    return [
        *member_list.row_of(membership), str(outcome.size.label), organisation.province.label if organisation.province else None,
        section[1] if section else None,
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
    return _list(request, network, status=422, form=form)


@access(Role.ACCOUNT_MANAGER, ORGANISATION, subject="network")
@require_POST
def set_conditions(request: SignedInRequest, code: str) -> HttpResponse:
    """What the fee includes, and who may become a member."""
    network = visible_network(request, code)
    allow(permissions.can_keep_members(request.user, network))
    form = ConditionsForm(request.POST)
    if form.is_valid():
        register.set_conditions(network, **form.cleaned_data, by=request.user)
        messages.success(request, "De voorwaarden van het lidmaatschap zijn bewaard.")
        return redirect("monitoring:members", code)
    return _list(request, network, status=422, conditions_form=form)


# ---------------------------------------------------------------- one member


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


@access(Role.ACCOUNT_MANAGER, ORGANISATION, subject="network")
@require_POST
def change_company(request: SignedInRequest, code: str, pk: int) -> HttpResponse:
    """What is known of the company."""
    membership = _membership(request, code, pk)
    form = CompanyForm(request.POST)
    if form.is_valid():
        try:
            companies.describe(membership.organisation, **form.cleaned_data, by=request.user)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, f"De gegevens van {membership.organisation} zijn bewaard.")
            return redirect("monitoring:member", code, pk)
    return _page(request, membership, company_form=form, status=422)


@access(Role.ACCOUNT_MANAGER, ORGANISATION, subject="network")
@require_POST
def add_tie(request: SignedInRequest, code: str, pk: int) -> HttpResponse:
    """A linked company or a partner."""
    membership = _membership(request, code, pk)
    form = TieForm(request.POST)
    if form.is_valid():
        try:
            companies.tie(membership.organisation, **form.facts(), by=request.user)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, f"{form.cleaned_data['name']} is toegevoegd.")
            return redirect("monitoring:member", code, pk)
    return _page(request, membership, tie_form=form, status=422)


def _back_to_member(request: SignedInRequest, code: str, pk: int, **_: object) -> str:
    return reverse("monitoring:member", args=[code, pk])


@access(Role.ACCOUNT_MANAGER, ORGANISATION, subject="network")
@require_POST
@domain_errors(redirect_to=_back_to_member)
def remove_tie(request: SignedInRequest, code: str, pk: int, tie_id: int) -> HttpResponse:
    """Take one out again."""
    membership = _membership(request, code, pk)
    tie = get_object_or_404(
        CompanyTie.objects.select_related("profile__organisation"),
        profile__organisation_id=membership.organisation_id,
        pk=tie_id,
    )
    companies.untie(tie, by=request.user)
    messages.success(request, f"{tie.name} is verwijderd.")
    return redirect("monitoring:member", code, pk)


def _membership(request: SignedInRequest, code: str, pk: int) -> Membership:
    network = visible_network(request, code)
    allow(permissions.can_keep_members(request.user, network))
    rows = Membership.objects.select_related("organisation__profile", "network")
    return get_object_or_404(rows, network=network, pk=pk)


def _page(request: SignedInRequest, membership: Membership, *, status: int = 200, **forms: Any) -> HttpResponse:
    organisation = membership.organisation
    profile = companies.profile_of(organisation)
    others = organisation.network_memberships.exclude(network=membership.network).filter(
        network__in=Network.objects.visible_to(request.user)
    )
    context = {
        "network": membership.network,
        "membership": membership,
        "organisation": organisation,
        "profile": profile,
        "ties": list(profile.ties.all()) if profile is not None else [],
        "outcome": companies.size(organisation, rules_row(membership.network).frozen()),
        "others": list(others.select_related("network")),
        "form": MembershipForm.of(None, membership),
        "leave_form": LeaveForm(initial={"left_on": clock.today()}),
        "company_form": CompanyForm.of(None, profile),
        "tie_form": TieForm(),
        **forms,
    }
    return render(request, "monitoring/membership.html", context, status=status)
