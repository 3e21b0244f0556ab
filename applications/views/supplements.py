"""Completing a dossier: the case handler's request and the applicant's answer."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from applications.domain import admissibility, letters, progress, snapshot, supplement_drafts, supplements, versions
from applications.domain.supplement_drafts import DraftConflict
from applications.enums import CheckOutcome, ItemPart
from applications.forms.supplements import SupplementAnswerForm, SupplementRequestForm
from applications.models import Application, Supplement, SupplementItem
from calls.enums import PhaseNumber
from ibnportal.core import clock
from ibnportal.core.access import ORGANISATION, access
from ibnportal.core.accounts.enums import Role
from ibnportal.core.errors import DomainError, TooLate
from ibnportal.core.files import store
from ibnportal.core.files.http import respond
from ibnportal.core.http import SignedInRequest, add_domain_error

# ---------------------------------------------------------------- the request


@access(Role.CASE_HANDLER, subject="application")
@require_http_methods(["GET", "HEAD", "POST"])
def request_(request: SignedInRequest, number: str) -> HttpResponseBase:
    """Ask what is missing: first the items, then the mail as it goes out, then it is sent.

    Who asks something else after the mail was made, sees the mail of that first: it never says less than what is asked.
    """
    dossiers = Application.objects.visible_to(request.user).select_related("applicant", "call")
    application = get_object_or_404(dossiers, number=number)
    if not application.submissions.filter(phase=application.phase).exists():
        raise Http404
    submission = supplements.submitted(application)
    dossier = snapshot.read(submission)
    step = request.POST.get("stap", "")
    options: dict[str, Any] = {
        "openable": supplements.openable(dossier),
        "has_budget": dossier.phase == PhaseNumber.FULL_DOSSIER,
    }
    notice, replaced = None, ""
    if request.method == "POST":
        form = SupplementRequestForm(request.POST, shows_message=True, **options)
        if form.is_valid():
            wanted, asks_budget = form.cleaned_data["wanted"], form.asks_for_budget
            try:
                if step == "verstuur" and not form.has_another_mail:
                    supplement = supplements.ask(
                        application,
                        items=wanted,
                        asks_budget=asks_budget,
                        by=request.user,
                        message=form.cleaned_data["message"],
                    )
                    messages.success(
                        request,
                        f"De vraag is verstuurd. {application.applicant} kan antwoorden tot en met {clock.local(supplement.due_at):%d/%m/%Y}.",
                    )
                    return redirect("applications:screening", number)
                notice = supplements.preview(application, items=wanted, asks_budget=asks_budget)
            except DomainError as error:
                add_domain_error(form, error)
            else:
                replaced = form.cleaned_data["message"] if step == "verstuur" else ""
                initial = {
                    **form.cleaned_data,
                    "items": request.POST.get("items", ""),
                    "message": notice.text,
                    "previewed": form.asked,
                }
                form = SupplementRequestForm(initial=initial, shows_message=True, **options)
        if form.is_bound and step != "verstuur":
            del form.fields["message"]
    else:
        initial = {"items": _proposed(submission, dossier), "parts": _proposed_parts(submission, dossier)}
        form = SupplementRequestForm(initial=initial, shows_message=False, **options)
    context = {
        "application": application,
        "form": form,
        "notice": notice,
        "replaced": replaced,
        "shows_message": "message" in form.fields,
        "due_at": _due(application),
        "reminder_on": supplements.reminder_if_asked(application),
        "can_ask": supplements.may_ask(application),
        "max_pages": submission.rules.frozen().supplement_max_pages,
    }
    return render(
        request,
        "applications/screening/supplement_request.html",
        context,
        status=422 if form.is_bound and form.errors else 200,
    )


def _proposed(submission: Any, dossier: snapshot.Dossier) -> str:
    """What the machine found missing, one point a line, for the case handler to choose from."""
    results = admissibility.judge(dossier, submission.rules.frozen(), at=submission.received_at)
    lines = [
        gap for result in results if result.outcome != CheckOutcome.YES for gap in (result.gaps or (result.evidence,))
    ]
    return "\n".join(dict.fromkeys(lines))


def _proposed_parts(submission: Any, dossier: snapshot.Dossier) -> list[str]:
    """Sections with a question that is not answered, the letters when too few count, a plan that does not close."""
    rules = submission.rules.frozen()
    parts = [
        f"{ItemPart.SECTION}:{part.code}"
        for part in dossier.sections
        if any(item.is_missing and item.answer_type in supplement_drafts.REOPENABLE for item in part.answers)
    ]
    if not letters.count(dossier.letters, needed=rules.min_letters(dossier.phase)).is_enough:
        parts.append(f"{ItemPart.LETTERS}:{ItemPart.LETTERS}")
    if dossier.phase == PhaseNumber.FULL_DOSSIER and not progress.plan_of(dossier, rules).is_closed:
        parts.append(f"{ItemPart.PLAN}:{ItemPart.PLAN}")
    return parts


def _due(application: Application) -> datetime | None:
    try:
        return supplements.due_if_asked(application)
    except DomainError:  # a call without completion
        return None


# ---------------------------------------------------------------- the answer


@access(ORGANISATION, subject="application")
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: SignedInRequest, number: str) -> HttpResponseBase:
    """The applicant's answer: a draft that several people write, handed in once by one who may.

    The stamp is taken before any work. What was typed is kept first, so that a refusal costs nothing.
    """
    received_at = clock.now()
    application, supplement = _own(request, number)
    items = list(supplement.items.select_related("file__blob", "saved_by", "supplement__application"))
    asked_over = supplement_drafts.submitted_version(supplement)
    form = _answer_form(request, supplement, items, asked_over)
    conflicts: dict[str, DraftConflict] = {}
    status = 200
    is_autosave = "X-Autosave" in request.headers
    is_open = application.state in supplements.ASKED and supplement.answered_at is None
    if request.method == "POST":
        if is_open and form.is_valid():
            conflicts = _save(form, supplement, items, request)
        if is_autosave:
            return _autosaved(form, supplement, items, conflicts)
        if form.is_valid() and not conflicts:
            if request.POST.get("stap") == "bewaar":
                if received_at <= supplement.due_at:
                    messages.success(request, "Bewaard. Versturen kan nog tot het einde van de termijn.")
                else:
                    messages.warning(request, "Bewaard, maar de termijn is voorbij: versturen kan niet meer.")
                return redirect("applications:supplement", number)
            try:
                supplements.answer(application, by=request.user, received_at=received_at)
            except DomainError as error:
                add_domain_error(form, error)
                status = 409 if isinstance(error, TooLate) else 422
            else:
                messages.success(
                    request,
                    "Uw antwoord is ontvangen en toegevoegd aan het dossier. U krijgt een bevestiging per mail.",
                )
                return redirect("applications:supplement", number)
        if conflicts:
            form, status = _over_newest(form, supplement, items, asked_over, request), 409
        status = 422 if status == 200 else status
        supplement.refresh_from_db()
    return render(
        request,
        "applications/supplement.html",
        _answer_context(
            request, application, supplement, form, conflicts, is_open=is_open and received_at <= supplement.due_at
        ),
        status=status,
    )


def _own(request: SignedInRequest, number: str) -> tuple[Application, Supplement]:
    own = Application.objects.written_by(request.user)
    application = get_object_or_404(own.select_related("applicant", "call"), number=number)
    found = application.supplements.select_related("annex__blob", "budget_file__blob", "answered_by", "saved_by")
    supplement = found.order_by("-phase").first()
    if supplement is None:
        raise Http404
    supplement.application = application
    return application, supplement


def _answer_form(
    request: SignedInRequest, supplement: Supplement, items: list[SupplementItem], version: Any, **changes: Any
) -> SupplementAnswerForm:
    codes = [item.code for item in items if item.part == ItemPart.SECTION]
    questions = supplement_drafts.questions_of(supplement.application.call_id, supplement.phase, codes) if codes else {}
    handed_in = {
        (part.code, item.code): item.value for part in snapshot.read(version).sections for item in part.answers
    }
    data = changes.get("data", request.POST or None)
    return SupplementAnswerForm(
        data,
        request.FILES or None,
        supplement=supplement,
        items=items,
        questions=questions,
        handed_in=handed_in,
        max_pages=version.rules.frozen().supplement_max_pages,
    )


def _save(
    form: SupplementAnswerForm, supplement: Supplement, items: list[SupplementItem], request: SignedInRequest
) -> dict[str, DraftConflict]:
    """Keep each thing on its own; what goes wrong with one keeps none of the others from being kept."""
    conflicts: dict[str, DraftConflict] = {}
    data = form.cleaned_data
    typed = data.get("version")
    try:
        text_version = supplement.version if typed is None else typed
        fresh = supplement_drafts.save_text(supplement, data.get("text", ""), version=text_version, by=request.user)
        supplement.version = fresh.version
    except DraftConflict as conflict:
        conflicts["text"] = conflict
    except DomainError as error:
        form.add_error("text", error.message)
    for position, item in enumerate(items):
        try:
            fresh_item = supplement_drafts.save_item(
                item,
                answer=data.get(f"a{item.pk}", ""),
                answers=form.answers_of(item),
                version=form.version_of(item),
                by=request.user,
            )
            items[position].version = fresh_item.version
        except DraftConflict as conflict:
            conflicts[f"a{item.pk}"] = conflict
        except DomainError as error:
            form.add_error(f"a{item.pk}", error.message)
        upload = data.get(f"f{item.pk}")
        if upload:
            _attach(form, f"f{item.pk}", lambda item=item, upload=upload: _document(item, upload, request))
    if data.get("annex"):
        _attach(form, "annex", lambda: supplement_drafts.attach_annex(supplement, data["annex"], by=request.user))
    if data.get("budget"):
        _attach(form, "budget", lambda: supplement_drafts.attach_budget(supplement, data["budget"], by=request.user))
    return conflicts


def _document(item: SupplementItem, upload: Any, request: SignedInRequest) -> None:
    supplement_drafts.attach_document(item, upload, by=request.user)


def _attach(form: SupplementAnswerForm, field: str, verb: Any) -> None:
    try:
        verb()
    except DomainError as error:
        form.add_error(field, error.message)
        for finding in error.findings:
            if finding.message != error.message:
                form.add_error(field, f"{finding.where}: {finding.message}" if finding.where else finding.message)


def _autosaved(
    form: SupplementAnswerForm, supplement: Supplement, items: list[SupplementItem], conflicts: dict[str, DraftConflict]
) -> JsonResponse:
    """The same while typing: the new versions; 409 for a colleague's newer text, 422 for what is wrong."""
    versions = {"version": supplement.version, **{f"v{item.pk}": item.version for item in items}}
    if conflicts:
        message = "Een collega bewaarde intussen een andere tekst. Klik op Bewaar om beide te zien."
        return JsonResponse({"message": message, "versions": {}}, status=409)
    if form.errors:
        problem = next(iter(form.errors.values()))[0]
        return JsonResponse({"message": f"Nog niet alles is bewaard: {problem}", "versions": versions}, status=422)
    return JsonResponse({"message": f"Bewaard om {clock.local(clock.now()):%H.%M} uur", "versions": versions})


def _over_newest(
    form: SupplementAnswerForm,
    supplement: Supplement,
    items: list[SupplementItem],
    version: Any,
    request: SignedInRequest,
) -> SupplementAnswerForm:
    """The same form with what was typed, over the newest versions: who saves again chose knowingly."""
    supplement.refresh_from_db(fields=["version"])
    data = request.POST.copy()
    data["version"] = str(supplement.version)
    for item in items:
        item.refresh_from_db(fields=["version"])
        data[f"v{item.pk}"] = str(item.version)
    again = _answer_form(request, supplement, items, version, data=data)
    again.is_valid()
    for name, problems in form.errors.items():
        for problem in problems:
            if problem not in again.errors.get(name, []):
                again.add_error(name, problem)
    return again


def _answer_context(
    request: SignedInRequest,
    application: Application,
    supplement: Supplement,
    form: SupplementAnswerForm,
    conflicts: dict[str, DraftConflict],
    *,
    is_open: bool,
) -> dict[str, Any]:
    rows: list[dict[str, Any]] = []
    items = list(supplement.items.select_related("file__blob", "saved_by"))
    corrections = supplement_drafts.corrections(supplement, items)
    for item in items:
        fields = [form[name] for name in form.fields if name == f"a{item.pk}" or name.startswith(f"q{item.pk}-")]
        upload = form[f"f{item.pk}"] if f"f{item.pk}" in form.fields else None
        rows.append(
            {
                "item": item,
                "version": form[f"v{item.pk}"],
                "fields": fields[1:] + fields[:1],
                "upload": upload,
                "conflict": conflicts.get(f"a{item.pk}"),
                "page": _PAGES.get(item.part, ""),
                "changes": corrections.get(item.part, []),
                "is_answered": item.is_answered or bool(corrections.get(item.part)),
            }
        )
    return {
        "application": application,
        "supplement": supplement,
        "form": form,
        "rows": rows,
        "text_conflict": conflicts.get("text"),
        "unanswered": [row["item"] for row in rows if not row["is_answered"]],
        "budget_changes": _budget_changes(supplement),
        "is_open": is_open,
        "is_kept": supplement.answered_at is None and not is_open and _has_draft(supplement, rows),
        "may_answer": request.user.represents(application.applicant_id),
        "representatives": application.applicant.legal_representatives(),
    }


_PAGES = {
    ItemPart.LETTERS.value: "applications:letters",
    ItemPart.PLAN.value: "applications:cofinancing",
    ItemPart.WORK_PLAN.value: "applications:workplan",
    ItemPart.TEAM.value: "applications:team",
    ItemPart.KPIS.value: "applications:kpis",
}


def _has_draft(supplement: Supplement, rows: list[dict[str, Any]]) -> bool:
    return bool(supplement.answer or supplement.annex_id or any(row["is_answered"] for row in rows))


def _budget_changes(supplement: Supplement) -> list[versions.Change]:
    """The corrected budget beside the one that was handed in (P2-COM-05)."""
    if supplement.budget_file is None:
        return []
    asked_over = supplement_drafts.submitted_version(supplement)
    before = snapshot.read(asked_over).budget
    newest = supplements.submitted(supplement.application)
    if newest.version > asked_over.version:
        after: Any = snapshot.read(newest).budget
        lines = after.lines if after is not None else ()
    else:
        with store.open_file(supplement.budget_file) as content:
            lines = supplement_drafts.read_budget(supplement, content.read())
    return versions.compare_budgets(before.lines if before else (), lines, asked_over.rules.frozen())


@access(ORGANISATION, subject="application")
@require_safe
def answer_file(request: SignedInRequest, number: str, file_id: int) -> HttpResponseBase:
    """A file of the answer while it is being written, for the applicant's people only."""
    _application, supplement = _own(request, number)
    files = [supplement.annex, supplement.budget_file, *(item.file for item in supplement.items.select_related("file"))]
    stored = next((file for file in files if file is not None and file.pk == file_id), None)
    if stored is None:
        raise Http404
    return respond(stored, by=request.user, inline=request.GET.get("weergave") == "inline")
