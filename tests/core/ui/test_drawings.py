"""A chart as one drawing: to scale, nothing lost, nothing that a name could break."""

import re
from decimal import Decimal
from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import fromstring

from ibnportal.core.ui import charts, drawings

SVG = "{http://www.w3.org/2000/svg}"


def read(drawing: str) -> Element:
    return fromstring(drawing)


def texts(drawing: str) -> list[str]:
    return [one.text or "" for one in read(drawing).iter(f"{SVG}text")]


def lengths(drawing: str) -> list[float]:
    return [float(one.get("width")) for one in read(drawing).iter(f"{SVG}rect")]


def test_bars_share_one_scale_and_say_their_figures_in_dutch():
    drawing = drawings.bars([("A", Decimal(300_000)), ("B", Decimal(150_000)), ("C", None)], alt="Steun.", unit="euro")
    whole, half, unknown = lengths(drawing)
    assert whole == pytest.approx(2 * half, abs=0.2)
    assert unknown == 0
    assert texts(drawing) == ["A", "€\xa0300.000", "B", "€\xa0150.000", "C", "–"]
    assert read(drawing).find(f"{SVG}title").text == "Steun."


def test_a_long_name_goes_on_and_every_bar_and_figure_stays_within_the_drawing():
    name = "Positief beoordeeld, geen volledige aanvraag ingediend door wie daar wel toe uitgenodigd was"
    drawing = drawings.bars([(name, Decimal(1_234_567)), ("Kort", 1)], alt="x", unit="euro")
    assert " ".join(texts(drawing)).startswith(name)
    for bar in read(drawing).iter(f"{SVG}rect"):
        assert float(bar.get("x")) + float(bar.get("width")) < drawings.WIDTH - len("€ 1.234.567") * 5
    height = drawings.shape_of(drawing)[1]
    assert all(float(one.get("y")) < height for one in read(drawing).iter(f"{SVG}text"))


@pytest.mark.parametrize(("series", "swatches"), [(("Leden",), 0), (("Gemeld", "Doel"), 2), (("x" * 60, "y" * 60), 2)])
def test_a_legend_only_where_there_is_something_to_tell_apart(series, swatches):
    drawing = drawings.bars([("A", *range(1, len(series) + 1))], alt="x", series=series)
    assert sum(one.get("height") == str(drawings.SWATCH) for one in read(drawing).iter(f"{SVG}rect")) == swatches


@pytest.mark.parametrize("hostile", ["<script>alert(1)</script>", "A & B", '"><svg onload=x>', "]]>"])
def test_a_name_stays_a_name(hostile):
    drawing = drawings.bars([(hostile, 1)], alt=hostile, series=(hostile, hostile))
    assert {one.tag for one in read(drawing).iter()} <= {
        f"{SVG}{tag}" for tag in ("svg", "title", "rect", "text", "line")
    }
    assert hostile in " ".join(texts(drawing))
    assert not re.search(r"\sstyle=|<style|<script", drawing)


def test_many_rows_stand_closer():
    few, many = (drawings.shape_of(drawings.bars([("A", 1)] * count, alt="x"))[1] / count for count in (5, 20))
    assert many < few


def test_nothing_draws_nothing():
    assert drawings.shape_of(drawings.bars([], alt="x")) == (640, 0)


def test_the_map_names_its_provinces_and_shows_what_is_known():
    drawing = drawings.province_map({"antwerp": Decimal(1234), "limburg": 0, "west_flanders": None}, alt="Kaart.")
    assert {"Antwerpen", "1.234", "Limburg", "0", "West-Vlaanderen", "Vlaams-Brabant", "Oost-Vlaanderen"} <= set(
        texts(drawing)
    )
    assert texts(drawing).count("") == 3


def test_what_is_no_drawing_has_no_shape():
    with pytest.raises(ValueError, match="no view box"):
        drawings.shape_of("<svg></svg>")


def test_each_province_on_the_map_has_its_name_under_its_figure():
    drawn = {area.name: (area.figure, area.name_y - area.y) for area in charts.areas({"antwerp": 13, "limburg": 4})}
    assert drawn == {
        "West-Vlaanderen": ("", 4),
        "Oost-Vlaanderen": ("", 4),
        "Antwerpen": ("13", 4),
        "Limburg": ("4", 4),
        "Vlaams-Brabant": ("", 4),
    }
