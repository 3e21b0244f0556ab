"""Forms around the agreement."""

from typing import Any

from django import forms

from ibnportal.core.accounts.enums import OrganisationKind, Role
from ibnportal.core.accounts.models import Organisation, RoleGrant, User
from ibnportal.core.forms import among
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


class HandOverForm(forms.Form):
    manager = forms.ModelChoiceField(
        label="Collega", queryset=User.objects.none(), empty_label="Kies een accountmanager"
    )
    note = forms.CharField(
        label="Wat moet uw collega weten?", required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Gaat mee in de mail. Wat hieronder staat, ziet uw collega zelf.",
    )  # fmt: skip

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        grants = RoleGrant.objects.open().filter(role=Role.ACCOUNT_MANAGER)
        colleagues = User.objects.filter(is_active=True, pk__in=grants.values("user")).exclude(pk=user.pk)
        among(self, "manager").queryset = colleagues.order_by("full_name")
