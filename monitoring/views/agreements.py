"""The agreement: completed, signed and started by the account manager, read by the network."""

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from ibnportal.core.access import ORGANISATION, access
from ibnportal.core.accounts.domain.people import find_or_register_organisation
from ibnportal.core.accounts.enums import Role
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError
from ibnportal.core.files.http import respond
from ibnportal.core.http import SignedInRequest, add_domain_error, domain_errors
from ibnportal.core.money import ZERO
from monitoring import permissions
from monitoring.documents import agreement_paper
from monitoring.domain import agreement_papers, agreements
from monitoring.forms.agreements import AccountForm, BeneficiaryForm, ConditionForm, DraftForm, IndicatorForm, SignForm
from monitoring.models import Agreement, AgreementCondition, AgreementKpi, Network
from monitoring.views.fetch import allow


def _back(request: SignedInRequest, code: str, **_: object) -> str:
    return reverse("monitoring:agreement", args=[code])


def fetch(request: SignedInRequest, code: str) -> Agreement:
    """The agreement of a network that this person sees."""
    agreements_of = Agreement.objects.select_related(
        "network__beneficiary", "network__account_manager", "network__call", "rules__call", "decision__application",
        "signed_file__blob", "signed_paper", "signed_by", "drafted_by",
    )  # fmt: skip
    return get_object_or_404(agreements_of, network__in=Network.objects.visible_to(request.user), network__code=code)


def managed(request: SignedInRequest, code: str) -> Agreement:
    """The agreement of a network that this person manages."""
    agreement = fetch(request, code)
    allow(permissions.can_manage(request.user, agreement.network))
    return agreement


@access(*permissions.READERS, ORGANISATION, subject="network")
@require_safe
def agreement(request: SignedInRequest, code: str) -> HttpResponse:
    """Parties, amounts, conditions and indicators; for the account manager what still stands in the way."""
    return _page(request, fetch(request, code))


def _page(request: SignedInRequest, agreement: Agreement, *, status: int = 200, **forms: object) -> HttpResponse:
    network = agreement.network
    manages = permissions.can_manage(request.user, network)
    can_edit = manages and agreement.signed_at is None
    years = list(network.award_years.order_by("project_year"))
    indicators = list(agreement.kpis.select_related("definition_of_call"))
    context = {
        "network": network,
        "agreement": agreement,
        "years": years,
        "total": sum((year.awarded_amount for year in years), ZERO),
        "conditions": list(agreement.conditions.select_related("met_by")),
        "indicators": indicators,
        "blockers": agreements.findings(agreement) if manages and agreement.signed_at is None else [],
        "history": [
            {
                "at": event.at,
                "text": _EVENTS.get(event.action, event.action),
                "by": event.actor_label,
                "reason": event.reason,
            }
            for event in reversed(trail.history(agreement))
        ],
        "manages": manages,
        "can_edit": can_edit,
        "can_ask_account": permissions.can_ask_account(request.user, network),
        "indicator_forms": [IndicatorForm(instance=kpi, prefix=f"kpi{kpi.pk}") for kpi in indicators]
        if can_edit
        else [],
        "sign_form": SignForm(initial={"founded_on": agreement.beneficiary_founded_on}),
        "account_form": AccountForm(initial={"iban": network.iban}),
        "start_form": DraftForm(initial={"start_on": agreement.start_on}, prefix="begin"),
        "condition_form": ConditionForm(),
        "beneficiary_form": BeneficiaryForm(prefix="wie"),
        "needs_beneficiary": _needs_beneficiary(agreement),
        "papers": list(agreement.papers.select_related("pdf_file__blob", "docx_file__blob", "amendment")),
        "amendments": amended(agreement),
        "can_amend": manages and agreement.signed_at is not None and network.state != "closed",
        **forms,
    }
    return render(request, "monitoring/agreement.html", context, status=status)


_EVENTS = {
    "agreement.drafted": "Overeenkomst opgemaakt",
    "agreement.start_changed": "Start van het project gewijzigd",
    "agreement.indicator_fixed": "Indicator aangevuld",
    "agreement.condition_met": "Voorwaarde vervuld",
    "agreement.signed": "Overeenkomst ondertekend",
    "agreement.paper_asked": "Document gevraagd",
    "agreement.paper_made": "Document gemaakt",
    "agreement.amended": "Overeenkomst gewijzigd bij addendum",
}


def amended(agreement: Agreement) -> list[dict[str, object]]:
    """Each amendment, newest first, with what was and what became."""
    rows = agreement.amendments.select_related("document__blob", "made_by").order_by("-number")
    return [
        {
            "amendment": row,
            "changes": [
                {
                    "label": change["name"],
                    "old": agreement_paper.change_text(change["name"], change["old"]),
                    "new": agreement_paper.change_text(change["name"], change["new"]),
                }
                for change in agreement_papers.changes_of(row)
            ],
        }
        for row in rows
    ]


def _needs_beneficiary(agreement: Agreement) -> bool:
    application = agreement.decision.application
    return application.is_beneficiary_to_be_founded and agreement.network.beneficiary_id == application.applicant_id


@access(Role.ACCOUNT_MANAGER, subject="network")
@require_POST
def sign(request: SignedInRequest, code: str) -> HttpResponse:
    """Record the signature."""
    found = managed(request, code)
    form = SignForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            agreements.sign(found, **form.cleaned_data, by=request.user)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, "De ondertekening is vastgelegd. De overeenkomst ligt nu vast.")
            return redirect("monitoring:agreement", code)
    return _page(request, found, status=422, sign_form=form)


@access(Role.ACCOUNT_MANAGER, subject="network")
@require_POST
@domain_errors(redirect_to=_back)
def start(request: SignedInRequest, code: str) -> HttpResponse:
    """The project runs."""
    agreements.start(managed(request, code).network, by=request.user)
    messages.success(request, "Het netwerk loopt. Het kan nu leden inschrijven en bijdragen invoeren.")
    return redirect("monitoring:network", code)


@access(Role.ACCOUNT_MANAGER, subject="network")
@require_POST
def change_start(request: SignedInRequest, code: str) -> HttpResponse:
    """Another start, before the signature."""
    found = managed(request, code)
    form = DraftForm(request.POST, prefix="begin")
    if form.is_valid():
        try:
            agreements.change_start(found, start_on=form.cleaned_data["start_on"], by=request.user)
        except DomainError as error:
            add_domain_error(form, error, field="start_on")
        else:
            messages.success(request, "De start is aangepast; de projectjaren schuiven mee.")
            return redirect("monitoring:agreement", code)
    return _page(request, found, status=422, start_form=form)


@access(Role.ACCOUNT_MANAGER, subject="network")
@require_POST
def set_account(request: SignedInRequest, code: str) -> HttpResponse:
    """The beneficiary's account."""
    found = managed(request, code)
    form = AccountForm(request.POST)
    if form.is_valid():
        try:
            agreements.set_account_number(found.network, form.cleaned_data["iban"], by=request.user)
        except DomainError as error:
            add_domain_error(form, error, field="iban")
        else:
            messages.success(request, "Het rekeningnummer is bewaard.")
            return redirect("monitoring:agreement", code)
    return _page(request, found, status=422, account_form=form)


@access(Role.ACCOUNT_MANAGER, subject="network")
@require_POST
def appoint_beneficiary(request: SignedInRequest, code: str) -> HttpResponse:
    """The cluster organisation that was founded."""
    found = managed(request, code)
    form = BeneficiaryForm(request.POST, prefix="wie")
    if form.is_valid():
        try:
            organisation, _ = find_or_register_organisation(**form.organisation_details(), by=request.user)
            agreements.appoint_beneficiary(found, organisation, by=request.user)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, f"{organisation} is nu de begunstigde van deze overeenkomst.")
            return redirect("monitoring:agreement", code)
    return _page(request, found, status=422, beneficiary_form=form)


@access(Role.ACCOUNT_MANAGER, subject="network")
@require_POST
def meet_condition(request: SignedInRequest, code: str, pk: int) -> HttpResponse:
    """A condition is met."""
    found = managed(request, code)
    condition = get_object_or_404(
        AgreementCondition.objects.select_related("agreement__network"), agreement=found, pk=pk
    )
    form = ConditionForm(request.POST)
    if form.is_valid():
        try:
            agreements.meet_condition(condition, note=form.cleaned_data["note"], by=request.user)
        except DomainError as error:
            add_domain_error(form, error, field="note")
        else:
            messages.success(request, "De voorwaarde staat als vervuld.")
            return redirect("monitoring:agreement", code)
    return _page(request, found, status=422, condition_form=form, condition_open=pk)


@access(Role.ACCOUNT_MANAGER, subject="network")
@require_POST
def fix_indicator(request: SignedInRequest, code: str, pk: int) -> HttpResponse:
    """Complete an indicator before the signature."""
    found = managed(request, code)
    kpi = get_object_or_404(AgreementKpi.objects.select_related("agreement"), agreement=found, pk=pk)
    form = IndicatorForm(request.POST, instance=AgreementKpi.objects.get(pk=kpi.pk), prefix=f"kpi{pk}")
    if form.is_valid():
        try:
            agreements.fix_indicator(kpi, by=request.user, **form.cleaned_data)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, f"Indicator “{kpi.label}” is bewaard.")
            return redirect("monitoring:agreement", code)
    others = [
        form if other.pk == pk else IndicatorForm(instance=other, prefix=f"kpi{other.pk}") for other in found.kpis.all()
    ]
    return _page(request, found, status=422, indicator_forms=others)


@access(*permissions.READERS, ORGANISATION, subject="network")
@require_safe
def signed_file(request: SignedInRequest, code: str) -> HttpResponseBase:
    """The signed agreement as it was uploaded."""
    found = fetch(request, code)
    if found.signed_file is None:
        raise Http404
    return respond(found.signed_file, by=request.user, inline=True)
