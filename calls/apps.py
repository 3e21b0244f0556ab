"""Django app of the calls."""

from django.apps import AppConfig


class CallsConfig(AppConfig):
    """Calls and everything about them that is data, not code."""

    name = "calls"
    verbose_name = "Oproepen"

    def ready(self) -> None:
        """Put the calls in the menu."""
        from ibnportal.core.access import PUBLIC  # noqa: PLC0415 - it reads models, ready only now
        from ibnportal.core.ui import navigation  # noqa: PLC0415 - likewise

        navigation.register("Oproepen", "calls:list", [PUBLIC], order=10)
