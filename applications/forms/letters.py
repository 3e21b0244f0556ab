"""Forms of the letters of intent: one letter, many PDFs, a list, and what a company fills in through its link."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms

from applications.forms.drafts import needed_later, one_of_many
from applications.forms.register import EuroField
from applications.models import Letter, LetterUpload
from calls.enums import PhaseNumber
from ibnportal.core import clock
from ibnportal.core.files.kinds import FileKind

MOST_FILES = 100


class ManyFilesInput(forms.ClearableFileInput):
    """A file input that takes several files, dropped on it or chosen."""

    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """A list of uploads; what is in them is judged per file, by the domain."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            widget=ManyFilesInput(attrs={"accept": FileKind.LETTER_PDF.rule.accept, "multiple": True}), **kwargs
        )

    def clean(self, data: Any, initial: Any = None) -> list[Any]:  # noqa: ARG002 - Django's signature
        files = [item for item in (data if isinstance(data, list | tuple) else [data]) if item]
        if not files:
            raise forms.ValidationError("Kies minstens één PDF.")
        if len(files) > MOST_FILES:
            raise forms.ValidationError(
                f"U koos {len(files)} bestanden; er mogen er {MOST_FILES} tegelijk. Laad ze in delen op."
            )
        return files


class ManyLettersForm(forms.Form):
    """Signed letters, all at once."""

    letters = ManyFilesField(
        label="Ondertekende brieven",
        help_text=f"Sleep ze hierheen of kies er meerdere. PDF, ten hoogste 20 MB per brief en {MOST_FILES} tegelijk.",
    )


class ListForm(forms.Form):
    """A filled list of companies."""

    workbook = forms.FileField(
        label="De ingevulde lijst", help_text="Het sjabloon als xlsx, of een csv met dezelfde kolommen. Ten hoogste 5 MB.",
        widget=forms.FileInput(attrs={"accept": FileKind.IMPORT_LIST.rule.accept}),
    )  # fmt: skip


class SpearheadForm(forms.Form):
    """A member list of a spearhead cluster."""

    cluster = forms.CharField(label="Speerpuntcluster", max_length=120)
    as_of = forms.DateField(label="Stand van", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    source = forms.CharField(
        label="Bron", max_length=300, help_text="Waar de lijst vandaan komt, bijvoorbeeld een webadres of een mail."
    )
    workbook = forms.FileField(
        label="Lijst", help_text="xlsx of csv met de kolommen Naam en Ondernemingsnummer. Ten hoogste 5 MB.",
        widget=forms.FileInput(attrs={"accept": FileKind.IMPORT_LIST.rule.accept}),
    )  # fmt: skip

    def clean_as_of(self) -> Any:
        as_of = self.cleaned_data["as_of"]
        if as_of > clock.today():
            raise forms.ValidationError("De datum van de lijst ligt in de toekomst.")
        return as_of


class PairForm(forms.Form):
    """Whose letter a PDF is."""

    letter = forms.ChoiceField(label="Van welke onderneming?", required=False)

    def __init__(self, *, upload: LetterUpload, letters: Sequence[tuple[int, str]]) -> None:
        super().__init__(prefix=f"u{upload.pk}")
        field = self.fields["letter"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - tells the type checker what the class says above
        field.choices = [("", "Een nieuwe brief"), *letters]
        one_of_many(field)
        wanted = upload.found_name.casefold()
        self.initial["letter"] = next((key for key, name in letters if wanted and name.casefold() == wanted), "")


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
