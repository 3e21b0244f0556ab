"""The advice on a pre-registration."""

from django.contrib import messages
from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from applications.domain import notices
from applications.enums import ENDED_STATES, ApplicationState
from applications.forms.messages import NoticeTextForm
from applications.models import Application
from calls.enums import PhaseNumber
from evaluation.domain import advice, pitches, release
from evaluation.enums import DecisionKind
from evaluation.forms.advice import AdviceForm
from evaluation.permissions import can_handle
from ibnportal.core.access import access
from ibnportal.core.accounts.enums import Role
from ibnportal.core.errors import DomainError
from ibnportal.core.http import SignedInRequest, add_domain_error


@access(Role.CASE_HANDLER, subject="application")
@require_http_methods(["GET", "HEAD", "POST"])
def advise(request: SignedInRequest, number: str) -> HttpResponseBase:
    """Write the advice beside the notes of the pitch, or read the one that was given."""
    dossiers = Application.objects.visible_to(request.user).select_related("applicant", "call", "pitch__slot")
    application = get_object_or_404(dossiers, number=number)
    if not can_handle(request.user, application):
        raise Http404
    given = (
        application.advices.filter(phase=PhaseNumber.PRE_REGISTRATION).select_related("given_by", "merge_with").first()
    )
    others = (
        Application.objects.visible_to(request.user)
        .filter(call=application.call)
        .exclude(pk=application.pk)
        .exclude(state__in=ENDED_STATES)
        .order_by("number")
    )
    form = AdviceForm(request.POST or None, others=others)
    if request.method == "POST" and form.is_valid():
        try:
            advice.advise_phase1(application, by=request.user, **form.cleaned_data)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(
                request, f"Het advies over {application.number} is gegeven. Het staat nu klaar voor het comité."
            )
            return redirect("evaluation:dossier", number)
    pitch = getattr(application, "pitch", None)
    context = {
        "application": application,
        "given": given,
        "form": form,
        "can_advise": application.state == ApplicationState.P1_PITCHED,
        "pitch": pitch,
        "topics": [(label, getattr(pitch, name)) for name, label in pitches.TOPICS.items()] if pitch else [],
    }
    return render(
        request, "evaluation/advice/advise.html", context, status=422 if form.is_bound and form.errors else 200
    )


@access(Role.CASE_HANDLER, Role.SECRETARY, subject="application")
@require_http_methods(["GET", "HEAD", "POST"])
def feedback(request: SignedInRequest, number: str) -> HttpResponseBase:
    """The feedback that goes with the release of the preselection: read it, and write another text for this applicant (NOT-04)."""
    dossiers = Application.objects.visible_to(request.user).select_related("applicant", "call")
    application = get_object_or_404(dossiers, number=number)
    waiting = application.decisions.filter(
        kind=DecisionKind.PRESELECTION, released_at__isnull=True, meeting__isnull=False
    )
    decision = waiting.select_related(
        "application__call", "application__applicant", "merge_with__applicant", "rules"
    ).first()
    if decision is None or request.user.belongs_to(application.applicant_id):
        raise Http404
    [(_, notice)] = release.previews([decision])
    form = NoticeTextForm(request.POST or None, initial={"text": notice.text})
    if request.method == "POST" and form.is_valid():
        try:
            written = notices.write(application, notice, text=form.cleaned_data["text"], by=request.user)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            text = (
                "Uw tekst vertrekt bij de bekendmaking."
                if written
                else "De tekst van het portaal vertrekt bij de bekendmaking."
            )
            messages.success(request, text)
            return redirect("evaluation:feedback", number)
    context = {
        "application": application,
        "decision": decision,
        "notice": notice,
        "form": form,
        "outdated": None if notice.was_edited else notices.outdated(application, notice),
    }
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "evaluation/advice/feedback.html", context, status=status)
