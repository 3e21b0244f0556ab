"""Makes the rows of a call from its definition, once: a call that exists is left as it is (its rules may be frozen)."""

from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction

from calls.domain import lifecycle, opening, papers
from calls.domain.definition import CallDefinition
from calls.models import (
    Call,
    CallRules,
    Criterion,
    Dimension,
    KnockoutRule,
    KpiDefinition,
    Milestone,
    Phase,
    PitchSlot,
    PublishedFact,
    Question,
    ScaleStep,
    Section,
)
from ibnportal.core.accounts.models import User
from ibnportal.core.audit import trail


def install(definition: CallDefinition, *, by: User | None) -> tuple[Call, bool]:
    """The call of that definition, and whether it is new. A past call is closed, any other published."""
    known = Call.objects.filter(code=definition.code).first()
    if known is not None:
        return known, False
    with transaction.atomic():
        call = Call.objects.create(**definition.call, note="\n".join(definition.choices))
        trail.record("call.installed", call, by=by, changes={"source": call.source})
        CallRules.objects.create(call=call, reason="Eerste versie", **definition.rules)
        parts: tuple[tuple[Any, Any], ...] = (
            (Phase, definition.phases),
            (Milestone, definition.milestones),
            (PitchSlot, definition.pitch_slots),
            (KpiDefinition, _numbered(definition.kpis)),
            (PublishedFact, definition.facts),
        )
        for model, rows in parts:
            model.objects.bulk_create(model(call=call, **row) for row in rows)
        _install_tree(call, definition)
        _install_questions(call, definition)
        _install_papers(call, definition, by=by)
        if definition.is_closed:
            # Past calls published only part of their figures: they are frozen as far as known.
            opening.freeze(call, by=by)
            lifecycle.reconstruct_closed(call, by=by)
        else:
            opening.publish(call, by=by)
    return call, True


def _numbered(rows: Any) -> list[dict[str, Any]]:
    return [{"position": position, **row} for position, row in enumerate(rows, start=1)]


def _install_tree(call: Call, definition: CallDefinition) -> None:
    steps = {
        step.code: step
        for step in ScaleStep.objects.bulk_create(ScaleStep(call=call, **row) for row in definition.scale)
    }
    dimensions, leaves = {}, []
    for row in _numbered(definition.dimensions):
        criteria = row.pop("criteria", ())
        dimension = Dimension.objects.create(call=call, **row)
        dimensions[dimension.code] = dimension
        leaves += [Criterion(dimension=dimension, **leaf) for leaf in _numbered(criteria)]
    Criterion.objects.bulk_create(leaves)
    KnockoutRule.objects.bulk_create(
        KnockoutRule(
            call=call, dimension=dimensions[row["dimension"]], step=steps[row["step"]], min_count=row["min_count"]
        )
        for row in definition.knockouts
    )


def _install_questions(call: Call, definition: CallDefinition) -> None:
    rows = [(row, row.get("questions", ())) for row in _numbered(definition.sections)]
    sections = Section.objects.bulk_create(
        Section(call=call, **{name: value for name, value in row.items() if name != "questions"}) for row, _ in rows
    )
    Question.objects.bulk_create(
        Question(section=section, **question)
        for section, (_, questions) in zip(sections, rows, strict=True)
        for question in _numbered(questions)
    )


def _install_papers(call: Call, definition: CallDefinition, *, by: User | None) -> None:
    for row in definition.papers:
        content = ContentFile(row["content"], name=row["file"])
        papers.add(
            call, content, code=row["code"], kind=row["kind"], title=row["title"], phase=row.get("phase"),
            note=row.get("note", ""), by=by,
        )  # fmt: skip
