"""What a next version of a submission changed, in words and figures (P2-COM-05, BUD-17). Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from applications.domain import budget
from applications.domain.snapshot import Dossier
from calls.enums import CostType
from calls.ruleset import Rules
from ibnportal.core.ui import formats


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that became another, as text; `is_prose` where the words themselves are compared."""

    label: str
    old: str
    new: str
    is_prose: bool = False

    @property
    def is_changed(self) -> bool:
        """Whether it is not the same."""
        return self.old != self.new


def compare(old: Dossier, new: Dossier, rules: Rules) -> list[Change]:
    """Everything that differs between two versions: answers, annexes, and the sums of the budget."""
    changes = [*_answers(old, new), *_documents(old, new)]
    if new.budget is not None and (old.budget is None or old.budget.file.id != new.budget.file.id):
        before = old.budget.lines if old.budget is not None else ()
        changes += [change for change in compare_budgets(before, new.budget.lines, rules) if change.is_changed]
    return changes


def compare_budgets(old: Sequence[budget.Cost], new: Sequence[budget.Cost], rules: Rules) -> list[Change]:
    """Per cost type, per project year and in all: what the costs were and become; the support and the person-months too."""
    before, after = budget.figures(old, rules), budget.figures(new, rules)
    changes = [
        Change(str(label), *_euros((before.type_totals.get(kind), after.type_totals.get(kind))))
        for kind, label in CostType.choices
    ]
    changes += [
        Change(f"Projectjaar {year}", *_euros((before.year_totals.get(year), after.year_totals.get(year))))
        for year in after.years
    ]
    return [
        *changes,
        Change("Totale kosten", *_euros((before.total, after.total))),
        Change("Gevraagde steun", *_euros((before.requested_grant, after.requested_grant))),
        Change("Mensmaanden", formats.number(before.person_months), formats.number(after.person_months)),
    ]


def _euros(amounts: Iterable[Decimal | None]) -> tuple[str, str]:
    old, new = (formats.euro(amount) for amount in amounts)
    return old, new


def _answers(old: Dossier, new: Dossier) -> list[Change]:
    before = {(part.code, item.code): item.display for part in old.sections for item in part.answers}
    return [
        Change(f"{part.title}: {item.label}", before.get((part.code, item.code), ""), item.display, is_prose=True)
        for part in new.sections
        for item in part.answers
        if before.get((part.code, item.code), "") != item.display
    ]


def _documents(old: Dossier, new: Dossier) -> list[Change]:
    before = {item.kind: item.file for item in old.documents}
    return [
        Change(item.label, before[item.kind].name if item.kind in before else "", item.file.name)
        for item in new.documents
        if item.kind not in before or before[item.kind].id != item.file.id
    ]
