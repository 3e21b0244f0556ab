"""Two initiatives that go on as one (manual 5.2.3; P1-DEC-03)."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from applications.enums import ApplicationState


class Merger(models.Model):
    """`joining` went up in `lead`, which hands in the joint full dossier; both histories stay where they are.

    `state_before` is where `joining` returns to when the merger is undone.
    """

    lead = models.ForeignKey("applications.Application", on_delete=models.PROTECT, related_name="mergers")
    joining = models.ForeignKey("applications.Application", on_delete=models.PROTECT, related_name="joined_mergers")
    reason = models.TextField("reden")
    state_before = models.CharField("status voordien", max_length=30, choices=ApplicationState)
    merged_at = models.DateTimeField("samengevoegd op")
    merged_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    undone_at = models.DateTimeField("ongedaan gemaakt op", null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    undo_reason = models.TextField("reden van het ongedaan maken", blank=True)

    class Meta:
        """An initiative goes up in one other at most, and never in itself."""

        verbose_name = "samenvoeging"
        verbose_name_plural = "samenvoegingen"
        ordering = ("merged_at",)
        constraints = (
            models.UniqueConstraint(
                fields=("joining",), condition=Q(undone_at__isnull=True), name="merged_into_one_at_most"
            ),
            models.CheckConstraint(condition=~Q(lead=F("joining")), name="merger_of_two"),
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True, undone_by__isnull=True, undo_reason="")
                | Q(undone_at__isnull=False, undone_by__isnull=False, undo_reason__gt=""),
                name="merger_undone_pair",
            ),
        )

    def __str__(self) -> str:
        """Which into which."""
        return f"{self.joining_id} in {self.lead_id}"
