"""The calendar of closing days."""

from django.apps import AppConfig


class WorkdaysConfig(AppConfig):
    """Holds the days on which the administration is closed besides the legal holidays."""

    name = "ibnportal.core.workdays"
    label = "workdays"
    verbose_name = "Werkdagen"
