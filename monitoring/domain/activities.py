"""Activities of a network: what counts as coordination, and which companies take part often enough (ACT-01 ... 17, HK-12).

An activity is written down as it was. What falls outside the coordination that the support is for (ACT-14, ACT-20) is
named on the activity, so that its costs and its income are looked at; nothing is refused.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Count, Max

from calls.ruleset import Rules
from ibnportal.core import clock
from ibnportal.core.accounts.models import Organisation, User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError, NotAllowed
from ibnportal.core.findings import Finding, Severity
from ibnportal.core.lifecycle import lock
from ibnportal.core.months import add_months
from monitoring.enums import Audience, Executor, PriceBasis
from monitoring.models import Activity, Network, Participation

FIELDS = (
    "kind", "title", "starts_on", "ends_on", "location", "description", "executor", "price_basis", "audience", "entry_conditions",
    "is_individual_service", "is_under_other_article",
)  # fmt: skip


def findings(activity: Activity) -> list[Finding]:
    """What somebody has to look at: why it may be no coordination, how it is paid, who may join."""
    found = []

    def warn(rule_id: str, where: str, message: str) -> None:
        found.append(Finding(rule_id, where, message, Severity.WARNING))

    if activity.executor == Executor.OTHER:
        warn(
            "ACT-02",
            "Uitvoerder",
            "Iemand anders voert dit uit; enkel wat de clusterorganisatie zelf doet, komt in aanmerking.",
        )
    if activity.is_individual_service:
        warn(
            "ACT-14",
            "Aard",
            "Een dienst voor één onderneming is geen clustercoördinatie. Hou kosten en inkomsten buiten het project.",
        )
    if activity.is_under_other_article:
        warn(
            "ACT-20",
            "Aard",
            "Wat onder een ander steunartikel valt (onderzoek, innovatieadvies, opleiding), hoort niet in het project.",
        )
    if activity.price_basis == PriceBasis.FREE:
        warn(
            "ACT-15",
            "Prijs",
            "Activiteiten zijn betalend, aan markt- of kostprijs, of inbegrepen in het lidgeld. Zeg waarom deze gratis is.",
        )
    if activity.audience == Audience.LIMITED and not activity.entry_conditions.strip():
        warn(
            "NET-04",
            "Voor wie",
            "Voor een beperkte groep horen de voorwaarden om deel te nemen erbij, voor iedereen zichtbaar.",
        )
    return found


def is_coordination(activity: Activity) -> bool:
    """Whether it falls under what the support is for (ACT-01): the cluster organisation's own, for the group, under article 27."""
    return (
        activity.executor == Executor.OWN and not activity.is_individual_service and not activity.is_under_other_article
    )


@transaction.atomic
def record(network: Network, *, by: User, **fields: Any) -> Activity:
    """An activity as it was or will be."""
    _may_keep(network, by)
    _only(fields)
    activity = Activity(network=network, entered_at=clock.now(), entered_by=by, **fields)
    _check(activity)
    activity.save()
    trail.record("activity.recorded", activity, by=by, changes=fields)
    return activity


@transaction.atomic
def change(activity: Activity, *, by: User, **fields: Any) -> Activity:
    """Correct it."""
    _may_keep(activity.network, by)
    _only(fields)
    fresh = lock(activity)
    changes = {name: [getattr(fresh, name), value] for name, value in fields.items() if getattr(fresh, name) != value}
    for name, value in fields.items():
        setattr(fresh, name, value)
        setattr(activity, name, value)
    _check(fresh)
    fresh.save(update_fields=sorted(fields))
    if changes:
        trail.record("activity.changed", fresh, by=by, changes=changes)
    return fresh


@transaction.atomic
def remove(activity: Activity, *, by: User) -> None:
    """Take it out; the trail keeps what it was and who took part."""
    _may_keep(activity.network, by)
    fresh = lock(activity)
    what = {name: getattr(fresh, name) for name in FIELDS}
    who = list(fresh.participations.values_list("organisation_id", "people"))
    trail.record("activity.removed", fresh, by=by, changes={**what, "participants": who})
    fresh.delete()


@transaction.atomic
def set_participants(activity: Activity, people: Mapping[int, int], *, by: User) -> None:
    """Who took part: organisation id → number of people; who is not named, was not there."""
    _may_keep(activity.network, by)
    fresh = lock(activity)
    if people and fresh.starts_on > clock.today():
        raise DomainError(f"De activiteit is pas op {fresh.starts_on:%d/%m/%Y}; dan zijn er nog geen deelnemers.")
    before = dict(fresh.participations.values_list("organisation_id", "people"))
    wanted = {pk: count for pk, count in people.items() if count > 0}
    if wanted == before:
        return
    fresh.participations.exclude(organisation_id__in=wanted).delete()
    Participation.objects.bulk_create(
        (Participation(activity=fresh, organisation_id=pk, people=count) for pk, count in sorted(wanted.items())),
        update_conflicts=True,
        unique_fields=["activity", "organisation"],
        update_fields=["people"],
    )
    trail.record(
        "activity.participants_set",
        fresh,
        by=by,
        changes={"before": sorted(before.items()), "now": sorted(wanted.items())},
    )


def _may_keep(network: Network, by: User) -> None:
    if not by.belongs_to(network.beneficiary_id):
        raise NotAllowed("Alleen wie voor het netwerk werkt, houdt de activiteiten bij.")


def _only(fields: Mapping[str, Any]) -> None:
    unknown = set(fields) - set(FIELDS)
    if unknown:
        raise TypeError(f"An activity has no {', '.join(sorted(unknown))}")


def _check(activity: Activity) -> None:
    if activity.ends_on is not None and activity.ends_on < activity.starts_on:
        raise DomainError(f"De laatste dag ligt vóór {activity.starts_on:%d/%m/%Y}.")


# ---------------------------------------------------------------- who is active


def window(rules: Rules, *, on: date) -> tuple[date, date]:
    """The days that count for being active on a day: so many months back, the day itself included (HK-12)."""
    return add_months(on, -rules.active_window_months), on


def participants(network: Network, rules: Rules, *, on: date) -> Any:
    """Every organisation that took part within the window, with how often and when last; most often first."""
    after, until = window(rules, on=on)
    taken = Organisation.objects.filter(
        network_participations__activity__network=network,
        network_participations__activity__starts_on__gt=after,
        network_participations__activity__starts_on__lte=until,
    )
    return (
        taken.values("pk", "name", "enterprise_number", "kind")
        .annotate(times=Count("network_participations"), last=Max("network_participations__activity__starts_on"))
        .order_by("-times", "name")
    )


def is_active(times: int, rules: Rules) -> bool:
    """Whether so many activities within the window make a company active (HK-12)."""
    return times >= rules.active_min_events


def active(network: Network, rules: Rules, *, on: date) -> list[dict[str, Any]]:
    """The organisations that took part often enough, in one query."""
    return [row for row in participants(network, rules, on=on) if is_active(row["times"], rules)]
