"""A world in a database of its own: built once in a run, copied for every module that wants it, dropped afterwards.

The portal's connection is pointed at the copy (threads of a live server included), so that committed data never meets
the empty database of the other tests. A copy of a template costs a fraction of a second, building the world minutes.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
from django.contrib.contenttypes.models import ContentType
from django.db import connection, connections
from psycopg import sql


@contextmanager
def _maintenance() -> Iterator[psycopg.Connection]:
    parameters = connection.get_connection_params()
    keys = ("host", "port", "user", "password")
    known = {key: parameters[key] for key in keys if parameters.get(key)}
    with psycopg.connect(**known, dbname="postgres", autocommit=True) as conn:
        yield conn


def copy(source: str, target: str) -> None:
    """`target` becomes a copy of `source`, to which nobody may be connected."""
    with _maintenance() as conn:
        _drop(conn, target)
        for patience in range(20):
            try:
                conn.execute(
                    sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(target), sql.Identifier(source))
                )
            except psycopg.errors.ObjectInUse:
                if patience == 19:
                    raise
                time.sleep(0.25)  # somebody else copies it at this moment
            else:
                return


def rename(old: str, new: str) -> None:
    with _maintenance() as conn:
        _drop(conn, new)
        conn.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(old), sql.Identifier(new)))


def analyse() -> None:
    """Tell the planner what is in our own tables, which nobody else does on a test server; copies know it too."""
    tables = sql.SQL(", ").join(sql.Identifier(name) for name in connection.introspection.table_names())
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("ANALYZE {}").format(tables))


def exists(name: str) -> bool:
    with _maintenance() as conn:
        return conn.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is not None


def drop(name: str) -> None:
    with _maintenance() as conn:
        _drop(conn, name)


def _drop(conn: psycopg.Connection, name: str) -> None:
    conn.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def pointed_at(name: str) -> Iterator[None]:
    """Inside the block every connection of this process goes to that database."""
    settings_dict = connections.settings["default"]
    before = connection.settings_dict["NAME"]
    try:
        _point(settings_dict, name)
        yield
    finally:
        _point(settings_dict, before)


def _point(settings_dict: dict[str, object], name: str) -> None:
    connections.close_all()
    settings_dict["NAME"] = connection.settings_dict["NAME"] = name
    ContentType.objects.clear_cache()


@contextmanager
def one_at_a_time(lock: Path) -> Iterator[None]:
    """The workers of one run take turns."""
    import fcntl

    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        try:
            yield
        finally:
            with suppress(OSError):
                fcntl.flock(handle, fcntl.LOCK_UN)


def is_kept() -> bool:
    """`KEEP_WORLD=1`: the next run uses the same world again; for who works on the guards themselves."""
    return os.environ.get("KEEP_WORLD") == "1"
