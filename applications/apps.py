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
        from applications.domain.submission import receipt_example  # noqa: PLC0415
        from calls.domain import mail_texts  # noqa: PLC0415
        from calls.enums import MailKind  # noqa: PLC0415
        from ibnportal.core.access import ORGANISATION, counts_as_participant  # noqa: PLC0415
        from ibnportal.core.accounts.enums import Role  # noqa: PLC0415
        from ibnportal.core.ui import navigation  # noqa: PLC0415

        counts_as_participant(writes_along)
        mail_texts.register_example(MailKind.RECEIPT, receipt_example)
        import_module("applications.documents.budget_reading")
        from applications.views import mergers, messages  # noqa: PLC0415
        from ibnportal.core.ui import panels  # noqa: PLC0415

        for page in ("applications:detail", "evaluation:dossier"):
            panels.register(page, "applications/_merger_panel.html", mergers.of_dossier)
        panels.register("applications:detail", "applications/_messages_panel.html", messages.for_applicant)
        panels.register("evaluation:dossier", "applications/screening/_messages_panel.html", messages.for_staff)
        navigation.register(
            "Ledenlijsten", "applications:spearheads", [Role.CASE_HANDLER, Role.ADMINISTRATOR], order=36
        )
        navigation.register("Mijn dossiers", "applications:list", [ORGANISATION], order=20)
