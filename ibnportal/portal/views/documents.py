"""Documents of several answers: list, one document, its verbs and its files."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from ibnportal.core.access import access
from ibnportal.core.accounts.models import User
from ibnportal.core.errors import DomainError
from ibnportal.core.exports import file_response
from ibnportal.core.files.http import respond
from ibnportal.core.http import SignedInRequest, domain_errors
from ibnportal.portal.answers import asking, documents, papers, register
from ibnportal.portal.forms import parameter_field
from ibnportal.portal.models import AnswerDocument
from ibnportal.portal.views.answers import READERS

NARROWED_BY = ("oproep", "netwerk")
"""The parameters of a question in a document."""


class BeginForm(forms.Form):
    """A new document."""

    title = forms.CharField(label="Titel", max_length=200)
    as_of = forms.CharField(
        label="Stand op", required=False, max_length=40, help_text="Bijvoorbeeld 7/11/2019; leeg is vandaag."
    )


class PartForm(forms.Form):
    """One part more: a question, a text, or both."""

    text = forms.CharField(label="Eigen tekst", required=False, widget=forms.Textarea(attrs={"rows": 4}))

    def __init__(self, data: Any, *, reader: User) -> None:
        super().__init__(data)
        groups: dict[str, list[tuple[str, str]]] = {}
        for one in register.QUESTIONS:
            groups.setdefault(one.asked_by, []).append((one.id, f"{one.id} {one.title}"))
        choices = [("", "Geen: enkel tekst"), *groups.items()]
        self.fields["question"] = forms.ChoiceField(label="Vraag", required=False, choices=choices)
        for name in NARROWED_BY:
            self.fields[name] = parameter_field(name, reader=reader, given=self.data.get(name))


def _back(request: SignedInRequest, pk: int) -> str:
    return reverse("portal:document", args=[pk])


@access(*READERS)
def index(request: SignedInRequest) -> HttpResponse:
    """The documents, newest first, and the form of a new one."""
    form = BeginForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            as_of = asking.read_day(form.cleaned_data["as_of"].strip())
            made = documents.begin(form.cleaned_data["title"], as_of=as_of, by=request.user)
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            return redirect("portal:document", made.pk)
    found = AnswerDocument.objects.visible_to(request.user).select_related("made_by")[:100]
    return render(request, "portal/answers/documents.html", {"documents": found, "form": form})


@access(*READERS, subject="answerdocument")
def document(request: SignedInRequest, pk: int) -> HttpResponse:
    """One document as it reads now, or as it was frozen with what changed since."""
    found = _fetch(request, pk)
    form = PartForm(request.POST or None, reader=request.user)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        parameters = {name: given[name] for name in NARROWED_BY}
        try:
            documents.add(found, by=request.user, question=given["question"], text=given["text"], parameters=parameters)
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            return redirect("portal:document", found.pk)
    content = found.content or documents.content_of(found, reader=request.user)
    changed = documents.differences(found, reader=request.user) if "vergelijk" in request.GET else None
    context = {"document": found, "sections": papers.sections(content), "form": form, "changed": changed}
    return render(request, "portal/answers/document.html", context)


@access(*READERS, subject="answerdocument")
@require_POST
@domain_errors(redirect_to=_back)
def leave_out(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take out one part."""
    place = request.POST.get("plaats", "")
    found = _fetch(request, pk)
    if place.isascii() and place.isdigit() and len(place) < 4:
        documents.leave_out(found, int(place), by=request.user)
    return redirect("portal:document", pk)


@access(*READERS, subject="answerdocument")
@require_POST
@domain_errors(redirect_to=_back)
def freeze(request: SignedInRequest, pk: int) -> HttpResponse:
    """Freeze it with its date and hash."""
    documents.freeze(_fetch(request, pk), by=request.user)
    messages.success(request, "Het document is bevroren. Word en PDF worden gemaakt.")
    return redirect("portal:document", pk)


@access(*READERS, subject="answerdocument")
def paper(request: SignedInRequest, pk: int, kind: str) -> HttpResponseBase:
    """The file of a frozen document: docx or pdf as made, xlsx and csv as they are asked."""
    found = _fetch(request, pk)
    if found.content is None:
        raise Http404
    if kind == "xlsx":
        return file_response("xlsx", papers.name_of(found.content), papers.as_xlsx(found.content))
    if kind == "csv":
        return file_response("csv", papers.name_of(found.content), papers.as_csv(found.content))
    file = {"pdf": found.pdf, "docx": found.docx}.get(kind)
    if file is None:
        raise Http404
    return respond(file, by=request.user)


def _fetch(request: SignedInRequest, pk: int) -> AnswerDocument:
    rows = AnswerDocument.objects.visible_to(request.user).select_related("made_by", "frozen_by", "pdf", "docx")
    found: AnswerDocument = get_object_or_404(rows, pk=pk)
    return found
