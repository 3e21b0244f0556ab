"""The forecast of a year's co-financing from its ledger (see `outlook`, which is pure)."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet, Sum

from calls.ruleset import Rules
from ibnportal.core.money import ZERO
from monitoring.domain import payable
from monitoring.domain.outlook import Forecast, Receipts, forecast
from monitoring.domain.queries import CASH
from monitoring.enums import ContributionState
from monitoring.models import AwardYear, Contribution


def of_year(award_year: AwardYear, rules: Rules, *, before: AwardYear | None, on: date) -> Forecast:
    """What the year will probably come to, from its accepted contributions and those of `before`, the year before it.

    In one query; the database adds them up per day, so that a ledger of any length comes back as a few hundred sums.
    """
    return from_sums(award_year, rules, list(sums_per_day(award_year, before)), before=before, on=on)


def sums_per_day(award_year: AwardYear, before: AwardYear | None) -> "QuerySet[Contribution, tuple[Any, ...]]":
    """What was accepted in these two years, as (year's id, day of the invoice, whether it is cash, euros)."""
    years = [award_year.pk, *([before.pk] if before is not None else [])]
    return (
        Contribution.objects.filter(award_year__in=years, state=ContributionState.ACCEPTED)
        .order_by()
        .values_list("award_year_id", "invoiced_on", ExpressionWrapper(Q(kind__in=CASH), output_field=BooleanField()))
        .annotate(Sum("amount"))
    )


def from_sums(
    award_year: AwardYear, rules: Rules, sums: Sequence[Sequence[Any]], *, before: AwardYear | None, on: date
) -> Forecast:
    """The same from sums per day at hand."""
    return forecast(
        receipts=counting([row for pk, *row in sums if pk == award_year.pk], rules),
        starts_on=award_year.starts_on,
        ends_on=award_year.ends_on,
        on=on,
        last_year=counting([row for pk, *row in sums if pk != award_year.pk], rules),
        last_starts_on=before.starts_on if before is not None else None,
    )


def counting(rows: Sequence[Sequence[Any]], rules: Rules) -> Receipts:
    """What counts by the day of the invoice, of (day, whether it is cash, amount): income scaled to what the cash lets count."""
    cash = sum((amount for _, is_cash, amount in rows if is_cash), ZERO)
    income = sum((amount for _, is_cash, amount in rows if not is_cash), ZERO)
    counted = payable.accepted_cofinancing(cash=cash, income=income, rules=rules, carried=ZERO).counted_income
    return [(day, amount if is_cash or not income else amount * counted / income) for day, is_cash, amount in rows]
