"""The register of members: who belongs to a network, since when, and what follows for indicators 1 and 2.

Every member has a checked enterprise number (H-34), so that one company in several networks is one organisation.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Min, Q, QuerySet

from ibnportal.core import enterprise_numbers
from ibnportal.core.accounts.domain.people import find_or_register_organisation
from ibnportal.core.accounts.enums import OrganisationKind
from ibnportal.core.accounts.models import Organisation, User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError, WrongState
from ibnportal.core.findings import Finding, Severity
from ibnportal.core.lifecycle import lock
from ibnportal.core.money import ZERO
from monitoring.models import Membership, Network


def register(
    network: Network,
    *,
    name: str,
    enterprise_number: str,
    joined_on: date,
    by: User,
    yearly_fee: Decimal | None = None,
    is_involved: bool = True,
    **details: Any,
) -> Membership:
    """A member by name and number; a company that the portal knows under that number is taken as it is known.

    `details` are those of the membership (MORE) and of the organisation.
    """
    more = {name: details.pop(name) for name in MORE if name in details}
    problem = enterprise_numbers.explain(enterprise_number)
    if problem:
        raise DomainError(problem, rule_id="H-34")
    with transaction.atomic():
        organisation, _ = find_or_register_organisation(
            name=name, by=by, enterprise_number=enterprise_number, **details
        )
        return join(
            network, organisation, joined_on=joined_on, yearly_fee=yearly_fee, is_involved=is_involved, by=by, **more
        )


@transaction.atomic
def join(
    network: Network,
    organisation: Organisation,
    *,
    joined_on: date,
    yearly_fee: Decimal | None,
    by: User,
    is_involved: bool = True,
    **more: Any,
) -> Membership:
    """An organisation becomes a member; once at a time. Raises DomainError with what is wrong. `more`: those of MORE."""
    _only(more, MORE)
    if not enterprise_numbers.is_valid(organisation.enterprise_number):
        raise DomainError(
            f"{organisation} heeft geen geldig ondernemingsnummer. Een lid wordt met zijn nummer ingeschreven.",
            rule_id="H-34",
        )
    if organisation.pk == network.beneficiary_id:
        raise DomainError("De clusterorganisatie zelf is geen lid van haar netwerk.", rule_id="H-34")
    _check_fee(yearly_fee)
    if network.end_on is not None and joined_on > network.end_on:
        raise DomainError(f"Het netwerk loopt tot {network.end_on:%d/%m/%Y}; een lid kan niet later toetreden.")
    lock(network)
    earlier = Membership.objects.filter(network=network, organisation=organisation, left_on__gte=joined_on).first()
    if earlier is not None:
        raise DomainError(
            f"{organisation} was al lid tot {earlier.left_on:%d/%m/%Y}. Kies een latere dag, of pas dat lidmaatschap aan."
        )
    try:
        with transaction.atomic():
            membership = Membership.objects.create(
                network=network,
                organisation=organisation,
                joined_on=joined_on,
                yearly_fee=yearly_fee,
                is_involved=is_involved,
                **more,
            )
    except IntegrityError as error:
        raise DomainError(f"{organisation} ({organisation.formatted_number}) is al lid van dit netwerk.") from error
    changes = {
        "organisation": organisation.pk,
        "joined_on": joined_on,
        "yearly_fee": yearly_fee,
        "is_involved": is_involved,
        **more,
    }
    trail.record("membership.joined", membership, by=by, changes=changes)
    return membership


@transaction.atomic
def leave(membership: Membership, *, left_on: date, by: User) -> Membership:
    """The last day of a membership."""
    fresh = lock(membership)
    if fresh.left_on is not None:
        raise WrongState(f"Dit lidmaatschap eindigde al op {fresh.left_on:%d/%m/%Y}.")
    if left_on < fresh.joined_on:
        raise DomainError(f"De laatste dag ligt vóór de toetreding op {fresh.joined_on:%d/%m/%Y}.")
    fresh.left_on = membership.left_on = left_on
    fresh.save(update_fields=["left_on"])
    trail.record("membership.left", fresh, by=by, changes={"left_on": left_on})
    return fresh


@transaction.atomic
def change(membership: Membership, *, by: User, **fields: Any) -> Membership:
    """Correct the date of joining, the fee, the involvement or any of MORE."""
    _only(fields, ("joined_on", "yearly_fee", "is_involved", *MORE))
    _check_fee(fields.get("yearly_fee"))
    fresh = lock(membership)
    joined_on = fields.get("joined_on", fresh.joined_on)
    if fresh.left_on is not None and joined_on > fresh.left_on:
        raise DomainError(f"De toetreding ligt na het einde van het lidmaatschap op {fresh.left_on:%d/%m/%Y}.")
    changes = {name: [getattr(fresh, name), value] for name, value in fields.items() if getattr(fresh, name) != value}
    for name, value in fields.items():
        setattr(fresh, name, value)
        setattr(membership, name, value)
    fresh.save(update_fields=sorted(fields))
    if changes:
        trail.record("membership.changed", fresh, by=by, changes=changes)
    return fresh


MORE = ("role", "fee_includes", "contact_name", "contact_email")
"""What a membership holds besides the dates, the fee and the involvement."""


def _only(fields: Mapping[str, Any], allowed: Iterable[str]) -> None:
    unknown = set(fields) - set(allowed)
    if unknown:
        raise TypeError(f"A membership has no {', '.join(sorted(unknown))}")


@transaction.atomic
def set_conditions(network: Network, *, entry_conditions: str, membership_package: str, by: User) -> Network:
    """Who may become a member, and what the fee includes; open to every reader (NET-02, NET-03, ACT-17)."""
    fresh = lock(network)
    wanted = {"entry_conditions": entry_conditions.strip(), "membership_package": membership_package.strip()}
    changes = {name: [getattr(fresh, name), text] for name, text in wanted.items() if getattr(fresh, name) != text}
    for name, text in wanted.items():
        setattr(fresh, name, text)
        setattr(network, name, text)
    fresh.save(update_fields=list(wanted))
    if changes:
        trail.record("network.conditions_set", fresh, by=by, changes=changes)
    return fresh


def findings(network: Network, memberships: Iterable[Membership], *, on: date) -> list[Finding]:
    """What the register still lacks; nothing of it stands in the way of anybody."""
    found = []
    if not network.membership_package.strip():
        message = "Het netwerk zegt nog niet welke activiteiten en diensten in het lidgeld inbegrepen zijn."
        found.append(Finding("ACT-17", "Lidmaatschap", message, Severity.WARNING))
    if not network.entry_conditions.strip():
        message = "De voorwaarden om lid te worden ontbreken. Een netwerk staat open voor wie eraan voldoet."
        found.append(Finding("NET-02", "Lidmaatschap", message, Severity.WARNING))
    current = [membership for membership in memberships if is_current(membership, on)]
    without = sum(membership.yearly_fee is None for membership in current)
    free = sum(membership.yearly_fee == ZERO for membership in current)
    if without:
        message = f"Van {without} {'lid' if without == 1 else 'leden'} is het lidgeld niet ingevuld."
        found.append(Finding("NET-05", "Lidgeld", message, Severity.WARNING))
    if free:
        message = f"{free} {'lid betaalt' if free == 1 else 'leden betalen'} geen lidgeld en {'telt' if free == 1 else 'tellen'} niet als actieve onderneming."
        found.append(Finding("NET-05", "Lidgeld", message, Severity.INFO))
    return found


def is_current(membership: Membership, on: date) -> bool:
    """Whether the membership holds on that day."""
    return membership.joined_on <= on and (membership.left_on is None or membership.left_on >= on)


def _check_fee(fee: Decimal | None) -> None:
    if fee is not None and fee < ZERO:
        raise DomainError("Een lidgeld kan niet negatief zijn.")


# ---------------------------------------------------------------- what the register tells


def active_companies(network: Network, *, on: date) -> int:
    """Indicator 1 on a day: the different companies that are members (KPI-07, HK-01, AMB-28)."""
    return (
        _companies(network)
        .filter(joined_on__lte=on)
        .exclude(left_on__lt=on)
        .values("organisation_id")
        .distinct()
        .count()
    )


def new_active_companies(network: Network, *, on: date) -> int:
    """Indicator 2 on a day: the companies whose first membership began in the project, gone or not (KPI-08, HK-02)."""
    if network.start_on is None:
        return 0
    first = _companies(network).order_by().values("organisation_id").annotate(first=Min("joined_on"))
    return first.filter(first__gte=network.start_on, first__lte=on).count()


def _companies(network: Network) -> "QuerySet[Membership]":
    paying = Membership.objects.exclude(yearly_fee=0)
    return paying.filter(network=network, organisation__kind=OrganisationKind.COMPANY)


def counts(membership: Membership) -> bool:
    """Whether a membership counts for the indicators at all: of a company, and not for free (HK-01); an unknown fee counts."""
    return membership.organisation.kind == OrganisationKind.COMPANY and membership.yearly_fee != ZERO


COUNTING = Q(organisation__kind=OrganisationKind.COMPANY) & (Q(yearly_fee__isnull=True) | ~Q(yearly_fee=ZERO))
"""What `counts` says of one membership, asked of the database."""


def behind(
    memberships: Iterable[Membership], *, start_on: date | None, on: date
) -> tuple[list[Membership], list[Membership]]:
    """The memberships behind indicator 1 and behind indicator 2 on a day, one a company: the drill-down, without a query."""
    first: dict[int, Membership] = {}
    now: dict[int, Membership] = {}
    for membership in memberships:
        if not counts(membership):
            continue
        key = membership.organisation_id
        if key not in first or membership.joined_on < first[key].joined_on:
            first[key] = membership
        if is_current(membership, on):
            now.setdefault(key, membership)
    new = [] if start_on is None else [one for one in first.values() if start_on <= one.joined_on <= on]
    return list(now.values()), new


def computed(memberships: Iterable[Membership], *, start_on: date | None, on: date) -> tuple[int, int]:
    """(indicator 1, indicator 2) from memberships at hand, with their organisations; the same counts without a query."""
    now, new = behind(memberships, start_on=start_on, on=on)
    return len(now), len(new)
