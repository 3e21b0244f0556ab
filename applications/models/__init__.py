"""Models of the applications, one aggregate a file."""

from applications.models.application import Application, DossierBar, DossierGrant, Withdrawal
from applications.models.authors import DossierAuthor, Invitation
from applications.models.budget import BudgetLine, BudgetUpload, MoneyDeclaration
from applications.models.conditions import ConditionStatement
from applications.models.content import Answer, CofinancingPlanLine, Document, KpiTarget
from applications.models.history import AnswerVersion
from applications.models.letters import (
    Letter,
    LetterImport,
    LetterInvitation,
    LetterUpload,
    OnlineSignature,
    SignatureCheck,
)
from applications.models.merger import Merger
from applications.models.notices import NoticeText, SentNotice
from applications.models.screening import DossierHandler, ScreeningVisit
from applications.models.spearheads import SpearheadMember, SpearheadMemberList
from applications.models.submission import AdmissibilityCheck, Receipt, Submission
from applications.models.supplement import Supplement, SupplementItem
from applications.models.workplan import Milestone, TeamMember, WorkPackage

__all__ = (
    "AdmissibilityCheck",
    "Answer",
    "AnswerVersion",
    "Application",
    "BudgetLine",
    "BudgetUpload",
    "CofinancingPlanLine",
    "ConditionStatement",
    "Document",
    "DossierAuthor",
    "DossierBar",
    "DossierGrant",
    "DossierHandler",
    "Invitation",
    "KpiTarget",
    "Letter",
    "LetterImport",
    "LetterInvitation",
    "LetterUpload",
    "Merger",
    "Milestone",
    "MoneyDeclaration",
    "NoticeText",
    "OnlineSignature",
    "Receipt",
    "ScreeningVisit",
    "SentNotice",
    "SignatureCheck",
    "SpearheadMember",
    "SpearheadMemberList",
    "Submission",
    "Supplement",
    "SupplementItem",
    "TeamMember",
    "Withdrawal",
    "WorkPackage",
)
