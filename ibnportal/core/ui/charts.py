"""Bar charts that are tables: each row holds its bar as a small SVG and its figure as text, so nothing is only drawn."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ibnportal.core.ui import formats

WIDTH = 100  # the SVG's own units; it stretches to the width of its cell
ROOM = Decimal("1.04")  # the longest bar stays clear of the edge


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its width and target mark in units of the SVG, its figure as text."""

    width: str
    figure: str
    series: int


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


def bars(rows: Iterable[Any], *, unit: str = "", target: Any = None) -> list[BarRow]:
    """Geometry and figures of `(label, value, …)` tuples or dicts with label, value(s), target and url.

    All bars share one scale from 0 to the largest value or target; negative values draw no bar, their figure says it.
    """
    read = [(label, values, target if own is None else own, url) for label, values, own, url in map(_values, rows)]
    every = [_decimal(value) for _, values, goal, _ in read for value in (*values, goal)]
    scale = WIDTH / (max(every, default=Decimal(0)) * ROOM or Decimal(1))

    def units(value: Any) -> str:
        return f"{max(_decimal(value), Decimal(0)) * scale:.2f}"

    return [
        BarRow(
            label=label,
            bars=tuple(Bar(units(value), figure(value, unit), index + 1) for index, value in enumerate(values)),
            target="" if goal is None else units(goal),
            target_figure="" if goal is None else figure(goal, unit),
            url=url,
        )
        for label, values, goal, url in read
    ]
