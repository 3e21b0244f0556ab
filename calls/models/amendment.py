"""A change to a call that is out: the only way, with its reason, its person and its moment (PRG-22, QA-09)."""

import pgtrigger
from django.conf import settings
from django.db import models

from calls.enums import AmendmentKind


class Amendment(models.Model):
    """One change of a published call, as everybody reads it; never changed itself.

    `changes` is a list of `{"what", "before", "after"}` in words; `rules` the version that it made, where figures changed.
    """

    call = models.ForeignKey("calls.Call", on_delete=models.PROTECT, related_name="amendments", verbose_name="oproep")
    number = models.PositiveSmallIntegerField("nummer")
    kind = models.CharField("soort", max_length=12, choices=AmendmentKind)
    reason = models.TextField("reden")
    changes = models.JSONField("wijzigingen", default=list)
    rules = models.OneToOneField(
        "calls.CallRules", on_delete=models.PROTECT, related_name="amendment", verbose_name="regels", null=True, blank=True
    )  # fmt: skip
    made_at = models.DateTimeField("gedaan op")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="gedaan door"
    )

    class Meta:
        """Newest first; kept as they are."""

        verbose_name = "wijziging van een oproep"
        verbose_name_plural = "wijzigingen van oproepen"
        ordering = ("call", "-number")
        constraints = (
            models.UniqueConstraint(fields=("call", "number"), name="amendment_number_once"),
            models.CheckConstraint(condition=~models.Q(reason=""), name="amendment_has_a_reason"),
        )
        triggers = (pgtrigger.Protect(name="amendment_is_kept", operation=pgtrigger.Update | pgtrigger.Delete),)

    def __str__(self) -> str:
        """Number and kind."""
        return f"Wijziging {self.number} van {self.call}: {self.get_kind_display().lower()}"
