"""The case handler's side of the evaluation: experts, their scores beside each other, the panel's advice."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from applications.enums import ApplicationState
from calls.enums import PhaseNumber
from evaluation.domain import conflicts, experts, panel, queries, scoring
from evaluation.forms.experts import show_findings
from evaluation.forms.panel import ExtendForm, InviteForm, PanelForm, ReasonForm
from evaluation.models import Assignment, ConflictFinding
from evaluation.permissions import can_handle
from ibnportal.core import clock
from ibnportal.core.access import access
from ibnportal.core.accounts.enums import Role
from ibnportal.core.errors import DomainError
from ibnportal.core.http import SignedInRequest, add_domain_error, domain_errors
from ibnportal.core.ui import formats


def _evaluated(request: SignedInRequest, number: str) -> Any:
    """The dossier with the call's figures and scale on it, or 404."""
    application = queries.evaluated(request.user, number)
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
    application = _evaluated(request, number)
    assignments = queries.assignments_of(application)
    scores = queries.handed_in(application)
    handed_in = list(scores)
    labels = [step["label"] for step in application.scale_json]
    rows = queries.matrix(queries.scored_criteria(scores.values()), labels, list(scores.values()))
    grounds = [row for row in handed_in if row.doubts_identity or row.distorts_market]
    context = {
        "application": application,
        "assignments": assignments,
        "handed_in": handed_in,
        "rows": rows,
        "grounds": grounds,
        "wanted": application.rules_json["min_experts"],
        "lacking": queries.lacking_expertise(assignments),
        "reason_form": ReasonForm(auto_id=False),
        "can_start": application.state == ApplicationState.P2_ADMISSIBLE,
        "is_open": application.state == ApplicationState.P2_EVALUATION,
    }
    return render(request, "evaluation/panel/overview.html", context)


@access(Role.CASE_HANDLER, subject="application")
@require_POST
@domain_errors(redirect_to=_overview)
def start(request: SignedInRequest, number: str) -> HttpResponseBase:
    """From admissible to in evaluation."""
    application = _evaluated(request, number)
    panel.start_evaluation(application, by=request.user)
    messages.success(request, f"{number} is in beoordeling. Nodig nu deskundigen uit.")
    return redirect("evaluation:experts", number)


@access(Role.CASE_HANDLER, subject="application")
@require_http_methods(["GET", "HEAD", "POST"])
def pool(request: SignedInRequest, number: str) -> HttpResponseBase:
    """The pool beside this dossier: expertise, load, ties that were found; inviting happens here."""
    application = _evaluated(request, number)
    rows = queries.pool(application)
    form = InviteForm(request.POST or None, pool=rows)
    if request.method == "POST" and form.is_valid():
        try:
            experts.invite(application, by=request.user, **form.cleaned_data)
        except DomainError as error:
            add_domain_error(form, error)
            rows = queries.pool(application)
        else:
            messages.success(request, f"{form.cleaned_data['expert']} is uitgenodigd.")
            return redirect("evaluation:experts", number)
    context = {
        "application": application,
        "rows": rows,
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
    application = _evaluated(request, number)
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
    application = _evaluated(request, number)
    found = get_object_or_404(ConflictFinding.objects.visible_to(request.user).filter(application=application), pk=pk)
    conflicts.waive(found, reason=_reason(request), by=request.user)
    messages.success(request, "De vaststelling is opgeheven; de reden staat erbij.")
    return redirect("evaluation:experts", number)


@access(Role.CASE_HANDLER, subject="application")
@require_http_methods(["GET", "HEAD", "POST"])
def advise(request: SignedInRequest, number: str) -> HttpResponseBase:
    """The panel's score per criterion and the advice; saved as typed until it is given."""
    application = _evaluated(request, number)
    if application.state != ApplicationState.P2_EVALUATION:
        return _given(request, application)
    form = _panel_form(application, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            panel.advise_phase2(application, by=request.user, **form.advice())
        except DomainError as error:
            show_findings(form, error)
        except ValueError:
            form.add_error("recommendation", "Kies een gunstig of een ongunstig advies.")
        else:
            messages.success(
                request, f"Het advies over {number} is gegeven. Het dossier staat klaar voor de rangschikking."
            )
            return redirect("evaluation:panel_advice", number)
    return _advise_page(request, application, form)


@access(Role.CASE_HANDLER, subject="application")
@require_POST
def save_draft(request: SignedInRequest, number: str) -> HttpResponseBase:
    """Keep the advice as typed."""
    application = _evaluated(request, number)
    form = _panel_form(application, request.POST)
    is_auto = request.headers.get("X-Autosave") == "1"
    try:
        panel.save_draft(application, content=form.typed(), by=request.user)
    except DomainError as error:
        if is_auto:
            return JsonResponse({"message": error.message}, status=400)
        messages.error(request, error.message)
        return redirect("evaluation:panel_advice", number)
    message = f"Bewaard om {formats.clock_time(clock.now())}."
    if is_auto:
        return JsonResponse({"message": message})
    messages.success(request, message)
    return redirect("evaluation:panel_advice", number)


def _panel_form(application: Any, data: Any) -> PanelForm:
    draft = getattr(application, "panel_draft", None)
    initial = dict(draft.content) if draft else {}
    if not draft and application.requested_grant is not None:
        initial["advised_amount"] = formats.number(application.requested_grant)
    return PanelForm(
        data,
        initial=initial,
        criteria=queries.criteria_of(application.call),
        scale=application.scale_json,
        least=application.rules_json["least"],
    )


def _advise_page(request: SignedInRequest, application: Any, form: PanelForm) -> HttpResponseBase:
    scores = queries.handed_in(application)
    handed_in = list(scores)
    matrix = queries.matrix(form.criteria, [step["label"] for step in application.scale_json], list(scores.values()))
    context = {
        "application": application,
        "form": form,
        "pairs": list(zip(form.rows(), matrix, strict=True)),
        "handed_in": handed_in,
        "wanted": application.rules_json["min_experts"],
        "draft": getattr(application, "panel_draft", None),
    }
    return render(
        request, "evaluation/panel/advise.html", context, status=422 if form.is_bound and form.errors else 200
    )


def _given(request: SignedInRequest, application: Any) -> HttpResponseBase:
    advice = application.advices.filter(phase=PhaseNumber.FULL_DOSSIER).select_related("given_by").first()
    if advice is None:
        messages.info(request, "Start eerst de beoordeling; daarna schrijft u het advies.")
        return redirect("evaluation:panel", application.number)
    scores = advice.panel_scores.select_related("criterion__dimension", "step")
    return render(
        request, "evaluation/panel/given.html", {"application": application, "advice": advice, "scores": scores}
    )
