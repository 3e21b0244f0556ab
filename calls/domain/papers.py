"""The templates that a call hands out: each change is a next version; once the call is out it needs a reason (DOC-01 ... DOC-06)."""

from contextlib import suppress
from datetime import datetime

from django.core.files.base import File
from django.db import transaction
from django.db.models import Max, ProtectedError, QuerySet

from calls.domain import amending
from calls.enums import AmendmentKind
from calls.models import Call, Paper
from ibnportal.core import clock
from ibnportal.core.accounts.models import User
from ibnportal.core.audit import trail
from ibnportal.core.audit.models import AuditEvent
from ibnportal.core.errors import DomainError
from ibnportal.core.files import store
from ibnportal.core.files.kinds import FileKind
from ibnportal.core.files.models import StoredFile
from ibnportal.core.lifecycle import lock

_KEPT = "paper.kept"


def in_force(call: Call) -> "QuerySet[Paper]":
    """The newest version of each template; one query."""
    return (
        Paper.objects.filter(call=call, pk__in=_newest(call))
        .select_related("file__blob")
        .order_by("phase", "title", "pk")
    )


def _newest(call: Call) -> "QuerySet[Paper, int]":
    return Paper.objects.filter(call=call).order_by("code", "-version").distinct("code").values_list("pk", flat=True)


def keep(upload: "File[bytes]", *, by: User) -> StoredFile:
    """Check a file and keep it while the mail about it is read; nothing is handed out yet. Raises DomainError."""
    with transaction.atomic():
        stored = store.store(upload, by=by, kind=FileKind.OFFICE_FILE)
        trail.record(_KEPT, stored, by=by, changes={"file": stored.pk})
    return stored


def drop_unused(*, before: datetime) -> int:
    """Take out what was kept before that moment and never handed out: the mail was read and nothing came of it. Returns how many.

    A file that something else holds on to stays, and holds up none of the others.
    """
    kept = AuditEvent.objects.filter(action=_KEPT, at__lt=before).values_list("changes__file", flat=True)
    unused = StoredFile.objects.filter(pk__in=list(kept)).exclude(pk__in=Paper.objects.values("file"))
    dropped = 0
    for stored in unused:
        with suppress(ProtectedError):
            store.discard(stored)
            dropped += 1
    return dropped


def add(
    call: Call,
    upload: "File[bytes] | StoredFile",
    *,
    code: str,
    kind: str,
    title: str,
    phase: int | None,
    by: User | None,
    note: str = "",
    reason: str = "",
    message: str = "",
) -> Paper:
    """Hand out a template, or the next version of the one with this code.

    The file is checked for what it says it is, or was when it was kept (`keep`). Once the call is published a reason is asked: the change
    is announced to all its applicants, in `message` where the sender wants other words than the portal's. Raises DomainError.
    """
    if not title.strip():
        raise DomainError("Geef het sjabloon een titel: zo vinden aanvragers het terug.")
    with transaction.atomic():
        fresh = lock(call)
        last = Paper.objects.filter(call=fresh, code=code).aggregate(last=Max("version"))["last"] or 0
        stored = upload if isinstance(upload, StoredFile) else store.store(upload, by=by, kind=FileKind.OFFICE_FILE)
        amendment = None
        if fresh.frozen_at is not None:
            change = {
                "what": title.strip(),
                "before": f"versie {last}" if last else "er was er geen",
                "after": f"versie {last + 1}: {stored.name}",
            }
            amendment = amending.record(fresh, AmendmentKind.PAPER, [change], reason=reason, by=by, message=message)
        paper = Paper.objects.create(
            call=fresh,
            code=code,
            kind=kind,
            title=title.strip(),
            phase=phase,
            version=last + 1,
            file=stored,
            note=note.strip(),
            added_at=clock.now(),
            added_by=by,
            amendment=amendment,
        )
        changes = {"code": code, "version": paper.version, "name": stored.name, "sha256": stored.sha256}
        trail.record("call.paper_added", fresh, by=by, changes=changes, reason=reason)
    return paper
