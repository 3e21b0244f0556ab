"""A document of several answers: frozen with date and hash, the same figures later, and what was corrected since."""

import csv
from datetime import date
from decimal import Decimal
from io import BytesIO

import pikepdf
import pytest
from django.db import DatabaseError, transaction
from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from openpyxl import load_workbook

from ibnportal.core.accounts.enums import Role
from ibnportal.core.audit import trail
from ibnportal.core.canonical import digest
from ibnportal.core.errors import DomainError, WrongState
from ibnportal.portal.answers import documents, papers, pictures
from ibnportal.portal.models import AnswerDocument
from monitoring.models import KpiValue, Network

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("programme")]


@pytest.fixture
def officer(make_user):
    return make_user(Role.POLICY_READER)


@pytest.fixture
def document(officer):
    """Question 98 of 2019 in short: two answers and a text."""
    made = documents.begin("Antwoord op vraag 98", as_of=date(2019, 11, 7), by=officer)
    made = documents.add(made, by=officer, question="QP-10", text="Op deze dag waren vijf periodes afgelopen.")
    return documents.add(made, by=officer, question="QP-19")


def correct(code: str, value: int) -> None:
    """A later source says otherwise about the same day; what was said stays."""
    network = Network.objects.get(code=code)
    old = KpiValue.objects.get(network=network, label="Actieve ondernemingen", as_of=date(2019, 11, 7))
    KpiValue.objects.create(
        network=network, label=old.label, definition=old.definition, basis="reported", value=Decimal(value), as_of=old.as_of, source="Verbetering", is_reading=True,
    )  # fmt: skip


def test_frozen_it_has_content_date_and_hash(document, officer, clock):
    frozen = documents.freeze(document, by=officer)
    assert frozen.frozen_at == clock.now()
    assert frozen.sha256 == digest(frozen.content)
    assert [part["answer"]["id"] for part in frozen.content["parts"]] == ["QP-10", "QP-19"]
    assert frozen.content["parts"][1]["answer"]["total"] == {"members": "1340"}
    assert trail.history(frozen).last().changes["sha256"] == frozen.sha256


def test_run_again_years_later_it_says_the_same(document, officer, clock):
    frozen = documents.freeze(document, by=officer)
    clock.set("2031-05-05T10:00")
    assert documents.differences(frozen, reader=officer) == []
    assert digest(documents.content_of(frozen, reader=officer)) == frozen.sha256


def test_a_correction_shows_as_a_difference_and_erases_nothing(document, officer, clock):
    frozen = documents.freeze(document, by=officer)
    before = frozen.sha256
    correct("IBN1-06", 88)
    found = documents.differences(frozen, reader=officer)
    assert [(one.where, one.before, one.now) for one in found] == [
        ("Composieten, Actieve ondernemingen", "90", "88"),
        ("Totaal, Actieve ondernemingen", "1340", "1338"),
    ]
    frozen.refresh_from_db()
    assert (frozen.sha256, frozen.content["parts"][1]["answer"]["total"]) == (before, {"members": "1340"})


@pytest.mark.parametrize("field", ["title", "content", "sha256", "parts"])
def test_the_database_holds_what_is_frozen(document, officer, field):
    frozen = documents.freeze(document, by=officer)
    value = "anders" if field in {"title", "sha256"} else []
    with pytest.raises(DatabaseError), transaction.atomic():
        AnswerDocument.objects.filter(pk=frozen.pk).update(**{field: value})
    with pytest.raises(DatabaseError), transaction.atomic():
        AnswerDocument.objects.filter(pk=frozen.pk).delete()


def test_a_frozen_document_takes_no_part_any_more(document, officer):
    documents.freeze(document, by=officer)
    for verb in (
        lambda: documents.add(document, by=officer, text="nog iets"),
        lambda: documents.leave_out(document, 0, by=officer),
        lambda: documents.freeze(document, by=officer),
    ):
        with pytest.raises(WrongState, match="Begin een nieuw document"):
            verb()


def test_an_empty_document_is_not_frozen(officer):
    made = documents.begin("Leeg", as_of=date(2019, 11, 7), by=officer)
    with pytest.raises(DomainError, match="nog leeg"):
        documents.freeze(made, by=officer)


@pytest.mark.parametrize(
    ("given", "message"),
    [({}, "Kies een vraag"), ({"question": "QX-1"}, "is geen bewaarde vraag"), ({"text": "x" * 20_001}, "20001 tekens"), ({"question": "QP-19", "parameters": {"oproep": "1999"}}, "Oproep: “1999” bestaat niet")],
)  # fmt: skip
def test_a_wrong_part_is_refused_in_words(document, officer, given, message):
    with pytest.raises(DomainError, match=message):
        documents.add(document, by=officer, **given)


def test_a_part_is_left_out(document, officer):
    assert [part["question"] for part in documents.leave_out(document, 0, by=officer).parts] == ["QP-19"]


@pytest.mark.parametrize("hostile", ["=1+1", "\x0b\x00\x1b", "<w:p/>", "@cmd"])
def test_docx_and_xlsx_hold_any_text(document, officer, hostile):
    content = documents.content_of(documents.add(document, by=officer, text=f"Tekst {hostile}"), reader=officer)
    word = Document(BytesIO(papers.as_docx(content, frozen_on=date(2019, 11, 7), sha256="abc")))
    assert any("1.340" in cell.text for table in word.tables for row in table.rows for cell in row.cells)
    book = load_workbook(BytesIO(papers.as_xlsx(content)))
    assert len(book.sheetnames) == len(content["parts"])
    assert not any(cell.data_type == "f" for sheet in book for row in sheet.iter_rows() for cell in row)


@pytest.mark.parametrize(
    ("lines", "size"),
    [
        ([["Netwerk", "Leden"], ["Space 4.0", "27"]], 9.0),
        ([["Netwerk", *["Interclusteraanvragen"] * 4], ["Bouwindustrialisatie", "1", "2", "3", "4"]], 7.0),
        ([["Netwerk", *["Interclusteraanvragen"] * 9], ["Flanders Health", *"123456789"]], 7.0),
    ],
)
def test_a_table_of_the_letter_fills_the_page_and_no_more(lines, size):
    found, widths = papers.widths_of(lines)
    assert (found, round(sum(widths), 1), min(widths) > 0) == (size, 470.6, True)


def test_no_date_or_amount_of_the_letter_is_broken():
    when, amount = "31\N{NO-BREAK SPACE}aug.\N{NO-BREAK SPACE}2019", "€\N{NO-BREAK SPACE}1.014.000"
    size, widths = papers.widths_of(
        [["Netwerk", "Eind", "Steun", "Toekomst"], ["EUKA", when, amount, "Gaat op in een ander netwerk. " * 9]]
    )
    assert widths[1] >= len(when) * size * papers.LETTER_WIDTH
    assert widths[2] >= len(amount) * size * papers.LETTER_WIDTH
    assert widths[3] > sum(widths[:3])


def test_the_letter_is_on_a4_with_heads_repeated_rows_whole_and_pages_numbered(document, officer):
    content = documents.content_of(document, reader=officer)
    word = Document(BytesIO(papers.as_docx(content, frozen_on=date(2019, 11, 7), sha256="abc")))
    assert (word.sections[0].page_width.mm, word.sections[0].page_height.mm) == (
        pytest.approx(210, abs=0.1),
        pytest.approx(297, abs=0.1),
    )
    table = word.tables[1]
    assert "w:tblHeader" in table.rows[0]._tr.xml
    assert all("w:cantSplit" in row._tr.xml for row in table.rows)
    assert [cell.paragraphs[0].alignment for cell in table.columns[1].cells] == [WD_ALIGN_PARAGRAPH.RIGHT] * len(
        table.rows
    )
    assert "NUMPAGES" in word.sections[0].footer.paragraphs[0]._p.xml


def test_its_chart_is_the_same_drawing_in_page_pdf_and_word(document, officer, as_user):
    content = documents.content_of(document, reader=officer)
    chart = content["parts"][1]["answer"]["chart"]
    assert content["parts"][0]["answer"]["chart"] is None
    assert "140" in chart["drawing"]
    page = as_user(officer).get(f"/antwoorden/documenten/{document.pk}/").content.decode()
    assert chart["drawing"] in page
    assert "Figuur 1. Actieve ondernemingen per netwerk" in page
    with pikepdf.open(BytesIO(papers.as_pdf(content, frozen_on=date(2019, 11, 7), sha256="abc"))) as made:
        tags = [item for item in made.objects if isinstance(item, pikepdf.Dictionary) and item.get("/S") == "/Figure"]
        assert [str(tag["/Alt"]) for tag in tags] == [chart["alt"]]
    word = Document(BytesIO(papers.as_docx(content, frozen_on=date(2019, 11, 7), sha256="abc")))
    shape = word.inline_shapes[0]
    assert len(word.inline_shapes) == 1
    assert shape._inline.docPr.get("descr") == chart["alt"]
    page_width = word.sections[0].page_width.mm - 2 * papers.MARGIN_MM
    assert shape.width.mm == pytest.approx(page_width, abs=0.1)
    assert shape.height.mm < papers.HIGHEST_MM


def test_a_caption_says_how_many_rows_have_no_figure(officer):
    made = documents.begin("Steun", as_of=date(2019, 11, 7), by=officer)
    made = documents.add(made, by=officer, question="QP-11")
    [section] = papers.sections(documents.content_of(made, reader=officer))
    assert section["caption"] == "Figuur 1. Toegekende steun (zonder 3 van 20, waarvan geen cijfer gekend is)"


def test_a_frozen_chart_stays_as_it_was_drawn(document, officer, monkeypatch):
    frozen = documents.freeze(document, by=officer)
    before = frozen.content["parts"][1]["answer"]["chart"]["drawing"]
    monkeypatch.setattr(pictures.Picture, "drawn", lambda self: "<svg></svg>")
    frozen.refresh_from_db()
    assert papers.sections(frozen.content)[1]["chart"]["drawing"] == before
    assert documents.differences(frozen, reader=officer) == []


def test_a_document_frozen_before_there_were_charts_is_read_as_ever(document, officer):
    content = documents.content_of(document, reader=officer)
    for part in content["parts"]:
        del part["answer"]["chart"]
        for row in part["answer"]["rows"]:
            del row["said_otherwise"]
    assert [section["chart"] for section in papers.sections(content)] == [None, None]
    word = Document(BytesIO(papers.as_docx(content, frozen_on=date(2019, 11, 7), sha256="abc")))
    assert len(word.inline_shapes) == 0


@pytest.mark.parametrize(
    ("wide", "high", "found"),
    [(640, 320, (166, 83)), (640, 1280, (110, 220)), (427, 203, (112.98, 53.71)), (64, 32, (16.93, 8.47))],
)
def test_a_drawing_is_as_wide_as_the_text_and_no_higher_than_a_page(wide, high, found):
    assert papers.size_of(f'<svg viewBox="0 0 {wide} {high}"></svg>') == found


def test_on_paper_a_footnote_says_what_other_sources_say(officer):
    made = documents.begin("Eind", as_of=date(2020, 2, 1), by=officer)
    made = documents.add(made, by=officer, question="QP-10")
    section = papers.sections(documents.content_of(made, reader=officer))[0]
    assert any(row[0] == "Air Cargo Belgium (1, 2)" for row in section["rows"])
    assert section["footnotes"][:2] == [
        "(1) Einde volgens Evaluatie januari 2020, tabel 3: 30/09/2019.",
        "(2) Einde volgens Evaluatie januari 2020, tabel 7: 30/09/2019.",
    ]


def test_csv_holds_every_answer_and_no_formula(document, officer):
    content = documents.content_of(documents.add(document, by=officer, text="=1+1"), reader=officer)
    lines = list(csv.reader(papers.as_csv(content).decode("utf-8-sig").splitlines(), delimiter=";"))
    assert lines[0] == ["Antwoord op vraag 98", "Stand op 07/11/2019"]
    assert sum(line[-1:] == ["163"] or "163" in line for line in lines) == 1  # the members of one network
    assert ["'=1+1"] in lines
    assert lines.count([]) == len(content["parts"])


def test_the_worker_makes_word_and_pdf_once(document, officer, drain_outbox):
    frozen = documents.freeze(document, by=officer)
    assert drain_outbox() == 1
    frozen.refresh_from_db()
    assert (frozen.docx.name, frozen.pdf.name) == (
        "antwoord-op-vraag-98-2019-11-07.docx",
        "antwoord-op-vraag-98-2019-11-07.pdf",
    )


class TestPages:
    def test_from_nothing_to_frozen(self, as_user, officer, drain_outbox):
        client = as_user(officer)
        made = client.post("/antwoorden/documenten/", {"title": "Antwoord", "as_of": "7/11/2019"})
        client.post(made.url, {"question": "QP-17", "text": "Zie hieronder."})
        assert "Flemish Aerospace Group" in client.get(made.url).content.decode()
        client.post(f"{made.url}bevriezen/")
        drain_outbox()
        assert "geen enkel verschil" in client.get(f"{made.url}?vergelijk=1").content.decode().casefold()
        assert client.get(f"{made.url}bestand/docx/").getvalue().startswith(b"PK")
        assert client.get(f"{made.url}bestand/xlsx/").status_code == 200
        assert client.get(f"{made.url}bestand/csv/").content.startswith(b"\xef\xbb\xbf")

    @pytest.mark.parametrize("as_of", ["2050-01-01", "gisteren", "'; --"])
    def test_a_wrong_day_keeps_what_was_typed(self, as_user, officer, as_of):
        text = (
            as_user(officer).post("/antwoorden/documenten/", {"title": "Mijn titel", "as_of": as_of}).content.decode()
        )
        assert "Stand op" in text
        assert "Mijn titel" in text
        assert AnswerDocument.objects.count() == 0

    def test_a_part_is_chosen_from_lists_and_what_is_not_on_them_is_told(self, as_user, officer, document):
        client, url = as_user(officer), f"/antwoorden/documenten/{document.pk}/"
        page = client.get(url).content.decode()
        assert '<optgroup label="Schriftelijke vraag 98 (2019)">' in page
        assert '<option value="IBN1-06">Composieten (IBN1-06)</option>' in page
        wrong = client.post(url, {"question": "QP-19", "text": "Mijn tekst.", "oproep": "1999"}).content.decode()
        assert "“1999” bestaat niet" in wrong
        assert "Mijn tekst." in wrong
        document.refresh_from_db()
        assert len(document.parts) == 2

    def test_others_find_nothing(self, as_role, document):
        assert as_role(Role.ACCOUNT_MANAGER).get(f"/antwoorden/documenten/{document.pk}/").status_code == 404
