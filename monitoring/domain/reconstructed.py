"""What rows that were made back from published tables come to, beside what the tables print (HE-07, HE-08, HK-03).

The same functions count here as for a network of today; where a figure does not come out, the page says so.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from applications.domain.cofinancing_spread import distribution
from calls.models import KpiDefinition
from monitoring.domain import collaborations, members
from monitoring.models import AwardYear, Contribution, KpiValue, Network

MEMBERS, COOPERATIONS = (
    "Actieve ondernemingen",
    "Samenwerkingsinitiatieven met minstens 3 partijen",
)


@dataclass(frozen=True, slots=True)
class Figure:
    """One measure: computed from the rows, and as printed where a source prints it."""

    label: str
    computed: Decimal
    printed: KpiValue | None

    @property
    def agrees(self) -> bool:
        """Whether the rows give what is printed."""
        return self.printed is not None and self.printed.value == self.computed


def figures(network: Network, values: Iterable[KpiValue] | None = None) -> list[Figure]:
    """The measures of tables 7 and 8 for a network with reconstructed rows; empty without. Six queries, five with the read `values`."""
    year = AwardYear.objects.filter(network=network).first() if network.is_reconstructed else None
    if year is None:
        return []
    rows = Contribution.objects.filter(award_year=year, is_reconstructed=True)
    spread = distribution(rows.values_list("amount", flat=True))
    computed: dict[str, Decimal] = {
        MEMBERS: Decimal(members.active_companies(network, on=year.ends_on)),
        COOPERATIONS: Decimal(_started(network, year)),
    }
    if spread is not None:
        computed |= {
            "Aantal bijdragen van leden": Decimal(spread.payers),
            "Hoogste bijdrage per jaar (euro)": spread.largest,
            "Laagste bijdrage per jaar (euro)": spread.smallest,
            "Mediaan van de bijdragen (euro)": spread.median,
            "Aantal bijdragen aan het hoogste bedrag": Decimal(spread.at_largest),
            "Aantal bijdragen tot de helft van de cofinanciering": Decimal(spread.to_half),
        }
    if values is None:
        values = network.kpi_values.filter(is_reading=True, label__in=computed).order_by("as_of", "pk")
    printed = {value.label: value for value in values}
    return [Figure(label, value, printed.get(label)) for label, value in computed.items()]


def _started(network: Network, year: AwardYear) -> int:
    """Indicator 3 as the call defines it, on the last day of the year."""
    definition = KpiDefinition.objects.filter(call=network.call_id, code__in=collaborations.CODES).first()
    if definition is None:
        return 0
    rows = collaborations.counted(network)
    return sum(collaborations.counts_for(row, definition, on=year.ends_on) for row in rows)
