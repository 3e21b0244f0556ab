"""The progress of a call's screening: who has what, what is due this week, overdue first; and giving a dossier to somebody."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from applications.domain import handling
from applications.forms.screening import HandlerForm
from applications.models import Application
from calls.enums import PhaseNumber
from calls.models import Call
from ibnportal.core.access import access
from ibnportal.core.accounts.enums import Role
from ibnportal.core.accounts.models import User
from ibnportal.core.errors import DomainError
from ibnportal.core.exports import table_response, wants_export
from ibnportal.core.http import SignedInRequest, show_domain_error

_COLUMNS = (
    "Dossier", "Titel", "Aanvrager", "Status", "Behandelaar", "Beoordeeld", "Criteria", "Twijfels van het portaal", "Tegen",
    "Te laat",
)  # fmt: skip


def case_handlers() -> Any:
    """Everybody who can be given a dossier."""
    grants = {"role_grants__role": Role.CASE_HANDLER, "role_grants__revoked_at__isnull": True}
    return User.objects.filter(is_active=True, **grants).distinct().order_by("full_name")


@access(Role.CASE_HANDLER, Role.SECRETARY)
@require_safe
def page(request: SignedInRequest) -> HttpResponseBase:
    """The dossiers of one call and phase that are being screened."""
    visible = Application.objects.visible_to(request.user)
    calls = list(Call.objects.visible_to(request.user).annotate(**_counts_among(visible)).latest_first())
    if not calls:
        raise Http404
    call = next((call for call in calls if call.code == request.GET.get("oproep")), calls[0])
    counts = {phase: getattr(call, f"in_phase_{phase.value}") for phase in PhaseNumber}
    wanted = request.GET.get("fase", "")
    busiest = PhaseNumber.FULL_DOSSIER if counts[PhaseNumber.FULL_DOSSIER] else PhaseNumber.PRE_REGISTRATION
    phase = PhaseNumber(int(wanted)) if wanted in {"1", "2"} else busiest
    everything = handling.progress(call, phase, among=visible)
    whose = request.GET.get("wie", "")
    lines = [line for line in everything if _fits(line, whose, request.user)]
    if format_ := wants_export(request):
        return table_response(format_, f"screening-{call.code}-fase-{phase.value}", _COLUMNS, map(_exported, lines))
    acts = request.user.has_role(Role.CASE_HANDLER)
    context = {
        "call": call,
        "calls": calls,
        "phase": phase,
        "phases": [(number.value, number.label, counts[number]) for number in PhaseNumber],
        "lines": lines,
        "whose": whose,
        "acts": acts,
        "handlers": list(case_handlers()) if acts else [],
        "overdue": sum(line.is_overdue for line in everything),
        "this_week": sum(line.is_this_week for line in everything),
        "free": sum(line.handler is None for line in everything),
        "judged": sum(line.judged for line in everything),
        "criteria": sum(line.total for line in everything),
        "all_count": len(everything),
    }
    return render(request, "applications/screening/progress.html", context)


def _counts_among(visible: "QuerySet[Application]") -> dict[str, Count]:
    """How many of these dossiers are being screened in each phase, as columns of the calls: no query of its own."""
    return {
        f"in_phase_{phase.value}": Count(
            "applications",
            filter=Q(applications__in=visible, applications__state__in=handling.SCREENED[phase]),
            distinct=True,
        )
        for phase in PhaseNumber
    }


def _fits(line: handling.Line, whose: str, user: User) -> bool:
    if whose == "ik":
        return line.handler == user
    return line.handler is None if whose == "niemand" else True


def _exported(line: handling.Line) -> Sequence[Any]:
    application = line.application
    return (
        application.number,
        application.title,
        application.applicant.name,
        application.get_state_display(),
        str(line.handler or ""),
        line.judged,
        line.total,
        line.doubts,
        line.due_at,
        "ja" if line.is_overdue else "nee",
    )


@access(Role.CASE_HANDLER, subject="application")
@require_POST
def assign(request: SignedInRequest, number: str) -> HttpResponseBase:
    """Take a dossier up, or give it to a colleague."""
    application = get_object_or_404(Application.objects.visible_to(request.user), number=number)
    form = HandlerForm(request.POST, handlers=case_handlers())
    back = "applications:screening" if request.POST.get("terug") == "dossier" else "applications:screening_progress"
    target = redirect(back, number) if back == "applications:screening" else redirect(back)
    if not form.is_valid():
        messages.error(request, str(next(iter(form.errors.values()))[0]))
        return target
    handler = form.cleaned_data["handler"]
    try:
        handling.assign(application, handler=handler, by=request.user)
    except DomainError as error:
        show_domain_error(request, error)
    else:
        who = "U behandelt" if handler == request.user else f"{handler} behandelt"
        messages.success(request, f"{who} nu {application.number}.")
    return target
