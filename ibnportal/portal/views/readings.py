"""Where sources disagree about a network: what each says, which of them counts and why, and the choice of another one."""

from itertools import groupby
from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from ibnportal.core.access import access
from ibnportal.core.audit.models import AuditEvent
from ibnportal.core.errors import DomainError
from ibnportal.core.http import SignedInRequest
from ibnportal.portal.forms import ReadingForm
from ibnportal.portal.history.network_page import ATTRIBUTES, Attribute
from monitoring.domain import readings
from monitoring.models import Network, NetworkFact


@access(*readings.CHOOSERS)
def index(request: SignedInRequest) -> HttpResponse:
    """Every attribute of a network about which its sources do not say the same."""
    return _page(request)


@access(*readings.CHOOSERS)
@require_POST
def choose(request: SignedInRequest) -> HttpResponse:
    """Let another statement count, with the reason."""
    form = ReadingForm(request.POST, facts=_facts(request))
    if form.is_valid():
        fact = form.cleaned_data["lezing"]
        try:
            readings.choose(fact, reason=form.cleaned_data["reden"], by=request.user)
        except DomainError as error:
            form.add_error("lezing", error.message)
        else:
            messages.success(request, f"{fact.network.name}: “{fact.value}” geldt nu ({fact.source}).")
            return redirect("portal:readings")
    return _page(request, form=form, status=422)


def _facts(request: SignedInRequest) -> Any:
    networks = Network.objects.visible_to(request.user).order_by().values("pk")
    rows = NetworkFact.objects.filter(network__in=networks).select_related("network")
    return rows.order_by("network__code", "attribute", "-is_reading", "source")


def _page(request: SignedInRequest, *, form: ReadingForm | None = None, status: int = 200) -> HttpResponse:
    facts = _facts(request)
    several = facts.order_by().values("network_id", "attribute").annotate(number=Count("pk")).filter(number__gt=1)
    wanted = set(several.values_list("network_id", "attribute"))
    kept = [fact for fact in facts if (fact.network_id, fact.attribute) in wanted]
    choices: dict[tuple[int, str], list[AuditEvent]] = {}
    for event in AuditEvent.objects.filter(action=readings.CHOSEN).order_by("-at", "-seq"):
        network = int(event.stream.rpartition(":")[2])
        choices.setdefault((network, event.changes["attribute"]), []).append(event)
    groups = []
    for key, rows in groupby(kept, lambda fact: (fact.network_id, fact.attribute)):
        own = tuple(rows)
        label = ATTRIBUTES.get(key[1], key[1].replace("-", " ").capitalize())
        if key in choices or Attribute(label, own).disagrees:
            name = f"{own[0].network.code}-{key[1]}".lower()
            groups.append(
                {"network": own[0].network, "label": label, "key": name, "facts": own, "choices": choices.get(key, [])}
            )
    return render(request, "portal/answers/readings.html", {"groups": groups, "form": form}, status=status)
