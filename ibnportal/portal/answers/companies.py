"""Member companies as they were on a date: who, where, how old, how large, in which sector (HE-01 … HE-05, H-33)."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q

from calls.models import CallRules
from calls.ruleset import Rules
from ibnportal.core import clock, enterprise_numbers
from ibnportal.core.accounts.models import Organisation
from ibnportal.core.audit.models import AuditEvent
from ibnportal.core.places import Province, province_of
from ibnportal.portal.answers import reads
from ibnportal.portal.answers.asking import Asked
from ibnportal.portal.answers.table import Behind
from monitoring.domain import members
from monitoring.domain.company_size import Figures, Tie, size_of
from monitoring.enums import Independence, SizeClass
from monitoring.models import CompanyProfile, Membership, Network

_DAYS = {"founded_on"}
_NUMBERS = {"staff", "turnover", "balance_total"}
NOTHING = (None, "", Independence.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Member:
    """One company in one network on the date; `size` is UNKNOWN and `age` None where nobody told enough."""

    membership: Membership
    organisation: Organisation
    size: SizeClass
    why: str
    province: Province | None
    section: tuple[str, str] | None
    founded_on: date | None
    as_of: date

    @property
    def network_id(self) -> int:
        """Its network."""
        return self.membership.network_id

    @property
    def age(self) -> int | None:
        """Whole years between the founding and the date."""
        if self.founded_on is None or self.founded_on > self.as_of:
            return None
        birthday = (self.founded_on.month, self.founded_on.day)
        return self.as_of.year - self.founded_on.year - ((self.as_of.month, self.as_of.day) < birthday)

    @property
    def behind(self) -> Behind:
        """The membership as what is behind a count."""
        place = self.province.label if self.province else "provincie onbekend"
        return Behind(
            f"{self.organisation.name} ({enterprise_numbers.format(self.organisation.enterprise_number)})",
            f"{self.size.label}, {place}, lid sinds {reads.written(self.membership.joined_on)}",
            "Ledenlijst in het portaal",
            note=self.why,
        )


def current(networks: Iterable[Network], asked: Asked) -> list[Member]:
    """Every paying member company on the date within the filters; five queries, whatever the number."""
    kept = list(networks)
    rows = (
        Membership.objects.filter(
            Q(left_on__isnull=True) | Q(left_on__gte=asked.as_of), network__in=kept, joined_on__lte=asked.as_of
        )
        # Members that were made back from a printed number have no name, number or address.
        .exclude(network__is_reconstructed=True, organisation__enterprise_number="")
        .select_related("organisation__profile", "network")
        .prefetch_related("organisation__profile__ties")
        .order_by("network__code", "organisation__name", "joined_on")
    )
    if asked.company:
        rows = rows.filter(organisation__enterprise_number=asked.company)
    rules = _rules(kept)
    earlier = _unwound(asked.until)
    found = []
    seen: set[tuple[int, int]] = set()
    for row in rows:
        key = (row.network_id, row.organisation_id)
        if not members.counts(row) or key in seen:
            continue
        seen.add(key)
        member = _member(row, rules[row.network.call_id], earlier, asked.as_of)
        if _fits(member, asked):
            found.append(member)
    return found


def counted(networks: Iterable[Network], asked: Asked) -> dict[int, list[Member]]:
    """The same by network; networks without a list are not in it."""
    found: dict[int, list[Member]] = defaultdict(list)
    for member in current(networks, asked):
        found[member.network_id].append(member)
    return dict(found)


def _fits(member: Member, asked: Asked) -> bool:
    return (
        (not asked.province or member.province == asked.province)
        and (not asked.size or member.size == asked.size)
        and (not asked.sector or (member.section is not None and member.section[0] == asked.sector))
    )


def _rules(networks: list[Network]) -> dict[int, Rules]:
    rows = CallRules.objects.filter(call__in={network.call_id for network in networks}).select_related("call")
    return {row.call_id: row.frozen() for row in rows.order_by("version")}


def _member(row: Membership, rules: Rules, earlier: dict[int, dict[str, Any]], as_of: date) -> Member:
    organisation = row.organisation
    profile: CompanyProfile | None = getattr(organisation, "profile", None)
    size, why, founded_on, sector = SizeClass.UNKNOWN, "Er zijn geen cijfers van deze onderneming.", None, None
    if profile is not None:
        for name, value in earlier.get(organisation.pk, {}).items():
            setattr(profile, name, value)
        ties = [Tie(tie.fraction, Figures(tie.staff, tie.turnover, tie.balance_total)) for tie in profile.ties.all()]
        outcome = size_of(
            Figures(profile.staff, profile.turnover, profile.balance_total), profile.independence, ties, rules
        )
        size, why, founded_on, sector = outcome.size, outcome.reason, profile.founded_on, profile.section
    return Member(row, organisation, size, why, province_of(organisation.postcode), sector, founded_on, as_of)


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
