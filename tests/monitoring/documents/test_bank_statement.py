"""Reading the bank's answer: whole, exact, and by name of what is wrong."""

from datetime import date
from decimal import Decimal

import pytest

from ibnportal.core.errors import DomainError
from monitoring.documents import bank_statement
from tests.factories.bank import Booked, camt053


def test_a_payment_and_a_receipt_are_read():
    statement = bank_statement.read(
        camt053(
            Booked("180000.00", "B1", end_to_end_id="IBN-2025-01-N-J1-S1", reference="+++000/0000/00797+++"),
            Booked("2500.00", "B2", reference="+++800/0000/00151+++", is_credit=True, name="Netwerk Één"),
        )
    )
    assert (statement.statement_id, statement.account) == ("2027-063", "BE71096123456769")
    paid, received = statement.lines
    assert (paid.key, paid.is_credit, paid.amount, paid.currency, paid.booked_on) == (
        "B1",
        False,
        Decimal("180000.00"),
        "EUR",
        date(2027, 3, 4),
    )
    assert (paid.end_to_end_id, paid.reference, paid.counterparty_iban) == (
        "IBN-2025-01-N-J1-S1",
        "+++000/0000/00797+++",
        "BE68539007547034",
    )
    assert (received.is_credit, received.reference, received.counterparty) == (
        True,
        "+++800/0000/00151+++",
        "Netwerk Één",
    )


def test_a_batch_booking_is_split_into_its_payments():
    joined = camt053(Booked("300.00", "B9")).decode()
    details = "".join(
        f'<TxDtls><Refs><EndToEndId>E{n}</EndToEndId></Refs><Amt Ccy="EUR">{n}00.00</Amt></TxDtls>' for n in (1, 2)
    )
    start, end = joined.index("<TxDtls>"), joined.index("</TxDtls>") + len("</TxDtls>")
    lines = bank_statement.read((joined[:start] + details + joined[end:]).encode()).lines
    assert [(line.key, line.end_to_end_id, line.amount) for line in lines] == [
        ("B9/1", "E1", Decimal("100.00")),
        ("B9/2", "E2", Decimal("200.00")),
    ]


def test_what_is_only_announced_is_left_out():
    assert bank_statement.read(camt053(Booked("1.00", "B1")).replace(b">BOOK<", b">PDNG<")).lines == ()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"<Document/>", "geen rekeninguittreksel"),
        (b"<Document><CstmrCdtTrfInitn/></Document>", "geen rekeninguittreksel"),
        (b"<Document><BkToCstmrStmt/></Document>", "er staat geen rekening in"),
        (camt053(Booked("honderd", "B1")), "Verrichting 1: “honderd” is geen bedrag"),
        (camt053(Booked("1.005", "B1")), "geen bedrag in hele centen"),
        (camt053(Booked("-5.00", "B1")), "geen bedrag in hele centen"),
        (camt053(Booked("NaN", "B1")), "geen bedrag in hele centen"),
        (camt053(Booked("5.00", "B1")).replace(b"DBIT", b"????"), "bijkomt of afgaat"),
        (camt053(Booked("5.00", "B1")).replace(b"2027-03-04", b"gisteren"), "“gisteren” is geen boekdatum"),
    ],
)
def test_what_cannot_be_read_is_refused_with_where_it_stands(content, sentence):
    with pytest.raises(DomainError, match=sentence):
        bank_statement.read(content)
