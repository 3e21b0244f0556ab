"""What a survey gave: response, means crossed by profile, and the matrices of effects (HE-06, HE-09, HE-10). Pure.

Only complete answers count. A group with fewer of them than the survey allows has no mean: it is not shown, and says so.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from statistics import median

from monitoring.enums import NetworkType, ProfileDimension, QuestionRole, SizeClass
from monitoring.models import SurveyInvitation, SurveyQuestion

CENT = Decimal("0.01")
A_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Response:
    """Asked, opened, begun and complete; `fraction` of the asked that is complete, None without any; `minutes` the median time."""

    invited: int
    opened: int
    begun: int
    complete: int
    minutes: Decimal | None

    @property
    def fraction(self) -> Decimal | None:
        """Complete against asked."""
        return Decimal(self.complete) / self.invited if self.invited else None


def response(invitations: Sequence[SurveyInvitation]) -> Response:
    """The response figures of these invitations."""
    done = [one for one in invitations if one.completed_at is not None]
    spent = [(one.completed_at - one.opened_at) / A_MINUTE for one in done if one.opened_at and one.completed_at]
    return Response(
        invited=len(invitations),
        opened=sum(one.opened_at is not None for one in invitations),
        begun=sum(one.begun_at is not None for one in invitations),
        complete=len(done),
        minutes=_rounded(Decimal(median(spent))) if spent else None,
    )


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean of so many answers; `value` is None where the group is too small to be shown, or nobody answered."""

    value: Decimal | None
    base: int


@dataclass(frozen=True, slots=True)
class Line:
    """One item of one question with its mean in each group, in the order of the groups."""

    question: SurveyQuestion
    text: str
    means: tuple[Mean, ...]


@dataclass(frozen=True, slots=True)
class Effect:
    """One point of the matrices: how much it is wanted (0 to 2), how far it came (0 to 2), what the network added (0 to 100)."""

    code: str
    text: str
    group: str
    wanted: Mean
    realised: Mean
    contribution: Mean


def groups_of(
    invitations: Sequence[SurveyInvitation], questions: Sequence[SurveyQuestion], dimension: str
) -> dict[str, list[SurveyInvitation]]:
    """The complete answers by group of a profile dimension; "Alle leden" first, where the dimension is another too."""
    done = [one for one in invitations if one.completed_at is not None]
    found: dict[str, list[SurveyInvitation]] = {"Alle leden": done}
    if dimension == ProfileDimension.ALL:
        return found
    label = _labels(questions)[ProfileDimension(dimension)]
    grouped: dict[str, list[SurveyInvitation]] = defaultdict(list)
    for one in done:
        grouped[label(one)].append(one)
    return {**found, **dict(sorted(grouped.items()))}


def _labels(questions: Sequence[SurveyQuestion]) -> Mapping[ProfileDimension, Callable[[SurveyInvitation], str]]:
    active = next((question for question in questions if question.role == QuestionRole.ACTIVE), None)

    def participation(one: SurveyInvitation) -> str:
        given = one.answers.get(str(active.number), {}) if active is not None else {}
        return "Actief" if any(given.values()) else "Niet actief"

    return {
        ProfileDimension.CALL: lambda one: f"Oproep {one.call_code}",
        ProfileDimension.SIZE: lambda one: _SIZES.get(one.size_class, "Grootte onbekend"),
        ProfileDimension.EMBEDDING: lambda one: (
            NetworkType(one.embedding).label if one.embedding else "Inbedding onbekend"
        ),
        ProfileDimension.PARTICIPATION: participation,
    }


_SIZES = {
    SizeClass.MICRO: "Kleine onderneming",
    SizeClass.SMALL: "Kleine onderneming",
    SizeClass.MEDIUM: "(Middel)grote onderneming",
    SizeClass.LARGE: "(Middel)grote onderneming",
}


def lines(
    questions: Sequence[SurveyQuestion], groups: Mapping[str, Sequence[SurveyInvitation]], *, min_group: int
) -> list[Line]:
    """The mean of every item outside the matrices, in each group."""
    plain = [question for question in questions if question.role in (QuestionRole.PLAIN, QuestionRole.ACTIVE)]
    return [
        Line(
            question,
            item["text"] or question.theme,
            tuple(_mean(_values(members, question, item["code"]), min_group) for members in groups.values()),
        )
        for question in plain
        for item in question.items
    ]


def effects(
    questions: Sequence[SurveyQuestion], members: Sequence[SurveyInvitation], *, min_group: int
) -> list[Effect]:
    """The points of the matrices for one group of complete answers."""
    by_role = {question.role: question for question in questions}
    wanted, strength = by_role.get(QuestionRole.WANTED), by_role.get(QuestionRole.STRENGTH)
    realised, added = by_role.get(QuestionRole.REALISED), by_role.get(QuestionRole.CONTRIBUTION)
    if wanted is None or strength is None or realised is None or added is None:
        return []
    return [
        Effect(
            item["code"], item["text"], item["group"],
            _mean(_wanted(members, wanted, strength, item["code"]), min_group),
            _mean(_values(members, realised, item["code"]), min_group),
            _mean(_values(members, added, item["code"]), min_group),
        )
        for item in wanted.items
    ]  # fmt: skip


def _wanted(
    members: Iterable[SurveyInvitation], wanted: SurveyQuestion, strength: SurveyQuestion, code: str
) -> list[int]:
    """0 where the effect is not wanted, otherwise how strongly."""
    values = []
    for one in members:
        if code not in one.answers.get(str(wanted.number), {}):
            continue
        is_wanted = one.answers[str(wanted.number)][code]
        values.append(one.answers.get(str(strength.number), {}).get(code, 0) if is_wanted else 0)
    return values


def _values(members: Iterable[SurveyInvitation], question: SurveyQuestion, code: str) -> list[int]:
    given = (one.answers.get(str(question.number), {}) for one in members)
    return [answers[code] for answers in given if code in answers]


def _mean(values: Sequence[int], min_group: int) -> Mean:
    if not values or len(values) < min_group:
        return Mean(None, len(values))
    return Mean(_rounded(Decimal(sum(values)) / len(values)), len(values))


def _rounded(value: Decimal) -> Decimal:
    return value.quantize(CENT, rounding=ROUND_HALF_UP)
