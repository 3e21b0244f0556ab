"""Models of the calls, one aggregate a file."""

from calls.models.amendment import Amendment
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
from calls.models.enquiry import Enquiry
from calls.models.papers import MailText, Paper
from calls.models.prediscussion import Prediscussion, PrediscussionSlot
from calls.models.rules import CallRules

__all__ = (
    "Amendment",
    "Call",
    "CallRules",
    "Criterion",
    "Dimension",
    "Enquiry",
    "KnockoutRule",
    "KpiDefinition",
    "MailText",
    "Milestone",
    "Paper",
    "Phase",
    "PitchSlot",
    "Prediscussion",
    "PrediscussionSlot",
    "PublishedFact",
    "Question",
    "ScaleStep",
    "Section",
)
