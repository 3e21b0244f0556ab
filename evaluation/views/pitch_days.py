"""The pitch days as a whole: laid out, filled, swapped, told, and printed for the day itself."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications.domain import notices
from applications.enums import ApplicationState
from applications.models import Application
from calls.models import Call, PitchSlot
from evaluation.domain import pitch_days, pitches
from evaluation.forms.pitches import LayoutForm, SwapForm
from evaluation.models import Pitch
from ibnportal.core import clock
from ibnportal.core.access import access
from ibnportal.core.accounts.enums import Role
from ibnportal.core.errors import DomainError
from ibnportal.core.exports import table_response, wants_export
from ibnportal.core.http import SignedInRequest, add_domain_error, show_domain_error

S = ApplicationState
_COLUMNS = ("Dag", "Van", "Tot", "Zaal", "Dossier", "Titel", "Aanvrager", "Stand")


def _call(request: SignedInRequest) -> Call | None:
    """The call that was asked for, or the newest with pitch slots."""
    calls = Call.objects.visible_to(request.user)
    if code := request.GET.get("oproep", ""):
        return get_object_or_404(calls, code=code)
    return calls.filter(pitch_slots__isnull=False).distinct().latest_first().first()


def _needed(request: SignedInRequest) -> Call:
    call = _call(request)
    if call is None:
        raise Http404
    return call


def _handled(request: SignedInRequest) -> Any:
    """Dossiers that this person may see and does not belong to."""
    return Application.objects.visible_to(request.user).exclude(applicant_id__in=request.user.organisation_ids)


@access(Role.CASE_HANDLER, Role.SECRETARY)
@require_safe
def overview(request: SignedInRequest) -> HttpResponseBase:
    """Every slot by day, who still waits for one, and whom nobody told yet."""
    return _overview(request)


def _overview(request: SignedInRequest, *, swap_form: SwapForm | None = None) -> HttpResponseBase:
    call = _call(request)
    rows = [] if call is None else _rows(request, call)
    if call is not None and (format_ := wants_export(request)):
        return table_response(format_, f"pitches-{call.code}", _COLUMNS, map(_exported, rows))
    by_day = [(day, list(on_day)) for day, on_day in groupby(rows, key=lambda row: row["day"])]
    days = [(day, on_day, any(row["is_free"] for row in on_day)) for day, on_day in by_day]
    acts = request.user.has_role(Role.CASE_HANDLER)
    waiting = Application.objects.visible_to(request.user).filter(call=call).exclude(pitch__slot__isnull=False)
    movable = [row["pitch"] for row in rows if row["pitch"] is not None and row["pitch"].held_at is None]
    for row in rows:
        row["is_movable"] = acts and row["pitch"] is not None and _is_movable(row, request)
    tradable = [row["pitch"] for row in rows if row["is_movable"]]
    if swap_form is None and len(tradable) > 1:
        swap_form = SwapForm(pitches=tradable)
    context = {
        "call": call,
        "days": days,
        "waiting": waiting.in_state(S.P1_ADMISSIBLE).select_related("applicant").order_by("number"),
        "untold": sum(not pitch.is_told for pitch in movable),
        "free": sum(row["is_free"] for row in rows),
        "total": len(rows),
        "acts": acts,
        "swap_form": swap_form if acts else None,
        "target": "evaluation:pitch" if acts else "evaluation:dossier",
        "action": "Kies een moment" if acts else "Open het dossier",
    }
    status = 422 if swap_form is not None and swap_form.is_bound and swap_form.errors else 200
    return render(request, "evaluation/pitches/overview.html", context, status=status)


def _rows(request: SignedInRequest, call: Call) -> list[dict[str, Any]]:
    """One row a slot; a pitch of a dossier that this person may not see shows as taken, without its name."""
    visible = Application.objects.visible_to(request.user).filter(pk=OuterRef("application_id"))
    given = Pitch.objects.filter(slot__call=call).annotate(is_visible=Exists(visible))
    taken = {pitch.slot_id: pitch for pitch in given.select_related("slot", "application__applicant")}
    now, rows = clock.now(), []
    for slot in call.pitch_slots.order_by("starts_at", "room"):
        pitch = taken.get(slot.pk)
        is_hidden = pitch is not None and not pitch.is_visible
        rows.append(
            {
                "slot": slot,
                "day": clock.local(slot.starts_at).date(),
                "pitch": None if is_hidden else pitch,
                "is_hidden": is_hidden,
                "is_free": pitch is None,
                "is_over": slot.starts_at <= now,
            }
        )
    return rows


def _is_movable(row: dict[str, Any], request: SignedInRequest) -> bool:
    pitch = row["pitch"]
    is_open = pitch.held_at is None and not row["is_over"] and pitch.application.state == S.P1_ADMISSIBLE
    return is_open and not request.user.belongs_to(pitch.application.applicant_id)


def _movable(request: SignedInRequest, call: Call | None) -> Any:
    """Pitches that can still trade places."""
    ahead = Pitch.objects.filter(
        application__in=_handled(request),
        application__state=S.P1_ADMISSIBLE,
        slot__call=call,
        slot__starts_at__gt=clock.now(),
        held_at__isnull=True,
    )
    return ahead.select_related("slot", "application").order_by("slot__starts_at", "slot__room")


def _exported(row: dict[str, Any]) -> Sequence[Any]:
    slot, pitch = row["slot"], row["pitch"]
    times = (row["day"], f"{clock.local(slot.starts_at):%H:%M}", f"{clock.local(slot.ends_at):%H:%M}", slot.room)
    if pitch is None:
        return (*times, "", "", "", "bezet" if row["is_hidden"] else "vrij")
    state = "genoteerd" if pitch.held_at else "uitgenodigd" if pitch.is_told else "nog niet uitgenodigd"
    return (*times, pitch.application.number, pitch.application.title, pitch.application.applicant.name, state)


@access(Role.CASE_HANDLER)
@require_http_methods(["GET", "HEAD", "POST"])
def layout(request: SignedInRequest) -> HttpResponseBase:
    """Make the slots of the pitch days, in one go."""
    calls = Call.objects.visible_to(request.user).latest_first()
    call = get_object_or_404(calls, code=request.GET["oproep"]) if request.GET.get("oproep") else calls.first()
    if call is None:
        raise Http404
    days = pitch_days.days_of(call)
    initial = {
        "days": "\n".join(f"{day:%d/%m/%Y}" for day in days), "starts": "09:00", "ends": "16:30", "minutes": 30,
        "pause": 0, "break_from": "12:00", "break_to": "13:00", "rooms": "",
    }  # fmt: skip
    form = LayoutForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            made = pitch_days.lay_out(
                call,
                days=form.cleaned_data["days"],
                rooms=form.cleaned_data["rooms"],
                layout=form.layout(),
                by=request.user,
            )
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, f"{len(made)} pitchmomenten toegevoegd.")
            return redirect("evaluation:pitches")
    context = {"call": call, "form": form}
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "evaluation/pitches/layout.html", context, status=status)


@access(Role.CASE_HANDLER)
@require_POST
def clear_day(request: SignedInRequest) -> HttpResponseBase:
    """Take away the free slots of one day."""
    call = _needed(request)
    days = {
        f"{day:%Y-%m-%d}": day
        for day in {clock.local(at).date() for at in call.pitch_slots.values_list("starts_at", flat=True)}
    }
    day = days.get(request.POST.get("dag", ""))
    if day is None:
        raise Http404
    gone = pitch_days.clear(call, day=day, by=request.user)
    messages.success(request, f"{gone} vrije momenten van {day:%d/%m/%Y} verwijderd.")
    return redirect("evaluation:pitches")


@access(Role.CASE_HANDLER)
@require_POST
def plan_all(request: SignedInRequest) -> HttpResponseBase:
    """Give everybody who waits the next free slot; nobody is told yet."""
    call = _needed(request)
    try:
        planned = pitches.plan_all(call, among=_handled(request), by=request.user)
    except DomainError as error:
        show_domain_error(request, error)
    else:
        text = f"{len(planned)} pitches gepland. Kijk het schema na en verstuur dan de uitnodigingen."
        messages.success(request, text if planned else "Er wacht niemand, of er is geen vrij moment meer.")
    return redirect("evaluation:pitches")


@access(Role.CASE_HANDLER)
@require_POST
def swap(request: SignedInRequest) -> HttpResponseBase:
    """Two initiatives trade places; nobody is told yet."""
    call = _call(request)
    tradable = {str(pitch.pk): pitch for pitch in _movable(request, call)}
    form = SwapForm(request.POST, pitches=list(tradable.values()))
    if form.is_valid():
        one, other = tradable[form.cleaned_data["one"]], tradable[form.cleaned_data["other"]]
        try:
            pitches.swap(one, other, by=request.user)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(
                request,
                f"{one.application.number} en {other.application.number} zijn gewisseld. Verstuur nog de uitnodigingen.",
            )
            return redirect("evaluation:pitches")
    return _overview(request, swap_form=form)


@access(Role.CASE_HANDLER)
@require_http_methods(["GET", "HEAD", "POST"])
def invite_all(request: SignedInRequest) -> HttpResponseBase:
    """The mails to everybody who does not know their (new) time yet: read and changed first, then sent."""
    call = _needed(request)
    untold = pitches.to_tell(call, among=_handled(request))
    to = notices.recipients(*(pitch.application for pitch in untold))
    rows: list[dict[str, Any]] = []
    for pitch in untold:
        slot = pitch.slot
        if slot is None:
            continue
        notice = pitches.invitation(pitch.application, slot, is_first_news=False, to=to[pitch.application_id])
        text = request.POST.get(f"tekst-{pitch.pk}", notice.text)[:20000]
        rows.append({"pitch": pitch, "notice": notice, "text": text})
    if request.method == "POST":
        sent = 0
        for row in rows:
            if f"tekst-{row['pitch'].pk}" not in request.POST:
                continue  # planned since the page was opened: nobody read that mail yet
            try:
                pitches.invite(row["pitch"], by=request.user, message=row["text"])
                sent += 1
            except DomainError as error:
                show_domain_error(request, error)
        if sent:
            messages.success(request, f"{sent} uitnodigingen verstuurd, elk met een agendabestand.")
        return redirect("evaluation:pitches")
    return render(request, "evaluation/pitches/invite_all.html", {"call": call, "rows": rows})


@access(Role.CASE_HANDLER, Role.SECRETARY)
@require_safe
def programme(request: SignedInRequest) -> HttpResponseBase:
    """The programme of the pitch days to print: who comes when, where, and with which presentation."""
    call = _needed(request)
    rows = [row for row in _rows(request, call) if not row["is_free"]]
    days = [(day, list(on_day)) for day, on_day in groupby(rows, key=lambda row: row["day"])]
    return render(request, "evaluation/pitches/programme.html", {"call": call, "days": days})


def slots_for(application: Application) -> Any:
    """Slots ahead that nobody has, or that this dossier has."""
    ahead = PitchSlot.objects.filter(call=application.call, starts_at__gt=clock.now())
    return (ahead.filter(pitches__isnull=True) | ahead.filter(pitches__application=application)).order_by(
        "starts_at", "room"
    )
