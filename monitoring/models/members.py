"""Who is a member of a network, since when (HK-01, HK-02, H-34)."""

from django.db import models
from django.db.models import F, Q


class Membership(models.Model):
    """One company's membership of one network over one period."""

    network = models.ForeignKey("monitoring.Network", on_delete=models.CASCADE, related_name="memberships")
    organisation = models.ForeignKey(
        "accounts.Organisation", on_delete=models.PROTECT, related_name="network_memberships"
    )
    joined_on = models.DateField("lid sinds")
    left_on = models.DateField("lid tot", null=True, blank=True)
    yearly_fee = models.DecimalField("jaarlijks lidgeld", max_digits=12, decimal_places=2, null=True, blank=True)
    is_involved = models.BooleanField("rechtstreeks betrokken bij het project", default=True)

    class Meta:
        """One open membership a company."""

        verbose_name = "lidmaatschap"
        verbose_name_plural = "lidmaatschappen"
        ordering = ("organisation__name",)
        constraints = (
            models.UniqueConstraint(
                fields=("network", "organisation"), condition=Q(left_on__isnull=True), name="one_open_membership"
            ),
            models.CheckConstraint(
                condition=Q(left_on__isnull=True) | Q(left_on__gte=F("joined_on")), name="membership_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(yearly_fee__isnull=True) | Q(yearly_fee__gte=0), name="membership_fee_not_negative"
            ),
        )

    def __str__(self) -> str:
        """Who."""
        return f"{self.organisation} in {self.network}"
