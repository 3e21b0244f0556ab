"""After the decision: asking for a review or a talk, deciding on a review, correcting, complaining."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import forms

from applications.models import Application
from evaluation.enums import ComplaintChannel, DecisionOutcome
from evaluation.forms.advice import DossierChoice
from evaluation.forms.meetings import SupportForm
from ibnportal.core import clock
from ibnportal.core.accounts.enums import Role
from ibnportal.core.accounts.models import User
from ibnportal.core.forms import among

MOMENT = {"type": "datetime-local"}
_FORMATS = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%d/%m/%Y %H:%M"]
_WRONG = "Dit is geen moment. Schrijf het zoals 20/09/2026 14:00."


class MomentField(forms.CharField):
    """A day and an hour in Brussels; the browser's own field, or typed as 20/09/2026 14:00."""

    widget = forms.DateTimeInput(MOMENT, format="%Y-%m-%dT%H:%M")

    def prepare_value(self, value: Any) -> Any:
        """An instant as the clock in Brussels shows it, as it is read back."""
        return clock.local(value).replace(tzinfo=None) if isinstance(value, datetime) else value

    def clean(self, value: Any) -> datetime | None:
        text = super().clean(value)
        if not text:
            return None
        for pattern in _FORMATS:
            try:
                return clock.moment(datetime.strptime(text, pattern).isoformat(timespec="minutes"))  # noqa: DTZ007 - made aware here
            except ValueError:
                continue
        raise forms.ValidationError(_WRONG)


class ReviewForm(forms.Form):
    arguments = forms.CharField(
        label="Uw argumenten", max_length=20000, widget=forms.Textarea({"rows": 12}),
        help_text="Schrijf per punt wat volgens u niet juist beoordeeld is en waar in uw aanvraag dat na te gaan is. Nieuwe informatie telt niet mee.",
        error_messages={"required": "Schrijf op welke punten de beoordeling volgens u niet klopt."},
    )  # fmt: skip


class StaffChoice(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return str(obj)


class HandlerForm(forms.Form):
    handler = StaffChoice(
        label="Behandelaar",
        queryset=User.objects.none(),
        empty_label="Kies iemand",
        error_messages={"required": "Kies een behandelaar."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles = (Role.CASE_HANDLER, Role.SECRETARY)
        among(self, "handler").queryset = (
            User.objects.filter(is_active=True, role_grants__role__in=roles, role_grants__revoked_at__isnull=True)
            .distinct()
            .order_by("full_name", "pk")
        )


class ReviewDecisionForm(SupportForm):
    """As the committee's form; instead of a deviation, the reason to go above the maximum number."""

    excess_reason = forms.CharField(
        label="Reden om boven het hoogste aantal te gaan", required=False, max_length=5000, widget=forms.Textarea({"rows": 3}),
        help_text="Alleen nodig als het hoogste aantal al bereikt is. Boven het budget kan niet.",
    )  # fmt: skip

    def __init__(self, *args: Any, outcomes: Iterable[DecisionOutcome], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["deviation_reason"]
        chooses: Any = self.fields["outcome"]
        chooses.choices = [(outcome.value, outcome.label) for outcome in outcomes]
        if not self.years:
            self.fields["reason"].help_text = "De aanvrager leest dit."
            for name in [name for name in self.fields if name == "excess_reason" or name.startswith("condition_")]:
                del self.fields[name]


class CorrectionForm(SupportForm):
    """The motivation, amounts and conditions anew, and what was wrong; the outcome stays."""

    why = forms.CharField(
        label="Wat is er verbeterd?", max_length=5000, widget=forms.Textarea({"rows": 3}), help_text="De aanvrager leest dit in de mail.",
        error_messages={"required": "Schrijf wat er verbeterd is."},
    )  # fmt: skip

    def __init__(self, *args: Any, is_award: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["deviation_reason"], self.fields["outcome"]
        if not is_award:
            for name in [name for name in self.fields if name.startswith(("year_", "condition_"))]:
                del self.fields[name]


class DiscussionForm(forms.Form):
    first = MomentField(label="Eerste voorkeur", error_messages={"required": "Kies een dag en een uur."})
    second = MomentField(label="Tweede voorkeur", required=False)
    third = MomentField(label="Derde voorkeur", required=False)
    question = forms.CharField(
        label="Waarover wilt u het hebben?", required=False, max_length=5000, widget=forms.Textarea({"rows": 4})
    )

    def proposals(self) -> list[datetime]:
        return [moment for name in ("first", "second", "third") if (moment := self.cleaned_data.get(name))]


class DiscussionPlanForm(forms.Form):
    at = MomentField(label="Moment", error_messages={"required": "Kies een dag en een uur."})
    place = forms.CharField(
        label="Plaats of link", max_length=300, error_messages={"required": "Schrijf waar of met welke link."}
    )


class DiscussionNotesForm(forms.Form):
    notes = forms.CharField(
        label="Wat besproken is", required=False, max_length=20000, widget=forms.Textarea({"rows": 6})
    )


class ComplaintForm(forms.Form):
    """What anybody with an account writes."""

    application = DossierChoice(
        label="Gaat het over een dossier?",
        queryset=Application.objects.none(),
        required=False,
        empty_label="Niet over een dossier",
    )
    subject = forms.CharField(
        label="Onderwerp", max_length=200, error_messages={"required": "Vat uw klacht in één regel samen."}
    )
    text = forms.CharField(
        label="Uw klacht", max_length=20000, widget=forms.Textarea({"rows": 8}), help_text="Wat gebeurde er, wanneer, en wat had u verwacht?",
        error_messages={"required": "Schrijf uw klacht uit."},
    )  # fmt: skip

    def __init__(self, *args: Any, dossiers: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        among(self, "application").queryset = dossiers


class ComplaintEntryForm(ComplaintForm):
    """What the case team enters for somebody else."""

    channel = forms.ChoiceField(
        label="Hoe kwam de klacht binnen?", choices=[row for row in ComplaintChannel.choices if row[0] != ComplaintChannel.PORTAL],
        widget=forms.RadioSelect, error_messages={"required": "Kies hoe de klacht binnenkwam."},
    )  # fmt: skip
    received_on = forms.DateField(
        label="Ontvangen op", widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "Kies een datum.", "invalid": "Dit is geen datum. Schrijf ze zoals 20/02/2026."},
    )  # fmt: skip
    complainant_name = forms.CharField(
        label="Wie klaagt", max_length=200, error_messages={"required": "Noteer wie klaagt."}
    )
    complainant_email = forms.EmailField(
        label="E-mailadres", required=False, max_length=254, help_text="Dan vertrekken ontvangstmelding en antwoord per mail.",
        error_messages={"invalid": "Dit is geen e-mailadres."},
    )  # fmt: skip
    field_order = ("channel", "received_on", "complainant_name", "complainant_email", "application", "subject", "text")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        text = self.fields["text"]
        text.label, text.help_text = (
            "De klacht",
            "Wat gebeurde er, wanneer, en wat had men verwacht? In de woorden van wie klaagt.",
        )
        text.error_messages["required"] = "Schrijf de klacht uit."
        self.fields["subject"].error_messages["required"] = "Vat de klacht in één regel samen."


class AnswerForm(forms.Form):
    answer = forms.CharField(
        label="Antwoord", max_length=20000, widget=forms.Textarea({"rows": 10}), help_text="Wie klaagde, krijgt dit zoals het hier staat.",
        error_messages={"required": "Schrijf het antwoord."},
    )  # fmt: skip
