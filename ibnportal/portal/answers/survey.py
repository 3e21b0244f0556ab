"""QE-16 … QE-21: the survey among members, as published; no answer of a member was, so no mean is recomputed (HE-06, HE-09, HE-10)."""

from collections import defaultdict
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import QuerySet

from ibnportal.portal.answers import reads
from ibnportal.portal.answers.asking import Asked, Read
from ibnportal.portal.answers.table import Answer, Basis, Behind, Chart, Column, Kind, Row, Value, none_of, share
from monitoring.enums import ProfileDimension
from monitoring.models import SurveyFigure

MEASURE = Column("measure", "Maat")
SCALE = Column("scale", "Schaal")
GROUP = Column("group", "Groep", definition="Oproep, grootte (KO tot 50 werknemers, (M)GO vanaf 50), inbedding, deelname (actief: minstens twee activiteiten in het jaar).")  # fmt: skip
VALUE = Column(
    "value", "Waarde", Kind.NUMBER, "Gemiddelde, of percentage waar de schaal dat zegt; zoals gedrukt.", Basis.PUBLISHED
)
PRINTED = Column("printed", "Gedrukt")
BASE = Column(
    "base", "Aantal antwoorden", Kind.NUMBER, "Enkel volledig ingevulde antwoorden; per groep niet gepubliceerd."
)
INFERRED = "De groep is afgeleid uit de volgorde van de bladzijden."
EFFECTS = (
    "Projectmatig samenwerken binnen de eigen keten", "Operationeel samenwerken binnen de eigen keten",
    "Projectmatig samenwerken buiten de eigen keten", "Operationeel samenwerken buiten de eigen keten",
    "Samenwerken met kennisinstellingen", "Toegang tot adviseurs en dienstverleners", "Kennis delen met andere bedrijven",
    "Kennis van onderzoek", "Testen en valideren richting markt", "Publieke financiering aantrekken", "Kennis van nieuwe markten",
)  # fmt: skip
"""The eleven effects that members were asked about, in our words; three groups (HE-09)."""
WANTED = "Gewenst effect"
DIMENSIONS = {str(value): str(label) for value, label in ProfileDimension.choices}
GROUPS = {"Samenwerking": (1, 2, 3, 4, 5, 9), "Informeren en netwerken": (6, 7, 8), "Hefboom": (10, 11)}


class Figure(NamedTuple):
    """A published value of the survey."""

    code: str
    question: str
    measure: str
    scale: str
    dimension: str
    group: str
    value: Decimal | None
    printed: str
    base: int | None
    source: str
    note: str
    is_inferred: bool


def published_figures(asked: Asked, *questions: str) -> list[Figure]:
    """What was published by the date in answer to these questions, or to all; one query."""
    return list(map(Figure._make, _stated.lines(asked, questions)))


@Read
def _stated(asked: Asked, questions: tuple[str, ...]) -> "QuerySet[Any]":
    rows = SurveyFigure.objects.filter(stated_on__lte=asked.as_of)
    rows = rows.filter(question__in=questions) if questions else rows
    return rows.values_list(*Figure._fields)


def _table(figures: list[Figure], *, title: str) -> Answer:
    rows = [
        Row(
            figure.code,
            {
                "measure": measure_of(figure), "scale": scale_of(figure), "group": _group(figure), "value": figure.value,
                "printed": figure.printed, "base": figure.base,
            },
            (Behind(figure.measure, figure.printed, figure.source),),
            note=f"{INFERRED} {figure.note}".rstrip() if figure.is_inferred else figure.note,
        )
        for figure in figures
    ]  # fmt: skip
    columns = (MEASURE, SCALE, GROUP, VALUE, PRINTED, BASE)
    if not rows:
        return none_of(columns, "Op die dag waren er nog geen resultaten van deze bevraging bekend.")
    chart = Chart(title, "group", ("value",)) if len({row.cells["measure"] for row in rows}) == 1 else None
    return Answer(columns, tuple(rows), base="Leden die de bevraging van 2019 volledig invulden.", coverage=f"{len(rows)} gepubliceerde waarden; de antwoorden zelf zijn niet gepubliceerd, dus niets is herberekend.", chart=chart)  # fmt: skip


def measure_of(figure: Figure) -> str:
    """The measure; with its question where the annex prints it in two matrices."""
    return f"{figure.measure} (vraag {figure.question})" if figure.measure == WANTED else figure.measure


def scale_of(figure: Figure) -> str:
    """`1-4`, or a percentage as people write it."""
    return "%" if figure.scale == "percent" else figure.scale


def _group(figure: Figure) -> str:
    return f"{DIMENSIONS[figure.dimension]}: {figure.group}" if figure.group else "Alle leden"


def relevance(asked: Asked) -> Answer:
    """How relevant members find the activities and services, in four steps."""
    answer = _table(published_figures(asked, "2"), title="Relevantie")
    said = reads.published(asked, "relevantie-70")
    return answer.with_notes(*(f"{fact.label}: {fact.value} ({fact.source})." for fact in said))


def matrix(asked: Asked) -> Answer:
    """Effects wanted beside effects realised and the contribution of the network: the published means of the two matrices."""
    columns = (
        GROUP,
        Column(
            "wanted",
            "Gewenst (0-2)",
            Kind.NUMBER,
            "0 niet, 1 beperkt, 2 sterk gewenst; gemiddelde over elf effecten.",
            Basis.PUBLISHED,
        ),
        Column("realised", "Gerealiseerd (0-2)", Kind.NUMBER, basis=Basis.PUBLISHED),
        Column("contribution", "Bijdrage van het netwerk (0-100)", Kind.NUMBER, basis=Basis.PUBLISHED),
    )
    keys = {WANTED: "wanted", "Gerealiseerd effect": "realised", "Bijdrage van het netwerk": "contribution"}
    groups: dict[str, list[Figure]] = defaultdict(list)
    for figure in published_figures(asked, "3-4", "5", "6"):
        groups[_group(figure)].append(figure)
    rows = []
    for name, figures in groups.items():
        cells: dict[str, Value] = {"group": name}
        for figure in figures:
            cells[keys[figure.measure]] = figure.value
        note = next((figure.note for figure in figures if figure.note and figure.measure != WANTED), "")
        note = " ".join(filter(None, [INFERRED if any(figure.is_inferred for figure in figures) else "", note]))
        rows.append(
            Row(name, cells, tuple(Behind(f.measure, f.printed, f.source, note=f.note) for f in figures), note=note)
        )
    if not rows:
        return none_of(columns, "Op die dag waren er nog geen resultaten van deze bevraging bekend.")
    asked_about = "; ".join(
        f"{name}: {', '.join(EFFECTS[number - 1].lower() for number in numbers)}" for name, numbers in GROUPS.items()
    )
    return Answer(columns, tuple(rows), base="Leden die de bevraging van 2019 volledig invulden (269).", coverage="Per effect zijn de waarden enkel als punten in een figuur gepubliceerd, zonder getal.", notes=(f"Elf effecten in drie groepen. {asked_about}.",), chart=Chart("Gewenst en gerealiseerd", "group", ("wanted", "realised")))  # fmt: skip


def competitiveness(asked: Asked) -> Answer:
    """Whether members expect to become more competitive."""
    return _table(published_figures(asked, "9"), title="Verwachte competitiviteit")


def strength(asked: Asked) -> Answer:
    """How strong members find the collaboration, by group; 2,5 is neutral."""
    return _table(published_figures(asked, "7"), title="Samenwerkingskracht").with_notes("2,5 is neutraal.")


def crossings(asked: Asked) -> Answer:
    """Every published value of the survey, crossed by the four profile dimensions."""
    return _table(published_figures(asked), title="Bevraging")


def response(asked: Asked) -> Answer:
    """How many were invited, answered, and completed the survey."""
    columns = (Column("what", "Stap"), Column("count", "Aantal", Kind.NUMBER, basis=Basis.PUBLISHED), Column("share", "Aandeel", Kind.PERCENT, "Van wie uitgenodigd was.", Basis.COMPUTED))  # fmt: skip
    facts = {
        fact.subject[-4:]: fact for fact in reads.published(asked, "programma-a-21", "programma-a-22", "programma-a-23")
    }
    invited = facts["a-21"].number if "a-21" in facts else None
    rows = [
        Row(
            fact.subject,
            {
                "what": fact.label[:1].upper() + fact.label[1:],
                "count": fact.number,
                "share": share(fact.number, invited),
            },
            (reads.behind_published(fact),),
        )
        for fact in facts.values()
    ]
    if not rows:
        return none_of(columns, "Op die dag was er nog geen respons van een bevraging bekend.")
    return Answer(columns, tuple(rows), notes=("Gemiddelde tijd om in te vullen: 8 minuten. Enkel volledige antwoorden zijn geanalyseerd (HE-10).",), chart=Chart("Respons", "what", ("count",)))  # fmt: skip
