"""The project budget: uploads of the call's workbook and the lines read from them, and what was declared about VAT (manual 4.2.2)."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from applications.models.content import OwnDraftQuerySet
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
    recoverable_vat_fraction = models.DecimalField(
        "recupereerbare btw",
        max_digits=5,
        decimal_places=4,
        null=True,
        blank=True,
        help_text="Zoals toen verklaard (BUD-10).",
    )
    remarks = models.JSONField("opmerkingen", default=list, help_text="Waarschuwingen bij het lezen, als bevindingen.")

    objects = OwnDraftQuerySet.as_manager()

    class Meta:
        """Newest first."""

        verbose_name = "projectbegroting"
        verbose_name_plural = "projectbegrotingen"
        ordering = ("-version",)
        constraints = (models.UniqueConstraint(fields=("application", "version"), name="budget_version_once"),)

    def __str__(self) -> str:
        """Application and version."""
        return f"Begroting {self.version} van {self.application_id}"


class BudgetLine(models.Model):
    """One cost in one project year (BUD-01); `person_months` only for personnel and long-engaged freelancers.

    `amount` holds the non-recoverable `vat`.
    """

    upload = models.ForeignKey(BudgetUpload, on_delete=models.CASCADE, related_name="lines")
    project_year = models.PositiveSmallIntegerField("projectjaar")
    cost_type = models.CharField("kostentype", max_length=10, choices=CostType)
    description = models.CharField("omschrijving", max_length=300)
    person_months = models.DecimalField("mensmaanden", max_digits=7, decimal_places=2, default=0)
    amount = models.DecimalField("bedrag", max_digits=14, decimal_places=2)
    motivation = models.TextField("motivering", blank=True)
    vat = models.DecimalField("niet-recupereerbare btw", max_digits=14, decimal_places=2, default=0)
    supplier = models.CharField("wie uitvoert en factureert", max_length=300, blank=True)
    is_long_engagement = models.BooleanField("langdurig formeel engagement", default=False)
    cell = models.CharField("cel", max_length=40, blank=True, help_text="Werkblad en cel in het opgeladen bestand.")

    class Meta:
        """In the order of the workbook."""

        verbose_name = "begrotingslijn"
        ordering = ("project_year", "cost_type", "id")
        constraints = (
            models.CheckConstraint(condition=Q(amount__gte=0), name="budget_line_not_negative"),
            models.CheckConstraint(condition=Q(person_months__gte=0), name="budget_line_months_not_negative"),
            models.CheckConstraint(
                condition=Q(vat__gte=0) & Q(vat__lte=F("amount")), name="budget_line_vat_within_amount"
            ),
        )

    def __str__(self) -> str:
        """What it is for."""
        return self.description


class MoneyDeclaration(models.Model):
    """What the applicant declares about itself for the money of one dossier, with who and when; None while not declared.

    `recoverable_vat_fraction` is 1 for who recovers all of its VAT (BUD-10); `is_broad_member_organisation` says whether the
    cluster organisation has members that take no part in the project (COF-10).
    """

    application = models.OneToOneField(
        "applications.Application", on_delete=models.CASCADE, related_name="money_declaration"
    )
    recoverable_vat_fraction = models.DecimalField(
        "recupereerbare btw", max_digits=5, decimal_places=4, null=True, blank=True
    )
    is_broad_member_organisation = models.BooleanField(
        "ledenorganisatie met een bredere werking", null=True, blank=True
    )
    declared_at = models.DateTimeField("verklaard op")
    declared_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        """A fraction is one."""

        verbose_name = "verklaring over de middelen"
        constraints = (
            models.CheckConstraint(
                condition=Q(recoverable_vat_fraction__isnull=True)
                | Q(recoverable_vat_fraction__gte=0, recoverable_vat_fraction__lte=1),
                name="declared_vat_is_a_fraction",
            ),
        )

    def __str__(self) -> str:
        """Whose."""
        return f"Verklaring van {self.application_id}"
