"""The co-financing ledger: contributions of companies, and whether each counts (COF-01 ... 06, 09, 19)."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper

from calls.enums import ContributionKind, PayerKind
from monitoring.enums import ContributionState


class Contribution(models.Model):
    """One invoice paid by one company in one project year; counts once accepted, a refusal names its rule."""

    award_year = models.ForeignKey("monitoring.AwardYear", on_delete=models.PROTECT, related_name="contributions")
    payer = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="contributions")
    payer_kind = models.CharField("soort betaler", max_length=24, choices=PayerKind, default=PayerKind.COMPANY)
    kind = models.CharField("soort bijdrage", max_length=20, choices=ContributionKind)
    amount = models.DecimalField("bedrag zonder btw", max_digits=12, decimal_places=2)
    vat_amount = models.DecimalField("btw", max_digits=12, decimal_places=2, null=True, blank=True)
    invoice_number = models.CharField("factuurnummer", max_length=60)
    invoiced_on = models.DateField("factuurdatum")
    refers_to_project = models.BooleanField("factuur verwijst naar het project", default=False)
    services = models.CharField("diensten op de factuur", max_length=300, blank=True)
    received_on = models.DateField("ontvangen op", null=True, blank=True)
    is_individual_service = models.BooleanField("individuele dienstverlening", default=False)
    activity = models.ForeignKey(
        "monitoring.Activity",
        on_delete=models.PROTECT,
        related_name="contributions",
        null=True,
        blank=True,
        verbose_name="activiteit",
    )
    source_list = models.ForeignKey(
        "monitoring.ListImport",
        on_delete=models.PROTECT,
        related_name="contributions",
        null=True,
        blank=True,
        verbose_name="ingelezen uit",
    )
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
    is_reconstructed = models.BooleanField("gereconstrueerd uit gepubliceerde bronnen", default=False)
    source = models.CharField("bron", max_length=200, blank=True)

    class Meta:
        """One standing invoice a year; what is accepted may count; what is refused names its rule; a closed year stays."""

        verbose_name = "bijdrage"
        verbose_name_plural = "bijdragen"
        ordering = ("award_year", "invoiced_on", "id")
        indexes = (
            models.Index(Upper("invoice_number"), name="invoice_number_in_capitals"),
            models.Index(fields=("award_year", "invoiced_on", "id"), name="ledger_by_day"),
            models.Index(  # what each payer paid is summed from this alone
                fields=("award_year", "payer"), include=("amount", "judged_at"), condition=Q(state="accepted", is_reconstructed=False),
                name="accepted_by_payer",
            ),
        )  # fmt: skip
        constraints = (
            models.CheckConstraint(condition=Q(amount__gt=0), name="contribution_positive"),
            models.CheckConstraint(
                condition=Q(vat_amount__isnull=True) | Q(vat_amount__gte=0), name="contribution_vat_not_negative"
            ),
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
            models.CheckConstraint(
                condition=Q(is_reconstructed=False, source="")
                | Q(is_reconstructed=True, source__gt="", proof__isnull=True),
                name="reconstructed_contribution_names_its_source",
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


class Pledge(models.Model):
    """What a company is expected to contribute in a year: planned, then committed; before there is an invoice (COF-15, COF-17)."""

    award_year = models.ForeignKey("monitoring.AwardYear", on_delete=models.PROTECT, related_name="pledges")
    payer = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="pledges")
    kind = models.CharField("soort bijdrage", max_length=20, choices=ContributionKind)
    planned_amount = models.DecimalField("gepland", max_digits=12, decimal_places=2, null=True, blank=True)
    committed_amount = models.DecimalField("toegezegd", max_digits=12, decimal_places=2, null=True, blank=True)
    committed_on = models.DateField("toegezegd op", null=True, blank=True)
    changed_at = models.DateTimeField("gewijzigd op")
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        """One a company, year and kind; no negative amounts."""

        verbose_name = "toezegging"
        verbose_name_plural = "toezeggingen"
        ordering = ("award_year", "payer__name", "kind")
        constraints = (
            models.UniqueConstraint(fields=("award_year", "payer", "kind"), name="pledge_once"),
            models.CheckConstraint(
                condition=(Q(planned_amount__isnull=True) | Q(planned_amount__gte=0))
                & (Q(committed_amount__isnull=True) | Q(committed_amount__gte=0, committed_on__isnull=False)),
                name="pledge_not_negative",
            ),
        )

    def __str__(self) -> str:
        """Who and when."""
        return f"{self.payer}, {self.award_year}"


class ContributionRemark(models.Model):
    """A question of the account manager about a contribution, or the network's answer."""

    contribution = models.ForeignKey(Contribution, on_delete=models.CASCADE, related_name="remarks")
    is_answer = models.BooleanField("antwoord van het netwerk", default=False)
    text = models.TextField("tekst")
    said_at = models.DateTimeField("op")
    said_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        """Oldest first."""

        verbose_name = "vraag of antwoord"
        verbose_name_plural = "vragen en antwoorden"
        ordering = ("contribution", "said_at", "id")

    def __str__(self) -> str:
        """The text."""
        return self.text[:80]


class CreditNote(models.Model):
    """A credit note on a contribution; `rest` is the contribution that stands for what is left of the invoice."""

    contribution = models.OneToOneField(Contribution, on_delete=models.PROTECT, related_name="credit_note")
    number = models.CharField("nummer", max_length=60)
    amount = models.DecimalField("bedrag zonder btw", max_digits=12, decimal_places=2)
    issued_on = models.DateField("datum")
    proof = models.ForeignKey("files.StoredFile", on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    rest = models.OneToOneField(Contribution, on_delete=models.SET_NULL, related_name="rest_of", null=True, blank=True)
    entered_at = models.DateTimeField("ingevoerd op")
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        """Positive."""

        verbose_name = "creditnota"
        verbose_name_plural = "creditnota's"
        constraints = (models.CheckConstraint(condition=Q(amount__gt=0), name="credit_note_positive"),)

    def __str__(self) -> str:
        """Its number."""
        return self.number


class LedgerCorrection(models.Model):
    """What a closed year should have had more, or less (negative): a record of its own, the settled figures stay (PAY-05)."""

    award_year = models.ForeignKey("monitoring.AwardYear", on_delete=models.PROTECT, related_name="corrections")
    contribution = models.ForeignKey(
        Contribution, on_delete=models.PROTECT, related_name="corrections", null=True, blank=True
    )
    amount = models.DecimalField("verschil", max_digits=12, decimal_places=2)
    reason = models.TextField("reden")
    recorded_at = models.DateTimeField("genoteerd op")
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        """Something, with its reason; never changed."""

        verbose_name = "rechtzetting"
        verbose_name_plural = "rechtzettingen"
        ordering = ("award_year", "recorded_at")
        constraints = (
            models.CheckConstraint(condition=~Q(amount=0) & Q(reason__gt=""), name="correction_has_amount_and_reason"),
        )
        triggers = (pgtrigger.Protect(name="correction_is_kept", operation=pgtrigger.Update | pgtrigger.Delete),)

    def __str__(self) -> str:
        """Amount and year."""
        return f"{self.amount} in {self.award_year}"
