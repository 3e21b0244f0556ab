"""What a meeting needs besides its decisions: who is absent, what-if sets, papers made by a worker, and what is on record of an applicant."""

from typing import Any

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from evaluation.enums import ConductKind, PaperKind
from evaluation.models.committee import Meeting
from ibnportal.core.accounts.enums import Role


class MeetingAbsence(models.Model):
    """A member of a meeting who is not there; whoever is not noted here takes part (quorum)."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="absences")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    noted_at = models.DateTimeField("genoteerd op")
    noted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        """Absent once a meeting."""

        verbose_name = "afwezigheid"
        constraints = (models.UniqueConstraint(fields=("meeting", "member"), name="absent_once_a_meeting"),)

    def __str__(self) -> str:
        """Who is absent where."""
        return f"{self.member} is afwezig op {self.meeting}"


class WhatIf(models.Model):
    """A named set of dossiers with an amount each, to lay beside another set (P2-EVA-06); it decides nothing."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="what_ifs")
    name = models.CharField("naam", max_length=80)
    made_at = models.DateTimeField("gemaakt op")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        """A name once a meeting."""

        verbose_name = "denkoefening"
        ordering = ("made_at", "pk")
        constraints = (models.UniqueConstraint(fields=("meeting", "name"), name="what_if_name_once"),)

    def __str__(self) -> str:
        """Its name."""
        return self.name


class WhatIfLine(models.Model):
    """One dossier in a what-if set."""

    what_if = models.ForeignKey(WhatIf, on_delete=models.CASCADE, related_name="lines")
    application = models.ForeignKey("applications.Application", on_delete=models.CASCADE, related_name="+")
    amount = models.DecimalField("bedrag", max_digits=14, decimal_places=2)

    class Meta:
        """A dossier once a set."""

        verbose_name = "dossier in een denkoefening"
        constraints = (
            models.UniqueConstraint(fields=("what_if", "application"), name="what_if_dossier_once"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="what_if_amount_not_negative"),
        )

    def __str__(self) -> str:
        """Dossier and amount."""
        return f"{self.application_id}: {self.amount}"


class CommitteePaperQuerySet(models.QuerySet["CommitteePaper"]):
    """Reads of papers."""

    def visible_to(self, user: Any) -> "CommitteePaperQuerySet":
        """The secretary sees all; the case team the minutes; a member the minutes of the own meetings, and the own bundles, until the term.

        Nobody sees a paper in which a dossier stands that is barred to them: a page cannot be torn out of it.
        """
        if user is None or not user.is_authenticated or not user.is_active:
            return self.none()
        own = Q(requested_by=user)
        if user.has_role(Role.SECRETARY, Role.ADMINISTRATOR):
            papers = self
        elif user.has_role(Role.CASE_HANDLER):
            papers = self.filter(own | Q(kind=PaperKind.MINUTES))
        elif user.has_role(Role.COMMITTEE_MEMBER):
            papers = self.filter(own | Q(kind=PaperKind.MINUTES, meeting__members=user)).distinct()
            papers = papers.filter(meeting__in=Meeting.objects.open_to_members().values("pk"))
        else:
            return self.none()
        barred = user.dossier_bars.filter(lifted_at__isnull=True).values_list("application__number", flat=True)
        for number in barred:
            named = [{"number": number}]
            papers = papers.exclude(content__dossiers__contains=named).exclude(content__points__contains=named)
        return papers


class CommitteePaper(models.Model):
    """Minutes or a bundle of dossiers, asked for once and made by a worker; `content` is frozen when it is asked for.

    A bundle is for one person (`for_name`), whose name and the moment stand on every page.
    """

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="papers")
    kind = models.CharField("soort", max_length=12, choices=PaperKind)
    version = models.PositiveIntegerField("versie")
    content = models.JSONField("inhoud")
    for_name = models.CharField("voor", max_length=200, blank=True)
    purpose = models.CharField("waarvoor", max_length=300, blank=True)
    requested_at = models.DateTimeField("gevraagd op")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    file = models.ForeignKey("files.StoredFile", on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    made_at = models.DateTimeField("gemaakt op", null=True, blank=True)

    objects = CommitteePaperQuerySet.as_manager()

    class Meta:
        """Newest first; a made paper has its file."""

        verbose_name = "stuk van een vergadering"
        verbose_name_plural = "stukken van een vergadering"
        ordering = ("-requested_at", "-pk")
        constraints = (
            models.UniqueConstraint(fields=("meeting", "kind", "version"), name="committee_paper_version_once"),
            models.CheckConstraint(
                condition=Q(made_at__isnull=True, file__isnull=True) | Q(made_at__isnull=False, file__isnull=False),
                name="paper_made_has_file",
            ),
            models.CheckConstraint(condition=Q(kind="minutes") | Q(for_name__gt=""), name="bundle_is_for_somebody"),
        )
        triggers = (
            pgtrigger.ReadOnly(name="paper_content_is_frozen", fields=["meeting", "kind", "version", "content"]),
        )

    def __str__(self) -> str:
        """Kind and version."""
        return f"{self.get_kind_display()}, versie {self.version}"


class ConductRecord(models.Model):
    """Something on record of an applicant that the committee may weigh apart from the evaluation (P2-EVA-05)."""

    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="conduct_records")
    kind = models.CharField("soort", max_length=14, choices=ConductKind)
    happened_on = models.DateField("datum van het feit")
    text = models.TextField("feit")
    source = models.CharField("bron", max_length=300)
    noted_at = models.DateTimeField("genoteerd op")
    noted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        """Newest fact first; a fact has a source."""

        verbose_name = "eerder gedrag"
        ordering = ("-happened_on", "-pk")
        constraints = (
            models.CheckConstraint(condition=Q(text__gt="", source__gt=""), name="conduct_has_text_and_source"),
        )
        triggers = (pgtrigger.Protect(name="conduct_is_kept", operation=pgtrigger.Update | pgtrigger.Delete),)

    def __str__(self) -> str:
        """Kind and organisation."""
        return f"{self.get_kind_display()}: {self.organisation}"
