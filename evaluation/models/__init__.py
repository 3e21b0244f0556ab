"""Models of the evaluation, one aggregate a file."""

from evaluation.models.advising import AdviceCondition, AdviceCorrection, AdviceVersion
from evaluation.models.afterwards import Complaint, PostDiscussion, Review
from evaluation.models.committee import CallCeiling, Decision, DecisionCondition, DecisionSheet, DecisionYear, Meeting
from evaluation.models.interests import DeclaredTie
from evaluation.models.meetings import CommitteePaper, ConductRecord, MeetingAbsence, WhatIf, WhatIfLine
from evaluation.models.phase1 import Advice, PanelDraft, PanelScore, Pitch
from evaluation.models.ranking import Ranking, RankingEntry
from evaluation.models.scoring import Assignment, ConflictFinding, ExpertProfile, Score

__all__ = (
    "Advice",
    "AdviceCondition",
    "AdviceCorrection",
    "AdviceVersion",
    "Assignment",
    "CallCeiling",
    "CommitteePaper",
    "Complaint",
    "ConductRecord",
    "ConflictFinding",
    "Decision",
    "DecisionCondition",
    "DecisionSheet",
    "DecisionYear",
    "DeclaredTie",
    "ExpertProfile",
    "Meeting",
    "MeetingAbsence",
    "PanelDraft",
    "PanelScore",
    "Pitch",
    "PostDiscussion",
    "Ranking",
    "RankingEntry",
    "Review",
    "Score",
    "WhatIf",
    "WhatIfLine",
)
