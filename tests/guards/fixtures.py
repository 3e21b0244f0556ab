"""Fixtures around the world, for the guards and the journeys alike.

`world` is there for a whole module: the database is a copy of it, and each test is rolled back as always. `site` serves a
copy to a real browser; what a test does there stays until the module ends.
"""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import setup_databases, teardown_databases

from tests.guards import databases
from tests.guards.world import World, build

__all__ = ["built_world", "empty_database", "world", "world_media"]


def _folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all workers of a run; with KEEP_WORLD for all runs on this database."""
    if databases.is_kept():
        name = hashlib.sha256(os.environ.get("DATABASE_URL", "").encode()).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"ibn-world-{name}"
    base = tmp_path_factory.getbasetemp()
    return (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "world"


@pytest.fixture(scope="session")
def empty_database(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """The name of this worker's migrated and empty test database; made here when no other test of the run asked for one."""
    if connection.settings_dict["NAME"].startswith("test_"):
        yield connection.settings_dict["NAME"]
        return
    with django_db_blocker.unblock():
        made = setup_databases(verbosity=0, interactive=False, aliases={"default"})
    yield connection.settings_dict["NAME"]
    with django_db_blocker.unblock():
        teardown_databases(made, verbosity=0)


@pytest.fixture(scope="session")
def built_world(
    empty_database: str, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """The world of this run, built by the worker that needs it first; nobody connects to it, everybody copies it."""
    folder = _folder(tmp_path_factory)
    own = empty_database
    name = f"{own.split('_gw')[0]}_world"
    note, users = folder / "world.json", folder / "users"
    with databases.one_at_a_time(folder / "lock"), django_db_blocker.unblock():
        if not (note.exists() and databases.exists(name)):
            _build(own, name, folder).write(note)
        users.mkdir(exist_ok=True)
        (users / str(os.getpid())).touch()
    yield World.read(note)
    with databases.one_at_a_time(folder / "lock"), django_db_blocker.unblock():
        (users / str(os.getpid())).unlink(missing_ok=True)
        if not databases.is_kept() and not any(users.iterdir()):
            databases.drop(name)
            note.unlink()
            shutil.rmtree(folder / "media", ignore_errors=True)


def _build(own: str, name: str, folder: Path) -> World:
    """Built under another name: a world half made is never taken for one."""
    unfinished = f"{name}_unfinished"
    shutil.rmtree(folder / "media", ignore_errors=True)
    connection.close()
    databases.copy(own, unfinished)
    with databases.pointed_at(unfinished):
        world = build(database=name, media=folder / "media")
        databases.analyse()
    databases.rename(unfinished, name)
    return world


@pytest.fixture(scope="module")
def world(built_world: World, empty_database: str, django_db_blocker: Any) -> Iterator[World]:
    """The database of this module is a copy of the world."""
    copy = f"{empty_database}_copy"
    with django_db_blocker.unblock():
        databases.copy(built_world.database, copy)
        with databases.pointed_at(copy):
            yield built_world
        databases.drop(copy)


@pytest.fixture
def world_media(world: World, _own_media_root: None, settings: Any) -> str:
    """The files of the world; what a test stores lands there too, without harm: the store goes by content."""
    settings.MEDIA_ROOT = world.media
    return world.media
