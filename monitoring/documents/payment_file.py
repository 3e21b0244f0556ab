"""The payment file for the bank: ISO 20022 pain.001.001.09, one debit a payment, with the Belgian structured message.

Everything in it comes from the frozen batch, so the same batch gives the same bytes. The ready-made library writes no
structured message and takes identifiers and times of its own (ADR 0012), hence these lines.
"""

from datetime import datetime
from decimal import Decimal
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from ibnportal.core import clock
from monitoring.domain.batches import amount_of
from monitoring.models import PaymentBatch

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
_NAME = 70  # the longest name that a SEPA payment carries
_REPLACED = {"&": "+", "’": "'", "“": '"', "”": '"', "–": "-"}


def write(batch: PaymentBatch) -> bytes:
    """The file of a batch."""
    root = Element("Document", {"xmlns": NAMESPACE})
    initiation = SubElement(root, "CstmrCdtTrfInitn")
    _header(initiation, batch)
    block = SubElement(initiation, "PmtInf")
    _text(block, "PmtInfId", f"{batch.message_id}-1")
    _text(block, "PmtMtd", "TRF")
    _text(block, "BtchBookg", "false")
    _text(block, "NbOfTxs", str(batch.payment_count))
    _text(block, "CtrlSum", _plain(batch.total))
    _text(SubElement(SubElement(block, "PmtTpInf"), "SvcLvl"), "Cd", "SEPA")
    _text(SubElement(block, "ReqdExctnDt"), "Dt", batch.execute_on.isoformat())
    _text(SubElement(block, "Dbtr"), "Nm", sepa_text(batch.debtor["name"], _NAME))
    _text(SubElement(SubElement(block, "DbtrAcct"), "Id"), "IBAN", batch.debtor["iban"])
    _agent(SubElement(block, "DbtrAgt"), batch.debtor["bic"])
    _text(block, "ChrgBr", "SLEV")
    for payment in batch.payments:
        _transfer(block, payment)
    indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, encoding="unicode")}\n'.encode()


def name_of(batch: PaymentBatch) -> str:
    """The file's name."""
    return f"{batch.message_id}.xml"


def _header(initiation: Element, batch: PaymentBatch) -> None:
    header = SubElement(initiation, "GrpHdr")
    _text(header, "MsgId", batch.message_id)
    _text(header, "CreDtTm", _moment(batch.made_at))
    _text(header, "NbOfTxs", str(batch.payment_count))
    _text(header, "CtrlSum", _plain(batch.total))
    _text(SubElement(header, "InitgPty"), "Nm", sepa_text(batch.debtor["name"], _NAME))


def _transfer(block: Element, payment: dict[str, str]) -> None:
    transfer = SubElement(block, "CdtTrfTxInf")
    _text(SubElement(transfer, "PmtId"), "EndToEndId", payment["end_to_end_id"])
    amount = SubElement(SubElement(transfer, "Amt"), "InstdAmt", {"Ccy": "EUR"})
    amount.text = _plain(amount_of(payment))
    _text(SubElement(transfer, "Cdtr"), "Nm", sepa_text(payment["name"], _NAME))
    _text(SubElement(SubElement(transfer, "CdtrAcct"), "Id"), "IBAN", payment["iban"])
    reference = SubElement(SubElement(SubElement(transfer, "RmtInf"), "Strd"), "CdtrRefInf")
    kind = SubElement(reference, "Tp")
    _text(SubElement(kind, "CdOrPrtry"), "Cd", "SCOR")
    _text(kind, "Issr", "BBA")
    _text(reference, "Ref", "".join(char for char in payment["reference"] if char.isdigit()))


def _agent(agent: Element, bic: str) -> None:
    identification = SubElement(agent, "FinInstnId")
    if bic:
        _text(identification, "BICFI", bic)
    else:
        _text(SubElement(identification, "Othr"), "Id", "NOTPROVIDED")


def _text(parent: Element, tag: str, text: str) -> None:
    SubElement(parent, tag).text = text


def _plain(amount: Decimal) -> str:
    return f"{amount:.2f}"


def _moment(at: datetime) -> str:
    return clock.local(at).replace(microsecond=0, tzinfo=None).isoformat()


def sepa_text(text: str, longest: int) -> str:
    """Without what banks refuse in a name: control characters and signs that XML or SEPA give a meaning of their own."""
    kept = "".join(_REPLACED.get(char, char) for char in text if char.isprintable() and char not in "<>")
    return " ".join(kept.split())[:longest].strip() or "-"
