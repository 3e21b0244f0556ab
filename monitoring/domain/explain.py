"""A payment explained and proven: computed again from what was stored with it (QA-09: rules version, inputs, evidence)."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from calls.ruleset import Rules
from ibnportal.core.money import ZERO
from monitoring.domain import payable
from monitoring.domain.reports import accepted_costs_of
from monitoring.enums import AmendmentKind
from monitoring.models import Agreement, AwardYear, Contribution, ReportPaper, Settlement, Tranche


def breaches_of_tranche(tranche: Tranche) -> Iterator[str]:
    """Where the tranche differs from its own derivation."""
    derivation, rules = tranche.derivation, tranche.rules.frozen()
    if "settlement" in derivation:
        settlement = getattr(tranche.award_year, "settlement", None)
        if settlement is None or settlement.pk != derivation["settlement"]:
            yield "its settlement is gone"
        elif tranche.amount != settlement.balance:
            yield f"amount {tranche.amount}, balance of the settlement {settlement.balance}"
        if settlement is not None:
            yield from breaches_of_settlement(settlement)
        return
    inputs = derivation["inputs"]
    again = payable.first_tranche(Decimal(inputs["awarded"]), _cofinancing(inputs, rules), rules)
    if again.amount != tranche.amount:
        yield f"amount {tranche.amount}, recomputed {again.amount}"
    if payable.as_json(again.lines) != derivation["lines"]:
        yield "its lines differ from the recomputed ones"
    yield from _evidence(derivation)
    yield from _award(tranche.award_year, Decimal(inputs["awarded"]))


def breaches_of_settlement(settlement: Settlement) -> Iterator[str]:
    """Where the settlement differs from its own derivation."""
    derivation, rules = settlement.derivation, settlement.rules.frozen()
    inputs = derivation["inputs"]
    again = payable.settlement(
        awarded=Decimal(inputs["awarded"]),
        accepted_costs=Decimal(inputs["accepted_costs"]),
        cofinancing=_cofinancing(inputs, rules),
        already_released=Decimal(inputs["already_released"]),
        rules=rules,
        reduction=Decimal(inputs["reduction"]),
    )
    stored = (settlement.payable, settlement.balance, settlement.forfeited, settlement.surplus_cofinancing)
    if stored != (again.payable, again.balance, again.forfeited, again.surplus):
        yield f"stored {stored}, recomputed {(again.payable, again.balance, again.forfeited, again.surplus)}"
    if payable.as_json(again.lines) != derivation["lines"]:
        yield "its lines differ from the recomputed ones"
    yield from _evidence(derivation)
    yield from _award(settlement.award_year, Decimal(inputs["awarded"]))
    yield from _report(settlement)


def _award(year: AwardYear, awarded: Decimal) -> Iterator[str]:
    """The award it was computed with is the decision's of that year, or an amendment's."""
    agreement = Agreement.objects.filter(network=year.network_id).select_related("decision").first()
    if agreement is None:
        return
    named = {row.amount for row in agreement.decision.years.filter(project_year=year.project_year)}
    for amendment in agreement.amendments.filter(kind=AmendmentKind.AMOUNTS):
        if amount := amendment.new.get(f"Jaar {year.project_year}"):
            named.add(Decimal(amount))
    if awarded not in named:
        yield f"computed with an award of {awarded}; decision and amendments say {sorted(named)}"


def _report(settlement: Settlement) -> Iterator[str]:
    """The costs it counts are those that were accepted of the approved report, also on the report's frozen paper."""
    year = settlement.award_year
    if year.network.is_reconstructed:
        return
    accepted = accepted_costs_of(year)
    if settlement.accepted_costs != accepted:
        yield f"counts {settlement.accepted_costs} costs, the approved report says {accepted}"
    paper = ReportPaper.objects.filter(report__award_year=year).first()
    if paper is not None and Decimal(paper.content["review"]["total"]) != settlement.accepted_costs:
        yield f"counts {settlement.accepted_costs} costs, the report on paper says {paper.content['review']['total']}"


def _cofinancing(inputs: Mapping[str, str], rules: Rules) -> payable.Cofinancing:
    return payable.accepted_cofinancing(
        cash=Decimal(inputs["cash"]), income=Decimal(inputs["income"]), rules=rules, carried=Decimal(inputs["carried"])
    )


def _evidence(derivation: Mapping[str, Any]) -> Iterator[str]:
    """The contributions named are there with these amounts, and add up to the inputs."""
    named = derivation["contributions"]
    amounts = dict(Contribution.objects.filter(pk__in=[row["id"] for row in named]).values_list("pk", "amount"))
    cash = income = ZERO
    for row in named:
        amount = Decimal(row["amount"])
        if amounts.get(row["id"]) != amount:
            yield f"contribution {row['id']} was {amount}, is {amounts.get(row['id'])}"
        if row["is_cash"]:
            cash += amount
        else:
            income += amount
    inputs = derivation["inputs"]
    if (cash, income) != (Decimal(inputs["cash"]), Decimal(inputs["income"])):
        yield f"its contributions are {cash} cash and {income} income, its inputs say {inputs['cash']} and {inputs['income']}"
