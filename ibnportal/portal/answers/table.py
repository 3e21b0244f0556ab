"""What an answer is: a table whose every figure says what it counts, on what it rests, and which rows are behind it. Pure."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from itertools import chain
from typing import Any, NamedTuple, TypeVar, overload

Thing = TypeVar("Thing")
Value = Decimal | int | str | date | None
PER_CENT = Decimal("0.01")
NUMBERS = (Decimal, int)
"""What can be summed; a union made anew for each cell takes longer than the sum."""


class Kind(StrEnum):
    """How a column is written."""

    TEXT = "text"
    NUMBER = "number"
    EURO = "euro"
    PERCENT = "percent"  # of a fraction: 0.85 is 85 %
    DATE = "date"


class Basis(StrEnum):
    """On what a figure rests (HK-08)."""

    REPORTED = "gemeld"
    COMPUTED = "berekend"
    TARGET = "streefwaarde"
    AT_START = "bij de start"
    PUBLISHED = "gepubliceerd"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its title, how it is written, what its figures mean and on what they rest."""

    key: str
    title: str
    kind: Kind = Kind.TEXT
    definition: str = ""
    basis: Basis | None = None

    @property
    def is_figure(self) -> bool:
        """Whether the column holds figures."""
        return self.kind in {Kind.NUMBER, Kind.EURO, Kind.PERCENT}


@dataclass(frozen=True, slots=True)
class Behind:
    """One row behind a figure: what it is, what it says, who said so, and where it stands in the portal."""

    what: str
    value: str
    source: str
    url: str = ""
    is_reading: bool = True
    note: str = ""


class Made(Sequence[Thing]):
    """Made of other things one by one, each when somebody looks at it: of the thousands of rows of an answer a page shows three hundred."""

    __slots__ = ("_make", "_things")

    def __init__(self, things: Sequence[Any], make: Callable[[Any], Thing]) -> None:
        self._things, self._make = things, make

    def __len__(self) -> int:
        return len(self._things)

    def __bool__(self) -> bool:
        return bool(self._things)

    def __iter__(self) -> Iterator[Thing]:
        return map(self._make, self._things)

    @overload
    def __getitem__(self, place: int) -> Thing: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Thing]: ...
    def __getitem__(self, place: int | slice) -> Thing | Sequence[Thing]:
        return self._part(self._things[place]) if isinstance(place, slice) else self._make(self._things[place])

    def _part(self, things: Sequence[Any]) -> Sequence[Thing]:
        return Made(things, self._make)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    def __hash__(self) -> int:
        return hash(tuple(self))


class Each(Made[Behind]):
    """What is behind a count of many things. `source` is theirs, where all have the same one: a file names it without opening them."""

    __slots__ = ("source",)

    def __init__(self, things: Sequence[Any], make: Callable[[Any], Behind], *, source: str = "") -> None:
        super().__init__(things, make)
        self.source = source

    def _part(self, things: Sequence[Any]) -> Sequence[Behind]:
        return Each(things, self._make, source=self.source)


class Late(Sequence[Thing]):
    """So many things, read only when somebody opens them; `number` None where nobody counted, and there is at least one."""

    __slots__ = ("_number", "_opened", "_read")

    def __init__(self, number: int | None, read: Callable[[], Sequence[Thing]]) -> None:
        self._number, self._read = number, read
        self._opened: Sequence[Thing] | None = None

    @property
    def _things(self) -> Sequence[Thing]:
        if self._opened is None:
            self._opened = self._read()
        return self._opened

    def __len__(self) -> int:
        return len(self._things) if self._number is None else self._number

    def __bool__(self) -> bool:
        return self._number is None or self._number > 0

    def __iter__(self) -> Iterator[Thing]:
        return iter(self._things)

    @overload
    def __getitem__(self, place: int) -> Thing: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Thing]: ...
    def __getitem__(self, place: int | slice) -> Thing | Sequence[Thing]:
        return self._things[place]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    def __hash__(self) -> int:
        return hash(tuple(self))


def joined(*parts: Sequence[Thing]) -> Sequence[Thing]:
    """One after another, each read when somebody opens it."""
    told = [part for part in parts if part]
    if len(told) > 1:
        return Late(None, lambda: list(chain(*told)))
    return told[0] if told else ()


class Row(NamedTuple):
    """One row: its cells by the key of their column, and what is behind them; `note` is a footnote."""

    key: str
    cells: Mapping[str, Value]
    behind: Sequence[Behind] = ()
    note: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """What a person would rather look at: a column as bars, or as a map of provinces."""

    title: str
    label: str
    values: tuple[str, ...]
    unit: str = ""
    group: str = ""  # a column whose text stands before the label
    is_map: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """A table with all that a reader needs to trust it, or `unanswered`: why there is none.

    `base` says over what is counted, `coverage` how much of that is known; `total` sums the columns named in it. `is_told` says whether
    there is a source behind any row, where that is known without looking through them.
    """

    columns: tuple[Column, ...]
    rows: Sequence[Row] = ()
    total: dict[str, Value] = field(default_factory=dict)
    base: str = ""
    coverage: str = ""
    notes: tuple[str, ...] = ()
    unanswered: str = ""
    chart: Chart | None = None
    is_told: bool | None = None

    def lines(self) -> list[list[Value]]:
        """The cells as rows, in the order of the columns, with footnote and source at the end."""
        return [[*(row.cells.get(column.key) for column in self.columns), row.note, sources(row)] for row in self.rows]

    def heads(self) -> list[str]:
        """The titles that go with `lines`."""
        return [*(column.title for column in self.columns), "Opmerking", "Bron"]

    def with_notes(self, *notes: str) -> "Answer":
        """The same with these notes too."""
        return replace(self, notes=(*self.notes, *(note for note in notes if note)))


def sources(row: Row) -> str:
    """The sources behind a row, each once."""
    return "; ".join(sources_behind(row.behind))


def sources_behind(behind: Sequence[Behind]) -> list[str]:
    """The same one by one; what is behind is not opened where its source is known."""
    if isinstance(behind, Each) and behind.source:
        return [behind.source] if behind else []
    return list(dict.fromkeys(one.source for one in behind if one.source))


def none_of(columns: Sequence[Column], why: str, *notes: str, coverage: str = "") -> Answer:
    """An answer that cannot be given, with the reason."""
    return Answer(tuple(columns), unanswered=why, notes=notes, coverage=coverage)


def summed(rows: Iterable[Row], *keys: str) -> dict[str, Value]:
    """The sums of these columns over what is known; a column in which nothing is known has no sum."""
    kept = list(rows)
    return sums(**{key: [row.cells.get(key) for row in kept] for key in keys})


def sum_known(values: Iterable[Decimal | None]) -> Decimal | None:
    """The sum of what is known; None where nothing is, for an unknown figure is not zero."""
    known = [value for value in values if value is not None]
    return sum(known, Decimal(0)) if known else None


def sums(**columns: Iterable[Value]) -> dict[str, Value]:
    """The same of columns of values: the rows that hold them need not be made."""
    known = {key: [value for value in values if isinstance(value, NUMBERS)] for key, values in columns.items()}
    return {key: sum(values, Decimal(0)) for key, values in known.items() if values}


def share(part: Decimal | int | None, whole: Decimal | int | None) -> Decimal | None:
    """A fraction with its whole per cent rounded as in the published tables (HK-07); None without either."""
    if part is None or not whole:
        return None
    return (Decimal(part) / Decimal(whole)).quantize(PER_CENT, rounding=ROUND_HALF_UP)


def known_of(rows: Iterable[Row], key: str, what: str) -> str:
    """`14 van 20 netwerken`: in how many rows this column is known."""
    return known_in([row.cells.get(key) for row in rows], what)


def known_in(column: Collection[Value], what: str) -> str:
    """The same of a column of values."""
    return f"{sum(value is not None for value in column)} van {len(column)} {what}"
