"""Enqueue in the business transaction, perform at least once, have it count once.

The row is the truth. Celery only carries its id: a lost broker costs at most the half minute until the sweep.
"""

import logging
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import models, transaction
from django.utils.module_loading import autodiscover_modules

from ibnportal.core import clock
from ibnportal.core.audit.trail import stream_of
from ibnportal.core.outbox.models import OutboxMessage

logger = logging.getLogger(__name__)

Performer = Callable[[OutboxMessage], None]

FIRST_DELAY = timedelta(seconds=15)
LONGEST_DELAY = timedelta(hours=1)
CLAIM_LASTS = timedelta(minutes=10)
SWEEP_SIZE = 200
SILENCE = timedelta(seconds=30)

_performers: dict[str, Performer] = {}
_silent_until: datetime | None = None
_inline: ContextVar[bool] = ContextVar("outbox_inline", default=False)


class UnknownTopic(LookupError):  # noqa: N818 - reads as a sentence where it is raised
    """No app performs this topic; the message waits until one does."""


def enqueue(
    topic: str, *, key: str, payload: Mapping[str, Any] | None = None, subject: models.Model | str | None = None
) -> OutboxMessage:
    """Ask for an effect, in the transaction at hand; it is lost with that transaction and only with it.

    `key` names the effect ("receipt:submission:7"); a second call with the same key changes nothing and returns the first
    message. `payload` holds plain JSON: ids and text.
    """
    with transaction.atomic():
        message = OutboxMessage(
            topic=topic,
            key=key,
            payload=dict(payload or {}),
            subject_label="" if subject is None else stream_of(subject),
        )
        OutboxMessage.objects.bulk_create([message], ignore_conflicts=True)
        message = OutboxMessage.objects.get(key=key)
        transaction.on_commit(partial(nudge, message.pk), robust=True)
    return message


def retry_now(key: str) -> None:
    """Have what waits under this key tried again at once, after the commit; what is done stays done."""
    with transaction.atomic():
        waiting = OutboxMessage.objects.filter(key=key, done_at__isnull=True)
        for message_id in waiting.values_list("pk", flat=True):
            transaction.on_commit(partial(nudge, message_id), robust=True)
        waiting.update(next_try_at=clock.real_now(), claimed_at=None)


def performs(topic: str) -> Callable[[Performer], Performer]:
    """Register the function that performs a topic, in an app's `tasks.py`. It gets the message, inside a transaction.

    What it writes is committed together with "done". What it does outside the database may be repeated after a crash.
    """

    def register(performer: Performer) -> Performer:
        known = _performers.get(topic)
        if known is not None and (known.__module__, known.__qualname__) != (
            performer.__module__,
            performer.__qualname__,
        ):
            raise ValueError(f"Two functions perform {topic!r}.")
        _performers[topic] = performer
        return performer

    return register


def performer_of(topic: str) -> Performer:
    """The function that performs a topic; raises UnknownTopic."""
    if topic not in _performers:
        autodiscover_modules("tasks")
    try:
        return _performers[topic]
    except KeyError:
        raise UnknownTopic(f"No performer for topic {topic!r}") from None


def perform(message_id: int, *, raises: bool = False) -> bool:
    """Perform one message unless it is done or in another worker's hands; returns whether this call did it.

    The row stays locked meanwhile. On an error everything the performer wrote is undone, and the next try is later each
    time, up to an hour; there is no last try. With `raises` the error is noted and raised.
    """
    failure: Exception | None = None
    with transaction.atomic():
        message = (
            OutboxMessage.objects.select_for_update(of=("self",), skip_locked=True, no_key=True)
            .filter(pk=message_id, done_at__isnull=True)
            .first()
        )
        if message is None:
            return False
        try:
            with transaction.atomic():
                performer_of(message.topic)(message)
        except Exception as error:  # noqa: BLE001 - whatever went wrong is written down and tried again
            failure = error
            _note_failure(message, error)
        else:
            message.done_at, message.next_try_at, message.claimed_at = clock.real_now(), None, None
            message.attempts += 1
            message.last_error = ""
            message.save(update_fields=["done_at", "next_try_at", "claimed_at", "attempts", "last_error"])
    if failure is not None and raises:
        raise failure
    return failure is None


def _note_failure(message: OutboxMessage, error: Exception) -> None:
    message.attempts += 1
    delay = min(FIRST_DELAY * 2 ** min(message.attempts - 1, 16), LONGEST_DELAY)
    message.next_try_at, message.claimed_at = clock.real_now() + delay, None
    message.last_error = "".join(traceback.format_exception(error))[-4000:].replace("\x00", "")
    message.save(update_fields=["attempts", "next_try_at", "claimed_at", "last_error"])
    logger.warning("Outbox %s failed (attempt %s): %s", message, message.attempts, error)


def nudge(message_id: int) -> None:
    """Tell a worker that there is work; a dead broker is no error, for the sweep will find the row.

    A broker that failed is not asked again for half a minute, so that it does not hold up one page after another.
    """
    global _silent_until  # noqa: PLW0603 - what this process knows of the broker
    if _inline.get():
        perform(message_id)
        return
    if _silent_until is not None and clock.real_now() < _silent_until:
        return
    from ibnportal.core.outbox.tasks import perform_message  # noqa: PLC0415 - tasks import this module

    try:
        perform_message.apply_async(args=[message_id], retry=False, ignore_result=True)
    except Exception as error:  # noqa: BLE001 - redis, kombu and sockets each have their own
        _silent_until = clock.real_now() + SILENCE
        logger.warning("Outbox message %s was not announced: %s", message_id, error)
    else:
        _silent_until = None


def claim_due() -> list[int]:
    """The ids that are due and not handed out in the last minutes, now handed out to the caller."""
    stale = clock.real_now() - CLAIM_LASTS
    with transaction.atomic():
        ids = list(
            OutboxMessage.objects.due()
            .filter(models.Q(claimed_at__isnull=True) | models.Q(claimed_at__lt=stale))
            .select_for_update(skip_locked=True, no_key=True)
            .order_by("next_try_at", "pk")
            .values_list("pk", flat=True)[:SWEEP_SIZE]
        )
        OutboxMessage.objects.filter(pk__in=ids).update(claimed_at=clock.real_now())
    return ids


def drain(*, raises: bool = True) -> int:
    """Perform everything that is due, what that enqueues included, in this process; returns how many were done.

    For tests, and for the story when no worker runs. With `raises` the first error is raised.
    """
    done = 0
    while True:
        ids = list(OutboxMessage.objects.due().order_by("pk").values_list("pk", flat=True))
        performed = sum(perform(message_id, raises=raises) for message_id in ids)
        done += performed
        if not performed:
            return done


@contextmanager
def performs_inline() -> Iterator[None]:
    """Inside the block a message is performed in this process as soon as its transaction commits."""
    token = _inline.set(True)
    try:
        yield
    finally:
        _inline.reset(token)
