"""Django app of the evaluation."""

from django.apps import AppConfig


class EvaluationConfig(AppConfig):
    """From the pitch to the released decision."""

    name = "evaluation"
    verbose_name = "Beoordeling en beslissing"

    def ready(self) -> None:
        """The entries of the menu, and what the applicant reads of it in the dossier."""
        from ibnportal.core.accounts.enums import Role  # noqa: PLC0415 - models are not loaded before
        from ibnportal.core.ui import navigation, panels  # noqa: PLC0415

        staff = [Role.CASE_HANDLER, Role.SECRETARY]
        navigation.register("Mijn beoordelingen", "evaluation:expert_index", [Role.EXPERT], order=20)
        navigation.register("Mijn belangen", "evaluation:interests", [Role.EXPERT, Role.COMMITTEE_MEMBER], order=95)
        navigation.register("Behandeling", "evaluation:worklist", staff, order=30)
        navigation.register("Pitches", "evaluation:pitches", staff, order=31)
        navigation.register("Comité", "evaluation:meetings", [*staff, Role.COMMITTEE_MEMBER], order=33)

        navigation.register("Na de beslissing", "evaluation:afterwards", staff, order=34)

        from evaluation.views.panels import of_dossier  # noqa: PLC0415

        panels.register("applications:detail", "evaluation/_dossier_panel.html", of_dossier)
