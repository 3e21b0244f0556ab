"""Where else the companies of a dossier's letters are found: evidence for POS-04 and POS-08, for who screens. It decides nothing.

Other initiatives of the call and the member lists of spearhead clusters are looked at here; an app above adds its own
sources (`register_source`), such as the members of networks. All by enterprise number; a name is no proof.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, OuterRef

from applications.domain.letters import AnyLetter
from applications.models import Application, Letter, SpearheadMember, SpearheadMemberList, Submission
from ibnportal.core.accounts.models import User


@dataclass(frozen=True, slots=True)
class Group:
    """One other place where some of these companies are: an initiative, a network, a cluster's list."""

    rule_id: str
    kind: str
    label: str
    numbers: frozenset[str]
    total: int | None = None
    as_of: dt.date | None = None
    source: str = ""
    reference: str = ""
    """The number of the dossier, where it is one."""

    @property
    def share_of_it(self) -> Decimal | None:
        """Which part of the other place they are, between 0 and 1; None when its size is not known."""
        return Decimal(len(self.numbers)) / self.total if self.total else None


@dataclass(frozen=True, slots=True)
class Overlap:
    """All that was found for the companies of one dossier."""

    companies: int
    groups: tuple[Group, ...]

    def of_rule(self, rule_id: str) -> tuple[Group, ...]:
        """What counts for one rule, the largest overlap first."""
        return tuple(group for group in self.groups if group.rule_id == rule_id)

    def share(self, group: Group) -> Decimal:
        """Which part of this dossier's companies is in that group, between 0 and 1."""
        return Decimal(len(group.numbers)) / self.companies if self.companies else Decimal(0)

    def by_number(self) -> dict[str, tuple[Group, ...]]:
        """For each company where else it is."""
        found: dict[str, list[Group]] = defaultdict(list)
        for group in self.groups:
            for number in group.numbers:
                found[number].append(group)
        return {number: tuple(groups) for number, groups in found.items()}


Source = Callable[[Application, frozenset[str], User], Iterable[Group]]
_sources: dict[str, Source] = {}


def register_source(name: str) -> Callable[[Source], Source]:
    """Add a place to look; called when an app gets ready. The same name again replaces it."""

    def register(source: Source) -> Source:
        _sources[name] = source
        return source

    return register


def of(application: Application, letters: Sequence[AnyLetter], *, user: User) -> Overlap:
    """Everything found for these letters that this person may see; five queries, whatever their number."""
    numbers = frozenset(letter.enterprise_number for letter in letters if letter.enterprise_number)
    if not numbers:
        return Overlap(0, ())
    found = [group for source in _sources.values() for group in source(application, numbers, user)]
    found.sort(key=lambda group: (-len(group.numbers), group.kind, group.label))
    return Overlap(len(numbers), tuple(found))


@register_source("applications")
def other_initiatives(application: Application, numbers: frozenset[str], user: User) -> Iterable[Group]:
    """Companies that signed for another initiative of the call too; only what was handed in, never a draft."""
    others = Application.objects.visible_to(user).filter(call_id=application.call_id).exclude(pk=application.pk)
    handed_in = Submission.objects.filter(application=OuterRef("application"), phase=OuterRef("phase"))
    signed = Letter.objects.filter(Exists(handed_in), application__in=others).exclude(enterprise_number="")
    known = signed.filter(enterprise_number__in=numbers).values_list("application_id", "enterprise_number")
    found: dict[int, set[str]] = defaultdict(set)
    for pk, number in known:
        found[pk].add(number)
    if not found:
        return
    sizes = signed.filter(application_id__in=found).values("application_id")
    totals = dict(sizes.annotate(size=Count("enterprise_number", distinct=True)).values_list("application_id", "size"))
    for other in others.filter(pk__in=found).order_by("number"):
        yield Group(
            "POS-04", "Ander initiatief van de oproep", f"{other.number} {other.title}", frozenset(found[other.pk]),
            total=totals.get(other.pk), reference=other.number,
        )  # fmt: skip


@register_source("spearheads")
def spearhead_clusters(application: Application, numbers: frozenset[str], user: User) -> Iterable[Group]:  # noqa: ARG001 - one signature for all sources
    """Companies in the newest known member list of a spearhead cluster, with its date and source."""
    lists = SpearheadMemberList.objects.visible_to(user).newest_per_cluster().annotate(size=Count("members"))
    newest: dict[int, Any] = {item.pk: item for item in lists}
    found: dict[int, set[str]] = defaultdict(set)
    members = SpearheadMember.objects.filter(member_list_id__in=newest, enterprise_number__in=numbers)
    for pk, number in members.values_list("member_list_id", "enterprise_number"):
        found[pk].add(number)
    for pk, there in found.items():
        item = newest[pk]
        yield Group(
            "POS-08",
            "Speerpuntcluster",
            item.cluster,
            frozenset(there),
            total=item.size,
            as_of=item.as_of,
            source=item.source,
        )
