"""What a visitor reads of a call: the list, the call itself, its questions. No login."""

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from calls import permissions
from calls.documents import plain_rules
from calls.domain import papers, queries, timeline
from calls.enums import CallState, PhaseNumber
from calls.models import Call, Paper, Section
from calls.views.stages import stages_of
from ibnportal.core import clock
from ibnportal.core.access import PUBLIC, access
from ibnportal.core.accounts.models import User
from ibnportal.core.exports import table_response, wants_export
from ibnportal.core.files.http import respond

QUESTION_COLUMNS = ("Fase", "Onderdeel", "Vraag", "Toelichting", "Antwoord", "Hoogste aantal woorden", "Verplicht")

_SHOWN = ("phases", "milestones", "rules_versions")
_HAS_QUESTIONS = Exists(Section.objects.filter(call=OuterRef("pk")))


@access(PUBLIC)
def call_list(request: HttpRequest) -> HttpResponse:
    """Every call that was ever published, newest first, with where it stands now."""
    calls = Call.objects.visible_to(request.user).latest_first().prefetch_related("phases")
    rows = [(call, timeline.standing(call.phases.all(), at=clock.now())) for call in calls]
    return render(request, "calls/list.html", {"rows": rows})


@access(PUBLIC, subject="call")
def call_detail(request: HttpRequest, code: str) -> HttpResponse:
    """One call: what, for whom, how much, when, how it is judged; of a past call its results."""
    calls: list[Any] = list(Call.objects.visible_to(request.user).annotate(has_questions=_HAS_QUESTIONS).latest_first())
    call = next((found for found in calls if found.code == code), None)
    if call is None:
        raise Http404
    prefetch_related_objects([call], *_SHOWN)
    at = clock.now()
    versions = list(call.rules_versions.all())
    facts = list(call.facts.all())
    rules = versions[0].frozen() if versions else None
    context = {
        "call": call,
        "is_over": call.state == CallState.CLOSED,
        "standing": timeline.standing(call.phases.all(), at=at),
        "stages": stages_of(call, at=at),
        "objectives": call.objectives.splitlines(),
        "choices": call.note.splitlines(),
        "rules": rules,
        "topics": plain_rules.in_words(rules) if rules else (),
        "awards_note": f"Voor hoogstens {rules.max_awards} netwerken samen" if rules and rules.max_awards else "",
        "tree": queries.criterion_tree(call),
        "scale": call.scale.all(),
        "knockouts": call.knockout_rules.select_related("dimension", "step"),
        "kpis": call.kpi_definitions.all(),
        "has_questions": call.has_questions,
        "papers": papers.in_force(call),
        "enquiries": call.enquiries.published(),
        "amendments": call.amendments.all(),
        "today": clock.local(at).date(),
        "can_ask": call.state == CallState.PUBLISHED,
        "takes_prediscussions": _takes_prediscussions(call, at),
        "extendable": [phase for phase in call.phases.all() if permissions.can_extend(request.user, phase)],
        "past": [other for other in calls if other.state == CallState.CLOSED and other.pk != call.pk],
        "funnel": [(fact.label, fact.number) for fact in facts if fact.subject.startswith("weg-") and fact.is_reading],
        "facts": [fact for fact in facts if not fact.subject.startswith("weg-")],
        "funnel_notes": [fact for fact in facts if fact.subject.startswith("weg-") and fact.note],
    }
    return render(request, "calls/detail.html", context)


@access(PUBLIC, subject="call")
@require_safe
def paper_file(request: HttpRequest, code: str, paper_id: int) -> HttpResponseBase:
    """A template to download, also an earlier version: who filled it in must be able to find it again."""
    papers_of = Paper.objects.filter(call__in=Call.objects.visible_to(request.user)).select_related("file__blob")
    paper = get_object_or_404(papers_of, pk=paper_id, call__code=code)
    return respond(paper.file, by=request.user if isinstance(request.user, User) else "een bezoeker")


@access(PUBLIC, subject="call")
def call_questions(request: HttpRequest, code: str) -> HttpResponse:
    """The questions of both templates, to prepare offline; also as a file."""
    call = _visible(request, code)
    sections = list(queries.template(call))
    if export := wants_export(request):
        rows = [
            (
                PhaseNumber(section.phase).label, section.title, question.label, question.help_text,
                question.get_answer_type_display(), question.word_limit, "ja" if question.is_required else "nee",
            )
            for section in sections
            for question in section.questions.all()
        ]  # fmt: skip
        return table_response(export, f"vragen-oproep-{call.code}", QUESTION_COLUMNS, rows)
    phases = [
        (PhaseNumber(number).label, [section for section in sections if section.phase == number])
        for number in sorted({section.phase for section in sections})
    ]
    return render(request, "calls/questions.html", {"call": call, "phases": phases})


def _takes_prediscussions(call: Call, at: datetime) -> bool:
    """Whether an idea can still be talked through; of the phases that were read already."""
    first = next((phase for phase in call.phases.all() if phase.number == PhaseNumber.PRE_REGISTRATION), None)
    is_early = first is None or first.closes_at is None or at <= first.closes_at
    return bool(call.state == CallState.PUBLISHED and call.prediscussion_intro and is_early)


def _visible(request: HttpRequest, code: str) -> Call:
    calls = Call.objects.visible_to(request.user).prefetch_related(*_SHOWN)
    return get_object_or_404(calls, code=code)
