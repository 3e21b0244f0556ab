"""A later deadline, for everybody: the case handler's page (DAT-03, DAT-07)."""

from copy import copy

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from calls import permissions
from calls.domain import amending
from calls.forms.announcing import Announcing
from calls.forms.public import ExtensionForm
from calls.models import Phase
from ibnportal.core import clock
from ibnportal.core.access import access
from ibnportal.core.accounts.enums import Role
from ibnportal.core.errors import DomainError
from ibnportal.core.http import SignedInRequest, add_domain_error


@access(Role.CASE_HANDLER, Role.ADMINISTRATOR, subject="call")
@require_http_methods(["GET", "HEAD", "POST"])
def extend(request: SignedInRequest, code: str, phase: int) -> HttpResponse:
    """Both times, the reason, the mail to read before it goes, and what was extended before; there is no field to choose a dossier."""
    window = get_object_or_404(Phase.objects.select_related("call"), call__code=code, number=phase)
    if not permissions.handles_calls(request.user) or window.call.frozen_at is None:
        raise Http404
    asked_at = clock.now()
    form = ExtensionForm(request.POST if request.method == "POST" else None, phase=window)
    mail = Announcing(request, window.call, form)

    def amend() -> None:
        amending.extend_deadline(
            copy(window), closes_at=form.cleaned_data["closes_at"], reason=form.cleaned_data["reason"], by=request.user,
            at=asked_at, message=mail.message,
        )  # fmt: skip

    if request.method == "POST" and form.is_valid():
        try:
            if not mail.reads(amend):
                amend()
                until = amending.moment(form.cleaned_data["closes_at"])
                messages.success(
                    request, f"Indienen kan nu tot en met {until}. Elke aanvrager krijgt er een mail over."
                )
                return redirect(f"{reverse('calls:detail', args=[code])}#wijzigingen")
        except DomainError as error:
            add_domain_error(form, error)
    context = {
        "call": window.call,
        "phase": window,
        "form": form,
        "mail": mail.mail,
        "shows_mail": mail.is_shown,
        "can_extend": permissions.can_extend(request.user, window),
        "extensions": amending.extensions(window.call),
    }
    return render(request, "calls/extend.html", context, status=422 if form.errors else 200)
