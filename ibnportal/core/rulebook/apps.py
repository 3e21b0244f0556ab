"""The app carries one command, `manage.py rules`; it has no tables."""

from django.apps import AppConfig


class RulebookConfig(AppConfig):
    """See the package."""

    name = "ibnportal.core.rulebook"
    label = "rulebook"
    verbose_name = "Regels"
