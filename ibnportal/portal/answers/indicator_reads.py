"""Indicators of networks as they were known on a date: the value that counts, and every value that was told."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import partial, reduce
from itertools import chain
from operator import or_
from typing import Any, NamedTuple

from django.db.models import Case, F, Q, QuerySet, When
from django.db.models.expressions import Combinable

from ibnportal.core.ui import formats
from ibnportal.portal.answers.asking import Among, Asked, NetworkLine, Read
from ibnportal.portal.answers.reads import written
from ibnportal.portal.answers.table import Behind, Each, Late
from ibnportal.portal.history.facts import COOPERATIONS, MEMBERS
from monitoring.enums import KpiBasis, ReportState
from monitoring.models import KpiValue

INDICATORS = {"kpi1": MEMBERS, "kpi3": COOPERATIONS}


class Said(NamedTuple):
    """One value of an indicator: what was told of it, by whom and as of when."""

    pk: int
    network_id: int
    label: str
    basis: str
    value: Decimal
    source: str
    as_of: date | None
    note: str
    project_year: int | None
    is_reading: bool


class First(NamedTuple):
    """As much of the value that counts as a row writes; its note and year only where they were asked for."""

    pk: int
    network_id: int
    basis: str
    value: Decimal
    note: str = ""
    project_year: int | None = None


class Indicator(NamedTuple):
    """The value that counts on the date, and how to read all that was said by then, where there is any."""

    chosen: First | Said | None
    read: Callable[[], Sequence[Said]] | None

    @property
    def value(self) -> Decimal | None:
        """The figure."""
        return self.chosen.value if self.chosen else None

    @property
    def basis(self) -> str:
        """`gemeld`, `berekend`, `streefwaarde` or `bij de start`."""
        return BASIS_WORDS[self.chosen.basis] if self.chosen else ""

    @property
    def behind(self) -> Sequence[Behind]:
        """Every value with its source; the one that counts is the reading."""
        return () if self.read is None else Each(Late(None, self.read), self._behind)

    def _behind(self, value: Said) -> Behind:
        return Behind(
            f"{value.label} ({BASIS_WORDS[value.basis]})",
            written(value.value),
            value.source + (f", stand op {formats.short_date(value.as_of)}" if value.as_of else ""),
            "",
            self.chosen is not None and value.pk == self.chosen.pk,
            value.note,
        )


BASIS_WORDS: dict[str, str] = {
    KpiBasis.REPORTED: "gemeld", KpiBasis.COMPUTED: "berekend", KpiBasis.TARGET: "streefwaarde",
    KpiBasis.AT_START: "bij de start",
}  # fmt: skip
COUNTED = (KpiBasis.REPORTED, KpiBasis.AT_START, KpiBasis.COMPUTED)
WITHOUT_TARGETS = (KpiBasis.REPORTED, KpiBasis.COMPUTED)
AS_TABLE_7 = (*WITHOUT_TARGETS, KpiBasis.TARGET)


READING = F("is_reading")


class Indicators:
    """An indicator of each network by its key, made when somebody looks at it; a network of which nothing was told has an empty one."""

    __slots__ = ("_chosen", "_read", "_told")

    def __init__(
        self, told: Mapping[int, First], order: tuple[str, ...], read: Callable[[int], Sequence[Said]]
    ) -> None:
        self._told, self._read = told, read
        self._chosen = {network: one for network, one in told.items() if one.basis in order}

    def __getitem__(self, network: int) -> Indicator:
        if network not in self._told:
            return NOTHING_SAID
        return Indicator(self._chosen.get(network), partial(self._read, network))

    def __bool__(self) -> bool:
        """Whether anything was told of any network."""
        return bool(self._told)

    def chosen(self, network: int) -> First | None:
        """What counts of this network."""
        return self._chosen.get(network)

    def known(self, networks: Iterable[NetworkLine]) -> list[NetworkLine]:
        """Those of these networks that have a figure."""
        return [one for one in networks if one.pk in self._chosen]

    def values(self, networks: Iterable[NetworkLine]) -> list[Decimal | None]:
        """The figure of each of these networks."""
        chosen = self._chosen
        return [chosen[one.pk].value if one.pk in chosen else None for one in networks]


NOTHING_SAID = Indicator(None, None)


def indicator(
    networks: Iterable[NetworkLine],
    asked: Asked,
    code: str,
    *,
    order: tuple[str, ...] = COUNTED,
    with_notes: bool = False,
) -> Indicators:
    """An indicator per network as it was known on the date; `order` says which basis comes before which. One query.

    The chosen reading counts, and where none was said yet, the newest there was. A report counts from its approval on.
    """
    kept = list(networks)
    about = {network.pk for network in kept}
    told = {one.network_id: one for one in _first_of(asked, code, order, with_notes=with_notes)}
    return Indicators({key: told[key] for key in about & told.keys()}, order, _every_value(asked, code, kept))


def reported(networks: Iterable[NetworkLine], asked: Asked, code: str) -> Indicators:
    """The same without targets: a network of which only a target stands has no value. One query."""
    kept = list(networks)
    about = {network.pk for network in kept}
    told = {network: one for network, one in first_reported(asked, code).items() if network in about}
    return Indicators(told, AS_TABLE_7, _every_value(asked, code, kept))


def first_reported(asked: Asked, code: str) -> dict[int, First]:
    """What counts of each network without targets, by key, also of a network that did not exist on the date; one query, once an asking."""
    first = _first_of(asked, code, AS_TABLE_7)
    return {one.network_id: one for one in first if one.basis in WITHOUT_TARGETS}


def _every_value(asked: Asked, code: str, networks: list[NetworkLine]) -> Callable[[int], Sequence[Said]]:
    def read(network: int) -> Sequence[Said]:
        every: dict[int, list[Said]] = asked.once(f"values of {code}", lambda: _values_of(code, networks, asked))
        return every[network]

    return read


def _first_of(asked: Asked, code: str, order: tuple[str, ...], *, with_notes: bool = False) -> list[First]:
    """What comes first of each network: of these bases, a reading, by their order, the newest; chosen by the database from thousands."""

    def read() -> list[First]:
        return [First(*line) for line in as_counted(_firsts, asked, (code,), tuple(map(str, order)), with_notes)]

    found: list[First] = asked.once(f"{order} of {code}, notes {with_notes}", read)
    return found


@Read
def _firsts(
    asked: Asked,
    code: tuple[str],
    order: tuple[str, ...],
    with_notes: bool,  # noqa: FBT001 - as a statement takes it
    *,
    counts: Combinable = READING,
) -> "QuerySet[Any]":
    place = Case(*(When(basis=basis, then=place) for place, basis in enumerate(order)), default=len(order))
    is_other = Case(When(basis__in=order, then=0), default=1)
    rows = asked.of_asked(_said(_of_code(*code), asked)).annotate(counts=counts)
    newest = (place, F("as_of").desc(nulls_first=True), "-pk")
    first = rows.order_by("network_id", is_other, "-counts", *newest).distinct("network_id")
    return first.values_list(*(First._fields if with_notes else First._fields[:4]))


def _of_code(code: str) -> Q:
    return Q(definition__code=code) | Q(label=INDICATORS.get(code, code))


def _values_of(code: str, networks: list[NetworkLine], asked: Asked) -> dict[int, list[Said]]:
    rows = defaultdict(list)
    for value in as_they_counted(_values(_of_code(code), networks, asked).order_by("as_of", "pk"), asked):
        rows[value.network_id].append(value)
    return rows


def labelled(networks: Iterable[NetworkLine], asked: Asked, *labels: str) -> dict[str, dict[int, Indicator]]:
    """The same of measures without a code, by label and network; one query for all of them."""
    kept = list(networks)
    rows = defaultdict(list)
    for value in as_they_counted(_values(Q(label__in=labels), kept, asked).order_by("as_of", "pk"), asked):
        rows[value.label, value.network_id].append(value)
    return {label: {one.pk: _of_all(rows[label, one.pk]) for one in kept} for label in labels}


def _of_all(values: list[Said]) -> Indicator:
    return Indicator(_chosen(values, COUNTED), lambda: values) if values else NOTHING_SAID


def as_they_counted(values: "QuerySet[KpiValue]", asked: Asked) -> list[Said]:
    """These values with the readings of the date, where another was chosen since."""
    return list(map(Said._make, values.annotate(counts=counts_on(asked)).values_list(*_OF_SAID)))


_OF_SAID = (*Said._fields[:-1], "counts")


def counts_on(asked: Asked) -> Combinable:
    """Whether a value was the reading on the date; what a report says is no matter of choice."""
    earlier = asked.earlier_values()
    if not earlier:
        return READING
    about = (Q(network=network, label=label, basis=basis) for network, label, basis in earlier)
    chosen_since = Q(report=None) & reduce(or_, about)
    return Case(
        When(chosen_since & Q(pk__in=list(chain(*earlier.values()))), then=True),
        When(chosen_since, then=False),
        default="is_reading",
    )


def as_counted(read: Read, asked: Asked, *choices: Any) -> list[tuple[Any, ...]]:
    """The lines of a read that takes what `counts`, by the readings of the date: where others were chosen since, its text is made anew."""
    if asked.earlier_values():
        return list(read.query(asked, *choices, counts=counts_on(asked)))
    return read.lines(asked, *choices)


def sql_as_counted(read: Read, asked: Asked) -> tuple[str, tuple[Any, ...]]:
    """The same as text and parameters, to stand within another."""
    if asked.earlier_values():
        return read.query(asked, counts=counts_on(asked)).query.sql_with_params()
    return read.sql(asked)


def _values(which: Q, networks: list[NetworkLine], asked: Asked) -> "QuerySet[KpiValue]":
    return _said(which, asked).filter(network__in=Among(networks))


def _said(which: Q, asked: Asked) -> "QuerySet[KpiValue]":
    said = Q(as_of__isnull=True) | Q(as_of__lte=asked.as_of)
    approved = Q(report__isnull=True) | Q(report__state=ReportState.APPROVED, report__approved_at__lte=asked.until)
    return KpiValue.objects.filter(which, said, approved)


def _chosen(values: list[Said], order: tuple[str, ...]) -> Said | None:
    """The newest reading by the order of the bases; where no reading was said yet, the newest of what there was."""
    for kept in ([value for value in values if value.is_reading], values):
        for basis in order:
            of_basis = [value for value in kept if value.basis == basis]
            if of_basis:
                return of_basis[-1]
    return None
