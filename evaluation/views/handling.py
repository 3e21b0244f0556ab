"""The case handler's worklist and the dossier as staff read it: who waits on whom, by when, and what comes next."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from applications.domain import mergers
from applications.enums import ENDED_STATES, PHASE1_STATES, ApplicationState
from applications.models import Application
from applications.views.reading import reading
from calls.models import Call
from evaluation.domain.waiting import PARTIES, Waiting, listed, next_step, with_waiting
from evaluation.enums import DecisionKind
from evaluation.models import Decision
from evaluation.views.worklist_table import LINE_COLUMNS, STATUS_LABELS, end_of_week, lines_of, page_of
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
_DIGITS = 7  # of the number of a page: no list comes near

_ORDERS = {
    "nummer": "number",
    "titel": "title",
    "aanvrager": "applicant",
    "status": "status",
    "wacht": "party",
    "tegen": "due",
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
    now, acts = clock.now(), request.user.has_role(Role.CASE_HANDLER)
    chosen = {name: request.GET.get(name, "") for name in ("oproep", "fase", "status", "wacht", "toon")}
    calls = list(Call.objects.visible_to(request.user).latest_first().values_list("code", "year"))
    order = request.GET.get("sorteer", "")
    ask = partial(
        listed,
        _chosen(Application.objects.visible_to(request.user, at=now), chosen, calls),
        at=now,
        soon_until=end_of_week(),
        waits_on=chosen["wacht"],
        order=_ORDERS.get(order.removeprefix("-"), "due"),
        descending=order.startswith("-") and order.removeprefix("-") in _ORDERS,
    )
    if format_ := wants_export(request):
        return table_response(format_, "werklijst", _COLUMNS, (_exported(row, at=now) for row in ask()[1]))
    asked = request.GET.get("pagina", "")
    number = int(asked) if asked.isdecimal() and len(asked) < _DIGITS else 1
    counts, rows = ask(first=(number - 1) * ROWS_A_PAGE, size=ROWS_A_PAGE) if number else ask(size=ROWS_A_PAGE)
    page = Paginator(range(counts.total), ROWS_A_PAGE).get_page(asked)
    if page.number != number:  # a page that is not there
        _, rows = ask(first=page.start_index() - 1, size=ROWS_A_PAGE)
    context = {
        "page": page,
        "rows": rows,
        "lines": lines_of(rows, at=now, acts=acts),
        "line_columns": LINE_COLUMNS,
        "acts": acts,
        "chosen": chosen,
        "calls": calls,
        "states": [(state, label) for state, label in STATUS_LABELS.items() if state != S.P1_DRAFT],
        "parties": [(party, party) for party in PARTIES[:-1]],
        "overdue": counts.overdue,
        "this_week": counts.soon,
        "ours": counts.ours,
    }
    return render(request, "evaluation/handling/worklist.html", context)


def _chosen(
    dossiers: "QuerySet[Application]", chosen: Mapping[str, str], calls: Iterable[tuple[str, int]]
) -> "QuerySet[Application]":
    """Those that the filters leave; what a filter does not know it passes over, a party that is none finds nothing."""
    if chosen["wacht"] and chosen["wacht"] not in PARTIES:
        return dossiers.none()
    if chosen["oproep"] in dict(calls):
        dossiers = dossiers.filter(call__code=chosen["oproep"])
    if chosen["status"] in S.values:
        dossiers = dossiers.filter(state=chosen["status"])
    elif chosen["toon"] != "alle":
        dossiers = dossiers.exclude(state__in=ENDED_STATES)
    if chosen["fase"] == "1":
        return dossiers.filter(state__in=PHASE1_STATES)
    return dossiers.exclude(state__in=PHASE1_STATES) if chosen["fase"] == "2" else dossiers


def _exported(row: Waiting, *, at: datetime) -> Sequence[Any]:
    return (
        row.number,
        row.title,
        row.applicant,
        row.call_code,
        1 if row.state in PHASE1_STATES else 2,
        STATUS_LABELS[row.state],
        row.state_changed_at,
        row.step.waits_on,
        row.step.text,
        row.due_at,
        "ja" if row.due_at is not None and row.due_at < at else "nee",
    )


@access(*READERS, subject="application")
@require_safe
def dossier(request: SignedInRequest, number: str) -> HttpResponseBase:
    """One dossier as it was handed in, with its history and next step; who read it is in the trail."""
    now = clock.now()
    visible = with_waiting(mergers.with_mergers(Application.objects.visible_to(request.user, at=now)))
    application = get_object_or_404(visible.select_related("applicant", "call", "pitch__slot"), number=number)
    trail.record_look(application, by=request.user)
    submissions = list(
        application.submissions.select_related("rules__call", "submitted_by").order_by("-phase", "-version")
    )
    wanted = request.GET.get("versie", "")
    submission = next(
        (s for s in submissions if f"{s.phase}.{s.version}" == wanted), submissions[0] if submissions else None
    )
    step = next_step(application.state, application.pitch_at, at=now)
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
        "due_at": application.due_at,
        "next_url": page_of(application.number, step) if acts else "",
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
