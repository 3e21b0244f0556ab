"""How far experts agree: on one criterion, over a whole dossier, and who of them judges harder or milder than the rest.

Pure. Scores are places on the call's ordinal scale, best first; distances are counted in steps of that scale.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

HALF = Fraction(1, 2)
MOSTLY = Decimal(2) / (2 + 1)
"""From two thirds on, agreement carries conclusions (Krippendorff's own lower bound)."""

CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Agreement:
    """Krippendorff's alpha on an ordinal scale; `value` is None where it cannot be computed, and `text` then says why."""

    value: Decimal | None
    text: str


@dataclass(frozen=True, slots=True)
class Tendency:
    """How one expert stands to the others: steps above (milder) or below (harder), over how many criteria."""

    steps: Decimal
    count: int
    text: str


def alpha(places: Sequence[Sequence[int | None]], size: int) -> Agreement:
    """Agreement between experts (rows) over criteria (columns); `size` is the number of steps of the scale, None is no score.

    Undefined with fewer than two scores on every criterion, and when nobody ever differs from anybody.
    """
    columns = list(zip(*places, strict=True)) if places else []
    paired = [[place for place in column if place is not None] for column in columns]
    paired = [column for column in paired if len(column) > 1]
    if not paired:
        return Agreement(None, "te weinig scores")
    if len({place for column in paired for place in column}) == 1:
        return Agreement(None, "alle scores zijn gelijk")
    value = _krippendorff(places, size)
    return Agreement(value, _agreement_in_words(value))


def _krippendorff(places: Sequence[Sequence[int | None]], size: int) -> Decimal:
    import krippendorff  # noqa: PLC0415 - brings numpy along; only who compares scores pays
    import numpy as np  # noqa: PLC0415

    data = np.array([[np.nan if place is None else place for place in row] for row in places], dtype=float)
    value = krippendorff.alpha(reliability_data=data, value_domain=list(range(size)), level_of_measurement="ordinal")
    return Decimal(str(value)).quantize(CENT)


def _agreement_in_words(value: Decimal) -> str:
    if value >= MOSTLY:
        return "de deskundigen zijn het grotendeels eens"
    if value > 0:
        return "de deskundigen lopen uiteen"
    return "de deskundigen zijn het niet meer eens dan bij toeval"


def tendencies(units: Sequence[Mapping[int, int]]) -> dict[int, Tendency]:
    """By expert: the mean distance in steps to the mean of the others, over every unit that another scored too.

    A unit is one criterion of one dossier: place by expert. Places count from the best, so a higher place is a harder score.
    """
    distances: dict[int, list[Fraction]] = {}
    for unit in units:
        for expert, place in unit.items():
            others = [other for who, other in unit.items() if who != expert]
            distances.setdefault(expert, [])
            if others:
                distances[expert].append(Fraction(sum(others), len(others)) - place)
    return {expert: _tendency(found) for expert, found in distances.items()}


def _tendency(distances: Sequence[Fraction]) -> Tendency:
    if not distances:
        return Tendency(Decimal(0), 0, "geen vergelijking mogelijk")
    mean = sum(distances, Fraction(0)) / len(distances)
    steps = (Decimal(mean.numerator) / mean.denominator).quantize(CENT)
    text = "in lijn met de andere"
    if mean <= -HALF:
        text = "strenger dan de andere"
    elif mean >= HALF:
        text = "milder dan de andere"
    return Tendency(steps, len(distances), text)


def mean(values: Sequence[int]) -> Decimal | None:
    """The mean of the steps' values; None without any."""
    return (Decimal(sum(values)) / len(values)).quantize(CENT) if values else None
