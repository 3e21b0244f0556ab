"""Forms of surveys among members."""

from django import forms

from monitoring.forms.fields import DateField


class DraftSurveyForm(forms.Form):
    title = forms.CharField(label="Titel", max_length=120, help_text="Bijvoorbeeld: Ledenbevraging 2028.")


class OpenSurveyForm(forms.Form):
    closes_on = DateField(label="Te beantwoorden tot en met")
