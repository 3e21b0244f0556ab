"""A blob is bytes, named by their SHA-256; a stored file is one person's upload of such bytes under a name."""

from django.conf import settings
from django.db import models

from ibnportal.core.files.kinds import FileKind


class Blob(models.Model):
    """The register of the store: a row comes before its file, so that a file without a row is rubbish."""

    sha256 = models.CharField(primary_key=True, max_length=64)
    size = models.BigIntegerField("bytes")

    class Meta:
        verbose_name = "inhoud"
        verbose_name_plural = "inhouden"
        constraints = [
            models.CheckConstraint(condition=models.Q(sha256__regex=r"^[0-9a-f]{64}$"), name="blob_sha256"),
            models.CheckConstraint(condition=models.Q(size__gt=0), name="blob_not_empty"),
        ]

    def __str__(self) -> str:
        return self.sha256


class StoredFile(models.Model):
    """A file in a dossier. Never changed: a new upload is a new row."""

    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="files", verbose_name="inhoud")
    name = models.CharField("naam", max_length=150)
    content_type = models.CharField("type", max_length=100)
    kind = models.CharField("soort", max_length=20, choices=FileKind.choices)
    pages = models.PositiveIntegerField("bladzijden", null=True, blank=True, help_text="alleen bij een PDF")
    stored_at = models.DateTimeField("bewaard op")
    stored_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="bewaard door"
    )

    class Meta:
        verbose_name = "bestand"
        verbose_name_plural = "bestanden"
        ordering = ["-stored_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(stored_at__isnull=False, stored_by__isnull=False),
                name="storedfile_stored_at_with_by",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def sha256(self) -> str:
        """The hash of the content."""
        return self.blob_id

    @property
    def size(self) -> int:
        """Bytes; costs a query unless the blob was selected too."""
        return self.blob.size
