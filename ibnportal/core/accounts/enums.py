"""Roles of staff and kinds of organisations."""

from django.db import models


class Role(models.TextChoices):
    """What somebody does for the call. Applicants and beneficiaries hold none: they belong to an organisation."""

    CASE_HANDLER = "case_handler", "dossierbehandelaar"
    EXPERT = "expert", "externe deskundige"
    COMMITTEE_MEMBER = "committee_member", "lid beslissingscomité"
    SECRETARY = "secretary", "secretaris"
    ACCOUNT_MANAGER = "account_manager", "accountmanager"
    FINANCIAL_OFFICER = "financial_officer", "financieel verantwoordelijke"
    POLICY_READER = "policy_reader", "beleid"
    ADMINISTRATOR = "administrator", "beheerder"

    @property
    def description(self) -> str:
        """What this role does, in one sentence."""
        return _DESCRIPTIONS[self]


_DESCRIPTIONS = {
    Role.CASE_HANDLER: "Onderzoekt de ontvankelijkheid, vraagt aanvullingen, plant pitches en schrijft het advies.",
    Role.EXPERT: "Verklaart eerst belangenconflicten en beoordeelt daarna de toegewezen dossiers.",
    Role.COMMITTEE_MEMBER: "Leest de rangschikking en beslist mee over de dossiers van de vergadering.",
    Role.SECRETARY: "Bereidt de vergadering van het comité voor en legt de beslissingen vast.",
    Role.ACCOUNT_MANAGER: "Volgt netwerken op, leest verslagen na en stelt schijven voor.",
    Role.FINANCIAL_OFFICER: "Geeft betalingen vrij die iemand anders voorstelde en rekent jaren af.",
    Role.POLICY_READER: "Leest de cijfers van de portefeuille, zonder persoonsgegevens van deskundigen.",
    Role.ADMINISTRATOR: "Beheert oproepen, teksten, mensen en rollen; verandert nooit een score, beslissing of bedrag.",
}


class OrganisationKind(models.TextChoices):
    """What sort of body it is; who is no company cannot co-finance (COF-19)."""

    COMPANY = "company", "onderneming"
    NETWORK = "network", "clusterorganisatie"
    FEDERATION = "federation", "federatie of ledenorganisatie"
    RESEARCH = "research", "kennis- of onderzoeksinstelling"
    PUBLIC = "public", "overheid"
    SPEARHEAD = "spearhead", "speerpuntcluster"
    OTHER = "other", "andere"
