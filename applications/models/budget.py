"""The project budget: uploads of the call's workbook and the lines read from them (manual 4.2.2)."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from calls.enums import CostType


class BudgetUpload(models.Model):
    """One accepted upload of the budget workbook; the newest version is the budget.

    Only uploads without errors are kept: an upload with errors changes nothing and shows its findings.
    """

    application = models.ForeignKey("applications.Application", on_delete=models.CASCADE, related_name="budget_uploads")
    version = models.PositiveSmallIntegerField("versie")
    file = models.ForeignKey("files.StoredFile", on_delete=models.PROTECT, related_name="+")
    rules = models.ForeignKey("calls.CallRules", on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField("opgeladen op")
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    total = models.DecimalField("totale begroting", max_digits=14, decimal_places=2)
    person_months = models.DecimalField("mensmaanden", max_digits=8, decimal_places=2)
    requested_grant = models.DecimalField("gevraagde steun", max_digits=14, decimal_places=2)

    class Meta:
        """Newest first."""

        verbose_name = "projectbegroting"
        ordering = ("-version",)
        constraints = (models.UniqueConstraint(fields=("application", "version"), name="budget_version_once"),)

    def __str__(self) -> str:
        """Application and version."""
        return f"Begroting {self.version} van {self.application_id}"


class BudgetLine(models.Model):
    """One cost in one project year (BUD-01); `person_months` only for personnel and long-engaged freelancers."""

    upload = models.ForeignKey(BudgetUpload, on_delete=models.CASCADE, related_name="lines")
    project_year = models.PositiveSmallIntegerField("projectjaar")
    cost_type = models.CharField("kostentype", max_length=10, choices=CostType)
    description = models.CharField("omschrijving", max_length=300)
    person_months = models.DecimalField("mensmaanden", max_digits=7, decimal_places=2, default=0)
    amount = models.DecimalField("bedrag", max_digits=14, decimal_places=2)
    motivation = models.TextField("motivering", blank=True)
    cell = models.CharField("cel", max_length=40, blank=True, help_text="Werkblad en cel in het opgeladen bestand.")

    class Meta:
        """In the order of the workbook."""

        verbose_name = "begrotingslijn"
        ordering = ("project_year", "cost_type", "id")
        constraints = (
            models.CheckConstraint(condition=Q(amount__gte=0), name="budget_line_not_negative"),
            models.CheckConstraint(condition=Q(person_months__gte=0), name="budget_line_months_not_negative"),
        )

    def __str__(self) -> str:
        """What it is for."""
        return self.description
