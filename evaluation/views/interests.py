"""One's own interests: what experts, committee and staff tell once, and the portal compares with every dossier."""

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from evaluation.domain import interests
from evaluation.domain.conflicts import SEARCHED_ROLES
from evaluation.forms.experts import TieForm
from evaluation.models import DeclaredTie
from ibnportal.core.access import access
from ibnportal.core.errors import DomainError
from ibnportal.core.http import SignedInRequest, add_domain_error, domain_errors


@access(*SEARCHED_ROLES)
@require_http_methods(["GET", "HEAD", "POST"])
def mine(request: SignedInRequest) -> HttpResponseBase:
    """The list, and a form to put one more on it."""
    form = TieForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            _, found = interests.declare_tie(by=request.user, **form.cleaned_data)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            if found:
                messages.warning(
                    request,
                    "Bedankt om dit te melden. Het raakt aan een dossier dat nu beoordeeld wordt; dat is vanaf nu voor u gesloten. Een dossierbehandelaar kijkt het na.",
                )
            else:
                messages.success(request, "Bedankt om dit te melden. Het portaal vergelijkt het met elk dossier.")
            return redirect("evaluation:interests")
    ties = DeclaredTie.objects.visible_to(request.user).standing()
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "evaluation/experts/interests.html", {"ties": ties, "form": form}, status=status)


@access(*SEARCHED_ROLES, subject="declaredtie")
@require_POST
@domain_errors(redirect_to=lambda *_, **__: "evaluation:interests")
def withdraw(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Take one off the list."""
    tie = get_object_or_404(DeclaredTie.objects.visible_to(request.user), pk=pk)
    interests.withdraw_tie(tie, by=request.user)
    messages.success(request, "De band staat niet meer op uw lijst. Wat er eerder uit volgde, blijft staan.")
    return redirect("evaluation:interests")
