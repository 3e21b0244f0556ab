"""Screening: evidence and verdict per criterion, the documents beside it, and the conclusion with its mail."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications.domain import admissibility, screening, snapshot
from applications.enums import ApplicationState, CheckOutcome
from applications.forms.screening import ConcludeForm, VerdictForm
from applications.models import AdmissibilityCheck, Application, Submission
from applications.views.reading import file_in
from calls.enums import PhaseNumber
from ibnportal.core.access import access
from ibnportal.core.accounts.enums import Role
from ibnportal.core.errors import DomainError
from ibnportal.core.files.http import respond
from ibnportal.core.files.kinds import PDF
from ibnportal.core.files.models import StoredFile
from ibnportal.core.http import SignedInRequest, add_domain_error, shows_domain_errors

READERS = (Role.CASE_HANDLER, Role.SECRETARY, Role.COMMITTEE_MEMBER, Role.EXPERT, Role.ADMINISTRATOR)


def screening_url(request: SignedInRequest, number: str, **_: Any) -> str:
    """Where a verb of the screening returns to."""
    return reverse("applications:screening", args=[number])


def _dossier(request: SignedInRequest, number: str) -> Application:
    dossiers = Application.objects.visible_to(request.user).select_related("applicant", "call")
    return get_object_or_404(dossiers, number=number)


def _newest(application: Application) -> Submission:
    submission = (
        application.submissions.filter(phase=application.phase)
        .select_related("rules__call")
        .order_by("-version")
        .first()
    )
    if submission is None:
        raise Http404
    return submission


def _waiting(request: SignedInRequest) -> "QuerySet[Application]":
    """Dossiers that a person can screen now, longest waiting first."""
    return (
        Application.objects.visible_to(request.user)
        .in_state(*screening.CONCLUDED_IN)
        .order_by("state_changed_at", "number")
    )


@access(Role.CASE_HANDLER, subject="application")
@require_safe
def page(request: SignedInRequest, number: str) -> HttpResponseBase:
    """The screening of the newest submission."""
    return _page(request, _dossier(request, number))


def _page(
    request: SignedInRequest, application: Application, *, refused: tuple[int, VerdictForm] | None = None
) -> HttpResponseBase:
    submission = _newest(application)
    seen = {result.rule_id: result for result in _evidence(submission)}
    is_open = application.state in screening.JUDGED_IN
    checks = list(submission.checks.select_related("verdict_by"))
    rows = [_row(check, seen.get(check.rule_id), is_open=is_open, refused=refused) for check in checks]
    waiting = [other for other in _waiting(request).values_list("number", flat=True) if other != application.number]
    files = snapshot.read(submission).files()
    chosen = _chosen_file(request, files)
    judged = sum(bool(check.verdict) for check in checks)
    context = {
        "application": application,
        "submission": submission,
        "rows": rows,
        "unopened": [] if checks else list(seen.values()),
        "is_open": is_open,
        "can_conclude": application.state in screening.CONCLUDED_IN and bool(checks),
        "judged": judged,
        "total": len(checks),
        "has_no": any(check.verdict == CheckOutcome.NO for check in checks),
        "all_yes": bool(checks) and all(check.verdict == CheckOutcome.YES for check in checks),
        "for_people": admissibility.FOR_PEOPLE[PhaseNumber(submission.phase)],
        "files": files,
        "chosen": chosen,
        "is_phase1": submission.phase == PhaseNumber.PRE_REGISTRATION,
        "can_ask": application.state == ApplicationState.P2_SUBMITTED,
        "following": waiting[0] if waiting else "",
        "waiting_count": len(waiting),
        "forms": [row["form"] for row in rows if row["form"] is not None and row["form"].is_bound],
    }
    return render(request, "applications/screening/screening.html", context, status=422 if refused else 200)


def _evidence(submission: Submission) -> list[admissibility.CheckResult]:
    return admissibility.judge(snapshot.read(submission), submission.rules.frozen(), at=submission.received_at)


def _row(
    check: AdmissibilityCheck,
    seen: admissibility.CheckResult | None,
    *,
    is_open: bool,
    refused: tuple[int, VerdictForm] | None,
) -> dict[str, Any]:
    form = None
    if is_open:
        initial = {"verdict": check.verdict or check.machine_outcome, "reason": check.verdict_reason}
        form = VerdictForm(initial=initial, prefix=f"c{check.pk}")
        if refused and refused[0] == check.pk:
            form = refused[1]
    return {"check": check, "gaps": seen.gaps if seen else (), "form": form}


def _chosen_file(request: SignedInRequest, files: tuple[tuple[str, snapshot.FileRef], ...]) -> snapshot.FileRef | None:
    """The PDF beside the checks: the one that was asked for, else the first."""
    pdfs = [ref for _, ref in files if ref.content_type == PDF]
    wanted = request.GET.get("document", "")
    return next((ref for ref in pdfs if str(ref.id) == wanted), pdfs[0] if pdfs else None)


@access(Role.CASE_HANDLER, subject="application")
@require_POST
@shows_domain_errors(redirect_to=screening_url)
def open_(request: SignedInRequest, number: str) -> HttpResponseBase:
    """Store the machine's evidence, so that a person can judge."""
    screening.open_screening(_dossier(request, number), by=request.user)
    return redirect("applications:screening", number)


@access(Role.CASE_HANDLER, subject="application")
@require_POST
def judge(request: SignedInRequest, number: str, check_id: int) -> HttpResponseBase:
    """One verdict; refused, the page comes back with what was typed."""
    application = _dossier(request, number)
    checks = AdmissibilityCheck.objects.filter(submission__application=application).select_related(
        "submission__application"
    )
    check = get_object_or_404(checks, pk=check_id)
    form = VerdictForm(request.POST, prefix=f"c{check.pk}")
    if form.is_valid():
        try:
            screening.judge(check, by=request.user, **form.cleaned_data)
        except DomainError as error:
            add_domain_error(form, error, field="reason" if error.findings else None)
            form.errors["reason"] = form.error_class(list(dict.fromkeys(map(str, form.errors.get("reason", [])))))
        else:
            messages.success(request, f"Bewaard: {check.label.lower()}.")
            return redirect(f"{screening_url(request, number)}#{check.rule_id}")
    return _page(request, application, refused=(check.pk, form))


@access(Role.CASE_HANDLER, subject="application")
@require_http_methods(["GET", "HEAD", "POST"])
def conclude(request: SignedInRequest, number: str, outcome: str) -> HttpResponseBase:
    """Conclude, after seeing the mail that goes out: first the reason (when inadmissible), then the mail, then it is sent."""
    application = _dossier(request, number)
    admissible = outcome == "ontvankelijk"
    submission = _newest(application)
    checks = list(submission.checks.all())
    step = request.POST.get("stap", "")
    shows_message = admissible or bool(step)
    options = {"asks_reason": not admissible, "shows_message": shows_message}
    notice = None
    if request.method == "POST":
        form = ConcludeForm(request.POST, **options)
        reason = request.POST.get("reason", "")
        if form.is_valid():
            if step == "verstuur":
                try:
                    screening.conclude(application, admissible=admissible, by=request.user, **form.cleaned_data)
                except DomainError as error:
                    add_domain_error(form, error)
                else:
                    messages.success(
                        request, f"{application.number} is {outcome} verklaard. De aanvrager krijgt de mail."
                    )
                    return redirect("applications:screening", number)
            elif not admissible and not reason.strip():
                form.add_error("reason", "Schrijf waarom: de aanvrager leest dit.")
                del form.fields["message"]
            else:
                notice = screening.preview(application, admissible=admissible, reason=reason)
                form = ConcludeForm(initial={"reason": reason, "message": notice.text}, **options)
    else:
        initial = {}
        if admissible:
            notice = screening.preview(application, admissible=True)
            initial = {"message": notice.text}
        form = ConcludeForm(initial=initial, **options)
    notice = notice or screening.preview(application, admissible=admissible)
    context = {
        "application": application,
        "admissible": admissible,
        "outcome": outcome,
        "form": form,
        "notice": notice,
        "shows_message": "message" in form.fields,
        "obstacles": screening.obstacles(checks, admissible=admissible),
        "failed": [check for check in checks if check.verdict == CheckOutcome.NO],
    }
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "applications/screening/conclude.html", context, status=status)


@access(*READERS, subject="application")
@require_safe
def file(request: SignedInRequest, number: str, file_id: int) -> HttpResponseBase:
    """A file of what was handed in, to download or (PDF, `?toon=1`) to read in the page; every look is in the trail."""
    application = _dossier(request, number)
    for submission in application.submissions.order_by("-phase", "-version"):
        if file_in(submission, file_id):
            stored = get_object_or_404(StoredFile.objects.select_related("blob"), pk=file_id)
            return respond(stored, by=request.user, inline=request.GET.get("toon") == "1")
    raise Http404
