"""Electronic invoices: read from UBL, matched by enterprise number, hostile XML refused (COF-09, COF-12)."""

import base64
from datetime import date
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from ibnportal.core.errors import DomainError
from monitoring.documents import einvoice
from monitoring.domain import contribution_checks, einvoices
from monitoring.models import Contribution
from tests.factories.core import pdf_bytes
from tests.factories.monitoring import member, team
from tests.monitoring.rules import rules_2025

PAYER = "0566988259"
CBC = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"
CAC = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"


def party(number, name):
    return f"""<cac:Party><cbc:EndpointID schemeID="0208">{number}</cbc:EndpointID>
      <cac:PartyTaxScheme><cbc:CompanyID>BE{number}</cbc:CompanyID></cac:PartyTaxScheme>
      <cac:PartyLegalEntity><cbc:RegistrationName>{name}</cbc:RegistrationName></cac:PartyLegalEntity></cac:Party>"""


def ubl(*, supplier, customer=PAYER, number="F-1", root="Invoice", net="1000.00", gross="1210.00", currency="EUR", note="", refers="", pdf=None):  # fmt: skip
    attached = (
        ""
        if pdf is None
        else '<cac:AdditionalDocumentReference><cac:Attachment><cbc:EmbeddedDocumentBinaryObject mimeCode="application/pdf">'
        f"{base64.b64encode(pdf).decode()}</cbc:EmbeddedDocumentBinaryObject></cac:Attachment></cac:AdditionalDocumentReference>"
    )
    credited = f"<cac:BillingReference><cac:InvoiceDocumentReference><cbc:ID>{refers}</cbc:ID></cac:InvoiceDocumentReference></cac:BillingReference>" if refers else ""  # fmt: skip
    return f"""<?xml version="1.0" encoding="UTF-8"?>
    <{root} xmlns="urn:oasis:names:specification:ubl:schema:xsd:{root}-2" xmlns:cbc="{CBC}" xmlns:cac="{CAC}">
      <cbc:ID>{number}</cbc:ID><cbc:IssueDate>2026-10-01</cbc:IssueDate>
      <cbc:Note>{note}</cbc:Note><cbc:DocumentCurrencyCode>{currency}</cbc:DocumentCurrencyCode>{credited}{attached}
      <cac:AccountingSupplierParty>{party(supplier, "Clusterorganisatie")}</cac:AccountingSupplierParty>
      <cac:AccountingCustomerParty>{party(customer, "Weverij bv")}</cac:AccountingCustomerParty>
      <cac:LegalMonetaryTotal><cbc:TaxExclusiveAmount currencyID="{currency}">{net}</cbc:TaxExclusiveAmount>
        <cbc:TaxInclusiveAmount currencyID="{currency}">{gross}</cbc:TaxInclusiveAmount></cac:LegalMonetaryTotal>
      <cac:{root}Line><cac:Item><cbc:Name>Lidgeld werkjaar 1</cbc:Name></cac:Item></cac:{root}Line>
    </{root}>""".encode()


def test_an_invoice_is_read_as_it_stands():
    read = einvoice.read(ubl(supplier="0123456749", note="Project IBN-2025-01", pdf=b"%PDF-1.7 x"), name="f.xml")
    assert (read.number, read.issued_on, read.amount, read.vat_amount) == (
        "F-1", date(2026, 10, 1), Decimal("1000.00"), Decimal("210.00"),
    )  # fmt: skip
    assert (read.customer_number, read.customer_name, read.lines) == (
        "BE0566988259",
        "Weverij bv",
        ("Lidgeld werkjaar 1",),
    )
    assert "Project IBN-2025-01" in read.references
    assert read.pdf == b"%PDF-1.7 x"
    assert not read.is_credit_note


@pytest.mark.rule("COF-12")
@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>', "documenttype of entiteiten"),
        (b'<!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><x>&b;</x>', "documenttype of entiteiten"),
        (b"<x/>", "geen factuur of creditnota in UBL"),
        (b"<x", "geen geldige of volledige XML"),
        (b"", "geen geldige of volledige XML"),
        (b"%PDF-1.7", "geen geldige of volledige XML"),
        (ubl(supplier="0123456749", net="veel"), "mist het bedrag TaxExclusiveAmount"),
        (ubl(supplier="0123456749", net="NaN"), "onmogelijk bedrag"),
        (ubl(supplier="0123456749", number=""), "mist het onderdeel ID"),
    ],
)
def test_what_is_no_sound_invoice_is_refused_with_a_sentence(content, says):
    with pytest.raises(DomainError, match=says):
        einvoice.read(content, name="f.xml")


@pytest.fixture
def crew(clock):
    clock.set("2027-03-01T10:00")
    return team()


def take(crew, **fields):
    own = crew.network.beneficiary.enterprise_number
    content = ubl(**{"supplier": own, "note": crew.network.code, **fields})
    read = einvoice.read(content, name="f.xml")
    file = SimpleUploadedFile("f.xml", content, content_type="application/xml")
    return einvoices.take_in(crew.year(), read, kind="cash_fee", file=file, by=crew.worker)


@pytest.mark.django_db
@pytest.mark.rule("COF-09")
def test_an_invoice_becomes_a_contribution_of_the_member_with_that_number(crew):
    from tests.factories.core import OrganisationFactory

    payer = member(crew.network, organisation=OrganisationFactory(enterprise_number=PAYER)).organisation
    made = take(crew, pdf=pdf_bytes())
    assert (made.payer, made.amount, made.vat_amount, made.services) == (payer, 1000, 210, "Lidgeld werkjaar 1")
    assert (made.refers_to_project, made.proof.kind, made.received_on) == (True, "proof_pdf", None)
    assert [f.rule_id for f in contribution_checks.findings(made, rules_2025())] == ["SUB-02"]
    other = take(crew, number="F-2", note="Factuur zonder verwijzing")
    assert (other.refers_to_project, other.proof.kind) == (False, "invoice_xml")
    assert "COF-09" in [f.rule_id for f in contribution_checks.findings(other, rules_2025())]


@pytest.mark.django_db
@pytest.mark.rule("COF-09")
@pytest.mark.parametrize(
    ("fields", "rule"),
    [({"supplier": "0123456749"}, "COF-09"), ({"currency": "USD"}, "COF-02"), ({"customer": "0566988258"}, "COF-12")],
)
def test_an_invoice_of_somebody_else_or_in_another_currency_is_refused(crew, fields, rule):
    with pytest.raises(DomainError) as error:
        take(crew, **fields)
    assert error.value.rule_id == rule
    assert not Contribution.objects.exists()


@pytest.mark.django_db
@pytest.mark.rule("COF-12")
def test_a_credit_note_takes_back_the_invoice_that_it_names(crew):
    take(crew)
    with pytest.raises(DomainError, match="staat al bij dit projectjaar"):
        take(crew)
    with pytest.raises(DomainError, match="zegt niet bij welke factuur"):
        take(crew, number="C-1", root="CreditNote")
    with pytest.raises(DomainError, match="die staat niet bij dit projectjaar"):
        take(crew, number="C-1", root="CreditNote", refers="F-99")
    take(crew, number="C-1", root="CreditNote", refers="F-1", net="1000.00")
    assert Contribution.objects.get().state == "refused"
