"""Forms of tranches and settlements."""

from django import forms

from monitoring.forms.fields import DateField, EuroField


class WithdrawForm(forms.Form):
    reason = forms.CharField(
        label="Waarom trekt u het voorstel in?", max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )


class PaidForm(forms.Form):
    paid_on = DateField(label="Betaald op", help_text="De dag waarop de bank de opdracht uitvoerde.")


class SettlementForm(forms.Form):
    reduction = EuroField(
        label="Vermindering wegens voortgang (euro)",
        required=False,
        help_text="Alleen met een motivering. Laat leeg als er geen is.",
    )
    reduction_reason = forms.CharField(
        label="Motivering van de vermindering", required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Het netwerk leest deze motivering.",
    )  # fmt: skip


class PortfolioFilter(forms.Form):
    q = forms.CharField(label="Zoek", required=False, max_length=100)
    oproep = forms.ChoiceField(label="Oproep", required=False)
    status = forms.ChoiceField(label="Status", required=False)
    licht = forms.ChoiceField(
        label="Stand", required=False,
        choices=[("", "Alle"), ("danger", "Rood"), ("warning", "Oranje"), ("success", "Groen"), ("neutral", "Geen")],
    )  # fmt: skip
    van = forms.ChoiceField(label="Accountmanager", required=False, choices=[("", "Iedereen"), ("mij", "Van mij")])


class FollowUpFilter(forms.Form):
    q = forms.CharField(label="Zoek", required=False, max_length=100)
    oproep = forms.ChoiceField(label="Oproep", required=False)
    domein = forms.ChoiceField(label="Waarover", required=False)
    licht = forms.ChoiceField(
        label="Kleur", required=False, choices=[("", "Alle"), ("danger", "Rood"), ("warning", "Oranje"), ("success", "Groen")]
    )  # fmt: skip
    van = forms.ChoiceField(label="Accountmanager", required=False, choices=[("mij", "Van mij"), ("alle", "Iedereen")])


class AgendaFilter(forms.Form):
    soort = forms.ChoiceField(label="Toon", required=False)
    maanden = forms.ChoiceField(
        label="Tot", required=False, choices=[("3", "drie maanden ver"), ("12", "een jaar ver"), ("36", "drie jaar ver")]
    )  # fmt: skip
    van = forms.ChoiceField(label="Accountmanager", required=False, choices=[("mij", "Van mij"), ("alle", "Iedereen")])


class PaymentsFilter(forms.Form):
    status = forms.ChoiceField(
        label="Toon", required=False,
        choices=[
            ("", "Alles"), ("ready", "Kan voorgesteld worden"), ("proposed", "Vrij te geven"), ("settle", "Af te rekenen"),
            ("waiting", "Wacht op iets"), ("released", "Vrijgegeven"), ("ordered", "Betaalopdracht ligt klaar"), ("paid", "Betaald"),
            ("recovery", "Terugvordering"), ("none", "Niets uit te betalen"),
        ],
    )  # fmt: skip
    q = forms.CharField(label="Zoek een netwerk", required=False, max_length=100)
