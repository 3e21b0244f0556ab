"""What a worker does for a call: take out templates that were uploaded to read their mail and never handed out."""

from datetime import timedelta

from celery import shared_task

from calls.domain import papers
from ibnportal.core import clock

_AFTER = timedelta(days=2)  # the form asks its file back for one day


@shared_task(name="calls.drop_unused_papers", ignore_result=True)
def drop_unused_papers() -> int:
    """Beat runs it every day."""
    return papers.drop_unused(before=clock.now() - _AFTER)
