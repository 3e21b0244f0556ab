"""A later deadline, for everybody: the case handler's page (DAT-03, DAT-07)."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from calls import permissions
from calls.domain import amending
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
    """Both times, the reason, and what was extended before; there is no field to choose a dossier."""
    window = get_object_or_404(Phase.objects.select_related("call"), call__code=code, number=phase)
    if not permissions.handles_calls(request.user) or window.call.frozen_at is None:
        raise Http404
    asked_at = clock.now()
    form = ExtensionForm(request.POST if request.method == "POST" else None, phase=window)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            amending.extend_deadline(
                window, closes_at=values["closes_at"], reason=values["reason"], by=request.user, at=asked_at
            )
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(
                request,
                f"Indienen kan nu tot en met {amending.moment(values['closes_at'])}. Elke aanvrager krijgt er een mail over.",
            )
            return redirect(f"{reverse('calls:detail', args=[code])}#wijzigingen")
    context = {
        "call": window.call,
        "phase": window,
        "form": form,
        "can_extend": permissions.can_extend(request.user, window),
        "extensions": amending.extensions(window.call),
    }
    return render(request, "calls/extend.html", context, status=422 if form.errors else 200)
