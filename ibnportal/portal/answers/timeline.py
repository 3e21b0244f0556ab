"""QR-24: how far the indicators of the programme stand from their target, month by month of the projects (HK-04, HK-08)."""

from collections import defaultdict
from decimal import Decimal
from functools import partial
from itertools import groupby
from typing import Any, NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.expressions import Combinable

from ibnportal.core.ui import formats
from ibnportal.portal.answers import indicator_reads, reads
from ibnportal.portal.answers.asking import Asked, NetworkLine, Read
from ibnportal.portal.answers.table import (
    Answer,
    Basis,
    Behind,
    Chart,
    Column,
    Kind,
    Late,
    Row,
    Value,
    none_of,
    share,
    sum_known,
)
from monitoring.enums import KpiBasis, ReportState
from monitoring.models import AgreementKpi, KpiValue

MONTHS_IN_YEAR = 12
COLUMNS = (
    Column("kpi", "Indicator"),
    Column("moment", "Moment", definition="Projectmaanden sinds de start van elk netwerk, niet de kalender."),
    Column("networks", "Netwerken", Kind.NUMBER, "Hoeveel netwerken toen een waarde meldden.", Basis.COMPUTED),
    Column("value", "Gemeld", Kind.NUMBER, "De som over die netwerken.", Basis.REPORTED),
    Column("told", "Met streefwaarde", Kind.NUMBER, "Van hoeveel van die netwerken ook de streefwaarde gekend is.", Basis.COMPUTED),
    Column("target", "Streefwaarde", Kind.NUMBER, "Van die netwerken samen, te bereiken drie jaar na de start (HK-04).", Basis.TARGET),
    Column("share", "Aandeel", Kind.PERCENT, "Gemeld gedeeld door streefwaarde, enkel over de netwerken waarvan beide gekend zijn.", Basis.COMPUTED),
)  # fmt: skip


class Month(NamedTuple):
    """What was reported of an indicator after so many project years, beside the targets of these networks."""

    code: str
    year: int
    networks: int
    value: Decimal
    told: int
    target: Decimal | None
    value_of_told: Decimal | None


class Months(NamedTuple):
    """Each indicator and moment; what each indicator was called, the oldest call first; of how many networks anything was told, and of how many a target beside it."""

    every: list[Month]
    labels: dict[str, list[str]]
    reporting: int
    with_target: int


def by_project_month(asked: Asked) -> Answer:
    """Per indicator and project month: what was reported, by how many networks, beside the targets of these networks."""
    months, number = _months(asked), asked.count_networks()
    if not months.every:
        why = "Op die dag had geen enkel netwerk al een indicator gemeld na een projectjaar, of bij de start."
        return none_of(COLUMNS, why, coverage=f"Gemeld door 0 van {number} netwerken.")
    renamed = tuple(f"{own[-1]}: in een vroegere oproep “{own[0]}”." for own in months.labels.values() if len(own) > 1)
    return Answer(
        COLUMNS,
        tuple(_row(months.labels[month.code][-1], month, asked) for month in months.every),
        base="Indicatoren van het programma, gemeld bij de start of na een projectjaar.",
        coverage=f"Gemeld door {months.reporting} van {number} netwerken; streefwaarde gekend voor {months.with_target} daarvan.",
        notes=(
            *renamed,
            "Streefwaarden per netwerk van de eerste oproep zijn niet gepubliceerd; alleen hun som (QE-05).",
        ),
        chart=Chart("Gemeld tegenover de streefwaarde na drie jaar", "moment", ("share",), unit="percent", group="kpi"),
    )


def _row(label: str, month: Month, asked: Asked) -> Row:
    cells: dict[str, Value] = {
        "kpi": label,
        "moment": f"na {month.year * MONTHS_IN_YEAR} maanden" if month.year else "bij de start",
        "networks": month.networks,
        "value": month.value,
        "told": month.told,
        "target": month.target,
        "share": share(month.value_of_told, month.target),
    }
    return Row(f"{month.code}-{month.year}", cells, Late(month.networks, partial(_behind, month, asked)))


def _months(asked: Asked) -> Months:
    """Added up by the database: of a large programme ten thousand values make seven rows."""
    try:
        parts = (
            indicator_reads.sql_as_counted(_reported, asked),
            indicator_reads.sql_as_counted(_printed, asked),
            _agreed.sql(asked),
        )
    except EmptyResultSet:  # for whom no network exists
        return Months([], {}, 0, 0)
    told, printed, agreed = (text for text, _ in parts)
    sql = f"""
        WITH told(network, code, year, label, value, call_year) AS MATERIALIZED ({told}),
        both_known AS MATERIALIZED (
            SELECT told.*, coalesce(agreed.target, printed.target) AS target FROM told
            LEFT JOIN ({printed}) AS printed(network, code, target) USING (network, code)
            LEFT JOIN ({agreed}) AS agreed(network, code, target) USING (network, code)
        )
        SELECT code, year, label, min(call_year), count(*), sum(value), count(target), sum(target), sum(value) FILTER (WHERE target IS NOT NULL),
               (SELECT count(*) FROM (SELECT DISTINCT network FROM told) AS each), (SELECT count(*) FROM (SELECT DISTINCT network FROM both_known WHERE target IS NOT NULL) AS each)
        FROM both_known GROUP BY 1, 2, 3 ORDER BY 1, 2, 4"""  # noqa: S608 - the texts are Django's, the values are parameters
    with connection.cursor() as cursor:
        cursor.execute(sql, [value for _, values in parts for value in values])
        found = cursor.fetchall()
    named: dict[str, dict[str, int]] = defaultdict(dict)
    for code, _, label, call_year, *_ in found:
        named[code][label] = min(call_year, named[code].get(label, call_year))
    labels = {code: sorted(years, key=lambda label: years[label]) for code, years in named.items()}
    every = [_added(list(own)) for _, own in groupby(found, key=lambda line: line[:2])]
    reporting, with_target = found[0][-2:] if found else (0, 0)
    return Months(every, labels, reporting, with_target)


def _added(lines: list[tuple[Any, ...]]) -> Month:
    """The lines of one indicator and moment, one for each name that it had."""
    code, year = lines[0][:2]
    networks, values, told, targets, values_of_told = zip(*(line[4:9] for line in lines), strict=True)
    return Month(code, year, sum(networks), sum(values), sum(told), sum_known(targets), sum_known(values_of_told))


def _behind(month: Month, asked: Asked) -> list[Behind]:
    """The networks of a row by code, each with its target; all rows are read when somebody opens one."""

    def read() -> dict[tuple[str, int], list[tuple[int, Decimal, str]]]:
        every = defaultdict(list)
        of_all = _reported.query(asked, counts=indicator_reads.counts_on(asked)).values_list(*_OF_TOLD, "source")
        for network, code, year, _, value, _, source in of_all:
            every[code, year].append((network, value, source))
        return every

    def aims() -> dict[tuple[int, str], Decimal]:
        rows = (*indicator_reads.as_counted(_printed, asked), *_agreed.lines(asked))
        return {(network, code): target for network, code, target in rows}

    told, targets = asked.once("told by month", read)[month.code, month.year], asked.once("aims", aims)
    found = asked.networks_of(network for network, *_ in told)
    in_order = sorted(told, key=lambda one: found[one[0]].code)
    return [
        _told(found[network], value, targets.get((network, month.code)), source) for network, value, source in in_order
    ]


def _told(network: NetworkLine, value: Decimal, target: Decimal | None, source: str) -> Behind:
    goal = f", streefwaarde {formats.number(target)}" if target is not None else ""
    return Behind(network.name, f"{formats.number(value)}{goal}", source, reads.page_of(network))


_OF_TOLD = ("network_id", "definition__code", "project_year", "label", "value", "network__call__year")


def _values(asked: Asked) -> "QuerySet[KpiValue]":
    """What networks of this asking reported of the indicators of their call, at the start or after a project year."""
    approved = Q(report=None) | Q(report__state=ReportState.APPROVED, report__approved_at__lte=asked.until)
    return KpiValue.objects.filter(
        approved, definition__isnull=False, project_year__isnull=False, basis__in=(KpiBasis.REPORTED, KpiBasis.AT_START),
        as_of__lte=asked.as_of, network__in=asked.networks().order_by().values("pk"),
    )  # fmt: skip


@Read
def _reported(asked: Asked, *, counts: Combinable = indicator_reads.READING) -> "QuerySet[Any]":
    """One value a network, indicator and project year: the reading, and of several the newest."""
    each = ("network_id", "definition__code", "project_year")
    rows = _values(asked).annotate(counts=counts).order_by(*each, "-counts", "-as_of", "-pk").distinct(*each)
    return rows.values_list(*_OF_TOLD)


@Read
def _printed(asked: Asked, *, counts: Combinable = indicator_reads.READING) -> "QuerySet[Any]":
    """One target a network and indicator as a source printed it."""
    aims = KpiValue.objects.filter(definition__isnull=False, basis=KpiBasis.TARGET, as_of__lte=asked.as_of)
    each = ("network_id", "definition__code")
    rows = asked.of_asked(aims).annotate(counts=counts).order_by(*each, "-counts", "-as_of", "-pk").distinct(*each)
    return rows.values_list(*each, "value")


@Read
def _agreed(asked: Asked) -> "QuerySet[Any]":
    """And of the signed agreement, which goes before."""
    signed = AgreementKpi.objects.filter(target__isnull=False, agreement__signed_at__lte=asked.until)
    rows = asked.of_asked(signed.filter(definition_of_call__isnull=False), "agreement__network").order_by()
    return rows.values_list("agreement__network_id", "definition_of_call__code", "target")
