"""Models of the calls, one aggregate a file."""

from calls.models.call import Call, Milestone, Phase, PitchSlot
from calls.models.content import (
    Criterion,
    Dimension,
    KnockoutRule,
    KpiDefinition,
    PublishedFact,
    Question,
    ScaleStep,
    Section,
)
from calls.models.rules import CallRules

__all__ = (
    "Call",
    "CallRules",
    "Criterion",
    "Dimension",
    "KnockoutRule",
    "KpiDefinition",
    "Milestone",
    "Phase",
    "PitchSlot",
    "PublishedFact",
    "Question",
    "ScaleStep",
    "Section",
)
