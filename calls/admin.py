"""Calls in Django's admin: everything of a call on one page, its own contradictions on top, frozen rules read-only."""

from typing import cast

from django.contrib import admin, messages
from django.contrib.admin.options import BaseModelAdmin
from django.db import models
from django.db.models import Max
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join

from calls.domain import consistency, copying, opening
from calls.enums import CallState
from calls.models import (
    Call,
    CallRules,
    Criterion,
    Dimension,
    KnockoutRule,
    KpiDefinition,
    Milestone,
    Phase,
    PitchSlot,
    PublishedFact,
    Question,
    ScaleStep,
    Section,
)
from ibnportal.core.accounts.models import User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError


def _actor(request: HttpRequest) -> User:
    """Who works in the admin; nobody gets here without logging in."""
    return cast("User", request.user)


def _is_draft(obj) -> bool:
    """What belongs to a call may change while the call is a draft; a new row has no call yet."""
    if obj is None:
        return True
    call = obj if isinstance(obj, Call) else getattr(obj, "call", None)
    if call is None and hasattr(obj, "dimension"):
        call = obj.dimension.call
    if call is None and hasattr(obj, "section"):
        call = obj.section.call
    return call is None or call.state == CallState.DRAFT


class Audited(admin.ModelAdmin):
    """What is changed here is in the audit trail as well as in the admin's own log."""

    def log_addition(self, request, obj, message):
        trail.record(f"{obj._meta.model_name}.added", obj, by=_actor(request), changes={"admin": message})  # noqa: SLF001
        return super().log_addition(request, obj, message)

    def log_change(self, request, obj, message):
        trail.record(f"{obj._meta.model_name}.changed", obj, by=_actor(request), changes={"admin": message})  # noqa: SLF001
        return super().log_change(request, obj, message)


class OfDraftCall(BaseModelAdmin):
    """Rows by which dossiers are judged: changed, added and removed only while the call is a draft."""

    extra = 0

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and _is_draft(obj)

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and _is_draft(obj)


class DraftInline(OfDraftCall, admin.TabularInline):
    """A table of such rows on the page of their call."""

    show_change_link = True

    def has_add_permission(self, request, obj=None):
        return super().has_add_permission(request, obj) and _is_draft(obj)


class PhaseInline(DraftInline):
    model = Phase


class DimensionInline(DraftInline):
    model = Dimension


class ScaleInline(DraftInline):
    model = ScaleStep


class KnockoutInline(DraftInline):
    model = KnockoutRule

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        call_id = request.resolver_match.kwargs.get("object_id")
        if call_id and db_field.name in {"dimension", "step"}:
            kwargs["queryset"] = db_field.related_model.objects.filter(call_id=call_id)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class KpiInline(DraftInline):
    model = KpiDefinition
    fields = (
        "position",
        "code",
        "label",
        "kind",
        "area",
        "is_mandatory",
        "min_parties",
        "min_companies",
        "only_started",
    )


class SectionInline(DraftInline):
    model = Section
    fields = ("phase", "position", "code", "title")


class MilestoneInline(admin.TabularInline):
    model = Milestone
    extra = 0


class PitchSlotInline(admin.TabularInline):
    model = PitchSlot
    extra = 0


class PublishedFactInline(admin.TabularInline):
    model = PublishedFact
    extra = 0
    classes = ("collapse",)


@admin.register(Call)
class CallAdmin(Audited):
    """A call is published and copied by actions; its state has no field."""

    list_display = ("name", "code", "year", "state", "shown_findings_count")
    list_filter = ("state",)
    search_fields = ("name", "code")
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
    readonly_fields = ("state", "shown_findings", "shown_rules")
    fieldsets = (
        (None, {"fields": ("name", ("code", "year"), "state", "shown_findings", "shown_rules")}),
        (
            "Wat bezoekers lezen",
            {"fields": ("summary", "objectives", "target_group", "contact_email", "documents_url")},
        ),
        (
            "Kader",
            {"fields": ("fund", "decision_body", "legal_basis", "pitch_location", "launched_on", "launched_text")},
        ),
        ("Herkomst", {"fields": ("source", "note"), "classes": ("collapse",)}),
    )
    inlines = (
        PhaseInline, MilestoneInline, PitchSlotInline, DimensionInline, ScaleInline, KnockoutInline, KpiInline, SectionInline,
        PublishedFactInline,
    )  # fmt: skip
    actions = ("publish_calls", "copy_calls", "close_calls")

    def get_readonly_fields(self, request, obj=None):
        return self.readonly_fields if _is_draft(obj) else (*self.readonly_fields, "code", "year")

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and obj is not None and _is_draft(obj)

    @admin.display(description="bevindingen")
    def shown_findings_count(self, obj):
        return len(consistency.examine(obj)) if obj.state == CallState.DRAFT else ""

    @admin.display(description="bevindingen")
    def shown_findings(self, obj):
        """What contradicts itself; it stands in the way of publishing."""
        if obj.pk is None or obj.state == CallState.CLOSED:
            return "–"
        findings = consistency.examine(obj)
        if not findings:
            return "Alles klopt met elkaar."
        rows = ((finding.rule_id, finding.where, finding.message) for finding in findings)
        return format_html("<ul>{}</ul>", format_html_join("", "<li>{} · {}: {}</li>", rows))

    @admin.display(description="regels")
    def shown_rules(self, obj):
        if obj.pk is None:
            return "Bewaar de oproep eerst; voeg dan haar regels toe."
        rows = [
            (
                reverse("admin:calls_callrules_change", args=[rules.pk]),
                rules.version,
                "bevroren" if rules.frozen_at else "nog te wijzigen",
            )
            for rules in obj.rules_versions.all()
        ]
        add = format_html('<a href="{}?call={}">Voeg regels toe</a>', reverse("admin:calls_callrules_add"), obj.pk)
        return format_html_join("", '<p><a href="{}">Versie {}</a> ({})</p>', rows) if rows else add

    @admin.action(description="Publiceer", permissions=["change"])
    def publish_calls(self, request: HttpRequest, queryset) -> None:
        self._do(request, queryset, lambda call: opening.publish(call, by=_actor(request)), "{} is gepubliceerd.")

    @admin.action(description="Sluit af", permissions=["change"])
    def close_calls(self, request: HttpRequest, queryset) -> None:
        self._do(request, queryset, lambda call: opening.close(call, by=_actor(request)), "{} is afgesloten.")

    @admin.action(description="Kopieer oproep", permissions=["add"])
    def copy_calls(self, request: HttpRequest, queryset) -> None:
        def copy(call: Call) -> None:
            year = Call.objects.aggregate(last=Max("year"))["last"] + 1
            copying.copy_call(call, code=_free_code(year), year=year, by=_actor(request))

        self._do(request, queryset, copy, "{} is gekopieerd als nieuwe oproep in voorbereiding; vul de data in.")

    def _do(self, request: HttpRequest, queryset, verb, done: str) -> None:
        for call in queryset:
            try:
                verb(call)
            except DomainError as error:
                messages.error(request, f"{call}: {error.message}")
            else:
                messages.success(request, done.format(call))


def _free_code(year: int) -> str:
    taken = set(Call.objects.values_list("code", flat=True))
    codes = [str(year), *(f"{year}-{number}" for number in range(2, len(taken) + 3))]
    return next(code for code in codes if code not in taken)


@admin.register(CallRules)
class CallRulesAdmin(Audited):
    """A version of the rules: to be filled in while it is not frozen, to be read afterwards."""

    list_display = ("call", "version", "frozen_at")
    list_filter = ("call",)
    readonly_fields = ("frozen_at", "frozen_by", "shown_findings")

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and (obj is None or obj.frozen_at is None)

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and obj is not None and obj.frozen_at is None

    def get_readonly_fields(self, request, obj=None):
        return (*self.readonly_fields, "call", "version") if obj else self.readonly_fields

    @admin.display(description="bevindingen")
    def shown_findings(self, obj):
        if obj.pk is None:
            return "–"
        findings = consistency.figures(obj.frozen())
        rows = ((finding.rule_id, finding.message) for finding in findings)
        return format_html("<ul>{}</ul>", format_html_join("", "<li>{}: {}</li>", rows)) if findings else "Alles klopt."


class CriterionInline(DraftInline):
    model = Criterion


class QuestionInline(DraftInline):
    model = Question
    fields = ("position", "code", "label", "answer_type", "word_limit", "is_required")


@admin.register(Dimension)
class DimensionAdmin(OfDraftCall, Audited):
    list_display = ("label", "call", "weight")
    list_filter = ("call",)
    inlines = (CriterionInline,)


@admin.register(Section)
class SectionAdmin(OfDraftCall, Audited):
    list_display = ("title", "call", "phase", "position")
    list_filter = ("call", "phase")
    inlines = (QuestionInline,)


@admin.register(PublishedFact)
class PublishedFactAdmin(admin.ModelAdmin):
    """Facts from sources: to be read; they come from the files."""

    list_display = ("label", "value", "source", "is_reading", "call")
    list_filter = ("call", "is_reading")
    search_fields = ("label", "value", "source")

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
