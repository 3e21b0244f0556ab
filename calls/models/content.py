"""What a call asks, scores and measures: questions, criteria, scale, knock-outs, KPI definitions, published facts."""

from django.db import models

from calls.enums import AnswerType, KpiArea, KpiKind, PhaseNumber, UploadFormat
from calls.models.frozen import frozen_with_its_call
from ibnportal.core import clock


class Section(models.Model):
    """A section of the mandatory template of one phase (P1-SUB-04): order and content are the call's."""

    call = models.ForeignKey("calls.Call", on_delete=models.CASCADE, related_name="sections", verbose_name="oproep")
    phase = models.PositiveSmallIntegerField("fase", choices=PhaseNumber)
    code = models.SlugField("code", max_length=40)
    title = models.CharField("titel", max_length=160)
    intro = models.TextField("inleiding", blank=True)
    position = models.PositiveSmallIntegerField("volgorde")

    class Meta:
        """In the order of the template."""

        verbose_name = "onderdeel"
        verbose_name_plural = "onderdelen"
        ordering = ("phase", "position")
        constraints = (
            models.UniqueConstraint(fields=("call", "phase", "code"), name="section_code_once"),
            models.UniqueConstraint(fields=("call", "phase", "position"), name="section_position_once"),
        )
        triggers = (frozen_with_its_call(),)

    def __str__(self) -> str:
        """Its title."""
        return self.title


class Question(models.Model):
    """One question of a section; a required one must be answered before submitting."""

    section = models.ForeignKey(Section, on_delete=models.CASCADE, related_name="questions", verbose_name="onderdeel")
    code = models.SlugField("code", max_length=40)
    label = models.CharField("vraag", max_length=300)
    help_text = models.TextField("toelichting", blank=True)
    answer_type = models.CharField("antwoord", max_length=12, choices=AnswerType, default=AnswerType.LONG_TEXT)
    choices = models.JSONField("keuzes", default=list, blank=True, help_text="Lijst van [code, label].")
    word_limit = models.PositiveIntegerField("hoogste aantal woorden", null=True, blank=True)
    upload_format = models.CharField(
        "soort bestand",
        max_length=8,
        choices=UploadFormat,
        default=UploadFormat.PDF,
        help_text="Enkel bij een bestand.",
    )
    page_limit = models.PositiveIntegerField(
        "hoogste aantal bladzijden", null=True, blank=True, help_text="Enkel bij een PDF."
    )
    is_required = models.BooleanField("verplicht", default=True)
    position = models.PositiveSmallIntegerField("volgorde")

    class Meta:
        """In the order of the template."""

        verbose_name = "vraag"
        verbose_name_plural = "vragen"
        ordering = ("section", "position")
        constraints = (models.UniqueConstraint(fields=("section", "code"), name="question_code_once"),)
        triggers = (frozen_with_its_call(through="section"),)

    def __str__(self) -> str:
        """The question itself."""
        return self.label


class Dimension(models.Model):
    """One of the dimensions on which dossiers are judged (P2-CRI-01), with its weight in the total."""

    call = models.ForeignKey("calls.Call", on_delete=models.CASCADE, related_name="dimensions", verbose_name="oproep")
    code = models.SlugField("code", max_length=40)
    label = models.CharField("naam", max_length=120)
    weight = models.PositiveSmallIntegerField("gewicht", default=1)
    position = models.PositiveSmallIntegerField("volgorde")

    class Meta:
        """In the order of the manual."""

        verbose_name = "dimensie"
        verbose_name_plural = "dimensies"
        ordering = ("position",)
        constraints = (models.UniqueConstraint(fields=("call", "code"), name="dimension_code_once"),)
        triggers = (frozen_with_its_call(),)

    def __str__(self) -> str:
        """Its name."""
        return self.label


class Criterion(models.Model):
    """A leaf of the criterion tree (P2-CRI-02 ... 17); `group` is the heading between dimension and leaf."""

    dimension = models.ForeignKey(Dimension, on_delete=models.CASCADE, related_name="criteria", verbose_name="dimensie")
    code = models.CharField("code", max_length=40)
    group = models.CharField("groep", max_length=120, blank=True)
    label = models.CharField("naam", max_length=160)
    guidance = models.TextField("leidraad", blank=True)
    weight = models.PositiveSmallIntegerField("gewicht", default=1)
    position = models.PositiveSmallIntegerField("volgorde")

    class Meta:
        """In the order of the manual."""

        verbose_name = "criterium"
        verbose_name_plural = "criteria"
        ordering = ("dimension__position", "position")
        constraints = (models.UniqueConstraint(fields=("dimension", "code"), name="criterion_code_once"),)
        triggers = (frozen_with_its_call(through="dimension"),)

    def __str__(self) -> str:
        """Its name."""
        return self.label


class ScaleStep(models.Model):
    """A step of the call's ordinal scale (P2-CRI-21, AMB-17); a higher value is better."""

    call = models.ForeignKey("calls.Call", on_delete=models.CASCADE, related_name="scale", verbose_name="oproep")
    code = models.SlugField("code", max_length=40)
    label = models.CharField("naam", max_length=80)
    value = models.SmallIntegerField("waarde")
    meaning = models.CharField("betekenis", max_length=300, blank=True)

    class Meta:
        """Best first."""

        verbose_name = "score op de schaal"
        verbose_name_plural = "schaal"
        ordering = ("-value",)
        constraints = (
            models.UniqueConstraint(fields=("call", "code"), name="scale_code_once"),
            models.UniqueConstraint(fields=("call", "value"), name="scale_value_once"),
        )
        triggers = (frozen_with_its_call(),)

    def __str__(self) -> str:
        """Its name."""
        return self.label


class KnockoutRule(models.Model):
    """`min_count` or more scores of exactly `step` within `dimension` knock a dossier out (H-07, AMB-21)."""

    call = models.ForeignKey(
        "calls.Call", on_delete=models.CASCADE, related_name="knockout_rules", verbose_name="oproep"
    )
    dimension = models.ForeignKey(Dimension, on_delete=models.CASCADE, related_name="+", verbose_name="dimensie")
    step = models.ForeignKey(ScaleStep, on_delete=models.CASCADE, related_name="+", verbose_name="score")
    min_count = models.PositiveSmallIntegerField("vanaf aantal", default=1)

    class Meta:
        """One rule a dimension and step."""

        verbose_name = "uitsluitingsregel"
        verbose_name_plural = "uitsluitingsregels"
        ordering = ("dimension__position", "-step__value")
        constraints = (
            models.UniqueConstraint(fields=("call", "dimension", "step"), name="knockout_rule_once"),
            models.CheckConstraint(condition=models.Q(min_count__gte=1), name="knockout_counts_at_least_one"),
        )
        triggers = (frozen_with_its_call(),)

    def __str__(self) -> str:
        """The rule in words."""
        return f"{self.min_count} of meer keer “{self.step}” op {self.dimension}"


class KpiDefinition(models.Model):
    """An indicator that every network of the call reports (KPI-07 ... 09, HK-01 ... 03, AMB-19)."""

    call = models.ForeignKey(
        "calls.Call", on_delete=models.CASCADE, related_name="kpi_definitions", verbose_name="oproep"
    )
    code = models.SlugField("code", max_length=40)
    label = models.CharField("naam", max_length=200)
    definition = models.TextField("definitie", blank=True)
    kind = models.CharField("soort", max_length=10, choices=KpiKind)
    area = models.CharField("domein", max_length=12, choices=KpiArea, blank=True)
    is_mandatory = models.BooleanField("verplicht", default=True)
    min_parties = models.PositiveSmallIntegerField("minstens partijen", default=0)
    min_companies = models.PositiveSmallIntegerField("minstens ondernemingen", default=0)
    only_started = models.BooleanField("enkel opgestarte", default=False)
    position = models.PositiveSmallIntegerField("volgorde")

    class Meta:
        """In the order of the manual."""

        verbose_name = "indicator"
        verbose_name_plural = "indicatoren"
        ordering = ("position",)
        constraints = (models.UniqueConstraint(fields=("call", "code"), name="kpi_code_once"),)
        triggers = (frozen_with_its_call(),)

    def __str__(self) -> str:
        """Its name."""
        return self.label


class PublishedFact(models.Model):
    """A figure or statement about a call or the programme as one source printed it.

    Several sources stand side by side under one `subject`; `is_reading` marks the one the portal takes.
    """

    call = models.ForeignKey(
        "calls.Call", null=True, blank=True, on_delete=models.CASCADE, related_name="facts", verbose_name="oproep"
    )
    subject = models.SlugField("onderwerp", max_length=80)
    label = models.CharField("omschrijving", max_length=200)
    value = models.CharField("waarde, zoals gepubliceerd", max_length=200)
    number = models.DecimalField("getal", max_digits=14, decimal_places=2, null=True, blank=True)
    source = models.CharField("bron", max_length=300)
    stated_on = models.DateField("gezegd op", null=True, blank=True, help_text="leeg: de bron drukt geen dag")
    recorded_at = models.DateTimeField("vastgelegd op", default=clock.now, editable=False)
    is_reading = models.BooleanField("gekozen lezing", default=True)
    note = models.TextField("opmerking", blank=True)

    class Meta:
        """Sources of one subject together, the chosen reading first."""

        verbose_name = "gepubliceerd feit"
        verbose_name_plural = "gepubliceerde feiten"
        ordering = ("subject", "-is_reading", "source")
        constraints = (
            models.UniqueConstraint(
                fields=("call", "subject", "source"), name="fact_once_per_source", nulls_distinct=False
            ),
            models.UniqueConstraint(
                fields=("call", "subject"),
                condition=models.Q(is_reading=True),
                name="fact_one_reading",
                nulls_distinct=False,
            ),
        )

    def __str__(self) -> str:
        """Label and value."""
        return f"{self.label}: {self.value}"
