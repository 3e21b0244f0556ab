"""What was decided: awards and refusals as of a date, what is behind each, with whom it was asked and on which conditions."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any, NamedTuple

from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Sum, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, ExtractYear

from applications.enums import ApplicationState
from applications.models import Application
from evaluation.enums import DecisionKind, DecisionOutcome
from evaluation.models import Decision, DecisionCondition
from ibnportal.core.statements import Day
from ibnportal.core.ui import formats
from ibnportal.portal.answers.asking import Among, Asked, Read, among
from ibnportal.portal.answers.reads import UNKNOWN, page
from ibnportal.portal.answers.table import Behind, Late

OF_DECISION: dict[str, str | Combinable] = {
    "decided_on": "decided_on", "decided_in": ExtractYear("decided_on"), "amount": "amount", "reason": "reason", "source": "source", "is_reconstructed": "is_reconstructed",
    "rules": "rules__version", "rules_reason": "rules__reason", "rate": "rules__grant_fraction", "published_above": "rules__award_published_above",
    "name": Coalesce("application__network__name", "application__title"), "subject": Coalesce("application__network__keywords", "application__keywords"),
    "start": Case(When(application__network__isnull=False, then="application__network__start_on"), default="application__start_on"),
    "dossier": "application_id", "call": "application__call__code", "call_key": "application__call_id", "call_name": "application__call__name",
    "call_body": "application__call__decision_body", "call_fund": "application__call__fund", "call_basis": "application__call__legal_basis",
    "applicant": "application__applicant__name", "requested": "application__requested_grant", "months": "application__person_months",
    **{name: f"application__{name}" for name in ("number", "title", "summary", "keywords", "sector", "technology_domain")},
    **{f"network_{name}": f"application__network__{name}" for name in ("pk", "code", "name", "end_on")},
    **{
        f"{who}_{name}": f"application__{whom}__{column}"
        for who, whom in (("applicant", "applicant"), ("beneficiary", "network__beneficiary"))
        for name, column in (("organisation", "name"), ("enterprise_number", "enterprise_number"), ("postcode", "postcode"), ("nace", "profile__nace"))
    },
}  # fmt: skip
"""What answers write of a decision on support, and where it stands; `name`, `subject` and `start` are those of its network, once there is one."""


def awards(asked: Asked, *columns: str) -> list[tuple[Any, ...]]:
    """What was awarded: as `decisions`."""
    return decisions(asked, DecisionOutcome.AWARDED, *columns)


def refusals(asked: Asked, *columns: str) -> list[tuple[Any, ...]]:
    """What was refused: as `decisions`."""
    return decisions(asked, DecisionOutcome.REJECTED, *columns)


def either(asked: Asked, *columns: str) -> list[tuple[DecisionOutcome, tuple[Any, ...]]]:
    """What was awarded and then what was refused, each line with its outcome: as `decisions`."""
    return [
        (outcome, line)
        for outcome in (DecisionOutcome.AWARDED, DecisionOutcome.REJECTED)
        for line in decisions(asked, outcome, *columns)
    ]


def decisions(
    asked: Asked,
    outcome: str,
    *columns: str,
    calls: frozenset[int] | None = None,
    since: date | None = None,
) -> list[tuple[Any, ...]]:
    """(key, *columns) of the decisions on support with this outcome that were public and stood on the date, by dossier; once an asking.

    All, or those of these calls; not those of which a source says that they were taken before `since`.

    One query with no more than a question writes of them (names of OF_DECISION): of thousands, all that could be written took three
    times as long. What is behind a line is read when somebody opens it: `behind`.
    """

    def read() -> list[tuple[Any, ...]]:
        of_calls = None if calls is None else tuple(sorted(calls))
        return _decided.lines(asked, DecisionOutcome(outcome), columns, of_calls, since and Day(since))

    found: list[tuple[Any, ...]] = asked.once(f"decisions {outcome} {columns} {calls} {since}", read)
    return found


@Read
def _decided(
    asked: Asked, outcome: DecisionOutcome, columns: tuple[str, ...], calls: tuple[int, ...] | None, since: date | None
) -> "QuerySet[Any]":
    rows = _standing(asked, outcome).order_by("application__call__year", "application__number")
    rows = rows if since is None else rows.filter(Q(decided_on__isnull=True) | Q(decided_on__gte=since))
    rows = rows if calls is None else rows.filter(application__call__in=calls)
    return rows.values_list("pk", *(OF_DECISION[name] for name in columns))


def awards_among(asked: Asked, keys: Iterable[int], *columns: str) -> list[tuple[Any, ...]]:
    """(key, *columns) of the awards with these keys: as `awards`, for who says something of a few."""
    return _awards_among.lines(asked, among(keys), columns)


@Read
def _awards_among(asked: Asked, keys: str, columns: tuple[str, ...]) -> "QuerySet[Any]":
    rows = _standing(asked, DecisionOutcome.AWARDED).filter(pk__in=Among(keys))
    in_order = rows.order_by("application__call__year", "application__number")
    return in_order.values_list("pk", *(OF_DECISION[name] for name in columns))


def awarded_amounts(asked: Asked) -> list[tuple[int, int | None, Decimal | None]]:
    """(key, network, amount) of what was awarded, in no order, for who adds up; one query, once an asking."""
    found: list[tuple[int, int | None, Decimal | None]] = asked.once("amounts", lambda: _amounts.lines(asked))
    return found


def amounts(asked: Asked) -> list[tuple[int, Decimal | None]]:
    """(key, amount) of the same, whose network nobody needs; one query."""
    return _bare_amounts.lines(asked)


@Read
def _bare_amounts(asked: Asked) -> "QuerySet[Any]":
    return _standing(asked, DecisionOutcome.AWARDED).order_by().values_list("pk", "amount")


@Read
def _amounts(asked: Asked) -> "QuerySet[Any]":
    rows = _standing(asked, DecisionOutcome.AWARDED).order_by()
    return rows.values_list("pk", "application__network__pk", "amount")


class Together(NamedTuple):
    """Decisions of one kind taken together: of what, how many, of how many the amount is known, and the sum of these."""

    of: Any
    number: int
    known: int
    amount: Decimal | None


def awarded_by(asked: Asked, column: str) -> list[Together]:
    """What was awarded, together by a column (a name of OF_DECISION); added up by the database."""
    return list(map(Together._make, _together.lines(asked, (column,))))


def behind_together(asked: Asked, column: str, one: Together) -> Sequence[Behind]:
    """What is behind one of `awarded_by`."""

    def keys() -> dict[Any, list[int]]:
        found = defaultdict(list)
        for pk, of in awards(asked, column):
            found[of].append(pk)
        return found

    def read() -> list[Behind]:
        every: dict[Any, list[int]] = asked.once(f"together by {column}", keys)
        return _opened(asked, DecisionOutcome.AWARDED, every[one.of])

    return Late(one.number, read)


@Read
def _together(asked: Asked, column: tuple[str]) -> "QuerySet[Any]":
    of = OF_DECISION[column[0]]
    rows = _standing(asked, DecisionOutcome.AWARDED).order_by().values(of=F(of) if isinstance(of, str) else of)
    summed = rows.annotate(number=Count("pk"), known=Count("amount"), whole=Sum("amount"))
    return summed.values_list("of", "number", "known", "whole")


def decided_calls(asked: Asked, calls: Collection[int]) -> set[int]:
    """Those of these calls in which a decision was public on the date; two queries, once an asking."""

    def read() -> set[int]:
        of_calls = tuple(sorted(calls))
        return {
            call
            for outcome in (DecisionOutcome.AWARDED, DecisionOutcome.REJECTED)
            for (call,) in _calls_decided.lines(asked, outcome, of_calls)
        }

    found: set[int] = asked.once(f"decided of {sorted(calls)}", read)
    return found


@Read
def _calls_decided(asked: Asked, outcome: DecisionOutcome, calls: tuple[int, ...]) -> "QuerySet[Any]":
    rows = _standing(asked, outcome).filter(application__call__in=calls).order_by()
    return rows.values_list("application__call").distinct()


def _standing(asked: Asked, outcome: str) -> "QuerySet[Decision]":
    released = Decision.objects.filter(kind=DecisionKind.SUPPORT, outcome=outcome, released_at__lte=asked.until)
    replaced = Decision.objects.filter(supersedes=OuterRef("pk"), released_at__lte=asked.until)
    rows = _of_seen_dossiers(released.exclude(Exists(replaced)), asked, outcome)
    return rows.filter(application__network__network_type=asked.network_type) if asked.network_type else rows


def _of_seen_dossiers(rows: "QuerySet[Decision]", asked: Asked, outcome: str) -> "QuerySet[Decision]":
    """Where everything is read, the dossiers are joined as they are: to choose them first reads each of ten thousand twice."""
    if asked.reader is not None or asked.is_public:
        dossiers = asked.awarded_applications() if outcome == DecisionOutcome.AWARDED else asked.applications()
        return rows.filter(application__in=dossiers.order_by())
    rows = rows.exclude(application__state=ApplicationState.P1_DRAFT)
    if asked.call is not None:
        rows = rows.filter(application__call=asked.call)
    return rows if asked.network is None else rows.filter(application__network=asked.network)


def awarded(asked: Asked) -> dict[int, Decimal | None]:
    """The amount of the standing award of each network, by its key; one query, once an asking."""
    return {network: amount for _, network, amount in awarded_amounts(asked) if network is not None}


def behind(asked: Asked, outcome: str, *decided: int) -> Sequence[Behind]:
    """These decisions as what is behind a figure; all of their outcome are read when somebody opens one of them, once an asking."""
    return Late(len(decided), partial(_opened, asked, outcome, decided))


def _opened(asked: Asked, outcome: str, decided: Sequence[int]) -> list[Behind]:
    columns = ("number", "network_code", "decided_on", "amount", "source")
    every: dict[int, Behind] = asked.once(
        f"behind {outcome}",
        lambda: {pk: _behind_decision(outcome, about) for pk, *about in decisions(asked, outcome, *columns)},
    )
    about = set(decided)
    return [one for pk, one in every.items() if pk in about] if len(about) > 1 else [every[pk] for pk in decided]


def _behind_decision(outcome: str, about: list[Any]) -> Behind:
    number, network, decided_on, amount, source = about
    when = f"beslist op {formats.short_date(decided_on)}" if decided_on else "dag niet gepubliceerd"
    said = UNKNOWN if amount is None else formats.euro(amount, cents=False)
    return Behind(
        f"{DecisionOutcome(outcome).label}, {number}",
        f"{said} ({when})" if outcome == DecisionOutcome.AWARDED else when,
        source or f"Beslissing in dossier {number}",
        page(network) if network is not None else "",
    )


def together(applicant: str, others: Sequence[tuple[str, str]] | None) -> str:
    """Who asked, several joined; `others` as `co_applicants` gives them."""
    return "; ".join([applicant, *(name for name, _ in others)]) if others else applicant


def co_applicants(asked: Asked) -> dict[int, list[tuple[str, str]]]:
    """(name, enterprise number) of those who asked with another, by the key of the dossier; one query an asking."""

    def read() -> dict[int, list[tuple[str, str]]]:
        others = defaultdict(list)
        for pk, name, number in _seen_co_applicants.lines(asked):
            others[pk].append((name, number))
        return others

    found: dict[int, list[tuple[str, str]]] = asked.once("co-applicants", read)
    return found


@Read
def _seen_co_applicants(asked: Asked) -> "QuerySet[Any]":
    seen = asked.awarded_applications().order_by().values("pk")
    rows = Application.co_applicants.through.objects.filter(application__in=seen)
    rows = rows.order_by("organisation__name", "organisation")
    return rows.values_list("application_id", "organisation__name", "organisation__enterprise_number")


def conditions(asked: Asked) -> dict[int, list[tuple[int, str, str]]]:
    """(key, topic, text) of the conditions of each decision by its key, those of the start first; one query an asking."""

    def read() -> dict[int, list[tuple[int, str, str]]]:
        kept: dict[int, list[tuple[int, str, str]]] = defaultdict(list)
        for decided, pk, topic, text in _seen_conditions.lines(asked):
            kept[decided].append((pk, topic, text))
        return dict(kept)

    found: dict[int, list[tuple[int, str, str]]] = asked.once("conditions", read)
    return found


@Read
def _seen_conditions(asked: Asked) -> "QuerySet[Any]":
    seen = asked.awarded_applications().order_by().values("pk")
    rows = DecisionCondition.objects.filter(decision__application__in=seen).order_by("-kind", "id")
    return rows.values_list("decision_id", "pk", "topic", "text")
