"""The trail can be read here; nobody can write in it."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from ibnportal.core.audit.models import AuditEvent


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Shows rows; adding, changing and deleting belong to the domain."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    list_display = ["at", "action", "subject", "actor_label", "stream", "seq"]
    list_filter = ["action"]
    search_fields = ["stream", "actor_label", "subject"]
    date_hierarchy = "at"
    ordering = ["-at", "-id"]
    show_full_result_count = False
