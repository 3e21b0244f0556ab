"""What is looked at before a contribution counts (COF-02 ... 04, COF-09 ... 13, COF-19 ... 21).

Each check stands in one list with its rule, and twice: as a condition that the database can put to a whole ledger, and as
a function that says of one contribution what is wrong and what to do. So the counts and the page of a ledger of thousands
of lines cost what reading it costs, and only a line that breaks something is looked at on its own. A test holds the two
forms together.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Upper

from calls.enums import ContributionKind, PayerKind
from calls.ruleset import Rules
from ibnportal.core import clock, places
from ibnportal.core.accounts.enums import OrganisationKind
from ibnportal.core.findings import Finding, Severity, has_errors
from monitoring.domain import activities
from monitoring.domain.queries import CASH
from monitoring.enums import ContributionState, Executor
from monitoring.models import Activity, AwardYear, Contribution, Membership

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
    """Evidence for these contributions of one year, however many: in two queries for those of `with_findings`, otherwise three."""
    contributions = list(contributions)
    memberships: dict[int, list[Membership]] = defaultdict(list)
    for membership in Membership.objects.filter(
        network_id=award_year.network_id, organisation_id__in={c.payer_id for c in contributions}
    ):
        memberships[membership.organisation_id].append(membership)
    nameless = [c for c in contributions if c.kind == ContributionKind.ACTIVITY_INCOME and c.activity_id is None]
    has_activities = bool(nameless) and _has_activities(award_year, nameless[0])
    return Evidence(award_year, dict(memberships), _twins(award_year, contributions), has_activities)


def _has_activities(award_year: AwardYear, contribution: Contribution) -> bool:
    """Whether the network lists its activities, as it was read with the contribution or asked now."""
    known: bool | None = getattr(contribution, "has_activities", None)
    return Activity.objects.filter(network_id=award_year.network_id).exists() if known is None else known


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
        .order_by("id")
        .values_list(
            "number", "pk", "award_year__network__beneficiary", "payer", "invoiced_on", "amount",
            "award_year__network__name", "award_year__project_year",
        )
    )  # fmt: skip
    by_number: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for number, *other in standing:
        by_number[number].append(tuple(other))
    issuer = award_year.network.beneficiary_id
    twins: dict[int | None, str] = {}
    for contribution in contributions:
        for pk, other_issuer, *paper, name, year in by_number[contribution.invoice_number.upper()]:
            if pk != contribution.pk and (other_issuer == issuer or tuple(paper) == _paper(contribution)):
                twins[_key(contribution)] = f"{name}, projectjaar {year}"
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


# ---------------------------------------------------------------- conditions on a whole ledger

NEVER = Q(pk__in=())
_INCOME = Q(kind=ContributionKind.ACTIVITY_INCOME)
_COORDINATION = Q(
    activity__executor=Executor.OWN, activity__is_individual_service=False, activity__is_under_other_article=False
)


def _rows(year: AwardYear) -> QuerySet[Contribution]:
    return Contribution.objects.filter(award_year=year.pk).order_by()


def _one_of(rows: QuerySet[Contribution]) -> Q:
    """One of these rows, as a set that the database makes once: asked row by row it costs as much as all the rest."""
    return Q(pk__in=rows.values("pk"))


def _memberships(year: AwardYear) -> QuerySet[Membership]:
    """The payer's membership of the network on the day of the invoice."""
    day = OuterRef("invoiced_on")
    return Membership.objects.filter(
        Q(left_on__isnull=True) | Q(left_on__gte=day),
        network=year.network_id,
        organisation=OuterRef("payer"),
        joined_on__lte=day,
    )


def _same_invoice(year: AwardYear) -> QuerySet[Contribution]:
    """Another standing contribution with the same invoice (see `_twins`)."""
    same_paper = Q(payer=OuterRef("payer"), invoiced_on=OuterRef("invoiced_on"), amount=OuterRef("amount"))
    return (
        Contribution.objects.exclude(state=ContributionState.REFUSED)
        .exclude(pk=OuterRef("pk"))
        .alias(number=Upper("invoice_number"))
        .filter(
            Q(award_year__network__beneficiary=year.network.beneficiary_id) | same_paper,
            number=Upper(OuterRef("invoice_number")),
        )
        .order_by()
    )


Check = Callable[[Contribution, Rules, Evidence], str | None]
Condition = Callable[[AwardYear], Q]


@dataclass(frozen=True, slots=True)
class Listed:
    """One check: its rule, whether it refuses, the condition under which it finds something, and what it then says."""

    rule_of: Callable[[Contribution], str]
    severity: Severity
    condition: Condition
    check: Check


CHECKS: list[Listed] = []


def _check(
    rule: str | Callable[[Contribution], str], condition: Condition, severity: Severity = Severity.ERROR
) -> Callable[[Check], Check]:
    """Add a check to the list under its rule; a check returns what is wrong and what to do, or None. Only errors refuse."""

    def add(check: Check) -> Check:
        CHECKS.append(Listed(rule if callable(rule) else lambda _: rule, severity, condition, check))
        return check

    return add


def broken(year: AwardYear, *severities: Severity) -> Q:
    """The condition under which a contribution of that year breaks a rule, of whatever severity unless some are named."""
    return reduce(or_, [one.condition(year) for one in CHECKS if not severities or one.severity in severities])


def with_findings(
    rows: QuerySet[Contribution], year: AwardYear, rules: Rules, *, states: Collection[str] | None = None
) -> list[tuple[Contribution, list[Finding]]]:
    """These contributions of one year, each with its findings; for a page of them, in three queries.

    Where `states` are given, one in another state is not looked at and has none.
    """
    has_activities = Exists(Activity.objects.filter(network=year.network_id))
    listed = list(rows.select_related("payer", "activity").annotate(has_activities=has_activities))
    looked_at = [row for row in listed if states is None or row.state in states]
    evidence = evidence_for(year, looked_at)
    found = {row.pk: findings(row, rules, evidence=evidence) for row in looked_at}
    return [(row, found.get(row.pk, [])) for row in listed]


def refused_by(rows: QuerySet[Contribution], year: AwardYear, rules: Rules) -> list[tuple[Contribution, list[Finding]]]:
    """Those of these contributions that cannot count, each with its findings: the claim check, whatever the number of lines."""
    found = with_findings(rows.filter(broken(year, Severity.ERROR)), year, rules)
    return [(row, findings_of_row) for row, findings_of_row in found if has_errors(findings_of_row)]


def findings(contribution: Contribution, rules: Rules, *, evidence: Evidence | None = None) -> list[Finding]:
    """Why this contribution does not count; empty when nothing stands in the way. One finding a rule."""
    if evidence is None:
        evidence = evidence_for(contribution.award_year, [contribution])
    where = f"Factuur {contribution.invoice_number}"
    found = []
    for one in CHECKS:
        problem = one.check(contribution, rules, evidence)
        if problem:
            found.append(Finding(one.rule_of(contribution), where, problem, one.severity))
    return found


@_check("COF-19", lambda _: ~Q(payer_kind=PayerKind.COMPANY) | Q(payer__kind__in=PAYER_KIND_OF))
def payer_is_no_excluded_kind(contribution: Contribution, _rules: Rules, _evidence: Evidence) -> str | None:
    """Research organisations, collective centres, federations, services of general interest and public actors never count."""
    kind = contribution.payer_kind
    if kind == PayerKind.COMPANY:
        kind = PAYER_KIND_OF.get(contribution.payer.kind, PayerKind.COMPANY)
    if kind == PayerKind.COMPANY:
        return None
    label = PayerKind(kind).label
    return f"De betaler is geen onderneming maar: {label[0].lower()}{label[1:]}. Zulke bijdragen tellen nooit mee als cofinanciering."


@_check("COF-02", lambda year: Q(payer=year.network.beneficiary_id) | Q(payer__enterprise_number=""))
def payer_pays_directly(contribution: Contribution, _rules: Rules, evidence: Evidence) -> str | None:
    """A company with its own number, not the cluster organisation to itself."""
    if contribution.payer_id == evidence.award_year.network.beneficiary_id:
        return "De betaler is de clusterorganisatie zelf. Alleen wat ondernemingen rechtstreeks bijdragen, telt mee."
    if not contribution.payer.enterprise_number:
        return "De betaler heeft geen ondernemingsnummer in het portaal. Vul het aan, zodat duidelijk is welke onderneming betaalt."
    return None


@_check(
    lambda contribution: "COF-21" if contribution.kind == ContributionKind.CASH_SPONSORING else "COF-03",
    lambda year: _one_of(_rows(year).filter(~Exists(_memberships(year)), kind__in=CASH)),
)
def cash_comes_from_a_member(contribution: Contribution, _rules: Rules, evidence: Evidence) -> str | None:
    """Fee and sponsoring count from members only; income from activities counts from any company (AMB-29)."""
    if contribution.kind not in CASH or evidence.membership(contribution.payer_id, contribution.invoiced_on):
        return None
    return (
        f"{contribution.payer} was op {contribution.invoiced_on:%d/%m/%Y} geen lid van het netwerk; cash telt alleen van leden. "
        "Schrijf het lid in met de juiste datum, of kies “inkomsten uit activiteiten” als het daarom ging."
    )


@_check("COF-09", lambda _: Q(refers_to_project=False) | Q(services__regex=r"^\s*$"))
def invoice_names_project_and_services(contribution: Contribution, _rules: Rules, _evidence: Evidence) -> str | None:
    """The cluster organisation invoices with a reference to the project and to what was received for it."""
    lacking = []
    if not contribution.refers_to_project:
        lacking.append("de verwijzing naar het clusterproject")
    if not contribution.services.strip():
        lacking.append("de ontvangen diensten")
    return f"Op de factuur ontbreekt: {' en '.join(lacking)}." if lacking else None


@_check("SUB-02", lambda _: Q(received_on__isnull=True) | Q(received_on__gt=clock.today()))
def money_was_received(contribution: Contribution, _rules: Rules, _evidence: Evidence) -> str | None:
    """Only collected co-financing counts."""
    if contribution.received_on is None:
        return "De betaling is nog niet ontvangen. Vul de datum in zodra het geld op de rekening staat."
    if contribution.received_on > clock.today():
        return f"De ontvangstdatum {contribution.received_on:%d/%m/%Y} ligt in de toekomst."
    return None


@_check("COF-12", lambda _: Q(proof__isnull=True))
def invoice_is_at_hand(contribution: Contribution, _rules: Rules, _evidence: Evidence) -> str | None:
    """Traceable: the invoice itself is in the portal."""
    return None if contribution.proof_id else "De factuur ontbreekt als bewijsstuk. Voeg ze toe als PDF."


@_check("COF-13", lambda _: Q(is_individual_service=True))
def no_individual_service(contribution: Contribution, _rules: Rules, _evidence: Evidence) -> str | None:
    """Advice or tests for one company are no cluster activity."""
    if contribution.is_individual_service:
        return "Dit is individuele dienstverlening (zoals advies of testen voor één onderneming); die inkomsten tellen niet mee."
    return None


@_check(
    "COF-10",
    lambda year: (
        _one_of(_rows(year).filter(~Exists(_memberships(year).filter(is_involved=True))))
        if year.network.is_broad_member_organisation
        else NEVER
    ),
)
def member_takes_part_in_the_project(contribution: Contribution, _rules: Rules, evidence: Evidence) -> str | None:
    """Of a broad member organisation only members that take part in the project count."""
    if not evidence.award_year.network.is_broad_member_organisation:
        return None
    membership = evidence.membership(contribution.payer_id, contribution.invoiced_on)
    if membership is None or not membership.is_involved:
        return f"De clusterorganisatie heeft een bredere werking en {contribution.payer} is niet rechtstreeks bij het project betrokken."
    return None


@_check("COF-20", lambda year: Q(invoiced_on__lt=year.starts_on) | Q(invoiced_on__gt=year.ends_on))
def invoice_is_of_this_year(contribution: Contribution, _rules: Rules, evidence: Evidence) -> str | None:
    """Co-financing is counted per project year, by the date of the invoice."""
    year = evidence.award_year
    if year.starts_on <= contribution.invoiced_on <= year.ends_on:
        return None
    return (
        f"De factuur is van {contribution.invoiced_on:%d/%m/%Y}; projectjaar {year.project_year} loopt van "
        f"{year.starts_on:%d/%m/%Y} tot en met {year.ends_on:%d/%m/%Y}. Voer ze in bij het juiste jaar."
    )


@_check("COF-12", lambda year: _one_of(_rows(year).filter(Exists(_same_invoice(year)))))
def invoice_stands_once(contribution: Contribution, _rules: Rules, evidence: Evidence) -> str | None:
    """One invoice counts once, in whatever year or network."""
    twin = evidence.twins.get(_key(contribution))
    return f"Dezelfde factuur staat ook bij {twin}. Een factuur telt één keer mee." if twin else None


@_check("COF-11", lambda _: _INCOME & Q(activity__isnull=False) & ~_COORDINATION)
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


@_check(
    "COF-11",
    lambda year: _INCOME & Q(activity__isnull=True) & Q(Exists(Activity.objects.filter(network=year.network_id))),
    Severity.WARNING,
)
def income_names_its_activity(contribution: Contribution, _rules: Rules, evidence: Evidence) -> str | None:
    """Income is what companies pay to take part in an activity: which one, where the network has a list of them?"""
    is_named = contribution.kind != ContributionKind.ACTIVITY_INCOME or contribution.activity_id is not None
    if is_named or not evidence.has_activities:
        return None
    return "Bij welke activiteit horen deze inkomsten? Kies ze uit de lijst van het netwerk."


@_check(
    "TGT-03", lambda _: ~Q(payer__postcode="") & ~Q(payer__postcode__regex=places.FLEMISH_PATTERN), Severity.WARNING
)
def payer_is_in_flanders(contribution: Contribution, _rules: Rules, _evidence: Evidence) -> str | None:
    """Networks are of companies in Flanders; a payer elsewhere is looked at, not refused."""
    postcode = contribution.payer.postcode
    if not postcode or places.is_flemish(postcode):
        return None
    return f"Het adres van {contribution.payer} ligt niet in Vlaanderen (postcode {postcode}). Kijk na of er een vestiging in Vlaanderen is."
