"""What every page of the administration of calls shares: its trail, two people at once, and a freeze that came in between."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import BaseModelAdmin
from django.db import DatabaseError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from calls.enums import CallState
from calls.models import Call
from ibnportal.core import clock
from ibnportal.core.accounts.models import User
from ibnportal.core.audit import trail

SEEN = "seen"


def actor(request: HttpRequest) -> User:
    """Who works in the admin; nobody gets here without logging in."""
    return cast("User", request.user)


def is_draft(obj: Any) -> bool:
    """What belongs to a call may change while the call is a draft; a new row has no call yet."""
    if obj is None:
        return True
    call = obj if isinstance(obj, Call) else getattr(obj, "call", None)
    if call is None and hasattr(obj, "dimension"):
        call = obj.dimension.call
    if call is None and hasattr(obj, "section"):
        call = obj.section.call
    return call is None or call.state == CallState.DRAFT


class SeenForm(forms.ModelForm):
    """Carries how far the trail of the row was when the page was opened, so that nobody saves over another unseen."""

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if SEEN in self.fields:
            self.fields[SEEN].initial = self._last()

    def _last(self) -> int:
        last = trail.history(self.instance).last() if self.instance.pk else None
        return last.seq if last else 0

    def clean(self) -> dict[str, Any]:
        """Refuse once when somebody saved meanwhile; who then saves again does so knowingly."""
        data = super().clean() or self.cleaned_data
        seen = data.get(SEEN)
        if not self.instance.pk or seen is None or seen == self._last():
            return data
        last = trail.history(self.instance).last()
        fresh: Any = self.data
        fresh = fresh.copy()
        fresh[self.add_prefix(SEEN)] = str(self._last())
        self.data = fresh
        when = f"{clock.local(last.at):%H.%M}" if last else ""
        who = last.actor_label if last else "Iemand"
        raise forms.ValidationError(
            f"{who} wijzigde dit om {when} uur, terwijl deze bladzijde openstond. Wat u typte staat er nog, maar is niet "
            "bewaard. Open de bladzijde in een tweede tabblad om te zien wat veranderde; bewaart u hier opnieuw, dan geldt uw versie."
        )


class Audited(admin.ModelAdmin):
    """What is changed here is in the audit trail as well as in the admin's own log."""

    form = SeenForm

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """The fields of the page, with what was seen of the row where it can be changed."""
        fieldsets = [(name, {**options}) for name, options in super().get_fieldsets(request, obj)]
        allowed = self.has_change_permission(request, obj) if obj else self.has_add_permission(request)
        name, options = fieldsets[0]
        given: Any = options["fields"]
        fields = [field for field in given if field != SEEN]
        fieldsets[0] = (name, {**options, "fields": [*fields, SEEN] if allowed else fields})
        return fieldsets

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """The row, locked while it is being saved: two who save at once do so one after the other."""
        obj = super().get_object(request, object_id, from_field)
        if obj is not None and request.method == "POST":
            # A whole lock: this request may be the one that deletes the row.
            type(obj)._default_manager.select_for_update(of=("self",)).get(pk=obj.pk)  # noqa: SLF001 - documented name
        return obj

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """As Django's; a call that was published meanwhile is a message, not an error page."""
        try:
            with transaction.atomic():
                return super().changeform_view(request, object_id, form_url, extra_context)
        except DatabaseError as error:
            if "frozen" not in str(error) and "Cannot" not in str(error):
                raise
        messages.error(
            request,
            "Deze oproep is intussen gepubliceerd en ligt vast. Er is niets bewaard. Wijzig haar met een wijziging die zegt waarom.",
        )
        return redirect(request.path)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Into both logs."""
        trail.record(f"{obj._meta.model_name}.added", obj, by=actor(request), changes={"admin": message})  # noqa: SLF001 - documented Meta API
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Into both logs."""
        trail.record(f"{obj._meta.model_name}.changed", obj, by=actor(request), changes={"admin": message})  # noqa: SLF001 - documented Meta API
        return super().log_change(request, obj, message)


class OfDraftCall(BaseModelAdmin):
    """Rows by which dossiers are judged: changed, added and removed only while the call is a draft."""

    extra = 0

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and is_draft(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and is_draft(obj)


class DraftInline(OfDraftCall, admin.TabularInline):
    """A table of such rows on the page of their call."""

    show_change_link = True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_add_permission(request, obj) and is_draft(obj)
