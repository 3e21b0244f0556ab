"""How firm the order is: what changes when one expert is left out, or when one weight moves (P2-CRI-21, P2-EVA-07).

Pure, from the same inputs as the ranking. Two kinds of trial:

- **without an expert**: on each dossier that this expert scored, the mean of the others takes the place of the mean of all; the panel's total per dimension
  moves as much as that mean moves. The panel's knock-outs stay. A dossier that nobody else scored keeps its total.
- **another weight**: one weight of a dimension or a criterion goes up or down by the call's `sensitivity_fraction`.

Fractions are exact, so that a tie is a tie.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from evaluation.domain.ranking import DossierInput, Inputs, Place, Scores, Tally, arrange, tally


@dataclass(frozen=True, slots=True)
class Move:
    """A dossier that would stand elsewhere."""

    number: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Trial:
    """What one change does: who moves, who comes within the budget line and who falls below it; `note` says what could not be tried."""

    label: str
    moves: tuple[Move, ...]
    enters: tuple[str, ...]
    leaves: tuple[str, ...]
    note: str = ""

    @property
    def is_decisive(self) -> bool:
        """Whether another set of dossiers would lie within the line."""
        return bool(self.enters or self.leaves)


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """All trials on one ranking."""

    experts: tuple[Trial, ...]
    weights: tuple[Trial, ...]

    @property
    def trials(self) -> tuple[Trial, ...]:
        """Both kinds together."""
        return self.experts + self.weights

    @property
    def decisive(self) -> tuple[Trial, ...]:
        """Those that would bring others within the line."""
        return tuple(trial for trial in self.trials if trial.is_decisive)

    @property
    def fragile(self) -> frozenset[str]:
        """The dossiers that lie within the line in one trial and below it in another."""
        return frozenset(number for trial in self.trials for number in (*trial.enters, *trial.leaves))


def trials(inputs: Inputs) -> Sensitivity:
    """Every expert left out once, every weight moved up and down once."""
    base = {dossier.number: tally(dossier, inputs) for dossier in inputs.dossiers}
    places = arrange(inputs, base.values())
    return Sensitivity(
        experts=tuple(_without_experts(inputs, base, places)), weights=tuple(_other_weights(inputs, places))
    )


# ---------------------------------------------------------------- without an expert


def _without_experts(inputs: Inputs, base: dict[str, Tally], places: Sequence[Place]) -> Iterator[Trial]:
    scored: dict[str, list[DossierInput]] = defaultdict(list)
    for dossier in inputs.dossiers:
        for code, _ in dossier.experts:
            scored[code].append(dossier)
    for code in sorted(scored, key=lambda code: (len(code), code)):
        alone = [dossier.number for dossier in scored[code] if len(dossier.experts) == 1]
        changed = dict(base)
        for dossier in scored[code]:
            if len(dossier.experts) > 1:
                changed[dossier.number] = _shifted(base[dossier.number], dossier, inputs, without=code)
        count = len(scored[code])
        label = f"Zonder deskundige {code} ({count} {'dossier' if count == 1 else 'dossiers'})"
        note = f"Niemand anders beoordeelde {', '.join(sorted(alone))}: dat totaal blijft." if alone else ""
        yield _trial(label, places, arrange(inputs, changed.values()), note)


def _shifted(row: Tally, dossier: DossierInput, inputs: Inputs, *, without: str) -> Tally:
    sums = {code: _sums(given, inputs) for code, given in dossier.experts}
    everyone, others = len(sums), len(sums) - 1
    totals = []
    for position, total in enumerate(row.totals):
        of_all = sum(found[position] for found in sums.values())
        of_others = of_all - sums[without][position]
        totals.append(Fraction(total) + Fraction(of_others, others) - Fraction(of_all, everyone))
    return replace(row, totals=totals)


def _sums(given: Scores, inputs: Inputs) -> list[int]:
    """One expert's weighted sum per dimension."""
    values = {step.code: step.value for step in inputs.scale}
    criteria = {criterion.code: criterion for criterion in inputs.criteria}
    sums: dict[str, int] = defaultdict(int)
    for code, step in given:
        if code in criteria and step in values:
            sums[criteria[code].dimension] += criteria[code].weight * values[step]
    return [sums[dimension.code] for dimension in inputs.dimensions]


# ---------------------------------------------------------------- another weight


def _other_weights(inputs: Inputs, places: Sequence[Place]) -> Iterator[Trial]:
    if not inputs.weight_shift:
        return
    shift = Fraction(inputs.weight_shift)
    whole, part = shift.denominator, shift.numerator
    percentage = f"{float(shift * 100):.4g}".replace(".", ",")
    # Every weight times the denominator, the one on trial a part more or less: whole numbers, and the same order.
    for sign, word in ((1, "hoger"), (-1, "lager")):
        for row in inputs.dimensions:
            dimensions = tuple(
                replace(other, weight=other.weight * (whole + sign * part if other is row else whole))
                for other in inputs.dimensions
            )
            yield _weighed(
                f"{row.label}: gewicht {percentage} % {word}", replace(inputs, dimensions=dimensions), places
            )
    labels = {dimension.code: dimension.label for dimension in inputs.dimensions}
    for sign, word in ((1, "hoger"), (-1, "lager")):
        for criterion in inputs.criteria:
            criteria = tuple(
                replace(other, weight=other.weight * (whole + sign * part if other is criterion else whole))
                for other in inputs.criteria
            )
            name = criterion.label or criterion.code
            label = f"{labels[criterion.dimension]}, {name.lower()}: gewicht {percentage} % {word}"
            yield _weighed(label, replace(inputs, criteria=criteria), places)


def _weighed(label: str, inputs: Inputs, places: Sequence[Place]) -> Trial:
    return _trial(label, places, arrange(inputs, (tally(dossier, inputs) for dossier in inputs.dossiers)))


def _trial(label: str, before: Sequence[Place], after: Sequence[Place], note: str = "") -> Trial:
    was = {place.number: place for place in before}
    moves = tuple(
        Move(place.number, was[place.number].rank, place.rank)
        for place in after
        if place.rank != was[place.number].rank
    )
    is_in = {place.number: place.is_within_budget for place in after}
    return Trial(
        label,
        moves,
        enters=tuple(place.number for place in before if is_in[place.number] and not place.is_within_budget),
        leaves=tuple(place.number for place in before if place.is_within_budget and not is_in[place.number]),
        note=note,
    )
