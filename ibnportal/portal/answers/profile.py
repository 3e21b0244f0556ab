"""QE-12 … QE-15: who the members are: size, age, place, and in how many networks (HE-01 … HE-05)."""

from collections import Counter
from collections.abc import Callable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from heapq import nsmallest
from itertools import chain, combinations
from typing import Any

from ibnportal.core.places import FLEMISH, Province
from ibnportal.core.ui import formats
from ibnportal.portal.answers import companies, reads
from ibnportal.portal.answers.asking import Asked, NetworkLine
from ibnportal.portal.answers.companies import Company, Listed, Member, Once
from ibnportal.portal.answers.table import (
    Answer,
    Basis,
    Behind,
    Chart,
    Column,
    Kind,
    Late,
    Row,
    Value,
    none_of,
    share,
    summed,
)
from monitoring.enums import SizeClass

COMPANIES = Column(
    "companies",
    "Ondernemingen",
    Kind.NUMBER,
    "Elke onderneming één keer, ook als ze in meer netwerken zit.",
    Basis.COMPUTED,
)
SHARE = Column("share", "Aandeel", Kind.PERCENT, "Van de ondernemingen waarvan het gekend is.", Basis.COMPUTED)
NOBODY = Behind("Geen enkel lid", "0", companies.SOURCE)
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


def _companies(asked: Asked) -> list[Once]:
    """Each company once, with the networks that it is in; read once an asking."""
    found: list[Once] = asked.once("companies", lambda: companies.once_each(asked.known_networks(), asked))
    return found


def _sizes(asked: Asked) -> list[SizeClass]:
    """The size class of each of `_companies`, found once an asking."""
    found: list[SizeClass] = asked.once("sizes", lambda: [one.company.size for one in _companies(asked)])
    return found


def _coverage(asked: Asked) -> str:
    listing = set().union(*[one.networks for one in _companies(asked)])
    return f"Ledenlijst in het portaal van {len(listing)} van {len(asked.known_networks())} netwerken."


def _members(asked: Asked) -> dict[int, Listed]:
    """The members of each network by name, read when somebody opens a figure, once an asking."""
    found: dict[int, Listed] = asked.once("members", lambda: companies.counted(asked.known_networks(), asked))
    return found


def _distinct(asked: Asked) -> list[Member]:
    """Each company as in the first of its networks, by network and name; likewise."""
    found: list[Member] = asked.once("members once each", lambda: _once_each(_members(asked)))
    return found


def _once_each(every: dict[int, Listed]) -> list[Member]:
    first: dict[int, Member] = {}
    for listed in every.values():
        for place, company in enumerate(listed.companies):
            if company.pk not in first:
                first[company.pk] = listed[place]
    return list(first.values())


def _behind(asked: Asked, kind: Any, number: int, kind_of: Callable[[Company], Any]) -> Sequence[Behind]:
    """Who the companies of this kind are, read when somebody opens their number."""
    if not number:
        return (NOBODY,)
    own = Late(number, lambda: [one for one in _distinct(asked) if kind_of(one.company) == kind])
    return companies.opened(own)


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
    found, coverage = _companies(asked), _coverage(asked)
    if not found:
        return _none(columns, coverage, asked, "programma-a-24", "programma-a-25")
    numbers = Counter(_sizes(asked))
    known = len(found) - numbers[SizeClass.UNKNOWN]
    rows = []
    for size in SizeClass:
        number = numbers[size]
        cells: dict[str, Value] = {
            "size": str(size.label), "companies": number, "share": share(number, known) if size != SizeClass.UNKNOWN else None,
        }  # fmt: skip
        rows.append(Row(size.value, cells, _behind(asked, size, number, lambda company: company.size)))
    return Answer(columns, tuple(rows), summed(rows, "companies"), "Leden op die dag.", f"{coverage} Grootte gekend voor {known} van {len(found)} ondernemingen.", _said(asked, "programma-a-24", "programma-a-25"), chart=Chart("Leden naar grootte", "size", ("companies",)))  # fmt: skip


def _said(asked: Asked, *subjects: str) -> tuple[str, ...]:
    return tuple(
        f"Evaluatie van 2020: {fact.label[:1].lower()}{fact.label[1:]}: {_printed(fact)}."
        for fact in reads.published(asked, *subjects)
    )


def _printed(fact: reads.Printed) -> str:
    return f"{fact.value}{formats.NBSP}%" if fact.subject in PERCENTAGES else fact.value


def ages(asked: Asked) -> Answer:
    """Members by age class, and their mean age."""
    columns = (Column("age", "Leeftijd", definition="Hele jaren sinds de oprichting; jonger dan 5 jaar is een start-up (HE-02)."), COMPANIES, SHARE)  # fmt: skip
    found, coverage = _companies(asked), _coverage(asked)
    if not found:
        return _none(columns, coverage, asked, "programma-a-26", "programma-a-27", "programma-a-28")
    ages_ = Counter([one.company.age_on(asked.as_of) for one in found])
    classes = dict.fromkeys((*(label for _, label in AGES), OLD, UNKNOWN), 0)
    for age, number in ages_.items():
        classes[age_class(age)] += number
    told = len(found) - classes[UNKNOWN]
    rows = []
    for label, number in classes.items():
        cells: dict[str, Value] = {
            "age": label,
            "companies": number,
            "share": share(number, told) if label != UNKNOWN else None,
        }
        rows.append(
            Row(label, cells, _behind(asked, label, number, lambda company: age_class(company.age_on(asked.as_of))))
        )
    mean = _mean(sum(age * number for age, number in ages_.items() if age is not None), told)
    notes = (
        *([f"Gemiddelde leeftijd: {reads.written(mean)} jaar."] if mean is not None else []),
        *_said(asked, "programma-a-26", "programma-a-27", "programma-a-28"),
    )
    return Answer(columns, tuple(rows), summed(rows, "companies"), "Leden op die dag.", f"{coverage} Leeftijd gekend voor {told} van {len(found)} ondernemingen.", notes, chart=Chart("Leden naar leeftijd", "age", ("companies",)))  # fmt: skip


OLD, UNKNOWN = "Ouder dan 50 jaar", "Onbekend"


def age_class(age: int | None) -> str:
    """The class that an age in whole years falls in (HE-03)."""
    if age is None:
        return UNKNOWN
    return next((label for bound, label in AGES if age < bound), OLD)


def _mean(years: int, companies_: int) -> Decimal | None:
    return (Decimal(years) / companies_).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP) if companies_ else None


def places(asked: Asked) -> Answer:
    """Members by the province of their registered office (HE-04)."""
    columns = (Column("province", "Provincie", definition="Van de zetel; andere vestigingen van dezelfde onderneming tellen niet (HE-04)."), COMPANIES, SHARE)  # fmt: skip
    found, coverage = _companies(asked), _coverage(asked)
    if not found:
        return _none(columns, coverage, asked)
    numbers = Counter([one.company.province for one in found])
    known = len(found) - numbers[None]
    order = [
        *sorted(FLEMISH, key=lambda one: str(one.label)),
        *(province for province in Province if province not in FLEMISH),
    ]
    rows = []
    for province in order:
        number = numbers[province]
        if number or province in FLEMISH:
            cells: dict[str, Value] = {
                "province": str(province.label),
                "companies": number,
                "share": share(number, known),
            }
            rows.append(Row(province.value, cells, _behind(asked, province, number, lambda company: company.province)))
    if numbers[None]:
        unknown = _behind(asked, None, numbers[None], lambda company: company.province)
        rows.append(Row("onbekend", {"province": UNKNOWN, "companies": numbers[None]}, unknown))
    return Answer(columns, tuple(rows), summed(rows, "companies"), "Leden op die dag.", f"{coverage} Provincie gekend voor {known} van {len(found)} ondernemingen.", chart=Chart("Leden per provincie", "province", ("companies",), is_map=True))  # fmt: skip


def sectors(asked: Asked) -> Answer:
    """Members by sector (section of the NACE code)."""
    columns = (Column("sector", "Sector", definition="De sectie van de NACE-code."), COMPANIES, SHARE)
    found, coverage = _companies(asked), _coverage(asked)
    if not found:
        return _none(columns, coverage, asked)
    numbers = Counter([_sector(one.company) for one in found])
    known = len(found) - numbers["", UNKNOWN]
    rows = [
        Row(letter or "onbekend", {"sector": f"{letter}. {name}" if letter else name, "companies": number, "share": share(number, known) if letter else None}, _behind(asked, (letter, name), number, _sector))
        for (letter, name), number in sorted(numbers.items(), key=lambda item: (item[0][0] == "", item[0]))
        if number
    ]  # fmt: skip
    return Answer(columns, tuple(rows), summed(rows, "companies"), "Leden op die dag.", f"{coverage} Sector gekend voor {known} van {len(found)} ondernemingen.", chart=Chart("Leden per sector", "sector", ("companies",)))  # fmt: skip


def _sector(company: Company) -> tuple[str, str]:
    return company.section or ("", UNKNOWN)


def memberships(asked: Asked) -> Answer:
    """In how many networks companies are a member (HE-05)."""
    columns = (
        Column("count", "Lidmaatschappen"),
        COMPANIES,
        Column("sme", "Waarvan kmo", Kind.NUMBER, basis=Basis.COMPUTED),
    )
    found, coverage = _companies(asked), _coverage(asked)
    if not found:
        return _none(columns, coverage, asked, "programma-a-29")
    networks_of = {one.company.pk: len(one.networks) for one in found}
    numbers = Counter(networks_of.values())
    small = Counter(
        number
        for number, size in zip(networks_of.values(), _sizes(asked), strict=True)
        if size not in {SizeClass.LARGE, SizeClass.UNKNOWN}
    )
    rows = []
    for number, own in sorted(numbers.items()):
        cells: dict[str, Value] = {
            "count": f"{number} {'netwerk' if number == 1 else 'netwerken'}",
            "companies": own,
            "sme": small[number],
        }
        rows.append(Row(str(number), cells, _behind(asked, number, own, lambda company: networks_of[company.pk])))
    return Answer(columns, tuple(rows), summed(rows, "companies", "sme"), "Ondernemingen met minstens één open lidmaatschap op die dag.", coverage, _said(asked, "programma-a-29"), chart=Chart("Lidmaatschappen per onderneming", "count", ("companies",)))  # fmt: skip


def overlap(asked: Asked) -> Answer:
    """Which networks share members, by enterprise number."""
    columns = (Column("one", "Netwerk"), Column("other", "En"), Column("companies", "Gedeelde leden", Kind.NUMBER, "Ondernemingen die op die dag lid van beide waren.", Basis.COMPUTED))  # fmt: skip
    found, coverage = _companies(asked), _coverage(asked)
    networks = sorted(asked.known_networks(), key=lambda network: network.code)
    places_of = {network.pk: place for place, network in enumerate(networks)}
    own = (sorted([places_of[network] for network in one.networks]) for one in found)
    shared = Counter(chain.from_iterable(combinations(each, 2) for each in own))
    most = nsmallest(MOST_PAIRS, shared, key=lambda pair: (-shared[pair], pair))
    rows = [_pair(networks[one], networks[other], shared[one, other], asked) for one, other in sorted(most)]
    if not found:
        return _none(columns, coverage, asked, "programma-a-29")
    if not rows:
        return none_of(columns, "Geen twee netwerken delen op die dag een lid.", coverage=coverage)
    notes = (f"De {len(rows)} paren met de meeste gedeelde leden, van {len(shared)}. Beperk tot een oproep of een type voor de andere.",) if len(shared) > len(rows) else ()  # fmt: skip
    return Answer(columns, tuple(rows), base="Netwerken met een ledenlijst in het portaal.", coverage=coverage, notes=notes)  # fmt: skip


def _pair(one: NetworkLine, other: NetworkLine, number: int, asked: Asked) -> Row:
    """Two networks with how many members they share; who these are, is looked up when somebody opens the figure."""

    def read() -> list[Member]:
        members = _members(asked)
        there = {company.pk for company in members[other.pk].companies}
        return [member for member in members[one.pk] if member.company.pk in there]

    cells: dict[str, Value] = {"one": one.name, "other": other.name, "companies": number}
    return Row(f"{one.code}-{other.code}", cells, companies.opened(Late(number, read)))
