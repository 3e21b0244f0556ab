"""What the evaluation adds to the applicant's dossier page: the pitch that is planned and the decisions that were released."""

from typing import Any

from django.db.models import Prefetch, prefetch_related_objects

from applications.enums import ApplicationState
from applications.models import Application
from evaluation.domain import reviews
from evaluation.enums import DecisionOutcome
from evaluation.models import Decision, DecisionSheet, Pitch
from ibnportal.core.accounts.models import User
from ibnportal.core.statements import Statement

# Of a dossier that this person was found to see. The two rows of rules and dossiers make it wide.
_RELEASED: Statement[Decision] = Statement(
    lambda application_id: (
        Decision.objects.filter(application=application_id, released_at__isnull=False, is_reconstructed=False)
        .select_related("superseded_by", "merge_with__applicant", "rules", "review", "post_discussion")
        .order_by("-released_at", "-pk")
    )
)

_UNDECIDED = {ApplicationState.P1_DRAFT, ApplicationState.P1_SUBMITTED}
_SCREENED_OUT = {ApplicationState.P1_INADMISSIBLE, ApplicationState.P2_INADMISSIBLE}


def of_dossier(application: Application, user: User) -> dict[str, Any] | None:
    """The pitch moment as long as it counts, and every released decision with its sheet; before a release there is nothing."""
    if application.state in _UNDECIDED:
        return None
    pitch = None
    if application.state == ApplicationState.P1_ADMISSIBLE:
        told = Pitch.objects.filter(application=application, slot__isnull=False, invited_at__isnull=False)
        pitch = told.select_related("slot").first()
    everything = _RELEASED.all(application.pk)
    if everything:  # most dossiers have none yet, and saying who sees a sheet takes longer than asking for it
        made = DecisionSheet.objects.visible_to(user).filter(file__isnull=False).select_related("file__blob")
        prefetch_related_objects(
            everything, "years", "conditions", Prefetch("sheet", queryset=made, to_attr="handed_out")
        )
    decisions: list[Decision] = [row for row in everything if getattr(row, "superseded_by", None) is None]
    if application.state in _SCREENED_OUT and not any(row.outcome == DecisionOutcome.INADMISSIBLE for row in decisions):
        screened = reviews.contested(application)
        decisions = [screened, *decisions] if screened is not None else decisions
    if pitch is None and not decisions:
        return None
    newest = decisions[0] if decisions else None
    alike = [row for row in everything if newest is not None and row.kind == newest.kind]
    review = next((found for row in alike if (found := getattr(row, "review", None))), None)
    can_review = newest is not None and review is None and reviews.can_still_be_asked(newest)
    return {
        "application": application,
        "pitch": pitch,
        "decisions": decisions,
        "earlier": [row for row in everything if getattr(row, "superseded_by", None) is not None],
        "is_own": user.belongs_to(application.applicant_id),
        "talk": getattr(newest, "post_discussion", None) if newest is not None and newest.pk else None,
        "review": review,
        "can_review": can_review,
        "review_until": reviews.last_day_of(newest) if newest and can_review else None,
    }
