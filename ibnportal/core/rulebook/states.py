"""docs/states.md, written from the `TRANSITIONS` tables of every app's enums."""

import importlib
from importlib.util import find_spec
from types import ModuleType

from django.db.models import TextChoices

_APPS = ("calls", "applications", "evaluation", "monitoring")
_HEAD = """# States

Written by `manage.py states --write` from the tables in each app's `enums.py`; a test refuses a stale copy.
Only a `domain/lifecycle.py` writes a state, on a locked row, together with its line in the audit trail.
"""


def states_document() -> str:
    """The whole document."""
    parts = [_HEAD]
    for app in _APPS:
        if find_spec(f"{app}.enums") is None:
            continue
        enums = importlib.import_module(f"{app}.enums")
        for name, table in vars(enums).items():
            if name.endswith("TRANSITIONS") and isinstance(table, dict):
                parts.append(_section(app, enums, table))
    return "\n".join(parts)


def _section(app: str, enums: ModuleType, table: dict[str, set[str]]) -> str:
    choices = next(
        choices
        for choices in vars(enums).values()
        if isinstance(choices, type)
        and issubclass(choices, TextChoices)
        and set(choices.values) >= {str(key) for key in table}
        and choices.values
    )
    labels = dict(choices.choices)
    rows = [f"## {app}: {choices.__name__}\n", "| state | Dutch | may become |", "|---|---|---|"]
    for value in choices.values:
        following = [str(after) for after in table.get(value, set())]
        ordered = ", ".join(f"`{after}`" for after in choices.values if after in following)
        rows.append(f"| `{value}` | {labels[value]} | {ordered or '(end)'} |")
    return "\n".join(rows) + "\n"
