"""The store's own housekeeping."""

from celery import shared_task

from ibnportal.core.files import store


@shared_task(name="files.sweep_orphans", ignore_result=True)
def sweep_orphans() -> int:
    """Remove files without a row; beat runs it every hour."""
    return store.sweep()
