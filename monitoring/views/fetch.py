"""How the monitoring's pages fetch: always from what the person may see, absent otherwise."""

from django.db.models import prefetch_related_objects
from django.http import Http404
from django.shortcuts import get_object_or_404

from ibnportal.core.http import SignedInRequest
from monitoring.domain.overview import (
    NetworkView,
    YearView,
    project_years,
    view_of,
    with_figures,
    years_and_meetings,
    years_of,
)
from monitoring.models import AwardYear, Network


def visible_network(request: SignedInRequest, code: str) -> Network:
    """The network alone, for verbs."""
    return get_object_or_404(Network.objects.visible_to(request.user).select_related("beneficiary", "call"), code=code)


def visible_view(request: SignedInRequest, code: str) -> NetworkView:
    """The network with its years, for pages; one of an earlier call has none to read."""
    network = get_object_or_404(with_figures(Network.objects.visible_to(request.user)), code=code)
    if getattr(network, "agreement", None) is not None:
        prefetch_related_objects([network], *years_and_meetings())
    return view_of(network)


def visible_years(request: SignedInRequest, code: str, year: int) -> tuple[tuple[YearView, ...], YearView]:
    """The project years of a network and one of them, for the pages of that year; the network comes with them, in one query."""
    rows = (
        project_years()
        .filter(network__in=Network.objects.visible_to(request.user), network__code=code, network__agreement__isnull=False)
        .select_related("network__call", "network__beneficiary", "network__account_manager", "network__agreement__rules")
    )  # fmt: skip
    years = list(rows)
    views = years_of(years[0].network, years) if years else ()
    found = next((view for view in views if view.year.project_year == year), None)
    if found is None:
        raise Http404
    return views, found


def visible_year(request: SignedInRequest, code: str, year: int) -> AwardYear:
    """One project year alone, for verbs."""
    networks = Network.objects.visible_to(request.user)
    years = AwardYear.objects.select_related(
        "network__beneficiary", "network__call", "network__account_manager", "network__agreement__rules__call"
    )
    return get_object_or_404(years, network__in=networks, network__code=code, project_year=year)


def allow(permitted: bool) -> None:  # noqa: FBT001 - reads as a sentence: allow(can_judge(user, network))
    """404 unless permitted: what a person may not do does not exist for them."""
    if not permitted:
        raise Http404
