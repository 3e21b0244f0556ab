"""A real Celery worker beside the test: its own process, on the test's database, files and broker."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection
from playwright.sync_api import Page

PATIENCE = 90_000
GLANCE = 150

Finished = Callable[[str], None]


def database_url() -> str:
    """Where the test's rows are, as the environment of another process says it."""
    known = connection.settings_dict
    return f"postgres://{known['USER']}:{known['PASSWORD']}@{known['HOST']}:{known['PORT'] or 5432}/{known['NAME']}"


@contextmanager
def celery_worker(page: Page, log: Path) -> Iterator[Finished]:
    """Inside the block a worker takes what the pages announce; `finished(topic)` waits until it did all of that topic."""
    environment = {
        **os.environ, "DATABASE_URL": database_url(), "REDIS_URL": settings.REDIS_URL, "MEDIA_ROOT": str(settings.MEDIA_ROOT),
        "DEBUG": "1", "DEMO": "1", "EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend",
    }  # fmt: skip
    environment.pop("DATABASE_HOST", None)
    if known := connection.settings_dict["HOST"]:
        environment["DATABASE_HOST"] = known
    command = [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "ibnportal",
        "worker",
        "--pool",
        "solo",
        "-l",
        "warning",
        "--without-mingle",
    ]
    with log.open("wb") as output:
        worker = subprocess.Popen(command, env=environment, cwd=settings.BASE_DIR, stdout=output, stderr=output)
        try:
            yield lambda topic: _wait(page, worker, topic, log)
        finally:
            worker.terminate()
            worker.wait(timeout=30)


def _wait(page: Page, worker: subprocess.Popen[bytes], topic: str, log: Path) -> None:
    from ibnportal.core.outbox.models import OutboxMessage

    for _ in range(PATIENCE // GLANCE):
        rows = OutboxMessage.objects.filter(topic=topic)
        if rows.exists() and not rows.filter(done_at__isnull=True).exists():
            return
        assert worker.poll() is None, log.read_text()
        page.wait_for_timeout(GLANCE)
    raise AssertionError(f"{topic} was not done in time: {log.read_text()}")
