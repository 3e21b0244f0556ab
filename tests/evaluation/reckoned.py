"""The worklist reckoned dossier by dossier, beside which the order, the moments and the parties that the database gives are held."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from applications.enums import ApplicationState as S
from applications.models import Application
from evaluation.domain.waiting import Waiting, listed
from ibnportal.core import clock

_OURS = {
    S.P1_SUBMITTED, S.P1_SUPPLEMENT_ANSWERED, S.P1_SUPPLEMENT_EXPIRED, S.P1_ADMISSIBLE, S.P1_PITCHED, S.P2_SUBMITTED,
    S.P2_SUPPLEMENT_ANSWERED, S.P2_SUPPLEMENT_EXPIRED, S.P2_ADMISSIBLE, S.REVIEW_REQUESTED,
}  # fmt: skip
_APPLICANTS = {S.P1_SUPPLEMENT_ASKED, S.PRESELECTED, S.MERGE_ADVISED, S.P2_DRAFT, S.P2_SUPPLEMENT_ASKED}


def _earliest(moments: Iterable[Any]) -> Any:
    return min((moment for moment in moments if moment is not None), default=None)


def _end_of(day: Any) -> datetime | None:
    return None if day is None else clock.end_of_day(day)


def slot_of(application: Application) -> Any:
    pitch = getattr(application, "pitch", None)
    return pitch.slot if pitch is not None and application.state == S.P1_ADMISSIBLE else None


def due(application: Application) -> datetime | None:
    """The moment that its next step waits for."""
    call, state = application.call, application.state
    if state in {S.P1_SUBMITTED, S.P1_SUPPLEMENT_ANSWERED, S.P1_SUPPLEMENT_EXPIRED, S.P1_ADMISSIBLE}:
        slot = slot_of(application)
        return slot.starts_at if slot else _earliest(slot.starts_at for slot in call.pitch_slots.all())
    if state in {S.P1_PITCHED, S.P1_ADVISED}:
        return _end_of(_earliest(each.starts_on for each in call.milestones.filter(kind="phase1_feedback")))
    if state in {S.PRESELECTED, S.MERGE_ADVISED, S.P2_DRAFT}:
        return _earliest(phase.closes_at for phase in call.phases.filter(number=2))
    if state in {S.P1_SUPPLEMENT_ASKED, S.P2_SUPPLEMENT_ASKED}:
        return application.supplements.get(answered_at__isnull=True, phase=application.phase).due_at
    if state in {S.P2_ADMISSIBLE, S.P2_ADVISED}:
        return _end_of(_earliest(each.starts_on for each in call.milestones.filter(kind="decision")))
    if state == S.P2_EVALUATION:
        asked = application.assignments.filter(state__in=("invited", "declared"))
        return _end_of(_earliest(each.due_on for each in asked))
    return None


def party(application: Application) -> str:
    """Who is to act."""
    slot, state = slot_of(application), application.state
    if slot is not None and slot.starts_at > clock.now():
        return "Aanvrager"
    if state in _OURS or state in _APPLICANTS:
        return "Behandelaar" if state in _OURS else "Aanvrager"
    return {S.P2_EVALUATION: "Deskundigen", S.P1_ADVISED: "Comité", S.P2_ADVISED: "Comité"}.get(state, "Niemand")


def assert_stands_as_reckoned() -> list[Waiting]:
    """Every dossier there is: the same moments, parties and order from the database as one by one; returns them in that order."""
    now = clock.now()
    dossiers = list(Application.objects.select_related("call").order_by("number"))
    moments = {application.number: due(application) for application in dossiers}
    order = sorted(
        dossiers,
        key=lambda each: (
            not (moments[each.number] is not None and moments[each.number] < now),
            moments[each.number] is None,
            moments[each.number] or now,
            each.number,
        ),
    )
    _, found = listed(Application.objects.all(), at=now, soon_until=now)
    assert {each.number: each.due_at for each in found} == moments
    assert {each.number: each.step.waits_on for each in found} == {each.number: party(each) for each in dossiers}
    assert [each.number for each in found] == [each.number for each in order]
    return found
