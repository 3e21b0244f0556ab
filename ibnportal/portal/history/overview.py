"""The list of networks on the programme page: filtered, sorted, with the figures of each, in one query."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from operator import attrgetter
from typing import Any

from django.conf import settings
from django.db.models import Case, F, OuterRef, Q, Subquery, When
from django.http import QueryDict

from evaluation.enums import DecisionOutcome
from evaluation.models import Decision
from ibnportal.portal.answers import asking, companies, disclosure
from ibnportal.portal.history import records
from ibnportal.portal.history.facts import MEMBERS
from monitoring.enums import FutureKind, KpiBasis, NetworkType, ReportState
from monitoring.models import FutureStatus, KpiValue, Network

SORTS = {
    "naam": "sort_name", "oproep": "call.year", "type": "network_type", "steun": "award", "ondernemingen": "members",
    "start": "start_on", "einde": "end_on",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class NetworkList:
    """The rows that match, what was asked, and what can be asked."""

    rows: list[Any]
    total: int
    call: str
    network_type: str
    text: str
    calls: list[tuple[str, str]]

    @property
    def count(self) -> str:
        """`3 van 20 netwerken`."""
        shown = len(self.rows)
        of = "" if shown == self.total else f" van {self.total}"
        return f"{shown}{of} {'netwerk' if self.total == 1 else 'netwerken'}"

    @property
    def is_filtered(self) -> bool:
        """Whether anything was asked."""
        return bool(self.call or self.network_type or self.text)

    @classmethod
    def of(cls, asked: QueryDict) -> "NetworkList":
        """What the address asks; an unknown value of a filter or a sort is as if it was not there."""
        every = published_networks()
        calls = sorted({(network.call.code, network.call.name) for network in every}, reverse=True)
        call = asked.get("oproep", "") if asked.get("oproep", "") in dict(calls) else ""
        network_type = asked.get("type", "") if asked.get("type", "") in NetworkType.values else ""
        text = asked.get("zoek", "").strip()[:100]
        rows = [
            network
            for network in every
            if (not call or network.call.code == call)
            and (not network_type or network.network_type == network_type)
            and (not text or text.casefold() in network.haystack)
        ]
        return cls(_sorted(rows, asked.get("sorteer", "")), len(every), call, network_type, text, calls)


def members_on_list(networks: Iterable[Network]) -> dict[int, int]:
    """How many members these networks have on their list today, by key, as open data tell it: none of so few that they could be told apart.

    One query, and none where there are no networks.
    """
    keys = [network.pk for network in networks]
    counted = companies.numbers_listed(keys, asking.read({}, is_public=True)) if keys else {}
    return {network: number for network, number in counted.items() if number >= disclosure.SMALLEST}


def published_networks() -> list[Any]:
    """Every network that is public, with `award`, `members`, `members_basis`, `future`; one query, and one more where a running network reported nothing yet."""
    award = Decision.objects.filter(
        application=OuterRef("application"),
        outcome=DecisionOutcome.AWARDED,
        released_at__isnull=False,
        superseded_by__isnull=True,
    )
    members = (
        KpiValue.objects.filter(
            Q(report__isnull=True) | Q(report__state=ReportState.APPROVED),
            network=OuterRef("pk"), label=MEMBERS, is_reading=True, basis__in=(KpiBasis.REPORTED, KpiBasis.TARGET),
        )
        .annotate(is_target=Case(When(basis=KpiBasis.TARGET, then=1), default=0))
        .order_by("is_target", F("as_of").desc(nulls_last=True), "-pk")
    )  # fmt: skip
    future = FutureStatus.objects.filter(network=OuterRef("pk")).order_by("-as_of")
    networks: list[Any] = list(
        Network.objects.published()
        .distinct()
        .select_related("call")
        .annotate(
            award=Subquery(award.values("amount")[:1]),
            members=Subquery(members.values("value")[:1]),
            members_basis=Subquery(members.values("basis")[:1]),
            future_kind=Subquery(future.values("kind")[:1]),
        )
        .order_by("call__year", "name")
    )
    running = [network for network in networks if network.members is None and not network.is_reconstructed]
    listed = members_on_list(running)
    for network in running:
        if network.pk in listed:
            network.members, network.members_basis = Decimal(listed[network.pk]), KpiBasis.COMPUTED
    for network in networks:
        network.sort_name = network.name.casefold()
        network.haystack = " ".join(
            (network.name, network.keywords, network.executor_text, *network.aliases)
        ).casefold()
        network.members_basis_label = str(KpiBasis(network.members_basis).label) if network.members_basis else ""
        network.is_target = network.members_basis == KpiBasis.TARGET
        network.is_listed = network.members_basis == KpiBasis.COMPUTED
        network.future = str(FutureKind(network.future_kind).label) if network.future_kind else ""
    return networks


def _sorted(rows: list[Any], asked: str) -> list[Any]:
    """By the column asked, rows without that value last in both directions; as they come when no column is asked."""
    name, reverse = asked.removeprefix("-"), asked.startswith("-")
    if name not in SORTS:
        return rows
    value = attrgetter(SORTS[name])
    known = [row for row in rows if value(row) not in {None, ""}]
    return sorted(known, key=value, reverse=reverse) + [row for row in rows if value(row) in {None, ""}]


@cache
def disagreements() -> tuple[records.Disagreement, ...]:
    """What the sources disagree on, from the file that `load_programme` prints; it changes with a release only."""
    return records.read_disagreements(settings.BASE_DIR / "data" / "programme" / "disagreements.toml")
