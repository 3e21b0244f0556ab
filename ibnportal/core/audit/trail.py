"""Writing and reading the audit trail.

`record` takes an advisory lock on the subject's stream until the transaction ends, so that numbers and hashes of one
stream are without gaps and forks, whoever else writes at that moment.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import connection, models, transaction
from django.db.models import QuerySet

from ibnportal.core import clock
from ibnportal.core.audit.models import AuditEvent

SYSTEM = "systeem"
ANONYMOUS = "anoniem"

Actor = AbstractBaseUser | AnonymousUser | str | None


def stream_of(subject: models.Model | str) -> str:
    """The key of a subject's own chain: `applications.letter:7`; a string is taken as the key itself."""
    if isinstance(subject, str):
        return subject
    if subject.pk is None:
        raise ValueError("Only what is saved has an audit trail.")
    return f"{subject._meta.label_lower}:{subject.pk}"  # noqa: SLF001 - Django's documented Meta API


def record(
    action: str,
    subject: models.Model | str,
    *,
    by: Actor,
    changes: Mapping[str, Any] | None = None,
    reason: str = "",
    at: datetime | None = None,
) -> AuditEvent:
    """Append one row, in the transaction at hand (or one of its own).

    `action` is `noun.verb` ("letter.signed"); `changes` maps a field to `[before, after]` or to what was set. `by` is a user,
    None for the system, or a text for somebody without an account ("An Claes, via persoonlijke link").
    """
    stream = stream_of(subject)
    actor = by if isinstance(by, AbstractBaseUser) and by.pk is not None else None
    with transaction.atomic(savepoint=False):  # what was not recorded did not happen: the whole transaction goes
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"audit:{stream}"])
        last = AuditEvent.objects.filter(stream=stream).order_by("-seq").values_list("seq", "hash").first() or (0, "")
        event = AuditEvent(
            stream=stream,
            seq=last[0] + 1,
            subject=_clean("" if isinstance(subject, str) else str(subject))[:200],
            action=action,
            actor_id=None if actor is None else actor.pk,
            actor_label=_label(by)[:200],
            at=at or clock.now(),
            reason=_clean(reason),
            changes=_plain(changes or {}),
            previous_hash=last[1],
        )
        event.hash = hash_of(event)
        event.save(force_insert=True)
    return event


def record_look(subject: models.Model, *, by: Actor) -> AuditEvent:
    """That somebody opened this: for dossiers read by experts, committee and administrators."""
    return record(f"{subject._meta.model_name}.looked", subject, by=by)  # noqa: SLF001 - as in stream_of


def history(subject: models.Model | str) -> QuerySet[AuditEvent]:
    """Everything that happened to a subject, oldest first, with its actors."""
    return AuditEvent.objects.filter(stream=stream_of(subject)).select_related("actor").order_by("seq")


def verify(stream: str | None = None) -> list[str]:
    """Each break in the chains (or in one): a gap, a changed row, a forged link. Empty when all is whole."""
    return list(breaks(stream))


def breaks(stream: str | None = None) -> Iterator[str]:
    """As `verify`, one by one, holding one row in memory."""
    events = AuditEvent.objects.order_by("stream", "seq")
    if stream is not None:
        events = events.filter(stream=stream)
    current, seq, previous = None, 0, ""
    for event in events.iterator(chunk_size=2000):
        if event.stream != current:
            current, seq, previous = event.stream, 0, ""
        if event.seq != seq + 1:
            yield f"{event.stream}: #{seq + 1} is missing before #{event.seq}"
        if event.previous_hash != previous:
            yield f"{event.stream} #{event.seq}: does not follow the row before it"
        if event.hash != hash_of(event):
            yield f"{event.stream} #{event.seq}: content and hash differ"
        seq, previous = event.seq, event.hash


def hash_of(event: AuditEvent) -> str:
    """SHA-256 over the row as canonical JSON (sorted keys, UTC to the microsecond), the previous hash included."""
    content = {
        "stream": event.stream,
        "seq": event.seq,
        "subject": event.subject,
        "action": event.action,
        "actor": event.actor_id,
        "actor_label": event.actor_label,
        "at": event.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "reason": event.reason,
        "changes": event.changes,
        "previous_hash": event.previous_hash,
    }
    text = json.dumps(content, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _label(by: Actor) -> str:
    if by is None:
        return SYSTEM
    if isinstance(by, AnonymousUser):
        return ANONYMOUS
    return _clean(str(by)) or SYSTEM


def _clean(text: str) -> str:
    """Text that PostgreSQL keeps as it is: no NUL, no lone surrogates."""
    return text.replace("\x00", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode("utf-8")


def _plain(value: Any) -> Any:  # noqa: PLR0911 - one line per kind of value
    """The value as JSON that comes back from jsonb unchanged; hence numbers with a fraction are kept as text."""
    match value:
        case None | bool():
            return value
        case Enum():
            return _plain(value.value)
        case int():
            return value
        case str():
            return _clean(str(value))
        case float() | Decimal() | UUID():
            return str(value)
        case datetime():
            return value.astimezone(UTC).isoformat() if value.tzinfo else value.isoformat()
        case date() | time():
            return value.isoformat()
        case models.Model():
            return stream_of(value)
        case Mapping():
            return {_clean(str(key)): _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case set() | frozenset():
            return sorted((_plain(item) for item in value), key=str)
        case _:
            return _clean(str(value))
