"""My dossiers: the list, one dossier, its facts and its answers (pages of the applicant)."""

from copy import copy
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef
from django.db.models.functions import JSONObject
from django.http import Http404, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications import permissions
from applications.domain import answer_files, drafts, freezing, progress, submission, words
from applications.domain.drafts import AnswerConflict
from applications.domain.stale import Stale
from applications.forms.drafts import FactsForm, SectionForm, StartForm
from applications.models import Answer, AnswerVersion, Application, Submission
from applications.views.messages import with_messages
from applications.views.page import back_to, dossier_page, own, own_application
from applications.views.plan import typed_data
from applications.views.steps import next_step, with_due
from calls.enums import TEXT_TYPES, AnswerType, CallState, PhaseNumber
from calls.models import Call, Question, Section
from ibnportal.core import clock, presence, rescue
from ibnportal.core.access import ORGANISATION, access
from ibnportal.core.errors import DomainError
from ibnportal.core.files.http import respond
from ibnportal.core.http import SignedInRequest, add_domain_error, domain_errors
from ibnportal.core.statements import Statement
from ibnportal.core.ui.panels import panels_of

if TYPE_CHECKING:
    from django.db.models import QuerySet


def open_calls() -> Any:
    """Calls in which a pre-registration can be started now."""
    now = clock.now()
    return Call.objects.filter(
        state=CallState.PUBLISHED,
        phases__number=PhaseNumber.PRE_REGISTRATION,
        phases__opens_at__lte=now,
        phases__closes_at__gte=now,
    )


@access(ORGANISATION)
@require_safe
def index(request: SignedInRequest) -> HttpResponse:
    """One card an initiative: where it stands, what is asked and by when."""
    applications = (
        with_due(Application.objects.written_by(request.user))
        .select_related("call", "applicant")
        .prefetch_related("call__phases")
        .order_by("-created_at", "-pk")
    )
    cards = [(application, next_step(application)) for application in applications]
    context = {"cards": cards, "calls": list(open_calls().prefetch_related("phases"))}
    return render(request, "applications/list.html", context)


@access(ORGANISATION)
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: SignedInRequest) -> HttpResponse:
    """Begin a pre-registration in an open call."""
    form = StartForm(request.POST or None, calls=open_calls(), user=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            application = drafts.start(**form.cleaned_data, by=request.user)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, f"Dossier {application.number} is gestart. Alles wat u invult, wordt bewaard.")
            return redirect("applications:detail", application.number)
    return render(request, "applications/start.html", {"form": form}, status=422 if form.is_bound else 200)


def _front(user_id: int, organisations: tuple[int, ...], number: str) -> "QuerySet[Application]":
    """The dossier with what was handed in and what its people were told, in the same query."""
    handed_in = Submission.objects.filter(application=OuterRef("pk")).order_by("received_at")
    items = JSONObject(
        phase="phase", version="version", received_at="received_at", name="submitted_by__full_name",
        email="submitted_by__email",
    )  # fmt: skip
    return with_messages(
        own(user_id, organisations, number).annotate(handed_in=ArraySubquery(handed_in.values(_row=items)))
    )


_FRONT = Statement(_front)


@access(ORGANISATION, subject="application")
@require_safe
def detail(request: SignedInRequest, number: str) -> HttpResponse:
    """The dossier: its stages, what to do next, and its parts."""
    page = dossier_page(request, number, read=_FRONT)
    application = page["application"]
    context = {
        **page,
        "stages": progress.stages(application.state),
        "step": next_step(application, closes_at=page["dossier"].deadline_at),
        "submissions": [_handed_in(item) for item in application.handed_in],
        "todo": [part for part in page["rail"] if part["state"] != "done"],
        "can_withdraw": submission.can_be_withdrawn(application),
        "can_open": permissions.can_open_full_dossier(request.user, application),
        "panels": panels_of("applications:detail", application, request.user),
    }
    return render(request, "applications/detail.html", context)


def _handed_in(item: dict[str, Any]) -> dict[str, Any]:
    """One submission as the front page names it."""
    return {
        "phase": item["phase"],
        "version": item["version"],
        "label": PhaseNumber(item["phase"]).label,
        "received_at": datetime.fromisoformat(item["received_at"]),
        "submitted_by": item["name"] or item["email"],
    }


@access(ORGANISATION, subject="application")
@require_POST
@domain_errors(redirect_to=back_to("applications:detail"))
def open_full(request: SignedInRequest, number: str) -> HttpResponse:
    """Begin the full dossier of a preselected initiative."""
    application = own_application(request, number)
    submission.open_full_dossier(application, by=request.user)
    messages.success(request, "De volledige aanvraag staat klaar. De intentiebrieven worden opnieuw gevraagd.")
    return redirect("applications:detail", number)


@access(ORGANISATION, subject="application", rescues=True)
@require_http_methods(["GET", "HEAD", "POST"])
def facts(request: SignedInRequest, number: str) -> HttpResponse:
    """Title and themes; in phase 2 also beneficiary, start and duration. Only what this person changed is saved."""
    page = dossier_page(request, number, current="facts")
    application = page["application"]
    form = FactsForm(typed_data(request), instance=copy(application), rules=page["rules"], user=request.user)
    if request.method == "POST" and form.is_valid():
        wanted, seen = form.typed()
        try:
            drafts.save_facts(application, by=request.user, seen=seen, **wanted)
        except DomainError as error:
            form.add_findings(error)
            if isinstance(error, Stale):
                application.refresh_from_db()
                form.renew(application)
        else:
            messages.success(request, "De gegevens zijn bewaard.")
            return redirect("applications:facts", number)
    status = 422 if request.method == "POST" else 200
    return render(request, "applications/facts.html", {**page, "form": form}, status=status)


# ---------------------------------------------------------------- answers

_ANSWERS: Statement[Answer] = Statement(
    lambda application, questions: (
        Answer.objects.filter(application=application, question__in=questions)
        .select_related("saved_by", "file__blob")
        .annotate(has_history=Exists(AnswerVersion.objects.filter(answer=OuterRef("pk"))))
    )
)
_QUESTIONS: Statement[Question] = Statement(
    lambda call, phase, code: (
        Question.objects.filter(section__call=call, section__phase=phase, section__code=code)
        .select_related("section")
        .order_by("position")
    )
)


@access(ORGANISATION, subject="application", rescues=True)
@require_http_methods(["GET", "HEAD", "POST"])
def section(request: SignedInRequest, number: str, code: str) -> HttpResponse:
    """The questions of one section. Saving keeps each answer on its own; a colleague's newer text is shown beside ours.

    What was sent without a session comes back after the login, unsaved. `samen` puts both texts of a conflict in one box.
    """
    page = dossier_page(request, number, current=f"section:{code}")
    application = page["application"]
    part, questions = _questions(application, code)
    answers: dict[int, Answer] = {
        answer.question_id: answer
        for answer in _ANSWERS.all(application.pk, tuple(question.pk for question in questions))
    }
    data = request.POST if request.method == "POST" else None
    form = SectionForm(data, request.FILES or None, questions=questions, answers=answers)
    rescued = rescue.take(request) if data is None else None
    if rescued is not None:
        form = SectionForm(rescued, questions=questions, answers=answers)
    if data is not None and "X-Autosave" in request.headers:
        return _autosave(application, part, form, request)
    conflicts: dict[int, AnswerConflict] = {}
    if data is not None and "samen" in data:
        form = _merged(form, data)
    elif data is not None and form.is_valid():
        saved, conflicts = _save_all(application, form, request)
        if not form.errors and not conflicts:
            messages.success(request, "Uw antwoorden zijn bewaard." if saved else "Alles was al bewaard.")
            return redirect(_following(page, code, number) if "verder" in request.POST else request.path)
        form = _with_versions_of_now(form, conflicts, data)
    rows = [_row(form, question, answers.get(question.pk), conflicts.get(question.pk)) for question in questions]
    context = {
        **page,
        "section": part,
        "form": form,
        "rows": rows,
        "conflicts": conflicts,
        "is_own_conflict": all(found.current.saved_by_id == request.user.pk for found in conflicts.values()),
        "is_rescued": rescued is not None,
        "others": presence.look(request.path, request.user),
    }
    status = 409 if conflicts else 422 if form.errors and rescued is None else 200
    return render(request, "applications/section.html", context, status=status)


def _questions(application: Application, code: str) -> tuple[Section, list[Question]]:
    """The section with that code in the phase of the dossier, and its questions in order; 404 when there is none."""
    questions = _QUESTIONS.all(application.call_id, PhaseNumber(application.phase), code)
    if questions:
        return questions[0].section, questions
    return get_object_or_404(Section, call_id=application.call_id, phase=application.phase, code=code), []


@access(ORGANISATION, subject="application")
@require_safe
def section_state(request: SignedInRequest, number: str, code: str) -> JsonResponse:
    """Who else has this section open, and the version of each answer: what a page that stays open asks now and then."""
    application = own_application(request, number)
    part = get_object_or_404(application.call.sections, phase=application.phase, code=code)
    answers = Answer.objects.filter(application=application, question__section=part).select_related("saved_by")
    newest = {
        str(answer.question_id): {
            "version": answer.version,
            "who": str(answer.saved_by),
            "at": f"{clock.local(answer.saved_at):%H:%M:%S}",
        }
        for answer in answers
    }
    others = presence.look(reverse("applications:section", args=[number, code]), request.user)
    return JsonResponse({"others": others, "answers": newest})


@access(ORGANISATION, subject="answer")
@require_safe
def answer_file(request: SignedInRequest, number: str, answer_id: int) -> HttpResponseBase:
    """The file that was uploaded as an answer, as it is now; `?versie=2` the one that was there then."""
    visible = Answer.objects.visible_to(request.user).select_related("file__blob")
    answer = get_object_or_404(visible, pk=answer_id, application__number=number)
    file, wanted = answer.file, request.GET.get("versie", "")
    if wanted:
        kept = answer.versions.select_related("file__blob")
        file = next((version.file for version in kept if str(version.version) == wanted), None)
    if file is None:
        raise Http404
    return respond(file, by=request.user, inline=request.GET.get("weergave") == "inline")


def _save_all(
    application: Application, form: SectionForm, request: SignedInRequest
) -> tuple[int, dict[int, AnswerConflict]]:
    """Save each answer that changed; what goes wrong with one keeps none of the others from being saved."""
    is_autosaved = "X-Autosave" in request.headers
    saved, conflicts = 0, {}
    for question in form.questions:
        if question.answer_type == AnswerType.UPLOAD:
            saved += _save_file(application, form, question, request)
            continue
        value, version = form.typed(question)
        known = form.answers.get(question.pk)
        if words.clean(value) == (known.value if known else ""):
            continue
        try:
            form.answers[question.pk] = drafts.save_answer(
                application, question, value, version=version, by=request.user, is_autosaved=is_autosaved
            )
            saved += 1
        except AnswerConflict as conflict:
            conflicts[question.pk] = conflict
        except DomainError as error:
            form.add_error(f"q{question.pk}", error.message)
    return saved, conflicts


def _save_file(application: Application, form: SectionForm, question: Question, request: SignedInRequest) -> bool:
    """Keep or remove the file of one question; whether that changed anything. What is wrong is said beside the question."""
    if "X-Autosave" in request.headers:
        return False  # a file goes when somebody says so, not while typing
    upload = form.chosen(question)
    _typed, version = form.typed(question)
    try:
        if upload is not None:
            form.answers[question.pk] = answer_files.attach(
                application, question, upload, version=version, by=request.user
            )
            return True
        if form.wants_removal(question):
            answer_files.remove(application, question, version=version, by=request.user)
            return True
    except DomainError as error:
        form.add_error(f"q{question.pk}", error.message)
    return False


def _autosave(application: Application, section: Section, form: SectionForm, request: SignedInRequest) -> JsonResponse:
    """The same while typing: 200 with the new version of each answer, 409 for a colleague's newer text, 422 for what is wrong.

    `part` says how far the section is now, so that the rail of an open page can follow.
    """
    if not form.is_valid():
        return JsonResponse(
            {"message": "Nog niet bewaard: er staat een fout in een antwoord. Klik op Bewaar om ze te zien."},
            status=422,
        )
    _saved, conflicts = _save_all(application, form, request)
    versions = {f"v{key}": answer.version for key, answer in form.answers.items() if key not in conflicts}
    if conflicts:
        who = next(iter(conflicts.values())).current.saved_by
        by = "U bewaarde in een ander venster" if who == request.user else f"{who} bewaarde intussen"
        message = f"{by} een andere tekst bij een van deze vragen. Klik op Bewaar om beide teksten te zien."
        return JsonResponse({"message": message, "versions": versions}, status=409)
    if form.errors:
        problem = next(iter(form.errors.values()))[0]
        return JsonResponse({"message": f"Nog niet alles is bewaard: {problem}", "versions": versions}, status=422)
    reached = progress.section(freezing.section_of(section, form.questions, form.answers))
    part = {"state": reached.state, "note": reached.note}
    message = f"Bewaard om {clock.local(clock.now()):%H:%M:%S}"
    return JsonResponse({"message": message, "versions": versions, "part": part})


def _merged(form: SectionForm, data: Any) -> SectionForm:
    """The form with, in one answer, what was typed followed by what is saved now; nothing is saved by this."""
    fresh = data.copy()
    for question in form.questions:
        answer = form.answers.get(question.pk)
        typed = words.clean(str(data.get(f"q{question.pk}") or ""))
        if str(question.pk) == data["samen"] and answer is not None and answer.value not in typed:
            fresh[f"q{question.pk}"] = f"{typed}\n\n{answer.value}".strip()
    again = SectionForm(fresh, questions=form.questions, answers=form.answers)
    again.full_clean()
    return again


def _with_versions_of_now(form: SectionForm, conflicts: dict[int, AnswerConflict], data: Any) -> SectionForm:
    """The same form with what was typed, over the newest versions: who saves again chose knowingly."""
    fresh = data.copy()
    for question in form.questions:
        current = conflicts[question.pk].current if question.pk in conflicts else form.answers.get(question.pk)
        fresh[f"v{question.pk}"] = str(current.version if current else 0)
    again = SectionForm(fresh, questions=form.questions, answers=form.answers)
    again.full_clean()
    for name, problems in form.errors.items():
        for problem in problems:
            if problem not in again.errors.get(name, []):
                again.add_error(name, problem)
    return again


def _row(
    form: SectionForm, question: Question, answer: Answer | None, conflict: AnswerConflict | None
) -> dict[str, Any]:
    bound = form[f"q{question.pk}"]
    return {
        "question": question,
        "field": bound,
        "version": form[f"v{question.pk}"],
        "removal": form[f"x{question.pk}"] if f"x{question.pk}" in form.fields else None,
        "answer": answer,
        "conflict": conflict,
        "words": words.count(str(bound.value() or "")) if question.answer_type in TEXT_TYPES else 0,
    }


def _following(page: dict[str, Any], code: str, number: str) -> str:
    """The address of the part after this one."""
    rail = page["rail"]
    here = next((index for index, item in enumerate(rail) if item["is_current"]), len(rail) - 1)
    return rail[here + 1]["url"] if here + 1 < len(rail) else reverse("applications:submit", args=[number])
