"""Forms of the registers in a dossier: letters of intent, the co-financing plan, the indicators."""

from decimal import Decimal
from typing import Any

from django import forms

from applications.domain import kpis
from applications.forms.drafts import needed_later
from applications.models import KpiTarget, Letter
from calls.enums import KpiArea, KpiKind, PhaseNumber
from ibnportal.core.errors import DomainError
from ibnportal.core.files.kinds import FileKind
from ibnportal.core.money import MAXIMUM, parse_euros


class EuroField(forms.CharField):
    """An amount as people type it: 1.234,56."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}))
        kwargs.setdefault("max_length", 40)
        super().__init__(**kwargs)

    def clean(self, value: Any) -> Decimal | None:
        """The amount, or a sentence that says what is wrong with it."""
        typed = super().clean(value)
        if not typed:
            return None
        try:
            return parse_euros(typed)
        except DomainError as error:
            raise forms.ValidationError(error.message) from error

    def prepare_value(self, value: Any) -> Any:
        """A stored amount as Dutch writes it."""
        return f"{value:.2f}".replace(".", ",") if isinstance(value, Decimal) else value


# Not needed to save a letter, but without them it does not count (P1-LET-01 ... 07).
NEEDED_TO_COUNT = (
    "enterprise_number", "contact_name", "street", "postcode", "municipality",
    "declares_mandate", "declares_support", "declares_cofinancing", "signed_file",
)  # fmt: skip


class LetterForm(forms.Form):
    """One letter of intent; only the name is needed to begin."""

    company_name = forms.CharField(label="Naam van de onderneming", max_length=200)
    enterprise_number = forms.CharField(
        label="Ondernemingsnummer", max_length=30, required=False, help_text="Tien cijfers, bijvoorbeeld 0566.988.259."
    )
    contact_name = forms.CharField(label="Contactpersoon", max_length=120, required=False)
    contact_email = forms.EmailField(label="E-mail van de contactpersoon", required=False)
    street = forms.CharField(
        label="Straat en nummer", max_length=160, required=False, help_text="Van een vestiging in Vlaanderen."
    )
    postcode = forms.CharField(label="Postcode", max_length=4, required=False)
    municipality = forms.CharField(label="Gemeente", max_length=120, required=False)
    declares_mandate = forms.BooleanField(required=False)
    declares_support = forms.BooleanField(required=False)
    declares_cofinancing = forms.BooleanField(
        label="De onderneming verklaart dat ze de principes van de cofinanciering kent.", required=False
    )
    signed_file = forms.FileField(
        label="Ondertekende brief", required=False, help_text="PDF, ten hoogste 20 MB.",
        widget=forms.FileInput(attrs={"accept": FileKind.LETTER_PDF.rule.accept}),
    )  # fmt: skip
    motivation = forms.CharField(
        label="Persoonlijke motivering", required=False, max_length=8000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Ze versterkt uw aanvraag.",
    )  # fmt: skip
    commitment_amount = EuroField(label="Financieel engagement (euro)", required=False)
    role = forms.CharField(label="Rol bij de uitvoering", required=False, max_length=200)

    def __init__(self, *args: Any, phase: int, letter: Letter | None = None, **kwargs: Any) -> None:
        if letter is not None:
            kwargs["initial"] = {name: getattr(letter, name) for name in self.base_fields if name != "signed_file"}
        super().__init__(*args, **kwargs)
        for name in NEEDED_TO_COUNT:
            needed_later(self.fields[name])
        first = phase == PhaseNumber.PRE_REGISTRATION
        self.fields["declares_mandate"].label = (
            "De onderneming mandateert de aanvrager om op te treden voor de groep van bedrijven."
            if first
            else "De onderneming mandateert de aanvrager om het project uit te voeren."
        )
        self.fields[
            "declares_support"
        ].label = f"De onderneming kent en steunt {'de vooraanmelding' if first else 'de volledige aanvraag'}."
        if letter is not None and letter.signed_file_id:
            self.fields["signed_file"].help_text = "Een nieuw bestand vervangt het vorige. PDF, ten hoogste 20 MB."

    def clean_commitment_amount(self) -> Decimal | None:
        """Empty is no commitment, which is not zero."""
        return self.cleaned_data["commitment_amount"] or None

    @property
    def fields_of_letter(self) -> dict[str, Any]:
        """What goes into the register, without the file."""
        return {name: value for name, value in self.cleaned_data.items() if name != "signed_file"}


class KpiForm(forms.Form):
    """One indicator; of a mandatory one name, kind and area are the call's."""

    label = forms.CharField(label="Naam", max_length=200)
    kind = forms.ChoiceField(
        label="Wat meet de indicator?",
        choices=[(kind.value, kind.label) for kind in KpiKind if kind in {*kpis.DOING, *kpis.ACHIEVING}],
    )
    area = forms.ChoiceField(label="Domein", choices=KpiArea.choices)
    definition = forms.CharField(
        label="Definitie", required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Wat telt mee en wat niet.",
    )  # fmt: skip
    baseline = forms.DecimalField(
        label="Referentiewaarde", required=False, localize=True, min_value=Decimal(0), max_value=MAXIMUM, decimal_places=2,
        help_text="De waarde bij de start.",
    )  # fmt: skip
    target = forms.DecimalField(
        label="Streefwaarde", required=False, localize=True, min_value=Decimal(0), max_value=MAXIMUM, decimal_places=2,
        help_text="De waarde aan het einde van het project.",
    )  # fmt: skip
    method = forms.CharField(
        label="Meetmethode", required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Hoe, hoe vaak en door wie er gemeten wordt.",
    )  # fmt: skip

    def __init__(self, *args: Any, indicator: KpiTarget | None = None, **kwargs: Any) -> None:
        if indicator is not None:
            kwargs["initial"] = {name: getattr(indicator, name) for name in self.base_fields}
        super().__init__(*args, **kwargs)
        for name in ("definition", "baseline", "target", "method"):
            needed_later(self.fields[name])
        if indicator is not None and indicator.definition_of_call_id:
            for name in ("label", "kind", "area"):
                del self.fields[name]
