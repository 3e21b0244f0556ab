"""The order of a call as it is now, added up by the database: what `ranking.order` says, at the price of one query (P2-EVA-07).

The database only adds up (`Tally`); what comes before what stays with `ranking.arrange`. A test holds both ways beside each other. Where a panel score is missing
or foreign, the scores themselves are read, so that each gap is named.
"""

from collections.abc import Iterable
from typing import Any

from django.db import connection

from applications.enums import ApplicationState
from calls.enums import PhaseNumber
from calls.models import Call
from evaluation.domain import ranking
from evaluation.domain.ranking import IDENTITY, MARKET, Inputs, Place, Tally
from ibnportal.core.money import ZERO

# Added up per advice first, so that only one row a dossier meets the dossiers; the codes are looked up once, not once a score.
_SQL = """
    SELECT dossier.number, dossier.requested_grant, advice.doubts_identity, advice.distorts_market, {names}, added.scores
    FROM (
        SELECT score.advice_id, {columns}, count(*) AS scores
        FROM evaluation_panelscore score
        JOIN calls_criterion criterion ON criterion.id = score.criterion_id
        JOIN calls_scalestep step ON step.id = score.step_id
        WHERE criterion.dimension_id IN (SELECT id FROM calls_dimension WHERE call_id = %s) AND step.call_id = %s
        GROUP BY score.advice_id
    ) added
    JOIN evaluation_advice advice ON advice.id = added.advice_id AND advice.phase = %s
    JOIN applications_application dossier ON dossier.id = advice.application_id AND dossier.call_id = %s
    WHERE {which}
"""
_DIMENSION = "criterion.dimension_id = (SELECT id FROM calls_dimension WHERE call_id = %s AND code = %s)"
_STEP = "step.id = (SELECT id FROM calls_scalestep WHERE call_id = %s AND code = %s)"


def places_of(call: Call, *, applications: Iterable[int] | None = None) -> tuple[Inputs, tuple[Place, ...]]:
    """The call's frame and its places now: of the dossiers with an advice that wait for the committee, or of those given by id.

    One query for the frame (none for a call of `ranking.with_setup`) and one for the sums. Raises DomainError as `ranking.order` does.
    """
    frame = ranking.frame_of(call)
    ids = None if applications is None else list(applications)
    rows = _rows(call, frame, ids)
    if any(row[-1] != len(frame.criteria) for row in rows) or (ids is not None and len(rows) != len(ids)):
        inputs = ranking.inputs_of(call, applications=None if ids is None else ids)  # type: ignore[arg-type]
        return inputs, ranking.order(inputs)
    return frame, ranking.arrange(frame, map(_tally_of(frame), rows))


def _rows(call: Call, frame: Inputs, ids: list[int] | None) -> list[tuple[Any, ...]]:
    """Per dossier: number, request, two grounds, the sums, the counts, and how many scores there are."""
    columns: list[str] = []
    values: list[Any] = []
    for dimension in frame.dimensions:
        columns.append(f"coalesce(sum(criterion.weight * step.value) FILTER (WHERE {_DIMENSION}), 0)")
        values += [call.pk, dimension.code]
    for rule in frame.knockouts:
        columns.append(f"count(*) FILTER (WHERE {_DIMENSION} AND {_STEP})")
        values += [call.pk, rule.dimension, call.pk, rule.step]
    names = [f"part_{place}" for place in range(len(columns))]
    sql = _SQL.format(
        names=", ".join(f"added.{name}" for name in names),
        columns=", ".join(f"{column} AS {name}" for column, name in zip(columns, names, strict=True)),
        which="dossier.state = %s" if ids is None else "dossier.id = ANY(%s)",
    )
    scope: Any = ApplicationState.P2_ADVISED.value if ids is None else ids
    with connection.cursor() as cursor:
        cursor.execute(sql, [*values, call.pk, call.pk, int(PhaseNumber.FULL_DOSSIER), call.pk, scope])
        return list(cursor.fetchall())


def _tally_of(frame: Inputs) -> Any:
    first = 2 + 2
    last = first + len(frame.dimensions)

    def tally(row: tuple[Any, ...]) -> Tally:
        grounds = () if not (row[2] or row[first - 1]) else _grounds(row[2], row[first - 1])
        return Tally(row[0], row[1] if row[1] is not None else ZERO, row[first:last], row[last:-1], grounds)

    return tally


def _grounds(doubts_identity: bool, distorts_market: bool) -> tuple[str, ...]:  # noqa: FBT001 - two columns of one row
    return tuple(rule for rule, stated in ((IDENTITY, doubts_identity), (MARKET, distorts_market)) if stated)
