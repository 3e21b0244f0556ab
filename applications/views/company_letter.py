"""The page of a company without an account, behind its personal link: check, declare, sign; or decline.

It shows title, summary and applicant of the initiative and the company's own letter, and nothing else of the dossier. Once
used, or over, it shows only that.
"""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from applications.documents import letter_pdf
from applications.domain import invitations
from applications.domain.invitations import LinkState
from applications.forms.company_letter import CompanyLetterForm, DeclineForm
from applications.models import LetterInvitation
from ibnportal.core import clock, personal_links, throttle
from ibnportal.core.access import PUBLIC, access
from ibnportal.core.errors import DomainError
from ibnportal.core.files.kinds import PDF
from ibnportal.core.http import add_domain_error
from ibnportal.proxies import client_ip

AN_HOUR = 3600
LOOKS_AN_HOUR = 120
WRONG_LINKS_AN_HOUR = 30
POSTS_AN_HOUR = 30
FIELD_OF_RULE = {
    "P1-LET-01": "company_name", "P1-LET-02": "street", "P1-LET-03": "enterprise_number", "TGT-12": "enterprise_number",
    "P1-LET-07": "signed_file", "P1-LET-09": "commitment_amount",
}  # fmt: skip


@access(PUBLIC)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def company_letter(request: HttpRequest, token: str) -> HttpResponse:
    """The letter to confirm and sign, or what became of the link."""
    at = clock.now()
    invitation = _invitation(request, token)
    if isinstance(invitation, HttpResponse):
        return invitation
    if invitations.state_of_link(invitation, at) != LinkState.USABLE or invitation.letter is None:
        return _over(request, invitation, status=200 if request.method != "POST" else 409)
    if request.method != "POST":
        invitations.opened(invitation, at=at)
        return _page(request, token, invitation, _form(invitation))
    signs = request.POST.get("actie") != "pdf"
    form = _form(invitation, request.POST, request.FILES, signs=signs)
    if form.is_valid():
        if not signs:
            return _unsigned(invitation, form)
        try:
            values = form.cleaned_data
            invitations.sign(
                invitation, fields=form.fields_of_letter, signer_name=values["signer_name"],
                signer_function=values["signer_function"], strokes=values["drawing"] if not values["signed_file"] else (),
                upload=values["signed_file"], at=at,
            )  # fmt: skip
        except DomainError as error:
            add_domain_error(form, error, field=_field_of(error, request) if not error.findings else None)
        else:
            return redirect("applications:company_letter", token)
    if request.FILES and form.errors and "signed_file" not in form.errors:
        form.add_error("signed_file", "Kies het bestand opnieuw: een browser onthoudt het niet na een fout.")
    return _page(request, token, invitation, form)


@access(PUBLIC)
@never_cache
@require_POST
def company_decline(request: HttpRequest, token: str) -> HttpResponse:
    """The company does not take part."""
    invitation = _invitation(request, token)
    if isinstance(invitation, HttpResponse):
        return invitation
    form = DeclineForm(request.POST)
    if form.is_valid():
        try:
            invitations.decline(invitation, reason=form.cleaned_data["reason"], at=clock.now())
        except DomainError:
            return _over(request, invitation, status=409)
        return redirect("applications:company_letter", token)
    return _page(request, token, invitation, _form(invitation), decline_form=form)


def _invitation(request: HttpRequest, token: str) -> LetterInvitation | HttpResponse:
    """What the link leads to; 404 for a wrong one, and a pause for who tries many."""
    posts = request.method == "POST"
    link = personal_links.hash_of(token)
    kind, limit = ("post", POSTS_AN_HOUR) if posts else ("look", LOOKS_AN_HOUR)
    if not throttle.allow(f"letter-{kind}:{link}", limit=limit, seconds=AN_HOUR):
        return _too_many(request)
    invitation = invitations.find(token)
    if invitation is None:
        if not throttle.allow(f"letter-wrong:{client_ip(request)}", limit=WRONG_LINKS_AN_HOUR, seconds=AN_HOUR):
            return _too_many(request)
        raise Http404
    return invitation


def _form(invitation: LetterInvitation, *data: Any, signs: bool = True) -> CompanyLetterForm:
    assert invitation.letter is not None  # noqa: S101 - a usable link has its letter
    said = letter_pdf.declarations(invitation.application, invitation.phase)
    return CompanyLetterForm(*data, letter=invitation.letter, declarations=said, signs=signs)


def _field_of(error: DomainError, request: HttpRequest) -> str | None:
    """The field that an error is about; one without a rule or a kind of its own is what the check of a file says."""
    is_of_file = bool(request.FILES) and type(error) is DomainError and not error.rule_id
    return "signed_file" if is_of_file else FIELD_OF_RULE.get(error.rule_id)


def _page(
    request: HttpRequest,
    token: str,
    invitation: LetterInvitation,
    form: CompanyLetterForm,
    *,
    decline_form: DeclineForm | None = None,
) -> HttpResponse:
    context = {
        "invitation": invitation,
        "application": invitation.application,
        "rules": invitation.application.call.rules(),
        "form": form,
        "decline_form": decline_form or DeclineForm(),
        "declines": decline_form is not None,
        "token": token,
        "board": {"width": letter_pdf.WIDTH, "height": letter_pdf.HEIGHT},
    }
    status = 422 if form.errors or decline_form is not None else 200
    return _private(render(request, "applications/company/letter.html", context, status=status))


def _over(request: HttpRequest, invitation: LetterInvitation, *, status: int) -> HttpResponse:
    """Used, over or withdrawn: said kindly, with nothing of the letter in it."""
    fresh = invitations.find_by_pk(invitation.pk)
    state = invitations.state_of_link(fresh)
    context = {
        "invitation": fresh,
        "applicant": fresh.application.applicant,
        "state": state.value,
        "why": invitations.WHY[state],
        "not_kept": request.method == "POST",
    }
    return _private(render(request, "applications/company/over.html", context, status=status))


def _too_many(request: HttpRequest) -> HttpResponse:
    return _private(render(request, "applications/company/over.html", {"state": "busy"}, status=429))


def _unsigned(invitation: LetterInvitation, form: CompanyLetterForm) -> HttpResponse:
    """The letter with what was typed, to print and sign by hand; nothing is kept."""
    content = letter_pdf.render(invitation.application, invitation.phase, form.fields_of_letter)
    response = HttpResponse(content, content_type=PDF)
    response["Content-Disposition"] = 'attachment; filename="intentiebrief-om-te-ondertekenen.pdf"'
    return _private(response)


def _private(response: HttpResponse) -> HttpResponse:
    response["X-Robots-Tag"] = "noindex"
    return response
