"""Decision sheets by two worker processes beside one: the same sheets, the way of the outbox, both warm before the clock starts (speed.md)."""

import multiprocessing
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, connections

from evaluation.domain import sheets
from evaluation.models import DecisionSheet
from ibnportal.core import clock
from ibnportal.core.outbox import queue
from ibnportal.core.outbox.models import OutboxMessage
from tests.factories.evaluation import advised, evaluated, released

pytestmark = [pytest.mark.benchmark, pytest.mark.django_db(transaction=True)]

SHEETS = 10  # each costs a third of a second: long beside what starting to work costs
ROUNDS = 3
PATIENCE = 120  # seconds until a worker that says nothing counts as dead
_FORK = multiprocessing.get_context("fork")  # as Celery starts its workers


def _worker(own: int, todo: Any, ready: Any, done: Any) -> None:
    """Make one sheet of its own, so that fonts, templates and connection are there; then, at each start, what is left in the queue."""
    connections.close_all()  # the parent's belong to the parent
    queue.perform(own, raises=True)
    ready.put(None)
    while (message := todo.get()) is not None:
        began = time.process_time()
        queue.perform(message, raises=True)
        done.put(time.process_time() - began)
    connections.close_all()


@contextmanager
def workers(warm_up: list[int]) -> Iterator[Callable[[list[int]], tuple[float, float]]]:
    """As many workers as there are sheets to warm up on; gives a function that has them make sheets: (seconds, of a processor)."""
    todo, ready, done = _FORK.SimpleQueue(), _FORK.Queue(), _FORK.Queue()
    connections.close_all()
    started = [_FORK.Process(target=_worker, args=(own, todo, ready, done), daemon=True) for own in warm_up]
    for process in started:
        process.start()
    for _ in started:
        ready.get(timeout=PATIENCE)

    def make(messages: list[int]) -> tuple[float, float]:
        began = time.perf_counter()
        for message in messages:
            todo.put(message)
        used = sum(done.get(timeout=PATIENCE) for _ in messages)
        return time.perf_counter() - began, used

    try:
        yield make
    finally:
        for _ in started:
            todo.put(None)
        for process in started:
            process.join(timeout=30)


def again() -> list[int]:
    """Every sheet unmade and every message open, as when they were just asked for."""
    DecisionSheet.objects.update(file=None, made_at=None)
    waiting = OutboxMessage.objects.filter(topic=sheets.TOPIC)
    waiting.update(done_at=None, next_try_at=clock.real_now(), claimed_at=None)
    return list(waiting.order_by("pk").values_list("pk", flat=True))


def test_two_workers_make_sheets_nearly_twice_as_fast_as_one(monkeypatch):
    monkeypatch.setattr(queue, "nudge", lambda _message: None)  # the workers here are ours
    for _ in range(SHEETS):
        released(advised(evaluated(letters=1)))
    taken: dict[int, tuple[float, float]] = {}
    for count in (1, 2):
        with workers(again()[:count]) as make:
            for _ in range(ROUNDS):
                messages = again()
                taken[count] = min(taken.get(count, (float("inf"), 0.0)), make(messages))
                assert not DecisionSheet.objects.filter(made_at__isnull=True).exists()
    (one, used), (two, used_by_two) = taken[1], taken[2]
    print(
        f"\ndecision sheets, {SHEETS} of them  gain {one / two:4.2f}  one worker {one:5.2f} s (processor {used:5.2f})"
        f"  two {two:5.2f} s (processor {used_by_two:5.2f})"
    )
    connection.close()
    assert one / two >= 1.8
