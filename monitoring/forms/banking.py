"""Forms of payment files, statements, account numbers and recoveries."""

from collections.abc import Sequence
from typing import Any

from django import forms

from ibnportal.core.files.kinds import FileKind
from ibnportal.core.money import format_euros
from monitoring.forms.fields import DateField, EuroField, PdfField
from monitoring.models import Tranche


class BatchForm(forms.Form):
    payments = forms.MultipleChoiceField(
        label="Betalingen",
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Vink minstens één betaling aan.",
            "invalid_choice": "Een van deze betalingen zit intussen in een ander bestand. Laad de pagina opnieuw.",
        },
    )
    execute_on = DateField(label="Uit te voeren op", help_text="De dag waarop de bank betaalt.")

    def __init__(self, *args: Any, ready: Sequence[Tranche], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._ready = {str(tranche.pk): tranche for tranche in ready}
        field = self.fields["payments"]
        field.choices = [(pk, _label(tranche)) for pk, tranche in self._ready.items()]  # type: ignore[attr-defined]
        field.initial = list(self._ready)

    def chosen(self) -> list[Tranche]:
        """The tranches that were ticked."""
        return [self._ready[pk] for pk in self.cleaned_data["payments"]]


def _label(tranche: Tranche) -> str:
    year = tranche.award_year
    return f"{year.network.name}, projectjaar {year.project_year}, {tranche.get_number_display().lower()}: {format_euros(tranche.amount)}"


class StatementForm(forms.Form):
    upload = forms.FileField(
        label="Uittreksel van de bank",
        widget=forms.FileInput(attrs={"accept": FileKind.BANK_XML.rule.accept}),
        help_text="XML in de vorm camt.053 of camt.054. Hetzelfde bestand twee keer inlezen verandert niets.",
    )


class AccountChangeForm(forms.Form):
    iban = forms.CharField(label="Nieuw rekeningnummer (IBAN)", max_length=50)
    reason = forms.CharField(
        label="Waarom, en waarop steunt u?", max_length=2000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Bijvoorbeeld: attest van de bank van 12 maart, telefonisch nagevraagd bij de penningmeester.",
    )  # fmt: skip
    proof = PdfField(label="Bewijs van de bank", required=False)


class ReasonForm(forms.Form):
    reason = forms.CharField(label="Waarom?", max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))


class RepaymentForm(forms.Form):
    amount = EuroField(label="Bedrag (euro)")
    received_on = DateField(label="Ontvangen op")
