"""A balanced distribution of experts over dossiers: pure, the same answer for the same question, every choice explained (P2-EVA-02).

Every place (domain knowledge, knowledge of cluster working, or either) is filled if that is at all possible: places are given out
along shortest paths, and one that was given is moved when that frees it for another. Among the fillings with as many places,
the one with the best matches and the most even load is taken; ties go by the order of the experts.
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from calls.ruleset import Rules
from evaluation.enums import Expertise

EITHER = ""
"""A place for which both kinds of knowledge will do."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One expert of the pool; `load` counts the dossiers that she has in hand."""

    pk: int
    name: str
    kinds: tuple[str, ...]
    tags: frozenset[str]
    languages: frozenset[str]
    available_from: date | None = None
    available_until: date | None = None
    load: int = 0
    max_load: int = 1


@dataclass(frozen=True, slots=True)
class Need:
    """One dossier: its subject in words, who is on it already (kinds by expert), and who may not be (reason by expert)."""

    number: str
    words: frozenset[str]
    present: Mapping[int, tuple[str, ...]]
    barred: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Place:
    """One place in one dossier: who is proposed and why, or why nobody can be."""

    number: str
    kind: str
    expert: int | None
    why: str


def propose(
    needs: Sequence[Need], candidates: Sequence[Candidate], *, rules: Rules, from_on: date, until_on: date
) -> list[Place]:
    """A place for each that the call asks and nobody fills yet, in the order of the dossiers.

    An expert has to be there the whole time, speak the language of the call, have room, and not be kept out.
    """
    order = sorted(candidates, key=lambda row: (row.name, row.pk))
    places = [(need, kind) for need in sorted(needs, key=lambda row: row.number) for kind in wanted(need, rules)]
    fits = {
        position: [
            row for row in order if not objection(row, need, kind, rules=rules, from_on=from_on, until_on=until_on)
        ]
        for position, (need, kind) in enumerate(places)
    }
    given = _give_out(places, fits)
    by_pk = {row.pk: row for row in order}
    loads: dict[int, int] = defaultdict(int)
    for taken in given.values():
        loads[taken] += 1
    found = []
    for position, (need, kind) in enumerate(places):
        expert = given.get(position)
        if expert is None:
            why = _why_nobody(need, kind, order, fits[position], rules=rules, from_on=from_on, until_on=until_on)
        else:
            why = _why(by_pk[expert], need, kind, loads[expert])
        found.append(Place(need.number, kind, expert, why))
    return found


def wanted(need: Need, rules: Rules) -> list[str]:
    """Which places the call still asks for on this dossier: so many with each kind, and the rest either."""
    places: list[str] = []
    for kind, least in ((Expertise.DOMAIN, rules.min_domain_experts), (Expertise.CLUSTER, rules.min_cluster_experts)):
        there = sum(kind in kinds for kinds in need.present.values())
        places += [str(kind)] * max(0, least - there)
    rest = rules.min_experts - len(need.present) - len(places)
    return places + [EITHER] * max(0, rest)


def objection(row: Candidate, need: Need, kind: str, *, rules: Rules, from_on: date, until_on: date) -> str:
    """Why this expert cannot have this place, in words; nothing when she can."""
    if row.pk in need.present:
        return "is er al bij"
    if row.pk in need.barred:
        return need.barred[row.pk]
    if kind != EITHER and kind not in row.kinds:
        return f"brengt geen {Expertise(kind).label.lower()}"
    if rules.language not in row.languages:
        return f"leest geen {rules.language}"
    if row.available_from and row.available_from > from_on:
        return f"is er pas vanaf {row.available_from:%d/%m/%Y}"
    if row.available_until and row.available_until < until_on:
        return f"is er maar tot {row.available_until:%d/%m/%Y}"
    if row.load >= row.max_load:
        return f"heeft al {row.load} van {row.max_load} dossiers"
    return ""


def shared(row: Candidate, need: Need) -> list[str]:
    """The domains of the expert that the dossier is about: each whole tag whose words all stand in the dossier."""
    return sorted(tag for tag in row.tags if set(tag.split()) <= need.words)


# ---------------------------------------------------------------- giving out


def _give_out(places: Sequence[tuple[Need, str]], fits: Mapping[int, Sequence[Candidate]]) -> dict[int, int]:
    """Place → expert: as many places as can be filled, at the least cost, nobody twice in one dossier and nobody overfull.

    A flow of one unit from each place, through the pair of its dossier and an expert, to that expert and her room; her n-th
    dossier costs n.
    """
    flow, rooms = _Flow(), set[Any]()
    for position, (need, _) in enumerate(places):
        flow.add("from", ("place", position), 0)
        for row in fits[position]:
            pair = ("pair", need.number, row.pk)
            flow.add(("place", position), pair, _cost(row, need))
            if pair not in rooms:
                rooms.add(pair)
                flow.add(pair, ("expert", row.pk), 0)
            if row.pk not in rooms:
                rooms.add(row.pk)
                for dossier in range(row.load, row.max_load):
                    flow.add(("expert", row.pk), "to", dossier)
    flow.fill("from", "to")
    return {position: pair[2] for position in range(len(places)) for pair in flow.used(("place", position))}


class _Flow:
    """A flow of whole units at the least cost; every edge carries one. The first of two equal ways is taken."""

    def __init__(self) -> None:
        self.edges: list[tuple[Any, Any, int]] = []
        self.out: dict[Any, list[int]] = defaultdict(list)
        self.room: list[int] = []

    def add(self, start: Any, end: Any, cost: int) -> None:
        """An edge for one unit, and its way back at even number + 1."""
        for one, other, price, room in ((start, end, cost, 1), (end, start, -cost, 0)):
            self.out[one].append(len(self.edges))
            self.edges.append((one, other, price))
            self.room.append(room)

    def fill(self, start: Any, end: Any) -> None:
        """Send as many units as there is room for, each along the cheapest way left."""
        while (path := self._cheapest(start, end)) is not None:
            for edge in path:
                self.room[edge] -= 1
                self.room[edge ^ 1] += 1

    def used(self, start: Any) -> list[Any]:
        """Where the units that leave this node go."""
        return [self.edges[edge][1] for edge in self.out[start] if not edge % 2 and not self.room[edge]]

    def _cheapest(self, start: Any, end: Any) -> list[int] | None:
        costs, came, queue = {start: 0}, dict[Any, int](), deque([start])
        while queue:
            node = queue.popleft()
            for edge in self.out[node]:
                _, other, price = self.edges[edge]
                if self.room[edge] and costs[node] + price < costs.get(other, costs[node] + price + 1):
                    costs[other], came[other] = costs[node] + price, edge
                    if other not in queue:
                        queue.append(other)
        if end not in came:
            return None
        path, node = [], end
        while node != start:
            path.append(came[node])
            node = self.edges[came[node]][0]
        return path


def _cost(row: Candidate, need: Need) -> int:
    """A match on the subject weighs as much as two dossiers of load."""
    return 0 if shared(row, need) else 2 * 2


# ---------------------------------------------------------------- in words


def _why(row: Candidate, need: Need, kind: str, given: int) -> str:
    same = shared(row, need)
    parts = [
        f"{Expertise(kind).label.lower()}" if kind != EITHER else "vult het aantal aan",
        f"vakgebied: {', '.join(same)}" if same else "geen gedeeld vakgebied",
        f"{row.load + given} van {row.max_load} dossiers",
    ]
    return "; ".join(parts)


def _why_nobody(
    need: Need,
    kind: str,
    order: Iterable[Candidate],
    fitting: Sequence[Candidate],
    *,
    rules: Rules,
    from_on: date,
    until_on: date,
) -> str:
    what = f"met {Expertise(kind).label.lower()}" if kind != EITHER else "in de pool"
    if fitting:
        names = ", ".join(row.name for row in fitting)
        return f"Wie kan, is elders nodig: {names}. Verhoog het aantal dossiers van iemand, of vul de pool aan."
    reasons = [
        f"{row.name} {objection(row, need, kind, rules=rules, from_on=from_on, until_on=until_on)}"
        for row in order
        if kind == EITHER or kind in row.kinds
    ]
    return f"Niemand {what} kan: {'; '.join(reasons)}." if reasons else f"Niemand {what}. Vul de pool aan."
