"""Who writes along in one dossier, and the invitations by which they come (manual 5.3.2 for who signs)."""

import datetime as dt
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from applications.enums import AuthorRole
from ibnportal.core import clock

INVITATION_LASTS = dt.timedelta(days=14)
MOST_OPEN_INVITATIONS = 30


class DossierAuthorQuerySet(models.QuerySet[Any]):
    """Authors by who may see them and whether they still take part."""

    def visible_to(self, user: Any) -> Self:
        """Those of the dossiers that this person writes."""
        from applications.models.application import Application  # noqa: PLC0415 - the dossier knows its authors

        return self.filter(application__in=Application.objects.written_by(user))

    def current(self) -> Self:
        """Not taken out."""
        return self.filter(ended_at__isnull=True)


class DossierAuthor(models.Model):
    """Somebody from outside the applicant who reads or writes this one dossier, until taken out.

    People of the applicant need no row: they write in all dossiers of their organisation.
    """

    application = models.ForeignKey("applications.Application", on_delete=models.CASCADE, related_name="authors")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="dossier_authorships")
    role = models.CharField("rol", max_length=10, choices=AuthorRole)
    added_at = models.DateTimeField("sinds")
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField("tot", null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )

    objects = DossierAuthorQuerySet.as_manager()

    class Meta:
        """Once a person and dossier; only the two roles that are of one dossier."""

        verbose_name = "auteur van een dossier"
        verbose_name_plural = "auteurs van dossiers"
        ordering = ("added_at", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("application", "user"), condition=Q(ended_at__isnull=True), name="dossier_author_once"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by__isnull=True)
                | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="dossier_author_ended_pair",
            ),
            models.CheckConstraint(
                condition=Q(role__in=(AuthorRole.READER, AuthorRole.AUTHOR)), name="dossier_author_role_of_one_dossier"
            ),
        )

    def __str__(self) -> str:
        """Who, as what."""
        return f"{self.user} ({self.get_role_display()})"


class InvitationQuerySet(models.QuerySet[Any]):
    """Invitations by whether they can still be accepted."""

    def visible_to(self, user: Any) -> Self:
        """Those to dossiers in which this person writes; the invited person needs the link itself."""
        from applications.models.application import Application  # noqa: PLC0415 - the dossier knows its authors

        return self.filter(application__in=Application.objects.written_by(user))

    def open(self) -> Self:
        """Neither accepted, revoked nor expired."""
        return self.filter(accepted_at__isnull=True, revoked_at__isnull=True, expires_at__gt=clock.now())


class Invitation(models.Model):
    """A personal link by which one person comes to write along; the link itself is nowhere in the database."""

    application = models.ForeignKey("applications.Application", on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField("e-mailadres")
    full_name = models.CharField("naam", max_length=150)
    role = models.CharField("rol", max_length=10, choices=AuthorRole)
    token_hash = models.CharField("controlegetal van de link", max_length=64, unique=True)
    nonce = models.CharField(max_length=64, blank=True, editable=False)
    sent_at = models.DateTimeField("verstuurd op")
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField("geldig tot")
    accepted_at = models.DateTimeField("aanvaard op", null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    revoked_at = models.DateTimeField("ingetrokken op", null=True, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )

    objects = InvitationQuerySet.as_manager()

    class Meta:
        """Newest first; accepted or revoked, never both."""

        verbose_name = "uitnodiging"
        verbose_name_plural = "uitnodigingen"
        ordering = ("-sent_at", "-id")
        constraints = (
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True, accepted_by__isnull=True)
                | Q(accepted_at__isnull=False, accepted_by__isnull=False),
                name="invitation_accepted_pair",
            ),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True, revoked_by__isnull=True)
                | Q(revoked_at__isnull=False, revoked_by__isnull=False),
                name="invitation_revoked_pair",
            ),
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True) | Q(revoked_at__isnull=True), name="invitation_one_end"
            ),
        )

    def __str__(self) -> str:
        """To whom."""
        return f"Uitnodiging van {self.email}"
