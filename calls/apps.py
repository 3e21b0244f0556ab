"""Django app of the calls."""

from django.apps import AppConfig


class CallsConfig(AppConfig):
    """Calls and everything about them that is data, not code."""

    name = "calls"
    verbose_name = "Oproepen"

    def ready(self) -> None:
        """Put the calls, the questions about them and the pre-discussions in the menu."""
        from ibnportal.core.access import ORGANISATION, PUBLIC  # noqa: PLC0415 - it reads models, ready only now
        from ibnportal.core.accounts.enums import Role  # noqa: PLC0415 - likewise
        from ibnportal.core.ui import navigation  # noqa: PLC0415 - likewise

        navigation.register("Oproepen", "calls:list", [PUBLIC], order=10)
        navigation.register("Vragen", "calls:enquiries", [Role.CASE_HANDLER, Role.ADMINISTRATOR], order=26)
        navigation.register(
            "Voorbesprekingen", "calls:prediscussions", [ORGANISATION, Role.CASE_HANDLER, Role.ADMINISTRATOR], order=27
        )
