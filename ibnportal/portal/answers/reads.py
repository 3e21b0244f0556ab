"""What sources said of networks, calls and their future, as of a date, and what several questions write alike."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache, reduce
from itertools import groupby
from operator import or_
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet
from django.urls import reverse

from calls.models import CallRules, PublishedFact
from ibnportal.core import clock
from ibnportal.core.ui import formats
from ibnportal.portal.answers.asking import Asked, NetworkLine, Read
from ibnportal.portal.answers.table import Behind, Column, Each, Value
from monitoring.domain.queries import report_due_on
from monitoring.enums import LIVE_NETWORK
from monitoring.models import AwardYear, FutureStatus, Network, NetworkFact

NETWORK = Column("network", "Netwerk")
CALL = Column("call", "Oproep")
UNKNOWN = "niet gepubliceerd"


def page_of(network: "Network | NetworkLine") -> str:
    """The public page of a network."""
    return page(network.code)


@lru_cache(maxsize=10_000)
def page(code: str) -> str:
    """The public page of the network with this code."""
    return reverse("portal:network", args=[code])


def written(value: Value) -> str:
    """A value as Dutch writes it."""
    if value is None:
        return "–"
    if isinstance(value, date):
        return formats.short_date(value)
    return formats.number(value) if isinstance(value, Decimal | int) else str(value)


def day_of(moment: datetime | None, *, until: datetime | None = None) -> date | None:
    """The day in Brussels of an instant, when there is one and it had come by `until`."""
    return clock.local(moment).date() if moment is not None and (until is None or moment <= until) else None


class Fact(NamedTuple):
    """What a source said of a network."""

    pk: int
    network_id: int
    attribute: str
    value: str
    number: Decimal | None
    source: str
    is_reading: bool
    note: str


def facts(networks: Iterable[int | NetworkLine], asked: Asked, *attributes: str) -> dict[int, list[Fact]]:
    """What the sources had said of these networks by the date, the reading first; one query."""
    every = stated(asked, *attributes)
    return {network: every[network] for network in _keys(networks) & every.keys()}


def stated(asked: Asked, *attributes: str) -> dict[int, list[Fact]]:
    """The same by the key of each network, also of one that did not exist on the date."""
    found: dict[int, list[Fact]] = defaultdict(list)
    earlier = asked.earlier().readings
    for fact in map(Fact._make, _said_of_networks.lines(asked, attributes)):
        chosen = (fact.network_id, fact.attribute)
        is_told = chosen in earlier
        found[fact.network_id].append(fact._replace(is_reading=fact.pk == earlier[chosen]) if is_told else fact)
    for network in {network for network, _ in earlier} & set(found):
        found[network].sort(key=lambda fact: (fact.attribute, not fact.is_reading, fact.source))
    return found


def _keys(networks: Iterable[int | NetworkLine]) -> set[int]:
    return {one if isinstance(one, int) else one.pk for one in networks}


@Read
def _said_of_networks(asked: Asked, attributes: tuple[str, ...]) -> "QuerySet[Any]":
    """Of all networks, or of those asked for: what sources said is little, and to send along the keys of thousands takes longer."""
    said = Q(stated_on__isnull=True) | Q(stated_on__lte=asked.as_of)
    rows = asked.of_asked(NetworkFact.objects.filter(said)).order_by("attribute", "-is_reading", "source")
    rows = rows.filter(attribute__in=attributes) if attributes else rows
    return rows.values_list(*Fact._fields)


def behind_facts(rows: Sequence[Fact]) -> Sequence[Behind]:
    """Each statement with its source."""
    return Each(rows, _behind_fact) if rows else ()


def _behind_fact(fact: Fact) -> Behind:
    return Behind(
        fact.attribute.replace("-", " ").capitalize(), fact.value, fact.source, "", fact.is_reading, fact.note
    )


class Printed(NamedTuple):
    """What a source said of a call (by its code) or of the programme."""

    pk: int
    subject: str
    label: str
    value: str
    number: Decimal | None
    source: str
    stated_on: date | None
    is_reading: bool
    note: str
    call_id: int | None
    call: str | None
    launched_on: date | None


_OF_PRINTED = (*Printed._fields[:-2], "call__code", "call__launched_on")


def behind_end(network: NetworkLine, facts: Sequence[Fact]) -> Sequence[Behind]:
    """What is behind the end of a network: what sources said of it, or else the network itself."""
    return behind_facts(facts) if facts or network.end_on is None else Each((network,), _behind_end)


def _behind_end(network: NetworkLine) -> Behind:
    return Behind("Einde", written(network.end_on), "Netwerk in het portaal", page_of(network))


def published(asked: Asked, *starts: str) -> list[Printed]:
    """What was said by the date about a call or the programme under subjects that start so, the reading first; one query an asking."""
    found: list[Printed] = asked.once(f"published {starts}", lambda: _published(asked, starts)) if starts else []
    return found


def _published(asked: Asked, starts: tuple[str, ...]) -> list[Printed]:
    found = [
        fact
        for fact in map(Printed._make, _said_of_calls.lines(asked, starts))
        if fact.launched_on is None or fact.launched_on <= asked.as_of
    ]
    earlier = asked.earlier_published()
    if not earlier:
        return found
    counted = [
        fact._replace(is_reading=fact.pk == earlier[about])
        if (about := (fact.call_id, fact.subject)) in earlier
        else fact
        for fact in found
    ]
    return [
        fact
        for _, beside in groupby(counted, key=lambda fact: (fact.call_id, fact.subject))
        for fact in sorted(beside, key=lambda fact: (not fact.is_reading, fact.source))
    ]


@Read
def _said_of_calls(asked: Asked, starts: tuple[str, ...]) -> "QuerySet[Any]":
    rows = PublishedFact.objects.filter(Q(stated_on__isnull=True) | Q(stated_on__lte=asked.as_of))
    rows = rows.filter(reduce(or_, (Q(subject__startswith=start) for start in starts)))
    if asked.call is not None:
        rows = rows.filter(Q(call=asked.call) | Q(call__isnull=True))
    return rows.order_by("call__year", "subject", "-is_reading", "source").values_list(*_OF_PRINTED)


def behind_published(fact: Printed) -> Behind:
    """The statement with its source."""
    return Behind(fact.label, fact.value, fact.source, "", fact.is_reading, fact.note)


class Future(NamedTuple):
    """What was known of the future of a network on a day."""

    network_id: int
    text: str
    source: str
    as_of: date


def futures(networks: Iterable[int | NetworkLine], asked: Asked) -> dict[int, Future]:
    """The newest that was known of each network's future on the date; one query."""
    about, said = _keys(networks), map(Future._make, _said_of_futures.lines(asked))
    return {future.network_id: future for future in said if future.network_id in about}


@Read
def _said_of_futures(asked: Asked) -> "QuerySet[Any]":
    rows = asked.of_asked(FutureStatus.objects.filter(as_of__lte=asked.as_of))
    return rows.order_by("as_of").values_list(*Future._fields)


def rules(asked: Asked, *columns: str) -> list[tuple[Any, ...]]:
    """(call, *columns) of each version of the rules of the calls of this asking, the oldest first; one query."""
    return _rules.lines(asked, columns)


@Read
def _rules(asked: Asked, columns: tuple[str, ...]) -> "QuerySet[Any]":
    of_calls = CallRules.objects.filter(call__in=asked.calls().order_by().values("pk"))
    return of_calls.order_by("call__year", "version").values_list("call_id", *columns)


def reporting_years(asked: Asked) -> list[tuple[AwardYear, date]]:
    """Project years that had begun by then with a report in the portal or one expected, each with its last day (MON-02).

    The first to be due comes first; two queries.
    """
    years: list[AwardYear] = _expected_years.all(asked)
    agreed = {year.network.agreement.rules_id for year in years if hasattr(year.network, "agreement")}
    of_calls = CallRules.objects.filter(pk__in=agreed).select_related("call") if agreed else ()
    frozen = {row.pk: row.frozen() for row in of_calls}

    def last_day(year: AwardYear) -> date:
        report = getattr(year, "report", None)
        day: date = (
            report.due_on if report is not None else report_due_on(year, frozen[year.network.agreement.rules_id])
        )
        return day

    found = [(year, last_day(year)) for year in years]
    return sorted(found, key=lambda pair: (pair[1], pair[0].network.code, pair[0].project_year))


@Read
def _expected_years(asked: Asked) -> "QuerySet[AwardYear]":
    runs = Q(network__state__in=LIVE_NETWORK, network__agreement__signed_at__lte=asked.until)
    begun = AwardYear.objects.filter(Q(report__isnull=False) | runs, starts_on__lte=asked.as_of)
    of_networks = begun.filter(network__in=asked.networks().order_by())
    return of_networks.select_related("network__call", "network__agreement", "report")
