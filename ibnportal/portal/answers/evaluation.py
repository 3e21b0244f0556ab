"""QE-01 … QE-11: the tables of the evaluation of 2020, for any call and any date."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet, prefetch_related_objects

from ibnportal.core.ui import formats
from ibnportal.portal.answers import decision_reads, indicator_reads, reads
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
    none_of,
    share,
    sum_known,
    summed,
    sums,
)
from ibnportal.portal.history.facts import EVALUATED_ON
from monitoring.enums import CollaborationState, KpiBasis, NetworkType
from monitoring.models import Collaboration, NetworkFact

TYPE = Column("type", "Type")
END = Column(
    "end",
    "Einde",
    Kind.DATE,
    "Volgens de bron die geldt; wat een andere bron zegt, staat op papier in een voetnoot.",
)
AWARD = Column("award", "Toegekende steun", Kind.EURO, "Over de hele looptijd.", Basis.REPORTED)
MEMBERS = Column(
    "members",
    "Leden (KPI 1)",
    Kind.NUMBER,
    "Betalende leden; waar nog geen verslag was, de streefwaarde (**).",
    Basis.REPORTED,
)
STARTED = Column(
    "started", "Samenwerkingen (KPI 3a)", Kind.NUMBER, "Gestarte samenwerkingen met minstens drie partijen; ** is een streefwaarde.", Basis.REPORTED
)  # fmt: skip
TARGET_MARK = "** nog geen verslag: streefwaarde"
TYPES = {str(value): str(label) for value, label in NetworkType.choices}
NOT_SUMMED = "Streefwaarden tellen niet mee in de som."


def types_of_cluster(asked: Asked) -> Answer:
    """The two types of cluster compared: amount, term, number, access to means."""
    columns = (
        Column("what", "Kenmerk"),
        Column("network", "Innovatief bedrijfsnetwerk"),
        Column("spc", "Speerpuntcluster"),
    )
    said = {fact.subject: fact for fact in reads.published(asked, "spc-", "ibn-aantal") if fact.is_reading}
    rules = reads.rules(asked, "call__code", "call__name", "max_grant_year", "project_years")
    amounts = "; ".join(
        f"{formats.euro(amount, cents=False)} ({code})" for _, code, _, amount, _ in rules if amount is not None
    )
    terms = "; ".join(f"{years} jaar ({code})" for _, code, *_, years in rules)
    ours = tuple(Behind(name, terms, "Regels van de oproep", f"/oproepen/{code}/") for _, code, name, *_ in rules)

    def row(key: str, what: str, network: str | None, *subjects: str) -> Row:
        found = [said[subject] for subject in subjects if subject in said]
        spc = next((fact.value for fact in found if fact.subject.startswith("spc")), None)
        return Row(key, {"what": what, "network": network, "spc": spc}, (*ours, *map(reads.behind_published, found)))

    counted = said.get("ibn-aantal")
    rows = (
        row("steun", "Hoogste steun per jaar", amounts or None, "spc-steun-jaar"),
        row("duur", "Looptijd", terms or None, "spc-duur"),
        row("aantal", "Aantal erkend", counted.value if counted else None, "ibn-aantal", "spc-aantal"),
        row("projecten", "Eigen projectbudget", "geen: gewone kanalen (H-16)", "spc-geoormerkt-2017"),
    )
    return Answer(
        columns, rows, coverage="Netwerken: regels van de oproepen. Speerpuntclusters: enkel wat gepubliceerd is."
    )


def roles(asked: Asked) -> Answer:  # noqa: ARG001 - one signature for all questions
    """The roles that the policy framework gives each type of cluster."""
    columns = (Column("type", "Type"), Column("role", "Rol"))
    return none_of(
        columns,
        "De rollen uit het beleidskader (tabel 2) zijn lopende tekst van een bron; het portaal bewaart er geen gegevens over.",
    )


def networks(asked: Asked) -> Answer:
    """The supported networks with their end, per call."""
    found = asked.known_networks()
    stated = reads.facts(found, asked, "einde")
    found = sorted(found, key=lambda one: (one.call_year, one.end_on is None, one.end_on, one.code))

    def row(network: NetworkLine) -> Row:
        facts = stated.get(network.pk, ())
        said = {
            fact.value.lstrip("0") for fact in facts if not fact.is_reading and fact.value.count("/") == DAY_SLASHES
        }
        reading = next((fact.value.lstrip("0") for fact in facts if fact.is_reading), "")
        other = sorted(value for value in said if _same(value) != _same(reading))
        cells = {"network": network.name, "end": network.end_on, "call": network.call_code}
        note = f"Andere bron: {', '.join(other)}." if other else ""
        return Row(network.code, cells, reads.behind_end(network, facts), note=note, url=reads.page_of(network))

    known = known_in([network.end_on for network in found], "netwerken")
    return Answer((NETWORK, END, CALL), Made(found, row), coverage=f"Einde gekend voor {known}.")


DAY_SLASHES = 2
"""31/8/2019 is a day; “eind 2019” is none and contradicts nothing."""


def _same(day: str) -> str:
    return "/".join(part.lstrip("0") for part in day.split("/"))


def keywords(asked: Asked) -> Answer:
    """The keywords of each network."""
    told = asked.of_networks("keywords")
    found = asked.known_networks()
    stated = reads.facts(found, asked, "kernwoorden")
    column = Column("keywords", "Kernwoorden", definition="Zoals de evaluatie ze gaf, of zoals in het dossier.")

    def row(network: NetworkLine) -> Row:
        _, words = told[network.pk]
        cells = {"network": network.name, "keywords": words or None, "call": network.call_code}
        behind = reads.behind_facts(stated.get(network.pk, ())) or Each((words,), _behind_keywords)
        return Row(network.code, cells, behind, url=reads.page_of(network))

    known = sum(bool(told[network.pk][1]) for network in found)
    return Answer(
        (NETWORK, column, CALL),
        Made(found, row),
        coverage=f"Kernwoorden gekend voor {known} van {len(found)} netwerken.",
    )


def _behind_keywords(keywords: str) -> Behind:
    return Behind("Kernwoorden", keywords, "Dossier in het portaal")


def programme_indicators(asked: Asked) -> Answer:
    """The three indicators of the programme as printed: reported, target, share; beside them what the rows give."""
    columns = (
        Column("kpi", "Indicator"),
        Column("value", "Gemeld", Kind.NUMBER, "Zoals gedrukt in tabel 5.", Basis.PUBLISHED),
        Column("target", "Streefwaarde", Kind.NUMBER, "Drie jaar na de start.", Basis.TARGET),
        Column("share", "Aandeel", Kind.PERCENT, "Gemeld gedeeld door streefwaarde, op een geheel procent (HK-07).", Basis.COMPUTED),
        Column("rows", "Som van de netwerken", Kind.NUMBER, "Wat de rijen per netwerk samen geven, zonder streefwaarden.", Basis.COMPUTED),
    )  # fmt: skip
    facts = {fact.subject: fact for fact in reads.published(asked, "programma-t5", "doel-t5") if fact.is_reading}
    sums = {"1": _reported(asked, "kpi1"), "3": _reported(asked, "kpi3")}
    rows = []
    for subject, fact in facts.items():
        if subject.startswith("programma-t5"):
            number = subject[-1]
            target = facts.get(f"doel-t5-{number}")
            goal = target.number if target else None
            cells: dict[str, Value] = {
                "kpi": fact.label, "value": fact.number, "target": goal, "share": share(fact.number, goal), "rows": sums.get(number),
            }  # fmt: skip
            behind = [reads.behind_published(fact), *([reads.behind_published(target)] if target else [])]
            different = sums.get(number) is not None and sums[number] != fact.number
            note = "De som van tabel 7 is anders; het verschil is niet na te rekenen." if different else ""
            rows.append(Row(subject, cells, tuple(behind), note=note))
    chart = Chart("Gemeld tegenover streefwaarde", "kpi", ("value", "target"))
    notes = (
        ("Nieuwe leden (658) zijn enkel voor het hele programma gepubliceerd, en in de tekst als 423 + 232 = 655.",)
        if rows
        else ()
    )
    return Answer(columns, tuple(rows), base="De eerste oproep na twee werkingsjaren, drie netwerken van de tweede na één jaar.", coverage="Gemeld door 17 van de 20 netwerken." if rows else "", notes=notes, chart=chart)  # fmt: skip


def _reported(asked: Asked, code: str) -> Decimal | None:
    about = asked.network_types()
    return sum_known(
        one.value for network, one in indicator_reads.first_reported(asked, code).items() if network in about
    )


def kinds_of_network(asked: Asked) -> Answer:
    """Independent beside established networks: number, support, members, collaborations."""
    columns = (
        TYPE,
        Column("networks", "Netwerken", Kind.NUMBER, basis=Basis.COMPUTED),
        AWARD,
        Column("members", "Leden", Kind.NUMBER, "Gemelde leden, zonder streefwaarden.", Basis.COMPUTED),
        Column("started", "Samenwerkingen", Kind.NUMBER, "Gemeld, zonder streefwaarden.", Basis.COMPUTED),
        Column("asked", "Deelnames aan interclusteraanvragen", Kind.NUMBER, "Aanvragen geteld per deelnemend netwerk.", Basis.COMPUTED),
    )  # fmt: skip
    found = asked.known_networks()
    members, started = (indicator_reads.reported(found, asked, code) for code in ("kpi1", "kpi3"))
    awards, projects = decision_reads.awarded(asked), _projects(asked)
    rows = []
    for value, label in NetworkType.choices:
        own = [network for network in found if network.network_type == value]
        if own:
            known = [amount for n in own if (amount := awards.get(n.pk)) is not None]
            cells: dict[str, Value] = {
                "type": str(label),
                "networks": len(own),
                "award": sum(known, Decimal(0)),
                "members": sum_known(members.values(own)),
                "started": sum_known(started.values(own)),
                "asked": sum(len(projects[n.pk]) for n in own if n.pk in projects) or None,
            }
            rows.append(Row(value, cells, networks_behind(own, members, asked)))
    return Answer(
        columns,
        tuple(rows),
        summed(rows, "networks", "award", "members", "started", "asked"),
        coverage=f"Bedrag gekend voor {sum(amount is not None for amount in awards.values())} van {len(found)} netwerken.",
        chart=Chart("Zelfstandig tegenover gevestigd", "type", ("networks", "started", "asked")),
    )


def networks_behind(
    networks: Sequence[NetworkLine], members: indicator_reads.Indicators, asked: Asked
) -> Sequence[Behind]:
    """What stands behind a sum: each network with its members."""

    def behind(network: NetworkLine) -> Behind:
        sources = asked.once("sources of networks", lambda: asked.of_networks("source"))
        return _network_behind(network, members[network.pk].value, sources[network.pk][1])

    return Each(networks, behind)


def _network_behind(network: NetworkLine, members: Decimal | None, source: str) -> Behind:
    return Behind(
        network.name,
        f"{reads.written(members)} leden",
        source or "Netwerk in het portaal",
        reads.page_of(network),
    )


def _projects(asked: Asked) -> dict[int, list[reads.Fact]]:
    """The intercluster applications of each network by its key, each a fact with its project; one query."""
    rows: dict[int, list[reads.Fact]] = defaultdict(list)
    for fact in map(reads.Fact._make, _stated_projects.lines(asked)):
        rows[fact.network_id].append(fact)
    return rows


@Read
def _stated_projects(asked: Asked) -> "QuerySet[Any]":
    said = Q(stated_on__isnull=True) | Q(stated_on__lte=asked.as_of)
    rows = asked.of_asked(NetworkFact.objects.filter(said, attribute__startswith="interclusterproject-"))
    return rows.values_list(*reads.Fact._fields)


def overview(asked: Asked) -> Answer:
    """One row a network: end, executor, type, origin, members, collaborations, intercluster projects, future."""
    columns = (
        NETWORK, END, Column("executor", "Uitvoerder"), TYPE, Column("origin", "Oorsprong"), MEMBERS, STARTED,
        Column("projects", "Interclusteraanvragen", Kind.NUMBER, "Zoals tabel 10 ze opsomt; tabel 7 mengt aanvragen en goedkeuringen.", Basis.COMPUTED),
        Column("future", "Toekomst"), CALL,
    )  # fmt: skip
    told = asked.of_networks("executor_text", "origin")
    found = asked.known_networks()
    members = indicator_reads.indicator(found, asked, "kpi1", order=indicator_reads.AS_TABLE_7, with_notes=True)
    started = indicator_reads.indicator(found, asked, "kpi3", order=indicator_reads.AS_TABLE_7)
    stated = reads.facts(found, asked, "uitvoerder", "type", "oorsprong", "einde", "interclusteraanvragen")
    futures = reads.futures(found, asked)
    projects = {
        pk: fact.number for pk, facts in stated.items() for fact in facts
        if fact.is_reading and fact.attribute == "interclusteraanvragen"
    }  # fmt: skip

    def is_target(network: NetworkLine) -> bool:
        after = members.chosen(network.pk)
        return after is not None and after.basis == KpiBasis.TARGET

    def row(network: NetworkLine) -> Row:
        _, executor, origin = told[network.pk]
        future = futures.get(network.pk)
        cells = {
            "network": network.name,
            "end": network.end_on,
            "executor": executor or None,
            "type": TYPES.get(network.network_type),
            "origin": origin or None,
            "members": members[network.pk].value,
            "started": started[network.pk].value,
            "projects": projects.get(network.pk),
            "future": future.text if future else None,
            "call": network.call_code,
        }
        after = members[network.pk].chosen
        note = TARGET_MARK if is_target(network) else ""
        if after is not None and after.basis == KpiBasis.REPORTED and after.project_year == 1:
            note = "* na één werkingsjaar"
        stated_of = reads.behind_facts(stated.get(network.pk, ()))
        behind = joined(stated_of, members[network.pk].behind, started[network.pk].behind)
        return Row(network.code, cells, behind, note=note, url=reads.page_of(network))

    reporting = [network for network in found if not is_target(network)]
    reported = members.values(reporting)
    return Answer(
        columns,
        Made(found, row),
        sums(members=reported, started=started.values(reporting), projects=projects.values()),
        coverage=f"Leden gemeld door {sum(value is not None for value in reported)} van {len(found)} netwerken.",
        notes=(
            NOT_SUMMED,
            *since(asked, EVALUATED_ON, "Tabel 5 telt 1.132 leden en 176 samenwerkingen; de rijen geven 1.166 en 194."),
        ),
    )


def examples(asked: Asked) -> Answer:
    """Examples of collaboration: what, for how long, with whom; and the stories of networks."""
    columns = (NETWORK, Column("example", "Voorbeeld"), Column("instrument", "Instrument"), Column("parties", "Partijen", Kind.NUMBER, basis=Basis.COMPUTED), CALL)  # fmt: skip
    stated, every = reads.stated(asked, "voorbeeld"), collaborations_of(asked)
    names = asked.networks_of({*stated, *(one.network_id for one in every)})
    rows = [
        Row(
            f"{names[pk].code}-{fact.pk}",
            {"network": names[pk].name, "example": fact.value, "call": names[pk].call_code},
            reads.behind_facts([fact]),
            note=fact.note,
        )
        for pk in names
        for fact in stated.get(pk, ())
    ]
    for together in every:
        if together.state in RUNNING:
            cells: dict[str, Value] = {
                "network": names[together.network_id].name, "example": together.title, "instrument": together.get_instrument_display(),
                "parties": len(together.parties.all()), "call": names[together.network_id].call_code,
            }  # fmt: skip
            rows.append(Row(f"samenwerking-{together.pk}", cells, (collaboration_behind(together),)))
    return Answer(
        columns,
        tuple(rows),
        coverage="De evaluatie geeft vier voorbeelden; latere samenwerkingen staan in het portaal.",
    )


RUNNING = (CollaborationState.STARTED, CollaborationState.COMPLETED)


def collaborations_of(asked: Asked) -> list[Collaboration]:
    """The collaborations of the networks of this asking that were known on its day, with their parties; two queries."""
    found: list[Collaboration] = _collaborations.all(asked)
    prefetch_related_objects(found, "parties")
    return found


@Read
def _collaborations(asked: Asked) -> "QuerySet[Collaboration]":
    entered = Collaboration.objects.filter(
        network__is_reconstructed=False, initiated_on__lte=asked.as_of, entered_at__lte=asked.until
    )
    of_networks = entered.filter(network__in=asked.networks().order_by().values("pk"))
    return of_networks.order_by("network__code", "initiated_on", "pk")


def collaboration_behind(together: Collaboration) -> Behind:
    """What stands behind a figure: one collaboration with its state."""
    return Behind(together.title, together.get_state_display(), "Samenwerkingen in het portaal")


def intercluster(asked: Asked) -> Answer:
    """Intercluster projects: title, who took part, with a spearhead cluster or not, approved or not."""
    columns = (
        Column("title", "Project"),
        Column("networks", "Netwerken"),
        Column("spc", "Met speerpuntcluster"),
        Column("approved", "Goedgekeurd", definition="Afgeleid uit wat de tekst over de projecten zegt; de markering in de tabel ging verloren."),
        Column("count", "Deelnames", Kind.NUMBER, "Netwerken die meededen.", Basis.COMPUTED),
        Column("established", "Gevestigd", Kind.NUMBER, basis=Basis.COMPUTED),
        Column("independent", "Zelfstandig", Kind.NUMBER, basis=Basis.COMPUTED),
    )  # fmt: skip
    projects = _projects(asked)
    names = asked.networks_of(projects)
    by_project: dict[str, list[tuple[NetworkLine, reads.Fact]]] = defaultdict(list)
    for pk, facts in projects.items():
        for fact in facts if pk in names else ():
            by_project[fact.attribute].append((names[pk], fact))
    rows = []
    for project, taking in sorted(by_project.items()):
        types = Counter(network.network_type for network, _ in taking)
        fact = taking[0][1]
        cells: dict[str, Value] = {
            "title": fact.value,
            "networks": ", ".join(network.name for network, _ in taking),
            "spc": fact.note.partition("speerpuntcluster ")[2].rstrip(".") or None,
            "approved": "ja" if fact.number else "nee",
            "count": len(taking),
            "established": types[NetworkType.ESTABLISHED],
            "independent": types[NetworkType.INDEPENDENT],
        }
        behind = tuple(Behind(network.name, fact.note, fact.source, reads.page_of(network)) for network, fact in taking)
        rows.append(Row(project, cells, behind))
    approved = sum(row.cells["approved"] == "ja" for row in rows)
    with_spc = [row for row in rows if row.cells["spc"]]
    also = sum(row.cells["approved"] == "ja" for row in with_spc)
    return Answer(
        columns,
        tuple(rows),
        summed(rows, "count", "established", "independent"),
        base="Aanvragen in interclusteroproepen waaraan een netwerk meedeed.",
        coverage=f"{len(rows)} aanvragen, {approved} goedgekeurd; {len(with_spc)} met een speerpuntcluster, {also} goedgekeurd.",
    )


def plan_of_evaluation(asked: Asked) -> Answer:
    """How the evaluation was set up."""
    return listed(asked, "evaluatie-", what="Evaluatie", value="Wat")
