"""Django app of the monitoring."""

from django.apps import AppConfig


class MonitoringConfig(AppConfig):
    """Networks after the decision, and their money."""

    name = "monitoring"
    verbose_name = "Netwerken en betalingen"

    def ready(self) -> None:
        """Put networks and payments into the menu."""
        from importlib import import_module  # noqa: PLC0415

        import_module("monitoring.domain.overlap")
        from ibnportal.core.access import ORGANISATION  # noqa: PLC0415 - models are not loaded before
        from ibnportal.core.accounts.enums import Role  # noqa: PLC0415
        from ibnportal.core.ui import navigation  # noqa: PLC0415

        staff = (Role.ACCOUNT_MANAGER, Role.FINANCIAL_OFFICER, Role.POLICY_READER, Role.CASE_HANDLER, Role.SECRETARY)
        navigation.register("Netwerken", "monitoring:list", [*staff, Role.ADMINISTRATOR], order=40)
        navigation.register("Mijn netwerk", "monitoring:mine", [ORGANISATION], order=40)
        navigation.register(
            "Betalingen", "monitoring:payments", [Role.FINANCIAL_OFFICER, Role.ACCOUNT_MANAGER], order=50
        )
