"""Verbs on a call: publish it, give it new rules, copy it, close it. Each leaves its row in the audit trail."""

from typing import Any

from django.db import transaction

from calls.domain import consistency, lifecycle
from calls.enums import CallState
from calls.models import (
    Call,
    CallRules,
    Criterion,
    Dimension,
    KnockoutRule,
    KpiDefinition,
    Question,
    ScaleStep,
    Section,
)
from ibnportal.core import clock
from ibnportal.core.accounts.models import User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError, WrongState
from ibnportal.core.findings import has_errors
from ibnportal.core.lifecycle import lock

NOT_COPIED = frozenset({"id", "call", "version", "reason", "frozen_at", "frozen_by"})


def publish(call: Call, *, by: User | None) -> Call:
    """Make the call public and freeze its rules; refused while its own figures contradict each other (PRG-05, PRG-22)."""
    with transaction.atomic():
        lock(call)
        findings = consistency.examine(call)
        if has_errors(findings):
            raise DomainError(
                "Deze oproep kan nog niet gepubliceerd worden: haar gegevens kloppen niet met elkaar. "
                + " ".join(f"{finding.where}: {finding.message}" for finding in findings),
                findings=findings,
            )
        freeze(call, by=by)
        return lifecycle.move(call, CallState.PUBLISHED, by=by)


def freeze(call: Call, *, by: User | None) -> None:
    """Fix the newest version of the rules for good; a version that is frozen stays as it is."""
    rules = call.rules_versions.select_for_update(of=("self",)).latest("version")
    if rules.frozen_at is None:
        rules.frozen_at, rules.frozen_by = clock.now(), by
        rules.save(update_fields=["frozen_at", "frozen_by"])
        trail.record("callrules.frozen", rules, by=by, changes={"version": rules.version})


def close(call: Call, *, by: User | None, reason: str = "") -> Call:
    """End a published call: nothing can be handed in any more, its results stay readable."""
    return lifecycle.move(call, CallState.CLOSED, by=by, reason=reason)


def amend_rules(call: Call, *, reason: str, by: User | None, **figures: Any) -> CallRules:
    """A next version of the rules with those figures changed; the version before stays as it was (QA-09).

    Frozen at once when the call is out. Refused without a reason, without a change, or when figures then disagree.
    """
    if not reason.strip():
        raise DomainError("Schrijf waarom de regels veranderen; wie later een dossier nakijkt, moet dat kunnen lezen.")
    with transaction.atomic():
        fresh = lock(call)
        if fresh.state == CallState.CLOSED:
            raise WrongState("Deze oproep is afgesloten; haar regels veranderen niet meer.")
        before = fresh.rules_versions.latest("version")
        values = _figures_of(before)
        changes = {name: [values[name], new] for name, new in figures.items() if values[_known(name, values)] != new}
        if not changes:
            raise DomainError("Er is niets veranderd: elk cijfer is gelijk aan dat van de vorige versie.")
        rules = CallRules(call=fresh, version=before.version + 1, reason=reason.strip(), **{**values, **figures})
        findings = consistency.figures(rules.frozen())
        if has_errors(findings):
            raise DomainError(
                "Deze cijfers kloppen niet met elkaar. " + " ".join(finding.message for finding in findings),
                findings=findings,
            )
        rules.save(force_insert=True)
        trail.record("callrules.amended", rules, by=by, changes={"version": rules.version, **changes}, reason=reason)
        if fresh.state == CallState.PUBLISHED:
            freeze(fresh, by=by)
            rules.refresh_from_db()
    return rules


def copy_call(call: Call, *, code: str, year: int, by: User | None) -> Call:
    """A new draft with the same rules, criteria, scale, knock-outs, indicators and questions; dates stay empty."""
    if Call.objects.filter(code=code).exists():
        raise DomainError(f"Er is al een oproep met het kenmerk {code}. Kies een ander.")
    with transaction.atomic():
        copy = Call.objects.create(
            code=code,
            year=year,
            name=f"Oproep {year} Innovatieve Bedrijfsnetwerken",
            **{
                name: getattr(call, name)
                for name in (
                    "summary",
                    "objectives",
                    "target_group",
                    "fund",
                    "decision_body",
                    "legal_basis",
                    "contact_email",
                )
            },
        )
        figures = {**_figures_of(call.rules_versions.latest("version")), "latest_start_on": None}
        CallRules.objects.create(call=copy, reason=f"Overgenomen van {call}", **figures)
        for number in call.phases.values_list("number", flat=True):
            copy.phases.create(number=number)
        _copy_tree(call, copy)
        _copy_questions(call, copy)
        _copy_rows(KpiDefinition, call, call=copy)
        trail.record("call.copied", copy, by=by, changes={"from": call, "code": code, "year": year})
    return copy


def _figures_of(rules: CallRules) -> dict[str, Any]:
    names = [field.name for field in CallRules._meta.fields if field.name not in NOT_COPIED]  # noqa: SLF001 - documented Meta API
    return {name: getattr(rules, name) for name in names}


def _known(name: str, values: dict[str, Any]) -> str:
    if name not in values:
        raise TypeError(f"Rules have no figure {name!r}.")
    return name


def _copy_rows(model: Any, source: Call, **parent: Any) -> dict[int, Any]:
    """Copies of the rows of `source`, by the id of the original."""
    pairs = [(row.pk, row) for row in model.objects.filter(call=source)]
    for _old, row in pairs:
        row.pk = None
        row._state.adding = True  # noqa: SLF001 - Django's documented way to copy a row
        for name, value in parent.items():
            setattr(row, name, value)
    model.objects.bulk_create([row for _old, row in pairs])
    return dict(pairs)


def _copy_tree(source: Call, copy: Call) -> None:
    steps = _copy_rows(ScaleStep, source, call=copy)
    dimensions = _copy_rows(Dimension, source, call=copy)
    leaves = list(Criterion.objects.filter(dimension__call=source))
    for leaf in leaves:
        leaf.pk, leaf.dimension = None, dimensions[leaf.dimension_id]
        leaf._state.adding = True  # noqa: SLF001 - as above
    Criterion.objects.bulk_create(leaves)
    KnockoutRule.objects.bulk_create(
        KnockoutRule(
            call=copy, dimension=dimensions[rule.dimension_id], step=steps[rule.step_id], min_count=rule.min_count
        )
        for rule in KnockoutRule.objects.filter(call=source)
    )


def _copy_questions(source: Call, copy: Call) -> None:
    sections = _copy_rows(Section, source, call=copy)
    questions = list(Question.objects.filter(section__call=source))
    for question in questions:
        question.pk, question.section = None, sections[question.section_id]
        question._state.adding = True  # noqa: SLF001 - as above
    Question.objects.bulk_create(questions)
