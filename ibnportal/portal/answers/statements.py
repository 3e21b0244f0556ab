"""Answers that list what sources stated, each with its source: findings, registers, reasons."""

from datetime import date

from ibnportal.portal.answers import reads
from ibnportal.portal.answers.asking import Asked
from ibnportal.portal.answers.table import Answer, Chart, Column, Kind, Row, none_of


def since(asked: Asked, day: date, *remarks: str) -> tuple[str, ...]:
    """Remarks that rest on a source of that day: on an earlier date nobody could have made them."""
    return remarks if asked.as_of >= day else ()


def listed(
    asked: Asked, *subjects: str, what: str, value: str, with_number: bool = False, chart: Chart | None = None
) -> Answer:
    """The statements whose subject starts so, as of the date; says so where none was made yet."""
    columns = [Column("what", what), Column("value", value)]
    if with_number:
        columns.append(Column("number", "Getal", Kind.NUMBER, "Zoals gepubliceerd."))
    facts = reads.published(asked, *subjects)
    if not facts:
        return none_of(columns, "Op die dag had nog geen bron hierover iets gezegd.")
    rows = tuple(
        Row(
            f"{fact.subject}-{fact.pk}",
            {"what": fact.label, "value": fact.value, "number": fact.number},
            (reads.behind_published(fact),),
            note=" ".join(filter(None, ["" if fact.is_reading else "Andere bron.", fact.note])),
        )
        for fact in facts
    )
    number = f"{len(rows)} uitspraken" if len(rows) > 1 else "1 uitspraak"
    return Answer(tuple(columns), rows, coverage=f"{number} van gepubliceerde bronnen.", chart=chart)
