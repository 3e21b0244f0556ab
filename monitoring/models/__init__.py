"""Models of the monitoring, one aggregate a file."""

from monitoring.models.activities import Activity, Participation
from monitoring.models.aftermath import FinalEvaluation, FuturePlan, LabelStatus
from monitoring.models.amendments import AgreementAmendment, AgreementPaper
from monitoring.models.banking import AccountChange, BankEntry, BankStatement, PaymentBatch, Repayment
from monitoring.models.collaborations import Collaboration, CollaborationParty, RelatedProject, SuccessStory
from monitoring.models.ledger import Contribution, ContributionRemark, CreditNote, LedgerCorrection, Pledge
from monitoring.models.member_survey import MemberSurvey, SurveyInvitation, SurveyQuestion
from monitoring.models.members import CompanyProfile, CompanyTie, ListImport, Membership
from monitoring.models.network import (
    Agreement,
    AgreementCondition,
    AgreementKpi,
    AwardYear,
    FutureStatus,
    KpiValue,
    Network,
    NetworkFact,
)
from monitoring.models.payment import Recovery, Settlement, Tranche
from monitoring.models.portfolio import PortfolioMark
from monitoring.models.report import (
    Report,
    ReportCost,
    ReportExtension,
    ReportPaper,
    ReportQuestion,
    ReportSubmission,
    ReportWorkbook,
)
from monitoring.models.steering import SteeringAttendance, SteeringMeeting
from monitoring.models.survey import SurveyFigure

__all__ = (
    "AccountChange",
    "Activity",
    "Agreement",
    "AgreementAmendment",
    "AgreementCondition",
    "AgreementKpi",
    "AgreementPaper",
    "AwardYear",
    "BankEntry",
    "BankStatement",
    "Collaboration",
    "CollaborationParty",
    "CompanyProfile",
    "CompanyTie",
    "Contribution",
    "ContributionRemark",
    "CreditNote",
    "FinalEvaluation",
    "FuturePlan",
    "FutureStatus",
    "KpiValue",
    "LabelStatus",
    "LedgerCorrection",
    "ListImport",
    "MemberSurvey",
    "Membership",
    "Network",
    "NetworkFact",
    "Participation",
    "PaymentBatch",
    "Pledge",
    "PortfolioMark",
    "Recovery",
    "RelatedProject",
    "Repayment",
    "Report",
    "ReportCost",
    "ReportExtension",
    "ReportPaper",
    "ReportQuestion",
    "ReportSubmission",
    "ReportWorkbook",
    "Settlement",
    "SteeringAttendance",
    "SteeringMeeting",
    "SuccessStory",
    "SurveyFigure",
    "SurveyInvitation",
    "SurveyQuestion",
    "Tranche",
)
