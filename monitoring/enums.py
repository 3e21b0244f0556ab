"""States and choices of the monitoring; no logic."""

from django.db.models import TextChoices


class NetworkState(TextChoices):
    """Where a network stands (STA-08)."""

    AGREEMENT_DRAFTED = "agreement_drafted", "Overeenkomst in opmaak"
    SIGNED = "signed", "Overeenkomst ondertekend"
    RUNNING = "running", "Lopend"
    FINAL_EVALUATION = "final_evaluation", "Eindevaluatie"
    CLOSED = "closed", "Afgesloten"


NETWORK_TRANSITIONS: dict[str, set[str]] = {
    NetworkState.AGREEMENT_DRAFTED: {NetworkState.SIGNED},
    NetworkState.SIGNED: {NetworkState.RUNNING},
    NetworkState.RUNNING: {NetworkState.FINAL_EVALUATION},
    NetworkState.FINAL_EVALUATION: {NetworkState.CLOSED},
    NetworkState.CLOSED: set(),
}


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


class KpiBasis(TextChoices):
    """How a KPI value came about (HK-08)."""

    REPORTED = "reported", "Gerapporteerd"
    COMPUTED = "computed", "Berekend"
    TARGET = "target", "Streefwaarde"
    AT_START = "at_start", "Bij de start"


class ContributionState(TextChoices):
    """Whether a contribution counts."""

    SUBMITTED = "submitted", "Te beoordelen"
    ACCEPTED = "accepted", "Aanvaard"
    REFUSED = "refused", "Telt niet mee"


CONTRIBUTION_TRANSITIONS: dict[str, set[str]] = {
    ContributionState.SUBMITTED: {ContributionState.ACCEPTED, ContributionState.REFUSED},
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
