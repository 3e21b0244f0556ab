"""The search of the header and its page, and what is known of one organisation."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from applications.models import Application
from ibnportal.core.access import PUBLIC, SIGNED_IN, access
from ibnportal.core.http import SignedInRequest
from ibnportal.core.throttle import allow
from ibnportal.portal import search
from ibnportal.proxies import client_ip
from monitoring.models import Membership, Network
from monitoring.permissions import READERS as NETWORK_READERS

TIMES, STRETCH = 60, 60
"""How often somebody without a login may search, in how many seconds."""
MOST_ROWS = 100


@access(PUBLIC)
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """What fits the words of `q`; the same, without the page around it, for the box that asks while one types."""
    text, kind = request.GET.get("q", ""), request.GET.get("soort", "")
    if (
        text.strip()
        and not request.user.is_authenticated
        and not allow(f"search:{client_ip(request)}", limit=TIMES, seconds=STRETCH)
    ):
        found = search.Found(
            text[: search.LONGEST], problem="U zocht te vaak na elkaar. Wacht een minuut en probeer opnieuw."
        )
    else:
        found = search.search(text, user=request.user, kind=kind if kind in search.KINDS else "")
    context = {"found": found, "kind": kind if kind in search.KINDS else "", "longest": search.LONGEST}
    fragment = getattr(request, "htmx", False) and not request.headers.get("HX-Boosted")
    response = render(request, "portal/search/_results.html" if fragment else "portal/search/page.html", context)
    response["Vary"] = "HX-Request"
    return response


@access(SIGNED_IN, subject="organisation")
@require_safe
def organisation(request: SignedInRequest, pk: int) -> HttpResponse:
    """One organisation: its data, its dossiers and networks as far as the reader may see them."""
    found = get_object_or_404(search.organisations_of(request.user), pk=pk)
    dossiers = Application.objects.visible_to(request.user).filter(applicant=found).select_related("call")
    networks = Network.objects.visible_to(request.user)
    memberships = Membership.objects.filter(organisation=found, network__in=networks).select_related("network")
    context = {
        "organisation": found,
        "is_own": found.pk in request.user.organisation_ids,
        "dossiers": dossiers.defer("summary").order_by("-call__year", "number")[:MOST_ROWS],
        "reads_dossiers": request.user.has_role(*search.DOSSIER_READERS),
        "memberships": memberships.order_by("-joined_on", "pk")[:MOST_ROWS],
        "own_networks": networks.filter(beneficiary=found)
        .select_related("call")
        .order_by("-call__year", "code")[:MOST_ROWS],
        "reads_networks": request.user.has_role(*NETWORK_READERS),
    }
    return render(request, "portal/search/organisation.html", context)
