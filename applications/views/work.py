"""What waits for an applicant on the first screen."""

from applications.enums import ENDED_STATES
from applications.models import Application
from applications.views.steps import next_step, with_due
from ibnportal.core.access import is_participant
from ibnportal.core.accounts.models import User
from ibnportal.core.worklist import WorkItem


def work_items(user: User) -> list[WorkItem]:
    """One item for each dossier that one writes and that is not at its end; two queries however many there are."""
    if not is_participant(user):
        return []
    applications = (
        with_due(Application.objects.written_by(user))
        .exclude(state__in=ENDED_STATES)
        .select_related("call")
        .prefetch_related("call__phases")
        .order_by("-created_at", "-pk")
    )
    items = [next_step(application) for application in applications]
    return [item for item in items if item.tone != "done"]
