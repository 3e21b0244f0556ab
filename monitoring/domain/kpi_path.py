"""How far an indicator should be and is: the path to its target, and the percentage of it (HK-04, HK-07). Pure."""

from decimal import ROUND_HALF_UP, Decimal

from ibnportal.core.money import CENT


def path(baseline: Decimal | None, target: Decimal | None, *, project_year: int, years: int) -> Decimal | None:
    """Where the indicator would be at the end of a project year, in equal steps from the start to the target.

    The target is that of the end of the last year (HK-04); without a baseline the steps begin at 0. None without a target.
    """
    if target is None:
        return None
    begin = baseline or Decimal(0)
    return (begin + (target - begin) * min(project_year, years) / years).quantize(CENT, rounding=ROUND_HALF_UP)


def share_of_target(value: Decimal, target: Decimal) -> Decimal:
    """The same as a fraction, rounded to whole per cent too: what a chart draws is what its table says."""
    return (value / target).quantize(CENT, rounding=ROUND_HALF_UP)


def percent_of_target(value: Decimal | None, target: Decimal | None) -> int | None:
    """The value against the target in whole per cent, half a per cent up (HK-07); None without either, or for a target of 0."""
    if value is None or not target:
        return None
    return int((value / target * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))
