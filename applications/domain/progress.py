"""How far a draft is: each part of the dossier with its state for the rail, and the stages of the whole way. Pure."""

from dataclasses import dataclass
from typing import Literal

from applications.domain import annexes, budget, cofinancing, completeness, letters
from applications.domain.snapshot import Dossier, LetterItem, SectionItem
from applications.enums import ApplicationState
from calls.enums import PhaseNumber
from calls.ruleset import Rules
from ibnportal.core.findings import Finding, has_errors

PartState = Literal["done", "missing", "error", "empty"]


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the dossier: `kind` is facts, section, conditions, letters, documents, workplan, team, budget, cofinancing or kpis."""

    kind: str
    code: str
    label: str
    state: PartState
    note: str


@dataclass(frozen=True, slots=True)
class Reckoned:
    """What several parts and their pages are judged by, reckoned once: the figures of the budget and the count of the letters."""

    sums: budget.Figures | None
    tally: letters.Tally[LetterItem]


def reckon(dossier: Dossier, rules: Rules) -> Reckoned:
    """The figures of the budget, None without one, and the count of this phase's letters."""
    needed = rules.min_letters(dossier.phase)
    return Reckoned(
        completeness.budgeted(dossier, rules),
        letters.count(dossier.letters, needed=needed, earlier=dossier.earlier_letters),
    )


def parts(dossier: Dossier, rules: Rules, reckoned: Reckoned | None = None) -> list[Part]:
    """Every part of the dossier's phase in the order in which it is filled in."""
    known = reckoned or reckon(dossier, rules)
    found = [_facts(dossier, rules), *(section(item) for item in dossier.sections)]
    found += [_conditions(dossier), _letters(known.tally), _documents(dossier)]
    if dossier.phase == PhaseNumber.FULL_DOSSIER:
        found += [_work_plan(dossier, rules, known.sums), _team(dossier, rules, known.sums)]
        found += [_budget(dossier), _cofinancing(dossier, rules, known.sums), _kpis(dossier)]
    return found


def plan_of(dossier: Dossier, rules: Rules, sums: budget.Figures | None = None) -> cofinancing.Summary:
    """The co-financing plan of a dossier against the support that its budget asks; `sums` are its figures, for who has them."""
    sums = sums or completeness.budgeted(dossier, rules)
    required = sums.year_grants if sums is not None else {}
    return cofinancing.summarise(
        dossier.cofinancing, required, rules, is_broad=bool(dossier.is_broad_member_organisation)
    )


def _facts(dossier: Dossier, rules: Rules) -> Part:
    if dossier.phase == PhaseNumber.PRE_REGISTRATION:
        return Part("facts", "", "Gegevens", "done", "Titel ingevuld")
    missing = []
    if dossier.beneficiary is None and not (dossier.is_beneficiary_to_be_founded and dossier.beneficiary_name):
        missing.append("begunstigde")
    elif dossier.beneficiary is None and dossier.founding_planned_on is None:
        missing.append("voorziene oprichting")
    if dossier.start_on is None:
        missing.append("startdatum")
    if dossier.founding_planned_on and dossier.start_on and dossier.founding_planned_on > dossier.start_on:
        return Part("facts", "", "Gegevens", "error", "Oprichting na de start")
    if dossier.start_on and rules.latest_start_on and dossier.start_on > rules.latest_start_on:
        return Part("facts", "", "Gegevens", "error", "Startdatum is te laat")
    if dossier.duration_months != rules.duration_months:
        return Part("facts", "", "Gegevens", "error", f"Duur is niet {rules.duration_months} maanden")
    if missing:
        return Part("facts", "", "Gegevens", "missing", f"Ontbreekt: {', '.join(missing)}")
    return Part("facts", "", "Gegevens", "done", "")


def section(item: SectionItem) -> Part:
    """One section of the questionnaire."""
    filled = sum(bool(answer.value) for answer in item.answers)
    missing = sum(answer.is_missing for answer in item.answers)
    long = sum(bool(answer.excess_words) for answer in item.answers)
    state: PartState = "done"
    note = ""
    if long:
        state, note = "error", f"{long} te lang" if long > 1 else "1 antwoord te lang"
    elif not filled and item.answers:
        state = "empty"
    elif missing:
        state, note = "missing", f"Nog {missing} {'vraag' if missing == 1 else 'vragen'}"
    return Part("section", item.code, item.title, state, note)


def _conditions(dossier: Dossier) -> Part:
    label = "Omstandigheden"
    if not dossier.conditions:
        return Part("conditions", "", label, "done", "Geen bijzondere")
    missing = len(completeness.condition_findings(dossier))
    if not missing:
        return Part("conditions", "", label, "done", "")
    stated = any(item.is_declared or item.explanation for item in dossier.conditions)
    return Part("conditions", "", label, "missing" if stated else "empty", f"Nog {missing} te verklaren")


def _work_plan(dossier: Dossier, rules: Rules, sums: budget.Figures | None) -> Part:
    if not dossier.packages:
        return Part("workplan", "", "Werkplan", "empty", "")
    found = completeness.errors(completeness.work_plan_findings(dossier, rules, sums))
    return Part(
        "workplan", "", "Werkplan", "missing" if found else "done", f"Nog {len(found)} aan te vullen" if found else ""
    )


def _team(dossier: Dossier, rules: Rules, sums: budget.Figures | None) -> Part:
    if not dossier.team:
        return Part("team", "", "Team", "empty", "")
    found = completeness.errors(completeness.team_findings(dossier, rules, sums))
    return Part("team", "", "Team", "missing" if found else "done", f"Nog {len(found)} aan te vullen" if found else "")


def _letters(tally: letters.Tally[LetterItem]) -> Part:
    state: PartState = "empty" if not tally.judged else "done" if tally.is_enough else "missing"
    return Part("letters", "", "Intentiebrieven", state, f"{tally.valid} van {tally.needed} geldig")


def _documents(dossier: Dossier) -> Part:
    asked = annexes.required(dossier, dossier.phase)
    there = sum(dossier.document(kind) is not None for kind in asked)
    state: PartState = "done" if there == len(asked) else "missing" if there else "empty"
    return Part("documents", "", "Bijlagen", state, f"{there} van {len(asked)}" if asked else "Geen gevraagd")


def _budget(dossier: Dossier) -> Part:
    if dossier.budget is None:
        return Part("budget", "", "Begroting", "empty", "")
    return Part("budget", "", "Begroting", "done", f"Versie {dossier.budget.version}")


def _cofinancing(dossier: Dossier, rules: Rules, sums: budget.Figures | None) -> Part:
    if not dossier.cofinancing:
        return Part("cofinancing", "", "Cofinanciering", "empty", "")
    plan = plan_of(dossier, rules, sums)
    if plan.is_closed:
        return Part("cofinancing", "", "Cofinanciering", "done", "Sluitend")
    still_open = sum(not year.is_closed for year in plan.years)
    return Part(
        "cofinancing", "", "Cofinanciering", "missing", f"{still_open} van {len(plan.years)} jaren niet sluitend"
    )


def _kpis(dossier: Dossier) -> Part:
    found = kpi_findings(dossier)
    if not any(item.target is not None for item in dossier.kpis):
        return Part("kpis", "", "Indicatoren", "empty", "")
    if has_errors(found):
        return Part("kpis", "", "Indicatoren", "missing", "Verplichte streefwaarde ontbreekt")
    return Part("kpis", "", "Indicatoren", "missing" if found else "done", "Nog aan te vullen" if found else "")


def kpi_findings(dossier: Dossier) -> list[Finding]:
    """What the indicators of a dossier still lack."""
    return completeness.kpi_findings(dossier)


# ---------------------------------------------------------------- the whole way

S = ApplicationState
STAGES: tuple[tuple[str, frozenset[str]], ...] = (
    ("Vooraanmelding", frozenset({S.P1_DRAFT})),
    (
        "Ontvankelijkheid",
        frozenset(
            {
                S.P1_SUBMITTED,
                S.P1_SUPPLEMENT_ASKED,
                S.P1_SUPPLEMENT_ANSWERED,
                S.P1_SUPPLEMENT_EXPIRED,
                S.P1_INADMISSIBLE,
            }
        ),
    ),
    ("Pitch en advies", frozenset({S.P1_ADMISSIBLE, S.P1_PITCHED, S.P1_ADVISED, S.NOT_PRESELECTED})),
    ("Volledige aanvraag", frozenset({S.PRESELECTED, S.MERGE_ADVISED, S.P2_DRAFT, S.MERGED, S.NOT_SUBMITTED})),
    (
        "Ontvankelijk en volledig",
        frozenset(
            {
                S.P2_SUBMITTED,
                S.P2_SUPPLEMENT_ASKED,
                S.P2_SUPPLEMENT_ANSWERED,
                S.P2_SUPPLEMENT_EXPIRED,
                S.P2_INADMISSIBLE,
            }
        ),
    ),
    ("Beoordeling", frozenset({S.P2_ADMISSIBLE, S.P2_EVALUATION, S.P2_ADVISED})),
    ("Beslissing", frozenset({S.AWARDED, S.REJECTED, S.REVIEW_REQUESTED, S.REVIEW_UPHELD})),
)


def stages(state: str) -> list[dict[str, str]]:
    """The stages with where this initiative stands; a withdrawn one stands nowhere any more."""
    current = next((index for index, (_, within) in enumerate(STAGES) if state in within), None)
    shown = []
    for index, (label, _) in enumerate(STAGES):
        where = "later"
        if current is not None and index <= current:
            where = "now" if index == current else "done"
        shown.append({"label": label, "state": where})
    if state in {S.AWARDED, S.REVIEW_UPHELD}:
        shown[-1]["state"] = "done"
    return shown
