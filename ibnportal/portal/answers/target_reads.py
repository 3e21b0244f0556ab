"""The targets of indicators beside what was reported of them, by network and label (HK-04)."""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.expressions import Combinable

from ibnportal.portal.answers import indicator_reads
from ibnportal.portal.answers.asking import Asked, NetworkLine, Read
from monitoring.enums import KpiBasis
from monitoring.models import (
    AgreementKpi,
    KpiValue,
)

IS_INDICATOR = Q(definition__isnull=False) | Q(report__isnull=False)
"""What was counted once for a study (the fees of table 8) is no indicator."""


class WithTarget(NamedTuple):
    """An indicator of a network: its target with the source, and the newest reported value."""

    place: int
    network: NetworkLine
    label: str
    target: tuple[Decimal, str] | None
    value: "Realised | None"


def with_targets(asked: Asked) -> list[WithTarget]:
    """Every indicator of the networks of this asking of which a target or a value is known; once an asking."""

    def read() -> list[WithTarget]:
        targets, realised = targets_of(asked), _realised(asked)
        labels: dict[int, dict[str, None]] = defaultdict(dict)
        for pk, label in (*targets, *realised):
            labels[pk][label] = None
        named = ((network, label) for network in asked.known_networks() for label in labels.get(network.pk, ()))
        return [
            WithTarget(place, network, label, targets.get((network.pk, label)), realised.get((network.pk, label)))
            for place, (network, label) in enumerate(named)
        ]

    found: list[WithTarget] = asked.once("indicators with targets", read)
    return found


def targets_of(asked: Asked, *within: str) -> dict[tuple[int, str], tuple[Decimal, str]]:
    """The target of each indicator by network and label with its source: of the signed agreement, or as a source printed it; two queries.

    Of all, or of those in whose label this stands.
    """
    found: dict[tuple[int, str], tuple[Decimal, str]] = {}
    for _, _, network, label, value, source in sorted(_printed_targets.lines(asked, within)):
        found[network, label] = (value, source)
    for network, label, target in _agreed_targets.lines(asked, within):
        found[network, label] = (target, "Overeenkomst")
    return found


@Read
def _printed_targets(asked: Asked, within: tuple[str, ...]) -> "QuerySet[Any]":
    """The newest of each network and label."""
    printed = _labelled(_indicators(asked, KpiBasis.TARGET), within).order_by("network_id", "label", "-as_of", "-pk")
    return printed.distinct("network_id", "label").values_list("as_of", "pk", "network_id", "label", "value", "source")


@Read
def _agreed_targets(asked: Asked, within: tuple[str, ...]) -> "QuerySet[Any]":
    rows = AgreementKpi.objects.filter(target__isnull=False).exclude(agreement__signed_at__gt=asked.until)
    rows = _labelled(asked.of_asked(rows, "agreement__network"), within)
    return rows.values_list("agreement__network_id", "label", "target")


def _labelled(rows: "QuerySet[Any]", within: tuple[str, ...]) -> "QuerySet[Any]":
    return rows.filter(*(Q(label__contains=part) for part in within))


def _indicators(asked: Asked, basis: KpiBasis) -> "QuerySet[KpiValue]":
    return asked.of_asked(KpiValue.objects.filter(IS_INDICATOR, basis=basis, as_of__lte=asked.as_of)).order_by()


def _reported_values(asked: Asked) -> "QuerySet[KpiValue]":
    reported = _indicators(asked, KpiBasis.REPORTED)
    return reported.exclude(report__isnull=False, report__approved_at__isnull=True)


class Realised(NamedTuple):
    """A reported value of an indicator, with its source."""

    as_of: date
    pk: int
    value: Decimal
    source: str
    note: str


_OF_REALISED = (*Realised._fields, "network_id", "label")


def _realised(asked: Asked) -> dict[tuple[int, str], Realised]:
    """The newest reported value of each indicator, a reading before another, by network and label; one query."""
    rows = indicator_reads.as_counted(_newest_values, asked)
    found = sorted(rows, key=lambda row: (row[0] is None, row[0], row[1], row[2]))  # as the call lists its indicators
    return {(network, label): Realised(*said) for _, *said, network, label in found}


@Read
def _newest_values(asked: Asked, *, counts: Combinable = indicator_reads.READING) -> "QuerySet[Any]":
    first = ("-counts", F("definition__position").desc(nulls_first=True), "-as_of", "-pk")
    newest = _reported_values(asked).annotate(counts=counts).order_by("network_id", "label", *first)
    return newest.distinct("network_id", "label").values_list("definition__position", *_OF_REALISED)


def comparable(asked: Asked) -> int:
    """Of how many indicators of networks both a target and a reported value are known."""
    return len({*_reported_with_printed.lines(asked), *_reported_with_agreed.lines(asked)})


@Read
def _reported_with_printed(asked: Asked) -> "QuerySet[Any]":
    return _reported_labels(asked, _indicators(asked, KpiBasis.TARGET).filter(network=OuterRef("network")))


@Read
def _reported_with_agreed(asked: Asked) -> "QuerySet[Any]":
    agreed = AgreementKpi.objects.filter(target__isnull=False).exclude(agreement__signed_at__gt=asked.until)
    return _reported_labels(asked, agreed.filter(agreement__network=OuterRef("network")))


def _reported_labels(asked: Asked, targets: "QuerySet[Any]") -> "QuerySet[Any]":
    """(network, label) of what networks of this asking reported, where they have one of these targets under that label."""
    with_target = _reported_values(asked).filter(Exists(targets.filter(label=OuterRef("label"))))
    of_networks = with_target.filter(network__in=asked.networks().order_by().values("pk"))
    return of_networks.values_list("network_id", "label").distinct()
