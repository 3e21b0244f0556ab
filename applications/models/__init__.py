"""Models of the applications, one aggregate a file."""

from applications.models.application import Application, DossierBar, DossierGrant, Withdrawal
from applications.models.authors import DossierAuthor, Invitation
from applications.models.budget import BudgetLine, BudgetUpload, MoneyDeclaration
from applications.models.content import Answer, CofinancingPlanLine, Document, KpiTarget, Letter
from applications.models.history import AnswerVersion
from applications.models.submission import AdmissibilityCheck, Receipt, Submission, Supplement

__all__ = (
    "AdmissibilityCheck",
    "Answer",
    "AnswerVersion",
    "Application",
    "BudgetLine",
    "BudgetUpload",
    "CofinancingPlanLine",
    "Document",
    "DossierAuthor",
    "DossierBar",
    "DossierGrant",
    "Invitation",
    "KpiTarget",
    "Letter",
    "MoneyDeclaration",
    "Receipt",
    "Submission",
    "Supplement",
    "Withdrawal",
)
