"""The yearly report, content and financial in one (MON-02, MON-03)."""

from typing import Any, Self

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from calls.enums import CostType
from monitoring.enums import ExtensionState, ReportPart, ReportState
from monitoring.models.network import AwardYear, Network


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
    allocation_key = models.TextField("verdeelsleutel van de overhead", blank=True, help_text="BUD-05, BUD-12")
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


class ReportQuestion(models.Model):
    """A question of the account manager about one part of a report, and the network's answer beside it.

    `version` is the hand-in that was asked about; the answer is written until the next one and stays as it was then.
    """

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="part_questions")
    version = models.PositiveSmallIntegerField("over indiening")
    part = models.CharField("onderdeel", max_length=10, choices=ReportPart)
    question = models.TextField("vraag")
    asked_at = models.DateTimeField("gevraagd op")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    answer = models.TextField("antwoord", blank=True)
    answered_at = models.DateTimeField("beantwoord op", null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )

    class Meta:
        """Once a part and hand-in; answered by someone."""

        verbose_name = "vraag over een onderdeel"
        verbose_name_plural = "vragen over onderdelen"
        ordering = ("report", "version", "pk")
        constraints = (
            models.UniqueConstraint(fields=("report", "version", "part"), name="report_question_once_a_part"),
            models.CheckConstraint(
                condition=Q(answer="", answered_at__isnull=True, answered_by__isnull=True)
                | Q(answer__gt="", answered_at__isnull=False, answered_by__isnull=False),
                name="report_question_answered_pair",
            ),
        )

    def __str__(self) -> str:
        """About what."""
        return f"{self.get_part_display()}: {self.question[:80]}"


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


class ReportWorkbook(models.Model):
    """One upload of a year's cost workbook, as it was read: the newest carries the costs of the report.

    `lines` holds each line as text by name (cost type, row, description, hours, months, amount, invoice …); never changed.
    """

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="workbooks")
    version = models.PositiveSmallIntegerField("versie")
    file = models.ForeignKey("files.StoredFile", on_delete=models.PROTECT, related_name="+")
    lines = models.JSONField("lijnen")
    uploaded_at = models.DateTimeField("opgeladen op")
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        """Newest first; kept as it was."""

        verbose_name = "kostenrekenblad"
        verbose_name_plural = "kostenrekenbladen"
        ordering = ("report", "-version")
        constraints = (models.UniqueConstraint(fields=("report", "version"), name="report_workbook_version_once"),)
        triggers = (pgtrigger.Protect(name="report_workbook_is_frozen", operation=pgtrigger.Update | pgtrigger.Delete),)

    def __str__(self) -> str:
        """Which version."""
        return f"Kostenrekenblad {self.version} van {self.report}"


class ReportSubmission(models.Model):
    """What was handed in, whole, at each hand-in: a later correction never erases it. `content_hash` is its SHA-256."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="submissions")
    version = models.PositiveSmallIntegerField("indiening")
    content = models.JSONField("inhoud")
    content_hash = models.CharField("controlegetal", max_length=64)
    submitted_at = models.DateTimeField("ingediend op")
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        """Newest first; kept as it was."""

        verbose_name = "ingediend jaarverslag"
        verbose_name_plural = "ingediende jaarverslagen"
        ordering = ("report", "-version")
        constraints = (models.UniqueConstraint(fields=("report", "version"), name="report_submission_version_once"),)
        triggers = (
            pgtrigger.Protect(name="report_submission_is_frozen", operation=pgtrigger.Update | pgtrigger.Delete),
        )

    def __str__(self) -> str:
        """Which version."""
        return f"{self.report}, indiening {self.version}"


class ReportPaperQuerySet(models.QuerySet[Any]):
    """Reads of approved reports on paper."""

    def visible_to(self, user: Any) -> Self:
        """Whoever sees the network sees its approved reports."""
        return self.filter(report__award_year__network__in=Network.objects.visible_to(user))


class ReportPaper(models.Model):
    """An approved report as a tagged PDF: the last hand-in with what was accepted of it, frozen at the approval."""

    report = models.OneToOneField(Report, on_delete=models.PROTECT, related_name="paper")
    content = models.JSONField("inhoud")
    content_hash = models.CharField("controlegetal", max_length=64)
    requested_at = models.DateTimeField("gevraagd op")
    file = models.ForeignKey("files.StoredFile", on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    made_at = models.DateTimeField("gemaakt op", null=True, blank=True)

    objects = ReportPaperQuerySet.as_manager()

    class Meta:
        """What is made has its file; what it says is frozen."""

        verbose_name = "goedgekeurd jaarverslag"
        verbose_name_plural = "goedgekeurde jaarverslagen"
        constraints = (
            models.CheckConstraint(
                condition=Q(made_at__isnull=True, file__isnull=True) | Q(made_at__isnull=False, file__isnull=False),
                name="report_paper_made_has_file",
            ),
        )
        triggers = (
            pgtrigger.Protect(name="report_paper_is_kept", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(name="report_paper_is_frozen", fields=["report", "content", "content_hash"]),
        )

    def __str__(self) -> str:
        """Which report."""
        return f"{self.report}, goedgekeurd"


class ReportExtension(models.Model):
    """A later due date of one year's report: asked by the network with why, granted or refused by the account manager.

    `AwardYear.report_extended_until` follows a granted one; the due dates of other years never move with it.
    """

    award_year = models.ForeignKey(AwardYear, on_delete=models.PROTECT, related_name="report_extensions")
    until = models.DateField("gevraagd tot en met")
    reason = models.TextField("waarom")
    state = models.CharField("status", max_length=10, choices=ExtensionState, default=ExtensionState.ASKED)
    state_changed_at = models.DateTimeField("status sinds")
    asked_at = models.DateTimeField("gevraagd op")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField("beslist op", null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    decision_reason = models.TextField("waarom wel of niet", blank=True)

    class Meta:
        """One open request a year; decided by somebody, with a reason; kept."""

        verbose_name = "uitstel van een jaarverslag"
        verbose_name_plural = "uitstel van jaarverslagen"
        ordering = ("award_year", "-asked_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=("award_year",), condition=Q(state="asked"), name="one_open_report_extension"
            ),
            models.CheckConstraint(
                condition=Q(state="asked", decided_at__isnull=True, decided_by__isnull=True)
                | (~Q(state="asked") & Q(decided_at__isnull=False, decided_by__isnull=False, decision_reason__gt="")),
                name="report_extension_decided_pair",
            ),
        )
        triggers = (
            pgtrigger.Protect(name="report_extension_is_kept", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="report_extension_is_frozen", fields=["award_year", "until", "reason", "asked_at", "asked_by"]
            ),
        )

    def __str__(self) -> str:
        """Until when."""
        return f"Uitstel tot {self.until} voor {self.award_year}"
