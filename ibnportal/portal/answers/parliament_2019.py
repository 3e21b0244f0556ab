"""QP-10 … QP-24: written question 98 of 7 November 2019, answered as it should have been, for any call and any date."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from operator import attrgetter
from typing import Any

from django.db.models import Q, QuerySet

from ibnportal.core.statements import Day
from ibnportal.portal.answers import companies, indicator_reads, network_means, parliament_2017, reads, target_reads
from ibnportal.portal.answers import survey as survey_figures
from ibnportal.portal.answers.asking import OF_NETWORK, Among, Asked, NetworkLine, Read, among
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
    Late,
    Made,
    Row,
    Value,
    joined,
    known_in,
    none_of,
    share,
    summed,
    sums,
)
from ibnportal.portal.history.facts import ANSWERED_ON, EVALUATED_ON
from monitoring.enums import KpiBasis, ReportState, SizeClass
from monitoring.models import (
    Report,
    SuccessStory,
)

END = Column(
    "end",
    "Einddatum",
    Kind.DATE,
    "Volgens de bron die geldt; wat een andere bron zegt, staat op papier in een voetnoot.",
)
FUTURE = Column("future", "Toekomst", definition="Wat op die dag het recentst bekend was; het kan nog veranderen.")
BASIS = Column(
    "basis",
    "Soort",
    definition="Gemeld door het netwerk, berekend uit het portaal, streefwaarde, of geteld bij de start.",
)


def ended(asked: Asked) -> Answer:
    """Which project periods have ended on the date, and what comes next."""
    networks = _with_end(asked, asked.as_of)
    why = "Op die dag was van geen enkel netwerk de projectperiode voorbij."
    return _ends(networks, asked, base="Netwerken waarvan de projectperiode op die dag voorbij was.", why=why)


def ending(asked: Asked) -> Answer:
    """Which periods end between the date and the end of the next year, and what comes next."""
    last = date(asked.as_of.year + 1, 12, 31)
    networks = _with_end(asked, last, after=asked.as_of)
    base = f"Netwerken waarvan de projectperiode na die dag eindigt, ten laatste op 31/12/{last.year}."
    why = f"Geen enkele projectperiode eindigt na die dag en ten laatste op 31/12/{last.year}."
    return _ends(networks, asked, base=base, why=why)


def _with_end(asked: Asked, until: date, *, after: date | None = None) -> list[NetworkLine]:
    """The networks whose project period ends by `until`, and after a day where one is given, by that end and their code."""
    ends = asked.earlier().ends  # of which another end counted then than the one that stands there now
    found = asked.as_networks(_ending.lines(asked, Day(until), after and Day(after), among(ends)))
    if not ends:
        return found
    first = date.min if after is None else after
    counted = [one for one in found if one.end_on is not None and first < one.end_on <= until]
    return sorted(counted, key=attrgetter("end_on", "code"))


@Read
def _ending(asked: Asked, until: date, after: date | None, others: str) -> "QuerySet[Any]":
    """Those that end then, and those others."""
    ends = Q(end_on__lte=until) if after is None else Q(end_on__lte=until, end_on__gt=after)
    rows = asked.networks().filter(ends | Q(pk__in=Among(others))).order_by("end_on", "code")
    return rows.values_list(*OF_NETWORK)


def _ends(networks: list[NetworkLine], asked: Asked, *, base: str, why: str) -> Answer:
    """`why`: what to say where networks are known, but none of these."""
    if not networks and asked.count_networks():
        return none_of((NETWORK, END, FUTURE, CALL), why)
    futures = reads.futures(networks, asked)
    stated = reads.facts(networks, asked, "einde")

    def row(network: NetworkLine) -> Row:
        future = futures.get(network.pk)
        behind = reads.behind_end(network, stated.get(network.pk, ()))
        if future is not None:
            behind = joined(behind, Each((future,), _behind_future))
        cells = {
            "network": network.name, "end": network.end_on, "future": future.text if future else None, "call": network.call_code,
        }  # fmt: skip
        note = "" if future else "Op die dag had geen bron iets over de toekomst gezegd."
        return Row(network.code, cells, behind, note=note, url=reads.page_of(network))

    return Answer(
        (NETWORK, END, FUTURE, CALL),
        Made(networks, row),
        base=base,
        coverage=f"Toekomst gekend voor {len(futures)} van {len(networks)} netwerken.",
        is_told=bool(networks),
    )


def _behind_future(future: reads.Future) -> Behind:
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
    networks, own = asked.known_networks(), network_means.means_of(asked)

    def row(network: NetworkLine) -> Row:
        cells = {"network": network.name, "end": network.end_on, **own.cells(network.pk), "call": network.call_code}
        return Row(network.code, cells, own.behind(network.pk), url=reads.page_of(network))

    return Answer(
        columns,
        Made(networks, row),
        sums(award=own.awarded(), projects=own.supported()),
        base="Netwerken met een bekendgemaakte toekenning.",
        coverage=own.coverage(len(networks)),
        notes=since(asked, ANSWERED_ON, "Bronnen in duizend euro zijn omgerekend; 298 staat er voor 298.059 euro."),
        chart=Chart("Toegekende steun", "network", ("award",), unit="euro"),
    )


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
    networks, own = asked.known_networks(), network_means.applications_of(asked)

    def row(network: NetworkLine) -> Row:
        cells = {"network": network.name, **own.cells(network.pk), "call": network.call_code}
        return Row(network.code, cells, own.behind(network.pk), url=reads.page_of(network))

    supported, every = len(own.known("supported")), len(own.known("asked"))
    return Answer(
        columns,
        Made(networks, row),
        sums(**{key: own.known(key) for key in network_means.Applications._fields}),
        base="Projecten die de clusterorganisatie zelf aanvroeg of waarin zij meewerkte.",
        coverage=f"Gesteunde projecten gekend voor {supported} van {len(networks)} netwerken, alle aanvragen voor {every} van {len(networks)} netwerken.",
        notes=("Wat een project van leden alleen was, ziet VLAIO niet als project van het netwerk.",),
        is_told=bool(own.counts),
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
    started = indicator_reads.indicator(networks, asked, "kpi3")
    stories: dict[int, list[SuccessStory]] = defaultdict(list)
    for story in _told_stories.all(asked):
        stories[story.network_id].append(story)
    examples = reads.facts(networks, asked, "voorbeeld")
    texts = dict(_approved_results.lines(asked))

    def told(network: NetworkLine) -> int | None:
        return len(stories.get(network.pk, ())) + len(examples.get(network.pk, ())) or None

    def row(network: NetworkLine) -> Row:
        cells = {
            "network": network.name, "started": started[network.pk].value, "stories": told(network),
            "results": texts.get(network.pk) or None, "call": network.call_code,
        }  # fmt: skip
        shown = reads.behind_facts(examples.get(network.pk, ()))
        behind = joined(started[network.pk].behind, shown, Each(stories.get(network.pk, ()), _behind_story))
        return Row(network.code, cells, behind, url=reads.page_of(network))

    return Answer(
        columns,
        Made(networks, row),
        sums(started=started.values(networks), stories=map(told, networks)),
        coverage=f"Jaarverslagen met resultaten van {sum(bool(texts.get(one.pk)) for one in networks)} van {len(networks)} netwerken.",
        notes=(
            "Eindverslagen van netwerken van voor het portaal zijn niet gepubliceerd.",
            *since(asked, ANSWERED_ON, "In november 2019 waren die eindverslagen nog niet ingediend."),
            "Of de steun de oorzaak was, zegt geen enkel cijfer.",
            *since(asked, EVALUATED_ON, "De bevraging vraagt leden naar de bijdrage van het netwerk (QE-17)."),
        ),
        is_told=bool(started or examples or any(stories.get(one.pk) for one in networks)),
    )


@Read
def _told_stories(asked: Asked) -> "QuerySet[SuccessStory]":
    return asked.of_asked(SuccessStory.objects.filter(told_on__lte=asked.as_of))


@Read
def _approved_results(asked: Asked) -> "QuerySet[Any]":
    """(network, results) of the approved reports, as they are listed."""
    reports = Report.objects.filter(state=ReportState.APPROVED, approved_at__lte=asked.until)
    return reports.filter(award_year__network__in=asked.networks().order_by().values("pk")).values_list(
        "award_year__network_id", "results"
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
    lines = target_reads.with_targets(asked)

    def row(line: target_reads.WithTarget) -> Row:
        place, network, label, target, value = line
        amount = value.value if value else None
        cells = {
            "network": network.name,
            "kpi": label,
            "target": target[0] if target else None,
            "value": amount,
            "share": share(amount, target[0] if target else None),
            "moment": value.as_of if value else None,
            "call": network.call_code,
        }
        behind = Late((target is not None) + (value is not None), partial(_behind_indicator, label, target, value))
        return Row(f"{network.code}-{place}", cells, behind, url=reads.page_of(network))

    aimed, said = sum(one.target is not None for one in lines), sum(one.value is not None for one in lines)
    return Answer(
        columns,
        Made(lines, row),
        base="Indicatoren van het programma en eigen indicatoren van het netwerk.",
        coverage=f"Streefwaarde gekend voor {aimed} van {len(lines)} rijen, gemelde waarde voor {said} van {len(lines)} rijen.",
        notes=("Streefwaarden per netwerk van de eerste oproep zijn niet gepubliceerd; alleen hun som.",),
    )


def _behind_indicator(
    label: str, target: tuple[Decimal, str] | None, value: "target_reads.Realised | None"
) -> list[Behind]:
    behind = [Behind(f"{label} (streefwaarde)", reads.written(target[0]), target[1])] if target else []
    if value:
        behind.append(Behind(f"{label} (gemeld)", reads.written(value.value), value.source, note=value.note))
    return behind


def final_reports(asked: Asked) -> Answer:
    """Which reports of the last project year are in, due or late."""
    columns = (NETWORK, END, Column("due", "Uiterlijk", Kind.DATE), Column("state", "Stand"), CALL)
    networks = [
        network for network in asked.known_networks() if network.end_on is not None and network.end_on <= asked.as_of
    ]
    reports = {network: report for network, *report in _last_reports.lines(asked)}
    answered = "Schriftelijke vraag 98 van 7 november 2019, antwoord 1c"
    unseen = answered if since(asked, ANSWERED_ON, answered) else "Verslagen in het portaal"

    def row(network: NetworkLine) -> Row:
        due, submitted = reports.get(network.pk, (None, None))
        received = reads.day_of(submitted, until=asked.until)
        if due is None:
            state = "geen verslag in het portaal"
        elif received is not None:
            state = f"ingediend op {reads.written(received)}"
        else:
            state = "te laat" if due < asked.as_of else "verwacht"
        cells = {
            "network": network.name, "end": network.end_on, "due": due, "state": state, "call": network.call_code,
        }  # fmt: skip
        behind = Behind("Eindverslag", state, unseen if due is None else "Verslagen in het portaal")
        return Row(network.code, cells, (behind,), url=reads.page_of(network))

    return Answer(
        (*columns,),
        Made(networks, row),
        base="Netwerken waarvan de projectperiode op die dag voorbij was.",
        coverage=f"Verslag in het portaal voor {sum(one.pk in reports for one in networks)} van {len(networks)} netwerken.",
        notes=since(asked, ANSWERED_ON, "In november 2019 meldde het antwoord dat geen enkel eindverslag binnen was."),
    )


@Read
def _last_reports(asked: Asked) -> "QuerySet[Any]":
    """(network, due, handed in) of the report of each network's last project year that has one."""
    reports = Report.objects.filter(award_year__network__in=asked.networks().order_by().values("pk"))
    last = reports.order_by("award_year__network_id", "-award_year__project_year").distinct("award_year__network_id")
    return last.values_list("award_year__network_id", "due_on", "submitted_at")


def findings(asked: Asked) -> Answer:
    """What follows from the monitoring in general: positive points and bottlenecks."""
    return listed(asked, "bevinding-", what="Bevinding", value="Soort")


def members(asked: Asked) -> Answer:
    """How many member companies each network has; where the first year had not ended, those of the start."""
    networks = asked.known_networks()
    counts = indicator_reads.indicator(networks, asked, "kpi1", with_notes=True)
    is_counted = {
        network.pk
        for network in networks
        if asked.has_company_filter
        or (chosen := counts.chosen(network.pk)) is None
        or chosen.basis == KpiBasis.COMPUTED
    }
    registered = companies.numbers([network for network in networks if network.pk in is_counted], asked)

    def counted(network: NetworkLine) -> tuple[Decimal | None, str]:
        if network.pk in registered:
            return Decimal(registered[network.pk]), Basis.COMPUTED.value
        chosen = None if asked.has_company_filter else counts.chosen(network.pk)
        return (None, "") if chosen is None else (chosen.value, indicator_reads.BASIS_WORDS[chosen.basis])

    def row(line: tuple[NetworkLine, tuple[Decimal | None, str]]) -> Row:
        network, (value, basis) = line
        found = counts[network.pk]
        behind = _listed(network, registered[network.pk], asked) if network.pk in registered else found.behind
        cells = {"network": network.name, "members": value, "basis": basis or None, "call": network.call_code}
        note = "aantal bij de start" if basis == Basis.AT_START else ""
        note = "; ".join(filter(None, [note, found.chosen.note if found.chosen else ""]))
        return Row(network.code, cells, behind, note=note, url=reads.page_of(network))

    numbers = list(map(counted, networks))
    known = [value for value, _ in numbers]
    column = Column("members", "Actieve ondernemingen", Kind.NUMBER, "Betalende leden van het netwerk op die dag (HK-01). Een onderneming in twee netwerken telt twee keer.")  # fmt: skip
    return Answer(
        (NETWORK, column, BASIS, CALL),
        Made(list(zip(networks, numbers, strict=True)), row),
        sums(members=known),
        base="Alle netwerken met een bekendgemaakte toekenning.",
        coverage=f"Aantal gekend voor {known_in(known, 'netwerken')}.",
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
    for figure in survey_figures.published_figures(asked):
        if figure.dimension != "all":
            continue
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
