"""The shortlist of a call: its newest frozen ranking, or the order as it would be now, as far as a person may see it; and how firm it is."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Exists, JSONField, OuterRef, QuerySet, Subquery, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce

from applications.enums import ApplicationState
from applications.models import Application, DossierBar
from calls.enums import PhaseNumber
from calls.models import Call
from evaluation.domain import ranking, standings
from evaluation.domain.sensitivity import Sensitivity, trials
from evaluation.enums import AssignmentState, Recommendation, VoidKind
from evaluation.models import Advice, Meeting, Ranking, RankingEntry
from ibnportal.core import clock
from ibnportal.core.accounts.enums import Role
from ibnportal.core.accounts.models import User
from ibnportal.core.statements import Statement


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


def _newest(
    code: str, key: int, organisations: tuple[int, ...], roles: frozenset[Role], at: datetime
) -> QuerySet[Ranking]:
    reader = User.objects.as_read(key, roles=roles, organisations=organisations)
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
