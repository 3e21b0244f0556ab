"""Open data: the transparency and subsidy registers."""

from datetime import date
from typing import Any

from evaluation.enums import DecisionOutcome
from ibnportal.core import enterprise_numbers, nace, places
from ibnportal.core.places import Province
from ibnportal.portal.answers import decision_reads
from ibnportal.portal.answers.asking import Asked
from ibnportal.portal.answers.table import Answer, Column, Kind, Row, Value, none_of, summed
from monitoring.domain.state_aid import is_above_bound

NUTS_2 = {
    Province.ANTWERP: "BE21", Province.LIMBURG: "BE22", Province.EAST_FLANDERS: "BE23", Province.FLEMISH_BRABANT: "BE24",
    Province.WEST_FLANDERS: "BE25", Province.BRUSSELS: "BE10",
}  # fmt: skip

BENEFICIARY = Column("beneficiary", "Begunstigde")
NUMBER = Column("number", "Ondernemingsnummer", definition="Niet gepubliceerd voor oproepen van voor het portaal.")
AMOUNT = Column("amount", "Bedrag", Kind.EURO, "De toekenning over de hele looptijd.")
GRANTED = Column("granted", "Toegekend op", Kind.DATE)


def state_aid(asked: Asked) -> Answer:
    """The awards to publish, with the fields of the European transparency register (X-15)."""
    columns = (
        BENEFICIARY, NUMBER, Column("size", "Grootte"), Column("region", "Regio (NUTS 2)"), Column("sector", "Sector (NACE)"), AMOUNT,
        Column("instrument", "Steuninstrument"), GRANTED, Column("objective", "Doelstelling"), Column("authority", "Steunverlenende autoriteit"),
        Column("measure", "Maatregel"),
    )  # fmt: skip
    read = ("number", "amount", "published_above", "decided_on", "call_body", "call_fund", "call_basis", "call_name")
    rows = []
    published = [one for one in _with_companies(asked, *read) if is_above_bound(one[2], one[3])]
    published.sort(key=lambda one: one[1])
    for pk, number, amount, _, decided_on, body, fund, basis, call, *company in sorted(
        published, key=lambda one: one[4] or date.min, reverse=True
    ):
        name, enterprise_number, postcode, code = _beneficiary(*company)
        province, section = places.province_of(postcode), nace.section_of(code) if code is not None else None
        cells: dict[str, Value] = {
            "beneficiary": name, "number": _formatted(enterprise_number), "size": None, "region": NUTS_2.get(province) if province else None,
            "sector": section[0] if section else None, "amount": amount, "instrument": "Subsidie", "granted": decided_on,
            "objective": "Innovatieclusters", "authority": body or fund, "measure": basis or call,
        }  # fmt: skip
        rows.append(Row(number, cells, decision_reads.behind(asked, DecisionOutcome.AWARDED, pk)))
    if not rows:
        return none_of(columns, "Op die dag was er geen toekenning boven de grens van haar oproep.")
    return Answer(columns, tuple(rows), summed(rows, "amount"), "Toekenningen boven de grens die de regels van hun oproep noemen.", f"Nummer gekend voor {sum(row.cells['number'] is not None for row in rows)} van {len(rows)} begunstigden.")  # fmt: skip


def subsidies(asked: Asked) -> Answer:
    """Every award to a legal person, with the fields of the Flemish register of subsidies (X-16)."""
    columns = (BENEFICIARY, NUMBER, Column("subject", "Voorwerp"), AMOUNT, GRANTED, Column("giver", "Subsidieverstrekker"), Column("basis", "Rechtsgrond"), Column("dossier", "Dossier"))  # fmt: skip
    read = ("number", "name", "amount", "decided_on", "call_fund", "call_basis")
    rows = []
    for pk, number, subject, amount, decided_on, fund, basis, *company in _with_companies(asked, *read):
        name, enterprise_number, *_ = _beneficiary(*company)
        cells: dict[str, Value] = {
            "beneficiary": name, "number": _formatted(enterprise_number), "subject": subject, "amount": amount,
            "granted": decided_on, "giver": fund, "basis": basis or None, "dossier": number,
        }  # fmt: skip
        rows.append(Row(number, cells, decision_reads.behind(asked, DecisionOutcome.AWARDED, pk)))
    return Answer(columns, tuple(rows), summed(rows, "amount"), "Toekenningen aan rechtspersonen; natuurlijke personen krijgen geen steun.", f"Bedrag gekend voor {sum(row.cells['amount'] is not None for row in rows)} van {len(rows)} toekenningen.")  # fmt: skip


_OF_COMPANY = ("organisation", "enterprise_number", "postcode", "nace")


def _with_companies(asked: Asked, *columns: str) -> list[tuple[Any, ...]]:
    """The awards with these columns, and after them what `_beneficiary` takes."""
    of_both = (f"{who}_{name}" for name in _OF_COMPANY for who in ("beneficiary", "applicant"))
    return decision_reads.awards(asked, *columns, *of_both)


def _beneficiary(*company: str | None) -> tuple[Any, ...]:
    """Name, enterprise number, postcode and NACE code of the beneficiary of the network; before there is one, of who asked."""
    has_network = company[0] is not None
    return company[0::2] if has_network else company[1::2]


def _formatted(number: str) -> str | None:
    return enterprise_numbers.format(number) if number else None
