"""The work plan of a full dossier: packages and milestones, and what they lack (DOC-08, P2-SUB-01, DUR-06; manual 5.3.1)."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction

from applications.domain import lifecycle, words
from applications.domain.stale import refuse_stale
from applications.enums import ItemPart
from applications.models import Application, Milestone, WorkPackage
from calls.enums import PhaseNumber
from calls.ruleset import Rules
from ibnportal.core.accounts.models import User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError
from ibnportal.core.findings import Finding, Severity
from ibnportal.core.ui import formats


@dataclass(frozen=True, slots=True)
class PackageItem:
    """A work package as a snapshot holds it."""

    title: str
    goal: str
    activities: str
    lead: str
    start_month: int | None
    end_month: int | None
    person_months: Decimal | None
    deliverables: str


@dataclass(frozen=True, slots=True)
class MilestoneItem:
    """A milestone as a snapshot holds it; `package` is the title of its package, empty for the whole project."""

    package: str
    month: int
    title: str
    result: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One package on the timeline: how far from the beginning and how long, in months; `of` tells the whole length."""

    title: str
    lead: str
    start_month: int
    end_month: int
    person_months: Decimal
    offset: int
    length: int


def open_full_draft(application: Application, *, by: User, part: ItemPart) -> Application:
    """The locked full dossier, a draft or one of which a request has that part open; the pre-registration asks none of this (P1-SUB-03)."""
    fresh = lifecycle.open_draft(application, by=by, part=part)
    if fresh.phase != PhaseNumber.FULL_DOSSIER:
        what = "team" if part == ItemPart.TEAM else "werkplan"
        raise DomainError(f"In de vooraanmelding wordt nog geen {what} gevraagd.", rule_id="P1-SUB-03")
    return fresh


def save_package(
    application: Application,
    *,
    by: User,
    package: WorkPackage | None = None,
    seen: Mapping[str, Any] | None = None,
    at: dt.datetime | None = None,
    **fields: Any,
) -> WorkPackage:
    """Keep a package, complete or not; what cannot be at all is refused: no title, months backwards or past the end."""
    with transaction.atomic():
        fresh = open_full_draft(application, by=by, part=ItemPart.WORK_PLAN)
        if package is None:
            last = fresh.work_packages.order_by("-position").values_list("position", flat=True).first() or 0
            row = WorkPackage(application=fresh, position=last + 1)
        else:
            row = _own(fresh, WorkPackage.objects.filter(pk=package.pk).first())
        wanted = {name: words.clean(value) if isinstance(value, str) else value for name, value in fields.items()}
        refuse_stale(row, wanted, seen or {})
        changes = {name: [getattr(row, name), value] for name, value in wanted.items() if getattr(row, name) != value}
        for name, value in wanted.items():
            setattr(row, name, value)
        refuse_impossible_months(row, months_of(fresh))
        if not row.title:
            raise DomainError("Geef het werkpakket een titel.", rule_id="DOC-08")
        if changes or row.pk is None:
            row.save()
            trail.record("work_package.saved", fresh, by=by, changes={"package": row.title, **changes}, at=at)
    return row


def months_of(application: Application) -> int:
    """How many months the project lasts: what the dossier says, else what the call asks."""
    return application.duration_months or application.call.rules().duration_months


def refuse_impossible_months(row: WorkPackage, months: int) -> None:
    """A package lies within the project and does not end before it begins; findings name the field (P2-ADM-07)."""
    found = [
        Finding("P2-ADM-07", name, f"Het project telt {months} maanden: kies een maand van 1 tot {months}.")
        for name, month in (("start_month", row.start_month), ("end_month", row.end_month))
        if month is not None and not 1 <= month <= months
    ]
    if not found and row.start_month and row.end_month and row.end_month < row.start_month:
        found.append(Finding("DOC-08", "end_month", "De laatste maand ligt voor de eerste."))
    if found:
        raise DomainError("Kijk de maanden na.", rule_id=found[0].rule_id, findings=found)


def remove_package(package: WorkPackage, *, by: User, at: dt.datetime | None = None) -> None:
    """Take a package out; its milestones stay, as milestones of the whole project."""
    with transaction.atomic():
        fresh = open_full_draft(package.application, by=by, part=ItemPart.WORK_PLAN)
        title = package.title
        package.delete()
        trail.record("work_package.removed", fresh, by=by, changes={"package": title}, at=at)


def save_milestone(
    application: Application,
    *,
    by: User,
    milestone: Milestone | None = None,
    seen: Mapping[str, Any] | None = None,
    at: dt.datetime | None = None,
    **fields: Any,
) -> Milestone:
    """Keep a milestone within the project's months."""
    with transaction.atomic():
        fresh = open_full_draft(application, by=by, part=ItemPart.WORK_PLAN)
        row = (
            Milestone(application=fresh)
            if milestone is None
            else _own(fresh, Milestone.objects.filter(pk=milestone.pk).first())
        )
        wanted = {name: words.clean(value) if isinstance(value, str) else value for name, value in fields.items()}
        refuse_stale(row, wanted, seen or {})
        for name, value in wanted.items():
            setattr(row, name, value)
        if not row.title:
            raise DomainError("Geef de mijlpaal een naam.", rule_id="DOC-08")
        months = months_of(fresh)
        if row.month is None or not 1 <= row.month <= months:
            problem = f"Het project telt {months} maanden: kies een maand van 1 tot {months}."
            raise DomainError(
                "Kijk de maand na.", rule_id="P2-ADM-07", findings=[Finding("P2-ADM-07", "month", problem)]
            )
        if row.package is not None and row.package.application_id != fresh.pk:
            raise DomainError("Dit werkpakket hoort bij een ander dossier.")
        row.save()
        trail.record("milestone.saved", fresh, by=by, changes={"milestone": row.title, "month": row.month}, at=at)
    return row


def remove_milestone(milestone: Milestone, *, by: User, at: dt.datetime | None = None) -> None:
    """Take a milestone out."""
    with transaction.atomic():
        fresh = open_full_draft(milestone.application, by=by, part=ItemPart.WORK_PLAN)
        title = milestone.title
        milestone.delete()
        trail.record("milestone.removed", fresh, by=by, changes={"milestone": title}, at=at)


def _own(application: Application, row: Any) -> Any:
    if row is None or row.application_id != application.pk:
        raise DomainError("Dit staat niet (meer) in dit dossier: een collega verwijderde het. Laad de pagina opnieuw.")
    return row


# ---------------------------------------------------------------- freezing and reading


def packages_of(content: Mapping[str, Any]) -> tuple[PackageItem, ...]:
    """The packages of a snapshot; none in one from before there was a work plan."""
    items = (content.get("work_plan") or {}).get("packages", ())
    return tuple(
        PackageItem(
            **{**item, "person_months": None if item["person_months"] is None else Decimal(item["person_months"])}
        )
        for item in items
    )


def milestones_of(content: Mapping[str, Any]) -> tuple[MilestoneItem, ...]:
    """The milestones of a snapshot."""
    return tuple(MilestoneItem(**item) for item in (content.get("work_plan") or {}).get("milestones", ()))


def timeline(packages: Sequence[PackageItem]) -> list[Bar]:
    """The packages that have their months, as bars."""
    return [
        Bar(
            item.title, item.lead, item.start_month, item.end_month, item.person_months or Decimal(0),
            offset=item.start_month - 1, length=item.end_month - item.start_month + 1,
        )
        for item in packages
        if item.start_month and item.end_month
    ]  # fmt: skip


def total_months(packages: Sequence[PackageItem]) -> Decimal:
    """The person-months of all packages together."""
    return sum((item.person_months for item in packages if item.person_months is not None), Decimal(0))


def findings(
    packages: Sequence[PackageItem], milestones: Sequence[MilestoneItem], rules: Rules, *, budgeted: Decimal | None
) -> list[Finding]:
    """DOC-08: what the plan lacks (errors), and where it differs from the budget (a warning: a person weighs that, DUR-06).

    `budgeted` are the person-months of the budget, None while there is none.
    """
    if not packages:
        return [Finding("DOC-08", "Werkplan", "Het werkplan heeft nog geen werkpakketten.")]
    found = []
    for item in packages:
        missing = [
            name
            for name, value in (
                ("het doel", item.goal),
                ("de activiteiten", item.activities),
                ("de trekker", item.lead),
                ("de eerste en de laatste maand", item.start_month and item.end_month),
                ("het aantal mensmaanden", item.person_months is not None),
                ("de resultaten", item.deliverables),
            )
            if not value
        ]
        if missing:
            found.append(Finding("DOC-08", item.title, f"Bij “{item.title}” ontbreekt nog {_enumerate(missing)}."))
        if (item.end_month or 0) > rules.duration_months:
            found.append(
                Finding(
                    "P2-ADM-07",
                    item.title,
                    f"“{item.title}” loopt tot maand {item.end_month}; het project telt {rules.duration_months} maanden.",
                )
            )
    if not milestones:
        found.append(Finding("DOC-08", "Mijlpalen", "Het werkplan heeft nog geen mijlpalen."))
    found += [
        Finding("DOC-08", mark.title, f"Bij de mijlpaal “{mark.title}” ontbreekt het verifieerbare resultaat.")
        for mark in milestones
        if not mark.result
    ]
    found += [
        Finding(
            "P2-ADM-07",
            mark.title,
            f"De mijlpaal “{mark.title}” valt in maand {mark.month}; het project telt {rules.duration_months} maanden.",
        )
        for mark in milestones
        if mark.month > rules.duration_months
    ]
    planned = total_months(packages)
    if budgeted is not None and planned != budgeted:
        found.append(
            Finding(
                "DUR-06",
                "Mensmaanden",
                f"Het werkplan telt {formats.number(planned)} mensmaanden, de begroting {formats.number(budgeted)}. "
                "Breng ze met elkaar in overeenstemming.",
                Severity.WARNING,
            )
        )
    return found


def _enumerate(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} en {parts[-1]}"
