"""The size of a company by the European definition (recommendation 2003/361/EC), from figures that somebody gave. Pure.

Staff decides first, then turnover or balance: one of the two within the bound is enough. Companies in which, or by which,
more than the linked share is held count whole; partners count by their share. What is not known stays unknown: only
where the missing figures cannot change the outcome any more is there one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from calls.ruleset import Rules
from monitoring.enums import Independence, SizeClass


@dataclass(frozen=True, slots=True)
class Figures:
    """Staff in yearly work units, turnover and balance total in euros; None for what nobody told."""

    staff: Decimal | None = None
    turnover: Decimal | None = None
    balance: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Tie:
    """Another company, with the share (0 to 1) of capital or votes between the two."""

    fraction: Decimal
    figures: Figures


@dataclass(frozen=True, slots=True)
class Outcome:
    """The class, and why, or why there is none."""

    size: SizeClass
    reason: str


class Bounds(NamedTuple):
    """As much of the rules of a call as a size rests on."""

    size_micro_staff: int
    size_small_staff: int
    size_medium_staff: int
    size_micro_money: Decimal
    size_small_money: Decimal
    size_medium_turnover: Decimal
    size_medium_balance: Decimal
    size_partner_fraction: Decimal
    size_linked_fraction: Decimal


def size_of(own: Figures, independence: str, ties: Sequence[Tie], rules: Rules | Bounds) -> Outcome:
    """The size class with its reason; UNKNOWN whenever a missing figure could still change it."""
    if independence == Independence.PUBLIC:
        return Outcome(SizeClass.LARGE, "Een kwart of meer is in handen van de overheid: dan is het geen kmo.")
    counted = [tie for tie in ties if tie.fraction >= rules.size_partner_fraction]
    known = _sum(own, counted, rules, at_least=True)
    if known.staff is not None and known.staff >= rules.size_medium_staff:
        return Outcome(SizeClass.LARGE, f"{_number(known.staff)} werkzame personen of meer.")
    if independence == Independence.UNKNOWN:
        return Outcome(SizeClass.UNKNOWN, "Of er verbonden ondernemingen of partners zijn, is niet gekend.")
    if independence == Independence.LINKED and not ties:
        return Outcome(SizeClass.UNKNOWN, "De cijfers van de verbonden ondernemingen en partners ontbreken.")
    return _classify(_sum(own, counted, rules, at_least=False), rules)


def _classify(total: Figures, rules: Rules | Bounds) -> Outcome:
    if total.staff is None:
        return Outcome(SizeClass.UNKNOWN, "Het aantal werkzame personen is niet gekend.")
    for size, staff, turnover, balance in _bounds(rules):
        if total.staff >= staff:
            continue
        within = _within(total, turnover, balance)
        if within is None:
            return Outcome(SizeClass.UNKNOWN, "Omzet en balanstotaal zijn niet genoeg gekend om te besluiten.")
        if within:
            return Outcome(size, f"{_number(total.staff)} werkzame personen, en omzet of balanstotaal binnen de grens.")
    return Outcome(SizeClass.LARGE, "Omzet en balanstotaal liggen allebei boven de grens van een kmo.")


def _bounds(rules: Rules | Bounds) -> Iterator[tuple[SizeClass, int, Decimal, Decimal]]:
    """The classes of an SME from the smallest on, each with its bounds of staff, turnover and balance."""
    yield SizeClass.MICRO, rules.size_micro_staff, rules.size_micro_money, rules.size_micro_money
    yield SizeClass.SMALL, rules.size_small_staff, rules.size_small_money, rules.size_small_money
    yield SizeClass.MEDIUM, rules.size_medium_staff, rules.size_medium_turnover, rules.size_medium_balance


def _within(total: Figures, turnover: Decimal, balance: Decimal) -> bool | None:
    """Whether one of the two is within its bound; None when that depends on a figure that is missing."""
    if total.turnover is not None and total.turnover <= turnover:
        return True
    if total.balance is not None and total.balance <= balance:
        return True
    return None if total.turnover is None or total.balance is None else False


def _sum(own: Figures, ties: Sequence[Tie], rules: Rules | Bounds, *, at_least: bool) -> Figures:
    """Own figures with those of the ties. `at_least`: what is missing counts for nothing, for a lower bound."""
    if not ties:
        return own

    def total(name: str) -> Decimal | None:
        parts: list[Decimal] = []
        for fraction, figures in [(Decimal(1), own), *((tie.fraction, tie.figures) for tie in ties)]:
            value = getattr(figures, name)
            if value is None:
                if at_least:
                    continue
                return None
            parts.append(value if fraction > rules.size_linked_fraction else value * fraction)
        return sum(parts, Decimal(0)) if parts else None

    return Figures(total("staff"), total("turnover"), total("balance"))


def _number(value: Decimal) -> str:
    return f"{value.normalize():f}".replace(".", ",")
