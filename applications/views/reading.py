"""A frozen dossier as staff read it: what the template `applications/screening/_dossier.html` shows."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from applications.domain import budget, cofinancing, letters, snapshot
from applications.models import Submission
from calls.enums import ContributionKind, CostType, KpiKind, PayerKind
from ibnportal.core.money import ZERO


@dataclass(frozen=True, slots=True)
class BudgetTable:
    """The budget per cost type and project year, with its totals, and the bars drawn from it."""

    years: tuple[int, ...]
    rows: list[tuple[str, list[Decimal], Decimal]]
    totals: list[Decimal]
    total: Decimal
    grants: list[Decimal]
    requested_grant: Decimal
    fte: list[Decimal]
    mean_fte: Decimal
    bars: list[tuple[Any, ...]]
    series: str


def reading(submission: Submission) -> dict[str, Any]:
    """The template's context for one submission; its rules must have been selected with it, then it costs no query."""
    dossier, rules = snapshot.read(submission), submission.rules.frozen()
    table, required = None, {}
    if dossier.budget is not None:
        sums = budget.figures(dossier.budget.lines, rules)
        required = sums.year_grants
        table = BudgetTable(
            years=sums.years,
            rows=[
                (label, [sums.by_year_and_type[year, kind] for year in sums.years], sums.type_totals[kind])
                for kind, label in CostType.choices
            ],
            totals=[sums.year_totals[year] for year in sums.years],
            total=sums.total,
            grants=[sums.year_grants[year] for year in sums.years],
            requested_grant=sums.requested_grant,
            fte=[sums.year_fte[year] for year in sums.years],
            mean_fte=sums.mean_fte,
            bars=[
                (label, *(sums.by_year_and_type[year, kind] for year in sums.years)) for kind, label in CostType.choices
            ],
            series="|".join(f"Jaar {year}" for year in sums.years),
        )
    return {
        "dossier": dossier,
        "submission": submission,
        "tally": letters.count(
            dossier.letters, needed=rules.min_letters(dossier.phase), earlier=dossier.earlier_letters
        ),
        "committed": sum((letter.commitment_amount or ZERO for letter in dossier.letters), ZERO),
        "budget": table,
        "plan": cofinancing.summarise(
            dossier.cofinancing, required, rules, is_broad=bool(dossier.is_broad_member_organisation)
        )
        if dossier.cofinancing
        else None,
        "plan_lines": [
            (line, ContributionKind(line.kind).label, PayerKind(line.payer_kind).label) for line in dossier.cofinancing
        ],
        "kpis": [(item, KpiKind(item.kind).label) for item in dossier.kpis],
    }


def file_in(submission: Submission, file_id: int) -> snapshot.FileRef | None:
    """The file with that id as it was handed in; None when this submission does not hold it."""
    return next((ref for _, ref in snapshot.read(submission).files() if ref.id == file_id), None)
