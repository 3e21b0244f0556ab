"""Reading a list of members in: a workbook to fill in, a look at what it would do, and taking it over."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ibnportal.core import clock
from ibnportal.core.access import ORGANISATION, access
from ibnportal.core.accounts.enums import Role
from ibnportal.core.errors import DomainError
from ibnportal.core.exports import table_response
from ibnportal.core.files.store import read_bytes
from ibnportal.core.findings import Finding
from ibnportal.core.http import SignedInRequest, add_domain_error, domain_errors
from monitoring import permissions
from monitoring.documents import member_list as workbook
from monitoring.domain import member_list
from monitoring.domain.member_list import Deed, MemberLine
from monitoring.enums import ListKind
from monitoring.forms.members import ListUploadForm
from monitoring.models import ListImport, Network
from monitoring.views.fetch import allow, visible_network
from monitoring.views.members import register_of

PER_PAGE = 100


def _kept(request: SignedInRequest, code: str) -> Network:
    network = visible_network(request, code)
    allow(permissions.can_keep_members(request.user, network))
    return network


@access(Role.ACCOUNT_MANAGER, ORGANISATION, subject="network")
@require_safe
def template(request: SignedInRequest, code: str) -> HttpResponse:
    """The list to fill in, with the members that are known."""
    network = _kept(request, code)
    rows = [workbook.row_of(membership) for membership in register_of(network)]
    return table_response("xlsx", f"ledenlijst-{network.code}", workbook.TITLES, rows)


@access(Role.ACCOUNT_MANAGER, ORGANISATION, subject="network")
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: SignedInRequest, code: str) -> HttpResponse:
    """Send a list; nothing is taken over yet."""
    network = _kept(request, code)
    form = ListUploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = member_list.upload(network, form.cleaned_data["upload"], by=request.user)
        except DomainError as error:
            add_domain_error(form, error, field="upload")
        else:
            return redirect("monitoring:list_import", code, made.pk)
    earlier = network.imports.filter(kind=ListKind.MEMBERS).select_related("file", "uploaded_by", "taken_over_by")
    context = {"network": network, "form": form, "earlier": earlier[:10], "titles": workbook.COLUMNS}
    return render(request, "monitoring/member_upload.html", context, status=422 if form.is_bound else 200)


def _import(request: SignedInRequest, code: str, pk: int) -> ListImport:
    network = _kept(request, code)
    rows = ListImport.objects.select_related("network", "file", "uploaded_by", "taken_over_by")
    return get_object_or_404(rows, network=network, kind=ListKind.MEMBERS, pk=pk)


def _lines(found: ListImport) -> tuple[list[MemberLine], list[Finding]]:
    try:
        return workbook.read(read_bytes(found.file), today=clock.today())
    except DomainError as error:
        return [], [Finding(workbook.RULE, "Hele lijst", error.message)]


@access(Role.ACCOUNT_MANAGER, ORGANISATION, subject="network")
@require_safe
def preview(request: SignedInRequest, code: str, pk: int) -> HttpResponse:
    """What each line would do; the errors by cell."""
    found = _import(request, code, pk)
    planned: list[member_list.Planned] = []
    whole: list[Finding] = []
    if found.taken_over_at is None:
        lines, whole = _lines(found)
        planned = member_list.plan(found.network, lines)
    counts = {str(deed): sum(one.deed == deed for one in planned) for deed in Deed}
    # Errors first: that is what somebody has to look at.
    order = (Deed.ERROR, Deed.NEW, Deed.CHANGE, Deed.SAME)
    planned.sort(key=lambda one: (order.index(one.deed), one.line.row))
    context = {
        "network": found.network,
        "found": found,
        "whole": whole,
        "counts": found.counts or counts,
        "page": Paginator(planned, PER_PAGE).get_page(request.GET.get("pagina")),
        "can_take_over": found.taken_over_at is None and bool(counts[Deed.NEW] or counts[Deed.CHANGE]),
    }
    return render(request, "monitoring/member_preview.html", context)


def _back(request: SignedInRequest, code: str, pk: int) -> str:
    return reverse("monitoring:list_import", args=[code, pk])


@access(Role.ACCOUNT_MANAGER, ORGANISATION, subject="network")
@require_POST
@domain_errors(redirect_to=_back)
def take_over(request: SignedInRequest, code: str, pk: int) -> HttpResponse:
    """Carry the list out."""
    found = _import(request, code, pk)
    counts = member_list.take_over(found, _lines(found)[0], by=request.user)
    messages.success(
        request, f"Overgenomen: {counts['new']} nieuw, {counts['change']} gewijzigd. {counts['same']} bleven gelijk, {counts['error']} met een fout bleven weg."
    )  # fmt: skip
    return redirect("monitoring:members", code)
