"""The ranking of a call, frozen as a snapshot (manual 5.3.3)."""

import pgtrigger
from django.conf import settings
from django.db import models

from ibnportal.core.accounts.enums import Role


class RankingQuerySet(models.QuerySet["Ranking"]):
    """Reads of rankings."""

    def visible_to(self, user) -> "RankingQuerySet":
        """For the case team, the secretary, the committee and administrators; which places they see is another matter."""
        insiders = (Role.CASE_HANDLER, Role.SECRETARY, Role.COMMITTEE_MEMBER, Role.ADMINISTRATOR)
        return self if user is not None and user.is_authenticated and user.has_role(*insiders) else self.none()


class Ranking(models.Model):
    """One computation of the order from frozen panel scores and one version of the rules; never changed.

    `snapshot` holds every input; computing again from it gives the same bytes (`sha256`).
    """

    call = models.ForeignKey("calls.Call", on_delete=models.PROTECT, related_name="rankings")
    version = models.PositiveIntegerField("versie")
    rules = models.ForeignKey("calls.CallRules", on_delete=models.PROTECT, related_name="+")
    computed_at = models.DateTimeField("berekend op")
    computed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    snapshot = models.JSONField("momentopname")
    frame = models.JSONField(
        "kader",
        default=dict,
        help_text="Wat de oproep aan de momentopname bijdraagt, zonder de dossiers: om snel te lezen.",
    )
    sha256 = models.CharField("controlegetal", max_length=64)

    objects = RankingQuerySet.as_manager()

    class Meta:
        """Newest first; frozen."""

        verbose_name = "rangschikking"
        verbose_name_plural = "rangschikkingen"
        ordering = ("call", "-version")
        constraints = (models.UniqueConstraint(fields=("call", "version"), name="ranking_version_once"),)
        triggers = (pgtrigger.Protect(name="ranking_is_frozen", operation=pgtrigger.Update | pgtrigger.Delete),)

    def __str__(self) -> str:
        """Call and version."""
        return f"Rangschikking {self.version} van {self.call}"


class RankingEntry(models.Model):
    """The place of one dossier in one ranking, with its totals and the knock-outs that fired.

    Totals are integers: weighted sums of scale values. `cumulative_amount` runs over the dossiers that are
    not knocked out, in order; `is_within_budget` says whether it and the maximum number still hold.
    """

    ranking = models.ForeignKey(Ranking, on_delete=models.CASCADE, related_name="entries")
    application = models.ForeignKey(
        "applications.Application", on_delete=models.PROTECT, related_name="ranking_entries"
    )
    rank = models.PositiveIntegerField("plaats")
    total = models.IntegerField("totaal")
    dimension_totals = models.JSONField("per dimensie", help_text="Code van de dimensie: totaal.")
    knockouts = models.JSONField("uitsluitingen", default=list, help_text="De regels die vuurden, in woorden.")
    requested_amount = models.DecimalField("gevraagde steun", max_digits=14, decimal_places=2)
    cumulative_amount = models.DecimalField("gecumuleerd", max_digits=16, decimal_places=2)
    is_within_budget = models.BooleanField("binnen budget en maximum")

    class Meta:
        """In order."""

        verbose_name = "plaats in de rangschikking"
        verbose_name_plural = "plaatsen in de rangschikking"
        ordering = ("ranking", "rank")
        constraints = (
            models.UniqueConstraint(fields=("ranking", "rank"), name="rank_once"),
            models.UniqueConstraint(fields=("ranking", "application"), name="ranked_once"),
        )
        triggers = (pgtrigger.Protect(name="ranking_entry_is_frozen", operation=pgtrigger.Update | pgtrigger.Delete),)

    def __str__(self) -> str:
        """Rank and dossier."""
        return f"{self.rank}. {self.application}"
