"""A document of several answers: written, frozen with its date and hash, and run again later on the same as-of date.

And the keys by which the agency's own reporting tools read answers.
"""

from functools import reduce
from operator import or_
from typing import Any

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from ibnportal.core.accounts.enums import Role

FROZEN = ("title", "as_of", "parts", "frozen_at", "frozen_by", "content", "sha256")
"""What no longer changes once a document is frozen; its files come later."""


def _changes(*fields: str) -> pgtrigger.Q:
    """Whether an update changes any of these columns."""
    return reduce(or_, (pgtrigger.Q(**{f"old__{name}__df": pgtrigger.F(f"new__{name}")}) for name in fields))


class AnswerDocumentQuerySet(models.QuerySet[Any]):
    """Reads of documents."""

    def visible_to(self, user: Any) -> "AnswerDocumentQuerySet":
        """Who answers for policy, and administrators; nobody else."""
        if user is None or not user.is_authenticated or not user.is_active:
            return self.none()
        return self if user.has_role(Role.POLICY_READER, Role.ADMINISTRATOR) else self.none()

    def in_the_making_of(self, user: Any) -> "AnswerDocumentQuerySet":
        """What this person began and nobody froze, the newest first."""
        return self.visible_to(user).filter(made_by=user, frozen_at__isnull=True)


class AnswerDocument(models.Model):
    """Answers with text of one's own, all as of one date. `content` is empty until it is frozen, and then stays as it is.

    `parts` is a list of {"question", "parameters", "text"}; `content` the same with every answer worked out, as canonical JSON.
    """

    title = models.CharField("titel", max_length=200)
    as_of = models.DateField("stand op")
    parts = models.JSONField("onderdelen", default=list, blank=True)
    made_at = models.DateTimeField("begonnen op")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    frozen_at = models.DateTimeField("bevroren op", null=True, blank=True)
    frozen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    content = models.JSONField("inhoud", null=True, blank=True)
    sha256 = models.CharField("controlegetal", max_length=64, blank=True)
    pdf = models.ForeignKey("files.StoredFile", on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    docx = models.ForeignKey("files.StoredFile", on_delete=models.PROTECT, related_name="+", null=True, blank=True)

    objects = AnswerDocumentQuerySet.as_manager()

    class Meta:
        """Frozen by someone, with content and hash; what is frozen stays."""

        verbose_name = "document met antwoorden"
        verbose_name_plural = "documenten met antwoorden"
        ordering = ("-made_at", "-id")
        constraints = (
            models.CheckConstraint(
                condition=Q(frozen_at__isnull=True, frozen_by__isnull=True, content__isnull=True, sha256="")
                | Q(frozen_at__isnull=False, frozen_by__isnull=False, content__isnull=False, sha256__gt=""),
                name="frozen_document_is_whole",
            ),
        )
        triggers = (
            pgtrigger.Protect(
                name="frozen_document_is_kept",
                operation=pgtrigger.Delete,
                condition=pgtrigger.Q(old__frozen_at__isnull=False),
            ),
            pgtrigger.Protect(
                name="frozen_document_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__frozen_at__isnull=False) & _changes(*FROZEN),
            ),
        )

    def __str__(self) -> str:
        """Its title."""
        return self.title

    @property
    def is_frozen(self) -> bool:
        """Whether it can no longer change."""
        return self.frozen_at is not None


class ApiTokenQuerySet(models.QuerySet[Any]):
    """Reads of keys."""

    def visible_to(self, user: Any) -> "ApiTokenQuerySet":
        """Administrators alone."""
        if user is None or not user.is_authenticated or not user.is_active:
            return self.none()
        return self if user.has_role(Role.ADMINISTRATOR) else self.none()


class ApiToken(models.Model):
    """A key for a program of the agency: it reads what `reads_as` may read, until it expires, is revoked, or that person no longer may.

    The secret itself is nowhere: `token_hash` recognises it, `hint` is how people tell one key from another. Written by `tokens` alone.
    """

    name = models.CharField("waarvoor", max_length=120)
    reads_as = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="api_tokens", verbose_name="leest als"
    )
    hint = models.CharField("begint met", max_length=12)
    token_hash = models.CharField("controlegetal", max_length=64, unique=True)
    made_at = models.DateTimeField("gemaakt op")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="gemaakt door"
    )
    expires_on = models.DateField("geldig tot en met")
    revoked_at = models.DateTimeField("ingetrokken op", null=True, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name="ingetrokken door",
    )

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        """Revoked by someone at some moment."""

        verbose_name = "toegangssleutel"
        verbose_name_plural = "toegangssleutels"
        ordering = ("-made_at", "-id")
        constraints = (
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True, revoked_by__isnull=True)
                | Q(revoked_at__isnull=False, revoked_by__isnull=False),
                name="api_token_revoked_pair",
            ),
        )

    def __str__(self) -> str:
        """What it is for."""
        return f"{self.name} ({self.hint}…)"
