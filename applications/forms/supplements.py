"""What a case handler asks to complete, and what an applicant answers to it."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms

from applications.domain import annexes
from applications.domain.supplements import Item
from applications.enums import DocumentKind, ItemPart
from applications.forms.drafts import field_of, one_of_many
from applications.models import Supplement, SupplementItem
from calls.models import Question
from ibnportal.core.canonical import digest
from ibnportal.core.files.kinds import FileKind


class SupplementRequestForm(forms.Form):
    """Points in words, one a line; parts to open, each with a line of its own; the budget; and the mail."""

    items = forms.CharField(
        label="Wat ontbreekt er?",
        required=False,
        max_length=8000,
        widget=forms.Textarea({"rows": 8}),
        help_text="Eén punt per lijn: de aanvrager antwoordt erop in woorden. U kunt dit maar één keer vragen.",
    )
    parts = forms.MultipleChoiceField(
        label="Wat gaat opnieuw open?",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Alleen wat u aanduidt, kan de aanvrager wijzigen. Al de rest blijft zoals het ingediend is.",
        error_messages={"invalid_choice": "Een van deze onderdelen zit niet in dit dossier. Laad de pagina opnieuw."},
    )
    part_text = forms.CharField(
        label="Wat verwacht u in wat opnieuw opengaat?",
        required=False,
        max_length=1000,
        widget=forms.Textarea({"rows": 2}),
        help_text="Komt in de mail bij elk onderdeel dat u aanduidde.",
    )
    asks_budget = forms.BooleanField(label="Vraag ook een verbeterde begroting", required=False)
    message = forms.CharField(
        label="Mail aan de aanvrager", required=False, max_length=20000, widget=forms.Textarea({"rows": 16})
    )
    previewed = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, openable: Iterable[tuple[str, str, str]], has_budget: bool, shows_message: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.names = {f"{part}:{code}": (part, code, name) for part, code, name in openable}
        field = self.fields["parts"]
        if isinstance(field, forms.MultipleChoiceField):
            field.choices = [
                (key, f"Bijlage: {name}" if part == ItemPart.DOCUMENT else name)
                for key, (part, _code, name) in self.names.items()
            ]
        one_of_many(*(self.fields[name] for name in ("items", "parts", "part_text", "asks_budget", "message")))
        if not has_budget:
            del self.fields["asks_budget"]
        if not shows_message:
            del self.fields["message"], self.fields["previewed"]

    def clean(self) -> dict[str, Any]:
        """At least one thing; `wanted` is what the domain takes."""
        data = super().clean() or {}
        wanted = [Item(line) for line in data.get("items", "").splitlines() if line.strip()]
        why = " ".join(data.get("part_text", "").split())
        for key in data.get("parts", []):
            part, code, name = self.names[key]
            about = f"Bijlage “{name}”" if part == ItemPart.DOCUMENT else f"Onderdeel “{name}”"
            wanted.append(Item(f"{about}: {why}" if why else f"{about} aanvullen of verbeteren.", part, code))
        if not wanted and "parts" not in self.errors and "items" not in self.errors:
            self.add_error("items", "Noem minstens één ding dat ontbreekt, elk op een eigen lijn.")
        data["wanted"] = wanted
        return data

    @property
    def asked(self) -> str:
        """What is asked, as one value: to see whether a mail was made for something else."""
        wanted = [[item.text, str(item.part), item.code] for item in self.cleaned_data["wanted"]]
        return digest({"items": wanted, "budget": self.asks_for_budget})

    @property
    def has_another_mail(self) -> bool:
        """Whether something else was asked when the mail on the page was made."""
        return self.cleaned_data.get("previewed", "") not in {"", self.asked}

    @property
    def asks_for_budget(self) -> bool:
        """Whether a corrected budget is asked."""
        return bool(self.cleaned_data.get("asks_budget"))


class SupplementAnswerForm(forms.Form):
    """One form for everything that was asked; `v` fields carry the versions that the page was opened with."""

    text = forms.CharField(
        label="Uw antwoord",
        required=False,
        max_length=20000,
        widget=forms.Textarea({"rows": 6}),
        help_text="Wat voor alle punten samen geldt. Punt per punt antwoorden kan hierboven.",
    )
    version = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
    annex = forms.FileField(label="Bijlage (PDF)", required=False, widget=forms.FileInput({"accept": ".pdf"}))
    budget = forms.FileField(
        label="Verbeterde begroting (xlsx)",
        required=False,
        help_text="Het rekenblad van de oproep, ingevuld.",
        widget=forms.FileInput({"accept": FileKind.BUDGET_XLSX.rule.accept}),
    )

    def __init__(
        self,
        *args: Any,
        supplement: Supplement,
        items: Iterable[SupplementItem],
        questions: Mapping[str, list[Question]],
        handed_in: Mapping[tuple[str, str], str],
        max_pages: int | None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.items, self.questions = list(items), questions
        self.fields["text"].initial, self.fields["version"].initial = supplement.answer, supplement.version
        if max_pages:
            self.fields["annex"].help_text = f"Hoogstens {max_pages} bladzijden; het portaal telt ze."
        if not supplement.asks_budget:
            del self.fields["budget"]
        for item in self.items:
            self._add(item, handed_in)
        one_of_many(*self.fields.values())

    def _add(self, item: SupplementItem, handed_in: Mapping[tuple[str, str], str]) -> None:
        self.fields[f"a{item.pk}"] = forms.CharField(
            label=f"Antwoord op punt {item.position}",
            required=False,
            max_length=8000,
            initial=item.answer,
            widget=forms.Textarea({"rows": 3}),
        )
        self.fields[f"v{item.pk}"] = forms.IntegerField(
            required=False, min_value=0, initial=item.version, widget=forms.HiddenInput
        )
        if item.part == ItemPart.SECTION:
            for question in self.questions.get(item.code, []):
                field = field_of(question)
                field.initial = item.answers.get(question.code, handed_in.get((item.code, question.code), ""))
                self.fields[f"q{item.pk}-{question.code}"] = field
        if item.part == ItemPart.DOCUMENT:
            rule = annexes.file_kind(DocumentKind(item.code)).rule
            self.fields[f"f{item.pk}"] = forms.FileField(
                label=f"{DocumentKind(item.code).label}: bestand",
                required=False,
                help_text=f"{rule.in_words}.",
                widget=forms.FileInput({"accept": rule.accept}),
            )

    def answers_of(self, item: SupplementItem) -> dict[str, str] | None:
        """What was typed in the questions that the item opens; None where it opens none."""
        if item.part != ItemPart.SECTION:
            return None
        return {
            question.code: str(self.cleaned_data.get(f"q{item.pk}-{question.code}") or "")
            for question in self.questions.get(item.code, [])
            if f"q{item.pk}-{question.code}" in self.cleaned_data
        }

    def version_of(self, item: SupplementItem) -> int:
        """The version the answer was typed over; without one, the page's own."""
        typed = self.cleaned_data.get(f"v{item.pk}")
        return item.version if typed is None else int(typed)
