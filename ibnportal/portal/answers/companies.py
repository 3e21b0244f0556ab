"""Member companies as they were on a date: who, where, how old, how large, in which sector (HE-01 … HE-05, H-33)."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from itertools import chain
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import JSONObject

from calls.models import CallRules
from calls.ruleset import Rules
from ibnportal.core import clock, enterprise_numbers
from ibnportal.core.accounts.models import Organisation
from ibnportal.core.audit.models import AuditEvent
from ibnportal.core.places import Province, province_of
from ibnportal.portal.answers import reads
from ibnportal.portal.answers.asking import Asked
from ibnportal.portal.answers.table import Behind
from monitoring.domain.company_size import Figures, Tie, size_of
from monitoring.domain.members import COUNTING
from monitoring.enums import Independence, SizeClass
from monitoring.models import CompanyProfile, Membership, Network

_DAYS = {"founded_on"}
_NUMBERS = {"staff", "turnover", "balance_total"}
_BOUNDS = tuple(one.name for one in fields(Rules) if one.name.startswith("size_"))
"""The rules that a size rests on: calls that agree on these need not classify a company again."""
NOTHING = (None, "", Independence.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Company:
    """One company as it was known on the date; `size` is UNKNOWN and `founded_on` None where nobody told enough."""

    organisation: Organisation
    size: SizeClass
    why: str
    province: Province | None
    section: tuple[str, str] | None
    founded_on: date | None


@dataclass(frozen=True, slots=True)
class Member:
    """One company in one network on the date."""

    network_id: int
    joined_on: date
    company: Company
    as_of: date

    @property
    def organisation(self) -> Organisation:
        """Who."""
        return self.company.organisation

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


def behind(member: Member) -> Behind:
    """The membership as what is behind a count."""
    place = member.province.label if member.province else "provincie onbekend"
    return Behind(
        f"{member.organisation.name} ({enterprise_numbers.format(member.organisation.enterprise_number)})",
        f"{member.size.label}, {place}, lid sinds {reads.written(member.joined_on)}",
        "Ledenlijst in het portaal",
        note=member.company.why,
    )


def current(networks: Iterable[Network], asked: Asked) -> list[Member]:
    """Every paying member company on the date within the filters; five queries, whatever the number.

    A company is described once, however many networks it is in; only calls with other size bounds describe it again.
    """
    kept = list(networks)
    # Members that were made back from a printed number have no name, number or address.
    rows = Membership.objects.filter(
        Q(left_on__isnull=True) | Q(left_on__gte=asked.as_of), COUNTING, network__in=kept, joined_on__lte=asked.as_of
    ).exclude(network__is_reconstructed=True, organisation__enterprise_number="")
    if asked.company:
        rows = rows.filter(organisation__enterprise_number=asked.company)
    own = rows.filter(organisation=OuterRef("pk"))
    listed = ArraySubquery(own.order_by("joined_on").values(one=JSONObject(network="network_id", since="joined_on")))
    people = Organisation.objects.filter(Exists(own)).annotate(listed=listed).order_by("name", "pk")
    organisations = {one.pk: one for one in people.select_related("profile").prefetch_related("profile__ties")}
    rules = _rules(kept)
    bounds = {call: tuple(getattr(one, name) for name in _BOUNDS) for call, one in rules.items()}
    call_of = {network.pk: network.call_id for network in kept}
    earlier = _unwound(asked.until)
    for pk, values in earlier.items():
        profile = getattr(organisations.get(pk), "profile", None)
        for name, value in values.items() if profile is not None else ():
            setattr(profile, name, value)
    found: dict[int, list[Member]] = {network.pk: [] for network in sorted(kept, key=lambda network: network.code)}
    for organisation in organisations.values():
        known: dict[Any, Company] = {}
        seen = set()
        for one in getattr(organisation, "listed", ()):
            network = one["network"]
            if network in seen:
                continue
            seen.add(network)
            call = call_of[network]
            company = known.get(bounds[call])
            if company is None:
                company = known[bounds[call]] = _described(organisation, rules[call])
            if _fits(company, asked):
                found[network].append(Member(network, date.fromisoformat(one["since"]), company, asked.as_of))
    return list(chain.from_iterable(found.values()))


def counted(networks: Iterable[Network], asked: Asked) -> dict[int, list[Member]]:
    """The same by network; networks without a list are not in it."""
    found: dict[int, list[Member]] = defaultdict(list)
    for member in current(networks, asked):
        found[member.network_id].append(member)
    return dict(found)


def _fits(company: Company, asked: Asked) -> bool:
    return (
        (not asked.province or company.province == asked.province)
        and (not asked.size or company.size == asked.size)
        and (not asked.sector or (company.section is not None and company.section[0] == asked.sector))
    )


def _rules(networks: list[Network]) -> dict[int, Rules]:
    rows = CallRules.objects.filter(call__in={network.call_id for network in networks}).select_related("call")
    return {row.call_id: row.frozen() for row in rows.order_by("version")}


def _described(organisation: Organisation, rules: Rules) -> Company:
    profile: CompanyProfile | None = getattr(organisation, "profile", None)
    size, why, founded_on, sector = SizeClass.UNKNOWN, "Er zijn geen cijfers van deze onderneming.", None, None
    if profile is not None:
        ties = [Tie(tie.fraction, Figures(tie.staff, tie.turnover, tie.balance_total)) for tie in profile.ties.all()]
        outcome = size_of(
            Figures(profile.staff, profile.turnover, profile.balance_total), profile.independence, ties, rules
        )
        size, why, founded_on, sector = outcome.size, outcome.reason, profile.founded_on, profile.section
    return Company(organisation, size, why, province_of(organisation.postcode), sector, founded_on)


def _unwound(until: datetime) -> dict[int, dict[str, Any]]:
    """What was known of companies at that instant where it changed since: the trail read backwards; one query.

    What was told for the first time later counts backwards too: until then nobody had said anything else.
    """
    earlier: dict[int, dict[str, Any]] = defaultdict(dict)
    if until >= clock.now():
        return earlier
    start = f"{Organisation._meta.label_lower}:"  # noqa: SLF001 - Django's documented Meta API
    events = AuditEvent.objects.filter(action="company.described", at__gt=until, stream__startswith=start)
    for stream, changes in events.order_by("-at", "-seq").values_list("stream", "changes"):
        pk = int(stream.removeprefix(start))
        for name, (old, _new) in changes.items():
            if old not in NOTHING:
                earlier[pk][name] = _as_value(name, old)
    return earlier


def _as_value(name: str, text: Any) -> Any:
    if name in _DAYS:
        return date.fromisoformat(str(text)[:10])
    return Decimal(str(text)) if name in _NUMBERS else text
