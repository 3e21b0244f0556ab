"""Who can be in the demo, and which moments of the call of 2025 are worth a visit."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ibnportal.core import clock
from ibnportal.core.accounts.enums import Role


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """One login of the demo; without a role it belongs to the demo organisation. `moments` are those with work for them, all where empty."""

    email: str
    name: str
    role: Role | None
    sentence: str
    moments: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """What this person is, in Dutch."""
        return self.role.label if self.role else "aanvrager"


@dataclass(frozen=True, slots=True)
class DemoMoment:
    """A moment (Brussels, ISO without zone) and what there is to do then."""

    name: str
    label: str
    at: str
    sentence: str

    @property
    def instant(self) -> datetime:
        """The moment itself."""
        return clock.moment(self.at)


_SCREENING = ("screening-1", "pitches", "screening-2")
_COMMITTEE = ("preselectie", "beslissing")
_FOLLOWED = ("jaar-1", "afrekening")

DEMO_ACCOUNTS = (
    DemoAccount("aanvrager@demo.example", "An Peeters", None, "Vertegenwoordigt de aanvrager en dient als enige in."),
    DemoAccount("collega@demo.example", "Bram Willems", None, "Schrijft mee aan de dossiers van dezelfde organisatie."),
    DemoAccount(
        "dossier@demo.example", "Carla Maes", Role.CASE_HANDLER,
        "Onderzoekt de dossiers en schrijft het advies.", _SCREENING,
    ),
    DemoAccount(
        "dossier2@demo.example", "Mieke Vos", Role.CASE_HANDLER,
        "Leest als tweede persoon na wat een collega adviseert.", _SCREENING,
    ),
    DemoAccount(
        "herziening@demo.example", "Mieke Dubois", Role.CASE_HANDLER,
        "Stond buiten de eerste beoordeling: behandelt herzieningen en klachten.", ("beslissing", "overeenkomst"),
    ),
    DemoAccount(
        "expert1@demo.example", "Dirk Jacobs", Role.EXPERT,
        "Beoordeelt de dossiers die hem zijn toegewezen.", ("evaluatie",),
    ),
    DemoAccount(
        "expert2@demo.example", "Els Mertens", Role.EXPERT,
        "Beoordeelt dezelfde dossiers, los van haar collega.", ("evaluatie",),
    ),
    DemoAccount(
        "expert3@demo.example", "Nora Lambrecht", Role.EXPERT,
        "Beoordeelt strenger dan de andere.", ("evaluatie",),
    ),
    DemoAccount(
        "expert4@demo.example", "Omar Baert", Role.EXPERT,
        "Vult de groep aan met kennis van clusterwerking.", ("evaluatie",),
    ),
    DemoAccount(
        "comite1@demo.example", "Filip Goossens", Role.COMMITTEE_MEMBER,
        "Beslist mee over de rangschikking.", _COMMITTEE,
    ),
    DemoAccount(
        "comite2@demo.example", "Greet Wouters", Role.COMMITTEE_MEMBER,
        "Beslist mee en trekt zich terug waar nodig.", _COMMITTEE,
    ),
    DemoAccount(
        "secretaris@demo.example", "Hans De Smet", Role.SECRETARY,
        "Bereidt de vergadering voor en legt beslissingen vast.", ("pitches", *_COMMITTEE),
    ),
    DemoAccount(
        "account@demo.example", "Ilse Claes", Role.ACCOUNT_MANAGER,
        "Volgt de netwerken op en stelt schijven voor.", _FOLLOWED,
    ),
    DemoAccount(
        "finance@demo.example", "Jan Aerts", Role.FINANCIAL_OFFICER,
        "Geeft betalingen vrij en rekent jaren af.", _FOLLOWED,
    ),
    DemoAccount(
        "beleid@demo.example", "Katrien Lemmens", Role.POLICY_READER,
        "Leest de cijfers van de portefeuille.", _FOLLOWED,
    ),
    DemoAccount("beheer@demo.example", "Luc Janssens", Role.ADMINISTRATOR, "Beheert oproepen, mensen en rollen."),
)  # fmt: skip

DEMO_MOMENTS = (
    DemoMoment("voorbespreking", "Voorbespreking", "2025-12-08T10:00", "Vraag als aanvrager een voorbespreking aan."),
    DemoMoment("fase-1", "Fase 1 open", "2026-01-20T10:00", "Werk de vooraanmelding af en dien ze in."),
    DemoMoment(
        "screening-1", "Screening fase 1", "2026-01-26T10:00", "Bekijk als dossierbehandelaar wat ontvankelijk is."
    ),
    DemoMoment("pitches", "Pitches", "2026-02-02T10:00", "Volg de pitchdag en leg het advies vast."),
    DemoMoment("preselectie", "Preselectie", "2026-02-24T10:00", "Lees als aanvrager de feedback en het resultaat."),
    DemoMoment("fase-2", "Fase 2 open", "2026-04-20T10:00", "Vul brieven, begroting en cofinanciering aan en dien in."),
    DemoMoment("screening-2", "Screening fase 2", "2026-05-18T10:00", "Vraag als dossierbehandelaar een aanvulling."),
    DemoMoment("evaluatie", "Evaluatie", "2026-06-10T10:00", "Scoor als deskundige de toegewezen dossiers."),
    DemoMoment("beslissing", "Beslissing", "2026-07-20T10:00", "Leg als secretaris de beslissingen vast."),
    DemoMoment("overeenkomst", "Overeenkomst", "2026-10-05T10:00", "Stel de overeenkomst op en start het netwerk."),
    DemoMoment("jaar-1", "Jaar 1 loopt", "2027-10-04T10:00", "Voer bijdragen in en stel de eerste schijf voor."),
    DemoMoment(
        "afrekening", "Jaarverslag en afrekening", "2028-02-14T10:00", "Keur het verslag goed en reken het jaar af."
    ),
)
DEFAULT_MOMENT = "fase-1"
DEMO_ORGANISATION = {
    "name": "Circulair Bouwen Vlaanderen vzw",
    "enterprise_number": "0990090183",
    "kind": "network",
    "legal_form": "vzw",
    "street": "Havenlaan 12",
    "postcode": "9000",
    "municipality": "Gent",
    "email_domain": "demo.example",
}


def account_of(email: str) -> DemoAccount | None:
    """The demo account with this address."""
    return next((account for account in DEMO_ACCOUNTS if account.email == email), None)


def moment_of(name: str) -> DemoMoment | None:
    """The demo moment with this name."""
    return next((moment for moment in DEMO_MOMENTS if moment.name == name), None)


_JUST_SET = timedelta(minutes=1)  # the clock is set to the second: a moment may be a fraction of one away


def better_moment(email: str, at: datetime) -> DemoMoment | None:
    """Where the clock would show this person some work, the next such moment or else the last; None where it does so now."""
    account = account_of(email)
    if account is None or not account.moments:
        return None
    passed = [moment for moment in DEMO_MOMENTS if moment.instant <= at + _JUST_SET]
    if passed and passed[-1].name in account.moments:
        return None
    theirs = [moment for moment in DEMO_MOMENTS if moment.name in account.moments]
    return next((moment for moment in theirs if moment.instant > at), theirs[-1])
