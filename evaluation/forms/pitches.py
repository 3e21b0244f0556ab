"""Choosing a slot, and the notes of a pitch."""

from typing import Any

from django import forms

from calls.models import PitchSlot
from evaluation.domain.pitches import TOPICS
from ibnportal.core.forms import among
from ibnportal.core.ui import formats


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


class NotesForm(forms.Form):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in TOPICS.items():
            self.fields[name] = forms.CharField(
                label=label,
                max_length=10000,
                widget=forms.Textarea({"rows": 4}),
                error_messages={"required": f"Noteer iets over: {label.lower()}."},
            )
