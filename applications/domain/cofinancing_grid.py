"""Editing the whole co-financing plan at once, by several people: what one changed is kept beside what another changed (COF-15, COF-17).

A row of the grid is one company and one kind of contribution, with an amount for each project year. Each row comes back with how it
looked when the page was opened; what differs from that is the edit. Only where two people changed the same thing is there a conflict.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import transaction

from applications.domain import cofinancing
from applications.models import Application, CofinancingPlanLine
from calls.enums import ContributionKind, PayerKind
from ibnportal.core.accounts.models import User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError
from ibnportal.core.findings import Finding
from ibnportal.core.money import ZERO, format_euros


@dataclass(frozen=True, slots=True)
class Row:
    """One company and one kind; `amounts` in euro by project year, only those above 0."""

    company_name: str
    kind: str
    enterprise_number: str = ""
    payer_kind: str = PayerKind.COMPANY
    is_member: bool = True
    explanation: str = ""
    amounts: dict[int, Decimal] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str]:
        """What makes it this row: two rows with one key would fill the same cells."""
        return cofinancing.plain(self.company_name), str(self.kind)

    @property
    def total(self) -> Decimal:
        """Over the years."""
        return sum(self.amounts.values(), ZERO)

    @property
    def details(self) -> dict[str, Any]:
        """What stands on every line of the row."""
        return {name: getattr(self, name) for name in _DETAILS}


_DETAILS = ("company_name", "enterprise_number", "payer_kind", "kind", "is_member", "explanation")
_LABELS = {
    "company_name": "naam",
    "enterprise_number": "ondernemingsnummer",
    "payer_kind": "soort betaler",
    "kind": "soort bijdrage",
    "is_member": "lidmaatschap",
    "explanation": "uitleg",
}


@dataclass(frozen=True, slots=True)
class Edit:
    """A row as it was on the page (None: a new one) and as it was sent (None: taken out). `place` names it in messages."""

    before: Row | None
    after: Row | None
    place: str = ""


class Overtaken(DomainError):  # noqa: N818 - reads as a sentence where it is raised
    """Somebody else changed the same cells in the meantime: nothing is kept, `findings` say which, and what stands there now."""


def rows(application: Application) -> list[Row]:
    """The plan as rows of the grid, by company and kind."""
    return list(_rows(application.cofinancing_lines.all()).values())


def _rows(lines: Any) -> dict[tuple[str, str], Row]:
    found: dict[tuple[str, str], Row] = {}
    for line in sorted(lines, key=lambda line: (cofinancing.plain(line.company_name), line.kind, line.project_year)):
        row = found.setdefault(
            (cofinancing.plain(line.company_name), line.kind),
            Row(**{name: getattr(line, name) for name in _DETAILS}),
        )
        row.amounts[line.project_year] = line.amount
    return found


def save(application: Application, edits: Sequence[Edit], *, by: User, at: dt.datetime | None = None) -> int:
    """Keep every edit, or none: how many cells changed.

    Raises DomainError with a finding for each thing that cannot be, or Overtaken where somebody else changed the same cell.
    """
    with transaction.atomic():
        fresh = cofinancing.open_plan(application, by=by)
        now = _rows(fresh.cofinancing_lines.all())
        merged, conflicts = _merged(edits, now)
        wrong = _wrong(merged, now)
        if wrong:
            raise DomainError("Het plan is niet bewaard: verbeter wat hieronder staat.", findings=wrong)
        if conflicts:
            raise Overtaken(
                "Het plan is niet bewaard: iemand anders paste intussen dezelfde vakken aan. Wat u typte staat er nog; kijk het na en bewaar opnieuw.",
                findings=conflicts,
            )
        changes = _write(fresh, merged, now)
        if changes:
            trail.record("cofinancing.grid_saved", fresh, by=by, changes={"cells": changes}, at=at)
    return len(changes)


@dataclass(frozen=True, slots=True)
class _Merged:
    """What becomes of one row of the database (`key`, None for a new one); `row` None takes it out."""

    key: tuple[str, str] | None
    row: Row | None
    place: str


def _merged(edits: Sequence[Edit], now: dict[tuple[str, str], Row]) -> tuple[list[_Merged], list[Finding]]:
    merged: list[_Merged] = []
    conflicts: list[Finding] = []
    for edit in edits:
        if edit.before == edit.after:
            continue
        base = edit.before
        theirs = now.get(base.key) if base is not None else now.get(edit.after.key) if edit.after is not None else None
        place = edit.place or (base or edit.after or Row("", "")).company_name
        if base is not None and theirs is None:
            if edit.after is not None:
                conflicts.append(
                    Finding(
                        "", place, "Iemand anders verwijderde deze lijn intussen. Bewaart u opnieuw, dan komt ze terug."
                    )
                )
                merged.append(_Merged(None, edit.after, place))
            continue
        if edit.after is None:
            if theirs != base and theirs is not None:
                conflicts.append(
                    Finding(
                        "",
                        place,
                        f"U verwijderde deze lijn, maar iemand anders paste ze intussen aan: samen {format_euros(theirs.total)}.",
                    )
                )
            merged.append(_Merged(theirs.key if theirs else None, None, place))
            continue
        start = base or Row(edit.after.company_name, edit.after.kind)
        row, found = _three_way(start, edit.after, theirs or start, place)
        conflicts += found
        merged.append(_Merged(theirs.key if theirs else None, row, place))
    return merged, conflicts


def _three_way(base: Row, mine: Row, theirs: Row, place: str) -> tuple[Row, list[Finding]]:
    """What only one of the two changed is taken from that one; what both changed differently is a conflict."""
    conflicts = []
    details: dict[str, Any] = {}
    for name in _DETAILS:
        was, own, other = (getattr(row, name) for row in (base, mine, theirs))
        details[name] = other if own == was else own
        if own not in {was, other} and other != was:
            conflicts.append(
                Finding(
                    "",
                    place,
                    f"Het veld {_LABELS[name]} werd intussen ook door iemand anders aangepast: “{_shown(name, other)}”.",
                )
            )
    amounts: dict[int, Decimal] = {}
    for year in sorted({*base.amounts, *mine.amounts, *theirs.amounts}):
        was, own, other = (row.amounts.get(year, ZERO) for row in (base, mine, theirs))
        kept = other if own == was else own
        if kept:
            amounts[year] = kept
        if own not in {was, other} and other != was:
            conflicts.append(
                Finding("", f"{place}, jaar {year}", f"U schreef {format_euros(own)}, iemand anders intussen {format_euros(other)}. Bewaart u opnieuw, dan telt uw bedrag.")
            )  # fmt: skip
    return Row(**details, amounts=amounts), conflicts


def _shown(name: str, value: Any) -> str:
    if name == "is_member":
        return "lid" if value else "geen lid"
    if name == "kind":
        return str(ContributionKind(value).label)
    return str(value)


def _wrong(merged: Sequence[_Merged], now: dict[tuple[str, str], Row]) -> list[Finding]:
    found = []
    touched = {item.key for item in merged if item.key is not None}
    taken = set(now) - touched
    for item in merged:
        row = item.row
        if row is None:
            continue
        if not row.amounts:
            if item.key is None:
                found.append(
                    Finding(
                        "COF-15",
                        item.place,
                        f"Vul voor {row.company_name or 'deze lijn'} in minstens één jaar een bedrag in.",
                    )
                )
            continue
        try:
            cofinancing.refuse_line(row)
            cofinancing.read_number(row.enterprise_number)
        except DomainError as error:
            found.append(Finding(error.rule_id, item.place, error.message))
            continue
        if row.key in taken:
            label = ContributionKind(row.kind).label
            found.append(
                Finding(
                    "COF-15",
                    item.place,
                    f"{row.company_name} staat al in het plan met {label.lower()}. Zet de bedragen samen op één lijn.",
                )
            )
        taken.add(row.key)
    return found


def _write(application: Application, merged: Sequence[_Merged], now: dict[tuple[str, str], Row]) -> list[str]:
    """Bring the lines of each merged row to what they must be; what changed, in words, for the trail."""
    by_key: dict[tuple[str, str], dict[int, CofinancingPlanLine]] = {}
    old_keys: dict[int, tuple[str, str]] = {}
    for line in application.cofinancing_lines.all():
        old_keys[line.pk] = cofinancing.plain(line.company_name), line.kind
        by_key.setdefault((cofinancing.plain(line.company_name), line.kind), {})[line.project_year] = line
    told: list[str] = []
    removed: list[int] = []
    kept: list[CofinancingPlanLine] = []
    for item in merged:
        lines = by_key.get(item.key, {}) if item.key is not None else {}
        old = now.get(item.key) if item.key is not None else None
        amounts = item.row.amounts if item.row is not None else {}
        details = item.row.details if item.row is not None else {}
        if "enterprise_number" in details:
            details["enterprise_number"] = cofinancing.read_number(details["enterprise_number"])
        for year in sorted({*lines, *amounts}):
            was, amount = lines.get(year), amounts.get(year, ZERO)
            name = details.get("company_name") or (old.company_name if old else "")
            if was is not None and not amount:
                removed.append(was.pk)
                told.append(f"{name}, jaar {year}: {was.amount} → 0")
                continue
            line = was or CofinancingPlanLine(application=application, project_year=year)
            before = (line.amount, *(getattr(line, field_name) for field_name in _DETAILS)) if was else None
            line.amount = amount
            for field_name, value in details.items():
                setattr(line, field_name, value)
            if before != (line.amount, *(getattr(line, field_name) for field_name in _DETAILS)):
                kept.append(line)
                told.append(f"{name}, jaar {year}: {before[0] if before else 0} → {amount}")
    # First out, then in: a name that moves from one row to another must be free.
    moved = [
        line for line in kept if line.pk and (cofinancing.plain(line.company_name), line.kind) != old_keys[line.pk]
    ]
    CofinancingPlanLine.objects.filter(pk__in=[*removed, *(line.pk for line in moved)]).delete()
    for line in moved:
        line.pk = None
    CofinancingPlanLine.objects.bulk_update([line for line in kept if line.pk], ["amount", *_DETAILS])
    CofinancingPlanLine.objects.bulk_create([line for line in kept if not line.pk])
    return told
