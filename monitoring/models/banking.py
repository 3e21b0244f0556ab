"""Money at the bank: account changes, payment files, bank statements and repayments (PAY-01, PAY-08; four eyes)."""

from typing import Any, Self

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from ibnportal.core.accounts.enums import Role
from monitoring.enums import AccountChangeState, BatchState, EntryVerdict


class OfficersQuerySet(models.QuerySet[Any]):
    """What is between the fund and its bank: financial officers only, and the administrator who looks."""

    def visible_to(self, user: Any) -> Self:
        """Everything or nothing."""
        if user is None or not user.is_authenticated or not user.is_active:
            return self.none()
        return self if user.has_role(Role.FINANCIAL_OFFICER, Role.ADMINISTRATOR) else self.none()


class AccountChangeQuerySet(models.QuerySet[Any]):
    """Reads of account changes."""

    def visible_to(self, user: Any) -> Self:
        """Those who may ask or decide; never somebody of the network itself."""
        if user is None or not user.is_authenticated or not user.is_active:
            return self.none()
        if not user.has_role(Role.ACCOUNT_MANAGER, Role.FINANCIAL_OFFICER, Role.ADMINISTRATOR):
            return self.none()
        return self.exclude(network__beneficiary_id__in=user.organisation_ids)


class AccountChange(models.Model):
    """Another account for a network's money: asked by one person with why, confirmed or refused by another.

    `Network.iban` follows a confirmed change; nothing else writes it once the agreement is signed.
    """

    network = models.ForeignKey("monitoring.Network", on_delete=models.PROTECT, related_name="account_changes")
    iban = models.CharField("nieuw rekeningnummer", max_length=34)
    previous_iban = models.CharField("vorig rekeningnummer", max_length=34, blank=True)
    reason = models.TextField("waarom, en waarop u steunt")
    proof = models.ForeignKey("files.StoredFile", on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    state = models.CharField("status", max_length=10, choices=AccountChangeState, default=AccountChangeState.ASKED)
    state_changed_at = models.DateTimeField("status sinds")
    asked_at = models.DateTimeField("gevraagd op")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField("beslist op", null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    refusal_reason = models.TextField("waarom niet", blank=True)

    objects = AccountChangeQuerySet.as_manager()

    class Meta:
        """One open change a network; decided by somebody else; kept for good."""

        verbose_name = "wijziging van rekeningnummer"
        verbose_name_plural = "wijzigingen van rekeningnummers"
        ordering = ("-asked_at", "-pk")
        constraints = (
            models.UniqueConstraint(fields=("network",), condition=Q(state="asked"), name="one_open_account_change"),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True, decided_by__isnull=True, state="asked")
                | (Q(decided_at__isnull=False, decided_by__isnull=False) & ~Q(state="asked")),
                name="account_change_decided_pair",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("asked_by")), name="account_change_four_eyes"
            ),
            models.CheckConstraint(
                condition=~Q(state="refused") | Q(refusal_reason__gt=""), name="account_change_refused_with_reason"
            ),
        )
        triggers = (
            pgtrigger.Protect(name="account_change_is_kept", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="account_change_is_frozen",
                fields=["network", "iban", "previous_iban", "reason", "proof", "asked_at", "asked_by"],
            ),
        )

    def __str__(self) -> str:
        """Which network."""
        return f"Ander rekeningnummer voor {self.network}"


class PaymentBatch(models.Model):
    """One payment file for the bank; the file follows from this row, so making it again gives the same bytes.

    A tranche is in one batch at most; a cancelled batch lets its tranches go.
    """

    message_id = models.CharField("kenmerk voor de bank", max_length=35, unique=True)
    execute_on = models.DateField("uit te voeren op")
    payment_count = models.PositiveIntegerField("aantal betalingen")
    total = models.DecimalField("totaal", max_digits=14, decimal_places=2)
    payments = models.JSONField("betalingen", help_text="Wat in het bestand staat, betaling per betaling.")
    debtor = models.JSONField("rekening van het fonds")
    state = models.CharField("status", max_length=10, choices=BatchState, default=BatchState.MADE)
    state_changed_at = models.DateTimeField("status sinds")
    made_at = models.DateTimeField("gemaakt op")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    file = models.ForeignKey("files.StoredFile", on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    cancelled_at = models.DateTimeField("geannuleerd op", null=True, blank=True)
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    cancellation_reason = models.TextField("reden van annulatie", blank=True)

    objects = OfficersQuerySet.as_manager()

    class Meta:
        """Newest first; a content that never changes."""

        verbose_name = "betaalbestand"
        verbose_name_plural = "betaalbestanden"
        ordering = ("-made_at", "-pk")
        constraints = (
            models.CheckConstraint(condition=Q(payment_count__gt=0, total__gt=0), name="batch_pays_something"),
            models.CheckConstraint(
                condition=Q(cancelled_at__isnull=True, cancelled_by__isnull=True, state="made")
                | Q(
                    cancelled_at__isnull=False,
                    cancelled_by__isnull=False,
                    state="cancelled",
                    cancellation_reason__gt="",
                ),
                name="batch_cancelled_pair",
            ),
        )
        triggers = (
            pgtrigger.Protect(name="batch_is_kept", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="batch_is_frozen",
                fields=[
                    "message_id",
                    "execute_on",
                    "payment_count",
                    "total",
                    "payments",
                    "debtor",
                    "made_at",
                    "made_by",
                ],
            ),
        )

    def __str__(self) -> str:
        """Its reference."""
        return f"Betaalbestand {self.message_id}"


class BankStatement(models.Model):
    """A file with the bank's answer (camt.053 or camt.054), read once; the same file again changes nothing."""

    file = models.ForeignKey("files.StoredFile", on_delete=models.PROTECT, related_name="+")
    sha256 = models.CharField("controlegetal", max_length=64, unique=True)
    statement_id = models.CharField("kenmerk van de bank", max_length=140)
    account = models.CharField("rekening", max_length=34)
    imported_at = models.DateTimeField("ingelezen op")
    imported_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = OfficersQuerySet.as_manager()

    class Meta:
        """Newest first."""

        verbose_name = "rekeninguittreksel"
        verbose_name_plural = "rekeninguittreksels"
        ordering = ("-imported_at", "-pk")

    def __str__(self) -> str:
        """The bank's reference."""
        return f"Uittreksel {self.statement_id}"


class BankEntry(models.Model):
    """One line of a statement and what the portal made of it; `bank_key` keeps a line that comes twice from counting twice."""

    statement = models.ForeignKey(BankStatement, on_delete=models.PROTECT, related_name="entries")
    position = models.PositiveIntegerField("lijn")
    bank_key = models.CharField("kenmerk van de verrichting", max_length=200, blank=True)
    is_credit = models.BooleanField("bij")
    amount = models.DecimalField("bedrag", max_digits=14, decimal_places=2)
    currency = models.CharField("munt", max_length=3)
    booked_on = models.DateField("geboekt op")
    end_to_end_id = models.CharField("ons kenmerk", max_length=140, blank=True)
    reference = models.CharField("mededeling", max_length=300, blank=True)
    counterparty = models.CharField("tegenpartij", max_length=140, blank=True)
    counterparty_iban = models.CharField("rekening van de tegenpartij", max_length=34, blank=True)
    verdict = models.CharField("wat het is", max_length=10, choices=EntryVerdict)
    remark = models.CharField("toelichting", max_length=400, blank=True)
    tranche = models.ForeignKey(
        "monitoring.Tranche", on_delete=models.PROTECT, related_name="bank_entries", null=True, blank=True
    )
    recovery = models.ForeignKey(
        "monitoring.Recovery", on_delete=models.PROTECT, related_name="bank_entries", null=True, blank=True
    )

    class Meta:
        """As on the statement; a payment is confirmed by one line only."""

        verbose_name = "verrichting"
        verbose_name_plural = "verrichtingen"
        ordering = ("statement", "position")
        constraints = (
            models.UniqueConstraint(fields=("statement", "position"), name="bank_entry_position_once"),
            models.UniqueConstraint(fields=("bank_key",), condition=~Q(bank_key=""), name="bank_entry_counts_once"),
            models.UniqueConstraint(
                fields=("tranche",), condition=Q(verdict="paid"), name="bank_entry_pays_a_tranche_once"
            ),
        )

    def __str__(self) -> str:
        """Amount and day."""
        return f"{self.amount} op {self.booked_on:%d/%m/%Y}"


class Repayment(models.Model):
    """Money that came back on a recovery: from a bank statement, or noted by hand with its day."""

    recovery = models.ForeignKey("monitoring.Recovery", on_delete=models.PROTECT, related_name="repayments")
    amount = models.DecimalField("bedrag", max_digits=14, decimal_places=2)
    received_on = models.DateField("ontvangen op")
    entry = models.OneToOneField(BankEntry, on_delete=models.PROTECT, related_name="repayment", null=True, blank=True)
    noted_at = models.DateTimeField("genoteerd op")
    noted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        """Positive, kept."""

        verbose_name = "terugbetaling"
        verbose_name_plural = "terugbetalingen"
        ordering = ("received_on", "pk")
        constraints = (models.CheckConstraint(condition=Q(amount__gt=0), name="repayment_positive"),)
        triggers = (pgtrigger.Protect(name="repayment_is_frozen", operation=pgtrigger.Update | pgtrigger.Delete),)

    def __str__(self) -> str:
        """Amount and day."""
        return f"{self.amount} op {self.received_on:%d/%m/%Y}"
