"""Planning a meeting, recusing a member, and recording decisions."""

from decimal import Decimal
from typing import Any

from django import forms

from calls.enums import PhaseNumber
from calls.models import Call
from evaluation.domain.committee import PRESELECTION_OUTCOMES, SUPPORT_OUTCOMES, Condition
from evaluation.enums import ConditionKind
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
    location = forms.CharField(label="Plaats", required=False, max_length=200)
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
            self.fields[f"condition_{row}_text"] = forms.CharField(
                label=f"Voorwaarde {row}", required=False, max_length=2000
            )
            self.fields[f"condition_{row}_blocks"] = forms.BooleanField(
                label=f"Voorwaarde {row} moet vervuld zijn voor de overeenkomst", required=False
            )

    def year_amounts(self) -> dict[int, Decimal]:
        return {year: amount for year in self.years if (amount := self.cleaned_data.get(f"year_{year}")) is not None}

    def conditions(self) -> list[Condition]:
        data = self.cleaned_data
        return [
            Condition(
                data[f"condition_{row}_kind"] or ConditionKind.START,
                data[f"condition_{row}_text"],
                data[f"condition_{row}_blocks"],
            )
            for row in range(1, CONDITION_ROWS + 1)
            if data[f"condition_{row}_text"]
        ]

    def amount_fields(self) -> list[Any]:
        return [self[f"year_{year}"] for year in self.years]

    def condition_rows(self) -> list[tuple[Any, Any, Any]]:
        return [
            (self[f"condition_{row}_kind"], self[f"condition_{row}_text"], self[f"condition_{row}_blocks"])
            for row in range(1, CONDITION_ROWS + 1)
        ]
