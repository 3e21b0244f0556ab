"""The conditions that a dossier must meet when, and only when, they apply (manual 3.4.2, 4.1, 4.2.2; APL-06 ... 13, POS-09 ... 14).

Whether a condition is truly met is for a person; the machine sees that each one that applies is declared, explained where the
manual asks to show it, and proven by its annex.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from django.db import transaction

from applications.domain import lifecycle, words
from applications.domain.stale import refuse_stale
from applications.domain.team import seconded
from applications.enums import ConditionCode as C
from applications.enums import ConditionGroup as G
from applications.models import Application, ConditionStatement
from calls.enums import PhaseNumber
from ibnportal.core import clock
from ibnportal.core.accounts.models import User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError
from ibnportal.core.findings import Finding


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition: when it applies, what the applicant declares, and whether it has to be explained too."""

    code: C
    group: G
    rule_id: str
    declaration: str
    is_explained: bool = False


CONDITIONS: tuple[Condition, ...] = (
    Condition(
        C.SEPARATE_ACCOUNTING, G.ALWAYS, "APL-13",
        "De begunstigde houdt de kosten en de financiering van het netwerk in haar boekhouding gescheiden van al haar andere activiteiten.",
    ),
    Condition(
        C.HOST_1, G.HOST, "APL-06",
        "De host-organisatie heeft de competenties en het trackrecord om de ledenbedrijven te vertegenwoordigen.", is_explained=True,
    ),
    Condition(
        C.HOST_2, G.HOST, "APL-07",
        "De activiteiten voor het netwerk overlappen niet met wat de host-organisatie gewoonlijk doet.", is_explained=True,
    ),
    Condition(
        C.HOST_3, G.HOST, "APL-08",
        "De host-organisatie is onafhankelijk en neutraal; haar statuten en bestuur houden nieuwe leden niet tegen.", is_explained=True,
    ),
    Condition(
        C.HOST_4, G.HOST, "APL-09",
        "De geldstromen van het netwerk zijn te onderscheiden van de andere geldstromen van de host-organisatie.", is_explained=True,
    ),
    Condition(C.SECONDMENT_COST, G.SECONDMENT, "APL-11", "De overeenkomst legt de kostprijs van de detachering vast."),
    Condition(C.SECONDMENT_SIZE, G.SECONDMENT, "APL-11", "De overeenkomst legt de omvang van de detachering vast."),
    Condition(C.SECONDMENT_TASKS, G.SECONDMENT, "APL-11", "De overeenkomst beschrijft de taken die uitgevoerd worden."),
    Condition(C.SECONDMENT_PAYMENT, G.SECONDMENT, "APL-11", "De overeenkomst regelt hoe en wanneer betaald wordt."),
    Condition(
        C.SECONDMENT_USE, G.SECONDMENT, "APL-12", "Wie gedetacheerd is, wordt ingezet voor de clusterwerking."
    ),
    Condition(
        C.SECONDMENT_INDEPENDENCE, G.SECONDMENT, "APL-12",
        "Wie gedetacheerd is, treedt binnen de clusterorganisatie onafhankelijk van de eigen organisatie op.",
    ),
    Condition(
        C.SPC_1, G.SPC, "POS-10",
        "Het voorstel mikt op een opkomend domein of toepassingsdomein dat niet of te weinig in het actieplan van de speerpuntcluster staat.",
        is_explained=True,
    ),
    Condition(
        C.SPC_2, G.SPC, "POS-11",
        "Het past in een beleidsprioriteit van de Vlaamse regering waar de speerpuntcluster niet aan werkt.", is_explained=True,
    ),
    Condition(C.SPC_3, G.SPC, "POS-12", "Er is aantoonbaar nood aan een afzonderlijke impuls.", is_explained=True),
    Condition(
        C.SPC_4, G.SPC, "POS-13",
        "Het wordt gedragen door, en is gericht op, ondernemingen die niet of te weinig lid zijn van de speerpuntcluster.", is_explained=True,
    ),
    Condition(
        C.SPC_5, G.SPC, "POS-14",
        "Het is afgestemd met de speerpuntcluster, met afspraken over samenwerking of integratie na de looptijd.", is_explained=True,
    ),
)  # fmt: skip
CIRCUMSTANCES = {
    PhaseNumber.PRE_REGISTRATION: ("has_spc_link",),
    PhaseNumber.FULL_DOSSIER: ("uses_host", "uses_secondment", "has_spc_link"),
}


class Facts(Protocol):
    """What decides which conditions apply; a draft and a frozen dossier both have it."""

    @property
    def uses_host(self) -> bool:
        """Whether an existing organisation hosts the cluster organisation (ROL-04)."""

    @property
    def uses_secondment(self) -> bool:
        """Whether staff is seconded (ROL-15)."""

    @property
    def has_spc_link(self) -> bool:
        """Whether the theme touches the domain of a spearhead cluster (POS-09)."""


@dataclass(frozen=True, slots=True)
class StatementItem:
    """What was stated about one condition, as a snapshot holds it, with the sentence that was declared."""

    code: str
    group: str
    rule_id: str
    declaration: str
    is_declared: bool
    explanation: str


def groups(facts: Facts, phase: int) -> frozenset[G]:
    """The groups of conditions that apply."""
    found = set()
    if facts.has_spc_link:
        found.add(G.SPC)
    if phase == PhaseNumber.FULL_DOSSIER:
        found.add(G.ALWAYS)
        if facts.uses_host:
            found.add(G.HOST)
        if facts.uses_secondment:
            found.add(G.SECONDMENT)
    return frozenset(found)


def applying(facts: Facts, phase: int) -> list[Condition]:
    """The conditions of a dossier, in the order of the manual."""
    wanted = groups(facts, phase)
    return [condition for condition in CONDITIONS if condition.group in wanted]


def possible(phase: int) -> list[Condition]:
    """Every condition that a dossier of that phase may come to have."""
    late = {G.ALWAYS, G.HOST, G.SECONDMENT} if phase == PhaseNumber.PRE_REGISTRATION else set()
    return [condition for condition in CONDITIONS if condition.group not in late]


def state(
    application: Application,
    *,
    by: User,
    circumstances: Mapping[str, bool],
    statements: Mapping[str, tuple[bool, str]],
    seen: Mapping[str, Any] | None = None,
    at: dt.datetime | None = None,
) -> Application:
    """Keep which circumstances apply, and what is stated about each condition (code → declared, explanation).

    What was stated stays when a circumstance goes off, for when it comes on again; only what applies is handed in. Raises
    DomainError when secondment is denied while somebody of the team is seconded.
    """
    at = at or clock.now()
    with transaction.atomic():
        fresh = lifecycle.open_draft(application, by=by)
        possible_here = set(CIRCUMSTANCES[PhaseNumber(fresh.phase)])
        wanted = {name: value for name, value in circumstances.items() if name in possible_here}
        refuse_stale(fresh, wanted, {name: value for name, value in (seen or {}).items() if name in possible_here})
        _refuse_denied_secondment(fresh, wanted)
        changes: dict[str, Any] = {
            name: [getattr(fresh, name), value] for name, value in wanted.items() if getattr(fresh, name) != value
        }
        for name, value in wanted.items():
            setattr(fresh, name, value)
            setattr(application, name, value)
        fresh.save(update_fields=list(wanted) or None)
        known = {row.code: row for row in ConditionStatement.objects.filter(application=fresh)}
        codes = {condition.code.value for condition in possible(fresh.phase)}
        for code, (is_declared, text) in statements.items():
            if code not in codes:
                raise DomainError("Deze voorwaarde hoort niet bij deze fase. Laad de pagina opnieuw.")
            row = known.get(code) or ConditionStatement(application=fresh, code=code)
            explanation = words.clean(text)
            if (row.is_declared, row.explanation) == (is_declared, explanation):
                continue
            _refuse_other_text(row, explanation, (seen or {}).get(code))
            changes[code] = [row.is_declared, is_declared]
            row.is_declared, row.explanation, row.stated_at, row.stated_by = is_declared, explanation, at, by
            row.save()
        if changes:
            trail.record("conditions.stated", fresh, by=by, changes=changes, at=at)
    return application


def _refuse_other_text(row: ConditionStatement, explanation: str, seen: str | None) -> None:
    if seen is not None:
        refuse_stale(row, {"explanation": explanation}, {"explanation": words.clean(seen)})


def _refuse_denied_secondment(application: Application, wanted: Mapping[str, bool]) -> None:
    if wanted.get("uses_secondment", True):
        return
    names = seconded(application)
    if names:
        raise DomainError(
            f"In het team is {' en '.join(names)} gedetacheerd. Pas eerst het team aan, of laat de detachering staan.",
            rule_id="ROL-15",
            findings=[Finding("ROL-15", "uses_secondment", "Er is iemand gedetacheerd in het team.")],
        )


def frozen(facts: Facts, phase: int, *, stated: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What was stated about each condition that applies, and about no other, as plain JSON for the snapshot.

    `stated`: each statement's code, whether it is declared, and the explanation.
    """
    known = {row["code"]: row for row in stated}
    nothing = {"is_declared": False, "explanation": ""}
    return [
        {
            "code": condition.code.value,
            "group": condition.group.value,
            "rule_id": condition.rule_id,
            "declaration": condition.declaration,
            **{name: known.get(condition.code.value, nothing)[name] for name in nothing},
        }
        for condition in applying(facts, phase)
    ]


def statements_of(content: Mapping[str, Any]) -> tuple[StatementItem, ...]:
    """The statements of a snapshot; none in one from before they were asked."""
    return tuple(StatementItem(**item) for item in content.get("conditions", ()))


def findings(facts: Facts, phase: int, statements: Iterable[StatementItem]) -> list[Finding]:
    """What is not declared or not explained of the conditions that apply; nothing of those that do not."""
    stated = {statement.code: statement for statement in statements}
    found = []
    for condition in applying(facts, phase):
        statement = stated.get(condition.code)
        label = f"{condition.group.label}: {condition.code.label}"
        if statement is None or not statement.is_declared:
            found.append(Finding(condition.rule_id, label, f"“{condition.declaration}” is niet verklaard."))
        elif condition.is_explained and not statement.explanation:
            found.append(Finding(condition.rule_id, label, f"Leg uit waaruit blijkt: “{condition.declaration}”"))
    return found
