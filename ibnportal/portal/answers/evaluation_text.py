"""QE-22 … QE-35: what the text of the evaluation of 2020 says of growth, money and activity, for any call and any date."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from typing import Any

from django.db.models import QuerySet

from evaluation.enums import ConditionTopic, DecisionOutcome
from ibnportal.core.ui import formats
from ibnportal.portal.answers import decision_reads, indicator_reads, reads, target_reads
from ibnportal.portal.answers.asking import Asked, Read
from ibnportal.portal.answers.evaluation import (
    collaboration_behind,
    collaborations_of,
    networks_behind,
)
from ibnportal.portal.answers.payers import behind_payers, raised
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
    none_of,
    sum_known,
    summed,
)
from ibnportal.portal.history.facts import EVALUATED_ON
from monitoring.domain.collaborations import kind_of
from monitoring.enums import FailureReason, NetworkType
from monitoring.models import Collaboration, Settlement, SteeringAttendance


def growth(asked: Asked) -> Answer:
    """Members and new members, in all and by type of network."""
    columns = (
        Column("group", "Groep"),
        Column("printed", "Gedrukt", Kind.NUMBER, "Zoals in de tekst van de evaluatie.", Basis.PUBLISHED),
        Column("new", "Nieuwe leden, gedrukt", Kind.NUMBER, "Sinds de start van het project lid geworden (HK-02).", Basis.PUBLISHED),
        Column("rows", "Som van de netwerken", Kind.NUMBER, basis=Basis.COMPUTED),
    )  # fmt: skip
    types, first = asked.network_types(), indicator_reads.first_reported(asked, "kpi1")
    said = {fact.subject: fact for fact in reads.published(asked, "programma-a-0")}
    rows = []
    for value, label, number, new in (
        (NetworkType.INDEPENDENT, "Zelfstandig", "programma-a-02", "programma-a-03"),
        (NetworkType.ESTABLISHED, "Gevestigd", "programma-a-04", "programma-a-05"),
    ):
        told = {network for network in first if types.get(network) == value}
        total = sum_known(first[network].value for network in told)
        facts = [said[subject] for subject in (number, new) if subject in said]
        if facts or total is not None:
            cells: dict[str, Value] = {
                "group": label,
                "printed": said[number].number if number in said else None,
                "new": said[new].number if new in said else None,
                "rows": total,
            }
            behind = joined(Each(facts, reads.behind_published), Late(len(told), partial(_reporting, asked, told)))
            rows.append(Row(value, cells, behind))
    return Answer(columns, tuple(rows), summed(rows, "printed", "new", "rows"), notes=since(asked, EVALUATED_ON, "692 is zonder Space 4.0 (27): met dat netwerk erbij is het 719.") if rows else (), coverage="Nieuwe leden per netwerk zijn niet gepubliceerd.")  # fmt: skip


def targets_reached(asked: Asked) -> Answer:
    """How many networks had reached their target of members, and how many not that of collaborations."""
    facts = listed(
        asked, "programma-a-08", "programma-a-09", what="Wat", value="Aantal netwerken (van 14)", with_number=True
    )
    told = target_reads.comparable(asked)
    return facts.with_notes(
        "Na te rekenen is dit niet: streefwaarden per netwerk van de eerste oproep zijn niet gepubliceerd.",
        f"Uit het portaal zelf is voor {told} {'indicator' if told == 1 else 'indicatoren'} van netwerken een uitspraak mogelijk (QP-32).",
    )


def members_by_support(asked: Asked) -> Answer:
    """Members of networks with much support beside those of the others."""
    columns = (
        Column("group", "Groep"),
        Column("networks", "Netwerken", Kind.NUMBER, basis=Basis.COMPUTED),
        Column("members", "Leden", Kind.NUMBER, "Gemelde leden, zonder streefwaarden.", Basis.COMPUTED),
        Column("printed", "Gedrukt", Kind.NUMBER, basis=Basis.PUBLISHED),
    )
    awards, about = decision_reads.awarded(asked), asked.network_types()
    members = {
        network: one.value for network, one in indicator_reads.first_reported(asked, "kpi1").items() if network in about
    }
    said = {fact.subject: fact for fact in reads.published(asked, "programma-a-06", "programma-a-07")}
    bound = Decimal(MUCH)
    known = [(network, amount) for network in members if (amount := awards.get(network)) is not None]
    rows = []
    for key, label, subject, is_much in (
        ("veel", f"Meer dan {formats.euro(bound, cents=False)} steun", "programma-a-06", True),
        ("minder", "Andere", "programma-a-07", False),
    ):
        own = {network for network, amount in known if (amount > bound) == is_much}
        fact = said.get(subject)
        cells: dict[str, Value] = {
            "group": label, "networks": len(own), "members": sum_known(members[network] for network in own), "printed": fact.number if fact else None,
        }  # fmt: skip
        printed = [reads.behind_published(fact)] if fact else []
        behind = joined(printed, Late(len(own), partial(_reporting, asked, own)))
        if own or fact:
            rows.append(Row(key, cells, behind))
    return Answer(columns, tuple(rows), summed(rows, "networks", "members", "printed"), coverage=f"Leden en steun gekend voor {len(known)} van {len(about)} netwerken.", notes=("De tekst noemt 662 en 504; de rijen van tabel 7 geven 661 en 505.",) if said else ())  # fmt: skip


def _reporting(asked: Asked, own: set[int]) -> Sequence[Behind]:
    """These networks with the members that they reported, in the order of all."""
    found = [network for network in asked.known_networks() if network.pk in own]
    return networks_behind(found, indicator_reads.reported(found, asked, "kpi1"), asked)


MUCH = 400_000
SMALL = 300_000
"""The bounds in euro at which the evaluation of 2020 split the networks."""


def size_of_support(asked: Asked) -> Answer:
    """How many networks have the highest support, and how many less than a bound."""
    columns = (
        Column("group", "Groep"),
        Column("networks", "Netwerken", Kind.NUMBER, basis=Basis.COMPUTED),
        Column("printed", "Gedrukt"),
    )
    decisions = decision_reads.amounts(asked)
    known = [(pk, amount) for pk, amount in decisions if amount is not None]
    highest = max((amount for _, amount in known), default=Decimal(0))
    said = {fact.subject: fact for fact in reads.published(asked, "programma-a-16", "programma-a-17")}
    groups = (
        ("hoogste", f"Precies het hoogste bedrag ({formats.euro(highest, cents=False)})", "programma-a-16", [pk for pk, amount in known if amount == highest]),
        ("laag", f"Minder dan {formats.euro(Decimal(SMALL), cents=False)}", "programma-a-17", [pk for pk, amount in known if amount < SMALL]),
        ("ertussen", f"Van {formats.euro(Decimal(SMALL), cents=False)} tot minder dan het hoogste bedrag", "", [pk for pk, amount in known if SMALL <= amount < highest]),
        ("onbekend", "Bedrag niet gepubliceerd", "", [pk for pk, amount in decisions if amount is None]),
    )  # fmt: skip
    rows = [
        Row(
            key,
            {"group": label, "networks": len(own), "printed": said[subject].value if subject in said else None},
            decision_reads.behind(asked, DecisionOutcome.AWARDED, *own),
        )
        for key, label, subject, own in groups
        if own
    ]
    return Answer(columns, tuple(rows), coverage=f"Bedrag gekend voor {len(known)} van {len(decisions)} netwerken.", notes=since(asked, EVALUATED_ON, "De tekst zegt “een vijftal” aan het hoogste bedrag: twee bedragen liggen er enkele honderden euro's onder.") if rows else ())  # fmt: skip


@Read
def _settlements(asked: Asked) -> "QuerySet[Settlement]":
    settled = Settlement.objects.filter(
        award_year__network__in=asked.networks().order_by(), settled_at__lte=asked.until
    )
    in_order = settled.order_by("award_year__network__code", "award_year__project_year")
    return in_order.select_related("award_year__network__call")


def carried_over(asked: Asked) -> Answer:
    """Who carried a surplus of co-financing to the next year, and how much."""
    columns = (NETWORK, Column("year", "Projectjaar", Kind.NUMBER), Column("surplus", "Overschot", Kind.EURO, "Cofinanciering die niet nodig was in dat jaar; het is geen steun (H-18).", Basis.COMPUTED), CALL)  # fmt: skip
    rows = [
        Row(
            f"{one.award_year.network.code}-{one.award_year.project_year}",
            {"network": one.award_year.network.name, "year": one.award_year.project_year, "surplus": one.surplus_cofinancing, "call": one.award_year.network.call.code},
            (Behind("Afrekening", formats.euro(one.surplus_cofinancing), "Afrekeningen in het portaal", reads.page_of(one.award_year.network)),),
        )
        for one in _settlements.all(asked)
    ]  # fmt: skip
    if not rows:
        return none_of(columns, "Op die dag was in het portaal nog geen jaar afgerekend.", *since(asked, EVALUATED_ON, "De evaluatie van 2020 zegt dat de meeste netwerken een saldo meenamen; de bedragen zijn niet gepubliceerd."))  # fmt: skip
    return Answer(columns, tuple(rows), summed(rows, "surplus"), coverage=f"{len(rows)} afgerekende jaren.")


def collaborations(asked: Asked) -> Answer:
    """Collaborations by number of parties and outcome, attempts that led to nothing included (HK-09, HK-10)."""
    columns = (
        Column("kind", "Soort", definition="Bilateraal: twee partijen. Multilateraal: drie of meer."),
        Column("state", "Uitkomst"),
        Column("count", "Aantal", Kind.NUMBER, basis=Basis.COMPUTED),
        Column("why", "Redenen van mislukken"),
    )
    groups: dict[tuple[str, str], list[Collaboration]] = defaultdict(list)
    for together in collaborations_of(asked):
        groups[kind_of(len(together.parties.all())), together.get_state_display()].append(together)
    rows = []
    for (kind, state), own in sorted(groups.items()):
        why = Counter(str(FailureReason(one.failure_reason).label) for one in own if one.failure_reason)
        cells: dict[str, Value] = {
            "kind": kind, "state": state, "count": len(own), "why": ", ".join(f"{reason} ({n})" for reason, n in why.items()) or None,
        }  # fmt: skip
        rows.append(Row(f"{kind}-{state}", cells, tuple(map(collaboration_behind, own))))
    said = reads.published(asked, "mislukt-", "programma-a-10")
    rows += [
        Row(fact.subject, {"kind": "Gepubliceerd", "state": f"{fact.label[:1].upper()}{fact.label[1:]}: {fact.value}" if fact.subject.startswith("programma") else fact.label}, (reads.behind_published(fact),), note=fact.note)
        for fact in said
    ]  # fmt: skip
    with_rows = len({one.network_id for own in groups.values() for one in own})
    return Answer(
        columns,
        tuple(rows),
        coverage=f"Samenwerkingen in het portaal van {with_rows} van {asked.count_networks()} netwerken.",
    )


def collaborations_by_instrument(asked: Asked) -> Answer:
    """Collaborations by what carries them."""
    columns = (Column("instrument", "Instrument"), Column("count", "Aantal", Kind.NUMBER, basis=Basis.COMPUTED), Column("started", "Waarvan gestart", Kind.NUMBER, basis=Basis.COMPUTED))  # fmt: skip
    groups: dict[str, list[Collaboration]] = defaultdict(list)
    for together in collaborations_of(asked):
        groups[together.get_instrument_display()].append(together)
    rows = [
        Row(name, {"instrument": name, "count": len(own), "started": sum(one.started_on is not None and one.started_on <= asked.as_of for one in own)}, tuple(map(collaboration_behind, own)))
        for name, own in sorted(groups.items())
    ]  # fmt: skip
    return Answer(
        columns,
        tuple(rows),
        summed(rows, "count", "started"),
        chart=Chart("Samenwerkingen per instrument", "instrument", ("count", "started")),
    )


def partnerships(asked: Asked) -> Answer:
    """Structural partnership with FIT, own or through the mother organisation (H-27)."""
    return _stated(asked, "partnerschap", "Partnerschap", "14 van de 20 netwerken hadden een doelstelling over internationalisering; welke, is niet gepubliceerd.")  # fmt: skip


def studies(asked: Asked) -> Answer:
    """Focus studies on competences (H-28)."""
    return _stated(asked, "focusstudie", "Studie", "Samen bereikten de studies ruim 200 ondernemingen; per netwerk is dat niet gepubliceerd.")  # fmt: skip


def other_actors(asked: Asked) -> Answer:
    """Who besides companies sits in the steering group (H-35): as published, and from the attendance of meetings."""
    answer = _stated(asked, "stuurgroep", "Actor", "De bron geeft voorbeelden, geen volledige lijst.")
    attended = _attended.all(asked)
    found = asked.networks_of(one.meeting.network_id for one in attended)
    rows = list(answer.rows)
    seen: set[tuple[int, int]] = set()
    for one in attended:
        key = (one.meeting.network_id, one.organisation_id)
        if key not in seen and one.meeting.network_id in found:
            seen.add(key)
            network = found[one.meeting.network_id]
            cells: dict[str, Value] = {"network": network.name, "value": f"{one.organisation.name} ({one.organisation.get_kind_display()})", "call": network.call_code}  # fmt: skip
            rows.append(
                Row(
                    f"{network.code}-{one.organisation_id}",
                    cells,
                    (Behind(one.organisation.name, "aanwezig", "Vergaderingen van de stuurgroep"),),
                )
            )
    return Answer(answer.columns, tuple(rows), coverage=answer.coverage, notes=answer.notes)


@Read
def _attended(asked: Asked) -> "QuerySet[SteeringAttendance]":
    """By others than companies."""
    others = SteeringAttendance.objects.filter(meeting__starts_at__lte=asked.until).exclude(
        organisation__kind="company"
    )
    in_order = asked.of_asked(others, "meeting__network").order_by("meeting__network__code", "organisation__name")
    return in_order.select_related("organisation", "meeting")


def _stated(asked: Asked, attribute: str, title: str, *notes: str) -> Answer:
    stated = reads.stated(asked, attribute)
    names = asked.networks_of(stated)
    rows = [
        Row(
            f"{names[pk].code}-{fact.pk}",
            {"network": names[pk].name, "value": fact.value, "call": names[pk].call_code},
            reads.behind_facts([fact]),
            note=fact.note,
            url=reads.page_of(names[pk]),
        )
        for pk in names
        for fact in stated[pk]
    ]
    with_rows = len({row.cells["network"] for row in rows})
    return Answer(
        (NETWORK, Column("value", title), CALL),
        tuple(rows),
        coverage=f"{with_rows} van {asked.count_networks()} netwerken.",
        notes=notes if rows else (),
    )


def spearhead_links(asked: Asked) -> Answer:
    """The relation with a spearhead cluster: condition of the award, and what became of it (H-15)."""
    columns = (NETWORK, Column("condition", "Voorwaarde"), Column("future", "Toekomst"), CALL)
    said = {
        decided: [text for _, topic, text in conditions if topic == ConditionTopic.SPC_INTEGRATION]
        for decided, conditions in decision_reads.conditions(asked).items()
    }
    decided = [pk for pk, texts in said.items() if texts]
    decisions = decision_reads.awards_among(asked, decided, "number", "name", "network_pk", "call")
    futures = reads.futures([network for *_, network, _ in decisions if network is not None], asked)
    rows = []
    for pk, number, name, network, call in decisions:
        future = futures.get(network)
        cells: dict[str, Value] = {
            "network": name, "condition": said[pk][0], "future": future.text if future else None, "call": call,
        }  # fmt: skip
        told = [Behind("Toekomst", future.text, future.source)] if future else []
        rows.append(Row(number, cells, joined(decision_reads.behind(asked, DecisionOutcome.AWARDED, pk), told)))
    return Answer(
        columns, tuple(rows), base="Toekenningen met de voorwaarde om met een speerpuntcluster samen te werken."
    )


def asked_too_little(asked: Asked) -> Answer:
    """Support requested beside the co-financing that was raised later: whether less was asked than could be matched."""
    columns = (
        NETWORK,
        Column("requested", "Gevraagd", Kind.EURO, basis=Basis.REPORTED),
        Column("award", "Toegekend", Kind.EURO, basis=Basis.REPORTED),
        Column(
            "raised", "Aanvaarde bijdragen", Kind.EURO, "Wat op die dag aanvaard was, alle jaren samen.", Basis.COMPUTED
        ),
        CALL,
    )
    found = asked.known_networks()
    awards = {award[1]: award for award in decision_reads.awards(asked, "network_pk", "requested", "amount")}
    paid = raised(asked)
    rows = []
    for network in found:
        if network.pk in paid and network.pk in awards:
            pk, _, requested, amount = awards[network.pk]
            cells: dict[str, Value] = {
                "network": network.name, "requested": requested, "award": amount, "raised": paid[network.pk], "call": network.call_code,
            }  # fmt: skip
            behind = behind_payers(network.pk, None, asked, decision_reads.behind(asked, DecisionOutcome.AWARDED, pk))
            rows.append(Row(network.code, cells, behind, url=reads.page_of(network)))
    coverage = f"Bijdragen in het portaal van {len(rows)} van {len(found)} netwerken."
    if not rows:
        return none_of(columns, "Op die dag waren in het portaal nog geen bijdragen aanvaard; van vroegere oproepen is dit niet gepubliceerd.", coverage=coverage)  # fmt: skip
    return Answer(columns, tuple(rows), summed(rows, "requested", "award", "raised"), coverage=coverage)


def managers(asked: Asked) -> Answer:
    """Whether the cluster manager was known in the application (LES-01)."""
    columns = (Column("title", "Initiatief"), Column("known", "Clustermanager gekend"), CALL)
    named = _named_managers.lines(asked)

    def row(line: tuple[str, str, str, str]) -> Row:
        number, title, manager, call = line
        cells = {"title": title, "known": _is_known(manager), "call": call}
        return Row(number, cells, Each((manager,), partial(_behind_manager, number)))

    if not named:
        return none_of(
            columns,
            "Of de clustermanager bij de aanvraag gekend was, is voor oproepen van voor het portaal niet gepubliceerd.",
        )
    return Answer(columns, Made(named, row), coverage=f"{len(named)} dossiers in het portaal.")


@Read
def _named_managers(asked: Asked) -> "QuerySet[Any]":
    seen = asked.applications().filter(is_reconstructed=False, created_at__lte=asked.until)
    return seen.values_list("number", "title", "cluster_manager_name", "call__code")


def _is_known(manager: str) -> str:
    return "ja" if manager.strip() else "nee"


def _behind_manager(number: str, manager: str) -> Behind:
    return Behind("Clustermanager", _is_known(manager), f"Dossier {number}")


def total_cofinancing(asked: Asked) -> Answer:
    """The co-financing mobilised: as printed, and what was accepted in the portal."""
    columns = (Column("what", "Wat"), Column("amount", "Bedrag", Kind.EURO), Column("basis", "Soort"))
    rows = [
        Row(
            fact.subject,
            {
                "what": f"{fact.label[:1].upper()}{fact.label[1:]}, zoals gedrukt: {fact.value.replace('€', 'euro')}",
                "basis": Basis.PUBLISHED.value,
            },
            (reads.behind_published(fact),),
            note="Dit is de som van de steun (4,7 + 1,5 miljoen), niet een gemeten cofinanciering.",
        )
        for fact in reads.published(asked, "programma-a-14")
    ]
    found = asked.known_networks()
    paid = raised(asked)
    names = {network.pk: network for network in found}
    if paid:
        behind = tuple(
            Behind(
                names[pk].name,
                formats.euro(one),
                "Aanvaarde bijdragen in het portaal",
                reads.page_of(names[pk]),
            )
            for pk, one in paid.items()
        )
        total = sum(paid.values(), Decimal(0))
        rows.append(
            Row(
                "portaal",
                {
                    "what": f"Aanvaarde bijdragen van {len(paid)} netwerken",
                    "amount": total,
                    "basis": Basis.COMPUTED.value,
                },
                behind,
            )
        )
    return Answer(
        columns, tuple(rows), coverage=f"Bijdragen in het portaal van {len(paid)} van {len(found)} netwerken."
    )
