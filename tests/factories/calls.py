"""Calls for tests: the real ones from their files (`install_call("2025")`), or a small one to bend."""

from datetime import timedelta
from decimal import Decimal

import factory
from django.conf import settings
from factory.django import DjangoModelFactory

from calls.documents import definition
from calls.domain import installing
from calls.enums import CallState, PhaseNumber
from calls.models import (
    Call,
    CallRules,
    Criterion,
    Dimension,
    KnockoutRule,
    KpiDefinition,
    Phase,
    PitchSlot,
    Question,
    ScaleStep,
    Section,
)
from ibnportal.core import clock
from tests.factories.remembered import remembered

__all__ = [
    "CallFactory", "CallRulesFactory", "CriterionFactory", "DimensionFactory", "KnockoutRuleFactory", "KpiDefinitionFactory",
    "OpenCallFactory", "PhaseFactory", "PitchSlotFactory", "QuestionFactory", "ScaleStepFactory", "SectionFactory",
    "call_definition", "install_call",
]  # fmt: skip


INSTALLED_AT = clock.moment("2025-11-03T09:00")


def call_definition(code: str = "2025") -> definition.CallDefinition:
    """The call as its file states it."""
    return definition.read(settings.BASE_DIR / "data" / "calls" / f"{code}.toml")


def install_call(code: str = "2025") -> Call:
    """The real call, published (2025) or closed (2015, 2017), with all its rows."""
    known = Call.objects.filter(code=code).first()
    return known or remembered(
        ("call", code), lambda: installing.install(call_definition(code), by=None)[0], at=INSTALLED_AT
    )


class CallFactory(DjangoModelFactory[Call]):
    """A published call with nothing in it."""

    class Meta:
        model = Call

    code = factory.Sequence(lambda n: f"proef-{n}")
    year = 2025
    name = factory.LazyAttribute(lambda call: f"Proefoproep {call.code}")
    state = CallState.PUBLISHED
    fund = "Fonds voor Innoveren en Ondernemen"
    decision_body = "Beslissingscomité"
    contact_email = "clusters@voorbeeld.be"


class CallRulesFactory(DjangoModelFactory[CallRules]):
    """The figures of the call of 2025, not frozen; any of them as a keyword."""

    class Meta:
        model = CallRules

    call = factory.SubFactory(CallFactory)
    version = 1
    budget_available = Decimal("3375000.00")
    max_awards = 5
    duration_months = 36
    project_years = 3
    min_fte = Decimal("2.00")
    max_budget_year = Decimal("450000.00")
    max_budget_total = Decimal("1350000.00")
    max_grant_year = Decimal("225000.00")
    max_grant_total = Decimal("675000.00")
    grant_fraction = Decimal("0.5")
    cofinancing_fraction = Decimal("0.5")
    min_cash_fraction = Decimal("0.7")
    max_income_fraction = Decimal("0.3")
    min_companies = 30
    min_letters_phase1 = 10
    min_letters_phase2 = 30
    supplement_working_days = 12
    supplement_max_pages = 5
    first_tranche_threshold_fraction = Decimal("0.8")
    review_working_days = 30
    review_covers_preselection = True
    review_covers_admissibility = True
    extension_allowed = True
    max_payer_fraction = Decimal("0.25")
    recovery_days = 30
    exit_plan_months = 6


class PhaseFactory(DjangoModelFactory[Phase]):
    """A phase that opened a month ago and closes in a month."""

    class Meta:
        model = Phase

    call = factory.SubFactory(CallFactory)
    number = PhaseNumber.PRE_REGISTRATION
    opens_at = factory.LazyFunction(lambda: clock.now() - timedelta(days=30))
    closes_at = factory.LazyFunction(lambda: clock.now() + timedelta(days=30))


class OpenCallFactory(CallFactory):
    """A published call with rules and both phases open around the clock's now."""

    class Meta:
        skip_postgeneration_save = True

    rules_row = factory.RelatedFactory(CallRulesFactory, factory_related_name="call")
    first_phase = factory.RelatedFactory(PhaseFactory, factory_related_name="call", number=PhaseNumber.PRE_REGISTRATION)
    second_phase = factory.RelatedFactory(PhaseFactory, factory_related_name="call", number=PhaseNumber.FULL_DOSSIER)


class PitchSlotFactory(DjangoModelFactory[PitchSlot]):
    """Half an hour, each next one later."""

    class Meta:
        model = PitchSlot

    call = factory.SubFactory(CallFactory)
    starts_at = factory.Sequence(lambda n: clock.moment("2026-02-02T09:00") + timedelta(minutes=30 * n))
    ends_at = factory.LazyAttribute(lambda slot: slot.starts_at + timedelta(minutes=30))
    room = "Zaal 1"


class DimensionFactory(DjangoModelFactory[Dimension]):
    class Meta:
        model = Dimension

    call = factory.SubFactory(CallFactory)
    code = factory.Sequence(lambda n: f"dimensie-{n}")
    label = factory.LazyAttribute(lambda dimension: f"Dimensie {dimension.code}")
    position = factory.Sequence(lambda n: n + 1)


class CriterionFactory(DjangoModelFactory[Criterion]):
    class Meta:
        model = Criterion

    dimension = factory.SubFactory(DimensionFactory)
    code = factory.Sequence(lambda n: f"CRIT_{n}")
    label = factory.LazyAttribute(lambda criterion: f"Criterium {criterion.code}")
    position = factory.Sequence(lambda n: n + 1)


class ScaleStepFactory(DjangoModelFactory[ScaleStep]):
    class Meta:
        model = ScaleStep

    call = factory.SubFactory(CallFactory)
    code = factory.Sequence(lambda n: f"stap-{n}")
    label = factory.LazyAttribute(lambda step: f"Stap {step.value}")
    value = factory.Sequence(lambda n: n)


class KnockoutRuleFactory(DjangoModelFactory[KnockoutRule]):
    class Meta:
        model = KnockoutRule

    call = factory.SubFactory(CallFactory)
    dimension = factory.SubFactory(DimensionFactory, call=factory.SelfAttribute("..call"))
    step = factory.SubFactory(ScaleStepFactory, call=factory.SelfAttribute("..call"))
    min_count = 1


class KpiDefinitionFactory(DjangoModelFactory[KpiDefinition]):
    class Meta:
        model = KpiDefinition

    call = factory.SubFactory(CallFactory)
    code = factory.Sequence(lambda n: f"kpi-{n}")
    label = factory.LazyAttribute(lambda kpi: f"Indicator {kpi.code}")
    kind = "reach"
    position = factory.Sequence(lambda n: n + 1)


class SectionFactory(DjangoModelFactory[Section]):
    class Meta:
        model = Section

    call = factory.SubFactory(CallFactory)
    phase = PhaseNumber.PRE_REGISTRATION
    code = factory.Sequence(lambda n: f"onderdeel-{n}")
    title = factory.LazyAttribute(lambda section: f"Onderdeel {section.code}")
    position = factory.Sequence(lambda n: n + 1)


class QuestionFactory(DjangoModelFactory[Question]):
    class Meta:
        model = Question

    section = factory.SubFactory(SectionFactory)
    code = factory.Sequence(lambda n: f"vraag-{n}")
    label = factory.LazyAttribute(lambda question: f"Vraag {question.code}?")
    position = factory.Sequence(lambda n: n + 1)
