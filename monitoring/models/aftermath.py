"""What comes after the project: the plan asked in time, the final evaluation, and the label (MON-09, PRG-26, STA-09, H-31, LES-03)."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from monitoring.enums import PlanKind


class FuturePlan(models.Model):
    """How the network means to go on; the newest counts, the earlier ones stay."""

    network = models.ForeignKey("monitoring.Network", on_delete=models.PROTECT, related_name="future_plans")
    kind = models.CharField("richting", max_length=10, choices=PlanKind)
    text = models.TextField("plan")
    partner = models.CharField("met wie", max_length=200, blank=True)
    handed_in_at = models.DateTimeField("bezorgd op")
    handed_in_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        """Newest first; a merger names with whom; never changed."""

        verbose_name = "toekomstplan"
        verbose_name_plural = "toekomstplannen"
        ordering = ("network", "-handed_in_at", "-pk")
        constraints = (
            models.CheckConstraint(condition=~Q(kind="merge") | Q(partner__gt=""), name="merger_plan_names_partner"),
        )
        triggers = (pgtrigger.Protect(name="future_plan_is_kept", operation=pgtrigger.Update | pgtrigger.Delete),)

    def __str__(self) -> str:
        """Its direction."""
        return f"{self.get_kind_display()} van {self.network}"


class FinalEvaluation(models.Model):
    """The indicators at the end beside their targets, with a conclusion; made once, frozen (MON-09)."""

    network = models.OneToOneField("monitoring.Network", on_delete=models.PROTECT, related_name="final_evaluation")
    indicators = models.JSONField("indicatoren aan het einde")
    conclusion = models.TextField("besluit")
    concluded_at = models.DateTimeField("besloten op")
    concluded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        """Once a network."""

        verbose_name = "eindevaluatie"
        verbose_name_plural = "eindevaluaties"
        constraints = (models.CheckConstraint(condition=Q(conclusion__gt=""), name="final_evaluation_concludes"),)
        triggers = (pgtrigger.Protect(name="final_evaluation_is_kept", operation=pgtrigger.Update | pgtrigger.Delete),)

    def __str__(self) -> str:
        """Of which network."""
        return f"Eindevaluatie van {self.network}"


class LabelStatus(models.Model):
    """From a day on the network carries the label of the programme, or no longer does; with why (H-31)."""

    network = models.ForeignKey("monitoring.Network", on_delete=models.PROTECT, related_name="label_statuses")
    holds = models.BooleanField("voert het label")
    since = models.DateField("vanaf")
    reason = models.TextField("waarom")
    recorded_at = models.DateTimeField("genoteerd op")
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        """Newest first; with its reason; once a day."""

        verbose_name = "label"
        verbose_name_plural = "labels"
        ordering = ("network", "-since", "-pk")
        constraints = (
            models.UniqueConstraint(fields=("network", "since"), name="label_once_a_day"),
            models.CheckConstraint(condition=Q(reason__gt=""), name="label_has_reason"),
        )
        triggers = (pgtrigger.Protect(name="label_is_kept", operation=pgtrigger.Update | pgtrigger.Delete),)

    def __str__(self) -> str:
        """Whether and since when."""
        return f"{'Met' if self.holds else 'Zonder'} label sinds {self.since:%d/%m/%Y}"
