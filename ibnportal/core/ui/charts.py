"""Bar charts that are tables: each row holds its bar as a small SVG and its figure as text, so nothing is only drawn."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from itertools import zip_longest
from typing import Any

from ibnportal.core.places import Province
from ibnportal.core.ui import formats

WIDTH = 100  # the SVG's own units; it stretches to the width of its cell
ROOM = Decimal("1.04")  # the longest bar stays clear of the edge


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its width and target mark in units of the SVG, its figure as text, and what its series is called where there are several."""

    width: str
    figure: str
    series: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class BarRow:
    """One row of the chart."""

    label: str
    bars: tuple[Bar, ...]
    target: str
    target_figure: str
    url: str


def figure(value: Any, unit: str) -> str:
    """The value in its unit: "euro", "percent" (of a fraction), or a word that follows the number."""
    if unit == "euro":
        return formats.euro(value, cents=False)
    if unit == "percent":
        return formats.percent(value)
    text = formats.number(value)
    return f"{text}{formats.NBSP}{unit}" if unit and value is not None else text


def _decimal(value: Any) -> Decimal:
    return Decimal(0) if value is None else Decimal(str(value))


def _values(row: Any) -> tuple[str, Sequence[Any], Any, str]:
    if isinstance(row, dict):
        value = row.get("values", row.get("value"))
        values = value if isinstance(value, list | tuple) else [value]
        return str(row["label"]), values, row.get("target"), str(row.get("url", ""))
    label, *values = row
    return str(label), values, None, ""


def bars(rows: Iterable[Any], *, unit: str = "", target: Any = None, names: Sequence[str] = ()) -> list[BarRow]:
    """Geometry and figures of `(label, value, …)` tuples or dicts with label, value(s), target and url; `names` are those of the series.

    All bars share one scale from 0 to the largest value or target, of fractions at least to the whole: 37 % is no full bar. Negative
    values draw no bar, their figure says it.
    """
    read = [(label, values, target if own is None else own, url) for label, values, own, url in map(_values, rows)]
    every = [_decimal(value) for _, values, goal, _ in read for value in (*values, goal)]
    if unit == "percent":
        every.append(Decimal(1))
    scale = WIDTH / (max(every, default=Decimal(0)) * ROOM or Decimal(1))

    def units(value: Any) -> str:
        return f"{max(_decimal(value), Decimal(0)) * scale:.2f}"

    return [
        BarRow(
            label=label,
            bars=tuple(
                Bar(units(value), figure(value, unit), series, name)
                for series, (value, name) in enumerate(zip_longest(values, names[: len(values)], fillvalue=""), start=1)
            ),
            target="" if goal is None else units(goal),
            target_figure="" if goal is None else figure(goal, unit),
            url=url,
        )
        for label, values, goal, url in read
    ]


# ---------------------------------------------------------------- the map of provinces

SHAPES = {
    "west_flanders": ("2,30 10,20 22,14 30,22 32,34 30,46 22,52 12,44", 20, 34),
    "east_flanders": ("30,22 44,18 56,20 58,30 54,40 46,48 30,46 32,34", 44, 33),
    "antwerp": ("56,20 64,8 78,4 90,10 92,20 82,30 68,34 58,30", 75, 20),
    "limburg": ("92,20 104,16 118,24 120,38 110,50 96,48 86,42 82,30", 103, 34),
    "flemish_brabant": ("54,40 58,30 68,34 82,30 86,42 96,48 84,52 70,50 56,52 46,48", 73, 43),
}
"""The five Flemish provinces, drawn roughly: points of each and where its figure stands; units of the SVG."""
STEPS = 4


@dataclass(frozen=True, slots=True)
class Area:
    """One province on the map: its outline, its shade from 0 (nothing) to 4 (the most), its figure and its name."""

    points: str
    x: int
    y: int
    step: int
    figure: str
    name: str

    @property
    def name_y(self) -> int:
        """Where its name stands, under its figure."""
        return self.y + 4


def areas(values: Mapping[str, Any]) -> list[Area]:
    """The map of these values by province code; a province that is not given shows no figure."""
    most = max((_decimal(values.get(code)) for code in SHAPES), default=Decimal(0))
    drawn = []
    for code, (points, x, y) in SHAPES.items():
        value = _decimal(values.get(code))
        step = int((value * STEPS / most).to_integral_value(ROUND_CEILING)) if most > 0 and value > 0 else 0
        figure = formats.number(values[code]) if values.get(code) is not None else ""
        drawn.append(Area(points, x, y, step, figure, str(Province(code).label)))
    return drawn


# ---------------------------------------------------------------- points on a field

LEFT, TOP, FIELD_WIDTH, FIELD_HEIGHT = 40, 10, 270, 190  # of `components/matrix_chart.html`, in units of its SVG
BASELINE = 4  # a number stands in the middle of its point


@dataclass(frozen=True, slots=True)
class Point:
    """One point: its place on the field (empty where a value is missing), its values, its series."""

    number: int
    label: str
    group: str
    series: int
    x: str
    y: str
    text_y: str
    x_value: Any
    y_value: Any


def points(rows: Iterable[Sequence[Any]], *, x_max: Any, y_max: Any) -> list[Point]:
    """Geometry of `(number, label, x, y, group)` rows; the groups become series in the order in which they come."""
    groups: dict[str, int] = {}
    made = []
    for number, label, x, y, group in rows:
        series = groups.setdefault(group, len(groups) + 1)
        left = above = text = ""
        if x is not None and y is not None:
            left = f"{LEFT + _decimal(x) / _decimal(x_max) * FIELD_WIDTH:.2f}"
            height = TOP + FIELD_HEIGHT - _decimal(y) / _decimal(y_max) * FIELD_HEIGHT
            above, text = f"{height:.2f}", f"{height + BASELINE:.2f}"
        made.append(Point(number, label, group, series, left, above, text, x, y))
    return made
