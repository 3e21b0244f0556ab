"""Forms of activities, collaborations, projects and stories."""

from collections.abc import Iterable
from typing import Any

from django import forms

from ibnportal.core import enterprise_numbers
from ibnportal.core.accounts.enums import OrganisationKind
from ibnportal.core.accounts.models import Organisation
from ibnportal.core.forms import among
from monitoring.enums import (
    COLLABORATION_TRANSITIONS,
    ActivityKind,
    Audience,
    CollaborationNature,
    CollaborationState,
    Executor,
    FailureReason,
    FundingSource,
    Instrument,
    PriceBasis,
    ProjectOutcome,
    ProjectRole,
)
from monitoring.forms.fields import DateField, EuroField
from monitoring.models import Activity, Collaboration, Network, RelatedProject, SuccessStory


class ActivityForm(forms.Form):
    title = forms.CharField(label="Titel", max_length=200)
    kind = forms.ChoiceField(label="Soort", choices=ActivityKind.choices)
    starts_on = DateField(label="Dag")
    ends_on = DateField(label="Tot en met", required=False, help_text="Alleen als ze langer dan een dag duurt.")
    location = forms.CharField(label="Plaats", max_length=200, required=False)
    price_basis = forms.ChoiceField(label="Prijs voor de deelnemers", choices=PriceBasis.choices)
    audience = forms.ChoiceField(label="Voor wie", choices=Audience.choices)
    entry_conditions = forms.CharField(
        label="Voorwaarden om deel te nemen", max_length=500, required=False, help_text="Bij een beperkte groep."
    )
    executor = forms.ChoiceField(label="Uitgevoerd door", choices=Executor.choices)
    description = forms.CharField(
        label="Beschrijving", required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 3})
    )
    is_individual_service = forms.BooleanField(label="Een dienst voor één onderneming", required=False)
    is_under_other_article = forms.BooleanField(
        label="Steunbaar onder een ander artikel (onderzoek, innovatieadvies, opleidingssteun)", required=False
    )

    @classmethod
    def of(cls, data: Any, activity: Activity) -> "ActivityForm":
        """With the activity as it stands."""
        return cls(data, initial={name: getattr(activity, name) for name in cls.base_fields})


class ParticipantsForm(forms.Form):
    """Who took part: members by a tick, others by name and number."""

    members = forms.MultipleChoiceField(label="Deelnemers", required=False, widget=forms.CheckboxSelectMultiple)
    other_name = forms.CharField(label="Andere deelnemer", max_length=200, required=False)
    other_number = forms.CharField(label="Ondernemingsnummer", max_length=30, required=False)

    def __init__(self, *args: Any, organisations: list[Organisation], present: set[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        members = self.fields["members"]
        assert isinstance(members, forms.MultipleChoiceField)  # noqa: S101 - declared above
        members.choices = [(str(one.pk), one.name) for one in organisations]
        members.initial = [str(pk) for pk in present]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        name, number = cleaned.get("other_name"), cleaned.get("other_number")
        if number and not name:
            self.add_error("other_name", "Vul ook de naam in.")
        if name:
            problem = enterprise_numbers.explain(number or "")
            if problem:
                self.add_error("other_number", problem)
        return cleaned


class CollaborationForm(forms.Form):
    title = forms.CharField(label="Titel", max_length=200)
    initiated_on = DateField(label="Ontstaan op")
    nature = forms.ChoiceField(label="Aard", choices=CollaborationNature.choices)
    instrument = forms.ChoiceField(label="Instrument", choices=Instrument.choices)
    description = forms.CharField(
        label="Beschrijving", required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 3})
    )

    @classmethod
    def of(cls, data: Any, collaboration: Collaboration) -> "CollaborationForm":
        """With the collaboration as it stands."""
        return cls(data, initial={name: getattr(collaboration, name) for name in cls.base_fields})


class PartyForm(forms.Form):
    name = forms.CharField(label="Naam", max_length=200)
    enterprise_number = forms.CharField(
        label="Ondernemingsnummer", max_length=30, required=False, help_text="Leeg voor een partij uit het buitenland."
    )
    kind = forms.ChoiceField(
        label="Soort", choices=[(kind.value, kind.label.capitalize()) for kind in OrganisationKind], initial=OrganisationKind.COMPANY
    )  # fmt: skip

    def clean_enterprise_number(self) -> str:
        typed = self.cleaned_data["enterprise_number"]
        problem = enterprise_numbers.explain(typed) if typed else ""
        if problem:
            raise forms.ValidationError(problem)
        return enterprise_numbers.normalise(typed) if typed else ""


class MoveForm(forms.Form):
    to = forms.ChoiceField(label="Nieuwe status")
    on = DateField(label="Op welke dag?", required=False, help_text="Bij een start of een einde.")
    failure_reason = forms.ChoiceField(
        label="Waarom mislukt?", required=False, choices=[("", "Niet van toepassing"), *FailureReason.choices]
    )
    failure_text = forms.CharField(
        label="Toelichting", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, collaboration: Collaboration, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        allowed = COLLABORATION_TRANSITIONS[CollaborationState(collaboration.state)]
        chooser = self.fields["to"]
        assert isinstance(chooser, forms.ChoiceField)  # noqa: S101 - declared above
        chooser.choices = [(state.value, state.label) for state in CollaborationState if state in allowed]


class OfNetworkForm(forms.Form):
    """A form whose choices are those of one network; a page that read its collaborations gives them along."""

    def __init__(
        self, *args: Any, network: Network, collaborations: Iterable[Collaboration] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        field = among(self, "collaboration")
        field.queryset = network.collaborations.order_by("title")
        if collaborations is not None:
            by_title = sorted(collaborations, key=lambda one: one.title.casefold())
            field.choices = [("", field.empty_label), *((one.pk, field.label_from_instance(one)) for one in by_title)]


class ProjectForm(OfNetworkForm):
    title = forms.CharField(label="Titel", max_length=200)
    source = forms.ChoiceField(label="Financiering", choices=FundingSource.choices)
    outcome = forms.ChoiceField(label="Stand", choices=ProjectOutcome.choices)
    role = forms.ChoiceField(label="Rol van het netwerk", choices=ProjectRole.choices)
    amount = EuroField(label="Bedrag voor het netwerk (euro)", required=False)
    applied_on = DateField(label="Aangevraagd op", required=False)
    collaboration = forms.ModelChoiceField(
        label="Hoort bij", queryset=Collaboration.objects.none(), required=False, empty_label="Geen samenwerking uit de lijst"
    )  # fmt: skip
    partners = forms.ModelMultipleChoiceField(
        label="Andere netwerken", queryset=Network.objects.none(), required=False,
        help_text="Met een ander netwerk erbij is het een interclusterproject.",
    )  # fmt: skip

    def __init__(self, *args: Any, network: Network, project: RelatedProject | None = None, **kwargs: Any) -> None:
        if project is not None:
            names = [name for name in self.base_fields if name != "partners"]
            kwargs["initial"] = {
                **{name: getattr(project, name) for name in names},
                "partners": list(project.partners.all()),
            }
        super().__init__(*args, network=network, **kwargs)
        # The names of networks are published; nothing else of them is shown here.
        among(self, "partners").queryset = Network.objects.exclude(pk=network.pk).order_by("name")


class StoryForm(OfNetworkForm):
    title = forms.CharField(label="Titel", max_length=200)
    told_on = DateField(label="Datum", help_text="Het jaarverslag neemt de verhalen van zijn projectjaar over.")
    text = forms.CharField(label="Verhaal", max_length=10000, widget=forms.Textarea(attrs={"rows": 6}))
    collaboration = forms.ModelChoiceField(
        label="Hoort bij", queryset=Collaboration.objects.none(), required=False, empty_label="Geen samenwerking uit de lijst"
    )  # fmt: skip

    def __init__(self, *args: Any, network: Network, story: SuccessStory | None = None, **kwargs: Any) -> None:
        if story is not None:
            kwargs["initial"] = {name: getattr(story, name) for name in self.base_fields}
        super().__init__(*args, network=network, **kwargs)
