"""After the decision: the review of a rejection, the talk about it, and complaints about the handling (manual 5.3.5)."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from applications.models import Application
from evaluation.enums import ComplaintChannel, ComplaintState
from evaluation.models.committee import Decision
from ibnportal.core.accounts.enums import Role


def _user(label: str, **options: Any) -> models.ForeignKey:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=label, **options
    )


class ReviewQuerySet(models.QuerySet["Review"]):
    """Reads of reviews."""

    def visible_to(self, user: Any) -> "ReviewQuerySet":
        """The applicant's own; those of visible dossiers for the case team and the secretary."""
        if user is None or not user.is_authenticated or not user.is_active:
            return self.none()
        visible = self.filter(decision__application__in=Application.objects.visible_to(user))
        if user.has_role(Role.CASE_HANDLER, Role.SECRETARY, Role.ADMINISTRATOR):
            return visible
        return visible.filter(decision__application__applicant_id__in=user.organisation_ids)


class Review(models.Model):
    """One request to look again at a rejection (REV-01, REV-02), its handler who stood outside it, and what came of it."""

    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, related_name="review")
    arguments = models.TextField("argumenten")
    asked_at = models.DateTimeField("gevraagd op")
    asked_by = _user("gevraagd door")
    due_on = models.DateField("laatste dag om te vragen", null=True, blank=True)
    handler = _user("behandelaar van de herziening", null=True, blank=True)
    assigned_at = models.DateTimeField("toegewezen op", null=True, blank=True)
    assigned_by = _user("toegewezen door", null=True, blank=True)
    excess_reason = models.TextField("reden om boven het hoogste aantal te gaan", blank=True)
    outcome = models.OneToOneField(
        Decision, on_delete=models.PROTECT, related_name="came_from_review", null=True, blank=True
    )
    decided_at = models.DateTimeField("beslist op", null=True, blank=True)

    objects = ReviewQuerySet.as_manager()

    class Meta:
        """Arguments, pairs, and an outcome only by a handler."""

        verbose_name = "herziening"
        verbose_name_plural = "herzieningen"
        ordering = ("-asked_at",)
        constraints = (
            models.CheckConstraint(condition=Q(arguments__gt=""), name="review_has_arguments"),
            models.CheckConstraint(
                condition=Q(handler__isnull=True, assigned_at__isnull=True, assigned_by__isnull=True)
                | Q(handler__isnull=False, assigned_at__isnull=False, assigned_by__isnull=False),
                name="review_assigned_together",
            ),
            models.CheckConstraint(
                condition=Q(outcome__isnull=True, decided_at__isnull=True)
                | Q(outcome__isnull=False, decided_at__isnull=False, handler__isnull=False),
                name="review_decided_by_its_handler",
            ),
        )

    def __str__(self) -> str:
        """Of which dossier."""
        return f"Herziening van {self.decision.application}"


class PostDiscussionQuerySet(models.QuerySet["PostDiscussion"]):
    """Reads of post-discussions."""

    def visible_to(self, user: Any) -> "PostDiscussionQuerySet":
        """The applicant's own; those of visible dossiers for the case team and the secretary."""
        if user is None or not user.is_authenticated or not user.is_active:
            return self.none()
        visible = self.filter(decision__application__in=Application.objects.visible_to(user))
        if user.has_role(Role.CASE_HANDLER, Role.SECRETARY, Role.ADMINISTRATOR):
            return visible
        return visible.filter(decision__application__applicant_id__in=user.organisation_ids)


class PostDiscussion(models.Model):
    """A talk about a decision (DEC-02): asked with times that suit, planned by a case handler, held and noted."""

    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, related_name="post_discussion")
    question = models.TextField("waarover", blank=True)
    proposals = models.JSONField("voorgestelde momenten", help_text="Aware instants in ISO.")
    asked_at = models.DateTimeField("gevraagd op")
    asked_by = _user("gevraagd door")
    planned_for = models.DateTimeField("afgesproken op", null=True, blank=True)
    place = models.CharField("plaats of link", max_length=300, blank=True)
    planned_at = models.DateTimeField("vastgelegd op", null=True, blank=True)
    planned_by = _user("vastgelegd door", null=True, blank=True)
    held_at = models.DateTimeField("gehouden, genoteerd op", null=True, blank=True)
    held_by = _user("gehouden door", null=True, blank=True)
    notes = models.TextField("wat besproken is", blank=True)

    objects = PostDiscussionQuerySet.as_manager()

    class Meta:
        """Planned by someone, held by someone."""

        verbose_name = "nabespreking"
        verbose_name_plural = "nabesprekingen"
        ordering = ("-asked_at",)
        constraints = (
            models.CheckConstraint(
                condition=Q(planned_for__isnull=True, planned_at__isnull=True, planned_by__isnull=True)
                | Q(planned_for__isnull=False, planned_at__isnull=False, planned_by__isnull=False),
                name="post_discussion_planned_together",
            ),
            models.CheckConstraint(
                condition=Q(held_at__isnull=True, held_by__isnull=True)
                | Q(held_at__isnull=False, held_by__isnull=False, planned_for__isnull=False),
                name="post_discussion_held_after_planning",
            ),
        )

    def __str__(self) -> str:
        """About which dossier."""
        return f"Nabespreking over {self.decision.application}"


class ComplaintQuerySet(models.QuerySet["Complaint"]):
    """Reads of complaints."""

    def visible_to(self, user: Any) -> "ComplaintQuerySet":
        """One's own; the whole register for the case team and the secretary, minus complaints on dossiers that are barred to them."""
        if user is None or not user.is_authenticated or not user.is_active:
            return self.none()
        if user.has_role(Role.CASE_HANDLER, Role.SECRETARY, Role.ADMINISTRATOR):
            barred = user.dossier_bars.filter(lifted_at__isnull=True).values("application_id")
            return self.exclude(application_id__in=barred)
        return self.filter(made_by=user)


class Complaint(models.Model):
    """A complaint about the handling, at any time and by any way (REV-03), with its dates and its answer."""

    number = models.CharField("nummer", max_length=20, unique=True)
    state = models.CharField("status", max_length=10, choices=ComplaintState, default=ComplaintState.RECEIVED)
    state_changed_at = models.DateTimeField("status sinds", null=True, blank=True)
    channel = models.CharField("hoe ontvangen", max_length=8, choices=ComplaintChannel)
    received_at = models.DateTimeField("ontvangen op")
    complainant_name = models.CharField("wie klaagt", max_length=200)
    complainant_email = models.EmailField("e-mailadres", blank=True)
    made_by = _user("ingediend door", null=True, blank=True)
    registered_by = _user("ingeschreven door")
    application = models.ForeignKey(
        Application, on_delete=models.PROTECT, related_name="complaints", null=True, blank=True
    )
    subject = models.CharField("onderwerp", max_length=200)
    text = models.TextField("klacht")
    handler = _user("behandelaar van de klacht", null=True, blank=True)
    assigned_at = models.DateTimeField("toegewezen op", null=True, blank=True)
    answer = models.TextField("antwoord", blank=True)
    answered_at = models.DateTimeField("beantwoord op", null=True, blank=True)

    objects = ComplaintQuerySet.as_manager()

    class Meta:
        """Newest first; state, handler and answer agree."""

        verbose_name = "klacht"
        verbose_name_plural = "klachten"
        ordering = ("-received_at", "-pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(state="received", handler__isnull=True) | ~Q(state="received") & Q(handler__isnull=False),
                name="complaint_in_hand_has_handler",
            ),
            models.CheckConstraint(
                condition=Q(state="answered", answer__gt="", answered_at__isnull=False)
                | ~Q(state="answered") & Q(answered_at__isnull=True),
                name="complaint_answered_has_answer",
            ),
        )

    def __str__(self) -> str:
        """Number and subject."""
        return f"{self.number} {self.subject}"
