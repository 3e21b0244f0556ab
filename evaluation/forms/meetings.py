"""Planning a meeting, recusing a member, and recording decisions."""

from decimal import Decimal
from typing import Any

from django import forms

from calls.enums import PhaseNumber
from calls.models import Call
from evaluation.domain.committee import PRESELECTION_OUTCOMES, SUPPORT_OUTCOMES, Condition
from evaluation.enums import ConditionKind, ConditionTopic, ConductKind, PaperKind
from evaluation.forms.advice import DossierChoice
from ibnportal.core.accounts.enums import Role
from ibnportal.core.accounts.models import User
from ibnportal.core.errors import DomainError
from ibnportal.core.forms import among
from ibnportal.core.money import parse_euros

CONDITION_ROWS = 4


class EuroField(forms.CharField):
    """An amount as people type it; what cannot be read is an error, never 0."""

    def clean(self, value: Any) -> Decimal | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            return parse_euros(text)
        except DomainError as error:
            raise forms.ValidationError(error.message) from error


class MeetingForm(forms.Form):
    call = forms.ModelChoiceField(label="Oproep", queryset=Call.objects.none(), empty_label=None)
    phase = forms.TypedChoiceField(label="Fase", choices=PhaseNumber.choices, coerce=int)
    held_on = forms.DateField(
        label="Datum", widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "Kies een datum.", "invalid": "Dit is geen datum. Schrijf ze zoals 20/02/2026."},
    )  # fmt: skip
    starts_at = forms.TimeField(
        label="Begint om", required=False, widget=forms.TimeInput({"type": "time"}, format="%H:%M"),
        error_messages={"invalid": "Dit is geen uur. Schrijf het zoals 14:00."},
    )  # fmt: skip
    location = forms.CharField(label="Plaats", required=False, max_length=200)
    notes = forms.CharField(
        label="Mededelingen en andere punten", required=False, max_length=20000, widget=forms.Textarea({"rows": 3}),
        help_text="De dossiers staan vanzelf op de agenda. Wat u hier schrijft, komt erbij en staat in het verslag.",
    )  # fmt: skip
    members = forms.ModelMultipleChoiceField(
        label="Leden die deelnemen",
        queryset=User.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Duid aan wie aan de vergadering deelneemt."},
    )

    def __init__(self, *args: Any, calls: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        among(self, "call").queryset = calls
        among(self, "members").queryset = User.objects.filter(
            is_active=True, role_grants__role=Role.COMMITTEE_MEMBER, role_grants__revoked_at__isnull=True
        ).distinct()


class DescriptionForm(forms.Form):
    starts_at = forms.TimeField(
        label="Begint om", required=False, widget=forms.TimeInput({"type": "time"}, format="%H:%M"),
        error_messages={"invalid": "Dit is geen uur. Schrijf het zoals 14:00."},
    )  # fmt: skip
    location = forms.CharField(label="Plaats", required=False, max_length=200)
    notes = forms.CharField(
        label="Mededelingen en andere punten", required=False, max_length=20000, widget=forms.Textarea({"rows": 4})
    )


class AttendanceForm(forms.Form):
    absent = forms.ModelMultipleChoiceField(
        label="Wie is afwezig?", queryset=User.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, members: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        among(self, "absent").queryset = members


class WhatIfForm(forms.Form):
    """A name, and an amount for each dossier of the set; an empty amount leaves the dossier out."""

    name = forms.CharField(label="Naam", max_length=80, error_messages={"required": "Geef deze denkoefening een naam."})

    def __init__(self, *args: Any, dossiers: Any, suggested: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.dossiers = list(dossiers)
        for dossier in self.dossiers:
            self.fields[f"amount_{dossier.pk}"] = EuroField(
                label=f"{dossier.number} {dossier.title}", required=False, max_length=30,
                widget=forms.TextInput({"inputmode": "decimal"}), initial=(suggested or {}).get(dossier.number, ""),
            )  # fmt: skip
            self.fields[f"amount_{dossier.pk}"].is_one_of_many = True  # type: ignore[attr-defined]

    def amounts(self) -> dict[Any, Decimal]:
        found = {dossier: self.cleaned_data.get(f"amount_{dossier.pk}") for dossier in self.dossiers}
        return {dossier: amount for dossier, amount in found.items() if amount is not None}

    def rows(self) -> list[Any]:
        return [self[f"amount_{dossier.pk}"] for dossier in self.dossiers]


class BundleForm(forms.Form):
    """For whom a bundle is; only the secretary makes one for somebody else."""

    kind = forms.ChoiceField(
        label="Vorm", choices=[(PaperKind.BUNDLE_PDF, "Eén pdf"), (PaperKind.BUNDLE_ZIP, "Een zip met alle stukken apart")],
        widget=forms.RadioSelect, initial=PaperKind.BUNDLE_PDF, error_messages={"required": "Kies een vorm."},
    )  # fmt: skip
    for_name = forms.CharField(
        label="Voor wie", max_length=200, error_messages={"required": "Schrijf voor wie de bundel is."},
        help_text="Deze naam en het moment komen op elke bladzijde.",
    )  # fmt: skip
    purpose = forms.CharField(
        label="Waarvoor", max_length=300, error_messages={"required": "Schrijf waarvoor de bundel dient."},
        help_text="Bijvoorbeeld: lid van deze vergadering, of controle door het Rekenhof.",
    )  # fmt: skip

    def __init__(self, *args: Any, for_others: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not for_others:
            del self.fields["for_name"], self.fields["purpose"]


class ConductForm(forms.Form):
    kind = forms.ChoiceField(
        label="Wat",
        choices=ConductKind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Kies waarover het gaat."},
    )
    happened_on = forms.DateField(
        label="Datum van het feit", widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "Kies een datum.", "invalid": "Dit is geen datum. Schrijf ze zoals 20/02/2026."},
    )  # fmt: skip
    text = forms.CharField(
        label="Wat er gebeurde",
        max_length=5000,
        widget=forms.Textarea({"rows": 4}),
        error_messages={"required": "Schrijf wat er gebeurde."},
    )
    source = forms.CharField(
        label="Bron",
        max_length=300,
        help_text="Een dossier, een brief of een besluit.",
        error_messages={"required": "Noem de bron."},
    )


class RecusalForm(forms.Form):
    member = forms.ModelChoiceField(
        label="Lid",
        queryset=User.objects.none(),
        empty_label="Kies een lid",
        error_messages={"required": "Kies een lid."},
    )
    application = DossierChoice(
        label="Dossier", queryset=None, empty_label="Kies een dossier", error_messages={"required": "Kies een dossier."}
    )
    reason = forms.CharField(
        label="Reden",
        max_length=2000,
        widget=forms.Textarea({"rows": 2}),
        error_messages={"required": "Schrijf waarom."},
    )

    def __init__(self, *args: Any, members: Any, dossiers: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        among(self, "member").queryset = members
        among(self, "application").queryset = dossiers


class PreselectionForm(forms.Form):
    outcome = forms.ChoiceField(
        label="Beslissing",
        choices=[(outcome.value, outcome.label) for outcome in PRESELECTION_OUTCOMES],
        widget=forms.RadioSelect,
        error_messages={"required": "Kies een beslissing."},
    )
    merge_with = DossierChoice(
        label="Samen met",
        queryset=None,
        required=False,
        empty_label="Niet van toepassing",
        help_text="Alleen bij samenvoegen.",
    )
    reason = forms.CharField(
        label="Motivering", max_length=20000, widget=forms.Textarea({"rows": 6}), help_text="De aanvrager leest dit na de bekendmaking.",
        error_messages={"required": "Schrijf de motivering."},
    )  # fmt: skip

    def __init__(self, *args: Any, others: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        among(self, "merge_with").queryset = others


class SupportForm(forms.Form):
    outcome = forms.ChoiceField(
        label="Beslissing",
        choices=[(outcome.value, outcome.label) for outcome in SUPPORT_OUTCOMES],
        widget=forms.RadioSelect,
        error_messages={"required": "Kies een beslissing."},
    )
    reason = forms.CharField(
        label="Motivering", max_length=20000, widget=forms.Textarea({"rows": 6}), help_text="Komt in de projectfiche; de aanvrager leest dit.",
        error_messages={"required": "Schrijf de motivering."},
    )  # fmt: skip
    deviation_reason = forms.CharField(
        label="Reden van afwijking", required=False, max_length=20000, widget=forms.Textarea({"rows": 3}),
        help_text="Alleen als de beslissing de rangschikking niet volgt.",
    )  # fmt: skip

    def __init__(self, *args: Any, years: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.years = range(1, years + 1)
        for year in self.years:
            self.fields[f"year_{year}"] = EuroField(
                label=f"Steun jaar {year} (euro)",
                required=False,
                max_length=30,
                widget=forms.TextInput({"inputmode": "decimal"}),
            )
        for row in range(1, CONDITION_ROWS + 1):
            self.fields[f"condition_{row}_kind"] = forms.ChoiceField(
                label=f"Soort {row}", choices=ConditionKind.choices, required=False
            )
            self.fields[f"condition_{row}_topic"] = forms.ChoiceField(
                label=f"Onderwerp {row}", choices=ConditionTopic.choices, required=False
            )
            self.fields[f"condition_{row}_text"] = forms.CharField(
                label=f"Voorwaarde {row}", required=False, max_length=2000
            )
            self.fields[f"condition_{row}_blocks"] = forms.BooleanField(
                label=f"Voorwaarde {row} moet vervuld zijn voor de overeenkomst", required=False
            )
        for name, field in self.fields.items():
            # Their headings say when they are needed.
            field.is_one_of_many = name.startswith(("year_", "condition_"))  # type: ignore[attr-defined]

    def year_amounts(self) -> dict[int, Decimal]:
        return {year: amount for year in self.years if (amount := self.cleaned_data.get(f"year_{year}")) is not None}

    def conditions(self) -> list[Condition]:
        data = self.cleaned_data
        return [
            Condition(
                data[f"condition_{row}_kind"] or ConditionKind.START,
                data[f"condition_{row}_text"],
                data[f"condition_{row}_blocks"],
                data[f"condition_{row}_topic"] or ConditionTopic.GENERAL,
            )
            for row in range(1, CONDITION_ROWS + 1)
            if data[f"condition_{row}_text"]
        ]

    def amount_fields(self) -> list[Any]:
        return [self[f"year_{year}"] for year in self.years]

    def condition_rows(self) -> list[tuple[Any, Any, Any, Any]]:
        return [
            (
                self[f"condition_{row}_kind"],
                self[f"condition_{row}_topic"],
                self[f"condition_{row}_text"],
                self[f"condition_{row}_blocks"],
            )
            for row in range(1, CONDITION_ROWS + 1)
        ]
