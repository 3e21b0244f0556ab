"""QE-08 and QE-27: what each company paid to a network, how that is spread, and on how few a network depends (HE-07, HE-08)."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet, Sum

from applications.domain.cofinancing_spread import distribution
from ibnportal.core.accounts.models import Organisation
from ibnportal.core.ui import formats
from ibnportal.portal.answers import decision_reads, indicator_reads, reads
from ibnportal.portal.answers.asking import Among, Asked, NetworkLine
from ibnportal.portal.answers.reads import CALL, NETWORK
from ibnportal.portal.answers.table import (
    Answer,
    Basis,
    Behind,
    Chart,
    Column,
    Each,
    Kind,
    Late,
    Row,
    Thing,
    Value,
    joined,
    share,
    summed,
)
from monitoring.enums import ContributionState
from monitoring.models import Contribution

OF_PAYERS = (
    Column("to_half", "Tot de helft", Kind.NUMBER, "Het kleinste aantal bijdragen dat samen de helft van de cofinanciering haalt."),
    Column("count", "Bijdragen", Kind.NUMBER),
    Column("share", "Aandeel", Kind.PERCENT, "Tot de helft gedeeld door het aantal bijdragen: hoe lager, hoe meer een netwerk van weinig betalers afhangt. Herberekend; de tabel drukt tweemaal 50 %.", Basis.COMPUTED),
    Column("basis", "Soort"),
)  # fmt: skip


def contributions(asked: Asked) -> Answer:
    """How the contributions of members are spread: range, median, maximal ones, and how few carry half (HE-07, HE-08)."""
    columns = (
        NETWORK,
        Column("award", "Steun", Kind.EURO, basis=Basis.REPORTED),
        Column("max", "Hoogste bijdrage", Kind.EURO, "Per jaar; uit het portaal: de som van een betaler over de jaren."),
        Column("min", "Laagste bijdrage", Kind.EURO),
        Column("median", "Mediaan", Kind.EURO),
        Column("at_max", "Aan het hoogste bedrag", Kind.NUMBER, "Aantal bijdragen aan het hoogste bedrag."),
        *OF_PAYERS,
        CALL,
    )  # fmt: skip
    awards = decision_reads.awarded(asked)
    rows = [
        Row(
            network.code,
            {"network": network.name, "award": awards.get(network.pk), "call": network.call_code, **cells},
            behind,
            url=reads.page_of(network),
        )
        for network, cells, behind in _spreads(asked)
    ]
    return Answer(
        columns,
        tuple(rows),
        summed(rows, "award", "count"),
        coverage=_known_spreads(asked),
        notes=("Het aantal bijdragen is niet het aantal leden: een lid zonder bijdrage telt hier niet.",),
        chart=FEW_PAYERS,
    )


FEW_PAYERS = Chart("Hoe weinig bijdragen de helft dragen", "network", ("share",), unit="percent")
Spread = tuple[NetworkLine, dict[str, Value], Sequence[Behind]]


def _spreads(asked: Asked) -> list[Spread]:
    """The measures of table 8 of each network of which contributions are known, from what was paid or as printed; once an asking."""
    found: list[Spread] = asked.once("spreads", lambda: list(_measured(asked)))
    return found


def _measured(asked: Asked) -> Iterator[Spread]:
    found, paid = asked.known_networks(), payers(asked)
    printed = indicator_reads.labelled(
        [network for network in found if network.pk not in paid], asked, *TABLE_8.values()
    )
    for network in found:
        cells: dict[str, Value]
        behind: Sequence[Behind]
        if network.pk in paid:
            cells = _spread(paid[network.pk].amounts)
            behind = behind_payers(network.pk, len(paid[network.pk].payers), asked)
        else:
            said = {key: printed[label][network.pk] for key, label in TABLE_8.items()}
            cells = {**{key: one.value for key, one in said.items()}, "basis": Basis.REPORTED.value}
            behind = joined(*(one.behind for one in said.values()))
        to_half, count = cells.get("to_half"), cells.get("count")
        if isinstance(count, Decimal | int):
            cells["share"] = share(to_half, count) if isinstance(to_half, Decimal | int) else None
            yield network, cells, behind


def _known_spreads(asked: Asked) -> str:
    return f"Bijdragen gekend voor {len(_spreads(asked))} van {len(asked.known_networks())} netwerken."


TABLE_8 = {
    "max": "Hoogste bijdrage per jaar (euro)", "min": "Laagste bijdrage per jaar (euro)", "median": "Mediaan van de bijdragen (euro)",
    "at_max": "Aantal bijdragen aan het hoogste bedrag", "to_half": "Aantal bijdragen tot de helft van de cofinanciering",
    "count": "Aantal bijdragen van leden",
}  # fmt: skip


class Paid(NamedTuple):
    """What a network was paid: its payers by key and, in the same order, what each of them paid in all."""

    payers: list[int]
    amounts: list[Decimal]


def payers(asked: Asked) -> dict[int, Paid]:
    """What each company paid that was accepted by the date, per network in their order; one query an asking."""
    found: dict[int, Paid] = asked.once("payers", lambda: _paid(asked))
    return found


def _paid(asked: Asked) -> dict[int, Paid]:
    grouped = _accepted(asked).values("award_year__network_id", "payer_id").annotate(paid=Sum("amount"))
    try:
        chosen, values = grouped.values_list("award_year__network_id", "payer_id", "paid").query.sql_with_params()
    except EmptyResultSet:
        return {}
    # A row a network, not one a payer: a large programme has a payer of a network 200 000 times.
    sql = f"SELECT network, array_agg(payer), array_agg(paid) FROM ({chosen}) AS each(network, payer, paid) GROUP BY 1"  # noqa: S608 - the text is Django's, the values are parameters
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        paid = {network: Paid(who, amounts) for network, who, amounts in cursor.fetchall()}
    return _in_their_order(paid, asked)


def raised(asked: Asked) -> dict[int, Decimal]:
    """The same in all, whoever paid; one query an asking."""

    def read() -> dict[int, Decimal]:
        grouped = _accepted(asked).values("award_year__network_id").annotate(paid=Sum("amount"))
        return _in_their_order(dict(grouped.values_list("award_year__network_id", "paid")), asked)

    found: dict[int, Decimal] = asked.once("raised", read)
    return found


def _accepted(asked: Asked) -> "QuerySet[Contribution]":
    networks = [] if asked.is_public else asked.known_networks()  # what one company paid is nobody else's business
    return Contribution.objects.order_by().filter(
        award_year__network__in=Among(networks),
        state=ContributionState.ACCEPTED,
        judged_at__lte=asked.until,
        is_reconstructed=False,  # made from the printed measures: these stay what is shown
    )


def _in_their_order(by_network: dict[int, Thing], asked: Asked) -> dict[int, Thing]:
    return {network.pk: by_network[network.pk] for network in asked.known_networks() if network.pk in by_network}


def behind_payers(network: int, number: int | None, asked: Asked, first: Sequence[Behind] = ()) -> Sequence[Behind]:
    """What each company paid to this network after what comes first, the largest amount first and equal ones by name.

    They are read when somebody opens it, and a file names their source without reading them; `number` says how many payers there are, where
    they were counted.
    """

    def read() -> list[tuple[Decimal, str]]:
        paid, names = payers(asked)[network], _names(asked)
        each = sorted(zip(paid.amounts, paid.payers, strict=True), key=lambda one: (-one[0], *names[one[1]]))
        return [(amount, names[payer][0]) for amount, payer in each]

    return joined(first, Each(Late(number, read), _behind_payer, source=PAID))


PAID = "Aanvaarde bijdragen in het portaal"


def _behind_payer(paid: tuple[Decimal, str]) -> Behind:
    amount, name = paid
    return Behind(name, formats.euro(amount), PAID)


def _names(asked: Asked) -> dict[int, tuple[str, str, int]]:
    """Name and number of each payer, and its key where both are the same."""

    def read() -> dict[int, tuple[str, str, int]]:
        every = {payer for paid in payers(asked).values() for payer in paid.payers}
        rows = Organisation.objects.filter(pk__in=every).values_list("name", "enterprise_number", "pk")
        return {row[-1]: row for row in rows}

    named: dict[int, tuple[str, str, int]] = asked.once("names of payers", read)
    return named


def _spread(amounts: list[Decimal]) -> dict[str, Value]:
    """The measures of table 8 from what each payer paid."""
    spread = distribution(amounts)
    if spread is None:
        return {}
    return {
        "max": spread.largest, "min": spread.smallest, "median": spread.median, "at_max": spread.at_largest,
        "to_half": spread.to_half, "count": spread.payers, "basis": Basis.COMPUTED.value,
    }  # fmt: skip


def concentration(asked: Asked) -> Answer:
    """On how few payers each network depends, the most dependent first."""
    rows = [
        Row(
            network.code,
            {"network": network.name, "call": network.call_code, **{key: cells.get(key) for key in ("to_half", "count", "share", "basis")}},
            behind,
            url=reads.page_of(network),
        )
        for network, cells, behind in _spreads(asked)
    ]  # fmt: skip
    rows.sort(key=lambda row: (row.cells["share"] is None, row.cells["share"]))
    return Answer((NETWORK, *OF_PAYERS, CALL), tuple(rows), coverage=_known_spreads(asked), chart=FEW_PAYERS)
