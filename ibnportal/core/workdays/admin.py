"""Closing days are edited by an administrator."""

from django.contrib import admin

from ibnportal.core.workdays.models import ClosingDay


@admin.register(ClosingDay)
class ClosingDayAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["date", "name"]
    date_hierarchy = "date"
    search_fields = ["name"]
