"""The form of a saved question: only the parameters that narrow it."""

from typing import Any

from django import forms
from django.db.models import QuerySet

from calls.models import Call
from ibnportal.core.accounts.models import User
from ibnportal.core.errors import DomainError
from ibnportal.core.places import Province
from ibnportal.portal.answers import asking
from ibnportal.portal.answers.asking import Asked
from ibnportal.portal.answers.register import Question
from monitoring.enums import NetworkType, SizeClass
from monitoring.models import Network, NetworkFact

LABELS = {
    "stand": "Stand op", "oproep": "Oproep", "netwerk": "Netwerk", "type": "Soort netwerk", "provincie": "Provincie van de zetel",
    "sector": "Sector (NACE)", "grootte": "Grootte", "onderneming": "Ondernemingsnummer",
}  # fmt: skip


def parameter_field(name: str, *, reader: User, given: str | None) -> forms.Field:
    """The field of one parameter, to choose from where there is something to choose; what was given stays, so that `asking` can say what is wrong."""
    choices = _choices(name, reader)
    if choices is None:
        return forms.CharField(label=LABELS[name], required=False)
    every = [("", "Alle"), *choices]
    typed = (given or "").strip()
    if typed and typed not in {value for value, _ in every}:
        every.append((typed, typed[: asking.LONGEST]))
    return forms.ChoiceField(label=LABELS[name], required=False, choices=every)


def _choices(name: str, reader: User) -> list[tuple[str, str]] | None:
    fixed = {"type": NetworkType.choices, "provincie": Province.choices, "grootte": SizeClass.choices}
    if name in fixed:
        return [(str(value), str(label)) for value, label in fixed[name]]
    if name == "oproep":
        return [(call.code, call.name) for call in Call.objects.exclude(state="draft").order_by("-year")]
    if name == "netwerk":
        networks = Network.objects.visible_to(reader).order_by("name").values_list("code", "name")
        return [(code, f"{network} ({code})") for code, network in networks]
    return None


class AskForm(forms.Form):
    """What is asked, beside the question; the parsing itself is `asking.read`, the same as for the command."""

    def __init__(self, data: Any, *, question: Question, reader: User) -> None:
        super().__init__(data, prefix=None)
        self.question, self.reader = question, reader
        self.asked: Asked | None = None
        self.fields["stand"] = forms.CharField(
            label=LABELS["stand"], required=False, widget=forms.TextInput(attrs={"placeholder": "vandaag"})
        )
        for name in question.parameters:
            self.fields[name] = parameter_field(name, reader=reader, given=self.data.get(name) if self.data else "")

    def clean(self) -> dict[str, Any]:
        """Read what was asked; what is wrong is said in the words of `asking`."""
        cleaned = super().clean() or {}
        try:
            self.asked = asking.read(cleaned, reader=self.reader)
        except DomainError as error:
            name = error.message.partition(":")[0]
            field = next((key for key, label in LABELS.items() if label == name or key.capitalize() == name), None)
            self.add_error(
                field if field in self.fields else None,
                error.message.partition(": ")[2] if field in self.fields else error.message,
            )
        return cleaned


class ReadingForm(forms.Form):
    """Another statement that has to count, and why."""

    lezing = forms.ModelChoiceField(
        NetworkFact.objects.none(),
        label="Bron",
        error_messages={
            "required": "Kies de bron die moet gelden.",
            "invalid_choice": "Deze bron staat er niet meer. Laad de bladzijde opnieuw.",
        },
    )
    reden = forms.CharField(
        label="Reden",
        max_length=1000,
        error_messages={"required": "Schrijf op waarom deze bron beter is dan de andere."},
    )
    gezien = forms.CharField(required=False, max_length=200)

    def __init__(self, data: Any, *, facts: QuerySet[Any]) -> None:
        super().__init__(data)
        self.fields["lezing"].queryset = facts  # type: ignore[attr-defined]

    def seen(self) -> list[int] | None:
        """The keys of what counted when the page was made; None for a form that does not tell."""
        if "gezien" not in self.data:
            return None
        told = self.cleaned_data["gezien"].split(",")
        return [int(key) for key in told if key.isascii() and key.isdecimal()]
