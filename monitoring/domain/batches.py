"""Payment files for the bank: the orders that are ready, put together once (PAY-01, PAY-08).

A batch is frozen when it is made: which tranches, to whom, how much, with which message. A worker writes the file from that
row alone, so the file can be made again, byte for byte. A tranche is in one batch at most, by a lock and its own column.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction

from ibnportal.core import clock
from ibnportal.core.accounts.enums import Role
from ibnportal.core.accounts.models import User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError, WrongState
from ibnportal.core.files.models import StoredFile
from ibnportal.core.lifecycle import lock
from ibnportal.core.money import ZERO
from ibnportal.core.outbox.queue import enqueue
from monitoring.domain import accounts, people
from monitoring.domain.lifecycle import move_batch
from monitoring.enums import BatchState, TrancheState
from monitoring.models import PaymentBatch, Tranche

PAYMENT_FILE = "monitoring.payment_file"


@dataclass(frozen=True, slots=True)
class Debtor:
    """The account that the fund pays from."""

    name: str
    iban: str
    bic: str


def debtor() -> Debtor:
    """The fund's account, from the settings; raises DomainError while nobody filled it in."""
    if not settings.FUND_IBAN:
        raise DomainError(
            "Het rekeningnummer van het fonds is niet ingesteld. Vraag de beheerder om FUND_IBAN in te vullen."
        )
    return Debtor(name=settings.FUND_NAME, iban=accounts.checked_iban(settings.FUND_IBAN), bic=settings.FUND_BIC)


def ready() -> list[Tranche]:
    """The tranches with a payment order that are in no file yet, oldest release first."""
    rows = Tranche.objects.filter(state=TrancheState.ORDERED, batch__isnull=True)
    return list(rows.select_related("award_year__network__beneficiary").order_by("released_at", "pk"))


def end_to_end_id(tranche: Tranche) -> str:
    """The reference that comes back on the bank's statement: network, year and number of the tranche."""
    year = tranche.award_year
    return f"{year.network.code}-J{year.project_year}-S{tranche.number}"


@transaction.atomic
def make(tranches: Sequence[Tranche], *, execute_on: date, by: User, at: datetime | None = None) -> PaymentBatch:
    """Put these orders in one file and ask a worker to write it.

    Raises DomainError without orders, for a day in the past or without the fund's account; WrongState when one of them is in
    another file meanwhile (two officers at once: the second is told).
    """
    people.require_role(by, Role.FINANCIAL_OFFICER)
    at = at or clock.now()
    payer = debtor()
    if not tranches:
        raise DomainError("Kies minstens één betaling.")
    if execute_on < clock.local(at).date():
        raise DomainError(f"{execute_on:%d/%m/%Y} is voorbij. Kies vandaag of een latere dag.")
    locked = [lock(tranche) for tranche in sorted(tranches, key=lambda tranche: tranche.pk)]
    for tranche in locked:
        people.refuse_own_network(tranche.award_year.network, by)
        if tranche.state != TrancheState.ORDERED or tranche.batch_id is not None:
            raise WrongState(f"{tranche} staat al in een betaalbestand of is niet vrijgegeven. Laad de pagina opnieuw.")
    payments = [_payment(tranche) for tranche in locked]
    batch = PaymentBatch.objects.create(
        message_id=_message_id(locked, at),
        execute_on=execute_on,
        payment_count=len(locked),
        total=sum((tranche.amount for tranche in locked), ZERO),
        payments=payments,
        debtor={"name": payer.name, "iban": payer.iban, "bic": payer.bic},
        state_changed_at=at,
        made_at=at,
        made_by=by,
    )
    for tranche in locked:
        tranche.batch = batch
        tranche.save(update_fields=["batch"])
        trail.record("tranche.put_in_file", tranche, by=by, changes={"batch": batch.message_id}, at=at)
    trail.record("paymentbatch.made", batch, by=by, changes={"payments": len(locked), "total": batch.total}, at=at)
    enqueue(PAYMENT_FILE, key=f"payment_file:{batch.pk}", payload={"batch": batch.pk}, subject=batch)
    return batch


def _message_id(tranches: Sequence[Tranche], at: datetime) -> str:
    """Unique for the bank: the day, and the first tranche with how many times it was in a file before."""
    first = tranches[0]
    before = PaymentBatch.objects.filter(message_id__contains=f"-{first.pk}-").count()
    return f"IBN-{clock.local(at):%Y%m%d}-{first.pk}-{before + 1}"


def _payment(tranche: Tranche) -> dict[str, Any]:
    beneficiary = tranche.award_year.network.beneficiary
    return {
        "tranche": tranche.pk,
        "end_to_end_id": end_to_end_id(tranche),
        "amount": str(tranche.amount),
        "name": beneficiary.name,
        "iban": tranche.iban,
        "reference": tranche.payment_reference,
    }


@transaction.atomic
def attach_file(batch: PaymentBatch, file: StoredFile) -> PaymentBatch:
    """The worker wrote the file; a batch that has one keeps it."""
    fresh = lock(batch)
    if fresh.file_id is None:
        fresh.file = file
        fresh.save(update_fields=["file"])
        trail.record("paymentbatch.written", fresh, by=None, changes={"sha256": file.sha256})
    batch.file = fresh.file
    return fresh


@transaction.atomic
def cancel(batch: PaymentBatch, *, reason: str, by: User, at: datetime | None = None) -> PaymentBatch:
    """The bank did not carry the file out: its orders can go in another one. Refused once one of them is paid."""
    people.require_role(by, Role.FINANCIAL_OFFICER)
    why = reason.strip()
    if not why:
        raise DomainError("Schrijf op waarom het bestand niet uitgevoerd wordt.")
    at = at or clock.now()
    fresh = lock(batch)
    tranches = list(Tranche.objects.select_for_update(of=("self",), no_key=True).filter(batch=fresh).order_by("pk"))
    if any(tranche.state == TrancheState.PAID for tranche in tranches):
        raise WrongState("Een betaling uit dit bestand is al bevestigd. Het bestand kan niet meer geannuleerd worden.")
    move_batch(
        batch, BatchState.CANCELLED, by=by, at=at, reason=why, cancelled_at=at, cancelled_by=by, cancellation_reason=why
    )
    for tranche in tranches:
        tranche.batch = None
        tranche.save(update_fields=["batch"])
        trail.record("tranche.taken_from_file", tranche, by=by, changes={"batch": fresh.message_id}, reason=why, at=at)
    return batch


def amount_of(payment: dict[str, Any]) -> Decimal:
    """The amount of one payment of a batch, in euros."""
    return Decimal(payment["amount"])
