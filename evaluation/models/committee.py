"""The committee's meetings and decisions, what they award, and the sheets made of them."""

from datetime import timedelta

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import ExpressionWrapper, F, OuterRef, Q, Subquery, Value

from applications.models import Application
from calls.enums import PhaseNumber
from calls.models import CallRules
from evaluation.enums import ConditionKind, ConditionTopic, DecisionKind, DecisionOrigin, DecisionOutcome, MeetingState
from ibnportal.core import clock
from ibnportal.core.accounts.enums import Role


class MeetingQuerySet(models.QuerySet["Meeting"]):
    """Reads of meetings."""

    def with_end(self) -> "MeetingQuerySet":
        """With `closes_at`: until when its members read it, so many days after the release; None without such a term (CONF-01, ROL-12)."""
        newest = CallRules.objects.filter(call=OuterRef("call_id")).order_by("-version")
        days = Subquery(newest.values("committee_access_days")[:1])
        term = ExpressionWrapper(days * Value(timedelta(days=1)), output_field=models.DurationField())
        return self.annotate(closes_at=ExpressionWrapper(F("released_at") + term, output_field=models.DateTimeField()))

    def open_to_members(self) -> "MeetingQuerySet":
        """Not released, or within the term after it."""
        return self.with_end().filter(Q(closes_at__isnull=True) | Q(closes_at__gte=clock.now()))

    def closed_to_members(self) -> "MeetingQuerySet":
        """Past that term."""
        return self.with_end().filter(Q(closes_at__lt=clock.now()))


class Meeting(models.Model):
    """A meeting of the decision committee on one phase of one call; nothing is visible before its release."""

    call = models.ForeignKey("calls.Call", on_delete=models.PROTECT, related_name="meetings")
    phase = models.PositiveSmallIntegerField("fase", choices=PhaseNumber)
    held_on = models.DateField("datum")
    starts_at = models.TimeField("begint om", null=True, blank=True)
    notes = models.TextField("mededelingen en andere punten", blank=True)
    location = models.CharField("plaats", max_length=200, blank=True)
    state = models.CharField("status", max_length=10, choices=MeetingState, default=MeetingState.PLANNED)
    state_changed_at = models.DateTimeField("status sinds", null=True, blank=True)
    ranking = models.ForeignKey(
        "evaluation.Ranking", on_delete=models.PROTECT, related_name="meetings", null=True, blank=True
    )
    members = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="meetings", blank=True)
    released_at = models.DateTimeField("bekendgemaakt op", null=True, blank=True)
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )

    objects = MeetingQuerySet.as_manager()

    class Meta:
        """Released by someone at some moment."""

        verbose_name = "vergadering"
        verbose_name_plural = "vergaderingen"
        ordering = ("-held_on",)
        constraints = (
            models.CheckConstraint(
                condition=Q(released_at__isnull=True, released_by__isnull=True, state="planned")
                | Q(released_at__isnull=False, released_by__isnull=False, state="released"),
                name="meeting_released_pair",
            ),
        )

    def __str__(self) -> str:
        """Call, phase and date."""
        return f"{self.call}, {self.get_phase_display().lower()}, {self.held_on:%d/%m/%Y}"


class CallCeiling(models.Model):
    """What a call may award and has awarded: the database refuses more (PRG-02, PRG-04).

    Written in the transaction of the decision; a race of two secretaries breaks on the CHECK.
    `review_extra_count` raises the maximum for awards after review, each with its recorded reason.
    """

    call = models.OneToOneField("calls.Call", on_delete=models.PROTECT, related_name="ceiling")
    budget = models.DecimalField("budget", max_digits=14, decimal_places=2)
    max_awards = models.PositiveSmallIntegerField("hoogste aantal")
    review_extra_count = models.PositiveSmallIntegerField("extra na herziening", default=0)
    awarded_amount = models.DecimalField("toegekend", max_digits=14, decimal_places=2, default=0)
    awarded_count = models.PositiveSmallIntegerField("aantal toegekend", default=0)

    class Meta:
        """Never above the budget, never above the maximum."""

        verbose_name = "plafond van de oproep"
        verbose_name_plural = "plafonds van oproepen"
        constraints = (
            models.CheckConstraint(condition=Q(awarded_amount__lte=F("budget")), name="awards_within_budget"),
            models.CheckConstraint(
                condition=Q(awarded_count__lte=F("max_awards") + F("review_extra_count")), name="awards_within_maximum"
            ),
            models.CheckConstraint(condition=Q(awarded_amount__gte=0), name="awards_not_negative"),
        )

    def __str__(self) -> str:
        """Which call."""
        return f"Plafond van {self.call}"


class DecisionQuerySet(models.QuerySet["Decision"]):
    """Reads of decisions."""

    def visible_to(self, user) -> "DecisionQuerySet":
        """Of visible dossiers; before its release only for the case team and the committee."""
        decisions = self.filter(application__in=Application.objects.visible_to(user))
        insiders = (Role.CASE_HANDLER, Role.SECRETARY, Role.COMMITTEE_MEMBER, Role.ADMINISTRATOR)
        if user is not None and user.is_authenticated and any(user.has_role(role) for role in insiders):
            return decisions
        return decisions.filter(released_at__isnull=False)

    def standing(self) -> "DecisionQuerySet":
        """Those that no later decision replaced."""
        return self.filter(superseded_by__isnull=True)


class Decision(models.Model):
    """One decision on one application; a later one (review) supersedes it and both are kept (H-12)."""

    application = models.ForeignKey("applications.Application", on_delete=models.PROTECT, related_name="decisions")
    kind = models.CharField("soort", max_length=14, choices=DecisionKind)
    outcome = models.CharField("beslissing", max_length=16, choices=DecisionOutcome)
    origin = models.CharField("aanleiding", max_length=10, choices=DecisionOrigin, default=DecisionOrigin.COMMITTEE)
    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="decisions", null=True, blank=True)
    rules = models.ForeignKey("calls.CallRules", on_delete=models.PROTECT, related_name="+")
    reason = models.TextField("motivering")
    deviation_reason = models.TextField("reden van afwijking van de rangschikking", blank=True)
    merge_with = models.ForeignKey(
        "applications.Application", on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    decided_on = models.DateField("datum van de beslissing", null=True, blank=True)
    amount = models.DecimalField("toegekende steun", max_digits=14, decimal_places=2, null=True, blank=True)
    recorded_at = models.DateTimeField("vastgelegd op")
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    released_at = models.DateTimeField("bekendgemaakt op", null=True, blank=True)
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    supersedes = models.OneToOneField(
        "self", on_delete=models.PROTECT, related_name="superseded_by", verbose_name="vervangt", null=True, blank=True
    )
    is_reconstructed = models.BooleanField("gereconstrueerd uit gepubliceerde bronnen", default=False)
    source = models.CharField("bron", max_length=300, blank=True)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        """One first decision a kind; an award has its amount; a release has who and when."""

        verbose_name = "beslissing"
        verbose_name_plural = "beslissingen"
        ordering = ("recorded_at",)
        constraints = (
            models.UniqueConstraint(
                fields=("application", "kind"), condition=Q(supersedes__isnull=True), name="first_decision_once"
            ),
            models.CheckConstraint(
                condition=~Q(outcome="awarded") | Q(amount__gt=0) | Q(is_reconstructed=True),
                name="award_has_amount",
            ),
            models.CheckConstraint(
                condition=Q(outcome="awarded") | Q(amount__isnull=True), name="only_awards_have_amounts"
            ),
            models.CheckConstraint(
                condition=Q(released_at__isnull=True, released_by__isnull=True)
                | Q(released_at__isnull=False, released_by__isnull=False)
                | Q(is_reconstructed=True),
                name="decision_released_pair",
            ),
            models.CheckConstraint(
                condition=Q(recorded_by__isnull=False) | Q(is_reconstructed=True), name="decision_has_recorder"
            ),
        )

    @property
    def has_sheet(self) -> bool:
        """Whether a sheet goes with it: with what the committee decides, not with an admissibility that was contested."""
        return self.kind in {DecisionKind.PRESELECTION, DecisionKind.SUPPORT}

    def __str__(self) -> str:
        """Outcome and application."""
        return f"{self.get_outcome_display()}: {self.application}"


class DecisionYear(models.Model):
    """The award of one project year; the years add up to the decision's amount (PRG-11)."""

    decision = models.ForeignKey(Decision, on_delete=models.CASCADE, related_name="years")
    project_year = models.PositiveSmallIntegerField("projectjaar")
    amount = models.DecimalField("bedrag", max_digits=14, decimal_places=2)

    class Meta:
        """One amount a year."""

        verbose_name = "toekenning per jaar"
        ordering = ("project_year",)
        constraints = (
            models.UniqueConstraint(fields=("decision", "project_year"), name="decision_year_once"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="decision_year_not_negative"),
        )

    def __str__(self) -> str:
        """Year and amount."""
        return f"Jaar {self.project_year}: {self.amount}"


class DecisionCondition(models.Model):
    """A start condition or special condition of an award (P2-EVA-04, COF-18)."""

    decision = models.ForeignKey(Decision, on_delete=models.CASCADE, related_name="conditions")
    kind = models.CharField("soort", max_length=8, choices=ConditionKind)
    topic = models.CharField(
        "onderwerp", max_length=20, choices=ConditionTopic, default=ConditionTopic.GENERAL, help_text="H-15"
    )
    text = models.TextField("voorwaarde")
    is_blocking = models.BooleanField("moet vervuld zijn voor de overeenkomst", default=False)

    class Meta:
        """Start conditions first."""

        verbose_name = "voorwaarde"
        ordering = ("-kind", "id")

    def __str__(self) -> str:
        """The condition."""
        return self.text


class DecisionSheetQuerySet(models.QuerySet["DecisionSheet"]):
    """Reads of decision sheets."""

    @staticmethod
    def readable_of(user) -> frozenset[int] | None:
        """Of which applicants this person reads the sheets; None: of all whose dossier they may see.

        That is the staff, and of their own organisations the applicant's people; an expert as such reads none, nor does who was only
        invited to write along.
        """
        return None if user.roles - {Role.EXPERT} else user.organisation_ids

    def visible_to(self, user) -> "DecisionSheetQuerySet":
        """Those of released decisions on dossiers that this person may see, as far as they read sheets of their applicant (`readable_of`)."""
        if user is None or not user.is_authenticated or not user.is_active:
            return self.none()
        released = self.filter(
            decision__released_at__isnull=False, decision__application__in=Application.objects.visible_to(user)
        )
        applicants = self.readable_of(user)
        return released if applicants is None else released.filter(decision__application__applicant_id__in=applicants)


class DecisionSheet(models.Model):
    """The decision sheet (projectfiche) of one released decision, or the feedback sheet of a preselection, made once by a worker (DEC-01, P1-DEC-04).

    `content_hash` is the SHA-256 of the canonical `snapshot`; anyone with the sheet checks it by `code`.
    """

    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, related_name="sheet")
    code = models.CharField("verificatiecode", max_length=20, unique=True)
    snapshot = models.JSONField("momentopname")
    content_hash = models.CharField("controlegetal", max_length=64)
    file = models.ForeignKey("files.StoredFile", on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    requested_at = models.DateTimeField("gevraagd op")
    made_at = models.DateTimeField("gemaakt op", null=True, blank=True)

    objects = DecisionSheetQuerySet.as_manager()

    class Meta:
        """A made sheet has its file; what it says is frozen."""

        verbose_name = "projectfiche"
        verbose_name_plural = "projectfiches"
        constraints = (
            models.CheckConstraint(
                condition=Q(made_at__isnull=True, file__isnull=True) | Q(made_at__isnull=False, file__isnull=False),
                name="sheet_made_has_file",
            ),
        )
        triggers = (
            pgtrigger.Protect(name="sheet_is_kept", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(name="sheet_content_is_frozen", fields=["decision", "code", "snapshot", "content_hash"]),
        )

    def __str__(self) -> str:
        """Which decision."""
        return f"Projectfiche {self.code}"
