"""What a company fills in behind its personal link: its data, three declarations, a signature drawn or uploaded."""

import json
from collections.abc import Sequence
from typing import Any

from django import forms

from applications.documents.letter_pdf import HEIGHT, WIDTH, Declaration
from applications.forms.register import EuroField
from applications.models import Letter
from ibnportal.core import enterprise_numbers, places
from ibnportal.core.files.kinds import FileKind

MOST_POINTS = 4000
FEWEST_POINTS = 8
LEAST_WIDTH = 40
MOST_TEXT = 100_000

Strokes = list[list[list[int]]]


class DrawingField(forms.CharField):
    """Strokes of points as the drawing board writes them: JSON, whole numbers within the board, not too many."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.HiddenInput(attrs={"data-drawing": ""}), max_length=MOST_TEXT, **kwargs)

    def clean(self, value: Any) -> Any:
        """The strokes; an empty list when nothing was drawn."""
        typed = super().clean(value)
        if not typed:
            return []
        try:
            strokes = json.loads(typed)
        except (ValueError, RecursionError) as error:
            raise forms.ValidationError("De tekening kwam niet goed door. Wis ze en teken opnieuw.") from error
        if not _are_strokes(strokes):
            raise forms.ValidationError("De tekening kwam niet goed door. Wis ze en teken opnieuw.")
        points = [point for stroke in strokes for point in stroke]
        if strokes and (len(points) < FEWEST_POINTS or _width(points) < LEAST_WIDTH):
            raise forms.ValidationError(
                "Dat is te klein voor een handtekening. Wis ze en teken opnieuw, over de breedte van het kader."
            )
        return [stroke for stroke in strokes if stroke]


def _are_strokes(value: Any) -> bool:
    if not isinstance(value, list) or not all(isinstance(stroke, list) for stroke in value):
        return False
    points = [point for stroke in value for point in stroke]
    return len(points) <= MOST_POINTS and all(
        isinstance(point, list)
        and len(point) == 2
        and all(type(number) is int for number in point)
        and 0 <= point[0] <= WIDTH
        and 0 <= point[1] <= HEIGHT
        for point in points
    )


def _width(points: Sequence[Sequence[int]]) -> int:
    across = [point[0] for point in points]
    return max(across) - min(across)


class CompanyLetterForm(forms.Form):
    """The letter as its company sees it. `signs`: the button that was pressed asks for a signature."""

    company_name = forms.CharField(label="Naam van de onderneming", max_length=200)
    enterprise_number = forms.CharField(
        label="Ondernemingsnummer", max_length=30, help_text="Tien cijfers, bijvoorbeeld 0566.988.259."
    )
    street = forms.CharField(label="Straat en nummer", max_length=160, help_text="Van een vestiging in Vlaanderen.")
    postcode = forms.CharField(label="Postcode", max_length=4)
    municipality = forms.CharField(label="Gemeente", max_length=120)
    contact_name = forms.CharField(label="Contactpersoon", max_length=120, help_text="Wie VLAIO kan bellen of mailen.")
    contact_email = forms.EmailField(label="E-mail van de contactpersoon", required=False)
    declares_mandate = forms.BooleanField(error_messages={"required": "Zonder deze verklaring telt uw brief niet mee."})
    declares_support = forms.BooleanField(error_messages={"required": "Zonder deze verklaring telt uw brief niet mee."})
    declares_cofinancing = forms.BooleanField(
        error_messages={"required": "Zonder deze verklaring telt uw brief niet mee."}
    )
    motivation = forms.CharField(
        label="Waarom doet uw onderneming mee?", required=False, max_length=8000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Enkele zinnen volstaan. Een persoonlijke motivering maakt de aanvraag sterker.",
    )  # fmt: skip
    commitment_amount = EuroField(
        label="Financieel engagement (euro)", required=False,
        help_text="Wat u per jaar wilt bijdragen als het netwerk er komt. Laat leeg als u dat nog niet weet.",
    )  # fmt: skip
    role = forms.CharField(
        label="Rol bij de uitvoering",
        required=False,
        max_length=200,
        help_text="Bijvoorbeeld: testlocatie, lid van de stuurgroep.",
    )
    signer_name = forms.CharField(label="Naam van wie tekent", max_length=120)
    signer_function = forms.CharField(label="Functie", max_length=120, required=False)
    drawing = DrawingField(label="Getekende handtekening", required=False)
    signed_file = forms.FileField(
        label="Of laad de ondertekende brief op", required=False, help_text="PDF, ten hoogste 20 MB. Een digitale handtekening mag.",
        widget=forms.FileInput(attrs={"accept": FileKind.LETTER_PDF.rule.accept}),
    )  # fmt: skip

    def __init__(
        self, *args: Any, letter: Letter, declarations: Sequence[Declaration], signs: bool = True, **kwargs: Any
    ) -> None:
        initial = {
            name: getattr(letter, name) for name in self.base_fields if hasattr(letter, name) and name != "signed_file"
        }
        number = enterprise_numbers.format(letter.enterprise_number)
        kwargs["initial"] = {**initial, "enterprise_number": number, "signer_name": letter.contact_name}
        super().__init__(*args, **kwargs)
        self.signs = signs
        for item in declarations:
            self.fields[item.field].label = item.text

    def clean_enterprise_number(self) -> str:
        problem = enterprise_numbers.explain(self.cleaned_data["enterprise_number"])
        if problem:
            raise forms.ValidationError(problem)
        return str(self.cleaned_data["enterprise_number"])

    def clean_postcode(self) -> str:
        postcode = str(self.cleaned_data["postcode"])
        if places.province_of(postcode) is None:
            raise forms.ValidationError(places.explain(postcode))
        return postcode

    def clean_commitment_amount(self) -> Any:
        """Empty is no commitment, which is not zero."""
        return self.cleaned_data["commitment_amount"] or None

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        nothing = not values.get("drawing") and not values.get("signed_file")
        if self.signs and nothing and not {"drawing", "signed_file"} & set(self.errors):
            self.add_error("signed_file", "Teken in het kader, of laad de ondertekende brief op als PDF.")
        return values

    @property
    def fields_of_letter(self) -> dict[str, Any]:
        """What goes into the letter."""
        others = {"signer_name", "signer_function", "drawing", "signed_file"}
        return {name: value for name, value in self.cleaned_data.items() if name not in others}


class DeclineForm(forms.Form):
    """The company does not take part."""

    reason = forms.CharField(
        label="Waarom niet?", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Niet verplicht. De aanvrager leest dit.",
    )  # fmt: skip
