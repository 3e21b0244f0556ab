"""What the public page of one network shows, at a constant number of queries."""

from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.db.models import Prefetch, Q
from django.http import Http404

from evaluation.enums import DecisionKind, DecisionOutcome
from evaluation.models import Decision
from ibnportal.portal.history.facts import MEMBERS
from ibnportal.portal.history.overview import members_on_list
from monitoring.enums import KpiBasis, ReportState
from monitoring.models import KpiValue, Network, NetworkFact

# In the order in which a reader asks; an attribute that is not here comes after, by name.
ATTRIBUTES = {
    "steun": "Toegekende steun",
    "basissteun": "Basissteun, zoals gemeld in 2019",
    "projectsteun": "Projectsteun buiten het netwerk",
    "mensmaanden": "Mensmaanden",
    "start": "Start",
    "einde": "Einde",
    "aanvragers": "Aanvragers",
    "uitvoerder": "Uitvoerder",
    "type": "Type",
    "oorsprong": "Oorsprong",
    "kernwoorden": "Kernwoorden",
    "interclusteraanvragen": "Aanvragen voor interclusterprojecten",
    "interclusterprojecten": "Goedgekeurde interclusterprojecten",
}


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute with what each source states; `disagrees` when they do not all say the same."""

    label: str
    facts: tuple[NetworkFact, ...]

    @property
    def disagrees(self) -> bool:
        """Whether two sources give another value (spelling of a date aside)."""
        return len({_comparable(fact.value) for fact in self.facts}) > 1


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator with its values."""

    label: str
    values: tuple[KpiValue, ...]


def network_page(code: str) -> dict[str, Any]:
    """The context of the page; 404 for a network that is not public. Five queries, and one more where it reported nothing yet."""
    network: Any = (
        Network.objects.published()
        .distinct()
        .filter(code=code)
        .select_related("call", "application__applicant", "beneficiary")
        .prefetch_related(
            "facts",
            "futures",
            "application__co_applicants",
            Prefetch(
                "kpi_values",
                KpiValue.objects.filter(Q(report__isnull=True) | Q(report__state=ReportState.APPROVED)).order_by(
                    "definition__position", "label", "as_of", "source"
                ),
                to_attr="public_values",
            ),
            Prefetch(
                "application__decisions",
                Decision.objects.standing()
                .filter(kind=DecisionKind.SUPPORT, outcome=DecisionOutcome.AWARDED, released_at__isnull=False)
                .prefetch_related("conditions"),
                to_attr="public_awards",
            ),
        )
        .first()
    )
    if network is None:
        raise Http404
    award = next(iter(network.application.public_awards), None)
    indicators = [
        Indicator(label, tuple(values)) for label, values in groupby(network.public_values, key=attrgetter("label"))
    ]
    members = _members(network.public_values)
    return {
        "network": network,
        "listed": None if members or network.is_reconstructed else members_on_list([network]).get(network.pk),
        "award": award,
        "amount": award.amount if award else None,
        "conditions": award.conditions.all() if award and network.is_reconstructed else (),
        "members": members,
        "attributes": _attributes(network),
        "indicators": indicators,
        "futures": network.futures.all(),
        "applicants": [network.application.applicant, *network.application.co_applicants.all()],
    }


def _attributes(network: Network) -> list[Attribute]:
    order = list(ATTRIBUTES)

    def place(fact: NetworkFact) -> tuple[int, str]:
        return (order.index(fact.attribute) if fact.attribute in ATTRIBUTES else len(order), fact.attribute)

    facts = sorted(network.facts.all(), key=lambda fact: (*place(fact), not fact.is_reading, fact.source))
    return [
        Attribute(ATTRIBUTES.get(name, name.capitalize()), tuple(group))
        for name, group in groupby(facts, attrgetter("attribute"))
    ]


def _members(values: list[KpiValue]) -> KpiValue | None:
    """The reading of the member count: what was reported before what was only aimed at or counted at the start."""
    counted = [value for value in values if value.is_reading and value.label == MEMBERS]
    return next((value for value in counted if value.basis == KpiBasis.REPORTED), next(iter(counted), None))


def _comparable(value: str) -> str:
    """`31/8/2019` and `31/08/2019` are the same day."""
    pieces = value.split("/")
    return "/".join(piece.lstrip("0") for piece in pieces) if len(pieces) > 2 else value.casefold()
