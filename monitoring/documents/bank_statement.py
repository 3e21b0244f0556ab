"""A bank statement in XML (ISO 20022 camt.053 or camt.054, any version) to plain lines.

Read by the names of the elements, whatever their namespace, for banks are versions apart. What can't be read is refused with
the number of the entry; nothing is guessed and nothing becomes 0.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from xml.etree.ElementTree import Element

from defusedxml import ElementTree

from ibnportal.core.errors import DomainError
from ibnportal.core.money import CENT
from monitoring.domain.bank import Line, Statement, checked_account

MOST_LINES = 5000
_KINDS = ("BkToCstmrStmt", "BkToCstmrDbtCdtNtfctn")
_NOT_PROVIDED = "NOTPROVIDED"


def read(content: bytes) -> Statement:
    """The lines of a statement, a batch booking split into its payments. Raises DomainError with what is wrong and where."""
    root = ElementTree.fromstring(content, forbid_dtd=True)
    body = next((child for child in root if _name(child) in _KINDS), None)
    if body is None:
        raise DomainError(
            "Dit is geen rekeninguittreksel (camt.053) of verrichtingsbericht (camt.054). Vraag het bij de bank in die vorm op."
        )
    reports = [child for child in body if _name(child) in {"Stmt", "Ntfctn"}]
    if not reports:
        raise DomainError("Het uittreksel is leeg: er staat geen rekening in.")
    accounts = {checked_account(_at(report, "Acct", "Id", "IBAN")) for report in reports}
    if len(accounts) > 1:
        raise DomainError("Het bestand bevat uittreksels van verschillende rekeningen. Lees ze één voor één in.")
    lines = [line for report in reports for line in _lines(report)]
    if len(lines) > MOST_LINES:
        raise DomainError(f"Het uittreksel telt meer dan {MOST_LINES} verrichtingen. Vraag het per dag op.")
    return Statement(statement_id=_at(reports[0], "Id")[:140], account=accounts.pop(), lines=tuple(lines))


def _lines(report: Element) -> Iterator[Line]:
    for number, entry in enumerate((child for child in report if _name(child) == "Ntry"), start=1):
        if _at(entry, "Sts", "Cd") not in {"", "BOOK"} or _at(entry, "Sts") not in {"", "BOOK"}:
            continue  # announced, not booked
        where = f"Verrichting {number}"
        details = [element for element in entry.iter() if _name(element) == "TxDtls"]
        key = _at(entry, "AcctSvcrRef") or _at(entry, "NtryRef")
        booked_on = _date(_at(entry, "BookgDt", "Dt") or _at(entry, "BookgDt", "DtTm"), where)
        is_credit = _direction(entry, where)
        if len(details) <= 1:
            yield _line(entry, details[0] if details else entry, key, booked_on, is_credit=is_credit, where=where)
            continue
        for part, detail in enumerate(details, start=1):
            own_key = _at(detail, "Refs", "AcctSvcrRef") or (f"{key}/{part}" if key else "")
            yield _line(detail, detail, own_key, booked_on, is_credit=is_credit, where=f"{where}, deel {part}")


def _line(priced: Element, detail: Element, key: str, booked_on: date, *, is_credit: bool, where: str) -> Line:
    amount = _find(priced, "Amt")
    if amount is None:
        amount = _find(priced, "AmtDtls", "TxAmt", "Amt")
    other = ("Dbtr", "DbtrAcct") if is_credit else ("Cdtr", "CdtrAcct")
    parties = _find(detail, "RltdPties")
    name = "" if parties is None else _at(parties, other[0], "Nm") or _at(parties, other[0], "Pty", "Nm")
    account = "" if parties is None else _at(parties, other[1], "Id", "IBAN")
    end_to_end = _at(detail, "Refs", "EndToEndId")
    return Line(
        key=key[:200],
        is_credit=is_credit,
        amount=_amount(amount, where),
        currency=("" if amount is None else amount.get("Ccy", ""))[:3],
        booked_on=booked_on,
        end_to_end_id="" if end_to_end == _NOT_PROVIDED else end_to_end[:140],
        reference=_reference(detail)[:300],
        counterparty=name[:140],
        counterparty_iban=checked_account(account),
    )


def _reference(detail: Element) -> str:
    """The structured message as the portal writes it, or the free text."""
    digits = _at(detail, "RmtInf", "Strd", "CdtrRefInf", "Ref")
    if len(digits) == len("000000000000") and digits.isdigit():
        return f"+++{digits[:3]}/{digits[3:7]}/{digits[7:]}+++"
    return digits or _at(detail, "RmtInf", "Ustrd")


def _direction(entry: Element, where: str) -> bool:
    found = _at(entry, "CdtDbtInd")
    if found not in {"CRDT", "DBIT"}:
        raise DomainError(f"{where}: er staat niet bij of het geld bijkomt of afgaat (CdtDbtInd).")
    return found == "CRDT"


def _amount(element: Element | None, where: str) -> Decimal:
    text = "" if element is None else (element.text or "").strip()
    try:
        amount = Decimal(text)
    except InvalidOperation as error:
        raise DomainError(f"{where}: “{text[:40]}” is geen bedrag.") from error
    if not amount.is_finite() or amount < 0 or amount != amount.quantize(CENT):
        raise DomainError(f"{where}: “{text[:40]}” is geen bedrag in hele centen.")
    return amount.quantize(CENT)


def _date(text: str, where: str) -> date:
    try:
        return date.fromisoformat(text[: len("2027-01-31")])
    except ValueError as error:
        raise DomainError(f"{where}: “{text[:40]}” is geen boekdatum.") from error


def _find(element: Element, *path: str) -> Element | None:
    found: Element | None = element
    for name in path:
        found = None if found is None else next((child for child in found if _name(child) == name), None)
    return found


def _at(element: Element, *path: str) -> str:
    found = _find(element, *path)
    return "" if found is None else (found.text or "").strip()


def _name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]
