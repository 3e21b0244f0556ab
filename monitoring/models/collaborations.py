"""Collaborations that a network brought about, projects around it, and the stories it tells (KPI-09, HK-03, HK-09 ... 13, H-17)."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from monitoring.enums import (
    CollaborationNature,
    CollaborationState,
    FailureReason,
    FundingSource,
    Instrument,
    ProjectOutcome,
    ProjectRole,
)


class Collaboration(models.Model):
    """An initiative to work together, from idea to started or failed; `state` is written by `domain.lifecycle` only.

    How many parties and companies there are is never stored: the parties are rows (AMB-19).
    """

    network = models.ForeignKey("monitoring.Network", on_delete=models.PROTECT, related_name="collaborations")
    title = models.CharField("titel", max_length=200)
    description = models.TextField("beschrijving", blank=True)
    nature = models.CharField("aard", max_length=12, choices=CollaborationNature, default=CollaborationNature.PROJECT)
    instrument = models.CharField("instrument", max_length=16, choices=Instrument, default=Instrument.NONE)
    initiated_on = models.DateField("ontstaan op")
    state = models.CharField("status", max_length=10, choices=CollaborationState, default=CollaborationState.IDEA)
    state_changed_at = models.DateTimeField("status sinds", null=True, blank=True)
    started_on = models.DateField("gestart op", null=True, blank=True)
    ended_on = models.DateField("geëindigd op", null=True, blank=True)
    failure_reason = models.CharField("waarom mislukt", max_length=14, choices=FailureReason, blank=True)
    failure_text = models.TextField("toelichting bij het mislukken", blank=True)
    entered_at = models.DateTimeField("ingevoerd op")
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        """What started has its day, what failed its reason."""

        verbose_name = "samenwerking"
        verbose_name_plural = "samenwerkingen"
        ordering = ("network", "-initiated_on", "-id")
        constraints = (
            models.CheckConstraint(
                condition=~Q(state__in=("started", "completed")) | Q(started_on__isnull=False),
                name="started_collaboration_has_day",
            ),
            models.CheckConstraint(
                condition=~Q(state="failed") | Q(failure_reason__gt=""), name="failed_collaboration_has_reason"
            ),
            models.CheckConstraint(
                condition=Q(started_on__isnull=True) | Q(started_on__gte=F("initiated_on")),
                name="collaboration_starts_after_idea",
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(started_on__isnull=False, ended_on__gte=F("started_on")),
                name="collaboration_ends_after_start",
            ),
        )

    def __str__(self) -> str:
        """Its title."""
        return self.title


class CollaborationParty(models.Model):
    """One party: a company, or any other organisation."""

    collaboration = models.ForeignKey(Collaboration, on_delete=models.CASCADE, related_name="parties")
    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="collaborations")

    class Meta:
        """Once a collaboration."""

        verbose_name = "partij"
        verbose_name_plural = "partijen"
        ordering = ("collaboration", "organisation__name")
        constraints = (models.UniqueConstraint(fields=("collaboration", "organisation"), name="party_once"),)

    def __str__(self) -> str:
        """Who."""
        return f"{self.organisation} in {self.collaboration}"


class RelatedProject(models.Model):
    """A project with other funding that the network asked for or works in, with other networks or not (ACT-23, H-16, H-17)."""

    network = models.ForeignKey("monitoring.Network", on_delete=models.PROTECT, related_name="related_projects")
    collaboration = models.ForeignKey(
        Collaboration, on_delete=models.SET_NULL, related_name="projects", null=True, blank=True
    )
    title = models.CharField("titel", max_length=200)
    source = models.CharField("financiering", max_length=12, choices=FundingSource)
    outcome = models.CharField("stand", max_length=10, choices=ProjectOutcome, default=ProjectOutcome.APPLIED)
    role = models.CharField("rol van het netwerk", max_length=14, choices=ProjectRole)
    amount = models.DecimalField("bedrag voor het netwerk", max_digits=14, decimal_places=2, null=True, blank=True)
    applied_on = models.DateField("aangevraagd op", null=True, blank=True)
    partners = models.ManyToManyField(
        "monitoring.Network", related_name="intercluster_projects", blank=True, verbose_name="andere netwerken"
    )
    entered_at = models.DateTimeField("ingevoerd op")
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        """No negative amount."""

        verbose_name = "verwant project"
        verbose_name_plural = "verwante projecten"
        ordering = ("network", "-applied_on", "title")
        constraints = (
            models.CheckConstraint(
                condition=Q(amount__isnull=True) | Q(amount__gte=0), name="related_project_not_negative"
            ),
        )

    def __str__(self) -> str:
        """Its title."""
        return self.title


class SuccessStory(models.Model):
    """A story that others learn from; a yearly report takes those of its year (MON-02)."""

    network = models.ForeignKey("monitoring.Network", on_delete=models.PROTECT, related_name="stories")
    collaboration = models.ForeignKey(
        Collaboration, on_delete=models.SET_NULL, related_name="stories", null=True, blank=True
    )
    title = models.CharField("titel", max_length=200)
    text = models.TextField("verhaal")
    told_on = models.DateField("datum")
    entered_at = models.DateTimeField("ingevoerd op")
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        """Newest first."""

        verbose_name = "succesverhaal"
        verbose_name_plural = "succesverhalen"
        ordering = ("network", "-told_on", "-id")

    def __str__(self) -> str:
        """Its title."""
        return self.title
