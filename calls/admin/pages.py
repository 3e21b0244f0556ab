"""The pages of a call in the admin that are a deed with a confirmation: copy, publish, amend, a template, a mail text."""

from __future__ import annotations

from functools import update_wrapper
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from calls.admin.editing import Audited, actor
from calls.domain import amending, consistency, copying, mail_texts, opening, papers
from calls.enums import CallState, MailKind
from calls.forms.administration import CopyForm, DatesForm, FiguresForm, MailTextForm, PaperForm, TextsForm
from calls.forms.announcing import Announcing
from calls.models import Call
from ibnportal.core.accounts.models import User
from ibnportal.core.errors import DomainError
from ibnportal.core.findings import has_errors
from ibnportal.core.http import add_domain_error


class CallPages(Audited):
    """Adds the pages to the admin of calls; each shows what will happen, does one domain call and says what was done."""

    def get_urls(self) -> list[URLPattern]:
        """Django's own, after ours."""

        def wrap(view: Any) -> Any:
            def wrapper(*args: Any, **kwargs: Any) -> Any:
                return self.admin_site.admin_view(view)(*args, **kwargs)

            wrapper.model_admin = self  # type: ignore[attr-defined]
            return update_wrapper(wrapper, view)

        own = [
            path("<int:object_id>/kopieren/", wrap(self.copy_page), name="calls_call_copy"),
            path("<int:object_id>/publiceren/", wrap(self.publish_page), name="calls_call_publish"),
            path("<int:object_id>/wijzigen/regels/", wrap(self.rules_page), name="calls_call_amend_rules"),
            path("<int:object_id>/wijzigen/data/", wrap(self.dates_page), name="calls_call_amend_dates"),
            path("<int:object_id>/wijzigen/teksten/", wrap(self.texts_page), name="calls_call_amend_texts"),
            path("<int:object_id>/sjabloon/", wrap(self.paper_page), name="calls_call_paper"),
            path("<int:object_id>/mail/<slug:kind>/", wrap(self.mail_page), name="calls_call_mail_text"),
        ]
        return own + super().get_urls()

    def steps(self, call: Call) -> list[tuple[str, str]]:
        """The buttons on top of the page of a call: address and label."""
        steps = [(reverse("calls:detail", args=[call.code]), "Bekijk zoals een bezoeker")]
        if call.sections.exists():
            steps.append((reverse("portal:call_preview", args=[call.code, 1]), "Bekijk de vragen zoals een aanvrager"))
        if call.state == CallState.DRAFT:
            steps.append((reverse("admin:calls_call_publish", args=[call.pk]), "Kijk na en publiceer"))
        if call.state == CallState.PUBLISHED:
            steps += [
                (reverse("admin:calls_call_amend_rules", args=[call.pk]), "Wijzig regels"),
                (reverse("admin:calls_call_amend_dates", args=[call.pk]), "Wijzig data"),
                (reverse("admin:calls_call_amend_texts", args=[call.pk]), "Wijzig teksten"),
            ]
        return [*steps, (reverse("admin:calls_call_copy", args=[call.pk]), "Kopieer")]

    # ---------------------------------------------------------------- copy and publish

    def copy_page(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Name the new call and say what happens to the dates; then everything is copied."""
        call = self._call(request, object_id)
        form = CopyForm(_posted(request), source=call)
        if request.method == "POST" and form.is_valid():
            try:
                copy = copying.copy_call(call, by=actor(request), **form.cleaned_data)
            except DomainError as error:
                add_domain_error(form, error)
            else:
                messages.success(
                    request, f"{copy} staat klaar als oproep in voorbereiding. Kijk haar data en regels na."
                )
                return redirect("admin:calls_call_change", copy.pk)
        counts = [
            ("versie van de regels: de laatste", call.rules_versions.count() and 1),
            ("fasen en momenten", call.phases.count() + call.milestones.count()),
            ("onderdelen", call.sections.count()),
            ("vragen", sum(section.questions.count() for section in call.sections.prefetch_related("questions"))),
            ("dimensies", call.dimensions.count()),
            ("scores van de schaal", call.scale.count()),
            ("uitsluitingsregels", call.knockout_rules.count()),
            ("indicatoren", call.kpi_definitions.count()),
            ("sjablonen", papers.in_force(call).count()),
            ("mailteksten", len(mail_texts.in_force(call))),
        ]
        there = [(label, count) for label, count in counts if count]
        return self._page(request, call, form, f"Kopieer {call}", button="Kopieer", counts=there)

    def publish_page(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """The list of what was checked; publishing freezes, so it asks for a confirmation."""
        call = self._call(request, object_id)
        if call.state != CallState.DRAFT:
            messages.warning(request, f"{call} is al gepubliceerd.")
            return redirect("admin:calls_call_change", call.pk)
        form = ConfirmForm(_posted(request))
        if request.method == "POST" and form.is_valid():
            try:
                opening.publish(call, by=actor(request))
            except DomainError as error:
                form.add_error(None, error.message)
            else:
                messages.success(
                    request, f"{call} is gepubliceerd. Wat u nu nog wijzigt, is een wijziging met een reden."
                )
                return redirect("admin:calls_call_change", call.pk)
        findings = consistency.examine(call)
        stands = not has_errors(findings)
        return self._page(
            request, call, form if stands or form.is_bound else None, f"Publiceer {call}",
            button="Publiceer" if stands else "", findings=findings, is_publication=True,
            rules=call.rules_versions.order_by("-version").first(),
        )  # fmt: skip

    # ---------------------------------------------------------------- amend

    def rules_page(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """A next version of the rules."""
        call = self._call(request, object_id)
        form = FiguresForm(_posted(request), instance=call.current_rules())

        def amend() -> None:
            amending.amend_rules(
                call, reason=form.cleaned_data["reason"], by=actor(request), message=mail.message, **form.figures
            )

        mail = Announcing(request, call, form)
        return self._amend(request, call, mail, f"Wijzig de regels van {call}", amend)

    def dates_page(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Phases and calendar of a call that is out."""
        call = self._call(request, object_id)
        form = DatesForm(_posted(request), call=call)

        def amend() -> None:
            amending.amend_dates(
                call, reason=form.cleaned_data["reason"], by=actor(request), windows=form.windows, moments=form.moments,
                message=mail.message,
            )  # fmt: skip

        mail = Announcing(request, call, form)
        return self._amend(request, call, mail, f"Wijzig de data van {call}", amend)

    def texts_page(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """What the call says."""
        call = self._call(request, object_id)
        form = TextsForm(_posted(request), instance=call)

        def amend() -> None:
            fresh = Call.objects.get(pk=call.pk)
            amending.amend_texts(
                fresh, reason=form.cleaned_data["reason"], by=actor(request), message=mail.message, **form.texts
            )

        mail = Announcing(request, call, form)
        return self._amend(request, call, mail, f"Wijzig de teksten van {call}", amend)

    def _amend(
        self, request: HttpRequest, call: Call, mail: Announcing, title: str, amend: Any, **context: Any
    ) -> HttpResponse:
        """First the mail to read, then the change: nobody is told in words that no one saw."""
        form = mail.form
        if request.method == "POST" and form.is_valid():
            try:
                if not mail.reads(amend):
                    amend()
                    messages.success(request, _TOLD if mail.goes_out else _KEPT)
                    return redirect("admin:calls_call_change", call.pk)
            except DomainError as error:
                add_domain_error(form, error)
        last_step = "Wijzig en maak bekend" if mail.is_shown else ""
        return self._page(
            request, call, form, title, button=last_step if mail.goes_out else "Bewaar", is_amendment=mail.goes_out,
            mail=mail.mail, mail_step=mail.goes_out, shows_mail=mail.is_shown, **context,
        )  # fmt: skip

    # ---------------------------------------------------------------- papers and mails

    def paper_page(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """A template, or its next version."""
        call = self._call(request, object_id)
        named = request.GET.get("code")
        known = papers.in_force(call).values("code", "title", "kind", "phase", "note")
        initial = next((paper for paper in known if paper["code"] == named), None)
        form = PaperForm(_posted(request), request.FILES or None, initial=initial, call=call, user=actor(request))

        def add() -> None:
            papers.add(call, form.chosen, by=actor(request), message=mail.message, **form.values)

        mail = Announcing(request, call, form)
        if mail.goes_out and form.is_bound:
            self._keep(form, by=actor(request))
        return self._amend(
            request, call, mail, f"Sjabloon bij {call}", add, versions=call.papers.select_related("file", "added_by")
        )

    def _keep(self, form: PaperForm, *, by: User) -> None:
        """What was uploaded with this step stays for the next one, whatever else is still wrong."""
        form.full_clean()
        upload = form.cleaned_data.get("file")
        if not upload:
            return
        try:
            form.keep(papers.keep(upload, by=by))
        except DomainError as error:
            form.add_error("file", error.message)

    def mail_page(self, request: HttpRequest, object_id: int, kind: str) -> HttpResponse:
        """The wording of one notice, with what it can name and how it would look."""
        call = self._call(request, object_id)
        if kind not in MailKind.values:
            raise Http404
        current = mail_texts.current(call, kind)
        form = MailTextForm(_posted(request), call=call, kind=kind, current=current)
        sample = None
        if request.method != "POST":
            sample = mail_texts.as_it_goes(call, kind)
        elif form.is_valid():
            values = {name: form.cleaned_data.get(name, "") for name in ("subject", "body", "reason")}
            if "voorbeeld" in request.POST:
                sample = mail_texts.sample(call, kind, subject=values["subject"], body=values["body"])
            else:
                try:
                    mail_texts.save(call, kind, by=actor(request), **values)
                except DomainError as error:
                    add_domain_error(form, error)
                else:
                    messages.success(request, f"“{MailKind(kind).label}” gaat voortaan zo.")
                    return redirect("admin:calls_call_change", call.pk)
        return self._page(
            request, call, form, f"{MailKind(kind).label}: tekst van {call}", button="Bewaar", sample=sample,
            placeholders=mail_texts.placeholders(kind).items(), is_worded=current is not None, is_asked=request.method == "POST",
            versions_of_text=call.mail_texts.filter(kind=kind).select_related("saved_by"),
        )  # fmt: skip

    # ---------------------------------------------------------------- shared

    def _call(self, request: HttpRequest, object_id: int) -> Call:
        call = self.get_queryset(request).filter(pk=object_id).first()
        if call is None or not self.has_view_permission(request, call):
            raise Http404
        return call

    def _page(
        self, request: HttpRequest, call: Call, form: forms.BaseForm | None, title: str, *, button: str, **context: Any
    ) -> HttpResponse:
        values = {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.opts,
            "call": call,
            "form": form,
            "button": button,
            **context,
        }
        status = 422 if form is not None and form.errors else 200
        return TemplateResponse(request, "admin/calls/deed.html", values, status=status)


_TOLD = "De wijziging staat op de bladzijde van de oproep en gaat naar elke aanvrager."
_KEPT = "Bewaard. De oproep staat nog in voorbereiding: niemand krijgt er een mail over."


def _posted(request: HttpRequest) -> Any:
    """What was posted, also when that is nothing at all."""
    return request.POST if request.method == "POST" else None


class ConfirmForm(forms.Form):
    """Publishing cannot be undone."""

    confirm = forms.BooleanField(
        label="Ik keek de oproep na en publiceer haar. Vanaf nu liggen regels, criteria, vragen en data vast.",
        error_messages={"required": "Bevestig dit eerst."},
    )
