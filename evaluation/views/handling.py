"""The case handler's worklist and the dossier as staff read it: who waits on whom, by when, and what comes next."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Min, OuterRef, Q, QuerySet, Subquery
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_safe

from applications.domain import mergers
from applications.enums import ENDED_STATES, ApplicationState
from applications.models import Application, Supplement
from applications.views.reading import reading
from calls.enums import MilestoneKind, PhaseNumber
from calls.models import Call, Milestone, Phase, PitchSlot
from evaluation.enums import AssignmentState, DecisionKind
from evaluation.models import Decision
from ibnportal.core import clock
from ibnportal.core.access import access
from ibnportal.core.accounts.enums import Role
from ibnportal.core.audit import trail
from ibnportal.core.exports import table_response, wants_export
from ibnportal.core.http import SignedInRequest
from ibnportal.core.ui.panels import panels_of

S = ApplicationState
READERS = (Role.CASE_HANDLER, Role.SECRETARY, Role.COMMITTEE_MEMBER, Role.ADMINISTRATOR)
ROWS_A_PAGE = 100  # a whole call fits on one page
US, APPLICANT, EXPERTS, COMMITTEE, NOBODY = "Behandelaar", "Aanvrager", "Deskundigen", "Comité", "Niemand"


@dataclass(frozen=True, slots=True)
class Step:
    """What comes next in a state: who is to act, what, on which page (a name in the address book) and before which moment."""

    waits_on: str
    text: str
    action: str = ""
    page: str = ""
    due: str = ""


# The moments are annotated by `with_moments`; "" where the manual gives none.
STEPS: dict[str, Step] = {
    S.P1_SUBMITTED: Step(US, "Screen de vooraanmelding.", "Screen", "applications:screening", "first_slot_at"),
    S.P1_SUPPLEMENT_ASKED: Step(APPLICANT, "De aanvrager vult de vooraanmelding aan.", "", "", "supplement_due_at"),
    S.P1_SUPPLEMENT_ANSWERED: Step(
        US, "Bekijk het antwoord en besluit.", "Screen", "applications:screening", "first_slot_at"
    ),
    S.P1_SUPPLEMENT_EXPIRED: Step(
        US, "Er kwam geen antwoord: besluit met wat er is.", "Screen", "applications:screening", "first_slot_at"
    ),
    S.P1_ADMISSIBLE: Step(US, "Plan de pitch.", "Plan de pitch", "evaluation:pitch", "first_slot_at"),
    S.P1_PITCHED: Step(US, "Schrijf het advies.", "Schrijf het advies", "evaluation:advise", "feedback_on"),
    S.P1_ADVISED: Step(COMMITTEE, "Het comité beslist over de preselectie.", "", "", "feedback_on"),
    S.PRESELECTED: Step(APPLICANT, "De aanvrager begint de volledige aanvraag.", "", "", "phase2_closes_at"),
    S.MERGE_ADVISED: Step(APPLICANT, "De aanvrager werkt een gezamenlijke aanvraag uit.", "", "", "phase2_closes_at"),
    S.P2_DRAFT: Step(APPLICANT, "De aanvrager werkt de volledige aanvraag uit.", "", "", "phase2_closes_at"),
    S.P2_SUBMITTED: Step(US, "Screen de volledige aanvraag.", "Screen", "applications:screening"),
    S.P2_SUPPLEMENT_ASKED: Step(APPLICANT, "De aanvrager vult aan.", "", "", "supplement_due_at"),
    S.P2_SUPPLEMENT_ANSWERED: Step(US, "Bekijk het antwoord en besluit.", "Screen", "applications:screening"),
    S.P2_SUPPLEMENT_EXPIRED: Step(
        US, "Er kwam geen antwoord: besluit met wat er is.", "Screen", "applications:screening"
    ),
    S.P2_ADMISSIBLE: Step(US, "Nodig deskundigen uit.", "Deskundigen", "evaluation:experts", "decision_on"),
    S.P2_EVALUATION: Step(
        EXPERTS, "De deskundigen beoordelen; daarna volgt het advies.", "Volg op", "evaluation:panel", "scores_due_on"
    ),
    S.P2_ADVISED: Step(COMMITTEE, "Het comité beslist over de steun.", "", "", "decision_on"),
    S.REVIEW_REQUESTED: Step(US, "Behandel de vraag om herziening.", "Open de herziening", "evaluation:review_of"),
}
_PITCH_BOOKED = Step(APPLICANT, "De pitch is gepland.", "Bekijk de pitch", "evaluation:pitch", "pitch_at")
_PITCH_OVER = Step(US, "De pitch is voorbij: noteer ze.", "Noteer de pitch", "evaluation:pitch", "pitch_at")
_ENDED = Step(NOBODY, "Afgehandeld.")


@dataclass(frozen=True, slots=True)
class Row:
    """One dossier on the worklist."""

    application: Application
    step: Step
    due_at: datetime | None
    is_overdue: bool
    """Whether its moment has passed."""
    is_this_week: bool
    """Whether it is due before next Monday."""
    acts: bool = True

    @property
    def url(self) -> str:
        """The page of the step; the dossier for who does not act."""
        return page_of(self.application, self.step if self.acts else _ENDED)

    @property
    def tone(self) -> str:
        """For a badge."""
        return "danger" if self.is_overdue else "warning" if self.is_this_week else "neutral"


def with_moments(dossiers: "QuerySet[Application]") -> "QuerySet[Application]":
    """The dossiers with every moment that a next step may wait for, in one query."""
    milestones = Milestone.objects.filter(call=OuterRef("call_id"), starts_on__isnull=False).order_by("starts_on")
    open_scores = Q(assignments__state__in=(AssignmentState.INVITED, AssignmentState.DECLARED))
    return dossiers.select_related("applicant", "call", "pitch__slot").annotate(
        first_slot_at=Subquery(
            PitchSlot.objects.filter(call=OuterRef("call_id")).order_by("starts_at").values("starts_at")[:1]
        ),
        feedback_on=Subquery(milestones.filter(kind=MilestoneKind.PHASE1_FEEDBACK).values("starts_on")[:1]),
        decision_on=Subquery(milestones.filter(kind=MilestoneKind.DECISION).values("starts_on")[:1]),
        phase2_closes_at=Subquery(
            Phase.objects.filter(call=OuterRef("call_id"), number=PhaseNumber.FULL_DOSSIER).values("closes_at")[:1]
        ),
        supplement_due_at=Subquery(
            Supplement.objects.filter(application=OuterRef("pk"), answered_at__isnull=True).values("due_at")[:1]
        ),
        scores_due_on=Min("assignments__due_on", filter=open_scores),
    )


def next_step(application: Application) -> Step:
    """What comes next; for an admissible pre-registration that depends on its pitch."""
    pitch = getattr(application, "pitch", None)
    if application.state == S.P1_ADMISSIBLE and pitch is not None and pitch.slot is not None:
        return _PITCH_OVER if pitch.slot.starts_at <= clock.now() else _PITCH_BOOKED
    return STEPS.get(application.state, _ENDED)


def due_of(application: Application, step: Step) -> datetime | None:
    """The moment that the step waits for; a date counts to its end."""
    moment: Any = None
    if step.due == "pitch_at":
        slot = application.pitch.slot
        moment = slot and slot.starts_at
    elif step.due:
        moment = getattr(application, step.due)
    return clock.end_of_day(moment) if isinstance(moment, date) and not isinstance(moment, datetime) else moment


def rows_of(applications: Iterable[Application], *, acts: bool = True) -> list[Row]:
    """The dossiers with their next steps, overdue first, then by moment, then by number; who does not act gets the dossier."""
    rows, now, today = [], clock.now(), clock.today()
    sunday = clock.end_of_day(today + timedelta(days=6 - today.weekday()))
    for application in applications:
        step = next_step(application)
        due = due_of(application, step)
        is_overdue = due is not None and due < now
        rows.append(Row(application, step, due, is_overdue, due is not None and not is_overdue and due <= sunday, acts))
    return sorted(
        rows,
        key=lambda row: (not row.is_overdue, row.due_at is None, row.due_at or now, row.application.number),
    )


def page_of(application: Application, step: Step) -> str:
    """The address of the step, or of the dossier where there is nothing to do or the page is not mounted here."""
    if step.page:
        try:
            return reverse(step.page, args=[application.number])
        except NoReverseMatch:
            pass
    return reverse("evaluation:dossier", args=[application.number])


_SORTS = {
    "nummer": lambda row: row.application.number,
    "titel": lambda row: row.application.title.casefold(),
    "aanvrager": lambda row: row.application.applicant.name.casefold(),
    "status": lambda row: row.application.get_state_display(),
    "wacht": lambda row: row.step.waits_on,
    "tegen": lambda row: (row.due_at is None, row.due_at or clock.now()),
}
_COLUMNS = (
    "Dossier",
    "Titel",
    "Aanvrager",
    "Oproep",
    "Fase",
    "Status",
    "Sinds",
    "Wacht op",
    "Volgende stap",
    "Tegen",
    "Te laat",
)


@access(Role.CASE_HANDLER, Role.SECRETARY)
@require_safe
def worklist(request: SignedInRequest) -> HttpResponseBase:
    """Every dossier in hand, filtered, sorted or exported."""
    dossiers = with_moments(Application.objects.visible_to(request.user)).defer("summary", "keywords")
    chosen = {name: request.GET.get(name, "") for name in ("oproep", "fase", "status", "wacht", "toon")}
    calls = list(Call.objects.visible_to(request.user).latest_first())
    if chosen["oproep"] in {call.code for call in calls}:
        dossiers = dossiers.filter(call__code=chosen["oproep"])
    if chosen["status"] in S.values:
        dossiers = dossiers.filter(state=chosen["status"])
    elif chosen["toon"] != "alle":
        dossiers = dossiers.exclude(state__in=ENDED_STATES)
    acts = request.user.has_role(Role.CASE_HANDLER)
    rows = rows_of(dossiers, acts=acts)
    if chosen["fase"] in {"1", "2"}:
        rows = [row for row in rows if str(int(row.application.phase)) == chosen["fase"]]
    if chosen["wacht"]:
        rows = [row for row in rows if row.step.waits_on == chosen["wacht"]]
    order = request.GET.get("sorteer", "")
    if order.lstrip("-") in _SORTS:
        rows.sort(key=_SORTS[order.lstrip("-")], reverse=order.startswith("-"))
    if format_ := wants_export(request):
        return table_response(format_, "werklijst", _COLUMNS, map(_exported, rows))
    page = Paginator(rows, ROWS_A_PAGE).get_page(request.GET.get("pagina"))
    context = {
        "page": page,
        "rows": page.object_list,
        "acts": acts,
        "chosen": chosen,
        "calls": calls,
        "states": [(state.value, state.label) for state in S if state != S.P1_DRAFT],
        "parties": [US, APPLICANT, EXPERTS, COMMITTEE],
        "overdue": sum(row.is_overdue for row in rows),
        "this_week": sum(row.is_this_week for row in rows),
        "ours": sum(row.step.waits_on == US for row in rows),
    }
    return render(request, "evaluation/handling/worklist.html", context)


def _exported(row: Row) -> Sequence[Any]:
    application = row.application
    return (
        application.number,
        application.title,
        application.applicant.name,
        application.call.code,
        int(application.phase),
        application.get_state_display(),
        application.state_changed_at,
        row.step.waits_on,
        row.step.text,
        row.due_at,
        "ja" if row.is_overdue else "nee",
    )


@access(*READERS, subject="application")
@require_safe
def dossier(request: SignedInRequest, number: str) -> HttpResponseBase:
    """One dossier as it was handed in, with its history and next step; who read it is in the trail."""
    visible = mergers.with_mergers(with_moments(Application.objects.visible_to(request.user)))
    application = get_object_or_404(visible, number=number)
    trail.record_look(application, by=request.user)
    submissions = list(
        application.submissions.select_related("rules__call", "submitted_by").order_by("-phase", "-version")
    )
    wanted = request.GET.get("versie", "")
    submission = next(
        (s for s in submissions if f"{s.phase}.{s.version}" == wanted), submissions[0] if submissions else None
    )
    step = next_step(application)
    is_handler = request.user.has_role(Role.CASE_HANDLER)
    acts = is_handler and bool(step.action)
    decisions = list(
        Decision.objects.visible_to(request.user)
        .filter(application=application)
        .select_related("superseded_by")
        .prefetch_related("years", "conditions")
    )
    context = {
        "application": application,
        "corrects": _correctable(decisions) if request.user.has_role(Role.SECRETARY) else None,
        "has_worklist": request.user.has_role(Role.CASE_HANDLER, Role.SECRETARY),
        "screens": is_handler,
        "submissions": submissions,
        "decisions": decisions,
        "advices": application.advices.select_related("given_by", "merge_with").order_by("-phase"),
        "pitch_notes": _pitch_notes(application),
        "events": _events(application),
        "panels": panels_of("evaluation:dossier", application, request.user),
        "step": step,
        "due_at": due_of(application, step),
        "next_url": page_of(application, step) if acts else "",
        "next_label": step.action if acts else "",
        **({"submission": None} if submission is None else reading(submission)),
    }
    return render(request, "evaluation/handling/dossier.html", context)


def _pitch_notes(application: Application) -> list[tuple[str, str]]:
    """What was noted of the pitch on the four topics (P1-PIT-02)."""
    pitch = getattr(application, "pitch", None)
    if pitch is None:
        return []
    names = ("notes_support", "notes_objectives", "notes_positioning", "notes_fit")
    fields = [(pitch._meta.get_field(name).verbose_name, getattr(pitch, name)) for name in names]  # noqa: SLF001 - Django's documented Meta API
    return [(str(label).capitalize(), text) for label, text in fields if text]


def _correctable(decisions: Sequence[Decision]) -> int | None:
    """The decision on support that stands and was released, which the secretary may correct."""
    for decision in decisions:
        stands = decision.released_at is not None and getattr(decision, "superseded_by", None) is None
        if stands and decision.kind == DecisionKind.SUPPORT and not decision.is_reconstructed:
            return int(decision.pk)
    return None


# What staff reads of the trail; looks and the drafts' small changes are not news.
_NEWS = {
    "submission.received": "Ingediend",
    "screening.opened": "Screening begonnen",
    "admissibility.judged": "Criterium beoordeeld",
    "supplement.asked": "Vervollediging gevraagd",
    "supplement.answered": "Vervollediging ontvangen",
    "supplement.reminded": "Aan de vervollediging herinnerd",
    "handler.assigned": "Dossierbehandelaar aangeduid",
    "notice.text_written": "Eigen tekst geschreven voor een mail",
    "pitch.invited": "Uitgenodigd voor de pitch",
    "pitch.cancelled": "Pitch vervalt",
    "merger.made": "Samengevoegd",
    "merger.undone": "Samenvoeging ongedaan gemaakt",
    "pitch.booked": "Pitchmoment gegeven",
    "pitch.held": "Pitch genoteerd",
    "advice.given": "Advies gegeven",
    "member.recused": "Een lid van het comité onthoudt zich",
    "decision.released": "Beslissing bekendgemaakt",
    "decision.corrected": "Beslissing verbeterd",
    "decision.reviewed": "Beslist na herziening",
    "dossier.bundled": "In een dossierbundel opgenomen",
}


def _events(application: Application) -> list[dict[str, Any]]:
    """The news of a dossier, newest first."""
    states = {f"application.{state.value}": f"Status: {state.label}" for state in S}
    texts = {**_NEWS, **states}
    history = trail.history(application).filter(action__in=texts).order_by("-seq")[:60]
    return [
        {"at": event.at, "text": _text(event, texts), "by": event.actor_label, "reason": event.reason}
        for event in history
    ]


def _text(event: Any, texts: dict[str, str]) -> str:
    rule = event.changes.get("rule") if event.action == "admissibility.judged" else ""
    return f"{texts[event.action]} ({rule})" if rule else texts[event.action]
