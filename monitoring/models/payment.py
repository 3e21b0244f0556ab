"""Tranches, yearly settlement and recovery (PAY-01 ... PAY-08, SUB-01 ... SUB-04)."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from monitoring.enums import TrancheState


class Tranche(models.Model):
    """One payout of one project year; exactly one per number, released by someone else than who proposed it.

    `derivation` is the whole computation, line by line, as it was at the proposal.
    """

    award_year = models.ForeignKey("monitoring.AwardYear", on_delete=models.PROTECT, related_name="tranches")
    number = models.PositiveSmallIntegerField("schijf", choices=((1, "Eerste schijf"), (2, "Tweede schijf")))
    amount = models.DecimalField("bedrag", max_digits=14, decimal_places=2)
    derivation = models.JSONField("berekening")
    rules = models.ForeignKey("calls.CallRules", on_delete=models.PROTECT, related_name="+")
    state = models.CharField("status", max_length=10, choices=TrancheState, default=TrancheState.PROPOSED)
    state_changed_at = models.DateTimeField("status sinds", null=True, blank=True)
    proposed_at = models.DateTimeField("voorgesteld op")
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    released_at = models.DateTimeField("vrijgegeven op", null=True, blank=True)
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    iban = models.CharField("rekeningnummer", max_length=34, blank=True)
    payment_reference = models.CharField("gestructureerde mededeling", max_length=20, blank=True)
    batch = models.ForeignKey(
        "monitoring.PaymentBatch", on_delete=models.PROTECT, related_name="tranches", null=True, blank=True
    )
    order_file = models.ForeignKey(
        "files.StoredFile", on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    ordered_at = models.DateTimeField("betaalopdracht gemaakt op", null=True, blank=True)
    paid_on = models.DateField("betaald op", null=True, blank=True)
    withdrawn_at = models.DateTimeField("ingetrokken op", null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    withdrawal_reason = models.TextField("reden van intrekking", blank=True)

    class Meta:
        """Once per year and number, a withdrawn proposal aside; four eyes; positive."""

        verbose_name = "schijf"
        verbose_name_plural = "schijven"
        ordering = ("award_year", "number")
        constraints = (
            models.UniqueConstraint(
                fields=("award_year", "number"), condition=~Q(state="withdrawn"), name="tranche_once"
            ),
            models.CheckConstraint(condition=Q(number__in=(1, 2)), name="tranche_first_or_second"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="tranche_positive"),
            models.CheckConstraint(
                condition=Q(released_at__isnull=True, released_by__isnull=True)
                | Q(released_at__isnull=False, released_by__isnull=False),
                name="tranche_released_pair",
            ),
            models.CheckConstraint(
                condition=Q(released_by__isnull=True) | ~Q(released_by=F("proposed_by")), name="tranche_four_eyes"
            ),
            models.CheckConstraint(
                condition=Q(state__in=("proposed", "withdrawn")) | Q(released_at__isnull=False),
                name="tranche_released_before_order",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("released", "ordered", "paid")) | Q(released_at__isnull=True),
                name="tranche_not_released_before_its_state",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawn_by__isnull=True)
                | Q(
                    withdrawn_at__isnull=False, withdrawn_by__isnull=False, state="withdrawn", withdrawal_reason__gt=""
                ),
                name="tranche_withdrawn_pair",
            ),
            models.CheckConstraint(condition=~Q(state="paid") | Q(paid_on__isnull=False), name="tranche_paid_has_date"),
            models.CheckConstraint(
                condition=~Q(state__in=("ordered", "paid")) | Q(order_file__isnull=False, ordered_at__isnull=False),
                name="tranche_ordered_has_file",
            ),
            models.CheckConstraint(
                condition=Q(batch__isnull=True) | Q(state__in=("ordered", "paid")), name="tranche_in_a_batch_is_ordered"
            ),
        )
        triggers = (
            pgtrigger.Protect(name="tranche_is_kept", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="tranche_figures_are_frozen", fields=["award_year", "number", "amount", "derivation", "rules"]
            ),
        )

    def __str__(self) -> str:
        """Year and number."""
        return f"{self.get_number_display()} van {self.award_year}"


class Settlement(models.Model):
    """The yearly settlement: what is payable, what was paid, what is forfeited or recovered; made once, frozen."""

    award_year = models.OneToOneField("monitoring.AwardYear", on_delete=models.PROTECT, related_name="settlement")
    rules = models.ForeignKey("calls.CallRules", on_delete=models.PROTECT, related_name="+")
    accepted_costs = models.DecimalField("aanvaarde kosten", max_digits=14, decimal_places=2)
    accepted_cash = models.DecimalField("aanvaarde cash", max_digits=14, decimal_places=2)
    accepted_income = models.DecimalField("aanvaarde inkomsten (begrensd)", max_digits=14, decimal_places=2)
    reduction = models.DecimalField("vermindering wegens voortgang", max_digits=14, decimal_places=2, default=0)
    reduction_reason = models.TextField("reden van vermindering", blank=True)
    payable = models.DecimalField("verschuldigd over het jaar", max_digits=14, decimal_places=2)
    already_released = models.DecimalField("eerste schijf", max_digits=14, decimal_places=2)
    balance = models.DecimalField("saldo", max_digits=14, decimal_places=2)
    forfeited = models.DecimalField("verloren saldo", max_digits=14, decimal_places=2)
    surplus_cofinancing = models.DecimalField("overschot cofinanciering", max_digits=14, decimal_places=2, default=0)
    derivation = models.JSONField("berekening")
    settled_at = models.DateTimeField("afgerekend op")
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        """Figures that add up, once a year."""

        verbose_name = "jaarafrekening"
        verbose_name_plural = "jaarafrekeningen"
        constraints = (
            models.CheckConstraint(
                condition=Q(balance=F("payable") - F("already_released")), name="settlement_balance_adds_up"
            ),
            models.CheckConstraint(
                condition=Q(payable__gte=0, forfeited__gte=0, reduction__gte=0), name="settlement_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(reduction=0) | Q(reduction_reason__gt=""), name="settlement_reduction_has_reason"
            ),
        )
        triggers = (pgtrigger.Protect(name="settlement_is_frozen", operation=pgtrigger.Update | pgtrigger.Delete),)

    def __str__(self) -> str:
        """Which year."""
        return f"Afrekening van {self.award_year}"


class Recovery(models.Model):
    """What the network must pay back when the settlement comes out below the first tranche."""

    settlement = models.OneToOneField(Settlement, on_delete=models.PROTECT, related_name="recovery")
    amount = models.DecimalField("terug te vorderen", max_digits=14, decimal_places=2)
    claimed_at = models.DateTimeField("teruggevorderd op")
    claimed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    payment_reference = models.CharField("gestructureerde mededeling", max_length=20, blank=True)
    due_on = models.DateField("te betalen tegen", null=True, blank=True)
    letter_file = models.ForeignKey(
        "files.StoredFile", on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    repaid_amount = models.DecimalField("terugbetaald", max_digits=14, decimal_places=2, default=0)
    repaid_on = models.DateField("volledig terugbetaald op", null=True, blank=True)

    class Meta:
        """Positive; never more paid back than was asked; closed on the day of the last euro."""

        verbose_name = "terugvordering"
        verbose_name_plural = "terugvorderingen"
        constraints = (
            models.CheckConstraint(condition=Q(amount__gt=0), name="recovery_positive"),
            models.CheckConstraint(
                condition=Q(repaid_amount__gte=0, repaid_amount__lte=F("amount")), name="repaid_within_recovery"
            ),
            models.CheckConstraint(
                condition=Q(repaid_on__isnull=True) | Q(repaid_amount=F("amount")), name="recovery_closed_when_repaid"
            ),
        )

    def __str__(self) -> str:
        """Amount and year."""
        return f"Terugvordering {self.amount} van {self.settlement.award_year}"
