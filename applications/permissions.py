"""Who may do what with a dossier they can see; predicates only, no messages (the domain says why not)."""

from applications.domain.lifecycle import reopened, writes
from applications.domain.submission import can_be_withdrawn
from applications.enums import DRAFT_STATES, ApplicationState
from applications.models import Application
from ibnportal.core.accounts.models import User


def is_own(user: User, application: Application) -> bool:
    """Whether the dossier is of an organisation of this person."""
    return user.belongs_to(application.applicant_id)


def can_edit(user: User, application: Application, *, part: str = "") -> bool:
    """Whether this person may change the draft: one of the applicant's people or an invited author, not a reader.

    `part` (ItemPart): also while a request for completion has that part open.
    """
    is_open = application.state in DRAFT_STATES or bool(part and reopened(application, part))
    return is_open and writes(application, user)


def can_submit(user: User, application: Application) -> bool:
    """Whether this person may hand it in: a legal representative of the applicant, and a draft."""
    return application.state in DRAFT_STATES and user.represents(application.applicant_id)


def can_withdraw(user: User, application: Application) -> bool:
    """Whether this person may take it out."""
    return can_be_withdrawn(application) and user.represents(application.applicant_id)


def can_open_full_dossier(user: User, application: Application) -> bool:
    """Whether this person may begin the second phase."""
    return application.state in {ApplicationState.PRESELECTED, ApplicationState.MERGE_ADVISED} and is_own(
        user, application
    )
