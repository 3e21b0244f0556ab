"""The co-financing ledger: what companies paid, and whether it counts (COF-02 ... 04, COF-09 ... 13, COF-19 ... 21).

A contribution is entered as it is; each rule that it breaks is a finding, and one with a finding is never accepted. The
account manager accepts or refuses, a refusal names its rule. Once a year is closed for claims nothing of it changes:
the domain says so and a trigger holds it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.files.base import File
from django.db import IntegrityError, transaction
from django.db.models.functions import Upper

from calls.enums import ContributionKind, PayerKind
from calls.ruleset import Rules
from ibnportal.core import clock, places
from ibnportal.core.accounts.enums import OrganisationKind, Role
from ibnportal.core.accounts.models import Organisation, User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError, NotAllowed, WrongState
from ibnportal.core.files.kinds import FileKind
from ibnportal.core.files.models import StoredFile
from ibnportal.core.files.store import store
from ibnportal.core.findings import Finding, Severity, has_errors
from ibnportal.core.lifecycle import lock
from ibnportal.core.money import ZERO, format_euros
from monitoring.domain import activities, people
from monitoring.domain.lifecycle import ask_about_contribution, move_contribution
from monitoring.domain.notices import tell_question, tell_threshold
from monitoring.domain.queries import rules_row
from monitoring.enums import LIVE_NETWORK, ContributionState
from monitoring.models import Activity, AwardYear, Contribution, ContributionRemark, Membership

CASH_KINDS = (ContributionKind.CASH_FEE, ContributionKind.CASH_SPONSORING)

PAYER_KIND_OF: dict[str, PayerKind] = {
    OrganisationKind.RESEARCH: PayerKind.RESEARCH_ORGANISATION,
    OrganisationKind.FEDERATION: PayerKind.FEDERATION,
    OrganisationKind.PUBLIC: PayerKind.PUBLIC,
}
"""What the register of organisations already knows about who pays."""

REFUSAL_RULES: dict[str, str] = {
    "COF-02": "geen rechtstreekse bijdrage van een onderneming",
    "COF-03": "lidgeld van wie geen lid is",
    "COF-21": "sponsoring van wie geen lid is",
    "COF-09": "factuur zonder verwijzing naar het project en de diensten",
    "COF-10": "lid dat niet bij het project betrokken is",
    "COF-11": "inkomsten die niet van een clusteractiviteit komen",
    "COF-12": "niet te volgen met een factuur",
    "COF-13": "individuele dienstverlening",
    "COF-19": "uitgesloten soort betaler",
    "COF-20": "hoort niet bij dit projectjaar",
    "SUB-02": "niet ontvangen",
}
"""The rules by which a contribution can be refused, in a few words for a choice."""


# ---------------------------------------------------------------- findings


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the checks of a year's contributions look at besides the contribution itself."""

    award_year: AwardYear
    memberships: dict[int, list[Membership]] = field(default_factory=dict)
    twins: dict[int | None, str] = field(default_factory=dict)
    has_activities: bool = False

    def membership(self, organisation_id: int, day: date) -> Membership | None:
        """That organisation's membership on that day."""
        for membership in self.memberships.get(organisation_id, ()):
            if membership.joined_on <= day and (membership.left_on is None or membership.left_on >= day):
                return membership
        return None


def evidence_for(award_year: AwardYear, contributions: Iterable[Contribution]) -> Evidence:
    """Evidence for these contributions of one year, in three queries however many there are."""
    contributions = list(contributions)
    memberships: dict[int, list[Membership]] = defaultdict(list)
    for membership in Membership.objects.filter(
        network_id=award_year.network_id, organisation_id__in={c.payer_id for c in contributions}
    ):
        memberships[membership.organisation_id].append(membership)
    has_activities = Activity.objects.filter(network_id=award_year.network_id).exists()
    return Evidence(award_year, dict(memberships), _twins(award_year, contributions), has_activities)


def _twins(award_year: AwardYear, contributions: list[Contribution]) -> dict[int | None, str]:
    """Per contribution where the same invoice stands too.

    An invoice is one of the organisation that made it; of another organisation the same number is the same invoice when
    payer, day and amount are the same as well.
    """
    numbers = {contribution.invoice_number.upper() for contribution in contributions}
    standing = (
        Contribution.objects.exclude(state=ContributionState.REFUSED)
        .annotate(number=Upper("invoice_number"))
        .filter(number__in=numbers)
        .select_related("award_year__network")
        .order_by("id")
    )
    by_number: dict[str, list[Contribution]] = defaultdict(list)
    for other in standing:
        by_number[other.invoice_number.upper()].append(other)
    twins: dict[int | None, str] = {}
    for contribution in contributions:
        for twin in by_number[contribution.invoice_number.upper()]:
            same_issuer = twin.award_year.network.beneficiary_id == award_year.network.beneficiary_id
            if twin.pk != contribution.pk and (same_issuer or _paper(twin) == _paper(contribution)):
                twins[_key(contribution)] = (
                    f"{twin.award_year.network.name}, projectjaar {twin.award_year.project_year}"
                )
                break
    return twins


def _key(contribution: Contribution) -> int:
    """Its id; for one that is not saved yet, a number of its own."""
    return contribution.pk or -id(contribution)


def standing_numbers(award_year: AwardYear) -> set[str]:
    """The invoice numbers that stand in a year, in capitals; refused ones do not stand."""
    rows = Contribution.objects.filter(award_year=award_year).exclude(state=ContributionState.REFUSED)
    return {number.upper() for number in rows.values_list("invoice_number", flat=True)}


def _paper(contribution: Contribution) -> tuple[int, date, Decimal]:
    return contribution.payer_id, contribution.invoiced_on, contribution.amount


Check = Callable[[Contribution, Rules, Evidence], str | None]
CHECKS: list[tuple[Callable[[Contribution], str], Severity, Check]] = []


def _check(rule: str | Callable[[Contribution], str], severity: Severity = Severity.ERROR) -> Callable[[Check], Check]:
    """Add a check to the list under its rule; a check returns what is wrong and what to do, or None. Only errors refuse."""

    def add(check: Check) -> Check:
        CHECKS.append((rule if callable(rule) else lambda _: rule, severity, check))
        return check

    return add


def findings(contribution: Contribution, rules: Rules, *, evidence: Evidence | None = None) -> list[Finding]:
    """Why this contribution does not count; empty when nothing stands in the way. One finding a rule."""
    if evidence is None:
        evidence = evidence_for(contribution.award_year, [contribution])
    where = f"Factuur {contribution.invoice_number}"
    found = []
    for rule_of, severity, check in CHECKS:
        problem = check(contribution, rules, evidence)
        if problem:
            found.append(Finding(rule_of(contribution), where, problem, severity))
    return found


@_check("COF-19")
def payer_is_no_excluded_kind(contribution: Contribution, _rules: Rules, _evidence: Evidence) -> str | None:
    """Research organisations, collective centres, federations, services of general interest and public actors never count."""
    kind = contribution.payer_kind
    if kind == PayerKind.COMPANY:
        kind = PAYER_KIND_OF.get(contribution.payer.kind, PayerKind.COMPANY)
    if kind == PayerKind.COMPANY:
        return None
    label = PayerKind(kind).label
    return f"De betaler is geen onderneming maar: {label[0].lower()}{label[1:]}. Zulke bijdragen tellen nooit mee als cofinanciering."


@_check("COF-02")
def payer_pays_directly(contribution: Contribution, _rules: Rules, evidence: Evidence) -> str | None:
    """A company with its own number, not the cluster organisation to itself."""
    if contribution.payer_id == evidence.award_year.network.beneficiary_id:
        return "De betaler is de clusterorganisatie zelf. Alleen wat ondernemingen rechtstreeks bijdragen, telt mee."
    if not contribution.payer.enterprise_number:
        return "De betaler heeft geen ondernemingsnummer in het portaal. Vul het aan, zodat duidelijk is welke onderneming betaalt."
    return None


@_check(lambda contribution: "COF-21" if contribution.kind == ContributionKind.CASH_SPONSORING else "COF-03")
def cash_comes_from_a_member(contribution: Contribution, _rules: Rules, evidence: Evidence) -> str | None:
    """Fee and sponsoring count from members only; income from activities counts from any company (AMB-29)."""
    if contribution.kind not in CASH_KINDS or evidence.membership(contribution.payer_id, contribution.invoiced_on):
        return None
    return (
        f"{contribution.payer} was op {contribution.invoiced_on:%d/%m/%Y} geen lid van het netwerk; cash telt alleen van leden. "
        "Schrijf het lid in met de juiste datum, of kies “inkomsten uit activiteiten” als het daarom ging."
    )


@_check("COF-09")
def invoice_names_project_and_services(contribution: Contribution, _rules: Rules, _evidence: Evidence) -> str | None:
    """The cluster organisation invoices with a reference to the project and to what was received for it."""
    lacking = []
    if not contribution.refers_to_project:
        lacking.append("de verwijzing naar het clusterproject")
    if not contribution.services.strip():
        lacking.append("de ontvangen diensten")
    return f"Op de factuur ontbreekt: {' en '.join(lacking)}." if lacking else None


@_check("SUB-02")
def money_was_received(contribution: Contribution, _rules: Rules, _evidence: Evidence) -> str | None:
    """Only collected co-financing counts."""
    if contribution.received_on is None:
        return "De betaling is nog niet ontvangen. Vul de datum in zodra het geld op de rekening staat."
    if contribution.received_on > clock.today():
        return f"De ontvangstdatum {contribution.received_on:%d/%m/%Y} ligt in de toekomst."
    return None


@_check("COF-12")
def invoice_is_at_hand(contribution: Contribution, _rules: Rules, _evidence: Evidence) -> str | None:
    """Traceable: the invoice itself is in the portal."""
    return None if contribution.proof_id else "De factuur ontbreekt als bewijsstuk. Voeg ze toe als PDF."


@_check("COF-13")
def no_individual_service(contribution: Contribution, _rules: Rules, _evidence: Evidence) -> str | None:
    """Advice or tests for one company are no cluster activity."""
    if contribution.is_individual_service:
        return "Dit is individuele dienstverlening (zoals advies of testen voor één onderneming); die inkomsten tellen niet mee."
    return None


@_check("COF-10")
def member_takes_part_in_the_project(contribution: Contribution, _rules: Rules, evidence: Evidence) -> str | None:
    """Of a broad member organisation only members that take part in the project count."""
    if not evidence.award_year.network.is_broad_member_organisation:
        return None
    membership = evidence.membership(contribution.payer_id, contribution.invoiced_on)
    if membership is None or not membership.is_involved:
        return f"De clusterorganisatie heeft een bredere werking en {contribution.payer} is niet rechtstreeks bij het project betrokken."
    return None


@_check("COF-20")
def invoice_is_of_this_year(contribution: Contribution, _rules: Rules, evidence: Evidence) -> str | None:
    """Co-financing is counted per project year, by the date of the invoice."""
    year = evidence.award_year
    if year.starts_on <= contribution.invoiced_on <= year.ends_on:
        return None
    return (
        f"De factuur is van {contribution.invoiced_on:%d/%m/%Y}; projectjaar {year.project_year} loopt van "
        f"{year.starts_on:%d/%m/%Y} tot en met {year.ends_on:%d/%m/%Y}. Voer ze in bij het juiste jaar."
    )


@_check("COF-12")
def invoice_stands_once(contribution: Contribution, _rules: Rules, evidence: Evidence) -> str | None:
    """One invoice counts once, in whatever year or network."""
    twin = evidence.twins.get(_key(contribution))
    return f"Dezelfde factuur staat ook bij {twin}. Een factuur telt één keer mee." if twin else None


@_check("COF-11")
def income_comes_from_a_cluster_activity(contribution: Contribution, _rules: Rules, _evidence: Evidence) -> str | None:
    """Income of an activity that is no cluster work does not count."""
    activity = contribution.activity
    if (
        contribution.kind != ContributionKind.ACTIVITY_INCOME
        or activity is None
        or activities.is_coordination(activity)
    ):
        return None
    return f"“{activity.title}” is geen clusteractiviteit van het netwerk; inkomsten daaruit tellen niet mee."


@_check("COF-11", Severity.WARNING)
def income_names_its_activity(contribution: Contribution, _rules: Rules, evidence: Evidence) -> str | None:
    """Income is what companies pay to take part in an activity: which one, where the network has a list of them?"""
    is_named = contribution.kind != ContributionKind.ACTIVITY_INCOME or contribution.activity_id is not None
    if is_named or not evidence.has_activities:
        return None
    return "Bij welke activiteit horen deze inkomsten? Kies ze uit de lijst van het netwerk."


@_check("TGT-03", Severity.WARNING)
def payer_is_in_flanders(contribution: Contribution, _rules: Rules, _evidence: Evidence) -> str | None:
    """Networks are of companies in Flanders; a payer elsewhere is looked at, not refused."""
    postcode = contribution.payer.postcode
    if not postcode or places.is_flemish(postcode):
        return None
    return f"Het adres van {contribution.payer} ligt niet in Vlaanderen (postcode {postcode}). Kijk na of er een vestiging in Vlaanderen is."


# ---------------------------------------------------------------- the verbs


UNJUDGED = (ContributionState.SUBMITTED, ContributionState.QUESTIONED)
MOST_SERVICES = Contribution._meta.get_field("services").max_length  # noqa: SLF001 - Django's documented Meta API
FIELDS = (
    "payer", "payer_kind", "kind", "amount", "invoice_number", "invoiced_on", "refers_to_project", "services",
    "received_on", "is_individual_service", "proof", "activity", "vat_amount",
)  # fmt: skip


@transaction.atomic
def enter(award_year: AwardYear, *, by: User, upload: "File[bytes] | None" = None, **fields: Any) -> Contribution:
    """A contribution as it came in, counting or not; the proof is an `upload` or a stored `proof`.

    `fields` are those of FIELDS; the kind of payer is taken from the register where it is not given. Raises DomainError
    for an amount that is not positive, an invoice without number, and an invoice that the year has already.
    """
    year = open_year(award_year)
    values = _values(fields)
    if upload is not None:
        values["proof"] = store(upload, by=by, kind=FileKind.PROOF_PDF)
    contribution = Contribution(award_year=year, entered_at=clock.now(), entered_by=by, **values)
    _save_once(contribution)
    trail.record("contribution.entered", contribution, by=by, changes=values)
    return contribution


@transaction.atomic
def change(contribution: Contribution, *, by: User, upload: "File[bytes] | None" = None, **fields: Any) -> Contribution:
    """Correct a contribution that is not judged yet."""
    open_year(contribution.award_year)
    fresh = lock(contribution)
    if fresh.state not in UNJUDGED:
        raise WrongState("Deze bijdrage is al beoordeeld en ligt vast. Vraag de accountmanager als er iets niet klopt.")
    current = {name: getattr(fresh, name) for name in FIELDS}
    values = _values({**current, **fields})
    if upload is not None:
        values["proof"] = store(upload, by=by, kind=FileKind.PROOF_PDF)
    changes = {name: [current[name], value] for name, value in values.items() if current[name] != value}
    for name, value in values.items():
        setattr(fresh, name, value)
        setattr(contribution, name, value)
    _save_once(fresh)
    if changes:
        trail.record("contribution.changed", fresh, by=by, changes=changes)
    return fresh


@transaction.atomic
def remove(contribution: Contribution, *, by: User) -> None:
    """Take out a contribution that is not judged yet; the trail keeps what it was."""
    open_year(contribution.award_year)
    fresh = lock(contribution)
    if fresh.state not in UNJUDGED:
        raise WrongState("Deze bijdrage is al beoordeeld en kan niet meer verwijderd worden.")
    trail.record("contribution.removed", fresh, by=by, changes={name: getattr(fresh, name) for name in FIELDS})
    fresh.delete()


@transaction.atomic
def ask(contribution: Contribution, *, question: str, by: User) -> Contribution:
    """The account manager asks the network something about a contribution; it waits for the answer."""
    year = open_year(contribution.award_year)
    people.refuse_own_network(year.network, by)
    people.require_role(by, Role.ACCOUNT_MANAGER)
    if not question.strip():
        raise DomainError("Schrijf op wat u van het netwerk wilt weten.")
    asked = ask_about_contribution(contribution, ContributionState.QUESTIONED, by=by, reason=question.strip())
    ContributionRemark.objects.create(contribution_id=asked.pk, text=question.strip(), said_at=clock.now(), said_by=by)
    tell_question(asked, question.strip())
    return asked


@transaction.atomic
def answer(contribution: Contribution, *, text: str, by: User) -> Contribution:
    """The network answers; the contribution waits for judgement again."""
    year = open_year(contribution.award_year)
    if not by.belongs_to(year.network.beneficiary_id):
        raise NotAllowed("Alleen wie voor het netwerk werkt, antwoordt op deze vraag.")
    if not text.strip():
        raise DomainError("Schrijf uw antwoord op.")
    answered = ask_about_contribution(contribution, ContributionState.SUBMITTED, by=by, reason=text.strip())
    ContributionRemark.objects.create(
        contribution_id=answered.pk, text=text.strip(), is_answer=True, said_at=clock.now(), said_by=by
    )
    return answered


def broken_since(award_year: AwardYear, rules: Rules) -> list[tuple[Contribution, list[Finding]]]:
    """Accepted contributions of an open year that break a rule now, such as a payer that turns out to be public."""
    if award_year.claims_closed_at is not None:
        return []
    rows = list(
        Contribution.objects.filter(award_year=award_year, state=ContributionState.ACCEPTED).select_related(
            "payer", "activity"
        )
    )
    evidence = evidence_for(award_year, rows)
    return [(row, found) for row in rows if has_errors(found := findings(row, rules, evidence=evidence))]


@transaction.atomic
def accept(contribution: Contribution, *, by: User, at: datetime | None = None) -> Contribution:
    """It counts. Refused, with every reason, while a rule stands in the way."""
    year = open_year(contribution.award_year)
    people.refuse_own_network(year.network, by)
    _one_at_a_time(year)
    fresh = Contribution.objects.select_related("payer", "activity", "award_year__network").get(pk=contribution.pk)
    found = findings(fresh, _rules_of(year))
    if has_errors(found):
        raise DomainError("Deze bijdrage kan niet aanvaard worden.", rule_id=found[0].rule_id, findings=found)
    accepted = _accept(contribution, by=by, at=at)
    tell_threshold(year)
    return accepted


@transaction.atomic
def accept_clean(award_year: AwardYear, *, by: User, at: datetime | None = None) -> tuple[int, int]:
    """Accept all that waits and breaks no rule; returns how many were accepted and how many are left to judge."""
    year = open_year(award_year)
    people.refuse_own_network(year.network, by)
    _one_at_a_time(year)
    waiting = list(
        Contribution.objects.filter(award_year=year, state=ContributionState.SUBMITTED)
        .select_related("payer", "activity")
        .order_by("id")
    )
    evidence, rules = evidence_for(year, waiting), _rules_of(year)
    clean = [one for one in waiting if not has_errors(findings(one, rules, evidence=evidence))]
    for contribution in clean:
        _accept(contribution, by=by, at=at)
    tell_threshold(year)
    return len(clean), len(waiting) - len(clean)


@transaction.atomic
def refuse(
    contribution: Contribution, *, rule_id: str, reason: str, by: User, at: datetime | None = None
) -> Contribution:
    """It does not count, by a named rule and with a reason that the network reads."""
    year = open_year(contribution.award_year)
    people.refuse_own_network(year.network, by)
    if rule_id not in REFUSAL_RULES:
        raise DomainError("Kies de regel waarom deze bijdrage niet meetelt.")
    if not reason.strip():
        raise DomainError("Schrijf op waarom deze bijdrage niet meetelt; het netwerk leest dit.", rule_id=rule_id)
    return move_contribution(
        contribution,
        ContributionState.REFUSED,
        by=by,
        at=at,
        reason=reason.strip(),
        refused_rule=rule_id,
        refusal_reason=reason.strip(),
    )


def _accept(contribution: Contribution, *, by: User, at: datetime | None) -> Contribution:
    try:
        with transaction.atomic():
            return move_contribution(
                contribution, ContributionState.ACCEPTED, by=by, at=at, refused_rule="", refusal_reason=""
            )
    except IntegrityError as error:
        raise WrongState("Dezelfde factuur staat al een tweede keer bij dit jaar.", rule_id="COF-12") from error


def open_year(award_year: AwardYear) -> AwardYear:
    """The year, locked, of a running network; raises WrongState once it is closed for claims."""
    year = lock(award_year)
    if year.claims_closed_at is not None:
        raise WrongState(
            f"Projectjaar {year.project_year} is op {clock.local(year.claims_closed_at):%d/%m/%Y} afgesloten voor bijdragen. "
            "Er verandert niets meer aan.",
            rule_id="PAY-05",
        )
    if year.network.state not in LIVE_NETWORK:
        raise WrongState("Bijdragen horen bij een lopend netwerk. Dit netwerk loopt nog niet of is afgesloten.")
    return year


def _one_at_a_time(year: AwardYear) -> None:
    """Two people never accept one invoice in two years: who judges an organisation's invoices takes turns."""
    Organisation.objects.select_for_update(no_key=True).get(pk=year.network.beneficiary_id)


def _rules_of(year: AwardYear) -> Rules:
    return rules_row(year.network).frozen()


def _values(fields: dict[str, Any]) -> dict[str, Any]:
    unknown = set(fields) - set(FIELDS)
    if unknown:
        raise TypeError(f"A contribution has no {', '.join(sorted(unknown))}")
    values = dict(fields)
    payer: Organisation = values["payer"]
    if not values.get("payer_kind"):
        values["payer_kind"] = PAYER_KIND_OF.get(payer.kind, PayerKind.COMPANY)
    values["invoice_number"] = " ".join(str(values.get("invoice_number", "")).split())
    if not values["invoice_number"]:
        raise DomainError("Vul het factuurnummer in.", rule_id="COF-09")
    amount: Decimal = values["amount"]
    if amount <= ZERO:
        raise DomainError(f"Een bijdrage is meer dan nul; {format_euros(amount)} kan niet.", rule_id="COF-02")
    proof = values.get("proof")
    if proof is not None and not isinstance(proof, StoredFile):
        raise TypeError("proof is a stored file; give an upload as `upload`")
    return values


def _save_once(contribution: Contribution) -> None:
    try:
        with transaction.atomic():
            contribution.save()
    except IntegrityError as error:
        if "invoice_once_per_year" not in str(error):
            raise
        raise DomainError(
            f"Factuur {contribution.invoice_number} staat al bij dit projectjaar. Kijk het nummer na.", rule_id="COF-12"
        ) from error
