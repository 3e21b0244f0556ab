"""The first screen of everyone who is signed in: what waits for me, what I wait for, what was last decided."""

from datetime import UTC, datetime

from django.http import HttpResponse
from django.shortcuts import render

from applications.views.work import work_items as applicant_work
from evaluation.views.work import work_items as evaluation_work
from ibnportal.core.access import SIGNED_IN, access
from ibnportal.core.http import SignedInRequest
from ibnportal.core.worklist import WorkItem
from monitoring.views.work import work_items as monitoring_work

SOURCES = (applicant_work, evaluation_work, monitoring_work)
_LAST = datetime.max.replace(tzinfo=UTC)
_TONES = ("urgent", "todo", "waiting", "done")


@access(SIGNED_IN)
def my_work(request: SignedInRequest) -> HttpResponse:
    """Everything that waits for this person, the nearest deadline first, and apart from it what waits for others."""
    items = sorted((item for source in SOURCES for item in source(request.user)), key=_urgency)
    context = {
        "open_items": [item for item in items if item.tone in {"urgent", "todo"}],
        "waiting_items": [item for item in items if item.tone == "waiting"],
        "done_items": [item for item in items if item.tone == "done"],
    }
    return render(request, "portal/work.html", context)


def _urgency(item: WorkItem) -> tuple[int, datetime, str]:
    tone = _TONES.index(item.tone) if item.tone in _TONES else len(_TONES)
    return tone, item.due_at or _LAST, item.title
