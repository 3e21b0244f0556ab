"""Member companies as they were on a date: who, where, how old, how large, in which sector (HE-01 … HE-05, H-33).

A programme has ten times as many memberships as companies: a company is read once, memberships come as two lists each, and a
company is classified only when somebody asks its size.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from functools import cached_property
from itertools import chain
from typing import Any, NamedTuple, overload

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Exists, OuterRef, Q, QuerySet

from calls.models import CallRules
from calls.ruleset import Rules
from ibnportal.core import enterprise_numbers, nace
from ibnportal.core.accounts.models import Organisation
from ibnportal.core.places import Province, province_of
from ibnportal.portal.answers import asking, reads
from ibnportal.portal.answers.asking import Asked
from ibnportal.portal.answers.table import Behind
from monitoring.domain.company_size import Figures, Outcome, Tie, size_of
from monitoring.domain.members import COUNTING
from monitoring.enums import Independence, SizeClass
from monitoring.models import CompanyTie, Membership, Network

_DAYS = {"founded_on"}
_NUMBERS = {"staff", "turnover", "balance_total"}
_BOUNDS = tuple(one.name for one in fields(Rules) if one.name.startswith("size_"))
"""The rules that a size rests on: calls that agree on these need not classify a company again."""
NOTHING = (None, "", Independence.UNKNOWN)


class Told(NamedTuple):
    """What is on record of a company, as of the date; `profile` None where nobody described it."""

    pk: int
    name: str
    enterprise_number: str
    postcode: str
    profile: int | None
    founded_on: date | None
    nace: str
    independence: str
    staff: Decimal | None
    turnover: Decimal | None
    balance_total: Decimal | None


_COLUMNS = ("pk", "name", "enterprise_number", "postcode", *(f"profile__{name}" for name in ("pk", *Told._fields[5:])))


@dataclass(frozen=True)
class Company:
    """One company as it was known on the date, under the size bounds of a call."""

    pk: int
    told: Told
    ties: list[Tie]
    rules: Rules

    @property
    def enterprise_number(self) -> str:
        """Ten digits, or nothing."""
        return self.told.enterprise_number

    @property
    def founded_on(self) -> date | None:
        """None where nobody said."""
        return self.told.founded_on

    @cached_property
    def outcome(self) -> Outcome:
        """The size class with its reason; UNKNOWN where nobody told enough."""
        told = self.told
        if told.profile is None:
            return Outcome(SizeClass.UNKNOWN, "Er zijn geen cijfers van deze onderneming.")
        return size_of(Figures(told.staff, told.turnover, told.balance_total), told.independence, self.ties, self.rules)

    @property
    def size(self) -> SizeClass:
        """The size class."""
        return self.outcome.size

    @property
    def province(self) -> Province | None:
        """Of the registered office."""
        return province_of(self.told.postcode)

    @property
    def section(self) -> tuple[str, str] | None:
        """Letter and name of the NACE section."""
        return nace.section_of(self.told.nace) if self.told.profile is not None else None


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
        founded = self.company.founded_on
        if founded is None or founded > self.as_of:
            return None
        return self.as_of.year - founded.year - ((self.as_of.month, self.as_of.day) < (founded.month, founded.day))


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


class Shared(Sequence[Member]):
    """The members of one network that are in another too; looked up only when somebody opens the figure."""

    def __init__(self, one: Listed, other: Listed, number: int) -> None:
        self._one, self._other, self._number = one, other, number

    @cached_property
    def _members(self) -> list[Member]:
        there = {company.pk for company in self._other.companies}
        return [self._one[place] for place, company in enumerate(self._one.companies) if company.pk in there]

    def __len__(self) -> int:
        return self._number

    @overload
    def __getitem__(self, place: int) -> Member: ...
    @overload
    def __getitem__(self, place: slice) -> list[Member]: ...
    def __getitem__(self, place: int | slice) -> Member | list[Member]:
        return self._members[place]


def behind(member: Member) -> Behind:
    """The membership as what is behind a count."""
    place = member.province.label if member.province else "provincie onbekend"
    return Behind(
        f"{member.company.told.name} ({enterprise_numbers.format(member.company.enterprise_number)})",
        f"{member.size.label}, {place}, lid sinds {reads.written(member.joined_on)}",
        "Ledenlijst in het portaal",
        note=member.company.outcome.reason,
    )


def current(networks: Iterable[Network], asked: Asked) -> list[Member]:
    """Every paying member company on the date within the filters, by network and name; at most five queries."""
    return list(chain.from_iterable(counted(networks, asked).values()))


def counted(networks: Iterable[Network], asked: Asked) -> dict[int, Listed]:
    """The same by network, in the order of their codes; networks without a list are not in it. At most five queries."""
    kept = sorted(networks, key=lambda network: network.code)
    # Members that were made back from a printed number have no name, number or address.
    rows = Membership.objects.filter(
        Q(left_on__isnull=True) | Q(left_on__gte=asked.as_of), COUNTING, network__in=[one.pk for one in kept], joined_on__lte=asked.as_of
    ).exclude(network__is_reconstructed=True, organisation__enterprise_number="")  # fmt: skip
    if asked.company:
        rows = rows.filter(organisation__enterprise_number=asked.company)
    first = ("joined_on", "pk")
    listed = rows.order_by().values("organisation_id").annotate(
        own=ArrayAgg("network_id", order_by=first), since=ArrayAgg("joined_on", order_by=first)
    )  # fmt: skip
    of_company = {pk: (own, since) for pk, own, since in listed.values_list("organisation_id", "own", "since")}
    rules = _rules(kept)
    bounds = {call: tuple(getattr(one, name) for name in _BOUNDS) for call, one in rules.items()}
    call_of = {network.pk: network.call_id for network in kept}
    under = {network.pk: bounds[network.call_id] for network in kept if network.call_id in bounds}
    found = {network.pk: Listed(network.pk, asked.as_of) for network in kept}
    is_narrowed = bool(asked.province or asked.size or asked.sector)
    for told, ties in _told(rows, asked):
        known: dict[Any, Company | None] = {}
        seen = set()
        for network, since in zip(*of_company[told.pk], strict=True):
            if network in seen:
                continue
            seen.add(network)
            key = under[network]
            if key not in known:
                company = Company(told.pk, told, ties, rules[call_of[network]])
                known[key] = company if not is_narrowed or _fits(company, asked) else None
            if (one := known[key]) is not None:
                found[network].companies.append(one)
                found[network].since.append(since)
    return {pk: members for pk, members in found.items() if members}


def _fits(company: Company, asked: Asked) -> bool:
    return (
        (not asked.province or company.province == asked.province)
        and (not asked.size or company.size == asked.size)
        and (not asked.sector or (company.section is not None and company.section[0] == asked.sector))
    )


def _rules(networks: list[Network]) -> dict[int, Rules]:
    rows = CallRules.objects.filter(call__in={network.call_id for network in networks}).select_related("call")
    return {row.call_id: row.frozen() for row in rows.order_by("version")}


def _told(rows: "QuerySet[Membership]", asked: Asked) -> list[tuple[Told, list[Tie]]]:
    """What was on record on the date of the companies of these memberships, by name, with their ties; two or three queries."""
    tied = Exists(CompanyTie.objects.filter(profile=OuterRef("profile")))
    found = (
        Organisation.objects.filter(pk__in=rows.order_by().values("organisation"))
        .annotate(is_tied=tied)
        .order_by("name", "pk")
        .values_list(*_COLUMNS, "is_tied")
    )
    companies = [(Told._make(row), is_tied) for *row, is_tied in found]
    ties: dict[int | None, list[Tie]] = {told.profile: [] for told, is_tied in companies if is_tied}
    for tie in CompanyTie.objects.filter(profile__in=ties).order_by("pk") if ties else ():
        ties[tie.profile_id].append(Tie(tie.fraction, Figures(tie.staff, tie.turnover, tie.balance_total)))
    earlier = _unwound(asked)
    return [
        (told._replace(**earlier[told.pk]) if told.pk in earlier and told.profile else told, ties.get(told.profile, []))
        for told, _ in companies
    ]


def _unwound(asked: Asked) -> dict[int, dict[str, Any]]:
    """What was known of companies on the date where it changed since: the trail read backwards.

    What was told for the first time later counts backwards too: until then nobody had said anything else.
    """
    earlier: dict[int, dict[str, Any]] = defaultdict(dict)
    for stream, changes in asked.later(asking.DESCRIBED):
        pk = int(stream.rpartition(":")[2])
        for name, (old, _new) in changes.items():
            if old not in NOTHING and name in Told._fields:
                earlier[pk][name] = _as_value(name, old)
    return earlier


def _as_value(name: str, text: Any) -> Any:
    if name in _DAYS:
        return date.fromisoformat(str(text)[:10])
    return Decimal(str(text)) if name in _NUMBERS else text
