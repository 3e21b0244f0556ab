"""Completing a dossier: the case handler's request and the applicant's answer."""

from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from applications.domain import admissibility, snapshot, supplements
from applications.enums import ApplicationState, CheckOutcome
from applications.forms.screening import SupplementAnswerForm, SupplementRequestForm
from applications.models import Application
from ibnportal.core import clock
from ibnportal.core.access import ORGANISATION, access
from ibnportal.core.accounts.enums import Role
from ibnportal.core.errors import DomainError
from ibnportal.core.http import SignedInRequest, add_domain_error


def _proposed(application: Application) -> str:
    """What the machine found missing, one point a line, for the case handler to choose from."""
    submission = application.submissions.filter(phase=2).select_related("rules__call").order_by("-version").first()
    if submission is None:
        return ""
    results = admissibility.judge(snapshot.read(submission), submission.rules.frozen(), at=submission.received_at)
    lines = [
        gap for result in results if result.outcome != CheckOutcome.YES for gap in (result.gaps or (result.evidence,))
    ]
    return "\n".join(dict.fromkeys(lines))


def _due(application: Application) -> datetime | None:
    try:
        return supplements.due_if_asked(application)
    except DomainError:  # a call without completion
        return None


@access(Role.CASE_HANDLER, subject="application")
@require_http_methods(["GET", "HEAD", "POST"])
def request_(request: SignedInRequest, number: str) -> HttpResponseBase:
    """Ask what is missing: first the items, then the mail as it goes out, then it is sent."""
    dossiers = Application.objects.visible_to(request.user).select_related("applicant", "call")
    application = get_object_or_404(dossiers, number=number)
    step = request.POST.get("stap", "")
    notice = None
    if request.method == "POST":
        form = SupplementRequestForm(request.POST, shows_message=True)
        if form.is_valid():
            items, asks_budget = form.cleaned_data["items"], form.cleaned_data["asks_budget"]
            try:
                if step == "verstuur":
                    supplement = supplements.ask(
                        application,
                        items=items,
                        asks_budget=asks_budget,
                        by=request.user,
                        message=form.cleaned_data["message"],
                    )
                    messages.success(
                        request,
                        f"De vraag is verstuurd. {application.applicant} kan antwoorden tot en met {clock.local(supplement.due_at):%d/%m/%Y}.",
                    )
                    return redirect("applications:screening", number)
                notice = supplements.preview(application, items=items, asks_budget=asks_budget)
            except DomainError as error:
                add_domain_error(form, error)
            else:
                initial = {"items": request.POST["items"], "asks_budget": asks_budget, "message": notice.text}
                form = SupplementRequestForm(initial=initial, shows_message=True)
        if form.is_bound and step != "verstuur":
            del form.fields["message"]
    else:
        form = SupplementRequestForm(initial={"items": _proposed(application)}, shows_message=False)
    context = {
        "application": application,
        "form": form,
        "notice": notice,
        "shows_message": "message" in form.fields,
        "due_at": _due(application),
        "can_ask": application.state == ApplicationState.P2_SUBMITTED,
    }
    return render(
        request,
        "applications/screening/supplement_request.html",
        context,
        status=422 if form.is_bound and form.errors else 200,
    )


@access(ORGANISATION, subject="application")
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: SignedInRequest, number: str) -> HttpResponseBase:
    """The applicant's answer; the stamp is taken before any work, and nothing typed is lost when it is refused."""
    received_at = clock.now()
    own = Application.objects.written_by(request.user)
    application = get_object_or_404(own.select_related("applicant", "call", "supplement__annex"), number=number)
    supplement = getattr(application, "supplement", None)
    if supplement is None:
        raise Http404
    rules = application.call.rules()
    options = {"asks_budget": supplement.asks_budget, "max_pages": rules.supplement_max_pages}
    form = SupplementAnswerForm(request.POST or None, request.FILES or None, **options)
    if request.method == "POST" and form.is_valid():
        try:
            supplements.answer(application, by=request.user, received_at=received_at, **form.cleaned_data)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(
                request, "Uw antwoord is ontvangen en toegevoegd aan het dossier. U krijgt een bevestiging per mail."
            )
            return redirect("applications:supplement", number)
    context = {
        "application": application,
        "supplement": supplement,
        "form": form,
        "is_open": application.state == ApplicationState.P2_SUPPLEMENT_ASKED and received_at <= supplement.due_at,
        "may_answer": request.user.represents(application.applicant_id),
        "representatives": application.applicant.legal_representatives(),
    }
    return render(
        request, "applications/supplement.html", context, status=422 if form.is_bound and form.errors else 200
    )
