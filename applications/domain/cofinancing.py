"""The co-financing plan: who is planned to pay what, in which year and of which type (COF-15 ... COF-19, manual 4.2.4)."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from typing import Protocol

from django.db import transaction

from applications.domain import budget, lifecycle, words
from applications.models import Application, CofinancingPlanLine
from calls.enums import ContributionKind, PayerKind, PhaseNumber
from calls.ruleset import Rules
from ibnportal.core import enterprise_numbers
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


@dataclass(frozen=True, slots=True)
class YearSummary:
    """One project year of the plan. `accepted_income` is what counts next to the cash (COF-06)."""

    year: int
    cash: Decimal
    income: Decimal
    accepted_income: Decimal
    required: Decimal
    payers: int

    @property
    def planned(self) -> Decimal:
        """All that is planned."""
        return self.cash + self.income

    @property
    def counted(self) -> Decimal:
        """What counts as co-financing: the cash and the income within its share."""
        return self.cash + self.accepted_income

    @property
    def cash_fraction(self) -> Decimal:
        """The part of the planned co-financing that is cash; 0 when nothing is planned."""
        return (self.cash / self.planned).quantize(Decimal("0.01") * CENT) if self.planned else ZERO

    @property
    def income_fraction(self) -> Decimal:
        """The part that is income from activities."""
        return (self.income / self.planned).quantize(Decimal("0.01") * CENT) if self.planned else ZERO

    @property
    def gap(self) -> Decimal:
        """What is still missing to close the year."""
        return max(ZERO, self.required - self.planned)

    @property
    def is_closed(self) -> bool:
        """COF-16: what is planned in this year reaches the support asked for it, and there is something to close."""
        return self.required > ZERO and self.gap == ZERO


@dataclass(frozen=True, slots=True)
class Spread:
    """What one company pays over the years, and its part of the whole (COF-07, COF-08)."""

    company_name: str
    total: Decimal
    fraction: Decimal


@dataclass(frozen=True, slots=True)
class Summary:
    """The plan in figures."""

    years: tuple[YearSummary, ...]
    spread: tuple[Spread, ...]

    @property
    def planned(self) -> Decimal:
        """Over the whole project."""
        return sum((year.planned for year in self.years), ZERO)

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


def summarise(lines: Iterable[Planned], required: dict[int, Decimal], rules: Rules) -> Summary:
    """The plan in figures; `required` is the support asked for each year, empty while there is no budget."""
    lines = list(lines)
    years = []
    for year in range(1, rules.project_years + 1):
        of_year = [line for line in lines if line.project_year == year]
        cash = sum((line.amount for line in of_year if line.kind in CASH), ZERO)
        income = sum((line.amount for line in of_year if line.kind not in CASH), ZERO)
        years.append(
            YearSummary(
                year=year,
                cash=cash,
                income=income,
                accepted_income=accepted_income(cash, income, rules),
                required=required.get(year, ZERO),
                payers=len({_plain(line.company_name) for line in of_year}),
            )
        )
    totals: dict[str, tuple[str, Decimal]] = {}
    for line in lines:
        name, total = totals.get(_plain(line.company_name), (line.company_name, ZERO))
        totals[_plain(line.company_name)] = name, total + line.amount
    planned = sum((line.amount for line in lines), ZERO)
    spread = sorted(
        (Spread(name, total, (total / planned).quantize(Decimal("0.01") * CENT)) for name, total in totals.values()),
        key=lambda item: (-item.total, item.company_name),
    )
    return Summary(tuple(years), tuple(spread))


def summary(application: Application) -> Summary:
    """The plan of a draft as it stands now, against the support that its budget asks."""
    rules = application.call.rules()
    upload = budget.latest(application)
    required = budget.figures(upload.lines.all(), rules).year_grants if upload is not None else {}
    return summarise(application.cofinancing_lines.all(), required, rules)


def findings(plan: Summary, rules: Rules) -> list[Finding]:
    """What is not right with the plan: a year that does not close, too little cash (COF-05, COF-16)."""
    found = []
    for year in plan.years:
        where = f"Projectjaar {year.year}"
        if not year.is_closed:
            found.append(
                Finding(
                    "COF-16",
                    where,
                    f"Jaar {year.year} is niet sluitend: {format_euros(year.planned)} is gepland, {format_euros(year.required)} is nodig."
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
    return found


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
    at: dt.datetime | None = None,
) -> CofinancingPlanLine:
    """Plan a contribution; who can never co-finance is refused (COF-19)."""
    with transaction.atomic():
        fresh = _open(application, by=by)
        line = CofinancingPlanLine(application=fresh)
        _fill(
            line,
            project_year=project_year,
            company_name=company_name,
            kind=kind,
            amount=amount,
            enterprise_number=enterprise_number,
            payer_kind=payer_kind,
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
    at: dt.datetime | None = None,
) -> CofinancingPlanLine:
    """Correct a planned contribution, under the same rules."""
    with transaction.atomic():
        fresh = _open(line.application, by=by)
        before = _facts(line)
        _fill(
            line,
            project_year=project_year,
            company_name=company_name,
            kind=kind,
            amount=amount,
            enterprise_number=enterprise_number,
            payer_kind=payer_kind,
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
        fresh = _open(line.application, by=by)
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


def _open(application: Application, *, by: User) -> Application:
    fresh = lifecycle.open_draft(application, by=by)
    if fresh.phase != PhaseNumber.FULL_DOSSIER:
        raise DomainError("In de vooraanmelding wordt nog geen cofinancieringsplan gevraagd.", rule_id="P1-SUB-03")
    return fresh


def _fill(
    line: CofinancingPlanLine,
    *,
    project_year: int,
    company_name: str,
    kind: str,
    amount: Decimal,
    enterprise_number: str,
    payer_kind: str,
) -> None:
    refuse_excluded(payer_kind)
    rules = line.application.call.rules()
    if not 1 <= project_year <= rules.project_years:
        raise DomainError(f"Het project telt {rules.project_years} projectjaren; jaar {project_year} is er geen van.")
    name = words.clean(company_name)
    if not name:
        raise DomainError("Vul de naam van de onderneming in.", rule_id="COF-17")
    amount = euros(amount)
    if amount <= ZERO:
        raise DomainError("Een bijdrage is meer dan 0 euro. Wilt u ze schrappen, verwijder dan de lijn.")
    line.project_year, line.company_name, line.amount = project_year, name, amount
    line.kind, line.payer_kind = ContributionKind(kind), PayerKind(payer_kind)
    line.enterprise_number = enterprise_numbers.parse(enterprise_number) if enterprise_number.strip() else ""


def _facts(line: CofinancingPlanLine) -> dict[str, object]:
    return {
        "project_year": line.project_year,
        "company_name": line.company_name,
        "enterprise_number": line.enterprise_number,
        "kind": line.kind,
        "amount": line.amount,
    }


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())


def _percent(fraction: Decimal | None) -> str:
    return f"{(fraction or ZERO) * 100:.0f} %"
