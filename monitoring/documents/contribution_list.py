"""A list of contributions as a workbook: one invoice a row, read with its errors by cell (COF-09, COF-12)."""

from decimal import Decimal

from calls.enums import ContributionKind
from ibnportal.core import enterprise_numbers, lists
from ibnportal.core.findings import Finding
from ibnportal.core.lists import Column, Line
from monitoring.domain.contribution_list import ContributionLine

MOST_LINES = 5_000
RULE = "COF-12"

COLUMNS = (
    Column("number", "Ondernemingsnummer", ("kbo", "kbo-nummer", "btw-nummer"), is_required=True),
    Column("name", "Betaler", ("onderneming", "naam", "klant")),
    Column("kind", "Soort bijdrage", ("soort",)),
    Column("invoice", "Factuurnummer", ("factuur",), is_required=True),
    Column("invoiced_on", "Factuurdatum", ("datum",), is_required=True),
    Column("amount", "Bedrag zonder btw", ("bedrag", "bedrag excl. btw", "excl. btw"), is_required=True),
    Column("gross", "Bedrag met btw", ("bedrag incl. btw", "incl. btw")),
    Column("currency", "Munt", ("valuta",)),
    Column("received_on", "Ontvangen op", ("betaald op", "betaaldatum")),
    Column("services", "Diensten op de factuur", ("diensten", "omschrijving")),
    Column("refers", "Verwijst naar het project", ("verwijzing", "project")),
    Column("individual", "Individuele dienstverlening"),
)
TITLES = tuple(column.title for column in COLUMNS)
_KINDS = {choice.value: str(choice.label) for choice in ContributionKind}


def read(content: bytes) -> tuple[list[ContributionLine], list[Finding]]:
    """The lines with their findings by cell, and those on the list as a whole. Raises Unreadable."""
    lines, found = lists.read(content, COLUMNS, rule_id=RULE, most=MOST_LINES)
    return [_line(line) for line in lines], found


def _line(line: Line) -> ContributionLine:
    number = line.text("number", most=40)
    problem = enterprise_numbers.explain(number)
    if problem:
        line.problem("number", problem)
    amount = line.amount("amount", needed="Vul het bedrag zonder btw in.", allow_negative=True)
    if amount is not None and amount < 0:
        line.problem("amount", "Een negatief bedrag is een creditnota. Voer ze in bij de factuur waar ze bij hoort.")
    elif amount == 0:
        line.problem("amount", "Een bijdrage is meer dan nul.", rule_id="COF-02")
    gross = line.amount("gross", allow_negative=True)
    if amount is not None and gross is not None and gross < amount:
        line.problem(
            "gross", "Het bedrag met btw is kleiner dan dat zonder btw. Kijk na of de kolommen omgewisseld zijn."
        )
    currency = line.text("currency", most=20).upper()
    if currency not in ("", "EUR", "EURO", "€"):
        line.problem("currency", f"“{currency[:10]}”: alleen bedragen in euro tellen.", rule_id="COF-02")
    return ContributionLine(
        row=line.row,
        name=line.text("name", most=200),
        number="" if problem else enterprise_numbers.normalise(number),
        number_at=line.where("number"),
        invoice_at=line.where("invoice"),
        kind=line.choice("kind", _KINDS, default=ContributionKind.CASH_FEE),
        amount=amount,
        vat_amount=None if gross is None or amount is None else max(gross - amount, Decimal("0.00")),
        invoice_number=line.text("invoice", most=60, needed="Vul het factuurnummer in."),
        invoiced_on=line.day("invoiced_on", needed="Vul de factuurdatum in."),
        received_on=line.day("received_on"),
        services=line.text("services", most=300),
        refers_to_project=line.yes("refers", default=False),
        is_individual_service=line.yes("individual", default=False),
        findings=tuple(line.findings),
    )
