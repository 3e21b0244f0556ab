"""Django app of the applications."""

from importlib import import_module

from django.apps import AppConfig


class ApplicationsConfig(AppConfig):
    """Dossiers from first draft to admissible and complete."""

    name = "applications"
    verbose_name = "Aanvragen"

    def ready(self) -> None:
        """Let the workbook's reader register itself with the domain, and put the list into the menu."""
        from applications.domain.authors import writes_along  # noqa: PLC0415 - models are not loaded before
        from ibnportal.core.access import ORGANISATION, counts_as_participant  # noqa: PLC0415
        from ibnportal.core.ui import navigation  # noqa: PLC0415

        counts_as_participant(writes_along)
        import_module("applications.documents.budget_reading")
        navigation.register("Mijn dossiers", "applications:list", [ORGANISATION], order=20)
