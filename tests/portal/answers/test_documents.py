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
from ibnportal.portal.answers import asking, documents, papers, pictures
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


def test_a_part_goes_a_place_up_or_down_and_no_further(document, officer):
    def order():
        document.refresh_from_db()
        return [part["question"] for part in document.parts]

    documents.move(document, 1, up=True, by=officer)
    assert order() == ["QP-19", "QP-10"]
    assert trail.history(document).last().changes == {"question": "QP-19", "from": 2, "to": 1}
    for place, up in ((0, True), (1, False), (7, True), (-1, False)):
        documents.move(document, place, up=up, by=officer)
    assert order() == ["QP-19", "QP-10"]
    documents.move(document, 0, up=False, by=officer)
    assert order() == ["QP-10", "QP-19"]


def test_what_changed_meanwhile_is_not_moved_left_out_or_frozen_unseen(document, officer):
    seen = documents.seen_of(document)
    changed = documents.add(document, by=officer, question="QP-17")
    for verb in (
        lambda: documents.move(document, 0, up=False, by=officer, seen=seen),
        lambda: documents.leave_out(document, 0, by=officer, seen=seen),
        lambda: documents.freeze(document, by=officer, seen=seen),
    ):
        with pytest.raises(documents.ChangedMeanwhile, match="intussen veranderd"):
            verb()
    assert documents.freeze(document, by=officer, seen=documents.seen_of(changed)).frozen_at


def test_the_same_question_with_the_same_filters_stands_in_it_once(document, officer):
    with pytest.raises(DomainError, match="QP-19 staat al in dit document"):
        documents.add(document, by=officer, question="QP-19")
    assert len(documents.add(document, by=officer, question="QP-19", parameters={"oproep": "2015"}).parts) == 3


def test_a_question_goes_in_as_it_was_asked_and_on_its_own_day_only(document, officer):
    asked = asking.read({"stand": "2019-11-07", "type": "independent", "netwerk": "IBN1-06"}, reader=officer)
    made = documents.add_asked(document, "QP-11", asked, by=officer)
    assert made.parts[-1]["parameters"] == {"type": "independent", "netwerk": "IBN1-06"}
    told = papers.sections(documents.content_of(made, reader=officer))[-1]["remarks"][0]
    assert told == "Beperkt tot: netwerk IBN1-06, soort netwerk Zelfstandig."
    with pytest.raises(DomainError, match="heeft als stand 07/11/2019, de vraag 31/03/2017"):
        documents.add_asked(document, "QP-11", asking.read({"stand": "2017-03-31"}), by=officer)


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


def test_the_workbook_says_of_when_it_is_holds_numbers_days_and_totals_and_why_there_is_no_answer(officer):
    made = documents.begin("Antwoord op vraag 98", as_of=date(2020, 1, 31), by=officer)
    for question in ("QP-11", "QE-08", "QP-20", "QE-03"):
        made = documents.add(made, by=officer, question=question)
    content = documents.content_of(made, reader=officer)
    book = load_workbook(BytesIO(papers.as_xlsx(content)))
    means, spread, unanswered, ends = (list(sheet.iter_rows()) for sheet in book)
    assert means[0][0].value == "Antwoord op vraag 98, stand op 31/01/2020"
    assert [cell.value for cell in means[3]][:3] == ["Netwerk", "Einddatum", "Toegekende steun"]
    assert means[3][0].font.bold
    first, total = means[4], next(row for row in means if row[0].value == "Totaal")
    assert (first[1].value.date(), first[1].number_format) == (date(2019, 8, 31), "d/mm/yyyy")
    assert (first[2].value, first[2].number_format, total[2].value) == (450_000, '"€" #,##0', 5_488_116)
    assert ends[4][0].value == "Air Cargo Belgium (1)"
    share = next(cell for cell in spread[4] if cell.number_format == "0 %")
    assert share.value == pytest.approx(0.11)
    told = [row[0].value for row in unanswered if row[0].value]
    assert any(text.startswith("Van geen enkel netwerk") for text in told)
    assert "Netwerk" not in told
    lines = list(csv.reader(papers.as_csv(content).decode("utf-8-sig").splitlines(), delimiter=";"))
    assert ["Totaal", "", "5488116", "1573000", "", ""] in lines


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

    def test_a_question_is_put_into_a_document_from_its_own_page(self, as_user, officer, document):
        client, asked = as_user(officer), "stand=2019-11-07&oproep=2015"
        page = client.get(f"/antwoorden/qp-11/?{asked}").content.decode()
        assert 'href="/antwoorden/qp-11/toevoegen/?stand=2019-11-07&amp;oproep=2015"' in page
        url = f"/antwoorden/qp-11/toevoegen/?{asked}"
        offered = client.get(url).content.decode()
        assert "Antwoord op vraag 98 (2 onderdelen)" in offered
        assert "Beperkt tot: oproep 2015." in offered
        done = client.post(url, {"document": document.pk, "text": "Per netwerk."})
        assert done.url == f"/antwoorden/documenten/{document.pk}/#onderdeel-3"
        document.refresh_from_db()
        assert document.parts[-1] == {"question": "QP-11", "parameters": {"oproep": "2015"}, "text": "Per netwerk."}

    def test_a_title_is_not_dropped_because_another_document_was_left_chosen(self, as_user, officer, document):
        client, url = as_user(officer), "/antwoorden/qp-11/toevoegen/?stand=2019-11-07"
        page = client.post(url, {"document": document.pk, "title": "Een nieuw antwoord"}).content.decode()
        assert "U koos een document dat er al is." in page
        assert 'value="Een nieuw antwoord"' in page
        parts = list(document.parts)
        document.refresh_from_db()
        assert document.parts == parts

    def test_or_begins_a_new_one_on_its_day(self, as_user, officer):
        client, url = as_user(officer), "/antwoorden/qp-06/toevoegen/?stand=2017-03-31"
        done = client.post(url, {"document": "nieuw", "title": "Stand van 2017"})
        made = AnswerDocument.objects.get()
        assert done.url == f"/antwoorden/documenten/{made.pk}/#onderdeel-1"
        assert (made.title, made.as_of, [part["question"] for part in made.parts]) == ("Stand van 2017", date(2017, 3, 31), ["QP-06"])  # fmt: skip

    @pytest.mark.parametrize(
        ("given", "message"),
        [
            ({}, "Kies een document, of begin een nieuw."),
            ({"document": "nieuw", "text": "Mijn tekst."}, "Geef het document een titel."),
            ({"document": "999999", "text": "Mijn tekst."}, "neemt geen onderdelen meer op"),
            ({"document": "'; --", "text": "Mijn tekst."}, "neemt geen onderdelen meer op"),
            ({"document": "nieuw", "title": "T", "text": "Mijn tekst." + "x" * 20_001}, "er passen er 20000"),
        ],
    )
    def test_what_is_wrong_is_told_and_nothing_is_lost_or_begun(self, as_user, officer, given, message):
        page = as_user(officer).post("/antwoorden/qp-06/toevoegen/?stand=2017-03-31", given).content.decode()
        assert message in page
        assert ("Mijn tekst." in page) == ("text" in given)
        assert AnswerDocument.objects.count() == 0

    def test_only_ones_own_open_documents_of_that_day_are_offered(self, as_user, make_user, officer, document):
        other = documents.begin("Van een collega", as_of=document.as_of, by=make_user(Role.POLICY_READER))
        documents.begin("Van een andere dag", as_of=date(2017, 3, 31), by=officer)
        documents.freeze(document, by=officer)
        client, url = as_user(officer), "/antwoorden/qp-06/toevoegen/?stand=2019-11-07"
        page = client.get(url).content.decode()
        assert "Antwoord op vraag 98" not in page
        assert "Van een collega" not in page
        assert "Van een andere dag is er 1: die neemt dit antwoord niet op." in page
        assert "andere stand" in client.post(url, {"document": other.pk}).content.decode()

    def test_a_wrong_question_or_day_is_told(self, as_user, officer):
        client = as_user(officer)
        assert client.get("/antwoorden/qx-99/toevoegen/").status_code == 404
        wrong = client.get("/antwoorden/qp-06/toevoegen/?stand=gisteren", follow=True)
        assert wrong.redirect_chain == [("/antwoorden/qp-06/?stand=gisteren", 302)]
        assert "is geen datum" in wrong.content.decode()

    def test_parts_are_put_in_order_and_taken_out_with_buttons_and_a_second_tab_hears(self, as_user, officer, document):
        client, url = as_user(officer), f"/antwoorden/documenten/{document.pk}/"
        seen = documents.seen_of(document)
        page = client.get(url).content.decode()
        assert page.count(f'name="gezien" value="{seen}"') == 3
        assert page.count('name="richting"') == 2
        moved = client.post(f"{url}verplaatsen/", {"plaats": "0", "richting": "neer", "gezien": seen})
        assert moved.url == f"{url}#onderdeel-2"
        late = client.post(f"{url}weglaten/", {"plaats": "0", "gezien": seen}, follow=True).content.decode()
        assert "intussen veranderd" in late
        for given in ({}, {"plaats": "x", "richting": "op"}, {"plaats": "1", "richting": "schuin"}, {"plaats": "9", "richting": "neer"}):  # fmt: skip
            assert client.post(f"{url}verplaatsen/", given).status_code == 302
        document.refresh_from_db()
        assert [part["question"] for part in document.parts] == ["QP-19", "QP-10"]

    def test_a_demo_that_goes_back_in_time_says_why_a_document_is_not_shown(self, as_user, officer, clock):
        clock.set("2027-03-01T10:00")
        made = documents.begin_with("Van later", "QP-10", asking.read({}, reader=officer), by=officer)
        frozen = documents.freeze(made, by=officer)
        clock.set("2026-03-01T10:00")
        client = as_user(officer)
        open_one = documents.begin("Leeg", as_of=date(2026, 3, 1), by=officer)
        AnswerDocument.objects.filter(pk=open_one.pk).update(as_of=date(2027, 3, 1), parts=made.parts)
        for address in (f"{open_one.pk}/", f"{frozen.pk}/?vergelijk=1"):
            page = client.get(f"/antwoorden/documenten/{address}", follow=True)
            assert page.redirect_chain[-1][0] == "/antwoorden/documenten/"
            assert "kan nu niet getoond worden. Stand op: 01/03/2027 ligt in de toekomst" in page.content.decode()
        assert client.get(f"/antwoorden/documenten/{frozen.pk}/").status_code == 200

    def test_others_find_nothing(self, as_role, document):
        assert as_role(Role.ACCOUNT_MANAGER).get(f"/antwoorden/documenten/{document.pk}/").status_code == 404


def test_a_text_is_rewritten_where_it_stands_whatever_else_moved(document, officer):
    key = documents.key_of(document.parts[0])
    documents.move(document, 0, up=False, by=officer)
    assert documents.rewrite(document, key, text="Vijf periodes.\r\n", by=officer) == 1
    document.refresh_from_db()
    assert [part["text"] for part in document.parts] == ["", "Vijf periodes."]
    assert trail.history(document).last().changes == {"question": "QP-10", "part": 2}
    changes = trail.history(document).count()
    assert documents.rewrite(document, documents.key_of(document.parts[1]), text="Vijf periodes.", by=officer) == 1
    assert trail.history(document).count() == changes


def test_filters_change_where_a_part_stands_and_its_text_stays(document, officer, as_user):
    """What one would otherwise leave out and add again, at the end and without its text."""
    client, address = as_user(officer), f"/antwoorden/documenten/{document.pk}/tekst/"
    page = client.get(address, {"plaats": "0"})
    assert list(page.context["form"].fields) == ["text", "oproep", "netwerk", "type"]
    given = {"plaats": "0", "deel": page.context["part"], "text": document.parts[0]["text"], "oproep": "2015", "type": "independent"}  # fmt: skip
    assert client.post(address, given).url == f"/antwoorden/documenten/{document.pk}/#onderdeel-1"
    document.refresh_from_db()
    assert document.parts[0] == {"question": "QP-10", "parameters": {"oproep": "2015", "type": "independent"}, "text": "Op deze dag waren vijf periodes afgelopen."}  # fmt: skip
    assert [part["question"] for part in document.parts] == ["QP-10", "QP-19"]
    assert trail.history(document).last().changes == {"question": "QP-10", "part": 1, "parameters": [{}, {"oproep": "2015", "type": "independent"}]}  # fmt: skip
    shown = client.get(f"/antwoorden/documenten/{document.pk}/").content.decode()
    assert "Beperkt tot: oproep 2015, soort netwerk Zelfstandig." in shown
    assert shown.count("Wijzig tekst of filters") == 2
    form = client.get(address, {"plaats": "0"}).context["form"]
    assert (form["type"].value(), form["netwerk"].value()) == ("independent", None)
    documents.rewrite(document, documents.key_of(document.parts[0]), text="Nu zonder.", parameters={}, by=officer)
    document.refresh_from_db()
    assert document.parts[0]["parameters"] == {}


def test_a_filter_that_cannot_be_is_told_at_its_field_and_nothing_is_lost(document, officer, as_user):
    client, address = as_user(officer), f"/antwoorden/documenten/{document.pk}/tekst/"
    given = {"plaats": "1", "deel": documents.key_of(document.parts[1]), "text": "Mijn zin.", "sector": "zzz", "onderneming": "12"}  # fmt: skip
    for names, field in ((("sector",), "sector"), (("onderneming",), "onderneming")):
        page = client.post(address, {**given, **{name: "" for name in ("sector", "onderneming") if name not in names}})
        assert list(page.context["form"].errors) == [field]
        assert ">\nMijn zin.</textarea>" in page.content.decode()
        assert f'value="{given[field]}"' in page.content.decode()
    assert client.post(address, {**given, "sector": "", "onderneming": "", "netwerk": "' OR 1=1"}).context["form"].errors["netwerk"]  # fmt: skip
    document.refresh_from_db()
    assert document.parts[1]["parameters"] == {}


def test_filters_are_those_of_the_question(document, officer, as_user):
    for question, given in (("QP-18", {"netwerk": "IBN1-01"}), ("QP-01", {"type": "independent"})):
        with pytest.raises(DomainError, match=f"{question} heeft geen filter"):
            documents.add(document, by=officer, question=question, parameters=given)
    with pytest.raises(DomainError, match="Filters horen bij een vraag"):
        documents.add(document, by=officer, text="Tekst.", parameters={"netwerk": "IBN1-01"})
    made = documents.add(document, by=officer, text="Tekst.")
    page = as_user(officer).get(f"/antwoorden/documenten/{made.pk}/tekst/", {"plaats": "2"})
    assert list(page.context["form"].fields) == ["text"]
    moved = {"plaats": "0", "deel": documents.key_of(made.parts[2]), "text": "Anders."}
    assert as_user(officer).post(f"/antwoorden/documenten/{made.pk}/tekst/", moved).url.endswith("#onderdeel-3")


def test_a_text_without_words_or_question_or_as_another_part_is_refused_in_words(document, officer):
    made = documents.add(document, by=officer, text="Besluit.")
    made = documents.add(made, by=officer, question="QP-10")
    for place, text, message in ((2, " ", "laat dit onderdeel weg"), (3, made.parts[0]["text"], "en deze tekst"), (0, "x" * 20_001, "20001 tekens")):  # fmt: skip
        with pytest.raises(DomainError, match=message):
            documents.rewrite(made, documents.key_of(made.parts[place]), text=text, by=officer)


def test_who_rewrites_a_part_that_changed_meanwhile_is_told_and_keeps_the_text(document, officer, as_user):
    client, address = as_user(officer), f"/antwoorden/documenten/{document.pk}/tekst/"
    assert "Op deze dag waren vijf" in client.get(address, {"plaats": "0"}).content.decode()
    mine = {"plaats": "0", "deel": documents.key_of(document.parts[0]), "text": "Mijn zin."}
    documents.rewrite(document, mine["deel"], text="Zin van een collega.", by=officer)
    page = client.post(address, mine)
    for text in ("intussen veranderd", "Zin van een collega.", ">\nMijn zin.</textarea>"):
        assert text in page.content.decode()
    again = client.post(address, {**mine, "deel": page.context["part"]})
    assert again.url == f"/antwoorden/documenten/{document.pk}/#onderdeel-1"
    document.refresh_from_db()
    assert document.parts[0]["text"] == "Mijn zin."
    frozen = documents.freeze(documents.begin_with("Bevroren", "QP-10", asking.read({"stand": "2019-11-07"}, reader=officer), by=officer), by=officer)  # fmt: skip
    late = client.post(f"/antwoorden/documenten/{frozen.pk}/tekst/", mine).content.decode()
    assert "bevroren op" in late
    assert "Mijn zin." in late
    documents.leave_out(document, 1, by=officer)
    documents.leave_out(document, 0, by=officer)
    gone = client.post(address, mine).content.decode()
    assert "dat er niet meer is" in gone
    assert f'action="/antwoorden/documenten/{document.pk}/"' in gone
    for nowhere in ({}, {"plaats": "9"}, {"plaats": "x"}):
        assert client.get(address, nowhere).url == f"/antwoorden/documenten/{document.pk}/"
