"""The advice on a pre-registration."""

from typing import Any

from django import forms

from applications.models import Application
from evaluation.enums import Recommendation
from ibnportal.core.forms import among


class DossierChoice(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.number} {obj.title}"


class AdviceForm(forms.Form):
    strengths = forms.CharField(label="Sterktes", required=False, max_length=10000, widget=forms.Textarea({"rows": 4}))
    weaknesses = forms.CharField(label="Zwaktes", required=False, max_length=10000, widget=forms.Textarea({"rows": 4}))
    recommendation = forms.ChoiceField(
        label="Advies",
        choices=Recommendation.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Kies een advies."},
    )
    merge_with = DossierChoice(
        label="Samenvoegen met",
        queryset=Application.objects.none(),
        required=False,
        empty_label="Niet van toepassing",
        help_text="Alleen als u samenvoegen aanraadt.",
    )
    text = forms.CharField(
        label="Motivering", max_length=20000, widget=forms.Textarea({"rows": 8}),
        help_text="Steun op de pitch en op wat ingediend is. Het comité leest dit.",
        error_messages={"required": "Schrijf de motivering."},
    )  # fmt: skip

    def __init__(self, *args: Any, others: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        among(self, "merge_with").queryset = others
