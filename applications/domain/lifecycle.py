"""The only writer of an application's state (STA-02 ... STA-07, STA-10), and the door to a draft."""

from datetime import datetime

from applications.enums import DRAFT_STATES, TRANSITIONS, ApplicationState, AuthorRole
from applications.models import Application, DossierAuthor
from ibnportal.core import clock, lifecycle
from ibnportal.core.accounts.models import User
from ibnportal.core.errors import NotAllowed, WrongState


def move(
    application: Application,
    to: ApplicationState | str,
    *,
    by: User | None,
    reason: str = "",
    at: datetime | None = None,
) -> Application:
    """Bring the initiative to state `to`, with its moment and its row in the trail; raises WrongState.

    The row is locked and read again first: what the caller saw does not count.
    """
    at = at or clock.now()
    lifecycle.change_state(
        application,
        ApplicationState(to),
        by=by,
        transitions=TRANSITIONS,
        reason=reason,
        at=at,
        state_changed_at=at,
    )
    return application


def writes(application: Application, person: User) -> bool:
    """Whether this person may change the draft: one of the applicant's people, or invited as an author of this dossier."""
    if person.belongs_to(application.applicant_id):
        return True
    return (
        DossierAuthor.objects.current()
        .filter(application=application, user=person, role=AuthorRole.AUTHOR, user__is_active=True)
        .exists()
    )


def open_draft(application: Application, *, by: User) -> Application:
    """The locked row of a draft that this person may change; to be called inside a transaction.

    Only people of the applicant and invited authors change a draft, and what was handed in is never changed. Raises
    NotAllowed or WrongState.
    """
    if not writes(application, by):
        raise NotAllowed("Alleen mensen van de aanvrager en uitgenodigde auteurs kunnen dit dossier aanpassen.")
    fresh = lifecycle.lock(application)
    if fresh.state not in DRAFT_STATES:
        raise WrongState(
            f"Dit dossier kan niet meer aangepast worden: het staat op “{fresh.get_state_display()}”. "
            "Wat ingediend is, blijft zoals het ingediend is."
        )
    return fresh
