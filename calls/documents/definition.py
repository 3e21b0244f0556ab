"""Reads a call that is written down as a TOML file: figures as Decimal, moments in Brussels.

The file is the policy person's view of a call; `calls.domain.installing` makes rows of it. What a file
says that no call has, is refused: a misspelt figure must not silently be no rule.
"""

import tomllib
from dataclasses import fields
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from calls.domain.definition import CallDefinition
from calls.ruleset import Rules
from ibnportal.core import clock
from ibnportal.core.errors import DomainError

CALL_FIELDS = (
    "code", "year", "name", "fund", "decision_body", "legal_basis", "contact_email", "documents_url", "pitch_location",
    "launched_on", "launched_text", "source", "summary", "objectives", "target_group", "prediscussion_intro",
)  # fmt: skip
PARTS = (
    "rules",
    "phases",
    "milestones",
    "pitch_days",
    "scale",
    "dimensions",
    "knockouts",
    "kpis",
    "sections",
    "papers",
    "facts",
)
RULE_FIELDS = frozenset(field.name for field in fields(Rules)) - {"call_code", "version"}


def read(path: Path) -> CallDefinition:
    """The call of that file. Raises DomainError naming the file and what is wrong in it."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DomainError(f"{path.name} kan niet gelezen worden: {error}") from error
    unknown = set(content) - set(CALL_FIELDS) - set(PARTS) - {"state", "choices"}
    unknown |= {f"rules.{name}" for name in set(content.get("rules", {})) - RULE_FIELDS}
    missing = {"code", "year", "name", "fund", "decision_body", "rules"} - set(content)
    if unknown or missing:
        told = "; ".join(
            f"{text}: {', '.join(sorted(names))}"
            for text, names in (("onbekend", unknown), ("ontbreekt", missing))
            if names
        )
        raise DomainError(f"{path.name} klopt niet ({told}).")
    return CallDefinition(
        call={name: _text(content[name]) for name in CALL_FIELDS if name in content},
        is_closed=content.get("state") == "closed",
        choices=tuple(content.get("choices", ())),
        rules=dict(content["rules"]),
        phases=tuple({**phase, **_moments(phase)} for phase in content.get("phases", ())),
        milestones=tuple(content.get("milestones", ())),
        pitch_slots=tuple(slot for days in content.get("pitch_days", ()) for slot in _slots(days)),
        scale=tuple(content.get("scale", ())),
        dimensions=tuple(content.get("dimensions", ())),
        knockouts=tuple(content.get("knockouts", ())),
        kpis=tuple(content.get("kpis", ())),
        sections=tuple(content.get("sections", ())),
        papers=tuple(_paper(row, path.parent) for row in content.get("papers", ())),
        facts=tuple(content.get("facts", ())),
    )


def _paper(row: dict[str, Any], folder: Path) -> dict[str, Any]:
    """A template with its content; `file` names it beside the call's own file."""
    source = folder / row["file"]
    try:
        return {**row, "file": source.name, "content": source.read_bytes()}
    except OSError as error:
        raise DomainError(f"Het sjabloon {row['file']} kan niet gelezen worden: {error}") from error


def _text(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


def _moments(row: dict[str, Any]) -> dict[str, datetime]:
    return {name: clock.moment(value) for name, value in row.items() if isinstance(value, datetime)}


def _slots(days: dict[str, Any]) -> list[dict[str, Any]]:
    """Slots of equal length from `from` to `to` on each day; what does not fit whole is left out."""
    length = timedelta(minutes=days["minutes"])
    slots = []
    for day in days["days"]:
        at, end = _at(day, days["from"]), _at(day, days["to"])
        while at + length <= end:
            slots.append({"starts_at": at, "ends_at": at + length, "room": days.get("room", "")})
            at += length
    return slots


def _at(day: date, hour: time) -> datetime:
    return datetime.combine(day, hour, tzinfo=clock.BRUSSELS)
