"""What the applicant fills in: answers, annexes, co-financing plan, KPI plan; letters of intent stand in `letters`."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from applications.enums import DocumentKind
from applications.models.application import Application
from calls.enums import ContributionKind, KpiArea, KpiKind, PayerKind, PhaseNumber


class OwnDraftQuerySet(models.QuerySet[Any]):
    """Rows of a draft: only the applicant's own people see them; everyone else reads what was handed in."""

    def visible_to(self, user: Any) -> Self:
        """What belongs to a dossier of one of this person's organisations, or one they were invited to."""
        return self.filter(application__in=Application.objects.written_by(user))


class Answer(models.Model):
    """The answer to one question of the call's template; `version` detects two people in one answer.

    An uploaded file is an answer whose `value` is the file's name, so that an absent one is absent in the same way.
    """

    application = models.ForeignKey("applications.Application", on_delete=models.CASCADE, related_name="answers")
    question = models.ForeignKey("calls.Question", on_delete=models.PROTECT, related_name="+")
    value = models.TextField("antwoord", blank=True, help_text="Bij een bestand: zijn naam.")
    file = models.ForeignKey(
        "files.StoredFile", on_delete=models.PROTECT, related_name="+", verbose_name="bestand", null=True, blank=True
    )
    version = models.PositiveIntegerField("versie", default=1)
    saved_at = models.DateTimeField("bewaard op")
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = OwnDraftQuerySet.as_manager()

    class Meta:
        """One answer a question."""

        verbose_name = "antwoord"
        verbose_name_plural = "antwoorden"

        constraints = (
            models.UniqueConstraint(fields=("application", "question"), name="answer_once"),
            models.CheckConstraint(condition=Q(file__isnull=True) | ~Q(value=""), name="answer_file_has_a_name"),
        )

    def __str__(self) -> str:
        """Which question."""
        return f"{self.application_id}: {self.question}"


class Document(models.Model):
    """An annex of the application in one phase; a new upload of the same kind replaces the earlier one."""

    application = models.ForeignKey("applications.Application", on_delete=models.CASCADE, related_name="documents")
    phase = models.PositiveSmallIntegerField("fase", choices=PhaseNumber)
    kind = models.CharField("soort", max_length=20, choices=DocumentKind)
    file = models.ForeignKey("files.StoredFile", on_delete=models.PROTECT, related_name="+", verbose_name="bestand")
    added_at = models.DateTimeField("toegevoegd op")
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = OwnDraftQuerySet.as_manager()

    class Meta:
        """One document of a kind in a phase."""

        constraints = (models.UniqueConstraint(fields=("application", "phase", "kind"), name="document_kind_once"),)

    def __str__(self) -> str:
        """Which kind."""
        return self.get_kind_display()


class CofinancingPlanLine(models.Model):
    """What one company is planned to contribute in one project year (COF-15, COF-17).

    `explanation` is the activity of an income (COF-11), or how a member takes part in the project (COF-10).
    """

    application = models.ForeignKey(
        "applications.Application", on_delete=models.CASCADE, related_name="cofinancing_lines"
    )
    project_year = models.PositiveSmallIntegerField("projectjaar")
    company_name = models.CharField("onderneming", max_length=200)
    enterprise_number = models.CharField("ondernemingsnummer", max_length=10, blank=True)
    payer_kind = models.CharField("soort betaler", max_length=24, choices=PayerKind, default=PayerKind.COMPANY)
    kind = models.CharField("soort bijdrage", max_length=20, choices=ContributionKind)
    amount = models.DecimalField("bedrag", max_digits=12, decimal_places=2)
    is_member = models.BooleanField("is of wordt lid van de cluster", default=True)
    explanation = models.CharField("waarvoor", max_length=200, blank=True)

    objects = OwnDraftQuerySet.as_manager()

    class Meta:
        """By year and company; one amount a company, year and kind."""

        verbose_name = "lijn van het cofinancieringsplan"
        ordering = ("project_year", "company_name", "id")
        constraints = (
            models.CheckConstraint(condition=Q(amount__gt=0), name="cofinancing_line_positive"),
            models.CheckConstraint(condition=Q(project_year__gte=1), name="cofinancing_line_in_a_year"),
            models.UniqueConstraint(
                "application", Lower("company_name"), "project_year", "kind", name="cofinancing_cell_once"
            ),
        )

    def __str__(self) -> str:
        """Company and year."""
        return f"{self.company_name}, jaar {self.project_year}"


class KpiTarget(models.Model):
    """An indicator of the application with its target; mandatory ones point at the call's definition (KPI-12)."""

    application = models.ForeignKey("applications.Application", on_delete=models.CASCADE, related_name="kpi_targets")
    definition_of_call = models.ForeignKey(
        "calls.KpiDefinition",
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name="verplichte indicator",
        null=True,
        blank=True,
    )
    label = models.CharField("naam", max_length=200)
    kind = models.CharField("soort", max_length=10, choices=KpiKind)
    area = models.CharField("domein", max_length=12, choices=KpiArea, blank=True)
    definition = models.TextField("definitie", blank=True)
    baseline = models.DecimalField("referentiewaarde", max_digits=12, decimal_places=2, null=True, blank=True)
    target = models.DecimalField("streefwaarde", max_digits=12, decimal_places=2, null=True, blank=True)
    method = models.TextField("meetmethode", blank=True)
    position = models.PositiveSmallIntegerField("volgorde", default=0)

    objects = OwnDraftQuerySet.as_manager()

    class Meta:
        """In the applicant's order; a mandatory indicator once."""

        verbose_name = "indicator van de aanvraag"
        ordering = ("position", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("application", "definition_of_call"),
                condition=Q(definition_of_call__isnull=False),
                name="kpi_target_mandatory_once",
            ),
        )

    def __str__(self) -> str:
        """Its name."""
        return self.label
