"""The panel's advice: written and saved as typed, handed to a second reader, approved or sent back, revised until the decision."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from applications.enums import ApplicationState
from evaluation.domain import accepted_costs, advised, expert_opinions, panel
from evaluation.forms.experts import show_findings
from evaluation.forms.panel import PanelForm, ReadingForm
from evaluation.models import AdviceVersion
from evaluation.views.panel import evaluated
from ibnportal.core import clock
from ibnportal.core.access import access
from ibnportal.core.accounts.enums import Role
from ibnportal.core.errors import DomainError
from ibnportal.core.http import SignedInRequest, domain_errors
from ibnportal.core.ui import formats


def _advice(request: SignedInRequest, number: str, **_: Any) -> str:
    return reverse("evaluation:panel_advice", args=[number])


@access(Role.CASE_HANDLER, subject="application")
@require_http_methods(["GET", "HEAD", "POST"])
def advise(request: SignedInRequest, number: str) -> HttpResponseBase:
    """Write the advice; read it once it waits for a second reader or is given."""
    application = evaluated(request, number)
    versions = advised.versions_of(application)
    is_waiting = any(not version.outcome for version in versions)
    if application.state != ApplicationState.P2_EVALUATION or is_waiting:
        return _read(request, application, versions)
    return _write(request, application, versions, initial=_draft(application, versions))


@access(Role.CASE_HANDLER, subject="application")
@require_http_methods(["GET", "HEAD", "POST"])
def revise(request: SignedInRequest, number: str) -> HttpResponseBase:
    """Write a given advice anew, as long as the committee has not decided; the earlier version is kept."""
    application = evaluated(request, number)
    versions = advised.versions_of(application)
    if application.state != ApplicationState.P2_ADVISED or any(not version.outcome for version in versions):
        return redirect("evaluation:panel_advice", number)
    draft = getattr(application, "panel_draft", None)
    initial = dict(draft.content) if draft else panel.as_typed(versions[0].content) if versions else {}
    return _write(request, application, versions, initial=initial)


def _draft(application: Any, versions: list[AdviceVersion]) -> dict[str, Any]:
    draft = getattr(application, "panel_draft", None)
    if draft:
        return dict(draft.content)
    if versions:
        return panel.as_typed(versions[0].content)
    if application.requested_grant is not None:
        return {"advised_amount": formats.number(application.requested_grant)}
    return {}


def _write(
    request: SignedInRequest, application: Any, versions: list[AdviceVersion], *, initial: dict[str, Any]
) -> HttpResponseBase:
    form = _form(application, request.POST or None, initial)
    if request.method == "POST" and form.is_valid():
        try:
            version = panel.hand_over(application, by=request.user, **form.advice())
        except DomainError as error:
            show_findings(form, error)
        except ValueError:
            form.add_error("recommendation", "Kies een gunstig of een ongunstig advies.")
        else:
            messages.success(
                request, f"Versie {version.version} van het advies ligt klaar voor een tweede lezer. U krijgt bericht."
            )
            return redirect("evaluation:panel_advice", application.number)
    scores = expert_opinions.handed_in(application)
    matrix = expert_opinions.matrix(
        form.criteria, [step["label"] for step in application.scale_json], list(scores.values())
    )
    context = {
        "application": application,
        "form": form,
        "pairs": list(zip(form.rows(), matrix, strict=True)),
        "handed_in": list(scores),
        "wanted": application.rules_json["min_experts"],
        "draft": getattr(application, "panel_draft", None),
        "returned": versions[0] if versions and versions[0].outcome == "returned" else None,
        "is_revision": application.state == ApplicationState.P2_ADVISED,
        "share": application.call.rules().grant_fraction * 100,
    }
    return render(
        request, "evaluation/panel/advise.html", context, status=422 if form.is_bound and form.errors else 200
    )


def _form(application: Any, data: Any, initial: dict[str, Any]) -> PanelForm:
    return PanelForm(
        data,
        initial=initial,
        criteria=expert_opinions.criteria_of(application.call),
        scale=application.scale_json,
        least=application.rules_json["least"],
        requested=accepted_costs.requested_costs(application),
    )


@access(Role.CASE_HANDLER, subject="application")
@require_POST
def save_draft(request: SignedInRequest, number: str) -> HttpResponseBase:
    """Keep the advice as typed."""
    application = evaluated(request, number)
    form = _form(application, request.POST, {})
    is_auto = request.headers.get("X-Autosave") == "1"
    back = "evaluation:panel_revise" if application.state == ApplicationState.P2_ADVISED else "evaluation:panel_advice"
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
    return redirect(back, number)


def _read(request: SignedInRequest, application: Any, versions: list[AdviceVersion]) -> HttpResponseBase:
    waiting = next((version for version in versions if not version.outcome), None)
    reading = advised.of_version(waiting) if waiting else advised.standing(application, versions)
    if reading is None:
        messages.info(request, "Start eerst de beoordeling; daarna schrijft u het advies.")
        return redirect("evaluation:panel", application.number)
    context = {
        "application": application,
        "reading": reading,
        "versions": versions,
        "waiting": waiting,
        "may_read": waiting is not None and waiting.written_by_id != request.user.pk,
        "may_revise": waiting is None and application.state == ApplicationState.P2_ADVISED,
        "shown": waiting or next((version for version in versions if version.outcome == "approved"), None),
        "form": ReadingForm(auto_id="lezing_%s"),
    }
    return render(request, "evaluation/panel/given.html", context)


@access(Role.CASE_HANDLER, subject="adviceversion")
@require_GET
def version(request: SignedInRequest, number: str, pk: int) -> HttpResponseBase:
    """An earlier version, as it was handed over."""
    application = evaluated(request, number)
    found = _version(request, application, pk)
    context = {
        "application": application,
        "reading": advised.of_version(found),
        "shown": found,
        "versions": advised.versions_of(application),
        "is_earlier": True,
    }
    return render(request, "evaluation/panel/given.html", context)


def _version(request: SignedInRequest, application: Any, pk: int) -> AdviceVersion:
    versions = AdviceVersion.objects.visible_to(request.user).filter(application=application)
    return get_object_or_404(versions.select_related("application", "written_by", "read_by"), pk=pk)


@access(Role.CASE_HANDLER, subject="adviceversion")
@require_POST
@domain_errors(redirect_to=_advice)
def approve(request: SignedInRequest, number: str, pk: int) -> HttpResponseBase:
    """The second reader agrees."""
    found = _version(request, evaluated(request, number), pk)
    panel.approve(found, by=request.user, remark=_remark(request))
    messages.success(request, f"Het advies over {number} is gegeven. Het dossier staat klaar voor de rangschikking.")
    return redirect("evaluation:panel_advice", number)


@access(Role.CASE_HANDLER, subject="adviceversion")
@require_POST
@domain_errors(redirect_to=_advice)
def send_back(request: SignedInRequest, number: str, pk: int) -> HttpResponseBase:
    """The second reader does not agree."""
    found = _version(request, evaluated(request, number), pk)
    panel.send_back(found, reason=_remark(request), by=request.user)
    messages.success(request, f"Versie {found.version} is teruggestuurd; {found.written_by} krijgt uw opmerking.")
    return redirect("evaluation:panel_advice", number)


def _remark(request: SignedInRequest) -> str:
    form = ReadingForm(request.POST)
    if not form.is_valid():
        raise DomainError("Uw opmerking is te lang; er is niets gewijzigd.")
    return str(form.cleaned_data["remark"])
