"""Experts, their declarations, conflicts and scores (manual 5.3.3, 6)."""

from datetime import date

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from applications.models import Application
from evaluation.enums import AssignmentState, DeclineKind, Expertise, VoidKind
from ibnportal.core.accounts.enums import Role


class ExpertProfile(models.Model):
    """What an external expert knows and for whom she works (ROL-11, P2-EVA-02)."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="expert_profile")
    expertise = models.CharField("expertise", max_length=10, choices=Expertise)
    domains = models.CharField(
        "domeinen",
        max_length=300,
        blank=True,
        help_text="Trefwoorden, gescheiden door komma's: bouw, circulaire economie.",
    )
    languages = models.CharField("talen", max_length=40, default="nl", help_text="Codes met komma's: nl, en.")
    employer = models.CharField("werkgever", max_length=200, blank=True)
    employer_number = models.CharField("ondernemingsnummer werkgever", max_length=10, blank=True)
    available_from = models.DateField("beschikbaar vanaf", null=True, blank=True)
    available_until = models.DateField("beschikbaar tot en met", null=True, blank=True)
    max_load = models.PositiveSmallIntegerField("hoogste aantal dossiers tegelijk", default=4)

    class Meta:
        """The pool; who is available has a beginning before the end."""

        verbose_name = "deskundige"
        verbose_name_plural = "deskundigen"
        constraints = (
            models.CheckConstraint(
                condition=Q(available_from__isnull=True)
                | Q(available_until__isnull=True)
                | Q(available_until__gte=F("available_from")),
                name="expert_available_in_order",
            ),
        )

    def __str__(self) -> str:
        """Whose profile."""
        return str(self.user)

    @property
    def kinds(self) -> tuple[Expertise, ...]:
        """Domain knowledge, cluster knowledge, or both (P2-EVA-02)."""
        return Expertise(self.expertise).kinds

    @property
    def tags(self) -> tuple[str, ...]:
        """The domains, one by one."""
        return tuple(tag for tag in (part.strip() for part in self.domains.split(",")) if tag)

    @property
    def speaks(self) -> frozenset[str]:
        """The codes of the languages."""
        return frozenset(code for code in (part.strip().lower() for part in self.languages.split(",")) if code)

    def is_available_on(self, day: date) -> bool:
        """Whether this day lies in the period that the expert gave."""
        return (self.available_from is None or self.available_from <= day) and (
            self.available_until is None or day <= self.available_until
        )


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    """Reads of assignments."""

    def visible_to(self, user) -> "AssignmentQuerySet":
        """An expert sees the own ones; case handlers, secretaries and administrators those of visible dossiers."""
        if user is None or not user.is_authenticated or not user.is_active:
            return self.none()
        if any(user.has_role(role) for role in (Role.CASE_HANDLER, Role.SECRETARY, Role.ADMINISTRATOR)):
            return self.filter(application__in=Application.objects.visible_to(user))
        barred = user.dossier_bars.filter(lifted_at__isnull=True).values("application_id")
        return self.filter(expert=user).exclude(application_id__in=barred)


class Assignment(models.Model):
    """One expert on one dossier: invited, declared, scored, handed in.

    Nothing of the dossier is visible before `declared_at` (CONF-02).
    """

    application = models.ForeignKey("applications.Application", on_delete=models.PROTECT, related_name="assignments")
    expert = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="assignments")
    state = models.CharField("status", max_length=10, choices=AssignmentState, default=AssignmentState.INVITED)
    state_changed_at = models.DateTimeField("status sinds", null=True, blank=True)
    invited_at = models.DateTimeField("uitgenodigd op")
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    due_on = models.DateField("scores verwacht tegen", null=True, blank=True)
    keeps_confidential = models.BooleanField("houdt alles vertrouwelijk", default=False)
    has_interest = models.BooleanField("heeft een belang", null=True, blank=True)
    interest_text = models.TextField("toelichting bij het belang", blank=True)
    declared_at = models.DateTimeField("verklaard op", null=True, blank=True)
    declaration_until = models.DateTimeField("verklaring geldt tot", null=True, blank=True)
    decline_kind = models.CharField("waarom geweigerd", max_length=12, choices=DeclineKind, blank=True)
    doubts_identity = models.BooleanField(
        "zeer sterke twijfel over eigen identiteit en dynamiek", null=True, blank=True
    )
    distorts_market = models.BooleanField("duidelijk risico op marktverstoring", null=True, blank=True)
    grounds_text = models.TextField("toelichting bij de uitsluitingsgronden", blank=True)
    handed_in_at = models.DateTimeField("ingediend op", null=True, blank=True)
    reopened_reason = models.TextField("reden van heropening", blank=True)
    void_kind = models.CharField("waarom vervallen", max_length=12, choices=VoidKind, blank=True)
    void_reason = models.TextField("reden van verval", blank=True)
    voided_from = models.CharField("status voor het verval", max_length=10, choices=AssignmentState, blank=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        """One assignment an expert and dossier; state and moments agree."""

        verbose_name = "toewijzing"
        verbose_name_plural = "toewijzingen"
        ordering = ("application", "invited_at")
        constraints = (
            models.UniqueConstraint(fields=("application", "expert"), name="expert_once_per_dossier"),
            models.CheckConstraint(
                condition=~Q(state__in=("declared", "handed_in"))
                | Q(declared_at__isnull=False, keeps_confidential=True, has_interest=False),
                name="assignment_declared_before_reading",
            ),
            models.CheckConstraint(
                condition=~Q(state="handed_in") | Q(handed_in_at__isnull=False), name="assignment_handed_in_has_moment"
            ),
            models.CheckConstraint(
                condition=Q(state="void", void_kind__gt="", void_reason__gt="") | ~Q(state="void"),
                name="assignment_void_has_reason",
            ),
        )

    @property
    def has_lost_scores(self) -> bool:
        """Whether scores that were handed in count no more because of a conflict; they are kept (P2-EVA-03)."""
        return (self.state, self.void_kind, self.voided_from) == (
            AssignmentState.VOID,
            VoidKind.CONFLICT,
            AssignmentState.HANDED_IN,
        )

    def __str__(self) -> str:
        """Who scores what."""
        return f"{self.expert} over {self.application}"


class Score(models.Model):
    """One expert's score on one criterion, with motivation (P2-CRI-20: 16 of them)."""

    assignment = models.ForeignKey(Assignment, on_delete=models.CASCADE, related_name="scores")
    criterion = models.ForeignKey("calls.Criterion", on_delete=models.PROTECT, related_name="+")
    step = models.ForeignKey("calls.ScaleStep", on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    motivation = models.TextField("motivering", blank=True)
    saved_at = models.DateTimeField("bewaard op")

    class Meta:
        """One score a criterion."""

        verbose_name = "score"
        verbose_name_plural = "scores"
        ordering = ("criterion__dimension__position", "criterion__position")
        constraints = (models.UniqueConstraint(fields=("assignment", "criterion"), name="score_once"),)
        triggers = (
            # Not even raw SQL writes a score before the declaration, after handing in, or past a conflict (CONF-02, P2-EVA-03).
            pgtrigger.Trigger(
                name="score_only_by_a_declared_expert",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                declare=[("held", "evaluation_assignment%ROWTYPE")],
                func=pgtrigger.Func(
                    """
                    SELECT * INTO held FROM evaluation_assignment WHERE id = NEW.assignment_id;
                    IF held.state <> 'declared' THEN
                        RAISE EXCEPTION 'no score while the assignment is %', held.state USING ERRCODE = 'check_violation';
                    END IF;
                    IF EXISTS (
                        SELECT 1 FROM evaluation_conflictfinding f
                        WHERE f.application_id = held.application_id AND f.person_id = held.expert_id AND f.waived_at IS NULL
                    ) THEN
                        RAISE EXCEPTION 'no score by a conflicted person' USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                    """
                ),
            ),
        )

    def __str__(self) -> str:
        """Criterion and step."""
        return f"{self.criterion}: {self.step}"


class ConflictFindingQuerySet(models.QuerySet["ConflictFinding"]):
    """Reads of findings."""

    def visible_to(self, user) -> "ConflictFindingQuerySet":
        """For the case team and administrators, on dossiers that they may see."""
        if user is None or not user.is_authenticated or not user.has_role(Role.CASE_HANDLER, Role.ADMINISTRATOR):
            return self.none()
        return self.filter(application__in=Application.objects.visible_to(user))

    def standing(self) -> "ConflictFindingQuerySet":
        """Those that no case handler waived."""
        return self.filter(waived_at__isnull=True)


class ConflictFinding(models.Model):
    """A tie that the portal found between a person and a dossier (P2-EVA-03); it blocks until waived with a reason."""

    application = models.ForeignKey("applications.Application", on_delete=models.CASCADE, related_name="conflicts")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="conflict_findings")
    ground = models.CharField("grond", max_length=60)
    evidence = models.CharField("bewijs", max_length=300)
    found_at = models.DateTimeField("gevonden op")
    waived_at = models.DateTimeField("opgeheven op", null=True, blank=True)
    waived_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    waive_reason = models.TextField("reden van opheffing", blank=True)

    objects = ConflictFindingQuerySet.as_manager()

    class Meta:
        """One finding a ground and evidence; a waiver has who, when and why."""

        verbose_name = "gevonden belangenconflict"
        verbose_name_plural = "gevonden belangenconflicten"
        constraints = (
            models.UniqueConstraint(
                fields=("application", "person", "ground", "evidence"), name="conflict_finding_once"
            ),
            models.CheckConstraint(
                condition=Q(waived_at__isnull=True, waived_by__isnull=True)
                | Q(waived_at__isnull=False, waived_by__isnull=False, waive_reason__gt=""),
                name="conflict_waived_by_someone_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(waived_by__isnull=True) | ~Q(waived_by=F("person")), name="conflict_waived_by_somebody_else"
            ),
        )

    def __str__(self) -> str:
        """Ground and person."""
        return f"{self.ground}: {self.person}"
