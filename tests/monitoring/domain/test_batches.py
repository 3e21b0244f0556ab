"""Payment files: each order in one file at most, frozen, written by a worker (PAY-01, PAY-08)."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError

from ibnportal.core.accounts.enums import Role
from ibnportal.core.errors import DomainError, NotAllowed, WrongState
from ibnportal.core.files import store
from ibnportal.core.outbox.models import OutboxMessage
from monitoring.documents import payment_file
from monitoring.domain import batches, tranches
from monitoring.enums import BatchState, TrancheState
from monitoring.models import PaymentBatch, Tranche
from tests.factories.monitoring import contribution, staff, team

pytestmark = pytest.mark.django_db


@pytest.fixture
def crew(clock):
    clock.set("2027-03-01T10:00")
    return team()


@pytest.fixture
def ordered(crew, drain_outbox):
    contribution(crew.year(), "180000.00", accepted_by=crew.manager)
    tranche = tranches.propose(crew.year(), 1, by=crew.manager)
    tranches.release(tranche, by=crew.officer)
    drain_outbox()
    return Tranche.objects.get()


@pytest.mark.rule("PAY-01")
def test_an_order_goes_into_one_file(crew, ordered, drain_outbox):
    assert batches.ready() == [ordered]
    batch = batches.make([ordered], execute_on=date(2027, 3, 3), by=crew.officer)
    assert (batch.payment_count, batch.total) == (1, Decimal("180000.00"))
    assert batch.payments[0]["end_to_end_id"] == f"{crew.network.code}-J1-S1"
    assert batches.ready() == []
    with pytest.raises(WrongState, match="al in een betaalbestand"):
        batches.make([ordered], execute_on=date(2027, 3, 3), by=crew.officer)
    drain_outbox()
    batch = PaymentBatch.objects.get()
    assert store.read_bytes(batch.file) == payment_file.write(batch)


def test_the_worker_writes_the_file_once(crew, ordered, drain_outbox):
    batch = batches.make([ordered], execute_on=date(2027, 3, 3), by=crew.officer)
    drain_outbox()
    first = PaymentBatch.objects.get().file_id
    OutboxMessage.objects.filter(key=f"payment_file:{batch.pk}").update(done_at=None, next_try_at=batch.made_at)
    drain_outbox()
    assert PaymentBatch.objects.get().file_id == first


def test_a_file_is_frozen_and_kept(crew, ordered):
    batches.make([ordered], execute_on=date(2027, 3, 3), by=crew.officer)
    with pytest.raises(DatabaseError, match="Cannot update"):
        PaymentBatch.objects.update(total=Decimal(1))


@pytest.mark.parametrize(
    ("execute_on", "sentence"),
    [(date(2027, 2, 28), "28/02/2027 is voorbij")],
)
def test_no_file_for_the_past(crew, ordered, execute_on, sentence):
    with pytest.raises(DomainError, match=sentence):
        batches.make([ordered], execute_on=execute_on, by=crew.officer)


def test_no_file_without_orders_account_or_officer(crew, ordered, settings):
    with pytest.raises(DomainError, match="minstens één"):
        batches.make([], execute_on=date(2027, 3, 3), by=crew.officer)
    with pytest.raises(NotAllowed):
        batches.make([ordered], execute_on=date(2027, 3, 3), by=crew.manager)
    settings.FUND_IBAN = ""
    with pytest.raises(DomainError, match="FUND_IBAN"):
        batches.make([ordered], execute_on=date(2027, 3, 3), by=crew.officer)


def test_a_cancelled_file_lets_its_orders_go_into_another(crew, ordered):
    batch = batches.make([ordered], execute_on=date(2027, 3, 3), by=crew.officer)
    with pytest.raises(DomainError, match="waarom het bestand"):
        batches.cancel(batch, reason="", by=crew.officer)
    batches.cancel(batch, reason="De bank weigerde het bestand.", by=crew.officer)
    assert batch.state == BatchState.CANCELLED
    assert batches.ready() == [ordered]
    again = batches.make([Tranche.objects.get()], execute_on=date(2027, 3, 3), by=crew.officer)
    assert again.message_id != batch.message_id


def test_a_file_with_a_confirmed_payment_is_not_cancelled(crew, ordered):
    batch = batches.make([ordered], execute_on=date(2027, 3, 3), by=crew.officer)
    tranches.confirm_paid(Tranche.objects.get(), paid_on=date(2027, 3, 1), by=crew.officer)
    with pytest.raises(WrongState, match="al bevestigd"):
        batches.cancel(batch, reason="Vergissing.", by=crew.officer)


def test_a_tranche_without_order_is_in_no_file(crew, ordered):
    batches.make([ordered], execute_on=date(2027, 3, 3), by=crew.officer)
    with pytest.raises(IntegrityError, match="tranche_in_a_batch_is_ordered"):
        Tranche.objects.update(state=TrancheState.RELEASED)


def test_several_releases_at_once_and_one_refusal_stops_no_other(crew, clock):
    other = team(number="IBN-2025-77")
    for each in (crew, other):
        contribution(each.year(), "180000.00", accepted_by=each.manager)
    mine = tranches.propose(crew.year(), 1, by=crew.officer)
    theirs = tranches.propose(other.year(), 1, by=other.manager)
    outcomes = tranches.release_all([mine, theirs], by=crew.officer)
    assert "vier ogen" in outcomes[0][1]
    assert outcomes[1] == (theirs, "")
    assert [t.state for t in Tranche.objects.order_by("pk")] == [TrancheState.PROPOSED, TrancheState.RELEASED]
    assert tranches.release_all([mine], by=staff(Role.FINANCIAL_OFFICER)) == [(mine, "")]
