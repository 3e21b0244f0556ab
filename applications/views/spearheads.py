"""Dated member lists of spearhead clusters: which there are, reading a new one with a look at it first, and one list."""

from typing import Any

from django.contrib import messages
from django.core import signing
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications.documents import spearhead_list
from applications.domain import spearheads
from applications.forms.letters import SpearheadForm
from applications.models import SpearheadMemberList
from ibnportal.core.access import access
from ibnportal.core.accounts.enums import Role
from ibnportal.core.errors import DomainError
from ibnportal.core.exports import table_response, wants_export
from ibnportal.core.files import store
from ibnportal.core.files.kinds import FileKind
from ibnportal.core.files.models import StoredFile
from ibnportal.core.http import SignedInRequest, add_domain_error, show_domain_error

KEEPERS = (Role.CASE_HANDLER, Role.ADMINISTRATOR)
SALT = "applications.spearhead-list"
AN_HOUR = 3600


@access(*KEEPERS)
@require_http_methods(["GET", "HEAD", "POST"])
def spearhead_lists(request: SignedInRequest) -> HttpResponse:
    """The lists there are; a new one is read and shown before anything is kept."""
    form = SpearheadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            stored = store.store(values["workbook"], by=request.user, kind=FileKind.IMPORT_LIST)
        except DomainError as error:
            add_domain_error(form, error, field="workbook")
        else:
            return _preview(request, stored, values)
    lists = (
        SpearheadMemberList.objects.visible_to(request.user)
        .annotate(size=Count("members"))
        .select_related("uploaded_by")
    )
    context = {"form": form, "lists": lists}
    return render(request, "applications/spearheads/lists.html", context, status=422 if form.errors else 200)


def _preview(request: SignedInRequest, stored: StoredFile, values: dict[str, Any]) -> HttpResponse:
    reading = spearhead_list.read(store.read_bytes(stored), name=stored.name)
    told = {
        "file": stored.pk,
        "cluster": values["cluster"],
        "as_of": values["as_of"].isoformat(),
        "source": values["source"],
    }
    context = {
        "values": values,
        "file": stored,
        "reading": reading,
        "difference": spearheads.difference(values["cluster"], values["as_of"], reading.members),
        "ticket": signing.dumps(told, salt=SALT),
    }
    return render(request, "applications/spearheads/preview.html", context, status=200 if reading.is_good else 422)


@access(*KEEPERS)
@require_POST
def spearhead_keep(request: SignedInRequest) -> HttpResponse:
    """Keep the list that was just looked at."""
    try:
        told = signing.loads(request.POST.get("lijst", ""), salt=SALT, max_age=AN_HOUR)
    except signing.BadSignature:
        messages.error(request, "Deze lijst werd te lang geleden nagekeken. Laad ze opnieuw op.")
        return redirect("applications:spearheads")
    stored = get_object_or_404(StoredFile, pk=told["file"], kind=FileKind.IMPORT_LIST)
    reading = spearhead_list.read(store.read_bytes(stored), name=stored.name)
    as_of = parse_date(told["as_of"])
    assert as_of is not None  # noqa: S101 - we wrote it ourselves, signed
    try:
        kept = spearheads.keep(
            cluster=told["cluster"], as_of=as_of, source=told["source"], reading=reading, file=stored, by=request.user
        )
    except DomainError as error:
        show_domain_error(request, error)
        return redirect("applications:spearheads")
    messages.success(request, f"De lijst van {kept.cluster} is bewaard: {len(reading.members)} ondernemingen.")
    return redirect("applications:spearhead_list", kept.pk)


@access(*KEEPERS, subject="spearhead_member_list")
@require_safe
def spearhead_list_page(request: SignedInRequest, pk: int) -> HttpResponse:
    """One list with its members."""
    found = get_object_or_404(
        SpearheadMemberList.objects.visible_to(request.user).select_related("uploaded_by", "file"), pk=pk
    )
    members = list(found.members.all())
    if format_ := wants_export(request):
        rows = [(member.name, member.enterprise_number) for member in members]
        return table_response(format_, f"leden-{found.pk}", (spearhead_list.NAME, spearhead_list.NUMBER), rows)
    count_text = f"{len(members)} {'onderneming' if len(members) == 1 else 'ondernemingen'}"
    context = {"found": found, "members": members, "count_text": count_text}
    return render(request, "applications/spearheads/list.html", context)
