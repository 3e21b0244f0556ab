"""Letters of intent: the minimum of each (5.2.1), what counts, and the register's verbs."""

import pytest
from django.db import IntegrityError, transaction

from applications.domain import letters as register
from applications.models import Letter
from ibnportal.core.errors import DomainError, NotAllowed, WrongState
from tests.applications.domain.sample import RULES, letter, letters
from tests.factories.applications import ApplicationFactory, add_letters, small_pdf
from tests.factories.core import UserFactory, enterprise_number


@pytest.mark.parametrize(
    ("fields", "rule", "message"),
    [
        pytest.param({"company_name": " "}, "P1-LET-01", "De naam van de onderneming ontbreekt.", marks=pytest.mark.rule("P1-LET-01")),
        pytest.param({"contact_name": ""}, "P1-LET-01", "De contactpersoon ontbreekt.", marks=[pytest.mark.rule("P1-LET-01"), pytest.mark.rule("ROL-07")]),
        pytest.param({"street": ""}, "P1-LET-02", "Het adres is niet volledig: vul straat, postcode en gemeente in.", marks=pytest.mark.rule("P1-LET-02")),
        pytest.param({"postcode": "0999"}, "P1-LET-02", "“0999” is geen Belgische postcode: vul vier cijfers in.", marks=pytest.mark.rule("P1-LET-02")),
        pytest.param({"declares_mandate": False}, "P1-LET-04", "De verklaring dat de onderneming u mandateert om het project uit te voeren ontbreekt.", marks=pytest.mark.rule("P1-LET-04")),
        pytest.param({"declares_support": False}, "P1-LET-05", "De verklaring dat de onderneming de volledige aanvraag kent en steunt ontbreekt.", marks=pytest.mark.rule("P1-LET-05")),
        pytest.param({"declares_cofinancing": False}, "P1-LET-06", "De verklaring dat de onderneming de cofinancieringsprincipes kent ontbreekt.", marks=pytest.mark.rule("P1-LET-06")),
        pytest.param({"file": None}, "P1-LET-07", "De ondertekende brief (PDF) ontbreekt nog.", marks=pytest.mark.rule("P1-LET-07")),
    ],
)  # fmt: skip
def test_what_a_letter_lacks_is_said_in_words(fields, rule, message):
    assert [(found.rule_id, found.message) for found in register.findings(letter(**fields), RULES)] == [(rule, message)]


@pytest.mark.rule("P1-LET-03")
def test_wrong_check_digits_are_explained():
    (found,) = register.findings(letter(enterprise_number="0400000985"), RULES)
    assert found.message.startswith("Het controlegetal van 0400.000.985 klopt niet")


@pytest.mark.rule("P1-LET-12")
@pytest.mark.parametrize("phase", [1, 2])
def test_the_minimum_is_the_same_in_both_phases(phase):
    assert len(register.findings(letter(phase=phase, file=None, declares_mandate=False), RULES)) == 2


@pytest.mark.rule("TGT-03")
@pytest.mark.parametrize(
    ("postcode", "region"), [("1000", "Brussels Hoofdstedelijk Gewest"), ("5000", "Namen"), ("4000", "Luik")]
)
def test_a_letter_from_elsewhere_is_explained_and_left_to_a_person(postcode, region):
    tally = register.count([letter(postcode=postcode)], needed=10)
    assert (tally.valid, tally.awaiting, tally.incomplete) == (0, 1, 0)
    assert f"Postcode {postcode} ligt in {region}" in tally.judged[0].findings[0].message


@pytest.mark.rule("TGT-12")
def test_a_company_counts_once_and_the_second_names_the_first():
    tally = register.count([*letters(7), letter(1, company_name="Onderneming 1 nv")], needed=10)
    assert (tally.valid, tally.short) == (7, 3)
    assert tally.judged[-1].findings[0].message == (
        "Deze onderneming staat er al met de brief van Onderneming 1; een onderneming telt één keer."
    )


def test_a_letter_without_a_number_does_not_count_as_another_company():
    assert register.count([letter(1, enterprise_number=""), letter(2, enterprise_number="")], needed=10).valid == 0


# ---------------------------------------------------------------- verbs


@pytest.fixture
def draft(db, clock):
    return ApplicationFactory()


def test_seven_complete_letters_of_ten(draft):
    add_letters(draft, 7)
    add_letters(draft, 1, signed=False)
    tally = register.tally(draft, 1)
    assert (tally.valid, tally.needed, tally.incomplete) == (7, 10, 1)


def test_only_the_name_is_needed_to_begin(draft):
    assert not register.add(draft, by=draft.colleague, company_name="Alfa bv").is_signed


@pytest.mark.rule("P1-LET-03")
def test_a_number_with_wrong_check_digits_is_refused(draft):
    with pytest.raises(DomainError, match="controlegetal") as refused:
        register.add(draft, by=draft.representative, company_name="Alfa bv", enterprise_number="0400.000.985")
    assert refused.value.rule_id == "P1-LET-03"
    assert not draft.letters.exists()


@pytest.mark.rule("TGT-12")
def test_the_same_company_twice_is_refused_and_the_other_letter_named(draft):
    (first,) = add_letters(draft)
    with pytest.raises(DomainError, match=f"staat al bij de brief van {first.company_name}"):
        register.add(draft, by=draft.representative, company_name="Anders", enterprise_number=first.enterprise_number)


@pytest.mark.rule("TGT-12")
def test_the_database_refuses_what_the_code_would_forget(draft):
    (first,) = add_letters(draft)
    twin = Letter(
        application=draft, phase=1, company_name="Anders", enterprise_number=first.enterprise_number,
        added_at=first.added_at, added_by=first.added_by,
    )  # fmt: skip
    with pytest.raises(IntegrityError, match="letter_one_company_once_per_phase"), transaction.atomic():
        twin.save()


@pytest.mark.rule("P1-LET-07")
def test_one_file_is_the_letter_of_one_company(draft):
    first, second = add_letters(draft, 2, signed=False)
    register.sign(first, small_pdf(title="dezelfde"), by=draft.representative)
    with pytest.raises(DomainError, match=f"al de brief van {first.company_name}"):
        register.sign(second, small_pdf(title="dezelfde"), by=draft.representative)


def test_what_is_no_pdf_is_refused_and_the_letter_stays(draft):
    (unsigned,) = add_letters(draft, signed=False)
    from django.core.files.uploadedfile import SimpleUploadedFile

    with pytest.raises(DomainError, match="geen PDF"):
        register.sign(unsigned, SimpleUploadedFile("brief.pdf", b"<html></html>"), by=draft.representative)
    unsigned.refresh_from_db()
    assert not unsigned.is_signed


def test_a_stranger_adds_no_letter(draft):
    with pytest.raises(NotAllowed):
        register.add(draft, by=UserFactory(), company_name="Alfa bv")


def test_what_was_handed_in_takes_no_letter(clock, db):
    submitted = ApplicationFactory(state="p1_submitted", letters=1)
    with pytest.raises(WrongState):
        register.add(submitted, by=submitted.representative, company_name="Alfa bv")


@pytest.mark.rule("P2-SUB-03")
def test_phase_2_copies_the_company_without_signature_and_declarations(db, clock):
    application = ApplicationFactory()
    (old,) = add_letters(application, motivation="Wij geloven erin.")
    from tests.factories.applications import reach

    reach(application, "p2_draft")
    assert old in register.tally(application, 2).not_renewed
    renewed = register.renew(Letter.objects.get(pk=old.pk), by=application.representative)
    assert (renewed.phase, renewed.enterprise_number) == (2, old.enterprise_number)
    assert (renewed.is_signed, renewed.declares_mandate, renewed.motivation) == (False, False, "")
    assert old not in register.tally(application, 2).not_renewed


def test_a_letter_of_phase_1_is_not_changed_from_phase_2(db, clock):
    application = ApplicationFactory(state="p2_draft")
    add_letters(application)
    earlier = Letter.objects.create(
        application=application, phase=1, company_name="Oud bv", enterprise_number=enterprise_number(77),
        added_at=clock.now(), added_by=application.representative,
    )  # fmt: skip
    with pytest.raises(DomainError, match="vooraanmelding die al ingediend is"):
        register.change(earlier, by=application.representative, company_name="Nieuw bv")


@pytest.mark.django_db
@pytest.mark.rule("TGT-04")
def test_a_company_is_known_by_its_number_however_it_is_written_or_called(clock):
    draft = ApplicationFactory()
    first = register.add(draft, by=draft.colleague, company_name="Alfa bv", enterprise_number="BE 0403.101.811")
    assert first.enterprise_number == "0403101811"
    with pytest.raises(DomainError, match="staat al bij de brief van Alfa bv") as refused:
        register.add(draft, by=draft.colleague, company_name="Anders nv", enterprise_number="0403101811")
    assert refused.value.rule_id == "TGT-12"
    register.add(draft, by=draft.colleague, company_name="Alfa bv", enterprise_number=enterprise_number(4711))
    assert draft.letters.count() == 2
