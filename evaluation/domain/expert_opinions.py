"""What the experts are asked and what they gave: an expert's own list, scores beside each other on one dossier, and who could be asked."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from statistics import median_high, median_low
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject

from applications.enums import ApplicationState
from applications.models import Application, DossierBar, DossierGrant
from calls.models import Call, CallRules, Criterion, ScaleStep
from evaluation.domain import scoring
from evaluation.domain.agreement import Agreement, Tendency, alpha, mean, tendencies
from evaluation.enums import AssignmentState, Expertise, VoidKind
from evaluation.models import Assignment, ConflictFinding, Score
from ibnportal.core.accounts.enums import Role
from ibnportal.core.accounts.models import User

LIVE = (AssignmentState.INVITED, AssignmentState.DECLARED, AssignmentState.HANDED_IN)


# ---------------------------------------------------------------- the expert


@dataclass(frozen=True, slots=True)
class ExpertRow:
    """One dossier on an expert's list."""

    assignment: Assignment
    done: int
    total: int


def expert_rows(user: User) -> list[ExpertRow]:
    """The dossiers that wait for this expert, and how far each is; three queries, whatever the number."""
    assignments = list(
        Assignment.objects.visible_to(user)
        .filter(expert=user, state__in=LIVE)
        .select_related("application__call", "application__applicant")
        .annotate(
            least=Subquery(
                CallRules.objects.filter(call=OuterRef("application__call"))
                .order_by("-version")
                .values("min_motivation_words")[:1]
            ),
            criteria_count=Subquery(
                Criterion.objects.filter(dimension__call=OuterRef("application__call"))
                .order_by()
                .values("dimension__call")
                .annotate(n=Count("pk"))
                .values("n")
            ),
        )
        .prefetch_related("scores")
        .order_by("state", "due_on", "pk")
    )
    return [
        ExpertRow(row, sum(not scoring.lacks(score, row.least) for score in row.scores.all()), row.criteria_count or 0)
        for row in assignments
    ]


def own_assignments(user: User) -> QuerySet[Assignment, Any]:
    """The live assignments of this expert with scores, and the call's figures and scale on them; two queries when read."""
    rules = CallRules.objects.filter(call=OuterRef("application__call")).order_by("-version")
    scale = ScaleStep.objects.filter(call=OuterRef("application__call")).order_by("-value")
    return (
        Assignment.objects.visible_to(user)
        .filter(expert=user, state__in=LIVE)
        .select_related("application__call", "application__applicant", "application__pitch", "invited_by")
        .prefetch_related(Prefetch("scores", Score.objects.select_related("criterion", "step")))
        .annotate(
            rules_json=Subquery(
                rules.values(
                    row=JSONObject(
                        least="min_motivation_words", see="experts_see_each_other", notes="experts_read_pitch_notes"
                    )
                )[:1]
            ),
            scale_json=ArraySubquery(scale.values(row=JSONObject(code="code", label="label", meaning="meaning"))),
            is_readable=Exists(DossierGrant.objects.open().filter(application=OuterRef("application"), user=user)),
        )
    )


# ---------------------------------------------------------------- scores beside each other


@dataclass(frozen=True, slots=True)
class Cell:
    """One expert's score on one criterion; `remark` says in words when it lies far from the others."""

    score: Score | None
    remark: str = ""


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """One criterion: the scores of all who handed in, their median in words, how far they lie apart."""

    criterion: Criterion
    cells: tuple[Cell, ...]
    median: str
    spread: int
    remark: str
    mean: Decimal | None = None


def matrix(criteria: Sequence[Criterion], scale: Sequence[str], experts: Sequence[Sequence[Score]]) -> list[MatrixRow]:
    """The scores of several experts per criterion; `scale` holds the labels best first, by which steps are counted.

    Two or more steps between the highest and the lowest is called spread; with three scores or more, the one that lies two or
    more steps from the median is called an outlier.
    """
    places = {label: place for place, label in enumerate(scale)}
    by_expert = [{score.criterion_id: score for score in scores} for scores in experts]
    rows = []
    for criterion in criteria:
        scores = [found.get(criterion.pk) for found in by_expert]
        steps = [score.step for score in scores if score is not None and score.step is not None]
        row = _matrix_row(criterion, scores, [places[step.label] for step in steps], scale, places)
        rows.append(replace(row, mean=mean([step.value for step in steps])))
    return rows


def _matrix_row(
    criterion: Criterion, scores: Sequence[Score | None], given: list[int], scale: Sequence[str], places: dict[str, int]
) -> MatrixRow:
    if not given:
        return MatrixRow(criterion, tuple(Cell(score) for score in scores), "", 0, "")
    low, high = median_low(given), median_high(given)
    middle = scale[low] if low == high else f"tussen {scale[low].lower()} en {scale[high].lower()}"
    spread = max(given) - min(given)
    remark = f"{spread} stappen uit elkaar" if spread >= 2 else ""
    cells = []
    for score in scores:
        place = places[score.step.label] if score is not None and score.step is not None else None
        far = place is not None and len(given) > 2 and min(abs(place - low), abs(place - high)) >= 2
        cells.append(Cell(score, "wijkt af van de andere" if far else ""))
    return MatrixRow(criterion, tuple(cells), middle, spread, remark)


@dataclass(frozen=True, slots=True)
class Comparison:
    """The scores of a dossier beside each other, and what they say about the experts; `tendencies` in the order of the experts."""

    experts: tuple[Assignment, ...]
    rows: tuple[MatrixRow, ...]
    agreement: Agreement
    tendencies: tuple[Tendency, ...]


def comparison(application: Application, scale: Sequence[str]) -> Comparison:
    """Everybody who handed in, compared; `scale` holds the labels best first. One query; void scores are not in it."""
    found = handed_in(application)
    criteria = scored_criteria(found.values())
    places = {label: place for place, label in enumerate(scale)}
    given = [
        {score.criterion_id: places[score.step.label] for score in scores if score.step is not None}
        for scores in found.values()
    ]
    units = [{who: places[row.pk] for who, places in enumerate(given) if row.pk in places} for row in criteria]
    leanings = tendencies(units)
    nothing = Tendency(Decimal(0), 0, "geen vergelijking mogelijk")
    return Comparison(
        tuple(found),
        tuple(matrix(criteria, scale, list(found.values()))),
        alpha([[row.get(criterion.pk) for criterion in criteria] for row in given], len(scale)),
        tuple(leanings.get(who, nothing) for who in range(len(given))),
    )


def void_scores(application: Application) -> list[Assignment]:
    """Experts whose handed-in scores count no more because of a conflict; kept, to be read; two queries."""
    lost = Assignment.objects.filter(
        application=application,
        state=AssignmentState.VOID,
        void_kind=VoidKind.CONFLICT,
        voided_from=AssignmentState.HANDED_IN,
    )
    scores = Score.objects.select_related("criterion__dimension", "step")
    return list(lost.select_related("expert").prefetch_related(Prefetch("scores", scores)).order_by("pk"))


def evaluated(user: User, number: str) -> Application | None:
    """A dossier for its evaluation pages, with the call's figures and scale on it (`rules_json`, `scale_json`); one query."""
    rules = CallRules.objects.filter(call=OuterRef("call")).order_by("-version")
    scale = ScaleStep.objects.filter(call=OuterRef("call")).order_by("-value")
    reached = Application.objects.visible_to(user).filter(
        number=number,
        state__in=(
            ApplicationState.P2_ADMISSIBLE, ApplicationState.P2_EVALUATION, ApplicationState.P2_ADVISED, ApplicationState.AWARDED,
            ApplicationState.REJECTED, ApplicationState.REVIEW_REQUESTED, ApplicationState.REVIEW_UPHELD,
        ),
    )  # fmt: skip
    return (
        reached.select_related("call", "applicant", "panel_draft__saved_by")
        .annotate(
            rules_json=Subquery(
                rules.values(
                    row=JSONObject(
                        min_experts="min_experts", least="min_motivation_words", see="experts_see_each_other"
                    )
                )[:1]
            ),
            scale_json=ArraySubquery(
                scale.values(row=JSONObject(code="code", label="label", meaning="meaning", pk="pk"))
            ),
        )
        .first()
    )


def assignments_of(application: Application) -> list[Assignment]:
    """Everyone who was asked, with the profile; one query."""
    asked = Assignment.objects.filter(application=application).select_related("expert__expert_profile")
    return list(asked.order_by("invited_at", "pk"))


def handed_in(application: Application) -> dict[Assignment, list[Score]]:
    """The scores of who handed in, by assignment, with criterion and step; one query."""
    scores = Score.objects.filter(assignment__application=application, assignment__state=AssignmentState.HANDED_IN)
    found: dict[Assignment, list[Score]] = defaultdict(list)
    related = scores.select_related("assignment__expert", "criterion__dimension", "step")
    for score in related.order_by(
        "assignment__invited_at", "assignment_id", "criterion__dimension__position", "criterion__position"
    ):
        found[score.assignment].append(score)
    return dict(found)


def scored_criteria(scores: Iterable[Sequence[Score]]) -> list[Criterion]:
    """The criteria that these scores are about, in the call's order."""
    found = {score.criterion_id: score.criterion for given in scores for score in given}
    return sorted(found.values(), key=lambda row: (row.dimension.position, row.position))


def criteria_of(call: Call) -> list[Criterion]:
    """The criteria of a call with their dimension, in order; one query."""
    return list(
        Criterion.objects.filter(dimension__call=call)
        .select_related("dimension")
        .order_by("dimension__position", "position")
    )


def lacking_expertise(assignments: Iterable[Assignment]) -> list[str]:
    """Which of the two kinds of expertise nobody brings (P2-EVA-02)."""
    live = [assignment for assignment in assignments if assignment.state in LIVE]
    profiles = [profile for row in live if (profile := getattr(row.expert, "expert_profile", None))]
    present = {kind for profile in profiles for kind in profile.kinds}
    return [str(kind.label) for kind in Expertise.BOTH.kinds if kind not in present]


@dataclass(frozen=True, slots=True)
class PoolRow:
    """One expert of the pool beside one dossier."""

    user: User
    load: int
    state: str
    findings: tuple[ConflictFinding, ...]
    is_barred: bool


def pool(application: Application) -> list[PoolRow]:
    """Who could be asked: expertise, open work, and what stands between the person and this dossier; three queries."""
    experts = (
        User.objects.filter(is_active=True, role_grants__role=Role.EXPERT, role_grants__revoked_at__isnull=True)
        .select_related("expert_profile")
        .annotate(
            load=Count(
                "assignments",
                filter=Q(assignments__state__in=(AssignmentState.INVITED, AssignmentState.DECLARED)),
                distinct=True,
            ),
            own_state=Subquery(
                Assignment.objects.filter(application=application, expert=OuterRef("pk")).values("state")[:1]
            ),
            barred=Exists(
                DossierBar.objects.filter(application=application, user=OuterRef("pk"), lifted_at__isnull=True)
            ),
        )
        .order_by("full_name", "pk")
    )
    findings: dict[int, list[ConflictFinding]] = defaultdict(list)
    for finding in ConflictFinding.objects.filter(application=application).select_related("waived_by").order_by("pk"):
        findings[finding.person_id].append(finding)
    labels = dict(AssignmentState.choices)
    return [
        PoolRow(row, row.load, str(labels.get(row.own_state, "")), tuple(findings[row.pk]), row.barred)
        for row in experts
    ]


def findings_of_others(
    application: Application, pool_rows: Sequence[PoolRow]
) -> list[tuple[User, list[ConflictFinding]]]:
    """Ties of members of the committee and of staff with this dossier, by person; one query."""
    experts = [row.user.pk for row in pool_rows]
    found: dict[User, list[ConflictFinding]] = {}
    others = ConflictFinding.objects.filter(application=application).exclude(person__in=experts)
    for finding in others.select_related("person", "waived_by").order_by("person__full_name", "pk"):
        found.setdefault(finding.person, []).append(finding)
    return list(found.items())
