"""Reads that several questions share, each at a fixed number of queries, each as of a date."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache, partial, reduce
from itertools import chain, groupby
from operator import or_
from typing import Any, NamedTuple

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.urls import reverse

from applications.models import Application
from calls.models import CallRules, PublishedFact
from evaluation.enums import DecisionKind, DecisionOutcome
from evaluation.models import Decision, DecisionCondition
from ibnportal.core import clock
from ibnportal.core.ui import formats
from ibnportal.portal.answers.asking import Among, Asked, NetworkLine
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
    "decided_on": "decided_on", "amount": "amount", "reason": "reason", "source": "source", "is_reconstructed": "is_reconstructed",
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


def decisions(asked: Asked, outcome: str, *columns: str, calls: frozenset[int] | None = None) -> list[tuple[Any, ...]]:
    """(key, *columns) of the decisions on support with this outcome that were public and stood on the date, by dossier; once an asking.

    All, or those of these calls.

    One query with no more than a question writes of them (names of OF_DECISION): of thousands, all that could be written took three
    times as long. What is behind a line is read when somebody opens it: `behind`.
    """

    def read() -> list[tuple[Any, ...]]:
        rows = _standing(asked, outcome).order_by("application__call__year", "application__number")
        rows = rows if calls is None else rows.filter(application__call__in=calls)
        return list(rows.values_list("pk", *(OF_DECISION[name] for name in columns)))

    found: list[tuple[Any, ...]] = asked.once(f"decisions {outcome} {columns} {calls}", read)
    return found


def decided_calls(asked: Asked, calls: Collection[int]) -> set[int]:
    """Those of these calls in which a decision was public on the date; two queries, once an asking."""

    def read() -> set[int]:
        awarded, refused = (
            _standing(asked, outcome).filter(application__call__in=calls).order_by().values_list("application__call")
            for outcome in (DecisionOutcome.AWARDED, DecisionOutcome.REJECTED)
        )
        return {call for (call,) in (*awarded.distinct(), *refused.distinct())}

    found: set[int] = asked.once(f"decided of {sorted(calls)}", read)
    return found


def _standing(asked: Asked, outcome: str) -> "QuerySet[Decision]":
    dossiers = asked.awarded_applications() if outcome == DecisionOutcome.AWARDED else asked.applications()
    rows = Decision.objects.filter(
        kind=DecisionKind.SUPPORT,
        outcome=outcome,
        released_at__lte=asked.until,
        application__in=dossiers.order_by(),
    ).exclude(Exists(Decision.objects.filter(supersedes=OuterRef("pk"), released_at__lte=asked.until)))
    return rows.filter(application__network__network_type=asked.network_type) if asked.network_type else rows


def awarded(asked: Asked) -> dict[int, Decimal | None]:
    """The amount of the standing award of each network, by its key; one query, once an asking."""
    return {network: amount for _, network, amount in awards(asked, "network_pk", "amount") if network is not None}


def behind(asked: Asked, outcome: str, *decided: int) -> Sequence[Behind]:
    """These decisions as what is behind a figure; all of their outcome are read when somebody opens one of them, once an asking."""
    return Late(len(decided), partial(_opened, asked, outcome, decided))


def _opened(asked: Asked, outcome: str, decided: Sequence[int]) -> list[Behind]:
    columns = ("number", "network_code", "decided_on", "amount", "source")
    every: dict[int, Behind] = asked.once(
        f"behind {outcome}",
        lambda: {pk: _behind_decision(outcome, about) for pk, *about in decisions(asked, outcome, *columns)},
    )
    return [every[pk] for pk in decided]


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
        seen = asked.awarded_applications().order_by().values("pk")
        rows = Application.co_applicants.through.objects.filter(application__in=seen)
        rows = rows.order_by("organisation__name", "organisation")
        for pk, name, number in rows.values_list(
            "application_id", "organisation__name", "organisation__enterprise_number"
        ):
            others[pk].append((name, number))
        return others

    found: dict[int, list[tuple[str, str]]] = asked.once("co-applicants", read)
    return found


def conditions(asked: Asked) -> dict[int, list[tuple[int, str, str]]]:
    """(key, topic, text) of the conditions of each decision by its key, those of the start first; one query an asking."""

    def read() -> dict[int, list[tuple[int, str, str]]]:
        kept: dict[int, list[tuple[int, str, str]]] = defaultdict(list)
        seen = asked.awarded_applications().order_by().values("pk")
        rows = DecisionCondition.objects.filter(decision__application__in=seen).order_by("-kind", "id")
        for decided, pk, topic, text in rows.values_list("decision_id", "pk", "topic", "text"):
            kept[decided].append((pk, topic, text))
        return dict(kept)

    found: dict[int, list[tuple[int, str, str]]] = asked.once("conditions", read)
    return found


# ---------------------------------------------------------------- facts with sources


def facts(networks: Iterable[int | NetworkLine], asked: Asked, *attributes: str) -> dict[int, list[NetworkFact]]:
    """What the sources had said by the date, per network, the reading first; one query."""
    said = Q(stated_on__isnull=True) | Q(stated_on__lte=asked.as_of)
    found: dict[int, list[NetworkFact]] = defaultdict(list)
    rows = NetworkFact.objects.filter(said, network__in=Among(networks))
    if attributes:
        rows = rows.filter(attribute__in=attributes)
    earlier = asked.earlier().readings
    for fact in rows.order_by("attribute", "-is_reading", "source"):
        chosen = (fact.network_id, fact.attribute)
        if chosen in earlier:
            fact.is_reading = fact.pk == earlier[chosen]
        found[fact.network_id].append(fact)
    for network in {network for network, _ in earlier} & set(found):
        found[network].sort(key=lambda fact: (fact.attribute, not fact.is_reading, fact.source))
    return found


def behind_facts(rows: Sequence[NetworkFact]) -> Sequence[Behind]:
    """Each statement with its source."""
    return Each(rows, _behind_fact) if rows else ()


def _behind_fact(fact: NetworkFact) -> Behind:
    return Behind(
        fact.attribute.replace("-", " ").capitalize(), fact.value, fact.source, "", fact.is_reading, fact.note
    )


def published(asked: Asked, *starts: str) -> list[PublishedFact]:
    """What was said by the date about a call or the programme under subjects that start so, the reading first; all are read once an asking."""
    every: list[PublishedFact] = asked.once("published", lambda: _published(asked))
    return [fact for fact in every if fact.subject.startswith(starts)]


_OF_PUBLISHED = (
    "subject", "label", "value", "number", "source", "stated_on", "is_reading", "note", "call__code", "call__launched_on",
)  # fmt: skip


def _published(asked: Asked) -> list[PublishedFact]:
    said = Q(stated_on__isnull=True) | Q(stated_on__lte=asked.as_of)
    rows = PublishedFact.objects.filter(said).select_related("call").only(*_OF_PUBLISHED)
    if asked.call is not None:
        rows = rows.filter(Q(call=asked.call) | Q(call__isnull=True))
    found = [
        fact
        for fact in rows.order_by("call__year", "subject", "-is_reading", "source")
        if fact.call is None or fact.call.launched_on is None or fact.call.launched_on <= asked.as_of
    ]
    earlier = asked.earlier_published()
    if not earlier:
        return found
    for fact in found:
        if (fact.call_id, fact.subject) in earlier:
            fact.is_reading = fact.pk == earlier[fact.call_id, fact.subject]
    return [
        fact
        for _, beside in groupby(found, key=lambda fact: (fact.call_id, fact.subject))
        for fact in sorted(beside, key=lambda fact: (not fact.is_reading, fact.source))
    ]


def behind_published(fact: PublishedFact) -> Behind:
    """The statement with its source."""
    return Behind(fact.label, fact.value, fact.source, "", fact.is_reading, fact.note)


def futures(networks: Iterable[int | NetworkLine], asked: Asked) -> dict[int, FutureStatus]:
    """The newest that was known of each network's future on the date; one query."""
    rows = FutureStatus.objects.filter(network__in=Among(networks), as_of__lte=asked.as_of)
    return {future.network_id: future for future in rows.order_by("as_of")}


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
    """As much of the value that counts as a row writes."""

    pk: int
    network_id: int
    basis: str
    value: Decimal
    note: str
    project_year: int | None


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
AS_TABLE_7 = (KpiBasis.REPORTED, KpiBasis.COMPUTED, KpiBasis.TARGET)


def indicator(
    networks: Iterable[NetworkLine], asked: Asked, code: str, *, order: tuple[str, ...] = COUNTED
) -> dict[int, Indicator]:
    """An indicator per network as it was known on the date; `order` says which basis comes before which. One query.

    The chosen reading counts, and where none was said yet, the newest there was. A report counts from its approval on.
    """
    kept = list(networks)
    name = f"{code} {hash(tuple(one.pk for one in kept))}"
    first: dict[int, First] = asked.once(f"{order} of {name}", lambda: _first_of(code, kept, asked, order))

    def read(network: int) -> Sequence[Said]:
        every: dict[int, list[Said]] = asked.once(f"values of {name}", lambda: _values_of(code, kept, asked))
        return every[network]

    told = {pk: Indicator(one if one.basis in order else None, partial(read, pk)) for pk, one in first.items()}
    return {network.pk: told.get(network.pk, NOTHING_SAID) for network in kept}


NOTHING_SAID = Indicator(None, None)


def _first_of(code: str, networks: list[NetworkLine], asked: Asked, order: tuple[str, ...]) -> dict[int, First]:
    """What comes first of each network: of these bases, a reading, by their order, the newest; chosen by the database from thousands."""
    place = Case(*(When(basis=basis, then=place) for place, basis in enumerate(order)), default=len(order))
    is_other = Case(When(basis__in=order, then=0), default=1)
    rows = _values(_of_code(code), networks, asked).annotate(counts=counts_on(asked))
    first = rows.order_by("network_id", is_other, "-counts", place, F("as_of").desc(nulls_first=True), "-pk").distinct(
        "network_id"
    )
    return {one.network_id: one for one in map(First._make, first.values_list(*First._fields))}


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
        return F("is_reading")
    about = (Q(network=network, label=label, basis=basis) for network, label, basis in earlier)
    chosen_since = Q(report=None) & reduce(or_, about)
    return Case(
        When(chosen_since & Q(pk__in=list(chain(*earlier.values()))), then=True),
        When(chosen_since, then=False),
        default="is_reading",
    )


def _values(which: Q, networks: list[NetworkLine], asked: Asked) -> "QuerySet[KpiValue]":
    said = Q(as_of__isnull=True) | Q(as_of__lte=asked.as_of)
    approved = Q(report__isnull=True) | Q(report__state=ReportState.APPROVED, report__approved_at__lte=asked.until)
    return KpiValue.objects.filter(which, said, approved, network__in=Among(networks))


def _chosen(values: list[Said], order: tuple[str, ...]) -> Said | None:
    """The newest reading by the order of the bases; where no reading was said yet, the newest of what there was."""
    for kept in ([value for value in values if value.is_reading], values):
        for basis in order:
            of_basis = [value for value in kept if value.basis == basis]
            if of_basis:
                return of_basis[-1]
    return None


def reported(networks: Iterable[NetworkLine], asked: Asked, code: str) -> dict[int, Indicator]:
    """The same without targets: a network of which only a target stands has no value. One query."""
    found = indicator(networks, asked, code, order=AS_TABLE_7)
    return {
        pk: NOTHING_SAID if one.chosen is not None and one.chosen.basis == KpiBasis.TARGET else one
        for pk, one in found.items()
    }


def reporting_years(asked: Asked) -> list[tuple[AwardYear, date]]:
    """Project years that had begun by then with a report in the portal or one expected, each with its last day (MON-02).

    The first to be due comes first; two queries.
    """
    is_expected = Q(report__isnull=False) | Q(
        network__state__in=LIVE_NETWORK, network__agreement__signed_at__lte=asked.until
    )
    years = list(
        AwardYear.objects.filter(
            is_expected, network__in=asked.networks().order_by(), starts_on__lte=asked.as_of
        ).select_related("network__call", "network__agreement", "report")
    )
    agreed = {year.network.agreement.rules_id for year in years if hasattr(year.network, "agreement")}
    rules = {row.pk: row.frozen() for row in CallRules.objects.filter(pk__in=agreed).select_related("call")}

    def last_day(year: AwardYear) -> date:
        report = getattr(year, "report", None)
        day: date = report.due_on if report is not None else report_due_on(year, rules[year.network.agreement.rules_id])
        return day

    found = [(year, last_day(year)) for year in years]
    return sorted(found, key=lambda pair: (pair[1], pair[0].network.code, pair[0].project_year))
