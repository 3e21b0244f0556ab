"""QP-25 … QP-32: written question 228 of 23 January 2019, on means, commitments and indicators; the side of the networks."""

from decimal import Decimal

from django.db.models import QuerySet

from ibnportal.portal.answers import (
    audit,
    decision_reads,
    indicator_reads,
    network_means,
    parliament_2019,
    reads,
    target_reads,
)
from ibnportal.portal.answers.asking import Asked, NetworkLine, Read
from ibnportal.portal.answers.reads import CALL, NETWORK
from ibnportal.portal.answers.statements import listed, since
from ibnportal.portal.answers.table import (
    Answer,
    Basis,
    Behind,
    Chart,
    Column,
    Each,
    Kind,
    Made,
    Row,
    Value,
    joined,
    known_in,
    known_of,
    none_of,
    share,
    summed,
    sums,
)
from ibnportal.portal.history.facts import EVALUATED_ON
from monitoring.enums import FundingSource, ProjectOutcome
from monitoring.models import RelatedProject, Tranche

ZERO = Decimal(0)
UNPUBLISHED = "niet gepubliceerd"
ONLY_IBN = "Over speerpuntclusters zelf bewaart het portaal enkel wat gepubliceerd is; hun bedragen staan in de schriftelijke vraag 89, die geen bron is."


def means_by_source(asked: Asked) -> Answer:
    """Where additional means come from: projects of networks by source, beside the list that the answer gave."""
    columns = (
        Column("source", "Herkomst"),
        Column("projects", "Projecten", Kind.NUMBER, "Verwante projecten in het portaal.", Basis.COMPUTED),
        Column("supported", "Waarvan gesteund", Kind.NUMBER, basis=Basis.COMPUTED),
        Column("amount", "Publieke steun voor het netwerk", Kind.EURO, "Enkel wat de clusterorganisatie zelf krijgt, niet het totale projectbudget.", Basis.COMPUTED),
    )  # fmt: skip
    projects = _projects.all(asked)
    rows = []
    for source, label in FundingSource.choices:
        own = [project for project in projects if project.source == source]
        if own:
            amounts = [p.amount for p in own if p.amount is not None and p.outcome == ProjectOutcome.SUPPORTED]
            cells: dict[str, Value] = {
                "source": str(label),
                "projects": len(own),
                "supported": sum(project.outcome == ProjectOutcome.SUPPORTED for project in own),
                "amount": sum(amounts, Decimal(0)) if amounts else None,
            }
            behind = tuple(
                Behind(
                    p.title, p.get_outcome_display(), f"Verwante projecten, {p.network.code}", reads.page_of(p.network)
                )
                for p in own
            )
            rows.append(Row(source, cells, behind))
    rows += [
        Row(fact.subject, {"source": fact.label}, (reads.behind_published(fact),), note="genoemd zonder bedrag")
        for fact in reads.published(asked, "herkomst-")
    ]
    return Answer(
        columns,
        tuple(rows),
        summed(rows, "projects", "supported", "amount"),
        coverage=f"Bedrag gekend voor {known_of(rows, 'amount', 'herkomsten')}.",
        notes=("Het portaal scheidt het totale budget van een project van de publieke middelen; bronnen noemen enkel de herkomst.",),
    )  # fmt: skip


@Read
def _projects(asked: Asked) -> "QuerySet[RelatedProject]":
    entered = RelatedProject.objects.filter(entered_at__lte=asked.until)
    return entered.filter(network__in=asked.networks().order_by()).select_related("network")


def not_earmarked(asked: Asked) -> Answer:
    """Why projects were not paid from the earmarked budget."""
    return listed(asked, "niet-geoormerkt", what="Waarom niet op het geoormerkte budget", value="Soort")


def commitments(asked: Asked) -> Answer:
    """What was committed in each year, by type of cluster and kind."""
    columns = (
        Column("year", "Jaar", definition="Het jaar van de beslissing; onbekend waar de dag niet gepubliceerd is."),
        Column("type", "Soort cluster"),
        Column("kind", "Soort steun"),
        Column("awards", "Toekenningen", Kind.NUMBER, basis=Basis.COMPUTED),
        Column("amount", "Bedrag", Kind.EURO, "De som van de toekenningen waarvan het bedrag gekend is.", Basis.COMPUTED),
        Column("known", "Met gekend bedrag", Kind.NUMBER),
    )  # fmt: skip
    rows = []
    for one in sorted(decision_reads.awarded_by(asked, "decided_in"), key=lambda one: (one.of is None, one.of)):
        cells: dict[str, Value] = {
            "year": str(one.of or UNPUBLISHED), "type": "Innovatief bedrijfsnetwerk", "kind": "Werking", "awards": one.number,
            "amount": one.amount, "known": one.known,
        }  # fmt: skip
        rows.append(Row(str(cells["year"]), cells, decision_reads.behind_together(asked, "decided_in", one)))
    rows += [
        Row(
            fact.subject,
            {"year": fact.label[-4:], "type": "Speerpuntcluster", "kind": f"Projecten ({fact.value})"},
            (reads.behind_published(fact),),
            note=fact.note,
        )
        for fact in reads.published(asked, "spc-geoormerkt")
    ]
    return Answer(
        columns,
        tuple(rows),
        summed(rows, "awards", "amount", "known"),
        base="Bekendgemaakte toekenningen aan netwerken.",
        coverage=f"Bedrag gekend voor {sum(int(str(row.cells.get('known') or 0)) for row in rows)} toekenningen.",
        notes=(ONLY_IBN, "Netwerken hebben geen eigen projectbudget (H-16): al hun steun is steun voor werking."),
    )


def per_cluster(asked: Asked) -> Answer:
    """Per cluster: support, project applications, approved, and other public means."""
    columns = (
        NETWORK,
        Column("award", "Toegekende steun", Kind.EURO, "Voor werking.", Basis.REPORTED),
        Column("asked", "Projectaanvragen", Kind.NUMBER),
        Column("supported", "Gesteund", Kind.NUMBER),
        Column("projects", "Projectsteun (VLAIO)", Kind.EURO, basis=Basis.REPORTED),
        Column("other", "Andere middelen"),
        CALL,
    )
    networks, means, applications = (
        asked.known_networks(),
        network_means.means_of(asked),
        network_means.applications_of(asked),
    )

    def row(network: NetworkLine) -> Row:
        cells = {"network": network.name, **means.cells(network.pk), **applications.cells(network.pk), "call": network.call_code}  # fmt: skip
        behind = joined(means.behind(network.pk), applications.behind(network.pk))
        return Row(network.code, cells, behind, url=reads.page_of(network))

    return Answer(
        columns,
        Made(networks, row),
        sums(
            award=means.awarded(), asked=applications.known("asked"), supported=applications.known("supported"), projects=means.supported()
        ),
        coverage=means.coverage(len(networks)),
        notes=(ONLY_IBN,),
    )  # fmt: skip


def yearly_means(asked: Asked) -> Answer:
    """What is available, released and forfeited per network and project year over the whole term."""
    columns = (
        NETWORK,
        Column("year", "Projectjaar", Kind.NUMBER),
        Column("starts", "Van", Kind.DATE),
        Column("ends", "Tot en met", Kind.DATE),
        Column("awarded", "Toegekend", Kind.EURO, "Steun voor dat projectjaar volgens de overeenkomst.", Basis.REPORTED),
        Column("released", "Vrijgegeven", Kind.EURO, "Schijven die op die dag vrijgegeven waren.", Basis.COMPUTED),
        Column("forfeited", "Verloren", Kind.EURO, "Steun van afgerekende jaren die niet verschuldigd was; gaat nooit naar een volgend jaar.", Basis.COMPUTED),
        CALL,
    )  # fmt: skip
    years = audit.award_years(asked)
    tranches = audit.released_tranches(years, asked)

    def own(year: audit.Year) -> list[Tranche]:
        return list(tranches[year.pk].values()) if year.pk in tranches else []

    def row(year: audit.Year) -> Row:
        cells: dict[str, Value] = {
            "network": year.network.name, "year": year.project_year, "starts": year.starts_on, "ends": year.ends_on,
            "awarded": year.awarded_amount, "released": sum((tranche.amount for tranche in own(year)), ZERO),
            "forfeited": year.forfeited, "call": year.network.call_code,
        }  # fmt: skip
        behind = Each([year, *own(year)], _behind_means)
        return Row(f"{year.network.code}-{year.project_year}", cells, behind, url=reads.page_of(year.network))

    with_years = len({year.network.pk for year in years})
    coverage = f"Projectjaren in het portaal van {with_years} van {len(asked.known_networks())} netwerken."
    ceilings = "Hoogstens 150.000 euro per jaar in oproepen van voor het portaal; hun verdeling over de jaren is niet gepubliceerd."
    if not years:
        return none_of(
            columns, "Van geen enkel netwerk staan op die dag projectjaren in het portaal.", ceilings, coverage=coverage
        )
    released = sum((one.amount for of_year in tranches.values() for one in of_year.values()), ZERO)
    total = sums(awarded=[one.awarded_amount for one in years], released=[released], forfeited=[one.forfeited for one in years])  # fmt: skip
    return Answer(columns, Made(years, row), total, "Projectjaren van ondertekende overeenkomsten.", coverage, (ceilings,))  # fmt: skip


def _behind_means(one: audit.Year | Tranche) -> Behind:
    """What the means of a year rest on: the agreement, or a tranche that was released."""
    if isinstance(one, audit.Year):
        amount = reads.written(one.awarded_amount)
        return Behind("Toegekend voor het jaar", amount, "Overeenkomst", reads.page_of(one.network))
    released = f"Vrijgegeven op {reads.written(reads.day_of(one.released_at))}"
    return Behind(f"Schijf {one.number}", reads.written(one.amount), released)


def project_generation(asked: Asked) -> Answer:
    """The generation of projects against its indicator: collaborations with at least three parties."""
    columns = (
        NETWORK,
        Column("target", "Streefwaarde", Kind.NUMBER, "Drie jaar na de start (HK-04).", Basis.TARGET),
        Column("value", "Gestart", Kind.NUMBER, "Samenwerkingen met minstens drie partijen die gestart zijn (HK-03).", Basis.REPORTED),
        Column("share", "Aandeel", Kind.PERCENT, basis=Basis.COMPUTED),
        CALL,
    )  # fmt: skip
    networks = asked.known_networks()
    counts = indicator_reads.indicator(networks, asked, "kpi3")
    targets: dict[int, tuple[Decimal, str]] = {}
    for (pk, _), value in target_reads.targets_of(asked, OF_GENERATION).items():
        targets.setdefault(pk, value)

    def goal(network: NetworkLine) -> Decimal | None:
        target = targets.get(network.pk)
        return target[0] if target else None

    def row(network: NetworkLine) -> Row:
        found, aim = counts[network.pk], goal(network)
        cells = {"network": network.name, "target": aim, "value": found.value, "share": share(found.value, aim), "call": network.call_code}  # fmt: skip
        return Row(network.code, cells, found.behind, url=reads.page_of(network))

    goals, values = list(map(goal, networks)), counts.values(networks)
    return Answer(
        columns,
        Made(networks, row),
        sums(target=goals, value=values),
        coverage=f"Gemeld door {known_in(values, 'netwerken')}; streefwaarde gekend voor {known_in(goals, 'netwerken')}.",
        notes=("Voor het hele programma: QE-05.",),
        chart=Chart("Gestarte samenwerkingen", "network", ("value",)),
        is_told=bool(counts),
    )


OF_GENERATION = "amenwerking"
"""What stands in the label of each indicator of collaborations."""


def use_of_support(asked: Asked) -> Answer:
    """How much of the support of each settled year was used, and why less was."""
    columns = (
        NETWORK,
        Column("year", "Projectjaar", Kind.NUMBER),
        Column("awarded", "Toegekend", Kind.EURO, basis=Basis.REPORTED),
        Column(
            "used", "Verschuldigd", Kind.EURO, "De steun waarop het jaar recht gaf bij de afrekening.", Basis.COMPUTED
        ),
        Column("share", "Gebruikt", Kind.PERCENT, basis=Basis.COMPUTED),
        Column("why", "Toelichting"),
        CALL,
    )
    rows = []
    for year in audit.award_years(asked, "settlement__settled_at"):
        cells: dict[str, Value] = {
            "network": year.network.name, "year": year.project_year, "awarded": year.awarded_amount, "used": year.payable,
            "share": share(year.payable, year.awarded_amount), "why": year.reduction_reason or None, "call": year.network.call_code,
        }  # fmt: skip
        behind = Behind(f"Afrekening projectjaar {year.project_year}", reads.written(year.payable), f"Afgerekend op {reads.written(reads.day_of(year.settled_at))}", reads.page_of(year.network))  # fmt: skip
        rows.append(Row(f"{year.network.code}-{year.project_year}", cells, (behind,), url=reads.page_of(year.network)))
    settled = len({row.cells["network"] for row in rows})
    coverage = f"Afgerekende jaren van {settled} van {asked.count_networks()} netwerken."
    if not rows:
        return none_of(columns, "Op die dag was in het portaal nog geen projectjaar afgerekend; van vroegere oproepen is het gebruik niet gepubliceerd.", coverage=coverage)  # fmt: skip
    return Answer(columns, tuple(rows), summed(rows, "awarded", "used"), "Afgerekende projectjaren.", coverage)


def reached(asked: Asked) -> Answer:
    """Which indicators are reached and which are not, per network."""
    answer = parliament_2019.indicators(asked)
    state = Column("state", "Stand", definition="Bereikt: de gemelde waarde is minstens de streefwaarde.")

    def with_state(row: Row) -> Row:
        target, value = row.cells["target"], row.cells["value"]
        known = isinstance(target, Decimal) and isinstance(value, Decimal)
        said = ("bereikt" if value >= target else "nog niet bereikt") if known else "niet te zeggen"  # type: ignore[operator]
        return row._replace(cells={**row.cells, "state": said})

    told = sum(one.target is not None and one.value is not None for one in target_reads.with_targets(asked))
    return Answer(
        (*answer.columns, state),
        Made(answer.rows, with_state),
        base=answer.base,
        coverage=f"Uitspraak mogelijk voor {told} van {len(answer.rows)} rijen. {answer.coverage}",
        notes=(*answer.notes, *since(asked, EVALUATED_ON, "De evaluatie van 2020 zegt dat 10 van de 14 netwerken van de eerste oproep hun streefwaarde voor leden haalden; dat is niet na te rekenen.")),
    )  # fmt: skip
