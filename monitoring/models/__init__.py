"""Models of the monitoring, one aggregate a file."""

from monitoring.models.banking import AccountChange, BankEntry, BankStatement, PaymentBatch, Repayment
from monitoring.models.ledger import Contribution
from monitoring.models.members import Membership
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
from monitoring.models.report import Report, ReportCost
from monitoring.models.steering import SteeringAttendance, SteeringMeeting

__all__ = (
    "AccountChange",
    "Agreement",
    "AgreementCondition",
    "AgreementKpi",
    "AwardYear",
    "BankEntry",
    "BankStatement",
    "Contribution",
    "FutureStatus",
    "KpiValue",
    "Membership",
    "Network",
    "NetworkFact",
    "PaymentBatch",
    "Recovery",
    "Repayment",
    "Report",
    "ReportCost",
    "Settlement",
    "SteeringAttendance",
    "SteeringMeeting",
    "Tranche",
)
