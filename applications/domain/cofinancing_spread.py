"""How evenly the co-financing rests on its payers (COF-07, COF-08): the figures of table 8 of the evaluation of 2020. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from ibnportal.core.money import CENT, ZERO, euros

_SHARE = CENT * CENT


@dataclass(frozen=True, slots=True)
class Distribution:
    """What payers pay together, in euro: how many, the smallest, the median and the largest, and how few of them carry half."""

    payers: int
    total: Decimal
    smallest: Decimal
    median: Decimal
    largest: Decimal
    at_largest: int
    to_half: int

    @property
    def largest_fraction(self) -> Decimal:
        """The part of the whole that the largest payer carries."""
        return (self.largest / self.total).quantize(_SHARE)

    @property
    def to_half_fraction(self) -> Decimal:
        """The part of the payers that carries half."""
        return (Decimal(self.to_half) / self.payers).quantize(_SHARE)


def distribution(amounts: Iterable[Decimal]) -> Distribution | None:
    """The spread of what each payer pays; None when nobody pays anything.

    `to_half` is the least number of payers that together pay at least half, the largest first.
    """
    paid = sorted((amount for amount in amounts if amount > ZERO), reverse=True)
    if not paid:
        return None
    total = sum(paid, ZERO)
    carried, to_half = ZERO, 0
    while carried * 2 < total:
        carried += paid[to_half]
        to_half += 1
    middle = len(paid) // 2
    median = paid[middle] if len(paid) % 2 else euros((paid[middle - 1] + paid[middle]) / 2)
    return Distribution(
        payers=len(paid),
        total=total,
        smallest=paid[-1],
        median=median,
        largest=paid[0],
        at_largest=paid.count(paid[0]),
        to_half=to_half,
    )
