"""What comes after the project: plan, final evaluation, future and label; and over all clusters state aid and awards."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from calls.models import CallRules
from ibnportal.core import clock
from ibnportal.core.access import ORGANISATION, access
from ibnportal.core.accounts.enums import Role
from ibnportal.core.accounts.models import User
from ibnportal.core.errors import DomainError
from ibnportal.core.exports import table_response, wants_export
from ibnportal.core.http import SignedInRequest, add_domain_error
from ibnportal.core.money import ZERO
from monitoring import permissions
from monitoring.domain import aftermath, indicators, state_aid
from monitoring.enums import NetworkState
from monitoring.forms.aftermath import ConclusionForm, FutureForm, LabelForm, PlanForm
from monitoring.models import FuturePlan, LabelStatus, Network
from monitoring.views.fetch import allow, visible_network, visible_view


@access(*permissions.READERS, ORGANISATION, subject="network")
@require_safe
def future(request: SignedInRequest, code: str) -> HttpResponse:
    """Plan, final evaluation, what became of the network, and its label."""
    return _page(request, code)


def _page(request: SignedInRequest, code: str, **bound: forms.Form) -> HttpResponse:
    view = visible_view(request, code)
    network = view.network
    rules = view.years[0].rules if view.years else None
    evaluation = getattr(network, "final_evaluation", None)
    is_over = network.end_on is not None and clock.today() > network.end_on
    context: dict[str, Any] = {
        "view": view,
        "network": network,
        "year": view.now,
        "plans": list(FuturePlan.objects.filter(network=network).select_related("handed_in_by")),
        "plan_due_on": aftermath.plan_due_on(network, rules) if rules is not None else None,
        "futures": list(network.futures.all()),
        "labels": list(LabelStatus.objects.filter(network=network).select_related("recorded_by")),
        "evaluation": evaluation,
        "rows": [_row(row) for row in evaluation.indicators] if evaluation is not None else [],
        "chart": _chart(evaluation.indicators) if evaluation is not None else [],
        "table": indicators.table(network, None, years=len(view.years)) if evaluation is None and view.years else [],
        "checks": aftermath.preconditions(network) if network.state == NetworkState.FINAL_EVALUATION else [],
        "can_plan": permissions.can_plan_future(request.user, network),
        "can_follow": permissions.can_follow_afterwards(request.user, network),
        "can_begin": network.state == NetworkState.RUNNING and is_over,
        "plan_form": PlanForm(),
        "conclusion_form": ConclusionForm(),
        "future_form": FutureForm(initial={"as_of": clock.today()}),
        "label_form": LabelForm(initial={"since": clock.today()}),
        **bound,
    }
    return render(request, "monitoring/future.html", context, status=422 if bound else 200)


def _row(stored: dict[str, Any]) -> dict[str, Any]:
    return {name: value if name == "label" or value is None else Decimal(value) for name, value in stored.items()}


def _chart(stored: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    rows = [_row(one) for one in stored]
    return [
        (row["label"], row["reached"], row["target"]) for row in rows if row["reached"] is not None and row["target"]
    ]


@dataclass(frozen=True, slots=True)
class Step:
    """One form of the page: its name there, who may send it, the verb it leads to, and what is said afterwards."""

    form_name: str
    permitted: Callable[[User, Network], bool]
    verb: Callable[..., Any]
    done: str


PLAN = Step("plan_form", permissions.can_plan_future, aftermath.hand_in_plan, "Uw toekomstplan is bezorgd.")
CONCLUDE = Step(
    "conclusion_form",
    permissions.can_follow_afterwards,
    aftermath.conclude,
    "De eindevaluatie is vastgelegd en het project is afgesloten.",
)
RECORD = Step("future_form", permissions.can_follow_afterwards, aftermath.record_future, "De stand is vastgelegd.")
LABEL = Step("label_form", permissions.can_follow_afterwards, aftermath.set_label, "Het label is vastgelegd.")


def _take(request: SignedInRequest, code: str, step: Step, form: forms.Form) -> HttpResponse:
    network = visible_network(request, code)
    allow(step.permitted(request.user, network))
    if form.is_valid():
        try:
            step.verb(network, by=request.user, **form.cleaned_data)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, step.done)
            return redirect("monitoring:future", code)
    return _page(request, code, **{step.form_name: form})


@access(ORGANISATION, subject="network")
@require_POST
def plan(request: SignedInRequest, code: str) -> HttpResponse:
    """The network hands in its plan."""
    return _take(request, code, PLAN, PlanForm(request.POST))


@access(Role.ACCOUNT_MANAGER, subject="network")
@require_POST
def begin(request: SignedInRequest, code: str) -> HttpResponse:
    """The final evaluation begins."""
    network = visible_network(request, code)
    allow(permissions.can_follow_afterwards(request.user, network))
    try:
        aftermath.begin_evaluation(network, by=request.user)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "De eindevaluatie is begonnen.")
    return redirect("monitoring:future", code)


@access(Role.ACCOUNT_MANAGER, subject="network")
@require_POST
def conclude(request: SignedInRequest, code: str) -> HttpResponse:
    """The final evaluation ends the project."""
    return _take(request, code, CONCLUDE, ConclusionForm(request.POST))


@access(Role.ACCOUNT_MANAGER, subject="network")
@require_POST
def record(request: SignedInRequest, code: str) -> HttpResponse:
    """What became of the network, as of a day."""
    return _take(request, code, RECORD, FutureForm(request.POST))


@access(Role.ACCOUNT_MANAGER, subject="network")
@require_POST
def label(request: SignedInRequest, code: str) -> HttpResponse:
    """The network carries the label, or no longer does."""
    return _take(request, code, LABEL, LabelForm(request.POST))


# ---------------------------------------------------------------- over all clusters


@access(*permissions.READERS)
@require_safe
def aid(request: SignedInRequest) -> HttpResponse:
    """State aid of each cluster organisation over the years of the ceiling, and the awards to publish."""
    networks, today = Network.objects.visible_to(request.user), clock.today()
    row = CallRules.objects.filter(state_aid_years__isnull=False).select_related("call").order_by("-call__year", "-version").first()  # fmt: skip
    found = state_aid.clusters(networks, row.frozen(), on=today) if row is not None else []
    awards = state_aid.to_publish(state_aid.awards_of(networks))
    if export := wants_export(request):
        return table_response(export, "toekenningen", _AWARD_COLUMNS, map(_award, awards))
    context = {
        "clusters": found,
        "since": found[0].cumulation.since if found and found[0].cumulation else None,
        "ceiling": row.state_aid_ceiling if row is not None else None,
        "years": row.state_aid_years if row is not None else None,
        "exceeded": sum(bool(one.cumulation and one.cumulation.is_exceeded) for one in found),
        "total": sum((one.cumulation.awarded for one in found if one.cumulation), ZERO),
        "awards": awards,
        "tab": "staatssteun",
    }
    return render(request, "monitoring/state_aid.html", context)


_AWARD_COLUMNS = (
    "Begunstigde", "Ondernemingsnummer", "Postcode", "Netwerk", "Oproep", "Toegekend op", "Bedrag (euro)", "Instrument", "Doel",
    "Fonds",
)  # fmt: skip


def _award(decision: Any) -> list[Any]:
    """One award as a register of state aid asks it; what was never published stays empty."""
    network, call = decision.application.network, decision.application.call
    return [
        network.beneficiary.name, network.beneficiary.enterprise_number, network.beneficiary.postcode, network.name, call.name,
        decision.decided_on, decision.amount, "subsidie", "innovatiecluster", call.fund,
    ]  # fmt: skip
