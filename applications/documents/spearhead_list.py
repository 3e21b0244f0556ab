"""A member list of a spearhead cluster, read from a workbook or csv with errors by cell (POS-08)."""

from collections.abc import Iterator

from applications.domain.spearheads import Company, MemberReading
from ibnportal.core import enterprise_numbers, tables
from ibnportal.core.findings import Finding, Severity
from ibnportal.core.tables import Row, Table

NAME, NUMBER = "Naam", "Ondernemingsnummer"
LONGEST_NAME = 200
RULE = "POS-08"


def read(content: bytes, *, name: str) -> MemberReading:
    """The members with a right number, each once; a wrong number is an error, a repeated one a warning."""
    table = tables.read(content, name=name, columns=(NAME, NUMBER), needed=(NAME, NUMBER), rule_id=RULE)
    findings = list(table.findings)
    members: dict[str, Company] = {}
    for row in table.rows:
        wrong = list(_wrong(table, row))
        findings += wrong
        number = enterprise_numbers.normalise(row[NUMBER].text)
        if wrong:
            continue
        if number in members:
            findings.append(
                Finding(
                    RULE,
                    table.where(row[NUMBER]),
                    f"{members[number].name} staat er al; deze rij telt niet nog eens.",
                    Severity.WARNING,
                )
            )
            continue
        members[number] = Company(row[NAME].text, number)
    if not table.rows and not findings:
        findings.append(Finding(RULE, "Hele bestand", "Er staat geen enkele onderneming in deze lijst."))
    return MemberReading(tuple(members.values()), tuple(findings[: tables.MAX_FINDINGS]))


def _wrong(table: Table, row: Row) -> Iterator[Finding]:
    if not row[NAME].text:
        yield Finding(RULE, table.where(row[NAME]), "De naam ontbreekt op deze rij.")
    elif len(row[NAME].text) > LONGEST_NAME:
        yield Finding(RULE, table.where(row[NAME]), f"Deze naam is te lang; er mogen {LONGEST_NAME} tekens in.")
    problem = enterprise_numbers.explain(row[NUMBER].text)
    if problem:
        yield Finding(RULE, table.where(row[NUMBER]), problem)
