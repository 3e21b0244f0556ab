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
from ibnportal.portal.answers import asking, documents, files, papers, register
from ibnportal.portal.forms import AskForm, PartForm, add_parameter_error, parameter_field
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


class NewPartForm(forms.Form):
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


NEW, MOST_OFFERED = "nieuw", 20
NO_TITLE = "Geef het document een titel."
KEPT_TITLE = "U koos een document dat er al is. Kies “Begin een nieuw document”, of wis deze titel."


class AddForm(forms.Form):
    """Into which document a question goes: one of one's own on the same day, or a new one with a title. Without any there is nothing to choose."""

    document = forms.ChoiceField(label="Document", widget=forms.RadioSelect)
    title = forms.CharField(label="Titel van het nieuwe document", max_length=200, required=False)
    text = forms.CharField(
        label="Eigen tekst bij het antwoord", required=False, widget=forms.Textarea(attrs={"rows": 4})
    )

    def __init__(self, data: Any, *, found: list[AnswerDocument], title: str) -> None:
        super().__init__(data)
        self.found = {str(one.pk): one for one in found}
        choices = [(pk, f"{one.title} ({_parts(one)})") for pk, one in self.found.items()]
        self.fields["document"].choices = [*choices, (NEW, "Begin een nieuw document")]  # type: ignore[attr-defined]
        self.fields["document"].initial = next(iter(self.found), NEW)
        self.fields["document"].error_messages |= {
            "required": "Kies een document, of begin een nieuw.",
            "invalid_choice": "Dit document neemt geen onderdelen meer op, of heeft een andere stand. Kies een ander.",
        }
        if not found:
            self.fields["title"].initial = title
            self.fields["document"].widget = forms.HiddenInput()
            self.fields["title"].required = True
            self.fields["title"].error_messages["required"] = NO_TITLE
        else:
            self.fields["title"].help_text = "Enkel wanneer u een nieuw document begint."

    def clean(self) -> dict[str, Any]:
        """A new document has a title, and a title that was typed is not dropped because another document was left chosen."""
        cleaned = super().clean() or {}
        chosen, title = cleaned.get("document"), cleaned.get("title")
        if chosen == NEW and not title and "title" not in self.errors:
            self.add_error("title", NO_TITLE)
        elif title and chosen in self.found:
            self.add_error("title", KEPT_TITLE)
        return cleaned


def _parts(document: AnswerDocument) -> str:
    number = len(document.parts)
    return "nog leeg" if not number else "1 onderdeel" if number == 1 else f"{number} onderdelen"


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
    form = NewPartForm(request.POST or None, reader=request.user)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        parameters = {name: given[name] for name in NARROWED_BY}
        try:
            documents.add(found, by=request.user, question=given["question"], text=given["text"], parameters=parameters)
        except DomainError as error:
            add_parameter_error(form, error)
        else:
            return redirect("portal:document", found.pk)
    try:
        content = found.content or documents.content_of(found, reader=request.user)
        changed = documents.differences(found, reader=request.user) if "vergelijk" in request.GET else None
    except DomainError as error:
        # What was kept can no longer be asked: in a demo that went back in time, it is of a day to come.
        messages.error(request, f"“{found.title}” kan nu niet getoond worden. {error.message}")
        return redirect("portal:documents")
    sections = [_labelled(section) for section in papers.sections(content)]
    for section, part in zip(sections, found.parts, strict=True):
        section["has_filters"] = bool(part["question"] and register.question(part["question"]).parameters)
    context = {"document": found, "sections": sections, "form": form, "changed": changed, "seen": documents.seen_of(found)}  # fmt: skip
    return render(request, "portal/answers/document.html", context)


def _labelled(section: dict[str, Any]) -> dict[str, Any]:
    """A part whose cells say the head of their column: on a narrow screen each row is a card."""
    heads, figures = section.get("heads", ()), set(section.get("figures", ()))

    def cells(row: list[str]) -> list[tuple[str, str, bool]]:
        return [(text, head, place in figures) for place, (text, head) in enumerate(zip(row, heads, strict=True))]

    rows, total = section.get("rows", ()), section.get("total")
    return {**section, "rows": [cells(row) for row in rows], "total": cells(total) if total else []}


@access(*READERS, subject="answerdocument")
@require_POST
@domain_errors(redirect_to=_back)
def leave_out(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take out one part."""
    place = _place(request)
    found = _fetch(request, pk)
    if place is not None:
        documents.leave_out(found, place, by=request.user, seen=request.POST.get("gezien"))
    return redirect("portal:document", pk)


@access(*READERS, subject="answerdocument")
@require_POST
@domain_errors(redirect_to=_back)
def move(request: SignedInRequest, pk: int) -> HttpResponse:
    """One part a place up or down; the page comes back at that part."""
    place, way = _place(request), request.POST.get("richting", "")
    found = _fetch(request, pk)
    if place is None or way not in {"op", "neer"}:
        return redirect("portal:document", pk)
    documents.move(found, place, up=way == "op", by=request.user, seen=request.POST.get("gezien"))
    arrived = place - 1 if way == "op" else place + 1
    return redirect(f"{_back(request, pk)}#onderdeel-{arrived + 1}")


@access(*READERS, subject="answerdocument")
def rewrite(request: SignedInRequest, pk: int) -> HttpResponse:
    """Another text of one's own or other filters with one part. Who finds it changed meanwhile keeps what was filled in, beside what stands there now."""
    found, place, asked = _fetch(request, pk), _place(request), request.POST.get("deel", "")
    place = next((number for number, each in enumerate(found.parts) if documents.key_of(each) == asked), place)
    standing = found.parts[place] if place is not None and place < len(found.parts) else None
    if request.method != "POST" and (found.is_frozen or standing is None):
        return redirect("portal:document", pk)
    form = PartForm(request.POST if request.method == "POST" else None, part=standing, reader=request.user)
    part, is_changed = documents.key_of(standing) if standing else "", False
    if request.method == "POST" and form.is_valid():
        try:
            arrived = documents.rewrite(
                found, asked, text=form.cleaned_data["text"], parameters=form.parameters(), by=request.user
            )
        except documents.ChangedMeanwhile as error:
            form.add_error(None, error.message)
            is_changed = True
        except DomainError as error:
            add_parameter_error(form, error)
            part = asked
        else:
            return redirect(f"{_back(request, pk)}#onderdeel-{arrived + 1}")
    question = register.question(standing["question"]).title if standing and standing["question"] else ""
    narrowed = files.narrowed_to(standing["parameters"]) if standing else []
    context = {"document": found, "form": form, "place": place, "part": part, "standing": standing, "is_changed": is_changed, "asked": question, "narrowed": narrowed}  # fmt: skip
    return render(request, "portal/answers/part.html", context)


def _place(request: SignedInRequest) -> int | None:
    """The part that a page or a form is about, from 0; None for what is no place."""
    place = request.POST.get("plaats") or request.GET.get("plaats", "")
    return int(place) if place.isascii() and place.isdigit() and len(place) < 4 else None


@access(*READERS, subject="answerdocument")
@require_POST
@domain_errors(redirect_to=_back)
def freeze(request: SignedInRequest, pk: int) -> HttpResponse:
    """Freeze it with its date and hash."""
    documents.freeze(_fetch(request, pk), by=request.user, seen=request.POST.get("gezien"))
    messages.success(request, "Het document is bevroren. Word en PDF worden gemaakt.")
    return redirect("portal:document", pk)


@access(*READERS)
def add_question(request: SignedInRequest, question: str) -> HttpResponse:
    """Put a question as it was asked, day and filters included, into one of one's documents or into a new one; its own page says what is wrong with how it was asked."""
    try:
        chosen = register.question(question)
    except DomainError as error:
        raise Http404 from error
    context: dict[str, Any] = {"question": chosen, "back": f"{reverse('portal:answer', args=[chosen.slug])}?{request.GET.urlencode()}"}  # fmt: skip
    ask = AskForm(request.GET, question=chosen, reader=request.user)
    if not ask.is_valid() or ask.asked is None:
        return redirect(context["back"])
    asked = ask.asked
    mine = AnswerDocument.objects.in_the_making_of(request.user)
    found = list(mine.filter(as_of=asked.as_of)[:MOST_OFFERED])
    form = AddForm(request.POST if request.method == "POST" else None, found=found, title=chosen.title)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            if given["document"] == NEW:
                made = documents.begin_with(given["title"], chosen.id, asked, by=request.user, text=given["text"])
            else:
                document = form.found[given["document"]]
                made = documents.add_asked(document, chosen.id, asked, by=request.user, text=given["text"])
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, f"{chosen.id} staat in “{made.title}”.")
            return redirect(f"{_back(request, made.pk)}#onderdeel-{len(made.parts)}")
    others = mine.exclude(as_of=asked.as_of).count()
    context |= {"form": form, "asked": asked, "narrowed": files.narrowed_to(asked.kept()), "others": others}
    return render(request, "portal/answers/to_document.html", context)


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
