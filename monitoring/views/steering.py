"""The steering group: planned and reported by the network, observed by the account manager."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ibnportal.core import clock, icalendar
from ibnportal.core.access import ORGANISATION, access
from ibnportal.core.accounts.enums import Role
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError
from ibnportal.core.exports import table_response, wants_export
from ibnportal.core.files.http import respond
from ibnportal.core.http import SignedInRequest, add_domain_error, domain_errors
from ibnportal.core.ui.formats import plain_date
from monitoring import permissions
from monitoring.documents.calendars import meeting_file
from monitoring.domain import steering
from monitoring.domain.overview import NetworkView
from monitoring.domain.queries import rules_row
from monitoring.forms.steering import CancelForm, MeetingForm, MinutesForm
from monitoring.models import SteeringMeeting
from monitoring.views.fetch import allow, visible_network, visible_view


def _back(request: SignedInRequest, code: str, pk: int) -> str:
    return reverse("monitoring:steering_meeting", args=[code, pk])


@access(*permissions.READERS, ORGANISATION, subject="network")
@require_safe
def index(request: SignedInRequest, code: str) -> HttpResponse:
    """Every meeting, what each lacks, and how often the observer was there."""
    return _list(request, visible_view(request, code))


def _list(request: SignedInRequest, view: NetworkView, *, form: MeetingForm | None = None) -> HttpResponse:
    network, at = view.network, clock.now()
    meetings = list(network.steering_meetings.order_by("-starts_at"))
    export = wants_export(request)
    if export:
        return table_response(export, f"stuurgroep-{network.code}", _COLUMNS, [_row(meeting) for meeting in meetings])
    rules = view.years[0].rules if view.years else rules_row(network).frozen()
    context = {
        "view": view,
        "network": network,
        "year": view.now,
        "rows": [(meeting, steering.findings_of(meeting, rules, at=at)) for meeting in meetings],
        "count_text": f"{len(meetings)} {'vergadering' if len(meetings) == 1 else 'vergaderingen'}",
        "years": [(shown.year, steering.attended(view.meetings, shown.year)) for shown in view.years],
        "needed": rules.min_steering_meetings_attended,
        "due_days": rules.minutes_due_days,
        "lacking": [finding for finding in view.steering if finding.rule_id == "H-14"],
        "now": at,
        "can_plan": permissions.can_keep_steering(request.user, network),
        "form": form or MeetingForm(),
    }
    return render(request, "monitoring/steering.html", context, status=422 if form is not None else 200)


_COLUMNS = ("Dag", "Van", "Tot", "Plaats", "Uitgenodigd op", "Verslag bezorgd op", "Waarnemer aanwezig", "Afgelast op")
_PRESENCE = {True: "ja", False: "nee", None: ""}


def _row(meeting: SteeringMeeting) -> list[Any]:
    starts_at = clock.local(meeting.starts_at)
    return [
        starts_at.date(), f"{starts_at:%H:%M}", f"{clock.local(meeting.ends_at):%H:%M}", meeting.location, meeting.invited_at,
        meeting.minutes_at, _PRESENCE[meeting.observer_present], meeting.cancelled_at,
    ]  # fmt: skip


@access(ORGANISATION, subject="network")
@require_POST
def plan(request: SignedInRequest, code: str) -> HttpResponse:
    """A meeting, with the invitation of the observer."""
    network = visible_network(request, code)
    allow(permissions.can_keep_steering(request.user, network))
    form = MeetingForm(request.POST)
    if form.is_valid():
        try:
            meeting = steering.plan(network, **form.facts(), by=request.user)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            _tell_planned(request, meeting)
            return redirect("monitoring:steering_meeting", code, meeting.pk)
    return _list(request, visible_view(request, code), form=form)


def _tell_planned(request: SignedInRequest, meeting: SteeringMeeting) -> None:
    if meeting.invited_at is not None:
        messages.success(request, "De vergadering is gepland en de accountmanager is uitgenodigd.")
    elif meeting.starts_at > clock.now():
        messages.warning(request, "De vergadering is gepland. Er is nog geen accountmanager om uit te nodigen.")
    else:
        messages.warning(request, "De vergadering is opgenomen, zonder uitnodiging: ze was al voorbij.")


def _meeting(request: SignedInRequest, code: str, pk: int) -> SteeringMeeting:
    network = visible_network(request, code)
    meetings = SteeringMeeting.objects.select_related(
        "network__beneficiary", "network__account_manager", "network__call", "minutes__blob", "planned_by",
        "observer_recorded_by",
    )  # fmt: skip
    return get_object_or_404(meetings, network=network, pk=pk)


def _kept(request: SignedInRequest, code: str, pk: int) -> SteeringMeeting:
    meeting = _meeting(request, code, pk)
    allow(permissions.can_keep_steering(request.user, meeting.network))
    return meeting


@access(*permissions.READERS, ORGANISATION, subject="network")
@require_safe
def detail(request: SignedInRequest, code: str, pk: int) -> HttpResponse:
    """One meeting."""
    return _page(request, _meeting(request, code, pk))


def _page(request: SignedInRequest, meeting: SteeringMeeting, *, status: int = 200, **forms: Any) -> HttpResponse:
    network, at = meeting.network, clock.now()
    rules = rules_row(network).frozen()
    is_standing = meeting.cancelled_at is None
    keeps = permissions.can_keep_steering(request.user, network) and is_standing
    present = [attendance.organisation for attendance in meeting.attendances.select_related("organisation")]
    context = {
        "network": network,
        "meeting": meeting,
        "findings": steering.findings_of(meeting, rules, at=at),
        "due_on": steering.minutes_due_on(meeting, rules),
        "present": present,
        "others": [line.strip() for line in meeting.other_attendees.splitlines() if line.strip()],
        "is_over": at >= meeting.ends_at,
        "has_begun": at >= meeting.starts_at,
        "keeps": keeps,
        "may_record": permissions.can_record_observer(request.user, network)
        and is_standing
        and at >= meeting.starts_at,
        "cancel_form": CancelForm(),
        "minutes_form": _minutes_form(meeting, {one.pk for one in present})
        if keeps and at >= meeting.starts_at
        else None,
        "history": [
            {
                "at": event.at,
                "text": _EVENTS.get(event.action, event.action),
                "by": event.actor_label,
                "reason": event.reason,
            }
            for event in reversed(trail.history(meeting))
        ],
        **forms,
    }
    return render(request, "monitoring/steering_meeting.html", context, status=status)


def _minutes_form(meeting: SteeringMeeting, present: set[int], *args: Any) -> MinutesForm:
    initial = {"others": meeting.other_attendees}
    return MinutesForm(*args, organisations=steering.who_may_sit(meeting), present=present, initial=initial)


_EVENTS = {
    "steeringmeeting.planned": "Gepland",
    "steeringmeeting.changed": "Gewijzigd",
    "steeringmeeting.invited": "Accountmanager uitgenodigd",
    "steeringmeeting.cancelled": "Afgelast",
    "steeringmeeting.minutes_handed_in": "Verslag bezorgd",
    "steeringmeeting.observer_recorded": "Aanwezigheid van de waarnemer vastgelegd",
}


@access(ORGANISATION, subject="network")
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: SignedInRequest, code: str, pk: int) -> HttpResponse:
    """Another moment, place or agenda."""
    meeting = _kept(request, code, pk)
    form = MeetingForm.of(request.POST or None, meeting)
    if request.method == "POST" and form.is_valid():
        try:
            steering.change(meeting, **form.facts(), by=request.user)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, "De vergadering is aangepast. Wie uitgenodigd was, krijgt de wijziging.")
            return redirect("monitoring:steering_meeting", code, pk)
    context = {"network": meeting.network, "meeting": meeting, "form": form}
    return render(request, "monitoring/steering_change.html", context, status=422 if form.is_bound else 200)


@access(ORGANISATION, subject="network")
@require_POST
@domain_errors(redirect_to=_back)
def invite(request: SignedInRequest, code: str, pk: int) -> HttpResponse:
    """Send the invitation (again)."""
    steering.invite(_kept(request, code, pk), by=request.user)
    messages.success(request, "De accountmanager is uitgenodigd, met een agendabestand.")
    return redirect("monitoring:steering_meeting", code, pk)


@access(ORGANISATION, subject="network")
@require_POST
def cancel(request: SignedInRequest, code: str, pk: int) -> HttpResponse:
    """It does not take place."""
    meeting = _kept(request, code, pk)
    form = CancelForm(request.POST)
    if form.is_valid():
        try:
            steering.cancel(meeting, reason=form.cleaned_data["reason"], by=request.user)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, "De vergadering is afgelast. Wie uitgenodigd was, krijgt bericht.")
            return redirect("monitoring:steering_meeting", code, pk)
    return _page(request, meeting, status=422, cancel_form=form)


@access(ORGANISATION, subject="network")
@require_POST
def hand_in(request: SignedInRequest, code: str, pk: int) -> HttpResponse:
    """The minutes, with who was there."""
    meeting = _kept(request, code, pk)
    form = _minutes_form(meeting, set(), request.POST, request.FILES)
    if form.is_valid():
        try:
            steering.hand_in_minutes(meeting, **form.facts(), by=request.user)
        except DomainError as error:
            add_domain_error(form, error, field="upload")
        else:
            messages.success(request, "Het verslag is bezorgd. De accountmanager kan het lezen.")
            return redirect("monitoring:steering_meeting", code, pk)
    return _page(request, meeting, status=422, minutes_form=form)


@access(Role.ACCOUNT_MANAGER, subject="network")
@require_POST
@domain_errors(redirect_to=_back)
def record_observer(request: SignedInRequest, code: str, pk: int) -> HttpResponse:
    """Whether the account manager sat at it."""
    meeting = _meeting(request, code, pk)
    allow(permissions.can_record_observer(request.user, meeting.network))
    answer = request.POST.get("aanwezig")
    if answer not in ("ja", "nee"):
        messages.error(request, "Kies of u aanwezig was: ja of nee.")
        return redirect("monitoring:steering_meeting", code, pk)
    steering.record_observer(meeting, present=answer == "ja", by=request.user)
    messages.success(
        request, f"Vastgelegd: u was op {plain_date(clock.local(meeting.starts_at).date())} "
        f"{'aanwezig' if answer == 'ja' else 'niet aanwezig'}."
    )  # fmt: skip
    return redirect("monitoring:steering_meeting", code, pk)


@access(*permissions.READERS, ORGANISATION, subject="network")
@require_safe
def minutes(request: SignedInRequest, code: str, pk: int) -> HttpResponseBase:
    """The minutes as they were handed in."""
    meeting = _meeting(request, code, pk)
    if meeting.minutes is None:
        raise Http404
    return respond(meeting.minutes, by=request.user, inline=True)


@access(*permissions.READERS, ORGANISATION, subject="network")
@require_safe
def calendar(request: SignedInRequest, code: str, pk: int) -> HttpResponse:
    """The meeting for an agenda."""
    content, name = meeting_file(_meeting(request, code, pk))
    response = HttpResponse(content, content_type=icalendar.CONTENT_TYPE)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response
