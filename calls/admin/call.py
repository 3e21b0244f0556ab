"""A call on one page: its contradictions on top, its parts below, and a button for each thing one can do with it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from calls.admin.editing import DraftInline, actor, is_draft
from calls.admin.pages import CallPages
from calls.domain import consistency, mail_texts, opening, papers
from calls.enums import CallState, MailKind
from calls.models import (
    Call,
    Dimension,
    KnockoutRule,
    KpiDefinition,
    Milestone,
    Phase,
    PitchSlot,
    PublishedFact,
    ScaleStep,
    Section,
)
from ibnportal.core.errors import DomainError


class PhaseInline(DraftInline):
    model = Phase


class MilestoneInline(DraftInline):
    model = Milestone


class DimensionInline(DraftInline):
    model = Dimension


class ScaleInline(DraftInline):
    model = ScaleStep


class KnockoutInline(DraftInline):
    model = KnockoutRule

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        match = request.resolver_match
        call_id = match.kwargs.get("object_id") if match else None
        if call_id and db_field.name in {"dimension", "step"}:
            kwargs["queryset"] = db_field.related_model.objects.filter(call_id=call_id)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class KpiInline(DraftInline):
    model = KpiDefinition
    fields = (
        "position", "code", "label", "kind", "area", "is_mandatory", "min_parties", "min_companies", "only_started",
    )  # fmt: skip


class SectionInline(DraftInline):
    model = Section
    fields = ("phase", "position", "code", "title")


class PitchSlotInline(admin.TabularInline):
    model = PitchSlot
    extra = 0


class PublishedFactInline(admin.TabularInline):
    model = PublishedFact
    extra = 0
    classes = ("collapse",)


@admin.register(Call)
class CallAdmin(CallPages):
    """A call is copied, published and amended on pages of their own; its state has no field."""

    change_form_template = "admin/calls/change_form.html"
    list_display = ("name", "code", "shown_year", "state", "shown_findings_count")
    list_filter = ("state",)
    search_fields = ("name", "code")
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
    readonly_fields = ("state", "shown_findings", "shown_rules", "shown_papers", "shown_mail_texts", "shown_amendments")
    fieldsets = (
        (None, {"fields": ("name", ("code", "year"), "state", "shown_findings", "shown_rules", "shown_amendments")}),
        (
            "Wat bezoekers lezen",
            {
                "fields": (
                    "summary",
                    "objectives",
                    "target_group",
                    "contact_email",
                    "documents_url",
                    "prediscussion_intro",
                )
            },
        ),
        ("Sjablonen en mails", {"fields": ("shown_papers", "shown_mail_texts")}),
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
    actions = ("publish_call", "copy_call", "close_calls")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if is_draft(obj):
            return self.readonly_fields
        promised = (
            "name", "code", "year", "summary", "objectives", "target_group", "contact_email", "documents_url",
            "prediscussion_intro", "fund", "decision_body", "legal_basis", "pitch_location",
        )  # fmt: skip
        return (*self.readonly_fields, "shown_year", *promised)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """A year that is only read is written as a year."""
        if is_draft(obj):
            return self.fieldsets
        head, *others = self.fieldsets
        fields = tuple(("code", "shown_year") if field == ("code", "year") else field for field in head[1]["fields"])
        return ((head[0], {**head[1], "fields": fields}), *others)

    @admin.display(description="jaar", ordering="year")
    def shown_year(self, call: Call) -> str:
        """The year without the point of an amount."""
        return str(call.year)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and obj is not None and is_draft(obj)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Which buttons stand on top depends on where the call stands."""
        obj = kwargs.get("obj")
        context["steps"] = self.steps(obj) if obj is not None and obj.pk else []
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description="bevindingen")
    def shown_findings_count(self, obj: Call) -> int | str:
        return len(consistency.examine(obj)) if obj.state == CallState.DRAFT else ""

    @admin.display(description="bevindingen")
    def shown_findings(self, obj: Call) -> SafeString | str:
        """What contradicts itself; an error stands in the way of publishing."""
        if obj.pk is None or obj.state == CallState.CLOSED:
            return "–"
        findings = consistency.examine(obj)
        if not findings:
            return "Alles klopt met elkaar."
        rows = ((f.severity.label, f.rule_id, f.where, f.message) for f in findings)
        return format_html("<ul>{}</ul>", format_html_join("", "<li>{} · {} · {}: {}</li>", rows))

    @admin.display(description="regels")
    def shown_rules(self, obj: Call) -> SafeString | str:
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

    @admin.display(description="sjablonen")
    def shown_papers(self, obj: Call) -> SafeString | str:
        if obj.pk is None:
            return "–"
        add = reverse("admin:calls_call_paper", args=[obj.pk])
        rows = [
            (paper.title, paper.version, paper.file.name, paper.get_kind_display(), add, paper.code)
            for paper in papers.in_force(obj)
        ]
        listed = format_html_join(
            "", '<li>{0} (versie {1}): {2} · {3} · <a href="{4}?code={5}">nieuwe versie van “{0}”</a></li>', rows
        )
        return format_html('<ul>{}</ul><p><a href="{}">Voeg een sjabloon toe</a></p>', listed, add)

    @admin.display(description="mailteksten")
    def shown_mail_texts(self, obj: Call) -> SafeString | str:
        if obj.pk is None:
            return "–"
        worded = mail_texts.in_force(obj)
        rows = [
            (
                reverse("admin:calls_call_mail_text", args=[obj.pk, kind.value]),
                kind.label,
                f"eigen tekst, versie {worded[kind].version}" if kind in worded else "tekst van het portaal",
            )
            for kind in MailKind
        ]
        return format_html("<ul>{}</ul>", format_html_join("", '<li><a href="{}">{}</a>: {}</li>', rows))

    @admin.display(description="wijzigingen sinds de publicatie")
    def shown_amendments(self, obj: Call) -> SafeString | str:
        rows = [
            (a.number, a.get_kind_display(), a.made_at.strftime("%d/%m/%Y"), a.made_by, a.reason)
            for a in (obj.amendments.select_related("made_by") if obj.pk else ())
        ]
        return (
            format_html("<ul>{}</ul>", format_html_join("", "<li>{}. {} op {} door {}: {}</li>", rows)) if rows else "–"
        )

    @admin.action(description="Publiceer", permissions=["change"])
    def publish_call(self, request: HttpRequest, queryset: QuerySet[Call]) -> HttpResponse | None:
        return self._to_page(request, queryset, "publish")

    @admin.action(description="Kopieer oproep", permissions=["add"])
    def copy_call(self, request: HttpRequest, queryset: QuerySet[Call]) -> HttpResponse | None:
        return self._to_page(request, queryset, "copy")

    def _to_page(self, request: HttpRequest, queryset: QuerySet[Call], name: str) -> HttpResponse | None:
        call = queryset.first()
        if call is None or queryset.count() > 1:
            messages.error(request, "Kies één oproep: elke oproep heeft haar eigen bevestiging.")
            return None
        return redirect(f"admin:calls_call_{name}", call.pk)

    @admin.action(description="Sluit af", permissions=["change"])
    def close_calls(self, request: HttpRequest, queryset: QuerySet[Call]) -> None:
        for call in queryset:
            try:
                opening.close(call, by=actor(request))
            except DomainError as error:
                messages.error(request, f"{call}: {error.message}")
            else:
                messages.success(request, f"{call} is afgesloten.")
