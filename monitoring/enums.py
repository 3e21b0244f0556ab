"""States and choices of the monitoring; no logic."""

from django.db.models import TextChoices


class NetworkState(TextChoices):
    """Where a network stands (STA-08)."""

    AGREEMENT_DRAFTED = "agreement_drafted", "Overeenkomst in opmaak"
    SIGNED = "signed", "Overeenkomst ondertekend"
    RUNNING = "running", "Lopend"
    FINAL_EVALUATION = "final_evaluation", "Eindevaluatie"
    CLOSED = "closed", "Afgesloten"


LIVE_NETWORK = (NetworkState.RUNNING, NetworkState.FINAL_EVALUATION)
"""The states in which a network works under its agreement."""

NETWORK_TRANSITIONS: dict[str, set[str]] = {
    NetworkState.AGREEMENT_DRAFTED: {NetworkState.SIGNED},
    NetworkState.SIGNED: {NetworkState.RUNNING},
    NetworkState.RUNNING: {NetworkState.FINAL_EVALUATION},
    NetworkState.FINAL_EVALUATION: {NetworkState.CLOSED},
    NetworkState.CLOSED: set(),
}


class AmendmentKind(TextChoices):
    """What an amendment changes in a signed agreement."""

    AMOUNTS = "amounts", "Bedragen per projectjaar"
    PERIOD = "period", "Looptijd"
    TARGET = "target", "Streefwaarde van een indicator"
    NAME = "name", "Naam van de begunstigde"


class NetworkType(TextChoices):
    """How a network is embedded (H-20)."""

    INDEPENDENT = "independent", "Zelfstandig"
    ESTABLISHED = "established", "Gevestigd (ingebed)"


class FutureKind(TextChoices):
    """What became of a network after its project (STA-09)."""

    INDEPENDENT = "independent", "Zelfstandig verder"
    IN_HOST = "in_host", "Verder in een andere organisatie"
    MERGED_SPC = "merged_spc", "Opgegaan in een speerpuntcluster"
    PROJECT_FUNDING = "project_funding", "Verder met projectfinanciering"
    TOWARDS_SPC = "towards_spc", "Ambitie om speerpuntcluster te worden"
    STOPPED = "stopped", "Stopgezet"
    UNCLEAR = "unclear", "Onduidelijk"


class PlanKind(TextChoices):
    """How a network means to go on after its project (PRG-26, LES-03)."""

    EXIT = "exit", "Verder zonder steun, of afbouwen"
    SCALE_UP = "scale_up", "Opschalen"
    MERGE = "merge", "Samengaan met een ander netwerk of een speerpuntcluster"
    EXTEND = "extend", "Verlenging vragen"


class QuestionRole(TextChoices):
    """What a question of a survey is for in the results (HE-09, HK-12)."""

    ACTIVE = "active", "Deelname"
    PLAIN = "plain", "Gemiddelde"
    WANTED = "wanted", "Gezocht effect"
    STRENGTH = "strength", "Hoe sterk gezocht"
    REALISED = "realised", "Al bereikt"
    CONTRIBUTION = "contribution", "Bijdrage van het netwerk"


class KpiBasis(TextChoices):
    """How a KPI value came about (HK-08)."""

    REPORTED = "reported", "Gerapporteerd"
    COMPUTED = "computed", "Berekend"
    TARGET = "target", "Streefwaarde"
    AT_START = "at_start", "Bij de start"


class ContributionState(TextChoices):
    """Whether a contribution counts."""

    SUBMITTED = "submitted", "Te beoordelen"
    QUESTIONED = "questioned", "Vraag aan het netwerk"
    ACCEPTED = "accepted", "Aanvaard"
    REFUSED = "refused", "Telt niet mee"


CONTRIBUTION_TRANSITIONS: dict[str, set[str]] = {
    ContributionState.SUBMITTED: {
        ContributionState.ACCEPTED,
        ContributionState.REFUSED,
        ContributionState.QUESTIONED,
    },
    ContributionState.QUESTIONED: {ContributionState.SUBMITTED, ContributionState.REFUSED},
    ContributionState.ACCEPTED: {ContributionState.REFUSED},
    ContributionState.REFUSED: {ContributionState.ACCEPTED},
}


class ReportState(TextChoices):
    """A yearly report's state."""

    DRAFT = "draft", "In opmaak"
    SUBMITTED = "submitted", "Ingediend"
    RETURNED = "returned", "Teruggestuurd met vragen"
    APPROVED = "approved", "Goedgekeurd"


REPORT_TRANSITIONS: dict[str, set[str]] = {
    ReportState.DRAFT: {ReportState.SUBMITTED},
    ReportState.SUBMITTED: {ReportState.RETURNED, ReportState.APPROVED},
    ReportState.RETURNED: {ReportState.SUBMITTED},
    ReportState.APPROVED: set(),
}


class ExtensionState(TextChoices):
    """A request for a later due date of a yearly report."""

    ASKED = "asked", "Te beslissen"
    GRANTED = "granted", "Toegestaan"
    REFUSED = "refused", "Niet toegestaan"


EXTENSION_TRANSITIONS: dict[str, set[str]] = {
    ExtensionState.ASKED: {ExtensionState.GRANTED, ExtensionState.REFUSED},
    ExtensionState.GRANTED: set(),
    ExtensionState.REFUSED: set(),
}


class TrancheState(TextChoices):
    """A tranche's state: proposed by one person, released by another, ordered by a worker."""

    PROPOSED = "proposed", "Voorgesteld"
    RELEASED = "released", "Vrijgegeven"
    ORDERED = "ordered", "Betaalopdracht gemaakt"
    PAID = "paid", "Betaald"
    WITHDRAWN = "withdrawn", "Voorstel ingetrokken"


TRANCHE_TRANSITIONS: dict[str, set[str]] = {
    TrancheState.PROPOSED: {TrancheState.RELEASED, TrancheState.WITHDRAWN},
    TrancheState.RELEASED: {TrancheState.ORDERED},
    TrancheState.ORDERED: {TrancheState.PAID},
    TrancheState.PAID: set(),
    TrancheState.WITHDRAWN: set(),
}


class AccountChangeState(TextChoices):
    """Another account number for a network: asked by one person, confirmed by another."""

    ASKED = "asked", "Te bevestigen"
    CONFIRMED = "confirmed", "Bevestigd"
    REFUSED = "refused", "Niet aanvaard"


ACCOUNT_CHANGE_TRANSITIONS: dict[str, set[str]] = {
    AccountChangeState.ASKED: {AccountChangeState.CONFIRMED, AccountChangeState.REFUSED},
    AccountChangeState.CONFIRMED: set(),
    AccountChangeState.REFUSED: set(),
}


class BatchState(TextChoices):
    """A payment file: made for the bank, or cancelled because the bank never got or refused it as a whole."""

    MADE = "made", "Voor de bank"
    CANCELLED = "cancelled", "Geannuleerd"


BATCH_TRANSITIONS: dict[str, set[str]] = {BatchState.MADE: {BatchState.CANCELLED}, BatchState.CANCELLED: set()}


class EntryVerdict(TextChoices):
    """What a line of a bank statement turned out to be."""

    PAID = "paid", "Schijf betaald"
    REPAID = "repaid", "Terugbetaling ontvangen"
    DIFFERS = "differs", "Klopt niet"
    FOREIGN = "foreign", "Niet van ons"


class MemberRole(TextChoices):
    """What a member does in its network."""

    MEMBER = "member", "Lid"
    STEERING = "steering", "Lid van de stuurgroep"
    BOARD = "board", "Bestuurder van de clusterorganisatie"
    FOUNDER = "founder", "Stichtend lid"


class SizeClass(TextChoices):
    """The size of a company by the European definition; unknown where the figures do not tell."""

    MICRO = "micro", "Micro"
    SMALL = "small", "Klein"
    MEDIUM = "medium", "Middelgroot"
    LARGE = "large", "Groot"
    UNKNOWN = "unknown", "Onbekend"


class Independence(TextChoices):
    """Whether a company's own figures are all that counts for its size."""

    UNKNOWN = "unknown", "Niet gekend"
    AUTONOMOUS = "autonomous", "Zelfstandig"
    LINKED = "linked", "Met verbonden ondernemingen of partners"
    PUBLIC = "public", "Voor een kwart of meer van de overheid"


class ListKind(TextChoices):
    """What a list that is read in holds."""

    MEMBERS = "members", "Leden"
    CONTRIBUTIONS = "contributions", "Bijdragen"


class ActivityKind(TextChoices):
    """The typical activities of a cluster organisation (manual 3.5.1; ACT-05 ... 13)."""

    ECOSYSTEM = "ecosystem", "Ecosysteem uitbouwen (ledenwerving, bedrijfsbezoeken)"
    IDEATION = "ideation", "Ideeën en innovatie-initiatieven"
    MATCHMAKING = "matchmaking", "Doorverwijzing en matchmaking"
    STARTUP_INTEGRATION = "startups", "Start-ups en scale-ups betrekken"
    EVENT = "event", "Clusterevent"
    TRAINING = "training", "Opleiding organiseren"
    STRATEGY = "strategy", "Gezamenlijke strategie"
    VALUE_CHAIN = "value_chain", "Nieuwe waardeketens"
    COMMUNICATION = "communication", "Communicatie"
    OTHER = "other", "Andere"


class PriceBasis(TextChoices):
    """How an activity is paid for (ACT-15, ACT-16)."""

    MARKET = "market", "Marktprijs"
    COST = "cost", "Kostprijs"
    IN_FEE = "in_fee", "Inbegrepen in het lidgeld"
    FREE = "free", "Gratis"


class Audience(TextChoices):
    """For whom an activity is (ACT-04, NET-04)."""

    MEMBERS = "members", "Alle leden"
    OPEN = "open", "Ook wie geen lid is"
    LIMITED = "limited", "Een beperkte groep"


class ReportPart(TextChoices):
    """A part of the yearly report about which the account manager asks something (MON-02, MON-03)."""

    STATUS = "status", "Projectstatus"
    INDICATORS = "indicators", "Indicatoren"
    RESULTS = "results", "Behaalde resultaten"
    STORIES = "stories", "Succesverhalen"
    COMPANIES = "companies", "Actieve ondernemingen"
    COSTS = "costs", "Kosten van het jaar"


class Executor(TextChoices):
    """Who carries an activity out (ACT-02)."""

    OWN = "own", "De clusterorganisatie"
    OTHER = "other", "Iemand anders"


class CollaborationState(TextChoices):
    """How far a collaboration came."""

    IDEA = "idea", "Idee"
    PREPARED = "prepared", "In voorbereiding"
    APPLIED = "applied", "Financiering gevraagd"
    STARTED = "started", "Gestart"
    COMPLETED = "completed", "Afgerond"
    FAILED = "failed", "Mislukt"


COLLABORATION_TRANSITIONS: dict[str, set[str]] = {
    CollaborationState.IDEA: {
        CollaborationState.PREPARED,
        CollaborationState.APPLIED,
        CollaborationState.STARTED,
        CollaborationState.FAILED,
    },
    CollaborationState.PREPARED: {CollaborationState.APPLIED, CollaborationState.STARTED, CollaborationState.FAILED},
    CollaborationState.APPLIED: {CollaborationState.PREPARED, CollaborationState.STARTED, CollaborationState.FAILED},
    CollaborationState.STARTED: {CollaborationState.COMPLETED, CollaborationState.FAILED},
    CollaborationState.COMPLETED: set(),
    CollaborationState.FAILED: {CollaborationState.PREPARED},
}


class CollaborationNature(TextChoices):
    """The second half of the typology of collaborations (HK-09)."""

    OPERATIONAL = "operational", "Operationeel"
    PROJECT = "project", "Projectmatig"


class Instrument(TextChoices):
    """By what a collaboration is carried (HK-13)."""

    NONE = "none", "Nog geen"
    FEASIBILITY = "feasibility", "Haalbaarheidsstudie"
    LIVING_LAB = "living_lab", "Proeftuin of demonstratie"
    INTERCLUSTER = "intercluster", "Interclusterproject"
    RESEARCH = "research", "Onderzoeks- of ontwikkelingsproject"
    MOU = "mou", "Samenwerkingsakkoord (MoU)"
    ERDF = "erdf", "EFRO-project"
    EUROPEAN = "european", "Ander Europees project"
    OWN_MEANS = "own_means", "Eigen middelen"
    OTHER = "other", "Andere"


class FailureReason(TextChoices):
    """Why a collaboration came to nothing (HK-11)."""

    EXPECTATIONS = "expectations", "Uiteenlopende verwachtingen"
    MONEY = "money", "Te weinig middelen"
    COMMITMENT = "commitment", "Geen trekker of te weinig engagement"
    REJECTED = "rejected", "Financiering geweigerd"
    OTHER = "other", "Andere"


class FundingSource(TextChoices):
    """Where the money of a related project comes from (ACT-23, H-17)."""

    VLAIO = "vlaio", "VLAIO"
    FLEMISH = "flemish", "Andere Vlaamse overheid"
    PROVINCE = "province", "Provincie"
    ERDF = "erdf", "EFRO"
    INTERREG = "interreg", "Interreg"
    HORIZON = "horizon", "Horizon Europe"
    OTHER_EU = "other_eu", "Andere Europese middelen"
    OTHER = "other", "Andere"


class ProjectOutcome(TextChoices):
    """What became of the application for a related project (H-17)."""

    APPLIED = "applied", "Aangevraagd"
    SUPPORTED = "supported", "Gesteund"
    REJECTED = "rejected", "Geweigerd"


class ProjectRole(TextChoices):
    """What the network is in a related project (H-17)."""

    DIRECT = "direct", "Rechtstreeks begunstigde"
    SUBCONTRACTOR = "subcontractor", "Onderaannemer"
    FACILITATOR = "facilitator", "Begeleider zonder eigen budget"


class ProfileDimension(TextChoices):
    """By what the answers of a survey are crossed (HE-06)."""

    ALL = "all", "Alle leden"
    CALL = "call", "Oproep"
    SIZE = "size", "Grootte"
    EMBEDDING = "embedding", "Inbedding"
    PARTICIPATION = "participation", "Deelname"
