"""The work plan and the team of a full dossier, row by row (manual 4.2.1, 4.2.2, 5.3.1; DOC-08, ROL-05, DUR-08)."""

from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from applications.enums import Engagement
from applications.models.content import OwnDraftQuerySet


class WorkPackage(models.Model):
    """One package of work: what is done, by whom, in which months of the project, with how many person-months."""

    application = models.ForeignKey("applications.Application", on_delete=models.CASCADE, related_name="work_packages")
    position = models.PositiveSmallIntegerField("volgorde", default=0)
    title = models.CharField("titel", max_length=200)
    goal = models.TextField("doel", blank=True)
    activities = models.TextField("activiteiten", blank=True)
    lead = models.CharField("trekker", max_length=120, blank=True)
    start_month = models.PositiveSmallIntegerField("eerste maand", null=True, blank=True)
    end_month = models.PositiveSmallIntegerField("laatste maand", null=True, blank=True)
    person_months = models.DecimalField(
        "mensmaanden", max_digits=7, decimal_places=2, validators=(MinValueValidator(0),), null=True, blank=True
    )
    deliverables = models.TextField("resultaten die opgeleverd worden", blank=True)

    objects = OwnDraftQuerySet.as_manager()

    class Meta:
        """In the applicant's order; months are counted from 1 and do not run backwards."""

        verbose_name = "werkpakket"
        verbose_name_plural = "werkpakketten"
        ordering = ("position", "id")
        constraints = (
            models.CheckConstraint(
                condition=Q(start_month__isnull=True) | Q(start_month__gte=1), name="work_package_from_month_one"
            ),
            models.CheckConstraint(
                condition=Q(start_month__isnull=True) | Q(end_month__isnull=True) | Q(end_month__gte=F("start_month")),
                name="work_package_months_in_order",
            ),
            models.CheckConstraint(
                condition=Q(person_months__isnull=True) | Q(person_months__gte=0),
                name="work_package_person_months_not_negative",
            ),
        )

    def __str__(self) -> str:
        """Its title."""
        return self.title


class Milestone(models.Model):
    """A moment at which a result can be verified; of one package, or of the whole project."""

    application = models.ForeignKey("applications.Application", on_delete=models.CASCADE, related_name="milestones")
    package = models.ForeignKey(
        WorkPackage,
        on_delete=models.SET_NULL,
        related_name="milestones",
        verbose_name="werkpakket",
        null=True,
        blank=True,
    )
    month = models.PositiveSmallIntegerField("maand")
    title = models.CharField("mijlpaal", max_length=200)
    result = models.TextField("verifieerbaar resultaat", blank=True)

    objects = OwnDraftQuerySet.as_manager()

    class Meta:
        """By month."""

        verbose_name = "mijlpaal"
        verbose_name_plural = "mijlpalen"
        ordering = ("month", "id")
        constraints = (models.CheckConstraint(condition=Q(month__gte=1), name="milestone_from_month_one"),)

    def __str__(self) -> str:
        """Its title."""
        return self.title


class TeamMember(models.Model):
    """Somebody who carries out the project; one of them is the cluster manager (ROL-05)."""

    application = models.ForeignKey("applications.Application", on_delete=models.CASCADE, related_name="team_members")
    name = models.CharField("naam", max_length=120)
    function = models.CharField("functie", max_length=120, blank=True)
    fte = models.DecimalField(
        "VTE", max_digits=4, decimal_places=2, validators=(MinValueValidator(Decimal("0.01")), MaxValueValidator(1)),
        null=True, blank=True,
    )  # fmt: skip
    engagement = models.CharField("verband", max_length=10, choices=Engagement, default=Engagement.EMPLOYED)
    home_organisation = models.CharField("organisatie van herkomst", max_length=200, blank=True)
    experience = models.TextField("ervaring", blank=True)
    is_cluster_manager = models.BooleanField("clustermanager", default=False)
    is_main_task = models.BooleanField("hoofdopdracht", default=False)

    objects = OwnDraftQuerySet.as_manager()

    class Meta:
        """The cluster manager first; one of them."""

        verbose_name = "teamlid"
        verbose_name_plural = "teamleden"
        ordering = ("-is_cluster_manager", "name", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("application",), condition=Q(is_cluster_manager=True), name="team_one_cluster_manager"
            ),
            models.CheckConstraint(
                condition=Q(fte__isnull=True) | Q(fte__gt=0, fte__lte=1), name="team_fte_of_one_person"
            ),
            models.CheckConstraint(
                condition=Q(is_main_task=False) | Q(is_cluster_manager=True), name="team_main_task_of_the_manager"
            ),
        )

    def __str__(self) -> str:
        """Who."""
        return self.name
