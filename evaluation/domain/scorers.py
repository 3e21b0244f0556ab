"""How experts score beside each other over all dossiers that one may see: who judges harder, who milder."""

from collections import defaultdict

from applications.models import Application
from evaluation.domain.agreement import Tendency, tendencies
from evaluation.enums import AssignmentState
from evaluation.models import Score
from ibnportal.core.accounts.models import User


def tendencies_of(user: User) -> dict[int, Tendency]:
    """By expert, over every criterion of every dossier that this person sees and another expert scored too; one query."""
    scores = Score.objects.filter(
        assignment__state=AssignmentState.HANDED_IN,
        step__isnull=False,
        assignment__application__in=Application.objects.visible_to(user),
    )
    units: dict[tuple[int, int], dict[int, int]] = defaultdict(dict)
    columns = ("assignment__application_id", "criterion_id", "assignment__expert_id", "step__value")
    for application, criterion, expert, value in scores.values_list(*columns):
        units[application, criterion][expert] = -value
    return tendencies([units[key] for key in sorted(units)])
