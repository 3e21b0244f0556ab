"""How an advice came about: versions that a second person read, its conditions and its corrections of the budget."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from applications.models import Application
from calls.enums import CostType
from evaluation.enums import ConditionKind, ReadingOutcome
from evaluation.models.phase1 import Advice
from ibnportal.core.accounts.enums import Role


class AdviceVersionQuerySet(models.QuerySet["AdviceVersion"]):
    """Reads of versions."""

    def visible_to(self, user) -> "AdviceVersionQuerySet":
        """For the case team, on dossiers that they may see."""
        if user is None or not user.is_authenticated or not user.has_role(Role.CASE_HANDLER):
            return self.none()
        return self.filter(application__in=Application.objects.visible_to(user))

    def awaiting(self) -> "AdviceVersionQuerySet":
        """Those that nobody has read yet."""
        return self.filter(outcome="")


class AdviceVersion(models.Model):
    """One version of the advice on a full dossier as it was handed to a second reader; all of them are kept (P2-EVA-01).

    `content` is plain JSON with everything that was decided: scores, motivations, amounts, conditions. Only the reading is
    added to it later, by somebody else than the writer.
    """

    application = models.ForeignKey(
        "applications.Application", on_delete=models.PROTECT, related_name="advice_versions"
    )
    version = models.PositiveSmallIntegerField("versie")
    content = models.JSONField("inhoud")
    written_at = models.DateTimeField("geschreven op")
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField("tweede lezing", max_length=10, choices=ReadingOutcome, blank=True)
    remark = models.TextField("opmerking van de tweede lezer", blank=True)
    read_at = models.DateTimeField("gelezen op", null=True, blank=True)
    read_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )

    objects = AdviceVersionQuerySet.as_manager()

    class Meta:
        """Numbered per dossier; one waits at a time; four eyes."""

        verbose_name = "versie van een advies"
        verbose_name_plural = "versies van adviezen"
        ordering = ("application", "-version")
        constraints = (
            models.UniqueConstraint(fields=("application", "version"), name="advice_version_once"),
            models.UniqueConstraint(
                fields=("application",), condition=Q(outcome=""), name="one_advice_awaits_a_reader"
            ),
            models.CheckConstraint(
                condition=Q(outcome="", read_at__isnull=True, read_by__isnull=True)
                | Q(outcome__gt="", read_at__isnull=False, read_by__isnull=False),
                name="advice_read_by_someone",
            ),
            models.CheckConstraint(
                condition=Q(read_by__isnull=True) | ~Q(read_by=F("written_by")), name="advice_read_by_somebody_else"
            ),
            models.CheckConstraint(
                condition=~Q(outcome="returned") | Q(remark__gt=""), name="advice_returned_with_a_remark"
            ),
        )
        triggers = (
            pgtrigger.Protect(name="advice_versions_are_kept", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="read_advice_is_kept",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__outcome__gt="") | pgtrigger.Q(old__content__df=pgtrigger.F("new__content")),
            ),
        )

    def __str__(self) -> str:
        """Which version of which dossier."""
        return f"Advies over {self.application_id}, versie {self.version}"


class AdviceCondition(models.Model):
    """A condition that the agency proposes; the committee decides on it (P2-EVA-04)."""

    advice = models.ForeignKey(Advice, on_delete=models.CASCADE, related_name="proposed_conditions")
    kind = models.CharField("soort", max_length=10, choices=ConditionKind)
    text = models.TextField("voorwaarde")
    position = models.PositiveSmallIntegerField("volgorde")

    class Meta:
        """Start conditions first, as written."""

        verbose_name = "voorgestelde voorwaarde"
        verbose_name_plural = "voorgestelde voorwaarden"
        ordering = ("advice", "-kind", "position")
        constraints = (
            models.UniqueConstraint(fields=("advice", "kind", "position"), name="proposed_condition_position_once"),
        )

    def __str__(self) -> str:
        """The condition itself."""
        return self.text


class AdviceCorrection(models.Model):
    """What the agency accepts of the costs of one type over the whole project, and why less than was asked (P2-EVA-04)."""

    advice = models.ForeignKey(Advice, on_delete=models.CASCADE, related_name="corrections")
    cost_type = models.CharField("kostensoort", max_length=10, choices=CostType)
    requested = models.DecimalField("gevraagd", max_digits=14, decimal_places=2, help_text="euro, hele project")
    accepted = models.DecimalField("aanvaard", max_digits=14, decimal_places=2, help_text="euro, hele project")
    reason = models.TextField("reden")

    class Meta:
        """One correction a cost type, downwards, with a reason."""

        verbose_name = "correctie van de begroting"
        verbose_name_plural = "correcties van de begroting"
        ordering = ("advice", "cost_type")
        constraints = (
            models.UniqueConstraint(fields=("advice", "cost_type"), name="correction_once_per_cost_type"),
            models.CheckConstraint(
                condition=Q(accepted__gte=0, accepted__lt=F("requested")), name="correction_goes_down"
            ),
            models.CheckConstraint(condition=Q(reason__gt=""), name="correction_has_a_reason"),
        )

    def __str__(self) -> str:
        """Which cost type."""
        return f"{self.get_cost_type_display()}: {self.accepted} van {self.requested}"
