"""Member lists of spearhead clusters, dated and with their source: evidence for POS-04 and POS-08."""

from typing import Any

from django.conf import settings
from django.db import models

from ibnportal.core.accounts.enums import Role


class SpearheadMemberListQuerySet(models.QuerySet["SpearheadMemberList"]):
    """Lists by who may see them and when they held."""

    def visible_to(self, user: Any) -> "SpearheadMemberListQuerySet":
        """For who screens; nobody else reads which companies belong to a cluster."""
        if user is None or not user.is_authenticated or not user.is_active:
            return self.none()
        return self if user.has_role(Role.CASE_HANDLER, Role.SECRETARY, Role.ADMINISTRATOR) else self.none()

    def newest_per_cluster(self) -> "SpearheadMemberListQuerySet":
        """Of each cluster the list with the latest date; older ones are kept, so that an older screening stays explained."""
        newest = self.order_by("cluster", "-as_of", "-id").distinct("cluster").values("pk")
        return self.filter(pk__in=newest)


class SpearheadMemberList(models.Model):
    """The members of one spearhead cluster on one date, as its source says them."""

    cluster = models.CharField("speerpuntcluster", max_length=120)
    as_of = models.DateField("stand van")
    source = models.CharField("bron", max_length=300)
    file = models.ForeignKey("files.StoredFile", on_delete=models.PROTECT, related_name="+", verbose_name="bestand")
    uploaded_at = models.DateTimeField("ingelezen op")
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = SpearheadMemberListQuerySet.as_manager()

    class Meta:
        """One list a cluster and date."""

        verbose_name = "ledenlijst van een speerpuntcluster"
        verbose_name_plural = "ledenlijsten van speerpuntclusters"
        ordering = ("cluster", "-as_of")
        constraints = (models.UniqueConstraint(fields=("cluster", "as_of"), name="spearhead_list_once_a_date"),)

    def __str__(self) -> str:
        """Cluster and date."""
        return f"{self.cluster}, {self.as_of:%d/%m/%Y}"


class SpearheadMember(models.Model):
    """One company in such a list."""

    member_list = models.ForeignKey(SpearheadMemberList, on_delete=models.CASCADE, related_name="members")
    name = models.CharField("naam", max_length=200)
    enterprise_number = models.CharField("ondernemingsnummer", max_length=10, db_index=True)

    class Meta:
        """A company once in a list."""

        verbose_name = "lid van een speerpuntcluster"
        verbose_name_plural = "leden van speerpuntclusters"
        ordering = ("name",)
        constraints = (
            models.UniqueConstraint(fields=("member_list", "enterprise_number"), name="spearhead_member_once"),
        )

    def __str__(self) -> str:
        """Its name."""
        return self.name
