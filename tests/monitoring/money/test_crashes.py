"""A process that dies at any step of a release, a settlement or the work after it: nothing missing, nothing twice (trust.md).

The killer cuts the connection to PostgreSQL at the n-th statement, as the operating system does to a killed process, for n
from the first statement to the last; and once after the commit, before the broker hears of it.
"""

from contextlib import contextmanager
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection

from ibnportal.core.accounts.enums import Role
from ibnportal.core.audit.models import AuditEvent
from ibnportal.core.files import store
from ibnportal.core.files.models import StoredFile
from ibnportal.core.outbox import queue
from ibnportal.core.outbox.models import OutboxMessage
from monitoring.documents import payment_file, payment_order, recovery_letter
from monitoring.domain import batches, settlements, tranches
from monitoring.models import AwardYear, PaymentBatch, Recovery, Settlement, Tranche
from tests.factories.core import pdf_bytes
from tests.factories.monitoring import approved_report, contribution, staff, team
from tests.monitoring.test_races import at_once, no_breach

pytestmark = pytest.mark.django_db(transaction=True)


class Killed(BaseException):
    """No exception that anything could catch: the process is gone."""


@contextmanager
def killed_at(step):
    """The connection drops at that statement; yields a list that holds the step once it happened."""
    count, happened = 0, []

    def kill(execute, sql, params, many, context):
        nonlocal count
        count += 1
        if count == step:
            happened.append(step)
            connection.connection.close()
            raise Killed
        return execute(sql, params, many, context)

    with connection.execute_wrapper(kill):
        try:
            yield happened
        except Killed:
            connection.close()


def money():
    """All that a crash could leave by half."""
    return {
        "years": list(AwardYear.objects.order_by("pk").values()),
        "tranches": list(Tranche.objects.order_by("pk").values()),
        "settlements": list(Settlement.objects.order_by("pk").values()),
        "recoveries": list(Recovery.objects.order_by("pk").values()),
        "batches": list(PaymentBatch.objects.order_by("pk").values()),
        "outbox": list(OutboxMessage.objects.order_by("pk").values("key", "done_at")),
        "files": StoredFile.objects.count(),
        "trail": AuditEvent.objects.count(),
    }


def survives(deed):
    """Kill the deed at each of its statements: each time all is as before; at last it is done. Returns how many times it died."""
    before = money()
    for step in range(1, 500):
        with killed_at(step) as happened:
            deed()
        if not happened:
            return step - 1
        assert money() == before, f"killed at statement {step}"
    raise AssertionError("the deed never ends")


@pytest.fixture
def crew(clock, settings, monkeypatch):
    settings.FUND_IBAN = "BE71096123456769"
    paper = pdf_bytes(title="papier.pdf")
    monkeypatch.setattr(payment_order, "render_order", lambda order: (paper, "opdracht.pdf"))
    monkeypatch.setattr(recovery_letter, "render", lambda *args: (paper, "brief.pdf"))
    clock.set("2027-03-01T10:00")
    crew = team()
    contribution(crew.year(), "225000.00", accepted_by=crew.manager)
    return crew


@pytest.fixture
def released(crew):
    return tranches.release(tranches.propose(crew.year(), 1, by=crew.manager), by=crew.officer)


def message(key):
    return OutboxMessage.objects.get(key=key)


@pytest.mark.rule("PAY-01")
def test_a_release_that_dies_releases_nothing_and_then_once(crew):
    tranche = tranches.propose(crew.year(), 1, by=crew.manager)
    died = survives(lambda: tranches.release(Tranche.objects.get(pk=tranche.pk), by=crew.officer))
    assert died > 10
    assert crew.year().paid_amount == Decimal("180000.00")
    assert OutboxMessage.objects.filter(topic=tranches.PAYMENT_ORDER).count() == 1
    no_breach()


def test_a_death_after_the_commit_loses_no_order(crew, monkeypatch, drain_outbox):
    tranche = tranches.propose(crew.year(), 1, by=crew.manager)

    def dies(message_id):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(queue, "nudge", dies)
        with pytest.raises(Killed):
            tranches.release(tranche, by=crew.officer)
    connection.close()
    assert Tranche.objects.get().state == "released"
    assert message(f"payment_order:{tranche.pk}").pk in queue.claim_due()
    drain_outbox()
    assert Tranche.objects.get().state == "ordered"


def test_a_worker_that_dies_makes_one_order(released):
    waiting = message(f"payment_order:{released.pk}")
    assert survives(lambda: queue.perform(waiting.pk, raises=True)) > 5
    assert Tranche.objects.get().order_file is not None
    assert StoredFile.objects.filter(kind="generated_pdf").count() == 1
    assert not queue.perform(waiting.pk)


def settled(crew, clock, costs):
    clock.set("2027-09-15T10:00")
    approved_report(crew, costs=costs)
    settlements.close_claims(crew.year(), by=crew.manager)
    return survives(lambda: settlements.settle(crew.year(), by=crew.manager))


@pytest.mark.rule("PAY-05")
def test_a_settlement_that_dies_settles_nothing_and_then_once(crew, released, clock):
    assert settled(crew, clock, "450000.00") > 10
    assert (Settlement.objects.get().balance, Tranche.objects.filter(number=2).count()) == (Decimal("45000.00"), 1)
    no_breach()


def test_a_recovery_that_dies_is_claimed_once_and_written_once(crew, released, clock):
    assert settled(crew, clock, "300000.00") > 10
    recovery = Recovery.objects.get()
    assert recovery.amount == Decimal("30000.00")
    waiting = message(f"recovery_letter:{recovery.pk}")
    assert survives(lambda: queue.perform(waiting.pk, raises=True)) > 5
    assert Recovery.objects.get().letter_file is not None
    no_breach()


def test_a_payment_file_that_dies_is_made_once(crew, released, drain_outbox):
    drain_outbox()
    day = date(2027, 3, 3)
    assert survives(lambda: batches.make(batches.ready(), execute_on=day, by=crew.officer)) > 5
    batch = PaymentBatch.objects.get()
    waiting = message(f"payment_file:{batch.pk}")
    assert survives(lambda: queue.perform(waiting.pk, raises=True)) > 5
    assert PaymentBatch.objects.get().file is not None
    assert StoredFile.objects.filter(kind="generated_xml").count() == 1


def test_a_file_made_twice_has_the_same_bytes_and_id(crew, released, drain_outbox, clock):
    drain_outbox()
    made = batches.make(batches.ready(), execute_on=date(2027, 3, 3), by=crew.officer)
    drain_outbox()
    first = PaymentBatch.objects.get()
    content = store.read_bytes(first.file)
    clock.set("2027-03-02T09:00")
    crew.network.beneficiary.name = "Andere naam"
    crew.network.beneficiary.save()
    assert payment_file.write(PaymentBatch.objects.get()) == content
    assert made.message_id.encode() in content
    PaymentBatch.objects.update(file=None)
    OutboxMessage.objects.filter(key=f"payment_file:{made.pk}").update(done_at=None, next_try_at=made.made_at)
    assert queue.perform(message(f"payment_file:{made.pk}").pk)
    again = PaymentBatch.objects.get()
    assert (again.file.sha256, again.message_id) == (first.file.sha256, first.message_id)


def test_two_officers_put_an_order_in_one_file(crew, released, drain_outbox):
    drain_outbox()
    other = staff(Role.FINANCIAL_OFFICER)
    day = date(2027, 3, 3)
    done, refused = at_once(
        lambda: batches.make(list(Tranche.objects.all()), execute_on=day, by=crew.officer),
        lambda: batches.make(list(Tranche.objects.all()), execute_on=day, by=other),
    )
    assert (len(done), len(refused)) == (1, 1)
    assert PaymentBatch.objects.get().payment_count == 1
