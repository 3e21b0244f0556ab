"""Pre-discussions: an idea that may not fit, talked through with the agency before the pre-registration (PRE-01 ... PRE-03)."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from calls.enums import PrediscussionState
from ibnportal.core import clock
from ibnportal.core.accounts.enums import Role


class PrediscussionSlot(models.Model):
    """A time on one of the days for pre-discussions that one idea can have (DAT-02)."""

    call = models.ForeignKey(
        "calls.Call", on_delete=models.CASCADE, related_name="prediscussion_slots", verbose_name="oproep"
    )
    starts_at = models.DateTimeField("van")
    ends_at = models.DateTimeField("tot")
    place = models.CharField("plaats", max_length=120, blank=True, help_text="Een lokaal, of “online”.")

    class Meta:
        """No two at once at one place."""

        verbose_name = "moment voor een voorbespreking"
        verbose_name_plural = "momenten voor voorbesprekingen"
        ordering = ("starts_at", "place")
        constraints = (
            models.UniqueConstraint(fields=("call", "starts_at", "place"), name="prediscussion_slot_once"),
            models.CheckConstraint(
                condition=Q(starts_at__lt=models.F("ends_at")), name="prediscussion_slot_has_length"
            ),
        )

    def __str__(self) -> str:
        """Day, hour and place."""
        return f"{clock.local(self.starts_at):%d/%m/%Y %H.%M} {self.place}".strip()


class PrediscussionQuerySet(models.QuerySet["Prediscussion"]):
    """Reads of pre-discussions; an idea is confidential."""

    def visible_to(self, user: Any) -> "PrediscussionQuerySet":
        """Those of one's own organisations; all for case handlers and administrators; nothing for anybody else."""
        if user is None or not user.is_authenticated or not user.is_active:
            return self.none()
        if user.has_role(Role.CASE_HANDLER, Role.ADMINISTRATOR):
            return self
        return self.filter(organisation_id__in=user.organisation_ids)


class Prediscussion(models.Model):
    """One request, the time it got and the advice that was given; advice binds nobody and is kept."""

    call = models.ForeignKey(
        "calls.Call", on_delete=models.PROTECT, related_name="prediscussions", verbose_name="oproep"
    )
    organisation = models.ForeignKey(
        "accounts.Organisation", on_delete=models.PROTECT, related_name="prediscussions", verbose_name="aanvrager"
    )
    state = models.CharField("status", max_length=12, choices=PrediscussionState, default=PrediscussionState.ASKED)
    title = models.CharField("werktitel", max_length=200)
    idea = models.TextField("idee")
    doubts = models.TextField("vragen en twijfels")
    file = models.ForeignKey(
        "files.StoredFile", on_delete=models.PROTECT, related_name="+", verbose_name="ingevuld sjabloon", null=True, blank=True
    )  # fmt: skip
    asked_at = models.DateTimeField("gevraagd op")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    slot = models.OneToOneField(
        PrediscussionSlot, on_delete=models.PROTECT, related_name="prediscussion", verbose_name="moment", null=True, blank=True
    )  # fmt: skip
    planned_at = models.DateTimeField("gepland op", null=True, blank=True)
    planned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    advice = models.TextField("advies", blank=True)
    advised_at = models.DateTimeField("advies op", null=True, blank=True)
    advised_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )

    objects = PrediscussionQuerySet.as_manager()

    class Meta:
        """A slot holds one idea; what was planned or advised has who and when."""

        verbose_name = "voorbespreking"
        verbose_name_plural = "voorbesprekingen"
        ordering = ("-asked_at", "-id")
        constraints = (
            models.CheckConstraint(
                condition=Q(slot__isnull=True, planned_at__isnull=True, planned_by__isnull=True)
                | Q(slot__isnull=False, planned_at__isnull=False, planned_by__isnull=False),
                name="prediscussion_planned_has_who_and_when",
            ),
            models.CheckConstraint(
                condition=Q(advice="", advised_at__isnull=True, advised_by__isnull=True)
                | Q(advice__gt="", advised_at__isnull=False, advised_by__isnull=False),
                name="prediscussion_advice_has_who_and_when",
            ),
            models.CheckConstraint(
                condition=~Q(state=PrediscussionState.ADVISED) | Q(advised_at__isnull=False),
                name="prediscussion_advised_has_advice",
            ),
            models.CheckConstraint(
                condition=~Q(state=PrediscussionState.PLANNED) | Q(slot__isnull=False),
                name="prediscussion_planned_has_a_slot",
            ),
            models.CheckConstraint(
                condition=~Q(state=PrediscussionState.WITHDRAWN) | Q(slot__isnull=True),
                name="prediscussion_withdrawn_frees_its_slot",
            ),
        )

    def __str__(self) -> str:
        """Title and organisation."""
        return f"{self.title} ({self.organisation})"
