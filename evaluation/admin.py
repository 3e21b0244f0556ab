"""Administration of the evaluation: the pool of experts can be kept here; scores, decisions and rankings are only read."""

from django.contrib import admin

from evaluation.models import (
    Advice,
    Assignment,
    CallCeiling,
    ConflictFinding,
    Decision,
    DecisionSheet,
    ExpertProfile,
    Meeting,
    PanelScore,
    Pitch,
    Ranking,
    RankingEntry,
    Score,
)
from ibnportal.core.audit.admin import ReadOnlyAdmin


@admin.register(ExpertProfile)
class ExpertProfileAdmin(admin.ModelAdmin):
    list_display = ("user", "expertise", "employer", "employer_number")
    list_filter = ("expertise",)
    search_fields = ("user__full_name", "user__email", "employer", "domains")
    autocomplete_fields = ("user",)


@admin.register(Assignment)
class AssignmentAdmin(ReadOnlyAdmin):
    list_display = ("application", "expert", "state", "due_on", "handed_in_at")
    list_filter = ("state",)
    list_select_related = ("application", "expert")


@admin.register(Score)
class ScoreAdmin(ReadOnlyAdmin):
    list_display = ("assignment", "criterion", "step", "saved_at")
    list_select_related = ("assignment__application", "assignment__expert", "criterion", "step")


@admin.register(ConflictFinding)
class ConflictFindingAdmin(ReadOnlyAdmin):
    list_display = ("application", "person", "ground", "found_at", "waived_at")
    list_select_related = ("application", "person")


@admin.register(Advice)
class AdviceAdmin(ReadOnlyAdmin):
    list_display = ("application", "phase", "recommendation", "given_at")
    list_select_related = ("application",)


@admin.register(PanelScore)
class PanelScoreAdmin(ReadOnlyAdmin):
    list_display = ("advice", "criterion", "step")
    list_select_related = ("advice__application", "criterion", "step")


@admin.register(Ranking)
class RankingAdmin(ReadOnlyAdmin):
    list_display = ("call", "version", "computed_at", "sha256")
    list_select_related = ("call",)


@admin.register(RankingEntry)
class RankingEntryAdmin(ReadOnlyAdmin):
    list_display = ("ranking", "rank", "application", "total", "is_within_budget")
    list_select_related = ("ranking__call", "application")


@admin.register(Meeting)
class MeetingAdmin(ReadOnlyAdmin):
    list_display = ("call", "phase", "held_on", "state")
    list_select_related = ("call",)


@admin.register(Decision)
class DecisionAdmin(ReadOnlyAdmin):
    list_display = ("application", "kind", "outcome", "amount", "decided_on", "released_at")
    list_filter = ("kind", "outcome", "origin")
    list_select_related = ("application",)


@admin.register(DecisionSheet)
class DecisionSheetAdmin(ReadOnlyAdmin):
    list_display = ("code", "decision", "requested_at", "made_at")
    list_select_related = ("decision__application",)


@admin.register(CallCeiling)
class CallCeilingAdmin(ReadOnlyAdmin):
    list_display = ("call", "budget", "awarded_amount", "max_awards", "awarded_count")
    list_select_related = ("call",)


@admin.register(Pitch)
class PitchAdmin(ReadOnlyAdmin):
    list_display = ("application", "slot", "held_at")
    list_select_related = ("application", "slot")
