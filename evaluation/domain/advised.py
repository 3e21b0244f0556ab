"""An advice as people read it: one shape for a version that waits, an earlier one, and an advice without versions (the history)."""

from dataclasses import dataclass
from decimal import Decimal

from applications.models import Application
from calls.enums import CostType, PhaseNumber
from calls.models import Criterion, ScaleStep
from evaluation.enums import Recommendation
from evaluation.models import Advice, AdviceVersion


@dataclass(frozen=True, slots=True)
class Line:
    """The panel's score on one criterion, in words."""

    dimension: str
    criterion: str
    step: str
    motivation: str


@dataclass(frozen=True, slots=True)
class Correction:
    """What is accepted of one cost type; euros over the whole project."""

    label: str
    requested: Decimal
    accepted: Decimal
    reason: str


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything that an advice says."""

    recommendation: str
    amount: Decimal | None
    text: str
    strengths: str
    weaknesses: str
    start_conditions: tuple[str, ...]
    special_conditions: tuple[str, ...]
    corrections: tuple[Correction, ...]
    lines: tuple[Line, ...]
    doubts_identity: bool
    distorts_market: bool
    grounds_text: str
    few_experts_reason: str


def of_version(version: AdviceVersion) -> Reading:
    """A version as it was handed over; two queries for the names of criteria and steps."""
    content, call_id = version.content, version.application.call_id
    steps = {row.code: row.label for row in ScaleStep.objects.filter(call_id=call_id)}
    criteria = Criterion.objects.filter(dimension__call_id=call_id).select_related("dimension")
    given = content["panel_scores"]
    return Reading(
        recommendation=str(Recommendation(content["recommendation"]).label),
        amount=None if content["advised_amount"] is None else Decimal(content["advised_amount"]),
        text=content["text"],
        strengths=content["strengths"],
        weaknesses=content["weaknesses"],
        start_conditions=tuple(content["start_conditions"]),
        special_conditions=tuple(content["special_conditions"]),
        corrections=tuple(
            Correction(
                str(CostType(row["cost_type"]).label),
                Decimal(row["requested"]),
                Decimal(row["accepted"]),
                row["reason"],
            )
            for row in content["corrections"]
        ),
        lines=tuple(
            Line(row.dimension.label, row.label, steps.get(given[row.code][0], given[row.code][0]), given[row.code][1])
            for row in criteria.order_by("dimension__position", "position")
            if row.code in given
        ),
        doubts_identity=content["doubts_identity"],
        distorts_market=content["distorts_market"],
        grounds_text=content["grounds_text"],
        few_experts_reason=content["few_experts_reason"],
    )


def of_advice(advice: Advice) -> Reading:
    """An advice by its rows; one query for the scores."""
    scores = advice.panel_scores.select_related("criterion__dimension", "step")
    return Reading(
        recommendation=str(advice.get_recommendation_display()),
        amount=advice.advised_amount,
        text=advice.text,
        strengths=advice.strengths,
        weaknesses=advice.weaknesses,
        start_conditions=(),
        special_conditions=tuple(line for line in advice.conditions.splitlines() if line),
        corrections=(),
        lines=tuple(
            Line(row.criterion.dimension.label, row.criterion.label, row.step.label, row.motivation) for row in scores
        ),
        doubts_identity=advice.doubts_identity,
        distorts_market=advice.distorts_market,
        grounds_text=advice.grounds_text,
        few_experts_reason="",
    )


def versions_of(application: Application) -> list[AdviceVersion]:
    """Every version, newest first, with who wrote and who read it; one query."""
    return list(
        AdviceVersion.objects.filter(application=application)
        .select_related("application", "written_by", "read_by")
        .order_by("-version")
    )


def standing(application: Application, versions: list[AdviceVersion]) -> Reading | None:
    """What stands as the advice on the full dossier now: the newest approved version, or the advice of the history."""
    approved = next((version for version in versions if version.outcome == "approved"), None)
    if approved is not None:
        return of_version(approved)
    advice = application.advices.filter(phase=PhaseNumber.FULL_DOSSIER).first()
    return of_advice(advice) if advice else None
