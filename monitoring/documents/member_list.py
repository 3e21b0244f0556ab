"""The list of members as a workbook: written by the portal, filled in by the network, read back with its errors by cell."""

from datetime import date
from decimal import Decimal
from typing import Any

from ibnportal.core import enterprise_numbers, lists, nace, places
from ibnportal.core.findings import Finding
from ibnportal.core.lists import Column, Line
from monitoring.domain.member_list import MemberLine
from monitoring.enums import Independence, MemberRole
from monitoring.models import Membership

MOST_LINES = 2_000
RULE = "H-34"

COLUMNS = (
    Column("name", "Onderneming", ("naam", "bedrijf", "naam onderneming"), is_required=True),
    Column("number", "Ondernemingsnummer", ("kbo", "kbo-nummer", "btw-nummer", "nummer"), is_required=True),
    Column("joined_on", "Lid sinds", ("toegetreden", "startdatum"), is_required=True),
    Column("left_on", "Lid tot", ("uitgetreden", "einddatum")),
    Column("fee", "Lidgeld", ("jaarlijks lidgeld", "bijdrage")),
    Column("role", "Rol"),
    Column("fee_includes", "Inbegrepen in het lidgeld"),
    Column("involved", "Betrokken", ("betrokken bij het project",)),
    Column("street", "Straat en nummer", ("adres", "straat")),
    Column("postcode", "Postcode"),
    Column("municipality", "Gemeente", ("plaats",)),
    Column("founded_on", "Opgericht op", ("oprichtingsdatum", "oprichting")),
    Column("nace", "NACE-code", ("nace", "sector")),
    Column("figures_year", "Boekjaar"),
    Column("staff", "Werkzame personen", ("vte", "personeel", "werknemers")),
    Column("turnover", "Omzet"),
    Column("balance_total", "Balanstotaal"),
    Column("independence", "Zelfstandigheid"),
    Column("contact_name", "Contactpersoon"),
    Column("contact_email", "E-mail", ("e-mailadres",)),
)

TITLES = tuple(column.title for column in COLUMNS)
_ROLES = {choice.value: str(choice.label) for choice in MemberRole}
_STANDING = {choice.value: str(choice.label) for choice in Independence}


def row_of(membership: Membership) -> list[Any]:
    """A member in the columns of the list."""
    organisation = membership.organisation
    profile = getattr(organisation, "profile", None)
    told = [
        getattr(profile, name, None)
        for name in ("founded_on", "nace", "figures_year", "staff", "turnover", "balance_total")
    ]
    return [
        organisation.name, organisation.formatted_number, membership.joined_on, membership.left_on, membership.yearly_fee,
        membership.get_role_display(), membership.fee_includes, "ja" if membership.is_involved else "nee", organisation.street,
        organisation.postcode, organisation.municipality, *told, profile.get_independence_display() if profile else None,
        membership.contact_name, membership.contact_email,
    ]  # fmt: skip


def read(content: bytes, *, today: date) -> tuple[list[MemberLine], list[Finding]]:
    """The lines with their findings by cell, and the findings on the list as a whole. Raises Unreadable."""
    lines, found = lists.read(content, COLUMNS, rule_id=RULE, most=MOST_LINES)
    return [_line(line, today) for line in lines], found


def _line(line: Line, today: date) -> MemberLine:
    number = line.text("number", most=40)
    problem = enterprise_numbers.explain(number)
    if problem:
        line.problem("number", problem)
    joined_on = line.day("joined_on", needed="Vul in sinds wanneer de onderneming lid is.")
    left_on = line.day("left_on")
    if joined_on and left_on and left_on < joined_on:
        line.problem("left_on", f"De laatste dag ligt vóór de toetreding op {joined_on:%d/%m/%Y}.")
    nace_code = line.text("nace", most=20)
    if nace.explain(nace_code):
        line.problem("nace", nace.explain(nace_code))
    postcode = line.text("postcode", most=10)
    if postcode and places.province_of(postcode) is None:
        line.problem("postcode", f"“{postcode}” is geen Belgische postcode: vul vier cijfers in.")
    founded_on = line.day("founded_on")
    if founded_on and founded_on > today:
        line.problem("founded_on", f"De oprichting op {founded_on:%d/%m/%Y} ligt in de toekomst.")
    email = line.text("contact_email", most=254)
    if email and ("@" not in email or " " in email):
        line.problem("contact_email", f"“{email[:60]}” is geen e-mailadres.")
    figures_year = line.number("figures_year")
    if figures_year is not None and not 1900 < figures_year <= today.year:
        line.problem("figures_year", "Vul een boekjaar in, bijvoorbeeld 2026.")
        figures_year = None
    company = {
        "founded_on": founded_on, "nace": nace_code, "figures_year": None if figures_year is None else int(figures_year),
        "staff": _tenths(line.number("staff")), "turnover": line.amount("turnover"), "balance_total": line.amount("balance_total"),
        "independence": line.choice("independence", _STANDING, default=""),
    }  # fmt: skip
    return MemberLine(
        row=line.row,
        name=line.text("name", most=200, needed="Vul de naam van de onderneming in."),
        number=enterprise_numbers.normalise(number) if not problem else "",
        number_at=line.where("number"),
        joined_on=joined_on,
        left_on=left_on,
        yearly_fee=line.amount("fee"),
        role=line.choice("role", _ROLES, default=MemberRole.MEMBER),
        fee_includes=line.text("fee_includes", most=500),
        is_involved=line.yes("involved", default=True),
        address={"street": line.text("street", most=200), "postcode": postcode, "municipality": line.text("municipality", most=100)},
        company={name: value for name, value in company.items() if value not in (None, "")},
        contact={"contact_name": line.text("contact_name", most=120), "contact_email": email},
        findings=tuple(line.findings),
    )  # fmt: skip


def _tenths(value: Decimal | None) -> Decimal | None:
    return None if value is None else value.quantize(Decimal("0.1"))
