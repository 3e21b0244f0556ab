"""The minutes of a meeting as a tagged PDF, from what was frozen when they were asked for."""

from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from ibnportal.core import pdf


def render(content: Mapping[str, Any]) -> bytes:
    """The PDF of frozen minutes."""
    meeting = content["meeting"]
    title = f"Verslag van het {meeting['body']}, {date.fromisoformat(meeting['held_on']):%d/%m/%Y}"
    return pdf.render("pdf/minutes.html", {"minutes": read(content)}, title=title)


def read(content: Mapping[str, Any]) -> dict[str, Any]:
    """The content with its dates, moments and amounts as values, for the template."""
    meeting = {
        **content["meeting"],
        "held_on": date.fromisoformat(content["meeting"]["held_on"]),
        "starts_at": time.fromisoformat(content["meeting"]["starts_at"]) if content["meeting"]["starts_at"] else None,
    }
    return {
        **content,
        "meeting": meeting,
        "asked_at": datetime.fromisoformat(content["asked_at"]),
        "released_at": datetime.fromisoformat(content["released_at"]) if content["released_at"] else None,
        "points": [_point(point) for point in content["points"]],
    }


def _point(point: Mapping[str, Any]) -> dict[str, Any]:
    decision = point["decision"]
    if decision is not None:
        years = [{**row, "amount": Decimal(row["amount"])} for row in decision["years"]]
        decision = {**decision, "amount": _amount(decision["amount"]), "years": years}
    return {
        **point,
        "requested": _amount(point["requested"]),
        "advised": _amount(point["advised"]),
        "decision": decision,
    }


def _amount(text: str) -> Decimal | None:
    return Decimal(text) if text else None
