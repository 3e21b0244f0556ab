"""What the applicant states about each condition that applies to this dossier (manual 3.4.2, 4.1, 4.2.2)."""

from django.conf import settings
from django.db import models

from applications.enums import ConditionCode
from applications.models.content import OwnDraftQuerySet


class ConditionStatement(models.Model):
    """One condition ticked or not, with the explanation; which apply follows from the dossier (`domain.conditions`)."""

    application = models.ForeignKey("applications.Application", on_delete=models.CASCADE, related_name="conditions")
    code = models.CharField("voorwaarde", max_length=24, choices=ConditionCode)
    is_declared = models.BooleanField("verklaard", default=False)
    explanation = models.TextField("toelichting", blank=True)
    stated_at = models.DateTimeField("op")
    stated_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = OwnDraftQuerySet.as_manager()

    class Meta:
        """Each condition once."""

        verbose_name = "verklaring over een voorwaarde"
        verbose_name_plural = "verklaringen over voorwaarden"
        constraints = (models.UniqueConstraint(fields=("application", "code"), name="condition_stated_once"),)

    def __str__(self) -> str:
        """Which condition."""
        return self.get_code_display()
