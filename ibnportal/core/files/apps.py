"""Stored files."""

from django.apps import AppConfig


class FilesConfig(AppConfig):
    """Holds the register of files and their store."""

    name = "ibnportal.core.files"
    label = "files"
    verbose_name = "Bestanden"
