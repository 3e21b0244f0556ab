"""Figures of the programme, each with its definition and source, at a constant number of queries."""

from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from operator import attrgetter

from django.db.models import Count, Q, QuerySet, Sum

from applications.models import Application
from calls.models import PublishedFact
from evaluation.enums import DecisionKind, DecisionOutcome
from evaluation.models import Decision
from ibnportal.core.ui import formats
from ibnportal.portal.history.facts import MEMBERS
from monitoring.enums import KpiBasis, NetworkType
from monitoring.models import KpiValue, Network

FIRST_CALL = "2015"
ANSWER = "Antwoord 2017"
EVALUATION = "Evaluatie januari 2020, tabel 7"


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure for people: its text, what it counts, over what, and where it comes from."""

    code: str
    label: str
    value: Decimal
    unit: str
    definition: str
    source: str

    @property
    def text(self) -> str:
        """As Dutch writes it."""
        return formats.euro(self.value, cents=False) if self.unit == "euro" else formats.number(self.value)


def programme_figures() -> list[Figure]:
    """What the published sources let us count, computed from the rows; three queries."""
    networks = (
        Network.objects.published()
        .filter(is_reconstructed=True)
        .aggregate(
            every=Count("pk", distinct=True),
            independent=Count("pk", distinct=True, filter=Q(network_type=NetworkType.INDEPENDENT)),
            established=Count("pk", distinct=True, filter=Q(network_type=NetworkType.ESTABLISHED)),
        )
    )
    awards = (
        _released_of_the_past()
        .filter(application__call__code=FIRST_CALL)
        .aggregate(
            amount=Sum("amount"),
            awarded=Count("pk", filter=Q(outcome=DecisionOutcome.AWARDED)),
            refused=Count("pk", filter=Q(outcome=DecisionOutcome.REJECTED)),
            asked=Sum("application__requested_grant", filter=Q(outcome=DecisionOutcome.REJECTED)),
            months=Sum("application__person_months"),
        )
    )
    members = KpiValue.objects.filter(
        network__is_reconstructed=True, label=MEMBERS, basis=KpiBasis.REPORTED, is_reading=True
    ).aggregate(sum=Sum("value"), networks=Count("network", distinct=True))

    def figure(code: str, label: str, value: Decimal | int | None, *about: str) -> Figure:
        definition, source, *unit = about
        return Figure(code, label, Decimal(value or 0), "".join(unit), definition, source)

    return [
        figure(
            "networks", "Netwerken gesteund in de eerste twee oproepen", networks["every"],
            "Netwerken met een gepubliceerde beslissing tot steun, uit de oproepen van 2015 en 2017.", f"{ANSWER}; {EVALUATION}",
        ),
        figure(
            "awards", f"Toegekend aan {awards['awarded']} netwerken van de eerste oproep", awards["amount"],
            "Som van de toegekende bedragen in de eerste oproep, over drie jaar.", ANSWER, "euro",
        ),
        figure(
            "refused", f"Gevraagd door {awards['refused']} niet-gesteunde projecten van de eerste oproep", awards["asked"],
            "Som van de gevraagde steun van de projecten die een volledige aanvraag indienden en geen steun kregen.", ANSWER, "euro",
        ),
        figure(
            "members", f"Actieve ondernemingen bij {members['networks']} rapporterende netwerken", members["sum"],
            "Som van de betalende leden die de netwerken meldden; een onderneming in twee netwerken telt twee keer. "
            "Streefwaarden tellen niet mee.", f"{EVALUATION} (som)",
        ),
        figure(
            "months", "Mensmaanden in de eerste oproep", awards["months"],
            "Som van de mensmaanden van de gesteunde projecten; twaalf mensmaanden is één voltijdse medewerker, een jaar lang.",
            ANSWER,
        ),
        figure(
            "independent", "Zelfstandige netwerken", networks["independent"], "Netwerken met een eigen organisatie.", EVALUATION
        ),
        figure(
            "established", "Netwerken bij een gevestigde organisatie", networks["established"],
            "Netwerken die bij een bestaande organisatie horen.", EVALUATION,
        ),
    ]  # fmt: skip


def refused_projects() -> list[Application]:
    """The projects of the past that got no support and were published by name; two queries."""
    refused = _released_of_the_past().filter(outcome=DecisionOutcome.REJECTED)
    return list(
        Application.objects.filter(decisions__in=refused)
        .select_related("applicant", "call")
        .prefetch_related("co_applicants")
        .order_by("title")
    )


def published_facts() -> tuple[list[PublishedFact], list[tuple[str, list[PublishedFact]]]]:
    """The funnel of the first call, and the programme's facts grouped by what they are about; one query."""
    facts = list(
        PublishedFact.objects.filter(
            Q(call__isnull=True) | Q(call__code=FIRST_CALL, subject__startswith="weg-")
        ).order_by("subject", "-is_reading", "source")
    )
    funnel = [fact for fact in facts if fact.call_id is not None]
    rest = groupby((fact for fact in facts if fact.call_id is None), key=attrgetter("subject"))
    groups = [list(group) for _, group in rest]
    return funnel, [(group[0].label, group) for group in groups]


def _released_of_the_past() -> QuerySet[Decision]:
    return Decision.objects.standing().filter(
        kind=DecisionKind.SUPPORT, released_at__isnull=False, application__is_reconstructed=True
    )
