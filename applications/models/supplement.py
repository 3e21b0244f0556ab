"""A request to complete a dossier, with each thing that is asked and the answer while it is being written (manual 5.3.2)."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from applications.enums import ItemPart
from calls.enums import PhaseNumber


class Supplement(models.Model):
    """Itemised, sent once a phase, due after the call's working days (P2-COM-01 ... 06).

    Until it is answered, `answer`, `annex` and `budget_file` are a draft that the applicant's people share; `version` detects
    two of them in one text. The corrected budget was read when it was uploaded, and is read again when it is handed in.
    """

    application = models.ForeignKey("applications.Application", on_delete=models.PROTECT, related_name="supplements")
    phase = models.PositiveSmallIntegerField("fase", choices=PhaseNumber, default=PhaseNumber.FULL_DOSSIER)
    asks_budget = models.BooleanField("vraagt een gecorrigeerde begroting", default=False)
    asked_at = models.DateTimeField("gevraagd op")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    due_at = models.DateTimeField("uiterlijk op")
    remind_on = models.DateField("herinneren op", null=True, blank=True)
    reminded_at = models.DateTimeField("herinnerd op", null=True, blank=True)
    answer = models.TextField("antwoord", blank=True)
    annex = models.ForeignKey("files.StoredFile", on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    budget_file = models.ForeignKey(
        "files.StoredFile",
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name="gecorrigeerde begroting",
        null=True,
        blank=True,
    )
    version = models.PositiveIntegerField("versie van het antwoord", default=0)
    saved_at = models.DateTimeField("bewaard op", null=True, blank=True)
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    answered_at = models.DateTimeField("beantwoord op", null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )

    class Meta:
        """Once a phase; answered in time, by someone."""

        verbose_name = "vervollediging"
        verbose_name_plural = "vervolledigingen"
        ordering = ("phase",)
        constraints = (
            models.UniqueConstraint(fields=("application", "phase"), name="supplement_once_per_phase"),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, answered_by__isnull=True)
                | Q(answered_at__isnull=False, answered_by__isnull=False),
                name="supplement_answered_pair",
            ),
            models.CheckConstraint(
                condition=Q(saved_at__isnull=True, saved_by__isnull=True)
                | Q(saved_at__isnull=False, saved_by__isnull=False),
                name="supplement_saved_pair",
            ),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True) | Q(answered_at__lte=F("due_at")), name="supplement_in_time"
            ),
        )

    def __str__(self) -> str:
        """Which application."""
        return f"Vervollediging van {self.application_id}"


class SupplementItem(models.Model):
    """One thing that is missing, and the part of the dossier that it opens; nothing else opens (P2-COM-01, P2-COM-04).

    `code` is the section's code or the annex's kind. For a section, `answers` maps the codes of its questions to what the
    applicant now answers; a question that is not in it stays as it was handed in.
    """

    supplement = models.ForeignKey(Supplement, on_delete=models.CASCADE, related_name="items")
    position = models.PositiveSmallIntegerField("volgorde")
    text = models.TextField("wat gevraagd is")
    part = models.CharField("onderdeel", max_length=10, choices=ItemPart, default=ItemPart.QUESTION)
    code = models.CharField("code van het onderdeel", max_length=40, blank=True)
    answer = models.TextField("antwoord", blank=True)
    answers = models.JSONField("nieuwe antwoorden", default=dict, blank=True)
    file = models.ForeignKey("files.StoredFile", on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    version = models.PositiveIntegerField("versie", default=0)
    saved_at = models.DateTimeField("bewaard op", null=True, blank=True)
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )

    class Meta:
        """In the order in which they were asked."""

        verbose_name = "gevraagd punt"
        ordering = ("position",)
        constraints = (
            models.UniqueConstraint(fields=("supplement", "position"), name="supplement_item_position_once"),
            models.CheckConstraint(
                condition=Q(saved_at__isnull=True, saved_by__isnull=True)
                | Q(saved_at__isnull=False, saved_by__isnull=False),
                name="supplement_item_saved_pair",
            ),
            models.CheckConstraint(
                condition=Q(part="question", code="") | (~Q(part="question") & Q(code__gt="")),
                name="supplement_item_part_has_code",
            ),
        )

    def __str__(self) -> str:
        """What is asked."""
        return self.text

    @property
    def is_answered(self) -> bool:
        """Whether anything was written or uploaded for it."""
        return bool(self.answer or self.answers or self.file_id)
