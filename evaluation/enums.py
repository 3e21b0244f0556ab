"""States and choices of the evaluation; no logic."""

from django.db.models import TextChoices


class Recommendation(TextChoices):
    """What the agency advises the committee."""

    POSITIVE = "positive", "Gunstig"
    NEGATIVE = "negative", "Ongunstig"
    MERGE = "merge", "Samenvoegen met een ander initiatief"


class DecisionKind(TextChoices):
    """Which decision it is: of the committee, or the agency's on admissibility once somebody contests it (REV-06)."""

    PRESELECTION = "preselection", "Preselectie"
    SUPPORT = "support", "Steun"
    ADMISSIBILITY_1 = "admissible_p1", "Ontvankelijkheid van de vooraanmelding"
    ADMISSIBILITY_2 = "admissible_p2", "Ontvankelijkheid van de volledige aanvraag"


class DecisionOutcome(TextChoices):
    """What was decided."""

    PRESELECTED = "preselected", "Gepreselecteerd"
    NOT_PRESELECTED = "not_preselected", "Niet gepreselecteerd"
    MERGE_ADVISED = "merge_advised", "Samenvoeging aangeraden"
    AWARDED = "awarded", "Steun toegekend"
    REJECTED = "rejected", "Niet gesteund"
    ADMISSIBLE = "admissible", "Ontvankelijk"
    INADMISSIBLE = "inadmissible", "Onontvankelijk"


class DecisionOrigin(TextChoices):
    """Why there is a decision (REV-05)."""

    COMMITTEE = "committee", "Beslissing van het comité"
    SCREENING = "screening", "Beslissing na het onderzoek van de ontvankelijkheid"
    REVIEW = "review", "Beslissing na herziening"
    CORRECTION = "correction", "Verbeterde beslissing"


class AssignmentState(TextChoices):
    """Where an expert stands with one dossier."""

    INVITED = "invited", "Uitgenodigd"
    DECLINED = "declined", "Geweigerd"
    DECLARED = "declared", "Verklaring ondertekend"
    HANDED_IN = "handed_in", "Scores ingediend"
    VOID = "void", "Vervallen"


ASSIGNMENT_TRANSITIONS: dict[str, set[str]] = {
    AssignmentState.INVITED: {AssignmentState.DECLARED, AssignmentState.DECLINED, AssignmentState.VOID},
    AssignmentState.DECLINED: set(),
    AssignmentState.DECLARED: {AssignmentState.HANDED_IN, AssignmentState.VOID},
    AssignmentState.HANDED_IN: {AssignmentState.DECLARED, AssignmentState.VOID},
    # A tie that was judged to be none gives back what it took away.
    AssignmentState.VOID: {AssignmentState.DECLARED, AssignmentState.HANDED_IN},
}


class VoidKind(TextChoices):
    """Why an assignment ended before its time."""

    CONFLICT = "conflict", "Belangenconflict"
    TAKEN_BACK = "taken_back", "Ingetrokken door de dossierbehandelaar"
    ADVICE_GIVEN = "advice_given", "Het advies was gegeven"


class DeclineKind(TextChoices):
    """Why an expert does not judge a dossier."""

    INTEREST = "interest", "Ik heb een belang"
    NO_TIME = "no_time", "Ik heb geen tijd"
    OTHER_FIELD = "other_field", "Het ligt buiten mijn vakgebied"
    OTHER = "other", "Een andere reden"


class TieKind(TextChoices):
    """What somebody may have with a body, declared by that person (P2-EVA-03)."""

    EMPLOYER = "employer", "Werk of opdracht, nu"
    FORMER_EMPLOYER = "former_employer", "Werk of opdracht, vroeger"
    BOARD = "board", "Bestuur of raad van advies"
    FINANCIAL = "financial", "Aandelen, lening of ander financieel belang"
    FAMILY = "family", "Familie of huisgenoot werkt er of bezit er aandelen"
    NETWORK = "network", "Betrokken bij een eerder bedrijfsnetwerk"


class ReadingOutcome(TextChoices):
    """What the second reader found of an advice."""

    APPROVED = "approved", "Goedgekeurd"
    RETURNED = "returned", "Teruggestuurd"


class MeetingState(TextChoices):
    """A committee meeting's state."""

    PLANNED = "planned", "Gepland"
    RELEASED = "released", "Beslissingen bekendgemaakt"


MEETING_TRANSITIONS: dict[str, set[str]] = {
    MeetingState.PLANNED: {MeetingState.RELEASED},
    MeetingState.RELEASED: set(),
}


class Expertise(TextChoices):
    """The two kinds of expert of the multidisciplinary pool (P2-EVA-02)."""

    DOMAIN = "domain", "Domeinkennis"
    CLUSTER = "cluster", "Clusterwerking"
    BOTH = "both", "Domeinkennis en clusterwerking"

    @property
    def kinds(self) -> tuple["Expertise", ...]:
        """Which of the two this stands for."""
        return (Expertise.DOMAIN, Expertise.CLUSTER) if self == Expertise.BOTH else (self,)


class ConditionKind(TextChoices):
    """Conditions that a decision sets (P2-EVA-04, H-15)."""

    START = "start", "Startvoorwaarde"
    SPECIAL = "special", "Bijzondere voorwaarde"


class ConditionTopic(TextChoices):
    """What a condition is about, where the programme follows that up (H-15)."""

    GENERAL = "general", "Algemeen"
    SPC_INTEGRATION = "spc_integration", "Samenwerking met en opgaan in een speerpuntcluster"


class PaperKind(TextChoices):
    """What a worker makes for a meeting."""

    MINUTES = "minutes", "Verslag"
    BUNDLE_ZIP = "bundle_zip", "Dossierbundel (zip)"
    BUNDLE_PDF = "bundle_pdf", "Dossierbundel (één pdf)"


class ConductKind(TextChoices):
    """What the committee may weigh independently of the evaluation (P2-EVA-05)."""

    OTHER_DUTIES = "other_duties", "Andere verplichting of vergunning van de overheid niet nageleefd"
    INFORMATION = "information", "Informatieplicht bij een eerdere aanvraag niet nageleefd"
    CONTENT = "content", "Inhoudelijke verplichting bij een eerdere aanvraag niet nageleefd"
    FINANCIAL = "financial", "Financiële verplichting bij een eerdere aanvraag niet nageleefd"
    REPORTING = "reporting", "Rapportering bij een eerdere aanvraag niet nageleefd"


class ComplaintChannel(TextChoices):
    """How a complaint came in: written, oral or electronic (REV-03)."""

    PORTAL = "portal", "Via het portaal"
    LETTER = "letter", "Brief"
    MAIL = "mail", "E-mail"
    ORAL = "oral", "Mondeling"


class ComplaintState(TextChoices):
    """Where a complaint stands."""

    RECEIVED = "received", "Ontvangen"
    IN_HAND = "in_hand", "In behandeling"
    ANSWERED = "answered", "Beantwoord"


COMPLAINT_TRANSITIONS: dict[str, set[str]] = {
    ComplaintState.RECEIVED: {ComplaintState.IN_HAND},
    ComplaintState.IN_HAND: {ComplaintState.ANSWERED, ComplaintState.IN_HAND},
    ComplaintState.ANSWERED: set(),
}
