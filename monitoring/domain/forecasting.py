"""The forecast of a year's co-financing from its ledger (see `outlook`, which is pure)."""

from collections.abc import Iterable
from datetime import date

from calls.ruleset import Rules
from ibnportal.core.money import ZERO
from monitoring.domain import payable
from monitoring.domain.outlook import Forecast, Receipts, forecast
from monitoring.domain.queries import CASH
from monitoring.enums import ContributionState
from monitoring.models import AwardYear, Contribution


def of_year(award_year: AwardYear, rules: Rules, *, on: date) -> Forecast:
    """What the year will probably come to, from its accepted contributions and those of the year before; in two queries."""
    before = AwardYear.objects.filter(
        network_id=award_year.network_id, project_year=award_year.project_year - 1
    ).first()
    years = [award_year.pk, *([before.pk] if before is not None else [])]
    rows = list(Contribution.objects.filter(award_year__in=years, state=ContributionState.ACCEPTED))
    return forecast(
        receipts=counting([row for row in rows if row.award_year_id == award_year.pk], rules),
        starts_on=award_year.starts_on,
        ends_on=award_year.ends_on,
        on=on,
        last_year=counting([row for row in rows if row.award_year_id != award_year.pk], rules),
        last_starts_on=before.starts_on if before is not None else None,
    )


def counting(rows: Iterable[Contribution], rules: Rules) -> Receipts:
    """The accepted contributions by the day of their invoice, with the income scaled to what the cash lets count."""
    rows = list(rows)
    cash = sum((row.amount for row in rows if row.kind in CASH), ZERO)
    income = sum((row.amount for row in rows if row.kind not in CASH), ZERO)
    counted = payable.accepted_cofinancing(cash=cash, income=income, rules=rules, carried=ZERO).counted_income
    return [
        (row.invoiced_on, row.amount if row.kind in CASH or not income else row.amount * counted / income)
        for row in rows
    ]
