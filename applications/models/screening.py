"""Who screens a dossier, and who has it open."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class DossierHandler(models.Model):
    """A case handler took a dossier up, or was given it, until somebody else did (ROL-10)."""

    application = models.ForeignKey("applications.Application", on_delete=models.CASCADE, related_name="handlers")
    handler = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="handled_dossiers")
    since_at = models.DateTimeField("sinds")
    since_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    until_at = models.DateTimeField("tot", null=True, blank=True)

    class Meta:
        """One handler at a time."""

        verbose_name = "dossierbehandelaar van een dossier"
        constraints = (
            models.UniqueConstraint(
                fields=("application",), condition=Q(until_at__isnull=True), name="one_handler_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(until_at__isnull=True) | Q(until_at__gte=F("since_at")), name="handler_until_after_since"
            ),
        )

    def __str__(self) -> str:
        """Who has which dossier."""
        return f"{self.handler} behandelt {self.application_id}"


class ScreeningVisit(models.Model):
    """Somebody has the screening of a dossier open: since when, and when last seen there."""

    application = models.ForeignKey("applications.Application", on_delete=models.CASCADE, related_name="visits")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    came_at = models.DateTimeField("geopend op")
    seen_at = models.DateTimeField("laatst gezien op")

    class Meta:
        """One row a person and dossier."""

        verbose_name = "open scherm"
        constraints = (models.UniqueConstraint(fields=("application", "user"), name="one_visit_per_person"),)

    def __str__(self) -> str:
        """Who looks at what."""
        return f"{self.user} bij {self.application_id}"
