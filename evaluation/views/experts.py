"""The expert's pages: my dossiers, the declaration, the dossier beside the scores, handing in."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from applications.models import Submission
from applications.views.reading import reading
from calls.enums import PhaseNumber
from evaluation.domain import expert_opinions, experts, pitches, scoring, terms
from evaluation.enums import AssignmentState
from evaluation.forms.experts import DeclarationForm, DeclineForm, ScoresForm, show_findings
from evaluation.models import Assignment
from ibnportal.core import clock
from ibnportal.core.access import PUBLIC, access
from ibnportal.core.accounts.enums import Role
from ibnportal.core.accounts.models import User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError
from ibnportal.core.http import SignedInRequest, add_domain_error, show_domain_error
from ibnportal.core.ui import formats
from ibnportal.core.worklist import WorkItem


@access(Role.EXPERT)
@require_GET
def index(request: SignedInRequest) -> HttpResponseBase:
    """Every dossier that waits for this expert, and what was handed in."""
    rows = expert_opinions.expert_rows(request.user)
    todo = [_task(row) for row in rows if row.assignment.state != AssignmentState.HANDED_IN]
    done = [row for row in rows if row.assignment.state == AssignmentState.HANDED_IN]
    return render(request, "evaluation/experts/index.html", {"todo": todo, "done": done})


def expert_work_items(user: User) -> list[WorkItem]:
    """For the person's first screen; three expert_opinions, none for who is no expert."""
    if not user.has_role(Role.EXPERT):
        return []
    return [
        _task(row) for row in expert_opinions.expert_rows(user) if row.assignment.state != AssignmentState.HANDED_IN
    ]


def _task(row: expert_opinions.ExpertRow) -> WorkItem:
    assignment = row.assignment
    application = assignment.application
    due_at = clock.end_of_day(assignment.due_on) if assignment.due_on else None
    if assignment.state == AssignmentState.INVITED:
        # Before the declaration only what is needed to know whether there is an interest.
        return WorkItem(
            title=f"Dossier {application.number}",
            text=f"Aanvrager: {application.applicant.name}. Verklaar eerst of u een belang hebt; dan gaat het dossier open.",
            url=reverse("evaluation:expert_declare", args=[assignment.pk]),
            action="Verklaar",
            group=application.call.name,
            due_at=due_at,
        )
    return WorkItem(
        title=f"{application.number} {application.title}",
        text=f"{row.done} van {row.total} criteria volledig.",
        url=reverse("evaluation:expert_scores", args=[assignment.pk]),
        action="Beoordeel",
        group=application.call.name,
        due_at=due_at,
    )


def _own(request: SignedInRequest, pk: int) -> Any:
    """The expert's own live assignment, with the call's figures on it, or 404."""
    return get_object_or_404(expert_opinions.own_assignments(request.user), pk=pk)


@access(Role.EXPERT, subject="assignment")
@require_http_methods(["GET", "HEAD", "POST"])
def declare(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """The declaration of confidentiality and interests; nothing of the dossier is shown yet (CONF-02).

    A declaration that ran out is given again here, as long as the term of the dossier runs.
    """
    assignment = _own(request, pk)
    if assignment.state != AssignmentState.INVITED and not _may_declare_again(assignment):
        return redirect("evaluation:expert_scores", pk)
    form = DeclarationForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            experts.declare(assignment, by=request.user, **form.cleaned_data)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            return _declared(request, assignment)
    context = {"assignment": assignment, "form": form, "is_again": assignment.state != AssignmentState.INVITED}
    return _page(request, "evaluation/experts/declare.html", context, form)


def _may_declare_again(assignment: Any) -> bool:
    until = assignment.declaration_until
    return not assignment.is_readable and until is not None and until <= clock.now() and not _is_term_over(assignment)


def _is_term_over(assignment: Assignment) -> bool:
    ends = terms.term_ends(assignment.due_on, assignment.application.call.rules())
    return ends is not None and ends <= clock.now()


def _declared(request: SignedInRequest, assignment: Assignment) -> HttpResponseBase:
    if assignment.state in {AssignmentState.DECLARED, AssignmentState.HANDED_IN}:
        messages.success(request, "Bedankt. Het dossier is nu open voor u; wat u invult, wordt bewaard terwijl u typt.")
        return redirect("evaluation:expert_scores", assignment.pk)
    if assignment.state == AssignmentState.DECLINED:
        messages.success(
            request, "Bedankt om dit te melden. U beoordeelt dit dossier niet; de dossierbehandelaar weet het."
        )
    else:
        messages.warning(
            request,
            "Het portaal vond zelf een mogelijk belang bij dit dossier, daarom gaat het nog niet open. De dossierbehandelaar kijkt het na en laat u iets weten. U hoeft nu niets te doen.",
        )
    return redirect("evaluation:expert_index")


@access(PUBLIC, subject="assignment")
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponseBase:
    """What the link in an invitation opens: take the dossier or not, without signing in; it says the number and the date only."""
    assignment = experts.invited_by_token(token)
    if assignment is None:
        raise Http404
    if request.user.is_authenticated and request.user.pk != assignment.expert_id:
        return render(request, "evaluation/experts/not_yours.html")
    is_open = assignment.state == AssignmentState.INVITED
    form = DeclineForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and is_open and form.is_valid():
        try:
            experts.decline(assignment, **form.cleaned_data)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            return redirect("evaluation:invitation", token)
    context = {"assignment": assignment, "form": form, "is_open": is_open}
    return _page(request, "evaluation/experts/invitation.html", context, form)


@access(Role.EXPERT, subject="assignment")
@require_GET
def scores(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """The dossier as it was handed in, beside the score form."""
    assignment = _own(request, pk)
    if assignment.state == AssignmentState.INVITED:
        return redirect("evaluation:expert_declare", pk)
    if not assignment.is_readable:
        if _may_declare_again(assignment):
            messages.info(request, "Uw verklaring is verlopen. Geef ze opnieuw; wat u invulde, staat er nog.")
            return redirect("evaluation:expert_declare", pk)
        return _closed(request, assignment, None)
    trail.record_look(assignment.application, by=request.user)
    return _scores_page(request, assignment, None)


def _closed(request: SignedInRequest, assignment: Any, form: ScoresForm | None) -> HttpResponseBase:
    """The term is over: nothing of the dossier, but what the expert typed herself is not lost (CONF-01)."""
    typed = [(row.criterion.label, row.motivation.value()) for row in form.rows()] if form else []
    context = {"assignment": assignment, "typed": [(label, text) for label, text in typed if text]}
    return render(request, "evaluation/experts/closed.html", context, status=409 if form else 200)


@access(Role.EXPERT, subject="assignment")
@require_POST
def save(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Keep everything as it is; answers JSON when the page saves by itself."""
    assignment = _own(request, pk)
    is_auto = request.headers.get("X-Autosave") == "1"
    form = _form(assignment, request.POST)
    try:
        saved = _save(assignment, form, request.user)
    except DomainError as error:
        if is_auto:
            return JsonResponse({"message": error.message}, status=400)
        show_domain_error(request, error)
        return _scores_page(request, _own(request, pk), form)
    fresh = _own(request, pk)
    total = len(form.criteria)
    lacking = _lacking(fresh, form)
    done = total - len(lacking)
    message = f"Bewaard om {formats.clock_time(clock.now())}: {done} van {total} criteria volledig."
    if is_auto:
        lacks = {row.code: lacking.get(row.code, "") for row in form.criteria}
        return _auto_answer(fresh, form, saved, message, lacks)
    if saved.clashes or not form.is_valid():
        return _scores_page(request, fresh, form, saved)
    messages.success(request, message)
    return redirect("evaluation:expert_scores", pk)


def _auto_answer(
    assignment: Any, form: ScoresForm, saved: scoring.Saved, message: str, lacks: dict[str, str]
) -> JsonResponse:
    """What the page learns: the marks of the answers that stand as it has them, which ones another window changed, what each lacks."""
    marks = scoring.marks_of(assignment, form.criteria)
    versions = {f"seen_{code}": mark for code, mark in marks.items() if mark == _typed_mark(form, code)}
    if saved.clashes:
        names = ", ".join(clash.label for clash in saved.clashes)
        text = f"In een ander venster is iets anders ingevuld bij: {names}. Klik op Bewaar om beide te zien; de rest is bewaard."
        return JsonResponse({"message": text, "versions": versions}, status=409)
    if not form.is_valid():
        text = "Niet alles is bewaard: een antwoord is te lang of bestaat niet."
        return JsonResponse({"message": text, "versions": versions}, status=400)
    return JsonResponse({"message": message, "versions": versions, "lacks": lacks})


def _typed_mark(form: ScoresForm, code: str) -> str:
    if code == scoring.GROUNDS:
        return scoring.fingerprint(*form.grounds().values())
    step, text = form.scores()[code]
    return scoring.fingerprint(step, text)


@access(Role.EXPERT, subject="assignment")
@require_POST
def hand_in(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Save what was typed, then hand it all in; what is missing comes back at its criterion."""
    assignment = _own(request, pk)
    form = _form(assignment, request.POST)
    saved = None
    try:
        saved = _save(assignment, form, request.user)
        if form.is_valid() and not saved.clashes:
            scoring.hand_in(assignment, by=request.user, **form.grounds())
    except DomainError as error:
        show_findings(form, error)
    if form.errors or (saved and saved.clashes):
        return _scores_page(request, _own(request, pk), form, saved)
    messages.success(request, f"Uw scores voor {assignment.application.number} zijn ingediend. Bedankt.")
    return redirect("evaluation:expert_scores", pk)


def _save(assignment: Assignment, form: ScoresForm, user: Any) -> scoring.Saved:
    form.is_valid()  # what is valid is kept, also when something else is not
    steps = {step.code: step for step in assignment.application.call.scale.all()}
    typed = {
        row: (steps.get(step), text)
        for row in form.criteria
        for step, text in [form.scores()[row.code]]
        if not _is_broken(form, row.code)
    }
    return scoring.save_all(assignment, typed, by=user, seen=form.seen(), **form.grounds())


def _is_broken(form: ScoresForm, code: str) -> bool:
    return bool({f"step_{code}", f"motivation_{code}"} & set(form.errors))


def _stored(assignment: Any) -> dict[str, str]:
    """The answers as they are kept, by the names of the form's fields."""
    words = {True: "yes", False: "no", None: ""}
    stored = {
        "doubts_identity": words[assignment.doubts_identity],
        "distorts_market": words[assignment.distorts_market],
        "grounds_text": assignment.grounds_text,
    }
    for score in assignment.scores.all():
        stored[f"step_{score.criterion.code}"] = score.step.code if score.step else ""
        stored[f"motivation_{score.criterion.code}"] = score.motivation
    return stored


def _form(assignment: Any, data: Any = None) -> ScoresForm:
    return ScoresForm(
        data,
        initial=_stored(assignment),
        criteria=expert_opinions.criteria_of(assignment.application.call),
        scale=assignment.scale_json,
        least=assignment.rules_json["least"],
    )


def _without_stale(assignment: Any, form: ScoresForm) -> None:
    """What this page did not touch is shown as it is kept now, so that saving again undoes nothing of another window."""
    data: dict[str, Any] = {name: form.data[name] for name in form.data}
    stored, seen = _stored(assignment), form.seen()
    fields = {row.code: (f"step_{row.code}", f"motivation_{row.code}") for row in form.criteria}
    fields[scoring.GROUNDS] = ("doubts_identity", "distorts_market", "grounds_text")  # type: ignore[assignment]
    for code, names in fields.items():
        if _typed_mark(form, code) == seen.get(code):
            for name in names:
                data[name] = stored.get(name, "")
    form.data = data


def _scores_page(
    request: SignedInRequest, assignment: Any, form: ScoresForm | None, saved: scoring.Saved | None = None
) -> HttpResponseBase:
    application = assignment.application
    if not assignment.is_readable:
        return _closed(request, assignment, form)
    form = form or _form(assignment)
    if form.is_bound:
        _without_stale(assignment, form)
    lacking = _lacking(assignment, form)
    submission = (
        Submission.objects.filter(application=application, phase=PhaseNumber.FULL_DOSSIER)
        .select_related("rules__call")
        .order_by("-version")
        .first()
    )
    marks = scoring.marks_of(assignment, form.criteria)
    clashes = {clash.field: clash.stored for clash in saved.clashes} if saved else {}
    pitch = getattr(application, "pitch", None)
    context = {
        "assignment": assignment,
        "application": application,
        "form": form,
        "rows": form.rows(lacking, marks=marks, clashes=clashes),
        "grounds_mark": marks[scoring.GROUNDS],
        "grounds_clash": clashes.get(scoring.GROUNDS, ""),
        "clashes": saved.clashes if saved else (),
        "total": len(form.criteria),
        "done": len(form.criteria) - len(lacking),
        "is_open": assignment.state == AssignmentState.DECLARED,
        "due_at": clock.end_of_day(assignment.due_on) if assignment.due_on else None,
        "others": _others(assignment),
        "scale": assignment.scale_json,
        "topics": _pitch_notes(pitch) if pitch and assignment.rules_json["notes"] else [],
        "submission": submission,
        **(reading(submission) if submission else {}),
    }
    if clashes:
        return render(request, "evaluation/experts/scores.html", context, status=409)
    return _page(request, "evaluation/experts/scores.html", context, form)


def _pitch_notes(pitch: Any) -> list[tuple[str, str]]:
    """The notes on the four topics of the pitch, as far as there are any."""
    notes = [(label, getattr(pitch, name)) for name, label in pitches.TOPICS.items()]
    return [(label, text) for label, text in notes if text]


def _lacking(assignment: Assignment, form: ScoresForm) -> dict[str, str]:
    scores = {score.criterion_id: score for score in assignment.scores.all()}
    found = {row.code: scoring.lacks(scores.get(row.pk), form.least) for row in form.criteria}
    return {code: text for code, text in found.items() if text}


def _others(assignment: Any) -> list[expert_opinions.MatrixRow]:
    """What the other experts gave: only after handing in, and only if the call says so."""
    if assignment.state != AssignmentState.HANDED_IN or not assignment.rules_json["see"]:
        return []
    scores = list(expert_opinions.handed_in(assignment.application).values())
    return expert_opinions.matrix(
        expert_opinions.scored_criteria(scores), [step["label"] for step in assignment.scale_json], scores
    )


def _page(request: HttpRequest, template: str, context: dict[str, Any], form: Any) -> HttpResponseBase:
    return render(request, template, context, status=422 if form.is_bound and form.errors else 200)
