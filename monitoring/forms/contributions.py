"""Forms of the co-financing ledger."""

from typing import Any

from django import forms

from applications.forms.drafts import needed_later
from calls.enums import ContributionKind, PayerKind
from ibnportal.core.accounts.models import Organisation
from ibnportal.core.forms import among
from monitoring.domain.contribution_checks import REFUSAL_RULES
from monitoring.forms.agreements import OrganisationChoice
from monitoring.forms.fields import DateField, EuroField, PdfField
from monitoring.models import Activity, Contribution, Network

NEEDED_TO_COUNT = ("payer", "received_on", "services", "refers_to_project", "is_individual_service", "upload")
"""What may be left open when entering, but is looked at before the contribution counts."""


class ContributionForm(forms.Form):
    payer = OrganisationChoice(
        label="Lid dat betaalt", queryset=Organisation.objects.none(), required=False, empty_label="Kies een lid, of vul hieronder een andere betaler in",
    )  # fmt: skip
    payer_name = forms.CharField(
        label="Naam van de betaler", max_length=200, required=False, help_text="Alleen als de betaler geen lid is."
    )
    payer_number = forms.CharField(
        label="Ondernemingsnummer van de betaler",
        max_length=30,
        required=False,
        help_text="Alleen als de betaler geen lid is.",
    )
    payer_kind = forms.ChoiceField(
        label="Soort betaler", choices=PayerKind.choices, help_text="Alleen bijdragen van ondernemingen tellen mee."
    )
    kind = forms.ChoiceField(label="Soort bijdrage", choices=ContributionKind.choices)
    amount = EuroField(label="Bedrag zonder btw (euro)")
    vat_amount = EuroField(label="Btw (euro)", required=False, help_text="Ter controle; btw telt niet mee.")
    activity = forms.ModelChoiceField(
        label="Activiteit", queryset=Activity.objects.none(), required=False, empty_label="Geen, of niet in de lijst",
        help_text="Alleen bij inkomsten uit activiteiten.",
    )  # fmt: skip
    invoice_number = forms.CharField(label="Factuurnummer", max_length=60)
    invoiced_on = DateField(label="Factuurdatum")
    received_on = DateField(
        label="Ontvangen op",
        required=False,
        help_text="Leeg zolang er niet betaald is; dan telt de bijdrage nog niet mee.",
    )
    services = forms.CharField(label="Diensten op de factuur", max_length=300, required=False)
    refers_to_project = forms.BooleanField(label="De factuur verwijst naar het clusterproject", required=False)
    is_individual_service = forms.BooleanField(
        label="Het gaat om individuele dienstverlening (advies of testen voor één onderneming)", required=False
    )
    upload = PdfField(label="Factuur", required=False)

    def __init__(self, *args: Any, network: Network, contribution: Contribution | None = None, **kwargs: Any) -> None:
        if contribution is not None:
            kwargs["initial"] = {
                name: getattr(contribution, name) for name in self.base_fields if hasattr(contribution, name)
            }
        super().__init__(*args, **kwargs)
        payers = Organisation.objects.filter(network_memberships__network=network)
        if contribution is not None:
            payers = payers | Organisation.objects.filter(pk=contribution.payer_id)
        chooser = self.fields["payer"]
        assert isinstance(chooser, OrganisationChoice)  # noqa: S101 - declared above
        chooser.queryset = payers.distinct().order_by("name")
        among(self, "activity").queryset = network.activities.order_by("-starts_on")
        if contribution is not None and contribution.proof_id:
            known = f"Er is al een factuur: {contribution.proof}. Een nieuwe komt in de plaats."
            self.fields["upload"].help_text = known
        for name in NEEDED_TO_COUNT:
            needed_later(self.fields[name])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not cleaned.get("payer") and "payer" not in self.errors:
            if not cleaned.get("payer_name"):
                self.add_error("payer", "Kies een lid, of vul de naam en het nummer in van wie betaalt.")
            elif not cleaned.get("payer_number"):
                self.add_error("payer_number", "Vul het ondernemingsnummer in van wie betaalt.")
        return cleaned

    def facts(self, payer: Organisation) -> dict[str, Any]:
        """As the domain takes them."""
        kept = {name: value for name, value in self.cleaned_data.items() if name not in ("payer_name", "payer_number")}
        return {**kept, "payer": payer}


class RefusalForm(forms.Form):
    rule_id = forms.ChoiceField(
        label="Regel",
        choices=[
            ("", "Kies de regel"),
            *((rule, f"{text[0].upper()}{text[1:]} ({rule})") for rule, text in REFUSAL_RULES.items()),
        ],
    )
    reason = forms.CharField(
        label="Reden",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Het netwerk leest deze reden.",
    )
