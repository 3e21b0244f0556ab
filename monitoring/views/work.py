"""What waits for beneficiaries, account managers and financial officers on their first screen."""

from collections.abc import Iterator
from datetime import datetime

from django.urls import reverse

from ibnportal.core import clock
from ibnportal.core.accounts.enums import Role
from ibnportal.core.accounts.models import User
from ibnportal.core.ui.formats import euro, plain_date
from ibnportal.core.worklist import WorkItem
from monitoring import permissions
from monitoring.domain import steering
from monitoring.domain.overview import NetworkView, YearView, view_of, with_years
from monitoring.enums import LIVE_NETWORK, NetworkState, ReportState
from monitoring.models import Network
from monitoring.views.networks import draftable


def work_items(user: User) -> list[WorkItem]:
    """All of it, in four queries whatever the number of networks; none for who has no part in networks."""
    concerned = user.has_role(Role.ACCOUNT_MANAGER, Role.FINANCIAL_OFFICER) or bool(user.organisation_ids)
    if not concerned:
        return []
    networks = Network.objects.visible_to(user).filter(is_reconstructed=False).exclude(state=NetworkState.CLOSED)
    views = [view_of(network) for network in with_years(networks)]
    items = [item for view in views for item in items_of(user, view)]
    if user.has_role(Role.ACCOUNT_MANAGER):
        items += [
            WorkItem(
                title=f"Maak de overeenkomst op voor {decision.application.title}",
                text=f"Toegekend: {euro(decision.amount, cents=False)}. Er is nog geen overeenkomst.",
                url=reverse("monitoring:draft", args=[decision.pk]),
                action="Maak op",
                group="Overeenkomsten",
            )
            for decision in draftable(user)
        ]
    return items


def items_of(user: User, view: NetworkView) -> Iterator[WorkItem]:
    """What one network asks of this person."""
    network = view.network
    if permissions.can_manage(user, network):
        yield from _for_manager(view)
    if user.has_role(Role.FINANCIAL_OFFICER):
        yield from _for_officer(user, view)
    if permissions.is_beneficiary(user, network):
        yield from _for_beneficiary(view)


def _for_manager(view: NetworkView) -> Iterator[WorkItem]:
    network = view.network
    if network.state == NetworkState.AGREEMENT_DRAFTED:
        yield _item(
            view,
            "Vul de overeenkomst aan en leg de ondertekening vast.",
            "monitoring:agreement",
            "Naar de overeenkomst",
            "Overeenkomsten",
        )
    if network.state == NetworkState.SIGNED and network.start_on is not None and clock.today() >= network.start_on:
        yield _item(
            view,
            "De start is bereikt: zet het netwerk als lopend.",
            "monitoring:agreement",
            "Start het netwerk",
            "Overeenkomsten",
        )
    yield from _meetings_for_manager(view)
    if network.state not in LIVE_NETWORK:
        return
    for year in view.years:
        number = year.year.project_year
        if year.waiting_count:
            noun = "bijdrage wacht" if year.waiting_count == 1 else "bijdragen wachten"
            text = f"{year.waiting_count} {noun} op uw beoordeling ({euro(year.waiting)})."
            yield _item(view, text, "monitoring:contributions", "Beoordeel", "Bijdragen", year=number)
        if year.report is not None and year.report.state == ReportState.SUBMITTED:
            yield _item(
                view,
                f"Het jaarverslag van projectjaar {number} is ingediend.",
                "monitoring:report",
                "Lees na",
                "Verslagen",
                year=number,
            )
        if year.year.asks_extension:  # type: ignore[attr-defined]
            yield _item(
                view,
                f"Het netwerk vraagt uitstel voor het jaarverslag van projectjaar {number}.",
                "monitoring:report",
                "Antwoord",
                "Verslagen",
                year=number,
            )
        first = year.tranches[0]
        if first.status == "ready":
            url = reverse("monitoring:propose", args=[network.code, number, first.number])
            text = f"De drempel is bereikt: de eerste schijf kan voorgesteld worden ({euro(first.amount)})."
            yield WorkItem(network.name, text, url, "Stel voor", "Betalingen")
        if year.tranches[1].status == "settle":
            yield _item(
                view,
                f"Projectjaar {number} kan afgerekend worden.",
                "monitoring:settlement",
                "Reken af",
                "Betalingen",
                year=number,
            )


def _meetings_for_manager(view: NetworkView) -> Iterator[WorkItem]:
    now = clock.now()
    for meeting in view.meetings:
        day = plain_date(clock.local(meeting.starts_at).date())
        url = reverse("monitoring:steering_meeting", args=[view.network.code, meeting.pk])
        if meeting.ends_at <= now and meeting.invited_at is not None and meeting.observer_present is None:
            text = f"Leg vast of u op de stuurgroep van {day} aanwezig was."
            yield WorkItem(view.network.name, text, url, "Leg vast", "Stuurgroepen")
    coming = view.next_meeting
    if coming is not None and coming.invited_at is not None:
        url = reverse("monitoring:steering_meeting", args=[view.network.code, coming.pk])
        text = f"Stuurgroep: {coming.location}."
        yield WorkItem(view.network.name, text, url, "Bekijk", "Stuurgroepen", due_at=coming.starts_at, tone="waiting")


def _meetings_for_beneficiary(view: NetworkView) -> Iterator[WorkItem]:
    now, rules = clock.now(), view.years[0].rules if view.years else None
    for meeting in view.meetings:
        if rules is None or meeting.minutes_id is not None or meeting.ends_at > now:
            continue
        due_at = clock.end_of_day(steering.minutes_due_on(meeting, rules))
        day = plain_date(clock.local(meeting.starts_at).date())
        yield WorkItem(
            view.network.name, f"Bezorg het verslag van de stuurgroep van {day}.",
            reverse("monitoring:steering_meeting", args=[view.network.code, meeting.pk]), "Bezorg het verslag", "Mijn netwerk",
            due_at=due_at, tone="urgent" if now > due_at else "todo",
        )  # fmt: skip


def _for_officer(user: User, view: NetworkView) -> Iterator[WorkItem]:
    for year in view.years:
        for item in year.tranches:
            if item.status not in ("proposed", "ordered") or item.tranche is None:
                continue
            url = reverse("monitoring:tranche", args=[item.tranche.pk])
            about = f"{item.label} van projectjaar {year.year.project_year}: {euro(item.amount)}"
            if item.status == "ordered":
                yield WorkItem(
                    view.network.name,
                    f"{about}. Bevestig de betaling zodra de bank ze uitvoerde.",
                    url,
                    "Bevestig",
                    "Betalingen",
                )
            elif item.tranche.proposed_by_id == user.pk:
                yield WorkItem(
                    view.network.name,
                    f"{about}. U stelde ze voor; een collega geeft ze vrij.",
                    url,
                    "Bekijk",
                    "Betalingen",
                    tone="waiting",
                )
            else:
                yield WorkItem(
                    view.network.name,
                    f"{about}, voorgesteld door {item.tranche.proposed_by}.",
                    url,
                    "Kijk na en geef vrij",
                    "Betalingen",
                )


def _for_beneficiary(view: NetworkView) -> Iterator[WorkItem]:
    network, today = view.network, clock.today()
    if network.state not in LIVE_NETWORK:
        text = "De overeenkomst wordt opgemaakt en ondertekend."
        yield _item(view, text, "monitoring:agreement", "Bekijk", "Mijn netwerk", tone="waiting")
        return
    yield from _meetings_for_beneficiary(view)
    for year in view.years:
        yield from _report_items(view, year)
    now = view.now
    if now is not None and not now.is_closed and not now.is_threshold_met and now.year.starts_on <= today:
        text = f"Nog {euro(now.to_threshold)} aanvaarde cofinanciering tot de eerste schijf van projectjaar {now.year.project_year}."
        yield _item(
            view, text, "monitoring:contributions", "Voer bijdragen in", "Mijn netwerk", year=now.year.project_year
        )
    if not view.members:
        yield _item(
            view,
            "Schrijf uw leden in: alleen bijdragen van leden tellen als cash.",
            "monitoring:members",
            "Schrijf in",
            "Mijn netwerk",
        )


def _report_items(view: NetworkView, year: YearView) -> Iterator[WorkItem]:
    number, report = year.year.project_year, year.report
    if not year.has_ended(clock.today()):
        return
    due_at = clock.end_of_day(year.due_on)
    if report is not None and report.state == ReportState.RETURNED:
        text = f"De accountmanager heeft vragen bij het jaarverslag van projectjaar {number}."
        yield _item(view, text, "monitoring:report", "Beantwoord", "Mijn netwerk", year=number, tone="urgent")
    elif report is None or report.state == ReportState.DRAFT:
        is_late = clock.now() > due_at
        yield _item(
            view, f"Dien het jaarverslag van projectjaar {number} in.", "monitoring:report", "Schrijf het verslag", "Mijn netwerk", year=number,
            due_at=due_at, tone="urgent" if is_late else "todo",
        )  # fmt: skip
    elif report.state == ReportState.SUBMITTED:
        text = f"Het jaarverslag van projectjaar {number} ligt bij de accountmanager."
        yield _item(view, text, "monitoring:report", "Bekijk", "Mijn netwerk", year=number, tone="waiting")


def _item(
    view: NetworkView,
    text: str,
    name: str,
    action: str,
    group: str,
    *,
    year: int | None = None,
    due_at: datetime | None = None,
    tone: str = "todo",
) -> WorkItem:
    code = view.network.code
    url = reverse(name, args=[code] if year is None else [code, year])
    return WorkItem(view.network.name, text, url, action, group, due_at=due_at, tone=tone)
