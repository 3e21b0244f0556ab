"""A list of companies out of a workbook: the template, what was read with errors by cell, and then the import."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from applications.documents import letter_list
from applications.domain import letter_lists
from applications.domain.letter_lists import Action
from applications.forms.letters import ListForm
from applications.models import LetterImport
from applications.views.page import dossier_page, own_application
from ibnportal.core.access import ORGANISATION, access
from ibnportal.core.errors import DomainError
from ibnportal.core.exports import FORMATS
from ibnportal.core.files import store
from ibnportal.core.http import SignedInRequest, add_domain_error, show_domain_error

ACTIONS = {Action.ADD: "Nieuwe brief", Action.COMPLETE: "Vult aan", Action.NOTHING: "Staat er al"}


@access(ORGANISATION, subject="application")
@require_safe
def list_template(request: SignedInRequest, number: str) -> HttpResponse:
    """The empty list."""
    own_application(request, number)
    response = HttpResponse(letter_list.template(), content_type=FORMATS["xlsx"])
    response["Content-Disposition"] = f'attachment; filename="ondernemingen-{number}.xlsx"'
    return response


@access(ORGANISATION, subject="application")
@require_http_methods(["GET", "HEAD", "POST"])
def list_upload(request: SignedInRequest, number: str) -> HttpResponse:
    """Choose a filled list; it is looked at first, and nothing changes yet."""
    page = dossier_page(request, number, current="letters")
    form = ListForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            found = letter_lists.keep(page["application"], form.cleaned_data["workbook"], by=request.user)
        except DomainError as error:
            add_domain_error(form, error, field="workbook")
        else:
            return redirect("applications:letter_import", number, found.pk)
    return render(request, "applications/letter_list.html", {**page, "form": form}, status=422 if form.errors else 200)


@access(ORGANISATION, subject="letter_import")
@require_http_methods(["GET", "HEAD", "POST"])
def letter_import(request: SignedInRequest, number: str, letter_import_id: int) -> HttpResponse:
    """What the list holds and would do; with a click it is taken in as a whole."""
    visible = LetterImport.objects.visible_to(request.user).select_related("application", "file", "imported_by")
    found = get_object_or_404(visible, pk=letter_import_id, application__number=number)
    reading = letter_list.read(store.read_bytes(found.file), name=found.file.name)
    if request.method == "POST":
        try:
            done = letter_lists.take_in(found, reading, by=request.user)
        except DomainError as error:
            show_domain_error(request, error)
            return redirect("applications:letter_import", number, letter_import_id)
        messages.success(request, f"De lijst is ingelezen: {done.added} nieuw, {done.completed} aangevuld.")
        return redirect("applications:letters", number)
    page = dossier_page(request, number, current="letters")
    steps = letter_lists.plan(page["application"], reading.listed) if found.imported_at is None else []
    context: dict[str, Any] = {
        **page,
        "found": found,
        "reading": reading,
        "rows": [(step, ACTIONS[step.action]) for step in steps],
        "adds": sum(step.action == Action.ADD for step in steps),
        "completes": sum(step.action == Action.COMPLETE for step in steps),
    }
    return render(request, "applications/letter_import.html", context)
