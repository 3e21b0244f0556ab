"""Models of the applications, one aggregate a file."""

from applications.models.application import Application, DossierBar, DossierGrant, Withdrawal
from applications.models.budget import BudgetLine, BudgetUpload
from applications.models.content import Answer, CofinancingPlanLine, Document, KpiTarget, Letter
from applications.models.submission import AdmissibilityCheck, Receipt, Submission, Supplement

__all__ = (
    "AdmissibilityCheck",
    "Answer",
    "Application",
    "BudgetLine",
    "BudgetUpload",
    "CofinancingPlanLine",
    "Document",
    "DossierBar",
    "DossierGrant",
    "KpiTarget",
    "Letter",
    "Receipt",
    "Submission",
    "Supplement",
    "Withdrawal",
)
