"""The annexes of a dossier, with their files; the letters of intent stand in `letters`."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from applications.domain import annexes, drafts
from applications.enums import DocumentKind
from applications.forms.drafts import DocumentForm
from applications.models import Document
from applications.views.page import back_to, dossier_page, own_application
from ibnportal.core.access import ORGANISATION, access
from ibnportal.core.errors import DomainError
from ibnportal.core.files.http import respond
from ibnportal.core.http import SignedInRequest, add_domain_error, domain_errors


@access(ORGANISATION, subject="application")
@require_safe
def document_list(request: SignedInRequest, number: str) -> HttpResponse:
    """The annexes that this dossier must have, and those it has."""
    return _documents_page(request, number)


def _documents_page(
    request: SignedInRequest, number: str, refused: DocumentForm | None = None, kind: str = ""
) -> HttpResponse:
    page = dossier_page(request, number, current="documents")
    dossier, phase = page["dossier"], page["phase"]
    asked = annexes.required(dossier, phase)
    rows = []
    for possible in annexes.possible(phase):
        there = dossier.document(possible)
        if possible in asked or there or possible in annexes.voluntary(phase):
            form = refused if refused is not None and possible == kind else DocumentForm(kind=possible)
            rows.append(
                {
                    "kind": possible,
                    "document": there,
                    "is_asked": possible in asked,
                    "is_voluntary": possible in annexes.voluntary(phase),
                    "reason": annexes.reason(possible),
                    "form": form,
                }
            )
    context = {**page, "rows": rows, "refused": refused}
    return render(request, "applications/documents.html", context, status=422 if refused else 200)


@access(ORGANISATION, subject="application")
@require_POST
def document_attach(request: SignedInRequest, number: str, kind: str) -> HttpResponse:
    """Put an annex in, or replace it."""
    application = own_application(request, number)
    if kind not in DocumentKind.values:
        return redirect("applications:documents", number)
    form = DocumentForm(request.POST, request.FILES, kind=DocumentKind(kind))
    if form.is_valid():
        try:
            document = drafts.attach(application, kind, form.cleaned_data["file"], by=request.user)
        except DomainError as error:
            add_domain_error(form, error, field="file")
        else:
            messages.success(request, f"“{document.get_kind_display()}” is bewaard.")
            return redirect("applications:documents", number)
    return _documents_page(request, number, form, kind)


def _own_document(request: SignedInRequest, number: str, kind: str) -> Document:
    visible = Document.objects.visible_to(request.user).select_related("application", "file__blob").order_by("-phase")
    found = visible.filter(application__number=number, kind=kind).first()
    return found or get_object_or_404(visible, pk=None)


@access(ORGANISATION, subject="document")
@require_POST
@domain_errors(redirect_to=back_to("applications:documents"))
def document_detach(request: SignedInRequest, number: str, kind: str) -> HttpResponse:
    """Take an annex out."""
    document = _own_document(request, number, kind)
    drafts.detach(document, by=request.user)
    messages.success(request, f"“{document.get_kind_display()}” is verwijderd.")
    return redirect("applications:documents", number)


@access(ORGANISATION, subject="document")
@require_safe
def document_file(request: SignedInRequest, number: str, kind: str) -> HttpResponseBase:
    """An annex as it is now."""
    return respond(
        _own_document(request, number, kind).file, by=request.user, inline=request.GET.get("weergave") == "inline"
    )
