"""Who waits on whom with each dossier in hand, for what, and until which moment.

The steps are a table by state; the moments stand in the database, so that a list can be put in their order, filtered and counted there. None
is stored beside its source: a pitch that moves, a term that is asked or a date of the call that is amended shows at once.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Case, CharField, DateTimeField, F, Func, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from applications.enums import ApplicationState
from applications.models import Application, Supplement
from calls.enums import MilestoneKind, PhaseNumber
from calls.models import Milestone, Phase, PitchSlot
from evaluation.enums import AssignmentState
from evaluation.models import Assignment, Pitch
from ibnportal.core.statements import written

S = ApplicationState
US, APPLICANT, EXPERTS, COMMITTEE, NOBODY = "Behandelaar", "Aanvrager", "Deskundigen", "Comité", "Niemand"
PARTIES = (US, APPLICANT, EXPERTS, COMMITTEE, NOBODY)


@dataclass(frozen=True, slots=True)
class Step:
    """What comes next in a state: who is to act, what, on which page (a name in the address book) and before which moment."""

    waits_on: str
    text: str
    action: str = ""
    page: str = ""
    due: str = ""
    """A moment of `_MOMENTS`, or "" where the manual gives none."""


STEPS: dict[str, Step] = {
    S.P1_SUBMITTED: Step(US, "Screen de vooraanmelding.", "Screen", "applications:screening", "first_slot"),
    S.P1_SUPPLEMENT_ASKED: Step(APPLICANT, "De aanvrager vult de vooraanmelding aan.", "", "", "supplement"),
    S.P1_SUPPLEMENT_ANSWERED: Step(
        US, "Bekijk het antwoord en besluit.", "Screen", "applications:screening", "first_slot"
    ),
    S.P1_SUPPLEMENT_EXPIRED: Step(
        US, "Er kwam geen antwoord: besluit met wat er is.", "Screen", "applications:screening", "first_slot"
    ),
    S.P1_ADMISSIBLE: Step(US, "Plan de pitch.", "Plan de pitch", "evaluation:pitch", "first_slot"),
    S.P1_PITCHED: Step(US, "Schrijf het advies.", "Schrijf het advies", "evaluation:advise", "feedback"),
    S.P1_ADVISED: Step(COMMITTEE, "Het comité beslist over de preselectie.", "", "", "feedback"),
    S.PRESELECTED: Step(APPLICANT, "De aanvrager begint de volledige aanvraag.", "", "", "phase2_closes"),
    S.MERGE_ADVISED: Step(APPLICANT, "De aanvrager werkt een gezamenlijke aanvraag uit.", "", "", "phase2_closes"),
    S.P2_DRAFT: Step(APPLICANT, "De aanvrager werkt de volledige aanvraag uit.", "", "", "phase2_closes"),
    S.P2_SUBMITTED: Step(US, "Screen de volledige aanvraag.", "Screen", "applications:screening"),
    S.P2_SUPPLEMENT_ASKED: Step(APPLICANT, "De aanvrager vult aan.", "", "", "supplement"),
    S.P2_SUPPLEMENT_ANSWERED: Step(US, "Bekijk het antwoord en besluit.", "Screen", "applications:screening"),
    S.P2_SUPPLEMENT_EXPIRED: Step(
        US, "Er kwam geen antwoord: besluit met wat er is.", "Screen", "applications:screening"
    ),
    S.P2_ADMISSIBLE: Step(US, "Nodig deskundigen uit.", "Deskundigen", "evaluation:experts", "decision"),
    S.P2_EVALUATION: Step(
        EXPERTS, "De deskundigen beoordelen; daarna volgt het advies.", "Volg op", "evaluation:panel", "scores"
    ),
    S.P2_ADVISED: Step(COMMITTEE, "Het comité beslist over de steun.", "", "", "decision"),
    S.REVIEW_REQUESTED: Step(US, "Behandel de vraag om herziening.", "Open de herziening", "evaluation:review_of"),
}
PITCH_BOOKED = Step(APPLICANT, "De pitch is gepland.", "Bekijk de pitch", "evaluation:pitch")
PITCH_OVER = Step(US, "De pitch is voorbij: noteer ze.", "Noteer de pitch", "evaluation:pitch")
ENDED = Step(NOBODY, "Afgehandeld.")


def next_step(state: str, pitch_at: datetime | None, *, at: datetime) -> Step:
    """What comes next at `at`; for an admissible pre-registration that depends on when its pitch is (None: not booked)."""
    if state == S.P1_ADMISSIBLE and pitch_at is not None:
        return PITCH_OVER if pitch_at <= at else PITCH_BOOKED
    return STEPS.get(state, ENDED)


class Waiting(NamedTuple):
    """One dossier and what it waits for, flat: a list has a hundred."""

    number: str
    title: str
    applicant: str
    call_code: str
    state: str
    state_changed_at: datetime | None
    due_at: datetime | None
    """The moment that its step waits for, None where there is none; a date counts to its end in Brussels."""
    step: Step


class Counts(NamedTuple):
    """How many dossiers wait: all of them, past their moment, due soon, and on the case handler."""

    total: int = 0
    overdue: int = 0
    soon: int = 0
    ours: int = 0


_BY_LABEL = ", ".join(f"'{state.value}'" for state in sorted(S, key=lambda state: state.label))
_ORDERS = {
    "due": "due_at",
    "number": 'number COLLATE "C"',
    "title": 'lower(title) COLLATE "C"',
    "applicant": 'lower(applicant_name) COLLATE "C"',
    "status": f"array_position(ARRAY[{_BY_LABEL}], state::text)",
    "party": 'waits_on COLLATE "C"',
}
_URGENCY = 'due_at ASC NULLS LAST, number COLLATE "C"'

# All of them once, for the counts and for the page: where a moment comes from four tables know, and no index holds the order of those.
_LISTED = """
WITH dossiers AS MATERIALIZED ({dossiers}),
reckoned AS NOT MATERIALIZED (
    SELECT *, coalesce(pitch_at, moment) AS due_at, CASE WHEN pitch_at > %s THEN %s ELSE party END AS waits_on FROM dossiers
),
asked AS NOT MATERIALIZED (SELECT * FROM reckoned WHERE %s IN ('', waits_on)),
counted AS (
    SELECT count(*) AS total, count(*) FILTER (WHERE due_at < %s) AS overdue,
        count(*) FILTER (WHERE due_at BETWEEN %s AND %s) AS soon, count(*) FILTER (WHERE waits_on = %s) AS ours
    FROM asked
),
shown AS (SELECT * FROM asked ORDER BY {order} LIMIT %s OFFSET %s)
SELECT total, overdue, soon, ours,
    number, title, applicant_name, call_code, state, state_changed_at, due_at, pitch_at
FROM counted LEFT JOIN shown ON true ORDER BY {order}
"""


def listed(
    dossiers: "QuerySet[Application]",
    *,
    at: datetime,
    soon_until: datetime,
    waits_on: str = "",
    order: str = "due",
    descending: bool = False,
    first: int = 0,
    size: int | None = None,
) -> tuple[Counts, list[Waiting]]:
    """Those of the dossiers that wait on that party (on anyone where it is ""), counted, and `size` of them from `first` on; one query.

    What was due before `at` is overdue, what is due by `soon_until` is soon. The order is by due, number, title, applicant, status or party, and
    within what is alike by urgency: what is overdue, what has a moment, the rest; within a moment by number. Raises KeyError for another order.
    """
    read = dossiers.order_by().values(
        "number", "title", "state", "state_changed_at", applicant_name=F("applicant__name"), call_code=F("call__code"),
        pitch_at=_pitch_at(), moment=_moment(), party=_party(),
    )  # fmt: skip
    place = f"{_ORDERS[order]} {'DESC NULLS FIRST' if descending else 'ASC NULLS LAST'}, {_URGENCY}"
    try:
        text, params = read.query.sql_with_params()
    except EmptyResultSet:
        return Counts(), []
    values = [*params, at, PITCH_BOOKED.waits_on, waits_on, at, at, soon_until, US, size, first]
    with connection.cursor() as cursor:
        cursor.execute(_LISTED.format(dossiers=text, order=place), values)
        found = cursor.fetchall()
    [(counts, _), *_] = rows = [_apart(row, at=at) for row in found]
    return counts, [dossier for _, dossier in rows if dossier is not None]


def _apart(row: tuple[Any, ...], *, at: datetime) -> tuple[Counts, Waiting | None]:
    """The counts, which each row repeats, and the dossier; there is none where the page is empty."""
    total, overdue, soon, ours, number, title, applicant, call_code, state, since, due, pitch = row
    counts = Counts(total, overdue, soon, ours)
    if number is None:
        return counts, None
    return counts, Waiting(number, title, applicant, call_code, state, since, due, next_step(state, pitch, at=at))


def with_waiting(dossiers: "QuerySet[Application]") -> "QuerySet[Any]":
    """The dossiers with `pitch_at`, of which `next_step` makes the step, and `due_at`, the moment that it waits for; None where there is none.

    `pitch_at` is that of a pitch to come or to note.
    """
    return dossiers.annotate(pitch_at=_pitch_at(), due_at=Coalesce(_pitch_at(), _moment()))


@cache
def _party() -> Any:
    steps = (When(state=state, then=Value(step.waits_on)) for state, step in STEPS.items())
    return written(Application, Case(*steps, default=Value(NOBODY), output_field=CharField()))


@cache
def _pitch_at() -> Any:
    pitch = Pitch.objects.filter(application=OuterRef("pk")).order_by().values("slot__starts_at")
    return written(Application, Case(When(state=S.P1_ADMISSIBLE, then=Subquery(pitch)), output_field=DateTimeField()))


@cache
def _moment() -> Any:
    """What its state waits for, a pitch left aside."""
    moments = (When(state__in=_states(due=name), then=moment) for name, moment in _moments().items())
    return written(Application, Case(*moments, output_field=DateTimeField()))


def _moments() -> dict[str, Any]:
    """Each moment that a step may wait for, read for the one dossier whose state asks for it."""
    of_call = OuterRef("call_id")
    dated = Milestone.objects.filter(call=of_call, starts_on__isnull=False).order_by("starts_on").values("starts_on")
    windows = Phase.objects.filter(call=of_call, number=PhaseNumber.FULL_DOSSIER).order_by().values("closes_at")
    slots = PitchSlot.objects.filter(call=of_call).order_by("starts_at").values("starts_at")
    asked = Supplement.objects.filter(application=OuterRef("pk"), answered_at__isnull=True).order_by("-phase")
    open_states = (AssignmentState.INVITED, AssignmentState.DECLARED)
    scoring = Assignment.objects.filter(application=OuterRef("pk"), state__in=open_states).order_by("due_on")
    return {
        "first_slot": Subquery(slots[:1]),
        "feedback": _EndOfDay(Subquery(dated.filter(kind=MilestoneKind.PHASE1_FEEDBACK)[:1])),
        "decision": _EndOfDay(Subquery(dated.filter(kind=MilestoneKind.DECISION)[:1])),
        "phase2_closes": Subquery(windows[:1]),
        "supplement": Subquery(asked.values("due_at")[:1]),
        "scores": _EndOfDay(Subquery(scoring.values("due_on")[:1])),
    }


def _states(due: str) -> list[str]:
    return [state for state, step in STEPS.items() if step.due == due]


class _EndOfDay(Func):
    """`clock.end_of_day` of a date in the database."""

    template = "((%(expressions)s) + time '23:59:59.999999') AT TIME ZONE 'Europe/Brussels'"
    output_field = DateTimeField()
