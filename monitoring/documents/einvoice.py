"""An electronic invoice (Peppol BIS Billing 3, UBL 2.1) in XML into what it says; hostile XML is refused unread."""

import base64
import binascii
from datetime import date
from decimal import Decimal, InvalidOperation
from xml.etree.ElementTree import Element, ParseError

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from ibnportal.core.errors import DomainError
from monitoring.domain.einvoices import EInvoice

CBC = "{urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2}"
CAC = "{urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2}"
INVOICE = "{urn:oasis:names:specification:ubl:schema:xsd:Invoice-2}Invoice"
CREDIT_NOTE = "{urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2}CreditNote"
CREDIT_TYPES = {"381", "396"}
MOST_BYTES = 10 * 1024 * 1024
RULE = "COF-12"


def read(content: bytes, *, name: str) -> EInvoice:
    """What the invoice says. Raises DomainError, naming the file and the element, for what is no invoice or lacks a part."""
    if len(content) > MOST_BYTES:
        raise _refusal(name, "is te groot voor een e-factuur")
    try:
        root = ElementTree.fromstring(content, forbid_dtd=True)
    except DefusedXmlException as error:
        raise _refusal(name, "bevat een documenttype of entiteiten; zulke XML leest het portaal niet") from error
    except (ParseError, ValueError, LookupError) as error:
        raise _refusal(name, "is geen geldige of volledige XML") from error
    if root.tag not in (INVOICE, CREDIT_NOTE):
        raise _refusal(name, "is geen factuur of creditnota in UBL 2.1 (Peppol BIS Billing 3)")
    kind = _text(root, "InvoiceTypeCode") or _text(root, "CreditNoteTypeCode")
    is_credit = root.tag == CREDIT_NOTE or kind in CREDIT_TYPES
    total = root.find(f"{CAC}LegalMonetaryTotal")
    net = _amount(total, "TaxExclusiveAmount", name)
    gross = _amount(total, "TaxInclusiveAmount", name)
    supplier = root.find(f"{CAC}AccountingSupplierParty/{CAC}Party")
    customer = root.find(f"{CAC}AccountingCustomerParty/{CAC}Party")
    return EInvoice(
        number=_needed(root, "ID", name)[:60],
        issued_on=_day(_needed(root, "IssueDate", name), name),
        currency=_needed(root, "DocumentCurrencyCode", name).upper(),
        is_credit_note=is_credit,
        supplier_number=_number_of(supplier),
        customer_name=_name_of(customer)[:200],
        customer_number=_number_of(customer),
        amount=abs(net) if is_credit else net,
        vat_amount=abs(gross - net),
        lines=_lines(root),
        references=_references(root),
        credited_number=_text(root, f"{CAC}BillingReference/{CAC}InvoiceDocumentReference/{CBC}ID", is_path=True)[:60],
        pdf=_pdf(root),
    )


def _refusal(name: str, why: str) -> DomainError:
    return DomainError(f"“{name[:80]}” {why}. Voer de factuur opnieuw uit uw boekhouding uit.", rule_id=RULE)


def _text(parent: Element | None, tag: str, *, is_path: bool = False) -> str:
    found = None if parent is None else parent.find(tag if is_path else f"{CBC}{tag}")
    return " ".join((found.text or "").split()) if found is not None else ""


def _needed(parent: Element, tag: str, name: str) -> str:
    text = _text(parent, tag)
    if not text:
        raise _refusal(name, f"mist het onderdeel {tag}")
    return text


def _day(text: str, name: str) -> date:
    try:
        return date.fromisoformat(text[: len("2027-01-31")])
    except ValueError as error:
        raise _refusal(name, f"heeft geen leesbare datum ({text[:20]})") from error


def _amount(parent: Element | None, tag: str, name: str) -> Decimal:
    text = _text(parent, tag)
    try:
        amount = Decimal(text)
    except InvalidOperation as error:
        raise _refusal(name, f"mist het bedrag {tag}, of het is niet te lezen ({text[:20]})") from error
    if not amount.is_finite() or abs(amount) >= Decimal(10_000_000_000):
        raise _refusal(name, f"heeft een onmogelijk bedrag in {tag}")
    return amount.quantize(Decimal("0.01"))


def _number_of(party: Element | None) -> str:
    """The enterprise number of a party: its legal entity, its VAT number, or its Peppol address (scheme 0208)."""
    if party is None:
        return ""
    paths = (
        f"{CAC}PartyLegalEntity/{CBC}CompanyID",
        f"{CAC}PartyTaxScheme/{CBC}CompanyID",
        f"{CBC}EndpointID",
        f"{CAC}PartyIdentification/{CBC}ID",
    )
    return next((text for path in paths if (text := _text(party, path, is_path=True))), "")[:40]


def _name_of(party: Element | None) -> str:
    paths = (f"{CAC}PartyLegalEntity/{CBC}RegistrationName", f"{CAC}PartyName/{CBC}Name")
    return next((text for path in paths if (text := _text(party, path, is_path=True))), "")


def _lines(root: Element) -> tuple[str, ...]:
    told = []
    for tag in ("InvoiceLine", "CreditNoteLine"):
        for line in root.findall(f"{CAC}{tag}"):
            item = line.find(f"{CAC}Item")
            text = _text(item, "Name") or _text(item, "Description") or _text(line, "Note")
            if text:
                told.append(text[:200])
    return tuple(told)


def _references(root: Element) -> tuple[str, ...]:
    """Everything by which an invoice can name the project: notes, buyer's, order, contract and project references."""
    paths = (
        f"{CBC}Note", f"{CBC}BuyerReference", f"{CBC}AccountingCost", f"{CAC}OrderReference/{CBC}ID",
        f"{CAC}ContractDocumentReference/{CBC}ID", f"{CAC}ProjectReference/{CBC}ID",
        f"{CAC}InvoiceLine/{CBC}Note", f"{CAC}InvoiceLine/{CAC}Item/{CBC}Description",
    )  # fmt: skip
    found = [" ".join((one.text or "").split()) for path in paths for one in root.findall(path)]
    return tuple(text[:500] for text in found if text)


def _pdf(root: Element) -> bytes | None:
    path = f"{CAC}AdditionalDocumentReference/{CAC}Attachment/{CBC}EmbeddedDocumentBinaryObject"
    for found in root.findall(path):
        if found.get("mimeCode") == "application/pdf" and found.text:
            try:
                return base64.b64decode("".join(found.text.split()), validate=True)
            except (binascii.Error, ValueError):
                return None
    return None
