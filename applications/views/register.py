"""Registers of a dossier: letters of intent and annexes, with their files."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications.domain import annexes, drafts, letters
from applications.enums import DocumentKind
from applications.forms.drafts import DocumentForm
from applications.forms.register import LetterForm
from applications.models import Document, Letter
from applications.views.page import back_to, dossier_page, own_application
from ibnportal.core.access import ORGANISATION, access
from ibnportal.core.errors import DomainError
from ibnportal.core.files.http import respond
from ibnportal.core.http import SignedInRequest, add_domain_error, domain_errors

# ---------------------------------------------------------------- letters


@access(ORGANISATION, subject="application")
@require_safe
def letter_list(request: SignedInRequest, number: str) -> HttpResponse:
    """The register with its counter and, per letter, what it lacks."""
    page = dossier_page(request, number, current="letters")
    dossier = page["dossier"]
    tally = letters.count(
        dossier.letters, needed=page["rules"].min_letters(page["phase"]), earlier=dossier.earlier_letters
    )
    return render(request, "applications/letters.html", {**page, "tally": tally})


@access(ORGANISATION, subject="application")
@require_http_methods(["GET", "HEAD", "POST"])
def letter_add(request: SignedInRequest, number: str) -> HttpResponse:
    """A new letter, with its file if it is there already."""
    return _letter_page(request, number, None)


@access(ORGANISATION, subject="letter")
@require_http_methods(["GET", "HEAD", "POST"])
def letter_edit(request: SignedInRequest, number: str, letter_id: int) -> HttpResponse:
    """Correct a letter or put its signed file in."""
    return _letter_page(request, number, _own_letter(request, number, letter_id))


def _letter_page(request: SignedInRequest, number: str, letter: Letter | None) -> HttpResponse:
    page = dossier_page(request, number, current="letters")
    form = LetterForm(request.POST or None, request.FILES or None, phase=page["phase"], letter=letter)
    if request.method == "POST" and form.is_valid():
        try:
            letter = _save_letter(request, page["application"], letter, form)
        except DomainError as error:
            field = _FIELD_OF_RULE.get(error.rule_id)
            add_domain_error(form, error, field=field if field in form.fields else None)
        else:
            return _after_letter(request, number, letter)
    if request.method == "POST" and request.FILES and form.errors:
        form.add_error("signed_file", "Kies het bestand opnieuw: een browser onthoudt het niet na een fout.")
    lacking = (
        [replace(found, where=_field_in_words(form, found.where)) for found in letters.findings(letter)]
        if letter
        else []
    )
    context = {**page, "form": form, "letter": letter, "findings": lacking}
    return render(request, "applications/letter.html", context, status=422 if form.errors else 200)


def _field_in_words(form: LetterForm, name: str) -> str:
    """What the page calls a field."""
    return "Verklaringen" if name.startswith("declares_") else str(form.fields[name].label)


_FIELD_OF_RULE = {
    "P1-LET-01": "company_name", "P1-LET-03": "enterprise_number", "TGT-12": "enterprise_number",
    "P1-LET-07": "signed_file", "P1-LET-09": "commitment_amount",
}  # fmt: skip


def _save_letter(request: SignedInRequest, application: Any, letter: Letter | None, form: LetterForm) -> Letter:
    upload = form.cleaned_data["signed_file"]
    if letter is None:
        letter = letters.add(application, by=request.user, **form.fields_of_letter)
    else:
        letters.change(letter, by=request.user, **form.fields_of_letter)
    if upload:
        try:
            letters.sign(letter, upload, by=request.user)
        except DomainError as error:
            # What was typed is kept; only the file was refused, and the letter's own page says so.
            messages.error(request, error.message)
    return letter


def _after_letter(request: SignedInRequest, number: str, letter: Letter) -> HttpResponse:
    missing = letters.findings(letter)
    if missing:
        messages.warning(
            request,
            f"De brief van {letter.company_name} is bewaard, maar telt nog niet mee. Wat er nog ontbreekt, staat hieronder.",
        )
        return redirect("applications:letter", number, letter.pk)
    messages.success(request, f"De brief van {letter.company_name} is bewaard en telt mee.")
    return redirect("applications:letters", number)


def _own_letter(request: SignedInRequest, number: str, letter_id: int) -> Letter:
    visible = Letter.objects.visible_to(request.user).select_related(
        "application__call", "application__applicant", "signed_file__blob"
    )
    return get_object_or_404(visible, pk=letter_id, application__number=number)


@access(ORGANISATION, subject="letter")
@require_POST
@domain_errors(redirect_to=back_to("applications:letters"))
def letter_remove(request: SignedInRequest, number: str, letter_id: int) -> HttpResponse:
    """Take a letter out."""
    letter = _own_letter(request, number, letter_id)
    letters.remove(letter, by=request.user)
    messages.success(request, f"De brief van {letter.company_name} is verwijderd.")
    return redirect("applications:letters", number)


@access(ORGANISATION, subject="letter")
@require_POST
@domain_errors(redirect_to=back_to("applications:letters"))
def letter_renew(request: SignedInRequest, number: str, letter_id: int) -> HttpResponse:
    """Copy a company of phase 1 into the register of phase 2, without its signature and declarations."""
    letter = letters.renew(_own_letter(request, number, letter_id), by=request.user)
    messages.success(
        request,
        f"De gegevens van {letter.company_name} zijn overgenomen. Voeg de nieuwe verklaringen en handtekening toe.",
    )
    return redirect("applications:letter", number, letter.pk)


@access(ORGANISATION, subject="letter")
@require_safe
def letter_file(request: SignedInRequest, number: str, letter_id: int) -> HttpResponseBase:
    """The signed letter."""
    letter = _own_letter(request, number, letter_id)
    if letter.signed_file is None:
        return redirect("applications:letter", number, letter_id)
    return respond(letter.signed_file, by=request.user, inline=request.GET.get("weergave") == "inline")


# ---------------------------------------------------------------- annexes


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
        if possible in asked or there:
            form = refused if refused is not None and possible == kind else DocumentForm(kind=possible)
            rows.append(
                {
                    "kind": possible,
                    "document": there,
                    "is_asked": possible in asked,
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
