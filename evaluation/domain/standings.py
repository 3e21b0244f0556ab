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

_FROM = """
    FROM evaluation_panelscore score
    JOIN calls_criterion criterion ON criterion.id = score.criterion_id
    JOIN calls_dimension dimension ON dimension.id = criterion.dimension_id AND dimension.call_id = %s
    JOIN calls_scalestep step ON step.id = score.step_id AND step.call_id = %s
    JOIN evaluation_advice advice ON advice.id = score.advice_id AND advice.phase = %s
    JOIN applications_application dossier ON dossier.id = advice.application_id AND dossier.call_id = %s
"""


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
        columns.append("coalesce(sum(criterion.weight * step.value) FILTER (WHERE dimension.code = %s), 0)")
        values.append(dimension.code)
    for rule in frame.knockouts:
        columns.append("count(*) FILTER (WHERE dimension.code = %s AND step.code = %s)")
        values += [rule.dimension, rule.step]
    where = "WHERE dossier.state = %s" if ids is None else "WHERE dossier.id = ANY(%s)"
    sql = (
        "SELECT min(dossier.number), min(dossier.requested_grant), bool_or(advice.doubts_identity), bool_or(advice.distorts_market), "
        f"{', '.join([*columns, 'count(*)'])} {_FROM} {where} GROUP BY advice.id"
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
