"""The list of companies as a workbook: the template to download, and a filled one read back with errors by cell (P1-LET-01 ... 03)."""

from collections.abc import Iterator
from io import BytesIO

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from applications.domain.letter_lists import Listed, Reading
from applications.models import Letter
from ibnportal.core import enterprise_numbers, places, tables
from ibnportal.core.errors import DomainError
from ibnportal.core.findings import Finding, Severity
from ibnportal.core.money import parse_euros
from ibnportal.core.tables import Cell, Row, Table

SHEET = "Ondernemingen"
FIELDS = {
    "Onderneming": "company_name",
    "Ondernemingsnummer": "enterprise_number",
    "Contactpersoon": "contact_name",
    "E-mail": "contact_email",
    "Straat en nummer": "street",
    "Postcode": "postcode",
    "Gemeente": "municipality",
    "Financieel engagement (euro)": "commitment_amount",
    "Rol": "role",
}
RULES = {
    "company_name": "P1-LET-01", "contact_name": "P1-LET-01", "enterprise_number": "P1-LET-03", "commitment_amount": "P1-LET-09",
    "role": "P1-LET-10",
}  # fmt: skip
WIDTHS = (34, 20, 24, 32, 30, 10, 22, 26, 30)
HELP = (
    "Eén rij per onderneming. Alleen de naam is verplicht; vul in wat u weet.",
    "Het ondernemingsnummer mag met of zonder BE, punten of spaties. Elke onderneming komt één keer voor.",
    "Het adres is dat van een vestiging in Vlaanderen.",
    "Met een e-mailadres kunt u de onderneming daarna vragen om zelf te tekenen.",
    "Staat een onderneming al in het register, dan vullen we alleen aan wat daar nog leeg is.",
    "Formules worden niet gelezen: typ de waarde. U ziet eerst wat we lazen; pas daarna wordt er iets bewaard.",
)
_HEAD = PatternFill("solid", fgColor="FFE615")
_ROWS = 200


def template() -> bytes:
    """An empty list with its head, and what to fill in where."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)  # noqa: S101 - a new workbook has one
    sheet.title = SHEET
    for position, (title, width) in enumerate(zip(FIELDS, WIDTHS, strict=True), start=1):
        cell = sheet.cell(1, position, title + (" *" if position == 1 else ""))
        cell.font, cell.fill = Font(bold=True), _HEAD
        sheet.column_dimensions[cell.column_letter].width = width
        if title in {"Ondernemingsnummer", "Postcode"}:  # so that a leading zero stays
            for row in range(2, _ROWS):
                sheet.cell(row, position).number_format = "@"
    sheet["B1"].comment = Comment("Tien cijfers, bijvoorbeeld 0566.988.259", "IBN-portaal")
    sheet.freeze_panes = "A2"
    explained = book.create_sheet("Uitleg")
    explained.column_dimensions["A"].width = 100
    for number, text in enumerate(HELP, start=1):
        explained.cell(number, 1, text).alignment = Alignment(wrap_text=True, vertical="top")
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def read(content: bytes, *, name: str) -> Reading:
    """The companies of the list and everything that is wrong with it, by sheet and cell; nothing is guessed or left out."""
    table = tables.read(content, name=name, columns=tuple(FIELDS), needed=("Onderneming",), rule_id="P1-LET-01")
    findings = list(table.findings)
    listed: list[Listed] = []
    seen: dict[str, int] = {}
    for row in table.rows:
        findings += _wrong(table, row)
        number = _number(row["Ondernemingsnummer"])
        if number and number in seen:
            findings.append(
                Finding(
                    "TGT-12", table.where(row["Ondernemingsnummer"]),
                    f"Dit nummer staat ook op rij {seen[number]}. Een onderneming telt één keer: haal een van de twee weg.",
                )
            )  # fmt: skip
        elif number:
            seen[number] = row.number
        listed.append(Listed(row.number, _values(row, number)))
    if not table.rows and not findings:
        findings.append(Finding("P1-LET-01", "Hele bestand", "Er staat geen enkele onderneming in deze lijst."))
    return Reading(tuple(listed), tuple(findings[: tables.MAX_FINDINGS]))


def _wrong(table: Table, row: Row) -> Iterator[Finding]:
    if not row["Onderneming"].text:
        yield Finding("P1-LET-01", table.where(row["Onderneming"]), "De naam van de onderneming ontbreekt op deze rij.")
    for title, field in FIELDS.items():
        cell = row[title]
        problem = _problem(field, cell.text) if cell.text else ""
        if problem:
            yield Finding(RULES.get(field, "P1-LET-02"), table.where(cell), problem)
    postcode = row["Postcode"]
    if places.province_of(postcode.text) is not None and not places.is_flemish(postcode.text):
        yield Finding("TGT-03", table.where(postcode), places.explain(postcode.text), Severity.WARNING)


def _problem(field: str, text: str) -> str:
    if field == "enterprise_number":
        return enterprise_numbers.explain(text)
    if field == "contact_email":
        try:
            validate_email(text)
        except ValidationError:
            return f"“{text[:60]}” is geen e-mailadres."
        return ""
    if field == "postcode":
        return places.explain(text) if places.province_of(text) is None else ""
    if field == "commitment_amount":
        return _amount_problem(text)
    longest = int(getattr(Letter._meta.get_field(field), "max_length", 0) or 0)  # noqa: SLF001 - documented Meta API
    return f"Deze tekst telt {len(text)} tekens; er mogen er {longest}." if len(text) > longest else ""


def _amount_problem(text: str) -> str:
    try:
        amount = parse_euros(text)
    except DomainError as error:
        return error.message
    return "Een financieel engagement kan niet negatief zijn." if amount < 0 else ""


def _number(cell: Cell) -> str:
    return enterprise_numbers.normalise(cell.text) if enterprise_numbers.is_valid(cell.text) else ""


def _values(row: Row, number: str) -> dict[str, object]:
    """What goes into a letter; only what holds."""
    values: dict[str, object] = {}
    for title, field in FIELDS.items():
        text = row[title].text
        if not text or _problem(field, text):
            continue
        if field == "commitment_amount":
            values[field] = parse_euros(text) or None
        elif field == "postcode":
            values[field] = "".join(char for char in text if char.isdigit())
        else:
            values[field] = number if field == "enterprise_number" else text
    return values
