"""Handing a network over to a colleague, with everything about it on one page (MON-04)."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from ibnportal.core import clock
from ibnportal.core.access import access
from ibnportal.core.accounts.enums import Role
from ibnportal.core.errors import DomainError
from ibnportal.core.http import SignedInRequest, add_domain_error
from monitoring import permissions
from monitoring.domain import agreements, members, portfolio
from monitoring.forms.agreements import HandOverForm
from monitoring.views.fetch import allow, visible_view
from monitoring.views.members import register_of
from monitoring.views.portfolio import url_of
from monitoring.views.work import items_of


@access(Role.ACCOUNT_MANAGER, subject="network")
@require_http_methods(["GET", "HEAD", "POST"])
def hand_over(request: SignedInRequest, code: str) -> HttpResponse:
    """What is open, what is coming, what was agreed; and to whom it goes."""
    view = visible_view(request, code)
    network = view.network
    allow(permissions.can_manage(request.user, network))
    form = HandOverForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        manager = form.cleaned_data["manager"]
        try:
            agreements.hand_over(network, manager, note=form.cleaned_data["note"], by=request.user)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, f"{network.name} is overgedragen aan {manager}, die een mail kreeg.")
            return redirect("monitoring:network", code)
    agreement = getattr(network, "agreement", None)
    context = {
        "view": view,
        "network": network,
        "year": view.now,
        "form": form,
        "items": list(items_of(request.user, view)),
        "conditions": list(agreement.conditions.filter(met_at__isnull=True)) if agreement is not None else [],
        "lacking": members.findings(network, register_of(network), on=clock.today()),
        "meetings": view.meetings[:5],
        "signals": portfolio.signals(view, on=clock.today()),
        "dues": [(due, url_of(due)) for due in portfolio.calendar([view], at=clock.now())],
    }
    return render(request, "monitoring/hand_over.html", context, status=422 if form.is_bound else 200)
