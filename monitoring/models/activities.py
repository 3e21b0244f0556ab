"""What a network does and who took part (ACT-01 ... 17, HK-12)."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from monitoring.enums import ActivityKind, Audience, Executor, PriceBasis


class Activity(models.Model):
    """One activity of a network: of what kind, for whom, by whom, at what price; the participants hang below."""

    network = models.ForeignKey("monitoring.Network", on_delete=models.PROTECT, related_name="activities")
    kind = models.CharField("soort", max_length=20, choices=ActivityKind)
    title = models.CharField("titel", max_length=200)
    starts_on = models.DateField("dag")
    ends_on = models.DateField("tot en met", null=True, blank=True)
    location = models.CharField("plaats", max_length=200, blank=True)
    description = models.TextField("beschrijving", blank=True)
    executor = models.CharField("uitgevoerd door", max_length=6, choices=Executor, default=Executor.OWN)
    price_basis = models.CharField("prijs", max_length=8, choices=PriceBasis)
    audience = models.CharField("voor wie", max_length=8, choices=Audience, default=Audience.MEMBERS)
    entry_conditions = models.CharField("voorwaarden om deel te nemen", max_length=500, blank=True)
    is_individual_service = models.BooleanField("individuele dienst voor één onderneming", default=False)
    is_under_other_article = models.BooleanField("steunbaar onder een ander artikel", default=False)
    entered_at = models.DateTimeField("ingevoerd op")
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        """Newest first; ends after it begins."""

        verbose_name = "activiteit"
        verbose_name_plural = "activiteiten"
        ordering = ("network", "-starts_on", "-id")
        constraints = (
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")), name="activity_ends_after_start"
            ),
        )

    def __str__(self) -> str:
        """Its title."""
        return self.title


class Participation(models.Model):
    """That an organisation took part in an activity, with how many people."""

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="participations")
    organisation = models.ForeignKey(
        "accounts.Organisation", on_delete=models.PROTECT, related_name="network_participations"
    )
    people = models.PositiveSmallIntegerField("aantal personen", default=1)

    class Meta:
        """Once an activity."""

        verbose_name = "deelname"
        verbose_name_plural = "deelnames"
        ordering = ("activity", "organisation__name")
        constraints = (
            models.UniqueConstraint(fields=("activity", "organisation"), name="participation_once"),
            models.CheckConstraint(condition=Q(people__gt=0), name="participation_of_somebody"),
        )

    def __str__(self) -> str:
        """Who."""
        return f"{self.organisation} bij {self.activity}"
