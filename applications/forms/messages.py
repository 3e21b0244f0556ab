"""Another text for a mail that goes later; and going on together with another initiative."""

from typing import Any

from django import forms

from applications.models import Application
from ibnportal.core.forms import among


class NoticeTextForm(forms.Form):
    text = forms.CharField(
        label="Tekst van de mail",
        required=False,
        max_length=20000,
        widget=forms.Textarea({"rows": 14}),
        help_text="Maak het veld leeg om weer de tekst van het portaal te nemen.",
    )


class OtherDossier(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.number} {obj.title} ({obj.applicant.name})"


class MergeForm(forms.Form):
    other = OtherDossier(
        label="Samen met",
        queryset=Application.objects.none(),
        empty_label="Kies een gepreselecteerd initiatief",
        error_messages={
            "required": "Kies met welk initiatief dit samengaat.",
            "invalid_choice": "Dit initiatief is intussen niet meer beschikbaar. Kies een ander.",
        },
    )
    lead = forms.ChoiceField(
        label="Welk dossier leidt?",
        choices=[("this", "Dit dossier"), ("other", "Het andere dossier")],
        widget=forms.RadioSelect,
        initial="this",
        help_text="In het leidende dossier wordt de gezamenlijke aanvraag ingediend. Het andere blijft leesbaar zoals het was.",
        error_messages={"required": "Kies welk dossier leidt."},
    )
    reason = forms.CharField(
        label="Waarop steunt de samenvoeging?",
        max_length=4000,
        widget=forms.Textarea({"rows": 3}),
        help_text="Het advies van het comité en het akkoord van beide aanvragers. Dit komt in het verloop van beide dossiers.",
        error_messages={"required": "Schrijf waarop de samenvoeging steunt."},
    )
    lead_message = forms.CharField(
        label="Mail aan de aanvrager van het leidende dossier",
        required=False,
        max_length=20000,
        widget=forms.Textarea({"rows": 14}),
    )
    joining_message = forms.CharField(
        label="Mail aan de andere aanvrager", required=False, max_length=20000, widget=forms.Textarea({"rows": 14})
    )

    def __init__(self, *args: Any, others: Any, shows_messages: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        among(self, "other").queryset = others
        if not shows_messages:
            del self.fields["lead_message"], self.fields["joining_message"]


class UndoForm(forms.Form):
    reason = forms.CharField(
        label="Waarom gaat de samenvoeging niet door?",
        max_length=4000,
        widget=forms.Textarea({"rows": 3}),
        help_text="Beide aanvragers lezen dit.",
        error_messages={"required": "Schrijf waarom: beide aanvragers lezen dit."},
    )
