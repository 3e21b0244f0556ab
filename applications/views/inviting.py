"""Asking companies by mail for their letter: one, all, again in phase 2; reminding; taking a link back. One endpoint a verb."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from applications.domain import invitations
from applications.domain.invitations import Bulk
from applications.models import Letter, LetterInvitation
from applications.views.page import back_to, own_application
from ibnportal.core.access import ORGANISATION, access
from ibnportal.core.http import SignedInRequest, domain_errors

LETTERS = "applications:letters"


def _letter(request: SignedInRequest, number: str, letter_id: int) -> Letter:
    visible = Letter.objects.visible_to(request.user).select_related("application__call", "application__applicant")
    return get_object_or_404(visible, pk=letter_id, application__number=number)


def _invitation(request: SignedInRequest, number: str, letter_invitation_id: int) -> LetterInvitation:
    visible = LetterInvitation.objects.visible_to(request.user).select_related("application__call", "letter", "sent_by")
    return get_object_or_404(visible, pk=letter_invitation_id, application__number=number)


@access(ORGANISATION, subject="letter")
@require_POST
@domain_errors(redirect_to=back_to(LETTERS))
def invite(request: SignedInRequest, number: str, letter_id: int) -> HttpResponse:
    """Mail one company its link."""
    invitation = invitations.invite(_letter(request, number, letter_id), by=request.user)
    messages.success(request, f"De uitnodiging voor {invitation.company_name} vertrekt naar {invitation.email}.")
    return redirect(LETTERS, number)


@access(ORGANISATION, subject="application")
@require_POST
@domain_errors(redirect_to=back_to(LETTERS))
def invite_all(request: SignedInRequest, number: str) -> HttpResponse:
    """Mail every company of the register that did not sign."""
    _tell(request, invitations.invite_all(own_application(request, number), by=request.user))
    return redirect(LETTERS, number)


@access(ORGANISATION, subject="application")
@require_POST
@domain_errors(redirect_to=back_to(LETTERS))
def invite_again(request: SignedInRequest, number: str) -> HttpResponse:
    """Take over and mail every company that signed in phase 1 and not yet in phase 2."""
    _tell(request, invitations.invite_again(own_application(request, number), by=request.user))
    return redirect(LETTERS, number)


def _tell(request: SignedInRequest, found: Bulk) -> None:
    if found.sent:
        messages.success(
            request, f"{found.sent} {'uitnodiging vertrekt' if found.sent == 1 else 'uitnodigingen vertrekken'}."
        )
    elif not found.refused:
        messages.info(
            request,
            "Er is niemand om uit te nodigen: iedereen met een e-mailadres kreeg al een uitnodiging of tekende al.",
        )
    for sentence in found.refused:
        messages.warning(request, sentence)


@access(ORGANISATION, subject="application")
@require_POST
@domain_errors(redirect_to=back_to(LETTERS))
def remind_all(request: SignedInRequest, number: str) -> HttpResponse:
    """Remind everybody who did not answer."""
    count = invitations.remind_all(own_application(request, number), by=request.user)
    if count:
        messages.success(request, f"{count} {'herinnering vertrekt' if count == 1 else 'herinneringen vertrekken'}.")
    else:
        messages.info(request, "Er is niemand om te herinneren: wie nog moet antwoorden, kreeg vandaag al een mail.")
    return redirect(LETTERS, number)


@access(ORGANISATION, subject="letter_invitation")
@require_POST
@domain_errors(redirect_to=back_to(LETTERS))
def remind(request: SignedInRequest, number: str, letter_invitation_id: int) -> HttpResponse:
    """Remind one company."""
    invitation = invitations.remind(_invitation(request, number, letter_invitation_id), by=request.user)
    messages.success(request, f"De herinnering voor {invitation.company_name} vertrekt.")
    return redirect(LETTERS, number)


@access(ORGANISATION, subject="letter_invitation")
@require_POST
@domain_errors(redirect_to=back_to(LETTERS))
def revoke(request: SignedInRequest, number: str, letter_invitation_id: int) -> HttpResponse:
    """Make a link useless."""
    invitation = invitations.revoke(_invitation(request, number, letter_invitation_id), by=request.user)
    messages.success(request, f"De link van {invitation.company_name} werkt niet meer.")
    return redirect(LETTERS, number)
