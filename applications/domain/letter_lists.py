"""A list of companies into the register: shown first, then taken in as a whole or not at all (P1-LET-01 ... 03, TGT-12).

What stands in the register is never overwritten by a list: only what is empty there is filled in.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.core.files.base import File
from django.db import transaction

from applications.domain import letters, lifecycle
from applications.enums import ItemPart
from applications.models import Application, Letter, LetterImport
from ibnportal.core import clock
from ibnportal.core import lifecycle as rows
from ibnportal.core.accounts.models import User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError, WrongState
from ibnportal.core.files import store
from ibnportal.core.files.kinds import FileKind
from ibnportal.core.findings import Finding, has_errors


@dataclass(frozen=True, slots=True)
class Listed:
    """One row of the list: its number, and the fields of a letter that it gives."""

    row: int
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reading:
    """A list as it was read, with what is wrong by sheet and cell."""

    listed: tuple[Listed, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def is_good(self) -> bool:
        """Whether it may be taken in."""
        return bool(self.listed) and not has_errors(self.findings)


class Action(StrEnum):
    """What a row of the list does to the register."""

    ADD = "add"
    COMPLETE = "complete"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Step:
    """One row and what it will do."""

    listed: Listed
    action: Action
    letter: Letter | None = None
    fills: dict[str, Any] = field(default_factory=dict)


def plan(application: Application, listed: Sequence[Listed]) -> list[Step]:
    """What each row would do now: a new letter, filling in what an existing one lacks, or nothing. One query."""
    register = list(application.letters.filter(phase=application.phase))
    by_number = {letter.enterprise_number: letter for letter in register if letter.enterprise_number}
    by_name = {letters.plain_name(letter.company_name): letter for letter in register if not letter.enterprise_number}
    return [_step(row, by_number, by_name) for row in listed]


def _step(row: Listed, by_number: dict[str, Letter], by_name: dict[str, Letter]) -> Step:
    name = letters.plain_name(str(row.values.get("company_name", "")))
    known = by_number.get(str(row.values.get("enterprise_number", ""))) or by_name.get(name)
    if known is None and not row.values.get("enterprise_number"):
        known = next((letter for letter in by_number.values() if letters.plain_name(letter.company_name) == name), None)
    if known is None:
        return Step(row, Action.ADD)
    fills = {
        key: value
        for key, value in row.values.items()
        if value not in ("", None) and getattr(known, key) in ("", None) and not known.is_confirmed
    }
    return Step(row, Action.COMPLETE if fills else Action.NOTHING, known, fills)


# ---------------------------------------------------------------- verbs


def keep(application: Application, upload: "File[bytes]", *, by: User, at: dt.datetime | None = None) -> LetterImport:
    """Keep the list, so that it can be looked at before it is taken in; nothing in the register changes."""
    at = at or clock.now()
    with transaction.atomic():
        fresh = lifecycle.open_draft(application, by=by, part=ItemPart.LETTERS)
        stored = store.store(upload, by=by, kind=FileKind.IMPORT_LIST)
        return LetterImport.objects.create(
            application=fresh, phase=fresh.phase, file=stored, uploaded_at=at, uploaded_by=by
        )


def take_in(found: LetterImport, reading: Reading, *, by: User, at: dt.datetime | None = None) -> LetterImport:
    """Every row of the list, in one transaction: all or nothing, and once. Raises DomainError when the list has errors.

    `reading` is what the kept file holds; it is planned again here, on the register as it is now.
    """
    at = at or clock.now()
    with transaction.atomic():
        application = lifecycle.open_draft(found.application, by=by, part=ItemPart.LETTERS)
        fresh = rows.lock(found)
        if fresh.imported_at is not None:
            raise WrongState("Deze lijst is al ingelezen. Kijk het register na.")
        if fresh.phase != application.phase:
            raise WrongState("Deze lijst hoorde bij de vooraanmelding. Laad ze opnieuw op.")
        if not reading.is_good:
            raise DomainError("Deze lijst bevat nog fouten. Verbeter ze in uw bestand en laad het opnieuw op.")
        for step in plan(application, reading.listed):
            if step.action == Action.ADD:
                letters.add(application, by=by, at=at, **step.listed.values)
                fresh.added += 1
            elif step.action == Action.COMPLETE and step.letter is not None:
                letters.change(step.letter, by=by, at=at, **step.fills)
                fresh.completed += 1
        fresh.imported_at, fresh.imported_by = at, by
        fresh.save(update_fields=["imported_at", "imported_by", "added", "completed"])
        changes = {"import": fresh, "added": fresh.added, "completed": fresh.completed}
        trail.record("letter.list_imported", application, by=by, changes=changes, at=at)
    return fresh
