"""Is the outbox keeping up?"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Min

from ibnportal.core import clock
from ibnportal.core.outbox.models import OutboxMessage

OVERDUE = timedelta(minutes=5)
STUCK_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Health:
    """How many wait, how many keep failing, and since when the oldest is due."""

    waiting: int
    failing: int
    oldest_due_at: datetime | None


def health() -> Health:
    """The state of the outbox now, in three queries."""
    waiting = OutboxMessage.objects.waiting()
    return Health(
        waiting=waiting.count(),
        failing=waiting.filter(attempts__gte=STUCK_ATTEMPTS).count(),
        oldest_due_at=OutboxMessage.objects.due().aggregate(oldest=Min("next_try_at"))["oldest"],
    )


def breaches() -> Iterator[str]:
    """Messages that are due and forgotten, or that keep failing."""
    late = clock.real_now() - OVERDUE
    for message in OutboxMessage.objects.waiting().filter(next_try_at__lt=late):
        yield f"outbox {message.pk} ({message}): due since {message.next_try_at:%Y-%m-%d %H:%M} UTC and not performed"
    for message in OutboxMessage.objects.waiting().filter(attempts__gte=STUCK_ATTEMPTS, next_try_at__gte=late):
        last_line = message.last_error.strip().rpartition("\n")[2]
        yield f"outbox {message.pk} ({message}): failed {message.attempts} times, last: {last_line}"
