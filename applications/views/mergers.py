"""Two initiatives that go on as one: carried out and undone by a case handler, shown on both dossiers."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from applications.domain import mergers
from applications.forms.messages import MergeForm, UndoForm
from applications.models import Application, Merger
from ibnportal.core.access import access
from ibnportal.core.accounts.enums import Role
from ibnportal.core.accounts.models import User
from ibnportal.core.errors import DomainError
from ibnportal.core.http import SignedInRequest, add_domain_error

_STAFF = (Role.CASE_HANDLER, Role.SECRETARY, Role.COMMITTEE_MEMBER, Role.ADMINISTRATOR)


def _dossier(request: SignedInRequest, number: str) -> Application:
    dossiers = Application.objects.visible_to(request.user).select_related("applicant", "call")
    return get_object_or_404(dossiers, number=number)


@access(Role.CASE_HANDLER, subject="application")
@require_http_methods(["GET", "HEAD", "POST"])
def merge(request: SignedInRequest, number: str) -> HttpResponseBase:
    """Choose the other and who leads, read both mails, then carry it out."""
    application = _dossier(request, number)
    others = mergers.partners(
        application,
        among=Application.objects.visible_to(request.user).exclude(applicant_id__in=request.user.organisation_ids),
    )
    is_sending = request.POST.get("stap") == "verstuur"
    mails: list[Any] = []
    if request.method == "POST":
        form = MergeForm(request.POST, others=others, shows_messages=is_sending)
        if form.is_valid():
            other, leads = form.cleaned_data["other"], form.cleaned_data["lead"] == "this"
            lead, joining = (application, other) if leads else (other, application)
            try:
                if is_sending:
                    mails = mergers.previews(lead, joining)
                    mergers.merge(
                        lead,
                        joining,
                        reason=form.cleaned_data["reason"],
                        by=request.user,
                        lead_message=form.cleaned_data["lead_message"],
                        joining_message=form.cleaned_data["joining_message"],
                    )
                    messages.success(
                        request, f"{joining.number} gaat verder in {lead.number}. Beide aanvragers krijgen een mail."
                    )
                    return redirect("applications:merge", lead.number)
                mergers.refuse_impossible(lead, joining)
            except DomainError as error:
                add_domain_error(form, error)
            else:
                mails = mergers.previews(lead, joining)
                initial = {**form.cleaned_data, "lead_message": mails[0][1].text, "joining_message": mails[1][1].text}
                form = MergeForm(initial=initial, others=others, shows_messages=True)
    else:
        form = MergeForm(others=others, shows_messages=False)
    standing = mergers.standing(application)
    context = {
        "application": application,
        "form": form,
        "mails": mails,
        "shows_messages": "lead_message" in form.fields,
        "standing": standing,
        "can_merge": application.state in mergers.MERGEABLE,
        "can_undo": {merger.pk for merger in standing if merger.lead.state in mergers.MERGEABLE},
        "undo_form": UndoForm(auto_id="id_undo_%s"),
        "has_others": others.exists(),
    }
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "applications/screening/merge.html", context, status=status)


@access(Role.CASE_HANDLER, subject="application")
@require_http_methods(["GET", "HEAD", "POST"])
def undo(request: SignedInRequest, number: str, merger_id: int) -> HttpResponseBase:
    """Set the merged initiative free again, with a reason that both applicants read."""
    application = _dossier(request, number)
    rows = Merger.objects.filter(pk=merger_id, undone_at__isnull=True).select_related("lead__call", "joining__call")
    merger = get_object_or_404(rows.filter(lead=application) | rows.filter(joining=application))
    form = UndoForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            mergers.undo(merger, reason=form.cleaned_data["reason"], by=request.user)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, "De samenvoeging is ongedaan gemaakt. Beide aanvragers krijgen een mail.")
            return redirect("applications:merge", number)
    context = {"application": application, "merger": merger, "form": form}
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "applications/screening/merge_undo.html", context, status=status)


def of_dossier(application: Application, user: User) -> dict[str, Any] | None:
    """What a merger means for this dossier: with whom, who leads, and for staff the way to it; both histories stay readable."""
    standing = mergers.standing(application)
    is_staff = user.has_role(*_STAFF) and not user.belongs_to(application.applicant_id)
    may_merge = (
        application.state in mergers.MERGEABLE
        and user.has_role(Role.CASE_HANDLER)
        and not user.belongs_to(application.applicant_id)
    )
    if not standing and not may_merge:
        return None
    shown = set()
    if is_staff and standing:
        numbers = [row.pk for merger in standing for row in (merger.lead, merger.joining)]
        shown = set(Application.objects.visible_to(user).filter(pk__in=numbers).values_list("pk", flat=True))
    return {"application": application, "mergers": standing, "linked": shown, "may_merge": may_merge}
