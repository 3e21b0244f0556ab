"""The description of both read interfaces (OpenAPI 3.1): what a client can be generated from. Nothing here reads data."""

from typing import Any

from ibnportal.core.places import Province
from ibnportal.portal.answers import disclosure, register
from ibnportal.portal.answers.register import Question
from ibnportal.portal.answers.table import Basis, Kind
from monitoring.enums import NetworkType, SizeClass

VERSION = "v1"
OPEN_AT, AGENCY_AT = f"/open-data/{VERSION}/", f"/api/{VERSION}/"
KINDS = (("json", "application/json"), ("csv", "text/csv"))
"""In what an answer is given, with its media type."""
PROBLEM = "application/problem+json"
TEXT: dict[str, Any] = {"type": "string"}
PARAMETERS: dict[str, tuple[str, dict[str, Any]]] = {
    "stand": ("Dag waarop het antwoord geldt, JJJJ-MM-DD; anders vandaag.", {"type": "string", "format": "date"}),
    "oproep": ("Code van een oproep, bijvoorbeeld 2015.", TEXT),
    "netwerk": ("Code van een netwerk, bijvoorbeeld IBN1-01.", TEXT),
    "type": ("Soort netwerk.", {"$ref": "#/components/schemas/NetworkType"}),
    "provincie": ("Provincie van de zetel van de onderneming.", {"$ref": "#/components/schemas/Province"}),
    "sector": ("Letter van een NACE-sectie, of een code.", TEXT),
    "grootte": ("Grootteklasse van de onderneming.", {"$ref": "#/components/schemas/SizeClass"}),
    "onderneming": ("Ondernemingsnummer, in elke schrijfwijze.", TEXT),
    "vanaf": ("Hoeveel rijen over te slaan.", {"type": "integer", "minimum": 0, "default": 0}),
    "aantal": ("Hoeveel rijen hoogstens; zonder dit alle. Het adres van de volgende staat in “next” en in de header Link.", {"type": "integer", "minimum": 1}),
}  # fmt: skip
CHOICES = (NetworkType, Province, SizeClass)
"""What a parameter is chosen from, each named once for a client that is generated."""
ABOUT = (
    "De gepubliceerde feiten over het programma onder /open-data/, zonder aanmelding; dezelfde en de andere vragen onder /api/ voor programma's van het agentschap, met een sleutel. "
    f"Bedragen en decimale getallen staan als tekst met een punt, dagen als JJJJ-MM-DD. Open data tellen niets over minder dan {disclosure.SMALLEST} ondernemingen; aantallen naar grootte, leeftijd, plaats, sector of lidmaatschappen zijn afgerond op {disclosure.STEP}. "
    "Wat binnen v1 verandert, is enkel een bijkomend veld of een bijkomende vraag; anders komt er een v2 naast."
)


def described(base: str) -> dict[str, Any]:
    """The whole description, for a portal at this address (without a slash at its end)."""
    paths: dict[str, Any] = {}
    public = [one for one in register.QUESTIONS if one.is_public]
    _describe_list(paths, OPEN_AT, "open-data", "Lijst van de openbare vragen")
    for one in public:
        _describe(paths, one, OPEN_AT, one.slug, is_public=True)
    agency: dict[str, Any] = {}
    _describe_list(agency, AGENCY_AT, "agency", "Lijst van alle vragen")
    for one in register.QUESTIONS:
        _describe(agency, one, AGENCY_AT, f"agency-{one.slug}", is_public=False)
    for address in agency.values():
        address["servers"] = [{"url": base}]
        address["get"]["security"] = [{"key": []}]
        address["get"]["responses"] |= {
            "401": _refusal("De sleutel ontbreekt, is onbekend, vervallen of ingetrokken."),
            "429": _refusal("Te vaak gevraagd; Retry-After zegt hoeveel seconden te wachten.")
            | {"headers": {"Retry-After": {"schema": {"type": "integer"}}}},
        }
    return {
        "openapi": "3.1.0",
        "info": {"title": "IBN-portaal, open data en gegevens voor het agentschap", "version": VERSION, "description": ABOUT},
        "servers": [{"url": base}],
        "tags": [{"name": "open data"}, {"name": "agentschap"}],
        "paths": paths | agency,
        "components": {
            "parameters": {name: {"name": name, "in": "query", "required": False, "description": about, "schema": schema} for name, (about, schema) in PARAMETERS.items()},
            "schemas": _schemas() | {one.__name__: {"type": "string", "enum": one.values} for one in CHOICES},
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer", "description": "Een sleutel van het agentschap, gemaakt in beheer. Kleine aantallen staan er wel in; elke vraag komt in het auditspoor."}},
        },
    }  # fmt: skip


def _describe_list(paths: dict[str, Any], at: str, name: str, summary: str) -> None:
    listed = {"description": "De vragen met hun adressen en parameters.", "content": {"application/json": {"schema": _ref("QuestionList")}}}  # fmt: skip
    paths[at] = {"get": {"operationId": f"{name}-list", "tags": [_tag(at)], "summary": summary, "responses": {"200": listed}}}  # fmt: skip


def _describe(paths: dict[str, Any], one: Question, at: str, operation: str, *, is_public: bool) -> None:
    names = (*one.filters(is_public=is_public), "vanaf", "aantal")
    parameters = [{"$ref": f"#/components/parameters/{name}"} for name in names]
    later = {"Link": {"description": "Het adres van de volgende rijen, waar er zijn.", "schema": TEXT}}
    for kind, media in KINDS:
        schema = _ref("Answer") if kind == "json" else TEXT
        paths[f"{at}{one.slug}.{kind}"] = {
            "get": {
                "operationId": f"{operation}-{kind}",
                "tags": [_tag(at)],
                "summary": one.title,
                "parameters": parameters,
                "responses": {
                    "200": {"description": "Het antwoord", "headers": later, "content": {media: {"schema": schema}}},
                    "400": _refusal("Een parameter klopt niet of bestaat niet; “detail” zegt welke en waarom."),
                },
            }
        }


def _tag(at: str) -> str:
    return "open data" if at == OPEN_AT else "agentschap"


def _refusal(description: str) -> dict[str, Any]:
    return {"description": description, "content": {PROBLEM: {"schema": _ref("Problem")}}}


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _schemas() -> dict[str, Any]:
    """Every object that is given, each field of it required: a client need not ask whether it is there."""
    cells = {"type": "object", "additionalProperties": {"type": ["string", "number", "null"]}}
    texts = {"type": "array", "items": TEXT}
    number = {"type": "integer"}
    later = {"type": ["string", "null"], "description": "Het adres van de volgende rijen."}
    return {
        "Answer": _object(
            id=TEXT, title=TEXT, asked_by=TEXT, parameters={"type": "object", "additionalProperties": TEXT},
            columns=_list("Column"), rows=_list("Row"), total=cells, base=TEXT, coverage=TEXT, notes=texts, unanswered=TEXT,
            number_of_rows=number, next=later,
        ),
        "Column": _object(
            key=TEXT, title=TEXT, kind={"type": "string", "enum": [one.value for one in Kind]}, definition=TEXT,
            basis={"type": "string", "enum": ["", *(one.value for one in Basis)]},
        ),
        "Row": _object(key=TEXT, cells=cells, note=TEXT, sources=texts),
        "QuestionList": _object(version=TEXT, questions=_list("Question")),
        "Question": _object(id=TEXT, title=TEXT, asked_by=TEXT, parameters=texts, **{kind: {"type": "string", "format": "uri"} for kind, _ in KINDS}),
        "Problem": _object(type=TEXT, title=TEXT, status=number, detail=TEXT, error=TEXT),
    }  # fmt: skip


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(properties), "properties": properties}


def _list(name: str) -> dict[str, Any]:
    return {"type": "array", "items": _ref(name)}
