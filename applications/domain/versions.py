"""What a next version of a submission changed, in words and figures (P2-COM-05, BUD-17). Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from applications.domain import budget, letters
from applications.domain.snapshot import Dossier, KpiItem, LetterItem, PlanItem
from applications.domain.team import MemberItem
from applications.domain.workplan import MilestoneItem, PackageItem
from applications.enums import Engagement
from calls.enums import ContributionKind, CostType
from calls.ruleset import Rules
from ibnportal.core.money import ZERO
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
    """Everything that differs between two versions: answers, annexes, letters, plans, team, indicators, and the sums of the budget."""
    changes = [*_answers(old, new), *_documents(old, new), *compare_letters(old, new, rules), *compare_plans(old, new)]
    changes += [*compare_work_plans(old, new), *compare_teams(old, new), *compare_kpis(old, new)]
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


def compare_letters(old: Dossier, new: Dossier, rules: Rules) -> list[Change]:
    """The letters that came, went or became another, and how many count; a company is known by its number, else its name."""
    before, after = ({_company(letter): letter for letter in dossier.letters} for dossier in (old, new))
    changes = [
        Change(
            f"Intentiebrief {(after.get(key) or before[key]).company_name}", *_texts(before.get(key), after.get(key))
        )
        for key in dict.fromkeys([*before, *after])
    ]
    found = [change for change in changes if change.is_changed]
    if found:
        counts = [letters.count(side.letters, needed=rules.min_letters(new.phase)).valid for side in (old, new)]
        found.append(Change("Geldige intentiebrieven", formats.number(counts[0]), formats.number(counts[1])))
    return found


def compare_plans(old: Dossier, new: Dossier) -> list[Change]:
    """Each amount of the co-financing plan that is another, what one project year comes to, and the scope that was declared."""
    before, after = _amounts(old), _amounts(new)
    names = {_payer(line): line.company_name for side in (old, new) for line in side.cofinancing}
    found = [
        Change(
            f"Cofinanciering {names[key]}, {ContributionKind(key[1]).label.lower()}, projectjaar {key[2]}",
            *_euros((before.get(key), after.get(key))),
        )
        for key in sorted({*before, *after}, key=lambda key: (names[key].casefold(), key))
        if before.get(key) != after.get(key)
    ]
    for year in sorted({key[2] for key in (*before, *after)}):
        sums = [sum((amount for key, amount in side.items() if key[2] == year), ZERO) for side in (before, after)]
        if sums[0] != sums[1]:
            found.append(Change(f"Cofinanciering samen, projectjaar {year}", *_euros(sums)))
    scope = Change(
        "Clusterorganisatie",
        _SCOPES[old.is_broad_member_organisation],
        _SCOPES[new.is_broad_member_organisation],
    )
    return [*found, scope] if scope.is_changed else found


def compare_work_plans(old: Dossier, new: Dossier) -> list[Change]:
    """The packages and milestones that came, went or became another, each known by its title."""
    packages, milestones = (
        [[(item.title, text(item)) for item in getattr(side, name)] for side in (old, new)]
        for name, text in (("packages", _package), ("milestones", _milestone))
    )
    return [*_lines("Werkpakket", *packages), *_lines("Mijlpaal", *milestones)]


def compare_teams(old: Dossier, new: Dossier) -> list[Change]:
    """Who came, went, or does something else."""
    return _lines("Teamlid", *([(item.name, _member(item)) for item in side.team] for side in (old, new)))


def compare_kpis(old: Dossier, new: Dossier) -> list[Change]:
    """The indicators that came, went or became another, each known by its name."""
    return _lines("Indicator", *([(item.label, _kpi(item)) for item in side.kpis] for side in (old, new)))


def _lines(what: str, old: Iterable[tuple[str, str]], new: Iterable[tuple[str, str]]) -> list[Change]:
    """What differs of named things; what has one name twice is told together."""
    before, after = _by_name(old), _by_name(new)
    names = dict.fromkeys([*before, *after])
    changes = [Change(f"{what} {name}", before.get(name, ""), after.get(name, "")) for name in names]
    return [change for change in changes if change.is_changed]


def _by_name(rows: Iterable[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, text in rows:
        found[name] = f"{found[name]} | {text}" if name in found else text
    return found


def _package(item: PackageItem) -> str:
    months = f"maand {item.start_month or '?'} tot {item.end_month or '?'}"
    effort = "" if item.person_months is None else f"{formats.number(item.person_months)} mensmaanden"
    return _joined(item.lead, months, effort, item.goal, item.activities, item.deliverables)


def _milestone(item: MilestoneItem) -> str:
    return _joined(f"maand {item.month}", item.package or "het hele project", item.result)


def _member(item: MemberItem) -> str:
    part = "" if item.fte is None else f"{formats.number(item.fte)} VTE"
    engagement = str(Engagement(item.engagement).label) if item.engagement else ""
    leads = "clustermanager" if item.is_cluster_manager else ""
    task = "als hoofdtaak" if item.is_main_task else ""
    return _joined(item.function, part, engagement, item.home_organisation, leads, task, item.experience)


def _kpi(item: KpiItem) -> str:
    figures = [
        f"{what} {formats.number(figure)}"
        for what, figure in (("bij de start", item.baseline), ("streefwaarde", item.target))
        if figure is not None
    ]
    return _joined(*figures, item.definition, item.method)


def _joined(*texts: str) -> str:
    return "; ".join(text for text in texts if text)


_SCOPES = {None: "niet verklaard", True: "ruimer dan het project", False: "enkel voor het project"}


def _company(letter: LetterItem) -> str:
    return letter.enterprise_number or letters.plain_name(letter.company_name)


def _texts(old: LetterItem | None, new: LetterItem | None) -> tuple[str, str]:
    return ("" if old is None else _letter(old), "" if new is None else _letter(new))


def _letter(letter: LetterItem) -> str:
    """One letter in a line; the file counts by its content, so that a new scan of the same letter shows."""
    place = " ".join(part for part in (letter.postcode, letter.municipality) if part)
    address = ", ".join(part for part in (letter.street, place) if part)
    ticks = (letter.declares_mandate, letter.declares_support, letter.declares_cofinancing)
    signed = f"getekend op {formats.moment(letter.signed_online.at)}" if letter.signed_online else ""
    if letter.file is not None and not signed:
        signed = f"ondertekende brief {letter.file.name} ({letter.file.sha256:.8})"
    parts = (
        letter.company_name, letter.contact_name, letter.contact_email, address, f"{sum(ticks)} van {len(ticks)} verklaringen",
        signed or "niet ondertekend", letter.role, letter.motivation,
        "" if letter.commitment_amount is None else f"engagement {formats.euro(letter.commitment_amount)}",
    )  # fmt: skip
    return _joined(*parts)


def _payer(line: PlanItem) -> tuple[str, str, int]:
    return (line.enterprise_number or letters.plain_name(line.company_name), line.kind, line.project_year)


def _amounts(dossier: Dossier) -> dict[tuple[str, str, int], Decimal]:
    sums: dict[tuple[str, str, int], Decimal] = {}
    for line in dossier.cofinancing:
        sums[_payer(line)] = sums.get(_payer(line), ZERO) + line.amount
    return sums


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
