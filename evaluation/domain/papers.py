"""Papers of a meeting that a worker makes: the minutes, and bundles of its dossiers for one person (CONF-01).

`ask_minutes` and `ask_bundle` freeze what goes in and who asked; the worker renders that, later changes or not. A bundle holds only dossiers that whoever asks
for it may see, and carries the name of whom it is for and the moment on every page.
"""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Max

from applications.models import Application, DossierBar, Submission
from calls.enums import PhaseNumber
from evaluation.domain import committee, meetings, shortlists
from evaluation.enums import MeetingState, PaperKind
from evaluation.models import Advice, CommitteePaper, Decision, Meeting
from ibnportal.core import clock
from ibnportal.core.accounts.models import User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError
from ibnportal.core.files.models import StoredFile
from ibnportal.core.findings import Finding
from ibnportal.core.outbox import queue

TOPIC = "evaluation.committee_paper"


def ask_minutes(meeting: Meeting, *, by: User) -> CommitteePaper:
    """Freeze the minutes as they stand and ask for their PDF; before the release they are a draft and say so."""
    with transaction.atomic():
        fresh = (
            Meeting.objects.select_for_update(of=("self",), no_key=True)
            .select_related("call", "ranking")
            .get(pk=meeting.pk)
        )
        return _ask(fresh, PaperKind.MINUTES, _minutes(fresh, by=by), by=by)


def ask_bundle(meeting: Meeting, *, kind: str, for_name: str, purpose: str, by: User) -> CommitteePaper:
    """Freeze which dossiers in which version go into a bundle for one person, and ask for it. Raises DomainError when there is nothing in it."""
    kind, for_name, purpose = PaperKind(kind), for_name.strip(), purpose.strip()
    if kind == PaperKind.MINUTES:
        raise DomainError("Kies een vorm voor de bundel.", rule_id="CONF-01")
    found = []
    if not for_name:
        found.append(Finding("CONF-01", "for_name", "Schrijf voor wie de bundel is."))
    if not purpose:
        found.append(Finding("CONF-01", "purpose", "Schrijf waarvoor de bundel dient."))
    if found:
        raise DomainError("De bundel kan zo niet gemaakt worden.", rule_id="CONF-01", findings=found)
    with transaction.atomic():
        fresh = Meeting.objects.select_for_update(of=("self",), no_key=True).select_related("call").get(pk=meeting.pk)
        content: dict[str, Any] = {
            "format": 1,
            "meeting": _meeting(fresh),
            "for": for_name,
            "purpose": purpose,
            "asked_at": clock.now().isoformat(),
            "dossiers": _dossiers(fresh, by=by),
        }
        if not content["dossiers"]:
            raise DomainError("Er is geen enkel dossier om te bundelen.", rule_id="CONF-01")
        paper = _ask(fresh, kind, content, by=by, for_name=for_name, purpose=purpose)
        numbers = [row["number"] for row in content["dossiers"]]
        for application in Application.objects.filter(number__in=numbers):
            trail.record(
                "dossier.bundled", application, by=by, changes={"paper": paper.pk, "for": for_name}, reason=purpose
            )
    return paper


def made(paper: CommitteePaper, stored: StoredFile) -> CommitteePaper:
    """Note the file that a worker made; once."""
    paper.file, paper.made_at = stored, clock.now()
    paper.save(update_fields=["file", "made_at"])
    trail.record("paper.made", paper, by=None, changes={"file": stored.sha256})
    return paper


def _ask(
    meeting: Meeting, kind: PaperKind, content: Mapping[str, Any], *, by: User, for_name: str = "", purpose: str = ""
) -> CommitteePaper:
    waiting = meeting.papers.filter(kind=kind, requested_by=by, for_name=for_name, made_at__isnull=True).first()
    if waiting is not None and waiting.content.get("dossiers") == content.get("dossiers"):
        return waiting  # a double click
    last = meeting.papers.filter(kind=kind).aggregate(last=Max("version"))["last"] or 0
    paper = CommitteePaper.objects.create(
        meeting=meeting, kind=kind, version=last + 1, content=content, for_name=for_name, purpose=purpose, requested_at=clock.now(), requested_by=by,
    )  # fmt: skip
    trail.record("paper.asked", paper, by=by, changes={"kind": kind, "for": for_name}, reason=purpose)
    queue.enqueue(TOPIC, key=f"committee-paper:{paper.pk}", payload={"paper": paper.pk}, subject=paper)
    return paper


# ---------------------------------------------------------------- what goes in


def _meeting(meeting: Meeting) -> dict[str, Any]:
    return {
        "call": meeting.call.name,
        "body": meeting.call.decision_body,
        "fund": meeting.call.fund,
        "phase": meeting.get_phase_display(),
        "is_support": meeting.phase == PhaseNumber.FULL_DOSSIER,
        "held_on": meeting.held_on.isoformat(),
        "starts_at": meeting.starts_at.isoformat(timespec="minutes") if meeting.starts_at else "",
        "location": meeting.location,
    }


def _minutes(meeting: Meeting, *, by: User) -> dict[str, Any]:
    dossiers = list(committee.agenda(meeting).select_related("applicant"))
    places = shortlists.meeting_places(by, meeting)
    advices = {row.application_id: row for row in Advice.objects.filter(application__in=dossiers, phase=meeting.phase)}
    decisions = {
        row.application_id: row
        for row in meeting.decisions.select_related("merge_with").prefetch_related("years", "conditions")
    }
    members = list(meeting.members.order_by("full_name", "pk"))
    absent = set(meeting.absences.values_list("member_id", flat=True))
    bars: dict[int, list[DossierBar]] = {}
    standing = DossierBar.objects.filter(application__in=dossiers, user__in=members, lifted_at__isnull=True)
    for bar in standing.select_related("user").order_by("user__full_name"):
        bars.setdefault(bar.application_id, []).append(bar)
    quorum = meetings.quorum_of(meeting)
    points = []
    for dossier in dossiers:
        recused = bars.get(dossier.pk, [])
        point = _point(dossier, places.get(dossier.number), advices.get(dossier.pk), decisions.get(dossier.pk))
        point["recused"] = [{"name": str(bar.user), "reason": bar.reason} for bar in recused]
        point["taking_part"] = len(members) - len(absent | {bar.user_id for bar in recused})
        points.append(point)
    points.sort(key=lambda point: (point["rank"] is None, point["rank"] or 0, point["number"]))
    return {
        "format": 1,
        "meeting": _meeting(meeting),
        "is_draft": meeting.state != MeetingState.RELEASED,
        "asked_at": clock.now().isoformat(),
        "by": str(by),
        "present": [str(member) for member in members if member.pk not in absent],
        "absent": [str(member) for member in members if member.pk in absent],
        "quorum": {"members": quorum.members, "needed": quorum.needed},
        "notes": meeting.notes,
        "ranking": {"version": meeting.ranking.version, "sha256": meeting.ranking.sha256} if meeting.ranking else None,
        "points": points,
        "released_at": meeting.released_at.isoformat() if meeting.released_at else "",
    }


def _point(dossier: Application, place: Any, advice: Advice | None, decision: Decision | None) -> dict[str, Any]:
    return {
        "number": dossier.number,
        "title": dossier.title,
        "applicant": dossier.applicant.name,
        "rank": place.rank if place else None,
        "requested": f"{dossier.requested_grant}" if dossier.requested_grant is not None else "",
        "knockouts": [knockout.text for knockout in place.knockouts] if place else [],
        "advice": advice.get_recommendation_display() if advice else "",
        "advised": f"{advice.advised_amount}" if advice and advice.advised_amount is not None else "",
        "decision": _decided(decision) if decision else None,
    }


def _decided(decision: Decision) -> dict[str, Any]:
    return {
        "outcome": decision.get_outcome_display(),
        "merge_with": str(decision.merge_with) if decision.merge_with else "",
        "reason": decision.reason,
        "deviation": decision.deviation_reason,
        "amount": f"{decision.amount}" if decision.amount is not None else "",
        "years": [{"year": row.project_year, "amount": f"{row.amount}"} for row in decision.years.all()],
        "conditions": [
            {"kind": row.get_kind_display(), "text": row.text, "is_blocking": row.is_blocking}
            for row in decision.conditions.all()
        ],
    }


def _dossiers(meeting: Meeting, *, by: User) -> list[dict[str, Any]]:
    """Each dossier with the submission that counts and the advice as it is now; only what this person may see."""
    visible = Application.objects.visible_to(by).values("pk")
    dossiers = list(committee.agenda(meeting, user=by).filter(pk__in=visible).select_related("applicant"))
    submissions: dict[int, Submission] = {}
    for submission in (
        Submission.objects.filter(application__in=dossiers, phase=meeting.phase).order_by("version").defer("snapshot")
    ):
        submissions[submission.application_id] = submission
    advices = {row.application_id: row for row in Advice.objects.filter(application__in=dossiers, phase=meeting.phase)}
    rows = []
    for dossier in dossiers:
        found, advice = submissions.get(dossier.pk), advices.get(dossier.pk)
        rows.append(
            {
                "number": dossier.number,
                "title": dossier.title,
                "applicant": dossier.applicant.name,
                "submission": found.pk if found else None,
                "sha256": found.sha256 if found else "",
                "advice": _advised(advice) if advice else None,
            }
        )
    return rows


def _advised(advice: Advice) -> dict[str, Any]:
    scores = advice.panel_scores.select_related("criterion__dimension", "step")
    return {
        "recommendation": advice.get_recommendation_display(),
        "text": advice.text,
        "strengths": advice.strengths,
        "weaknesses": advice.weaknesses,
        "scores": [
            {"dimension": row.criterion.dimension.label, "criterion": row.criterion.label, "score": row.step.label, "motivation": row.motivation}
            for row in scores
        ],
    }  # fmt: skip
