"""The indicators of a full dossier: the call's mandatory ones and the project's own (KPI-01 ... KPI-12, manual 5.4.3)."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from django.db import transaction

from applications.domain import lifecycle, words
from applications.domain.stale import refuse_stale
from applications.enums import ItemPart
from applications.models import Application, KpiTarget
from calls.enums import KpiArea, KpiKind, PhaseNumber
from calls.models import KpiDefinition
from ibnportal.core.accounts.models import User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError
from ibnportal.core.findings import Finding, Severity

DOING = frozenset({KpiKind.OUTPUT})
ACHIEVING = frozenset({KpiKind.RESULT, KpiKind.IMPACT})
REACHING = frozenset({KpiKind.REACH})


@dataclass(frozen=True, slots=True)
class Column:
    """What indicators of some kinds tell; `is_asked` in each of the three areas (KPI-10), else welcome (KPI-06)."""

    label: str
    kinds: frozenset[KpiKind]
    words: str
    is_asked: bool

    @property
    def first_kind(self) -> str:
        """The kind that a new indicator in this column begins with."""
        return next(kind.value for kind in KpiKind if kind in self.kinds)


COLUMNS = (
    Column("Wie we bereiken", REACHING, "wie u bereikt", is_asked=False),
    Column("Wat we doen", DOING, "wat u doet", is_asked=True),
    Column("Wat we bereiken", ACHIEVING, "wat u bereikt", is_asked=True),
)


@dataclass(frozen=True, slots=True)
class Cell:
    """One place of the matrix with its indicators; one that is asked and empty still has to be filled."""

    area: KpiArea
    column: Column
    indicators: tuple[Any, ...]

    @property
    def is_open(self) -> bool:
        """Whether an indicator is asked here and there is none."""
        return self.column.is_asked and not self.indicators


def matrix(own: "Iterable[Indicator]") -> list[tuple[KpiArea, list[Cell]]]:
    """The project's own indicators, area by column (KPI-04, KPI-05, KPI-06, KPI-10)."""
    own = list(own)
    return [
        (
            area,
            [
                Cell(area, column, tuple(one for one in own if one.area == area and one.kind in column.kinds))
                for column in COLUMNS
            ],
        )
        for area in KpiArea
    ]


class Indicator(Protocol):
    """An indicator of a draft or of a snapshot."""

    @property
    def label(self) -> str:
        """Its name."""

    @property
    def kind(self) -> str:
        """Reach, output, result or impact."""

    @property
    def area(self) -> str:
        """One of the three areas; empty for a mandatory one."""

    @property
    def target(self) -> Decimal | None:
        """The value to reach."""

    @property
    def definition(self) -> str:
        """What is counted."""

    @property
    def method(self) -> str:
        """How it is measured."""


def lay_out(application: Application, *, by: User) -> None:
    """Give the dossier a row for each mandatory indicator of the call; rows that are there stay as they are."""
    known = set(
        application.kpi_targets.exclude(definition_of_call=None).values_list("definition_of_call_id", flat=True)
    )
    for definition in application.call.kpi_definitions.filter(is_mandatory=True).exclude(pk__in=known):
        KpiTarget.objects.create(
            application=application,
            definition_of_call=definition,
            label=definition.label,
            kind=definition.kind,
            area=definition.area,
            definition=definition.definition,
            position=definition.position,
        )
    trail.record("kpi.laid_out", application, by=by)


def save_target(
    application: Application,
    *,
    by: User,
    indicator: KpiTarget | None = None,
    definition_of_call: KpiDefinition | None = None,
    seen: Mapping[str, Any] | None = None,
    at: dt.datetime | None = None,
    **fields: object,
) -> KpiTarget:
    """Keep an indicator: an existing one, the one of a mandatory definition, or a new one of the project.

    Of a mandatory one the name, kind and area are the call's; only baseline, target, method and definition are the dossier's.
    """
    with transaction.atomic():
        fresh = _open(application, by=by)
        if indicator is None and definition_of_call is not None:
            indicator = fresh.kpi_targets.filter(definition_of_call=definition_of_call).first()
        if indicator is None:
            last = fresh.kpi_targets.order_by("-position").values_list("position", flat=True).first() or 0
            indicator = KpiTarget(application=fresh, definition_of_call=definition_of_call, position=last + 1)
            if definition_of_call is not None:
                indicator.label, indicator.kind = definition_of_call.label, definition_of_call.kind
                indicator.area, indicator.definition = definition_of_call.area, definition_of_call.definition
        if indicator.application_id != fresh.pk:
            raise DomainError("Deze indicator hoort bij een ander dossier.")
        if indicator.pk is not None:
            indicator = KpiTarget.objects.filter(pk=indicator.pk).first()
            if indicator is None:
                raise DomainError(
                    "Een collega verwijderde deze indicator intussen. Voeg hem opnieuw toe als hij nodig is."
                )
            refuse_stale(indicator, fields, seen or {})
        changes = _fill(indicator, fields)
        refuse_incomplete(indicator)
        indicator.save()
        trail.record("kpi.saved", fresh, by=by, changes={"indicator": indicator.label, **changes}, at=at)
    return indicator


def remove_target(target: KpiTarget, *, by: User, at: dt.datetime | None = None) -> None:
    """Take an indicator of the project out; the mandatory ones stay."""
    with transaction.atomic():
        fresh = _open(target.application, by=by)
        if target.definition_of_call_id is not None:
            raise DomainError("Deze indicator is verplicht in de oproep en kan niet weg.", rule_id="KPI-12")
        label = target.label
        target.delete()
        trail.record("kpi.removed", fresh, by=by, changes={"indicator": label}, at=at)


def refuse_incomplete(target: KpiTarget) -> None:
    """An indicator of the project needs a name, a kind and an area; the rest may come later."""
    if not target.label:
        raise DomainError("Geef de indicator een naam.", rule_id="KPI-10")
    if target.definition_of_call_id is None and target.kind not in {*DOING, *ACHIEVING, *REACHING}:
        raise DomainError("Kies of de indicator meet wat u doet, wat u bereikt of wie u bereikt.", rule_id="KPI-10")
    if target.definition_of_call_id is None and target.area not in KpiArea.values:
        raise DomainError("Kies bij welk van de drie domeinen de indicator hoort.", rule_id="KPI-10")


def findings(mandatory: Iterable[tuple[str, Indicator | None]], own: Iterable[Indicator]) -> list[Finding]:
    """KPI-12: a target for each mandatory indicator (an error); KPI-10, KPI-11: enough, well-described ones of the project."""
    own = list(own)
    found = []
    for label, indicator in mandatory:
        if indicator is None or indicator.target is None:
            found.append(Finding("KPI-12", label, f"Vul een streefwaarde in voor “{label}”."))
    found += [
        Finding(
            "KPI-10",
            area.label,
            f"Voeg minstens één indicator toe over {cell.column.words} in het domein “{area.label}”.",
            Severity.WARNING,
        )
        for area, cells in matrix(own)
        for cell in cells
        if cell.is_open
    ]
    for indicator in own:
        missing = [
            name
            for name, value in (
                ("de definitie", indicator.definition),
                ("de streefwaarde", indicator.target),
                ("de meetmethode", indicator.method),
            )
            if value is None or value == ""
        ]
        if missing:
            found.append(
                Finding(
                    "KPI-11",
                    indicator.label,
                    f"Bij “{indicator.label}” ontbreekt nog {_enumerate(missing)}.",
                    Severity.WARNING,
                )
            )
    return found


def _open(application: Application, *, by: User) -> Application:
    fresh = lifecycle.open_draft(application, by=by, part=ItemPart.KPIS)
    if fresh.phase != PhaseNumber.FULL_DOSSIER:
        raise DomainError("In de vooraanmelding worden nog geen indicatoren gevraagd.", rule_id="P1-SUB-03")
    return fresh


def _fill(target: KpiTarget, fields: dict[str, object]) -> dict[str, object]:
    allowed = {"baseline", "target", "method", "definition"}
    if target.definition_of_call_id is None:
        allowed |= {"label", "kind", "area", "position"}
    unknown = set(fields) - allowed
    if unknown:
        raise TypeError(f"Of this indicator {', '.join(sorted(unknown))} cannot be set.")
    changes: dict[str, object] = {}
    for name, value in fields.items():
        cleaned = words.clean(value) if isinstance(value, str) else value
        if getattr(target, name) != cleaned:
            changes[name] = [getattr(target, name), cleaned]
            setattr(target, name, cleaned)
    return changes


def _enumerate(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} en {parts[-1]}"
