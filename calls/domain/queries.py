"""Reads of a call's parts, each at a constant number of queries whatever the size of the call."""

from dataclasses import dataclass
from itertools import groupby

from django.db.models import QuerySet

from calls.enums import CallState
from calls.models import Call, Criterion, Dimension, Section


@dataclass(frozen=True, slots=True)
class CriterionGroup:
    """The leaves under one heading of a dimension; the heading may be empty."""

    label: str
    criteria: tuple[Criterion, ...]


@dataclass(frozen=True, slots=True)
class DimensionBranch:
    """One dimension with its groups, in the order of the manual."""

    dimension: Dimension
    groups: tuple[CriterionGroup, ...]

    @property
    def count(self) -> int:
        """How many leaves it has."""
        return sum(len(group.criteria) for group in self.groups)


def criterion_tree(call: Call) -> tuple[DimensionBranch, ...]:
    """Dimensions, groups and leaves (P2-CRI-01), in one query; a dimension without leaves judges nothing and is left out."""
    return tuple(
        DimensionBranch(
            dimension, tuple(CriterionGroup(label, tuple(group)) for label, group in groupby(list(found), key=_group))
        )
        for dimension, found in groupby(leaves(call), key=lambda criterion: criterion.dimension)
    )


def leaves(call: Call) -> QuerySet[Criterion]:
    """All leaves of a call in order, with their dimension; one query."""
    return (
        Criterion.objects.filter(dimension__call=call)
        .select_related("dimension")
        .order_by("dimension__position", "position")
    )


def template(call: Call, phase: int | None = None) -> QuerySet[Section]:
    """The sections of the mandatory template (of one phase) with their questions; two queries."""
    sections = call.sections.prefetch_related("questions").order_by("phase", "position")
    return sections if phase is None else sections.filter(phase=phase)


def open_call() -> Call | None:
    """The call that visitors come for: the newest published one, with its calendar; None between calls."""
    return (
        Call.objects.filter(state=CallState.PUBLISHED)
        .prefetch_related("phases", "milestones")
        .order_by("-year", "-pk")
        .first()
    )


def _group(criterion: Criterion) -> str:
    return criterion.group
