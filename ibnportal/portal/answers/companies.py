"""Member companies as they were on a date: who, where, how old, how large, in which sector (HE-01 … HE-05, H-33).

A programme has ten times as many memberships as companies. Who counts asks for each company once with the networks that it is in
(`once_each`); who lists asks for the members of each network by name (`counted`). A company is classified only when somebody asks its size.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import chain
from typing import Any, NamedTuple, overload

from django.contrib.postgres.aggregates import ArrayAgg
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Count, Q, QuerySet

from calls.models import CallRules
from ibnportal.core import enterprise_numbers, nace
from ibnportal.core.places import Province, province_of
from ibnportal.portal.answers import asking, reads
from ibnportal.portal.answers.asking import Among, Asked, NetworkLine
from ibnportal.portal.answers.table import Behind, Each
from monitoring.domain.company_size import Bounds, Figures, Outcome, Tie, size_of
from monitoring.domain.members import COUNTING
from monitoring.enums import Independence, SizeClass
from monitoring.models import CompanyTie, Membership

_DAYS = {"founded_on"}
_NUMBERS = {"staff", "turnover", "balance_total"}
NOTHING = (None, "", Independence.UNKNOWN)


class Company(NamedTuple):
    """What was on record of a company on the date, under the size bounds of a call; `profile` None where nobody described it.

    Its figures are as the database wrote them: they become numbers when somebody asks the size.
    """

    pk: int
    name: str
    enterprise_number: str
    postcode: str
    profile: int | None
    founded_on: date | None
    nace: str
    independence: str
    staff: Decimal | str | None
    turnover: Decimal | str | None
    balance_total: Decimal | str | None
    ties: Sequence[Tie]
    rules: Bounds

    @property
    def outcome(self) -> Outcome:
        """The size class with its reason; UNKNOWN where nobody told enough."""
        if self.profile is None:
            return Outcome(SizeClass.UNKNOWN, "Er zijn geen cijfers van deze onderneming.")
        figures = (None if told is None else Decimal(told) for told in (self.staff, self.turnover, self.balance_total))
        return size_of(Figures(*figures), self.independence, self.ties, self.rules)

    @property
    def size(self) -> SizeClass:
        """The size class."""
        return self.outcome.size

    @property
    def province(self) -> Province | None:
        """Of the registered office."""
        return province_of(self.postcode)

    @property
    def section(self) -> tuple[str, str] | None:
        """Letter and name of the NACE section."""
        return nace.section_of(self.nace) if self.profile is not None else None

    def age_on(self, day: date) -> int | None:
        """Whole years between the founding and a day; None where nobody said, or before it."""
        founded = self.founded_on
        if founded is None or founded > day:
            return None
        return day.year - founded.year - ((day.month, day.day) < (founded.month, founded.day))


_TOLD = Company._fields.index("ties")
_PROFILE = Company._fields.index("profile")
"""Of a row: how much of it is on record of the company, and where the key of that record stands."""


class Once(NamedTuple):
    """A company, under the size bounds of the first of its networks by code, and the networks that it is a member of on the date."""

    company: Company
    networks: list[int]


class Member(NamedTuple):
    """One company in one network on the date."""

    network_id: int
    joined_on: date
    company: Company
    as_of: date

    @property
    def size(self) -> SizeClass:
        """Its size class."""
        return self.company.size

    @property
    def province(self) -> Province | None:
        """Of its registered office."""
        return self.company.province

    @property
    def section(self) -> tuple[str, str] | None:
        """Letter and name of its NACE section."""
        return self.company.section

    @property
    def age(self) -> int | None:
        """Whole years between the founding and the date."""
        return self.company.age_on(self.as_of)


class Listed(Sequence[Member]):
    """The members of one network by name; each is made a `Member` only when somebody opens the list."""

    def __init__(self, network_id: int, as_of: date) -> None:
        self._network_id, self._as_of = network_id, as_of
        self.companies: list[Company] = []
        self.since: list[date] = []

    def __len__(self) -> int:
        return len(self.companies)

    @overload
    def __getitem__(self, place: int) -> Member: ...
    @overload
    def __getitem__(self, place: slice) -> list[Member]: ...
    def __getitem__(self, place: int | slice) -> Member | list[Member]:
        if isinstance(place, slice):
            return [self[one] for one in range(*place.indices(len(self)))]
        return Member(self._network_id, self.since[place], self.companies[place], self._as_of)


SOURCE = "Ledenlijst in het portaal"


def opened(members: Sequence[Member]) -> Each:
    """These members as what is behind a count."""
    return Each(members, behind, source=SOURCE)


def behind(member: Member) -> Behind:
    """The membership as what is behind a count."""
    place = member.province.label if member.province else "provincie onbekend"
    outcome = member.company.outcome
    return Behind(
        f"{member.company.name} ({enterprise_numbers.format(member.company.enterprise_number)})",
        f"{outcome.size.label}, {place}, lid sinds {reads.written(member.joined_on)}",
        SOURCE,
        f"/organisaties/{member.company.pk}/",
        note=outcome.reason,
    )


def current(networks: Iterable[NetworkLine], asked: Asked) -> list[Member]:
    """Every paying member company on the date within the filters, by network and name; at most four queries."""
    return list(chain.from_iterable(counted(networks, asked).values()))


def counted(
    networks: Iterable[NetworkLine], asked: Asked, *, numbers: Collection[str] | None = None
) -> dict[int, Listed]:
    """The same by network, in the order of their codes; networks without a list are not in it. At most four queries.

    Only companies with one of these enterprise numbers, where they are given.
    """
    if numbers is not None and not numbers:
        return {}
    under = _Bounds(networks)
    first = ("joined_on", "pk")
    listed = {"own": ArrayAgg("network_id", order_by=first), "since": ArrayAgg("joined_on", order_by=first)}
    found = {network: Listed(network, asked.as_of) for network in under.place}
    for company, own, since in _told(under, asked, listed, order="ORDER BY o.name, o.id", numbers=numbers):
        known: dict[int, Company | None] = {}
        seen = set()
        for network, joined_on in zip(own, since, strict=True):
            if network in seen:
                continue
            seen.add(network)
            bounds = under.bounds[network]
            if bounds not in known:
                one = company._replace(rules=under.rules[bounds])
                known[bounds] = one if _fits(one, asked) else None
            if (fitting := known[bounds]) is not None:
                found[network].companies.append(fitting)
                found[network].since.append(joined_on)
    return {pk: members for pk, members in found.items() if members}


def once_each(networks: Iterable[NetworkLine], asked: Asked) -> list[Once]:
    """Every company that is a paying member on the date within the filters, in no order; at most four queries."""
    return list(_once_each(_Bounds(networks), asked))


def _once_each(under: "_Bounds", asked: Asked) -> Iterator[Once]:
    told = [tuple.__new__(Once, one) for one in _told(under, asked, {"own": ArrayAgg("network_id", distinct=True)})]
    if len(under.rules) == 1 and not _picks(asked):
        yield from told
        return
    for company, own in told:
        own.sort(key=under.place.__getitem__)
        of = {bounds: company._replace(rules=under.rules[bounds]) for bounds in {under.bounds[pk] for pk in own}}
        fits = {bounds for bounds, one in of.items() if _fits(one, asked)}
        fitting = [network for network in own if under.bounds[network] in fits]
        if fitting:
            yield Once(of[under.bounds[fitting[0]]], fitting)


def sizes_in(networks: Iterable[NetworkLine], asked: Asked) -> dict[int, Counter[SizeClass]]:
    """How many members of each size class every network with a list has, under the bounds of its call; at most four queries."""
    under = _Bounds(networks)
    found: dict[int, Counter[SizeClass]] = defaultdict(Counter)
    for company, own in _once_each(under, asked):
        size_under: dict[int, SizeClass] = {}
        for network in own:
            bounds = under.bounds[network]
            if bounds not in size_under:
                size_under[bounds] = company._replace(rules=under.rules[bounds]).size
            found[network][size_under[bounds]] += 1
    return found


def numbers(networks: Iterable[NetworkLine], asked: Asked) -> dict[int, int]:
    """How many companies are a paying member of each network on the date within the filters; where there are none, nothing."""
    if _picks(asked):
        return Counter(chain.from_iterable(one.networks for one in once_each(networks, asked)))
    return numbers_listed(networks, asked)


def numbers_listed(networks: Iterable[int | NetworkLine], asked: Asked) -> dict[int, int]:
    """The same of all companies, or of the one asked for; one query."""
    rows = _memberships(networks, asked).order_by().values("network_id")
    return dict(rows.annotate(number=Count("organisation_id", distinct=True)).values_list("network_id", "number"))


def listing(networks: Iterable[NetworkLine], asked: Asked) -> int:
    """How many of these networks have a paying member on the date."""
    return _memberships(networks, asked).order_by().values("network_id").distinct().count()


class _Bounds:
    """Networks in the order of their codes, and which size bounds each has: those of its call, numbered, each once.

    Calls that agree on the bounds need not classify a company again.
    """

    def __init__(self, networks: Iterable[NetworkLine]) -> None:
        kept = sorted(networks, key=lambda network: network.code)
        self.place = {network.pk: place for place, network in enumerate(kept)}
        by_call = _bounds_of({network.call_id for network in kept})
        self.rules = list(dict.fromkeys(by_call.values()))
        numbered = {bounds: number for number, bounds in enumerate(self.rules)}
        of_call = {call: numbered[bounds] for call, bounds in by_call.items()}
        self.bounds = {network.pk: of_call[network.call_id] for network in kept if network.call_id in of_call}


def _memberships(networks: Iterable[int | NetworkLine], asked: Asked) -> "QuerySet[Membership]":
    """What counts on the date; members that were made back from a printed number have no name, number or address."""
    keys = {one if isinstance(one, int) else one.pk for one in networks}
    # Of all networks PostgreSQL reads the memberships in one go, where it would look up those of each key.
    are_all = "networks" in asked.memory and 0 < len(keys) == asked.count_networks()
    of: Any = asked.networks().order_by().values("pk") if are_all else Among(keys)
    rows = Membership.objects.filter(
        Q(left_on__isnull=True) | Q(left_on__gte=asked.as_of), COUNTING, network__in=of, joined_on__lte=asked.as_of
    ).exclude(network__is_reconstructed=True, organisation__enterprise_number="")  # fmt: skip
    return rows.filter(organisation__enterprise_number=asked.company) if asked.company else rows


def _picks(asked: Asked) -> bool:
    """Whether only companies of a certain kind are asked for."""
    return bool(asked.province or asked.size or asked.sector)


def _fits(company: Company, asked: Asked) -> bool:
    return (
        (not asked.province or company.province == asked.province)
        and (not asked.size or company.size == asked.size)
        and (not asked.sector or (company.section is not None and company.section[0] == asked.sector))
    )


def _bounds_of(calls: set[int]) -> dict[int, Bounds]:
    """The bounds of the newest rules of each of these calls, by the order in which these were made."""
    rows = CallRules.objects.filter(call__in=Among(calls)).order_by("version", "pk")
    return {call: Bounds._make(bounds) for call, *bounds in rows.values_list("call_id", *Bounds._fields)}


def _told(
    under: _Bounds,
    asked: Asked,
    listed: Mapping[str, ArrayAgg],
    *,
    order: str = "",
    numbers: Collection[str] | None = None,
) -> list[tuple[Any, ...]]:
    """(company under the first bounds, lists of its memberships) of each member of these networks, as on record on the date.

    Only who wants them in an order gets their names and numbers: who counts needs none.

    Two or three queries.
    """
    rows = _memberships(under.place, asked)
    if numbers is not None:
        rows = rows.filter(organisation__enterprise_number__in=numbers)
    grouped = rows.order_by().values("organisation_id").annotate(**listed)
    try:
        chosen, values = grouped.values_list("organisation_id", *listed).query.sql_with_params()
    except EmptyResultSet:
        return []
    # Companies and memberships in one pass: two queries would look for the same memberships twice.
    sql = f"""
        SELECT o.id, {"o.name, o.enterprise_number" if order else "'', ''"}, o.postcode, p.id, p.founded_on, p.nace, p.independence, p.staff::text, p.turnover::text,
               p.balance_total::text, p.id IN (SELECT profile_id FROM monitoring_companytie), {", ".join(f"each.{name}" for name in listed)}
        FROM ({chosen}) AS each(organisation, {", ".join(listed)})
        JOIN accounts_organisation o ON o.id = each.organisation LEFT JOIN monitoring_companyprofile p ON p.organisation_id = o.id {order}
    """  # noqa: S608 - the text is Django's and ours, the values are parameters
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        found = cursor.fetchall()
    ties: dict[int | None, list[Tie]] = {row[_PROFILE]: [] for row in found if row[_TOLD]}
    for tie in CompanyTie.objects.filter(profile__in=ties).order_by("pk") if ties else ():
        ties[tie.profile_id].append(Tie(tie.fraction, Figures(tie.staff, tie.turnover, tie.balance_total)))
    earlier, rules = _unwound(asked), under.rules[0] if under.rules else None
    new, alone = tuple.__new__, ((), rules)  # twenty thousand times: `_make` takes half as long again
    told = [
        (new(Company, row[:_TOLD] + ((ties[row[_PROFILE]], rules) if row[_TOLD] else alone)), *row[_TOLD + 1 :])
        for row in found
    ]
    if not earlier:
        return told
    return [
        (company._replace(**earlier[company.pk]) if company.pk in earlier and company.profile else company, *lists)
        for company, *lists in told
    ]


def _unwound(asked: Asked) -> dict[int, dict[str, Any]]:
    """What was known of companies on the date where it changed since: the trail read backwards.

    What was told for the first time later counts backwards too: until then nobody had said anything else.
    """
    earlier: dict[int, dict[str, Any]] = defaultdict(dict)
    for stream, changes in asked.later(asking.DESCRIBED):
        pk = int(stream.rpartition(":")[2])
        for name, (old, _new) in changes.items():
            if old not in NOTHING and name in Company._fields:
                earlier[pk][name] = _as_value(name, old)
    return earlier


def _as_value(name: str, text: Any) -> Any:
    if name in _DAYS:
        return date.fromisoformat(str(text)[:10])
    return Decimal(str(text)) if name in _NUMBERS else text
