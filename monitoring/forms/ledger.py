"""Forms around the ledger: pledges, electronic invoices, questions, credit notes, corrections."""

from decimal import Decimal
from typing import Any

from django import forms

from calls.enums import ContributionKind
from ibnportal.core.accounts.models import Organisation
from ibnportal.core.files.kinds import FileKind
from ibnportal.core.forms import among
from monitoring.forms.agreements import OrganisationChoice
from monitoring.forms.fields import DateField, EuroField, PdfField
from monitoring.models import Network


class PledgeForm(forms.Form):
    payer = OrganisationChoice(label="Lid", queryset=Organisation.objects.none(), empty_label="Kies een lid")
    kind = forms.ChoiceField(label="Soort bijdrage", choices=ContributionKind.choices)
    planned_amount = EuroField(label="Gepland (euro)", required=False)
    committed_amount = EuroField(label="Toegezegd (euro)", required=False)
    committed_on = DateField(label="Toegezegd op", required=False)

    def __init__(self, *args: Any, network: Network, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        members = Organisation.objects.filter(network_memberships__network=network)
        among(self, "payer").queryset = members.distinct().order_by("name")


class ManyFilesInput(forms.ClearableFileInput):
    """Several files at once."""

    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """Several files at once; the cleaned value is a list."""

    def clean(self, data: Any, initial: Any = None) -> Any:
        """Each as a file of its own."""
        single = super().clean
        return [single(one, initial) for one in data] if isinstance(data, list | tuple) else [single(data, initial)]


class EInvoiceForm(forms.Form):
    kind = forms.ChoiceField(
        label="Soort bijdrage", choices=ContributionKind.choices, help_text="Geldt voor alle facturen die u nu oplaadt."
    )
    invoices = ManyFilesField(
        label="E-facturen", help_text="UBL-bestanden (.xml) uit uw boekhouding of Peppol; ten hoogste 50 tegelijk.",
        widget=ManyFilesInput(attrs={"accept": FileKind.INVOICE_XML.rule.accept}),
    )  # fmt: skip

    MOST = 50

    def clean_invoices(self) -> list[Any]:
        files: list[Any] = self.cleaned_data["invoices"]
        if len(files) > self.MOST:
            raise forms.ValidationError(f"U koos {len(files)} bestanden; er kunnen er {self.MOST} tegelijk.")
        return files


class TextForm(forms.Form):
    text = forms.CharField(label="Tekst", max_length=4000, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, label: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].label = label


class CreditForm(forms.Form):
    number = forms.CharField(label="Nummer van de creditnota", max_length=60)
    amount = EuroField(label="Bedrag zonder btw (euro)", help_text="Wat de creditnota terugneemt, als positief bedrag.")
    issued_on = DateField(label="Datum")
    upload = PdfField(label="Creditnota", required=False)


class CorrectionForm(forms.Form):
    direction = forms.ChoiceField(
        label="Wat is er?", choices=[("less", "Er telde te veel mee"), ("more", "Er telde te weinig mee")]
    )
    amount = EuroField(label="Verschil (euro)")
    reason = forms.CharField(label="Reden", max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))

    def facts(self) -> dict[str, Any]:
        """As the domain takes them: negative for too much."""
        amount: Decimal = self.cleaned_data["amount"]
        sign = -1 if self.cleaned_data["direction"] == "less" else 1
        return {"amount": amount * sign, "reason": self.cleaned_data["reason"]}
