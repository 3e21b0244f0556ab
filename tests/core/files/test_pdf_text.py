"""Enough of a PDF's text to find a number or a name in it; never an error."""

import pytest

from ibnportal.core import pdf
from ibnportal.core.files import pdf_text
from tests.factories.core import pdf_bytes


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_what_a_word_processor_writes_is_read_back():
    page = "<html lang='nl'><head><title>x</title></head><body><h1>Brief van Café Zoé</h1><p>Nummer BE 0566.988.259</p></body></html>"
    # What follows is the foot of every page that the portal makes.
    assert pdf_text.text_of(pdf.from_html(page)).splitlines()[:2] == ["Brief van Café Zoé", "Nummer BE 0566.988.259"]


@pytest.mark.parametrize("content", [b"", b"geen pdf", b"%PDF-1.7\nrommel\n%%EOF", pdf_bytes(), pdf_bytes()[:-50]])
def test_what_has_no_text_gives_none(content):
    assert pdf_text.text_of(content) == ""


def test_codes_of_two_bytes_follow_their_table():
    table = b"beginbfchar <0001> <0041> endbfchar beginbfrange <0002> <0004> <0062> <0005> <0006> [<00E9> <D83DDE00>] endbfrange"
    found = pdf_text._cmap(table)
    assert found == {1: "A", 2: "b", 3: "c", 4: "d", 5: "é", 6: "😀"}
