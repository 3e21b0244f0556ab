"""One row per deed. Every subject has its own chain, so that two dossiers never wait on each other."""

import pgtrigger
from django.conf import settings
from django.db import models


class AuditEvent(models.Model):
    """Who did what to which subject, when and why.

    Append-only: triggers refuse UPDATE, DELETE and TRUNCATE. `hash` covers every column and the hash before it.
    """

    stream = models.CharField(
        "stroom", max_length=150, help_text="label en id van het onderwerp, bv. applications.letter:7"
    )
    seq = models.PositiveIntegerField("volgnummer")
    subject = models.CharField("onderwerp", max_length=200, blank=True)
    action = models.CharField("handeling", max_length=100)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="wie"
    )
    actor_label = models.CharField("wie (naam)", max_length=200)
    at = models.DateTimeField("wanneer")
    reason = models.TextField("waarom", blank=True)
    changes = models.JSONField("wijzigingen", default=dict, blank=True)
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        verbose_name = "gebeurtenis"
        verbose_name_plural = "gebeurtenissen"
        ordering = ["stream", "seq"]
        constraints = [
            models.UniqueConstraint(fields=["stream", "seq"], name="audit_seq_once_per_stream"),
            models.CheckConstraint(condition=models.Q(seq__gte=1), name="audit_seq_from_one"),
        ]
        indexes = [models.Index(fields=["-at"], name="audit_at"), models.Index(fields=["action"], name="audit_action")]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="no_truncate",
                operation=pgtrigger.Truncate,
                when=pgtrigger.Before,
                level=pgtrigger.Statement,
                func="RAISE EXCEPTION 'pgtrigger: Cannot truncate rows from % table', TG_TABLE_NAME;",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stream} #{self.seq} {self.action}"
