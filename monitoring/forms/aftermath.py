"""Forms of what comes after the project."""

from django import forms

from monitoring.enums import FutureKind, PlanKind
from monitoring.forms.fields import DateField


class PlanForm(forms.Form):
    kind = forms.ChoiceField(label="Richting", choices=PlanKind)
    partner = forms.CharField(
        label="Met wie", required=False, max_length=200, help_text="Verplicht bij samengaan, anders als het al bekend is."
    )  # fmt: skip
    text = forms.CharField(
        label="Plan", max_length=20000, widget=forms.Textarea(attrs={"rows": 6}),
        help_text="Hoe het netwerk na het project betaald wordt, wie het trekt en wat de leden blijven krijgen.",
    )  # fmt: skip


class ConclusionForm(forms.Form):
    conclusion = forms.CharField(label="Besluit", max_length=20000, widget=forms.Textarea(attrs={"rows": 5}))
    future = forms.ChoiceField(label="Wat wordt er van het netwerk?", choices=FutureKind)


class FutureForm(forms.Form):
    kind = forms.ChoiceField(label="Toekomst", choices=FutureKind)
    text = forms.CharField(label="Waarop dat steunt", max_length=300)
    as_of = DateField(label="Stand op")


class LabelForm(forms.Form):
    holds = forms.TypedChoiceField(
        label="Label", choices=[("ja", "Voert het label"), ("nee", "Voert het label niet meer")], coerce=lambda value: value == "ja"
    )  # fmt: skip
    since = DateField(label="Vanaf")
    reason = forms.CharField(label="Waarom", max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))
