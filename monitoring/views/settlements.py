"""The settlement of a project year: what it needs, what it would come to, and what it came to."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from ibnportal.core.access import ORGANISATION, access
from ibnportal.core.accounts.enums import Role
from ibnportal.core.errors import DomainError
from ibnportal.core.findings import has_errors
from ibnportal.core.http import SignedInRequest, add_domain_error
from ibnportal.core.money import ZERO
from monitoring import permissions
from monitoring.domain import overview, settlements
from monitoring.domain.payable import Line
from monitoring.domain.reports import accepted_costs_of
from monitoring.forms.payments import SettlementForm
from monitoring.models import Settlement
from monitoring.views.fetch import allow, visible_year, visible_years


@access(*permissions.READERS, ORGANISATION, subject="network")
@require_safe
def settlement(request: SignedInRequest, code: str, year: int) -> HttpResponse:
    """Before: preconditions and preview (`?vermindering=…` counts with one). After: the settlement as it stands."""
    return _page(request, code, year)


def _page(request: SignedInRequest, code: str, number: int, *, form: SettlementForm | None = None) -> HttpResponse:
    _, year = visible_years(request, code, number)
    network = year.year.network
    made = (
        Settlement.objects.filter(award_year=year.year).select_related("settled_by", "recovery", "rules__call").first()
    )
    context: dict[str, Any] = {
        "network": network,
        "year": year,
        "settlement": made,
        "can_settle": permissions.can_propose(request.user, network),
        "is_officer": request.user.has_role(Role.FINANCIAL_OFFICER) and not request.user.has_role(Role.ACCOUNT_MANAGER),
    }
    if made is not None:
        context["lines"] = [Line.from_dict(line) for line in made.derivation["lines"]]
        context["recovery"] = getattr(made, "recovery", None)
        return render(request, "monitoring/settlement.html", context)
    asked = SettlementForm(request.GET) if form is None and "reduction" in request.GET else form
    reduction = ZERO
    if asked is not None and asked.is_valid():
        reduction = asked.cleaned_data["reduction"] or ZERO
    checks = settlements.conditions(year.year, report=year.report, first=year.first)
    figures = overview.preview(year, accepted_costs=accepted_costs_of(year.year), reduction=reduction)
    context.update(
        checks=checks,
        is_ready=not has_errors(checks),
        figures=figures,
        lines=list(figures.lines),
        form=asked or SettlementForm(),
    )
    return render(request, "monitoring/settlement_preview.html", context, status=422 if form is not None else 200)


@access(Role.ACCOUNT_MANAGER, Role.FINANCIAL_OFFICER, subject="network")
@require_POST
def settle(request: SignedInRequest, code: str, year: int) -> HttpResponse:
    """Settle the year, once."""
    award_year = visible_year(request, code, year)
    allow(permissions.can_propose(request.user, award_year.network))
    form = SettlementForm(request.POST)
    if form.is_valid():
        try:
            made = settlements.settle(
                award_year,
                by=request.user,
                reduction=form.cleaned_data["reduction"] or ZERO,
                reduction_reason=form.cleaned_data["reduction_reason"],
            )
        except DomainError as error:
            add_domain_error(form, error, field="reduction_reason" if error.rule_id == "SUB-02" else None)
        else:
            messages.success(request, _outcome(made))
            return redirect("monitoring:settlement", code, year)
    return _page(request, code, year, form=form)


def _outcome(made: Settlement) -> str:
    if made.balance > ZERO:
        return "Het projectjaar is afgerekend. De tweede schijf is voorgesteld; een andere persoon geeft ze vrij."
    if made.balance < ZERO:
        return "Het projectjaar is afgerekend. De terugvordering is vastgelegd en gemeld aan het netwerk."
    return "Het projectjaar is afgerekend. Er is niets meer uit te betalen of terug te vorderen."
