"""Where sources disagree, about a network or about a call and the programme: what each says, which counts and why, and another choice."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import slugify
from django.views.decorators.http import require_POST

from calls.models import Call, PublishedFact
from ibnportal.core.access import access
from ibnportal.core.audit.models import AuditEvent
from ibnportal.core.errors import DomainError
from ibnportal.core.http import SignedInRequest
from ibnportal.core.ui import formats
from ibnportal.portal.forms import ReadingForm
from ibnportal.portal.history.network_page import ATTRIBUTES, Attribute
from monitoring.domain import readings
from monitoring.models import KpiValue, Network, NetworkFact


@access(*readings.CHOOSERS)
def index(request: SignedInRequest) -> HttpResponse:
    """Every attribute and indicator of a network, and every published figure, about which sources do not say the same."""
    return _page(request)


@access(*readings.CHOOSERS)
@require_POST
def choose(request: SignedInRequest) -> HttpResponse:
    """Let another statement about a network count, with the reason."""
    return _choose(
        request,
        _facts(request),
        readings.choose,
        lambda fact: f"{fact.network.name}: “{fact.value}” geldt nu ({fact.source}).",
    )


@access(*readings.CHOOSERS)
@require_POST
def choose_published(request: SignedInRequest) -> HttpResponse:
    """Let another source count for what was printed about a call or the programme, with the reason."""
    return _choose(
        request,
        _published(request),
        readings.choose_published,
        lambda fact: f"{fact.label}: “{fact.value}” geldt nu ({fact.source}).",
    )


@access(*readings.CHOOSERS)
@require_POST
def choose_value(request: SignedInRequest) -> HttpResponse:
    """Let another source count for an indicator of a network of the past, with the reason."""
    return _choose(
        request,
        _values(request),
        readings.choose_value,
        lambda value: f"{value.network.name}: {formats.number(value.value)} geldt nu ({value.source}).",
    )


def _choose(
    request: SignedInRequest, offered: Any, deed: Callable[..., Any], told: Callable[[Any], str]
) -> HttpResponse:
    """`deed` with the statement that was taken from those on offer; the page again with what is wrong or who chose meanwhile, and nothing typed lost."""
    form, status = ReadingForm(request.POST, facts=offered), 422
    if form.is_valid():
        chosen = form.cleaned_data["lezing"]
        try:
            deed(chosen, reason=form.cleaned_data["reden"], by=request.user, seen=form.seen())
        except DomainError as error:
            status = 409 if isinstance(error, readings.ChosenMeanwhile) else status
            form.add_error("lezing", error.message)
        else:
            messages.success(request, told(chosen))
            return redirect("portal:readings")
    return _page(request, form=form, status=status)


def _facts(request: SignedInRequest) -> Any:
    networks = Network.objects.visible_to(request.user).order_by().values("pk")
    rows = NetworkFact.objects.filter(network__in=networks).select_related("network")
    return rows.order_by("network__code", "attribute", "-is_reading", "source")


def _published(request: SignedInRequest) -> Any:
    calls = Call.objects.visible_to(request.user).order_by().values("pk")
    rows = PublishedFact.objects.filter(Q(call__isnull=True) | Q(call__in=calls)).select_related("call")
    return rows.order_by("call__year", "call_id", "subject", "-is_reading", "source")


def _values(request: SignedInRequest) -> Any:
    networks = Network.objects.visible_to(request.user).filter(is_reconstructed=True).order_by().values("pk")
    rows = KpiValue.objects.filter(network__in=networks, report__isnull=True).select_related("network")
    return rows.order_by("network__code", "label", "basis", "-is_reading", "as_of", "source")


@dataclass(frozen=True, slots=True)
class Stated:
    """One value of an indicator as the page shows it."""

    pk: int
    value: str
    source: str
    note: str
    is_reading: bool


@dataclass(frozen=True, slots=True)
class Group:
    """What sources say about one thing: where its form goes, and which of them were chosen before, the newest first."""

    key: str
    about: str
    label: str
    facts: tuple[Any, ...]
    choices: tuple[AuditEvent, ...]
    action: str

    @property
    def seen(self) -> str:
        """What counts now, for the form to tell what was seen."""
        return ",".join(str(one.pk) for one in self.facts if one.is_reading)


def _page(request: SignedInRequest, *, form: ReadingForm | None = None, status: int = 200) -> HttpResponse:
    of_networks: dict[tuple[int, str], list[AuditEvent]] = {}
    published: dict[tuple[int | None, str], list[AuditEvent]] = {}
    of_values: dict[tuple[int, str, str], list[AuditEvent]] = {}
    done = (readings.CHOSEN, readings.CHOSEN_OF_PUBLISHED, readings.CHOSEN_OF_VALUES)
    for event in AuditEvent.objects.filter(action__in=done).order_by("-at", "-seq"):
        subject, said = int(event.stream.rpartition(":")[2]), event.changes
        if event.action == readings.CHOSEN:
            of_networks.setdefault((subject, said["attribute"]), []).append(event)
        elif event.action == readings.CHOSEN_OF_VALUES:
            of_values.setdefault((subject, said["label"], said["basis"]), []).append(event)
        else:
            published.setdefault((said["call"], said["subject"]), []).append(event)
    groups = [
        *_of_networks(_facts(request), of_networks),
        *_of_values(_values(request), of_values),
        *_of_published(_published(request), published),
    ]
    return render(request, "portal/answers/readings.html", {"groups": groups, "form": form}, status=status)


def _of_networks(facts: Any, choices: Mapping[tuple[int, str], list[AuditEvent]]) -> Iterator[Group]:
    for key, rows in groupby(facts, lambda fact: (fact.network_id, fact.attribute)):
        own = tuple(rows)
        label = ATTRIBUTES.get(key[1], key[1].replace("-", " ").capitalize())
        if key in choices or Attribute(label, own).disagrees:
            name = f"{own[0].network.code}-{key[1]}".lower()
            done = tuple(choices.get(key, ()))
            yield Group(name, own[0].network.name, label, own, done, reverse("portal:choose_reading"))


def _of_values(values: Any, choices: Mapping[tuple[int, str, str], list[AuditEvent]]) -> Iterator[Group]:
    for key, rows in groupby(values, lambda value: (value.network_id, value.label, value.basis)):
        own = tuple(rows)
        sources = {value.source for value in own}
        if key in choices or (len(sources) > 1 and len({value.value for value in own}) > 1):
            network, (_, label, basis) = own[0].network, key
            name = f"indicator-{network.code}-{slugify(label)}-{basis}".lower()
            stated = tuple(
                Stated(one.pk, formats.number(one.value), _with_day(one), one.note, one.is_reading) for one in own
            )
            done = tuple(choices.get(key, ()))
            yield Group(name, network.name, label, stated, done, reverse("portal:choose_value_reading"))


def _with_day(value: KpiValue) -> str:
    return value.source if value.as_of is None else f"{value.source}, stand op {formats.short_date(value.as_of)}"


def _of_published(facts: Any, choices: Mapping[tuple[int | None, str], list[AuditEvent]]) -> Iterator[Group]:
    for key, rows in groupby(facts, lambda fact: (fact.call_id, fact.subject)):
        own = tuple(rows)
        if key in choices or len({fact.value if fact.number is None else fact.number for fact in own}) > 1:
            call = own[0].call
            name = f"gepubliceerd-{call.code if call else 'programma'}-{key[1]}".lower()
            about = call.name if call else "Het programma"
            yield Group(
                name, about, own[0].label, own, tuple(choices.get(key, ())), reverse("portal:choose_published_reading")
            )
