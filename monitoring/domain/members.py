"""The register of members: who belongs to a network, since when, and what follows for indicators 1 and 2.

Every member has a checked enterprise number (H-34), so that one company in several networks is one organisation.
"""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Min, QuerySet

from ibnportal.core import enterprise_numbers
from ibnportal.core.accounts.domain.people import find_or_register_organisation
from ibnportal.core.accounts.enums import OrganisationKind
from ibnportal.core.accounts.models import Organisation, User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError, WrongState
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
    """A member by name and number; a company that the portal knows under that number is taken as it is known."""
    problem = enterprise_numbers.explain(enterprise_number)
    if problem:
        raise DomainError(problem, rule_id="H-34")
    with transaction.atomic():
        organisation, _ = find_or_register_organisation(
            name=name, by=by, enterprise_number=enterprise_number, **details
        )
        return join(network, organisation, joined_on=joined_on, yearly_fee=yearly_fee, is_involved=is_involved, by=by)


@transaction.atomic
def join(
    network: Network,
    organisation: Organisation,
    *,
    joined_on: date,
    yearly_fee: Decimal | None,
    by: User,
    is_involved: bool = True,
) -> Membership:
    """An organisation becomes a member; once at a time. Raises DomainError with what is wrong."""
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
            )
    except IntegrityError as error:
        raise DomainError(f"{organisation} ({organisation.formatted_number}) is al lid van dit netwerk.") from error
    changes = {
        "organisation": organisation.pk,
        "joined_on": joined_on,
        "yearly_fee": yearly_fee,
        "is_involved": is_involved,
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
    """Correct the date of joining, the fee or the involvement."""
    allowed = {"joined_on", "yearly_fee", "is_involved"}
    unknown = set(fields) - allowed
    if unknown:
        raise TypeError(f"A membership has no {', '.join(sorted(unknown))}")
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
    return Membership.objects.filter(network=network, organisation__kind=OrganisationKind.COMPANY)


def computed(memberships: Iterable[Membership], *, start_on: date | None, on: date) -> tuple[int, int]:
    """(indicator 1, indicator 2) from memberships at hand, with their organisations; the same counts without a query."""
    first: dict[int, date] = {}
    now: set[int] = set()
    for membership in memberships:
        if membership.organisation.kind != OrganisationKind.COMPANY:
            continue
        key = membership.organisation_id
        first[key] = min(first.get(key, membership.joined_on), membership.joined_on)
        if membership.joined_on <= on and (membership.left_on is None or membership.left_on >= on):
            now.add(key)
    new = 0 if start_on is None else sum(start_on <= day <= on for day in first.values())
    return len(now), new
