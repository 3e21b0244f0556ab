"""Everything that a dossier lacks to be complete, each with the part in which it is mended (manual 5.2.2, 5.3.2).

The check list for submitting, the screening's evidence and the rail read the same gaps. A gap refuses nothing: a person decides.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from applications.domain import annexes, budget, conditions, kpis, team, workplan
from applications.domain.snapshot import Dossier
from applications.enums import DocumentKind
from calls.enums import PhaseNumber
from calls.ruleset import Rules
from ibnportal.core.findings import Finding, Severity


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing that is missing: under which rule, and in which part (`kind`, with `code` for a section of the template)."""

    kind: str
    message: str
    rule_id: str
    code: str = ""


def gaps(dossier: Dossier, rules: Rules) -> list[Gap]:
    """All gaps of the dossier's phase, in the order in which it is filled in. Pure."""
    found = [*_answers(dossier)]
    if dossier.phase == PhaseNumber.FULL_DOSSIER:
        found += [*_facts(dossier), *_figures(dossier)]
        sums = budgeted(dossier, rules)
        lacking = errors(work_plan_findings(dossier, rules, sums))
        found += [Gap("workplan", item.message, item.rule_id) for item in lacking]
        found += [Gap("team", item.message, item.rule_id) for item in errors(team_findings(dossier, rules, sums))]
    found += [Gap("conditions", item.message, item.rule_id) for item in condition_findings(dossier)]
    found += _annexes(dossier)
    return found


def errors(findings: list[Finding]) -> list[Finding]:
    """Those that stand in the way of being complete."""
    return [finding for finding in findings if finding.severity == Severity.ERROR]


def _answers(dossier: Dossier) -> Iterator[Gap]:
    """P1-SUB-04, P2-SUB-02: what is missing from or too long in the call's template."""
    rule_id = "P1-SUB-04" if dossier.phase == PhaseNumber.PRE_REGISTRATION else "P2-SUB-02"
    for section in dossier.sections:
        for answer in section.answers:
            if answer.is_missing:
                yield Gap("section", f"{section.title}: “{answer.label}” is niet beantwoord.", rule_id, section.code)
            elif answer.excess_words:
                message = (
                    f"{section.title}: “{answer.label}” telt {answer.words} woorden, {answer.excess_words} te veel "
                    f"(ten hoogste {answer.word_limit})."
                )
                yield Gap("section", message, rule_id, section.code)


def _facts(dossier: Dossier) -> Iterator[Gap]:
    """APL-04, APL-05: who carries out the project is known, and founded when it begins."""
    if dossier.beneficiary is not None:
        return
    if not (dossier.is_beneficiary_to_be_founded and dossier.beneficiary_name):
        yield Gap("facts", "De begunstigde clusterorganisatie is niet bekend.", "APL-05")
        return
    if dossier.founding_planned_on is None:
        yield Gap("facts", f"Wanneer {dossier.beneficiary_name} opgericht wordt, is niet ingevuld.", "APL-04")
    elif dossier.start_on is not None and dossier.founding_planned_on > dossier.start_on:
        message = (
            f"{dossier.beneficiary_name} wordt opgericht op {dossier.founding_planned_on:%d/%m/%Y}, na de start van het project op "
            f"{dossier.start_on:%d/%m/%Y}."
        )
        yield Gap("facts", message, "APL-04")


def _figures(dossier: Dossier) -> Iterator[Gap]:
    """DOC-06, DOC-07, KPI-12: the workbook, the plan and the targets are there."""
    if dossier.budget is None:
        yield Gap("budget", "De begroting op het rekenblad van de oproep ontbreekt.", "DOC-06")
    if not dossier.cofinancing:
        yield Gap("cofinancing", "Het cofinancieringsplan is leeg.", "DOC-07")
    yield from (Gap("kpis", item.message, item.rule_id) for item in errors(kpi_findings(dossier)))


def _annexes(dossier: Dossier) -> list[Gap]:
    """DOC-03, DOC-10, DOC-11, DOC-12: the annexes that this dossier must have."""
    rules = {
        DocumentKind.PITCH_DECK: "DOC-03",
        DocumentKind.SECONDMENT: "DOC-11",
        DocumentKind.SPC_AGREEMENT: "DOC-12",
    }
    return [
        Gap("documents", f"“{kind.label}” ontbreekt ({annexes.reason(kind)}).", rules.get(kind, "DOC-10"))
        for kind in annexes.required(dossier, dossier.phase)
        if dossier.document(kind) is None
    ]


# ---------------------------------------------------------------- by part


def budgeted(dossier: Dossier, rules: Rules) -> budget.Figures | None:
    """The figures of the budget, or None as long as there is none."""
    return None if dossier.budget is None else budget.figures(dossier.budget.lines, rules)


def work_plan_findings(dossier: Dossier, rules: Rules, sums: budget.Figures | None = None) -> list[Finding]:
    """What the work plan lacks, and where it differs from the budget; `sums` are its figures, for who has them already."""
    sums = sums or budgeted(dossier, rules)
    return workplan.findings(dossier.packages, dossier.milestones, rules, budgeted=sums.person_months if sums else None)


def team_findings(dossier: Dossier, rules: Rules, sums: budget.Figures | None = None) -> list[Finding]:
    """Who is missing from the team, and where it differs from the budget; `sums` as above."""
    sums = sums or budgeted(dossier, rules)
    return team.findings(dossier.team, rules, mean_fte=sums.mean_fte if sums else None)


def condition_findings(dossier: Dossier) -> list[Finding]:
    """Which conditions that apply are not declared or not explained."""
    return conditions.findings(dossier, dossier.phase, dossier.conditions)


def kpi_findings(dossier: Dossier) -> list[Finding]:
    """What the indicators still lack."""
    by_code = {item.call_code: item for item in dossier.kpis if item.call_code}
    mandatory = [(label, by_code.get(code)) for code, label in dossier.mandatory_kpis]
    return kpis.findings(mandatory, [item for item in dossier.kpis if not item.call_code])
