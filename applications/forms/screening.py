"""What a case handler fills in while screening, and an applicant when completing."""

from typing import Any

from django import forms

from applications.enums import CheckOutcome
from ibnportal.core.files.kinds import FileKind

VERDICTS = [(CheckOutcome.YES.value, CheckOutcome.YES.label), (CheckOutcome.NO.value, CheckOutcome.NO.label)]


class VerdictForm(forms.Form):
    verdict = forms.ChoiceField(
        label="Oordeel",
        choices=VERDICTS,
        widget=forms.RadioSelect,
        error_messages={"required": "Kies “voldaan” of “niet voldaan”."},
    )
    reason = forms.CharField(
        label="Reden",
        required=False,
        max_length=4000,
        widget=forms.Textarea({"rows": 2}),
        help_text="Verplicht als uw oordeel afwijkt van wat het portaal vaststelde.",
    )


class ConcludeForm(forms.Form):
    reason = forms.CharField(
        label="Waarom is het dossier niet ontvankelijk?",
        required=False,
        max_length=4000,
        widget=forms.Textarea({"rows": 4}),
        help_text="De aanvrager leest dit. De criteria waaraan niet voldaan is, komen vanzelf in de mail.",
    )
    message = forms.CharField(
        label="Mail aan de aanvrager", required=False, max_length=20000, widget=forms.Textarea({"rows": 16})
    )

    def __init__(self, *args: Any, asks_reason: bool, shows_message: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not asks_reason:
            del self.fields["reason"]
        if not shows_message:
            del self.fields["message"]


class SupplementRequestForm(forms.Form):
    items = forms.CharField(
        label="Wat ontbreekt er?",
        max_length=8000,
        widget=forms.Textarea({"rows": 8}),
        help_text="Eén punt per lijn. U kunt dit maar één keer vragen.",
        error_messages={"required": "Noem minstens één ding dat ontbreekt, elk op een eigen lijn."},
    )
    asks_budget = forms.BooleanField(label="Vraag ook een verbeterde begroting", required=False)
    message = forms.CharField(
        label="Mail aan de aanvrager", required=False, max_length=20000, widget=forms.Textarea({"rows": 16})
    )

    def __init__(self, *args: Any, shows_message: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not shows_message:
            del self.fields["message"]

    def clean_items(self) -> list[str]:
        return [line for line in self.cleaned_data["items"].splitlines() if line.strip()]


class SupplementAnswerForm(forms.Form):
    text = forms.CharField(
        label="Uw antwoord", required=False, max_length=20000, widget=forms.Textarea({"rows": 8}),
        help_text="Antwoord punt per punt op wat gevraagd is.",
    )  # fmt: skip
    annex = forms.FileField(
        label="Bijlage (PDF)",
        required=False,
        widget=forms.ClearableFileInput({"accept": FileKind.ANNEX_PDF.rule.accept}),
    )
    budget = forms.FileField(
        label="Verbeterde begroting (xlsx)",
        required=False,
        widget=forms.ClearableFileInput({"accept": FileKind.BUDGET_XLSX.rule.accept}),
    )

    def __init__(self, *args: Any, asks_budget: bool, max_pages: int | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if max_pages:
            self.fields["annex"].help_text = f"Hoogstens {max_pages} bladzijden."
        if not asks_budget:
            del self.fields["budget"]
        else:
            self.fields["budget"].help_text = "Het rekenblad van de oproep, ingevuld."
