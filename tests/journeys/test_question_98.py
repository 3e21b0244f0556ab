"""Written question 98 of 7 November 2019, answered as it should have been: one document, each figure with its source."""

from io import BytesIO

import pytest
from docx import Document

from ibnportal.core import clock as portal_clock

pytestmark = pytest.mark.browser

PARTS = (
    ("QP-10", "1a. Van vijf netwerken is de projectperiode afgelopen."),
    ("QP-11", "1b. Steun voor de werking, en voor projecten waar de clusterorganisatie zelf begunstigde is."),
    ("QP-13", "1b. Aangevraagde en goedgekeurde projecten."),
    ("QP-14", "1c. Resultaten: eindverslagen zijn nog niet ingediend."),
    ("QP-15", "1d. Streefwaarden en realisatie."),
    ("QP-17", "2. Negen netwerken lopen binnenkort af, ook FLAG."),
    ("QP-18", "3. Bevindingen uit de opvolging."),
    ("QP-19", "4a. Leden van de twintig netwerken."),
    ("QP-20", "4b. Kmo's."),
    ("QP-21", "5a. Bevraging."),
    ("QP-22", "5b. Verslag van de bevraging."),
    ("QP-23", "6. Evaluatie."),
    ("QP-24", "7. Nieuwe oproep."),
)


def plain(text: str) -> str:
    """Amounts and dates hold spaces that do not break."""
    return text.replace("\N{NO-BREAK SPACE}", " ")


def test_the_answer_to_question_98(stage, clock):
    clock.set("2026-02-02T10:00")
    page = stage.page_of("beleid@demo.example")
    page.goto("/antwoorden/documenten/")
    page.locator("#id_title").fill("Antwoord op schriftelijke vraag 98")
    page.locator("#id_as_of").fill("7/11/2019")
    page.get_by_role("button", name="Begin").click()
    for name, text in PARTS:
        page.locator("#id_text").fill(text)
        page.locator("#id_question").select_option(name)
        page.get_by_role("button", name="Voeg toe").click()
    assert page.get_by_text("Flemish Aerospace Group (FLAG)").first.is_visible()
    page.get_by_role("button", name="Bevries").click()
    stage.work()
    page.reload()
    with page.expect_download() as download:
        page.get_by_role("link", name="Word").click()
    word = Document(BytesIO(download.value.path().read_bytes()))
    text = plain("\n".join(paragraph.text for paragraph in word.paragraphs))
    cells = {plain(cell.text) for table in word.tables for row in table.rows for cell in row.cells}
    assert {"1.340", "€ 298.059", "€ 547.000", "€ 1.014.000", "31 aug. 2019"} <= cells
    assert "maken geen onderscheid tussen kmo's en grote ondernemingen" in text
    assert "Schriftelijke vraag 98 van 7 november 2019, antwoord 4" in text
    clock.set("2030-02-02T10:00")
    page.get_by_role("link", name="Draai opnieuw en vergelijk").click()
    assert page.get_by_text("Geen enkel verschil").is_visible()
    assert portal_clock.now().year == 2030
    assert stage.faults_of("beleid@demo.example") == []
