"""The co-financing plan: who is planned to pay what, in which year and of which type (COF-01 ... COF-21, manual 4.2.4).

The whole plan is edited in `cofinancing_grid`, filled from letters in `cofinancing_promises`; its spread is in `cofinancing_spread`.
"""

import datetime as dt
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from typing import Protocol

from django.db import transaction

from applications.domain import budget, lifecycle, words
from applications.domain.cofinancing_spread import Distribution, distribution
from applications.enums import ItemPart
from applications.models import Application, CofinancingPlanLine, MoneyDeclaration
from calls.enums import ContributionKind, PayerKind, PhaseNumber
from calls.ruleset import Rules
from ibnportal.core import clock, enterprise_numbers
from ibnportal.core.accounts.models import User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError
from ibnportal.core.findings import Finding, Severity
from ibnportal.core.money import CENT, ZERO, euros, format_euros

CASH = frozenset({ContributionKind.CASH_FEE, ContributionKind.CASH_SPONSORING})


class Planned(Protocol):
    """A line of the plan: of a draft or of a snapshot."""

    @property
    def project_year(self) -> int:
        """1 for the first year."""

    @property
    def company_name(self) -> str:
        """Who pays."""

    @property
    def kind(self) -> str:
        """Fee, sponsoring or income from activities."""

    @property
    def amount(self) -> Decimal:
        """Euros, above 0."""

    @property
    def payer_kind(self) -> str:
        """Only a company's money counts (COF-19)."""

    @property
    def is_member(self) -> bool:
        """Whether it is or becomes a member of the cluster (COF-03, COF-21)."""

    @property
    def explanation(self) -> str:
        """The activity of an income, or how a member takes part in the project."""


@dataclass(frozen=True, slots=True)
class YearSummary:
    """One project year of the plan, in euro. `accepted_income` is what counts next to the cash (COF-06).

    Cash and income are of contributions that can count; `uncounted` is what is planned by payers whose money cannot.
    """

    year: int
    cash: Decimal
    income: Decimal
    accepted_income: Decimal
    required: Decimal
    payers: int
    uncounted: Decimal = ZERO
    distribution: Distribution | None = None

    @property
    def planned(self) -> Decimal:
        """All that is planned by payers whose money can count."""
        return self.cash + self.income

    @property
    def counted(self) -> Decimal:
        """What counts as co-financing: the cash and the income within its share."""
        return self.cash + self.accepted_income

    @property
    def cash_fraction(self) -> Decimal:
        """The part of the planned co-financing that is cash; 0 when nothing is planned."""
        return (self.cash / self.planned).quantize(CENT * CENT) if self.planned else ZERO

    @property
    def income_fraction(self) -> Decimal:
        """The part that is income from activities."""
        return (self.income / self.planned).quantize(CENT * CENT) if self.planned else ZERO

    @property
    def gap(self) -> Decimal:
        """What is still missing to close the year."""
        return max(ZERO, self.required - self.counted)

    @property
    def is_closed(self) -> bool:
        """COF-16: what counts in this year reaches the support asked for it (COF-01), and there is something to close."""
        return self.required > ZERO and self.gap == ZERO


@dataclass(frozen=True, slots=True)
class Spread:
    """What one company pays over the years, and its part of the whole (COF-07, COF-08)."""

    company_name: str
    total: Decimal
    fraction: Decimal


@dataclass(frozen=True, slots=True)
class Summary:
    """The plan in figures. `distribution` is over the whole project; `remarks` are about single lines."""

    years: tuple[YearSummary, ...]
    spread: tuple[Spread, ...]
    distribution: Distribution | None = None
    remarks: tuple[Finding, ...] = ()

    @property
    def planned(self) -> Decimal:
        """Over the whole project."""
        return sum((year.planned for year in self.years), ZERO)

    @property
    def counted(self) -> Decimal:
        """What counts over the whole project, the income within its share of each year."""
        return sum((year.counted for year in self.years), ZERO)

    @property
    def cash(self) -> Decimal:
        """The cash over the whole project."""
        return sum((year.cash for year in self.years), ZERO)

    @property
    def income(self) -> Decimal:
        """The income from activities over the whole project."""
        return sum((year.income for year in self.years), ZERO)

    @property
    def cash_fraction(self) -> Decimal:
        """The part of the whole plan that is cash (AMB-11: shown besides that of each year)."""
        return (self.cash / self.planned).quantize(CENT * CENT) if self.planned else ZERO

    @property
    def required(self) -> Decimal:
        """The support asked over the whole project."""
        return sum((year.required for year in self.years), ZERO)

    @property
    def is_closed(self) -> bool:
        """Whether every year is closed (COF-16)."""
        return bool(self.years) and all(year.is_closed for year in self.years)


def accepted_income(cash: Decimal, income: Decimal, rules: Rules) -> Decimal:
    """COF-06: income counts up to its share beside the cash, for 30 % that is 3/7 of it; never rounded up."""
    if rules.max_income_fraction is None or rules.min_cash_fraction is None:
        return income
    ceiling = (cash * rules.max_income_fraction / rules.min_cash_fraction).quantize(CENT, rounding=ROUND_DOWN)
    return min(income, ceiling)


def summarise(
    lines: Iterable[Planned], required: dict[int, Decimal], rules: Rules, *, is_broad: bool = False
) -> Summary:
    """The plan in figures; `required` is the support asked for each year (COF-01), empty while there is no budget.

    `is_broad`: the cluster organisation has members outside the project, whose money does not count (COF-10).
    """
    lines = list(lines)
    counting = [line for line in lines if why_not_counted(line, is_broad=is_broad) is None]
    years = []
    for year in range(1, rules.project_years + 1):
        of_year = [line for line in counting if line.project_year == year]
        cash = sum((line.amount for line in of_year if line.kind in CASH), ZERO)
        income = sum((line.amount for line in of_year if line.kind not in CASH), ZERO)
        payers = _by_payer(of_year)
        years.append(
            YearSummary(
                year=year,
                cash=cash,
                income=income,
                accepted_income=accepted_income(cash, income, rules),
                required=required.get(year, ZERO),
                payers=len(payers),
                uncounted=sum((line.amount for line in lines if line.project_year == year), ZERO) - cash - income,
                distribution=distribution(total for _, total in payers.values()),
            )
        )
    totals = _by_payer(counting)
    planned = sum((total for _, total in totals.values()), ZERO)
    spread = sorted(
        (Spread(name, total, (total / planned).quantize(CENT * CENT)) for name, total in totals.values()),
        key=lambda item: (-item.total, item.company_name),
    )
    return Summary(
        tuple(years),
        tuple(spread),
        distribution(total for _, total in totals.values()),
        tuple(_remarks(lines, is_broad=is_broad)),
    )


def _by_payer(lines: Iterable[Planned]) -> dict[str, tuple[str, Decimal]]:
    totals: dict[str, tuple[str, Decimal]] = {}
    for line in lines:
        name, total = totals.get(plain(line.company_name), (line.company_name, ZERO))
        totals[plain(line.company_name)] = name, total + line.amount
    return totals


def why_not_counted(line: Planned, *, is_broad: bool) -> Finding | None:
    """The rule by which a planned contribution would not count, or None.

    Excluded payers (COF-19) and cash of who is no member (COF-03, COF-21) are refused when they are typed; in what was handed in
    before a rule was known they may stand.
    """
    if line.payer_kind != PayerKind.COMPANY:
        label = PayerKind(line.payer_kind).label
        return Finding("COF-19", line.company_name, f"Het geld van dit soort betaler telt nooit mee: {label}.")
    if line.kind in CASH and not line.is_member:
        return Finding("COF-21", line.company_name, "Lidgeld en sponsoring tellen alleen mee van leden van de cluster.")
    if is_broad and line.kind in CASH and not line.explanation.strip():
        return Finding(
            "COF-10",
            line.company_name,
            "De clusterorganisatie heeft een bredere werking: alleen bijdragen van leden die rechtstreeks bij het project "
            "betrokken zijn tellen mee. Schrijf hoe dit lid betrokken is, of haal de bijdrage uit het plan.",
        )
    return None


def _remarks(lines: list[Planned], *, is_broad: bool) -> list[Finding]:
    """About single lines, each company once a rule."""
    found: dict[tuple[str, str], Finding] = {}
    for line in lines:
        finding = why_not_counted(line, is_broad=is_broad)
        if finding is None and line.kind not in CASH and not line.explanation.strip():
            finding = Finding(
                "COF-11",
                line.company_name,
                "Schrijf van welke activiteit van de cluster deze inkomsten komen. Inkomsten uit dienstverlening aan één onderneming tellen niet mee.",
                Severity.WARNING,
            )
        if finding is not None:
            found.setdefault((finding.rule_id, plain(line.company_name)), finding)
    return list(found.values())


def summary(application: Application) -> Summary:
    """The plan of a draft as it stands now, against the support that its budget asks."""
    rules = application.call.rules()
    upload = budget.latest(application)
    required = budget.figures(upload.lines.all(), rules).year_grants if upload is not None else {}
    return summarise(application.cofinancing_lines.all(), required, rules, is_broad=is_broad(application))


def findings(plan: Summary, rules: Rules) -> list[Finding]:
    """What is not right with the plan: a year that does not close, too little cash, one payer that carries it, lines that do not count."""
    found = []
    for year in plan.years:
        where = f"Projectjaar {year.year}"
        if not year.is_closed:
            found.append(
                Finding(
                    "COF-16",
                    where,
                    f"Jaar {year.year} is niet sluitend: {format_euros(year.counted)} telt mee, {format_euros(year.required)} is nodig. "
                    f"Er ontbreekt {format_euros(year.gap)}."
                    if year.required
                    else f"Voor jaar {year.year} is nog geen steun gevraagd: laad eerst de begroting op.",
                )
            )
        if year.accepted_income < year.income:
            found.append(
                Finding(
                    "COF-06",
                    where,
                    f"Van {format_euros(year.income)} inkomsten telt {format_euros(year.accepted_income)} mee: "
                    f"inkomsten mogen hoogstens {_percent(rules.max_income_fraction)} van de cofinanciering zijn.",
                    Severity.WARNING,
                )
            )
    spread = plan.distribution
    if spread is not None and spread.to_half == 1 and spread.payers > 1:
        found.append(
            Finding(
                "COF-07",
                plan.spread[0].company_name,
                f"Deze onderneming draagt {_percent(spread.largest_fraction)} van de cofinanciering. Gevraagd is een evenwichtige "
                "spreiding, met oog voor de draagkracht. Valt zij weg, dan valt het plan.",
                Severity.WARNING,
            )
        )
    return [*found, *plan.remarks]


def unplanned(promised: Iterable[tuple[str, Decimal]]) -> list[Finding]:
    """COF-17: commitments of companies belong in the plan as much as can be; these do not stand there."""
    names = [f"{name} ({format_euros(amount)})" for name, amount in promised]
    if not names:
        return []
    what = (
        "1 onderneming die een bedrag beloofde staat"
        if len(names) == 1
        else f"{len(names)} ondernemingen die een bedrag beloofden staan"
    )
    return [Finding("COF-17", "Intentiebrieven", f"{what} niet in het plan: {', '.join(names)}.", Severity.WARNING)]


# ---------------------------------------------------------------- verbs


def add_line(
    application: Application,
    *,
    project_year: int,
    company_name: str,
    kind: str,
    amount: Decimal,
    by: User,
    enterprise_number: str = "",
    payer_kind: str = PayerKind.COMPANY,
    is_member: bool = True,
    explanation: str = "",
    at: dt.datetime | None = None,
) -> CofinancingPlanLine:
    """Plan a contribution; who can never co-finance is refused (COF-19), and so is cash of who is no member (COF-21)."""
    with transaction.atomic():
        fresh = open_plan(application, by=by)
        line = CofinancingPlanLine(application=fresh)
        _fill(
            line,
            project_year=project_year,
            company_name=company_name,
            kind=kind,
            amount=amount,
            enterprise_number=enterprise_number,
            payer_kind=payer_kind,
            is_member=is_member,
            explanation=explanation,
        )
        line.save()
        trail.record("cofinancing.added", fresh, by=by, changes=_facts(line), at=at)
    return line


def change_line(
    line: CofinancingPlanLine,
    *,
    project_year: int,
    company_name: str,
    kind: str,
    amount: Decimal,
    by: User,
    enterprise_number: str = "",
    payer_kind: str = PayerKind.COMPANY,
    is_member: bool = True,
    explanation: str = "",
    seen: str | None = None,
    at: dt.datetime | None = None,
) -> CofinancingPlanLine:
    """Correct a planned contribution, under the same rules.

    `seen` is the `fingerprint` of what the person corrects; refused when somebody else changed the line since.
    """
    with transaction.atomic():
        fresh = open_plan(line.application, by=by)
        line = CofinancingPlanLine.objects.get(pk=line.pk)
        if seen is not None and seen != fingerprint(line):
            raise DomainError(
                f"Iemand anders paste deze bijdrage intussen aan: {line.company_name}, jaar {line.project_year}, {format_euros(line.amount)}. "
                "Kijk na wat u typte en bewaar opnieuw."
            )
        before = _facts(line)
        _fill(
            line,
            project_year=project_year,
            company_name=company_name,
            kind=kind,
            amount=amount,
            enterprise_number=enterprise_number,
            payer_kind=payer_kind,
            is_member=is_member,
            explanation=explanation,
        )
        line.save()
        after = _facts(line)
        changes = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
        if changes:
            trail.record("cofinancing.changed", fresh, by=by, changes=changes, at=at)
    return line


def remove_line(line: CofinancingPlanLine, *, by: User, at: dt.datetime | None = None) -> None:
    """Take a planned contribution out."""
    with transaction.atomic():
        fresh = open_plan(line.application, by=by)
        changes = _facts(line)
        line.delete()
        trail.record("cofinancing.removed", fresh, by=by, changes=changes, at=at)


def refuse_excluded(payer_kind: str) -> None:
    """COF-19: the five kinds of payers whose money never counts."""
    if payer_kind != PayerKind.COMPANY:
        label = PayerKind(payer_kind).label
        raise DomainError(
            f"Een bijdrage van dit soort betaler telt nooit mee: {label}. Alleen rechtstreekse bijdragen van ondernemingen "
            "zijn cofinanciering. Zet deze lijn niet in het plan.",
            rule_id="COF-19",
        )


def fingerprint(line: CofinancingPlanLine) -> str:
    """What a line says, short; to see whether somebody else changed it."""
    facts = "|".join(str(value) for value in _facts(line).values())
    return hashlib.sha256(facts.encode()).hexdigest()


def declare_broad(application: Application, *, is_broad: bool, by: User, at: dt.datetime | None = None) -> None:
    """Say whether the cluster organisation is a member organisation with a wider scope than the project (COF-10)."""
    at = at or clock.now()
    with transaction.atomic():
        fresh = open_plan(application, by=by)
        application.money_declaration, _ = MoneyDeclaration.objects.update_or_create(
            application=fresh,
            defaults={"is_broad_member_organisation": is_broad, "declared_at": at, "declared_by": by},
        )
        trail.record("cofinancing.broad_declared", fresh, by=by, changes={"is_broad": is_broad}, at=at)


def is_broad(application: Application) -> bool:
    """Whether it was declared to be one; not declared is no."""
    return MoneyDeclaration.objects.filter(application=application, is_broad_member_organisation=True).exists()


def open_plan(application: Application, *, by: User) -> Application:
    """The locked draft whose plan this person may change; to be called inside a transaction. Raises as `lifecycle.open_draft`."""
    fresh = lifecycle.open_draft(application, by=by, part=ItemPart.PLAN)
    if fresh.phase != PhaseNumber.FULL_DOSSIER:
        raise DomainError("In de vooraanmelding wordt nog geen cofinancieringsplan gevraagd.", rule_id="P1-SUB-03")
    return fresh


class Filled(Protocol):
    """What a line or a row of the grid must have to be looked at."""

    @property
    def company_name(self) -> str:
        """Who pays."""

    @property
    def kind(self) -> str:
        """Fee, sponsoring or income."""

    @property
    def payer_kind(self) -> str:
        """What sort of payer."""

    @property
    def is_member(self) -> bool:
        """Member of the cluster, or about to be."""


def refuse_line(line: Filled) -> None:
    """What can never stand in the plan: nobody's money (COF-17), an excluded payer's (COF-19), cash of who is no member (COF-21)."""
    if not line.company_name:
        raise DomainError("Vul de naam van de onderneming in.", rule_id="COF-17")
    refuse_excluded(line.payer_kind)
    if line.kind in CASH and not line.is_member:
        raise DomainError(
            "Lidgeld en sponsoring tellen alleen mee van leden van de cluster. Wordt deze onderneming lid, vink dat dan aan; "
            "anders kan zij alleen bijdragen door voor activiteiten te betalen.",
            rule_id="COF-21",
        )


def read_number(enterprise_number: str) -> str:
    """Ten digits, or nothing where nothing was typed; raises DomainError for a wrong number."""
    return enterprise_numbers.parse(enterprise_number) if enterprise_number.strip() else ""


def plain(name: str) -> str:
    """A name as it is compared: capitals and spaces make no other company."""
    return " ".join(name.casefold().split())


def _fill(
    line: CofinancingPlanLine,
    *,
    project_year: int,
    company_name: str,
    kind: str,
    amount: Decimal,
    enterprise_number: str,
    payer_kind: str,
    is_member: bool,
    explanation: str,
) -> None:
    rules = line.application.call.rules()
    if not 1 <= project_year <= rules.project_years:
        raise DomainError(f"Het project telt {rules.project_years} projectjaren; jaar {project_year} is er geen van.")
    line.company_name = " ".join(words.clean(company_name).split())
    line.kind, line.payer_kind = ContributionKind(kind), PayerKind(payer_kind)
    line.is_member, line.explanation = is_member, words.clean(explanation)
    refuse_line(line)
    amount = euros(amount)
    if amount <= ZERO:
        raise DomainError("Een bijdrage is meer dan 0 euro. Wilt u ze schrappen, verwijder dan de lijn.")
    line.project_year, line.amount = project_year, amount
    line.enterprise_number = read_number(enterprise_number)
    same_cell = CofinancingPlanLine.objects.filter(
        application_id=line.application_id,
        company_name__iexact=line.company_name,
        project_year=project_year,
        kind=line.kind,
    )
    if same_cell.exclude(pk=line.pk).exists():
        raise DomainError(
            f"{line.company_name} staat voor jaar {project_year} al in het plan met {line.kind.label.lower()}. Pas dat bedrag aan.",
            rule_id="COF-15",
        )


def _facts(line: CofinancingPlanLine) -> dict[str, object]:
    names = (
        "project_year", "company_name", "enterprise_number", "payer_kind", "kind", "amount", "is_member", "explanation",
    )  # fmt: skip
    return {name: getattr(line, name) for name in names}


def _percent(fraction: Decimal | None) -> str:
    return f"{(fraction or ZERO) * 100:.0f} %"
