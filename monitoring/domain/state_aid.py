"""What one cluster organisation was awarded over the years of the state-aid ceiling (SUB-06, PRG-21, AMB-16)."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import QuerySet, Sum
from django.db.models.functions import Coalesce

from calls.ruleset import Rules
from evaluation.models import Decision
from ibnportal.core.accounts.models import Organisation
from ibnportal.core.money import ZERO
from monitoring.models import Network


@dataclass(frozen=True, slots=True)
class Cumulation:
    """Support awarded to one organisation since a date, in euros, beside the ceiling; `ceiling` is None where none is set."""

    since: date
    awarded: Decimal
    ceiling: Decimal | None

    @property
    def is_exceeded(self) -> bool:
        """Whether more was awarded than the ceiling allows; exactly the ceiling is allowed."""
        return self.ceiling is not None and self.awarded > self.ceiling


def cumulated(beneficiary: Organisation, rules: Rules, *, on: date) -> Cumulation | None:
    """The standing awards to networks of this organisation in the years before `on`; None where the call names no years.

    Counted from the first of that month, so that no award of the month itself falls out. An award whose day was never published counts
    from the start of its network, or its end (`day_of`).
    """
    if rules.state_aid_years is None:
        return None
    since = on.replace(day=1, year=on.year - rules.state_aid_years)
    awarded = (
        Decision.objects.standing()
        .annotate(day=Coalesce("decided_on", "application__network__start_on", "application__network__end_on"))
        .filter(outcome="awarded", application__network__beneficiary=beneficiary, day__gte=since, day__lte=on)
        .aggregate(sum=Sum("amount"))["sum"]
    )
    return Cumulation(since=since, awarded=awarded or ZERO, ceiling=rules.state_aid_ceiling)


@dataclass(frozen=True, slots=True)
class ClusterAid:
    """One cluster organisation over the years of the ceiling: its awards, of how many no amount or day is known, and their sum in euros."""

    beneficiary: Organisation
    awards: tuple[Decision, ...]
    unpublished: int
    cumulation: Cumulation | None

    @property
    def is_known(self) -> bool:
        """Whether anything could be added up."""
        return self.unpublished < len(self.awards)

    @property
    def fraction(self) -> Decimal | None:
        """The part of the ceiling that is used; None where no ceiling is set."""
        found = self.cumulation
        return None if found is None or not found.ceiling else found.awarded / found.ceiling


def clusters(networks: "QuerySet[Network]", rules: Rules, *, on: date) -> list[ClusterAid]:
    """Every cluster organisation of these networks with its standing awards, largest sum first; one query.

    An award without a published amount, or of which not even the end is known, is counted apart: what is not known is not nothing.
    """
    grouped: dict[Organisation, list[Decision]] = defaultdict(list)
    for decision in awards_of(networks):
        grouped[decision.application.network.beneficiary].append(decision)
    if rules.state_aid_years is None:
        return [ClusterAid(one, tuple(awards), _unknown(awards), None) for one, awards in grouped.items()]
    since = on.replace(day=1, year=on.year - rules.state_aid_years)
    found = []
    for beneficiary, awards in grouped.items():
        inside = [award for award in awards if (day := day_of(award)) is None or since <= day <= on]
        if not inside:
            continue
        total = sum((award.amount for award in inside if award.amount is not None and day_of(award) is not None), ZERO)
        found.append(
            ClusterAid(beneficiary, tuple(inside), _unknown(inside), Cumulation(since, total, rules.state_aid_ceiling))
        )
    return sorted(found, key=lambda aid: (-(aid.cumulation.awarded if aid.cumulation else ZERO), aid.beneficiary.name))


def day_of(award: Decision) -> date | None:
    """When it was awarded; where no day was published the start of its network, or its end: later it cannot have been, so nothing falls out too early."""
    network = award.application.network
    known: date | None = award.decided_on or network.start_on or network.end_on
    return known


def _unknown(awards: list[Decision]) -> int:
    return sum(award.amount is None or day_of(award) is None for award in awards)


def to_publish(awards: Iterable[Decision]) -> list[Decision]:
    """Those of these awards that a granting authority makes public, newest first (X-15): released, and above the bound of their own rules.

    The bound is `award_published_above` of the rules that the award was decided under; where it is None, nothing of that call is listed.
    Nor is an award whose amount or day of release nobody knows: what is not known is not above a bound.
    """
    listed = [
        award
        for award in awards
        if award.released_at is not None and is_above_bound(award.amount, award.rules.award_published_above)
    ]
    listed.sort(key=lambda award: award.application.number)
    return sorted(listed, key=lambda award: award.decided_on or date.min, reverse=True)


def is_above_bound(amount: Decimal | None, bound: Decimal | None) -> bool:
    """Whether an award is large enough to be made public, once it is released; what is not known is not above a bound."""
    return bound is not None and amount is not None and amount > bound


def awards_of(networks: "QuerySet[Network]") -> "QuerySet[Decision]":
    """The standing awards of these networks with their rules, oldest first; one query when read."""
    return (
        Decision.objects.standing()
        .filter(outcome="awarded", application__network__in=networks)
        .select_related("application__network__beneficiary", "application__call", "rules")
        .order_by("decided_on", "pk")
    )
