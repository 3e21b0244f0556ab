"""Reads of the evaluation that cross models: an expert's list, the scores beside each other, the shortlist, the pool."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from statistics import median_high, median_low
from typing import Any, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, JSONField, OuterRef, Prefetch, Q, QuerySet, Subquery, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce, JSONObject

from applications.enums import ApplicationState
from applications.models import Application, DossierBar, DossierGrant
from calls.enums import PhaseNumber
from calls.models import Call, CallRules, Criterion, ScaleStep
from evaluation.domain import ranking, scoring, standings
from evaluation.domain.agreement import Agreement, Tendency, alpha, mean, tendencies
from evaluation.domain.sensitivity import Sensitivity, trials
from evaluation.enums import AssignmentState, Expertise, Recommendation, VoidKind
from evaluation.models import Advice, Assignment, ConflictFinding, Meeting, Ranking, RankingEntry, Score
from ibnportal.core import clock
from ibnportal.core.accounts.enums import Role
from ibnportal.core.accounts.models import User
from ibnportal.core.statements import Statement

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


# ---------------------------------------------------------------- the shortlist


class ShortlistRow(NamedTuple):
    """One dossier on the shortlist, flat."""

    rank: int
    number: str
    title: str
    applicant: str
    sector: str
    technology_domain: str
    state: str
    total: int
    totals: tuple[tuple[str, int], ...]
    knockouts: tuple[str, ...]
    requested: Decimal
    cumulative: Decimal
    is_within_budget: bool
    recommendation: str
    advised_amount: Decimal | None
    is_first_below: bool


@dataclass(frozen=True, slots=True)
class Shortlist:
    """The ranking of a call as one person may see it; `ranking` is None while nothing is frozen."""

    call: Call
    ranking: Ranking | None
    dimensions: tuple[tuple[str, str, int], ...]
    rows: tuple[ShortlistRow, ...]
    budget: Decimal | None
    max_awards: int | None
    sectors: tuple[tuple[str, int], ...]


class _Facts(NamedTuple):
    """What the shortlist says of a dossier besides its place."""

    title: str
    applicant: str
    sector: str
    technology_domain: str
    state: str
    recommendation: str
    advised_amount: Decimal | None


_FACTS = ("title", "applicant__name", "sector", "technology_domain", "state")
_PLACE = (
    "application__number", "rank", "total", "dimension_totals", "knockouts", "requested_amount", "cumulative_amount", "is_within_budget",
)  # fmt: skip


def ranked_call(user: User, code: str) -> Call | None:
    """The call with all that its shortlist needs of it; one query."""
    found: Call | None = ranking.with_setup(Call.objects.visible_to(user).filter(code=code)).first()
    return found


def shortlist(user: User, call: Call) -> Shortlist:
    """The newest frozen ranking, or the order as it would be now; at most four queries for a call of `ranked_call`."""
    return shortlist_of(user, call, newest_ranking(user, call.code))


def shortlist_of(user: User, call: Call, frozen: Any) -> Shortlist:
    """The same of a ranking that `newest_ranking` read, None included; at most three queries.

    A dossier that this person may not see is left out before the order is made: ranks, totals and the budget line are then
    those of the remaining dossiers, so that nothing tells that one is missing.
    """
    if frozen is None:
        return _provisional(user, call)
    advice = Advice.objects.filter(application=OuterRef("application"), phase=PhaseNumber.FULL_DOSSIER)
    rows = list(
        RankingEntry.objects.filter(ranking=frozen, application__in=Application.objects.visible_to(user))
        .order_by("rank")
        .values_list(
            *_PLACE,
            *(f"application__{name}" for name in _FACTS),
            Coalesce(Subquery(advice.values("recommendation")[:1]), Value("")),
            Subquery(advice.values("advised_amount")[:1]),
        )
    )
    facts = {row[0]: _Facts(*row[len(_PLACE) :]) for row in rows}
    if len(rows) == frozen.size:
        inputs = ranking.inputs_from({"inputs": frozen.frame or ranking.frame_in(frozen.snapshot)})
        codes = [dimension.code for dimension in inputs.dimensions]
        places = [_place(row[: len(_PLACE)], codes) for row in rows]
    else:
        inputs = _own_inputs(frozen, facts)
        places = list(ranking.order(inputs))
    return _shortlist(call, frozen, inputs, places, facts)


# Written out, but for who may see what: put together by the ORM it takes longer than all else of the page of a frozen ranking.
# What may be seen is joined and not looked up in: the database then reads these places, and not every dossier there is.
_SEEN = """
    (SELECT jsonb_build_object(
        'size', count(*),
        'seen', count(seen.pk),
        'is_overtaken', coalesce(bool_or(
            EXISTS (
                SELECT FROM evaluation_advice advice
                WHERE advice.application_id = place.application_id AND advice.phase = %s AND advice.approved_at > evaluation_ranking.computed_at
            ) OR EXISTS (
                SELECT FROM evaluation_assignment lost
                WHERE lost.application_id = place.application_id AND lost.void_kind = %s AND lost.voided_from = %s
                    AND lost.state_changed_at > evaluation_ranking.computed_at
            )
        ) FILTER (WHERE seen.pk IS NOT NULL), false)
    ) FROM evaluation_rankingentry place LEFT JOIN ({visible}) seen ON seen.pk = place.application_id
    WHERE place.ranking_id = evaluation_ranking.id)
"""


@dataclass(frozen=True, slots=True)
class _Reader:
    """Of a person who is signed in, what decides which dossiers they may see."""

    pk: int
    organisation_ids: tuple[int, ...]
    roles: frozenset[Role]
    is_authenticated: bool = True
    is_active: bool = True

    def has_role(self, *roles: Role) -> bool:
        return not self.roles.isdisjoint(roles)


def _newest(
    code: str, key: int, organisations: tuple[int, ...], roles: frozenset[Role], at: datetime
) -> QuerySet[Ranking]:
    reader = _Reader(key, organisations, roles)
    visible, values = Application.objects.visible_to(reader, at=at).order_by().values("pk").query.sql_with_params()
    lost = (int(PhaseNumber.FULL_DOSSIER), VoidKind.CONFLICT.value, AssignmentState.HANDED_IN.value)
    seen = RawSQL(_SEEN.format(visible=visible), (*lost, *values), output_field=JSONField())  # noqa: S611 - a constant and our own query
    rankings = Ranking.objects.visible_to(reader).filter(call__in=Call.objects.visible_to(reader).filter(code=code))
    rankings = rankings.annotate(seen_by_user=seen).select_related("call", "computed_by").order_by("-version")
    return rankings.only(
        "version", "computed_at", "sha256", "call__code", "call__name", "computed_by__full_name", "computed_by__email"
    )[:1]


_NEWEST = Statement(_newest)


def newest_ranking(user: User, code: str) -> Any:
    """The newest frozen ranking of the call with that code, None where there is none yet; snapshot and frame stay in the database; one query.

    `size` is the number of its places, `is_whole` whether this person may see each of them, `is_overtaken` whether a dossier that they
    see got another advice since, or lost handed-in scores to a conflict (P2-EVA-03). Of `call` and `computed_by` the names are read.
    """
    if Ranking.objects.visible_to(user).query.is_empty():
        return None
    rows = _NEWEST.all(code, user.pk, tuple(sorted(user.organisation_ids)), user.roles, clock.now())
    found: Any = next(iter(rows), None)
    if found is not None:
        found.size, found.is_overtaken = found.seen_by_user["size"], found.seen_by_user["is_overtaken"]
        found.is_whole = found.seen_by_user["seen"] == found.size
    return found


def _own_inputs(frozen: Ranking, numbers: Iterable[str]) -> ranking.Inputs:
    """The frozen inputs with these dossiers alone; one query."""
    content = Ranking.objects.filter(pk=frozen.pk).values_list("snapshot", flat=True).get()
    return ranking.only(ranking.inputs_from(content), numbers)


def places_seen(user: User, frozen: Ranking) -> tuple[ranking.Inputs, tuple[ranking.Place, ...]]:
    """Inputs and places of a frozen ranking for who may not see every dossier in it: made anew without those; two queries.

    Who is barred from the second finds a first, a second and a third, never a gap.
    """
    visible = Application.objects.visible_to(user).filter(ranking_entries__ranking=frozen)
    inputs = _own_inputs(frozen, visible.values_list("number", flat=True))
    return inputs, ranking.order(inputs)


def meeting_places(user: User, meeting: Meeting) -> dict[str, ranking.Place]:
    """By dossier number the place in the meeting's ranking, as this person may know it; one query, three for who is barred from one."""
    if meeting.ranking is None:
        return {}
    own_bars = DossierBar.objects.filter(user=user, lifted_at__isnull=True, application=OuterRef("application"))
    entries = list(
        RankingEntry.objects.filter(ranking=meeting.ranking_id)
        .annotate(is_barred=Exists(own_bars))
        .values_list("is_barred", *_PLACE)
    )
    if any(is_barred for is_barred, *_ in entries):
        _, places = places_seen(user, meeting.ranking)
        return {place.number: place for place in places}
    return {place.number: place for place in (_place(row) for _, *row in entries)}


def firmness(user: User, call: Call) -> tuple[Any, ranking.Inputs, Sensitivity]:
    """The newest frozen ranking of a call (None: the order as it would be now), its inputs and how firm it is, within what this person may see."""
    frozen = newest_ranking(user, call.code)
    if frozen is None:
        visible = Application.objects.visible_to(user).filter(call=call, state=ApplicationState.P2_ADVISED)
        inputs = ranking.inputs_of(call, applications=visible, with_experts=True)
        ranking.refuse_gaps(inputs)
    else:
        inputs, _ = places_seen(user, frozen)
    return frozen, inputs, trials(inputs)


def _provisional(user: User, call: Call) -> Shortlist:
    visible = Application.objects.visible_to(user).filter(call=call, state=ApplicationState.P2_ADVISED)
    advised = list(
        Advice.objects.filter(phase=PhaseNumber.FULL_DOSSIER, application__in=visible).values_list(
            "application_id",
            "application__number",
            *(f"application__{name}" for name in _FACTS),
            "recommendation",
            "advised_amount",
        )
    )
    inputs, places = standings.places_of(call, applications=[row[0] for row in advised])
    return _shortlist(call, None, inputs, places, {row[1]: _Facts(*row[2:]) for row in advised})


def _place(row: Sequence[Any], codes: Sequence[str] = ()) -> ranking.Place:
    """The place that these columns (`_PLACE`) hold, with the totals of the dimensions named."""
    number, rank, total, totals, knockouts, requested, cumulative, is_within = row
    return ranking.Place(
        rank=rank,
        number=number,
        total=total,
        dimension_totals=tuple((code, totals[code]) for code in codes),
        knockouts=tuple(ranking.Knockout(knockout["rule_id"], knockout["text"]) for knockout in knockouts),
        requested=requested,
        cumulative=cumulative,
        is_within_budget=is_within,
    )


def _shortlist(
    call: Call,
    frozen: Ranking | None,
    inputs: ranking.Inputs,
    places: Sequence[ranking.Place],
    facts: Mapping[str, _Facts],
) -> Shortlist:
    labels = {code: str(label) for code, label in Recommendation.choices}
    names = {row.code: row.label for row in inputs.dimensions}
    rows, was_within = [], True
    for place in places:
        title, applicant, sector, domain, state, recommendation, advised = facts[place.number]
        rows.append(
            ShortlistRow(
                rank=place.rank,
                number=place.number,
                title=title,
                applicant=applicant,
                sector=sector,
                technology_domain=domain,
                state=state,
                total=place.total,
                totals=tuple((names[code], total) for code, total in place.dimension_totals),
                knockouts=tuple(knockout.text for knockout in place.knockouts),
                requested=place.requested,
                cumulative=place.cumulative,
                is_within_budget=place.is_within_budget,
                recommendation=labels.get(recommendation, ""),
                advised_amount=advised,
                is_first_below=was_within and not place.is_within_budget,
            )
        )
        was_within = place.is_within_budget
    return Shortlist(
        call=call,
        ranking=frozen,
        dimensions=tuple((row.code, row.label, row.weight) for row in inputs.dimensions),
        rows=tuple(rows),
        budget=inputs.budget,
        max_awards=inputs.max_awards,
        sectors=_spread(row.sector for row in rows if row.is_within_budget),
    )


def _spread(sectors: Iterable[str]) -> tuple[tuple[str, int], ...]:
    counts: dict[str, int] = defaultdict(int)
    for sector in sectors:
        counts[sector or "Niet ingevuld"] += 1
    return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
