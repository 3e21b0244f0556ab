"""What a case handler fills in: whom to ask, reasons, and the panel's advice."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.forms import BoundField

from calls.enums import CostType
from evaluation.domain.expert_opinions import PoolRow
from evaluation.enums import Recommendation
from evaluation.forms.experts import IDENTITY_QUESTION, MARKET_QUESTION, CriteriaForm
from ibnportal.core.errors import DomainError
from ibnportal.core.money import parse_euros


class InviteForm(forms.Form):
    """Whom to ask, and by when."""

    expert = forms.ChoiceField(label="Deskundige")
    due_on = forms.DateField(label="Scores verwacht tegen", widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, pool: Sequence[PoolRow], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(row.user.pk): row.user for row in pool if not row.state}
        choices = [(str(row.user.pk), _named(row)) for row in pool if not row.state]
        self.fields["expert"].choices = [("", "Kies een deskundige"), *choices]  # type: ignore[attr-defined]

    def clean_expert(self) -> Any:
        return self.people[self.cleaned_data["expert"]]


def _named(row: PoolRow) -> str:
    profile = getattr(row.user, "expert_profile", None)
    parts = [str(row.user), profile.get_expertise_display().lower() if profile else "", f"{row.load} open"]
    if row.is_barred:
        parts.append("uitgesloten")
    return ", ".join(part for part in parts if part)


class ReasonForm(forms.Form):
    """Why: for reopening, taking back and waiving."""

    reason = forms.CharField(label="Reden", max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))


class ExtendForm(ReasonForm):
    """A later date for an expert, and why."""

    due_on = forms.DateField(label="Nieuwe dag")


class EurosField(forms.CharField):
    """An amount as people type it in Dutch."""

    def clean(self, value: Any) -> Decimal | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            return parse_euros(text)
        except DomainError as error:
            raise forms.ValidationError(error.message) from error


class PanelForm(CriteriaForm):
    """The panel's score and motivation per criterion, and the advice."""

    doubts_identity = forms.BooleanField(label=f"Het panel zegt ja op: {IDENTITY_QUESTION.lower()}", required=False)
    distorts_market = forms.BooleanField(label=f"Het panel zegt ja op: {MARKET_QUESTION.lower()}", required=False)
    grounds_text = forms.CharField(
        label="Waarom?", required=False, max_length=6000, widget=forms.Textarea(attrs={"rows": 3})
    )
    strengths = forms.CharField(
        label="Sterktes", required=False, max_length=6000, widget=forms.Textarea(attrs={"rows": 4})
    )
    weaknesses = forms.CharField(
        label="Zwaktes", required=False, max_length=6000, widget=forms.Textarea(attrs={"rows": 4})
    )
    start_conditions = forms.CharField(
        label="Startvoorwaarden",
        required=False,
        max_length=6000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Eén per regel. Vervuld voor het project begint.",
    )
    special_conditions = forms.CharField(
        label="Bijzondere voorwaarden",
        required=False,
        max_length=6000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Eén per regel. Gelden tijdens het project.",
    )
    recommendation = forms.ChoiceField(
        label="Advies",
        required=False,
        choices=[(value, label) for value, label in Recommendation.choices if value != Recommendation.MERGE],
        widget=forms.RadioSelect,
    )
    advised_amount = EurosField(
        label="Geadviseerde steun (euro)", required=False, help_text="Bijvoorbeeld 675.000.", max_length=40
    )
    text = forms.CharField(
        label="Motivering van het advies", required=False, max_length=12000, widget=forms.Textarea(attrs={"rows": 6})
    )
    few_experts_reason = forms.CharField(
        label="Waarom adviseert u al?",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Enkel nodig zolang te weinig deskundigen hun scores indienden.",
    )

    def __init__(self, *args: Any, requested: Mapping[str, Decimal] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("recommendation", "text", "advised_amount"):
            self.fields[name].is_needed_later = True  # type: ignore[attr-defined]
        self.requested = {kind: amount for kind, amount in (requested or {}).items() if amount}
        for kind in self.requested:
            label = CostType(kind).label
            self.fields[f"accepted_{kind}"] = EurosField(
                label=f"{label}: aanvaarde kosten (euro)", required=False, max_length=40
            )
            self.fields[f"reason_{kind}"] = forms.CharField(
                label=f"{label}: reden van de correctie",
                required=False,
                max_length=2000,
                widget=forms.Textarea(attrs={"rows": 2}),
            )

    def cost_rows(self) -> list[tuple[str, Decimal, BoundField, BoundField]]:
        """By cost type: label, what was asked, and the two fields."""
        return [
            (CostType(kind).label, amount, self[f"accepted_{kind}"], self[f"reason_{kind}"])
            for kind, amount in self.requested.items()
        ]

    def typed(self) -> dict[str, Any]:
        """Everything as typed, to be kept as a draft."""
        return {name: self.data.get(name, "") for name in self.fields}

    def advice(self) -> dict[str, Any]:
        """The advice as the domain takes it."""
        names = (
            "recommendation", "text", "advised_amount", "strengths", "weaknesses",
            "doubts_identity", "distorts_market", "grounds_text", "few_experts_reason",
        )  # fmt: skip
        data = self.cleaned_data
        return {
            **{name: data[name] for name in names},
            "start_conditions": data["start_conditions"].splitlines(),
            "special_conditions": data["special_conditions"].splitlines(),
            "accepted": {kind: (data[f"accepted_{kind}"], data[f"reason_{kind}"]) for kind in self.requested},
            "panel_scores": self.scores(),
        }


class ReadingForm(forms.Form):
    """What the second reader says."""

    remark = forms.CharField(
        label="Opmerking voor de schrijver", required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 3})
    )
