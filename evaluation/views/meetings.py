"""The committee's meetings: agenda, recusals, decisions, and the release with a preview of every mail."""

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.db.models import CharField, Count, Exists, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Cast, JSONObject
from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications.enums import ENDED_STATES
from applications.models import Application, DossierBar
from calls.enums import CallState, PhaseNumber
from calls.models import Call, CallRules
from evaluation.domain import committee, meetings, portfolio, release, sheets, shortlists
from evaluation.enums import DecisionOutcome, MeetingState
from evaluation.forms.meetings import (
    AttendanceForm,
    DescriptionForm,
    MeetingForm,
    PreselectionForm,
    RecusalForm,
    SupportForm,
)
from evaluation.models import Advice, Decision, Meeting
from evaluation.permissions import can_lead_meeting, can_read_meeting
from ibnportal.core import clock
from ibnportal.core.access import access
from ibnportal.core.accounts.enums import Role
from ibnportal.core.accounts.models import User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError
from ibnportal.core.forms import among
from ibnportal.core.http import SignedInRequest, add_domain_error, shows_domain_errors
from ibnportal.core.money import ZERO, format_euros

READERS = (Role.SECRETARY, Role.CASE_HANDLER, Role.COMMITTEE_MEMBER)


def meeting_url(request: SignedInRequest, pk: int, **_: Any) -> str:
    """Where a verb on a meeting returns to."""
    return reverse("evaluation:meeting", args=[pk])


def _meetings(request: SignedInRequest) -> "QuerySet[Meeting]":
    """Those this person may read: all for the case team; the own ones for a member, until the term after the release (CONF-01)."""
    rules = CallRules.objects.filter(call=OuterRef("call")).order_by("-version")
    figures = JSONObject(
        budget=Cast("budget_available", CharField()),
        most="max_awards",
        quorum=Cast("committee_quorum_fraction", CharField()),
    )
    found = Meeting.objects.select_related("call__ceiling", "ranking").annotate(
        figures=Subquery(rules.values(row=figures)[:1])
    )
    if request.user.has_role(Role.SECRETARY, Role.CASE_HANDLER):
        return found
    return found.filter(members=request.user, pk__in=Meeting.objects.open_to_members().values("pk"))


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def the_meeting(request: SignedInRequest, pk: int) -> Meeting:
    """The meeting, when this person may read it; 404 otherwise."""
    meeting = get_object_or_404(_meetings(request), pk=pk)
    if not can_read_meeting(request.user, meeting):
        raise Http404
    if request.method == "GET" and not request.user.has_role(Role.SECRETARY, Role.CASE_HANDLER):
        trail.record_look(meeting, by=request.user)
    return meeting


@access(*READERS)
@require_safe
def index(request: SignedInRequest) -> HttpResponseBase:
    """The meetings, newest first."""
    barred = DossierBar.objects.filter(user=request.user, lifted_at__isnull=True).values("application_id")
    found = _meetings(request).annotate(
        decided=Count("decisions", filter=~Q(decisions__application__in=barred), distinct=True),
        people=Count("members", distinct=True),
    )
    is_staff = request.user.has_role(Role.SECRETARY, Role.CASE_HANDLER)
    newest = Call.objects.visible_to(request.user).filter(state=CallState.PUBLISHED).latest_first().first()
    context = {
        "meetings": found,
        "closed": []
        if is_staff
        else Meeting.objects.filter(members=request.user).closed_to_members().select_related("call"),
        "leads": can_lead_meeting(request.user),
        "shortlist_code": newest.code if newest else "",
    }
    return render(request, "evaluation/meetings/index.html", context)


@access(Role.SECRETARY)
@require_http_methods(["GET", "HEAD", "POST"])
def plan(request: SignedInRequest) -> HttpResponseBase:
    """Plan a meeting."""
    calls = Call.objects.visible_to(request.user).latest_first()
    initial = {"phase": request.GET.get("fase", ""), "held_on": clock.today()}
    form = MeetingForm(request.POST or None, calls=calls, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            meeting = committee.plan_meeting(by=request.user, **form.cleaned_data)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, "De vergadering is gepland. Dit is haar agenda.")
            return redirect("evaluation:meeting", meeting.pk)
    return render(request, "evaluation/meetings/plan.html", {"form": form}, status=422 if form.is_bound else 200)


@access(*READERS, subject="meeting")
@require_safe
def meeting(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """The agenda with what was decided; a recused member does not see the dossier here either."""
    return _meeting_page(request, the_meeting(request, pk))


def _meeting_page(
    request: SignedInRequest,
    meeting: Meeting,
    *,
    recusal_form: RecusalForm | None = None,
    description_form: DescriptionForm | None = None,
) -> HttpResponseBase:
    leads = can_lead_meeting(request.user) and meeting.state == MeetingState.PLANNED
    dossiers = list(committee.agenda(meeting, user=request.user).select_related("applicant"))
    away = meeting.absences.filter(member=OuterRef("pk"))
    members = list(meeting.members.annotate(is_absent=Exists(away)))
    absent = {member.pk for member in members if member.is_absent}
    figures: dict[str, Any] = getattr(meeting, "figures")  # noqa: B009 - annotated by `_meetings`
    if leads and recusal_form is None:
        recusal_form = _recusal_form(request, meeting)
        among(recusal_form, "member").choices = [
            ("", "Kies een lid"),
            *((person.pk, str(person)) for person in members),
        ]
        among(recusal_form, "application").choices = [("", "Kies een dossier"), *((d.pk, str(d)) for d in dossiers)]
    is_member_only = not request.user.has_role(Role.SECRETARY, Role.CASE_HANDLER)
    keys = {dossier.pk for dossier in dossiers}
    recusals = [] if is_member_only else [bar for bar in meetings.recusals(meeting) if bar.application_id in keys]
    items = _items(request.user, meeting, dossiers)
    context = {
        "meeting": meeting,
        "items": items,
        "members": members,
        "absent": absent,
        "quorum": meetings.quorum_from(len(members), len(absent), _decimal(figures["quorum"])),
        "description_form": description_form or (_description_form(meeting) if leads else None),
        "obstacles": meetings.late_recusals(recusals, [item["decision"] for item in items if item["decision"]])
        if leads
        else [],
        "sheets": sheets.progress(meeting) if meeting.state == MeetingState.RELEASED and not is_member_only else None,
        "recusals": recusals,
        "recusal_form": recusal_form if leads else None,
        "leads": leads,
        "is_released": meeting.state == MeetingState.RELEASED,
        "is_phase1": meeting.phase == PhaseNumber.PRE_REGISTRATION,
        "ceiling": ceiling_of(request.user, meeting),
    }
    bound = [form for form in (recusal_form, description_form) if form is not None and form.is_bound]
    status = 422 if bound else 200
    return render(request, "evaluation/meetings/meeting.html", context, status=status)


def _recusal_form(request: SignedInRequest, meeting: Meeting, data: Any = None) -> RecusalForm:
    return RecusalForm(data, members=meeting.members.all(), dossiers=committee.agenda(meeting, user=request.user))


def _description_form(meeting: Meeting, data: Any = None) -> DescriptionForm:
    initial = {"starts_at": meeting.starts_at, "location": meeting.location, "notes": meeting.notes}
    return DescriptionForm(data, initial=initial, prefix="meeting")


def _items(user: User, meeting: Meeting, dossiers: list[Application]) -> list[dict[str, Any]]:
    """Each dossier of the agenda with its advice, its place and its decision; by place, then by number."""
    keys = [dossier.pk for dossier in dossiers]
    advices = {
        advice.application_id: advice for advice in Advice.objects.filter(application__in=keys, phase=meeting.phase)
    }
    decisions = {
        d.application_id: d for d in meeting.decisions.filter(application__in=keys).select_related("merge_with")
    }
    places = shortlists.meeting_places(user, meeting)
    items = [
        {"dossier": d, "advice": advices.get(d.pk), "place": places.get(d.number), "decision": decisions.get(d.pk)}
        for d in dossiers
    ]
    return sorted(
        items,
        key=lambda item: (item["place"] is None, item["place"].rank if item["place"] else 0, item["dossier"].number),
    )


def ceiling_of(user: User, meeting: Any) -> dict[str, Any] | None:
    """What the call awarded and what is left, for a meeting on support; who is barred from an award does not find it in the sum."""
    if meeting.phase != PhaseNumber.FULL_DOSSIER:
        return None
    budget, most = _decimal(meeting.figures["budget"]), meeting.figures["most"]
    if budget is None or most is None:
        return None
    barred = DossierBar.objects.filter(user=user, lifted_at__isnull=True).values("application_id")
    awarded = Decision.objects.standing().filter(application__call=meeting.call_id, outcome=DecisionOutcome.AWARDED)
    found = awarded.exclude(application__in=barred).aggregate(amount=Sum("amount"), count=Count("pk"))
    held = getattr(meeting.call, "ceiling", None)
    amount, most = found["amount"] or ZERO, most + (held.review_extra_count if held else 0)
    return {
        "awarded": amount,
        "budget": budget,
        "left": budget - amount,
        "count": found["count"],
        "most": most,
        "of_most": f"van hoogstens {most}",
    }


@access(Role.SECRETARY, subject="meeting")
@require_POST
def recuse(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Keep a member out of a dossier."""
    meeting = the_meeting(request, pk)
    form = _recusal_form(request, meeting, request.POST)
    if form.is_valid():
        try:
            bar = committee.recuse(meeting, by=request.user, **form.cleaned_data)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, f"{bar.user} ziet {bar.application.number} vanaf nu nergens meer.")
            return redirect("evaluation:meeting", pk)
    return _meeting_page(request, meeting, recusal_form=form)


@access(Role.SECRETARY, subject="meeting")
@require_POST
@shows_domain_errors(redirect_to=meeting_url)
def attend(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Note who is absent; the rest takes part."""
    meeting = the_meeting(request, pk)
    form = AttendanceForm(request.POST, members=meeting.members.all())
    if form.is_valid():
        absent = meetings.note_attendance(meeting, absent=form.cleaned_data["absent"], by=request.user)
        names = ", ".join(map(str, absent))
        messages.success(request, f"Afwezig: {names}." if absent else "Genoteerd: iedereen neemt deel.")
    else:
        messages.error(request, "Kies alleen leden van deze vergadering.")
    return redirect("evaluation:meeting", pk)


@access(Role.SECRETARY, subject="meeting")
@require_POST
def describe(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Hour, place and what is said besides the dossiers."""
    meeting = the_meeting(request, pk)
    form = _description_form(meeting, request.POST)
    if form.is_valid():
        try:
            meetings.describe(meeting, by=request.user, **form.cleaned_data)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, "Bewaard. Het staat in het verslag.")
            return redirect("evaluation:meeting", pk)
    return _meeting_page(request, meeting, description_form=form)


@access(Role.SECRETARY, subject="meeting")
@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: SignedInRequest, pk: int, number: str) -> HttpResponseBase:
    """Record the decision on one dossier, with advice and place beside it."""
    meeting = the_meeting(request, pk)
    application = get_object_or_404(
        committee.agenda(meeting, user=request.user).select_related("applicant", "call"), number=number
    )
    item = _items(request.user, meeting, [application])[0]
    form = _decision_form(request, meeting, application, item["decision"])
    if request.method == "POST" and form.is_valid():
        try:
            decision = _record(request, meeting, application, form)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            shown = f": {format_euros(decision.amount)}" if decision.amount else ""
            messages.success(
                request, f"{number}: {decision.get_outcome_display().lower()}{shown}. Nog niet bekendgemaakt."
            )
            return redirect("evaluation:meeting", pk)
    if request.method != "POST" and item["place"] is not None:
        expected = item["place"].is_within_budget and not item["place"].knockouts
    else:
        expected = None
    context = {
        "meeting": meeting,
        "application": application,
        "item": item,
        "form": form,
        "is_phase1": meeting.phase == PhaseNumber.PRE_REGISTRATION,
        "is_open": meeting.state == MeetingState.PLANNED,
        "ceiling": ceiling_of(request.user, meeting),
        "quorum": meetings.quorum_of(meeting, application),
        "past": portfolio.past_of([application])[application.applicant_id],
        "rules": meeting.call.rules(),
        "expected": expected,
    }
    return render(
        request, "evaluation/meetings/decide.html", context, status=422 if form.is_bound and form.errors else 200
    )


def _decision_form(
    request: SignedInRequest, meeting: Meeting, application: Application, decision: Decision | None
) -> PreselectionForm | SupportForm:
    """The form of the meeting's phase, filled with what was recorded before."""
    data = request.POST if request.method == "POST" else None
    initial: dict[str, Any] = {}
    if decision is not None:
        initial = {"outcome": decision.outcome, "reason": decision.reason, "merge_with": decision.merge_with_id}
        initial["deviation_reason"] = decision.deviation_reason
    if meeting.phase == PhaseNumber.PRE_REGISTRATION:
        others = Application.objects.visible_to(request.user).filter(call=meeting.call).exclude(pk=application.pk)
        return PreselectionForm(data, others=others.exclude(state__in=ENDED_STATES).order_by("number"), initial=initial)
    if decision is not None:
        initial |= {f"year_{year.project_year}": typed(year.amount) for year in decision.years.all()}
        for row, condition in enumerate(decision.conditions.all(), start=1):
            initial |= {
                f"condition_{row}_kind": condition.kind,
                f"condition_{row}_topic": condition.topic,
                f"condition_{row}_text": condition.text,
                f"condition_{row}_blocks": condition.is_blocking,
            }
    return SupportForm(data, years=meeting.call.rules().project_years, initial=initial)


def typed(amount: Any) -> str:
    """An amount as one types it."""
    return format_euros(amount).replace("€", "").strip("\N{NO-BREAK SPACE} ")


def _record(request: SignedInRequest, meeting: Meeting, application: Application, form: Any) -> Decision:
    """The one domain call behind the form."""
    data = form.cleaned_data
    if isinstance(form, PreselectionForm):
        return committee.record_preselection(
            meeting,
            application,
            outcome=data["outcome"],
            reason=data["reason"],
            merge_with=data["merge_with"],
            by=request.user,
        )
    is_award = data["outcome"] == "awarded"
    return committee.record_support(
        meeting,
        application,
        outcome=data["outcome"],
        reason=data["reason"],
        year_amounts=form.year_amounts() if is_award else {},
        conditions=form.conditions() if is_award else (),
        deviation_reason=data["deviation_reason"],
        by=request.user,
    )


@access(Role.SECRETARY, subject="meeting")
@require_safe
def preview(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Every mail as it goes out, before the one button that publishes all of it."""
    meeting = the_meeting(request, pk)
    own = set(committee.agenda(meeting, user=request.user).values_list("pk", flat=True))
    decided = [decision for decision in release.pending(meeting) if decision.application_id in own]
    undecided = committee.agenda(meeting, user=request.user).exclude(
        decisions__in=[decision.pk for decision in decided]
    )
    context = {
        "meeting": meeting,
        "mails": release.previews(decided),
        "undecided": undecided if meeting.state == MeetingState.PLANNED else [],
        "obstacles": meetings.obstacles(meeting),
        "hint": release.hint(meeting.call, meeting.phase),
        "is_open": meeting.state == MeetingState.PLANNED,
        "is_phase1": meeting.phase == PhaseNumber.PRE_REGISTRATION,
    }
    return render(request, "evaluation/meetings/preview.html", context)


@access(Role.SECRETARY, subject="meeting")
@require_POST
@shows_domain_errors(redirect_to=meeting_url)
def publish(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Release the meeting; twice is harmless."""
    result = committee.release(the_meeting(request, pk), by=request.user)
    if not (result.decisions or result.fallen):
        messages.info(
            request, "De beslissingen van deze vergadering waren al bekendgemaakt. Er is niets opnieuw verstuurd."
        )
    if result.decisions:
        count = len(result.decisions)
        messages.success(
            request,
            f"{count} {'beslissing is' if count == 1 else 'beslissingen zijn'} bekendgemaakt. De mails zijn onderweg.",
        )
    for application, reason in result.fallen:
        messages.warning(request, f"{application.number} is niet bekendgemaakt. {reason}")
    for application in result.without_address:
        messages.warning(
            request, f"{application.number}: er is geen adres bekend van {application.applicant}; laat het zelf weten."
        )
    return redirect("evaluation:meeting", pk)
