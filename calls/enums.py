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


class EnquiryState(TextChoices):
    """Where a visitor's question stands."""

    ASKED = "asked", "Te beantwoorden"
    ANSWERED = "answered", "Beantwoord"
    PUBLISHED = "published", "Gepubliceerd"
    SET_ASIDE = "set_aside", "Zonder antwoord afgehandeld"


ENQUIRY_TRANSITIONS: dict[str, set[str]] = {
    EnquiryState.ASKED: {EnquiryState.ANSWERED, EnquiryState.SET_ASIDE},
    EnquiryState.ANSWERED: {EnquiryState.PUBLISHED},
    EnquiryState.PUBLISHED: {EnquiryState.ANSWERED},
    EnquiryState.SET_ASIDE: {EnquiryState.ANSWERED},
}


class PrediscussionState(TextChoices):
    """Where a request for a pre-discussion stands."""

    ASKED = "asked", "Gevraagd"
    PLANNED = "planned", "Gepland"
    ADVISED = "advised", "Advies gegeven"
    WITHDRAWN = "withdrawn", "Ingetrokken"


PREDISCUSSION_TRANSITIONS: dict[str, set[str]] = {
    PrediscussionState.ASKED: {PrediscussionState.PLANNED, PrediscussionState.ADVISED, PrediscussionState.WITHDRAWN},
    PrediscussionState.PLANNED: {PrediscussionState.ADVISED, PrediscussionState.WITHDRAWN},
    PrediscussionState.ADVISED: set(),
    PrediscussionState.WITHDRAWN: set(),
}


class AmendmentKind(TextChoices):
    """What a change to a published call is about."""

    RULES = "rules", "Regels"
    DATES = "dates", "Data"
    TEXTS = "texts", "Teksten"
    PAPER = "paper", "Sjabloon"
    EXTENSION = "extension", "Verlengde termijn"


class PaperKind(TextChoices):
    """What a template to download is for (manual 1, 4.2.2 and 5)."""

    PREDISCUSSION = "prediscussion", "Voorbespreking"
    PRE_REGISTRATION = "pre_registration", "Vooraanmelding"
    PITCH = "pitch", "Pitch"
    LETTER = "letter", "Intentiebrief"
    FULL_DOSSIER = "full_dossier", "Volledige aanvraag"
    COST_MODEL = "cost_model", "Kostenmodel"
    OTHER = "other", "Ander document"


class MailKind(TextChoices):
    """The notices that a call may word itself; the value is the name of the portal's own text in templates/mail."""

    RECEIPT = "receipt", "Ontvangstmelding"
    SCREENING_ADMISSIBLE = "screening_admissible", "Ontvankelijk"
    SCREENING_INADMISSIBLE = "screening_inadmissible", "Niet ontvankelijk"
    SUPPLEMENT_ASKED = "supplement_asked", "Vraag om vervollediging"
    SUPPLEMENT_REMINDER = "supplement_reminder", "Herinnering aan de vervollediging"
    SUPPLEMENT_ANSWERED = "supplement_answered", "Aanvulling ontvangen"
    SUPPLEMENT_EXPIRED = "supplement_expired", "Termijn van vervollediging voorbij"
    PITCH_INVITATION = "pitch_invitation", "Uitnodiging voor de pitch"
    PITCH_CANCELLED = "pitch_cancelled", "Pitch vervalt"
    COMMITTEE_PRESELECTION = "committee_preselection", "Feedback na de preselectie"
    MERGED = "merged", "Samenvoeging"
    MERGER_UNDONE = "merger_undone", "Samenvoeging ongedaan gemaakt"
    COMMITTEE_DECISION = "committee_decision", "Beslissing over de steun"
    CALL_AMENDED = "call_amended", "De oproep is gewijzigd"
    PREDISCUSSION_ASKED = "prediscussion_asked", "Voorbespreking gevraagd"
    PREDISCUSSION_PLANNED = "prediscussion_planned", "Voorbespreking gepland"
    PREDISCUSSION_ADVISED = "prediscussion_advised", "Advies na de voorbespreking"
    ENQUIRY_ANSWERED = "enquiry_answered", "Antwoord op een vraag"


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
