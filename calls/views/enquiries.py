"""Questions about a call: a visitor asks, staff answers and publishes."""

import logging
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from calls.domain import enquiries
from calls.enums import CallState, EnquiryState
from calls.forms.public import AnswerForm, EnquiryForm, PublishForm, SetAsideForm
from calls.models import Call, Enquiry
from ibnportal.core import throttle
from ibnportal.core.access import PUBLIC, access
from ibnportal.core.accounts.enums import Role
from ibnportal.core.accounts.models import User
from ibnportal.core.errors import DomainError
from ibnportal.core.http import SignedInRequest, add_domain_error, domain_errors
from ibnportal.proxies import client_ip

logger = logging.getLogger(__name__)

MOST_AN_HOUR = 5
HOUR = 3600


@access(PUBLIC, subject="call")
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, code: str) -> HttpResponse:
    """The form of a visitor; so many questions an hour from one address."""
    call = get_object_or_404(Call.objects.visible_to(request.user), code=code)
    if call.state != CallState.PUBLISHED:
        messages.info(request, "Over deze oproep kunnen geen vragen meer gesteld worden.")
        return redirect("calls:detail", code)
    person = request.user if isinstance(request.user, User) else None
    known = {"email": person.email, "name": person.full_name} if person else {}
    form = EnquiryForm(request.POST if request.method == "POST" else None, initial=known)
    status = 200
    if request.method == "POST" and form.is_valid():
        if form.cleaned_data["website"]:
            logger.info("A program filled in the question form")
            return _thanks(request, code)
        if not throttle.allow(f"enquiry:{client_ip(request)}", limit=MOST_AN_HOUR, seconds=HOUR):
            form.add_error(
                None,
                f"U stelde al {MOST_AN_HOUR} vragen in het laatste uur. Wacht even, of stuur een mail naar {call.contact_email}. "
                "Uw tekst staat hieronder nog.",
            )
            status = 429
        else:
            values = form.cleaned_data
            try:
                enquiries.ask(call, question=values["question"], email=values["email"], name=values["name"], by=person)
            except DomainError as error:
                add_domain_error(form, error)
            else:
                return _thanks(request, code)
    if form.errors and status == 200:
        status = 422
    return render(request, "calls/enquiry_form.html", {"call": call, "form": form}, status=status)


def _thanks(request: HttpRequest, code: str) -> HttpResponse:
    messages.success(request, "We hebben uw vraag ontvangen. Het antwoord komt per mail.")
    return redirect(f"{reverse('calls:detail', args=[code])}#vragen")


# ---------------------------------------------------------------- staff


@access(Role.CASE_HANDLER, Role.ADMINISTRATOR)
@require_safe
def index(request: SignedInRequest) -> HttpResponse:
    """Every question, those that wait for an answer on top."""
    rows = list(Enquiry.objects.visible_to(request.user).select_related("call", "answered_by"))
    rows.sort(key=lambda row: row.state != EnquiryState.ASKED)
    context = {"rows": rows, "waiting": sum(row.state == EnquiryState.ASKED for row in rows)}
    return render(request, "calls/enquiries.html", context)


@access(Role.CASE_HANDLER, Role.ADMINISTRATOR, subject="enquiry")
@require_safe
def enquiry(request: SignedInRequest, pk: int) -> HttpResponse:
    """One question: its answer, and what is published of it."""
    return _page(request, _visible(request, pk))


@access(Role.CASE_HANDLER, Role.ADMINISTRATOR, subject="enquiry")
@require_POST
def answer(request: SignedInRequest, pk: int) -> HttpResponse:
    """Answer the asker by mail."""
    row = _visible(request, pk)
    form = AnswerForm(request.POST)
    if form.is_valid():
        try:
            enquiries.answer(row, text=form.cleaned_data["text"], by=request.user)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, f"Het antwoord gaat naar {row.asker_email}.")
            return redirect("calls:enquiry", pk)
    return _page(request, row, answer_form=form)


@access(Role.CASE_HANDLER, Role.ADMINISTRATOR, subject="enquiry")
@require_POST
def publish(request: SignedInRequest, pk: int) -> HttpResponse:
    """Put question and answer on the page of the call."""
    row = _visible(request, pk)
    form = PublishForm(request.POST, enquiry=row)
    if form.is_valid():
        try:
            enquiries.publish(row, question=form.cleaned_data["question"], by=request.user)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, "Vraag en antwoord staan op de bladzijde van de oproep.")
            return redirect("calls:enquiry", pk)
    return _page(request, row, publish_form=form)


@access(Role.CASE_HANDLER, Role.ADMINISTRATOR, subject="enquiry")
@require_POST
@domain_errors(redirect_to=lambda _request, pk: reverse("calls:enquiry", args=[pk]))
def withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take it off the page again."""
    enquiries.withdraw(_visible(request, pk), by=request.user)
    messages.success(request, "De vraag staat niet meer op de bladzijde van de oproep.")
    return redirect("calls:enquiry", pk)


@access(Role.CASE_HANDLER, Role.ADMINISTRATOR, subject="enquiry")
@require_POST
def set_aside(request: SignedInRequest, pk: int) -> HttpResponse:
    """Leave it without an answer, with the reason."""
    row = _visible(request, pk)
    form = SetAsideForm(request.POST)
    if form.is_valid():
        try:
            enquiries.set_aside(row, by=request.user, reason=form.cleaned_data["reason"])
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, "De vraag is afgehandeld zonder antwoord.")
            return redirect("calls:enquiries")
    return _page(request, row, aside_form=form)


def _visible(request: SignedInRequest, pk: int) -> Enquiry:
    return get_object_or_404(Enquiry.objects.visible_to(request.user).select_related("call", "answered_by"), pk=pk)


def _page(request: SignedInRequest, row: Enquiry, **forms: Any) -> HttpResponse:
    context = {
        "enquiry": row,
        "answer_form": AnswerForm(initial={"text": row.answer}),
        "publish_form": PublishForm(enquiry=row) if row.state == EnquiryState.ANSWERED else None,
        "aside_form": SetAsideForm() if row.state == EnquiryState.ASKED else None,
        **forms,
    }
    return render(request, "calls/enquiry.html", context, status=422 if forms else 200)
