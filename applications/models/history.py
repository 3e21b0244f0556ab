"""Every text or file that an answer has had: who, when, and what it was restored from."""

import datetime as dt

from django.conf import settings
from django.db import models

# Keystrokes of one person within this time are one version: ten minutes of work is what one can bear to lose sight of.
SITTING = dt.timedelta(minutes=10)


class AnswerVersion(models.Model):
    """An answer as somebody left it; keystrokes of one sitting are one version, all else each its own.

    Where the answer is a file, `value` is its name and `file` the file itself; both are empty where it was taken out.
    """

    answer = models.ForeignKey("applications.Answer", on_delete=models.CASCADE, related_name="versions")
    version = models.PositiveIntegerField("versie")
    value = models.TextField("antwoord", blank=True)
    file = models.ForeignKey(
        "files.StoredFile", on_delete=models.PROTECT, related_name="+", verbose_name="bestand", null=True, blank=True
    )
    began_at = models.DateTimeField("begonnen op")
    saved_at = models.DateTimeField("bewaard op")
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    is_autosaved = models.BooleanField("bewaard tijdens het typen", default=False)
    restored_from = models.PositiveIntegerField("hersteld uit versie", null=True, blank=True)

    class Meta:
        """Newest first; a version once."""

        verbose_name = "versie van een antwoord"
        verbose_name_plural = "versies van antwoorden"
        ordering = ("-version",)
        constraints = (models.UniqueConstraint(fields=("answer", "version"), name="answer_version_once"),)

    def __str__(self) -> str:
        """Which version."""
        return f"Versie {self.version} van {self.answer_id}"
