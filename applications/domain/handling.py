"""Who screens what, who has it open, and how far the screening of a call is (ROL-10).

A case handler takes a dossier up or hands it to a colleague; anyone may still judge, the name only says who sees to it.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Count, OuterRef, Prefetch, Q, QuerySet, Subquery

from applications.domain import screening
from applications.enums import ApplicationState, CheckOutcome
from applications.models import AdmissibilityCheck, Application, DossierHandler, ScreeningVisit, Submission, Supplement
from calls.enums import PhaseNumber
from calls.models import Call, CallRules, Phase, PitchSlot
from ibnportal.core import clock
from ibnportal.core.accounts.enums import Role
from ibnportal.core.accounts.models import User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError, NotAllowed
from ibnportal.core.lifecycle import lock
from ibnportal.core.workdays import add_working_days, closed_days

S = ApplicationState
# Somebody who was seen so lately still has the page open.
PRESENT = dt.timedelta(minutes=2)
ASKED = frozenset({S.P1_SUPPLEMENT_ASKED, S.P2_SUPPLEMENT_ASKED})
# Screened, or on its way: what the progress of a phase counts.
SCREENED = {
    PhaseNumber.PRE_REGISTRATION: (
        S.P1_SUBMITTED, S.P1_SUPPLEMENT_ASKED, S.P1_SUPPLEMENT_ANSWERED, S.P1_SUPPLEMENT_EXPIRED,
    ),
    PhaseNumber.FULL_DOSSIER: (
        S.P2_SUBMITTED, S.P2_SUPPLEMENT_ASKED, S.P2_SUPPLEMENT_ANSWERED, S.P2_SUPPLEMENT_EXPIRED,
    ),
}  # fmt: skip


def assign(application: Application, *, handler: User, by: User) -> DossierHandler:
    """Give the dossier to a case handler, or take it up oneself; the one before is relieved, and the trail says so.

    Raises NotAllowed for someone of the applicant's own organisation.
    """
    if not handler.has_role(Role.CASE_HANDLER) or not handler.is_active:
        raise DomainError(f"{handler} is geen dossierbehandelaar. Kies iemand anders.", rule_id="ROL-10")
    if handler.belongs_to(application.applicant_id):
        raise NotAllowed(f"{handler} hoort bij de aanvrager van dit dossier. Kies iemand anders.", rule_id="P2-EVA-03")
    with transaction.atomic():
        fresh = lock(application)
        now = clock.now()
        held = DossierHandler.objects.filter(application=fresh, until_at__isnull=True).select_related("handler").first()
        if held is not None and held.handler_id == handler.pk:
            return held
        if held is not None:
            held.until_at = now
            held.save(update_fields=["until_at"])
        given = DossierHandler.objects.create(application=fresh, handler=handler, since_at=now, since_by=by)
        changes = {"handler": [str(held.handler) if held else None, str(handler)]}
        trail.record("handler.assigned", fresh, by=by, changes=changes)
    return given


def handler_of(application: Application) -> User | None:
    """Who sees to it now."""
    held = (
        DossierHandler.objects.filter(application=application, until_at__isnull=True).select_related("handler").first()
    )
    return None if held is None else held.handler


def see(application: Application, *, by: User) -> list[ScreeningVisit]:
    """Note that this person has the screening open, and answer who else has; two statements, no lock."""
    now = clock.now()
    visits = ScreeningVisit.objects.filter(application=application)
    if not visits.filter(user=by, seen_at__gte=now - PRESENT).update(seen_at=now):
        ScreeningVisit.objects.update_or_create(
            application=application, user=by, defaults={"came_at": now, "seen_at": now}
        )
    others = visits.filter(seen_at__gte=now - PRESENT).exclude(user=by)
    return list(others.select_related("user").order_by("came_at"))


# ---------------------------------------------------------------- progress


@dataclass(frozen=True, slots=True)
class Line:
    """One dossier in the progress of a screening."""

    application: Application
    handler: User | None
    total: int
    judged: int
    doubts: int
    due_at: dt.datetime | None
    supplement: Supplement | None

    @property
    def waits_for_applicant(self) -> bool:
        """Whether a completion was asked and neither answered nor over."""
        return self.application.state in ASKED

    @property
    def is_overdue(self) -> bool:
        """Whether its moment has passed while it waits for the agency."""
        return self.due_at is not None and not self.waits_for_applicant and self.due_at < clock.now()

    @property
    def is_this_week(self) -> bool:
        """Whether it is due before next Monday."""
        today = clock.today()
        last = today + dt.timedelta(days=1) * (_SUNDAY - today.weekday())
        return self.due_at is not None and not self.is_overdue and self.due_at <= clock.end_of_day(last)


_SUNDAY = len(("ma", "di", "wo", "do", "vr", "za"))


def progress(call: Call, phase: int, *, among: "QuerySet[Application]") -> list[Line]:
    """The dossiers of this phase that are being screened, overdue first, then by moment; a fixed number of queries.

    The moment is the call's own aim: so many working days after the phase closed or after the answer to a supplement, and in
    phase 1 no later than the first pitch. While the applicant completes, it is the end of that term.
    """
    phase = PhaseNumber(phase)
    newest = Submission.objects.filter(application=OuterRef("pk"), phase=phase).order_by("-version")
    dossiers = list(
        among.filter(call=call, state__in=SCREENED[phase])
        .select_related("applicant")
        .annotate(newest_id=Subquery(newest.values("pk")[:1]), received_at=Subquery(newest.values("received_at")[:1]))
        .prefetch_related(
            Prefetch(
                "handlers", DossierHandler.objects.filter(until_at__isnull=True).select_related("handler"), "held"
            ),
            Prefetch("supplements", Supplement.objects.filter(phase=phase), "asked"),
        )
        .order_by("number")
    )
    counts = _counts(dossier.newest_id for dossier in dossiers)
    due = _Due(call, phase)
    lines = [_line(dossier, counts.get(dossier.newest_id, (0, 0, 0)), due) for dossier in dossiers]
    return sorted(
        lines,
        key=lambda line: (
            not line.is_overdue,
            line.due_at is None,
            line.due_at or clock.now(),
            line.application.number,
        ),
    )


def _counts(submissions: Iterable[int]) -> dict[int, tuple[int, int, int]]:
    """(criteria, judged, not seen as met by the machine) of each submission; one query."""
    rows = (
        AdmissibilityCheck.objects.filter(submission_id__in=list(submissions))
        .order_by()
        .values_list("submission_id")
        .annotate(
            total=Count("pk"),
            judged=Count("pk", filter=Q(verdict__gt="")),
            doubts=Count("pk", filter=~Q(machine_outcome=CheckOutcome.YES)),
        )
    )
    return {pk: (total, judged, doubts) for pk, total, judged, doubts in rows}


def _line(application: Any, counts: tuple[int, int, int], due: "_Due") -> Line:
    supplement = application.asked[0] if application.asked else None
    total, judged, doubts = counts
    return Line(
        application=application,
        handler=application.held[0].handler if application.held else None,
        total=total,
        judged=judged,
        doubts=doubts,
        due_at=due.of(application, supplement),
        supplement=supplement,
    )


class _Due:
    """When each dossier of a phase should be screened; reads the call once."""

    def __init__(self, call: Call, phase: PhaseNumber) -> None:
        newest = CallRules.objects.filter(call=OuterRef("pk")).order_by("-version")
        window = Phase.objects.filter(call=OuterRef("pk"), number=phase)
        slots = PitchSlot.objects.filter(call=OuterRef("pk")).order_by("starts_at")
        found = Call.objects.filter(pk=call.pk).values_list(
            Subquery(newest.values("screening_working_days")[:1]),
            Subquery(window.values("closes_at")[:1]),
            Subquery(slots.values("starts_at")[:1]),
        )
        self.days, self.closes_at, first_slot = found.get()
        self.closed = closed_days()
        self.first_slot: dt.datetime | None = first_slot if phase == PhaseNumber.PRE_REGISTRATION else None

    def of(self, application: Any, supplement: Supplement | None) -> dt.datetime | None:
        """The moment for this dossier, None where the call names none."""
        if application.state in ASKED:
            return supplement.due_at if supplement else None
        moments = [self.first_slot] if self.first_slot else []
        start = self.closes_at
        if supplement is not None:
            start = supplement.answered_at or supplement.due_at
        if self.days and start is not None:
            day = add_working_days(clock.local(start).date(), self.days, self.closed)
            moments.append(clock.end_of_day(day))
        return min(moments) if moments else None


def next_of(lines: Sequence[Line], application: Application, *, by: User) -> Application | None:
    """The dossier to go on with: one's own first, then what nobody has, in the order of the progress."""
    ready = [
        line
        for line in lines
        if line.application.pk != application.pk and line.application.state in screening.CONCLUDED_IN
    ]
    mine = [line for line in ready if line.handler is not None and line.handler.pk == by.pk]
    free = [line for line in ready if line.handler is None]
    return next((line.application for line in [*mine, *free, *ready]), None)
