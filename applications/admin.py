"""Dossiers can be read here; every change goes through the domain, so that it has its actor, its rule and its row in the trail."""

from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from applications.models import (
    AdmissibilityCheck,
    Application,
    BudgetUpload,
    DossierBar,
    DossierGrant,
    Letter,
    Merger,
    Receipt,
    SentNotice,
    Submission,
    Supplement,
    Withdrawal,
)
from ibnportal.core.audit import trail
from ibnportal.core.audit.admin import ReadOnlyAdmin


@admin.register(Application)
class ApplicationAdmin(ReadOnlyAdmin):
    list_display = ["number", "title", "call", "applicant", "state", "requested_grant"]
    list_filter = ["call", "state", "is_reconstructed"]
    list_select_related = ["call", "applicant"]
    search_fields = ["number", "title", "acronym", "applicant__name"]

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> models.Model | None:
        """Each look of an administrator at a dossier is in the trail."""
        found = super().get_object(request, object_id, from_field)
        if found is not None and request.method == "GET":
            trail.record_look(found, by=request.user)
        return found


@admin.register(Submission)
class SubmissionAdmin(ReadOnlyAdmin):
    list_display = ["application", "phase", "version", "received_at", "submitted_by"]
    list_filter = ["phase", "application__call"]
    list_select_related = ["application", "submitted_by"]
    search_fields = ["application__number", "sha256"]


@admin.register(Letter)
class LetterAdmin(ReadOnlyAdmin):
    list_display = ["company_name", "enterprise_number", "phase", "application"]
    list_filter = ["phase", "application__call"]
    list_select_related = ["application"]
    search_fields = ["company_name", "enterprise_number", "application__number"]


@admin.register(BudgetUpload)
class BudgetUploadAdmin(ReadOnlyAdmin):
    list_display = ["application", "version", "total", "requested_grant", "uploaded_at"]
    list_select_related = ["application"]
    search_fields = ["application__number"]


@admin.register(AdmissibilityCheck)
class AdmissibilityCheckAdmin(ReadOnlyAdmin):
    list_display = ["submission", "rule_id", "machine_outcome", "verdict", "verdict_by"]
    list_filter = ["rule_id", "machine_outcome", "verdict"]
    list_select_related = ["submission__application", "verdict_by"]


@admin.register(Supplement)
class SupplementAdmin(ReadOnlyAdmin):
    list_display = ["application", "asked_at", "due_at", "answered_at"]
    list_select_related = ["application"]


@admin.register(SentNotice)
class SentNoticeAdmin(ReadOnlyAdmin):
    list_display = ["subject", "application", "posted_at", "posted_by"]
    list_filter = ["template", "application__call"]
    list_select_related = ["application", "posted_by"]
    search_fields = ["application__number", "subject"]


@admin.register(Merger)
class MergerAdmin(ReadOnlyAdmin):
    list_display = ["joining", "lead", "merged_at", "undone_at"]
    list_select_related = ["joining", "lead"]


@admin.register(Withdrawal)
class WithdrawalAdmin(ReadOnlyAdmin):
    list_display = ["application", "at", "by"]
    list_select_related = ["application", "by"]


@admin.register(Receipt)
class ReceiptAdmin(ReadOnlyAdmin):
    list_display = ["submission", "file", "made_at"]
    list_select_related = ["submission__application", "file"]


@admin.register(DossierGrant, DossierBar)
class DossierAccessAdmin(ReadOnlyAdmin):
    list_display = ["application", "user"]
    list_select_related = ["application", "user"]
    search_fields = ["application__number", "user__full_name"]
