"""The only writer of an application's state (STA-02 ... STA-07, STA-10), and the door to a draft."""

from datetime import datetime

from applications.enums import DRAFT_STATES, TRANSITIONS, ApplicationState, AuthorRole, ItemPart
from applications.models import Application, DossierAuthor, Supplement
from ibnportal.core import clock, lifecycle
from ibnportal.core.accounts.models import User
from ibnportal.core.errors import NotAllowed, WrongState

_COMPLETING = frozenset({ApplicationState.P1_SUPPLEMENT_ASKED, ApplicationState.P2_SUPPLEMENT_ASKED})


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


def request_about(application: Application, part: str) -> Supplement | None:
    """The request of this phase that names this part and was not answered, in time or not; one query."""
    waiting = Supplement.objects.filter(application=application, phase=application.phase, answered_at__isnull=True)
    return waiting.filter(items__part=part).first()


def reopened(application: Application, part: str, at: datetime | None = None) -> Supplement | None:
    """The request that has this part open now: asked, not answered, and its term not over (P2-COM-01, P2-COM-06)."""
    if application.state not in _COMPLETING:
        return None
    found = request_about(application, part)
    return found if found is not None and (at or clock.now()) <= found.due_at else None


def open_draft(application: Application, *, by: User, part: ItemPart | None = None) -> Application:
    """The locked row of a draft that this person may change; to be called inside a transaction.

    Only people of the applicant and invited authors change a draft, and what was handed in is never changed, but for the
    `part` that a request for completion has open: that becomes a next version. Raises NotAllowed or WrongState.
    """
    if not writes(application, by):
        raise NotAllowed("Alleen mensen van de aanvrager en uitgenodigde auteurs kunnen dit dossier aanpassen.")
    fresh = lifecycle.lock(application)
    if fresh.state not in DRAFT_STATES and not (part and reopened(fresh, part)):
        raise WrongState(
            f"Dit dossier kan niet meer aangepast worden: het staat op “{fresh.get_state_display()}”. "
            "Wat ingediend is, blijft zoals het ingediend is."
        )
    return fresh
