"""Reads that several questions share, each at a fixed number of queries, each as of a date."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache, partial, reduce
from itertools import chain, groupby
from operator import or_
from typing import Any, NamedTuple

from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Sum, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, ExtractYear
from django.urls import reverse

from applications.enums import ApplicationState
from applications.models import Application
from calls.models import CallRules, PublishedFact
from evaluation.enums import DecisionKind, DecisionOutcome
from evaluation.models import Decision, DecisionCondition
from ibnportal.core import clock
from ibnportal.core.statements import Day
from ibnportal.core.ui import formats
from ibnportal.portal.answers.asking import Among, Asked, NetworkLine, Read, among
from ibnportal.portal.answers.table import Behind, Each, Late, Value
from ibnportal.portal.history.facts import COOPERATIONS, MEMBERS
from monitoring.domain.queries import report_due_on
from monitoring.enums import LIVE_NETWORK, KpiBasis, ReportState
from monitoring.models import AwardYear, FutureStatus, KpiValue, Network, NetworkFact

UNKNOWN = "niet gepubliceerd"
INDICATORS = {"kpi1": MEMBERS, "kpi3": COOPERATIONS}


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


# ---------------------------------------------------------------- decisions

OF_DECISION: dict[str, str | Combinable] = {
    "decided_on": "decided_on", "decided_in": ExtractYear("decided_on"), "amount": "amount", "reason": "reason", "source": "source", "is_reconstructed": "is_reconstructed",
    "rules": "rules__version", "rules_reason": "rules__reason", "rate": "rules__grant_fraction", "published_above": "rules__award_published_above",
    "name": Coalesce("application__network__name", "application__title"), "subject": Coalesce("application__network__keywords", "application__keywords"),
    "start": Case(When(application__network__isnull=False, then="application__network__start_on"), default="application__start_on"),
    "dossier": "application_id", "call": "application__call__code", "call_key": "application__call_id", "call_name": "application__call__name",
    "call_body": "application__call__decision_body", "call_fund": "application__call__fund", "call_basis": "application__call__legal_basis",
    "applicant": "application__applicant__name", "requested": "application__requested_grant", "months": "application__person_months",
    **{name: f"application__{name}" for name in ("number", "title", "summary", "keywords", "sector", "technology_domain")},
    **{f"network_{name}": f"application__network__{name}" for name in ("pk", "code", "name", "end_on")},
    **{
        f"{who}_{name}": f"application__{whom}__{column}"
        for who, whom in (("applicant", "applicant"), ("beneficiary", "network__beneficiary"))
        for name, column in (("organisation", "name"), ("enterprise_number", "enterprise_number"), ("postcode", "postcode"), ("nace", "profile__nace"))
    },
}  # fmt: skip
"""What answers write of a decision on support, and where it stands; `name`, `subject` and `start` are those of its network, once there is one."""


def awards(asked: Asked, *columns: str) -> list[tuple[Any, ...]]:
    """What was awarded: as `decisions`."""
    return decisions(asked, DecisionOutcome.AWARDED, *columns)


def refusals(asked: Asked, *columns: str) -> list[tuple[Any, ...]]:
    """What was refused: as `decisions`."""
    return decisions(asked, DecisionOutcome.REJECTED, *columns)


def either(asked: Asked, *columns: str) -> list[tuple[DecisionOutcome, tuple[Any, ...]]]:
    """What was awarded and then what was refused, each line with its outcome: as `decisions`."""
    return [
        (outcome, line)
        for outcome in (DecisionOutcome.AWARDED, DecisionOutcome.REJECTED)
        for line in decisions(asked, outcome, *columns)
    ]


def decisions(
    asked: Asked,
    outcome: str,
    *columns: str,
    calls: frozenset[int] | None = None,
    since: date | None = None,
) -> list[tuple[Any, ...]]:
    """(key, *columns) of the decisions on support with this outcome that were public and stood on the date, by dossier; once an asking.

    All, or those of these calls; not those of which a source says that they were taken before `since`.

    One query with no more than a question writes of them (names of OF_DECISION): of thousands, all that could be written took three
    times as long. What is behind a line is read when somebody opens it: `behind`.
    """

    def read() -> list[tuple[Any, ...]]:
        of_calls = None if calls is None else tuple(sorted(calls))
        return _decided.lines(asked, DecisionOutcome(outcome), columns, of_calls, since and Day(since))

    found: list[tuple[Any, ...]] = asked.once(f"decisions {outcome} {columns} {calls} {since}", read)
    return found


@Read
def _decided(
    asked: Asked, outcome: DecisionOutcome, columns: tuple[str, ...], calls: tuple[int, ...] | None, since: date | None
) -> "QuerySet[Any]":
    rows = _standing(asked, outcome).order_by("application__call__year", "application__number")
    rows = rows if since is None else rows.filter(Q(decided_on__isnull=True) | Q(decided_on__gte=since))
    rows = rows if calls is None else rows.filter(application__call__in=calls)
    return rows.values_list("pk", *(OF_DECISION[name] for name in columns))


def awards_among(asked: Asked, keys: Iterable[int], *columns: str) -> list[tuple[Any, ...]]:
    """(key, *columns) of the awards with these keys: as `awards`, for who says something of a few."""
    return _awards_among.lines(asked, among(keys), columns)


@Read
def _awards_among(asked: Asked, keys: str, columns: tuple[str, ...]) -> "QuerySet[Any]":
    rows = _standing(asked, DecisionOutcome.AWARDED).filter(pk__in=Among(keys))
    in_order = rows.order_by("application__call__year", "application__number")
    return in_order.values_list("pk", *(OF_DECISION[name] for name in columns))


def awarded_amounts(asked: Asked) -> list[tuple[int, int | None, Decimal | None]]:
    """(key, network, amount) of what was awarded, in no order, for who adds up; one query, once an asking."""
    found: list[tuple[int, int | None, Decimal | None]] = asked.once("amounts", lambda: _amounts.lines(asked))
    return found


def amounts(asked: Asked) -> list[tuple[int, Decimal | None]]:
    """(key, amount) of the same, whose network nobody needs; one query."""
    return _bare_amounts.lines(asked)


@Read
def _bare_amounts(asked: Asked) -> "QuerySet[Any]":
    return _standing(asked, DecisionOutcome.AWARDED).order_by().values_list("pk", "amount")


@Read
def _amounts(asked: Asked) -> "QuerySet[Any]":
    rows = _standing(asked, DecisionOutcome.AWARDED).order_by()
    return rows.values_list("pk", "application__network__pk", "amount")


class Together(NamedTuple):
    """Decisions of one kind taken together: of what, how many, of how many the amount is known, and the sum of these."""

    of: Any
    number: int
    known: int
    amount: Decimal | None


def awarded_by(asked: Asked, column: str) -> list[Together]:
    """What was awarded, together by a column (a name of OF_DECISION); added up by the database."""
    return list(map(Together._make, _together.lines(asked, (column,))))


def behind_together(asked: Asked, column: str, one: Together) -> Sequence[Behind]:
    """What is behind one of `awarded_by`."""

    def keys() -> dict[Any, list[int]]:
        found = defaultdict(list)
        for pk, of in awards(asked, column):
            found[of].append(pk)
        return found

    def read() -> list[Behind]:
        every: dict[Any, list[int]] = asked.once(f"together by {column}", keys)
        return _opened(asked, DecisionOutcome.AWARDED, every[one.of])

    return Late(one.number, read)


@Read
def _together(asked: Asked, column: tuple[str]) -> "QuerySet[Any]":
    of = OF_DECISION[column[0]]
    rows = _standing(asked, DecisionOutcome.AWARDED).order_by().values(of=F(of) if isinstance(of, str) else of)
    summed = rows.annotate(number=Count("pk"), known=Count("amount"), whole=Sum("amount"))
    return summed.values_list("of", "number", "known", "whole")


def decided_calls(asked: Asked, calls: Collection[int]) -> set[int]:
    """Those of these calls in which a decision was public on the date; two queries, once an asking."""

    def read() -> set[int]:
        of_calls = tuple(sorted(calls))
        return {
            call
            for outcome in (DecisionOutcome.AWARDED, DecisionOutcome.REJECTED)
            for (call,) in _calls_decided.lines(asked, outcome, of_calls)
        }

    found: set[int] = asked.once(f"decided of {sorted(calls)}", read)
    return found


@Read
def _calls_decided(asked: Asked, outcome: DecisionOutcome, calls: tuple[int, ...]) -> "QuerySet[Any]":
    rows = _standing(asked, outcome).filter(application__call__in=calls).order_by()
    return rows.values_list("application__call").distinct()


def _standing(asked: Asked, outcome: str) -> "QuerySet[Decision]":
    released = Decision.objects.filter(kind=DecisionKind.SUPPORT, outcome=outcome, released_at__lte=asked.until)
    replaced = Decision.objects.filter(supersedes=OuterRef("pk"), released_at__lte=asked.until)
    rows = _of_seen_dossiers(released.exclude(Exists(replaced)), asked, outcome)
    return rows.filter(application__network__network_type=asked.network_type) if asked.network_type else rows


def _of_seen_dossiers(rows: "QuerySet[Decision]", asked: Asked, outcome: str) -> "QuerySet[Decision]":
    """Where everything is read, the dossiers are joined as they are: to choose them first reads each of ten thousand twice."""
    if asked.reader is not None or asked.is_public:
        dossiers = asked.awarded_applications() if outcome == DecisionOutcome.AWARDED else asked.applications()
        return rows.filter(application__in=dossiers.order_by())
    rows = rows.exclude(application__state=ApplicationState.P1_DRAFT)
    if asked.call is not None:
        rows = rows.filter(application__call=asked.call)
    return rows if asked.network is None else rows.filter(application__network=asked.network)


def awarded(asked: Asked) -> dict[int, Decimal | None]:
    """The amount of the standing award of each network, by its key; one query, once an asking."""
    return {network: amount for _, network, amount in awarded_amounts(asked) if network is not None}


def behind(asked: Asked, outcome: str, *decided: int) -> Sequence[Behind]:
    """These decisions as what is behind a figure; all of their outcome are read when somebody opens one of them, once an asking."""
    return Late(len(decided), partial(_opened, asked, outcome, decided))


def _opened(asked: Asked, outcome: str, decided: Sequence[int]) -> list[Behind]:
    columns = ("number", "network_code", "decided_on", "amount", "source")
    every: dict[int, Behind] = asked.once(
        f"behind {outcome}",
        lambda: {pk: _behind_decision(outcome, about) for pk, *about in decisions(asked, outcome, *columns)},
    )
    about = set(decided)
    return [one for pk, one in every.items() if pk in about] if len(about) > 1 else [every[pk] for pk in decided]


def _behind_decision(outcome: str, about: list[Any]) -> Behind:
    number, network, decided_on, amount, source = about
    when = f"beslist op {formats.short_date(decided_on)}" if decided_on else "dag niet gepubliceerd"
    said = UNKNOWN if amount is None else formats.euro(amount, cents=False)
    return Behind(
        f"{DecisionOutcome(outcome).label}, {number}",
        f"{said} ({when})" if outcome == DecisionOutcome.AWARDED else when,
        source or f"Beslissing in dossier {number}",
        page(network) if network is not None else "",
    )


def together(applicant: str, others: Sequence[tuple[str, str]] | None) -> str:
    """Who asked, several joined; `others` as `co_applicants` gives them."""
    return "; ".join([applicant, *(name for name, _ in others)]) if others else applicant


def co_applicants(asked: Asked) -> dict[int, list[tuple[str, str]]]:
    """(name, enterprise number) of those who asked with another, by the key of the dossier; one query an asking."""

    def read() -> dict[int, list[tuple[str, str]]]:
        others = defaultdict(list)
        for pk, name, number in _seen_co_applicants.lines(asked):
            others[pk].append((name, number))
        return others

    found: dict[int, list[tuple[str, str]]] = asked.once("co-applicants", read)
    return found


@Read
def _seen_co_applicants(asked: Asked) -> "QuerySet[Any]":
    seen = asked.awarded_applications().order_by().values("pk")
    rows = Application.co_applicants.through.objects.filter(application__in=seen)
    rows = rows.order_by("organisation__name", "organisation")
    return rows.values_list("application_id", "organisation__name", "organisation__enterprise_number")


def conditions(asked: Asked) -> dict[int, list[tuple[int, str, str]]]:
    """(key, topic, text) of the conditions of each decision by its key, those of the start first; one query an asking."""

    def read() -> dict[int, list[tuple[int, str, str]]]:
        kept: dict[int, list[tuple[int, str, str]]] = defaultdict(list)
        for decided, pk, topic, text in _seen_conditions.lines(asked):
            kept[decided].append((pk, topic, text))
        return dict(kept)

    found: dict[int, list[tuple[int, str, str]]] = asked.once("conditions", read)
    return found


@Read
def _seen_conditions(asked: Asked) -> "QuerySet[Any]":
    seen = asked.awarded_applications().order_by().values("pk")
    rows = DecisionCondition.objects.filter(decision__application__in=seen).order_by("-kind", "id")
    return rows.values_list("decision_id", "pk", "topic", "text")


# ---------------------------------------------------------------- facts with sources


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


# ---------------------------------------------------------------- indicators


class Said(NamedTuple):
    """One value of an indicator: what was told of it, by whom and as of when."""

    pk: int
    network_id: int
    label: str
    basis: str
    value: Decimal
    source: str
    as_of: date | None
    note: str
    project_year: int | None
    is_reading: bool


class First(NamedTuple):
    """As much of the value that counts as a row writes; its note and year only where they were asked for."""

    pk: int
    network_id: int
    basis: str
    value: Decimal
    note: str = ""
    project_year: int | None = None


class Indicator(NamedTuple):
    """The value that counts on the date, and how to read all that was said by then, where there is any."""

    chosen: First | Said | None
    read: Callable[[], Sequence[Said]] | None

    @property
    def value(self) -> Decimal | None:
        """The figure."""
        return self.chosen.value if self.chosen else None

    @property
    def basis(self) -> str:
        """`gemeld`, `berekend`, `streefwaarde` or `bij de start`."""
        return BASIS_WORDS[self.chosen.basis] if self.chosen else ""

    @property
    def behind(self) -> Sequence[Behind]:
        """Every value with its source; the one that counts is the reading."""
        return () if self.read is None else Each(Late(None, self.read), self._behind)

    def _behind(self, value: Said) -> Behind:
        return Behind(
            f"{value.label} ({BASIS_WORDS[value.basis]})",
            written(value.value),
            value.source + (f", stand op {formats.short_date(value.as_of)}" if value.as_of else ""),
            "",
            self.chosen is not None and value.pk == self.chosen.pk,
            value.note,
        )


BASIS_WORDS: dict[str, str] = {
    KpiBasis.REPORTED: "gemeld", KpiBasis.COMPUTED: "berekend", KpiBasis.TARGET: "streefwaarde",
    KpiBasis.AT_START: "bij de start",
}  # fmt: skip
COUNTED = (KpiBasis.REPORTED, KpiBasis.AT_START, KpiBasis.COMPUTED)
WITHOUT_TARGETS = (KpiBasis.REPORTED, KpiBasis.COMPUTED)
AS_TABLE_7 = (*WITHOUT_TARGETS, KpiBasis.TARGET)


READING = F("is_reading")


class Indicators:
    """An indicator of each network by its key, made when somebody looks at it; a network of which nothing was told has an empty one."""

    __slots__ = ("_chosen", "_read", "_told")

    def __init__(
        self, told: Mapping[int, First], order: tuple[str, ...], read: Callable[[int], Sequence[Said]]
    ) -> None:
        self._told, self._read = told, read
        self._chosen = {network: one for network, one in told.items() if one.basis in order}

    def __getitem__(self, network: int) -> Indicator:
        if network not in self._told:
            return NOTHING_SAID
        return Indicator(self._chosen.get(network), partial(self._read, network))

    def __bool__(self) -> bool:
        """Whether anything was told of any network."""
        return bool(self._told)

    def chosen(self, network: int) -> First | None:
        """What counts of this network."""
        return self._chosen.get(network)

    def known(self, networks: Iterable[NetworkLine]) -> list[NetworkLine]:
        """Those of these networks that have a figure."""
        return [one for one in networks if one.pk in self._chosen]

    def values(self, networks: Iterable[NetworkLine]) -> list[Decimal | None]:
        """The figure of each of these networks."""
        chosen = self._chosen
        return [chosen[one.pk].value if one.pk in chosen else None for one in networks]


NOTHING_SAID = Indicator(None, None)


def indicator(
    networks: Iterable[NetworkLine],
    asked: Asked,
    code: str,
    *,
    order: tuple[str, ...] = COUNTED,
    with_notes: bool = False,
) -> Indicators:
    """An indicator per network as it was known on the date; `order` says which basis comes before which. One query.

    The chosen reading counts, and where none was said yet, the newest there was. A report counts from its approval on.
    """
    kept = list(networks)
    about = {network.pk for network in kept}
    told = {one.network_id: one for one in _first_of(asked, code, order, with_notes=with_notes)}
    return Indicators({key: told[key] for key in about & told.keys()}, order, _every_value(asked, code, kept))


def reported(networks: Iterable[NetworkLine], asked: Asked, code: str) -> Indicators:
    """The same without targets: a network of which only a target stands has no value. One query."""
    kept = list(networks)
    about = {network.pk for network in kept}
    told = {network: one for network, one in first_reported(asked, code).items() if network in about}
    return Indicators(told, AS_TABLE_7, _every_value(asked, code, kept))


def first_reported(asked: Asked, code: str) -> dict[int, First]:
    """What counts of each network without targets, by key, also of a network that did not exist on the date; one query, once an asking."""
    first = _first_of(asked, code, AS_TABLE_7)
    return {one.network_id: one for one in first if one.basis in WITHOUT_TARGETS}


def _every_value(asked: Asked, code: str, networks: list[NetworkLine]) -> Callable[[int], Sequence[Said]]:
    def read(network: int) -> Sequence[Said]:
        every: dict[int, list[Said]] = asked.once(f"values of {code}", lambda: _values_of(code, networks, asked))
        return every[network]

    return read


def _first_of(asked: Asked, code: str, order: tuple[str, ...], *, with_notes: bool = False) -> list[First]:
    """What comes first of each network: of these bases, a reading, by their order, the newest; chosen by the database from thousands."""

    def read() -> list[First]:
        return [First(*line) for line in as_counted(_firsts, asked, (code,), tuple(map(str, order)), with_notes)]

    found: list[First] = asked.once(f"{order} of {code}, notes {with_notes}", read)
    return found


@Read
def _firsts(
    asked: Asked,
    code: tuple[str],
    order: tuple[str, ...],
    with_notes: bool,  # noqa: FBT001 - as a statement takes it
    *,
    counts: Combinable = READING,
) -> "QuerySet[Any]":
    place = Case(*(When(basis=basis, then=place) for place, basis in enumerate(order)), default=len(order))
    is_other = Case(When(basis__in=order, then=0), default=1)
    rows = asked.of_asked(_said(_of_code(*code), asked)).annotate(counts=counts)
    newest = (place, F("as_of").desc(nulls_first=True), "-pk")
    first = rows.order_by("network_id", is_other, "-counts", *newest).distinct("network_id")
    return first.values_list(*(First._fields if with_notes else First._fields[:4]))


def _of_code(code: str) -> Q:
    return Q(definition__code=code) | Q(label=INDICATORS.get(code, code))


def _values_of(code: str, networks: list[NetworkLine], asked: Asked) -> dict[int, list[Said]]:
    rows = defaultdict(list)
    for value in as_they_counted(_values(_of_code(code), networks, asked).order_by("as_of", "pk"), asked):
        rows[value.network_id].append(value)
    return rows


def labelled(networks: Iterable[NetworkLine], asked: Asked, *labels: str) -> dict[str, dict[int, Indicator]]:
    """The same of measures without a code, by label and network; one query for all of them."""
    kept = list(networks)
    rows = defaultdict(list)
    for value in as_they_counted(_values(Q(label__in=labels), kept, asked).order_by("as_of", "pk"), asked):
        rows[value.label, value.network_id].append(value)
    return {label: {one.pk: _of_all(rows[label, one.pk]) for one in kept} for label in labels}


def _of_all(values: list[Said]) -> Indicator:
    return Indicator(_chosen(values, COUNTED), lambda: values) if values else NOTHING_SAID


def as_they_counted(values: "QuerySet[KpiValue]", asked: Asked) -> list[Said]:
    """These values with the readings of the date, where another was chosen since."""
    return list(map(Said._make, values.annotate(counts=counts_on(asked)).values_list(*_OF_SAID)))


_OF_SAID = (*Said._fields[:-1], "counts")


def counts_on(asked: Asked) -> Combinable:
    """Whether a value was the reading on the date; what a report says is no matter of choice."""
    earlier = asked.earlier_values()
    if not earlier:
        return READING
    about = (Q(network=network, label=label, basis=basis) for network, label, basis in earlier)
    chosen_since = Q(report=None) & reduce(or_, about)
    return Case(
        When(chosen_since & Q(pk__in=list(chain(*earlier.values()))), then=True),
        When(chosen_since, then=False),
        default="is_reading",
    )


def as_counted(read: Read, asked: Asked, *choices: Any) -> list[tuple[Any, ...]]:
    """The lines of a read that takes what `counts`, by the readings of the date: where others were chosen since, its text is made anew."""
    if asked.earlier_values():
        return list(read.query(asked, *choices, counts=counts_on(asked)))
    return read.lines(asked, *choices)


def sql_as_counted(read: Read, asked: Asked) -> tuple[str, tuple[Any, ...]]:
    """The same as text and parameters, to stand within another."""
    if asked.earlier_values():
        return read.query(asked, counts=counts_on(asked)).query.sql_with_params()
    return read.sql(asked)


def _values(which: Q, networks: list[NetworkLine], asked: Asked) -> "QuerySet[KpiValue]":
    return _said(which, asked).filter(network__in=Among(networks))


def _said(which: Q, asked: Asked) -> "QuerySet[KpiValue]":
    said = Q(as_of__isnull=True) | Q(as_of__lte=asked.as_of)
    approved = Q(report__isnull=True) | Q(report__state=ReportState.APPROVED, report__approved_at__lte=asked.until)
    return KpiValue.objects.filter(which, said, approved)


def _chosen(values: list[Said], order: tuple[str, ...]) -> Said | None:
    """The newest reading by the order of the bases; where no reading was said yet, the newest of what there was."""
    for kept in ([value for value in values if value.is_reading], values):
        for basis in order:
            of_basis = [value for value in kept if value.basis == basis]
            if of_basis:
                return of_basis[-1]
    return None


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
