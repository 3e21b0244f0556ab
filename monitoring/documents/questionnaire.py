"""The questions of a survey from a file with data: read into plain dataclasses, nothing of it is fixed in code."""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings

from monitoring.domain.surveys import Question

MEMBERS = "leden"


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """All of them, and how small a group may be shown."""

    min_group: int
    questions: list[Question] = field(default_factory=list)


def read(name: str = MEMBERS) -> Questionnaire:
    """The questionnaire of that name. Raises FileNotFoundError, and KeyError where a part is missing."""
    data = tomllib.loads((Path(settings.BASE_DIR) / "data" / "surveys" / f"{name}.toml").read_text("utf-8"))
    return Questionnaire(data["min_group"], [_question(row, data["effects"]) for row in data["questions"]])


def _question(row: dict[str, Any], effects: list[dict[str, str]]) -> Question:
    items = row.get("items", [["0", ""]])
    listed = effects if items == "effects" else [{"code": code, "text": text, "group": ""} for code, text in items]
    options = [{"value": value, "label": label} for value, label in row["options"]]
    return Question(row["number"], row["role"], row["theme"], row["text"], listed, options, row.get("of"))
