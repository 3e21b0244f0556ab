"""What networks got and asked besides their award: support for projects and the projects they applied for, as stated or as entered."""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from django.db.models import QuerySet

from evaluation.enums import DecisionOutcome
from ibnportal.portal.answers import decision_reads, reads
from ibnportal.portal.answers.asking import Asked, NetworkLine, Read
from ibnportal.portal.answers.table import (
    Behind,
    Each,
    Value,
    joined,
)
from monitoring.enums import FundingSource, ProjectOutcome
from monitoring.models import (
    RelatedProject,
)


class Means(NamedTuple):
    """The means of networks by their key: the award with its decision, and support besides where some is known; with what it rests on."""

    asked: Asked
    awards: dict[int, tuple[Decimal | None, int]]
    besides: dict[int, tuple[Decimal | None, str | None]]
    facts: dict[int, list[reads.Fact]]
    related: dict[int, list[RelatedProject]]

    def cells(self, network: int) -> dict[str, Value]:
        """The figures of a network."""
        award, _ = self.awards.get(network, (None, None))
        projects, other = self.besides.get(network, (None, None))
        return {"award": award, "projects": projects, "other": other}

    def behind(self, network: int) -> Sequence[Behind]:
        """What is behind them."""
        _, decided = self.awards.get(network, (None, None))
        award = () if decided is None else decision_reads.behind(self.asked, DecisionOutcome.AWARDED, decided)
        return joined(
            award,
            reads.behind_facts(self.facts.get(network, ())),
            _behind_projects(self.related.get(network, ())),
        )

    def awarded(self) -> list[Decimal]:
        """What was awarded to them, where that is known."""
        return [amount for amount, _ in self.awards.values() if amount is not None]

    def supported(self) -> list[Decimal]:
        """And for projects."""
        return [amount for amount, _ in self.besides.values() if amount is not None]

    def coverage(self, number: int) -> str:
        """Of how many of so many networks each is known."""
        awarded, supported = len(self.awarded()), len(self.supported())
        return f"Toekenning gekend voor {awarded} van {number} netwerken, projectsteun voor {supported} van {number} netwerken."


def means_of(asked: Asked) -> Means:
    """The means of the networks of this asking."""
    networks = asked.known_networks()
    about = {network.pk for network in networks}
    awards = {network: (amount, pk) for pk, network, amount in decision_reads.awarded_amounts(asked) if network in about}  # fmt: skip
    stated = reads.facts(networks, asked, "basissteun", "projectsteun", "andere-steun")
    related = _related(networks, asked)
    besides = {network: _besides(stated.get(network, ()), related.get(network, ())) for network in {*stated, *related}}
    return Means(asked, awards, besides, stated, related)


def _besides(facts: Sequence[reads.Fact], related: Sequence[RelatedProject]) -> tuple[Decimal | None, str | None]:
    """Support for projects, as stated or else summed, and what other support is stated."""
    said = {fact.attribute: fact for fact in facts if fact.is_reading}
    own = [
        project.amount
        for project in related
        if project.source == FundingSource.VLAIO
        and project.outcome == ProjectOutcome.SUPPORTED
        and project.amount is not None
    ]
    support = said["projectsteun"].number if "projectsteun" in said else (sum(own, Decimal(0)) if own else None)
    return support, said["andere-steun"].value if "andere-steun" in said else None


class Applications(NamedTuple):
    """How many projects a network asked for: in all, supported, refused; in intercluster calls, and approved there."""

    asked: Decimal | None = None
    supported: Decimal | None = None
    refused: Decimal | None = None
    intercluster: Decimal | None = None
    approved: Decimal | None = None


class Asking(NamedTuple):
    """The project applications of networks by their key, where any are known, with the statements and projects that they rest on."""

    counts: dict[int, Applications]
    facts: dict[int, list[reads.Fact]]
    related: dict[int, list[RelatedProject]]

    def cells(self, network: int) -> dict[str, Value]:
        """The counts of a network."""
        return self.counts.get(network, Applications())._asdict()

    def known(self, key: str) -> list[Decimal]:
        """One of the counts, of the networks of which it is known."""
        return [number for one in self.counts.values() if (number := getattr(one, key)) is not None]

    def behind(self, network: int) -> Sequence[Behind]:
        """What is behind the counts."""
        facts = reads.behind_facts(self.facts.get(network, ()))
        return joined(facts, _behind_projects(self.related.get(network, ())))


def applications_of(asked: Asked) -> Asking:
    """The project applications of the networks of this asking."""
    networks = asked.known_networks()
    attributes = ("projecten-gesteund", "projecten-geweigerd", "interclusteraanvragen", "interclusterprojecten")
    stated = reads.facts(networks, asked, *attributes)
    related = _related(networks, asked)
    counts = {network: _counted(stated.get(network, ()), related.get(network, ())) for network in {*stated, *related}}
    return Asking(counts, stated, related)


def _counted(facts: Sequence[reads.Fact], own: Sequence[RelatedProject]) -> Applications:
    """As stated, the reading or what was said before there was one; where projects themselves are known, by their outcome."""
    said = {fact.attribute: fact.number for fact in sorted(facts, key=lambda fact: fact.is_reading)}
    supported, refused = said.get("projecten-gesteund"), said.get("projecten-geweigerd")
    if own:
        supported = Decimal(sum(project.outcome == ProjectOutcome.SUPPORTED for project in own))
        refused = Decimal(sum(project.outcome == ProjectOutcome.REJECTED for project in own))
    every = supported + refused if supported is not None and refused is not None else None
    return Applications(every, supported, refused, said.get("interclusteraanvragen"), said.get("interclusterprojecten"))


def _related(networks: list[NetworkLine], asked: Asked) -> dict[int, list[RelatedProject]]:
    found: dict[int, list[RelatedProject]] = defaultdict(list)
    if asked.is_public:
        return found  # what networks enter about their projects is theirs until it is published
    about = {network.pk for network in networks}
    for project in asked.once("related projects", lambda: _entered_projects.all(asked)):
        if project.network_id in about:
            found[project.network_id].append(project)
    return found


@Read
def _entered_projects(asked: Asked) -> "QuerySet[RelatedProject]":
    return asked.of_asked(RelatedProject.objects.filter(entered_at__lte=asked.until))


def _behind_projects(projects: Sequence[RelatedProject]) -> Sequence[Behind]:
    return Each(projects, _behind_project) if projects else ()


def _behind_project(project: RelatedProject) -> Behind:
    amount = "" if project.amount is None else f", {reads.written(project.amount)} euro"
    return Behind(
        project.title,
        f"{project.get_outcome_display()}{amount}",
        f"Verwante projecten ({project.get_source_display()})",
    )
