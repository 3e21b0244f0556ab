"""What an expert fills in: the declaration and the scores. The scores are a form of the call: one pair of fields a criterion."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField

from calls.models import Criterion, ScaleStep
from evaluation.enums import DeclineKind, TieKind
from ibnportal.core import enterprise_numbers
from ibnportal.core.errors import DomainError
from ibnportal.core.findings import Finding

YES_NO = (("no", "Nee"), ("yes", "Ja"))
IDENTITY_QUESTION = "Twijfelt u zeer sterk of hieruit een ecosysteem met een eigen identiteit en dynamiek ontstaat?"
MARKET_QUESTION = "Ziet u een duidelijk risico op marktverstoring?"


class DeclineForm(forms.Form):
    """Why an expert does not take a dossier."""

    kind = forms.ChoiceField(label="Waarom niet?", choices=DeclineKind.choices, widget=forms.RadioSelect)
    text = forms.CharField(
        label="Toelichting",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Verplicht als u een belang hebt: zeg in één zin welk.",
    )


class TieForm(forms.Form):
    """One interest, told by the person."""

    kind = forms.ChoiceField(label="Wat voor band?", choices=[("", "Kies"), *TieKind.choices])
    body = forms.CharField(label="Onderneming, organisatie of netwerk", max_length=200)
    enterprise_number = forms.CharField(
        label="Ondernemingsnummer",
        required=False,
        max_length=30,
        help_text="Als u het kent; dan zoekt het portaal preciezer.",
    )
    since = forms.DateField(label="Sinds", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(
        label="Tot", required=False, widget=forms.DateInput(attrs={"type": "date"}), help_text="Leeg als het nog loopt."
    )
    explanation = forms.CharField(
        label="Toelichting", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.is_one_of_many = not field.required  # type: ignore[attr-defined]  # the page says so once

    def clean_enterprise_number(self) -> str:
        number = self.cleaned_data["enterprise_number"]
        if not number:
            return ""
        problem = enterprise_numbers.explain(number)
        if problem:
            raise forms.ValidationError(problem)
        return enterprise_numbers.normalise(number)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("since") and data.get("until") and data["until"] < data["since"]:
            self.add_error("until", "Het einde ligt voor het begin.")
        return data


class DeclarationForm(forms.Form):
    """Confidentiality and interests, per dossier (CONF-02)."""

    has_interest = forms.ChoiceField(
        label="Hebt u een belang bij dit dossier?",
        choices=(
            ("no", "Nee, ik heb geen enkel belang"),
            ("yes", "Ja, ik heb een belang of kan de schijn ervan wekken"),
        ),
        widget=forms.RadioSelect,
        help_text="Bijvoorbeeld werk, aandelen, familie, een eigen aanvraag of een opdracht van wie aanvraagt, meedoet of ondertekent.",
    )
    interest_text = forms.CharField(
        label="Welk belang?",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
        help_text="Enkel als u ja antwoordt.",
    )
    keeps_confidential = forms.BooleanField(
        label="Ik houd alles uit dit dossier vertrouwelijk: ik geef niets door en gebruik het niet voor mezelf of een ander.",
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Who has an interest need not promise anything; who has none cannot go on without.
        self.fields["keeps_confidential"].is_needed_later = True  # type: ignore[attr-defined]

    def clean_has_interest(self) -> bool:
        return bool(self.cleaned_data["has_interest"] == "yes")


@dataclass(frozen=True, slots=True)
class Row:
    """One criterion as the page shows it."""

    criterion: Criterion
    step: BoundField
    motivation: BoundField
    lacks: str
    starts_dimension: bool
    starts_group: bool
    mark: str = ""
    clash: str = ""


class CriteriaForm(forms.Form):
    """A step and a motivation for each criterion; nothing is required, for everything is saved as far as it is."""

    def __init__(
        self,
        *args: Any,
        criteria: Sequence[Criterion],
        scale: Sequence[ScaleStep | dict[str, Any]],
        least: int,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.criteria, self.least = list(criteria), least
        steps = [(_of(step, "code"), _of(step, "label")) for step in scale]
        for criterion in self.criteria:
            self.fields[f"step_{criterion.code}"] = forms.ChoiceField(
                label=f"Score voor {criterion.label}",
                choices=steps,
                required=False,
                widget=forms.RadioSelect(attrs={"class": "form-check-input"}),
            )
            self.fields[f"motivation_{criterion.code}"] = forms.CharField(
                label=f"Motivering bij {criterion.label}",
                required=False,
                max_length=6000,
                widget=forms.Textarea(attrs={"rows": 3, "class": "form-control"}),
                help_text=f"Minstens {least} woorden." if least > 1 else "",
            )

    def rows(
        self,
        lacking: dict[str, str] | None = None,
        *,
        marks: dict[str, str] | None = None,
        clashes: dict[str, str] | None = None,
    ) -> list[Row]:
        """The criteria in the call's order, with where a new dimension or group begins.

        `marks` travel with the page to see what it changed; `clashes` say what another window saved.
        """
        rows, dimension, group = [], None, None
        for criterion in self.criteria:
            rows.append(
                Row(
                    criterion,
                    self[f"step_{criterion.code}"],
                    self[f"motivation_{criterion.code}"],
                    (lacking or {}).get(criterion.code, ""),
                    criterion.dimension_id != dimension,
                    (criterion.dimension_id, criterion.group) != (dimension, group),
                    (marks or {}).get(criterion.code, ""),
                    (clashes or {}).get(criterion.code, ""),
                )
            )
            dimension, group = criterion.dimension_id, criterion.group
        return rows

    def scores(self) -> dict[str, tuple[str, str]]:
        """By the criterion's code: the step's code (or nothing) and the motivation."""
        data = self.cleaned_data
        return {
            row.code: (data.get(f"step_{row.code}", ""), data.get(f"motivation_{row.code}", ""))
            for row in self.criteria
        }


class ScoresForm(CriteriaForm):
    """An expert's scores, with the two exclusion grounds asked explicitly (P2-CRI-18, P2-CRI-19)."""

    doubts_identity = forms.ChoiceField(
        label=IDENTITY_QUESTION,
        choices=YES_NO,
        required=False,
        widget=forms.RadioSelect(attrs={"class": "form-check-input"}),
    )
    distorts_market = forms.ChoiceField(
        label=MARKET_QUESTION,
        choices=YES_NO,
        required=False,
        widget=forms.RadioSelect(attrs={"class": "form-check-input"}),
    )
    grounds_text = forms.CharField(
        label="Waarom?",
        required=False,
        max_length=6000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Nodig als u hierboven ja antwoordt.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["grounds_text"].is_one_of_many = True  # type: ignore[attr-defined]  # its help says when

    def seen(self) -> dict[str, str]:
        """The marks that the page had of each answer when it was opened; without them the form wins."""
        return {name[len("seen_") :]: value for name, value in self.data.items() if name.startswith("seen_")}

    def grounds(self) -> dict[str, Any]:
        """The answers as the domain takes them; None where nothing was chosen."""
        answers = {"yes": True, "no": False}
        data = self.cleaned_data
        return {
            "doubts_identity": answers.get(data.get("doubts_identity", "")),
            "distorts_market": answers.get(data.get("distorts_market", "")),
            "grounds_text": data.get("grounds_text", ""),
        }


def _of(step: ScaleStep | dict[str, Any], name: str) -> Any:
    return step[name] if isinstance(step, dict) else getattr(step, name)


def show_findings(form: CriteriaForm, error: DomainError) -> None:
    """Put what is missing at its criterion; a finding names a field, or a criterion by its label."""
    form.add_error(None, error.message)
    by_label = {criterion.label: f"motivation_{criterion.code}" for criterion in form.criteria}
    for finding in error.findings:
        form.add_error(_field_of(form, finding, by_label), finding.message)


def _field_of(form: forms.Form, finding: Finding, by_label: dict[str, str]) -> str | None:
    if finding.where in form.fields:
        return finding.where
    return by_label.get(finding.where)
