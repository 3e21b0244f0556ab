"""The form of a saved question: only the parameters that narrow it."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet

from calls.models import Call
from ibnportal.core import enterprise_numbers
from ibnportal.core.accounts.models import User
from ibnportal.core.errors import DomainError
from ibnportal.core.places import Province
from ibnportal.portal.answers import asking, register
from ibnportal.portal.answers.asking import Asked
from ibnportal.portal.answers.register import Question
from monitoring.enums import NetworkType, SizeClass
from monitoring.models import Network, NetworkFact

LABELS = {
    "stand": "Stand op", "oproep": "Oproep", "netwerk": "Netwerk", "type": "Soort netwerk", "provincie": "Provincie van de zetel",
    "sector": "Sector (NACE)", "grootte": "Grootte", "onderneming": "Ondernemingsnummer",
}  # fmt: skip


def parameter_field(name: str, *, reader: User | None, given: str | None) -> forms.Field:
    """The field of one parameter, to choose from where there is something to choose; what was given stays, so that `asking` can say what is wrong.

    Without a reader: for everybody.
    """
    choices = _choices(name, reader)
    if choices is None:
        checks = [_check_enterprise_number] if name == "onderneming" else []
        return forms.CharField(label=LABELS[name], required=False, validators=checks)
    every = [("", "Alle"), *choices]
    typed = (given or "").strip()
    if typed and typed not in {value for value, _ in every}:
        every.append((typed, typed[: asking.LONGEST]))
    return forms.ChoiceField(label=LABELS[name], required=False, choices=every)


def _check_enterprise_number(typed: str) -> None:
    if problem := enterprise_numbers.explain(typed):
        raise forms.ValidationError(problem)


def _choices(name: str, reader: User | None) -> list[tuple[str, str]] | None:
    fixed = {"type": NetworkType.choices, "provincie": Province.choices, "grootte": SizeClass.choices}
    if name in fixed:
        return [(str(value), str(label)) for value, label in fixed[name]]
    if name == "oproep":
        return [(call.code, call.name) for call in Call.objects.exclude(state="draft").order_by("-year")]
    if name == "netwerk":
        seen = Network.objects.published().distinct() if reader is None else Network.objects.visible_to(reader)
        networks = seen.order_by("name").values_list("code", "name")
        return [(code, f"{network} ({code})") for code, network in networks]
    return None


class FilterForm(forms.Form):
    """The day and what narrows what is asked; the parsing itself is `asking.read`, the same as for the command."""

    def __init__(self, data: Any, *, filters: Sequence[str], reader: User | None) -> None:
        super().__init__(data, prefix=None)
        self.reader = reader
        self.asked: Asked | None = None
        self.fields["stand"] = forms.CharField(
            label=LABELS["stand"], required=False, widget=forms.TextInput(attrs={"placeholder": "vandaag"})
        )
        for name in filters:
            self.fields[name] = parameter_field(name, reader=reader, given=self.data.get(name) if self.data else "")

    def clean(self) -> dict[str, Any]:
        """Read what was asked; what is wrong is said in the words of `asking`."""
        cleaned = super().clean() or {}
        try:
            self.asked = asking.read(cleaned, reader=self.reader, is_public=self.reader is None)
        except DomainError as error:
            add_parameter_error(self, error)
        return cleaned


class AskForm(FilterForm):
    """What is asked, beside the question."""

    def __init__(self, data: Any, *, question: Question, reader: User) -> None:
        super().__init__(data, filters=question.parameters, reader=reader)
        self.question = question


class OpenForm(FilterForm):
    """What anyone may ask, beside a public question."""

    def __init__(self, data: Any, *, question: Question) -> None:
        super().__init__(data, filters=question.filters(is_public=True)[1:], reader=None)


class ThemeForm(FilterForm):
    """What a theme of the dashboard is asked: its questions have these filters in common, all or some."""

    def __init__(self, data: Any, *, reader: User) -> None:
        super().__init__(data, filters=("oproep", "type"), reader=reader)


def add_parameter_error(form: forms.Form, error: DomainError) -> None:
    """What `asking` said of a parameter, at its field; of all else, above the form."""
    name, _, rest = error.message.partition(": ")
    field = next((key for key, label in LABELS.items() if label == name or key.capitalize() == name), None)
    if field in form.fields:
        form.add_error(field, rest)
    else:
        form.add_error(None, error.message)


class PartForm(forms.Form):
    """The text of one's own with one part of a document, and the filters of its question, where it has one."""

    text = forms.CharField(label="Eigen tekst", required=False, widget=forms.Textarea(attrs={"rows": 10}))

    def __init__(self, data: Any, *, part: Mapping[str, Any] | None, reader: User) -> None:
        question = register.question(part["question"]) if part and part["question"] else None
        kept = part["parameters"] if part else {}
        super().__init__(data, initial={"text": part["text"] if part else "", **kept})
        self.filters = question.parameters if question else ()
        for name in self.filters:
            given = self.data.get(name) if self.data else kept.get(name)
            self.fields[name] = parameter_field(name, reader=reader, given=given)

    def parameters(self) -> dict[str, str]:
        """The filters as they were given."""
        return {name: self.cleaned_data[name] for name in self.filters}


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
