"""What a case handler fills in about the pool: one expert's profile, and who goes where."""

import re
from collections.abc import Sequence
from typing import Any

from django import forms

from applications.models import Application
from evaluation.domain.distribution import DossierSlots
from evaluation.models import ExpertProfile
from ibnportal.core import enterprise_numbers
from ibnportal.core.accounts.models import User


class ProfileForm(forms.ModelForm):
    """Knowledge, languages, employer and availability."""

    employer_number = forms.CharField(label="Ondernemingsnummer van de werkgever", required=False, max_length=30)

    class Meta:
        model = ExpertProfile
        fields = (
            "expertise", "domains", "languages", "employer", "employer_number", "available_from", "available_until", "max_load",
        )  # fmt: skip
        widgets = {
            "available_from": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "available_until": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.is_one_of_many = not field.required  # type: ignore[attr-defined]  # the page says so once

    def clean_languages(self) -> str:
        """Codes of two letters, however they were separated: the distribution of dossiers compares them."""
        codes = re.split(r"[\s,;/]+", self.cleaned_data["languages"].strip().lower())
        wrong = [code for code in codes if not re.fullmatch(r"[a-z]{2}", code)]
        if wrong:
            raise forms.ValidationError(
                f"“{wrong[0]}” is geen taalcode. Schrijf twee letters per taal, met een komma ertussen: nl, en."
            )
        return ", ".join(dict.fromkeys(codes))

    def clean_employer_number(self) -> str:
        number = self.cleaned_data["employer_number"]
        if not number:
            return ""
        problem = enterprise_numbers.explain(number)
        if problem:
            raise forms.ValidationError(problem)
        return enterprise_numbers.normalise(number)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        start, end = data.get("available_from"), data.get("available_until")
        if start and end and end < start:
            self.add_error("available_until", "Het einde ligt voor het begin.")
        return data

    def _post_clean(self) -> None:
        """The domain writes the profile; the form only reads it."""


class EntryForm(ProfileForm):
    """Somebody new in the pool: who, and the profile at once."""

    full_name = forms.CharField(
        label="Voornaam en naam", max_length=200, error_messages={"required": "Vul voornaam en naam in."}
    )
    email = forms.EmailField(
        label="E-mailadres", max_length=254, help_text="Hierheen gaat de uitnodiging. Wie al een account heeft, houdt dat.",
        error_messages={"required": "Vul een e-mailadres in.", "invalid": "Dit is geen e-mailadres."},
    )  # fmt: skip
    field_order = ("full_name", "email")


class LeaveForm(forms.Form):
    """Why somebody leaves the pool."""

    reason = forms.CharField(
        label="Waarom gaat deze deskundige uit de pool?", max_length=2000, widget=forms.Textarea({"rows": 3}),
        error_messages={"required": "Schrijf waarom deze deskundige uit de pool gaat."},
    )  # fmt: skip


class DistributionForm(forms.Form):
    """One choice for each open place; an empty one invites nobody there."""

    due_on = forms.DateField(
        label="Scores verwacht tegen", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, rows: Sequence[DossierSlots], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.slots = {slot.name: (row.application, slot) for row in rows for slot in row.all_slots}
        for name, (application, slot) in self.slots.items():
            self.fields[name] = forms.ChoiceField(
                label=f"{slot.label} voor {application.number}",
                choices=[("", "Niemand"), *((str(pk), label) for pk, label in slot.options)],
                required=False,
                initial="" if slot.place.expert is None else str(slot.place.expert),
                widget=forms.Select(attrs={"class": "form-select"}),
            )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        seen: set[tuple[int, str]] = set()
        for name, (application, _) in self.slots.items():
            chosen = data.get(name)
            if chosen and (application.pk, chosen) in seen:
                self.add_error(name, "Deze deskundige staat al op een andere plaats in dit dossier.")
            if chosen:
                seen.add((application.pk, chosen))
        return data

    def places(self) -> list[tuple[Application, User]]:
        """Who was chosen for what."""
        chosen = [
            (application, int(self.cleaned_data[name]))
            for name, (application, _) in self.slots.items()
            if self.cleaned_data[name]
        ]
        people = User.objects.in_bulk([pk for _, pk in chosen])
        return [(application, people[pk]) for application, pk in chosen]
