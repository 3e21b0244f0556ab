"""Pitch days: the slots, a booking with its mail, the calendar file, the notes; and admission together with a slot."""

from itertools import groupby
from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications.domain import notices, screening
from applications.enums import ApplicationState
from applications.models import Application
from calls.models import Call, PitchSlot
from evaluation.documents.calendars import calendar_file
from evaluation.domain import pitches
from evaluation.forms.pitches import BookForm, NotesForm
from evaluation.models import Pitch
from evaluation.permissions import can_handle
from ibnportal.core import clock
from ibnportal.core.access import ORGANISATION, access
from ibnportal.core.accounts.enums import Role
from ibnportal.core.errors import DomainError
from ibnportal.core.http import SignedInRequest, add_domain_error

S = ApplicationState


def _dossier(request: SignedInRequest, number: str) -> Application:
    dossiers = Application.objects.visible_to(request.user).select_related("applicant", "call", "pitch__slot")
    application = get_object_or_404(dossiers, number=number)
    if not can_handle(request.user, application):
        raise Http404
    return application


def _free_slots(application: Application) -> "QuerySet[PitchSlot]":
    """Slots ahead that nobody has, or that this dossier has."""
    ahead = PitchSlot.objects.filter(call=application.call, starts_at__gt=clock.now())
    return ahead.filter(Q(pitch__isnull=True) | Q(pitch__application=application)).order_by("starts_at", "room")


@access(Role.CASE_HANDLER, Role.SECRETARY)
@require_safe
def overview(request: SignedInRequest) -> HttpResponseBase:
    """Every slot of the newest call that has any, by day, and who still waits for one."""
    call = Call.objects.visible_to(request.user).filter(pitch_slots__isnull=False).distinct().latest_first().first()
    slots = [] if call is None else list(call.pitch_slots.select_related("pitch__application__applicant"))
    visible = set(Application.objects.visible_to(request.user).filter(call=call).values_list("pk", flat=True))
    days = [
        (day, [_slot_row(slot, visible) for slot in on_day])
        for day, on_day in groupby(slots, key=lambda slot: clock.local(slot.starts_at).date())
    ]
    waiting = Application.objects.visible_to(request.user).filter(call=call, pitch__isnull=True)
    acts = request.user.has_role(Role.CASE_HANDLER)
    context = {
        "call": call,
        "days": days,
        "waiting": waiting.in_state(S.P1_ADMISSIBLE).select_related("applicant"),
        "free": sum(getattr(slot, "pitch", None) is None for slot in slots),
        "total": len(slots),
        "target": "evaluation:pitch" if acts else "evaluation:dossier",
        "action": "Kies een moment" if acts else "Open het dossier",
    }
    return render(request, "evaluation/pitches/overview.html", context)


def _slot_row(slot: PitchSlot, visible: set[int]) -> dict[str, Any]:
    pitch = getattr(slot, "pitch", None)
    is_hidden = pitch is not None and pitch.application_id not in visible
    return {
        "slot": slot,
        "pitch": None if is_hidden else pitch,
        "is_hidden": is_hidden,
        "is_over": slot.starts_at <= clock.now(),
    }


@access(Role.CASE_HANDLER, subject="application")
@require_safe
def pitch(request: SignedInRequest, number: str) -> HttpResponseBase:
    """The pitch of one dossier: plan, move, or note it."""
    application = _dossier(request, number)
    return _pitch_page(request, application)


def _pitch_page(request: SignedInRequest, application: Application, **forms: Any) -> HttpResponseBase:
    booked = getattr(application, "pitch", None)
    can_plan = application.state == S.P1_ADMISSIBLE and (booked is None or booked.held_at is None)
    can_note = application.state == S.P1_ADMISSIBLE and booked is not None and booked.slot.starts_at <= clock.now()
    slots = _free_slots(application)
    context = {
        "application": application,
        "pitch": booked,
        "topics": [(label, getattr(booked, name)) for name, label in pitches.TOPICS.items()] if booked else [],
        "can_plan": can_plan and not can_note,
        "can_note": can_note,
        "has_slots": slots.exists() if can_plan else False,
        "book_form": BookForm(slots=slots, shows_message=False, initial={"slot": booked and booked.slot_id})
        if can_plan
        else None,
        "notes_form": NotesForm() if can_note else None,
        **forms,
    }
    bound = any(
        form is not None and form.is_bound and form.errors for form in (context["book_form"], context["notes_form"])
    )
    return render(request, "evaluation/pitches/pitch.html", context, status=422 if bound else 200)


@access(Role.CASE_HANDLER, subject="application")
@require_POST
def book(request: SignedInRequest, number: str) -> HttpResponseBase:
    """Give the dossier a slot: first the mail is shown, then it is sent."""
    application = _dossier(request, number)
    is_sending = request.POST.get("stap") == "verstuur"
    form = BookForm(request.POST, slots=_free_slots(application), shows_message=is_sending)
    if not form.is_valid():
        return _pitch_page(request, application, book_form=form)
    slot = form.cleaned_data["slot"]
    if not is_sending:
        notice = pitches.invitation(application, slot, is_first_news=False)
        form = BookForm(
            slots=_free_slots(application), shows_message=True, initial={"slot": slot, "message": notice.text}
        )
        return _pitch_page(request, application, book_form=form, notice=notice)
    try:
        pitches.book(application, slot, by=request.user, message=form.cleaned_data["message"])
    except DomainError as error:
        add_domain_error(form, error)
        return _pitch_page(request, application, book_form=form)
    messages.success(
        request,
        f"{application.number} komt pitchen op {clock.local(slot.starts_at):%d/%m/%Y om %H.%M uur}. De uitnodiging is verstuurd.",
    )
    return redirect("evaluation:pitches")


@access(Role.CASE_HANDLER, subject="application")
@require_POST
def hold(request: SignedInRequest, number: str) -> HttpResponseBase:
    """Note the pitch."""
    application = _dossier(request, number)
    booked = getattr(application, "pitch", None)
    if booked is None:
        raise Http404
    form = NotesForm(request.POST)
    if form.is_valid():
        try:
            pitches.hold(booked, notes=form.cleaned_data, by=request.user)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, "De pitch is genoteerd. Schrijf nu het advies.")
            return redirect("evaluation:advise", number)
    return _pitch_page(request, application, notes_form=form)


@access(Role.CASE_HANDLER, subject="application")
@require_http_methods(["GET", "HEAD", "POST"])
def admit(request: SignedInRequest, number: str) -> HttpResponseBase:
    """Declare a pre-registration admissible, with its slot or without, after seeing the one mail that says so (AMB-27)."""
    application = _dossier(request, number)
    submission = application.latest_submission(1)
    obstacles = [] if submission is None else screening.obstacles(list(submission.checks.all()), admissible=True)
    slots = _free_slots(application)
    step = request.POST.get("stap", "")
    notice = None
    if request.method == "POST":
        form = BookForm(request.POST, slots=slots, shows_message=step == "verstuur", is_optional=True)
        if form.is_valid():
            slot = form.cleaned_data["slot"]
            if step == "verstuur":
                try:
                    message = form.cleaned_data["message"]
                    if slot is None:
                        screening.conclude(application, admissible=True, by=request.user, message=message)
                    else:
                        pitches.admit(application, slot, by=request.user, message=message)
                except DomainError as error:
                    add_domain_error(form, error)
                else:
                    messages.success(
                        request, f"{application.number} is ontvankelijk verklaard. De aanvrager krijgt de mail."
                    )
                    return redirect("applications:screening", number)
            else:
                notice = _admission(application, slot)
                form = BookForm(
                    slots=slots, shows_message=True, is_optional=True, initial={"slot": slot, "message": notice.text}
                )
    else:
        form = BookForm(slots=slots, shows_message=False, is_optional=True, initial={"slot": slots.first()})
    context = {
        "application": application,
        "form": form,
        "notice": notice or _admission(application, None),
        "shows_message": "message" in form.fields,
        "obstacles": obstacles,
        "is_open": application.state == S.P1_SUBMITTED,
    }
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "evaluation/pitches/admit.html", context, status=status)


def _admission(application: Application, slot: PitchSlot | None) -> notices.Notice:
    if slot is None:
        return screening.preview(application, admissible=True)
    return pitches.invitation(application, slot, is_first_news=True)


@access(ORGANISATION, Role.CASE_HANDLER, subject="application")
@require_safe
def calendar(request: SignedInRequest, number: str) -> HttpResponseBase:
    """The appointment for an agenda; for the applicant's people and the case team."""
    booked = get_object_or_404(
        Pitch.objects.filter(application__in=Application.objects.visible_to(request.user)).select_related(
            "slot", "application__call"
        ),
        application__number=number,
    )
    response = HttpResponse(calendar_file(booked), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="pitch-{number}.ics"'
    response["Cache-Control"] = "private, no-store"
    return response
