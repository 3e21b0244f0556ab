"""What of an answer is drawn: its bars, or its map of provinces; for the page of a question, the dashboard and a document alike."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ibnportal.core.ui import charts, drawings
from ibnportal.portal.answers.files import written
from ibnportal.portal.answers.table import Answer, Chart, Column, Row, Value

MOST_BARS = 40
"""More rows than these nobody takes in: the table alone."""
BESIDE = "De cijfers staan in de tabel eronder."


@dataclass(frozen=True, slots=True)
class Picture:
    """The chart of an answer with its figures: `rows` of bars with the name first, or `provinces` by code."""

    title: str
    unit: str = ""
    label: str = ""
    series: tuple[str, ...] = ()
    rows: tuple[tuple[Any, ...], ...] = ()
    provinces: Mapping[str, Value] | None = None
    left_out: int = 0
    """Rows of which no figure is known."""

    @property
    def heads(self) -> str:
        """The names of the series as `{% bar_chart %}` takes them."""
        return "|".join(self.series)

    @property
    def alt(self) -> str:
        """What it shows, for who cannot see it."""
        kind = "Staafdiagram" if self.provinces is None else "Kaart van Vlaanderen"
        return f"{kind}: {self.title}. {BESIDE}"

    def drawn(self) -> str:
        """One drawing of it, for paper."""
        if self.provinces is not None:
            return drawings.province_map(self.provinces, alt=self.alt)
        return drawings.bars(self.rows, alt=self.alt, unit=self.unit, series=self.series)


def picture_of(answer: Answer) -> Picture | None:
    """What there is to draw; None where nothing is known, or more than a person can take in."""
    chart = answer.chart
    if chart is None or (len(answer.rows) > MOST_BARS and not chart.is_map):
        return None
    if chart.is_map:
        provinces = {row.key: row.cells.get(chart.values[0]) for row in answer.rows}
        is_known = any(provinces.get(code) is not None for code in charts.SHAPES)
        return Picture(chart.title, provinces=provinces) if is_known else None
    told = [key for key in chart.values if any(row.cells.get(key) is not None for row in answer.rows)]
    known = [row for row in answer.rows if any(row.cells.get(key) is not None for key in told)]
    if not known:
        return None
    columns = {column.key: column for column in answer.columns}
    label = columns[chart.label]
    return Picture(
        chart.title,
        chart.unit,
        label.title,
        tuple(columns[key].title for key in told),
        tuple((_name(row, chart, label), *(_height(row.cells.get(key)) for key in told)) for row in known),
        left_out=len(answer.rows) - len(known),
    )


def _name(row: Row, chart: Chart, label: Column) -> str:
    name = written(row.cells.get(chart.label), label)
    return f"{row.cells.get(chart.group)}: {name}" if chart.group else name


def _height(value: Value) -> Decimal | None:
    """What is not known is no bar and no nought."""
    return Decimal(value) if isinstance(value, Decimal | int) else None
