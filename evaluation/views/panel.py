"""The case handler's side of the evaluation: experts, their scores beside each other, the panel's advice."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from applications.enums import ApplicationState
from evaluation.documents import scores as score_table
from evaluation.domain import conflicts, expert_opinions, experts, panel, scoring
from evaluation.forms.panel import ExtendForm, InviteForm, ReasonForm
from evaluation.models import Assignment, ConflictFinding
from evaluation.permissions import can_handle
from ibnportal.core.access import access
from ibnportal.core.accounts.enums import Role
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError
from ibnportal.core.exports import table_response, wants_export
from ibnportal.core.http import SignedInRequest, add_domain_error, domain_errors


def evaluated(request: SignedInRequest, number: str) -> Any:
    """The dossier with the call's figures and scale on it, or 404."""
    application = expert_opinions.evaluated(request.user, number)
    if application is None or not can_handle(request.user, application):
        raise Http404
    return application


def _overview(request: SignedInRequest, number: str, **_: Any) -> str:
    return reverse("evaluation:panel", args=[number])


def _experts(request: SignedInRequest, number: str, **_: Any) -> str:
    return reverse("evaluation:experts", args=[number])


@access(Role.CASE_HANDLER, subject="application")
@require_GET
def overview(request: SignedInRequest, number: str) -> HttpResponseBase:
    """Who stands where, and the scores of all who handed in beside each other."""
    application = evaluated(request, number)
    compared = expert_opinions.comparison(application, [step["label"] for step in application.scale_json])
    format_ = wants_export(request)
    if format_:
        trail.record("scores.exported", application, by=request.user, changes={"format": format_})
        return table_response(format_, f"scores-{number}", *score_table.table(compared))
    assignments = expert_opinions.assignments_of(application)
    has_lost = any(row.has_lost_scores for row in assignments)
    context = {
        "application": application,
        "assignments": assignments,
        "compared": compared,
        "handed_in": compared.experts,
        "leanings": list(zip(compared.experts, compared.tendencies, strict=True)),
        "lost": expert_opinions.void_scores(application) if has_lost else [],
        "grounds": [row for row in compared.experts if row.doubts_identity or row.distorts_market],
        "wanted": application.rules_json["min_experts"],
        "lacking": expert_opinions.lacking_expertise(assignments),
        "can_start": application.state == ApplicationState.P2_ADMISSIBLE,
        "is_open": application.state == ApplicationState.P2_EVALUATION,
    }
    return render(request, "evaluation/panel/overview.html", context)


@access(Role.CASE_HANDLER, subject="application")
@require_POST
@domain_errors(redirect_to=_overview)
def start(request: SignedInRequest, number: str) -> HttpResponseBase:
    """From admissible to in evaluation."""
    application = evaluated(request, number)
    panel.start_evaluation(application, by=request.user)
    messages.success(request, f"{number} is in beoordeling. Nodig nu deskundigen uit.")
    return redirect("evaluation:experts", number)


@access(Role.CASE_HANDLER, subject="application")
@require_http_methods(["GET", "HEAD", "POST"])
def pool(request: SignedInRequest, number: str) -> HttpResponseBase:
    """The pool beside this dossier: expertise, load, ties that were found; inviting happens here."""
    application = evaluated(request, number)
    rows = expert_opinions.pool(application)
    form = InviteForm(request.POST or None, pool=rows)
    if request.method == "POST" and form.is_valid():
        try:
            experts.invite(application, by=request.user, **form.cleaned_data)
        except DomainError as error:
            add_domain_error(form, error)
            rows = expert_opinions.pool(application)
        else:
            messages.success(request, f"{form.cleaned_data['expert']} is uitgenodigd.")
            return redirect("evaluation:experts", number)
    context = {
        "application": application,
        "rows": rows,
        "others": expert_opinions.findings_of_others(application, rows),
        "form": form,
        "reason_form": ReasonForm(auto_id=False),
        "can_start": application.state == ApplicationState.P2_ADMISSIBLE,
        "is_open": application.state == ApplicationState.P2_EVALUATION,
    }
    return render(request, "evaluation/panel/pool.html", context, status=422 if form.is_bound and form.errors else 200)


def _reason(request: SignedInRequest) -> str:
    form = ReasonForm(request.POST)
    if not form.is_valid():
        raise DomainError("Schrijf een reden; er is niets gewijzigd.")
    return str(form.cleaned_data["reason"])


def _on_assignment(
    request: SignedInRequest, number: str, pk: int, verb: Callable[..., Any], message: str
) -> HttpResponseBase:
    application = evaluated(request, number)
    assignment = get_object_or_404(
        Assignment.objects.visible_to(request.user)
        .filter(application=application)
        .select_related("expert", "application__call"),
        pk=pk,
    )
    verb(assignment, by=request.user)
    messages.success(request, message.format(expert=assignment.expert))
    return redirect("evaluation:panel", number)


@access(Role.CASE_HANDLER, subject="assignment")
@require_POST
@domain_errors(redirect_to=_overview)
def reopen(request: SignedInRequest, number: str, pk: int) -> HttpResponseBase:
    """Give an expert's scores back, with a reason."""
    verb = partial(scoring.reopen, reason=_reason(request))
    return _on_assignment(request, number, pk, verb, "De scores van {expert} zijn heropend.")


@access(Role.CASE_HANDLER, subject="assignment")
@require_POST
@domain_errors(redirect_to=_overview)
def take_back(request: SignedInRequest, number: str, pk: int) -> HttpResponseBase:
    """End an assignment, with a reason."""
    verb = partial(experts.release, reason=_reason(request))
    return _on_assignment(request, number, pk, verb, "De toewijzing aan {expert} is ingetrokken.")


@access(Role.CASE_HANDLER, subject="assignment")
@require_POST
@domain_errors(redirect_to=_overview)
def remind(request: SignedInRequest, number: str, pk: int) -> HttpResponseBase:
    """Write to an expert who has not handed in."""
    return _on_assignment(request, number, pk, experts.remind, "{expert} krijgt een herinnering.")


@access(Role.CASE_HANDLER, subject="assignment")
@require_POST
@domain_errors(redirect_to=_overview)
def extend(request: SignedInRequest, number: str, pk: int) -> HttpResponseBase:
    """Give an expert a later date, with a reason."""
    form = ExtendForm(request.POST)
    if not form.is_valid():
        raise DomainError("Kies een nieuwe dag en schrijf een reden; er is niets gewijzigd.")
    verb = partial(experts.extend, **form.cleaned_data)
    return _on_assignment(request, number, pk, verb, "{expert} heeft een latere dag.")


@access(Role.CASE_HANDLER, subject="conflictfinding")
@require_POST
@domain_errors(redirect_to=_experts)
def waive(request: SignedInRequest, number: str, pk: int) -> HttpResponseBase:
    """Judge that a tie which the portal found is no conflict."""
    application = evaluated(request, number)
    found = get_object_or_404(ConflictFinding.objects.visible_to(request.user).filter(application=application), pk=pk)
    conflicts.waive(found, reason=_reason(request), by=request.user)
    messages.success(request, "De vaststelling is opgeheven; de reden staat erbij.")
    return redirect("evaluation:experts", number)
