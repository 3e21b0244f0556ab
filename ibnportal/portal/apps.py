"""Django app of the portal: pages that compose the other apps."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """Public pages, the first screen of each role, and the loading of the programme's history."""

    name = "ibnportal.portal"
    label = "portal"
    verbose_name = "Portaal"

    def ready(self) -> None:
        """Put the programme in the menu, and the administrators' site in the order of their work."""
        from ibnportal.core.access import PUBLIC, SIGNED_IN  # noqa: PLC0415 - it reads models, ready only now
        from ibnportal.core.accounts.enums import Role  # noqa: PLC0415 - likewise
        from ibnportal.core.ui import navigation  # noqa: PLC0415 - likewise
        from ibnportal.portal import administration  # noqa: PLC0415 - likewise

        readers = [Role.POLICY_READER, Role.ACCOUNT_MANAGER, Role.FINANCIAL_OFFICER, Role.ADMINISTRATOR]
        navigation.register("Mijn werk", "portal:work", [SIGNED_IN], order=1)
        navigation.register("Programma", "portal:programme", [PUBLIC], order=20)
        navigation.register("Portefeuille", "portal:portfolio", readers, order=90)
        navigation.register("Antwoorden", "portal:answers", [Role.POLICY_READER, Role.ADMINISTRATOR], order=91)
        navigation.register("Beheer", "admin:index", [Role.ADMINISTRATOR], order=99)
        administration.furnish()
