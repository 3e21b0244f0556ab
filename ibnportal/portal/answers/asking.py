"""What is asked: the as-of date and the filters, read from a page, a command or the interface in the same words.

Bad input is a DomainError in Dutch that names the field and what to do; nothing that was typed reaches SQL but as a parameter.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import Any, NamedTuple, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db.models import Count, DateField, Func, Model, Q, QuerySet, Value
from django.db.models.functions import Cast, ExtractYear

from applications.enums import ApplicationState
from applications.models import Application
from calls.models import Call
from evaluation.models import Decision
from ibnportal.core import clock, enterprise_numbers
from ibnportal.core.accounts.models import User
from ibnportal.core.audit.models import AuditEvent
from ibnportal.core.errors import DomainError
from ibnportal.core.nace import section_of
from ibnportal.core.places import Province
from ibnportal.core.statements import Day, Statement
from monitoring.domain import readings
from monitoring.enums import NetworkType, SizeClass
from monitoring.models import Network

LONGEST = 100
DESCRIBED = "company.described"
READ_BACKWARDS = (DESCRIBED, readings.CHOSEN, readings.CHOSEN_OF_PUBLISHED, readings.CHOSEN_OF_VALUES)
"""What has no days of its own, and is read from the trail as of a day."""
FIRST_YEAR = 1900


Said = TypeVar("Said", bound=Model)


class NetworkLine(NamedTuple):
    """What answers say of a network, a line of values: of thousands, making objects took six times as long as reading."""

    pk: int
    code: str
    name: str
    call_id: int
    call_code: str
    call_year: int
    network_type: str
    is_reconstructed: bool
    end_on: date | None


OF_NETWORK = [
    name.replace("call_code", "call__code").replace("call_year", "call__year") for name in NetworkLine._fields
]


class Among(Func):
    """The keys of these, to be `__in`, in one parameter: a list takes one for each of thousands, written and read one by one."""

    template = "(SELECT unnest(%(expressions)s::bigint[]))"

    def __init__(self, these: "Iterable[int | NetworkLine] | str") -> None:
        self.text = these if isinstance(these, str) else among(these)
        super().__init__(Value(self.text))

    def as_sql(self, *args: Any, **options: Any) -> Any:
        """Nothing is asked of the database where there is nothing to be in."""
        if self.text == NONE:
            raise EmptyResultSet
        return super().as_sql(*args, **options)


NONE = "{}"


def among(these: "Iterable[int | NetworkLine]") -> str:
    """The keys of these as `Among` takes them in a `Read`."""
    return f"{{{','.join(str(one if isinstance(one, int) else one.pk) for one in these)}}}"


@dataclass(frozen=True, slots=True)
class Asked:
    """One asking of a question. `reader` None reads everything (a command); a person reads what they may see."""

    as_of: date
    call: Call | None = None
    network: Network | None = None
    network_type: str = ""
    province: str = ""
    sector: str = ""
    size: str = ""
    company: str = ""
    reader: User | None = None
    is_public: bool = False
    memory: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def once(self, name: str, read: Callable[[], Any]) -> Any:
        """What `read` gives, read once for all questions of this asking: a page of several answers shares its members."""
        if name not in self.memory:
            self.memory[name] = read()
        return self.memory[name]

    def known_networks(self) -> list[NetworkLine]:
        """The networks of this asking by call and code, with the end that counted on the date; read once."""
        found: list[NetworkLine] = self.once("networks", lambda: self.as_networks(_networks.lines(self, ())))
        return found

    def as_networks(self, lines: Iterable[tuple[Any, ...]]) -> list[NetworkLine]:
        """Lines of OF_NETWORK, with the end that counted on the date."""
        found, ends = list(map(NetworkLine._make, lines)), self.earlier().ends
        return [one._replace(end_on=ends[one.pk]) if one.pk in ends else one for one in found] if ends else found

    def of_networks(self, *columns: str) -> dict[int, tuple[Any, ...]]:
        """(key, *columns) of the same networks by their keys: what only a few answers say; one query, which reads `known_networks` too."""
        lines, size = _networks.lines(self, columns), len(OF_NETWORK)
        self.once("networks", lambda: self.as_networks(line[:size] for line in lines))
        return {line[0]: (line[0], *line[size:]) for line in lines}

    def network_types(self) -> dict[int, str]:
        """The type of the same networks by their key, for who only counts them; one query an asking."""
        if "networks" in self.memory:
            return {network.pk: network.network_type for network in self.known_networks()}
        found: dict[int, str] = self.once("types of networks", lambda: dict(_types_of_networks.lines(self)))
        return found

    def networks_of(self, keys: Iterable[int]) -> dict[int, NetworkLine]:
        """Those with these keys among the same networks, by key in their order: for who says something of a few; one query."""
        wanted = set(keys)
        if "networks" in self.memory or not wanted:
            return {one.pk: one for one in self.known_networks() if one.pk in wanted} if wanted else {}
        return {one.pk: one for one in self.as_networks(_networks_among.lines(self, among(wanted)))}

    def networks_by_call(self) -> dict[int, tuple[int, int]]:
        """How many networks there are of each call, and how many of these are from before the portal; one query an asking."""
        found: dict[int, tuple[int, int]] = self.once(
            "networks by call", lambda: {call: (number, past) for call, number, past in _networks_by_call.lines(self)}
        )
        return found

    def count_networks(self) -> int:
        """How many networks there are, for who says something of a few."""
        if "networks" in self.memory:
            return len(self.known_networks())
        return sum(number for number, _ in self.networks_by_call().values())

    def later(self, action: str) -> list[tuple[str, Any]]:
        """(stream, changes) of what was done since the date, the newest first: answers read it backwards. One query an asking."""
        if self.until >= clock.now():
            return []
        acts = self.once("later", lambda: _later.lines(self))
        return [(stream, changes) for done, stream, changes in acts if done == action]

    def earlier(self) -> readings.Earlier:
        """What counted on the date where another reading was chosen since."""
        found: readings.Earlier = self.once("earlier", lambda: readings.before(self.later(readings.CHOSEN)))
        return found

    def earlier_published(self) -> dict[tuple[int | None, str], int | None]:
        """The same of what was printed about a call or the programme."""
        return readings.published_before(self.later(readings.CHOSEN_OF_PUBLISHED))

    def earlier_values(self) -> dict[tuple[int, str, str], list[int]]:
        """The same of the values of indicators."""
        found: dict[tuple[int, str, str], list[int]] = self.once(
            "earlier values", lambda: readings.values_before(self.later(readings.CHOSEN_OF_VALUES))
        )
        return found

    def known_calls(self) -> list[Call]:
        """The calls of this asking, read once."""
        found: list[Call] = self.once("calls", lambda: _calls.all(self))
        return found

    @property
    def until(self) -> datetime:
        """The last instant of the as-of date."""
        return clock.end_of_day(self.as_of)

    @property
    def at(self) -> datetime:
        """The instant at which who may see what is told."""
        return clock.now()

    @property
    def has_company_filter(self) -> bool:
        """Whether only some companies are asked for."""
        return bool(self.province or self.sector or self.size or self.company)

    def networks(self) -> "QuerySet[Network]":
        """The networks that existed by a released decision on the date, within the filters and what the reader may see."""
        rows = (
            Network.objects.all() if self.reader is None or self.is_public else Network.objects.visible_to(self.reader)
        )
        released = Decision.objects.filter(outcome="awarded", released_at__lte=self.until)
        rows = rows.filter(application__in=released.order_by().values("application"))
        if self.call is not None:
            rows = rows.filter(call=self.call)
        if self.network is not None:
            rows = rows.filter(pk=self.network.pk)
        if self.network_type:
            rows = rows.filter(network_type=self.network_type)
        return rows.order_by("call__year", "code")

    def of_asked(self, rows: "QuerySet[Said]", path: str = "network") -> "QuerySet[Said]":
        """Those of the rows that are of the network or the call asked for, where one is; `path` leads from a row to its network.

        Whether that network existed on the date, and for this reader, is not looked at here: `known_networks` tells.
        """
        if self.network is not None:
            return rows.filter(**{path: self.network})
        return rows.filter(**{f"{path}__call": self.call}) if self.call is not None else rows

    def applications(self) -> "QuerySet[Application]":
        """Dossiers that the reader may see, with those that were published; a draft is never among them."""
        return self._applications(Q(is_reconstructed=True))

    def awarded_applications(self) -> "QuerySet[Application]":
        """As `applications`, and for everybody those of the networks that the public page of the programme shows."""
        return self._applications(Q(is_reconstructed=True) | Q(network__in=Network.objects.published().values("pk")))

    def _applications(self, is_published: Q) -> "QuerySet[Application]":
        rows = Application.objects.all()
        if self.is_public:
            rows = rows.filter(is_published)
        elif self.reader is not None:
            seen = Application.objects.visible_to(self.reader, at=self.at).values("pk")
            rows = rows.filter(Q(pk__in=seen) | is_published)
        rows = rows.exclude(state=ApplicationState.P1_DRAFT)
        if self.call is not None:
            rows = rows.filter(call=self.call)
        if self.network is not None:
            rows = rows.filter(network=self.network)
        return rows.select_related("call", "applicant").order_by("call__year", "number")

    def calls(self) -> "QuerySet[Call]":
        """The published calls that were known on the date, or the one asked for, oldest first."""
        that_year = ExtractYear(Cast(Value(self.as_of), DateField()))
        known = Q(launched_on__lte=self.as_of) | Q(launched_on__isnull=True, year__lte=that_year)
        rows = Call.objects.exclude(state="draft").filter(known)
        return (rows.filter(pk=self.call.pk) if self.call else rows).order_by("year")

    def kept(self) -> dict[str, str]:
        """The parameters as text, to be read again by `read`; what was not asked is left out."""
        texts = {
            "stand": self.as_of.isoformat(),
            "oproep": self.call.code if self.call else "",
            "netwerk": self.network.code if self.network else "",
            "type": self.network_type,
            "provincie": self.province,
            "sector": self.sector,
            "grootte": self.size,
            "onderneming": self.company,
        }
        return {name: text for name, text in texts.items() if text}


@dataclass(frozen=True)
class _AnyAsked(Asked):
    """An asking of which only the shape is known; its day and moments are filled in later."""

    last_instant: datetime = field(kw_only=True)
    read_at: datetime = field(kw_only=True)

    @property
    def until(self) -> datetime:
        return self.last_instant

    @property
    def at(self) -> datetime:
        return self.read_at


class Read:
    """A read of answers whose text is made once for every asking of the same shape (docs/adr/0038): `build(asked, *choices)` is its query set.

    Day, reader, call and network of the asking are filled in each time; `choices` as of a `Statement`. It may not ask by what companies
    are narrowed to, nor reckon with the date.
    """

    def __init__(self, build: "Callable[..., QuerySet[Any]]") -> None:
        self._build = build
        self._statement: Statement[Any] = Statement(self._of_shape, shapes=_SHAPES_KEPT)

    def lines(self, asked: Asked, *choices: Any) -> list[tuple[Any, ...]]:
        """Its lines of values, of a `values_list`; one query."""
        try:
            return self._statement.lines(*_shape(asked), *choices)
        except EmptyResultSet:
            return []

    def all(self, asked: Asked, *choices: Any) -> list[Any]:
        """Its rows as objects; one query."""
        try:
            return self._statement.all(*_shape(asked), *choices)
        except EmptyResultSet:
            return []

    def sql(self, asked: Asked, *choices: Any) -> tuple[str, tuple[Any, ...]]:
        """Its text and parameters, to stand within another; raises EmptyResultSet where nothing can fit."""
        return self._statement.sql(*_shape(asked), *choices)

    def query(self, asked: Asked, *choices: Any, **others: Any) -> "QuerySet[Any]":
        """Its query set for this asking, where what is kept will not do."""
        return self._build(asked, *(one.value if isinstance(one, Day) else one for one in choices), **others)

    def _of_shape(self, *values: Any) -> "QuerySet[Any]":
        shape = _Shape._make(values[: len(_Shape._fields)])
        reader = None
        if shape.reader is not None:
            reader = User.objects.as_read(shape.reader, roles=shape.roles, organisations=shape.organisations)
        asked = _AnyAsked(
            shape.day,
            call=None if shape.call is None else Call(pk=shape.call),
            network=None if shape.network is None else Network(pk=shape.network),
            network_type=shape.network_type or "",
            reader=reader,
            is_public=shape.is_public,
            last_instant=shape.until,
            read_at=shape.at,
        )
        return self._build(asked, *values[len(_Shape._fields) :])


class _Shape(NamedTuple):
    """An asking as the values of a statement."""

    day: Any  # a Day, or what stands in for the date
    until: datetime
    at: datetime
    call: int | None
    network: int | None
    network_type: NetworkType | None
    is_public: bool
    reader: int | None
    roles: frozenset[Any]
    organisations: tuple[int, ...]


_SHAPES_KEPT = 64


def _shape(asked: Asked) -> _Shape:
    reader = None if asked.is_public else asked.reader
    return _Shape(
        day=Day(asked.as_of),
        until=asked.until,
        at=asked.at,
        call=asked.call.pk if asked.call else None,
        network=asked.network.pk if asked.network else None,
        network_type=NetworkType(asked.network_type) if asked.network_type else None,
        is_public=asked.is_public,
        reader=None if reader is None else reader.pk if reader.is_active else NOBODY,
        roles=reader.roles if reader else frozenset(),
        organisations=tuple(sorted(reader.organisation_ids)) if reader else (),
    )


NOBODY = 0
"""The key of nobody: who is no longer active sees what nobody in particular sees."""


@Read
def _networks(asked: Asked, columns: tuple[str, ...]) -> "QuerySet[Any]":
    return asked.networks().values_list(*OF_NETWORK, *columns)


@Read
def _networks_among(asked: Asked, keys: str) -> "QuerySet[Any]":
    return asked.networks().filter(pk__in=Among(keys)).values_list(*OF_NETWORK)


@Read
def _networks_by_call(asked: Asked) -> "QuerySet[Any]":
    by_call = asked.networks().order_by().values("call_id")
    counted = by_call.annotate(number=Count("pk"), past=Count("pk", filter=Q(is_reconstructed=True)))
    return counted.values_list("call_id", "number", "past")


@Read
def _types_of_networks(asked: Asked) -> "QuerySet[Any]":
    return asked.networks().order_by().values_list("pk", "network_type")


@Read
def _calls(asked: Asked) -> "QuerySet[Call]":
    return asked.calls()


@Read
def _later(asked: Asked) -> "QuerySet[Any]":
    done = AuditEvent.objects.filter(action__in=READ_BACKWARDS, at__gt=asked.until).order_by("-at", "-seq")
    return done.values_list("action", "stream", "changes")


PARAMETERS = ("stand", "oproep", "netwerk", "type", "provincie", "sector", "grootte", "onderneming")
"""The names of the parameters in addresses, in frozen documents and (as options) in the command."""


def read(given: Mapping[str, Any], *, reader: User | None = None, is_public: bool = False) -> Asked:
    """What was typed, parsed; an empty or missing parameter means: all, and today. Raises DomainError naming the field."""
    texts = {name: str(given.get(name) or "").strip() for name in PARAMETERS}
    for name, text in texts.items():
        if len(text) > LONGEST or "\x00" in text:
            raise DomainError(f"“{name}” is te lang of bevat tekens die niet kunnen. Hoogstens {LONGEST} tekens.")
    return Asked(
        as_of=read_day(texts["stand"]),
        call=_call(texts["oproep"]),
        network=_network(texts["netwerk"], reader=reader, is_public=is_public),
        network_type=_choice("type", texts["type"], NetworkType.choices),
        province=_choice("provincie", texts["provincie"], Province.choices),
        sector=_sector(texts["sector"]),
        size=_choice("grootte", texts["grootte"], SizeClass.choices),
        company=_company(texts["onderneming"]),
        reader=reader,
        is_public=is_public,
    )


def read_day(text: str) -> date:
    """2017-03-31 or 31/3/2017; empty is today. Not in the future: the portal tells what was, it does not foretell."""
    if not text:
        return clock.today()
    day = _day(text)
    if day is None or day.year < FIRST_YEAR:
        raise DomainError(f"Stand op: “{text[:20]}” is geen datum. Schrijf bijvoorbeeld 2017-03-31 of 31/3/2017.")
    if day > clock.today():
        raise DomainError(
            f"Stand op: {day:%d/%m/%Y} ligt in de toekomst. Kies een dag tot en met vandaag ({clock.today():%d/%m/%Y})."
        )
    return day


def _day(text: str) -> date | None:
    for form in ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y"):
        try:
            return datetime.strptime(text, form).replace(tzinfo=clock.BRUSSELS).date()
        except ValueError:
            continue
    return None


def _call(code: str) -> Call | None:
    if not code:
        return None
    found = Call.objects.exclude(state="draft").filter(code=code).first()
    if found is None:
        known = ", ".join(Call.objects.exclude(state="draft").order_by("year").values_list("code", flat=True))
        raise DomainError(f"Oproep: “{code[:20]}” bestaat niet. Kies uit: {known or 'er is nog geen oproep'}.")
    return found


def _network(code: str, *, reader: User | None, is_public: bool) -> Network | None:
    if not code:
        return None
    rows = Network.objects.all() if reader is None or is_public else Network.objects.visible_to(reader)
    found = rows.select_related("call").filter(code__iexact=code).first()
    if found is None:
        raise DomainError(f"Netwerk: “{code[:30]}” bestaat niet. Geef de code van een netwerk, zoals IBN1-01.")
    return found


def _choice(name: str, text: str, choices: "list[tuple[str, Any]]") -> str:
    if not text:
        return ""
    for value, label in choices:
        if text.casefold() in {str(value).casefold(), str(label).casefold()}:
            return str(value)
    raise DomainError(
        f"{name.capitalize()}: “{text[:30]}” bestaat niet. Kies uit: {', '.join(str(label) for _, label in choices)}."
    )


def _sector(text: str) -> str:
    """A letter of a NACE section, or a code that falls in one."""
    if not text:
        return ""
    if len(text) == 1 and text.isascii() and text.isalpha():
        return text.upper()
    section = section_of(text)
    if section is None:
        raise DomainError(f"Sector: “{text[:20]}” is geen NACE-code of letter van een sectie, zoals C of 62.01.")
    return section[0]


def _company(text: str) -> str:
    """The ten digits, however they were written; raises DomainError with what is wrong."""
    return enterprise_numbers.parse(text) if text else ""


def is_narrowed(asked: Asked) -> bool:
    """Whether anything but the date was asked."""
    skipped = {"as_of", "reader", "is_public", "memory"}
    return any(getattr(asked, one.name) for one in fields(asked) if one.name not in skipped)
