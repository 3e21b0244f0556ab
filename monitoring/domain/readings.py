"""Which of several statements the portal takes, about a network, or about a call or the programme (ADR 0035).

Statements stay as their sources made them; a choice only says which of them counts from now on, with its reason, and stands in the
trail. Answers as of an earlier day read that trail backwards, so that they give what counted then.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import transaction

from calls.models import PublishedFact
from ibnportal.core import clock
from ibnportal.core.accounts.enums import Role
from ibnportal.core.accounts.models import User
from ibnportal.core.audit import trail
from ibnportal.core.audit.models import AuditEvent
from ibnportal.core.errors import DomainError
from monitoring.models import KpiValue, Network, NetworkFact

CHOSEN = "network.reading_chosen"
CHOSEN_OF_PUBLISHED = "publishedfact.reading_chosen"
CHOSEN_OF_VALUES = "kpivalue.reading_chosen"
END = "einde"
"""The one attribute that answers read from a column of the network (`end_on`), which goes along with the choice."""
CHOOSERS = (Role.POLICY_READER, Role.ADMINISTRATOR)


class ChosenMeanwhile(DomainError):  # noqa: N818 - reads as a sentence where it is raised
    """Somebody else let another statement count since the page was opened: nothing is changed, and who looks again can choose again."""


@transaction.atomic
def choose(fact: NetworkFact, *, reason: str, by: User, seen: Collection[int] | None = None) -> NetworkFact:
    """Let this statement count from now on; the others stay beside it. Raises DomainError with what is wrong.

    `seen` holds the keys of what counted when the person looked; ChosenMeanwhile where that is no longer so. None looks at nothing.
    """
    reason = _reason(reason, by=by)
    network = Network.objects.select_for_update(of=("self",), no_key=True).get(pk=fact.network_id)
    now = NetworkFact.objects.filter(network=network, attribute=fact.attribute, is_reading=True).first()
    _refuse_unseen([now] if now else [], seen, CHOSEN, trail.stream_of(network), attribute=fact.attribute)
    if now is not None and now.pk == fact.pk:
        raise DomainError(f"“{fact.value}” ({fact.source}) geldt al.")
    changes: dict[str, Any] = {"attribute": fact.attribute, "reading": [now and now.pk, fact.pk]}
    changes |= {"value": [now.value if now else "", fact.value], "source": [now.source if now else "", fact.source]}
    if fact.attribute == END:
        day = _end_of(network, fact.value)
        changes["end_on"] = [network.end_on, day]
        network.end_on = day
        network.save(update_fields=["end_on"])
    NetworkFact.objects.filter(network=network, attribute=fact.attribute, is_reading=True).update(is_reading=False)
    NetworkFact.objects.filter(pk=fact.pk).update(is_reading=True)
    trail.record(CHOSEN, network, by=by, changes=changes, reason=reason)
    fact.is_reading = True
    return fact


@transaction.atomic
def choose_published(
    fact: PublishedFact, *, reason: str, by: User, seen: Collection[int] | None = None
) -> PublishedFact:
    """The same for what was printed about a call or the programme; where a figure counts, only another figure can.

    All choices about one subject stand in one stream, that of the statement which was written down first.
    """
    reason = _reason(reason, by=by)
    beside = PublishedFact.objects.filter(call=fact.call_id, subject=fact.subject)
    rows = list(beside.select_for_update(of=("self",), no_key=True).order_by("pk"))
    now = next((one for one in rows if one.is_reading), None)
    _refuse_unseen([now] if now else [], seen, CHOSEN_OF_PUBLISHED, trail.stream_of(rows[0]))
    if now is not None and now.pk == fact.pk:
        raise DomainError(f"“{fact.value}” ({fact.source}) geldt al.")
    if now is not None and now.number is not None and fact.number is None:
        raise DomainError(
            f"“{fact.value}” is geen getal. Antwoorden rekenen hiermee: kies een bron die een getal geeft."
        )
    changes: dict[str, Any] = {"call": fact.call_id, "subject": fact.subject, "reading": [now and now.pk, fact.pk]}
    changes |= {"value": [now.value if now else "", fact.value], "source": [now.source if now else "", fact.source]}
    beside.filter(is_reading=True).update(is_reading=False)
    beside.filter(pk=fact.pk).update(is_reading=True)
    trail.record(CHOSEN_OF_PUBLISHED, rows[0], by=by, changes=changes, reason=reason)
    fact.is_reading = True
    return fact


@transaction.atomic
def choose_value(value: KpiValue, *, reason: str, by: User, seen: Collection[int] | None = None) -> KpiValue:
    """The same for the value of an indicator of a network of the past; what a report says, only the next report corrects."""
    reason = _reason(reason, by=by)
    network = Network.objects.select_for_update(of=("self",), no_key=True).get(pk=value.network_id)
    if value.report_id is not None or not network.is_reconstructed:
        raise DomainError("Dit cijfer komt uit de opvolging in het portaal; enkel een volgend verslag verbetert het.")
    beside = KpiValue.objects.filter(network=network, label=value.label, basis=value.basis, report=None)
    now = list(beside.filter(is_reading=True).order_by("as_of", "pk"))
    about = {"label": value.label, "basis": value.basis}
    _refuse_unseen(now, seen, CHOSEN_OF_VALUES, trail.stream_of(network), **about)
    if value.pk in {one.pk for one in now}:
        raise DomainError(f"{_plain(value)} ({value.source}) geldt al.")
    changes: dict[str, Any] = {
        "label": value.label,
        "basis": value.basis,
        "reading": [[one.pk for one in now], value.pk],
    }
    changes |= {"value": ["; ".join(map(_plain, now)), _plain(value)]}
    changes |= {"source": ["; ".join(one.source for one in now), value.source]}
    beside.filter(is_reading=True).update(is_reading=False)
    beside.filter(pk=value.pk).update(is_reading=True)
    trail.record(CHOSEN_OF_VALUES, network, by=by, changes=changes, reason=reason)
    value.is_reading = True
    return value


def _refuse_unseen(now: Sequence[Any], seen: Collection[int] | None, action: str, stream: str, **about: str) -> None:
    """Raise ChosenMeanwhile, with who chose what and why, where what counts is not what was seen. `about`: of which choices of the stream."""
    if seen is None or set(seen) == {one.pk for one in now}:
        return
    of_this = {f"changes__{name}": value for name, value in about.items()}
    last = AuditEvent.objects.filter(action=action, stream=stream, **of_this).order_by("-seq").first()
    if last is None:
        raise ChosenMeanwhile("Wat hier geldt, veranderde sinds u deze bladzijde opende. Kijk opnieuw en kies dan.")
    raise ChosenMeanwhile(
        f"{last.actor_label} koos intussen, op {clock.local(last.at):%d/%m/%Y om %H.%M} uur, “{last.changes['value'][1]}” "
        f"({last.changes['source'][1]}): “{last.reason}” Er is niets veranderd. Kijk of die keuze klopt, en kies opnieuw als de uwe moet gelden."
    )


def _plain(value: KpiValue) -> str:
    """The figure to its last decimal, without zeros that say nothing."""
    return f"{value.value.normalize():f}"


def _reason(text: str, *, by: User) -> str:
    if not by.has_role(*CHOOSERS):
        raise DomainError("Enkel beleid en beheer kiezen welke bron geldt.")
    if not text.strip():
        raise DomainError("Schrijf op waarom deze bron beter is dan de andere.")
    return text.strip()


def _end_of(network: Network, text: str) -> date:
    """The end that a source states. A network with an agreement here has its end from that, and no source moves it."""
    if not network.is_reconstructed:
        raise DomainError("Het einde van dit netwerk staat in zijn overeenkomst; enkel een addendum verandert het.")
    day = _day(text)
    if network.start_on is not None and day <= network.start_on:
        start = f"{network.start_on:%d/%m/%Y}"
        raise DomainError(f"“{text}” kan het einde niet zijn: het netwerk startte op {start}.")
    return day


def _day(text: str) -> date:
    """`31/8/2019`; what is no day cannot be the end of a network."""
    pieces = text.split("/")
    try:
        day, month, year = map(int, pieces)
        return date(year, month, day)
    except ValueError as error:
        raise DomainError(f"“{text}” is geen dag; het einde van een netwerk is een dag, zoals 31/8/2019.") from error


@dataclass(frozen=True, slots=True)
class Earlier:
    """What counted before the choices that were read backwards: the statement by network and attribute, the end by network."""

    readings: dict[tuple[int, str], int | None] = field(default_factory=dict)
    ends: dict[int, date | None] = field(default_factory=dict)


def before(choices: Iterable[tuple[str, Mapping[str, Any]]]) -> Earlier:
    """From (stream, changes) of the choices since a day, the newest first: what counted on that day. Pure."""
    earlier = Earlier()
    for stream, changes in choices:
        network = int(stream.rpartition(":")[2])
        earlier.readings[network, changes["attribute"]] = changes["reading"][0]
        if "end_on" in changes:
            old = changes["end_on"][0]
            earlier.ends[network] = date.fromisoformat(old) if old else None
    return earlier


def published_before(choices: Iterable[tuple[str, Mapping[str, Any]]]) -> dict[tuple[int | None, str], int | None]:
    """The same for what was printed: the statement that counted on that day, by call (None: the programme) and subject. Pure."""
    return {(changes["call"], changes["subject"]): changes["reading"][0] for _, changes in choices}


def values_before(choices: Iterable[tuple[str, Mapping[str, Any]]]) -> dict[tuple[int, str, str], list[int]]:
    """The same for values of indicators: those that counted on that day, by network, indicator and basis. Pure."""
    return {
        (int(stream.rpartition(":")[2]), changes["label"], changes["basis"]): changes["reading"][0]
        for stream, changes in choices
    }
