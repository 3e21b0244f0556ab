"""Networks and their money can be read here; they change only through the domain."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from ibnportal.core.accounts.models import User
from ibnportal.core.audit.admin import ReadOnlyAdmin
from monitoring.domain import surveys
from monitoring.models import (
    AccountChange,
    Activity,
    Agreement,
    AgreementAmendment,
    AgreementPaper,
    AwardYear,
    BankEntry,
    BankStatement,
    Collaboration,
    CompanyProfile,
    Contribution,
    CreditNote,
    FinalEvaluation,
    FuturePlan,
    FutureStatus,
    KpiValue,
    LabelStatus,
    LedgerCorrection,
    ListImport,
    Membership,
    Network,
    NetworkFact,
    PaymentBatch,
    Pledge,
    Recovery,
    RelatedProject,
    Repayment,
    Report,
    ReportExtension,
    ReportPaper,
    ReportQuestion,
    ReportSubmission,
    ReportWorkbook,
    Settlement,
    SteeringMeeting,
    SurveyQuestion,
    Tranche,
)


@admin.register(Network)
class NetworkAdmin(ReadOnlyAdmin):
    list_display = ["code", "name", "call", "beneficiary", "state", "account_manager", "start_on"]
    list_filter = ["call", "state", "is_reconstructed"]
    search_fields = ["code", "name", "beneficiary__name"]
    list_select_related = ["call", "beneficiary", "account_manager"]


@admin.register(Agreement)
class AgreementAdmin(ReadOnlyAdmin):
    list_display = ["network", "start_on", "drafted_at", "signed_at"]
    search_fields = ["network__code", "network__name"]
    list_select_related = ["network"]


@admin.register(AwardYear)
class AwardYearAdmin(ReadOnlyAdmin):
    list_display = [
        "network",
        "project_year",
        "starts_on",
        "ends_on",
        "awarded_amount",
        "paid_amount",
        "claims_closed_at",
    ]
    list_filter = ["project_year"]
    search_fields = ["network__code", "network__name"]
    list_select_related = ["network"]


@admin.register(Membership)
class MembershipAdmin(ReadOnlyAdmin):
    list_display = ["organisation", "network", "joined_on", "left_on", "yearly_fee", "is_involved"]
    search_fields = ["organisation__name", "organisation__enterprise_number", "network__name"]
    list_select_related = ["organisation", "network"]


@admin.register(Contribution)
class ContributionAdmin(ReadOnlyAdmin):
    list_display = ["invoice_number", "payer", "award_year", "kind", "amount", "state", "refused_rule"]
    list_filter = ["state", "kind", "payer_kind"]
    search_fields = ["invoice_number", "payer__name", "award_year__network__code"]
    list_select_related = ["payer", "award_year__network"]


@admin.register(Report)
class ReportAdmin(ReadOnlyAdmin):
    list_display = ["award_year", "state", "due_on", "submitted_at", "approved_at"]
    list_filter = ["state"]
    list_select_related = ["award_year__network"]


@admin.register(Tranche)
class TrancheAdmin(ReadOnlyAdmin):
    list_display = ["award_year", "number", "amount", "state", "proposed_by", "released_by", "released_at", "paid_on"]
    list_filter = ["state", "number"]
    search_fields = ["award_year__network__code", "payment_reference"]
    list_select_related = ["award_year__network", "proposed_by", "released_by"]


@admin.register(Settlement)
class SettlementAdmin(ReadOnlyAdmin):
    list_display = ["award_year", "payable", "already_released", "balance", "forfeited", "settled_by", "settled_at"]
    list_select_related = ["award_year__network", "settled_by"]


@admin.register(Recovery)
class RecoveryAdmin(ReadOnlyAdmin):
    list_display = ["settlement", "amount", "claimed_by", "claimed_at", "repaid_on"]
    list_select_related = ["settlement__award_year__network", "claimed_by"]


@admin.register(KpiValue)
class KpiValueAdmin(ReadOnlyAdmin):
    list_display = ["network", "label", "basis", "value", "project_year", "is_reading", "source"]
    list_filter = ["basis", "is_reading"]
    search_fields = ["network__name", "label"]
    list_select_related = ["network"]


@admin.register(NetworkFact)
class NetworkFactAdmin(ReadOnlyAdmin):
    list_display = ["network", "attribute", "value", "is_reading", "source"]
    list_filter = ["attribute", "is_reading"]
    search_fields = ["network__name", "value"]
    list_select_related = ["network"]


@admin.register(FutureStatus)
class FutureStatusAdmin(ReadOnlyAdmin):
    list_display = ["network", "kind", "as_of", "source"]
    list_filter = ["kind"]
    list_select_related = ["network"]


@admin.register(FuturePlan)
class FuturePlanAdmin(ReadOnlyAdmin):
    list_display = ["network", "kind", "handed_in_at"]
    list_filter = ["kind"]
    list_select_related = ["network"]


@admin.register(FinalEvaluation)
class FinalEvaluationAdmin(ReadOnlyAdmin):
    list_display = ["network", "concluded_at"]
    list_select_related = ["network"]


@admin.register(LabelStatus)
class LabelStatusAdmin(ReadOnlyAdmin):
    list_display = ["network", "holds", "since"]
    list_filter = ["holds"]
    list_select_related = ["network"]


@admin.register(SteeringMeeting)
class SteeringMeetingAdmin(ReadOnlyAdmin):
    list_display = ["network", "starts_at", "location", "invited_at", "minutes_at", "observer_present", "cancelled_at"]
    search_fields = ["network__code", "network__name"]
    list_select_related = ["network"]


@admin.register(AccountChange)
class AccountChangeAdmin(ReadOnlyAdmin):
    list_display = ["network", "iban", "state", "asked_by", "asked_at", "decided_by", "decided_at"]
    list_filter = ["state"]
    search_fields = ["network__code", "network__name"]
    list_select_related = ["network", "asked_by", "decided_by"]


@admin.register(PaymentBatch)
class PaymentBatchAdmin(ReadOnlyAdmin):
    list_display = ["message_id", "execute_on", "payment_count", "total", "state", "made_by"]
    list_filter = ["state"]
    list_select_related = ["made_by"]


@admin.register(BankStatement)
class BankStatementAdmin(ReadOnlyAdmin):
    list_display = ["statement_id", "account", "imported_at", "imported_by"]
    list_select_related = ["imported_by"]


@admin.register(BankEntry)
class BankEntryAdmin(ReadOnlyAdmin):
    list_display = ["statement", "position", "booked_on", "amount", "is_credit", "verdict", "remark"]
    list_filter = ["verdict"]
    list_select_related = ["statement"]


@admin.register(Repayment)
class RepaymentAdmin(ReadOnlyAdmin):
    list_display = ["recovery", "amount", "received_on", "noted_by"]
    list_select_related = ["recovery__settlement__award_year__network", "noted_by"]


@admin.register(Activity)
class ActivityAdmin(ReadOnlyAdmin):
    list_display = ["title", "network", "kind", "starts_on", "price_basis", "audience"]
    list_filter = ["kind"]
    search_fields = ["title", "network__name"]
    list_select_related = ["network"]


@admin.register(Collaboration)
class CollaborationAdmin(ReadOnlyAdmin):
    list_display = ["title", "network", "nature", "instrument", "state", "initiated_on", "started_on"]
    list_filter = ["state", "nature"]
    search_fields = ["title", "network__name"]
    list_select_related = ["network"]


@admin.register(RelatedProject)
class RelatedProjectAdmin(ReadOnlyAdmin):
    list_display = ["title", "network", "source", "outcome", "role", "amount"]
    list_filter = ["source", "outcome"]
    search_fields = ["title", "network__name"]
    list_select_related = ["network"]


@admin.register(CompanyProfile)
class CompanyProfileAdmin(ReadOnlyAdmin):
    list_display = ["organisation", "nace", "staff", "turnover", "balance_total", "independence", "figures_year"]
    search_fields = ["organisation__name", "organisation__enterprise_number"]
    list_select_related = ["organisation"]


@admin.register(SurveyQuestion)
class SurveyQuestionAdmin(ReadOnlyAdmin):
    """The words of a question can change as long as nobody was asked; what results rest on cannot."""

    list_display = ["survey", "number", "theme", "text", "role"]
    list_filter = ["survey"]
    list_select_related = ["survey"]
    fields = ["survey", "number", "role", "theme", "text", "items", "options", "depends_on"]
    readonly_fields = ["survey", "number", "role", "items", "options", "depends_on"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None or obj.survey.opened_at is None

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's signature
        by = request.user
        assert isinstance(by, User)  # noqa: S101 - the admin is behind a login
        surveys.reword(SurveyQuestion.objects.get(pk=obj.pk), theme=obj.theme, text=obj.text, by=by)


@admin.register(Pledge)
class PledgeAdmin(ReadOnlyAdmin):
    list_display = ["payer", "award_year", "kind", "planned_amount", "committed_amount", "committed_on"]
    list_select_related = ["payer", "award_year__network"]


@admin.register(CreditNote)
class CreditNoteAdmin(ReadOnlyAdmin):
    list_display = ["number", "contribution", "amount", "issued_on"]
    list_select_related = ["contribution__payer"]


@admin.register(LedgerCorrection)
class LedgerCorrectionAdmin(ReadOnlyAdmin):
    list_display = ["award_year", "amount", "reason", "recorded_at", "recorded_by"]
    list_select_related = ["award_year__network", "recorded_by"]


@admin.register(ListImport)
class ListImportAdmin(ReadOnlyAdmin):
    list_display = ["network", "kind", "uploaded_at", "uploaded_by", "taken_over_at"]
    list_select_related = ["network", "uploaded_by"]


@admin.register(AgreementAmendment)
class AgreementAmendmentAdmin(ReadOnlyAdmin):
    list_display = ["agreement", "number", "kind", "subject", "made_at", "made_by"]
    list_select_related = ["agreement__network", "made_by"]
    list_filter = ["kind"]


@admin.register(AgreementPaper)
class AgreementPaperAdmin(ReadOnlyAdmin):
    list_display = ["agreement", "version", "requested_at", "requested_by", "made_at"]
    list_select_related = ["agreement__network", "requested_by"]


@admin.register(ReportQuestion)
class ReportQuestionAdmin(ReadOnlyAdmin):
    list_display = ["report", "version", "part", "asked_at", "asked_by", "answered_at", "answered_by"]
    list_select_related = ["report__award_year__network", "asked_by", "answered_by"]


@admin.register(ReportSubmission)
class ReportSubmissionAdmin(ReadOnlyAdmin):
    list_display = ["report", "version", "submitted_at", "submitted_by", "content_hash"]
    list_select_related = ["report__award_year__network", "submitted_by"]


@admin.register(ReportPaper)
class ReportPaperAdmin(ReadOnlyAdmin):
    list_display = ["report", "requested_at", "made_at", "content_hash"]
    list_select_related = ["report__award_year__network"]


@admin.register(ReportWorkbook)
class ReportWorkbookAdmin(ReadOnlyAdmin):
    list_display = ["report", "version", "uploaded_at", "uploaded_by"]
    list_select_related = ["report__award_year__network", "uploaded_by"]


@admin.register(ReportExtension)
class ReportExtensionAdmin(ReadOnlyAdmin):
    list_display = ["award_year", "until", "state", "asked_at", "asked_by", "decided_at", "decided_by"]
    list_select_related = ["award_year__network", "asked_by", "decided_by"]
    list_filter = ["state"]
