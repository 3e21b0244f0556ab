"""The payment file: valid for the bank, with the structured message, and the same bytes each time (PAY-01)."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import sepaxml
import xmlschema
from defusedxml import ElementTree

from ibnportal.core import clock
from monitoring.documents import payment_file
from monitoring.models import PaymentBatch

SCHEMA = Path(sepaxml.__file__).parent / "schemas" / "pain.001.001.09.xsd"
NS = {"p": payment_file.NAMESPACE}


def batch(**fields) -> PaymentBatch:
    values = {
        "message_id": "IBN-20270301-7-1",
        "execute_on": date(2027, 3, 3),
        "payment_count": 2,
        "total": Decimal("270000.50"),
        "payments": [
            {"tranche": 7, "end_to_end_id": "IBN-2025-01-N-J1-S1", "amount": "180000.00", "name": "Netwerk Één & Co <vzw>",
             "iban": "BE68539007547034", "reference": "+++000/0000/00797+++"},
            {"tranche": 8, "end_to_end_id": "IBN-2025-02-N-J1-S1", "amount": "90000.50", "name": "x" * 90,
             "iban": "BE68539007547034", "reference": "+++000/0000/00898+++"},
        ],
        "debtor": {"name": "Fonds voor Innoveren en Ondernemen", "iban": "BE71096123456769", "bic": ""},
        "made_at": clock.moment("2027-03-01T10:00:00"),
        **fields,
    }  # fmt: skip
    return PaymentBatch(**values)


@pytest.mark.parametrize("bic", ["", "GKCCBEBB"])
def test_the_file_is_what_the_standard_asks(bic):
    written = payment_file.write(batch(debtor={"name": "Fonds", "iban": "BE71096123456769", "bic": bic}))
    xmlschema.XMLSchema(str(SCHEMA)).validate(written.decode())


def test_amounts_accounts_and_messages_are_those_of_the_batch():
    root = ElementTree.fromstring(payment_file.write(batch()))
    found = [
        (
            transfer.findtext(".//p:InstdAmt", namespaces=NS),
            transfer.find(".//p:InstdAmt", NS).get("Ccy"),
            transfer.findtext(".//p:CdtrAcct/p:Id/p:IBAN", namespaces=NS),
            transfer.findtext(".//p:CdtrRefInf/p:Ref", namespaces=NS),
            transfer.findtext(".//p:EndToEndId", namespaces=NS),
        )
        for transfer in root.iterfind(".//p:CdtTrfTxInf", NS)
    ]
    assert found == [
        ("180000.00", "EUR", "BE68539007547034", "000000000797", "IBN-2025-01-N-J1-S1"),
        ("90000.50", "EUR", "BE68539007547034", "000000000898", "IBN-2025-02-N-J1-S1"),
    ]
    assert root.findtext(".//p:GrpHdr/p:CtrlSum", namespaces=NS) == "270000.50"
    assert root.findtext(".//p:CreDtTm", namespaces=NS) == "2027-03-01T10:00:00"
    assert root.findtext(".//p:ReqdExctnDt/p:Dt", namespaces=NS) == "2027-03-03"


def test_the_same_batch_gives_the_same_bytes():
    assert payment_file.write(batch()) == payment_file.write(batch())


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("Netwerk Één & Co <vzw>", "Netwerk Één + Co vzw"),
        ("Kop\u202estaart\x00", "Kopstaart"),
        ("x" * 90, "x" * 70),
        ("<>", "-"),
    ],
)
def test_a_name_is_sent_without_what_a_bank_refuses(name, sent):
    assert payment_file.sepa_text(name, 70) == sent
