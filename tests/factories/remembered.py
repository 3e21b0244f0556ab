"""What a test asks for in the same words as an earlier test of this run comes back as the same rows.

    application = remembered(("application", "p2_evaluation"), make)

Most tests begin with a dossier far on its way, for which the domain needs hundreds of statements. The first time `make` does
its work, and the rows that it adds are noted with their files. Their keys stay free when that test is rolled back, for a
sequence never goes back, so that the next test gets the very same rows by COPY.

Nothing comes back that would not be made the same. A changed row of the call is another memory; what altered a row that stood
already, or leans on one of the test's own, is made anew each time. `test_remembered.py` holds what comes back against what was
made.
"""

import re
from collections import Counter
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

from django.apps import apps
from django.db import ProgrammingError, connection, transaction
from django.db.models import AutoField, Model

from ibnportal.core import clock
from ibnportal.core.accounts.domain.people import system_user
from ibnportal.core.files import store

__all__ = ["forget_the_test", "may_pass_over_triggers", "remembered"]

M = TypeVar("M", bound="Model | tuple[Model, ...]")
BLOBS, FILES, PEOPLE, TRAIL = "files_blob", "files_storedfile", "accounts_user", "audit_auditevent"
_WITHOUT_TRIGGERS = "SET LOCAL session_replication_role = replica"
_WITH_TRIGGERS = "SET LOCAL session_replication_role = origin"


@dataclass(frozen=True)
class Memory:
    """The rows that one making added (table → text of COPY), the content of their files by hash, and what it returned."""

    made: list[tuple[type[Model], int]]
    is_one: bool
    rows: dict[str, bytes]
    files: dict[str, bytes]


_known: dict[Hashable, Memory | None] = {}
"""None for what is not the same twice."""
_asked: Counter[Hashable] = Counter()


def forget_the_test() -> None:
    """The next test asks for its first one again."""
    _asked.clear()


def remembered(words: Hashable, make: Callable[[], M], *, at: datetime) -> M:
    """What `make` returns, made or remembered, as it was made at that moment; asked for twice by one test these are two."""
    before = clock.freeze(at)
    try:
        return _remembered((at, words), make)
    finally:
        clock.freeze(before)


def _remembered(words: Hashable, make: Callable[[], M]) -> M:
    if not _may_remember():
        return make()
    system = system_user()
    about = (connection.settings_dict["NAME"], words, system.pk, _one(_fingerprint("calls", "workdays")))
    _asked[about] += 1
    key = (about, _asked[about])
    if key not in _known:
        return _note(key, make, system.pk)
    memory = _known[key]
    if memory is None:
        return make()
    _put_back(memory)
    found = tuple(model._default_manager.get(pk=pk) for model, pk in memory.made)
    return found[0] if memory.is_one else found  # type: ignore[return-value]


def _may_remember() -> bool:
    """In this worker's own database, in a test that is rolled back."""
    is_own = re.fullmatch(r"test_.*(?<!_copy)(?<!_stage)", connection.settings_dict["NAME"]) is not None
    return is_own and connection.in_atomic_block and may_pass_over_triggers()


@cache
def may_pass_over_triggers() -> bool:
    """The servers of `make test` allow it; on another server a test does without remembering, and takes longer."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_WITHOUT_TRIGGERS)
            cursor.execute(_WITH_TRIGGERS)
    except ProgrammingError:
        return False
    return True


# ---------------------------------------------------------------- noting


def _note(key: Hashable, make: Callable[[], M], system: int) -> M:
    before = _highest()
    as_it_stood = _one(_fingerprint(up_to=before))
    made = make()
    is_the_same = _one(_fingerprint(up_to=before)) == as_it_stood and not _leans(before, system)
    _known[key] = _memory_of(made, before) if is_the_same else None
    return made


def _memory_of(made: Model | tuple[Model, ...], before: dict[str, int]) -> Memory:
    rows, hashes = {}, []
    with connection.cursor() as cursor:
        for table, highest in before.items():
            text = _copied_out(cursor, f'SELECT * FROM "{table}" WHERE id > {highest} ORDER BY id')
            if text:
                rows[table] = text
        cursor.execute(f"SELECT DISTINCT blob_id FROM {FILES} WHERE id > %s", [before[FILES]])
        hashes = [row[0] for row in cursor.fetchall()]
    files = {sha256: store.path_of(sha256).read_bytes() for sha256 in hashes}
    parts = made if isinstance(made, tuple) else (made,)
    return Memory([(type(part), part.pk) for part in parts], not isinstance(made, tuple), rows, files)


def _copied_out(cursor: Any, query: str) -> bytes:
    with cursor.copy(f"COPY ({query}) TO STDOUT") as copy:
        return b"".join(bytes(part) for part in copy)


def _leans(before: dict[str, int], system: int) -> bool:
    """Whether a new row points at an earlier one outside the calls, or carries on the trail of one."""
    claims = []
    for model in apps.get_models(include_auto_created=True):
        table = model._meta.db_table
        for field in model._meta.local_concrete_fields:
            target = field.related_model._meta.db_table if field.is_relation and field.related_model else None
            if table in before and target in before and not target.startswith("calls_"):
                mine = f" AND {field.column} <> {system}" if target == PEOPLE else ""
                claims.append(
                    f'(SELECT count(*) FROM "{table}" WHERE id > {before[table]} AND {field.column} <= {before[target]}{mine})'
                )
    claims.append(
        f"(SELECT count(*) FROM {TRAIL} WHERE id > {before[TRAIL]} AND stream IN"
        f" (SELECT stream FROM {TRAIL} WHERE id <= {before[TRAIL]}))"
    )
    return bool(_one(f"SELECT {' + '.join(claims)}"))


# ---------------------------------------------------------------- putting back


def _put_back(memory: Memory) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_WITHOUT_TRIGGERS)
        if memory.files:
            marks = ", ".join(["(%s, %s)"] * len(memory.files))
            values = [part for sha256, content in memory.files.items() for part in (sha256, len(content))]
            cursor.execute(f"INSERT INTO {BLOBS} (sha256, size) VALUES {marks} ON CONFLICT DO NOTHING", values)
        for table, text in memory.rows.items():
            with cursor.copy(f'COPY "{table}" FROM STDIN') as copy:
                copy.write(text)
        cursor.execute(_WITH_TRIGGERS)
    for sha256, content in memory.files.items():
        path = store.path_of(sha256)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)


# ---------------------------------------------------------------- tables


@cache
def _tables() -> dict[str, str]:
    """Tables with counted keys → the label of their app."""
    return {
        model._meta.db_table: model._meta.app_label
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and isinstance(model._meta.pk, AutoField)
    }


def _highest() -> dict[str, int]:
    """Table → its highest key."""
    parts = [f'(SELECT coalesce(max(id), 0) FROM "{table}")' for table in _tables()]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts)}")
        return dict(zip(_tables(), cursor.fetchone(), strict=True))


@cache
def _of_apps(*labels: str) -> str:
    parts = [_digest(table, "") for table, label in _tables().items() if label in labels]
    return f"SELECT concat({', '.join(parts)})"


def _fingerprint(*labels: str, up_to: dict[str, int] | None = None) -> str:
    """A query for one text that differs when a row of these apps, or any row up to these keys, does."""
    if up_to is None:
        return _of_apps(*labels)
    parts = [_digest(table, f"WHERE id <= {highest}") for table, highest in up_to.items() if highest]
    return f"SELECT concat({', '.join(parts or ['0'])})"


def _digest(table: str, where: str) -> str:
    return f"(SELECT md5(string_agg(md5(t::text), '' ORDER BY id)) FROM \"{table}\" t {where})"


def _one(query: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()[0]
