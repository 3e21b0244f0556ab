"""The yearly report, content and financial in one (MON-02, MON-03)."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from calls.enums import CostType
from monitoring.enums import ReportState


class Report(models.Model):
    """One project year's report: project status, results, stories, active companies, KPIs and costs.

    `kpi_drafts` holds what is typed (agreement KPI id → text) until the report is submitted; then the values become
    `KpiValue` rows. `active_companies` lists organisation, name, number and since when, as they stood when submitted.
    """

    award_year = models.OneToOneField("monitoring.AwardYear", on_delete=models.PROTECT, related_name="report")
    state = models.CharField("status", max_length=10, choices=ReportState, default=ReportState.DRAFT)
    state_changed_at = models.DateTimeField("status sinds", null=True, blank=True)
    due_on = models.DateField("uiterlijk in te dienen op")
    project_status = models.TextField("projectstatus", blank=True)
    results = models.TextField("behaalde resultaten", blank=True)
    success_stories = models.TextField("succesverhalen", blank=True)
    keeps_separate_accounts = models.BooleanField("gescheiden boekhouding", default=False)
    kpi_drafts = models.JSONField("indicatoren, in opmaak", default=dict, blank=True)
    active_companies = models.JSONField("actieve ondernemingen", default=list, blank=True)
    version = models.PositiveSmallIntegerField("keer ingediend", default=0)
    submitted_at = models.DateTimeField("ingediend op", null=True, blank=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    questions = models.TextField("vragen aan het netwerk", blank=True)
    approved_at = models.DateTimeField("goedgekeurd op", null=True, blank=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )

    class Meta:
        """Approved by someone; the network never approves its own (held in the domain)."""

        verbose_name = "jaarverslag"
        verbose_name_plural = "jaarverslagen"
        constraints = (
            models.CheckConstraint(
                condition=Q(submitted_at__isnull=True, submitted_by__isnull=True)
                | Q(submitted_at__isnull=False, submitted_by__isnull=False),
                name="report_submitted_pair",
            ),
            models.CheckConstraint(
                condition=Q(approved_at__isnull=True, approved_by__isnull=True)
                | Q(approved_at__isnull=False, approved_by__isnull=False),
                name="report_approved_pair",
            ),
            models.CheckConstraint(
                condition=~Q(state="approved") | Q(approved_at__isnull=False), name="approved_report_has_moment"
            ),
        )

    def __str__(self) -> str:
        """Which year."""
        return f"Jaarverslag {self.award_year}"


class ReportCost(models.Model):
    """The cost of one type in a report: what was submitted and what was accepted."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="costs")
    cost_type = models.CharField("kostentype", max_length=10, choices=CostType)
    submitted_amount = models.DecimalField("ingediend", max_digits=14, decimal_places=2)
    person_months = models.DecimalField("mensmaanden", max_digits=7, decimal_places=2, default=0)
    accepted_amount = models.DecimalField("aanvaard", max_digits=14, decimal_places=2, null=True, blank=True)
    correction_reason = models.TextField("reden van correctie", blank=True)

    class Meta:
        """One row a cost type; accepted never above submitted."""

        verbose_name = "kosten in het jaarverslag"
        ordering = ("report", "cost_type")
        constraints = (
            models.UniqueConstraint(fields=("report", "cost_type"), name="report_cost_once"),
            models.CheckConstraint(condition=Q(submitted_amount__gte=0), name="report_cost_not_negative"),
            models.CheckConstraint(
                condition=Q(accepted_amount__isnull=True)
                | Q(accepted_amount__gte=0, accepted_amount__lte=models.F("submitted_amount")),
                name="report_cost_accepted_within_submitted",
            ),
        )

    def __str__(self) -> str:
        """Type and amount."""
        return f"{self.get_cost_type_display()}: {self.submitted_amount}"
