"""One pitch: a booking with its mail, the deck, the calendar file, the notes; and admission together with a slot."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications.domain import notices, screening, snapshot
from applications.enums import ApplicationState, DocumentKind
from applications.models import Application
from calls.models import PitchSlot
from evaluation.documents.calendars import calendar_file
from evaluation.domain import pitches
from evaluation.forms.pitches import BookForm, CancelForm, NotesForm
from evaluation.models import Pitch
from evaluation.permissions import can_handle
from evaluation.views.pitch_days import slots_for
from ibnportal.core import clock
from ibnportal.core.access import ORGANISATION, access
from ibnportal.core.accounts.enums import Role
from ibnportal.core.errors import DomainError
from ibnportal.core.files import decks, store
from ibnportal.core.files.http import shows_files
from ibnportal.core.files.kinds import PDF, PPTX
from ibnportal.core.files.models import StoredFile
from ibnportal.core.http import SignedInRequest, add_domain_error

S = ApplicationState


def _dossier(request: SignedInRequest, number: str) -> Application:
    dossiers = Application.objects.visible_to(request.user).select_related("applicant", "call", "pitch__slot")
    application = get_object_or_404(dossiers, number=number)
    if not can_handle(request.user, application):
        raise Http404
    return application


@access(Role.CASE_HANDLER, subject="application")
@shows_files
@require_safe
def pitch(request: SignedInRequest, number: str) -> HttpResponseBase:
    """The pitch of one dossier: plan, move, or note it."""
    application = _dossier(request, number)
    return _pitch_page(request, application)


def _pitch_page(request: SignedInRequest, application: Application, **forms: Any) -> HttpResponseBase:
    booked: Pitch | None = getattr(application, "pitch", None)
    slot = booked.slot if booked is not None else None
    is_on = application.state == S.P1_ADMISSIBLE and booked is not None and slot is not None and booked.held_at is None
    can_note = is_on and slot is not None and slot.starts_at <= clock.now()
    can_plan = application.state == S.P1_ADMISSIBLE and (booked is None or booked.held_at is None) and not can_note
    slots = slots_for(application)
    notes = {name: getattr(booked, name) for name in pitches.TOPICS} if booked else {}
    context = {
        "application": application,
        "pitch": booked,
        "topics": [(label, notes.get(name, "")) for name, label in pitches.TOPICS.items()] if booked else [],
        "can_plan": can_plan,
        "can_note": can_note,
        "can_cancel": is_on and not can_note,
        "has_slots": slots.exists() if can_plan else False,
        "book_form": BookForm(slots=slots, shows_message=False, initial={"slot": slot and slot.pk})
        if can_plan
        else None,
        "notes_form": NotesForm(initial={**notes, "version": booked.notes_version if booked else 0})
        if can_note
        else None,
        "deck": deck_of(application),
        **forms,
    }
    given = (context["book_form"], context["notes_form"], context.get("cancel_form"))
    bound = any(form is not None and form.is_bound and form.errors for form in given)
    status = context.pop("status", 422 if bound else 200)
    return render(request, "evaluation/pitches/pitch.html", context, status=status)


def deck_of(application: Application) -> dict[str, Any] | None:
    """The presentation as it was handed in, to show in the page (PDF) or to read slide by slide (pptx)."""
    submission = application.latest_submission(1)
    if submission is None:
        return None
    item = snapshot.read(submission).document(DocumentKind.PITCH_DECK)
    if item is None:
        return None
    slides: tuple[decks.Slide, ...] = ()
    if item.file.content_type == PPTX:
        try:
            stored = StoredFile.objects.get(pk=item.file.id)
            slides = decks.read(store.read_bytes(stored), name=item.file.name)
        except (DomainError, FileNotFoundError, StoredFile.DoesNotExist):
            slides = ()
    return {"file": item.file, "is_pdf": item.file.content_type == PDF, "slides": slides}


@access(Role.CASE_HANDLER, subject="application")
@shows_files
@require_POST
def book(request: SignedInRequest, number: str) -> HttpResponseBase:
    """Give the dossier a slot: first the mail is shown, then it is sent."""
    application = _dossier(request, number)
    is_sending = request.POST.get("stap") == "verstuur"
    form = BookForm(request.POST, slots=slots_for(application), shows_message=is_sending)
    if not form.is_valid():
        return _pitch_page(request, application, book_form=form)
    slot = form.cleaned_data["slot"]
    if request.POST.get("stap") == "plan":
        try:
            pitches.plan(application, slot, by=request.user)
        except DomainError as error:
            add_domain_error(form, error)
            return _pitch_page(request, application, book_form=form)
        messages.success(
            request, f"{application.number} is gepland. De uitnodiging verstuurt u later, samen met de andere."
        )
        return redirect("evaluation:pitches")
    if not is_sending:
        notice = pitches.invitation(application, slot, is_first_news=False)
        form = BookForm(
            slots=slots_for(application), shows_message=True, initial={"slot": slot, "message": notice.text}
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
@shows_files
@require_POST
def cancel(request: SignedInRequest, number: str) -> HttpResponseBase:
    """Let the pitch fall away; who was invited hears it."""
    application = _dossier(request, number)
    booked = getattr(application, "pitch", None)
    if booked is None:
        raise Http404
    form = CancelForm(request.POST)
    if form.is_valid():
        try:
            pitches.cancel(booked, reason=form.cleaned_data["reason"], by=request.user)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, f"De pitch van {number} vervalt. Het moment is weer vrij.")
            return redirect("evaluation:pitches")
    return _pitch_page(request, application, cancel_form=form)


@access(Role.CASE_HANDLER, subject="application")
@shows_files
@require_POST
def hold(request: SignedInRequest, number: str) -> HttpResponseBase:
    """Notes while the talk goes on (also as one types), and the end of it: then they are complete and stand."""
    application = _dossier(request, number)
    booked = getattr(application, "pitch", None)
    if booked is None:
        raise Http404
    is_draft = request.POST.get("stap") == "bewaar" or "X-Autosave" in request.headers
    form = NotesForm(request.POST, is_final=not is_draft)
    valid = form.is_valid()
    typed = form.cleaned_data.get("version")
    version = booked.notes_version if typed is None else typed
    try:
        if is_draft and valid:
            kept = pitches.note(booked, notes=form.notes(), version=version, by=request.user)
            if "X-Autosave" in request.headers:
                at = f"{clock.local(clock.now()):%H.%M}"
                return JsonResponse({"message": f"Bewaard om {at} uur", "versions": {"version": kept.notes_version}})
            messages.success(request, "De notities zijn bewaard. U kunt verder schrijven.")
            return redirect("evaluation:pitch", number)
        if valid:
            pitches.hold(booked, notes=form.notes(), by=request.user)
            messages.success(request, "De pitch is genoteerd. Schrijf nu het advies.")
            return redirect("evaluation:advise", number)
    except pitches.NotesConflict as conflict:
        if "X-Autosave" in request.headers:
            return JsonResponse(
                {"message": "Een collega bewaarde andere notities. Klik op Bewaar om ze te zien."}, status=409
            )
        data = request.POST.copy()
        data["version"] = str(conflict.current.notes_version)
        form = NotesForm(data, is_final=False)
        form.is_valid()
        form.add_error(None, conflict.message)
        others = [(label, getattr(conflict.current, name)) for name, label in pitches.TOPICS.items()]
        return _pitch_page(request, application, notes_form=form, others_notes=others, status=409)
    except DomainError as error:
        add_domain_error(form, error)
    if "X-Autosave" in request.headers:
        return JsonResponse({"message": "Nog niet bewaard: klik op Bewaar om te zien waarom."}, status=422)
    return _pitch_page(request, application, notes_form=form)


@access(Role.CASE_HANDLER, subject="application")
@require_http_methods(["GET", "HEAD", "POST"])
def admit(request: SignedInRequest, number: str) -> HttpResponseBase:
    """Declare a pre-registration admissible, with its slot or without, after seeing the one mail that says so (AMB-27)."""
    application = _dossier(request, number)
    submission = application.latest_submission(1)
    obstacles = [] if submission is None else screening.obstacles(list(submission.checks.all()), admissible=True)
    slots = slots_for(application)
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
    if booked.invited_at is None and (booked.slot is None or not request.user.has_role(Role.CASE_HANDLER)):
        raise Http404  # planned and not told yet: for the applicant there is no appointment
    response = HttpResponse(calendar_file(booked), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="pitch-{number}.ics"'
    response["Cache-Control"] = "private, no-store"
    return response
