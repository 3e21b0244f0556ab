"""Who carries out the project: functions, FTE, their bond, and the cluster manager by name (ROL-05, ROL-15, APL-10, DUR-05, DUR-08).

The dossier's own facts follow from it: the name of the cluster manager, whether managing is the main task, and that staff is
seconded, so that nobody has to say the same thing twice.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction

from applications.domain import words
from applications.domain.stale import refuse_stale
from applications.domain.workplan import open_full_draft
from applications.enums import Engagement, ItemPart
from applications.models import Application, TeamMember
from calls.ruleset import Rules
from ibnportal.core.accounts.models import User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError
from ibnportal.core.findings import Finding, Severity
from ibnportal.core.ui import formats


@dataclass(frozen=True, slots=True)
class MemberItem:
    """A member of the team as a snapshot holds it."""

    name: str
    function: str
    fte: Decimal | None
    engagement: str
    home_organisation: str
    experience: str
    is_cluster_manager: bool
    is_main_task: bool


def save_member(
    application: Application,
    *,
    by: User,
    member: TeamMember | None = None,
    seen: Mapping[str, Any] | None = None,
    at: dt.datetime | None = None,
    **fields: Any,
) -> TeamMember:
    """Keep somebody of the team. A new cluster manager takes the place of the one before, who stays in the team.

    Raises DomainError for no name, or an FTE that is not of one person.
    """
    with transaction.atomic():
        fresh = open_full_draft(application, by=by, part=ItemPart.TEAM)
        row = TeamMember(application=fresh) if member is None else TeamMember.objects.filter(pk=member.pk).first()
        if row is None or row.application_id != fresh.pk:
            raise DomainError("Deze persoon staat niet (meer) in het team. Laad de pagina opnieuw.")
        wanted = {name: words.clean(value) if isinstance(value, str) else value for name, value in fields.items()}
        refuse_stale(row, wanted, seen or {})
        changes = {name: [getattr(row, name), value] for name, value in wanted.items() if getattr(row, name) != value}
        for name, value in wanted.items():
            setattr(row, name, value)
        if not row.name:
            raise DomainError("Schrijf wie het is. Is de functie nog niet ingevuld, schrijf dan “aan te werven”.")
        if row.fte is not None and not 0 < row.fte <= 1:
            problem = "Een persoon telt voor meer dan 0 en ten hoogste 1 VTE."
            raise DomainError("Kijk de VTE na.", rule_id="DUR-06", findings=[Finding("DUR-06", "fte", problem)])
        if not row.is_cluster_manager:
            row.is_main_task = False
        else:
            TeamMember.objects.filter(application=fresh).exclude(pk=row.pk).update(
                is_cluster_manager=False, is_main_task=False
            )
        row.save()
        trail.record("team_member.saved", fresh, by=by, changes={"name": row.name, **changes}, at=at)
        _follow(application, fresh)
    return row


def remove_member(member: TeamMember, *, by: User, at: dt.datetime | None = None) -> None:
    """Take somebody out of the team."""
    with transaction.atomic():
        fresh = open_full_draft(member.application, by=by, part=ItemPart.TEAM)
        name = member.name
        member.delete()
        trail.record("team_member.removed", fresh, by=by, changes={"name": name}, at=at)
        _follow(member.application, fresh)


def _follow(application: Application, fresh: Application) -> None:
    """Let the dossier's facts say what the team says; the secondment stays on until somebody says that there is none."""
    manager = TeamMember.objects.filter(application=fresh, is_cluster_manager=True).first()
    facts = {
        "cluster_manager_name": manager.name if manager else "",
        "is_manager_main_task": manager.is_main_task if manager else False,
        "uses_secondment": fresh.uses_secondment or bool(seconded(fresh)),
    }
    for name, value in facts.items():
        setattr(fresh, name, value)
        setattr(application, name, value)
    fresh.save(update_fields=list(facts))


def seconded(application: Application) -> list[str]:
    """The names of those who come from another organisation, which needs an agreement (ROL-15, APL-11)."""
    members = TeamMember.objects.filter(application=application, engagement=Engagement.SECONDED)
    return list(members.values_list("name", flat=True))


def members_of(content: Mapping[str, Any]) -> tuple[MemberItem, ...]:
    """The team of a snapshot; nobody in one from before there was a team."""
    return tuple(
        MemberItem(**{**item, "fte": None if item["fte"] is None else Decimal(item["fte"])})
        for item in content.get("team", ())
    )


def total_fte(members: Sequence[MemberItem]) -> Decimal:
    """The FTE of all of them together; there is no maximum (DUR-05)."""
    return sum((member.fte for member in members if member.fte is not None), Decimal(0))


def findings(members: Sequence[MemberItem], rules: Rules, *, mean_fte: Decimal | None) -> list[Finding]:
    """ROL-05, ROL-15, DUR-04, DUR-08: who is missing or not described (errors), and what a person will weigh (warnings).

    `mean_fte` is what the budget comes to, None while there is none.
    """
    if not members:
        return [Finding("DUR-08", "Team", "Het team is nog leeg: noem wie het project uitvoert.")]
    found = []
    manager = next((member for member in members if member.is_cluster_manager), None)
    if manager is None:
        found.append(
            Finding("ROL-05", "Clustermanager", "De clustermanager is niet genoemd: duid aan wie het project leidt.")
        )
    elif not manager.is_main_task:
        found.append(
            Finding(
                "ROL-05",
                manager.name,
                f"Het netwerk leiden is niet de hoofdopdracht van {manager.name}. De oproep verwacht dat wel; leg uit waarom niet.",
                Severity.WARNING,
            )
        )
    for member in members:
        missing = [
            name for name, value in (("de functie", member.function), ("de VTE", member.fte is not None)) if not value
        ]
        if member.engagement == Engagement.SECONDED and not member.home_organisation:
            missing.append("de organisatie van herkomst")
        if missing:
            rule_id = "ROL-15" if "de organisatie van herkomst" in missing else "DUR-08"
            found.append(Finding(rule_id, member.name, f"Bij {member.name} ontbreekt nog {_enumerate(missing)}."))
    total = total_fte(members)
    if rules.min_fte is not None and total < rules.min_fte:
        found.append(
            Finding(
                "DUR-04",
                "VTE",
                f"Het team telt {formats.number(total)} VTE, minder dan de {formats.number(rules.min_fte)} van de oproep. "
                "Het gemiddelde over de hele looptijd in de begroting geldt.",
                Severity.WARNING,
            )
        )
    if mean_fte is not None and total != mean_fte:
        found.append(
            Finding(
                "DUR-06",
                "VTE",
                f"Het team telt {formats.number(total)} VTE, de begroting gemiddeld {formats.number(mean_fte)}.",
                Severity.WARNING,
            )
        )
    return found


def _enumerate(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} en {parts[-1]}"
