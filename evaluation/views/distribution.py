"""The pool of experts, and its distribution over the dossiers of a call: proposed by the portal, adjusted by hand, confirmed at once."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from applications.enums import ApplicationState
from applications.models import Application
from calls.models import Call
from evaluation.domain import distribution, experts, scorers
from evaluation.forms.pool import DistributionForm, EntryForm, LeaveForm, ProfileForm
from ibnportal.core import clock
from ibnportal.core.access import access
from ibnportal.core.accounts.enums import Role
from ibnportal.core.errors import DomainError
from ibnportal.core.http import SignedInRequest, add_domain_error

TWO_WEEKS = timedelta(days=14)


POOL = (Role.CASE_HANDLER, Role.SECRETARY)


@access(*POOL)
@require_GET
def pool(request: SignedInRequest) -> HttpResponseBase:
    """Everyone in the pool: knowledge, languages, availability, load, and how they score beside the others."""
    rows = list(distribution.pool())
    tendencies = scorers.tendencies_of(request.user)
    context = {
        "rows": [(row, getattr(row, "expert_profile", None), tendencies.get(row.pk)) for row in rows],
        "distributes": request.user.has_role(Role.CASE_HANDLER),
        "calls": Call.objects.visible_to(request.user).filter(
            pk__in=Application.objects.visible_to(request.user)
            .filter(state=ApplicationState.P2_EVALUATION)
            .values("call_id")
        ),
    }
    return render(request, "evaluation/pool/index.html", context)


@access(*POOL)
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: SignedInRequest) -> HttpResponseBase:
    """Take somebody into the pool and invite them by mail."""
    form = EntryForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            expert = experts.enter(by=request.user, **form.cleaned_data)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, f"{expert} staat in de pool en krijgt een mail.")
            return redirect("evaluation:expert_pool")
    return _page(request, "evaluation/pool/enter.html", {"form": form}, form)


@access(*POOL, subject="user")
@require_POST
def leave(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Take somebody out of the pool, with a reason."""
    expert = get_object_or_404(distribution.pool(), pk=pk)
    form = LeaveForm(request.POST)
    if form.is_valid():
        try:
            experts.leave(expert, by=request.user, reason=form.cleaned_data["reason"])
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, f"{expert} staat niet meer in de pool. De scores van vroeger blijven.")
            return redirect("evaluation:expert_pool")
    context = {
        "expert": expert,
        "form": ProfileForm(instance=getattr(expert, "expert_profile", None)),
        "leave_form": form,
    }
    return _page(request, "evaluation/pool/profile.html", context, form)


@access(*POOL, subject="user")
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """What one expert knows, for whom she works, and when she is there."""
    expert = get_object_or_404(distribution.pool(), pk=pk)
    form = ProfileForm(request.POST or None, instance=getattr(expert, "expert_profile", None))
    if request.method == "POST" and form.is_valid():
        try:
            experts.keep_profile(expert, by=request.user, **form.cleaned_data)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, f"Het profiel van {expert} is bewaard.")
            return redirect("evaluation:expert_pool")
    return _page(
        request, "evaluation/pool/profile.html", {"expert": expert, "form": form, "leave_form": LeaveForm()}, form
    )


@access(Role.CASE_HANDLER, subject="call")
@require_http_methods(["GET", "HEAD", "POST"])
def distribute(request: SignedInRequest, code: str) -> HttpResponseBase:
    """The proposal, place by place, to adjust and to confirm in one go."""
    call = get_object_or_404(Call.objects.visible_to(request.user), code=code)
    due_on = _due_on(request) or clock.today() + TWO_WEEKS
    rows = distribution.of_call(request.user, call, until_on=due_on)
    form = DistributionForm(request.POST or None, rows=rows, initial={"due_on": due_on})
    if request.method == "POST" and form.is_valid():
        try:
            invited = experts.invite_all(form.places(), due_on=form.cleaned_data["due_on"], by=request.user)
        except DomainError as error:
            add_domain_error(form, error)
            for row in rows:
                row.application.refresh_from_db()
        else:
            number = len(invited)
            messages.success(
                request,
                f"{number} {'uitnodiging is' if number == 1 else 'uitnodigingen zijn'} verstuurd. Wie weigert, ziet u bij het dossier.",
            )
            return redirect("evaluation:distribution", code)
    pairs = [(row, [(slot, form[slot.name]) for slot in row.slots], form[row.extra.name]) for row in rows]
    context = {"call": call, "pairs": pairs, "form": form, "due_on": due_on}
    return _page(request, "evaluation/pool/distribution.html", context, form)


def _due_on(request: HttpRequest) -> Any:
    """The day that was typed, where it is one: who is away before it is not proposed."""
    form = DistributionForm(request.POST or request.GET or None, rows=())
    return form.cleaned_data.get("due_on") if form.is_bound and (form.is_valid() or form.cleaned_data) else None


def _page(request: HttpRequest, template: str, context: dict[str, Any], form: Any) -> HttpResponseBase:
    return render(request, template, context, status=422 if form.is_bound and form.errors else 200)
