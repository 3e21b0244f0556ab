"""Noticing that a colleague changed a value since the page was opened, field by field, so that nobody writes over it unseen."""

from collections.abc import Mapping
from typing import Any

from django.db import models

from ibnportal.core.errors import DomainError
from ibnportal.core.findings import Finding


class Stale(DomainError):  # noqa: N818 - reads as a sentence where it is raised
    """Somebody was first; `findings` name each field with what stands there now. What was typed stays on the page."""


def refuse_stale(row: models.Model, wanted: Mapping[str, Any], seen: Mapping[str, Any]) -> None:
    """Raise Stale when a field of `wanted` holds something else now than was seen, and not yet what is wanted.

    `row` is the row as it is now, locked; `seen` holds the values that the page was opened with, where known.
    """
    found = []
    for name, before in seen.items():
        now = _plain(getattr(row, name))
        if name in wanted and now not in {_plain(before), _plain(wanted[name])}:
            shown = "leeg" if now in {None, ""} else "ja" if now is True else "nee" if now is False else str(now)
            found.append(Finding("", name, f"Een collega maakte hier intussen van: “{shown[:300]}”."))
    if found:
        raise Stale(
            "Een collega bewaarde intussen iets anders in dezelfde velden. Wat u typte, staat er nog: kijk het na en bewaar "
            "opnieuw als het moet gelden.",
            findings=found,
        )


def _plain(value: Any) -> Any:
    if isinstance(value, models.Model):
        return value.pk
    return None if value == "" else value
