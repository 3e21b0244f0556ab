"""Pre-discussions: the asker's page and the case handler's, which is the same one with more to do on it."""

from itertools import groupby
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from calls import permissions
from calls.domain import papers, prediscussions
from calls.enums import PaperKind, PrediscussionState
from calls.forms.public import AdviceForm, PlanForm, PrediscussionForm, SlotsForm
from calls.models import Call, Prediscussion
from ibnportal.core import clock, icalendar
from ibnportal.core.access import ORGANISATION, access
from ibnportal.core.accounts.enums import Role
from ibnportal.core.errors import DomainError
from ibnportal.core.files.http import respond
from ibnportal.core.http import SignedInRequest, add_domain_error, domain_errors

S = PrediscussionState
READERS = (ORGANISATION, Role.CASE_HANDLER, Role.ADMINISTRATOR)
HANDLERS = (Role.CASE_HANDLER, Role.ADMINISTRATOR)


@access(*READERS)
@require_safe
def index(request: SignedInRequest) -> HttpResponse:
    """One's own ideas; for case handlers all of them, those that wait on top."""
    rows = list(Prediscussion.objects.visible_to(request.user).select_related("call", "organisation", "slot"))
    order = list(S)
    rows.sort(key=lambda row: (order.index(S(row.state)), row.slot.starts_at if row.slot else row.asked_at))
    context = {
        "rows": rows,
        "handles": permissions.handles_calls(request.user),
        "calls": _open_calls(),
    }
    return render(request, "calls/prediscussions.html", context)


def _open_calls() -> list[Call]:
    found = []
    for call in Call.objects.filter(state="published").exclude(prediscussion_intro="").prefetch_related("phases"):
        try:
            prediscussions.refuse_unless_possible(call, at=clock.now())
        except DomainError:
            continue
        found.append(call)
    return found


@access(ORGANISATION, subject="call")
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: SignedInRequest, code: str) -> HttpResponse:
    """The form of this call; when it is too late it says so instead."""
    call = get_object_or_404(Call.objects.visible_to(request.user), code=code)
    asked_at = clock.now()
    form = PrediscussionForm(
        request.POST if request.method == "POST" else None, request.FILES or None, user=request.user
    )
    refusal = ""
    try:
        prediscussions.refuse_unless_possible(call, at=asked_at)
    except DomainError as error:
        refusal = error.message
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        try:
            asked = prediscussions.ask(
                call, values.pop("organisation"), by=request.user, upload=values.pop("file"), at=asked_at, **values
            )
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, "We hebben uw vraag ontvangen. Een tijdstip volgt per mail.")
            return redirect("calls:prediscussion", asked.pk)
    templates = [paper for paper in papers.in_force(call) if paper.kind == PaperKind.PREDISCUSSION]
    context = {"call": call, "form": form, "refusal": refusal, "templates": templates}
    return render(request, "calls/prediscussion_form.html", context, status=422 if form.errors else 200)


@access(*READERS, subject="prediscussion")
@require_safe
def prediscussion(request: SignedInRequest, pk: int) -> HttpResponse:
    """One idea: what was asked, when the talk is, and the advice."""
    return _page(request, _visible(request, pk))


@access(*READERS, subject="prediscussion")
@require_safe
def file(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """The filled template."""
    row = _visible(request, pk)
    if row.file is None:
        raise Http404
    return respond(row.file, by=request.user)


@access(*READERS, subject="prediscussion")
@require_safe
def appointment(request: SignedInRequest, pk: int) -> HttpResponse:
    """The talk as a calendar file."""
    row = _visible(request, pk)
    if row.slot is None or row.planned_at is None:
        raise Http404
    content = icalendar.calendar_file(
        icalendar.Appointment(
            uid=f"voorbespreking-{row.pk}@ibn-portaal",
            summary=f"Voorbespreking {row.title}",
            location=row.slot.place,
            starts_at=row.slot.starts_at,
            ends_at=row.slot.ends_at,
            stamped_at=row.planned_at,
            sequence=int(row.planned_at.timestamp()),
        )
    )
    response = HttpResponse(content, content_type=icalendar.CONTENT_TYPE)
    response["Content-Disposition"] = f'attachment; filename="voorbespreking-{row.pk}.ics"'
    return response


@access(*HANDLERS, subject="prediscussion")
@require_POST
def plan(request: SignedInRequest, pk: int) -> HttpResponse:
    """Give it a slot, or another one."""
    row = _visible(request, pk)
    form = PlanForm(request.POST, slots=prediscussions.free_slots(row.call, at=clock.now()))
    if form.is_valid():
        try:
            prediscussions.plan(row, form.cleaned_data["slot"], by=request.user)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, f"Gepland op {row.slot}. De uitnodiging is verstuurd.")
            return redirect("calls:prediscussion", pk)
    return _page(request, row, plan_form=form)


@access(*HANDLERS, subject="prediscussion")
@require_POST
def advise(request: SignedInRequest, pk: int) -> HttpResponse:
    """Put the advice on record and send it."""
    row = _visible(request, pk)
    form = AdviceForm(request.POST)
    if form.is_valid():
        try:
            prediscussions.advise(row, advice=form.cleaned_data["advice"], by=request.user)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, "Het advies is bewaard en verstuurd.")
            return redirect("calls:prediscussion", pk)
    return _page(request, row, advice_form=form)


@access(*READERS, subject="prediscussion")
@require_POST
@domain_errors(redirect_to=lambda _request, pk: reverse("calls:prediscussion", args=[pk]))
def withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    """Call it off; the slot is free again."""
    prediscussions.withdraw(_visible(request, pk), by=request.user)
    messages.success(request, "De voorbespreking is ingetrokken. Het moment is weer vrij.")
    return redirect("calls:prediscussions")


@access(*HANDLERS, subject="call")
@require_http_methods(["GET", "HEAD", "POST"])
def slots(request: SignedInRequest, code: str) -> HttpResponse:
    """The slots of a call by day, and who has them."""
    call = get_object_or_404(Call.objects.visible_to(request.user).prefetch_related("milestones"), code=code)
    days = prediscussions.days_of(call)
    form = SlotsForm(request.POST if request.method == "POST" else None, days=days)
    if request.method == "POST" and form.is_valid():
        try:
            made = prediscussions.lay_out_slots(call, by=request.user, **form.cleaned_data)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, f"{len(made)} momenten toegevoegd.")
            return redirect("calls:prediscussion_slots", code)
    rows = list(call.prediscussion_slots.select_related("prediscussion__organisation"))
    by_day = [
        (day, [(slot, getattr(slot, "prediscussion", None)) for slot in on_day])
        for day, on_day in groupby(rows, key=lambda slot: clock.local(slot.starts_at).date())
    ]
    context = {"call": call, "form": form if days else None, "days": by_day}
    return render(request, "calls/prediscussion_slots.html", context, status=422 if form.errors else 200)


def _visible(request: SignedInRequest, pk: int) -> Prediscussion:
    rows = Prediscussion.objects.visible_to(request.user)
    return get_object_or_404(
        rows.select_related("call", "organisation", "slot", "asked_by", "advised_by", "file__blob"), pk=pk
    )


def _page(request: SignedInRequest, row: Prediscussion, **forms: Any) -> HttpResponse:
    handles, at = permissions.handles_calls(request.user), clock.now()
    is_live = row.state in {S.ASKED, S.PLANNED}
    free = prediscussions.free_slots(row.call, at=at)
    context = {
        "prediscussion": row,
        "handles": handles,
        "can_withdraw": is_live,
        "plan_form": PlanForm(slots=free) if handles and is_live and free.exists() else None,
        "lacks_slots": handles and is_live and not free.exists(),
        "advice_form": AdviceForm() if handles and is_live and (row.slot is None or row.slot.starts_at <= at) else None,
        **forms,
    }
    return render(request, "calls/prediscussion.html", context, status=422 if forms else 200)
