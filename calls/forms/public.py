"""Forms of the pages: a visitor's question and its answer, a longer deadline, a pre-discussion."""

from datetime import datetime
from typing import Any

from django import forms
from django.db.models import QuerySet

from calls.models import Enquiry, Phase, PrediscussionSlot
from ibnportal.core import clock
from ibnportal.core.accounts.models import Organisation, User
from ibnportal.core.files.kinds import MEGABYTE, FileKind
from ibnportal.core.forms import among

MOMENT_FORMAT = "%Y-%m-%dT%H:%M"


class EnquiryForm(forms.Form):
    """A question about a call; `website` is left empty by people and filled in by programs."""

    question = forms.CharField(
        label="Uw vraag",
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=3000,
        help_text="Eén vraag tegelijk. Schrijf geen gegevens die niet publiek mogen worden: vraag en antwoord kunnen op deze bladzijde verschijnen, zonder uw naam.",
    )
    name = forms.CharField(
        label="Naam", max_length=120, required=False, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    email = forms.EmailField(
        label="E-mail", help_text="Daar komt het antwoord.", widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
    website = forms.CharField(
        label="Laat dit veld leeg",
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )


class AnswerForm(forms.Form):
    """The answer that goes to the asker."""

    text = forms.CharField(label="Antwoord", widget=forms.Textarea(attrs={"rows": 6}), max_length=6000)


class PublishForm(forms.Form):
    """The question as everybody will read it."""

    question = forms.CharField(
        label="Vraag zoals ze verschijnt",
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=3000,
        help_text="Haal namen en details weg die de vraagsteller herkenbaar maken.",
    )

    def __init__(self, *args: Any, enquiry: Enquiry, **kwargs: Any) -> None:
        super().__init__(*args, **{"initial": {"question": enquiry.shown_question or enquiry.question}, **kwargs})


class SetAsideForm(forms.Form):
    """Why a question gets no answer."""

    reason = forms.CharField(label="Waarom geen antwoord", max_length=300)


class ExtensionForm(forms.Form):
    """A later end of a phase, for everybody."""

    closes_at = forms.DateTimeField(
        label="Nieuw uiterste moment",
        widget=forms.DateTimeInput({"type": "datetime-local"}, format=MOMENT_FORMAT),
        input_formats=[MOMENT_FORMAT, "%Y-%m-%dT%H:%M:%S", "%d/%m/%Y %H:%M"],
        help_text="Belgische tijd.",
        error_messages={"invalid": "Dit is geen moment. Schrijf het zoals 30/01/2026 12:00."},
    )
    reason = forms.CharField(
        label="Waarom", widget=forms.Textarea(attrs={"rows": 3}), max_length=2000, help_text="Elke aanvrager leest dit."
    )
    confirm = forms.BooleanField(
        label="Ik weet dat dit voor iedereen geldt en niet teruggedraaid kan worden.",
        error_messages={"required": "Bevestig dit eerst."},
    )

    def __init__(self, *args: Any, phase: Phase, **kwargs: Any) -> None:
        initial: dict[str, datetime] = {}
        if phase.closes_at is not None:
            initial["closes_at"] = clock.local(phase.closes_at).replace(tzinfo=None)
        super().__init__(*args, **{"initial": initial, **kwargs})


class PrediscussionForm(forms.Form):
    """An idea to talk through."""

    organisation = forms.ModelChoiceField(label="Organisatie", queryset=Organisation.objects.none(), empty_label=None)
    title = forms.CharField(label="Werktitel", max_length=200)
    idea = forms.CharField(
        label="Het idee", widget=forms.Textarea(attrs={"rows": 8}), max_length=8000,
        help_text="Voor welke ondernemingen, welk probleem, en wat zou het netwerk doen?",
    )  # fmt: skip
    doubts = forms.CharField(
        label="Waarover twijfelt u?", widget=forms.Textarea(attrs={"rows": 4}), max_length=4000,
        help_text="Bijvoorbeeld of het bij het beleid past, welke kosten aanvaardbaar zijn, of hoe de criteria te lezen.",
    )  # fmt: skip
    file = forms.FileField(label="Ingevuld sjabloon", required=False, max_length=255)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        among(self, "organisation").queryset = Organisation.objects.filter(pk__in=user.organisation_ids)
        rule = FileKind.OFFICE_FILE.rule
        self.fields["file"].help_text = f"{rule.in_words}, ten hoogste {rule.max_bytes // MEGABYTE} MB."
        self.fields["file"].widget.attrs["accept"] = rule.accept


class PlanForm(forms.Form):
    """A free slot."""

    slot = forms.ModelChoiceField(
        label="Moment", queryset=PrediscussionSlot.objects.none(), empty_label=None, widget=forms.RadioSelect,
        error_messages={"invalid_choice": "Dit moment is intussen bezet of voorbij. Kies een ander."},
    )  # fmt: skip

    def __init__(self, *args: Any, slots: "QuerySet[PrediscussionSlot]", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        among(self, "slot").queryset = slots


class AdviceForm(forms.Form):
    """The advice after the talk."""

    advice = forms.CharField(
        label="Advies", widget=forms.Textarea(attrs={"rows": 8}), max_length=8000,
        help_text="Over het passen in de oproep, het opstellen, aanvaardbare kosten en criteria. De aanvrager krijgt dit.",
    )  # fmt: skip


class SlotsForm(forms.Form):
    """Slots of equal length on one of the call's days."""

    day = forms.TypedChoiceField(label="Dag", coerce=lambda value: datetime.strptime(value, "%Y-%m-%d").date())  # noqa: DTZ007 - a day, no moment
    starts = forms.TimeField(label="Van", widget=forms.TimeInput({"type": "time"}, format="%H:%M"))
    ends = forms.TimeField(label="Tot", widget=forms.TimeInput({"type": "time"}, format="%H:%M"))
    minutes = forms.IntegerField(label="Minuten per gesprek", min_value=5, max_value=480, initial=30)
    place = forms.CharField(label="Plaats", max_length=120, initial="online")

    def __init__(self, *args: Any, days: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["day"].choices = [(day.isoformat(), f"{day:%d/%m/%Y}") for day in days]  # type: ignore[attr-defined]
