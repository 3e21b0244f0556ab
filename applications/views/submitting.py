"""Check and submit, the receipt, what was handed in, and withdrawing."""

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from applications import permissions
from applications.domain import admissibility, cofinancing, completeness, invitations, progress, snapshot, submission
from applications.enums import CheckOutcome
from applications.forms.drafts import SubmitForm, WithdrawForm
from applications.models import Application, Submission
from applications.views.page import dossier_page, own_application, part_url
from calls.enums import PhaseNumber
from ibnportal.core import clock
from ibnportal.core.access import ORGANISATION, SIGNED_IN, access
from ibnportal.core.errors import DomainError, TooLate, WrongState
from ibnportal.core.files.http import respond
from ibnportal.core.files.models import StoredFile
from ibnportal.core.findings import Severity
from ibnportal.core.http import SignedInRequest, add_domain_error

# Where to mend what a check found.
_WHERE = {"letters": "letters", "facts": "facts", "budget": "budget", "sections": "documents"}


@access(ORGANISATION, subject="application")
@require_http_methods(["GET", "HEAD", "POST"])
def submit(request: SignedInRequest, number: str) -> HttpResponse:
    """Everything the screening will look at, live; a POST hands the dossier in, stamped before anything else is done."""
    received_at = clock.now()
    page = dossier_page(request, number, current="submit")
    application, phase = page["application"], page["phase"]
    if request.method != "POST" and not application.is_draft:
        return redirect("applications:detail", number)
    results = admissibility.judge(page["dossier"], page["rules"], at=received_at)
    advice = _advice(page)
    has_gaps = any(not result.is_met for result in results)
    form = SubmitForm(request.POST or None, has_gaps=has_gaps)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            received = submission.submit(application, by=request.user, received_at=received_at)
        except WrongState as error:
            # A second tab, or a colleague who was first: what was handed in is the answer.
            messages.warning(request, error.message)
            return redirect("applications:detail", number)
        except DomainError as error:
            add_domain_error(form, error)
            status = 409 if isinstance(error, TooLate) else 422
        else:
            messages.success(request, "Uw dossier is ingediend. Dit is uw ontvangstbewijs.")
            return redirect("applications:receipt", number, received.phase)
    elif request.method == "POST":
        status = 422
    window = application.call.phases.filter(number=phase).first()
    context = {
        **page,
        "results": [(result, _link(number, result.where)) for result in results],
        "to_mend": _to_mend(page),
        "met": sum(result.is_met for result in results),
        "open_count": sum(result.outcome == CheckOutcome.NO for result in results),
        "advice": advice,
        "for_people": admissibility.FOR_PEOPLE[phase],
        "has_gaps": has_gaps,
        "is_submit_page": True,
        "form": form,
        "window": window,
        "is_late": bool(window and window.closes_at and received_at > window.closes_at),
        "can_submit": permissions.can_submit(request.user, application),
        "waiting": invitations.waiting(application, phase, received_at),
        "representatives": page["dossier"].representatives,
    }
    return render(request, "applications/submit.html", context, status=status)


def _to_mend(page: dict) -> list[tuple[str, str, list[str]]]:
    """What is missing, by the part of the dossier in which it is mended, in the order of the rail: its label, its address and each gap."""
    labels = {part["url"]: part["label"] for part in page["rail"]}
    found: dict[str, list[str]] = {}
    for gap in completeness.gaps(page["dossier"], page["rules"]):
        found.setdefault(part_url(page["application"].number, gap.kind, gap.code), []).append(gap.message)
    order = list(labels)
    return [
        (labels.get(url, ""), url, [message.removeprefix(f"{labels.get(url, '')}: ") for message in messages_of])
        for url, messages_of in sorted(found.items(), key=lambda item: order.index(item[0]) if item[0] in order else -1)
    ]


def _link(number: str, where: str) -> str:
    return part_url(number, _WHERE[where]) if where in _WHERE else ""


def _advice(page: dict) -> list:
    """What the criteria don't ask but the assessment will look at: the plan's closure, the project's own indicators."""
    if page["phase"] != PhaseNumber.FULL_DOSSIER:
        return []
    dossier, rules = page["dossier"], page["rules"]
    found = cofinancing.findings(progress.plan_of(dossier, rules), rules) if dossier.cofinancing else []
    found += [finding for finding in progress.kpi_findings(dossier) if finding.severity == Severity.WARNING]
    return found


@access(ORGANISATION, subject="application")
@require_safe
def receipt(request: SignedInRequest, number: str, phase: int) -> HttpResponse:
    """The receipt: the server's time and the hash of every file; the PDF appears when the worker made it."""
    application = own_application(request, number)
    received = _first_version(application, phase)
    context = {
        "application": application,
        "submission": received,
        "dossier": snapshot.read(received),
        "pdf": getattr(received, "receipt", None),
    }
    return render(request, "applications/receipt.html", context)


@access(ORGANISATION, subject="application")
@require_safe
def receipt_file(request: SignedInRequest, number: str, phase: int) -> HttpResponseBase:
    """The receipt as a PDF, once it is made."""
    received = _first_version(own_application(request, number), phase)
    made = getattr(received, "receipt", None)
    if made is None:
        return redirect("applications:receipt", number, phase)
    return respond(made.file, by=request.user, inline=request.GET.get("weergave") == "inline")


def _first_version(application: Application, phase: int) -> Submission:
    found = (
        Submission.objects.filter(application=application, phase=phase)
        .select_related("receipt__file__blob", "submitted_by")
        .order_by("version")
        .first()
    )
    if found is None:
        raise Http404
    return found


@access(ORGANISATION, subject="application")
@require_safe
def submitted(request: SignedInRequest, number: str, phase: int, version: int) -> HttpResponse:
    """What was handed in, as it is frozen."""
    application = own_application(request, number)
    found = get_object_or_404(application.submissions.select_related("rules__call"), phase=phase, version=version)
    dossier = snapshot.read(found)
    context = {"application": application, "submission": found, "dossier": dossier}
    return render(request, "applications/submitted.html", context)


@access(SIGNED_IN, subject="submission")
@require_safe
def submission_file(request: SignedInRequest, number: str, phase: int, version: int, file_id: int) -> HttpResponseBase:
    """One file of what was handed in, for everybody who may see the dossier."""
    found = get_object_or_404(
        Submission.objects.visible_to(request.user), application__number=number, phase=phase, version=version
    )
    if file_id not in {ref.id for _, ref in snapshot.read(found).files()}:
        raise Http404
    stored = get_object_or_404(StoredFile.objects.select_related("blob"), pk=file_id)
    return respond(stored, by=request.user, inline=request.GET.get("weergave") == "inline", confidential=True)


@access(ORGANISATION, subject="application")
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: SignedInRequest, number: str) -> HttpResponse:
    """Take the initiative out, with a reason; says what that does."""
    application = own_application(request, number)
    if not submission.can_be_withdrawn(application):
        return redirect("applications:detail", number)
    form = WithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            submission.withdraw(application, by=request.user, reason=form.cleaned_data["reason"])
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, f"Het initiatief “{application.title}” is teruggetrokken.")
            return redirect("applications:detail", number)
    context = {
        "application": application,
        "form": form,
        "can_withdraw": permissions.can_withdraw(request.user, application),
        "representatives": application.applicant.legal_representatives(),
    }
    return render(request, "applications/withdraw.html", context, status=422 if form.errors else 200)
