"""The co-financing ledger: contributions of companies, and whether each counts (COF-01 ... 06, 09, 19)."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from calls.enums import ContributionKind, PayerKind
from monitoring.enums import ContributionState


class Contribution(models.Model):
    """One invoice paid by one company in one project year; counts once accepted, a refusal names its rule."""

    award_year = models.ForeignKey("monitoring.AwardYear", on_delete=models.PROTECT, related_name="contributions")
    payer = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="contributions")
    payer_kind = models.CharField("soort betaler", max_length=24, choices=PayerKind, default=PayerKind.COMPANY)
    kind = models.CharField("soort bijdrage", max_length=20, choices=ContributionKind)
    amount = models.DecimalField("bedrag zonder btw", max_digits=12, decimal_places=2)
    invoice_number = models.CharField("factuurnummer", max_length=60)
    invoiced_on = models.DateField("factuurdatum")
    refers_to_project = models.BooleanField("factuur verwijst naar het project", default=False)
    services = models.CharField("diensten op de factuur", max_length=300, blank=True)
    received_on = models.DateField("ontvangen op", null=True, blank=True)
    is_individual_service = models.BooleanField("individuele dienstverlening", default=False)
    proof = models.ForeignKey("files.StoredFile", on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    state = models.CharField("status", max_length=10, choices=ContributionState, default=ContributionState.SUBMITTED)
    state_changed_at = models.DateTimeField("status sinds", null=True, blank=True)
    entered_at = models.DateTimeField("ingevoerd op")
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    judged_at = models.DateTimeField("beoordeeld op", null=True, blank=True)
    judged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    refused_rule = models.CharField("regel van weigering", max_length=20, blank=True)
    refusal_reason = models.TextField("reden van weigering", blank=True)

    class Meta:
        """One standing invoice a year; what is accepted may count; what is refused names its rule; a closed year stays."""

        verbose_name = "bijdrage"
        verbose_name_plural = "bijdragen"
        ordering = ("award_year", "invoiced_on", "id")
        constraints = (
            models.CheckConstraint(condition=Q(amount__gt=0), name="contribution_positive"),
            models.UniqueConstraint(
                fields=("award_year", "invoice_number"), condition=~Q(state="refused"), name="invoice_once_per_year"
            ),
            models.CheckConstraint(
                condition=~Q(state="accepted")
                | Q(payer_kind="company", received_on__isnull=False, refers_to_project=True),
                name="accepted_contribution_may_count",
            ),
            models.CheckConstraint(
                condition=~Q(state="refused") | Q(refused_rule__gt=""), name="refused_contribution_names_its_rule"
            ),
            models.CheckConstraint(
                condition=Q(judged_at__isnull=True, judged_by__isnull=True)
                | Q(judged_at__isnull=False, judged_by__isnull=False),
                name="contribution_judged_pair",
            ),
        )
        triggers = (
            pgtrigger.Trigger(
                name="closed_year_takes_no_contributions",
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                when=pgtrigger.Before,
                declare=[("closed", "TIMESTAMPTZ")],
                func="""
                    SELECT claims_closed_at INTO closed FROM monitoring_awardyear
                        WHERE id = COALESCE(NEW.award_year_id, OLD.award_year_id);
                    IF closed IS NOT NULL THEN
                        RAISE EXCEPTION 'pgtrigger: contributions of a closed year do not change';
                    END IF;
                    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
                    RETURN NEW;
                """,
            ),
        )

    def __str__(self) -> str:
        """Invoice and payer."""
        return f"{self.invoice_number} van {self.payer}"
