"""What was handed in, frozen, and how it was screened (manual 5.2.2, 5.3.2)."""

from typing import Any

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from applications.enums import CheckOutcome
from applications.models.application import Application
from calls.enums import PhaseNumber


class SubmissionQuerySet(models.QuerySet["Submission"]):
    """Reads of submissions; who may see the dossier may see what was handed in."""

    def visible_to(self, user: Any) -> "SubmissionQuerySet":
        """Submissions of the dossiers that this person may see."""
        return self.filter(application__in=Application.objects.visible_to(user))


class Submission(models.Model):
    """An immutable snapshot of what was handed in; screening, experts, committee and every PDF read this.

    `received_at` is the server's instant at which the submit request arrived, before any work (AMB-01).
    `snapshot` is canonical JSON; `sha256` is over its bytes. A supplement adds a next version.
    """

    application = models.ForeignKey("applications.Application", on_delete=models.PROTECT, related_name="submissions")
    phase = models.PositiveSmallIntegerField("fase", choices=PhaseNumber)
    version = models.PositiveSmallIntegerField("versie", default=1)
    rules = models.ForeignKey("calls.CallRules", on_delete=models.PROTECT, related_name="+")
    received_at = models.DateTimeField("ontvangen op")
    deadline_at = models.DateTimeField("uiterste moment")
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    snapshot = models.JSONField("momentopname")
    sha256 = models.CharField("controlegetal", max_length=64)

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        """One version once; never late; never changed."""

        verbose_name = "indiening"
        verbose_name_plural = "indieningen"
        ordering = ("phase", "version")
        constraints = (
            models.UniqueConstraint(fields=("application", "phase", "version"), name="submission_version_once"),
            models.CheckConstraint(condition=Q(received_at__lte=F("deadline_at")), name="submission_in_time"),
        )
        triggers = (pgtrigger.Protect(name="submission_is_frozen", operation=pgtrigger.Update | pgtrigger.Delete),)

    def __str__(self) -> str:
        """Application, phase and version."""
        return f"{self.application_id} fase {self.phase} versie {self.version}"


class Receipt(models.Model):
    """The receipt of one submission as a PDF, made by a worker (P1-SUB-07, NOT-01)."""

    submission = models.OneToOneField(Submission, on_delete=models.PROTECT, related_name="receipt")
    file = models.ForeignKey(
        "files.StoredFile", on_delete=models.PROTECT, related_name="+", verbose_name="ontvangstbewijs"
    )
    made_at = models.DateTimeField("gemaakt op")

    class Meta:
        """One receipt a submission."""

        verbose_name = "ontvangstbewijs"
        verbose_name_plural = "ontvangstbewijzen"

    def __str__(self) -> str:
        """Of which submission."""
        return f"Ontvangstbewijs van {self.submission}"


class AdmissibilityCheck(models.Model):
    """One admissibility criterion of one submission: the machine's evidence and a person's verdict.

    A verdict against the machine's outcome needs a reason; the database holds that.
    """

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="checks")
    rule_id = models.CharField("criterium", max_length=20)
    label = models.CharField("omschrijving", max_length=200)
    machine_outcome = models.CharField("vaststelling", max_length=8, choices=CheckOutcome)
    evidence = models.TextField("bewijs")
    verdict = models.CharField("oordeel", max_length=8, choices=CheckOutcome, blank=True)
    verdict_reason = models.TextField("reden", blank=True)
    verdict_at = models.DateTimeField("beoordeeld op", null=True, blank=True)
    verdict_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    position = models.PositiveSmallIntegerField("volgorde", default=0)

    class Meta:
        """In the order of the manual."""

        verbose_name = "ontvankelijkheidscriterium"
        verbose_name_plural = "ontvankelijkheidscriteria"
        ordering = ("position", "rule_id")
        constraints = (
            models.UniqueConstraint(fields=("submission", "rule_id"), name="admissibility_check_once"),
            models.CheckConstraint(
                condition=Q(verdict="", verdict_at__isnull=True, verdict_by__isnull=True)
                | Q(verdict__gt="", verdict_at__isnull=False, verdict_by__isnull=False),
                name="admissibility_verdict_has_who_and_when",
            ),
            models.CheckConstraint(
                condition=Q(verdict="") | Q(verdict=F("machine_outcome")) | Q(verdict_reason__gt=""),
                name="admissibility_other_verdict_has_reason",
            ),
        )

    def __str__(self) -> str:
        """Rule and submission."""
        return f"{self.rule_id} van {self.submission}"
