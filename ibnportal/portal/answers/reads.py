"""Reads that several questions share, each at a fixed number of queries, each as of a date."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet, prefetch_related_objects
from django.urls import reverse

from applications.models import Application
from calls.models import Call, CallRules, PublishedFact
from evaluation.enums import DecisionKind, DecisionOutcome
from evaluation.models import Decision, DecisionCondition
from ibnportal.core import clock
from ibnportal.core.ui import formats
from ibnportal.portal.answers.asking import Asked, NetworkLine
from ibnportal.portal.answers.table import Behind, Value
from ibnportal.portal.history.facts import COOPERATIONS, MEMBERS
from monitoring.domain.queries import report_due_on
from monitoring.enums import LIVE_NETWORK, KpiBasis, ReportState
from monitoring.models import AwardYear, FutureStatus, KpiValue, Network, NetworkFact

UNKNOWN = "niet gepubliceerd"
INDICATORS = {"kpi1": MEMBERS, "kpi3": COOPERATIONS}


def page_of(network: "Network | NetworkLine | DecidedNetwork") -> str:
    """The public page of a network."""
    return _page_of(network.code)


@lru_cache(maxsize=10_000)
def _page_of(code: str) -> str:
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


READ_RULES = {"id", "call", "version", "reason", "grant_fraction", "award_published_above"}
_UNREAD_RULES = [
    one.name
    for one in CallRules._meta.concrete_fields  # noqa: SLF001 - Django's documented Meta API
    if one.name not in READ_RULES
]
"""The rules of a call have a hundred columns, of which answers read these."""


# ---------------------------------------------------------------- decisions


class DecidedNetwork(NamedTuple):
    """The network that came of a dossier."""

    pk: int
    code: str
    name: str
    keywords: str
    start_on: date | None
    end_on: date | None


class Dossier(NamedTuple):
    """What answers say of a dossier that was decided on; `call` is one object for all of its dossiers."""

    pk: int
    number: str
    title: str
    summary: str
    keywords: str
    sector: str
    technology_domain: str
    requested_grant: Decimal | None
    person_months: Decimal | None
    start_on: date | None
    applicant: str
    call: Call
    network: DecidedNetwork | None


class Decided(NamedTuple):
    """A decision on support as answers read it, a line of values: of thousands, making objects took three times as long as reading."""

    pk: int
    outcome: str
    reason: str
    decided_on: date | None
    amount: Decimal | None
    is_reconstructed: bool
    source: str
    rules: CallRules
    application: Dossier


_OF_DECISION = (*Decided._fields[:-2], "rules_id")
_OF_DOSSIER = (*Dossier._fields[:-3], "applicant__name", "call_id")
_COLUMNS = (
    *_OF_DECISION, *(f"application__{name}" for name in _OF_DOSSIER), *(f"application__network__{name}" for name in DecidedNetwork._fields),
)  # fmt: skip


def decisions(asked: Asked, outcome: str) -> list[Decided]:
    """The decisions on support with this outcome that were public and stood on the date, by dossier; once an asking.

    Two queries, with call and rules (which few decisions have of their own) shared. Whoever needs their co-applicants or
    conditions asks for these apart: `applicants`, `conditions`.
    """
    found: list[Decided] = asked.once(f"decisions {outcome}", lambda: _decisions(asked, outcome))
    return found


def _decisions(asked: Asked, outcome: str) -> list[Decided]:
    rules = _rules(asked)
    calls = {one.call_id: one.call for one in rules.values()}  # a call without rules has decided nothing
    ends = asked.earlier().ends
    first, second = len(_OF_DECISION), len(_OF_DECISION) + len(_OF_DOSSIER)
    found = []
    rows = _standing(asked, outcome).order_by("application__call__year", "application__number")
    for row in rows.values_list(*_COLUMNS):
        network = DecidedNetwork._make(row[second:]) if row[second] is not None else None
        if network is not None and network.pk in ends:
            network = network._replace(end_on=ends[network.pk])
        dossier = Dossier._make((*row[first : second - 1], calls[row[second - 1]], network))
        found.append(Decided._make((*row[: first - 1], rules[row[first - 1]], dossier)))
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


def _rules(asked: Asked) -> dict[int, CallRules]:
    """Each version of the rules of a call, with its call, by its key; one query an asking."""
    found: dict[int, CallRules] = asked.once(
        "rules",
        lambda: {one.pk: one for one in CallRules.objects.select_related("call").defer(*_UNREAD_RULES)},
    )
    return found


def awards(asked: Asked) -> list[Decided]:
    """What was awarded."""
    return decisions(asked, DecisionOutcome.AWARDED)


def awards_with_companies(asked: Asked) -> list[Decision]:
    """The same as objects with applicant, beneficiary and what is known of these companies; at most five queries, once an asking."""

    def read() -> list[Decision]:
        rows = _standing(asked, DecisionOutcome.AWARDED).select_related(
            "application__applicant", "application__network"
        )
        found = list(rows.order_by("application__call__year", "application__number"))
        rules = _rules(asked)
        for decision in found:
            decision.rules = rules[decision.rules_id]
            decision.application.call = decision.rules.call
        prefetch_related_objects(found, "application__applicant__profile", "application__network__beneficiary__profile")
        return found

    found: list[Decision] = asked.once("awards with companies", read)
    return found


def refusals(asked: Asked) -> list[Decided]:
    """What was refused."""
    return decisions(asked, DecisionOutcome.REJECTED)


def amounts(asked: Asked) -> dict[int, Decided]:
    """The standing award of each network, by its key; two queries."""
    return {
        decision.application.network.pk: decision
        for decision in awards(asked)
        if decision.application.network is not None
    }


def awarded(asked: Asked) -> dict[int, Decimal | None]:
    """The amount of the standing award of each network, by its key, and nothing else of it; one query, once an asking."""

    def read() -> dict[int, Decimal | None]:
        rows = _standing(asked, DecisionOutcome.AWARDED).filter(application__network__isnull=False).order_by()
        return dict(rows.values_list("application__network", "amount"))

    found: dict[int, Decimal | None] = asked.once("awarded", read)
    return found


def applicants(asked: Asked, decision: Decided) -> str:
    """Who asked, several joined."""
    application = decision.application
    return "; ".join([application.applicant, *(name for name, _ in co_applicants(asked).get(application.pk, ()))])


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


def conditions(asked: Asked, decision: Decided) -> list[DecisionCondition]:
    """The conditions of a decision, those of the start first; one query an asking."""

    def read() -> dict[int, list[DecisionCondition]]:
        kept = defaultdict(list)
        seen = asked.awarded_applications().order_by().values("pk")
        for condition in DecisionCondition.objects.filter(decision__application__in=seen).order_by("-kind", "id"):
            kept[condition.decision_id].append(condition)
        return kept

    found: dict[int, list[DecisionCondition]] = asked.once("conditions", read)
    return found.get(decision.pk, [])


def behind_decision(decision: Decided | Decision) -> Behind:
    """The decision itself as what is behind a figure."""
    application = decision.application
    network = getattr(application, "network", None)
    when = f"beslist op {formats.short_date(decision.decided_on)}" if decision.decided_on else "dag niet gepubliceerd"
    amount = UNKNOWN if decision.amount is None else formats.euro(decision.amount, cents=False)
    return Behind(
        f"{DecisionOutcome(decision.outcome).label}, {application.number}",
        f"{amount} ({when})" if decision.outcome == DecisionOutcome.AWARDED else when,
        decision.source or f"Beslissing in dossier {application.number}",
        page_of(network) if network is not None else "",
    )


# ---------------------------------------------------------------- facts with sources


def facts(networks: Iterable[Network | DecidedNetwork], asked: Asked, *attributes: str) -> dict[int, list[NetworkFact]]:
    """What the sources had said by the date, per network, the reading first; one query."""
    said = Q(stated_on__isnull=True) | Q(stated_on__lte=asked.as_of)
    found: dict[int, list[NetworkFact]] = defaultdict(list)
    rows = NetworkFact.objects.filter(said, network__in=[network.pk for network in networks])
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


def behind_facts(rows: Iterable[NetworkFact]) -> tuple[Behind, ...]:
    """Each statement with its source."""
    return tuple(
        Behind(fact.attribute.replace("-", " ").capitalize(), fact.value, fact.source, "", fact.is_reading, fact.note)
        for fact in rows
    )


def published(asked: Asked, *starts: str) -> list[PublishedFact]:
    """What was said by the date about a call or the programme under subjects that start so, the reading first; all are read once an asking."""
    every: list[PublishedFact] = asked.once("published", lambda: _published(asked))
    return [fact for fact in every if fact.subject.startswith(starts)]


def _published(asked: Asked) -> list[PublishedFact]:
    said = Q(stated_on__isnull=True) | Q(stated_on__lte=asked.as_of)
    rows = PublishedFact.objects.filter(said).select_related("call")
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


def futures(networks: Iterable[Network | DecidedNetwork], asked: Asked) -> dict[int, FutureStatus]:
    """The newest that was known of each network's future on the date; one query."""
    rows = FutureStatus.objects.filter(network__in=[network.pk for network in networks], as_of__lte=asked.as_of)
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
    report_id: int | None
    is_reading: bool


@dataclass(frozen=True, slots=True)
class Indicator:
    """The value that counts on the date, and all that was said by then."""

    chosen: Said | None
    values: tuple[Said, ...]

    @property
    def value(self) -> Decimal | None:
        """The figure."""
        return self.chosen.value if self.chosen else None

    @property
    def basis(self) -> str:
        """`gemeld`, `berekend`, `streefwaarde` or `bij de start`."""
        return BASIS_WORDS[self.chosen.basis] if self.chosen else ""

    @property
    def behind(self) -> tuple[Behind, ...]:
        """Every value with its source; the one that counts is the reading."""
        return tuple(
            Behind(
                f"{value.label} ({BASIS_WORDS[value.basis]})",
                written(value.value),
                value.source + (f", stand op {formats.short_date(value.as_of)}" if value.as_of else ""),
                "",
                value == self.chosen,
                value.note,
            )
            for value in self.values
        )


BASIS_WORDS: dict[str, str] = {
    KpiBasis.REPORTED: "gemeld", KpiBasis.COMPUTED: "berekend", KpiBasis.TARGET: "streefwaarde",
    KpiBasis.AT_START: "bij de start",
}  # fmt: skip
COUNTED = (KpiBasis.REPORTED, KpiBasis.AT_START, KpiBasis.COMPUTED)
AS_TABLE_7 = (KpiBasis.REPORTED, KpiBasis.COMPUTED, KpiBasis.TARGET)


def indicator(
    networks: Iterable[Network | NetworkLine], asked: Asked, code: str, *, order: tuple[str, ...] = COUNTED
) -> dict[int, Indicator]:
    """An indicator per network as it was known on the date; `order` says which basis comes before which. One query.

    The chosen reading counts, and where none was said yet, the newest there was. A report counts from its approval on.
    """
    kept = list(networks)
    rows: dict[int, list[Said]] = asked.once(
        f"values of {code} {hash(tuple(one.pk for one in kept))}", lambda: _values_of(code, kept, asked)
    )
    return {network.pk: Indicator(_chosen(rows[network.pk], order), tuple(rows[network.pk])) for network in kept}


def _values_of(code: str, networks: list[Network | NetworkLine], asked: Asked) -> dict[int, list[Said]]:
    rows = defaultdict(list)
    for value in _values(Q(definition__code=code) | Q(label=INDICATORS.get(code, code)), networks, asked):
        rows[value.network_id].append(value)
    return rows


def labelled(networks: Iterable[Network | NetworkLine], asked: Asked, *labels: str) -> dict[str, dict[int, Indicator]]:
    """The same of measures without a code, by label and network; one query for all of them."""
    kept = list(networks)
    rows = defaultdict(list)
    for value in _values(Q(label__in=labels), kept, asked):
        rows[value.label, value.network_id].append(value)
    return {
        label: {one.pk: Indicator(_chosen(rows[label, one.pk], COUNTED), tuple(rows[label, one.pk])) for one in kept}
        for label in labels
    }


def as_they_counted(values: "QuerySet[KpiValue]", asked: Asked) -> list[Said]:
    """These values with the readings of the date, where another was chosen since."""
    found = list(map(Said._make, values.values_list(*Said._fields)))
    earlier = asked.earlier_values()
    if not earlier:
        return found

    def then(one: Said) -> bool:
        about = (one.network_id, one.label, one.basis)
        return one.pk in earlier[about] if about in earlier and one.report_id is None else one.is_reading

    return [one._replace(is_reading=then(one)) for one in found]


def _values(which: Q, networks: list[Network | NetworkLine], asked: Asked) -> list[Said]:
    said = Q(as_of__isnull=True) | Q(as_of__lte=asked.as_of)
    approved = Q(report__isnull=True) | Q(report__state=ReportState.APPROVED, report__approved_at__lte=asked.until)
    rows = KpiValue.objects.filter(which, said, approved, network__in=[network.pk for network in networks])
    return as_they_counted(rows.order_by("as_of", "pk"), asked)


def _chosen(values: list[Said], order: tuple[str, ...]) -> Said | None:
    """The newest reading by the order of the bases; where no reading was said yet, the newest of what there was."""
    for kept in ([value for value in values if value.is_reading], values):
        for basis in order:
            of_basis = [value for value in kept if value.basis == basis]
            if of_basis:
                return of_basis[-1]
    return None


def reported(networks: Iterable[Network | NetworkLine], asked: Asked, code: str) -> dict[int, Indicator]:
    """The same without targets: a network of which only a target stands has no value. One query."""
    found = indicator(networks, asked, code, order=AS_TABLE_7)
    nothing = Indicator(None, ())
    return {
        pk: nothing if one.chosen is not None and one.chosen.basis == KpiBasis.TARGET else one
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
