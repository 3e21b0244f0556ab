"""Sample data of the style guide: invented, and in every state a component knows."""

from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from ibnportal.core import clock
from ibnportal.core.findings import Finding, Severity
from ibnportal.core.ui import drawings
from ibnportal.core.worklist import WorkItem

SHA = "a3f109bc77d25e0b8c4411d92f60e7a85b3c1d2e4f5061728394a5b6c7d8e9f0"


def samples() -> dict[str, Any]:
    """The context of the style guide."""
    now = clock.now()
    tasks = [
        WorkItem("Dien de vooraanmelding in", "9 van 10 brieven zijn geldig.", "#", "Ga verder", "Slimme Logistiek",
                 now + timedelta(days=2, hours=2), "urgent"),
        WorkItem("Beantwoord de vraag om vervollediging", "Eén bijlage en een verbeterde begroting.", "#", "Antwoord",
                 "Circulair Bouwen", now + timedelta(days=11), "todo"),
        WorkItem("Keur het jaarverslag na", "Het verslag van jaar 1 had gisteren klaar moeten zijn.", "#", "Kijk na",
                 "Agri-data", now - timedelta(days=1, hours=3), "todo"),
        WorkItem("Schijf 1 vrijgeven", "Voorgesteld door Ilse Claes.", "#", "Bekijk", "Waterstof", None, "waiting"),
        WorkItem("Pitch gepland", "Dinsdag om 10.20 uur, zaal 2.", "#", "Bekijk", "Zorgtechnologie", None, "done"),
    ]  # fmt: skip
    stages = [
        {"label": "Lancering", "at": now - timedelta(days=40)},
        {"label": "Vooraanmelding", "at": now - timedelta(days=9), "note": "23 ingediend", "url": "#"},
        {"label": "Pitchgesprekken", "at": now + timedelta(days=8)},
        {"label": "Volledige aanvraag", "at": now + timedelta(days=90)},
        {"label": "Beslissing", "text": "juli 2026"},
    ]
    sections = [
        {"label": "Organisatie", "url": "#", "state": "done"},
        {"label": "Samenvatting", "url": "#", "state": "done", "is_current": True},
        {"label": "Intentieverklaringen", "url": "#", "state": "missing", "note": "9 van 10 geldig"},
        {"label": "Begroting", "url": "#", "state": "error", "note": "2 fouten in het rekenblad"},
        {"label": "Cofinanciering", "url": "#", "state": "empty"},
    ]
    years = [
        ("Jaar 1", Decimal(225000), Decimal("198400.50")),
        ("Jaar 2", Decimal(210000), Decimal(120000)),
        ("Jaar 3", Decimal(190000), Decimal(0)),
    ]
    return {
        "shortcut_keys": [("n", "volgende criterium"), ("j", "voldaan")],
        "soon": now + timedelta(days=2, hours=2),
        "tasks": tasks,
        "stages": stages,
        "stages_now": [
            {"label": "Ingediend", "at": date(2026, 1, 22), "state": "done"},
            {"label": "Ontvankelijk", "at": date(2026, 1, 28), "state": "done"},
            {"label": "In beoordeling", "state": "now", "note": "2 van 3 deskundigen klaar"},
            {"label": "Beslissing", "state": "later", "text": "vanaf 6 juli"},
        ],
        "sections": sections,
        "states": [
            ("p1_draft", "In opmaak"), ("p1_submitted", "Ingediend"), ("p2_supplement_asked", "Vervollediging gevraagd"),
            ("p2_admissible", "Ontvankelijk en volledig"), ("rejected", "Niet gesteund"), ("awarded", "Steun toegekend"),
            ("running", "Lopend"), ("closed", "Afgesloten"),
        ],
        "facts": [
            ("Aanvrager", "Circulair Bouwen Vlaanderen vzw"), ("Ondernemingsnummer", "0566.988.259"),
            ("Gemeente", "9000 Gent"), ("Website", ""),
        ],
        "amount": Decimal("180000.00"),
        "years": years,
        "drawing": drawings.bars(
            years, alt="Staafdiagram: steun per jaar.", unit="euro", series=("Toegekend", "Aanvaarde cofinanciering")
        ),
        "shares": [("Jaar 1", Decimal("0.92")), ("Jaar 2", Decimal("0.715")), ("Jaar 3", Decimal("0.3"))],
        "members": [{"label": "Kleine ondernemingen", "value": 41, "target": 35},
                    {"label": "Middelgrote ondernemingen", "value": 18, "target": 20},
                    {"label": "Grote ondernemingen", "value": 9, "target": 5}],
        "provinces": {"west_flanders": 8, "east_flanders": 21, "antwerp": 34, "flemish_brabant": 12, "limburg": 0},
        "effects": [
            (1, "Projecten in de keten", Decimal("1.20"), Decimal("0.80"), "Samenwerken"), (2, "Kennis delen", Decimal("1.60"), Decimal("1.45"), "Informeren"),
            (3, "Nieuwe markten", None, None, "Hefboom"),
        ],
        "dossiers": [
            ("Slimme Logistiek", "Gent", Decimal(675000), "p2_submitted", "Ingediend", 1),
            ("Circulair Bouwen", "Antwerpen", Decimal(612500), "p2_supplement_asked", "Vervollediging gevraagd", 2),
            ("Agri-data Vlaanderen", "Roeselare", Decimal(540000), "p2_inadmissible", "Onontvankelijk", 3),
        ],
        "changes": [
            {"label": "Personeelskosten jaar 1", "old": "€ 182.000", "new": "€ 176.500"},
            {"label": "Motivering", "old": "Twee deeltijdse medewerkers.", "new": "Twee voltijdse medewerkers vanaf maart."},
            {"label": "Aanvangsdatum", "old": "1 januari 2027", "new": "1 januari 2027"},
            {"label": "Bijlage", "old": "", "new": "Detacheringsovereenkomst"},
        ],
        "history": [
            {"at": now - timedelta(hours=2), "text": "Vervollediging gevraagd", "by": "Carla Maes", "reason": "De begroting mist jaar 3."},
            {"at": now - timedelta(days=3), "text": "Volledige aanvraag ingediend", "by": "An Peeters", "url": "#"},
        ],
        "findings": [
            Finding("P1-LET-03", "Brief 4, ondernemingsnummer", "Het controlegetal klopt niet.", Severity.ERROR),
            Finding("BUD-14", "Begroting, blad Jaar 2, cel C7", "Jaar 2 telt minder dan 2 VTE.", Severity.WARNING),
            Finding("P1-ADM-01", "Vooraanmelding", "Op tijd ingediend.", Severity.OK),
            Finding("", "Fase 2", "Wie in fase 1 tekende en nu ontbreekt: 3 ondernemingen.", Severity.INFO),
        ],
        "file": SimpleNamespace(name="intentieverklaring-van-hout.pdf", size=1_234_567, pages=2, sha256=SHA),
        "tones": ["neutral", "info", "success", "warning", "danger", "accent"],
    }  # fmt: skip
