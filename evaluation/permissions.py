"""Who may do what in the evaluation: small predicates, asked by views after the object was fetched through `visible_to`."""

from applications.models import Application
from evaluation.models import DecisionSheet, Meeting
from ibnportal.core.accounts.enums import Role
from ibnportal.core.accounts.models import User


def can_handle(user: User, application: Application) -> bool:
    """Case handlers, on dossiers that are not their own organisation's."""
    return user.has_role(Role.CASE_HANDLER) and not user.belongs_to(application.applicant_id)


def can_have_sheets(user: User, application: Application) -> bool:
    """The sheets of released decisions on a dossier this person may see: the rule of `DecisionSheet.visible_to`, of one dossier that was read."""
    applicants = DecisionSheet.objects.all().readable_of(user)
    return applicants is None or application.applicant_id in applicants


def can_lead_meeting(user: User) -> bool:
    """Only the secretary plans a meeting, records its decisions and releases them."""
    return user.has_role(Role.SECRETARY)


def can_read_meeting(user: User, meeting: Meeting) -> bool:
    """The secretary and the case handlers, and the members of this meeting."""
    return user.has_role(Role.SECRETARY, Role.CASE_HANDLER) or meeting.members.filter(pk=user.pk).exists()
