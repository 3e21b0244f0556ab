"""Electronic invoices of the cluster organisation against its ledger (COF-09, COF-12): each becomes a contribution, or a credit.

What the invoice says is taken as it stands: amount without VAT, currency, parties, references. Its customer is found by
enterprise number; an invoice of somebody else or in another currency is refused with its rule.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.files.base import ContentFile, File
from django.db import transaction

from ibnportal.core import enterprise_numbers
from ibnportal.core.accounts.domain.people import find_or_register_organisation
from ibnportal.core.accounts.models import User
from ibnportal.core.errors import DomainError
from ibnportal.core.files.kinds import FileKind
from ibnportal.core.files.store import store
from monitoring.domain import contributions, crediting
from monitoring.enums import ContributionState
from monitoring.models import AwardYear, Contribution, Network

EURO = "EUR"


@dataclass(frozen=True, slots=True)
class EInvoice:
    """What an invoice or a credit note in UBL says; amounts in its currency, always positive for a credit note too."""

    number: str
    issued_on: date
    currency: str
    is_credit_note: bool
    supplier_number: str
    customer_name: str
    customer_number: str
    amount: Decimal
    vat_amount: Decimal
    lines: tuple[str, ...]
    references: tuple[str, ...]
    credited_number: str = ""
    pdf: bytes | None = None


def names_project(invoice: EInvoice, network: Network) -> bool:
    """Whether the invoice refers to the cluster project: by the network's code, its dossier's number, or its name (COF-09)."""
    said = " ".join((*invoice.references, *invoice.lines)).casefold()
    marks = (network.code, network.application.number, network.name, *network.aliases)
    return any(mark and mark.casefold() in said for mark in marks)


@transaction.atomic
def take_in(award_year: AwardYear, invoice: EInvoice, *, kind: str, file: "File[bytes]", by: User) -> Contribution:
    """A contribution of that invoice, or the contribution that a credit note takes back. Raises DomainError with its rule."""
    network = award_year.network
    where = f"Factuur {invoice.number}"
    if invoice.currency != EURO:
        raise DomainError(f"{where} is in {invoice.currency[:10]}; alleen bedragen in euro tellen.", rule_id="COF-02")
    own = network.beneficiary.enterprise_number
    if enterprise_numbers.normalise(invoice.supplier_number) != own:
        raise DomainError(
            f"{where} is niet door {network.beneficiary} gemaakt: de leverancier is {invoice.supplier_number[:20] or 'niet genoemd'}. "
            "De clusterorganisatie factureert zelf.",
            rule_id="COF-09",
        )
    problem = enterprise_numbers.explain(invoice.customer_number)
    if problem:
        raise DomainError(f"{where}, klant {invoice.customer_name[:60]}: {problem}", rule_id="COF-12")
    if invoice.is_credit_note:
        return _credit(award_year, invoice, file=file, by=by)
    payer, _ = find_or_register_organisation(
        name=invoice.customer_name, enterprise_number=invoice.customer_number, by=by
    )
    fields: dict[str, Any] = {
        "payer": payer, "kind": kind, "amount": invoice.amount, "vat_amount": invoice.vat_amount, "invoice_number": invoice.number,
        "invoiced_on": invoice.issued_on, "refers_to_project": names_project(invoice, network),
        "services": "; ".join(invoice.lines)[: contributions.MOST_SERVICES], "proof": _proof(invoice, file, by),
    }  # fmt: skip
    return contributions.enter(award_year, by=by, **fields)


def _proof(invoice: EInvoice, file: "File[bytes]", by: User) -> Any:
    """The PDF inside the invoice where there is one, otherwise the invoice itself."""
    if invoice.pdf is not None:
        name = f"factuur-{invoice.number}.pdf".replace("/", "-")
        return store(ContentFile(invoice.pdf, name=name), by=by, kind=FileKind.PROOF_PDF)
    return store(file, by=by, kind=FileKind.INVOICE_XML)


def _credit(award_year: AwardYear, invoice: EInvoice, *, file: "File[bytes]", by: User) -> Contribution:
    if not invoice.credited_number:
        raise DomainError(
            f"Creditnota {invoice.number} zegt niet bij welke factuur ze hoort. Voer ze in bij die bijdrage.",
            rule_id="COF-12",
        )
    standing = Contribution.objects.filter(award_year=award_year, invoice_number__iexact=invoice.credited_number)
    found = standing.exclude(state=ContributionState.REFUSED).select_related("award_year__network", "payer").first()
    if found is None:
        raise DomainError(
            f"Creditnota {invoice.number} hoort bij factuur {invoice.credited_number[:40]}, en die staat niet bij dit projectjaar.",
            rule_id="COF-12",
        )
    crediting.credit(
        found, number=invoice.number, amount=invoice.amount, issued_on=invoice.issued_on, proof=_proof(invoice, file, by), by=by
    )  # fmt: skip
    return found
