"""What one cluster organisation was awarded over the years of the state-aid ceiling (SUB-06, PRG-21, AMB-16)."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Sum

from calls.ruleset import Rules
from evaluation.models import Decision
from ibnportal.core.accounts.models import Organisation
from ibnportal.core.money import ZERO


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

    Counted from the first of that month, so that no award of the month itself falls out.
    """
    if rules.state_aid_years is None:
        return None
    since = on.replace(day=1, year=on.year - rules.state_aid_years)
    awarded = (
        Decision.objects.standing()
        .filter(
            outcome="awarded", application__network__beneficiary=beneficiary, decided_on__gte=since, decided_on__lte=on
        )
        .aggregate(sum=Sum("amount"))["sum"]
    )
    return Cumulation(since=since, awarded=awarded or ZERO, ceiling=rules.state_aid_ceiling)
