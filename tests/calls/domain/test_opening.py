"""Publishing, amending, copying, closing: what each leaves behind, and what is refused."""

from decimal import Decimal

import pytest
from django.db import ProgrammingError, transaction

from calls.domain import amending, consistency, copying, opening
from calls.enums import CallState
from calls.invariants import knockouts_stay_within_their_call, published_calls_have_frozen_rules
from calls.models import Call, CallRules
from ibnportal.core.accounts.enums import Role
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError, WrongState
from ibnportal.core.findings import Severity
from tests.factories.calls import CallFactory, CallRulesFactory, KnockoutRuleFactory, ScaleStepFactory, install_call

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(make_user):
    return make_user(Role.ADMINISTRATOR)


@pytest.fixture
def draft(admin):
    """A copy of the call of 2025 with its two windows filled in."""
    call = copying.copy_call(install_call(), code="2027", year=2027, by=admin)
    for phase, (opens, closes) in zip(
        call.phases.all(), (("2027-01-10", "2027-02-10"), ("2027-03-10", "2027-05-10")), strict=True
    ):
        phase.opens_at, phase.closes_at = f"{opens}T00:00+01:00", f"{closes}T12:00+01:00"
        phase.save()
    return Call.objects.get(pk=call.pk)


def errors(call):
    return [finding for finding in consistency.examine(call) if finding.severity == Severity.ERROR]


@pytest.mark.rule("PRG-22")
def test_publishing_freezes_the_rules_and_says_who(draft, admin):
    opening.publish(draft, by=admin)
    assert draft.state == CallState.PUBLISHED
    assert draft.current_rules().frozen_by == admin
    assert [event.action for event in trail.history(draft)] == ["call.copied", "call.published"]


def test_publishing_twice_is_refused(draft, admin):
    opening.publish(draft, by=admin)
    with pytest.raises(WrongState, match="Dit is al gebeurd"):
        opening.publish(draft, by=admin)


@pytest.mark.rule("PRG-05")
def test_a_call_that_contradicts_itself_is_not_published(draft, admin):
    draft.rules_versions.update(max_awards=6)
    with pytest.raises(DomainError, match=r"6 initiatieven aan €\s675\.000 is €\s4\.050\.000") as refused:
        opening.publish(draft, by=admin)
    assert [finding.rule_id for finding in refused.value.findings] == ["PRG-05"]
    draft.refresh_from_db()
    assert draft.state == CallState.DRAFT
    assert draft.current_rules().frozen_at is None


@pytest.mark.parametrize("field", ["max_awards", "frozen_at"])
def test_the_database_keeps_a_frozen_version(field):
    rules = install_call().current_rules()
    with pytest.raises(ProgrammingError, match="Cannot update or delete"), transaction.atomic():
        CallRules.objects.filter(pk=rules.pk).update(**{field: None})


def test_the_database_keeps_a_frozen_version_from_deletion():
    call = install_call()
    with pytest.raises(ProgrammingError, match="Cannot update or delete"), transaction.atomic():
        call.rules_versions.all().delete()


@pytest.mark.rule("PRG-22")
def test_amending_makes_a_next_version_and_leaves_the_first(admin):
    call = install_call()
    amending.amend_rules(call, reason="Beslissing van de regering", supplement_working_days=15, by=admin)
    assert list(call.rules_versions.values_list("version", "supplement_working_days")) == [(2, 15), (1, 12)]
    assert call.rules().version == 2
    assert call.current_rules().frozen_at is not None
    changes = trail.history(call.current_rules()).first().changes
    assert changes["supplement_working_days"] == [12, 15]


@pytest.mark.parametrize(
    ("reason", "figures", "message"),
    [
        ("  ", {"supplement_working_days": 15}, "Schrijf waarom"),
        ("Zomaar", {"supplement_working_days": 12}, "Er is niets veranderd"),
        ("Meer steun", {"max_grant_total": Decimal("700000.00")}, "kloppen niet met elkaar"),
    ],
)
def test_amending_is_refused_in_words(admin, reason, figures, message):
    call = install_call()
    with pytest.raises(DomainError, match=message):
        amending.amend_rules(call, reason=reason, by=admin, **figures)
    assert call.rules_versions.count() == 1


def test_a_figure_that_no_call_has_is_a_mistake_of_the_programmer(admin):
    with pytest.raises(TypeError, match="max_award"):
        amending.amend_rules(install_call(), reason="Tikfout", max_award=3, by=admin)


def test_a_closed_call_keeps_its_rules(admin):
    with pytest.raises(WrongState, match="afgesloten"):
        amending.amend_rules(install_call("2015"), reason="Te laat", max_grant_year=Decimal(1), by=admin)


def test_a_copy_has_everything_but_the_dates(admin):
    original = install_call()
    copy = copying.copy_call(original, code="2027", year=2027, by=admin)
    assert copy.state == CallState.DRAFT
    assert copy.rules().max_grant_year == Decimal("225000.00")
    assert copy.rules().latest_start_on is None
    assert copy.current_rules().frozen_at is None
    assert list(copy.phases.values_list("number", "closes_at")) == [(1, None), (2, None)]
    for part in ("dimensions", "scale", "knockout_rules", "kpi_definitions", "sections"):
        assert getattr(copy, part).count() == getattr(original, part).count() > 0
    assert copy.dimensions.filter(criteria__isnull=False).count() == 16
    assert copy.sections.filter(questions__isnull=False).count() == 39
    assert {rule.step.call_id for rule in copy.knockout_rules.all()} == {copy.pk}
    assert copy.milestones.count() == original.milestones.count()
    assert not copy.milestones.filter(starts_on__isnull=False).exists()
    assert copy.pitch_slots.count() == copy.facts.count() == 0


def test_a_copy_of_a_call_leaves_the_original_alone(admin):
    original = install_call()
    copying.copy_call(original, code="2027", year=2027, by=admin)
    assert original.dimensions.filter(criteria__isnull=False).count() == 16


def test_a_code_is_used_once(admin):
    with pytest.raises(DomainError, match="kenmerk 2025"):
        copying.copy_call(install_call(), code="2025", year=2026, by=admin)


def test_a_call_closes_once(admin):
    call = install_call()
    opening.close(call, by=admin)
    assert call.state == CallState.CLOSED
    with pytest.raises(WrongState):
        opening.close(call, by=admin)


def test_a_draft_is_seen_by_administrators_only(admin, make_user):
    call = CallFactory(state=CallState.DRAFT)
    assert call in Call.objects.visible_to(admin)
    assert call not in Call.objects.visible_to(make_user(Role.CASE_HANDLER))
    assert call not in Call.objects.visible_to(None)


def test_the_invariants_are_quiet_on_real_calls():
    for code in ("2015", "2017", "2025"):
        install_call(code)
    assert list(published_calls_have_frozen_rules()) == []
    assert list(knockouts_stay_within_their_call()) == []


def test_the_invariants_see_loose_rules_and_strange_knock_outs():
    call = CallRulesFactory(call=CallFactory(code="los")).call
    CallFactory(code="leeg")
    KnockoutRuleFactory(call=call, step=ScaleStepFactory())
    assert min(published_calls_have_frozen_rules()).startswith("call leeg is out without rules")
    assert any("call los: version 1" in breach for breach in published_calls_have_frozen_rules())
    assert len(list(knockouts_stay_within_their_call())) == 1


def test_a_call_without_anything_has_a_finding_for_each_gap():
    call = CallRulesFactory(call=CallFactory(state=CallState.DRAFT)).call
    found = {(finding.rule_id, finding.where) for finding in errors(call)}
    assert found == {
        ("PRG-01", "Samenvatting"), ("PRG-27", "Doelstellingen"), ("PRG-20", "Rechtsgrond"),
        ("PRG-06", "Fase 1"), ("PRG-06", "Fase 2"), ("P2-CRI-21", "Schaal"), ("P2-CRI-01", "Criteria"), ("KPI-12", "Indicatoren"),
        ("P1-SUB-04", "Sjabloon fase 1"), ("P1-SUB-04", "Sjabloon fase 2"),
    }  # fmt: skip


def test_a_call_without_rules_says_so():
    assert [finding.rule_id for finding in consistency.examine(CallFactory(state=CallState.DRAFT))] == ["PRG-22"]


def test_a_knock_out_of_another_call_is_found(draft):
    KnockoutRuleFactory(call=draft, step=ScaleStepFactory())
    assert any("hoort bij een andere oproep" in finding.message for finding in consistency.examine(draft))


def test_a_weight_of_nothing_is_found(draft):
    draft.dimensions.filter(code="quality").update(weight=0)
    assert [finding.where for finding in errors(draft)] == ["Gewicht van Kwaliteit van het project"]
