"""The ranking: from panel scores to an order with a budget line (P2-EVA-06, P2-EVA-07, P2-CRI-21, H-07).

`order` is pure: the same inputs, in whatever sequence, give the same places. The order is, written down once:

1. a dossier that no knock-out touches goes before one that is knocked out;
2. a higher total goes first: the sum over the dimensions of weight × dimension total, where a dimension total is the sum over its criteria of
   weight × value of the panel's score; integers throughout;
3. at an equal total, the higher total on the first dimension of the call goes first, then on the second, and so on;
4. then the lower requested amount; then the lower dossier number, so that no two places are ever equal.

Knock-outs: `min_count` or more scores of exactly that step within that dimension (H-07 as AMB-21 reads it), and the two grounds of the manual of
2025 that the panel states itself (P2-CRI-18, P2-CRI-19). The budget line runs over what is not knocked out, in order: from the first dossier that
goes over the budget or over the maximum number on, nothing lies within it.

The order is made in two steps: `tally` adds up one dossier (and `evaluation.domain.standings` has the database add up all of them), `arrange` puts
what was added up in order. `freeze` keeps one computation for good, with all its inputs; `replay` computes again from what was kept.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from functools import cache
from itertools import pairwise
from operator import mul, neg
from typing import Any

from django.db import transaction
from django.db.models import JSONField
from django.db.models.expressions import RawSQL

from applications.enums import ApplicationState
from applications.models import Application
from calls.enums import PhaseNumber
from calls.models import Call, CallRules
from evaluation.enums import AssignmentState
from evaluation.models import Advice, PanelScore, Ranking, RankingEntry, Score
from ibnportal.core import clock
from ibnportal.core.accounts.models import User
from ibnportal.core.audit import trail
from ibnportal.core.canonical import canonical, digest
from ibnportal.core.errors import DomainError, WrongState
from ibnportal.core.findings import Finding
from ibnportal.core.lifecycle import lock
from ibnportal.core.money import ZERO, euros, format_euros

FORMAT = 2
WITHOUT_EXPERTS = 1
"""The format of the first rankings: the same, without the experts' own scores and without the shift of the weights."""

IDENTITY, MARKET = "P2-CRI-18", "P2-CRI-19"
GROUNDS = {
    IDENTITY: "Zeer sterke twijfel of er een ecosysteem met een eigen identiteit en dynamiek ontstaat",
    MARKET: "Duidelijk risico op marktverstoring",
}


# ---------------------------------------------------------------- what goes in


@dataclass(frozen=True, slots=True)
class DimensionInput:
    """A dimension of the call; their sequence in `Inputs` is the order of the tie-break."""

    code: str
    label: str
    weight: int


@dataclass(frozen=True, slots=True)
class CriterionInput:
    """A criterion and how much it weighs within its dimension."""

    code: str
    dimension: str
    weight: int
    label: str = ""


@dataclass(frozen=True, slots=True)
class StepInput:
    """A step of the scale; a higher value is better."""

    code: str
    label: str
    value: int


@dataclass(frozen=True, slots=True)
class KnockoutInput:
    """`min_count` or more scores of exactly `step` within `dimension` knock a dossier out."""

    dimension: str
    step: str
    min_count: int
    rule_id: str = "H-07"


Scores = tuple[tuple[str, str], ...]
"""(criterion, step) pairs."""


@dataclass(frozen=True, slots=True)
class DossierInput:
    """What the panel says of one dossier: its scores, the exclusion grounds it sees, and what is asked.

    `experts` are the scores that each expert handed in, under a code of the call ("D1"). They decide nothing: `sensitivity` reads them.
    """

    number: str
    scores: Scores
    requested: Decimal
    grounds: tuple[str, ...] = ()
    experts: tuple[tuple[str, Scores], ...] = ()


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything that decides the order, and what is needed to see how firm it is."""

    call: str
    rules_version: int
    dimensions: tuple[DimensionInput, ...]
    criteria: tuple[CriterionInput, ...]
    scale: tuple[StepInput, ...]
    knockouts: tuple[KnockoutInput, ...]
    budget: Decimal | None
    max_awards: int | None
    dossiers: tuple[DossierInput, ...]
    weight_shift: Decimal | None = None


# ---------------------------------------------------------------- what comes out


@dataclass(frozen=True, slots=True)
class Knockout:
    """A knock-out that fired: its rule and why, in words."""

    rule_id: str
    text: str


@dataclass(frozen=True, slots=True)
class Place:
    """The place of one dossier, and all that made it."""

    rank: int
    number: str
    total: int
    dimension_totals: tuple[tuple[str, int], ...]
    knockouts: tuple[Knockout, ...]
    requested: Decimal
    cumulative: Decimal
    is_within_budget: bool


def order(inputs: Inputs) -> tuple[Place, ...]:
    """The places, best first. Raises DomainError, with a finding for each gap, when a dossier lacks a score on a criterion."""
    refuse_gaps(inputs)
    values = {step.code: step.value for step in inputs.scale}
    criteria = {criterion.code: criterion for criterion in inputs.criteria}
    return arrange(inputs, [_tally(dossier, inputs, values, criteria) for dossier in inputs.dossiers])


@dataclass(slots=True)
class Tally:
    """One dossier added up: its totals in the sequence of the dimensions, its counts in the sequence of the knock-outs."""

    number: str
    requested: Decimal
    totals: Sequence[Any]
    counts: Sequence[int]
    grounds: Sequence[str] = ()


def tally(dossier: DossierInput, inputs: Inputs) -> Tally:
    """Add up the panel's scores of one dossier."""
    values = {step.code: step.value for step in inputs.scale}
    return _tally(dossier, inputs, values, {criterion.code: criterion for criterion in inputs.criteria})


def _tally(
    dossier: DossierInput, inputs: Inputs, values: Mapping[str, int], criteria: Mapping[str, CriterionInput]
) -> Tally:
    sums: dict[str, int] = defaultdict(int)
    counts: Counter[tuple[str, str]] = Counter()
    for code, step in dossier.scores:
        criterion = criteria[code]
        sums[criterion.dimension] += criterion.weight * values[step]
        counts[criterion.dimension, step] += 1
    return Tally(
        dossier.number,
        dossier.requested,
        [sums[dimension.code] for dimension in inputs.dimensions],
        [counts[rule.dimension, rule.step] for rule in inputs.knockouts],
        dossier.grounds,
    )


def arrange(inputs: Inputs, tallies: Iterable[Tally]) -> tuple[Place, ...]:
    """What was added up, in order, with the budget line; of `inputs` only the dossiers' own scores are not read."""
    weights = [dimension.weight for dimension in inputs.dimensions]
    codes = [dimension.code for dimension in inputs.dimensions]
    known: dict[tuple[Any, ...], tuple[Knockout, ...]] = {}
    judged = []
    for row in tallies:
        # Few combinations of counts occur: each is put into words once.
        key = (*row.counts, *row.grounds)
        knockouts = known.get(key)
        if knockouts is None:
            knockouts = known[key] = _knockouts(row, inputs)
        total = sum(map(mul, weights, row.totals))
        judged.append((bool(knockouts), -total, tuple(map(neg, row.totals)), row.requested, row.number, knockouts))
    judged.sort()  # no two numbers are equal, so that it never comes to the knock-outs
    # Shared by the dossiers with the same sub-total: of ten thousand dossiers the collector of garbage else has too much to look through.
    part = cache(lambda code, minus: (code, -minus))
    places: list[Place] = []
    cumulative, count, is_open = ZERO, 0, True
    most, budget = inputs.max_awards, inputs.budget
    for rank, (is_out, minus, minuses, requested, number, knockouts) in enumerate(judged, start=1):
        if not is_out:
            cumulative, count = cumulative + requested, count + 1
            is_open = is_open and (budget is None or cumulative <= budget) and (most is None or count <= most)
        places.append(
            Place(
                rank,
                number,
                -minus,
                tuple(map(part, codes, minuses)),
                knockouts,
                requested,
                cumulative,
                is_open and not is_out,
            )
        )
    return tuple(places)


def explain(inputs: Inputs, places: Sequence[Place]) -> dict[str, tuple[str, ...]]:
    """By dossier number, in sentences, why it stands where it stands: what knocked it out, or by what it goes before the next."""
    labels = {dimension.code: dimension.label.lower() for dimension in inputs.dimensions}
    reasons = {place.number: [f"{ko.rule_id}: {ko.text}." for ko in place.knockouts] for place in places}
    for upper, lower in pairwise(places):
        reasons[upper.number].append(f"Staat voor {lower.number}: {_difference(upper, lower, labels)}.")
    return {number: tuple(sentences) for number, sentences in reasons.items()}


def _difference(upper: Place, lower: Place, labels: Mapping[str, str]) -> str:
    if bool(upper.knockouts) != bool(lower.knockouts):
        return f"{lower.number} is uitgesloten"
    if upper.total != lower.total:
        return f"totaal {upper.total} tegen {lower.total}"
    for (code, part), (_, other) in zip(upper.dimension_totals, lower.dimension_totals, strict=True):
        if part != other:
            return f"gelijk totaal, maar {part} tegen {other} op {labels[code]}"
    if upper.requested != lower.requested:
        return (
            "gelijk op elke dimensie, maar vraagt minder steun: "
            f"{format_euros(upper.requested)} tegen {format_euros(lower.requested)}"
        )
    return "in alles gelijk, maar een lager dossiernummer"


def _knockouts(row: Tally, inputs: Inputs) -> tuple[Knockout, ...]:
    if not row.grounds and not any(
        count >= rule.min_count for count, rule in zip(row.counts, inputs.knockouts, strict=True)
    ):
        return ()
    stated = (Knockout(ground, GROUNDS[ground]) for ground in sorted(set(row.grounds)))
    return (*_fired(row.counts, inputs), *stated)


def _fired(counts: Sequence[int], inputs: Inputs) -> Iterable[Knockout]:
    dimensions = {dimension.code: dimension.label for dimension in inputs.dimensions}
    steps = {step.code: step.label for step in inputs.scale}
    for rule, count in zip(inputs.knockouts, counts, strict=True):
        if count >= rule.min_count:
            allowed = "geen" if rule.min_count == 1 else f"hoogstens {rule.min_count - 1}"
            yield Knockout(
                rule.rule_id,
                f"{count} keer “{steps[rule.step].lower()}” op {dimensions[rule.dimension].lower()}; {allowed} toegestaan",
            )


def refuse_gaps(inputs: Inputs) -> None:
    """Raise DomainError, with a finding for each dossier that lacks a panel score or has a foreign one."""
    wanted = {criterion.code for criterion in inputs.criteria}
    steps = {step.code for step in inputs.scale}
    findings = []
    for dossier in inputs.dossiers:
        scored = [code for code, _ in dossier.scores]
        missing = len(wanted - set(scored))
        if missing:
            findings.append(
                Finding(
                    "P2-CRI-20",
                    dossier.number,
                    f"Voor {missing} van de {len(wanted)} criteria ontbreekt de panelscore.",
                )
            )
        if set(scored) - wanted or len(scored) != len(set(scored)) or {step for _, step in dossier.scores} - steps:
            findings.append(
                Finding(
                    "P2-CRI-21",
                    dossier.number,
                    "Een panelscore hoort niet bij de criteria of de schaal van deze oproep.",
                )
            )
    if findings:
        raise DomainError(
            "Er valt nog niet te rangschikken: niet elk dossier heeft al zijn panelscores.",
            rule_id="P2-CRI-20",
            findings=findings,
        )


# ---------------------------------------------------------------- as bytes


def snapshot(inputs: Inputs, places: Sequence[Place], *, format_: int = FORMAT) -> dict[str, Any]:
    """Inputs and outcome as plain JSON: amounts as text with two places, dossiers and scores in a fixed sequence."""
    plain = asdict(inputs)
    plain["dossiers"] = sorted(
        (
            {
                **dossier,
                "scores": sorted(map(list, dossier["scores"])),
                "grounds": sorted(set(dossier["grounds"])),
                "experts": sorted([code, sorted(map(list, given))] for code, given in dossier["experts"]),
            }
            for dossier in plain["dossiers"]
        ),
        key=lambda dossier: dossier["number"],
    )
    plain["weight_shift"] = None if inputs.weight_shift is None else f"{inputs.weight_shift.normalize():f}"
    if format_ == WITHOUT_EXPERTS:
        del plain["weight_shift"]
        for criterion in plain["criteria"]:
            del criterion["label"]
        for dossier in plain["dossiers"]:
            del dossier["experts"]
    return dict(_as_json({"format": format_, "inputs": plain, "places": [asdict(place) for place in places]}))


def inputs_from(content: Mapping[str, Any]) -> Inputs:
    """The inputs that a snapshot holds."""
    raw = content["inputs"]
    return Inputs(
        call=raw["call"],
        rules_version=raw["rules_version"],
        dimensions=tuple(DimensionInput(**row) for row in raw["dimensions"]),
        criteria=tuple(CriterionInput(**row) for row in raw["criteria"]),
        scale=tuple(StepInput(**row) for row in raw["scale"]),
        knockouts=tuple(KnockoutInput(**row) for row in raw["knockouts"]),
        budget=None if raw["budget"] is None else Decimal(raw["budget"]),
        max_awards=raw["max_awards"],
        dossiers=tuple(
            DossierInput(
                number=row["number"],
                scores=tuple((code, step) for code, step in row["scores"]),
                requested=Decimal(row["requested"]),
                grounds=tuple(row["grounds"]),
                experts=tuple((code, tuple((c, s) for c, s in given)) for code, given in row.get("experts", ())),
            )
            for row in raw["dossiers"]
        ),
        weight_shift=None if raw.get("weight_shift") is None else Decimal(raw["weight_shift"]),
    )


def frame_in(content: Mapping[str, Any]) -> dict[str, Any]:
    """What the call contributed to a snapshot: its inputs without the dossiers."""
    return {**content["inputs"], "dossiers": []}


def replay(content: Mapping[str, Any]) -> bytes:
    """Compute again from the inputs of a snapshot; the same bytes as were frozen, or something was changed."""
    inputs = inputs_from(content)
    return canonical(snapshot(inputs, order(inputs), format_=content["format"]))


def only(inputs: Inputs, numbers: Iterable[str]) -> Inputs:
    """The same call with these dossiers alone: who is barred from one sees an order in which it never was."""
    kept = set(numbers)
    return Inputs(
        **{**_shallow(inputs), "dossiers": tuple(dossier for dossier in inputs.dossiers if dossier.number in kept)}
    )


def _shallow(inputs: Inputs) -> dict[str, Any]:
    return {name: getattr(inputs, name) for name in Inputs.__slots__}


def _as_json(value: Any) -> Any:
    match value:
        case Decimal():
            return f"{euros(value)}"
        case dict():
            return {key: _as_json(item) for key, item in value.items()}
        case list() | tuple():
            return [_as_json(item) for item in value]
        case _:
            return value


# ---------------------------------------------------------------- from and to the database


def inputs_of(
    call: Call,
    *,
    applications: Iterable[Application] | None = None,
    advices: Sequence[Advice] | None = None,
    with_experts: bool = False,
) -> Inputs:
    """What the database holds now of this call: the dossiers with an advice of phase 2, or those given.

    Three queries; less when the call comes from `with_setup` or the advices (with their application) are given, one more for the
    experts' own scores.
    """
    if advices is None:
        found = Advice.objects.filter(phase=PhaseNumber.FULL_DOSSIER).select_related("application")
        if applications is None:
            found = found.filter(application__call=call, application__state=ApplicationState.P2_ADVISED)
        else:
            found = found.filter(application__in=applications)
        advices = list(found)
    frame = frame_of(call)
    return Inputs(**{**_shallow(frame), "dossiers": _dossiers(advices, with_experts=with_experts)})


def frame_of(call: Call) -> Inputs:
    """The call's own part of the inputs, without dossiers; one query, none when the call comes from `with_setup`."""
    found: Any = call if hasattr(call, "ranking_setup") else with_setup(Call.objects.filter(pk=call.pk)).get()
    setup = found.ranking_setup
    rules = setup["rules"]
    return Inputs(
        call=call.code,
        rules_version=rules["version"],
        dimensions=tuple(DimensionInput(**row) for row in setup["dimensions"]),
        criteria=tuple(CriterionInput(**row) for row in setup["criteria"]),
        scale=tuple(StepInput(**row) for row in setup["scale"]),
        knockouts=tuple(KnockoutInput(**row) for row in setup["knockouts"]),
        budget=None if rules["budget"] is None else euros(rules["budget"]),
        max_awards=rules["max_awards"],
        dossiers=(),
        weight_shift=None if rules["shift"] is None else Decimal(rules["shift"]),
    )


# Written out: put together by the ORM it takes longer to build than the whole page of a frozen ranking takes to answer.
_SETUP = """
    (SELECT jsonb_build_object(
        'rules', (
            SELECT jsonb_build_object('version', version, 'max_awards', max_awards, 'budget', budget_available::text, 'shift', sensitivity_fraction::text)
            FROM calls_callrules WHERE call_id = calls_call.id ORDER BY version DESC LIMIT 1
        ),
        'dimensions', (
            SELECT coalesce(jsonb_agg(jsonb_build_object('code', code, 'label', label, 'weight', weight) ORDER BY position), '[]')
            FROM calls_dimension WHERE call_id = calls_call.id
        ),
        'criteria', (
            SELECT coalesce(jsonb_agg(jsonb_build_object('code', c.code, 'dimension', d.code, 'weight', c.weight, 'label', c.label)
                ORDER BY d.position, c.position), '[]')
            FROM calls_criterion c JOIN calls_dimension d ON d.id = c.dimension_id WHERE d.call_id = calls_call.id
        ),
        'scale', (
            SELECT coalesce(jsonb_agg(jsonb_build_object('code', code, 'label', label, 'value', value) ORDER BY value DESC), '[]')
            FROM calls_scalestep WHERE call_id = calls_call.id
        ),
        'knockouts', (
            SELECT coalesce(jsonb_agg(jsonb_build_object('dimension', d.code, 'step', s.code, 'min_count', k.min_count)
                ORDER BY d.position, s.value DESC), '[]')
            FROM calls_knockoutrule k JOIN calls_dimension d ON d.id = k.dimension_id JOIN calls_scalestep s ON s.id = k.step_id
            WHERE k.call_id = calls_call.id
        )
    ))
"""


def with_setup(calls: Any) -> Any:
    """These calls with all that ranks their dossiers on them as JSON, so that it costs no query of its own."""
    return calls.annotate(ranking_setup=RawSQL(_SETUP, (), output_field=JSONField()))  # noqa: S611 - a constant text


def _dossiers(advices: Sequence[Advice], *, with_experts: bool) -> tuple[DossierInput, ...]:
    experts = _experts(advices) if with_experts else {}
    scores: dict[int, list[tuple[str, str]]] = defaultdict(list)
    rows = PanelScore.objects.filter(advice__in=advices).order_by()
    for advice_id, criterion, step in rows.values_list("advice_id", "criterion__code", "step__code"):
        scores[advice_id].append((criterion, step))
    return tuple(
        DossierInput(
            number=advice.application.number,
            scores=tuple(sorted(scores[advice.pk])),
            requested=euros(advice.application.requested_grant or ZERO),
            grounds=grounds_of(advice),
            experts=experts.get(advice.application_id, ()),
        )
        for advice in sorted(advices, key=lambda advice: advice.application.number)
    )


def _experts(advices: Sequence[Advice]) -> dict[int, tuple[tuple[str, Scores], ...]]:
    """By dossier the scores that were handed in, under one code a person: "D1" is who comes first in the accounts. One query."""
    rows = (
        Score.objects.filter(
            assignment__application__in=[advice.application_id for advice in advices],
            assignment__state=AssignmentState.HANDED_IN,
            step__isnull=False,
        )
        .order_by("assignment__expert_id")
        .values_list("assignment__expert_id", "assignment__application_id", "criterion__code", "step__code")
    )
    codes: dict[int, str] = {}
    given: dict[int, dict[str, list[tuple[str, str]]]] = defaultdict(lambda: defaultdict(list))
    for expert, application, criterion, step in rows:
        code = codes.setdefault(expert, f"D{len(codes) + 1}")
        given[application][code].append((criterion, step))
    return {
        application: tuple((code, tuple(sorted(scores))) for code, scores in sorted(found.items()))
        for application, found in given.items()
    }


def grounds_of(advice: Advice) -> tuple[str, ...]:
    """The rule ids of the exclusion grounds that the panel states."""
    stated = ((IDENTITY, advice.doubts_identity), (MARKET, advice.distorts_market))
    return tuple(rule_id for rule_id, is_stated in stated if is_stated)


def freeze(call: Call, *, by: User) -> Ranking:
    """Compute the order of the advised dossiers and keep it with all its inputs, as the next version; earlier ones stay.

    The call is locked meanwhile, so that two at once make two versions one after the other. Raises WrongState when nothing
    is advised yet.
    """
    with transaction.atomic():
        lock(call)
        applications = {
            row.number: row
            for row in call.applications.in_state(ApplicationState.P2_ADVISED).select_for_update(
                of=("self",), no_key=True
            )
        }
        if not applications:
            raise WrongState(
                "Er is nog geen enkel dossier met een advies, dus er valt niets te rangschikken.", rule_id="P2-EVA-07"
            )
        rules = CallRules.objects.filter(call=call).latest("version")
        inputs = inputs_of(call, applications=list(applications.values()), with_experts=True)
        places = order(inputs)
        content = snapshot(inputs, places)
        last = Ranking.objects.filter(call=call).order_by("-version").values_list("version", flat=True).first() or 0
        ranking = Ranking.objects.create(
            call=call,
            version=last + 1,
            rules=rules,
            computed_at=clock.now(),
            computed_by=by,
            snapshot=content,
            frame=frame_in(content),
            sha256=digest(content),
        )
        RankingEntry.objects.bulk_create(_entry(ranking, applications[place.number], place) for place in places)
        trail.record("ranking.frozen", ranking, by=by, changes={"version": ranking.version, "sha256": ranking.sha256})
    return ranking


def _entry(ranking: Ranking, application: Application, place: Place) -> RankingEntry:
    return RankingEntry(
        ranking=ranking,
        application=application,
        rank=place.rank,
        total=place.total,
        dimension_totals=dict(place.dimension_totals),
        knockouts=[{"rule_id": knockout.rule_id, "text": knockout.text} for knockout in place.knockouts],
        requested_amount=place.requested,
        cumulative_amount=place.cumulative,
        is_within_budget=place.is_within_budget,
    )
