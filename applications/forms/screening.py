"""What a case handler fills in while screening."""

from typing import Any

from django import forms

from applications.enums import CheckOutcome
from ibnportal.core.accounts.models import User
from ibnportal.core.forms import among

VERDICTS = [(CheckOutcome.YES.value, CheckOutcome.YES.label), (CheckOutcome.NO.value, CheckOutcome.NO.label)]


class VerdictForm(forms.Form):
    has_conflict = False
    seen = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput)
    verdict = forms.ChoiceField(
        label="Oordeel",
        choices=VERDICTS,
        widget=forms.RadioSelect,
        error_messages={"required": "Kies “voldaan” of “niet voldaan”."},
    )
    reason = forms.CharField(
        label="Reden",
        required=False,
        max_length=4000,
        widget=forms.Textarea({"rows": 2}),
        help_text="Verplicht als uw oordeel afwijkt van wat het portaal vaststelde.",
    )

    @property
    def seen_stamp(self) -> str | None:
        """Which verdict the page showed; None for a form that did not say."""
        return self.cleaned_data["seen"] if self.add_prefix("seen") in self.data else None


class HandlerForm(forms.Form):
    handler = forms.ModelChoiceField(
        label="Dossierbehandelaar",
        queryset=User.objects.none(),
        empty_label="Kies een collega",
        error_messages={
            "required": "Kies wie dit dossier behandelt.",
            "invalid_choice": "Deze persoon behandelt geen dossiers (meer). Kies iemand anders.",
        },
    )

    def __init__(self, *args: Any, handlers: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        among(self, "handler").queryset = handlers


class ConcludeForm(forms.Form):
    reason = forms.CharField(
        label="Waarom is het dossier niet ontvankelijk?",
        required=False,
        max_length=4000,
        widget=forms.Textarea({"rows": 4}),
        help_text="De aanvrager leest dit. De criteria waaraan niet voldaan is, komen vanzelf in de mail.",
    )
    message = forms.CharField(
        label="Mail aan de aanvrager", required=False, max_length=20000, widget=forms.Textarea({"rows": 16})
    )

    def __init__(self, *args: Any, asks_reason: bool, shows_message: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not asks_reason:
            del self.fields["reason"]
        if not shows_message:
            del self.fields["message"]
