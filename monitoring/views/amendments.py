"""The agreement's documents, and the changes of a signed agreement."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ibnportal.core.access import ORGANISATION, access
from ibnportal.core.accounts.enums import Role
from ibnportal.core.accounts.models import User
from ibnportal.core.errors import DomainError
from ibnportal.core.files.http import respond
from ibnportal.core.files.models import StoredFile
from ibnportal.core.http import SignedInRequest, add_domain_error, domain_errors
from monitoring import permissions
from monitoring.domain import agreement_papers, amendments
from monitoring.forms.agreements import AmendmentForm, AmountsForm, NameForm, PeriodForm, TargetForm
from monitoring.models import Agreement, AgreementAmendment, AgreementPaper
from monitoring.views.agreements import amended, fetch, managed
from monitoring.views.fetch import allow


def _back(request: SignedInRequest, code: str, **_: object) -> str:
    return reverse("monitoring:agreement", args=[code])


@access(Role.ACCOUNT_MANAGER, subject="network")
@require_POST
@domain_errors(redirect_to=_back)
def ask_paper(request: SignedInRequest, code: str) -> HttpResponse:
    """The text as it reads now, as docx and PDF; a worker makes them."""
    paper = agreement_papers.request(managed(request, code), by=request.user)
    if paper.made_at is not None:
        messages.info(request, f"Er is niets gewijzigd sinds versie {paper.version}: die staat al klaar.")
    else:
        messages.success(request, f"Versie {paper.version} wordt gemaakt. Ververs de pagina over enkele seconden.")
    return redirect("monitoring:agreement", code)


def _paper(request: SignedInRequest, code: str, pk: int) -> AgreementPaper:
    papers = AgreementPaper.objects.visible_to(request.user).select_related("pdf_file__blob", "docx_file__blob")
    return get_object_or_404(papers, agreement=fetch(request, code), pk=pk)


def _file(found: StoredFile | None, by: User, *, inline: bool) -> HttpResponseBase:
    if found is None:
        raise Http404
    return respond(found, by=by, inline=inline)


@access(*permissions.READERS, ORGANISATION, subject="network")
@require_safe
def paper_pdf(request: SignedInRequest, code: str, pk: int) -> HttpResponseBase:
    """One version as PDF."""
    return _file(_paper(request, code, pk).pdf_file, request.user, inline=True)


@access(*permissions.READERS, ORGANISATION, subject="network")
@require_safe
def paper_docx(request: SignedInRequest, code: str, pk: int) -> HttpResponseBase:
    """One version as a Word document."""
    return _file(_paper(request, code, pk).docx_file, request.user, inline=False)


@access(*permissions.READERS, ORGANISATION, subject="network")
@require_safe
def amendment_file(request: SignedInRequest, code: str, pk: int) -> HttpResponseBase:
    """The document of an amendment as both parties signed it."""
    rows = AgreementAmendment.objects.select_related("document__blob")
    found = get_object_or_404(rows, agreement=fetch(request, code), pk=pk)
    return respond(found.document, by=request.user, inline=True)


Verb = Callable[[Agreement, Any, User], AgreementAmendment]


def _amounts(agreement: Agreement, form: AmountsForm, by: User) -> AgreementAmendment:
    return amendments.amend_amounts(agreement, form.amounts(), by=by, **form.common())


def _period(agreement: Agreement, form: PeriodForm, by: User) -> AgreementAmendment:
    data = form.cleaned_data
    return amendments.amend_period(
        agreement, start_on=data.get("start_on"), end_on=data["end_on"], by=by, **form.common()
    )


def _target(agreement: Agreement, form: TargetForm, by: User) -> AgreementAmendment:
    data = form.cleaned_data
    return amendments.amend_target(data["kpi"], data["target"], by=by, **form.common())


def _name(agreement: Agreement, form: NameForm, by: User) -> AgreementAmendment:
    return amendments.amend_beneficiary_name(agreement, form.cleaned_data["name"], by=by, **form.common())


KINDS: dict[str, tuple[str, type[AmendmentForm], Verb]] = {
    "bedragen": ("Andere bedragen", AmountsForm, _amounts),
    "looptijd": ("Andere looptijd", PeriodForm, _period),
    "streefwaarde": ("Andere streefwaarde", TargetForm, _target),
    "naam": ("Andere naam van de begunstigde", NameForm, _name),
}


@access(Role.ACCOUNT_MANAGER, subject="network")
@require_http_methods(["GET", "HEAD", "POST"])
def amend(request: SignedInRequest, code: str, kind: str) -> HttpResponse:
    """Change a signed agreement in one way, with the document that both parties signed."""
    found = managed(request, code)
    allow(found.signed_at is not None and found.network.state != "closed")
    title, form_class, verb = KINDS[kind]
    form = form_class(request.POST or None, request.FILES or None, agreement=found)
    if form.is_bound and form.is_valid():
        try:
            amendment = verb(found, form, request.user)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(
                request, f"Addendum {amendment.number} is vastgelegd. De bijgewerkte overeenkomst wordt gemaakt."
            )
            return redirect("monitoring:agreement", code)
    context = {
        "network": found.network,
        "agreement": found,
        "title": title,
        "form": form,
        "amendments": amended(found),
    }
    return render(request, "monitoring/amend.html", context, status=422 if form.is_bound else 200)
