"""QE-12 … QE-15: who the members are: size, age, place, and in how many networks (HE-01 … HE-05)."""

from collections import Counter, defaultdict
from decimal import ROUND_HALF_UP, Decimal
from heapq import nlargest
from itertools import chain, combinations

from calls.models import PublishedFact
from ibnportal.core.places import FLEMISH, Province
from ibnportal.core.ui import formats
from ibnportal.portal.answers import companies, reads
from ibnportal.portal.answers.asking import Asked
from ibnportal.portal.answers.companies import Listed, Member, Shared
from ibnportal.portal.answers.table import (
    Answer,
    Basis,
    Behind,
    Chart,
    Column,
    Each,
    Kind,
    Row,
    Value,
    none_of,
    share,
    summed,
)
from monitoring.enums import SizeClass
from monitoring.models import Network

COMPANIES = Column(
    "companies",
    "Ondernemingen",
    Kind.NUMBER,
    "Elke onderneming één keer, ook als ze in meer netwerken zit.",
    Basis.COMPUTED,
)
SHARE = Column("share", "Aandeel", Kind.PERCENT, "Van de ondernemingen waarvan het gekend is.", Basis.COMPUTED)
PUBLISHED = Column("published", "Evaluatie 2020", definition="Wat de evaluatie voor alle leden samen drukt.")
NOBODY = Behind("Geen enkel lid", "0", "Ledenlijst in het portaal")
AGES = (
    (5, "Jonger dan 5 jaar (start-up)"),
    (11, "5 tot en met 10 jaar"),
    (26, "11 tot en met 25 jaar"),
    (51, "26 tot en met 50 jaar"),
)
"""The age classes of figure 3, by the first age that is too old."""


PERCENTAGES = ("programma-a-24", "programma-a-25", "programma-a-28")
"""Figures that the evaluation prints in per cent of the members."""
MOST_PAIRS = 2_000
"""Pairs of networks in one answer."""


def _members(asked: Asked) -> tuple[list[Network], dict[int, Listed]]:
    """The networks and their members, read once an asking."""
    networks = asked.known_networks()
    return networks, asked.once("members", lambda: companies.counted(networks, asked))


def _distinct(asked: Asked) -> tuple[list[Member], str]:
    """Each company once, as in the first of its networks, and how many networks have a list of members."""
    networks, every = _members(asked)
    coverage = f"Ledenlijst in het portaal van {len(every)} van {len(networks)} netwerken."
    return asked.once("companies", lambda: _once_each(every)), coverage


def _once_each(every: dict[int, Listed]) -> list[Member]:
    first: dict[int, Member] = {}
    for listed in every.values():
        for place, company in enumerate(listed.companies):
            if company.pk not in first:
                first[company.pk] = listed[place]
    return list(first.values())


def _none(columns: tuple[Column, ...], coverage: str, asked: Asked, *subjects: str) -> Answer:
    said = [
        f"{fact.label[:1].upper()}{fact.label[1:]}: {_printed(fact)} ({fact.source})."
        for fact in reads.published(asked, *subjects)
    ]
    why = "Van geen enkel netwerk staan op die dag de leden in het portaal; per onderneming is niets gepubliceerd."
    return none_of(columns, why, *said, coverage=coverage)


def sizes(asked: Asked) -> Answer:
    """Members by size class."""
    columns = (Column("size", "Grootte", definition="Volgens de Europese definitie, uit de cijfers van de onderneming en haar partners (HE-01)."), COMPANIES, SHARE)  # fmt: skip
    found, coverage = _distinct(asked)
    if not found:
        return _none(columns, coverage, asked, "programma-a-24", "programma-a-25")
    known = sum(member.size != SizeClass.UNKNOWN for member in found)
    rows = []
    for size in SizeClass:
        own = [member for member in found if member.size == size]
        cells: dict[str, Value] = {
            "size": str(size.label), "companies": len(own), "share": share(len(own), known) if size != SizeClass.UNKNOWN else None,
        }  # fmt: skip
        rows.append(Row(size.value, cells, Each(own, companies.behind) if own else (NOBODY,)))
    return Answer(columns, tuple(rows), summed(rows, "companies"), "Leden op die dag.", f"{coverage} Grootte gekend voor {known} van {len(found)} ondernemingen.", _said(asked, "programma-a-24", "programma-a-25"), chart=Chart("Leden naar grootte", "size", ("companies",)))  # fmt: skip


def _said(asked: Asked, *subjects: str) -> tuple[str, ...]:
    return tuple(
        f"Evaluatie van 2020: {fact.label.lower()}: {_printed(fact)}." for fact in reads.published(asked, *subjects)
    )


def _printed(fact: PublishedFact) -> str:
    return f"{fact.value}{formats.NBSP}%" if fact.subject in PERCENTAGES else fact.value


def ages(asked: Asked) -> Answer:
    """Members by age class, and their mean age."""
    columns = (Column("age", "Leeftijd", definition="Hele jaren sinds de oprichting; jonger dan 5 jaar is een start-up (HE-02)."), COMPANIES, SHARE)  # fmt: skip
    found, coverage = _distinct(asked)
    if not found:
        return _none(columns, coverage, asked, "programma-a-26", "programma-a-27", "programma-a-28")
    classes: dict[str, list[Member]] = {label: [] for label in (*(label for _, label in AGES), OLD, UNKNOWN)}
    for member in found:
        classes[age_class(member.age)].append(member)
    told = [member.age for member in found if member.age is not None]
    rows = []
    for label, own in classes.items():
        cells: dict[str, Value] = {
            "age": label,
            "companies": len(own),
            "share": share(len(own), len(told)) if label != UNKNOWN else None,
        }
        rows.append(Row(label, cells, Each(own, companies.behind) if own else (NOBODY,)))
    mean = _mean(told)
    notes = (
        *([f"Gemiddelde leeftijd: {reads.written(mean)} jaar."] if mean is not None else []),
        *_said(asked, "programma-a-26", "programma-a-27", "programma-a-28"),
    )
    return Answer(columns, tuple(rows), summed(rows, "companies"), "Leden op die dag.", f"{coverage} Leeftijd gekend voor {len(told)} van {len(found)} ondernemingen.", notes, chart=Chart("Leden naar leeftijd", "age", ("companies",)))  # fmt: skip


OLD, UNKNOWN = "Ouder dan 50 jaar", "Onbekend"


def age_class(age: int | None) -> str:
    """The class that an age in whole years falls in (HE-03)."""
    if age is None:
        return UNKNOWN
    return next((label for bound, label in AGES if age < bound), OLD)


def _mean(ages_: list[int]) -> Decimal | None:
    return (Decimal(sum(ages_)) / len(ages_)).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP) if ages_ else None


def places(asked: Asked) -> Answer:
    """Members by the province of their registered office (HE-04)."""
    columns = (Column("province", "Provincie", definition="Van de zetel; andere vestigingen van dezelfde onderneming tellen niet (HE-04)."), COMPANIES, SHARE)  # fmt: skip
    found, coverage = _distinct(asked)
    if not found:
        return _none(columns, coverage, asked)
    by_place: dict[Province | None, list[Member]] = defaultdict(list)
    for member in found:
        by_place[member.province].append(member)
    known = len(found) - len(by_place[None])
    order = [*sorted(FLEMISH), *(province for province in Province if province not in FLEMISH)]
    rows = []
    for province in order:
        own = by_place.get(province, [])
        if own or province in FLEMISH:
            cells: dict[str, Value] = {
                "province": str(province.label),
                "companies": len(own),
                "share": share(len(own), known),
            }
            rows.append(Row(province.value, cells, Each(own, companies.behind) if own else (NOBODY,)))
    if by_place[None]:
        rows.append(
            Row(
                "onbekend",
                {"province": UNKNOWN, "companies": len(by_place[None])},
                Each(by_place[None], companies.behind),
            )
        )
    return Answer(columns, tuple(rows), summed(rows, "companies"), "Leden op die dag.", f"{coverage} Provincie gekend voor {known} van {len(found)} ondernemingen.", chart=Chart("Leden per provincie", "province", ("companies",), is_map=True))  # fmt: skip


def sectors(asked: Asked) -> Answer:
    """Members by sector (section of the NACE code)."""
    columns = (Column("sector", "Sector", definition="De sectie van de NACE-code."), COMPANIES, SHARE)
    found, coverage = _distinct(asked)
    if not found:
        return _none(columns, coverage, asked)
    by_section: dict[tuple[str, str], list[Member]] = defaultdict(list)
    for member in found:
        by_section[member.section or ("", UNKNOWN)].append(member)
    known = len(found) - len(by_section.get(("", UNKNOWN), []))
    rows = [
        Row(letter or "onbekend", {"sector": f"{letter}. {name}" if letter else name, "companies": len(own), "share": share(len(own), known) if letter else None}, Each(own, companies.behind))
        for (letter, name), own in sorted(by_section.items(), key=lambda item: (item[0][0] == "", item[0]))
    ]  # fmt: skip
    return Answer(columns, tuple(rows), summed(rows, "companies"), "Leden op die dag.", f"{coverage} Sector gekend voor {known} van {len(found)} ondernemingen.", chart=Chart("Leden per sector", "sector", ("companies",)))  # fmt: skip


def memberships(asked: Asked) -> Answer:
    """In how many networks companies are a member (HE-05)."""
    columns = (
        Column("count", "Lidmaatschappen"),
        COMPANIES,
        Column("sme", "Waarvan kmo", Kind.NUMBER, basis=Basis.COMPUTED),
    )
    _, every = _members(asked)
    found, coverage = _distinct(asked)
    if not found:
        return _none(columns, coverage, asked, "programma-a-29")
    numbers = Counter(company.pk for listed in every.values() for company in listed.companies)
    groups: dict[int, list[Member]] = defaultdict(list)
    for member in found:
        groups[numbers[member.company.pk]].append(member)
    rows = []
    for number, own in sorted(groups.items()):
        sme = sum(member.size not in {SizeClass.LARGE, SizeClass.UNKNOWN} for member in own)
        cells: dict[str, Value] = {
            "count": f"{number} {'netwerk' if number == 1 else 'netwerken'}",
            "companies": len(own),
            "sme": sme,
        }
        rows.append(Row(str(number), cells, Each(own, companies.behind) if own else (NOBODY,)))
    return Answer(columns, tuple(rows), summed(rows, "companies", "sme"), "Ondernemingen met minstens één open lidmaatschap op die dag.", coverage, _said(asked, "programma-a-29"), chart=Chart("Lidmaatschappen per onderneming", "count", ("companies",)))  # fmt: skip


def overlap(asked: Asked) -> Answer:
    """Which networks share members, by enterprise number."""
    columns = (Column("one", "Netwerk"), Column("other", "En"), Column("companies", "Gedeelde leden", Kind.NUMBER, "Ondernemingen die op die dag lid van beide waren.", Basis.COMPUTED))  # fmt: skip
    networks, members = _members(asked)
    names = {network.pk: network for network in networks}
    order = {pk: place for place, pk in enumerate(members)}
    in_networks: dict[int, list[int]] = defaultdict(list)
    for pk, listed in members.items():
        for company in listed.companies:
            in_networks[company.pk].append(pk)
    shared = Counter(chain.from_iterable(combinations(own, 2) for own in in_networks.values()))
    most = nlargest(MOST_PAIRS, shared, key=lambda pair: shared[pair])
    rows = [
        Row(
            f"{names[one].code}-{names[other].code}",
            {"one": names[one].name, "other": names[other].name, "companies": shared[one, other]},
            Each(Shared(members[one], members[other], shared[one, other]), companies.behind),
        )
        for one, other in sorted(most, key=lambda pair: (order[pair[0]], order[pair[1]]))
    ]
    coverage = f"Ledenlijst in het portaal van {len(members)} van {len(networks)} netwerken."
    if not members:
        return _none(columns, coverage, asked, "programma-a-29")
    if not rows:
        return none_of(columns, "Geen twee netwerken delen op die dag een lid.", coverage=coverage)
    notes = (f"De {len(rows)} paren met de meeste gedeelde leden, van {len(shared)}. Beperk tot een oproep of een type voor de andere.",) if len(shared) > len(rows) else ()  # fmt: skip
    return Answer(columns, tuple(rows), base="Netwerken met een ledenlijst in het portaal.", coverage=coverage, notes=notes)  # fmt: skip
