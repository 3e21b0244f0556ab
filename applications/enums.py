"""States and choices of an application; no logic."""

from django.db.models import TextChoices


class ApplicationState(TextChoices):
    """Where an initiative stands on its way through the call (STA-02 ... STA-07, STA-10)."""

    P1_DRAFT = "p1_draft", "Vooraanmelding in opmaak"
    P1_SUBMITTED = "p1_submitted", "Vooraanmelding ingediend"
    P1_SUPPLEMENT_ASKED = "p1_supplement_asked", "Vervollediging vooraanmelding gevraagd"
    P1_SUPPLEMENT_ANSWERED = "p1_supplement_answered", "Vervollediging vooraanmelding ontvangen"
    P1_SUPPLEMENT_EXPIRED = "p1_supplement_expired", "Vervollediging vooraanmelding niet ontvangen"
    P1_ADMISSIBLE = "p1_admissible", "Vooraanmelding ontvankelijk"
    P1_INADMISSIBLE = "p1_inadmissible", "Vooraanmelding onontvankelijk"
    P1_PITCHED = "p1_pitched", "Pitch gehouden"
    P1_ADVISED = "p1_advised", "Advies vooraanmelding klaar"
    PRESELECTED = "preselected", "Gepreselecteerd"
    NOT_PRESELECTED = "not_preselected", "Niet gepreselecteerd"
    MERGE_ADVISED = "merge_advised", "Samenvoeging aangeraden"
    MERGED = "merged", "Samengevoegd met een ander initiatief"
    P2_DRAFT = "p2_draft", "Volledige aanvraag in opmaak"
    P2_SUBMITTED = "p2_submitted", "Volledige aanvraag ingediend"
    P2_SUPPLEMENT_ASKED = "p2_supplement_asked", "Vervollediging gevraagd"
    P2_SUPPLEMENT_ANSWERED = "p2_supplement_answered", "Vervollediging ontvangen"
    P2_SUPPLEMENT_EXPIRED = "p2_supplement_expired", "Vervollediging niet ontvangen"
    P2_ADMISSIBLE = "p2_admissible", "Ontvankelijk en volledig"
    P2_INADMISSIBLE = "p2_inadmissible", "Volledige aanvraag onontvankelijk"
    P2_EVALUATION = "p2_evaluation", "In beoordeling"
    P2_ADVISED = "p2_advised", "Advies klaar"
    AWARDED = "awarded", "Steun toegekend"
    REJECTED = "rejected", "Niet gesteund"
    REVIEW_REQUESTED = "review_requested", "Herziening gevraagd"
    REVIEW_UPHELD = "review_upheld", "Beslissing bevestigd na herziening"
    NOT_SUBMITTED = "not_submitted", "Geen volledige aanvraag ingediend"
    WITHDRAWN = "withdrawn", "Ingetrokken"


S = ApplicationState

TRANSITIONS: dict[str, set[str]] = {
    S.P1_DRAFT: {S.P1_SUBMITTED, S.WITHDRAWN},
    S.P1_SUBMITTED: {S.P1_SUPPLEMENT_ASKED, S.P1_ADMISSIBLE, S.P1_INADMISSIBLE, S.WITHDRAWN},
    # Only where the call's rules allow a completion in phase 1 (AMB-14).
    S.P1_SUPPLEMENT_ASKED: {S.P1_SUPPLEMENT_ANSWERED, S.P1_SUPPLEMENT_EXPIRED, S.WITHDRAWN},
    S.P1_SUPPLEMENT_ANSWERED: {S.P1_ADMISSIBLE, S.P1_INADMISSIBLE, S.WITHDRAWN},
    S.P1_SUPPLEMENT_EXPIRED: {S.P1_ADMISSIBLE, S.P1_INADMISSIBLE, S.WITHDRAWN},
    S.P1_ADMISSIBLE: {S.P1_PITCHED, S.WITHDRAWN},
    # Out of the three negative ends only by a review, where the call's rules open one (REV-06).
    S.P1_INADMISSIBLE: {S.P1_ADMISSIBLE},
    S.P1_PITCHED: {S.P1_ADVISED, S.WITHDRAWN},
    S.P1_ADVISED: {S.PRESELECTED, S.NOT_PRESELECTED, S.MERGE_ADVISED, S.WITHDRAWN},
    S.PRESELECTED: {S.P2_DRAFT, S.MERGED, S.NOT_SUBMITTED, S.WITHDRAWN},
    S.MERGE_ADVISED: {S.P2_DRAFT, S.MERGED, S.NOT_SUBMITTED, S.WITHDRAWN},
    S.NOT_PRESELECTED: {S.PRESELECTED},
    # Back again only while the lead has not handed in (`domain.mergers.undo`).
    S.MERGED: {S.PRESELECTED, S.MERGE_ADVISED, S.P2_DRAFT},
    S.P2_DRAFT: {S.P2_SUBMITTED, S.MERGED, S.NOT_SUBMITTED, S.WITHDRAWN},
    S.P2_SUBMITTED: {S.P2_SUPPLEMENT_ASKED, S.P2_ADMISSIBLE, S.P2_INADMISSIBLE, S.WITHDRAWN},
    S.P2_SUPPLEMENT_ASKED: {S.P2_SUPPLEMENT_ANSWERED, S.P2_SUPPLEMENT_EXPIRED, S.WITHDRAWN},
    S.P2_SUPPLEMENT_ANSWERED: {S.P2_ADMISSIBLE, S.P2_INADMISSIBLE, S.WITHDRAWN},
    S.P2_SUPPLEMENT_EXPIRED: {S.P2_ADMISSIBLE, S.P2_INADMISSIBLE, S.WITHDRAWN},
    S.P2_ADMISSIBLE: {S.P2_EVALUATION, S.WITHDRAWN},
    S.P2_INADMISSIBLE: {S.P2_ADMISSIBLE},
    S.P2_EVALUATION: {S.P2_ADVISED, S.WITHDRAWN},
    S.P2_ADVISED: {S.AWARDED, S.REJECTED, S.WITHDRAWN},
    S.AWARDED: set(),
    S.REJECTED: {S.REVIEW_REQUESTED},
    S.REVIEW_REQUESTED: {S.REVIEW_UPHELD, S.AWARDED},
    S.REVIEW_UPHELD: set(),
    S.NOT_SUBMITTED: set(),
    S.WITHDRAWN: set(),
}

# Until it is preselected; from its full dossier on, an initiative is in phase 2.
PHASE1_STATES = frozenset({
    S.P1_DRAFT, S.P1_SUBMITTED, S.P1_SUPPLEMENT_ASKED, S.P1_SUPPLEMENT_ANSWERED, S.P1_SUPPLEMENT_EXPIRED, S.P1_ADMISSIBLE,
    S.P1_INADMISSIBLE, S.P1_PITCHED, S.P1_ADVISED, S.NOT_PRESELECTED,
})  # fmt: skip
DRAFT_STATES = frozenset({S.P1_DRAFT, S.P2_DRAFT})
# A merged initiative goes on in another one: for its own dossier that is the end. So is a negative decision, until a review.
ENDED_STATES = frozenset(state for state, following in TRANSITIONS.items() if not following) | {
    S.MERGED,
    S.P1_INADMISSIBLE,
    S.NOT_PRESELECTED,
    S.P2_INADMISSIBLE,
}


class DocumentKind(TextChoices):
    """Annexes of an application (DOC-03 ... DOC-13)."""

    PITCH_DECK = "pitch_deck", "Presentatie voor de pitch"
    WORK_PLAN = "work_plan", "Bijlage bij het werkplan"
    HOST_PROOF_1 = "host_proof_1", "Host-organisatie I: competenties en trackrecord"
    HOST_PROOF_2 = "host_proof_2", "Host-organisatie II: geen overlap met de reguliere werking"
    HOST_PROOF_3 = "host_proof_3", "Host-organisatie III: onafhankelijk en neutraal"
    HOST_PROOF_4 = "host_proof_4", "Host-organisatie IV: financiële transparantie"
    SECONDMENT = "secondment", "Detacheringsovereenkomst"
    SPC_AGREEMENT = "spc_agreement", "Afspraken met de speerpuntcluster"
    SUPPLEMENT_ANNEX = "supplement_annex", "Annex bij de vervollediging"


class CheckOutcome(TextChoices):
    """What the machine saw, or what a person judged, about one admissibility criterion."""

    YES = "yes", "Voldaan"
    NO = "no", "Niet voldaan"
    UNCLEAR = "unclear", "Niet vast te stellen"


class AuthorRole(TextChoices):
    """As what somebody takes part in writing (ROL-06: only who can bind the applicant signs by handing in)."""

    READER = "reader", "Lezer"
    AUTHOR = "author", "Auteur"
    COLLEAGUE = "colleague", "Collega"
    SIGNATORY = "signatory", "Ondertekenaar"

    @property
    def description(self) -> str:
        """What this role can do, in one sentence."""
        return _AUTHOR_DESCRIPTIONS[self]

    @property
    def is_of_organisation(self) -> bool:
        """Whether the person becomes one of the applicant's own people, in all its dossiers."""
        return self in {AuthorRole.COLLEAGUE, AuthorRole.SIGNATORY}


_AUTHOR_DESCRIPTIONS = {
    AuthorRole.READER: "Leest dit dossier, past niets aan.",
    AuthorRole.AUTHOR: "Schrijft mee aan dit dossier, en alleen aan dit.",
    AuthorRole.COLLEAGUE: "Hoort bij de aanvrager en schrijft mee aan al haar dossiers.",
    AuthorRole.SIGNATORY: "Kan de aanvrager rechtsgeldig verbinden: schrijft mee, dient in en trekt in.",
}


class ItemPart(TextChoices):
    """What a requested item opens to the applicant, and nothing besides: an answer in words, or one part (P2-COM-01)."""

    QUESTION = "question", "Een antwoord in woorden"
    SECTION = "section", "Onderdeel van de vragenlijst"
    DOCUMENT = "document", "Bijlage"
    LETTERS = "letters", "Intentiebrieven"
    PLAN = "plan", "Cofinancieringsplan"
    WORK_PLAN = "work_plan", "Werkplan en mijlpalen"
    TEAM = "team", "Team"
    KPIS = "kpis", "Indicatoren"


class InvitationStatus(TextChoices):
    """What became of a company's personal link."""

    SENT = "sent", "Verstuurd"
    OPENED = "opened", "Geopend"
    SIGNED = "signed", "Ondertekend"
    DECLINED = "declined", "Geweigerd"
    EXPIRED = "expired", "Verlopen"
    REVOKED = "revoked", "Ingetrokken"


class SignatureOutcome(TextChoices):
    """What the portal makes of the digital signatures in a PDF; "none" is a scan or a drawn signature."""

    NONE = "none", "Geen digitale handtekening"
    TRUSTED = "trusted", "Geldig en vertrouwd"
    UNTRUSTED = "untrusted", "Geldig, uitgever niet vertrouwd"
    BROKEN = "broken", "Ongeldig: gewijzigd na het tekenen"
    UNREADABLE = "unreadable", "Niet na te kijken"


class Engagement(TextChoices):
    """In which bond somebody works for the project (APL-10, AMB-08)."""

    EMPLOYED = "employed", "Op de loonlijst van de uitvoerder"
    SECONDED = "seconded", "Gedetacheerd"
    FREELANCE = "freelance", "Zelfstandig, met een langdurig engagement"


class ConditionGroup(TextChoices):
    """Why a condition applies."""

    ALWAYS = "always", "Altijd bij een volledige aanvraag"
    HOST = "host", "Er is een host-organisatie"
    SECONDMENT = "secondment", "Er wordt personeel gedetacheerd"
    SPC = "spc", "Er is een link met het domein van een speerpuntcluster"


class ConditionCode(TextChoices):
    """Every condition that a dossier may have to meet (APL-06 ... 13, POS-10 ... 14)."""

    SEPARATE_ACCOUNTING = "separate_accounting", "Gescheiden boekhouding"
    HOST_1 = "host_1", "I. Competenties en trackrecord"
    HOST_2 = "host_2", "II. Geen overlap met de reguliere werking"
    HOST_3 = "host_3", "III. Onafhankelijk en neutraal"
    HOST_4 = "host_4", "IV. Financiële transparantie"
    SECONDMENT_COST = "secondment_cost", "Kostprijs"
    SECONDMENT_SIZE = "secondment_size", "Omvang"
    SECONDMENT_TASKS = "secondment_tasks", "Taken"
    SECONDMENT_PAYMENT = "secondment_payment", "Betaling"
    SECONDMENT_USE = "secondment_use", "Inzet voor de clusterwerking"
    SECONDMENT_INDEPENDENCE = "secondment_independence", "Onafhankelijkheid"
    SPC_1 = "spc_1", "Ontluikend domein"
    SPC_2 = "spc_2", "Eigen beleidsprioriteit"
    SPC_3 = "spc_3", "Nood aan een afzonderlijke impuls"
    SPC_4 = "spc_4", "Andere ondernemingen"
    SPC_5 = "spc_5", "Afstemming met de speerpuntcluster"
