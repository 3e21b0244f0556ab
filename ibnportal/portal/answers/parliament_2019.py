"""QP-10 … QP-24: written question 98 of 7 November 2019, answered as it should have been, for any call and any date."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from typing import NamedTuple

from django.db.models import F, Q, QuerySet

from evaluation.enums import DecisionOutcome
from ibnportal.portal.answers import companies, parliament_2017, reads
from ibnportal.portal.answers import survey as survey_figures
from ibnportal.portal.answers.asking import Among, Asked, NetworkLine
from ibnportal.portal.answers.statements import listed, since
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
    Value,
    joined,
    known_of,
    none_of,
    share,
    summed,
)
from ibnportal.portal.history.facts import ANSWERED_ON, EVALUATED_ON
from monitoring.enums import FundingSource, KpiBasis, ProjectOutcome, ReportState, SizeClass
from monitoring.models import (
    AgreementKpi,
    FutureStatus,
    KpiValue,
    NetworkFact,
    RelatedProject,
    Report,
    SuccessStory,
    SurveyFigure,
)

NETWORK = Column("network", "Netwerk")
CALL = Column("call", "Oproep")
END = Column(
    "end",
    "Einddatum",
    Kind.DATE,
    "Volgens de bron die geldt; wat een andere bron zegt, staat op papier in een voetnoot.",
)
FUTURE = Column("future", "Toekomst", definition="Wat op die dag het recentst bekend was; het kan nog veranderen.")
IS_INDICATOR = Q(definition__isnull=False) | Q(report__isnull=False)
"""What was counted once for a study (the fees of table 8) is no indicator."""
BASIS = Column(
    "basis",
    "Soort",
    definition="Gemeld door het netwerk, berekend uit het portaal, streefwaarde, of geteld bij de start.",
)


def ended(asked: Asked) -> Answer:
    """Which project periods have ended on the date, and what comes next."""
    networks = [
        network for network in asked.known_networks() if network.end_on is not None and network.end_on <= asked.as_of
    ]
    why = "Op die dag was van geen enkel netwerk de projectperiode voorbij."
    return _ends(networks, asked, base="Netwerken waarvan de projectperiode op die dag voorbij was.", why=why)


def ending(asked: Asked) -> Answer:
    """Which periods end between the date and the end of the next year, and what comes next."""
    last = date(asked.as_of.year + 1, 12, 31)
    networks = [
        network
        for network in asked.known_networks()
        if network.end_on is not None and asked.as_of < network.end_on <= last
    ]
    base = f"Netwerken waarvan de projectperiode na die dag eindigt, ten laatste op 31/12/{last.year}."
    why = f"Geen enkele projectperiode eindigt na die dag en ten laatste op 31/12/{last.year}."
    return _ends(networks, asked, base=base, why=why)


def _ends(networks: list[NetworkLine], asked: Asked, *, base: str, why: str) -> Answer:
    """`why`: what to say where networks are known, but none of these."""
    if not networks and asked.known_networks():
        return none_of((NETWORK, END, FUTURE, CALL), why)
    networks = sorted(networks, key=lambda network: (network.end_on, network.code))
    futures = reads.futures(networks, asked)
    stated = reads.facts(networks, asked, "einde")
    rows = []
    for network in networks:
        future = futures.get(network.pk)
        behind = reads.behind_facts(stated.get(network.pk, ()))
        if future is not None:
            behind = joined(behind, Each((future,), _behind_future))
        cells: dict[str, Value] = {
            "network": network.name,
            "end": network.end_on,
            "future": future.text if future else None,
            "call": network.call_code,
        }
        note = "" if future else "Op die dag had geen bron iets over de toekomst gezegd."
        rows.append(Row(network.code, cells, behind, note=note, url=reads.page_of(network)))
    return Answer(
        (NETWORK, END, FUTURE, CALL),
        tuple(rows),
        base=base,
        coverage=f"Toekomst gekend voor {known_of(rows, 'future', 'netwerken')}.",
    )


def _behind_future(future: FutureStatus) -> Behind:
    return Behind("Toekomst", future.text, f"{future.source}, stand op {reads.written(future.as_of)}")


def means(asked: Asked) -> Answer:
    """Support per network: for its own working, and for projects besides."""
    columns = (
        NETWORK,
        END,
        Column("award", "Toegekende steun", Kind.EURO, "Steun voor de werking van het netwerk, over de hele looptijd.", Basis.REPORTED),
        Column("projects", "Projectsteun (VLAIO)", Kind.EURO, "Steun van VLAIO voor projecten waarin de clusterorganisatie zelf begunstigde is; steun aan leden telt niet mee (H-16).", Basis.REPORTED),
        Column("other", "Andere steun"),
        CALL,
    )  # fmt: skip
    rows = [Row(network.code, cells, behind, url=reads.page_of(network)) for network, cells, behind in means_of(asked)]
    return Answer(
        columns,
        tuple(rows),
        summed(rows, "award", "projects"),
        base="Netwerken met een bekendgemaakte toekenning.",
        coverage=f"Toekenning gekend voor {known_of(rows, 'award', 'netwerken')}, projectsteun voor {known_of(rows, 'projects', 'netwerken')}.",
        notes=since(asked, ANSWERED_ON, "Bronnen in duizend euro zijn omgerekend; 298 staat er voor 298.059 euro."),
        chart=Chart("Toegekende steun", "network", ("award",), unit="euro"),
    )


Line = tuple[NetworkLine, dict[str, Value], Sequence[Behind]]


def means_of(asked: Asked) -> Iterator[Line]:
    """The means of each network, with what is behind them."""
    networks = asked.known_networks()
    awards = {network: (amount, reads.behind(asked, DecisionOutcome.AWARDED, pk)) for pk, network, amount in reads.awards(asked, "network_pk", "amount")}  # fmt: skip
    stated = reads.facts(networks, asked, "basissteun", "projectsteun", "andere-steun")
    projects = _related(networks, asked)
    for network in networks:
        facts, related = stated.get(network.pk, ()), projects.get(network.pk, ())
        award, behind = awards.get(network.pk, NO_AWARD)
        support, other = None, None
        if facts or related:
            support, other = _besides(facts, related)
            behind = joined(behind, reads.behind_facts(facts), _behind_projects(related))
        cells: dict[str, Value] = {
            "network": network.name,
            "end": network.end_on,
            "award": award,
            "projects": support,
            "other": other,
            "call": network.call_code,
        }
        yield network, cells, behind


def _besides(facts: Sequence[NetworkFact], related: Sequence[RelatedProject]) -> tuple[Decimal | None, str | None]:
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


def project_applications(asked: Asked) -> Answer:
    """How many projects each network asked funding for, and how many were approved; intercluster or not."""
    columns = (
        NETWORK,
        Column("asked", "Aanvragen", Kind.NUMBER, "Gesteund plus geweigerd, waar beide gekend zijn."),
        Column("supported", "Gesteund", Kind.NUMBER, "Ook als onderaannemer."),
        Column("refused", "Geweigerd", Kind.NUMBER),
        Column("intercluster", "Interclusteraanvragen", Kind.NUMBER, "Aanvragen in interclusteroproepen."),
        Column("approved", "Interclusterprojecten", Kind.NUMBER, "Goedgekeurde; welke dat zijn, is afgeleid waar geen bron ze noemt."),
        CALL,
    )  # fmt: skip
    rows = [
        Row(network.code, cells, behind, url=reads.page_of(network))
        for network, cells, behind in applications_of(asked)
    ]
    return Answer(
        columns,
        tuple(rows),
        summed(rows, "asked", "supported", "refused", "intercluster", "approved"),
        base="Projecten die de clusterorganisatie zelf aanvroeg of waarin zij meewerkte.",
        coverage=f"Gesteunde projecten gekend voor {known_of(rows, 'supported', 'netwerken')}, alle aanvragen voor {known_of(rows, 'asked', 'netwerken')}.",
        notes=("Wat een project van leden alleen was, ziet VLAIO niet als project van het netwerk.",),
    )


def applications_of(asked: Asked) -> Iterator[Line]:
    """The project applications of each network, with what is behind them."""
    networks = asked.known_networks()
    attributes = ("projecten-gesteund", "projecten-geweigerd", "interclusteraanvragen", "interclusterprojecten")
    stated = reads.facts(networks, asked, *attributes)
    projects = _related(networks, asked)
    for network in networks:
        facts, own = stated.get(network.pk, ()), projects.get(network.pk, ())
        said = {fact.attribute: fact.number for fact in facts if fact.is_reading} if facts else {}
        supported = said.get("projecten-gesteund")
        refused = said.get("projecten-geweigerd")
        if own:
            supported = Decimal(sum(project.outcome == ProjectOutcome.SUPPORTED for project in own))
            refused = Decimal(sum(project.outcome == ProjectOutcome.REJECTED for project in own))
        cells: dict[str, Value] = {
            "network": network.name,
            "asked": supported + refused if supported is not None and refused is not None else None,
            "supported": supported,
            "refused": refused,
            "intercluster": said.get("interclusteraanvragen"),
            "approved": said.get("interclusterprojecten"),
            "call": network.call_code,
        }
        yield network, cells, joined(reads.behind_facts(facts), _behind_projects(own)) if facts or own else ()


def _related(networks: list[NetworkLine], asked: Asked) -> dict[int, list[RelatedProject]]:
    found: dict[int, list[RelatedProject]] = defaultdict(list)
    if asked.is_public:
        return found  # what networks enter about their projects is theirs until it is published
    rows = RelatedProject.objects.filter(network__in=Among(networks), entered_at__lte=asked.until)
    for project in asked.once("related projects", lambda: list(rows)):
        found[project.network_id].append(project)
    return found


NO_AWARD: tuple[Decimal | None, Sequence[Behind]] = (None, ())


def _behind_projects(projects: Sequence[RelatedProject]) -> Sequence[Behind]:
    return Each(projects, _behind_project) if projects else ()


def _behind_project(project: RelatedProject) -> Behind:
    amount = "" if project.amount is None else f", {reads.written(project.amount)} euro"
    return Behind(
        project.title,
        f"{project.get_outcome_display()}{amount}",
        f"Verwante projecten ({project.get_source_display()})",
    )


def results(asked: Asked) -> Answer:
    """What each network brought about: started collaborations, stories, and what its reports say."""
    columns = (
        NETWORK,
        Column("started", "Gestarte samenwerkingen", Kind.NUMBER, "Met minstens drie partijen, zoals gemeld of geteld.", Basis.REPORTED),
        Column("stories", "Succesverhalen en voorbeelden", Kind.NUMBER),
        Column("results", "Resultaten"),
        CALL,
    )  # fmt: skip
    networks = asked.known_networks()
    started = reads.indicator(networks, asked, "kpi3")
    stories: dict[int, list[SuccessStory]] = defaultdict(list)
    for story in SuccessStory.objects.filter(network__in=Among(networks), told_on__lte=asked.as_of):
        stories[story.network_id].append(story)
    examples = reads.facts(networks, asked, "voorbeeld")
    texts: dict[int, Report] = {}
    for report in Report.objects.filter(
        award_year__network__in=Among(networks), state=ReportState.APPROVED, approved_at__lte=asked.until
    ).select_related("award_year"):
        texts[report.award_year.network_id] = report
    rows = []
    for network in networks:
        told, shown, report_of = stories[network.pk], examples[network.pk], texts.get(network.pk)
        cells: dict[str, Value] = {
            "network": network.name,
            "started": started[network.pk].value,
            "stories": len(told) + len(shown) or None,
            "results": report_of.results or None if report_of else None,
            "call": network.call_code,
        }
        behind = joined(started[network.pk].behind, reads.behind_facts(shown), Each(told, _behind_story))
        rows.append(Row(network.code, cells, behind, url=reads.page_of(network)))
    return Answer(
        columns,
        tuple(rows),
        summed(rows, "started", "stories"),
        coverage=f"Jaarverslagen met resultaten van {known_of(rows, 'results', 'netwerken')}.",
        notes=(
            "Eindverslagen van netwerken van voor het portaal zijn niet gepubliceerd.",
            *since(asked, ANSWERED_ON, "In november 2019 waren die eindverslagen nog niet ingediend."),
            "Of de steun de oorzaak was, zegt geen enkel cijfer.",
            *since(asked, EVALUATED_ON, "De bevraging vraagt leden naar de bijdrage van het netwerk (QE-17)."),
        ),
    )


def _behind_story(story: SuccessStory) -> Behind:
    return Behind(story.title, reads.written(story.told_on), "Succesverhalen in het portaal")


def indicators(asked: Asked) -> Answer:
    """Per network and indicator: the target after three years, what was realised, and the share."""
    columns = (
        NETWORK,
        Column("kpi", "Indicator"),
        Column("target", "Streefwaarde", Kind.NUMBER, "Te bereiken drie jaar na de start (HK-04).", Basis.TARGET),
        Column("value", "Gerealiseerd", Kind.NUMBER, "De nieuwste waarde die op die dag gemeld was.", Basis.REPORTED),
        Column("share", "Aandeel", Kind.PERCENT, "Gerealiseerd gedeeld door streefwaarde, op een geheel procent.", Basis.COMPUTED),
        Column("moment", "Stand op", Kind.DATE),
        CALL,
    )  # fmt: skip
    networks = asked.known_networks()
    targets, realised = targets_of(networks, asked), _realised(networks, asked)
    rows: list[Row] = []
    labels: dict[int, dict[str, None]] = defaultdict(dict)
    for pk, label in (*targets, *realised):
        labels[pk][label] = None
    for network in networks:
        for label in labels[network.pk]:
            target, value = targets.get((network.pk, label)), realised.get((network.pk, label))
            amount = value.value if value else None
            cells: dict[str, Value] = {
                "network": network.name,
                "kpi": label,
                "target": target[0] if target else None,
                "value": amount,
                "share": share(amount, target[0] if target else None),
                "moment": value.as_of if value else None,
                "call": network.call_code,
            }
            behind = Late((target is not None) + (value is not None), partial(_behind_indicator, label, target, value))
            rows.append(Row(f"{network.code}-{len(rows)}", cells, behind, url=reads.page_of(network)))
    return Answer(
        columns,
        tuple(rows),
        base="Indicatoren van het programma en eigen indicatoren van het netwerk.",
        coverage=f"Streefwaarde gekend voor {known_of(rows, 'target', 'rijen')}, gemelde waarde voor {known_of(rows, 'value', 'rijen')}.",
        notes=("Streefwaarden per netwerk van de eerste oproep zijn niet gepubliceerd; alleen hun som.",),
    )


def _behind_indicator(label: str, target: tuple[Decimal, str] | None, value: "Realised | None") -> list[Behind]:
    behind = [Behind(f"{label} (streefwaarde)", reads.written(target[0]), target[1])] if target else []
    if value:
        behind.append(Behind(f"{label} (gemeld)", reads.written(value.value), value.source, note=value.note))
    return behind


def targets_of(networks: list[NetworkLine], asked: Asked) -> dict[tuple[int, str], tuple[Decimal, str]]:
    """The target of each indicator by network and label with its source: of the signed agreement, or as a source printed it; two queries."""
    found: dict[tuple[int, str], tuple[Decimal, str]] = {}
    newest = _printed_targets(networks, asked).order_by("network_id", "label", "-as_of", "-pk")
    read = ("as_of", "pk", "network_id", "label", "value", "source")
    for _, _, network, label, value, source in sorted(newest.distinct("network_id", "label").values_list(*read)):
        found[network, label] = (value, source)
    agreed = _agreed_targets(networks, asked)
    for network, label, target in agreed.values_list("agreement__network_id", "label", "target"):
        if target is not None:
            found[network, label] = (target, "Overeenkomst")
    return found


def _printed_targets(networks: list[NetworkLine], asked: Asked) -> "QuerySet[KpiValue]":
    which = KpiValue.objects.filter(IS_INDICATOR, network__in=Among(networks), basis=KpiBasis.TARGET)
    return which.filter(as_of__lte=asked.as_of).order_by()


def _agreed_targets(networks: list[NetworkLine], asked: Asked) -> "QuerySet[AgreementKpi]":
    rows = AgreementKpi.objects.filter(agreement__network__in=Among(networks), target__isnull=False)
    return rows.exclude(agreement__signed_at__gt=asked.until)


def _reported_values(networks: list[NetworkLine], asked: Asked) -> "QuerySet[KpiValue]":
    which = KpiValue.objects.filter(IS_INDICATOR, network__in=Among(networks), basis=KpiBasis.REPORTED)
    reported = which.filter(as_of__lte=asked.as_of).order_by()
    return reported.exclude(report__isnull=False, report__approved_at__isnull=True)


class Realised(NamedTuple):
    """A reported value of an indicator, with its source."""

    as_of: date
    pk: int
    value: Decimal
    source: str
    note: str


_OF_REALISED = (*Realised._fields, "network_id", "label")


def _realised(networks: list[NetworkLine], asked: Asked) -> dict[tuple[int, str], Realised]:
    """The newest reported value of each indicator, a reading before another; one query."""
    newest = (
        _reported_values(networks, asked)
        .annotate(counts=reads.counts_on(asked))
        .order_by("network_id", "label", "-counts", F("definition__position").desc(nulls_first=True), "-as_of", "-pk")
    )
    rows = newest.distinct("network_id", "label").values_list("definition__position", *_OF_REALISED)
    found = sorted(rows, key=lambda row: (row[0] is None, row[0], row[1], row[2]))  # as the call lists its indicators
    return {(network, label): Realised(*said) for _, *said, network, label in found}


def comparable(asked: Asked) -> int:
    """Of how many indicators of networks both a target and a reported value are known."""
    networks, about = asked.known_networks(), ("network_id", "label")
    printed = set(_printed_targets(networks, asked).values_list(*about).distinct())
    agreed = _agreed_targets(networks, asked).values_list("agreement__network_id", "label")
    return len((printed | set(agreed)) & set(_reported_values(networks, asked).values_list(*about).distinct()))


def final_reports(asked: Asked) -> Answer:
    """Which reports of the last project year are in, due or late."""
    columns = (NETWORK, END, Column("due", "Uiterlijk", Kind.DATE), Column("state", "Stand"), CALL)
    networks = [
        network for network in asked.known_networks() if network.end_on is not None and network.end_on <= asked.as_of
    ]
    reports = {
        report.award_year.network_id: report
        for report in Report.objects.filter(award_year__network__in=Among(networks))
        .select_related("award_year")
        .order_by("award_year__project_year")
    }
    said = "Schriftelijke vraag 98 van 7 november 2019, antwoord 1c"
    rows = []
    for network in networks:
        report = reports.get(network.pk)
        received = reads.day_of(report.submitted_at, until=asked.until) if report else None
        if report is None:
            state = "geen verslag in het portaal"
        elif received is not None:
            state = f"ingediend op {reads.written(received)}"
        else:
            state = "te laat" if report.due_on < asked.as_of else "verwacht"
        cells: dict[str, Value] = {
            "network": network.name,
            "end": network.end_on,
            "due": report.due_on if report else None,
            "state": state,
            "call": network.call_code,
        }
        source = "Verslagen in het portaal" if report or not since(asked, ANSWERED_ON, said) else said
        rows.append(Row(network.code, cells, (Behind("Eindverslag", state, source),), url=reads.page_of(network)))
    return Answer(
        (*columns,),
        tuple(rows),
        base="Netwerken waarvan de projectperiode op die dag voorbij was.",
        coverage=f"Verslag in het portaal voor {known_of(rows, 'due', 'netwerken')}.",
        notes=since(asked, ANSWERED_ON, "In november 2019 meldde het antwoord dat geen enkel eindverslag binnen was."),
    )


def findings(asked: Asked) -> Answer:
    """What follows from the monitoring in general: positive points and bottlenecks."""
    return listed(asked, "bevinding-", what="Bevinding", value="Soort")


def members(asked: Asked) -> Answer:
    """How many member companies each network has; where the first year had not ended, those of the start."""
    networks = asked.known_networks()
    counts = reads.indicator(networks, asked, "kpi1")
    is_counted = {
        network.pk
        for network in networks
        if asked.has_company_filter
        or counts[network.pk].chosen is None
        or counts[network.pk].basis == Basis.COMPUTED.value
    }
    registered = companies.numbers([network for network in networks if network.pk in is_counted], asked)
    rows = []
    for network in networks:
        found = counts[network.pk]
        value, basis = found.value, found.basis
        behind: Sequence[Behind] = found.behind
        if network.pk in registered:
            value, basis = Decimal(registered[network.pk]), Basis.COMPUTED.value
            behind = _listed(network, registered[network.pk], asked)
        elif asked.has_company_filter:
            value, basis = None, ""
        cells: dict[str, Value] = {
            "network": network.name,
            "members": value,
            "basis": basis or None,
            "call": network.call_code,
        }
        note = "aantal bij de start" if basis == Basis.AT_START else ""
        note = "; ".join(filter(None, [note, found.chosen.note if found.chosen else ""]))
        rows.append(Row(network.code, cells, behind, note=note, url=reads.page_of(network)))
    column = Column("members", "Actieve ondernemingen", Kind.NUMBER, "Betalende leden van het netwerk op die dag (HK-01). Een onderneming in twee netwerken telt twee keer.")  # fmt: skip
    return Answer(
        (NETWORK, column, BASIS, CALL),
        tuple(rows),
        summed(rows, "members"),
        base="Alle netwerken met een bekendgemaakte toekenning.",
        coverage=f"Aantal gekend voor {known_of(rows, 'members', 'netwerken')}.",
        notes=_only_registered(asked),
        chart=Chart("Actieve ondernemingen per netwerk", "network", ("members",)),
    )


def _listed(network: NetworkLine, number: int, asked: Asked) -> Sequence[Behind]:
    """The members of this network, read when somebody opens their number; whoever opens a second one gets all lists at once."""

    def read() -> Sequence[companies.Member]:
        opened: set[int] = asked.once("opened lists", set)
        opened.add(network.pk)
        if len(opened) == 1:
            return companies.counted([network], asked)[network.pk]
        every: dict[int, companies.Listed] = asked.once(
            "members", lambda: companies.counted(asked.known_networks(), asked)
        )
        return every[network.pk]

    return companies.opened(Late(number, read))


def _only_registered(asked: Asked) -> tuple[str, ...]:
    if not asked.has_company_filter:
        return ()
    return (
        "Filteren op ondernemingen kan enkel voor netwerken met een ledenlijst in het portaal; de andere tonen een streepje.",
    )


def sizes(asked: Asked) -> Answer:
    """How many members are SMEs and how many are large: what could not be answered in 2019 (H-33)."""
    columns = (
        NETWORK,
        Column("members", "Leden", Kind.NUMBER, "Ondernemingen die op die dag lid waren.", Basis.COMPUTED),
        Column("sme", "Kmo", Kind.NUMBER, "Micro, klein of middelgroot volgens de Europese definitie, uit de cijfers van de onderneming en haar partners.", Basis.COMPUTED),
        Column("large", "Groot", Kind.NUMBER, basis=Basis.COMPUTED),
        Column("unknown", "Onbekend", Kind.NUMBER, "De cijfers laten geen uitspraak toe; nooit bij kmo of groot geteld."),
        Column("share", "Aandeel kmo", Kind.PERCENT, "Van de leden waarvan de grootte gekend is.", Basis.COMPUTED),
        CALL,
    )  # fmt: skip
    networks = asked.known_networks()
    registered = companies.sizes_in(networks, asked)
    rows = []
    for network in networks:
        counts = registered.get(network.pk)
        if not counts:
            continue
        members, large, unknown = counts.total(), counts[SizeClass.LARGE], counts[SizeClass.UNKNOWN]
        sme = members - large - unknown
        cells: dict[str, Value] = {
            "network": network.name, "members": members, "sme": sme, "large": large, "unknown": unknown,
            "share": share(sme, sme + large), "call": network.call_code,
        }  # fmt: skip
        rows.append(Row(network.code, cells, _listed(network, members, asked), url=reads.page_of(network)))
    coverage = f"Ledenlijst in het portaal van {len(rows)} van {len(networks)} netwerken."
    if not rows:
        return none_of(
            columns,
            "Van geen enkel netwerk staan op die dag de leden met hun grootte in het portaal. Gepubliceerde bronnen tellen "
            "leden, maar maken geen onderscheid tussen kmo's en grote ondernemingen.",
            coverage=coverage,
        )
    totals = summed(rows, "members", "sme", "large", "unknown")
    totals["share"] = share(_number(totals["sme"]), _number(totals["sme"]) + _number(totals["large"]))
    notes = since(asked, EVALUATED_ON, "De evaluatie van 2020 noemt 80 % kmo's voor alle leden samen; per netwerk is dat niet gepubliceerd.")  # fmt: skip
    return Answer(columns, tuple(rows), totals, "Leden met een open lidmaatschap op die dag.", coverage, notes, chart=Chart("Kmo's en grote ondernemingen", "network", ("sme", "large")))  # fmt: skip


def _number(value: Value) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(0)


def survey(asked: Asked) -> Answer:
    """The results of the latest survey among members, each with its base."""
    columns = (
        Column("measure", "Vraag"),
        Column("printed", "Resultaat", definition="Zoals gepubliceerd; van geen enkele bevraging zijn de antwoorden zelf bekend."),
        Column("base", "Aantal antwoorden", Kind.NUMBER, "Enkel volledig ingevulde antwoorden tellen mee."),
    )  # fmt: skip
    rows = [
        Row(
            fact.subject,
            {
                "measure": "Score hoger dan 7 op 10 voor algemene tevredenheid (2018)",
                "printed": f"{fact.value} % van wie antwoordde",
            },
            (reads.behind_published(fact),),
            note="Het aantal antwoorden is niet gepubliceerd.",
        )
        for fact in reads.published(asked, "programma-a-30")
    ]
    for figure in SurveyFigure.objects.filter(stated_on__lte=asked.as_of, dimension="all"):
        cells: dict[str, Value] = {
            "measure": f"{survey_figures.measure_of(figure)} ({survey_figures.scale_of(figure)})",
            "printed": figure.printed,
            "base": figure.base,
        }
        rows.append(Row(figure.code, cells, (Behind(figure.measure, figure.printed, figure.source),), note=figure.note))
    if not rows:
        return none_of(columns, "Op die dag waren er nog geen resultaten van een bevraging bekend.")
    return Answer(
        columns, tuple(rows), base="Leden die antwoordden.", coverage="Uitgesplitst naar groep: QE-20. Respons: QE-21."
    )


def survey_report(asked: Asked) -> Answer:
    """The report of the survey as an annex."""
    answer = listed(asked, "verslag-bevraging", what="Verslag", value="Stand")
    return answer.with_notes("Het portaal maakt de bijlage zelf: exporteer QE-20 of neem die vraag op in een document.")


def evaluations(asked: Asked) -> Answer:
    """How and by whom the programme is evaluated."""
    return listed(asked, "evaluatie-", what="Evaluatie", value="Wat")


def new_call(asked: Asked) -> Answer:
    """Whether a new call is planned, open or closed."""
    answer = parliament_2017.calls(asked)
    said = reads.published(asked, "nieuwe-oproep")
    return answer.with_notes(*(f"{fact.label}: {fact.value.lower()} ({fact.source}). {fact.note}" for fact in said))
