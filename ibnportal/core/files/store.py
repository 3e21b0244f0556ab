"""The content-addressed store: `MEDIA_ROOT/blobs/ab/cd/<sha256>`.

The row is written first and the file before the transaction commits. So after a crash there can be a file without a row
(`sweep` removes it after an hour), never a row without its file. Who stores and who sweeps the same content take turns
by an advisory lock.
"""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.files.base import File
from django.db import connection, transaction

from ibnportal.core import clock
from ibnportal.core.accounts.domain.people import system_user
from ibnportal.core.accounts.models import User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError
from ibnportal.core.files.checks import Checked, check, too_large
from ibnportal.core.files.kinds import FileKind
from ibnportal.core.files.models import Blob, StoredFile

ORPHAN_AGE_SECONDS = 3600


def store(upload: "File[bytes]", *, by: User | None, kind: FileKind) -> StoredFile:
    """Check an upload for what it must be and keep it; raises DomainError, and then nothing is kept.

    Safe inside a larger transaction: when that rolls back, the file on disk is an orphan that the sweep removes.
    """
    kind = FileKind(kind)
    name = upload.name or "bestand"
    size = getattr(upload, "size", None) or 0
    if size > kind.rule.max_bytes:
        raise DomainError(too_large(name, size, kind.rule.max_bytes))
    upload.seek(0)
    content = upload.read(kind.rule.max_bytes + 1)
    return _keep(content, check(content, name=name, kind=kind), by=by, kind=kind)


def store_bytes(data: bytes, *, name: str, kind: FileKind, by: User | None) -> StoredFile:
    """Keep what the portal itself made, under the same checks."""
    kind = FileKind(kind)
    return _keep(data, check(data, name=name, kind=kind), by=by, kind=kind)


def read_bytes(stored_file: StoredFile) -> bytes:
    """The whole content. Raises FileNotFoundError when the store lost it."""
    return path_of(stored_file.blob_id).read_bytes()


def open_file(stored_file: StoredFile) -> IO[bytes]:
    """The content as an open file, to be closed by the caller. Raises FileNotFoundError when the store lost it."""
    return path_of(stored_file.blob_id).open("rb")


def path_of(sha256: str) -> Path:
    """Where the content with this hash lies."""
    return _root() / sha256[:2] / sha256[2:4] / sha256


def discard(stored: StoredFile) -> None:
    """Take out a file that nothing ever used; its content goes with the sweep, unless somebody else stored the same. Raises ProtectedError."""
    with transaction.atomic():
        _take_turn(stored.sha256)
        changes = {"name": stored.name, "sha256": stored.sha256}
        trail.record("storedfile.discarded", stored, by=None, changes=changes)
        stored.delete()
        Blob.objects.filter(pk=stored.sha256, files__isnull=True).delete()


def sweep() -> int:
    """Remove files without a row, and temporary files, older than an hour; returns how many."""
    removed = 0
    for path in list(_old_files()):
        if path.suffix == ".tmp":
            path.unlink(missing_ok=True)
            removed += 1
            continue
        with transaction.atomic():
            _take_turn(path.name)
            if not Blob.objects.filter(pk=path.name).exists() and _is_old(path):
                path.unlink(missing_ok=True)
                removed += 1
    return removed


def verify_store() -> Iterator[str]:
    """One sentence per row whose file is missing or differs, and per old file without a row."""
    known = set()
    for blob in Blob.objects.iterator():
        known.add(blob.sha256)
        path = path_of(blob.sha256)
        if not path.is_file():
            yield f"blob {blob.sha256}: the file is missing"
        elif path.stat().st_size != blob.size or _hash_of(path) != blob.sha256:
            yield f"blob {blob.sha256}: the file differs from its hash or size"
    for path in _old_files():
        if path.name not in known and not Blob.objects.filter(pk=path.name).exists():
            yield f"file {path.name}: older than an hour and without a row"


def _keep(content: bytes, checked: Checked, *, by: User | None, kind: FileKind) -> StoredFile:
    sha256 = hashlib.sha256(content).hexdigest()
    with transaction.atomic():
        _take_turn(sha256)
        Blob.objects.bulk_create([Blob(sha256=sha256, size=len(content))], ignore_conflicts=True)
        stored = StoredFile.objects.create(
            blob_id=sha256,
            name=checked.name,
            content_type=checked.content_type,
            kind=kind,
            pages=checked.pages,
            stored_at=clock.now(),
            stored_by=by or system_user(),
        )
        _write(sha256, content)
        changes: dict[str, Any] = {"name": checked.name, "kind": kind, "sha256": sha256, "size": len(content)}
        trail.record("storedfile.stored", stored, by=by, changes=changes)
    return stored


def _write(sha256: str, content: bytes) -> None:
    """Whole or not at all: written aside, flushed to disk, then renamed; a content that is there already is only touched."""
    path = path_of(sha256)
    if path.is_file() and path.stat().st_size == len(content):
        os.utime(path)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".tmp", delete=False) as aside:
        try:
            aside.write(content)
            aside.flush()
            os.fsync(aside.fileno())
            Path(aside.name).replace(path)
        except BaseException:
            Path(aside.name).unlink(missing_ok=True)
            raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _take_turn(sha256: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"blob:{sha256}"])


def _root() -> Path:
    return Path(settings.MEDIA_ROOT) / "blobs"


def _old_files() -> Iterator[Path]:
    for path in sorted(_root().glob("??/??/*")):
        if path.is_file() and _is_old(path):
            yield path


def _is_old(path: Path) -> bool:
    """By the machine's own time, as the file system keeps it."""
    try:
        return path.stat().st_mtime < clock.real_now().timestamp() - ORPHAN_AGE_SECONDS
    except FileNotFoundError:
        return False


def _hash_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
