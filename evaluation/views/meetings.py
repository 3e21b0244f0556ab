"""The committee's meetings: agenda, recusals, decisions, and the release with a preview of every mail."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications.enums import ENDED_STATES
from applications.models import Application, DossierBar
from calls.enums import CallState, PhaseNumber
from calls.models import Call
from evaluation.domain import committee, release
from evaluation.enums import MeetingState
from evaluation.forms.meetings import MeetingForm, PreselectionForm, RecusalForm, SupportForm
from evaluation.models import Advice, CallCeiling, Decision, Meeting, RankingEntry
from evaluation.permissions import can_lead_meeting, can_read_meeting
from ibnportal.core import clock
from ibnportal.core.access import access
from ibnportal.core.accounts.enums import Role
from ibnportal.core.errors import DomainError
from ibnportal.core.forms import among
from ibnportal.core.http import SignedInRequest, add_domain_error, shows_domain_errors
from ibnportal.core.money import format_euros

READERS = (Role.SECRETARY, Role.CASE_HANDLER, Role.COMMITTEE_MEMBER)


def meeting_url(request: SignedInRequest, pk: int, **_: Any) -> str:
    """Where a verb on a meeting returns to."""
    return reverse("evaluation:meeting", args=[pk])


def _meetings(request: SignedInRequest) -> "QuerySet[Meeting]":
    """Those this person may read: all for the case team, the own ones for a member."""
    meetings = Meeting.objects.select_related("call", "ranking")
    if request.user.has_role(Role.SECRETARY, Role.CASE_HANDLER):
        return meetings
    return meetings.filter(members=request.user)


def _meeting(request: SignedInRequest, pk: int) -> Meeting:
    meeting = get_object_or_404(_meetings(request), pk=pk)
    if not can_read_meeting(request.user, meeting):
        raise Http404
    return meeting


@access(*READERS)
@require_safe
def index(request: SignedInRequest) -> HttpResponseBase:
    """The meetings, newest first."""
    meetings = _meetings(request).annotate(
        decided=Count("decisions", distinct=True), people=Count("members", distinct=True)
    )
    newest = Call.objects.visible_to(request.user).filter(state=CallState.PUBLISHED).latest_first().first()
    context = {
        "meetings": meetings,
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
    return _meeting_page(request, _meeting(request, pk))


def _meeting_page(
    request: SignedInRequest, meeting: Meeting, *, recusal_form: RecusalForm | None = None
) -> HttpResponseBase:
    leads = can_lead_meeting(request.user) and meeting.state == MeetingState.PLANNED
    dossiers = list(committee.agenda(meeting, user=request.user).select_related("applicant"))
    members = list(meeting.members.all())
    if leads and recusal_form is None:
        recusal_form = _recusal_form(request, meeting)
        among(recusal_form, "member").choices = [
            ("", "Kies een lid"),
            *((person.pk, str(person)) for person in members),
        ]
        among(recusal_form, "application").choices = [("", "Kies een dossier"), *((d.pk, str(d)) for d in dossiers)]
    is_member_only = not request.user.has_role(Role.SECRETARY, Role.CASE_HANDLER)
    bars = DossierBar.objects.filter(application__in=[d.pk for d in dossiers], lifted_at__isnull=True, user__in=members)
    context = {
        "meeting": meeting,
        "items": _items(meeting, dossiers),
        "members": members,
        "recusals": [] if is_member_only else bars.select_related("user", "application"),
        "recusal_form": recusal_form if leads else None,
        "leads": leads,
        "is_released": meeting.state == MeetingState.RELEASED,
        "is_phase1": meeting.phase == PhaseNumber.PRE_REGISTRATION,
        "ceiling": _ceiling(meeting),
    }
    status = 422 if recusal_form is not None and recusal_form.is_bound else 200
    return render(request, "evaluation/meetings/meeting.html", context, status=status)


def _recusal_form(request: SignedInRequest, meeting: Meeting, data: Any = None) -> RecusalForm:
    return RecusalForm(data, members=meeting.members.all(), dossiers=committee.agenda(meeting, user=request.user))


def _items(meeting: Meeting, dossiers: list[Application]) -> list[dict[str, Any]]:
    """Each dossier of the agenda with its advice, its place and its decision; by place, then by number."""
    keys = [dossier.pk for dossier in dossiers]
    advices = {
        advice.application_id: advice for advice in Advice.objects.filter(application__in=keys, phase=meeting.phase)
    }
    decisions = {
        d.application_id: d for d in meeting.decisions.filter(application__in=keys).select_related("merge_with")
    }
    places = {}
    if meeting.ranking_id:
        places = {
            entry.application_id: entry
            for entry in RankingEntry.objects.filter(ranking=meeting.ranking_id, application__in=keys)
        }
    items = [
        {"dossier": d, "advice": advices.get(d.pk), "place": places.get(d.pk), "decision": decisions.get(d.pk)}
        for d in dossiers
    ]
    return sorted(
        items,
        key=lambda item: (item["place"] is None, item["place"].rank if item["place"] else 0, item["dossier"].number),
    )


def _ceiling(meeting: Meeting) -> dict[str, Any] | None:
    """What the call awarded and what is left, for a meeting on support."""
    if meeting.phase != PhaseNumber.FULL_DOSSIER:
        return None
    ceiling = CallCeiling.objects.filter(call=meeting.call_id).first()
    if ceiling is None:
        rules = meeting.call.rules()
        if rules.budget_available is None or rules.max_awards is None:
            return None
        ceiling = CallCeiling(call=meeting.call, budget=rules.budget_available, max_awards=rules.max_awards)
    return {
        "awarded": ceiling.awarded_amount,
        "budget": ceiling.budget,
        "left": ceiling.budget - ceiling.awarded_amount,
        "count": ceiling.awarded_count,
        "most": ceiling.max_awards + ceiling.review_extra_count,
        "of_most": f"van hoogstens {ceiling.max_awards + ceiling.review_extra_count}",
    }


@access(Role.SECRETARY, subject="meeting")
@require_POST
def recuse(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Keep a member out of a dossier."""
    meeting = _meeting(request, pk)
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
@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: SignedInRequest, pk: int, number: str) -> HttpResponseBase:
    """Record the decision on one dossier, with advice and place beside it."""
    meeting = _meeting(request, pk)
    application = get_object_or_404(
        committee.agenda(meeting, user=request.user).select_related("applicant", "call"), number=number
    )
    item = _items(meeting, [application])[0]
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
        "ceiling": _ceiling(meeting),
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
        initial |= {f"year_{year.project_year}": _typed(year.amount) for year in decision.years.all()}
        for row, condition in enumerate(decision.conditions.all(), start=1):
            initial |= {
                f"condition_{row}_kind": condition.kind,
                f"condition_{row}_text": condition.text,
                f"condition_{row}_blocks": condition.is_blocking,
            }
    return SupportForm(data, years=meeting.call.rules().project_years, initial=initial)


def _typed(amount: Any) -> str:
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
    meeting = _meeting(request, pk)
    decided = release.pending(meeting)
    undecided = committee.agenda(meeting).exclude(decisions__in=[decision.pk for decision in decided])
    context = {
        "meeting": meeting,
        "mails": release.previews(decided),
        "undecided": undecided if meeting.state == MeetingState.PLANNED else [],
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
    result = committee.release(_meeting(request, pk), by=request.user)
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
