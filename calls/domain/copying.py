"""A new call from an earlier one: everything a call is made of, so that only what changes has to be typed (PRG-22)."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from calls.domain import mail_texts, papers
from calls.models import (
    Call,
    CallRules,
    Criterion,
    Dimension,
    KnockoutRule,
    KpiDefinition,
    Milestone,
    Phase,
    Question,
    ScaleStep,
    Section,
)
from ibnportal.core import clock
from ibnportal.core.accounts.models import User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError

TEXTS = (
    "summary", "objectives", "target_group", "fund", "decision_body", "legal_basis", "contact_email", "documents_url",
    "pitch_location", "prediscussion_intro",
)  # fmt: skip


def copy_call(call: Call, *, code: str, year: int, by: User | None, name: str = "", shifts_dates: bool = False) -> Call:
    """A new draft with all that `call` is made of, each part as its newest version.

    That is: rules, phases, calendar, sections, questions, criteria, scale, knock-outs, indicators, templates and mail texts.
    With `shifts_dates` every date moves by the difference in years, at the same hour in Brussels; otherwise dates stay empty.
    Slots and published results are not copied. Raises DomainError when the code is taken or the call has no rules.
    """
    if Call.objects.filter(code=code).exists():
        raise DomainError(f"Er is al een oproep met het kenmerk {code}. Kies een ander.")
    years = year - call.year if shifts_dates else None
    with transaction.atomic():
        try:
            rules = call.rules_versions.latest("version")
        except CallRules.DoesNotExist as error:
            raise DomainError(f"“{call}” heeft nog geen regels. Voeg ze toe voor u de oproep kopieert.") from error
        copy = Call.objects.create(
            code=code,
            year=year,
            name=name.strip() or f"Oproep {year} Innovatieve Bedrijfsnetwerken",
            **{field: getattr(call, field) for field in TEXTS},
        )
        figures = {**rules.figures(), "latest_start_on": moved(rules.latest_start_on, years)}
        CallRules.objects.create(call=copy, reason=f"Overgenomen van {call}", **figures)
        _copy_calendar(call, copy, years)
        _copy_tree(call, copy)
        _copy_questions(call, copy)
        _again(KpiDefinition.objects.filter(call=call), call=copy)
        _again(papers.in_force(call), call=copy, version=1, amendment=None, added_at=clock.now(), added_by=by)
        _again(mail_texts.in_force(call).values(), call=copy, version=1, reason="", saved_at=clock.now(), saved_by=by)
        changes = {"from": call, "code": code, "year": year, "dates": "shifted" if shifts_dates else "empty"}
        trail.record("call.copied", copy, by=by, changes=changes)
    return copy


def moved(moment: Any, years: int | None) -> Any:
    """The same day and hour (in Brussels) that many years later; None stays None, and without `years` there is no date."""
    if moment is None or years is None:
        return None
    local: date = clock.local(moment) if isinstance(moment, datetime) else moment
    try:
        return local.replace(year=local.year + years)
    except ValueError:  # 29 February
        return (local - timedelta(days=1)).replace(year=local.year + years)


def _copy_calendar(source: Call, copy: Call, years: int | None) -> None:
    Phase.objects.bulk_create(
        Phase(
            call=copy,
            number=phase.number,
            opens_at=moved(phase.opens_at, years),
            closes_at=moved(phase.closes_at, years),
        )
        for phase in source.phases.all()
    )
    Milestone.objects.bulk_create(
        Milestone(
            call=copy,
            kind=moment.kind,
            starts_on=moved(moment.starts_on, years),
            ends_on=moved(moment.ends_on, years),
            at_time=moment.at_time,
            text=moment.text if years is not None else "",
        )
        for moment in source.milestones.all()
    )


def _again(rows: Iterable[Any], **changed: Any) -> dict[int, Any]:
    """Copies of these rows with some fields changed, by the id of the original."""
    pairs = [(row.pk, row) for row in rows]
    for _old, row in pairs:
        row.pk = None
        row._state.adding = True  # noqa: SLF001 - Django's documented way to copy a row
        for name, value in changed.items():
            setattr(row, name, value)
    if pairs:
        type(pairs[0][1]).objects.bulk_create([row for _old, row in pairs])
    return dict(pairs)


def _copy_tree(source: Call, copy: Call) -> None:
    steps = _again(ScaleStep.objects.filter(call=source), call=copy)
    dimensions = _again(Dimension.objects.filter(call=source), call=copy)
    leaves = list(Criterion.objects.filter(dimension__call=source))
    for leaf in leaves:
        leaf.dimension = dimensions[leaf.dimension_id]
    _again(leaves)
    KnockoutRule.objects.bulk_create(
        KnockoutRule(
            call=copy, dimension=dimensions[rule.dimension_id], step=steps[rule.step_id], min_count=rule.min_count
        )
        for rule in KnockoutRule.objects.filter(call=source)
    )


def _copy_questions(source: Call, copy: Call) -> None:
    sections = _again(Section.objects.filter(call=source), call=copy)
    questions = list(Question.objects.filter(section__call=source))
    for question in questions:
        question.section = sections[question.section_id]
    _again(questions)
