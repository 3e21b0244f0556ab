"""A call as it is written down for people, before it is rows: what `installing.install` takes.

`calls.documents.definition` reads one from a TOML file.
"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class CallDefinition:
    """A call as its file states it; every part is a tuple of plain mappings named as the models' fields."""

    call: dict[str, Any]
    is_closed: bool
    choices: tuple[str, ...]
    rules: dict[str, Any]
    phases: tuple[dict[str, Any], ...]
    milestones: tuple[dict[str, Any], ...]
    pitch_slots: tuple[dict[str, Any], ...]
    scale: tuple[dict[str, Any], ...]
    dimensions: tuple[dict[str, Any], ...]
    knockouts: tuple[dict[str, Any], ...]
    kpis: tuple[dict[str, Any], ...]
    sections: tuple[dict[str, Any], ...]
    papers: tuple[dict[str, Any], ...]
    facts: tuple[dict[str, Any], ...]

    @property
    def code(self) -> str:
        """The call's code."""
        return str(self.call["code"])
