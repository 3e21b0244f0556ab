"""Contributions, members and collaborations behind tables 7 and 8 of the evaluation, made back into rows (HE-07, HE-08, HK-03).

The evaluation prints measures of a ledger that was never published. Here each of the fourteen networks of the first call gets
rows that give these measures: the printed amounts stand in them as printed, those in between are chosen so that the number
of contributions that carry half comes out, and the whole comes as near as it can to a third of the award. Nobody is named,
every row says that it is reconstructed, and no sum of money of the portal counts them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_FLOOR, Decimal
from itertools import chain
from typing import Any

from calls.enums import ContributionKind
from ibnportal.core import clock
from ibnportal.core.accounts.domain.people import system_user
from ibnportal.core.accounts.enums import OrganisationKind
from ibnportal.core.accounts.models import Organisation
from ibnportal.core.audit import trail
from ibnportal.core.money import CENT, ZERO
from ibnportal.core.months import add_months
from ibnportal.portal.history.records import NetworkRecord, number
from monitoring.enums import CollaborationState, ContributionState
from monitoring.models import AwardYear, Collaboration, CollaborationParty, Contribution, Membership, Network

YEAR = 2
"""Table 7 counts after two working years; table 8 prints no year and is read beside it."""
UNNAMED = "(naam niet gepubliceerd)"
"""How the name ends of a company that stands for one in a printed number; search leaves it out, for there is nobody behind it."""
PARTIES = 3
STEPS = 400


@dataclass(frozen=True, slots=True)
class Printed:
    """One row of table 8 with the members and collaborations of table 7; amounts in euros a year."""

    count: int
    largest: Decimal
    at_largest: int
    smallest: Decimal
    median: Decimal
    to_half: int
    award: Decimal
    start_on: date
    members: int = 0
    collaborations: int = 0
    source: str = ""

    @classmethod
    def of(cls, record: NetworkRecord) -> "Printed | None":
        """What the files hold of a network; None for one without a start or without contributions."""
        row, network = record.contributions, record.row
        if row is None or record.start_on is None or record.award is None:
            return None
        figure = {
            name: number(value) or ZERO for name, value in row.items() if name.startswith(("n_", "annual_", "median_"))
        }
        return cls(
            count=int(figure["n_contributions_total"]),
            largest=figure["annual_member_fee_max_eur"],
            at_largest=int(figure["n_maximum_contributions"]),
            smallest=figure["annual_member_fee_min_eur"],
            median=figure["median_fee_eur"],
            to_half=int(figure["n_contributions_to_reach_50pct_cofinancing"]),
            award=record.award,
            start_on=record.start_on,
            members=int(number(network["members_kpi1_table7"]) or 0),
            collaborations=int(number(network["collaborations_kpi3a_table7"]) or 0),
            source=row["source"],
        )


# ---------------------------------------------------------------- amounts that give the printed measures


def amounts(printed: Printed) -> list[Decimal]:
    """Amounts with the printed count, range, median, number at the highest and, where any can, number to half; largest first.

    From the largest down: those at the highest amount; those that carry half together with them, all at one amount `level`;
    others above the middle; the middle at the median; the rest down to the smallest. Where every contribution is the same there is nothing
    to choose, and the number to half follows from the count.
    """
    if printed.largest == printed.smallest:
        return [printed.largest] * printed.count
    above = (printed.count - 1) // 2
    middle = printed.count - 2 * above if printed.at_largest <= above else 0
    carrying = max(min(printed.to_half, above) - printed.at_largest, 0)
    between = max(above - printed.at_largest, 0) - carrying
    below = printed.count - printed.at_largest - carrying - between - middle - 1
    top = printed.median if not middle else printed.largest - 1
    found: list[tuple[Decimal, list[Decimal]]] = []
    aim = printed.award / PARTIES
    for level in _levels(printed, carrying):
        half = min(printed.to_half, printed.at_largest) * printed.largest + carrying * level
        last = level if carrying else printed.largest
        highest = level if carrying else top
        least = [
            *[printed.largest] * (printed.at_largest - min(printed.to_half, printed.at_largest)),
            *[printed.median] * (between + middle),
            *[printed.smallest] * (below + 1),
        ]
        room = between * (highest - printed.median) + below * (
            (printed.median if middle else printed.largest - 1) - printed.smallest
        )
        # The others reach at most what the carrying ones carry, and more than these carry without the last of them.
        low, high = max(sum(least, ZERO), half - 2 * last + CENT), min(sum(least, ZERO) + room, half)
        if low > high:
            continue
        more = min(max(aim.quantize(CENT) - half, low), high) - sum(least, ZERO)
        up = min(more, between * (highest - printed.median))
        rows = [
            *[printed.largest] * printed.at_largest,
            *[level] * carrying,
            *_shared(between, printed.median, up),
            *[printed.median] * middle,
            *_shared(below, printed.smallest, more - up),
            printed.smallest,
        ]
        found.append((abs(sum(rows, ZERO) - aim), sorted(rows, reverse=True)))
    return min(found)[1]


def _levels(printed: Printed, carrying: int) -> Iterable[Decimal]:
    if not carrying:
        return [printed.median]
    room = printed.largest - 1 - printed.median
    return [(printed.median + room * step / STEPS).quantize(CENT) for step in range(STEPS + 1)]


def _shared(count: int, least: Decimal, more: Decimal) -> list[Decimal]:
    """`count` amounts of `least` with `more` spread over them to the cent."""
    if not count:
        return []
    each = (more / count).quantize(CENT, rounding=ROUND_FLOOR)
    cents = int((more - each * count) / CENT)
    return [least + each + (CENT if at < cents else ZERO) for at in range(count)]


# ---------------------------------------------------------------- rows


def load(pairs: Iterable[tuple[Network, NetworkRecord]]) -> int:
    """The rows of networks that have none yet, in bulk: nine queries and one trail row a network. Returns the contributions."""
    found = [(network, printed) for network, record in pairs if (printed := Printed.of(record)) is not None]
    there = set(AwardYear.objects.filter(network__is_reconstructed=True).values_list("network_id", flat=True))
    found = [(network, printed) for network, printed in found if network.pk not in there]
    if not found:
        return 0
    years = AwardYear.objects.bulk_create(_year(network, printed) for network, printed in found)
    companies = [_companies(network, printed) for network, printed in found]
    Organisation.objects.bulk_create(chain.from_iterable(companies))
    rows = [
        (network, printed, year, own) for (network, printed), year, own in zip(found, years, companies, strict=True)
    ]
    Membership.objects.bulk_create(chain.from_iterable(_memberships(*row) for row in rows))
    made = Contribution.objects.bulk_create(chain.from_iterable(_contributions(*row) for row in rows))
    together = [(row[3], Collaboration.objects.bulk_create(_collaborations(*row))) for row in rows]
    CollaborationParty.objects.bulk_create(
        CollaborationParty(collaboration=collaboration, organisation=own[(at * PARTIES + party) % len(own)])
        for own, collaborations in together
        for at, collaboration in enumerate(collaborations)
        for party in range(PARTIES)
    )
    for _, printed, year, _ in rows:
        trail.record(
            "awardyear.reconstructed",
            year,
            by=None,
            changes={
                "contributions": printed.count,
                "members": printed.members,
                "collaborations": printed.collaborations,
            },
            reason=printed.source,
        )
    return len(made)


def _year(network: Network, printed: Printed) -> AwardYear:
    """The second year; how the award was spread over the years is not published, so this row holds no amount."""
    start, months = printed.start_on, 12
    return AwardYear(
        network=network,
        project_year=YEAR,
        starts_on=add_months(start, months),
        ends_on=add_months(start, 2 * months) - timedelta(days=1),
        awarded_amount=ZERO,
    )


def _companies(network: Network, printed: Printed) -> list[Organisation]:
    return [
        Organisation(name=f"Onderneming {at + 1} van {network.name} {UNNAMED}", kind=OrganisationKind.COMPANY)
        for at in range(max(printed.members, printed.count))
    ]


def _memberships(network: Network, printed: Printed, year: AwardYear, own: list[Organisation]) -> list[Membership]:
    return [
        Membership(network=network, organisation=company, joined_on=year.ends_on, left_on=network.end_on)
        for company in own[: printed.members]
    ]


def _contributions(network: Network, printed: Printed, year: AwardYear, own: list[Organisation]) -> list[Contribution]:
    at, by = clock.now(), system_user()
    fields: dict[str, Any] = {
        "award_year": year, "kind": ContributionKind.CASH_FEE, "invoiced_on": year.ends_on, "received_on": year.ends_on,
        "refers_to_project": True, "services": "Jaarlijkse ledenbijdrage", "state": ContributionState.ACCEPTED,
        "state_changed_at": at, "entered_at": at, "entered_by": by, "judged_at": at, "judged_by": by,
        "is_reconstructed": True, "source": printed.source,
    }  # fmt: skip
    return [
        Contribution(payer=own[place], amount=amount, invoice_number=f"{network.code}-{place + 1}", **fields)
        for place, amount in enumerate(amounts(printed))
    ]


def _collaborations(
    network: Network, printed: Printed, year: AwardYear, _own: list[Organisation]
) -> list[Collaboration]:
    at, by = clock.now(), system_user()
    return [
        Collaboration(
            network=network, title=f"Samenwerking {place + 1} (niet bij naam gepubliceerd)", initiated_on=year.ends_on, started_on=year.ends_on,
            state=CollaborationState.STARTED, state_changed_at=at, entered_at=at, entered_by=by,
        )
        for place in range(printed.collaborations)
    ]  # fmt: skip
