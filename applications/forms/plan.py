"""Forms of the work plan, the team and the conditions of a dossier."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms

from applications.domain import conditions
from applications.domain.conditions import CIRCUMSTANCES, Condition, StatementItem
from applications.enums import ConditionGroup, Engagement
from applications.forms.drafts import needed_later
from applications.forms.seen import SeenForm
from applications.models import Application, Milestone, TeamMember, WorkPackage
from calls.enums import PhaseNumber
from ibnportal.core.forms import among

_LONG = 6000


class PackageForm(SeenForm):
    """One work package; only the title is needed to begin."""

    title = forms.CharField(label="Titel", max_length=200)
    goal = forms.CharField(label="Doel", required=False, max_length=_LONG, widget=forms.Textarea(attrs={"rows": 3}))
    activities = forms.CharField(
        label="Activiteiten", required=False, max_length=_LONG, widget=forms.Textarea(attrs={"rows": 6})
    )
    lead = forms.CharField(label="Trekker", required=False, max_length=120, help_text="Wie dit pakket leidt.")
    start_month = forms.IntegerField(label="Eerste maand", required=False, min_value=1)
    end_month = forms.IntegerField(label="Laatste maand", required=False, min_value=1)
    person_months = forms.DecimalField(
        label="Mensmaanden", required=False, localize=True, min_value=Decimal(0), max_digits=7, decimal_places=2
    )
    deliverables = forms.CharField(
        label="Resultaten die opgeleverd worden", required=False, max_length=_LONG, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Eén per regel.",
    )  # fmt: skip

    def __init__(self, *args: Any, months: int, package: WorkPackage | None = None, **kwargs: Any) -> None:
        if package is not None:
            kwargs["initial"] = {name: getattr(package, name) for name in self.base_fields}
        super().__init__(*args, **kwargs)
        self.remembers = package is not None
        self.fields["start_month"].help_text = "Maand 1 is de eerste maand van het project."
        self.fields["end_month"].help_text = f"Ten laatste maand {months}."
        for name in self.fields:
            needed_later(self.fields[name])


class MilestoneForm(SeenForm):
    """One milestone."""

    title = forms.CharField(label="Mijlpaal", max_length=200)
    month = forms.IntegerField(label="Maand", min_value=1)
    package = forms.ModelChoiceField(
        label="Werkpakket", queryset=WorkPackage.objects.none(), required=False, empty_label="Het hele project"
    )
    result = forms.CharField(
        label="Verifieerbaar resultaat", required=False, max_length=_LONG, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Waaraan iedereen ziet dat de mijlpaal gehaald is.",
    )  # fmt: skip

    def __init__(
        self,
        *args: Any,
        application: Application,
        months: int,
        milestone: Milestone | None = None,
        **kwargs: Any,
    ) -> None:
        if milestone is not None:
            kwargs["initial"] = {
                "title": milestone.title, "month": milestone.month, "package": milestone.package_id, "result": milestone.result,
            }  # fmt: skip
        super().__init__(*args, **kwargs)
        self.remembers = milestone is not None
        among(self, "package").queryset = WorkPackage.objects.filter(application=application)
        self.fields["month"].help_text = f"Van 1 tot {months}."
        needed_later(self.fields["result"])


class MemberForm(SeenForm):
    """Somebody of the team."""

    name = forms.CharField(label="Naam", max_length=120, help_text="Nog niet bekend? Schrijf “aan te werven”.")
    function = forms.CharField(label="Functie", required=False, max_length=120)
    fte = forms.DecimalField(
        label="VTE", required=False, localize=True, min_value=Decimal(0), max_value=Decimal(1), max_digits=4, decimal_places=2,
        help_text="Het deel van een voltijdse job dat naar het project gaat: 0,5 is halftijds.",
    )  # fmt: skip
    engagement = forms.ChoiceField(label="Verband", choices=Engagement.choices, widget=forms.RadioSelect)
    home_organisation = forms.CharField(
        label="Organisatie van herkomst",
        required=False,
        max_length=200,
        help_text="Alleen voor wie gedetacheerd wordt.",
    )
    experience = forms.CharField(
        label="Ervaring", required=False, max_length=_LONG, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Vooral met het doen samenwerken van ondernemingen.",
    )  # fmt: skip
    is_cluster_manager = forms.BooleanField(label="Is de clustermanager: leidt het project", required=False)
    is_main_task = forms.BooleanField(label="Het netwerk leiden is de hoofdopdracht", required=False)

    def __init__(self, *args: Any, member: TeamMember | None = None, **kwargs: Any) -> None:
        initial = {"engagement": Engagement.EMPLOYED}
        if member is not None:
            initial = {name: getattr(member, name) for name in self.base_fields}
        kwargs["initial"] = initial
        super().__init__(*args, **kwargs)
        self.remembers = member is not None
        for name in ("function", "fte", "home_organisation"):
            needed_later(self.fields[name])


CIRCUMSTANCE_LABELS = {
    "uses_host": ("Een bestaande organisatie is host van het netwerk", ConditionGroup.HOST),
    "uses_secondment": ("Er wordt personeel gedetacheerd", ConditionGroup.SECONDMENT),
    "has_spc_link": ("Het voorstel raakt aan het domein van een speerpuntcluster", ConditionGroup.SPC),
}


class ConditionsForm(SeenForm):
    """Which circumstances apply, and for each condition a tick and, where it has to be shown, an explanation.

    Every condition of the phase is in the form, so that ticking a circumstance can show its conditions at once.
    """

    def __init__(
        self, *args: Any, application: Application, stated: Mapping[str, StatementItem], phase: int, **kwargs: Any
    ) -> None:
        self.conditions = conditions.possible(phase)
        self.circumstances = CIRCUMSTANCES[PhaseNumber(phase)]
        initial: dict[str, Any] = {name: getattr(application, name) for name in self.circumstances}
        for condition in self.conditions:
            row = stated.get(condition.code)
            initial[f"ja_{condition.code}"] = bool(row and row.is_declared)
            initial[f"uitleg_{condition.code}"] = row.explanation if row else ""
        kwargs["initial"] = initial
        super().__init__(*args, **kwargs)
        for name in self.circumstances:
            label, _group = CIRCUMSTANCE_LABELS[name]
            self.fields[name] = _tick(label)
        for condition in self.conditions:
            self.fields[f"ja_{condition.code}"] = _tick(condition.declaration)
            if condition.is_explained:
                field = forms.CharField(
                    label=f"{condition.code.label}: waaruit blijkt dat?",
                    required=False,
                    max_length=_LONG,
                    widget=forms.Textarea(attrs={"rows": 3}),
                )
                needed_later(field)
                self.fields[f"uitleg_{condition.code}"] = field

    def groups(self, applying: frozenset[ConditionGroup]) -> list[dict[str, Any]]:
        """The conditions by group: the circumstance that shows it, whether it shows now, and its fields."""
        by_group = {group: name for name, (_label, group) in CIRCUMSTANCE_LABELS.items()}
        found = []
        for group in ConditionGroup:
            members = [condition for condition in self.conditions if condition.group == group]
            if not members:
                continue
            switch = by_group.get(group, "")
            is_on = group in applying
            if switch and self.is_bound:
                is_on = bool(self.data.get(switch))
            found.append(
                {
                    "group": group,
                    "switch": self[switch] if switch else None,
                    "is_on": is_on or not switch,
                    "rows": [self._row(condition) for condition in members],
                }
            )
        return found

    def _row(self, condition: Condition) -> dict[str, Any]:
        return {
            "condition": condition,
            "tick": self[f"ja_{condition.code}"],
            "explanation": self[f"uitleg_{condition.code}"] if condition.is_explained else None,
        }

    def stated(self) -> tuple[dict[str, bool], dict[str, tuple[bool, str]], dict[str, Any]]:
        """The circumstances and statements that changed, and what stood there when the page was opened."""
        wanted, seen = self.typed()
        circumstances = {name: bool(wanted[name]) for name in self.circumstances if name in wanted}
        statements = {}
        for condition in self.conditions:
            names = {f"ja_{condition.code}", f"uitleg_{condition.code}"} & set(wanted)
            if names:
                explanation = self.cleaned_data.get(f"uitleg_{condition.code}") or ""
                statements[condition.code.value] = (bool(self.cleaned_data.get(f"ja_{condition.code}")), explanation)
        known = {name: seen[name] for name in self.circumstances if name in seen}
        known |= {
            condition.code.value: seen[f"uitleg_{condition.code}"]
            for condition in self.conditions
            if f"uitleg_{condition.code}" in seen
        }
        return circumstances, statements, known


def _tick(label: str) -> forms.BooleanField:
    field = forms.BooleanField(label=label, required=False)
    needed_later(field)
    return field
