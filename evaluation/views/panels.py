"""What the evaluation adds to the applicant's dossier page: the pitch that is planned and the decisions that were released."""

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, Model, OuterRef, TextField
from django.db.models.functions import Cast, JSONObject

from applications.enums import ApplicationState
from applications.models import Application
from evaluation.domain import reviews
from evaluation.enums import ConditionKind, DecisionOutcome
from evaluation.models import Decision, DecisionCondition, DecisionYear, Pitch
from evaluation.permissions import can_have_sheets
from ibnportal.core.accounts.models import User
from ibnportal.core.statements import Statement


def _rows(model: type[Model], *names: str, **values: Any) -> ArraySubquery:
    """What hangs on a decision, in the order of its model, as a list of that decision's own row."""
    own = model._default_manager.filter(decision=OuterRef("pk"))  # noqa: SLF001 - documented
    return ArraySubquery(own.values(_row=JSONObject(**{name: F(name) for name in names}, **values)))


# Of a dossier that this person was found to see: what was told is then what `Decision.visible_to` gives (a test holds it). The two rows of rules and dossiers make it wide.
_RELEASED: Statement[Decision] = Statement(
    lambda application_id: (
        Decision.objects.filter(application=application_id, released_at__isnull=False, is_reconstructed=False)
        .select_related(
            "superseded_by", "merge_with__applicant", "rules", "review", "post_discussion", "sheet__file__blob"
        )
        .defer("sheet__snapshot")
        .annotate(
            per_year=_rows(DecisionYear, "project_year", amount=Cast("amount", TextField())),
            stated=_rows(DecisionCondition, "kind", "text", "is_blocking"),
        )
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
    everything = _read(application, user)
    decisions: list[Decision] = [row for row in everything if getattr(row, "superseded_by", None) is None]
    if application.state in _SCREENED_OUT and not any(row.outcome == DecisionOutcome.INADMISSIBLE for row in decisions):
        screened = reviews.contested(application, released=decisions)
        decisions = [screened, *decisions] if screened is not None else decisions
    if pitch is None and not decisions:
        return None
    newest = decisions[0] if decisions else None
    alike = [row for row in everything if newest is not None and row.kind == newest.kind]
    review = next((found for row in alike if (found := getattr(row, "review", None))), None)
    term = reviews.term_of(newest) if newest is not None and review is None else None
    return {
        "application": application,
        "pitch": pitch,
        "decisions": decisions,
        "earlier": [row for row in everything if getattr(row, "superseded_by", None) is not None],
        "is_own": user.belongs_to(application.applicant_id),
        "talk": getattr(newest, "post_discussion", None) if newest is not None and newest.pk else None,
        "review": review,
        "can_review": term is not None and term.is_open,
        "review_until": term.until if term is not None else None,
    }


def _read(application: Application, user: User) -> list[Decision]:
    """Every decision that was released, newest first, with its years and conditions and the sheet that this person may have."""
    found = _RELEASED.all(application.pk)
    gets_sheets = can_have_sheets(user, application)
    for row in found:
        sheet = getattr(row, "sheet", None)
        row.handed_out = sheet if gets_sheets and sheet is not None and sheet.file is not None else None  # type: ignore[attr-defined]
        for condition in row.stated:  # type: ignore[attr-defined]
            condition["label"] = ConditionKind(condition["kind"]).label
        if row.rules.call_id == application.call_id:
            row.rules.call = application.call
    return found
