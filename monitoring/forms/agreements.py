"""Forms around the agreement."""

from typing import Any

from django import forms

from ibnportal.core.accounts.enums import OrganisationKind
from ibnportal.core.accounts.models import Organisation
from monitoring.forms.fields import DateField, PdfField
from monitoring.models import AgreementKpi


class DraftForm(forms.Form):
    start_on = DateField(label="Start van het project", help_text="Meestal de eerste dag van een maand.")


class AccountForm(forms.Form):
    iban = forms.CharField(
        label="Rekeningnummer (IBAN)", max_length=50, widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text="Van de begunstigde. Zonder rekeningnummer kan er niets vrijgegeven worden.",
    )  # fmt: skip


class BeneficiaryForm(forms.Form):
    name = forms.CharField(label="Naam van de begunstigde", max_length=200)
    enterprise_number = forms.CharField(
        label="Ondernemingsnummer", max_length=30, help_text="Tien cijfers, bijvoorbeeld 0566.988.259."
    )

    def organisation_details(self) -> dict[str, Any]:
        """As `find_or_register_organisation` takes them."""
        return {**self.cleaned_data, "kind": OrganisationKind.NETWORK}


class ConditionForm(forms.Form):
    note = forms.CharField(
        label="Hoe is de voorwaarde vervuld?", max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )


class SignForm(forms.Form):
    founded_on = DateField(
        label="Begunstigde opgericht op",
        help_text="Volgens de Kruispuntbank van Ondernemingen; ten laatste op de start.",
    )
    signatories = forms.CharField(
        label="Ondertekenaars", max_length=300, help_text="Wie tekende voor het fonds en wie voor de begunstigde."
    )
    upload = PdfField(label="Ondertekende overeenkomst", required=False)


class IndicatorForm(forms.ModelForm):
    class Meta:
        model = AgreementKpi
        fields = ("definition", "baseline", "target", "method")
        widgets = {"definition": forms.Textarea(attrs={"rows": 2}), "method": forms.Textarea(attrs={"rows": 2})}
        labels = {
            "definition": "Definitie",
            "baseline": "Referentiewaarde",
            "target": "Streefwaarde",
            "method": "Meetmethode",
        }


class OrganisationChoice(forms.ModelChoiceField):
    """Organisations with their number."""

    def label_from_instance(self, obj: Organisation) -> str:
        return f"{obj.name} ({obj.formatted_number})" if obj.enterprise_number else obj.name
