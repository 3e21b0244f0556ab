"""Forms of the steering group."""

from datetime import datetime
from typing import Any, cast

from django import forms

from ibnportal.core import clock
from ibnportal.core.accounts.models import Organisation
from monitoring.forms.fields import DateField, PdfField, TimeField
from monitoring.models import SteeringMeeting


class MeetingForm(forms.Form):
    """When, where and about what."""

    day = DateField(label="Dag")
    from_time = TimeField(label="Van")
    to_time = TimeField(label="Tot")
    location = forms.CharField(label="Plaats", max_length=200, help_text="Een adres, of “online” met de link.")
    agenda = forms.CharField(
        label="Agenda", required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Gaat mee in de uitnodiging.",
    )  # fmt: skip

    @classmethod
    def of(cls, data: Any, meeting: SteeringMeeting) -> "MeetingForm":
        """With the meeting as it stands."""
        starts_at, ends_at = clock.local(meeting.starts_at), clock.local(meeting.ends_at)
        initial = {
            "day": starts_at.date(), "from_time": starts_at.time(), "to_time": ends_at.time(), "location": meeting.location,
            "agenda": meeting.agenda,
        }  # fmt: skip
        return cls(data, initial=initial)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        begin, end = cleaned.get("from_time"), cleaned.get("to_time")
        if begin and end and end <= begin:
            self.add_error("to_time", "Het einde moet na het begin liggen.")
        return cleaned

    def facts(self) -> dict[str, Any]:
        """As the domain takes them: moments in Brussels."""
        data = self.cleaned_data
        moments = [
            datetime.combine(data["day"], data[name], tzinfo=clock.BRUSSELS) for name in ("from_time", "to_time")
        ]
        return {
            "starts_at": moments[0],
            "ends_at": moments[1],
            "location": data["location"],
            "agenda": data["agenda"],
        }


class CancelForm(forms.Form):
    reason = forms.CharField(
        label="Waarom gaat de vergadering niet door?", max_length=500, help_text="De waarnemer leest deze reden."
    )


class MinutesForm(forms.Form):
    upload = PdfField(label="Verslag")
    attendees = forms.MultipleChoiceField(
        label="Leden die aanwezig waren", required=False, widget=forms.CheckboxSelectMultiple
    )
    others = forms.CharField(
        label="Andere aanwezigen", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Eén per regel, met hun organisatie.",
    )  # fmt: skip

    def __init__(self, *args: Any, organisations: list[Organisation], present: set[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._organisations = {str(organisation.pk): organisation for organisation in organisations}
        attendees = cast("forms.MultipleChoiceField", self.fields["attendees"])
        attendees.choices = [(pk, organisation.name) for pk, organisation in self._organisations.items()]
        attendees.initial = [str(pk) for pk in present]

    def facts(self) -> dict[str, Any]:
        """As the domain takes them."""
        data = self.cleaned_data
        return {
            "upload": data["upload"],
            "attendees": [self._organisations[pk] for pk in data["attendees"]],
            "others": data["others"],
        }
