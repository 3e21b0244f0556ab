"""What waits for case handlers, the secretary, members of the committee and experts on their first screen."""

from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.http import urlencode

from applications.enums import ApplicationState
from applications.models import Application
from calls.enums import PhaseNumber
from evaluation.domain.waiting import US, Waiting, listed
from evaluation.enums import MeetingState
from evaluation.models import AdviceVersion, Meeting, Ranking, Review
from evaluation.views.experts import expert_work_items
from evaluation.views.worklist_table import page_of
from ibnportal.core import clock
from ibnportal.core.accounts.enums import Role
from ibnportal.core.accounts.models import User
from ibnportal.core.worklist import WorkItem

S = ApplicationState
MOST = 100  # a whole call stands on the first screen


def work_items(user: User) -> list[WorkItem]:
    """Everything that waits for this person here, in a number of queries that does not grow with it."""
    items: list[WorkItem] = []
    if user.has_role(Role.CASE_HANDLER):
        items += case_handler_items(user)
    if user.has_role(Role.SECRETARY):
        items += secretary_items(user) + review_items(user)
    if user.has_role(Role.COMMITTEE_MEMBER):
        items += committee_items(user)
    if user.has_role(Role.EXPERT):
        items += expert_work_items(user)
    return items


def case_handler_items(user: User) -> list[WorkItem]:
    """One item for each dossier that waits for a case handler, overdue first; one query. Of more than a call has, the rest is one item."""
    now = clock.now()
    others = Application.objects.visible_to(user, at=now).exclude(applicant_id__in=user.organisation_ids)
    counts, waiting = listed(others, at=now, soon_until=now, waits_on=US, size=MOST)
    items = [_item(row, at=now) for row in waiting]
    if left := counts.total - len(waiting):
        items.append(
            WorkItem(
                title=f"Nog {left} {'dossier' if left == 1 else 'dossiers'}",
                text="Wachten op de behandelaar. De werklijst toont ze allemaal.",
                url=f"{reverse('evaluation:worklist')}?{urlencode({'wacht': US})}",
                action="Open de werklijst",
                group="Behandeling",
            )
        )
    return items + second_reader_items(user)


def second_reader_items(user: User) -> list[WorkItem]:
    """Advices of colleagues that wait for a second pair of eyes; one query."""
    waiting = AdviceVersion.objects.visible_to(user).awaiting().exclude(written_by=user)
    return [
        WorkItem(
            title=f"Lees het advies over {row.application.number} na",
            text=f"{row.written_by} schreef versie {row.version}. Keur ze goed of stuur ze terug.",
            url=reverse("evaluation:panel_advice", args=[row.application.number]),
            action="Lees na",
            group="Behandeling",
        )
        for row in waiting.select_related("application", "written_by").order_by("written_at")
    ]


def review_items(user: User) -> list[WorkItem]:
    """Reviews that wait for a handler, and those that were given to the secretary; one query. Other handlers get a mail."""
    waits = Q(handler=user) | Q(handler__isnull=True)
    found = Review.objects.visible_to(user).filter(waits, decided_at__isnull=True)
    return [
        WorkItem(
            title=f"Herziening van {review.decision.application.number}",
            text=f"{review.decision.get_kind_display()}. "
            + ("U beslist erover." if review.handler_id else "Wijs ze toe aan iemand die buiten het dossier stond."),
            url=reverse("evaluation:review", args=[review.pk]),
            action="Open de herziening" if review.handler_id else "Wijs toe",
            group="Behandeling",
        )
        for review in found.select_related("decision__application").order_by("asked_at")
    ]


def _item(row: Waiting, *, at: datetime) -> WorkItem:
    return WorkItem(
        title=f"{row.number} {row.title}",
        text=f"{row.step.text} Aanvrager: {row.applicant}.",
        url=page_of(row.number, row.step),
        action=row.step.action or "Open het dossier",
        group="Behandeling",
        due_at=row.due_at,
        tone="urgent" if row.due_at is not None and row.due_at < at else "todo",
    )


def secretary_items(user: User) -> list[WorkItem]:
    """Meetings to bring to their release, rankings to freeze, and phases with advised dossiers without a meeting.

    Two queries. A support decision follows a frozen ranking, so freezing it comes before planning that meeting.
    """
    planned = list(_planned().annotate(decided=Count("decisions", filter=Q(decisions__released_at__isnull=True))))
    items = [
        WorkItem(
            title=f"Vergadering van {meeting.held_on:%d/%m/%Y}",
            text=f"{meeting.get_phase_display()}: {_decisions(meeting.decided)} vastgelegd, nog niet bekendgemaakt.",
            url=reverse("evaluation:meeting", args=[meeting.pk]),
            action="Open de agenda",
            group="Comité",
            due_at=clock.end_of_day(meeting.held_on),
            tone="todo",
        )
        for meeting in planned
    ]
    covered = {(meeting.call_id, meeting.phase) for meeting in planned}
    waiting = (
        Application.objects.visible_to(user)
        .in_state(S.P1_ADVISED, S.P2_ADVISED)
        .order_by()
        .values("call_id", "call__code", "call__name", "state")
        .annotate(count=Count("pk"), is_ranked=Exists(Ranking.objects.filter(call=OuterRef("call_id"))))
    )
    for row in waiting:
        phase = PhaseNumber.PRE_REGISTRATION if row["state"] == S.P1_ADVISED else PhaseNumber.FULL_DOSSIER
        if (row["call_id"], phase) in covered:
            continue
        if phase == PhaseNumber.FULL_DOSSIER and not row["is_ranked"]:
            items.append(
                WorkItem(
                    title="Bevries de rangschikking",
                    text=f"{row['call__name']}: {row['count']} met een advies. Daarna kunt u de vergadering plannen.",
                    url=reverse("evaluation:shortlist", args=[row["call__code"]]),
                    action="Bekijk de volgorde",
                    group="Comité",
                )
            )
        else:
            items.append(
                WorkItem(
                    title="Plan een vergadering van het comité",
                    text=f"{row['call__name']}, {phase.label.lower()}: {row['count']} met een advies, wachten op een beslissing.",
                    url=f"{reverse('evaluation:meeting_plan')}?fase={phase.value}",
                    action="Plan",
                    group="Comité",
                )
            )
    return items


def committee_items(user: User) -> list[WorkItem]:
    """The meetings that this member sits in; one query."""
    return [
        WorkItem(
            title=f"Vergadering van {meeting.held_on:%d/%m/%Y}",
            text=f"{meeting.call.name}, {meeting.get_phase_display().lower()}. Lees de dossiers van de agenda.",
            url=reverse("evaluation:meeting", args=[meeting.pk]),
            action="Bereid voor",
            group="Comité",
            due_at=clock.end_of_day(meeting.held_on),
        )
        for meeting in _planned().filter(members=user)
    ]


def _planned() -> "QuerySet[Meeting]":
    return Meeting.objects.filter(state=MeetingState.PLANNED).select_related("call").order_by("held_on")


def _decisions(count: int) -> str:
    return "1 beslissing" if count == 1 else f"{count} beslissingen"
