"""Whether a call's own figures agree with each other; shown in the admin, refused at publication.

One function a check, each yielding findings; an ERROR stands in the way of publishing.
"""

from collections.abc import Callable, Iterator
from decimal import Decimal

from calls.enums import PhaseNumber
from calls.models import Call, CallRules, Criterion, KnockoutRule
from calls.ruleset import Rules
from ibnportal.core.findings import Finding, Severity
from ibnportal.core.money import format_euros

WHOLE = Decimal(1)


def figures(rules: Rules) -> list[Finding]:
    """What is wrong between the figures of the rules themselves; pure."""
    return [finding for check in FIGURE_CHECKS for finding in check(rules)]


def examine(call: Call) -> list[Finding]:
    """Everything that is wrong with the call as it stands; empty when it can be published."""
    try:
        rules = call.rules()
    except CallRules.DoesNotExist:
        return [Finding("PRG-22", "Regels", "Deze oproep heeft nog geen regels. Voeg een versie toe met alle cijfers.")]
    return [*figures(rules), *(finding for check in CONTENT_CHECKS for finding in check(call, rules))]


def _budget_covers_the_awards(rules: Rules) -> Iterator[Finding]:
    if rules.max_awards is None or rules.max_grant_total is None or rules.budget_available is None:
        return
    needed = rules.max_awards * rules.max_grant_total
    if needed != rules.budget_available:
        yield Finding(
            "PRG-05",
            "Regels, beschikbaar budget",
            f"{rules.max_awards} initiatieven aan {format_euros(rules.max_grant_total, cents=False)} is "
            f"{format_euros(needed, cents=False)}, maar het budget is {format_euros(rules.budget_available, cents=False)}. "
            "Pas één van de drie cijfers aan.",
        )


def _years_add_up(rules: Rules) -> Iterator[Finding]:
    pairs = (
        ("PRG-12", "steun", rules.max_grant_year, rules.max_grant_total),
        ("PRG-10", "begroting", rules.max_budget_year, rules.max_budget_total),
    )
    for rule_id, what, year, total in pairs:
        if year is not None and total is not None and year * rules.project_years != total:
            yield Finding(
                rule_id,
                f"Regels, hoogste {what}",
                f"{rules.project_years} jaren aan {format_euros(year, cents=False)} is niet "
                f"{format_euros(total, cents=False)}. Pas het bedrag per jaar of het totaal aan.",
            )
    if rules.duration_months != rules.project_years * rules.months_per_year:
        yield Finding(
            "PRG-07",
            "Regels, duur",
            f"{rules.duration_months} maanden is niet gelijk aan {rules.project_years} projectjaren. Pas één van beide aan.",
        )


def _grant_is_its_share_of_the_budget(rules: Rules) -> Iterator[Finding]:
    pairs = ((rules.max_budget_year, rules.max_grant_year), (rules.max_budget_total, rules.max_grant_total))
    for budget, grant in pairs:
        if budget is not None and grant is not None and budget * rules.grant_fraction != grant:
            yield Finding(
                "PRG-13",
                "Regels, steunpercentage",
                f"{rules.grant_fraction:.0%} van {format_euros(budget, cents=False)} is niet {format_euros(grant, cents=False)}.",
            )


def _shares_make_a_whole(rules: Rules) -> Iterator[Finding]:
    if rules.grant_fraction + rules.cofinancing_fraction != WHOLE:
        yield Finding(
            "PRG-14", "Regels, cofinanciering", "Steun en cofinanciering zijn samen niet 100 %. Pas één van beide aan."
        )
    cash, income = rules.min_cash_fraction, rules.max_income_fraction
    if cash is not None and income is not None and cash + income != WHOLE:
        yield Finding("PRG-16", "Regels, cash en inkomsten", "Minimum cash en maximum inkomsten zijn samen niet 100 %.")


def _letters_grow(rules: Rules) -> Iterator[Finding]:
    first, second = rules.min_letters_phase1, rules.min_letters_phase2
    if first is not None and second is not None and first > second:
        yield Finding(
            "PRG-19", "Regels, intentiebrieven", "Fase 2 vraagt minder intentiebrieven dan fase 1.", Severity.WARNING
        )
    if second is not None and rules.min_companies is not None and second != rules.min_companies:
        yield Finding(
            "PRG-17",
            "Regels, intentiebrieven",
            f"{rules.min_companies} ondernemingen moeten de aanvrager mandateren, maar fase 2 vraagt {second} brieven.",
        )


def _calendar_runs_forward(call: Call, rules: Rules) -> Iterator[Finding]:
    windows = {phase.number: phase for phase in call.phases.all()}
    for number in PhaseNumber:
        window = windows.get(number)
        if window is None or window.opens_at is None or window.closes_at is None:
            yield Finding("PRG-06", f"Fase {number}", "Deze fase heeft nog geen begin en einde. Vul beide momenten in.")
    first, second = windows.get(PhaseNumber.PRE_REGISTRATION), windows.get(PhaseNumber.FULL_DOSSIER)
    if first and second and first.closes_at and second.opens_at and second.opens_at < first.closes_at:
        yield Finding("DAT-07", "Fase 2", "Fase 2 opent voor fase 1 gesloten is.")
    if second and second.closes_at and rules.latest_start_on and rules.latest_start_on <= second.closes_at.date():
        yield Finding("DAT-10", "Regels, uiterste start", "De uiterste start valt voor het einde van fase 2.")


def _scale_has_values(call: Call, _rules: Rules) -> Iterator[Finding]:
    if len(call.scale.all()) < 2:
        yield Finding("P2-CRI-21", "Schaal", "De schaal heeft minstens twee scores nodig, elk met een waarde.")


def _tree_can_be_scored(call: Call, _rules: Rules) -> Iterator[Finding]:
    dimensions = list(call.dimensions.all())
    leaves = list(Criterion.objects.filter(dimension__call=call).select_related("dimension"))
    if not leaves:
        yield Finding("P2-CRI-01", "Criteria", "Deze oproep heeft nog geen criteria.")
    filled = {leaf.dimension_id for leaf in leaves}
    for dimension in dimensions:
        if dimension.pk not in filled:
            yield Finding("P2-CRI-01", f"Dimensie {dimension}", "Deze dimensie heeft geen criteria.")
    weights = [(str(item), item.weight) for item in dimensions] + [(str(leaf), leaf.weight) for leaf in leaves]
    for item, weight in weights:
        if weight <= 0:
            yield Finding("P2-CRI-21", f"Gewicht van {item}", "Een gewicht is minstens 1; met 0 telt dit niet mee.")


def _knockouts_are_of_this_call(call: Call, _rules: Rules) -> Iterator[Finding]:
    strangers = KnockoutRule.objects.filter(call=call).select_related("dimension", "step")
    for rule in strangers:
        if rule.dimension.call_id != call.pk or rule.step.call_id != call.pk:
            yield Finding(
                "P2-CRI-21", f"Uitsluitingsregel {rule}", "De dimensie of de score hoort bij een andere oproep."
            )


def _mandatory_indicators_are_there(call: Call, _rules: Rules) -> Iterator[Finding]:
    if not any(kpi.is_mandatory for kpi in call.kpi_definitions.all()):
        yield Finding(
            "KPI-12",
            "Indicatoren",
            "Er is geen verplichte indicator; netwerken kunnen dan niets vergelijkbaars melden.",
        )


def _templates_have_questions(call: Call, _rules: Rules) -> Iterator[Finding]:
    phases = set(call.sections.filter(questions__isnull=False).values_list("phase", flat=True))
    for number in PhaseNumber:
        if number not in phases:
            yield Finding("P1-SUB-04", f"Sjabloon fase {number}", "Dit sjabloon heeft nog geen vragen.")


FIGURE_CHECKS: tuple[Callable[[Rules], Iterator[Finding]], ...] = (
    _budget_covers_the_awards,
    _years_add_up,
    _grant_is_its_share_of_the_budget,
    _shares_make_a_whole,
    _letters_grow,
)
CONTENT_CHECKS: tuple[Callable[[Call, Rules], Iterator[Finding]], ...] = (
    _calendar_runs_forward,
    _scale_has_values,
    _tree_can_be_scored,
    _knockouts_are_of_this_call,
    _mandatory_indicators_are_there,
    _templates_have_questions,
)
