"""Laying out pitch days, choosing and trading slots, the mails, and the notes of a pitch."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms

from calls.models import PitchSlot
from evaluation.domain.pitch_days import Layout
from evaluation.domain.pitches import TOPICS
from evaluation.models import Pitch
from ibnportal.core.forms import among
from ibnportal.core.ui import formats

_TIME = {"type": "time"}
MAX_ROOM = 80  # as long as the column


class SlotChoice(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        room = f" ({obj.room})" if obj.room else ""
        return f"{formats.long_date(obj.starts_at)}, {formats.clock_time(obj.starts_at)} tot {formats.clock_time(obj.ends_at)}{room}"


class BookForm(forms.Form):
    slot = SlotChoice(
        label="Pitchmoment",
        queryset=PitchSlot.objects.none(),
        empty_label="Kies een moment",
        error_messages={
            "required": "Kies een moment.",
            "invalid_choice": "Dit moment is intussen bezet. Kies een ander.",
        },
    )
    message = forms.CharField(
        label="Mail aan de aanvrager", required=False, max_length=20000, widget=forms.Textarea({"rows": 16})
    )

    def __init__(self, *args: Any, slots: Any, shows_message: bool, is_optional: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = among(self, "slot")
        field.queryset = slots
        if is_optional:
            field.required = False
            field.empty_label = "Later: ik plan de pitch apart"
        if not shows_message:
            del self.fields["message"]


class SwapForm(forms.Form):
    one = forms.ChoiceField(label="Wissel")
    other = forms.ChoiceField(label="met")

    def __init__(self, *args: Any, pitches: Iterable[Pitch], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", "Kies een pitch"), *((str(pitch.pk), _pitch_label(pitch)) for pitch in pitches)]
        for name in ("one", "other"):
            field = self.fields[name]
            field.error_messages["invalid_choice"] = "Deze pitch kan niet meer verplaatst worden. Kies een andere."
            if isinstance(field, forms.ChoiceField):
                field.choices = choices


def _pitch_label(pitch: Pitch) -> str:
    slot = pitch.slot
    when = f"{formats.short_date(slot.starts_at)}, {formats.clock_time(slot.starts_at)}" if slot else ""
    return f"{when}: {pitch.application.number} {pitch.application.title}"


class LayoutForm(forms.Form):
    """How the pitch days run; the days of the call's timeline are filled in."""

    days = forms.CharField(
        label="Dagen",
        widget=forms.Textarea({"rows": 2}),
        help_text="Eén dag per lijn, zoals 02/02/2026.",
        max_length=400,
    )
    starts = forms.TimeField(label="Van", widget=forms.TimeInput(_TIME, format="%H:%M"))
    ends = forms.TimeField(label="Tot", widget=forms.TimeInput(_TIME, format="%H:%M"))
    minutes = forms.IntegerField(label="Duur van een pitch (minuten)", min_value=1, max_value=480)
    pause = forms.IntegerField(label="Pauze na elke pitch (minuten)", min_value=0, max_value=240)
    break_from = forms.TimeField(label="Middagpauze van", required=False, widget=forms.TimeInput(_TIME, format="%H:%M"))
    break_to = forms.TimeField(label="Middagpauze tot", required=False, widget=forms.TimeInput(_TIME, format="%H:%M"))
    rooms = forms.CharField(
        label="Zalen", widget=forms.Textarea({"rows": 2}), help_text="Eén zaal per lijn.", max_length=800
    )

    def clean_days(self) -> list[date]:
        found = []
        for line in self.cleaned_data["days"].splitlines():
            text = line.strip()
            if not text:
                continue
            try:
                found.append(forms.DateField(input_formats=["%d/%m/%Y", "%Y-%m-%d"]).clean(text))
            except forms.ValidationError as error:
                raise forms.ValidationError(f"“{text[:30]}” is geen dag. Schrijf dd/mm/jjjj.") from error
        return found

    def clean_rooms(self) -> list[str]:
        rooms = [" ".join(line.split()) for line in self.cleaned_data["rooms"].splitlines() if line.strip()]
        long = next((room for room in rooms if len(room) > MAX_ROOM), None)
        if long is not None:
            raise forms.ValidationError(f"“{long[:30]}…” is te lang voor de naam van een zaal.")
        return rooms

    def layout(self) -> Layout:
        """As the domain takes it."""
        names = ("starts", "ends", "minutes", "pause", "break_from", "break_to")
        values: dict[str, Any] = {name: self.cleaned_data.get(name) for name in names}
        return Layout(**values)


class CancelForm(forms.Form):
    reason = forms.CharField(
        label="Waarom vervalt de pitch?",
        max_length=2000,
        widget=forms.Textarea({"rows": 3}),
        help_text="De aanvrager leest dit, als hij al uitgenodigd was.",
        error_messages={"required": "Schrijf waarom de pitch vervalt."},
    )


class NotesForm(forms.Form):
    """Notes on the four topics; complete only when the talk is closed."""

    version = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    def __init__(self, *args: Any, is_final: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in TOPICS.items():
            self.fields[name] = forms.CharField(
                label=label,
                required=is_final,
                max_length=10000,
                widget=forms.Textarea({"rows": 4}),
                error_messages={"required": f"Noteer iets over: {label.lower()}."},
            )

    def notes(self) -> dict[str, str]:
        """What was typed, by topic."""
        return {name: str(self.cleaned_data.get(name) or "") for name in TOPICS}
