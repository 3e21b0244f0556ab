"""A list of companies: read with errors by cell, shown, and taken in as a whole or not at all."""

from io import BytesIO

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from applications.documents import letter_list
from applications.domain import invitations, letter_lists
from applications.domain.letter_lists import Action
from applications.models import Letter
from ibnportal.core.errors import DomainError, NotAllowed, WrongState
from ibnportal.core.files import store
from tests.applications.domain.test_invitations import bare, sign
from tests.factories.applications import ApplicationFactory, add_letters
from tests.factories.core import UserFactory, enterprise_number

ONE, TWO = enterprise_number(1), enterprise_number(2)


def filled(*rows):
    """The template with these rows: (name, number, contact, e-mail, street, postcode, municipality, amount, role)."""
    book = openpyxl.load_workbook(BytesIO(letter_list.template()))
    for number, row in enumerate(rows, start=2):
        for column, value in enumerate(row, start=1):
            book["Ondernemingen"].cell(number, column, value)
    out = BytesIO()
    book.save(out)
    return SimpleUploadedFile("ondernemingen.xlsx", out.getvalue())


def read(*rows):
    return letter_list.read(filled(*rows).read(), name="ondernemingen.xlsx")


def problems(*rows):
    return [(found.rule_id, found.where, found.message) for found in read(*rows).findings]


def test_the_empty_template_says_that_it_is_empty():
    assert problems() == [("P1-LET-01", "Hele bestand", "Er staat geen enkele onderneming in deze lijst.")]


@pytest.mark.parametrize(
    ("row", "rule", "where", "message"),
    [
        pytest.param(("", ONE), "P1-LET-01", "A2", "De naam van de onderneming ontbreekt op deze rij.", marks=pytest.mark.rule("P1-LET-01")),
        pytest.param(("Alfa", "0566.988.258"), "P1-LET-03", "B2", "Het controlegetal van 0566.988.258 klopt niet", marks=pytest.mark.rule("P1-LET-03")),
        pytest.param(("Alfa", "12"), "P1-LET-03", "B2", "heeft tien cijfers; “12” heeft er", marks=pytest.mark.rule("P1-LET-03")),
        pytest.param(("Alfa", ONE, "An", "an@"), "P1-LET-02", "D2", "“an@” is geen e-mailadres."),
        pytest.param(("Alfa", ONE, "An", "an@a.be", "Straat 1", "999"), "P1-LET-02", "F2", "“999” is geen Belgische postcode", marks=pytest.mark.rule("P1-LET-02")),
        pytest.param(("Alfa", ONE, "An", "an@a.be", "Straat 1", 1000, "Brussel"), "TGT-03", "F2", "Postcode 1000 ligt niet in het Vlaamse Gewest", marks=pytest.mark.rule("TGT-03")),
        pytest.param(("Alfa", ONE, "", "", "", "", "", "veel"), "P1-LET-09", "H2", "veel", marks=pytest.mark.rule("P1-LET-09")),
        pytest.param(("Alfa", ONE, "", "", "", "", "", "-5"), "P1-LET-09", "H2", "negatief", marks=pytest.mark.rule("P1-LET-09")),
        pytest.param(("=1+1", ONE), "P1-LET-01", "A2", "Hier staat een formule."),
        pytest.param(("x" * 201, ONE), "P1-LET-01", "A2", "Deze tekst telt 201 tekens; er mogen er 200."),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_by_sheet_and_cell(row, rule, where, message):
    found = [finding for finding in read(row).findings if message in finding.message]
    assert [(finding.rule_id, finding.where) for finding in found] == [(rule, f"Blad Ondernemingen, cel {where}")]


@pytest.mark.rule("TGT-12")
def test_three_spellings_of_one_number_are_one_company():
    digits = ONE[1:]
    spellings = (f"BE0{digits}", f"0{digits[:3]}.{digits[3:6]}.{digits[6:]}", int(ONE))
    found = problems(*((f"Naam {spelling}", spelling) for spelling in spellings))
    assert [(rule, where) for rule, where, _ in found] == [
        ("TGT-12", "Blad Ondernemingen, cel B3"), ("TGT-12", "Blad Ondernemingen, cel B4"),
    ]  # fmt: skip
    assert "Dit nummer staat ook op rij 2." in found[0][2]


def test_a_company_from_brussels_is_a_warning_and_stops_nothing():
    assert read(("Alfa", ONE, "An", "an@a.be", "Straat 1", "1000", "Brussel")).is_good


# ---------------------------------------------------------------- verbs


@pytest.fixture
def draft(db, clock):
    return ApplicationFactory()


def keep(draft, *rows):
    found = letter_lists.keep(draft, filled(*rows), by=draft.representative)
    return found, letter_list.read(store.read_bytes(found.file), name=found.file.name)


def test_nothing_changes_before_it_is_taken_in(draft):
    found, reading = keep(draft, ("Alfa nv", ONE), ("@Home bv", TWO))
    assert [step.action for step in letter_lists.plan(draft, reading.listed)] == [Action.ADD, Action.ADD]
    assert not draft.letters.exists()
    done = letter_lists.take_in(found, reading, by=draft.representative)
    assert (done.added, done.completed) == (2, 0)
    assert set(draft.letters.values_list("company_name", "enterprise_number")) == {("Alfa nv", ONE), ("@Home bv", TWO)}


def test_a_list_with_one_error_takes_in_nothing(draft):
    found, reading = keep(draft, ("Alfa nv", ONE), ("Beta", "fout"))
    with pytest.raises(DomainError, match="bevat nog fouten"):
        letter_lists.take_in(found, reading, by=draft.representative)
    assert not draft.letters.exists()


def test_when_a_row_fails_halfway_nothing_stays(draft, monkeypatch):
    found, reading = keep(draft, ("Alfa nv", ONE), ("Beta nv", TWO))
    add = letter_lists.letters.add

    def breaks(*args, **fields):
        if fields["company_name"] == "Beta nv":
            raise RuntimeError("de stroom valt uit")
        return add(*args, **fields)

    monkeypatch.setattr(letter_lists.letters, "add", breaks)
    with pytest.raises(RuntimeError):
        letter_lists.take_in(found, reading, by=draft.representative)
    assert not draft.letters.exists()
    found.refresh_from_db()
    assert found.imported_at is None


def test_a_double_click_takes_it_in_once(draft):
    found, reading = keep(draft, ("Alfa nv", ""))
    letter_lists.take_in(found, reading, by=draft.representative)
    with pytest.raises(WrongState, match="al ingelezen"):
        letter_lists.take_in(found, reading, by=draft.representative)
    assert draft.letters.count() == 1


def test_what_is_filled_in_already_is_not_overwritten(draft):
    (there,) = add_letters(draft, 1, contact_name="An Peeters", contact_email="", role="")
    found, reading = keep(
        draft, ("Andere naam", there.enterprise_number, "Bert", "bert@b.be", "", "", "", "1.000,50", "Testlocatie")
    )
    done = letter_lists.take_in(found, reading, by=draft.representative)
    assert (done.added, done.completed) == (0, 1)
    there.refresh_from_db()
    assert (there.company_name, there.contact_name, there.contact_email, there.role, str(there.commitment_amount)) == (
        there.company_name, "An Peeters", "bert@b.be", "Testlocatie", "1000.50",
    )  # fmt: skip
    assert there.company_name != "Andere naam"


def test_a_row_without_a_number_is_found_by_its_name(draft):
    (there,) = add_letters(draft, 1, company_name="Café Zoé nv", role="")
    _, reading = keep(draft, ("cafe zoe", "", "", "", "", "", "", "", "Lid"))
    (step,) = letter_lists.plan(draft, reading.listed)
    assert (step.letter, step.fills) == (there, {"role": "Lid"})


@pytest.mark.rule("P1-LET-07")
def test_a_list_does_not_touch_what_a_company_signed(draft):
    row = bare(draft, role="")
    sign(invitations.invite(row, by=draft.representative))
    _, reading = keep(draft, (row.company_name, row.enterprise_number, "", "", "", "", "", "", "Voorzitter"))
    assert [step.action for step in letter_lists.plan(draft, reading.listed)] == [Action.NOTHING]


def test_names_of_every_script_come_in_whole(draft):
    names = ["D'Hondt & Zonen", "Çelik Œuvre", "שלום תעשיות", "شركة النور"]
    found, reading = keep(draft, *((name, "") for name in names))
    letter_lists.take_in(found, reading, by=draft.representative)
    assert set(Letter.objects.values_list("company_name", flat=True)) == set(names)


def test_a_stranger_takes_in_nothing(draft):
    found, reading = keep(draft, ("Alfa nv", ONE))
    with pytest.raises(NotAllowed):
        letter_lists.take_in(found, reading, by=UserFactory())
