"""What a network may be paid over a project year, and how each figure came about (SUB-01 ... 04, COF-01 ... 06, PAY-01 ... 08).

Pure functions of `calls.ruleset.Rules` and amounts. Every amount is a Decimal in euros. A ceiling is rounded down to
the cent, so that no rounding ever lifts a payment above its limit; a threshold is compared before any rounding. A
figure that a call does not set is a rule that does not apply. Every result carries its derivation, line by line.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

from calls.enums import FirstTrancheBasis
from calls.ruleset import Rules
from ibnportal.core.errors import DomainError
from ibnportal.core.money import CENT, ZERO


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a derivation: what it is, the rule it follows, the amount in euros."""

    label: str
    rule_id: str
    amount: Decimal

    def as_dict(self) -> dict[str, str]:
        """As JSON, the amount as text so that no cent is lost."""
        return {"label": self.label, "rule_id": self.rule_id, "amount": str(self.amount)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Line":
        """The line that `as_dict` wrote."""
        return cls(data["label"], data["rule_id"], Decimal(data["amount"]))


@dataclass(frozen=True, slots=True)
class Cofinancing:
    """The contributions of one project year and what of them counts.

    `cash` and `income` are the accepted contributions as they came in; `counted_income` is the income within its
    share; `carried` is last year's surplus where the call lets it pass. `total` is what counts: F in the manual's sums.
    """

    cash: Decimal
    income: Decimal
    counted_income: Decimal
    carried: Decimal

    @property
    def total(self) -> Decimal:
        """Accepted co-financing, F."""
        return self.cash + self.counted_income + self.carried

    @property
    def lost_income(self) -> Decimal:
        """Income above its share, which does not count."""
        return self.income - self.counted_income

    def lines(self) -> list[Line]:
        """How F came about."""
        lines = [
            Line("Aanvaarde cash van leden", "COF-03", self.cash),
            Line("Aanvaarde inkomsten uit activiteiten", "COF-04", self.income),
            Line("Inkomsten die meetellen, begrensd door de cash", "COF-06", self.counted_income),
        ]
        if self.carried:
            lines.append(Line("Overschot van het vorige projectjaar", "COF-20", self.carried))
        return [*lines, Line("Aanvaarde cofinanciering", "COF-02", self.total)]


@dataclass(frozen=True, slots=True)
class Derived:
    """An amount with its derivation; the last line is the amount itself."""

    amount: Decimal
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class SettlementFigures:
    """The settlement of one project year (PAY-05): `balance` = `payable` − `already_released`.

    A positive balance is the second tranche, a negative one a recovery, never a negative payment. `forfeited` is what
    of the award is lost (PAY-06, PAY-07); `surplus` is co-financing above what the year required.
    """

    payable: Decimal
    already_released: Decimal
    balance: Decimal
    forfeited: Decimal
    surplus: Decimal
    reduction: Decimal
    lines: tuple[Line, ...]

    @property
    def second_tranche(self) -> Decimal:
        """What is still to be paid; 0 when there is nothing."""
        return max(self.balance, ZERO)

    @property
    def recovery(self) -> Decimal:
        """What the network must pay back; 0 when there is nothing."""
        return max(-self.balance, ZERO)


def required_cofinancing(awarded: Decimal) -> Decimal:
    """The co-financing that a year requires, in euros: as much as the support awarded for it (COF-01, SUB-03)."""
    return _not_negative(awarded)


def accepted_income(income: Decimal, cash: Decimal, rules: Rules) -> Decimal:
    """The part of the income that counts beside this cash, in euros (COF-05, COF-06, AMB-11).

    At most cash × income share / cash share, so that cash keeps its share of all that counts; income without cash
    counts for nothing. A call without a split lets all income count.
    """
    _not_negative(income)
    _not_negative(cash)
    ceiling = income_ceiling(cash, rules)
    return income if ceiling is None else min(income, ceiling)


def income_ceiling(cash: Decimal, rules: Rules) -> Decimal | None:
    """The most income that counts beside this cash, in euros, rounded down; None where the call sets no split."""
    if not rules.min_cash_fraction:
        return None
    share = rules.max_income_fraction
    if share is None:
        share = 1 - rules.min_cash_fraction
    return _down(cash * share / rules.min_cash_fraction)


def accepted_cofinancing(*, cash: Decimal, income: Decimal, rules: Rules, carried: Decimal = ZERO) -> Cofinancing:
    """What of a year's accepted contributions counts, in euros (COF-01 ... 06).

    `carried` is last year's surplus; a call that lets no surplus pass ignores it (COF-20, AMB-12).
    """
    passes = _not_negative(carried) if rules.cofinancing_carries_over else ZERO
    return Cofinancing(
        cash=_not_negative(cash),
        income=_not_negative(income),
        counted_income=accepted_income(income, cash, rules),
        carried=passes,
    )


def threshold(awarded: Decimal, rules: Rules) -> Decimal | None:
    """The co-financing from which the first tranche may go, in euros and up to the cent; None where there is none (PAY-02)."""
    if rules.first_tranche_threshold_fraction is None:
        return None
    exact = required_cofinancing(awarded) * rules.first_tranche_threshold_fraction
    return exact.quantize(CENT, rounding=ROUND_CEILING)


def is_threshold_met(cofinancing: Decimal, awarded: Decimal, rules: Rules) -> bool:
    """Whether this accepted co-financing opens the first tranche (PAY-02, PAY-08); exactly the threshold does."""
    fraction = rules.first_tranche_threshold_fraction
    return fraction is None or cofinancing >= required_cofinancing(awarded) * fraction


def first_tranche_amount(awarded: Decimal, cofinancing: Decimal, rules: Rules) -> Decimal:
    """The first tranche in euros; 0 as long as the threshold is not met (PAY-02, PAY-04, AMB-20).

    By default the accepted co-financing of that moment, at most the threshold's share of the award; a call may fix it
    at that share. Never more than the accepted co-financing: a euro for a euro (SUB-03).
    """
    if not is_threshold_met(cofinancing, awarded, rules):
        return ZERO
    return min(first_tranche_ceiling(awarded, rules), _not_negative(cofinancing))


def first_tranche_ceiling(awarded: Decimal, rules: Rules) -> Decimal:
    """The most that a first tranche can be, in euros: the threshold's share of the award, or all of it without one."""
    if rules.first_tranche_threshold_fraction is None:
        return _not_negative(awarded)
    return _down(awarded * rules.first_tranche_threshold_fraction)


def first_tranche(awarded: Decimal, cofinancing: Cofinancing, rules: Rules) -> Derived:
    """The first tranche with its whole derivation."""
    amount = first_tranche_amount(awarded, cofinancing.total, rules)
    lines = [
        Line("Toegekende steun van het projectjaar", "PRG-11", awarded),
        Line("Vereiste cofinanciering", "COF-01", required_cofinancing(awarded)),
        *cofinancing.lines(),
    ]
    level = threshold(awarded, rules)
    if level is not None:
        lines.append(Line("Drempel voor de eerste schijf", "PAY-02", level))
    fixed = rules.first_tranche_basis == FirstTrancheBasis.FIXED_SHARE
    label = "Vast deel van de toegekende steun" if fixed else "Hoogste bedrag van de eerste schijf"
    lines.append(Line(label, "PAY-04", first_tranche_ceiling(awarded, rules)))
    lines.append(Line("Eerste schijf", "PAY-01", amount))
    return Derived(amount, tuple(lines))


def supported_costs(accepted_costs: Decimal, rules: Rules) -> Decimal:
    """The support that the accepted costs justify, in euros, rounded down (SUB-01)."""
    return _down(_not_negative(accepted_costs) * rules.grant_fraction)


def payable_for_year(
    awarded: Decimal, accepted_costs: Decimal, cofinancing: Decimal, rules: Rules, *, reduction: Decimal = ZERO
) -> Decimal:
    """What is due over a year, in euros: the least of award, share of the costs and co-financing (SUB-04, AMB-10).

    `reduction` is a person's motivated deduction for progress (SUB-02); the result is never below 0. Raises
    DomainError for a negative reduction, which would be a raise.
    """
    if reduction < ZERO:
        raise DomainError(
            "Een vermindering kan niet negatief zijn. Vul 0 in als er geen vermindering is.", rule_id="SUB-02"
        )
    due = min(_not_negative(awarded), supported_costs(accepted_costs, rules), _not_negative(cofinancing))
    return max(due - reduction, ZERO)


def settlement(
    *,
    awarded: Decimal,
    accepted_costs: Decimal,
    cofinancing: Cofinancing,
    already_released: Decimal,
    rules: Rules,
    reduction: Decimal = ZERO,
) -> SettlementFigures:
    """The settlement of a project year with its derivation (PAY-03, PAY-05 ... PAY-07). Amounts in euros."""
    payable = payable_for_year(awarded, accepted_costs, cofinancing.total, rules, reduction=reduction)
    balance = payable - _not_negative(already_released)
    forfeited = awarded - payable
    surplus = max(cofinancing.total - required_cofinancing(awarded), ZERO)
    lines = [
        Line("Toegekende steun van het projectjaar", "PRG-11", awarded),
        Line("Aanvaarde kosten", "SUB-01", accepted_costs),
        Line("Steun volgens de aanvaarde kosten", "SUB-01", supported_costs(accepted_costs, rules)),
        *cofinancing.lines(),
        Line(
            "Laagste van toekenning, kosten en cofinanciering",
            "SUB-04",
            payable_for_year(awarded, accepted_costs, cofinancing.total, rules),
        ),
    ]
    if reduction:
        lines.append(Line("Vermindering wegens voortgang", "SUB-02", -reduction))
    lines += [
        Line("Verschuldigd over het projectjaar", "SUB-04", payable),
        Line("Al vrijgegeven in de eerste schijf", "PAY-01", -already_released),
        Line(
            "Tweede schijf" if balance >= ZERO else "Terug te vorderen",
            "PAY-03" if balance >= ZERO else "PAY-05",
            abs(balance),
        ),
        Line("Verloren saldo van de toekenning", "PAY-07", forfeited),
        Line("Overschot aan cofinanciering", "COF-20", surplus),
    ]
    return SettlementFigures(
        payable=payable,
        already_released=already_released,
        balance=balance,
        forfeited=forfeited,
        surplus=surplus,
        reduction=reduction,
        lines=tuple(lines),
    )


def as_json(lines: Sequence[Line]) -> list[dict[str, str]]:
    """A derivation as it is stored with a payment."""
    return [line.as_dict() for line in lines]


def _down(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, rounding=ROUND_FLOOR)


def _not_negative(amount: Decimal) -> Decimal:
    """The amount; a negative one is a fault of the caller, not of a user. Raises ValueError."""
    if amount < ZERO:
        raise ValueError(f"{amount} is negative")
    return amount
