import zipfile
from io import BytesIO

import openpyxl
import pikepdf
import pytest
from pptx import Presentation

from ibnportal.core.errors import DomainError
from ibnportal.core.files import checks
from ibnportal.core.files.kinds import PDF, PPTX, XLSX, FileKind
from tests.factories.core import pdf_bytes

MAIN = "application/vnd.openxmlformats-officedocument."


def xlsx_bytes():
    book = openpyxl.Workbook()
    book.active["A1"] = 1
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def ooxml(main, **parts):
    """A zip with the content types of an Office file and whatever else."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "[Content_Types].xml", f'<Types><Override PartName="/x.xml" ContentType="{MAIN}{main}"/></Types>'
        )
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def pptx_bytes(**parts):
    return ooxml("presentationml.presentation.main+xml", **parts)


def deck_bytes(*titles):
    """A presentation as PowerPoint makes it, one slide a title."""
    deck = Presentation()
    for title in titles:
        deck.slides.add_slide(deck.slide_layouts[0]).shapes.title.text = title
    out = BytesIO()
    deck.save(out)
    return out.getvalue()


def docx_bytes(**parts):
    return ooxml("wordprocessingml.document.main+xml", **parts)


def sheet_bytes(**parts):
    return ooxml("spreadsheetml.sheet.main+xml", **parts)


def altered_pdf(change):
    pdf = pikepdf.new()
    pdf.add_blank_page()
    change(pdf)
    out = BytesIO()
    pdf.save(out)
    return out.getvalue()


def encrypted_pdf(user=""):
    pdf = pikepdf.new()
    pdf.add_blank_page()
    out = BytesIO()
    pdf.save(out, encryption=pikepdf.Encryption(owner="geheim", user=user))
    return out.getvalue()


def javascript(pdf):
    pdf.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")


def javascript_on_a_page(pdf):
    pdf.pages[0].AA = pikepdf.Dictionary(O=pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)"))


def launch(pdf):
    pdf.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.Launch, F="cmd.exe")


def attachment(pdf):
    pdf.attachments["geheim.exe"] = pikepdf.AttachedFileSpec(pdf, b"MZ", filename="geheim.exe")


def embedded_target(pdf):
    pdf.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.GoToE, T=pikepdf.Dictionary(R=pikepdf.Name.C))


def file_annotation(pdf):
    note = pikepdf.Dictionary(Subtype=pikepdf.Name.FileAttachment, Rect=pikepdf.Array([0, 0, 10, 10]))
    pdf.pages[0].Annots = pikepdf.Array([pdf.make_indirect(note)])


def xfa(pdf):
    pdf.Root.AcroForm = pikepdf.Dictionary(XFA=pikepdf.Array([]))


class TestWhatPasses:
    def test_a_pdf_with_its_pages(self):
        checked = checks.check(pdf_bytes(3), name="brief.pdf", kind=FileKind.LETTER_PDF)
        assert (checked.name, checked.content_type, checked.pages) == ("brief.pdf", PDF, 3)

    def test_a_workbook(self):
        assert checks.check(xlsx_bytes(), name="Begroting.XLSX", kind=FileKind.BUDGET_XLSX).content_type == XLSX

    def test_a_presentation_as_pptx_or_pdf(self):
        deck = checks.check(deck_bytes("Wie", "Wat"), name="pitch.pptx", kind=FileKind.PITCH_DECK)
        assert (deck.content_type, deck.pages) == (PPTX, 2)
        assert checks.check(pdf_bytes(), name="pitch.pdf", kind=FileKind.PITCH_DECK).content_type == PDF

    def test_a_pdf_with_line_ends_and_padding_behind_it(self):
        assert checks.check(pdf_bytes() + b"\r\n\x00\x00\n", name="brief.pdf", kind=FileKind.LETTER_PDF).pages == 1

    def test_a_list_in_plain_text(self):
        assert (
            checks.check("naam;nummer\nCafé;1".encode(), name="leden.csv", kind=FileKind.IMPORT_LIST).content_type
            == "text/csv"
        )

    @pytest.mark.rule("DOC-13")
    def test_an_annex_of_five_pages(self):
        assert checks.check(pdf_bytes(5), name="bijlage.pdf", kind=FileKind.ANNEX_PDF).pages == 5

    def test_a_pdf_with_links_and_a_plain_form(self):
        def link_and_form(pdf):
            uri = pikepdf.Dictionary(S=pikepdf.Name.URI, URI="https://voorbeeld.be")
            pdf.Root.OpenAction = pikepdf.Array([pdf.pages[0].obj, pikepdf.Name.Fit])
            pdf.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array([]))
            pdf.pages[0].Annots = pikepdf.Array(
                [pdf.make_indirect(pikepdf.Dictionary(Subtype=pikepdf.Name.Link, A=uri))]
            )

        assert checks.check(altered_pdf(link_and_form), name="a.pdf", kind=FileKind.LETTER_PDF).pages == 1


@pytest.mark.parametrize(
    ("name", "content", "kind", "sentence"),
    [
        ("leeg.pdf", b"", FileKind.LETTER_PDF, "is leeg"),
        ("brief.docx", docx_bytes(), FileKind.LETTER_PDF, "geen PDF-bestand. Bewaar het in uw tekstverwerker"),
        ("brief.pdf", docx_bytes(), FileKind.LETTER_PDF, "geen PDF maar een docx-bestand"),
        ("brief.pdf", xlsx_bytes(), FileKind.LETTER_PDF, "geen PDF maar een xlsx-bestand"),
        ("brief.pdf", b"\x89PNG\r\n\x1a\n0000", FileKind.LETTER_PDF, "geen PDF maar een afbeelding"),
        ("brief.pdf", b"<html></html>", FileKind.LETTER_PDF, "geen PDF maar een webpagina"),
        ("brief.pdf", b"zomaar tekst", FileKind.LETTER_PDF, "geen PDF maar een ander soort bestand"),
        ("brief.pdf", b"PK\x03\x04rommel", FileKind.LETTER_PDF, "geen PDF maar een zip-bestand"),
        ("brief.pdf", b"%PDF-1.7\nrommel\n%%EOF", FileKind.LETTER_PDF, "beschadigd of onvolledig"),
        ("brief.pdf", pdf_bytes()[:-40], FileKind.LETTER_PDF, "beschadigd of onvolledig"),
        ("brief.pdf", pdf_bytes()[:200], FileKind.LETTER_PDF, "beschadigd of onvolledig"),
        ("brief.pdf", b"GIF89a" + pdf_bytes(), FileKind.LETTER_PDF, "geen PDF maar een afbeelding"),
        ("brief.pdf", encrypted_pdf(user="geheim"), FileKind.LETTER_PDF, "wachtwoord"),
        ("brief.pdf", encrypted_pdf(), FileKind.LETTER_PDF, "wachtwoord of beperkingen"),
        ("brief.pdf", altered_pdf(javascript), FileKind.LETTER_PDF, "bevat een script"),
        ("brief.pdf", altered_pdf(javascript_on_a_page), FileKind.LETTER_PDF, "bevat een script"),
        ("brief.pdf", altered_pdf(launch), FileKind.LETTER_PDF, "opdracht die iets uitvoert"),
        ("brief.pdf", altered_pdf(attachment), FileKind.LETTER_PDF, "andere bestanden als bijlage"),
        ("brief.pdf", pdf_bytes() + docx_bytes(), FileKind.LETTER_PDF, "nog een ander bestand erachter"),
        ("brief.pdf", pdf_bytes() + b"PK\x03\x04kort", FileKind.LETTER_PDF, "nog een ander bestand erachter"),
        (
            "brief.pdf",
            pdf_bytes() + b"\n<script>kwaad()</script>",
            FileKind.LETTER_PDF,
            "nog een ander bestand erachter",
        ),
        ("brief.pdf", altered_pdf(embedded_target), FileKind.LETTER_PDF, "opdracht die iets uitvoert"),
        ("brief.pdf", altered_pdf(file_annotation), FileKind.LETTER_PDF, "andere bestanden als bijlage"),
        ("leden.csv", xlsx_bytes(), FileKind.IMPORT_LIST, "geen csv-bestand maar"),
        ("leden.csv", b"naam;nummer\x00", FileKind.IMPORT_LIST, "geen csv-bestand"),
        ("brief.pdf", altered_pdf(xfa), FileKind.LETTER_PDF, "formulier of medium"),
        ("brief.pdf", pdf_bytes(0), FileKind.LETTER_PDF, "geen enkele bladzijde"),
        ("bijlage.pdf", pdf_bytes(6), FileKind.ANNEX_PDF, "telt 6 bladzijden; er mogen er hoogstens 5 zijn"),
        ("begroting.xlsx", pdf_bytes(), FileKind.BUDGET_XLSX, "geen xlsx-bestand maar een PDF"),
        ("begroting.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1oud", FileKind.BUDGET_XLSX, "geen XLSX-bestand"),
        (
            "begroting.xlsx",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1oud",
            FileKind.BUDGET_XLSX,
            "wachtwoord of is in een oud formaat",
        ),
        ("begroting.xlsx", xlsx_bytes()[:-60], FileKind.BUDGET_XLSX, "beschadigd of onvolledig"),
        ("begroting.xlsx", docx_bytes(), FileKind.BUDGET_XLSX, "geen xlsx-bestand maar een docx-bestand"),
        ("begroting.xlsx", sheet_bytes(**{"xl/vbaProject.bin": b"x"}), FileKind.BUDGET_XLSX, "bevat macro's"),
        ("begroting.xlsx", ooxml("x") + b"", FileKind.BUDGET_XLSX, "ander soort bestand"),
        ("begroting.xlsx", sheet_bytes(**{"../../etc/passwd": b"x"}), FileKind.BUDGET_XLSX, "geen gewoon xlsx"),
        ("begroting.xlsx", sheet_bytes(**{"/etc/passwd": b"x"}), FileKind.BUDGET_XLSX, "geen gewoon xlsx"),
        (
            "begroting.xlsx",
            sheet_bytes(**{"xl/workbook.xml": b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'}),
            FileKind.BUDGET_XLSX,
            "niet veilig te lezen",
        ),
        (
            "begroting.xlsx",
            sheet_bytes(**{"xl/workbook.xml": '<!DOCTYPE x [<!ENTITY a "b">]><x/>'.encode("utf-16")}),
            FileKind.BUDGET_XLSX,
            "niet veilig te lezen",
        ),
        ("pitch.pptx", pptx_bytes(**{"ppt/vbaProject.bin": b"x"}), FileKind.PITCH_DECK, "bevat macro's"),
        ("pitch.pptx", pptx_bytes(), FileKind.PITCH_DECK, "kan niet geopend worden"),
        ("pitch.pptx", deck_bytes(), FileKind.PITCH_DECK, "geen enkele dia"),
        ("pitch.odp", b"PK\x03\x04", FileKind.PITCH_DECK, "geen PPTX of PDF-bestand"),
    ],
)
def test_what_does_not_pass_is_named_and_explained(name, content, kind, sentence):
    with pytest.raises(DomainError) as refusal:
        checks.check(content, name=name, kind=kind)
    assert sentence in refusal.value.message
    assert f"“{name}”" in refusal.value.message


def test_a_bomb_is_not_unpacked():
    bomb = sheet_bytes(**{"xl/worksheets/sheet1.xml": b"0" * (checks.MAX_UNPACKED + 1)})
    assert len(bomb) < 200_000
    with pytest.raises(DomainError, match="te groot om veilig te lezen"):
        checks.check(bomb, name="begroting.xlsx", kind=FileKind.BUDGET_XLSX)


def test_a_bomb_that_lies_about_its_size_is_not_unpacked(monkeypatch):
    monkeypatch.setattr(checks, "MAX_UNPACKED", 1000)
    content = bytearray(sheet_bytes(**{"a.xml": b"0" * 5000}))
    for signature, offset in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        at = content.rfind(signature) + offset
        content[at : at + 4] = (10).to_bytes(4, "little")
    with pytest.raises(DomainError, match=r"te groot|beschadigd"):
        checks.check(bytes(content), name="begroting.xlsx", kind=FileKind.BUDGET_XLSX)


def test_too_many_parts_are_not_read():
    parts = {f"{number}.xml": b"" for number in range(checks.MAX_ENTRIES + 1)}
    with pytest.raises(DomainError, match="te groot om veilig te lezen"):
        checks.check(sheet_bytes(**parts), name="begroting.xlsx", kind=FileKind.BUDGET_XLSX)


def test_too_large_says_how_large_and_how_large_it_may_be():
    content = b"%PDF-1.7" + b"0" * 21 * 1024 * 1024
    with pytest.raises(DomainError, match=r"21,0 MB, en er mag hoogstens 20 MB"):
        checks.check(content, name="brief.pdf", kind=FileKind.LETTER_PDF)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("brief.pdf", "brief.pdf"),
        ("C:\\Users\\An\\brief.pdf", "brief.pdf"),
        ("../../etc/brief.pdf", "brief.pdf"),
        ("fdp\u202ebrief.pdf", "fdpbrief.pdf"),
        ("br\x00ief\n.pdf", "brief.pdf"),
        ("Brief één €.pdf", "Brief één €.pdf"),
        ("half\ud800.pdf", "half?.pdf"),
        ("", "bestand"),
        ("...", "bestand"),
        ("a" * 300 + ".pdf", "a" * 146 + ".pdf"),
    ],
)
def test_a_name_is_kept_without_what_could_harm(given, kept):
    assert checks.clean_name(given) == kept


XML_BOMB = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;">]><a>&c;</a>'
XML_THIEF = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'


def test_xml_is_read_when_it_is_whole():
    checked = checks.check(
        b"<?xml version='1.0' encoding='UTF-8'?><Document><a>\xc3\xa9</a></Document>",
        name="uittreksel.xml",
        kind=FileKind.BANK_XML,
    )
    assert (checked.name, checked.content_type) == ("uittreksel.xml", "application/xml")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (XML_BOMB, "bevat een documenttype of entiteiten"),
        (XML_THIEF, "bevat een documenttype of entiteiten"),
        (b"<Document><a></Document>", "is geen geldige of volledige XML"),
        (b"%PDF-1.7 niets", "is geen geldige of volledige XML"),
        (b"<?xml version='1.0' encoding='verzonnen'?><a/>", "is geen geldige of volledige XML"),
    ],
)
def test_xml_with_entities_or_half_of_it_is_refused(content, sentence):
    with pytest.raises(DomainError, match=sentence):
        checks.check(content, name="uittreksel.xml", kind=FileKind.BANK_XML)
