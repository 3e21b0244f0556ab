"""What a project year's co-financing will probably come to: from the pace so far and, where there is one, last year. Pure.

Two estimates that say what they rest on; the lower one counts, because a reminder that comes too early costs less than one
that comes too late. Nothing is estimated before anything came in or before the first day is over.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ibnportal.core.money import ZERO, euros, format_euros

Receipts = Iterable[tuple[date, Decimal]]


@dataclass(frozen=True, slots=True)
class Forecast:
    """`amount` in euros, None where there is nothing to estimate from; `basis` says in one Dutch sentence on what it rests."""

    amount: Decimal | None
    basis: str

    def falls_short_of(self, required: Decimal) -> bool:
        """Whether the estimate is below what is required; not known is no shortfall."""
        return self.amount is not None and self.amount < required


def forecast(
    *,
    receipts: Receipts,
    starts_on: date,
    ends_on: date,
    on: date,
    last_year: Receipts = (),
    last_starts_on: date | None = None,
) -> Forecast:
    """The year's total as estimated on a day.

    `receipts` and `last_year`: (day, amount) of what counted, by the day that it was invoiced. By pace: what came in,
    over the part of the year that is past. By last year: what came in, plus what came in last year after the same day.
    """
    came_in = sum((amount for day, amount in receipts if day <= on), ZERO)
    days = (ends_on - starts_on).days + 1
    past = min((on - starts_on).days + 1, days)
    if past < 1:
        return Forecast(None, "Het projectjaar is nog niet begonnen.")
    if past == days:
        return Forecast(came_in, f"Het projectjaar is voorbij: {format_euros(came_in)} kwam binnen.")
    before = list(last_year)
    if not came_in and not before:
        return Forecast(None, "Er kwam nog niets binnen, en er is geen vorig jaar om mee te vergelijken.")
    estimates = []
    if came_in:
        pace = euros(came_in * days / past)
        estimates.append((pace, f"het tempo tot nu ({format_euros(came_in)} in {past} van de {days} dagen)"))
    if before and last_starts_on is not None:
        rest = sum((amount for day, amount in before if (day - last_starts_on).days + 1 > past), ZERO)
        estimates.append((came_in + rest, f"wat vorig jaar na dezelfde dag nog kwam ({format_euros(rest)})"))
    amount, basis = min(estimates)
    other = "; de andere schatting ligt hoger" if len(estimates) > 1 else ""
    return Forecast(amount, f"Gebaseerd op {basis}{other}.")


def share(amount: Decimal, required: Decimal) -> Decimal:
    """The estimate against what is required, as a fraction."""
    return amount / required if required else Decimal(1)
