"""Forms of the registers in a dossier: the co-financing plan, the indicators; those of the letters stand in `letters`."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms

from applications.forms.drafts import needed_later
from applications.forms.seen import SeenForm
from applications.models import KpiTarget
from calls.enums import KpiArea, KpiKind
from ibnportal.core.errors import DomainError
from ibnportal.core.money import MAXIMUM, parse_euros


class EuroField(forms.CharField):
    """An amount as people type it: 1.234,56."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}))
        kwargs.setdefault("max_length", 40)
        super().__init__(**kwargs)

    def clean(self, value: Any) -> Decimal | None:
        """The amount, or a sentence that says what is wrong with it."""
        typed = super().clean(value)
        if not typed:
            return None
        try:
            return parse_euros(typed)
        except DomainError as error:
            raise forms.ValidationError(error.message) from error

    def prepare_value(self, value: Any) -> Any:
        """A stored amount as Dutch writes it."""
        return f"{value:.2f}".replace(".", ",") if isinstance(value, Decimal) else value


class KpiForm(SeenForm):
    """One indicator; of a mandatory one name, kind and area are the call's."""

    label = forms.CharField(label="Naam", max_length=200)
    kind = forms.ChoiceField(
        label="Wat meet de indicator?",
        choices=KpiKind.choices,
    )
    area = forms.ChoiceField(label="Domein", choices=KpiArea.choices)
    definition = forms.CharField(
        label="Definitie", required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Wat telt mee en wat niet.",
    )  # fmt: skip
    baseline = forms.DecimalField(
        label="Referentiewaarde", required=False, localize=True, min_value=Decimal(0), max_value=MAXIMUM, decimal_places=2,
        help_text="De waarde bij de start.",
    )  # fmt: skip
    target = forms.DecimalField(
        label="Streefwaarde", required=False, localize=True, min_value=Decimal(0), max_value=MAXIMUM, decimal_places=2,
        help_text="De waarde aan het einde van het project.",
    )  # fmt: skip
    method = forms.CharField(
        label="Meetmethode", required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Hoe, hoe vaak en door wie er gemeten wordt.",
    )  # fmt: skip

    def __init__(
        self, *args: Any, indicator: KpiTarget | None = None, place: Mapping[str, str] | None = None, **kwargs: Any
    ) -> None:
        """`place` says in which cell of the matrix somebody clicked: its area and kind are chosen already."""
        if indicator is None:
            kwargs["initial"] = {
                "area": (place or {}).get("domein", ""), "kind": (place or {}).get("meet", KpiKind.OUTPUT),
            }  # fmt: skip
        else:
            kwargs["initial"] = {name: getattr(indicator, name) for name in self.base_fields}
        super().__init__(*args, **kwargs)
        self.remembers = indicator is not None
        for name in ("definition", "baseline", "target", "method"):
            needed_later(self.fields[name])
        if indicator is not None and indicator.definition_of_call_id:
            for name in ("label", "kind", "area"):
                del self.fields[name]
