"""Many signed letters at once: each kept, each paired only where that is certain."""

from io import BytesIO

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from applications.domain import letter_uploads, letters
from applications.domain.letter_uploads import clues, match, name_from
from applications.models import Letter, LetterUpload
from ibnportal.core.enterprise_numbers import format as shown
from ibnportal.core.errors import DomainError, NotAllowed
from ibnportal.core.files import pdf_text
from tests.factories.applications import ApplicationFactory, add_letters, small_pdf
from tests.factories.core import UserFactory, enterprise_number

ONE, TWO = enterprise_number(1), enterprise_number(2)
ALFA = Letter(pk=1, company_name="Alfa Software nv", enterprise_number=ONE)
ZOE = Letter(pk=2, company_name="Café Zoé & D'Hondt bv", enterprise_number=TWO)
SHORT = Letter(pk=3, company_name="Alfa", enterprise_number="")


def pdf_saying(text, name="brief.pdf"):
    """A PDF with that text on its page, in Latin letters."""
    pdf, out = pikepdf.new(), BytesIO()
    page = pdf.add_blank_page()
    font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
    safe = text.encode("cp1252").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
    page.Contents = pdf.make_stream(b"BT /F1 12 Tf 40 700 Td (" + safe + b") Tj ET")
    pdf.save(out)
    return SimpleUploadedFile(name, out.getvalue(), content_type="application/pdf")


# ---------------------------------------------------------------- whose letter it is


@pytest.mark.parametrize(
    ("file_name", "text", "letter"),
    [
        pytest.param(f"{ONE}.pdf", "", ALFA, id="number as the file's name"),
        pytest.param(f"brief BE{ONE}.pdf", "", ALFA, id="number with BE"),
        pytest.param(f"brief-{shown(TWO)}-getekend.pdf", "", ZOE, id="number with dots"),
        pytest.param("scan001.pdf", f"Ondernemingsnummer: BE {shown(TWO)}", ZOE, id="number in the text"),
        pytest.param("scan001.pdf", f"nummer {int(ONE)} zonder de eerste nul", ALFA, id="the old nine digits"),
        pytest.param("cafe_zoe_d-hondt.pdf", "", ZOE, id="name without accents"),
        pytest.param("CAFÉ ZOÉ & D’HONDT BV.pdf", "", ZOE, id="name in capitals, with a curly apostrophe"),
        pytest.param("scan.pdf", "Café Zoé & D'Hondt bv verklaart", ZOE, id="name in the text"),
        pytest.param("alfa-software.pdf", "", ALFA, id="the longer of two names"),
        pytest.param("alfa.pdf", "", SHORT, id="the shorter of two names"),
        pytest.param(f"alfa-software {TWO}.pdf", "", ZOE, id="number before name"),
        pytest.param("scan.pdf", "zomaar een brief", None, id="nothing to go by"),
        pytest.param("scan.pdf", f"{ONE} en {TWO}", None, id="two companies of the register"),
        pytest.param(
            f"alfa-software {enterprise_number(77)}.pdf", "", None, id="the number of a company without a row"
        ),
        pytest.param("alfasoftwarehuis.pdf", "", None, id="a name inside a word"),
    ],
)
def test_a_letter_is_paired_only_when_it_is_certain(file_name, text, letter):
    found = match(clues(file_name, text), [ALFA, ZOE, SHORT])
    assert (found.letter if found else None) is letter


def test_the_applicants_own_number_stands_in_every_letter_and_says_nothing():
    assert match(clues("scan.pdf", f"{ONE} mandateert {TWO}", leave_out=[TWO]), [ALFA, ZOE]).letter is ALFA


def test_a_number_with_wrong_check_digits_is_no_number():
    assert clues(f"{int(ONE) + 1:010d}.pdf", "").number == ""


def test_a_name_in_another_script_is_compared_as_it_is():
    shalom = Letter(pk=9, company_name="שלום תעשיות", enterprise_number="")
    assert match(clues("שלום תעשיות.pdf", ""), [ALFA, shalom]).letter is shalom


@pytest.mark.parametrize(
    ("file_name", "name"),
    [
        ("getekend_Alfa-Software nv_0566988259.pdf", "Alfa Software nv"),
        ("Intentiebrief van D'Hondt & Zonen.pdf", "D'Hondt & Zonen"),
        ("scan.pdf", ""),
    ],
)
def test_a_file_name_suggests_a_name(file_name, name):
    assert name_from(file_name) == name


# ---------------------------------------------------------------- verbs


@pytest.fixture
def draft(db, clock):
    return ApplicationFactory()


def receive(draft, *files):
    return letter_uploads.receive(draft, files, read=pdf_text.text_of, by=draft.representative)


@pytest.mark.rule("DOC-04")
def test_forty_letters_at_once_arrive_whole_one_row_each(draft):
    rows = add_letters(draft, 20, signed=False)
    named = [small_pdf(f"{row.enterprise_number}.pdf") for row in rows]
    others = [small_pdf(f"scan {serial}.pdf") for serial in range(20)]
    outcomes = receive(draft, *named, *others)
    assert [outcome.refusal for outcome in outcomes if outcome.refusal] == []
    assert LetterUpload.objects.count() == 40
    assert len(letter_uploads.waiting(draft)) == 20
    assert letters.tally(draft, 1).valid == 20
    for row in rows:
        row.refresh_from_db()
        assert row.signed_file.name == f"{row.enterprise_number}.pdf"


def test_one_bad_file_stops_none_of_the_others(draft):
    bad = SimpleUploadedFile("brief.pdf", b"PK\x03\x04rommel")
    good, refused, also_good = receive(draft, small_pdf("a.pdf"), bad, small_pdf("b.pdf"))
    assert (good.refusal, also_good.refusal) == ("", "")
    assert "“brief.pdf” is geen PDF maar een zip-bestand" in refused.refusal
    assert LetterUpload.objects.count() == 2


def test_the_same_files_again_make_no_second_row(draft):
    add_letters(draft, 1, signed=False, company_name="Alfa Software nv")
    files = ["alfa software.pdf", "scan.pdf"]
    receive(draft, *(small_pdf(name) for name in files))
    again = receive(draft, *(small_pdf(name, title=name) for name in files))
    assert [outcome.is_known for outcome in again] == [True, True]
    assert LetterUpload.objects.count() == 2


def test_the_number_is_found_in_the_text_of_the_letter(draft):
    (row,) = add_letters(draft, 1, signed=False)
    own = draft.applicant.enterprise_number
    receive(draft, pdf_saying(f"Wij ({shown(row.enterprise_number)}) mandateren {draft.applicant} ({shown(own)})."))
    row.refresh_from_db()
    assert row.is_signed
    assert row.uploads.get().paired_because == f"Nummer {shown(row.enterprise_number)} staat in de tekst van de brief."


def test_a_signed_letter_is_not_replaced_by_a_guess(draft):
    (row,) = add_letters(draft, 1)
    before = row.signed_file.sha256
    receive(draft, small_pdf(f"{row.enterprise_number}-nieuw.pdf"))
    (waiting,) = letter_uploads.waiting(draft)
    row.refresh_from_db()
    assert row.signed_file.sha256 == before
    assert waiting.found_name == row.company_name
    letter_uploads.pair(waiting, row, by=draft.representative)
    row.refresh_from_db()
    assert row.signed_file.name == f"{row.enterprise_number}-nieuw.pdf"


def test_a_person_makes_a_row_of_what_waits(draft):
    receive(draft, small_pdf(f"Beta Labs bv {ONE}.pdf"), small_pdf("scan 7.pdf"))
    made, refused = letter_uploads.start_all(draft, by=draft.colleague)
    assert [(letter.company_name, letter.enterprise_number) for letter in made] == [
        ("Beta Labs bv", ONE),
        ("scan 7", ""),
    ]
    assert refused == []
    assert letter_uploads.waiting(draft) == []


@pytest.mark.rule("TGT-12")
def test_two_files_of_one_company_make_one_row(draft):
    receive(draft, small_pdf(f"Beta {ONE}.pdf"), small_pdf(f"Beta opnieuw {ONE}.pdf"))
    made, refused = letter_uploads.start_all(draft, by=draft.colleague)
    assert len(made) == 1
    assert f"{shown(ONE)} staat al bij de brief van Beta" in refused[0]
    assert len(letter_uploads.waiting(draft)) == 1


def test_a_pdf_is_paired_once(draft):
    first, second = add_letters(draft, 2, signed=False)
    receive(draft, small_pdf("scan.pdf"))
    (waiting,) = letter_uploads.waiting(draft)
    letter_uploads.pair(waiting, first, by=draft.representative)
    with pytest.raises(DomainError, match=f"ondertussen al de brief van {first.company_name}"):
        letter_uploads.pair(waiting, second, by=draft.representative)


def test_a_pdf_goes_to_no_letter_of_another_dossier(draft):
    other = ApplicationFactory()
    (foreign,) = add_letters(other, 1, signed=False)
    receive(draft, small_pdf("scan.pdf"))
    (waiting,) = letter_uploads.waiting(draft)
    with pytest.raises(DomainError, match="hoort niet bij deze fase van dit dossier"):
        letter_uploads.pair(waiting, foreign, by=draft.representative)


def test_a_stranger_leaves_nothing(draft):
    (outcome,) = letter_uploads.receive(draft, [small_pdf()], read=pdf_text.text_of, by=UserFactory())
    assert "Alleen mensen van de aanvrager" in outcome.refusal
    (waiting,) = (receive(draft, small_pdf("scan.pdf")), *letter_uploads.waiting(draft))[1:]
    with pytest.raises(NotAllowed):
        letter_uploads.discard(waiting, by=UserFactory())


def test_a_letter_that_goes_takes_its_upload_along(draft):
    (row,) = add_letters(draft, 1, signed=False)
    receive(draft, small_pdf(f"{row.enterprise_number}.pdf"))
    row.refresh_from_db()
    letters.remove(row, by=draft.representative)
    assert letter_uploads.waiting(draft) == []
    assert receive(draft, small_pdf(f"{row.enterprise_number}.pdf"))[0].is_known is False
