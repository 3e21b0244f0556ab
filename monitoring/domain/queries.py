"""Reads of the monitoring that cross models; no writes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Q, QuerySet, Sum

from calls.enums import ContributionKind
from calls.models import CallRules
from calls.ruleset import Rules
from ibnportal.core import clock
from ibnportal.core.money import ZERO
from ibnportal.core.months import add_months
from monitoring.domain import payable
from monitoring.domain.forecast import PlannedYear
from monitoring.enums import ContributionState, TrancheState
from monitoring.models import Agreement, AwardYear, Contribution, Network, Settlement

CASH = (ContributionKind.CASH_FEE, ContributionKind.CASH_SPONSORING)


def rules_row(network: Network) -> CallRules:
    """The version of the rules that the network's agreement was made under; of its call where there is no agreement."""
    if Network.agreement.is_cached(network):
        agreement = getattr(network, "agreement", None)
    else:
        agreement = Agreement.objects.filter(network=network).select_related("rules__call").first()
    return (
        agreement.rules
        if agreement is not None
        else network.call.rules_versions.select_related("call").latest("version")
    )


def cofinancing_of(award_year: AwardYear, rules: Rules) -> payable.Cofinancing:
    """What of the year's accepted contributions counts now, last year's surplus included where the call lets it pass."""
    accepted = Contribution.objects.filter(award_year=award_year, state=ContributionState.ACCEPTED)
    sums = accepted.aggregate(
        cash=Sum("amount", filter=Q(kind__in=CASH)), income=Sum("amount", filter=~Q(kind__in=CASH))
    )
    return payable.accepted_cofinancing(
        cash=sums["cash"] or ZERO, income=sums["income"] or ZERO, rules=rules, carried=carried_into(award_year, rules)
    )


def carried_into(award_year: AwardYear, rules: Rules) -> Decimal:
    """Last year's settled surplus, in euros; 0 where the call lets none pass (COF-20, H-18)."""
    if not rules.cofinancing_carries_over:
        return ZERO
    before = Settlement.objects.filter(
        award_year__network_id=award_year.network_id, award_year__project_year=award_year.project_year - 1
    ).first()
    return before.surplus_cofinancing if before is not None else ZERO


@dataclass(frozen=True, slots=True)
class Sums:
    """A year's contributions by what became of them, in euros."""

    cash: Decimal = ZERO
    income: Decimal = ZERO
    waiting: Decimal = ZERO
    refused: Decimal = ZERO


def sums_of(contributions: Iterable[Contribution]) -> Sums:
    """The same sums of contributions at hand, without a query."""
    cash = income = waiting = refused = ZERO
    for contribution in contributions:
        if contribution.state == ContributionState.REFUSED:
            refused += contribution.amount
        elif contribution.state in (ContributionState.SUBMITTED, ContributionState.QUESTIONED):
            waiting += contribution.amount
        elif contribution.kind in CASH:
            cash += contribution.amount
        else:
            income += contribution.amount
    return Sums(cash, income, waiting, refused)


def report_due_on(award_year: AwardYear, rules: Rules) -> date:
    """The last day to hand in the year's report (NOT-11): so many months after the year's last day, or a granted extension.

    Always counted from the year itself: neither a late report nor an extension of one year moves the day of another.
    """
    return award_year.report_extended_until or add_months(award_year.ends_on, rules.latest_report_months)


def current_year(years: Iterable[AwardYear], *, on: date | None = None) -> AwardYear | None:
    """The year of that day (today); before the project its first, after it its last; None without years."""
    day = on or clock.today()
    ordered = sorted(years, key=lambda year: year.project_year)
    for year in ordered:
        if day <= year.ends_on:
            return year
    return ordered[-1] if ordered else None


def planned_years(networks: "QuerySet[Network]") -> list[PlannedYear]:
    """Every project year of these networks' agreements, with what was released and settled; three queries."""
    years = (
        AwardYear.objects.filter(network__in=networks, network__agreement__isnull=False)
        .select_related("network__agreement__rules__call", "settlement")
        .prefetch_related("tranches")
        .order_by("starts_on", "pk")
    )
    return [_planned(year) for year in years]


def _planned(year: AwardYear) -> PlannedYear:
    standing = [tranche for tranche in year.tranches.all() if tranche.state != TrancheState.WITHDRAWN]
    paid = [
        (tranche.paid_on or clock.local(tranche.released_at).date(), tranche.amount)
        for tranche in standing
        if tranche.released_at is not None
    ]
    settlement = getattr(year, "settlement", None)
    return PlannedYear(
        network=year.network.code,
        project_year=year.project_year,
        starts_on=year.starts_on,
        ends_on=year.ends_on,
        awarded=year.awarded_amount,
        rules=year.network.agreement.rules.frozen(),
        paid=tuple(paid),
        has_first=any(amount for _, amount in paid),
        due=None if settlement is None else settlement.payable,
    )
