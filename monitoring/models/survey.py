"""What a survey among members gave, as published: one mean or share per question, measure and group (HE-06, HE-09, HE-10)."""

from django.db import models

from ibnportal.core import clock
from monitoring.enums import ProfileDimension


class SurveyFigure(models.Model):
    """One published figure of one survey; the answers behind it were never published, so it is never recomputed.

    `value` is empty where only words were printed ("bijna 80"); `is_inferred` where the group was read from the order of pages.
    """

    code = models.SlugField("code", max_length=20)
    survey = models.CharField("bevraging", max_length=120)
    question = models.CharField("vraag", max_length=8)
    measure = models.CharField("maat", max_length=120)
    scale = models.CharField("schaal", max_length=20, blank=True)
    dimension = models.CharField("profiel", max_length=16, choices=ProfileDimension, default=ProfileDimension.ALL)
    group = models.CharField("groep", max_length=60, blank=True)
    value = models.DecimalField("waarde", max_digits=7, decimal_places=2, null=True, blank=True)
    printed = models.CharField("zoals gepubliceerd", max_length=40)
    base = models.PositiveIntegerField("aantal antwoorden", null=True, blank=True)
    is_inferred = models.BooleanField("groep is afgeleid", default=False)
    source = models.CharField("bron", max_length=300)
    stated_on = models.DateField("gezegd op")
    recorded_at = models.DateTimeField("vastgelegd op", default=clock.now, editable=False)
    note = models.CharField("opmerking", max_length=300, blank=True)

    class Meta:
        """In the order of the questionnaire."""

        verbose_name = "cijfer uit een bevraging"
        verbose_name_plural = "cijfers uit een bevraging"
        ordering = ("survey", "code")
        constraints = (models.UniqueConstraint(fields=("survey", "code"), name="survey_figure_once"),)

    def __str__(self) -> str:
        """Measure, group and figure."""
        return f"{self.measure} ({self.group or 'alle leden'}): {self.printed}"
