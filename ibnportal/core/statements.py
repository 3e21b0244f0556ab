"""Reads whose SQL is made once: of a wide row Django takes longer to write the query than PostgreSQL to answer it (docs/adr/0038).

    _DOSSIER = Statement(lambda number: Application.objects.filter(number=number).select_related("call", "applicant"))

    found = _DOSSIER.all("IBN-2025-001")

What comes back are the same objects as of the query set itself, in the same one query (`all`), or the same lines of values where it is a
`values_list` (`lines`); what it prefetches is not part of it.
"""

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable
from copy import copy
from enum import Enum
from functools import lru_cache
from typing import Any, Generic, NamedTuple, TypeVar
from weakref import WeakSet

from django.core.exceptions import EmptyResultSet
from django.db import connection, models
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

Row = TypeVar("Row", bound=models.Model)


class Day(NamedTuple):
    """A date that is filled in, as keys and moments are; one by itself is part of the shape."""

    value: dt.date


Value = int | str | dt.date | Day | Enum | tuple[int, ...] | tuple[str, ...] | frozenset[Any] | None
_Place = tuple[int, int | None]

_SHAPES_KEPT = 8
_NO_KEY = -9_000_000_000_000  # stands where a number will; no key comes near
_NO_TEXT = "\ue000"  # and where a text will
_NO_MOMENT = dt.datetime(1000, 1, 1, tzinfo=dt.UTC)  # and where a moment will


class _NoDay(dt.date):
    """And where a date will; who reckons with it would reckon with a date that is not there."""

    @property
    def year(self) -> int:
        raise TypeError("Of a date that is filled in nothing can be reckoned: hand over what you reckoned.")

    month = day = year


class Statement(Generic[Row]):
    """A query set as a function of values, whose text is kept for each shape of them.

    Keys, texts, moments and a `Day` are filled in at each asking, so the query set may compare with them but not decide by them what it
    asks. Part of the shape, and free to decide: how many keys a tuple has, a choice (an enum, True or False, None), a set of choices
    (roles), names (a tuple of texts), and a date by itself: "today" makes another text tomorrow. What would stand still in the text is
    refused (TypeError): a moment that the query set takes by itself, a text that it puts into a pattern. `shapes` are kept, the last asked.
    """

    def __init__(self, build: Callable[..., "QuerySet[Row]"], *, shapes: int = _SHAPES_KEPT) -> None:
        self._build = build
        self._made = lru_cache(maxsize=shapes)(self._make)

    def lines(self, *values: Value) -> list[tuple[Any, ...]]:
        """The lines of values for these values, of a `values_list`."""
        made = self._made(*map(_shape, values))
        if made is None:
            return []
        with connection.cursor() as cursor:
            cursor.execute(made.plan.ready(), _filled(values, made.places))
            found: list[tuple[Any, ...]] = cursor.fetchall()
        if not made.converters:
            return found
        return [tuple(line) for line in made.compiler.apply_converters(found, made.converters)]

    def sql(self, *values: Value) -> tuple[str, tuple[Any, ...]]:
        """Its text and parameters for these values, to stand within another; raises EmptyResultSet where nothing can fit."""
        made = self._made(*map(_shape, values))
        if made is None:
            raise EmptyResultSet
        found = list(made.params)
        for at, (index, place) in zip(made.open, made.places, strict=True):
            (found[at],) = _filled(values, [(index, place)])
        return made.text, tuple(found)

    def all(self, *values: Value) -> list[Row]:
        """The rows for these values."""
        made = self._made(*map(_shape, values))
        if made is None:
            return []
        filled = _filled(values, made.places)
        asked = copy(made.compiler)
        asked.connection = connection
        asked.as_sql = lambda *_args, **_options: (made.plan.ready(), filled)
        asked.get_converters = lambda _expressions: made.converters
        query = copy(made.compiler.query)
        query.get_compiler = lambda *_args, **_options: asked
        return list(QuerySet(query.model, query))

    def _make(self, *shape: Any) -> "_Made | None":
        """What is kept of a shape; None where nothing can fit."""
        stand_ins = [_stand_in(index, each) for index, each in enumerate(shape)]
        stands: dict[Any, _Place] = {}
        for index, each in enumerate(stand_ins):
            if isinstance(each, tuple) and each and isinstance(each[0], int):
                stands |= {number: (index, place) for place, number in enumerate(each)}
            elif isinstance(each, int | str | dt.datetime | _NoDay) and not isinstance(each, bool | Enum):
                stands[each] = (index, None)
        compiler: Any = self._build(*stand_ins).query.get_compiler(connection=connection)
        try:
            text, params = compiler.as_sql()
        except EmptyResultSet:
            if _Keys(0) not in shape:  # a number that is no key, and does not fit its column
                raise
            return None
        places = {at: stands[param] for at, param in enumerate(params) if type(param) in _FILLED and param in stands}
        if any(isinstance(param, dt.datetime) and param not in stands for param in params):
            raise TypeError("A moment of now would be kept in the text: hand it over as a value.")
        if any(isinstance(param, str) and _NO_TEXT in param and param not in stands for param in params):
            raise TypeError("A text within another (a pattern) would be kept as it is: make the pattern first.")
        converters = compiler.get_converters([each for each, _, _ in compiler.select])
        plan = _Plan(text, params, places)
        return _Made(compiler, plan, list(places.values()), converters, text, tuple(params), tuple(places))


class _Made(NamedTuple):
    """The compiler as it is after writing, the plan, the value for each of its places, what makes a value of a column, and the text with its places."""

    compiler: Any
    plan: "_Plan"
    places: list[_Place]
    converters: dict[int, Any]
    text: str
    params: tuple[Any, ...]
    open: tuple[int, ...]


_FILLED = {int, str, dt.datetime, _NoDay}


def _filled(values: tuple[Value, ...], places: list[_Place]) -> tuple[Any, ...]:
    found: list[Any] = []
    for index, place in places:
        value: Any = values[index]
        if place is not None:
            value = value[place]
        found.append(value.value if isinstance(value, Day) else value)
    return tuple(found)


class _Keys(NamedTuple):
    """The shape of so many keys."""

    number: int


def _shape(value: Value) -> Any:
    if isinstance(value, Day):
        return Day
    if isinstance(value, tuple):
        return value if value and isinstance(value[0], str) else _Keys(len(value))
    is_choice = value is None or isinstance(value, bool | dt.date | Enum | frozenset)
    return value if is_choice and not isinstance(value, dt.datetime) else type(value)


def _stand_in(index: int, shape: Any) -> Any:
    """A value of that shape which stands nowhere else in the query."""
    first = _NO_KEY + index * 1_000_000
    if shape is int:
        return first
    if shape is str:
        return f"{_NO_TEXT}{index}"
    if shape is dt.datetime:
        return _NO_MOMENT + dt.timedelta(days=index)
    if shape is Day:
        return _NoDay(1000, 1, 1 + index)
    return tuple(range(first, first + shape.number)) if isinstance(shape, _Keys) else shape


def written(model: type[models.Model], expression: Any) -> RawSQL:
    """What an expression says of one row of `model`, its text made once; for query sets of that model itself, not within another query.

    The expression may hold queries that refer to the row, but no join and no moment of now.
    """
    query = model._base_manager.order_by().values(written=expression).query  # noqa: SLF001 - no default manager may add a condition
    compiler: Any = query.get_compiler(connection=connection)
    compiler.setup_query()
    if sum(map(bool, query.alias_refcount.values())) > 1:
        raise TypeError("An expression that joins another table does not stand by itself: make a subquery of it.")
    text, params = compiler.compile(query.annotations["written"])
    return RawSQL(text, params, output_field=query.annotations["written"].output_field)  # noqa: S611 - written by the ORM


class Planned:
    """A read of one value by a key, for a query that the ORM writes as text: `text` ends where the key comes."""

    def __init__(self, text: str, params: Iterable[Any]) -> None:
        known = tuple(params)
        self._plan = _Plan(f"{text} %s", (*known, None), [len(known)])

    def value(self, key: int) -> Any:
        """The first column of the row with that key, one query; raises `TypeError` when there is no such row."""
        with connection.cursor() as cursor:
            cursor.execute(self._plan.ready(), [key])
            return cursor.fetchone()[0]


class _Plan:
    """A text as PostgreSQL keeps it: of wide reads and of many lists the planning is half of the work.

    A connection plans it at its first asking and drops the plan when it closes; behind a pooler that hands out a connection by
    transaction this cannot be (docs/operations.md).
    """

    def __init__(self, text: str, params: Iterable[Any], places: Iterable[int]) -> None:
        open_places = list(places)
        self._kept = tuple(param for at, param in enumerate(params) if at not in open_places)
        first, *pieces = text.split("%s")
        numbers = {at: f"${number}" for number, at in enumerate(open_places, start=1)}
        self._text = first + "".join(numbers.get(at, "%s") + piece for at, piece in enumerate(pieces))
        self._known: WeakSet[Any] = WeakSet()
        self._name = f"planned_{hashlib.sha256(repr((self._text, self._kept)).encode()).hexdigest()[:16]}"
        filled = ", ".join("%s" for _ in open_places)
        self._execute = f"EXECUTE {self._name} ({filled})" if filled else f"EXECUTE {self._name}"

    def ready(self) -> str:
        """What to execute, with a value for each place, on the connection of this thread."""
        connection.ensure_connection()
        raw: Any = connection.connection
        if raw not in self._known:
            with connection.cursor() as cursor:
                text = cursor.mogrify(self._text, self._kept)
            with raw.cursor() as plain:
                plain.execute("SELECT 1 FROM pg_prepared_statements WHERE name = %s", [self._name])
                if plain.fetchone() is None:
                    plain.execute(f"PREPARE {self._name} AS {text}")
            self._known.add(raw)
        return self._execute
