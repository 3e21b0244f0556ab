"""The register of files, to read; content is had through the dossiers only."""

from django.contrib import admin

from ibnportal.core.audit.admin import ReadOnlyAdmin
from ibnportal.core.files.models import StoredFile


@admin.register(StoredFile)
class StoredFileAdmin(ReadOnlyAdmin):
    list_display = ["name", "kind", "pages", "stored_at", "stored_by"]
    list_filter = ["kind"]
    search_fields = ["name", "blob__sha256"]
    date_hierarchy = "stored_at"
    list_select_related = ["stored_by"]
