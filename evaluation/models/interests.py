"""What people of the programme have with bodies outside it, told by themselves (P2-EVA-03)."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from evaluation.enums import TieKind


class DeclaredTieQuerySet(models.QuerySet["DeclaredTie"]):
    """Reads of declared ties."""

    def visible_to(self, user) -> "DeclaredTieQuerySet":
        """One's own only: what follows from them for a dossier is a finding, and that the case team reads."""
        if user is None or not user.is_authenticated or not user.is_active:
            return self.none()
        return self.filter(person=user)

    def standing(self) -> "DeclaredTieQuerySet":
        """Not taken back."""
        return self.filter(withdrawn_at__isnull=True)


class DeclaredTie(models.Model):
    """One interest of an expert, committee member or staff member; the portal compares it with every dossier."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="declared_ties")
    kind = models.CharField("wat voor band", max_length=16, choices=TieKind)
    body = models.CharField("onderneming, organisatie of netwerk", max_length=200)
    enterprise_number = models.CharField("ondernemingsnummer", max_length=10, blank=True)
    explanation = models.CharField("toelichting", max_length=500, blank=True)
    since = models.DateField("sinds", null=True, blank=True)
    until = models.DateField("tot", null=True, blank=True)
    declared_at = models.DateTimeField("gemeld op")
    withdrawn_at = models.DateTimeField("teruggenomen op", null=True, blank=True)

    objects = DeclaredTieQuerySet.as_manager()

    class Meta:
        """Newest first."""

        verbose_name = "gemelde band"
        verbose_name_plural = "gemelde banden"
        ordering = ("-declared_at", "-pk")
        constraints = (
            models.CheckConstraint(condition=~Q(body=""), name="declared_tie_names_a_body"),
            models.CheckConstraint(
                condition=Q(since__isnull=True) | Q(until__isnull=True) | Q(until__gte=F("since")),
                name="declared_tie_in_order",
            ),
        )

    def __str__(self) -> str:
        """Kind and body; the person is said where it is asked."""
        return f"{self.get_kind_display()}: {self.body}"
