"""Open data: the public questions without login, the transparency and subsidy registers, and small cells left out.

A figure about fewer companies than SMALLEST is left out, and where that would let the reader subtract, the next smallest too.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from evaluation.enums import DecisionOutcome
from ibnportal.core import enterprise_numbers, nace, places
from ibnportal.core.places import Province
from ibnportal.portal.answers import reads
from ibnportal.portal.answers.asking import Asked
from ibnportal.portal.answers.table import Answer, Column, Kind, Row, Value, none_of, summed
from monitoring.domain.state_aid import is_above_bound

VERSION = "v1"
SMALLEST = 5
HIDDEN = f"Minder dan {SMALLEST} ondernemingen, of af te leiden: weggelaten."
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
        rows.append(Row(number, cells, reads.behind(asked, DecisionOutcome.AWARDED, pk)))
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
        rows.append(Row(number, cells, reads.behind(asked, DecisionOutcome.AWARDED, pk)))
    return Answer(columns, tuple(rows), summed(rows, "amount"), "Toekenningen aan rechtspersonen; natuurlijke personen krijgen geen steun.", f"Bedrag gekend voor {sum(row.cells['amount'] is not None for row in rows)} van {len(rows)} toekenningen.")  # fmt: skip


_OF_COMPANY = ("organisation", "enterprise_number", "postcode", "nace")


def _with_companies(asked: Asked, *columns: str) -> list[tuple[Any, ...]]:
    """The awards with these columns, and after them what `_beneficiary` takes."""
    of_both = (f"{who}_{name}" for name in _OF_COMPANY for who in ("beneficiary", "applicant"))
    return reads.awards(asked, *columns, *of_both)


def _beneficiary(*company: str | None) -> tuple[Any, ...]:
    """Name, enterprise number, postcode and NACE code of the beneficiary of the network; before there is one, of who asked."""
    has_network = company[0] is not None
    return company[0::2] if has_network else company[1::2]


def _formatted(number: str) -> str | None:
    return enterprise_numbers.format(number) if number else None


def without_small_cells(answer: Answer) -> Answer:
    """Counts of companies below SMALLEST left out, one more where the total would give the only hidden one away, and the total of nothing else."""
    counted = [column.key for column in answer.columns if column.kind is Kind.NUMBER]
    hidden: set[tuple[str, str]] = set()
    for key in counted:
        values = sorted(
            (value, row.key)
            for row in answer.rows
            if isinstance(value := row.cells.get(key), int | Decimal) and value > 0
        )
        small = [(value, name) for value, name in values if value < SMALLEST]
        if len(small) == 1 and len(values) > 1:
            small = values[:2]
        hidden |= {(name, key) for _, name in small}
    if not hidden:
        return answer
    shares = {column.key for column in answer.columns if column.kind is Kind.PERCENT}
    rows = []
    for row in answer.rows:
        gone = {key for name, key in hidden if name == row.key}
        if gone:
            cells = {key: None if key in gone | shares else value for key, value in row.cells.items()}
            rows.append(row._replace(cells=cells, note=HIDDEN, behind=()))
        else:
            rows.append(row)
    left = {key for key in counted if any(row.cells.get(key) for row in rows)}
    total = {key: value for key, value in answer.total.items() if key not in counted or key in left}
    return replace(answer, rows=tuple(rows), total=total).with_notes(HIDDEN)


KINDS = (("json", "application/json"), ("csv", "text/csv"))
"""In what an answer is given, with its media type."""


def openapi(
    questions: Iterable[Any], base: str, *, agency: Iterable[Any] = (), agency_base: str = ""
) -> dict[str, Any]:
    """The description of the interface (OpenAPI 3.1): one address a public question, in json and csv.

    `agency` are the questions that a key of the agency opens too, at `agency_base`.
    """
    names = {
        "stand": "Dag waarop het antwoord geldt, JJJJ-MM-DD; anders vandaag.",
        "oproep": "Code van een oproep, bijvoorbeeld 2015.",
        "netwerk": "Code van een netwerk, bijvoorbeeld IBN1-01.",
        "type": "independent of established.",
        "provincie": "Provincie van de zetel.",
        "sector": "Letter van een NACE-sectie, of een code.",
        "grootte": "Grootteklasse van de onderneming.",
        "onderneming": "Ondernemingsnummer, in elke schrijfwijze.",
    }
    paths: dict[str, Any] = {
        f"/{VERSION}/": {
            "get": {
                "summary": "Lijst van de openbare vragen",
                "responses": {"200": {"description": "De vragen met hun adres", "content": {"application/json": {}}}},
            }
        }
    }
    for one in questions:
        _describe(
            paths, one, f"/{VERSION}/", one.slug, {name: names[name] for name in ("stand", "oproep", "netwerk", "type")}
        )
    for one in agency:
        _describe(paths, one, f"/api/{VERSION}/", f"agency-{one.slug}", names)
        for kind, _ in KINDS:
            address = paths[f"/api/{VERSION}/{one.slug}.{kind}"]
            address["servers"] = [{"url": agency_base}]
            address["get"]["security"] = [{"key": []}]
            address["get"]["responses"] |= {
                "401": {"description": "De sleutel is onbekend, vervallen of ingetrokken."},
                "429": {"description": "Te vaak gevraagd; Retry-After zegt hoe lang te wachten."},
            }
    cell = {"type": "object", "additionalProperties": {"type": ["string", "number", "null"]}}
    schema = {
        "type": "object",
        "required": ["id", "title", "parameters", "columns", "rows", "coverage", "unanswered"],
        "properties": {
            "id": {"type": "string"}, "title": {"type": "string"}, "asked_by": {"type": "string"}, "parameters": cell,
            "columns": {"type": "array", "items": {"type": "object"}},
            "rows": {"type": "array", "items": {"type": "object", "properties": {"key": {"type": "string"}, "cells": cell, "note": {"type": "string"}, "sources": {"type": "array", "items": {"type": "string"}}}}},
            "total": cell, "base": {"type": "string"}, "coverage": {"type": "string"}, "notes": {"type": "array", "items": {"type": "string"}}, "unanswered": {"type": "string"},
        },
    }  # fmt: skip
    return {
        "openapi": "3.1.0",
        "info": {"title": "IBN-portaal, open data", "version": VERSION, "description": f"Gepubliceerde feiten over het programma. Bedragen als tekst met een punt. Aantallen van minder dan {SMALLEST} ondernemingen worden weggelaten."},
        "servers": [{"url": base}],
        "paths": paths,
        "components": {"schemas": {"Answer": schema}, "securitySchemes": {"key": {"type": "http", "scheme": "bearer", "description": "Een sleutel van het agentschap, gemaakt in beheer. Kleine aantallen staan er wel in; elke vraag komt in het auditspoor."}}},
    }  # fmt: skip


def _describe(paths: dict[str, Any], one: Any, start: str, operation: str, names: Mapping[str, str]) -> None:
    parameters = [
        {"name": name, "in": "query", "required": False, "description": names[name], "schema": {"type": "string"}}
        for name in ("stand", *one.parameters)
        if name in names
    ]
    for kind, media in KINDS:
        schema = {"$ref": "#/components/schemas/Answer"} if kind == "json" else {"type": "string"}
        paths[f"{start}{one.slug}.{kind}"] = {
            "get": {
                "operationId": f"{operation}-{kind}",
                "summary": one.title,
                "parameters": parameters,
                "responses": {
                    "200": {"description": "Het antwoord", "content": {media: {"schema": schema}}},
                    "400": {"description": "Een parameter klopt niet; het bericht zegt welke en waarom."},
                },
            }
        }
