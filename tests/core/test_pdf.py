"""The shared PDF rendering: tagged, titled, and unable to read anything but our own static files."""

import re
from io import BytesIO

import pikepdf
import pytest
from django.conf import settings
from PIL import Image

from ibnportal.core import pdf

PAGE = '<!doctype html><html lang="nl"><head><title>Proef</title></head><body><h1>Dag</h1>{}</body></html>'


def test_a_pdf_is_tagged_titled_and_in_dutch():
    with pikepdf.open(BytesIO(pdf.from_html(PAGE.format("<p>Tekst</p>")))) as document:
        assert document.Root.MarkInfo.Marked
        assert str(document.Root.Lang) == "nl"
        assert document.open_metadata()["dc:title"] == "Proef"
        assert document.open_metadata()["pdfuaid:part"] == "1"


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd",
        "http://127.0.0.1/",
        "https://example.org/x.png",
        "static:../manage.py",
        "static:css/../../x.svg",
    ],
)
def test_a_document_cannot_fetch_what_is_not_ours(address):
    with pytest.raises(pdf.ForbiddenAddress):
        pdf.from_html(PAGE.format(f'<img alt="x" src="{address}">'))


def test_our_own_static_file_and_a_data_address_are_let_through():
    dot = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='1' height='1'/%3E"
    assert pdf.from_html(
        PAGE.format(f'<img alt="merk" src="static:img/mark.svg"><img alt="punt" src="{dot}">')
    ).startswith(b"%PDF")


def test_a_picture_is_sharp_in_print_and_the_same_each_time():
    drawing = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 60 30'><title>Vlak</title><rect width='30' height='30' fill='#8a7a00'></rect></svg>"
    made = pdf.picture(drawing, width_mm=50.8, height_mm=25.4)
    image = Image.open(BytesIO(made))
    assert image.size == (600, 300)
    assert [image.convert("RGB").getpixel(at) for at in ((2, 2), (2, 297), (597, 297))] == [
        (138, 122, 0),
        (138, 122, 0),
        (255, 255, 255),
    ]
    assert pdf.picture(drawing, width_mm=50.8, height_mm=25.4) == made


def test_every_drawing_and_picture_of_our_papers_says_what_it_shows():
    """A drawing is a figure in a tagged file, and one without a title has no words for who cannot see it."""
    papers = sorted((settings.BASE_DIR / "templates" / "pdf").glob("*.html"))
    assert papers
    for paper in papers:
        text = paper.read_text()
        assert re.findall(r"<svg\b[^>]*>(?!<title>)", text) == [], paper.name
        assert [image for image in re.findall(r"<img\b[^>]*>", text) if not re.search(r' alt="[^"]+"', image)] == [], (
            paper.name
        )
