"""Models of the evaluation, one aggregate a file."""

from evaluation.models.committee import CallCeiling, Decision, DecisionCondition, DecisionSheet, DecisionYear, Meeting
from evaluation.models.phase1 import Advice, PanelDraft, PanelScore, Pitch
from evaluation.models.ranking import Ranking, RankingEntry
from evaluation.models.scoring import Assignment, ConflictFinding, ExpertProfile, Score

__all__ = (
    "Advice",
    "Assignment",
    "CallCeiling",
    "ConflictFinding",
    "Decision",
    "DecisionCondition",
    "DecisionSheet",
    "DecisionYear",
    "ExpertProfile",
    "Meeting",
    "PanelDraft",
    "PanelScore",
    "Pitch",
    "Ranking",
    "RankingEntry",
    "Score",
)
