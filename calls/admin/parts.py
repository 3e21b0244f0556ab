"""The parts of a call that have a page of their own: rules, dimensions with criteria, sections with questions, facts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import slugify

from calls.admin.editing import Audited, DraftInline, OfDraftCall
from calls.domain import consistency
from calls.models import CallRules, Criterion, Dimension, PublishedFact, Question, Section


@admin.register(CallRules)
class CallRulesAdmin(Audited):
    """A version of the rules: to be filled in while it is not frozen, to be read afterwards."""

    list_display = ("call", "version", "frozen_at")
    list_filter = ("call",)
    readonly_fields = ("frozen_at", "frozen_by", "shown_findings")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.frozen_at is None)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and obj is not None and obj.frozen_at is None

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return (*self.readonly_fields, "call", "version") if obj else self.readonly_fields

    @admin.display(description="bevindingen")
    def shown_findings(self, obj: CallRules) -> SafeString | str:
        if obj.pk is None:
            return "–"
        findings = consistency.figures(obj.frozen())
        rows = ((finding.rule_id, finding.message) for finding in findings)
        return format_html("<ul>{}</ul>", format_html_join("", "<li>{}: {}</li>", rows)) if findings else "Alles klopt."


class CriterionInline(DraftInline):
    model = Criterion


class QuestionForm(forms.ModelForm):
    """A question as a policy person types it: choices one a line, and what cannot be answered is refused here."""

    choice_lines = forms.CharField(
        label="keuzes",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "cols": 40}),
        help_text="Enkel bij een keuze: één per lijn, als code = label. Zonder code maakt het portaal er een.",
    )

    class Meta:
        model = Question
        fields = (
            "position", "code", "label", "help_text", "answer_type", "choice_lines", "word_limit", "upload_format", "page_limit",
            "is_required",
        )  # fmt: skip
        widgets = {"help_text": forms.Textarea(attrs={"rows": 2, "cols": 60})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["choice_lines"].initial = "\n".join(
                f"{code} = {label}" for code, label in self.instance.choices
            )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        self.instance.choices = [
            list(_choice(line)) for line in data.get("choice_lines", "").splitlines() if line.strip()
        ]
        values = {name: data.get(name) for name in ("answer_type", "word_limit", "page_limit")}
        problem = consistency.question_problem(Question(choices=self.instance.choices, **values))
        if problem:
            raise forms.ValidationError(problem)
        return data


def _choice(line: str) -> tuple[str, str]:
    code, separator, label = (part.strip() for part in line.partition("="))
    return (code, label) if separator else (slugify(code)[:40], code)


class QuestionInline(OfDraftCall, admin.StackedInline):
    model = Question
    form = QuestionForm
    prepopulated_fields = {"code": ("label",)}

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_add_permission(request, obj) and self.has_change_permission(request, obj)

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.prepopulated_fields if self.has_change_permission(request, obj) else {}


@admin.register(Dimension)
class DimensionAdmin(OfDraftCall, Audited):
    """A dimension with its criteria."""

    list_display = ("label", "call", "weight")
    list_filter = ("call",)
    inlines = (CriterionInline,)


@admin.register(Section)
class SectionAdmin(OfDraftCall, Audited):
    """A section of a template with its questions."""

    list_display = ("title", "call", "phase", "position")
    list_filter = ("call", "phase")
    inlines = (QuestionInline,)


@admin.register(PublishedFact)
class PublishedFactAdmin(admin.ModelAdmin):
    """Facts from sources: to be read; they come from the files."""

    list_display = ("label", "value", "source", "is_reading", "call")
    list_filter = ("call", "is_reading")
    search_fields = ("label", "value", "source")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
