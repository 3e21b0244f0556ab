from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import IntegrityError, connection, transaction

from ibnportal.core import clock
from ibnportal.core.audit import trail
from ibnportal.core.audit.models import AuditEvent
from ibnportal.core.invariants import breaches
from ibnportal.core.outbox import queue, tasks
from ibnportal.core.outbox.health import health
from ibnportal.core.outbox.models import OutboxMessage
from tests.factories.core import OrganisationFactory


@pytest.fixture
def performed(monkeypatch):
    """What the topic `test.effect` was performed with, and a switch that makes it fail."""
    done = []

    def perform_effect(message):
        trail.record("effect.done", f"effect:{message.key}", by=None)
        if message.payload.get("fails"):
            raise ValueError("de mailserver antwoordt niet")
        done.append(message.key)

    monkeypatch.setitem(queue._performers, "test.effect", perform_effect)
    return done


@pytest.fixture
def announced(monkeypatch):
    ids = []
    monkeypatch.setattr(tasks.perform_message, "apply_async", lambda args, **_: ids.extend(args))
    return ids


@pytest.mark.django_db
class TestEnqueue:
    def test_the_same_key_is_one_effect(self):
        organisation = OrganisationFactory()
        first = queue.enqueue("test.effect", key="a", payload={"id": 1}, subject=organisation)
        again = queue.enqueue("test.effect", key="a", payload={"id": 2})
        assert again == first
        assert OutboxMessage.objects.get().payload == {"id": 1}
        assert first.subject_label == f"accounts.organisation:{organisation.pk}"

    def test_is_lost_with_its_transaction_and_announced_only_after_it(
        self, announced, django_capture_on_commit_callbacks
    ):
        with transaction.atomic():
            queue.enqueue("test.effect", key="a")
            transaction.set_rollback(True)
        assert not OutboxMessage.objects.exists()
        with django_capture_on_commit_callbacks(execute=True):
            message = queue.enqueue("test.effect", key="a")
            assert announced == []
        assert announced == [message.pk]

    def test_survives_a_dead_broker(self, monkeypatch, caplog, django_capture_on_commit_callbacks):
        asked = []

        def refuse(args, **_):
            asked.append(args)
            raise ConnectionError("geen broker")

        monkeypatch.setattr(queue, "_silent_until", None)
        monkeypatch.setattr(tasks.perform_message, "apply_async", refuse)
        with django_capture_on_commit_callbacks(execute=True):
            queue.enqueue("test.effect", key="a")
            queue.enqueue("test.effect", key="b")
        assert "was not announced: geen broker" in caplog.text
        assert len(asked) == 1
        assert OutboxMessage.objects.due().count() == 2

    def test_the_database_holds_done_or_a_next_try(self):
        message = queue.enqueue("test.effect", key="a")
        with pytest.raises(IntegrityError, match="outbox_done_or_next_try"), transaction.atomic():
            OutboxMessage.objects.filter(pk=message.pk).update(next_try_at=None)


@pytest.mark.django_db
class TestPerform:
    def test_once_however_often_it_is_asked(self, performed):
        message = queue.enqueue("test.effect", key="a")
        assert queue.perform(message.pk)
        assert not queue.perform(message.pk)
        assert not tasks.perform_message(message.pk)
        message.refresh_from_db()
        assert performed == ["a"]
        assert (message.attempts, message.next_try_at, message.last_error) == (1, None, "")
        assert message.done_at is not None

    def test_a_failure_undoes_what_was_written_and_tries_later(self, performed):
        message = queue.enqueue("test.effect", key="a", payload={"fails": True})
        assert not queue.perform(message.pk)
        message.refresh_from_db()
        assert not AuditEvent.objects.filter(action="effect.done").exists()
        assert (message.attempts, message.done_at) == (1, None)
        assert message.last_error.rstrip().endswith("ValueError: de mailserver antwoordt niet")
        assert message.next_try_at > clock.real_now()

    @pytest.mark.parametrize(("attempts", "seconds"), [(0, 15), (1, 30), (2, 60), (7, 1920), (8, 3600), (500, 3600)])
    def test_each_failure_waits_longer_up_to_an_hour(self, performed, attempts, seconds):
        message = queue.enqueue("test.effect", key="a", payload={"fails": True})
        OutboxMessage.objects.update(attempts=attempts)
        queue.perform(message.pk)
        message.refresh_from_db()
        wait = message.next_try_at - clock.real_now()
        assert timedelta(seconds=seconds - 5) < wait <= timedelta(seconds=seconds)

    def test_a_failure_that_broke_the_transaction_is_written_down_too(self, monkeypatch):
        def break_transaction(message):
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 / 0")

        monkeypatch.setitem(queue._performers, "test.effect", break_transaction)
        message = queue.enqueue("test.effect", key="a")
        assert not queue.perform(message.pk)
        message.refresh_from_db()
        assert "division by zero" in message.last_error

    def test_an_unknown_topic_waits(self):
        message = queue.enqueue("test.unknown", key="a")
        assert not queue.perform(message.pk)
        message.refresh_from_db()
        assert "No performer" in message.last_error

    def test_two_functions_for_one_topic_are_a_mistake(self, monkeypatch):
        monkeypatch.setattr(queue, "_performers", {})
        queue.performs("test.effect")(lambda message: None)
        with pytest.raises(ValueError, match="Two functions"):
            queue.performs("test.effect")(print)


@pytest.mark.django_db
class TestSweep:
    def test_announces_what_was_forgotten_once_in_ten_minutes(self, performed, announced):
        message = queue.enqueue("test.effect", key="a")
        assert tasks.sweep() == 1
        assert announced == [message.pk]
        assert tasks.sweep() == 0
        OutboxMessage.objects.update(claimed_at=clock.real_now() - timedelta(minutes=11))
        assert tasks.sweep() == 1

    def test_leaves_what_is_done_or_not_due(self, performed, announced):
        queue.perform(queue.enqueue("test.effect", key="done").pk)
        queue.perform(queue.enqueue("test.effect", key="later", payload={"fails": True}).pk)
        assert tasks.sweep() == 0
        OutboxMessage.objects.filter(key="later").update(next_try_at=clock.real_now())
        assert tasks.sweep() == 1

    def test_goes_on_while_the_demo_travels(self, performed, announced, clock):
        clock.set("2028-02-14T10:00")
        queue.enqueue("test.effect", key="a")
        clock.set("2025-12-08T10:00")
        assert tasks.sweep() == 1


@pytest.mark.django_db
class TestDrain:
    def test_performs_what_that_enqueues_too(self, monkeypatch, performed):
        monkeypatch.setitem(queue._performers, "test.first", lambda message: queue.enqueue("test.effect", key="second"))
        queue.enqueue("test.first", key="first")
        assert queue.drain() == 2
        assert performed == ["second"]

    def test_raises_the_first_error_and_keeps_it(self, performed):
        queue.enqueue("test.effect", key="a", payload={"fails": True})
        with pytest.raises(ValueError, match="mailserver"):
            queue.drain()
        assert OutboxMessage.objects.get().attempts == 1
        assert queue.drain(raises=False) == 0


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_inline_performs_as_soon_as_the_transaction_commits(self, performed, announced):
        with queue.performs_inline(), transaction.atomic():
            queue.enqueue("test.effect", key="a")
            assert performed == []
        assert performed == ["a"]
        assert announced == []

    def test_eight_workers_perform_a_message_once(self, performed):
        message = queue.enqueue("test.effect", key="a")
        barrier, outcomes = Barrier(8), []

        def work():
            try:
                barrier.wait()
                outcomes.append(queue.perform(message.pk))
            finally:
                connection.close()

        run_at_once(work, 8)
        assert sorted(outcomes) == [False] * 7 + [True]
        assert performed == ["a"]

    def test_eight_requests_enqueue_a_key_once(self, announced):
        barrier, pks = Barrier(8), []

        def work():
            try:
                barrier.wait()
                pks.append(queue.enqueue("test.effect", key="a").pk)
            finally:
                connection.close()

        run_at_once(work, 8)
        assert len(pks) == 8
        assert len(set(pks)) == 1

    def test_two_sweeps_share_the_work(self):
        for number in range(40):
            queue.enqueue("test.effect", key=str(number))
        barrier, claimed = Barrier(2), []

        def work():
            try:
                barrier.wait()
                claimed.extend(queue.claim_due())
            finally:
                connection.close()

        run_at_once(work, 2)
        assert len(claimed) == len(set(claimed)) == 40


def run_at_once(work, number):
    threads = [Thread(target=work) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.django_db
class TestHealth:
    def test_all_done_is_healthy(self, performed):
        queue.perform(queue.enqueue("test.effect", key="a").pk)
        assert (health().waiting, health().failing, health().oldest_due_at) == (0, 0, None)
        assert list(breaches()) == []

    def test_what_is_forgotten_is_a_breach(self):
        message = queue.enqueue("test.effect", key="a")
        assert list(breaches()) == []
        OutboxMessage.objects.update(next_try_at=clock.real_now() - timedelta(minutes=6))
        assert health().waiting == 1
        assert next(breach for _, breach in breaches()).startswith(f"outbox {message.pk} (test.effect a): due since")

    def test_what_keeps_failing_is_a_breach(self, performed):
        message = queue.enqueue("test.effect", key="a", payload={"fails": True})
        OutboxMessage.objects.update(attempts=4)
        queue.perform(message.pk)
        assert health().failing == 1
        assert [breach for _, breach in breaches()] == [
            f"outbox {message.pk} (test.effect a): failed 5 times, last: ValueError: de mailserver antwoordt niet"
        ]
