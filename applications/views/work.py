"""What waits for an applicant on the first screen."""

from applications.enums import ENDED_STATES
from applications.models import Application
from applications.views.steps import next_step
from ibnportal.core.accounts.models import User
from ibnportal.core.worklist import WorkItem


def work_items(user: User) -> list[WorkItem]:
    """One item for each dossier of one's own organisations that is not at its end; two queries however many there are."""
    if not user.organisation_ids:
        return []
    applications = (
        Application.objects.visible_to(user)
        .filter(applicant_id__in=user.organisation_ids)
        .exclude(state__in=ENDED_STATES)
        .select_related("call", "supplement")
        .prefetch_related("call__phases")
        .order_by("-created_at", "-pk")
    )
    items = [next_step(application) for application in applications]
    return [item for item in items if item.tone != "done"]
