"""The portfolio of an account manager: several lights a network, each with its reason; what is due; what changed (MON-04, H-14).

Lights and dates are computed from a `NetworkView` and cost no query, so two hundred networks cost what one does. The lights
are functions in a visible list: each looks at one thing and says why it has its colour.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from django.db.models import CharField, Count, DateTimeField, F, Max, QuerySet, Value
from django.db.models.functions import Cast

from ibnportal.core import clock
from ibnportal.core.accounts.models import User
from ibnportal.core.findings import Severity
from ibnportal.core.money import format_euros
from ibnportal.core.months import add_months
from monitoring.domain import aftermath, steering
from monitoring.domain.overview import Light, NetworkView, YearView, light_of_money
from monitoring.enums import LIVE_NETWORK, NetworkState, ReportState
from monitoring.models import (
    Contribution,
    Membership,
    Network,
    PortfolioMark,
    Report,
    Settlement,
    SteeringMeeting,
    Tranche,
)


@dataclass(frozen=True, slots=True)
class Signal:
    """One light: what it is about, its colour, and why."""

    key: str
    label: str
    light: Light
    reason: str


Watch = Callable[[NetworkView, date], tuple[Light, str] | None]
WATCHES: list[tuple[str, str, Watch]] = []


def _watch(key: str, label: str) -> Callable[[Watch], Watch]:
    def add(watch: Watch) -> Watch:
        WATCHES.append((key, label, watch))
        return watch

    return add


def signals(view: NetworkView, *, on: date) -> list[Signal]:
    """The lights of a live network in the order of the page; none for one that does not run."""
    if view.network.state not in LIVE_NETWORK or view.now is None:
        return []
    found = [(key, label, watch(view, on)) for key, label, watch in WATCHES]
    return [Signal(key, label, *outcome) for key, label, outcome in found if outcome is not None]


@_watch("cofinanciering", "Cofinanciering")
def cofinancing(view: NetworkView, on: date) -> tuple[Light, str] | None:
    """This year's co-financing beside the time that is past."""
    return light_of_money(view.network, view.now, on) if view.now is not None else None


@_watch("bijdragen", "Bijdragen")
def claims(view: NetworkView, _on: date) -> tuple[Light, str]:
    """Contributions that wait for a judgement."""
    count = sum(year.waiting_count for year in view.years)
    if not count:
        return Light.GREEN, "Alles is beoordeeld."
    noun = "bijdrage wacht" if count == 1 else "bijdragen wachten"
    return Light.AMBER, f"{count} {noun} op een beoordeling."


@_watch("verslag", "Jaarverslag")
def report(view: NetworkView, on: date) -> tuple[Light, str]:
    """The oldest yearly report that is not approved."""
    for year in view.years:
        if not year.has_ended(on):
            return Light.GREEN, f"Het volgende is nodig tegen {year.due_on:%d/%m/%Y}."
        state = year.report.state if year.report is not None else ReportState.DRAFT
        number = year.year.project_year
        if state == ReportState.SUBMITTED:
            return Light.AMBER, f"Jaar {number} is ingediend en wacht op nazicht."
        if state != ReportState.APPROVED:
            late = on > year.due_on
            text = f"Jaar {number} {'was nodig op' if late else 'is nodig tegen'} {year.due_on:%d/%m/%Y}."
            return (Light.RED if late else Light.AMBER), text
    return Light.GREEN, "Alle jaarverslagen zijn goedgekeurd."


@_watch("stuurgroep", "Stuurgroep")
def steering_group(view: NetworkView, _on: date) -> tuple[Light, str]:
    """Invitations and minutes; then whether the observer can still reach the number of meetings."""
    for rule_ids, light in ((("MON-06", "MON-07"), Light.RED), (("H-14",), Light.AMBER)):
        for found in view.steering:
            if found.rule_id in rule_ids and found.severity in (Severity.ERROR, Severity.WARNING):
                return (light if found.severity == Severity.ERROR else Light.AMBER), f"{found.where}: {found.message}"
    coming = view.next_meeting
    if coming is None:
        return Light.GREEN, "Niets te laat; er is geen vergadering gepland."
    return Light.GREEN, f"Volgende op {clock.local(coming.starts_at):%d/%m/%Y}."


@_watch("uitbetaling", "Uitbetaling")
def payments(view: NetworkView, on: date) -> tuple[Light, str]:
    """A recovery that is late, then what could go on and does not."""
    for year in view.years:
        recovery = getattr(year.settlement, "recovery", None)
        if recovery is not None and recovery.repaid_on is None:
            left = format_euros(recovery.amount - recovery.repaid_amount)
            is_late = recovery.due_on is not None and on > recovery.due_on
            return (
                Light.RED if is_late else Light.AMBER
            ), f"Terug te betalen over jaar {year.year.project_year}: {left}."
    for year in view.years:
        for item in year.tranches:
            if item.status in ("ready", "settle", "proposed"):
                return Light.AMBER, f"{item.label} van jaar {year.year.project_year}: {item.text}"
    return Light.GREEN, "Niets wacht op een volgende stap."


@_watch("leden", "Leden")
def members(view: NetworkView, _on: date) -> tuple[Light, str]:
    """Enough companies for the call, where it names a number."""
    needed = view.now.rules.min_companies if view.now is not None else None
    noun = "lid" if view.members == 1 else "leden"
    if needed is not None and view.members < needed:
        return Light.AMBER, f"{view.members} {noun}; de oproep vraagt er {needed}."
    return Light.GREEN, f"{view.members} {noun}."


@_watch("toekomst", "Toekomst")
def future(view: NetworkView, on: date) -> tuple[Light, str] | None:
    """The plan for what comes after, from the day on that it is asked."""
    due_on = aftermath.plan_due_on(view.network, view.now.rules) if view.now is not None else None
    if view.network.has_future_plan:  # type: ignore[attr-defined]
        return Light.GREEN, "Het toekomstplan is er."
    if due_on is None or on < add_months(due_on, -1):
        return None
    late = on > due_on
    return (
        Light.RED if late else Light.AMBER
    ), f"Het toekomstplan {'was' if late else 'is'} nodig tegen {due_on:%d/%m/%Y}."


# ---------------------------------------------------------------- the calendar


@dataclass(frozen=True, slots=True)
class Due:
    """Something that has a day: `kind` is the word of the filter, `target` what its page is (a year's number, a meeting's id)."""

    on: date
    view: NetworkView
    kind: str
    text: str
    is_late: bool = False
    target: int | None = None


KINDS = {
    "verslag": "Jaarverslag",
    "schijf": "Schijf",
    "vergadering": "Stuurgroep",
    "notulen": "Verslag van de stuurgroep",
    "terugbetaling": "Terugbetaling",
    "toekomst": "Toekomstplan",
    "einde": "Einde van het project",
}


def calendar(views: Iterable[NetworkView], *, at: datetime) -> list[Due]:
    """What is due or was due and is not done, over all these networks, by day."""
    today = clock.local(at).date()
    found = [due for view in views for due in _dues(view, at, today)]
    return sorted(found, key=lambda due: (due.on, due.view.network.name, due.kind))


def _dues(view: NetworkView, at: datetime, today: date) -> Iterator[Due]:
    if view.network.state not in (NetworkState.SIGNED, *LIVE_NETWORK):
        return
    for year in view.years if view.network.state in LIVE_NETWORK else ():
        yield from _dues_of_year(view, year, today)
    for meeting in view.meetings:
        if meeting.ends_at > at:
            yield Due(
                clock.local(meeting.starts_at).date(), view, "vergadering", meeting.location or "Stuurgroep", target=meeting.pk
            )  # fmt: skip
        elif meeting.minutes_id is None and view.years:
            held_on = clock.local(meeting.starts_at).date()
            due_on = steering.minutes_due_on(meeting, view.years[0].rules)
            text = f"Verslag van de vergadering van {held_on:%d/%m/%Y}"
            yield Due(due_on, view, "notulen", text, is_late=today > due_on, target=meeting.pk)
    plan_due_on = aftermath.plan_due_on(view.network, view.years[0].rules) if view.years else None
    if plan_due_on is not None and not view.network.has_future_plan:  # type: ignore[attr-defined]
        yield Due(plan_due_on, view, "toekomst", "Plan voor na het project", is_late=today > plan_due_on)
    if view.network.end_on is not None:
        yield Due(view.network.end_on, view, "einde", "Laatste dag van het project", is_late=False)


def _dues_of_year(view: NetworkView, year: YearView, today: date) -> Iterator[Due]:
    number = year.year.project_year
    handed_in = year.report is not None and year.report.state in (ReportState.SUBMITTED, ReportState.APPROVED)
    if not handed_in:
        late = today > year.due_on
        yield Due(year.due_on, view, "verslag", f"Jaarverslag van projectjaar {number}", is_late=late, target=number)
    if year.first is None and not year.is_closed and year.settlement is None:
        text = f"Laatste dag om cofinanciering van projectjaar {number} aan te tonen"
        if not year.is_threshold_met:
            text += f"; nog {format_euros(year.to_threshold)} tot de eerste schijf"
        yield Due(year.year.ends_on, view, "schijf", text, is_late=today > year.year.ends_on, target=number)
    recovery = getattr(year.settlement, "recovery", None)
    if recovery is not None and recovery.repaid_on is None and recovery.due_on is not None:
        left = format_euros(recovery.amount - recovery.repaid_amount)
        text = f"Terugbetaling over projectjaar {number}: {left}"
        yield Due(recovery.due_on, view, "terugbetaling", text, is_late=today > recovery.due_on, target=number)


def months_of(dues: Iterable[Due], *, today: date, months: int) -> list[tuple[date | None, list[Due]]]:
    """What is late first (month None), then what comes in so many months, a month at a time."""
    until = add_months(today.replace(day=1), months)
    late = [due for due in dues if due.is_late]
    coming = [due for due in dues if not due.is_late and today <= due.on < until]
    grouped = [(month, list(group)) for month, group in groupby(coming, key=lambda due: due.on.replace(day=1))]
    return [*([(None, late)] if late else []), *grouped]


# ---------------------------------------------------------------- what changed


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to one network since a moment: so many of a kind, the last at `at`."""

    network_id: int
    text: str
    at: datetime


_CHANGES: dict[str, tuple[str, str]] = {
    "bijdrage": ("nieuwe bijdrage", "nieuwe bijdragen"),
    "beoordeeld": ("bijdrage beoordeeld", "bijdragen beoordeeld"),
    "verslag": ("stap in een jaarverslag", "stappen in een jaarverslag"),
    "schijf": ("stap in een uitbetaling", "stappen in een uitbetaling"),
    "afrekening": ("afrekening", "afrekeningen"),
    "notulen": ("verslag van de stuurgroep", "verslagen van de stuurgroep"),
    "lid": ("nieuw lid", "nieuwe leden"),
}


def changes(networks: "QuerySet[Network]", *, since: datetime, until: datetime) -> list[Change]:
    """What happened to these networks from then until now, newest first; one query for any number of networks.

    What lies after `until` did not happen yet: the clock of the demo can be set back.
    """
    year = "award_year__network_id"
    of_years: Any = {"award_year__network__in": networks}
    of_networks: Any = {"network__in": networks}
    lines = Contribution.objects.filter(**of_years, is_reconstructed=False)
    parts = [
        _part(rows, kind, network, moment, since=since, until=until)
        for rows, kind, network, moment in (
            (lines, "bijdrage", year, "entered_at"),
            (lines, "beoordeeld", year, "judged_at"),
            (Report.objects.filter(**of_years), "verslag", year, "state_changed_at"),
            (Tranche.objects.filter(**of_years), "schijf", year, "state_changed_at"),
            (Settlement.objects.filter(**of_years), "afrekening", year, "settled_at"),
            (SteeringMeeting.objects.filter(**of_networks), "notulen", "network_id", "minutes_at"),
        )
    ]
    joined = Membership.objects.filter(**of_networks)
    first, last = clock.local(since).date(), clock.local(until).date()
    parts.append(_part(joined, "lid", "network_id", "joined_on", since=first, until=last))
    found = [
        Change(network_id, f"{count} {_CHANGES[kind][0 if count == 1 else 1]}", at)
        for network_id, kind, count, at in parts[0].union(*parts[1:], all=True)
    ]
    return sorted(found, key=lambda change: change.at, reverse=True)


def _part(rows: Any, kind: str, network: str, moment: str, *, since: date | datetime, until: date | datetime) -> Any:
    """How many of these rows lie between the moments, and the last of them, a network."""
    return (
        rows.order_by()
        .filter(**{f"{moment}__gt": since, f"{moment}__lte": until})
        .annotate(of_network=F(network), of_kind=Value(kind, output_field=CharField()))
        .values_list("of_network", "of_kind")
        .annotate(how_many=Count("pk"), last_at=Max(Cast(moment, DateTimeField())))
    )


def seen_until(user: User, *, at: datetime) -> datetime:
    """Until when this person read the changes; a month back for who never did, or did at a time that is still to come."""
    mark = PortfolioMark.objects.filter(user=user, seen_at__lte=at).first()
    return mark.seen_at if mark is not None else clock.start_of_day(add_months(clock.local(at).date(), -1))


def mark_seen(*, by: User, until: datetime) -> PortfolioMark:
    """What changed up to that moment was read; a mark never moves back."""
    mark, made = PortfolioMark.objects.get_or_create(user=by, defaults={"seen_at": until})
    if not made and until > mark.seen_at:
        mark.seen_at = until
        mark.save(update_fields=["seen_at"])
    return mark
