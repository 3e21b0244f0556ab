"""An approved yearly report as a tagged PDF, from what was frozen at its approval."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from calls.enums import CostType
from ibnportal.core import pdf
from ibnportal.core.ui import charts
from monitoring.domain.kpi_path import percent_of_target, share_of_target
from monitoring.domain.report_costs import CostLine
from monitoring.models import ReportPaper


def name_of(paper: ReportPaper) -> str:
    """`jaarverslag-IBN-2025-013-N-jaar1.pdf`."""
    return f"jaarverslag-{paper.content['network']['code']}-jaar{paper.content['year']['number']}.pdf"


def render(paper: ReportPaper) -> bytes:
    """The PDF."""
    content = paper.content
    title = f"Jaarverslag {content['year']['number']} van {content['network']['name']}"
    context = {"report": read(content), "digest": paper.content_hash, "frozen_at": paper.requested_at}
    return pdf.render("pdf/report.html", context, title=title)


def read(content: Mapping[str, Any]) -> dict[str, Any]:
    """The content with its dates and amounts as values, for the template."""
    accepted = {row["type"]: row for row in content["review"]["accepted"]}
    year = content["year"]
    costs = [
        {
            **cost,
            "amount": Decimal(cost["amount"]),
            "person_months": Decimal(cost["person_months"]),
            "accepted": _decimal(accepted.get(cost["type"], {}).get("amount", "")),
            "reason": accepted.get(cost["type"], {}).get("reason", ""),
        }
        for cost in content["costs"]
    ]
    kpis = [_indicator(kpi) for kpi in content["kpis"]]
    lines = [CostLine.from_dict(line) for line in content["lines"]]
    return {
        **content,
        "year": {
            **year,
            "starts_on": date.fromisoformat(year["starts_on"]),
            "ends_on": date.fromisoformat(year["ends_on"]),
            "awarded": Decimal(year["awarded"]),
        },
        "due_on": date.fromisoformat(content["due_on"]),
        "submitted_at": _moment(content["submitted_at"]),
        "review": {
            **content["review"],
            "approved_at": _moment(content["review"]["approved_at"]),
            "total": Decimal(content["review"]["total"]),
            "questions": _besides_parts(content["review"]),
            # A report approved before its parts could be asked about has none.
            "parts": [
                {**one, "asked_at": _moment(one["asked_at"]), "answered_at": _moment(one["answered_at"])}
                for one in content["review"].get("parts", ())
            ],
        },
        "costs": costs,
        "submitted_total": sum((cost["amount"] for cost in costs), Decimal("0.00")),
        "kpis": kpis,
        "chart": chart_of(kpis),
        "people": [line for line in lines if line.cost_type == CostType.PERSONNEL],
        "invoices": [line for line in lines if line.invoice_number],
        "overheads": [line for line in lines if line.cost_type == CostType.OVERHEAD],
    }


def _besides_parts(review: Mapping[str, Any]) -> str:
    """What was asked about the report as a whole; the questions about parts, which stand behind it, are printed with their answers."""
    parts = review.get("parts", ())
    newest = max((one["version"] for one in parts), default=0)
    about = "\n\n".join(f"{one['part']}: {one['question']}" for one in parts if one["version"] == newest)
    return str(review["questions"]).removesuffix(about).strip()


def chart_of(kpis: list[dict[str, Any]]) -> list[charts.BarRow]:
    """Each indicator as a share of its target: what was reported, beside where the path would be."""
    rows = [
        {
            "label": kpi["label"],
            "values": [share_of_target(kpi[name], kpi["target"]) for name in ("reported", "path")],
            "target": 1,
        }
        for kpi in kpis
        if kpi["target"] and kpi["reported"] is not None and kpi["path"] is not None
    ]
    return charts.bars(rows, unit="percent")


def _indicator(kpi: Mapping[str, str]) -> dict[str, Any]:
    figures = {name: _decimal(kpi[name]) for name in ("baseline", "target", "path", "reported", "computed", "before")}
    return {**kpi, **figures, "percent": percent_of_target(figures["reported"], figures["target"])}


def _decimal(text: str) -> Decimal | None:
    return Decimal(text) if text else None


def _moment(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
