"""QR-24: how far the indicators of the programme stand from their target, month by month of the projects (HK-04, HK-08)."""

from collections import defaultdict
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet
from django.db.models.expressions import Combinable

from ibnportal.core.ui import formats
from ibnportal.portal.answers import reads
from ibnportal.portal.answers.asking import Asked, NetworkLine, Read
from ibnportal.portal.answers.table import Answer, Basis, Behind, Chart, Column, Kind, Row, Value, none_of, share
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


class Told(NamedTuple):
    """What one network reported of an indicator after so many project years."""

    network: int
    code: str
    year: int
    label: str
    value: Decimal
    source: str


def by_project_month(asked: Asked) -> Answer:
    """Per indicator and project month: what was reported, by how many networks, beside the targets of these networks."""
    found = {network.pk: network for network in asked.known_networks()}
    told = _told(asked, found)
    targets = _targets(asked, found)
    if not told:
        why = "Op die dag had geen enkel netwerk al een indicator gemeld na een projectjaar, of bij de start."
        return none_of(COLUMNS, why, coverage=f"Gemeld door 0 van {len(found)} netwerken.")
    named: dict[str, dict[str, None]] = defaultdict(dict)
    for one in sorted(told, key=lambda one: found[one.network].call_year):
        named[one.code][one.label] = None
    labels = {code: list(own) for code, own in named.items()}
    renamed = tuple(f"{own[-1]}: in een vroegere oproep “{own[0]}”." for own in labels.values() if len(own) > 1)
    groups: dict[tuple[str, int], list[Told]] = defaultdict(list)
    for one in told:
        groups[one.code, one.year].append(one)
    rows = tuple(_row(labels[code][-1], own, targets, found) for (code, _), own in sorted(groups.items()))
    reporting = {one.network for one in told}
    known = {network for network, _ in targets} & reporting
    return Answer(
        COLUMNS,
        rows,
        base="Indicatoren van het programma, gemeld bij de start of na een projectjaar.",
        coverage=f"Gemeld door {len(reporting)} van {len(found)} netwerken; streefwaarde gekend voor {len(known)} daarvan.",
        notes=(
            *renamed,
            "Streefwaarden per netwerk van de eerste oproep zijn niet gepubliceerd; alleen hun som (QE-05).",
        ),
        chart=Chart("Gemeld tegenover de streefwaarde na drie jaar", "moment", ("share",), unit="percent", group="kpi"),
    )


def _row(label: str, own: list[Told], targets: dict[tuple[int, str], Decimal], found: dict[int, NetworkLine]) -> Row:
    code, year = own[0].code, own[0].year
    both = [(one.value, targets[one.network, code]) for one in own if (one.network, code) in targets]
    target = sum((goal for _, goal in both), Decimal(0)) if both else None
    cells: dict[str, Value] = {
        "kpi": label,
        "moment": f"na {year * MONTHS_IN_YEAR} maanden" if year else "bij de start",
        "networks": len(own),
        "value": sum((one.value for one in own), Decimal(0)),
        "told": len(both),
        "target": target,
        "share": share(sum((value for value, _ in both), Decimal(0)), target) if both else None,
    }
    behind = tuple(_behind(one, targets.get((one.network, code)), found[one.network]) for one in own)
    return Row(f"{code}-{year}", cells, behind)


def _behind(one: Told, target: Decimal | None, network: NetworkLine) -> Behind:
    goal = f", streefwaarde {formats.number(target)}" if target is not None else ""
    return Behind(network.name, f"{formats.number(one.value)}{goal}", one.source, reads.page_of(network))


def _told(asked: Asked, found: dict[int, NetworkLine]) -> list[Told]:
    """One value a network, indicator and project year: the reading, and of several the newest; one query."""
    return [one for one in map(Told._make, reads.as_counted(_reported, asked)) if one.network in found]


@Read
def _reported(asked: Asked, *, counts: Combinable = reads.READING) -> "QuerySet[Any]":
    approved = Q(report=None) | Q(report__state=ReportState.APPROVED, report__approved_at__lte=asked.until)
    of_years = KpiValue.objects.filter(
        approved, definition__isnull=False, project_year__isnull=False, basis__in=(KpiBasis.REPORTED, KpiBasis.AT_START),
        as_of__lte=asked.as_of,
    )  # fmt: skip
    each = ("network__code", "definition__code", "project_year")
    rows = asked.of_asked(of_years).annotate(counts=counts).order_by(*each, "-counts", "-as_of", "-pk").distinct(*each)
    return rows.values_list("network_id", "definition__code", "project_year", "label", "value", "source")


def _targets(asked: Asked, found: dict[int, NetworkLine]) -> dict[tuple[int, str], Decimal]:
    """The target by network and indicator: of the signed agreement, else as a source printed it; two queries."""
    rows = (*reads.as_counted(_printed, asked), *_agreed.lines(asked))
    return {(network, code): target for network, code, target in rows if network in found}


@Read
def _printed(asked: Asked, *, counts: Combinable = reads.READING) -> "QuerySet[Any]":
    aims = KpiValue.objects.filter(definition__isnull=False, basis=KpiBasis.TARGET, as_of__lte=asked.as_of)
    rows = asked.of_asked(aims).annotate(counts=counts).order_by("counts", "as_of", "pk")
    return rows.values_list("network_id", "definition__code", "value")


@Read
def _agreed(asked: Asked) -> "QuerySet[Any]":
    signed = AgreementKpi.objects.filter(target__isnull=False, agreement__signed_at__lte=asked.until)
    rows = asked.of_asked(signed.filter(definition_of_call__isnull=False), "agreement__network")
    return rows.values_list("agreement__network_id", "definition_of_call__code", "target")
