"""Complaints about the handling: filing one, and the register of the case team."""

from datetime import datetime, time

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications.models import Application
from evaluation.domain import complaints
from evaluation.enums import ComplaintState
from evaluation.forms.afterwards import AnswerForm, ComplaintEntryForm, ComplaintForm, HandlerForm
from evaluation.models import Complaint
from ibnportal.core import clock
from ibnportal.core.access import SIGNED_IN, access
from ibnportal.core.accounts.enums import Role
from ibnportal.core.errors import DomainError
from ibnportal.core.exports import table_response, wants_export
from ibnportal.core.http import SignedInRequest, add_domain_error, shows_domain_errors

STAFF = (Role.CASE_HANDLER, Role.SECRETARY)
_COLUMNS = ("Nummer", "Ontvangen", "Hoe", "Wie", "Dossier", "Onderwerp", "Status", "Behandelaar", "Beantwoord")


@access(SIGNED_IN)
@require_safe
def index(request: SignedInRequest) -> HttpResponseBase:
    """The register for the case team, one's own complaints for everybody else."""
    found = Complaint.objects.visible_to(request.user).select_related("application", "handler")
    chosen = request.GET.get("status", "")
    if chosen in ComplaintState.values:
        found = found.filter(state=chosen)
    is_staff = request.user.has_role(*STAFF)
    if is_staff and (format_ := wants_export(request)):
        rows = (
            (
                row.number, row.received_at, row.get_channel_display(), row.complainant_name, row.application.number if row.application else "",
                row.subject, row.get_state_display(), str(row.handler or ""), row.answered_at,
            )
            for row in found
        )  # fmt: skip
        return table_response(format_, "klachten", _COLUMNS, rows)
    context = {"complaints": found, "is_staff": is_staff, "states": ComplaintState.choices, "chosen": chosen}
    return render(request, "evaluation/complaints/index.html", context)


@access(SIGNED_IN)
@require_http_methods(["GET", "HEAD", "POST"])
def file(request: SignedInRequest) -> HttpResponseBase:
    """File a complaint oneself."""
    own = (
        Application.objects.visible_to(request.user)
        .filter(applicant_id__in=request.user.organisation_ids)
        .order_by("number")
    )
    form = ComplaintForm(request.POST if request.method == "POST" else None, dossiers=own)
    if request.method == "POST" and form.is_valid():
        try:
            complaint = complaints.file(by=request.user, **form.cleaned_data)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(
                request, f"Uw klacht is ingeschreven met nummer {complaint.number}. U krijgt een ontvangstmelding."
            )
            return redirect("evaluation:complaint", complaint.pk)
    return render(request, "evaluation/complaints/file.html", {"form": form}, status=422 if form.is_bound else 200)


@access(*STAFF)
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: SignedInRequest) -> HttpResponseBase:
    """Enter a complaint that came by another way."""
    dossiers = Application.objects.visible_to(request.user).order_by("number")
    data = request.POST if request.method == "POST" else None
    form = ComplaintEntryForm(data, dossiers=dossiers, initial={"received_on": clock.today()})
    if request.method == "POST" and form.is_valid():
        fields = dict(form.cleaned_data)
        day = fields.pop("received_on")
        midnight = clock.moment(datetime.combine(day, time()).isoformat(timespec="minutes"))
        try:
            complaint = complaints.register(by=request.user, received_at=midnight, **fields)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, f"Ingeschreven met nummer {complaint.number}.")
            return redirect("evaluation:complaint", complaint.pk)
    return render(request, "evaluation/complaints/enter.html", {"form": form}, status=422 if form.is_bound else 200)


@access(SIGNED_IN, subject="complaint")
@require_http_methods(["GET", "HEAD", "POST"])
def complaint(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """One complaint: what it says, how it stands, and the answer."""
    found = _complaint(request, pk)
    answers = found.handler_id == request.user.pk and found.state == ComplaintState.IN_HAND
    form = AnswerForm(request.POST if request.method == "POST" else None) if answers else None
    if request.method == "POST" and form is not None and form.is_valid():
        try:
            complaints.answer(found, text=form.cleaned_data["answer"], by=request.user)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, "Het antwoord staat op het register en is onderweg.")
            return redirect("evaluation:complaint", pk)
    assigns = request.user.has_role(*STAFF) and found.state != ComplaintState.ANSWERED
    context = {
        "complaint": found,
        "is_staff": request.user.has_role(*STAFF),
        "form": form,
        "handler_form": HandlerForm(initial={"handler": found.handler_id or request.user.pk}) if assigns else None,
    }
    status = 422 if form is not None and form.is_bound else 200
    return render(request, "evaluation/complaints/complaint.html", context, status=status)


def _complaint(request: SignedInRequest, pk: int) -> Complaint:
    found = Complaint.objects.visible_to(request.user).select_related("application", "handler", "registered_by")
    return get_object_or_404(found, pk=pk)


@access(*STAFF, subject="complaint")
@require_POST
@shows_domain_errors(redirect_to=lambda _request, pk: reverse("evaluation:complaint", args=[pk]))
def assign(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Give the complaint to somebody who stood outside the dossier."""
    form = HandlerForm(request.POST)
    found = _complaint(request, pk)
    if form.is_valid():
        complaints.take_in_hand(found, handler=form.cleaned_data["handler"], by=request.user)
        messages.success(request, f"In behandeling bij {form.cleaned_data['handler']}.")
    else:
        messages.error(request, "Kies een behandelaar.")
    return redirect("evaluation:complaint", pk)
