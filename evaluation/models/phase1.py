"""Pitch and advice: what the agency brings to the committee (manual 5.2.3)."""

from django.conf import settings
from django.db import models
from django.db.models import Deferrable, F, Q

from calls.enums import PhaseNumber
from evaluation.enums import Recommendation


class Pitch(models.Model):
    """The slot of one initiative on the pitch days; no slot twice, no initiative twice (P1-PIT-03).

    A pitch is planned first and told afterwards: `invited_*` is what the applicant was last told, and `sequence` counts how
    often, for the calendar file. A pitch that falls away keeps its row, without a slot, so that the calendar can say so.
    """

    application = models.OneToOneField("applications.Application", on_delete=models.PROTECT, related_name="pitch")
    slot = models.ForeignKey(
        "calls.PitchSlot", on_delete=models.PROTECT, related_name="pitches", null=True, blank=True, db_index=False
    )
    booked_at = models.DateTimeField("geboekt op")
    booked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    invited_at = models.DateTimeField("uitgenodigd op", null=True, blank=True)
    invited_starts_at = models.DateTimeField("uitgenodigd voor", null=True, blank=True)
    invited_ends_at = models.DateTimeField("uitgenodigd tot", null=True, blank=True)
    invited_room = models.CharField("uitgenodigd in zaal", max_length=80, blank=True)
    sequence = models.PositiveIntegerField("volgnummer van de afspraak", default=0)
    cancelled_at = models.DateTimeField("vervallen op", null=True, blank=True)
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    cancel_reason = models.TextField("reden van het vervallen", blank=True)
    held_at = models.DateTimeField("gehouden op", null=True, blank=True)
    held_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    notes_support = models.TextField("voortraject en gedragenheid", blank=True)
    notes_objectives = models.TextField("doelstellingen en activiteiten", blank=True)
    notes_positioning = models.TextField("positionering", blank=True)
    notes_fit = models.TextField("aansluiting bij de oproep", blank=True)
    notes_version = models.PositiveIntegerField("versie van de notities", default=0)
    noted_at = models.DateTimeField("notities bewaard op", null=True, blank=True)
    noted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )

    class Meta:
        """Held by someone at some moment, and only with a slot."""

        verbose_name = "pitch"
        verbose_name_plural = "pitches"
        ordering = ("slot__starts_at",)
        constraints = (
            # Checked at the end of each statement, so that two pitches can trade places in one of them.
            models.UniqueConstraint(fields=("slot",), name="pitch_slot_given_once", deferrable=Deferrable.IMMEDIATE),
            models.CheckConstraint(
                condition=Q(slot__isnull=False, cancelled_at__isnull=True, cancelled_by__isnull=True)
                | Q(slot__isnull=True, cancelled_at__isnull=False, cancelled_by__isnull=False, held_at__isnull=True),
                name="pitch_cancelled_has_no_slot",
            ),
            models.CheckConstraint(
                condition=Q(held_at__isnull=True, held_by__isnull=True)
                | Q(held_at__isnull=False, held_by__isnull=False),
                name="pitch_held_pair",
            ),
            models.CheckConstraint(
                condition=Q(noted_at__isnull=True, noted_by__isnull=True)
                | Q(noted_at__isnull=False, noted_by__isnull=False),
                name="pitch_noted_pair",
            ),
            models.CheckConstraint(
                condition=Q(invited_at__isnull=True, invited_starts_at__isnull=True, invited_ends_at__isnull=True)
                | Q(invited_at__isnull=False, invited_starts_at__isnull=False, invited_ends_at__isnull=False),
                name="pitch_invited_for_a_moment",
            ),
        )

    def __str__(self) -> str:
        """Which initiative."""
        return f"Pitch van {self.application}"

    @property
    def is_cancelled(self) -> bool:
        """Whether it fell away."""
        return self.cancelled_at is not None

    @property
    def is_told(self) -> bool:
        """Whether the applicant knows the time and the room as they stand (or that the pitch falls away, or nothing yet)."""
        if self.slot is None:
            return self.invited_at is None
        told = (self.invited_starts_at, self.invited_ends_at, self.invited_room)
        return told == (self.slot.starts_at, self.slot.ends_at, self.slot.room)


class Advice(models.Model):
    """The agency's advice on one initiative in one phase (P1-DEC-01, P2-EVA-01)."""

    application = models.ForeignKey("applications.Application", on_delete=models.PROTECT, related_name="advices")
    phase = models.PositiveSmallIntegerField("fase", choices=PhaseNumber)
    recommendation = models.CharField("advies", max_length=10, choices=Recommendation)
    strengths = models.TextField("sterktes", blank=True)
    weaknesses = models.TextField("zwaktes", blank=True)
    conditions = models.TextField("voorgestelde voorwaarden", blank=True)
    text = models.TextField("motivering")
    merge_with = models.ForeignKey(
        "applications.Application",
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name="samenvoegen met",
        null=True,
        blank=True,
    )
    advised_amount = models.DecimalField("geadviseerde steun", max_digits=14, decimal_places=2, null=True, blank=True)
    doubts_identity = models.BooleanField("zeer sterke twijfel over eigen identiteit en dynamiek", default=False)
    distorts_market = models.BooleanField("duidelijk risico op marktverstoring", default=False)
    grounds_text = models.TextField("toelichting bij de uitsluitingsgronden", blank=True)
    given_at = models.DateTimeField("gegeven op")
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField("nagelezen op", null=True, blank=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )

    class Meta:
        """One advice a phase; merging names the other; who reads it is not who wrote it."""

        verbose_name = "advies"
        verbose_name_plural = "adviezen"
        constraints = (
            models.UniqueConstraint(fields=("application", "phase"), name="advice_once_per_phase"),
            models.CheckConstraint(
                condition=~Q(recommendation="merge") | Q(merge_with__isnull=False), name="advice_merge_names_the_other"
            ),
            models.CheckConstraint(
                condition=Q(doubts_identity=False, distorts_market=False) | Q(grounds_text__gt=""),
                name="advice_grounds_are_explained",
            ),
            models.CheckConstraint(
                condition=Q(approved_at__isnull=True, approved_by__isnull=True)
                | (Q(approved_at__isnull=False, approved_by__isnull=False) & ~Q(approved_by=F("given_by"))),
                name="advice_approved_by_somebody_else",
            ),
        )

    def __str__(self) -> str:
        """Which initiative and phase."""
        return f"Advies fase {self.phase} over {self.application}"


class PanelDraft(models.Model):
    """The panel's advice of phase 2 while it is being written, as typed; gone once the advice is given."""

    application = models.OneToOneField(
        "applications.Application", on_delete=models.PROTECT, related_name="panel_draft", primary_key=True
    )
    content = models.JSONField("zoals getypt", default=dict)
    saved_at = models.DateTimeField("bewaard op")
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        """One draft a dossier."""

        verbose_name = "advies in opmaak"

    def __str__(self) -> str:
        """Of which dossier."""
        return f"Advies in opmaak over {self.application_id}"


class PanelScore(models.Model):
    """The panel's score on one criterion, with its motivation: what ranking and decision sheet read."""

    advice = models.ForeignKey(Advice, on_delete=models.CASCADE, related_name="panel_scores")
    criterion = models.ForeignKey("calls.Criterion", on_delete=models.PROTECT, related_name="+")
    step = models.ForeignKey("calls.ScaleStep", on_delete=models.PROTECT, related_name="+")
    motivation = models.TextField("motivering")

    class Meta:
        """One score a criterion."""

        verbose_name = "panelscore"
        verbose_name_plural = "panelscores"
        ordering = ("criterion__dimension__position", "criterion__position")
        constraints = (models.UniqueConstraint(fields=("advice", "criterion"), name="panel_score_once"),)

    def __str__(self) -> str:
        """Criterion and step."""
        return f"{self.criterion}: {self.step}"
