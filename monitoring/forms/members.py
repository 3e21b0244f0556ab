"""Forms of the register of members."""

from decimal import Decimal
from typing import Any

from django import forms

from ibnportal.core import enterprise_numbers, nace
from ibnportal.core.accounts.enums import OrganisationKind
from ibnportal.core.files.kinds import FileKind
from ibnportal.core.places import Province
from monitoring.enums import Independence, MemberRole, SizeClass
from monitoring.forms.fields import DateField, EuroField
from monitoring.models import CompanyProfile


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
    postcode = forms.CharField(label="Postcode", max_length=10, required=False)
    municipality = forms.CharField(label="Gemeente", max_length=100, required=False)
    role = forms.ChoiceField(label="Rol", choices=MemberRole.choices, initial=MemberRole.MEMBER, required=False)
    is_involved = forms.BooleanField(label="Rechtstreeks betrokken bij het project", required=False, initial=True)

    def clean_role(self) -> str:
        return self.cleaned_data["role"] or MemberRole.MEMBER

    def clean_enterprise_number(self) -> str:
        typed = self.cleaned_data["enterprise_number"]
        problem = enterprise_numbers.explain(typed)
        if problem:
            raise forms.ValidationError(problem)
        return enterprise_numbers.normalise(typed)


class MembershipForm(forms.Form):
    joined_on = DateField(label="Lid sinds")
    yearly_fee = EuroField(
        label="Jaarlijks lidgeld (euro)", required=False, help_text="0 als het lidmaatschap gratis is."
    )
    role = forms.ChoiceField(label="Rol", choices=MemberRole.choices, required=False)
    fee_includes = forms.CharField(
        label="Inbegrepen in het lidgeld", max_length=500, required=False,
        help_text="Alleen wat voor dit lid afwijkt van het pakket van het netwerk.",
    )  # fmt: skip
    contact_name = forms.CharField(label="Contactpersoon", max_length=120, required=False)
    contact_email = forms.EmailField(label="E-mail van de contactpersoon", required=False)
    is_involved = forms.BooleanField(label="Rechtstreeks betrokken bij het project", required=False)

    def clean_role(self) -> str:
        return self.cleaned_data["role"] or self.initial.get("role") or MemberRole.MEMBER

    @classmethod
    def of(cls, data: Any, membership: Any) -> "MembershipForm":
        """With the membership as it stands."""
        return cls(data, initial={name: getattr(membership, name) for name in cls.base_fields})


class CountField(forms.DecimalField):
    """A figure of zero or more."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("min_value", 0)
        kwargs.setdefault("error_messages", {"invalid": "Vul een getal in, bijvoorbeeld 24 of 24,5."})
        super().__init__(localize=True, **kwargs)


class FiguresForm(forms.Form):
    """Staff, turnover and balance of a company."""

    staff = CountField(
        label="Werkzame personen", required=False, max_digits=9, decimal_places=1, help_text="Voltijdse jaareenheden."
    )
    turnover = EuroField(label="Omzet (euro)", required=False)
    balance_total = EuroField(label="Balanstotaal (euro)", required=False)


class CompanyForm(FiguresForm):
    founded_on = DateField(label="Opgericht op", required=False)
    nace = forms.CharField(label="NACE-code", max_length=8, required=False, help_text="Bijvoorbeeld 62.01.")
    figures_year = forms.IntegerField(label="Boekjaar van de cijfers", required=False, min_value=1901, max_value=2200)
    independence = forms.ChoiceField(
        label="Zelfstandigheid", choices=Independence.choices,
        help_text="Verbonden: meer dan de helft van kapitaal of stemmen. Partner: een kwart tot de helft.",
    )  # fmt: skip
    field_order = ("founded_on", "nace", "figures_year", "staff", "turnover", "balance_total", "independence")

    @classmethod
    def of(cls, data: Any, profile: CompanyProfile | None) -> "CompanyForm":
        """With what is known."""
        names = [name for name in cls.base_fields if profile is not None]
        return cls(data, initial={name: getattr(profile, name) for name in names})

    def clean_nace(self) -> str:
        problem = nace.explain(self.cleaned_data["nace"])
        if problem:
            raise forms.ValidationError(problem)
        return nace.normalise(self.cleaned_data["nace"])


class TieForm(FiguresForm):
    name = forms.CharField(label="Naam", max_length=200)
    percent = CountField(label="Aandeel (%)", max_digits=6, decimal_places=2, min_value=Decimal("0.01"), max_value=100)
    field_order = ("name", "percent", "staff", "turnover", "balance_total")

    def facts(self) -> dict[str, Any]:
        """As the domain takes them: the share between 0 and 1."""
        data = dict(self.cleaned_data)
        percent = data.pop("percent")
        return {**data, "fraction": percent / 100}


class ConditionsForm(forms.Form):
    membership_package = forms.CharField(
        label="Wat is inbegrepen in het lidgeld?", required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text="De activiteiten en diensten, één per regel. Wie het netwerk kan zien, leest dit.",
    )  # fmt: skip
    entry_conditions = forms.CharField(
        label="Wie kan lid worden?", required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="De voorwaarden om toe te treden, voor iedereen dezelfde.",
    )  # fmt: skip


class MemberFilter(forms.Form):
    q = forms.CharField(label="Zoek", required=False, max_length=100)
    toon = forms.ChoiceField(
        label="Toon", required=False,
        choices=[("", "Alle leden"), ("nu", "Lid vandaag"), ("kpi1", "Telt als actieve onderneming"),
                 ("kpi2", "Telt als nieuwe actieve onderneming"), ("vroeger", "Vroegere leden")],
    )  # fmt: skip
    grootte = forms.ChoiceField(label="Grootte", required=False, choices=[("", "Alle"), *SizeClass.choices])
    provincie = forms.ChoiceField(label="Provincie", required=False, choices=[("", "Alle"), *Province.choices])


class ListUploadForm(forms.Form):
    upload = forms.FileField(
        label="Lijst", help_text="Een rekenblad (.xlsx), ten hoogste 5 MB.",
        widget=forms.FileInput(attrs={"accept": FileKind.IMPORT_XLSX.rule.accept}),
    )  # fmt: skip


class LeaveForm(forms.Form):
    left_on = DateField(label="Laatste dag als lid")
