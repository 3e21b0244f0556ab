"""What changed between two versions of a budget: by project year and cost type, and line by line (BUD-17). Pure."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from applications.domain import budget
from calls.enums import CostType
from calls.ruleset import Rules
from ibnportal.core.money import ZERO


class Line(budget.Cost, Protocol):
    """A line with its words: of a draft or of a snapshot."""

    @property
    def description(self) -> str:
        """What it is for."""

    @property
    def motivation(self) -> str:
        """Why, or by which key."""

    @property
    def supplier(self) -> str:
        """Who performs and invoices it."""


class What(StrEnum):
    """What happened to a line."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class SumChange:
    """A year's costs of one type, or all of them where `cost_type` is empty, before and after; euros."""

    project_year: int
    cost_type: str
    old: Decimal
    new: Decimal

    @property
    def by(self) -> Decimal:
        """How much more, negative for less."""
        return self.new - self.old


@dataclass(frozen=True, slots=True)
class LineChange:
    """One line before and after; amounts in euro, 0 where there was or is none. `words` are what else changed, in Dutch."""

    project_year: int
    cost_type: str
    description: str
    what: What
    old: Decimal
    new: Decimal
    old_months: Decimal
    new_months: Decimal
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """All that changed; empty when two versions say the same."""

    sums: tuple[SumChange, ...]
    lines: tuple[LineChange, ...]
    old_total: Decimal
    new_total: Decimal
    old_months: Decimal
    new_months: Decimal

    @property
    def is_empty(self) -> bool:
        """Whether nothing changed."""
        return not self.lines


def difference(old: Iterable[Line], new: Iterable[Line], rules: Rules) -> Difference:
    """From the old version to the new one.

    Lines are the same when year, type and description are; of what is left, one with the same amount and months was renamed.
    """
    before, after = list(old), list(new)
    was, now = budget.figures(before, rules), budget.figures(after, rules)
    sums = [
        SumChange(year, kind, was.by_year_and_type[year, kind], now.by_year_and_type[year, kind])
        for year in now.years
        for kind in CostType.values
    ]
    lines = sorted(
        _lines(before, after), key=lambda change: (change.project_year, CostType.values.index(change.cost_type))
    )
    return Difference(
        sums=tuple(change for change in sums if change.by),
        lines=tuple(lines),
        old_total=was.total,
        new_total=now.total,
        old_months=was.person_months,
        new_months=now.person_months,
    )


def _lines(before: list[Line], after: list[Line]) -> Iterable[LineChange]:
    gone: dict[tuple[int, str, str], list[Line]] = defaultdict(list)
    for line in before:
        gone[_key(line)].append(line)
    come: list[Line] = []
    for line in after:
        same = gone[_key(line)]
        if not same:
            come.append(line)
            continue
        # Of several lines with one name the one that did not change is paired first.
        twin = next((other for other in same if not _is_other(other, line)), same[0])
        same.remove(twin)
        if _is_other(twin, line):
            yield _changed(twin, line)
    left = [line for lines in gone.values() for line in lines]
    for line in come:
        renamed = next((other for other in left if _figures(other) == _figures(line)), None)
        if renamed is not None:
            left.remove(renamed)
            yield _changed(renamed, line)
        else:
            yield LineChange(
                line.project_year,
                line.cost_type,
                line.description,
                What.ADDED,
                ZERO,
                line.amount,
                ZERO,
                line.person_months,
            )
    for line in left:
        yield LineChange(
            line.project_year,
            line.cost_type,
            line.description,
            What.REMOVED,
            line.amount,
            ZERO,
            line.person_months,
            ZERO,
        )


def _key(line: Line) -> tuple[int, str, str]:
    return line.project_year, str(line.cost_type), " ".join(line.description.casefold().split())


def _figures(line: Line) -> tuple[int, str, Decimal, Decimal]:
    return line.project_year, str(line.cost_type), line.amount, line.person_months


def _texts(line: Line) -> tuple[str, ...]:
    return line.description, line.motivation, line.supplier


def _is_other(one: Line, other: Line) -> bool:
    return (one.amount, one.person_months, *_texts(one)) != (other.amount, other.person_months, *_texts(other))


def _changed(old: Line, new: Line) -> LineChange:
    labels = (f"heette “{old.description}”", "andere motivering of toelichting", "andere uitvoerder")
    words = tuple(
        label for label, before, after in zip(labels, _texts(old), _texts(new), strict=True) if before != after
    )
    return LineChange(
        new.project_year,
        new.cost_type,
        new.description,
        What.CHANGED,
        old.amount,
        new.amount,
        old.person_months,
        new.person_months,
        words,
    )
