"""Choices of a call; no logic."""

from django.db.models import IntegerChoices, TextChoices

from ibnportal.core.files.kinds import FileKind


class CallState(TextChoices):
    """Where a call stands; whether a phase is open follows from its dates."""

    DRAFT = "draft", "In voorbereiding"
    PUBLISHED = "published", "Gepubliceerd"
    CLOSED = "closed", "Afgesloten"


TRANSITIONS: dict[str, set[str]] = {
    CallState.DRAFT: {CallState.PUBLISHED},
    CallState.PUBLISHED: {CallState.CLOSED},
    CallState.CLOSED: set(),
}


class PhaseNumber(IntegerChoices):
    """The two phases of the selection (manual 5)."""

    PRE_REGISTRATION = 1, "Vooraanmelding"
    FULL_DOSSIER = 2, "Volledige aanvraag"


class MilestoneKind(TextChoices):
    """Dated moments of a call's timeline (manual, figure 2)."""

    LAUNCH = "launch", "Lancering"
    INFO_SESSION = "info_session", "Infosessie"
    PREDISCUSSION = "prediscussion", "Voorbespreking"
    PHASE1_DEADLINE = "phase1_deadline", "Indienen vooraanmelding"
    PITCH = "pitch", "Pitchgesprekken"
    PHASE1_FEEDBACK = "phase1_feedback", "Feedback vooraanmelding"
    PHASE2_DEADLINE = "phase2_deadline", "Indienen volledige aanvraag"
    DECISION = "decision", "Beslissing"
    LATEST_START = "latest_start", "Uiterste start van de projecten"


class KpiKind(TextChoices):
    """What an indicator measures (manual 5.4.3)."""

    REACH = "reach", "Wie we bereiken"
    OUTPUT = "output", "Wat we doen"
    RESULT = "result", "Wat we bereiken (resultaat)"
    IMPACT = "impact", "Wat we bereiken (impact)"


class KpiArea(TextChoices):
    """The three areas of project-specific indicators (manual 5.4.3)."""

    ECOSYSTEM = "ecosystem", "Opbouw van het ecosysteem"
    COOPERATION = "cooperation", "Samenwerking in het ecosysteem"
    STARTUPS = "startups", "Begeleiding van start-ups en scale-ups"


class AnswerType(TextChoices):
    """What kind of answer a question of the template takes."""

    TEXT = "text", "Korte tekst"
    LONG_TEXT = "long_text", "Lange tekst"
    CHOICE = "choice", "Keuze"
    NUMBER = "number", "Getal"
    DATE = "date", "Datum"
    YES_NO = "yes_no", "Ja of nee"
    UPLOAD = "upload", "Bestand"


TEXT_TYPES = frozenset({AnswerType.TEXT, AnswerType.LONG_TEXT})
"""The types whose words are counted."""


class UploadFormat(TextChoices):
    """What sort of file a question with an upload takes."""

    PDF = "pdf", "PDF"
    DECK = "deck", "PPTX of PDF"
    OFFICE = "office", "PDF, DOCX, XLSX of PPTX"

    @property
    def file_kind(self) -> FileKind:
        """The kind under which the store checks and keeps it."""
        return _FILE_KINDS[self]


_FILE_KINDS = {
    UploadFormat.PDF: FileKind.DOCUMENT_PDF,
    UploadFormat.DECK: FileKind.PITCH_DECK,
    UploadFormat.OFFICE: FileKind.OFFICE_FILE,
}


class CostType(TextChoices):
    """The four cost types of the cost model (manual 4.2.2)."""

    PERSONNEL = "personnel", "Personeelskosten"
    OVERHEAD = "overhead", "Overheadkosten"
    OPERATING = "operating", "Werkingskosten"
    EXTERNAL = "external", "Externe prestaties"


class ContributionKind(TextChoices):
    """Types of direct contribution of companies (manual 4.2.4)."""

    CASH_FEE = "cash_fee", "Lidgeld"
    CASH_SPONSORING = "cash_sponsoring", "Sponsoring"
    ACTIVITY_INCOME = "activity_income", "Inkomsten uit activiteiten"


class PayerKind(TextChoices):
    """Who pays a contribution; only a company counts, the five others never do (COF-19)."""

    COMPANY = "company", "Onderneming"
    RESEARCH_ORGANISATION = "research_organisation", "Onderzoeksorganisatie (universiteit, hogeschool, SOC)"
    COLLECTIVE_CENTRE = "collective_centre", "Collectief onderzoekscentrum"
    FEDERATION = "federation", "Federatie"
    GENERAL_INTEREST = "general_interest", "Aanbieder van een Dienst van Algemeen Belang"
    PUBLIC = "public", "Publieke of semipublieke actor"


class FirstTrancheBasis(TextChoices):
    """How the amount of the first tranche follows from the contributions (PAY-04, AMB-20)."""

    COFINANCING_UP_TO_THRESHOLD = "cofinancing_up_to_threshold", "Aanvaarde cofinanciering, ten hoogste de drempel"
    FIXED_SHARE = "fixed_share", "Vast deel van de toegekende steun"
