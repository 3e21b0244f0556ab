"""A later due date of a yearly report: asked by the network, answered by its account manager."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from ibnportal.core.access import ORGANISATION, access
from ibnportal.core.accounts.enums import Role
from ibnportal.core.errors import DomainError
from ibnportal.core.http import SignedInRequest, add_domain_error, domain_errors
from monitoring import permissions
from monitoring.domain import extensions
from monitoring.forms.reports import ExtensionAnswerForm, ExtensionForm
from monitoring.models import ReportExtension
from monitoring.views import reports
from monitoring.views.fetch import allow, visible_year


def _back(request: SignedInRequest, code: str, year: int, **_: object) -> str:
    return reverse("monitoring:report", args=[code, year])


@access(ORGANISATION, subject="network")
@require_POST
def ask(request: SignedInRequest, code: str, year: int) -> HttpResponse:
    """Ask for a later due date of this year's report."""
    award_year = visible_year(request, code, year)
    allow(permissions.can_enter(request.user, award_year.network))
    form = ExtensionForm(request.POST)
    if form.is_valid():
        try:
            extensions.ask(award_year, **form.cleaned_data, by=request.user)
        except DomainError as error:
            add_domain_error(form, error, field="until")
        else:
            messages.success(request, "Uw vraag om uitstel is verstuurd. De accountmanager antwoordt per mail.")
            return redirect("monitoring:report", code, year)
    return reports.show(request, award_year, status=422, extension_form=form)


@access(Role.ACCOUNT_MANAGER, subject="network")
@require_POST
@domain_errors(redirect_to=_back)
def grant(request: SignedInRequest, code: str, year: int, pk: int) -> HttpResponse:
    """The later day counts."""
    return _decide(
        request, code, year, pk, verb=extensions.grant, told="Het uitstel is toegestaan; het netwerk krijgt bericht."
    )


@access(Role.ACCOUNT_MANAGER, subject="network")
@require_POST
@domain_errors(redirect_to=_back)
def refuse(request: SignedInRequest, code: str, year: int, pk: int) -> HttpResponse:
    """The day stays."""
    return _decide(
        request,
        code,
        year,
        pk,
        verb=extensions.refuse,
        told="Het uitstel is niet toegestaan; het netwerk krijgt bericht.",
    )


def _decide(
    request: SignedInRequest, code: str, year: int, pk: int, *, verb: Callable[..., ReportExtension], told: str
) -> HttpResponse:
    award_year = visible_year(request, code, year)
    allow(permissions.can_judge(request.user, award_year.network))
    rows = ReportExtension.objects.select_related("award_year__network")
    found = get_object_or_404(rows, award_year=award_year, pk=pk)
    form = ExtensionAnswerForm(request.POST)
    if not form.is_valid():
        return reports.show(request, award_year, status=422, answer_form=form)
    verb(found, reason=form.cleaned_data["answer"], by=request.user)
    messages.success(request, told)
    return redirect("monitoring:report", code, year)
