"""Collaborations: who works with whom, how far it came, and what counts for indicator 3 (KPI-09, HK-03, HK-09 ... 13, AMB-19).

Parties and companies are counted apart, and what the call asks of them (least parties, least companies, only started ones)
is data of its indicator. An attempt that came to nothing stays, with its reason.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count, Q, QuerySet

from calls.models import KpiDefinition
from ibnportal.core import clock
from ibnportal.core.accounts.enums import OrganisationKind
from ibnportal.core.accounts.models import Organisation, User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError, NotAllowed, WrongState
from ibnportal.core.findings import Finding, Severity
from ibnportal.core.lifecycle import lock
from monitoring.domain.lifecycle import move_collaboration
from monitoring.enums import CollaborationState, FailureReason
from monitoring.models import (
    Collaboration,
    CollaborationParty,
    Network,
    RelatedProject,
    SuccessStory,
)

S = CollaborationState
FIELDS = ("title", "description", "nature", "instrument", "initiated_on")
CODES = ("kpi3", "kpi3b")
"""The call's codes of the indicators that count collaborations; what each asks stands in its definition."""


def counted(network: Network) -> "QuerySet[Collaboration]":
    """The collaborations with `n_parties` and `n_companies`, in one query."""
    companies = Q(parties__organisation__kind=OrganisationKind.COMPANY)
    return network.collaborations.annotate(
        n_parties=Count("parties", distinct=True), n_companies=Count("parties", filter=companies, distinct=True)
    )


def counts_for(collaboration: Collaboration, definition: KpiDefinition, *, on: date) -> bool:
    """Whether a collaboration from `counted` counts for an indicator on a day (KPI-09, HK-03).

    A started one counts from its first day on, also after it ended or failed; an initiative that failed before it started
    counts for nothing but is reported (HK-10).
    """
    if collaboration.n_parties < (definition.min_parties or 0):  # type: ignore[attr-defined]
        return False
    if collaboration.n_companies < (definition.min_companies or 0):  # type: ignore[attr-defined]
        return False
    has_started = collaboration.started_on is not None and collaboration.started_on <= on
    if definition.only_started:
        return has_started
    return collaboration.initiated_on <= on and (has_started or collaboration.state != S.FAILED)


def computed(
    collaborations: Iterable[Collaboration], definitions: Iterable[KpiDefinition], *, on: date
) -> dict[str, int]:
    """What the collaborations give for each indicator that counts them, by its code; without a query."""
    rows = list(collaborations)
    return {
        definition.code: sum(counts_for(row, definition, on=on) for row in rows)
        for definition in definitions
        if definition.code in CODES
    }


def kind_of(n_parties: int) -> str:
    """Bilateral with two parties, multilateral with more; nothing with less (HK-09)."""
    if n_parties < 2:
        return "nog geen twee partijen"
    return "bilateraal" if n_parties == 2 else "multilateraal"


def findings(n_parties: int) -> list[Finding]:
    """What a collaboration lacks to be one."""
    found = []
    if n_parties < 2:
        message = "Een samenwerking heeft minstens twee partijen. Voeg ze toe."
        found.append(Finding("HK-09", "Partijen", message, Severity.WARNING))
    return found


# ---------------------------------------------------------------- the verbs


@transaction.atomic
def begin(network: Network, *, by: User, parties: Iterable[Organisation] = (), **fields: Any) -> Collaboration:
    """An idea to work together."""
    _may_keep(network, by)
    _only(fields)
    made = Collaboration.objects.create(
        network=network, entered_at=clock.now(), entered_by=by, state_changed_at=clock.now(), **fields
    )
    present = list({party.pk: party for party in parties}.values())
    CollaborationParty.objects.bulk_create(CollaborationParty(collaboration=made, organisation=one) for one in present)
    trail.record("collaboration.begun", made, by=by, changes={**fields, "parties": [one.pk for one in present]})
    return made


@transaction.atomic
def change(collaboration: Collaboration, *, by: User, **fields: Any) -> Collaboration:
    """Correct what it is; how far it came moves by `move`."""
    _may_keep(collaboration.network, by)
    _only(fields)
    fresh = lock(collaboration)
    initiated_on = fields.get("initiated_on", fresh.initiated_on)
    if fresh.started_on is not None and initiated_on > fresh.started_on:
        raise DomainError(f"De samenwerking startte op {fresh.started_on:%d/%m/%Y}; ze kan niet later ontstaan zijn.")
    changes = {name: [getattr(fresh, name), value] for name, value in fields.items() if getattr(fresh, name) != value}
    for name, value in fields.items():
        setattr(fresh, name, value)
        setattr(collaboration, name, value)
    fresh.save(update_fields=sorted(fields))
    if changes:
        trail.record("collaboration.changed", fresh, by=by, changes=changes)
    return fresh


@transaction.atomic
def add_party(collaboration: Collaboration, organisation: Organisation, *, by: User) -> CollaborationParty:
    """One more party; once each."""
    _may_keep(collaboration.network, by)
    try:
        with transaction.atomic():
            party = CollaborationParty.objects.create(collaboration=collaboration, organisation=organisation)
    except IntegrityError as error:
        raise DomainError(f"{organisation} is al een partij van deze samenwerking.") from error
    trail.record("collaboration.party_added", collaboration, by=by, changes={"organisation": organisation.pk})
    return party


@transaction.atomic
def remove_party(party: CollaborationParty, *, by: User) -> None:
    """One party less."""
    _may_keep(party.collaboration.network, by)
    trail.record(
        "collaboration.party_removed", party.collaboration, by=by, changes={"organisation": party.organisation_id}
    )
    party.delete()


def move(
    collaboration: Collaboration,
    to: str,
    *,
    by: User,
    on: date | None = None,
    failure_reason: str = "",
    failure_text: str = "",
    at: datetime | None = None,
) -> Collaboration:
    """How far it came. Started needs its day and two parties, ended its last day, failed its reason (HK-10, HK-11)."""
    _may_keep(collaboration.network, by)
    fields: dict[str, Any] = {}
    if to == S.STARTED:
        fields["started_on"] = _start_day(collaboration, on)
    elif to == S.COMPLETED:
        fields["ended_on"] = _end_day(collaboration, on)
    elif to == S.FAILED:
        if failure_reason not in FailureReason.values:
            raise DomainError("Kies waarom de samenwerking mislukte.", rule_id="HK-11")
        if failure_reason == FailureReason.OTHER and not failure_text.strip():
            raise DomainError("Schrijf op waarom de samenwerking mislukte.", rule_id="HK-11")
        fields |= {"failure_reason": failure_reason, "failure_text": failure_text.strip()}
    return move_collaboration(collaboration, S(to), by=by, at=at, reason=failure_text.strip(), **fields)


def _start_day(collaboration: Collaboration, on: date | None) -> date:
    if on is None:
        raise DomainError("Vul in op welke dag de samenwerking startte.", rule_id="HK-03")
    if on > clock.today():
        raise DomainError(f"De start op {on:%d/%m/%Y} ligt in de toekomst.", rule_id="HK-03")
    if on < collaboration.initiated_on:
        raise DomainError(f"De samenwerking ontstond pas op {collaboration.initiated_on:%d/%m/%Y}.", rule_id="HK-03")
    if collaboration.parties.count() < 2:
        raise WrongState("Een samenwerking start met minstens twee partijen. Voeg ze eerst toe.", rule_id="HK-09")
    return on


def _end_day(collaboration: Collaboration, on: date | None) -> date:
    if on is None or collaboration.started_on is None or not collaboration.started_on <= on <= clock.today():
        raise DomainError("Vul de laatste dag in: na de start, en niet in de toekomst.", rule_id="HK-13")
    return on


# ---------------------------------------------------------------- projects and stories

PROJECT_FIELDS = ("title", "source", "outcome", "role", "amount", "applied_on", "collaboration")
STORY_FIELDS = ("title", "text", "told_on", "collaboration")


@transaction.atomic
def record_project(
    network: Network,
    *,
    by: User,
    partners: Iterable[Network] = (),
    project: RelatedProject | None = None,
    **fields: Any,
) -> RelatedProject:
    """A project with other funding, new or corrected; with `partners` it is an intercluster project (H-17, ACT-23)."""
    _may_keep(network, by)
    unknown = set(fields) - set(PROJECT_FIELDS)
    if unknown:
        raise TypeError(f"A project has no {', '.join(sorted(unknown))}")
    amount: Decimal | None = fields.get("amount")
    if amount is not None and amount < 0:
        raise DomainError("Een bedrag kan niet negatief zijn.", rule_id="H-17")
    others = [partner for partner in partners if partner.pk != network.pk]
    made = project or RelatedProject(network=network, entered_at=clock.now(), entered_by=by)
    for name, value in fields.items():
        setattr(made, name, value)
    made.save()
    made.partners.set(others)
    changes = {**fields, "partners": [partner.pk for partner in others]}
    trail.record(
        "relatedproject.recorded" if project is None else "relatedproject.changed", made, by=by, changes=changes
    )
    return made


@transaction.atomic
def tell_story(network: Network, *, by: User, story: SuccessStory | None = None, **fields: Any) -> SuccessStory:
    """A success story, new or rewritten (MON-02)."""
    _may_keep(network, by)
    unknown = set(fields) - set(STORY_FIELDS)
    if unknown:
        raise TypeError(f"A story has no {', '.join(sorted(unknown))}")
    made = story or SuccessStory(network=network, entered_at=clock.now(), entered_by=by)
    for name, value in fields.items():
        setattr(made, name, value)
    made.save()
    trail.record("successstory.told" if story is None else "successstory.changed", made, by=by, changes=fields)
    return made


def _may_keep(network: Network, by: User) -> None:
    if not by.belongs_to(network.beneficiary_id):
        raise NotAllowed("Alleen wie voor het netwerk werkt, houdt de samenwerkingen bij.")


def _only(fields: Mapping[str, Any]) -> None:
    unknown = set(fields) - set(FIELDS)
    if unknown:
        raise TypeError(f"A collaboration has no {', '.join(sorted(unknown))}")
