"""A chart as one drawing, for paper: an SVG with its own text and colours, the same on the page of a document, in its PDF and in its Word file.

On a page that people use, charts are tables with bars in their cells (`components/bar_chart.html`); both take scale, figures and map from `charts`.
A drawing holds its alternative text as its title; its figures stand in a table beside it, always.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Any

from django.template.loader import render_to_string

from ibnportal.core.ui import charts

MM_IN_UNIT = 25.4 / 96
"""How wide one unit of a drawing is on paper, in mm."""
WIDTH = 640  # of every drawing of bars, in units; its letters are a good 8 points
LETTER, LINE, LETTER_WIDTH = 11, 14, 0.56  # size, distance of two lines, width of a letter as a part of its size
BAR, BETWEEN_BARS, BETWEEN_ROWS = 12, 3, 9
MANY, BAR_OF_MANY, BETWEEN_MANY = 12, 10, 4
"""From more than so many rows on they stand closer, so that a chart and the head above it share a page."""
LABELS = 220  # room for the names at most; a longer one goes on a next line
GAP = 10
MIDDLE = 4  # how far under the middle of its bar a figure stands, so that it looks level
SWATCH = 9
COLOURS = ("#333332", "#8a7a00", "#0b559f")
SHADES = ("#e9e7df", "#d8d2b4", "#b3a95c", "#6d6a52", "#333332")
DARK = 2
"""From the shade after this one on, a figure is written in white."""
_VIEW_BOX = re.compile(r'viewBox="0 0 ([\d.]+) ([\d.]+)"')


@dataclass(frozen=True, slots=True)
class Written:
    """A text and where it stands."""

    x: str
    y: str
    text: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """A bar with its figure."""

    y: str
    width: str
    colour: str
    figure: Written


@dataclass(frozen=True, slots=True)
class Line:
    """What belongs to one name: its lines of text, its bars, and the rule above it."""

    rule: str
    names: tuple[Written, ...]
    bars: tuple[Drawn, ...]


def bars(rows: Iterable[Any], *, alt: str, unit: str = "", series: Sequence[str] = ()) -> str:
    """The drawing of rows as `charts.bars` takes them; `series` names the bars of a row where there are more than one."""
    made = charts.bars(rows, unit=unit)
    names = [wrap(row.label, int(LABELS / (LETTER * LETTER_WIDTH))) or [""] for row in made]
    left = max((_width(line) for lines in names for line in lines), default=0) + GAP
    room = WIDTH - left - max((_width(bar.figure) for row in made for bar in row.bars), default=0) - GAP
    legend, top = _legend(series if len(series) > 1 else ())
    tall, between = (BAR_OF_MANY, BETWEEN_MANY) if len(made) > MANY else (BAR, BETWEEN_ROWS)
    lines = []
    for row, label in zip(made, names, strict=True):
        thick = len(row.bars) * (tall + BETWEEN_BARS) - BETWEEN_BARS
        high = max(thick, len(label) * LINE) + between
        first_name, first_bar = top + (high - len(label) * LINE) / 2, top + (high - thick) / 2
        drawn = []
        for place, bar in enumerate(row.bars):
            y, width = first_bar + place * (tall + BETWEEN_BARS), float(bar.width) * room / charts.WIDTH
            figure = Written(_units(left + width + GAP / 2), _units(y + tall / 2 + MIDDLE), bar.figure)
            drawn.append(Drawn(_units(y), _units(width), COLOURS[place % len(COLOURS)], figure))
        written = (Written("0", _units(first_name + LETTER + n * LINE), text) for n, text in enumerate(label))
        lines.append(Line(_units(top), tuple(written), tuple(drawn)))
        top += high
    context = {
        "alt": alt, "width": str(WIDTH), "height": _units(top), "left": _units(left), "start": lines[0].rule if lines else "0",
        "lines": lines, "legend": legend, "bar": str(tall), "swatch": str(SWATCH), "letter": str(LETTER),
    }  # fmt: skip
    return render_to_string("drawings/bars.svg", context).strip()


def province_map(values: Mapping[str, Any], *, alt: str) -> str:
    """The drawing of the map of provinces, with their names."""
    areas = [
        {
            "points": area.points,
            "x": str(area.x),
            "y": str(area.y),
            "name_y": _units(area.name_y),
            "fill": SHADES[area.step],
            "ink": "#ffffff" if area.step > DARK else "#1c1c1b",
            "figure": area.figure,
            "name": area.name,
        }
        for area in charts.areas(values)
    ]
    return render_to_string("drawings/province_map.svg", {"alt": alt, "areas": areas}).strip()


def shape_of(drawing: str) -> tuple[float, float]:
    """Width and height of a drawing, in units."""
    found = _VIEW_BOX.search(drawing)
    if found is None:
        raise ValueError("This is no drawing: it has no view box.")
    return float(found[1]), float(found[2])


def _legend(series: Sequence[str]) -> tuple[list[tuple[str, str, str, Written]], float]:
    """(x, y, colour, name) of each series with a swatch before it, one under another where they do not fit beside each other; and where rows begin."""
    widths = [SWATCH + GAP / 2 + _width(name) + 2 * GAP for name in series]
    is_stacked = sum(widths) > WIDTH
    legend, x, y = [], 0.0, 0.0
    for place, (name, width) in enumerate(zip(series, widths, strict=True)):
        written = Written(_units(x + SWATCH + GAP / 2), _units(y + LETTER), name)
        legend.append((_units(x), _units(y + LETTER - SWATCH), COLOURS[place % len(COLOURS)], written))
        x, y = (0.0, y + LINE) if is_stacked else (x + width, y)
    if not series:
        return [], 0.0
    return legend, (y if is_stacked else LINE) + GAP / 2


def _width(text: str) -> float:
    return len(text) * LETTER * LETTER_WIDTH


def _units(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
