"""A survey among the members of networks: its questions as rows, a personal link a company, its answers (HE-06, HE-09, HE-10, HK-12)."""

from typing import Any, Self

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from ibnportal.core.accounts.enums import Role
from monitoring.enums import QuestionRole


class SurveyQuerySet(models.QuerySet[Any]):
    """Surveys are read by who reads networks; a company reads only what its own link shows."""

    def visible_to(self, user: Any) -> Self:
        """Everything or nothing."""
        if user is None or not user.is_authenticated or not user.is_active:
            return self.none()
        readers = (
            Role.ACCOUNT_MANAGER, Role.FINANCIAL_OFFICER, Role.POLICY_READER, Role.CASE_HANDLER, Role.SECRETARY, Role.ADMINISTRATOR,
        )  # fmt: skip
        return self if user.has_role(*readers) else self.none()


class MemberSurvey(models.Model):
    """One round of questions to all members; drafted, opened once, over at `closes_at`.

    `min_group`: results of fewer complete answers than this are not shown.
    """

    title = models.CharField("titel", max_length=120)
    min_group = models.PositiveSmallIntegerField("kleinste groep die getoond wordt")
    drafted_at = models.DateTimeField("opgemaakt op")
    drafted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField("geopend op", null=True, blank=True)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    closes_at = models.DateTimeField("te beantwoorden tot en met", null=True, blank=True)

    objects = SurveyQuerySet.as_manager()

    class Meta:
        """Newest first; opened by someone, with an end."""

        verbose_name = "ledenbevraging"
        verbose_name_plural = "ledenbevragingen"
        ordering = ("-drafted_at", "-pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(opened_at__isnull=True, opened_by__isnull=True, closes_at__isnull=True)
                | Q(opened_at__isnull=False, opened_by__isnull=False, closes_at__gt=F("opened_at")),
                name="survey_opened_pair",
            ),
        )

    def __str__(self) -> str:
        """Its title."""
        return self.title


class SurveyQuestion(models.Model):
    """One question with its items and answers; `depends_on` is the number of the question that decides whether an item is asked.

    `items`: [{code, text, group}], one without text where the question has none; `options`: [{value, label}].
    """

    survey = models.ForeignKey(MemberSurvey, on_delete=models.CASCADE, related_name="questions")
    number = models.PositiveSmallIntegerField("nummer")
    role = models.CharField("rol in de resultaten", max_length=12, choices=QuestionRole)
    theme = models.CharField("thema", max_length=80)
    text = models.CharField("vraag", max_length=300)
    items = models.JSONField("onderdelen")
    options = models.JSONField("antwoorden")
    depends_on = models.PositiveSmallIntegerField("hangt af van vraag", null=True, blank=True)

    class Meta:
        """In their order, each number once; once the survey is open they stay as they were asked."""

        verbose_name = "vraag van een bevraging"
        verbose_name_plural = "vragen van een bevraging"
        ordering = ("survey", "number")
        constraints = (models.UniqueConstraint(fields=("survey", "number"), name="survey_question_once"),)
        triggers = (
            pgtrigger.Trigger(
                name="asked_survey_question_is_kept",
                operation=pgtrigger.Update | pgtrigger.Delete,
                when=pgtrigger.Before,
                declare=[("opened", "TIMESTAMPTZ")],
                func="""
                    SELECT opened_at INTO opened FROM monitoring_membersurvey WHERE id = OLD.survey_id;
                    IF opened IS NOT NULL THEN
                        RAISE EXCEPTION 'pgtrigger: questions that were asked do not change';
                    END IF;
                    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
                    RETURN NEW;
                """,
            ),
        )

    def __str__(self) -> str:
        """Number and theme."""
        return f"{self.number}. {self.theme}"


class SurveyInvitation(models.Model):
    """One company of one network that is asked: its link by hash, its profile of that day, its answers.

    `answers`: {question number: {item code: value}}, kept as typed until `completed_at`; only complete ones are analysed.
    """

    survey = models.ForeignKey(MemberSurvey, on_delete=models.PROTECT, related_name="invitations")
    network = models.ForeignKey("monitoring.Network", on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="+")
    email = models.EmailField("e-mail")
    nonce = models.CharField(max_length=64)
    token_hash = models.CharField(max_length=64, unique=True)
    call_code = models.CharField("oproep", max_length=20)
    size_class = models.CharField("grootte", max_length=10)
    embedding = models.CharField("inbedding", max_length=12, blank=True)
    sent_at = models.DateTimeField("verstuurd op")
    reminded_at = models.DateTimeField("herinnerd op", null=True, blank=True)
    reminders = models.PositiveSmallIntegerField("herinneringen", default=0)
    opened_at = models.DateTimeField("geopend op", null=True, blank=True)
    begun_at = models.DateTimeField("begonnen op", null=True, blank=True)
    answers = models.JSONField("antwoorden", default=dict, blank=True)
    completed_at = models.DateTimeField("volledig op", null=True, blank=True)

    class Meta:
        """Once a company and network; a complete answer does not change."""

        verbose_name = "uitnodiging voor een bevraging"
        verbose_name_plural = "uitnodigingen voor een bevraging"
        ordering = ("survey", "pk")
        constraints = (
            models.UniqueConstraint(fields=("survey", "network", "organisation"), name="survey_invitation_once"),
            models.CheckConstraint(
                condition=Q(completed_at__isnull=True) | Q(begun_at__isnull=False), name="survey_completed_was_begun"
            ),
        )
        triggers = (
            pgtrigger.Protect(
                name="complete_survey_answer_is_kept",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__completed_at__isnull=False),
            ),
        )

    def __str__(self) -> str:
        """Of which round; never whose."""
        return f"Uitnodiging {self.pk} voor {self.survey}"
