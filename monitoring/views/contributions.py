"""The co-financing ledger of one project year: entered by the network, judged by the account manager."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ibnportal.core import clock
from ibnportal.core.access import ORGANISATION, access
from ibnportal.core.accounts.domain.people import find_or_register_organisation
from ibnportal.core.accounts.enums import Role
from ibnportal.core.accounts.models import Organisation
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError
from ibnportal.core.exports import table_response, wants_export
from ibnportal.core.files.http import respond
from ibnportal.core.findings import has_errors
from ibnportal.core.http import SignedInRequest, add_domain_error, domain_errors
from monitoring import permissions
from monitoring.domain import contribution_checks, contributions, ledger, pledges, settlements
from monitoring.domain.queries import rules_row
from monitoring.enums import ContributionState
from monitoring.forms.contributions import ContributionForm, RefusalForm
from monitoring.forms.ledger import CreditForm, TextForm
from monitoring.models import Contribution
from monitoring.views.fetch import allow, visible_year, visible_years

PER_PAGE = 50
SORTS = {
    "betaler": ("payer__name", "invoiced_on"),
    "factuur": ("invoice_number",),
    "datum": ("invoiced_on", "id"),
    "bedrag": ("amount", "id"),
    "status": ("state", "invoiced_on"),
}


def _back(request: SignedInRequest, code: str, year: int, **_: object) -> str:
    return reverse("monitoring:contributions", args=[code, year])


def _back_to_one(request: SignedInRequest, code: str, year: int, pk: int) -> str:
    return reverse("monitoring:contribution", args=[code, year, pk])


@access(*permissions.READERS, ORGANISATION, subject="network")
@require_safe
def index(request: SignedInRequest, code: str, year: int) -> HttpResponse:
    """Every contribution of the year, whether it counts and by which rule not, with the split as it stands."""
    years, shown_year = visible_years(request, code, year)
    network = shown_year.year.network
    asked = request.GET.get("sorteer", "datum")
    order = SORTS.get(asked.lstrip("-"), SORTS["datum"])
    order = (f"-{order[0]}", *order[1:]) if asked.startswith("-") else order
    wanted = request.GET.get("toon", "")
    listed = ledger.chosen(shown_year.year, wanted).order_by(*order)
    export = wants_export(request)
    if export:
        return table_response(
            export,
            f"bijdragen-{code}-jaar{year}",
            _COLUMNS,
            [_row(row, found) for row, found in ledger.with_findings(listed, shown_year.year, shown_year.rules)],
        )
    counts = ledger.counts(shown_year.year, wanted)
    page = Paginator(range(counts.shown), PER_PAGE).get_page(request.GET.get("pagina"))
    shown = listed[max(page.start_index() - 1, 0) : page.end_index()]
    rows = [
        (row, found, has_errors(found)) for row, found in ledger.with_findings(shown, shown_year.year, shown_year.rules)
    ]
    before = next((one.year for one in years if one.year.project_year == year - 1), None)
    outlook, spread = ledger.outlook_and_spread(shown_year.year, shown_year.rules, before=before, on=clock.today())
    context = {
        "network": network,
        "years": years,
        "year": shown_year,
        "page": page,
        "rows": rows,
        "broken_count": counts.broken,
        "outlook": outlook,
        "spread": pledges.spread_findings(spread, shown_year.rules),
        "corrections": list(shown_year.year.corrections.all()) if shown_year.is_closed else [],
        "can_correct": permissions.can_propose(request.user, network) and shown_year.is_closed,
        "count_text": f"{counts.shown} {'bijdrage' if counts.shown == 1 else 'bijdragen'}",
        "wanted": wanted,
        "filters": _FILTERS,
        "has_any": counts.all > 0,
        "clean_count": counts.clean,
        "can_enter": permissions.can_enter(request.user, network) and not shown_year.is_closed,
        "can_judge": permissions.can_judge(request.user, network) and not shown_year.is_closed,
        "can_close": permissions.can_propose(request.user, network) and not shown_year.is_closed,
    }
    return render(request, "monitoring/contributions.html", context)


_FILTERS = (
    (ledger.Choice.ALL.value, "Alle"),
    (ledger.Choice.COUNTING.value, "Tellen mee"),
    (ledger.Choice.WAITING.value, "Te beoordelen"),
    (ledger.Choice.PROBLEMS.value, "Met een opmerking"),
    (ledger.Choice.REFUSED.value, "Tellen niet mee"),
)


_COLUMNS = (
    "Betaler", "Ondernemingsnummer", "Soort betaler", "Soort bijdrage", "Bedrag", "Factuur", "Factuurdatum", "Ontvangen op", "Status",
    "Regel", "Opmerking",
)  # fmt: skip


def _row(row: Contribution, found: list[Any]) -> list[Any]:
    return [
        row.payer.name, row.payer.formatted_number, row.get_payer_kind_display(), row.get_kind_display(), row.amount, row.invoice_number,
        row.invoiced_on, row.received_on, row.get_state_display(), row.refused_rule or ", ".join(finding.rule_id for finding in found),
        row.refusal_reason or " ".join(finding.message for finding in found),
    ]  # fmt: skip


# ---------------------------------------------------------------- the network


@access(ORGANISATION, subject="network")
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: SignedInRequest, code: str, year: int) -> HttpResponse:
    """Enter one contribution."""
    award_year = visible_year(request, code, year)
    allow(permissions.can_enter(request.user, award_year.network))
    form = ContributionForm(request.POST or None, request.FILES or None, network=award_year.network)
    if request.method == "POST" and form.is_valid():
        try:
            entered = contributions.enter(award_year, by=request.user, **form.facts(_payer(form, request)))
        except DomainError as error:
            add_domain_error(form, error, field=_FIELD_OF.get(error.rule_id))
        else:
            _tell(request, entered)
            target = "monitoring:contribution_enter" if "nog_een" in request.POST else "monitoring:contributions"
            return redirect(target, code, year)
    context = {"network": award_year.network, "year": award_year, "form": form}
    return render(request, "monitoring/contribution_form.html", context, status=422 if form.is_bound else 200)


_FIELD_OF = {"COF-09": "invoice_number", "P1-LET-03": "payer_number"}


def _payer(form: ContributionForm, request: SignedInRequest) -> Organisation:
    """The member that was chosen, or the organisation with the number that was typed."""
    chosen = form.cleaned_data["payer"]
    if chosen is not None:
        return chosen
    organisation, _ = find_or_register_organisation(
        name=form.cleaned_data["payer_name"], enterprise_number=form.cleaned_data["payer_number"], by=request.user
    )
    return organisation


def _tell(request: SignedInRequest, contribution: Contribution) -> None:
    """Kept, and whether it can count as it stands."""
    found = contribution_checks.findings(contribution, rules_row(contribution.award_year.network).frozen())
    if not has_errors(found):
        messages.success(
            request,
            f"Factuur {contribution.invoice_number} is bewaard en wacht op de beoordeling van de accountmanager.",
        )
        for finding in found:
            messages.warning(request, f"{finding.message} ({finding.rule_id})")
        return
    messages.warning(request, f"Factuur {contribution.invoice_number} is bewaard, maar telt zo niet mee:")
    for finding in found:
        messages.warning(request, f"{finding.message} ({finding.rule_id})")


@access(ORGANISATION, subject="network")
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: SignedInRequest, code: str, year: int, pk: int) -> HttpResponse:
    """Correct a contribution that is not judged."""
    contribution = contribution_of(request, code, year, pk)
    allow(permissions.can_change(request.user, contribution))
    network = contribution.award_year.network
    form = ContributionForm(request.POST or None, request.FILES or None, network=network, contribution=contribution)
    if request.method == "POST" and form.is_valid():
        try:
            changed = contributions.change(contribution, by=request.user, **form.facts(_payer(form, request)))
        except DomainError as error:
            add_domain_error(form, error, field=_FIELD_OF.get(error.rule_id))
        else:
            _tell(request, changed)
            return redirect("monitoring:contributions", code, year)
    context = {"network": network, "year": contribution.award_year, "form": form, "contribution": contribution}
    return render(request, "monitoring/contribution_form.html", context, status=422 if form.is_bound else 200)


@access(ORGANISATION, subject="network")
@require_POST
@domain_errors(redirect_to=_back)
def remove(request: SignedInRequest, code: str, year: int, pk: int) -> HttpResponse:
    """Take out a contribution that is not judged."""
    contribution = contribution_of(request, code, year, pk)
    allow(permissions.can_change(request.user, contribution))
    number = contribution.invoice_number
    contributions.remove(contribution, by=request.user)
    messages.success(request, f"Factuur {number} is verwijderd.")
    return redirect("monitoring:contributions", code, year)


# ---------------------------------------------------------------- one contribution


def contribution_of(request: SignedInRequest, code: str, year: int, pk: int) -> Contribution:
    """One contribution of a year that this person may see; lines from published sources stand together on the network's page."""
    award_year = visible_year(request, code, year)
    rows = Contribution.objects.filter(is_reconstructed=False).select_related(
        "payer", "activity", "proof__blob", "entered_by", "judged_by", "source_list", "credit_note"
    )
    contribution = get_object_or_404(rows, award_year=award_year, pk=pk)
    contribution.award_year = award_year
    return contribution


@access(*permissions.READERS, ORGANISATION, subject="network")
@require_safe
def detail(request: SignedInRequest, code: str, year: int, pk: int) -> HttpResponse:
    """One contribution, what was checked, and its judgement."""
    return _detail(request, contribution_of(request, code, year, pk))


def show(request: SignedInRequest, contribution: Contribution, **forms: Any) -> HttpResponse:
    """The page with a form that came back, so that nothing typed is lost."""
    return _detail(request, contribution, status=422, **forms)


def _detail(request: SignedInRequest, contribution: Contribution, *, status: int = 200, **forms: Any) -> HttpResponse:
    year = contribution.award_year
    network = year.network
    found = contribution_checks.findings(contribution, rules_row(network).frozen())
    context = {
        "contribution": contribution,
        "network": network,
        "year": year,
        "findings": [
            replace(finding, where=contribution_checks.REFUSAL_RULES.get(finding.rule_id, "Na te kijken").capitalize())
            for finding in found
        ],
        "form": RefusalForm(initial=_first_refusal(found)),
        "blocks": has_errors(found),
        "remarks": list(contribution.remarks.select_related("said_by")),
        "credit_note": getattr(contribution, "credit_note", None),
        "ask_form": TextForm(label="Vraag aan het netwerk"),
        "answer_form": TextForm(label="Uw antwoord"),
        "credit_form": CreditForm(),
        "can_answer": contribution.state == ContributionState.QUESTIONED
        and permissions.can_enter(request.user, network),
        "can_credit": contribution.state != ContributionState.REFUSED
        and year.claims_closed_at is None
        and (permissions.can_enter(request.user, network) or permissions.can_judge(request.user, network)),
        "can_judge": permissions.can_judge(request.user, network) and year.claims_closed_at is None,
        "can_change": permissions.can_change(request.user, contribution),
        "history": [
            {
                "at": event.at,
                "text": _EVENTS.get(event.action, event.action),
                "by": event.actor_label,
                "reason": event.reason,
            }
            for event in reversed(trail.history(contribution))
        ],
        **forms,
    }
    return render(request, "monitoring/contribution.html", context, status=status)


def _first_refusal(found: list[Any]) -> dict[str, str] | None:
    """The rule that most likely refuses it, to begin with."""
    first = next((one for one in found if has_errors([one])), None)
    return None if first is None else {"rule_id": first.rule_id, "reason": first.message}


_EVENTS = {
    "contribution.entered": "Ingevoerd",
    "contribution.changed": "Verbeterd",
    "contribution.accepted": "Aanvaard",
    "contribution.refused": "Telt niet mee",
    "contribution.questioned": "Vraag aan het netwerk",
    "contribution.submitted": "Antwoord van het netwerk",
    "contribution.credited": "Creditnota",
    "contribution.removed": "Verwijderd",
}


@access(*permissions.READERS, ORGANISATION, subject="network")
@require_safe
def proof(request: SignedInRequest, code: str, year: int, pk: int) -> HttpResponseBase:
    """The invoice."""
    contribution = contribution_of(request, code, year, pk)
    if contribution.proof is None:
        raise Http404
    return respond(contribution.proof, by=request.user, inline=True)


# ---------------------------------------------------------------- the account manager


@access(Role.ACCOUNT_MANAGER, subject="network")
@require_POST
@domain_errors(redirect_to=_back_to_one)
def accept(request: SignedInRequest, code: str, year: int, pk: int) -> HttpResponse:
    """It counts."""
    contribution = contribution_of(request, code, year, pk)
    allow(permissions.can_judge(request.user, contribution.award_year.network))
    contributions.accept(contribution, by=request.user)
    messages.success(request, f"Factuur {contribution.invoice_number} is aanvaard.")
    return redirect("monitoring:contributions", code, year)


@access(Role.ACCOUNT_MANAGER, subject="network")
@require_POST
def refuse(request: SignedInRequest, code: str, year: int, pk: int) -> HttpResponse:
    """It does not count, by a rule and a reason."""
    contribution = contribution_of(request, code, year, pk)
    allow(permissions.can_judge(request.user, contribution.award_year.network))
    form = RefusalForm(request.POST)
    if form.is_valid():
        try:
            contributions.refuse(contribution, **form.cleaned_data, by=request.user)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(
                request, f"Factuur {contribution.invoice_number} telt niet mee ({contribution.refused_rule})."
            )
            return redirect("monitoring:contributions", code, year)
    return show(request, contribution, form=form)


@access(Role.ACCOUNT_MANAGER, subject="network")
@require_POST
@domain_errors(redirect_to=_back)
def accept_clean(request: SignedInRequest, code: str, year: int) -> HttpResponse:
    """Accept all that breaks no rule."""
    award_year = visible_year(request, code, year)
    allow(permissions.can_judge(request.user, award_year.network))
    accepted, left = contributions.accept_clean(award_year, by=request.user)
    rest = f" Er {'blijft' if left == 1 else 'blijven'} {left} te beoordelen." if left else ""
    messages.success(
        request, f"{accepted} {'bijdrage' if accepted == 1 else 'bijdragen'} zonder opmerking aanvaard.{rest}"
    )
    return redirect("monitoring:contributions", code, year)


@access(Role.ACCOUNT_MANAGER, Role.FINANCIAL_OFFICER, subject="network")
@require_POST
@domain_errors(redirect_to=_back)
def close(request: SignedInRequest, code: str, year: int) -> HttpResponse:
    """Close the year for claims."""
    award_year = visible_year(request, code, year)
    allow(permissions.can_propose(request.user, award_year.network))
    settlements.close_claims(award_year, by=request.user)
    messages.success(request, f"Projectjaar {year} is afgesloten voor bijdragen. Er verandert niets meer aan.")
    return redirect("monitoring:settlement", code, year)
