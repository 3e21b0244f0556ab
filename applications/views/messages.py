"""Messages to the main applicant: what went, with its proof; and what still goes, to read and to change before it does."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import JSONObject
from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from applications.domain import notices, supplements
from applications.forms.messages import NoticeTextForm
from applications.models import Application, NoticeText, SentNotice
from calls.domain import mail_texts
from calls.enums import MailKind
from ibnportal.core import clock
from ibnportal.core.access import access
from ibnportal.core.accounts.enums import Role
from ibnportal.core.accounts.models import User
from ibnportal.core.errors import DomainError
from ibnportal.core.http import SignedInRequest, show_domain_error

READERS = (Role.CASE_HANDLER, Role.SECRETARY, Role.ADMINISTRATOR)


@dataclass(frozen=True, slots=True)
class Planned:
    """A mail that the clock sends, as it would go: when, what, and a text that no longer fits."""

    notice: notices.Notice
    label: str
    goes_at: datetime
    form: NoticeTextForm
    outdated: NoticeText | None


def _dossier(request: SignedInRequest, number: str) -> Application:
    dossiers = Application.objects.visible_to(request.user).select_related("applicant", "call")
    return get_object_or_404(dossiers, number=number)


def _scheduled(application: Application) -> list[tuple[notices.Notice, datetime]]:
    """What the clock will send about this dossier, and when, as things stand."""
    supplement = supplements.current(application) if application.state in supplements.ASKED else None
    if supplement is None:
        return []
    found = []
    if supplement.remind_on is not None and supplement.reminded_at is None:
        at = clock.start_of_day(supplement.remind_on)
        found.append((supplements.reminder_notice(application, supplement), at))
    found.append((supplements.expiry_notice(application, supplement), supplement.due_at))
    return found


@access(*READERS, subject="application")
@require_safe
def page(request: SignedInRequest, number: str) -> HttpResponseBase:
    """Every message about the dossier, newest first, and what the clock still sends."""
    application = _dossier(request, number)
    scheduled = _scheduled(application)
    going = notices.with_own_texts((application, notice) for notice, _ in scheduled)
    planned = [
        Planned(
            notice=notice,
            label=notices.LABELS[notice.template],
            goes_at=goes_at,
            form=NoticeTextForm(initial={"text": notice.text}, auto_id=f"id_{notice.template}_%s"),
            outdated=None if notice.was_edited else notices.outdated(application, original),
        )
        for notice, (original, goes_at) in zip(going, scheduled, strict=True)
    ]
    context = {
        "application": application,
        "kept": notices.sent_to(application),
        "planned": planned,
        "receipt": mail_texts.as_it_goes(application.call, MailKind.RECEIPT),
        "has_worklist": request.user.has_role(Role.CASE_HANDLER, Role.SECRETARY),
        "may_write": request.user.has_role(Role.CASE_HANDLER) and not request.user.belongs_to(application.applicant_id),
    }
    return render(request, "applications/screening/messages.html", context)


@access(Role.CASE_HANDLER, subject="application")
@require_POST
def write(request: SignedInRequest, number: str, template: str) -> HttpResponseBase:
    """Keep another text for one of the mails that the clock will send."""
    application = _dossier(request, number)
    notice = next((notice for notice, _ in _scheduled(application) if notice.template == template), None)
    if notice is None:
        raise Http404
    form = NoticeTextForm(request.POST)
    if form.is_valid():
        try:
            written = notices.write(application, notice, text=form.cleaned_data["text"], by=request.user)
        except DomainError as error:
            show_domain_error(request, error)
        else:
            text = (
                "Uw tekst staat klaar en vertrekt op het moment zelf."
                if written
                else "De tekst van het portaal vertrekt."
            )
            messages.success(request, text)
    else:
        messages.error(request, "De tekst is te lang en is niet bewaard. Kort hem in.")
    return redirect("applications:messages", number)


# ---------------------------------------------------------------- on other pages


def with_messages(dossiers: "QuerySet[Application]") -> "QuerySet[Application]":
    """The dossiers with every message to their applicant, newest first, in the same query: what `for_applicant` shows."""
    told = SentNotice.objects.filter(application=OuterRef("pk"))
    items = JSONObject(template="template", subject="subject", text="text", posted_at="posted_at")
    return dossiers.annotate(told=ArraySubquery(told.values(_row=items)))


def for_applicant(application: Application, user: User) -> dict[str, Any] | None:
    """What the applicant's people were told, on the page of their dossier; what went to nobody yet is not there."""
    if not user.belongs_to(application.applicant_id):
        return None
    told: list[dict[str, Any]] = application.told  # type: ignore[attr-defined]
    kept = [
        (
            {**item, "posted_at": datetime.fromisoformat(item["posted_at"])},
            notices.LABELS.get(item["template"], "Bericht"),
        )
        for item in told
    ]
    return {"kept": kept} if kept else None


def for_staff(application: Application, user: User) -> dict[str, Any] | None:
    """The last messages with their proof, on the dossier as staff reads it."""
    if not user.has_role(*READERS) or user.belongs_to(application.applicant_id):
        return None
    return {"kept": notices.sent_to(application), "application": application}
