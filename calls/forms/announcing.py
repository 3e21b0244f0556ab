"""The mail about a change of a call, read and changed before it goes."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import HttpRequest

from calls.domain import amending, announcement
from calls.domain.mail_texts import Wording
from calls.models import Call

STEP, READ, SEND = "stap", "voorbeeld", "verstuur"


class Announcing:
    """The two steps of a page that changes a call which is out: first the mail to read, then the change with the text that was read.

    Nothing changes without the first step: whoever sends the second one at once gets the mail to read. `form` is the page's own; it gets
    a field for the mail once there is one.
    """

    def __init__(self, request: HttpRequest, call: Call, form: forms.BaseForm) -> None:
        self.call, self.form = call, form
        self.goes_out = call.frozen_at is not None
        self.is_asked = request.method == "POST" and request.POST.get(STEP) == READ
        self.was_read = request.method == "POST" and bool(request.POST.get("previewed"))
        self.mail: Wording | None = None
        if self.goes_out and self.was_read and not self.is_asked:
            _add_fields(form)

    @property
    def message(self) -> str:
        """The text that the sender wants."""
        return str(self.form.cleaned_data.get("message", ""))

    @property
    def is_shown(self) -> bool:
        """Whether the mail stands in the form."""
        return "message" in self.form.fields

    def reads(self, amend: Callable[[], Any]) -> bool:
        """Whether the mail is to be read before anything changes: always, once, and again when it became another since.

        Never of a call that is not out: nobody is told. Raises DomainError as the change itself would.
        """
        if not self.goes_out:
            return False
        mail = announcement.compose(amending.rehearse(self.call, amend))
        mark = announcement.mark(mail.text)
        if self.is_asked or not self.was_read:
            self._show(mail, text=mail.text, mark=mark)
            return True
        if self.form.cleaned_data["previewed"] == mark:
            return False
        text = self.message
        self._show(mail, text=text, mark=mark)
        self.form.add_error(
            "message",
            "Wat verandert, is niet meer wat het was toen u deze mail las. Kijk hem na en maak dan bekend, of maak de mail opnieuw.",
        )
        return True

    def _show(self, mail: Wording, *, text: str, mark: str) -> None:
        """The form again as it was filled in, with this text in the field."""
        self.mail = mail
        _add_fields(self.form)
        data: Any = self.form.data.copy()  # type: ignore[attr-defined]
        data["message"], data["previewed"] = text, mark
        self.form.data = data
        self.form.cleaned_data["message"] = text


def _add_fields(form: forms.BaseForm) -> None:
    if "message" in form.fields:
        return
    form.fields["message"] = forms.CharField(
        label="De mail die vertrekt",
        required=False,
        max_length=20_000,
        widget=forms.Textarea({"rows": 18, "cols": 90}),
        help_text="U kunt elk woord veranderen. Waar {dossiers} staat, leest elke aanvrager zijn eigen dossiers. Leeg: de tekst van het portaal.",
    )
    form.fields["previewed"] = forms.CharField(max_length=64, widget=forms.HiddenInput)
