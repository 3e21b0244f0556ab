"""Forms of the register of members."""

from typing import Any

from django import forms

from ibnportal.core import enterprise_numbers
from ibnportal.core.accounts.enums import OrganisationKind
from monitoring.forms.fields import DateField, EuroField


class MemberForm(forms.Form):
    name = forms.CharField(label="Naam", max_length=200, help_text="Zoals in de Kruispuntbank van Ondernemingen.")
    enterprise_number = forms.CharField(
        label="Ondernemingsnummer", max_length=30, help_text="Tien cijfers, bijvoorbeeld 0566.988.259.",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )  # fmt: skip
    kind = forms.ChoiceField(
        label="Soort organisatie", choices=[(kind.value, kind.label.capitalize()) for kind in OrganisationKind], initial=OrganisationKind.COMPANY,
        help_text="Alleen ondernemingen tellen mee als actieve onderneming.",
    )  # fmt: skip
    joined_on = DateField(label="Lid sinds")
    yearly_fee = EuroField(label="Jaarlijks lidgeld (euro)", required=False)
    is_involved = forms.BooleanField(label="Rechtstreeks betrokken bij het project", required=False, initial=True)

    def clean_enterprise_number(self) -> str:
        typed = self.cleaned_data["enterprise_number"]
        problem = enterprise_numbers.explain(typed)
        if problem:
            raise forms.ValidationError(problem)
        return enterprise_numbers.normalise(typed)


class MembershipForm(forms.Form):
    joined_on = DateField(label="Lid sinds")
    yearly_fee = EuroField(label="Jaarlijks lidgeld (euro)", required=False)
    is_involved = forms.BooleanField(label="Rechtstreeks betrokken bij het project", required=False)

    @classmethod
    def of(cls, data: Any, membership: Any) -> "MembershipForm":
        """With the membership as it stands."""
        return cls(data, initial={name: getattr(membership, name) for name in cls.base_fields})


class LeaveForm(forms.Form):
    left_on = DateField(label="Laatste dag als lid")
