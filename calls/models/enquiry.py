"""Questions that visitors ask about a call, and what was answered (ROL-18)."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from calls.enums import EnquiryState
from ibnportal.core.accounts.enums import Role


class EnquiryQuerySet(models.QuerySet["Enquiry"]):
    """Reads of questions; who asked is known to the agency only."""

    def visible_to(self, user: Any) -> "EnquiryQuerySet":
        """All of them for case handlers and administrators; for anybody else nothing (they read `published`)."""
        if user is None or not user.is_authenticated or not user.is_active:
            return self.none()
        return self if user.has_role(Role.CASE_HANDLER, Role.ADMINISTRATOR) else self.none()

    def published(self) -> "EnquiryQuerySet":
        """What stands on the page of the call, for everyone; without who asked it."""
        return self.filter(state=EnquiryState.PUBLISHED).order_by("published_at")

    def open(self) -> "EnquiryQuerySet":
        """Those that wait for an answer, the oldest first."""
        return self.filter(state=EnquiryState.ASKED).order_by("asked_at")


class Enquiry(models.Model):
    """One question of a visitor about a call. Published is `shown_question`, which staff may shorten; never who asked."""

    call = models.ForeignKey("calls.Call", on_delete=models.CASCADE, related_name="enquiries", verbose_name="oproep")
    state = models.CharField("status", max_length=12, choices=EnquiryState, default=EnquiryState.ASKED)
    asker_name = models.CharField("naam", max_length=120, blank=True)
    asker_email = models.EmailField("e-mail")
    question = models.TextField("vraag")
    asked_at = models.DateTimeField("gesteld op")
    shown_question = models.TextField("vraag zoals ze verschijnt", blank=True)
    answer = models.TextField("antwoord", blank=True)
    answered_at = models.DateTimeField("beantwoord op", null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    published_at = models.DateTimeField("gepubliceerd op", null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )

    objects = EnquiryQuerySet.as_manager()

    class Meta:
        """An answer has its person and moment, and so has a publication."""

        verbose_name = "vraag over een oproep"
        verbose_name_plural = "vragen over oproepen"
        ordering = ("-asked_at", "-id")
        constraints = (
            models.CheckConstraint(
                condition=Q(answer="", answered_at__isnull=True, answered_by__isnull=True)
                | Q(answer__gt="", answered_at__isnull=False, answered_by__isnull=False),
                name="enquiry_answer_has_who_and_when",
            ),
            models.CheckConstraint(
                condition=(~Q(state=EnquiryState.PUBLISHED) & Q(published_at__isnull=True, published_by__isnull=True))
                | Q(
                    state=EnquiryState.PUBLISHED,
                    answered_at__isnull=False,
                    shown_question__gt="",
                    published_at__isnull=False,
                    published_by__isnull=False,
                ),
                name="enquiry_published_is_answered",
            ),
        )

    def __str__(self) -> str:
        """The question, shortened."""
        return self.question[:80]
