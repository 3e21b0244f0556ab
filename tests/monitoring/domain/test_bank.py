"""The bank's answer: a payment confirmed by its own line, a repayment counted once (PAY-01, PAY-07)."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError

from ibnportal.core.errors import DomainError, WrongState
from ibnportal.core.files.kinds import FileKind
from ibnportal.core.files.store import store_bytes
from ibnportal.core.structured_message import is_valid
from monitoring.documents import bank_statement
from monitoring.domain import bank, batches, settlements, tranches
from monitoring.enums import EntryVerdict, TrancheState
from monitoring.models import BankEntry, Recovery, Repayment, Tranche
from tests.factories.bank import Booked, camt053
from tests.factories.monitoring import approved_report, contribution, team

pytestmark = pytest.mark.django_db


@pytest.fixture
def crew(clock):
    clock.set("2027-03-01T10:00")
    return team()


@pytest.fixture
def sent(crew, drain_outbox, clock):
    """A first tranche of 180.000 euro in a payment file; the bank answers on 5 March."""
    contribution(crew.year(), "180000.00", accepted_by=crew.manager)
    tranches.release(tranches.propose(crew.year(), 1, by=crew.manager), by=crew.officer)
    drain_outbox()
    batches.make(batches.ready(), execute_on=date(2027, 3, 3), by=crew.officer)
    clock.set("2027-03-05T09:00")
    return crew


def take_in(crew, *entries, **fields):
    content = camt053(*entries, **fields)
    file = store_bytes(content, name="uittreksel.xml", kind=FileKind.BANK_XML, by=crew.officer)
    return bank.take_in(bank_statement.read(content), file=file, by=crew.officer)


def payment(crew, **fields):
    return Booked(**{"amount": "180000.00", "key": "B1", "end_to_end_id": f"{crew.network.code}-J1-S1", **fields})


@pytest.mark.rule("PAY-01")
def test_the_banks_line_confirms_the_payment(sent):
    statement = take_in(sent, payment(sent))
    assert [entry.verdict for entry in statement.entries.all()] == [EntryVerdict.PAID]
    tranche = Tranche.objects.get()
    assert (tranche.state, tranche.paid_on) == (TrancheState.PAID, date(2027, 3, 4))


def test_the_structured_message_will_do_as_well(sent):
    message = Tranche.objects.get().payment_reference
    take_in(sent, payment(sent, end_to_end_id="NOTPROVIDED", reference=message))
    assert Tranche.objects.get().state == TrancheState.PAID


@pytest.mark.parametrize(
    ("fields", "remark"),
    [
        ({"amount": "180000.01"}, "De bank boekte € 180.000,01; de schijf is € 180.000,00."),
        ({"iban": "BE71096123456769"}, "De bank betaalde aan BE71096123456769"),
        ({"currency": "USD"}, "in USD, niet in euro"),
        ({"is_credit": True}, "De bank stuurde deze betaling terug"),
        ({"booked_on": date(2027, 3, 9)}, "ligt in de toekomst"),
    ],
)
def test_a_line_that_differs_changes_nothing_and_says_what_differs(sent, fields, remark):
    entry = take_in(sent, payment(sent, **fields)).entries.get()
    assert entry.verdict == EntryVerdict.DIFFERS
    assert remark in entry.remark.replace("\xa0", " ")
    assert Tranche.objects.get().state == TrancheState.ORDERED


def test_a_line_of_others_is_kept_and_left_alone(sent):
    assert take_in(sent, payment(sent, end_to_end_id="HUUR-MAART")).entries.get().verdict == EntryVerdict.FOREIGN


def test_the_same_file_and_the_same_line_count_once(sent):
    take_in(sent, payment(sent))
    with pytest.raises(WrongState, match="al ingelezen op 05/03/2027"):
        take_in(sent, payment(sent))
    again = take_in(sent, payment(sent), statement_id="2027-064").entries.get()
    assert (again.verdict, again.remark) == (EntryVerdict.FOREIGN, "Deze verrichting stond al op een vorig uittreksel.")
    twice = take_in(sent, payment(sent, key="B2"), statement_id="2027-065").entries.get()
    assert "twee keer geld weg" in twice.remark
    assert BankEntry.objects.filter(verdict=EntryVerdict.PAID).count() == 1


def test_a_statement_of_another_account_is_refused(sent):
    with pytest.raises(DomainError, match="niet van BE71096123456769"):
        take_in(sent, payment(sent), account="BE68539007547034")
    assert not BankEntry.objects.exists()


# ---------------------------------------------------------------- recoveries


@pytest.fixture
def recovery(clock, drain_outbox):
    """A first tranche of 180.000 with costs of 340.000: 10.000 too much."""
    clock.set("2027-03-01T10:00")
    crew = team()
    contribution(crew.year(), "225000.00", accepted_by=crew.manager)
    tranches.release(tranches.propose(crew.year(), 1, by=crew.manager), by=crew.officer)
    clock.set("2027-11-02T10:00")
    approved_report(crew, costs="340000.00")
    settlements.close_claims(crew.year(), by=crew.manager)
    settlements.settle(crew.year(), by=crew.manager)
    found = Recovery.objects.get()
    found.crew = crew
    return found


@pytest.mark.rule("PAY-07")
def test_the_claim_letter_goes_out_once_with_account_message_and_term(recovery, drain_outbox, mailoutbox):
    assert is_valid(recovery.payment_reference)
    assert recovery.due_on == date(2027, 12, 2)
    drain_outbox()
    mails = [mail for mail in mailoutbox if "Terug te betalen" in mail.subject]
    assert len(mails) == 1
    assert recovery.payment_reference in mails[0].body
    assert "02/12/2027" in mails[0].body
    assert [name for name, _content, _kind in mails[0].attachments] == [
        f"terugvordering-{recovery.crew.network.code}-jaar1.pdf"
    ]


@pytest.mark.rule("PAY-07")
def test_money_that_comes_back_is_counted_and_closes_the_recovery(recovery):
    crew = recovery.crew
    first = Booked("4000.00", "C1", reference=recovery.payment_reference, is_credit=True, booked_on=date(2027, 11, 2))
    assert take_in(crew, first).entries.get().verdict == EntryVerdict.REPAID
    recovery.refresh_from_db()
    assert (recovery.repaid_amount, recovery.repaid_on) == (Decimal("4000.00"), None)
    bank.note_repayment(recovery, amount=Decimal("6000.00"), received_on=date(2027, 11, 2), by=crew.officer)
    recovery.refresh_from_db()
    assert (recovery.repaid_amount, recovery.repaid_on) == (Decimal("10000.00"), date(2027, 11, 2))
    assert Repayment.objects.count() == 2


def test_more_than_was_claimed_is_not_taken_in(recovery):
    too_much = Booked(
        "10000.01", "C1", reference=recovery.payment_reference, is_credit=True, booked_on=date(2027, 11, 2)
    )
    entry = take_in(recovery.crew, too_much).entries.get()
    assert entry.verdict == EntryVerdict.DIFFERS
    assert "Reken het teveel af" in entry.remark
    with pytest.raises(DomainError, match="is te veel"):
        bank.note_repayment(
            recovery, amount=Decimal("10000.01"), received_on=date(2027, 11, 2), by=recovery.crew.officer
        )
    with pytest.raises(IntegrityError, match="repaid_within_recovery"):
        Recovery.objects.update(repaid_amount=Decimal("10000.01"))
