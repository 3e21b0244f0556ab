"""Forms around the agreement."""

from typing import Any

from django import forms

from ibnportal.core.accounts.enums import OrganisationKind, Role
from ibnportal.core.accounts.models import Organisation, RoleGrant, User
from ibnportal.core.forms import among
from monitoring.forms.fields import DateField, EuroField, PdfField
from monitoring.models import Agreement, AgreementKpi


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
    upload = PdfField(
        label="Ondertekende overeenkomst",
        error_messages={"required": "Laad de overeenkomst op die beide partijen ondertekenden, als PDF."},
    )


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


class AmendmentForm(forms.Form):
    """What every amendment has; the fields of one kind come before these."""

    reason = forms.CharField(
        label="Waarom wijzigt de overeenkomst?", max_length=4000, widget=forms.Textarea(attrs={"rows": 3})
    )
    document = PdfField(
        label="Ondertekend addendum",
        error_messages={"required": "Laad het addendum op dat beide partijen ondertekenden, als PDF."},
    )

    def __init__(self, *args: Any, agreement: Agreement, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.agreement = agreement
        self.prepare()
        self.order_fields([name for name in self.fields if name not in {"reason", "document"}])

    def prepare(self) -> None:
        """The fields of this kind, with what stands now."""

    def common(self) -> dict[str, Any]:
        """Reason and document, as every verb of `amendments` takes them."""
        return {"reason": self.cleaned_data["reason"], "document": self.cleaned_data["document"]}


class AmountsForm(AmendmentForm):
    """An amount for each project year."""

    def prepare(self) -> None:
        for year in self.agreement.network.award_years.order_by("project_year"):
            self.fields[f"year_{year.project_year}"] = EuroField(
                label=f"Projectjaar {year.project_year} (euro)", initial=year.awarded_amount
            )

    def amounts(self) -> dict[int, Any]:
        """Euros by project year."""
        return {
            int(name.removeprefix("year_")): value
            for name, value in self.cleaned_data.items()
            if name.startswith("year_")
        }


class PeriodForm(AmendmentForm):
    """Another start while the project does not run, and another end."""

    def prepare(self) -> None:
        network = self.agreement.network
        if network.state == "signed":
            self.fields["start_on"] = DateField(label="Start van het project", initial=self.agreement.start_on)
        self.fields["end_on"] = DateField(label="Einde van het project", initial=network.end_on)


class TargetForm(AmendmentForm):
    """Another target for one indicator."""

    def prepare(self) -> None:
        self.fields["kpi"] = forms.ModelChoiceField(
            label="Indicator", queryset=self.agreement.kpis.all(), empty_label="Kies een indicator"
        )
        self.fields["target"] = forms.DecimalField(
            label="Nieuwe streefwaarde", min_value=0, max_digits=12, decimal_places=2, localize=True,
            error_messages={"invalid": "Vul een getal in, bijvoorbeeld 24 of 24,5."},
        )  # fmt: skip


class NameForm(AmendmentForm):
    """Another name of the same beneficiary."""

    def prepare(self) -> None:
        self.fields["name"] = forms.CharField(
            label="Nieuwe naam van de begunstigde", max_length=200, initial=self.agreement.network.beneficiary.name,
            help_text="Dezelfde rechtspersoon, met hetzelfde ondernemingsnummer.",
        )  # fmt: skip


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
