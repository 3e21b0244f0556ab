"""Writing with several people: who takes part, invitations, and the history of each answer."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications.domain import answer_files, authors, drafts, words
from applications.enums import AuthorRole
from applications.forms.authors import InviteForm
from applications.models import Answer, AnswerVersion, DossierAuthor, Invitation
from applications.views.page import back_to, dossier_page
from calls.enums import AnswerType
from ibnportal.core import clock
from ibnportal.core.access import ORGANISATION, PUBLIC, access
from ibnportal.core.errors import DomainError
from ibnportal.core.http import SignedInRequest, add_domain_error, domain_errors
from ibnportal.core.ui import formats

# ---------------------------------------------------------------- who writes along


@access(ORGANISATION, subject="application")
@require_http_methods(["GET", "HEAD", "POST"])
def author_list(request: SignedInRequest, number: str) -> HttpResponse:
    """Everybody who takes part, with their roles, the open invitations, and the form for another one."""
    page = dossier_page(request, number, current="authors")
    application = page["application"]
    may_let_in = request.user.represents(application.applicant_id)
    form = InviteForm(request.POST or None, may_let_in=may_let_in)
    if request.method == "POST" and form.is_valid():
        try:
            sent = authors.invite(application, by=request.user, **form.cleaned_data)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(
                request,
                f"{sent.full_name} krijgt een mail op {sent.email} met een persoonlijke link, geldig tot {drafts.moment(sent.expires_at)}.",
            )
            return redirect("applications:authors", number)
    context = {
        **page,
        "form": form,
        "writers": authors.writers(application),
        "invitations": Invitation.objects.visible_to(request.user)
        .open()
        .filter(application=application)
        .select_related("sent_by"),
        "is_own": request.user.belongs_to(application.applicant_id),
        "may_invite": page["can_edit"] or may_let_in,
    }
    return render(request, "applications/authors.html", context, status=422 if form.errors else 200)


@access(ORGANISATION, subject="dossier_author")
@require_POST
@domain_errors(redirect_to=back_to("applications:authors"))
def author_end(request: SignedInRequest, number: str, dossier_author_id: int) -> HttpResponse:
    """Let an invited person take part no longer."""
    visible = DossierAuthor.objects.visible_to(request.user).select_related("application__applicant", "user")
    author = get_object_or_404(visible, pk=dossier_author_id, application__number=number)
    authors.end(author, by=request.user)
    if author.user_id == request.user.pk:
        messages.success(request, f"U schrijft niet langer mee aan “{author.application.title}”.")
        return redirect("/werk/")
    messages.success(request, f"{author.user} ziet dit dossier niet meer. Wat {author.user} schreef, blijft staan.")
    return redirect("applications:authors", number)


@access(ORGANISATION, subject="invitation")
@require_POST
@domain_errors(redirect_to=back_to("applications:authors"))
def invitation_revoke(request: SignedInRequest, number: str, invitation_id: int) -> HttpResponse:
    """Take an open invitation back."""
    visible = Invitation.objects.visible_to(request.user).select_related("application__applicant", "sent_by")
    found = get_object_or_404(visible, pk=invitation_id, application__number=number)
    authors.revoke(found, by=request.user)
    messages.success(request, f"De uitnodiging van {found.full_name} is ingetrokken. De link werkt niet meer.")
    return redirect("applications:authors", number)


@access(PUBLIC)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: Any, token: str) -> HttpResponse:
    """Behind the personal link: who asks what, and one button to accept; a link that works no longer says why."""
    found = authors.of_token(token)
    if found is None:
        raise Http404
    problem, status = "", 200
    try:
        authors.refuse_unusable(found, at=clock.now())
    except DomainError as error:
        problem, status = error.message, 410
    if request.method == "POST" and not problem:
        if not request.user.is_authenticated:
            return redirect_to_login(request.path)
        try:
            authors.accept(found, by=request.user)
        except DomainError as error:
            problem, status = error.message, 409
        else:
            messages.success(request, f"Welkom bij “{found.application.title}”.")
            return redirect("applications:detail", found.application.number)
    is_mine = request.user.is_authenticated and found.accepted_by_id == request.user.pk
    context = {
        "invitation": found,
        "application": found.application,
        "role": AuthorRole(found.role),
        "problem": problem,
        "dossier_url": reverse("applications:detail", args=[found.application.number]) if is_mine else "",
    }
    return render(request, "applications/invitation.html", context, status=200 if is_mine else status)


# ---------------------------------------------------------------- history of an answer


def _own_answer(request: SignedInRequest, number: str, answer_id: int) -> Answer:
    visible = Answer.objects.visible_to(request.user).select_related(
        "question__section", "application__call", "application__applicant", "saved_by"
    )
    return get_object_or_404(visible, pk=answer_id, application__number=number)


@access(ORGANISATION, subject="answer")
@require_safe
def answer_history(request: SignedInRequest, number: str, answer_id: int) -> HttpResponse:
    """Every text or file an answer has had; one of them is open, with what changed since the one before it."""
    answer = _own_answer(request, number, answer_id)
    section = answer.question.section
    page = dossier_page(request, number, current=f"section:{section.code}")
    kept = list(answer.versions.select_related("saved_by", "file"))
    wanted = request.GET.get("versie", "")
    shown = next((version for version in kept if str(version.version) == wanted), kept[0] if kept else None)
    place = kept.index(shown) if shown is not None else 0
    before = kept[place + 1] if place + 1 < len(kept) else None
    context = {
        **page,
        "answer": answer,
        "section": section,
        "is_open": section.phase == page["phase"],
        "shown_number": str(shown.version) if shown is not None else "",
        "is_text": answer.question.answer_type != AnswerType.UPLOAD,
        "is_file": answer.question.answer_type == AnswerType.UPLOAD,
        "rows": [{"version": version, "words": words.count(version.value)} for version in kept],
        "shown": shown,
        "is_now": shown is not None and _is_now(shown, answer),
        "before": before,
        "changes": [{"label": answer.question.label, "old": _as_text(before), "new": _as_text(shown)}] if shown else [],
        "may_restore": page["can_edit"]
        and shown is not None
        and not _is_now(shown, answer)
        and (shown.file_id is not None or answer.question.answer_type != AnswerType.UPLOAD)
        and section.phase == page["phase"],
    }
    return render(request, "applications/answer_history.html", context)


def _is_now(version: AnswerVersion, answer: Answer) -> bool:
    """Whether this is what stands in the dossier; two files may have one name."""
    return (version.value, version.file_id) == (answer.value, answer.file_id)


def _as_text(version: AnswerVersion | None) -> str:
    """A version as one compares it: its text, or the name of its file with the beginning of its hash."""
    if version is None or version.file is None:
        return version.value if version is not None else ""
    return f"{version.value} (vingerafdruk {formats.short_hash(version.file.sha256)})"


@access(ORGANISATION, subject="answer")
@require_POST
def answer_restore(request: SignedInRequest, number: str, answer_id: int) -> HttpResponse:
    """Put an earlier text or file back as a new version; when somebody saved meanwhile, nothing is written over."""
    answer = _own_answer(request, number, answer_id)
    version, over = (request.POST.get(name, "") for name in ("versie", "over"))
    back = reverse("applications:answer_history", args=[number, answer_id])
    if not (version.isdecimal() and over.isdecimal() and len(version + over) < 20):
        return redirect(back)
    puts_back = answer_files.restore if answer.question.answer_type == AnswerType.UPLOAD else drafts.restore
    try:
        puts_back(answer.application, answer.question, int(version), over=int(over), by=request.user)
    except drafts.AnswerConflict as conflict:
        messages.warning(
            request,
            f"{conflict.current.saved_by} bewaarde intussen een nieuwe tekst. Er is niets teruggezet: kijk eerst wat er nu staat.",
        )
        return redirect(back)
    except DomainError as error:
        messages.error(request, error.message)
        return redirect(back)
    messages.success(
        request, f"Versie {version} staat weer in het dossier, als nieuwe versie. De andere versies blijven bewaard."
    )
    return redirect(back)
