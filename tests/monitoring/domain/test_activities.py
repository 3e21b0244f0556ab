"""Activities, who is active by taking part, and what falls outside the coordination (ACT, HK-12, NET-04)."""

from datetime import date

import pytest

from ibnportal.core.audit.models import AuditEvent
from ibnportal.core.errors import DomainError, NotAllowed
from monitoring.domain import activities
from monitoring.models import Activity
from tests.factories.core import OrganisationFactory
from tests.factories.monitoring import member, team
from tests.monitoring.rules import rules_2025

pytestmark = pytest.mark.django_db
RULES = rules_2025()


@pytest.fixture
def crew(clock):
    clock.set("2027-03-01T10:00")
    return team()


def activity(crew, starts_on=date(2027, 2, 1), **fields):
    values = {"kind": "event", "title": "Bijeenkomst", "starts_on": starts_on, "price_basis": "cost", **fields}
    return activities.record(crew.network, by=crew.worker, **values)


@pytest.mark.rule("ACT-01")
@pytest.mark.rule("ACT-02")
@pytest.mark.rule("ACT-14")
@pytest.mark.rule("ACT-20")
@pytest.mark.parametrize(
    ("fields", "rules", "is_coordination"),
    [
        ({}, [], True),
        ({"executor": "other"}, ["ACT-02"], False),
        ({"is_individual_service": True}, ["ACT-14"], False),
        ({"is_under_other_article": True}, ["ACT-20"], False),
    ],
)
def test_what_falls_outside_the_coordination_is_named(fields, rules, is_coordination):
    found = Activity(kind="event", price_basis="market", executor=fields.pop("executor", "own"), **fields)
    assert [finding.rule_id for finding in activities.findings(found)] == rules
    assert activities.is_coordination(found) is is_coordination


@pytest.mark.rule("ACT-15")
@pytest.mark.rule("NET-04")
def test_a_free_activity_and_a_closed_one_are_asked_about():
    free = Activity(kind="event", price_basis="free", audience="limited")
    assert [finding.rule_id for finding in activities.findings(free)] == ["ACT-15", "NET-04"]
    told = Activity(kind="event", price_basis="in_fee", audience="limited", entry_conditions="Wie een pilootlijn heeft")
    assert activities.findings(told) == []


@pytest.mark.rule("HK-12")
def test_two_activities_in_the_past_year_make_a_company_active(crew):
    twice, once, long_ago = (member(crew.network).organisation for _ in range(3))
    first, second = activity(crew), activity(crew, date(2026, 3, 2))
    too_old, later = activity(crew, date(2026, 3, 1)), activity(crew, date(2027, 4, 1))
    activities.set_participants(first, {twice.pk: 2, once.pk: 1, long_ago.pk: 1}, by=crew.worker)
    activities.set_participants(second, {twice.pk: 1}, by=crew.worker)
    activities.set_participants(too_old, {long_ago.pk: 1}, by=crew.worker)
    with pytest.raises(DomainError, match="pas op 01/04/2027"):
        activities.set_participants(later, {once.pk: 1}, by=crew.worker)
    on = date(2027, 3, 1)
    assert next((row["pk"], row["times"]) for row in activities.participants(crew.network, RULES, on=on)) == (
        twice.pk,
        2,
    )
    assert [row["pk"] for row in activities.active(crew.network, RULES, on=on)] == [twice.pk]
    assert {row["pk"] for row in activities.active(crew.network, rules_2025(active_min_events=1), on=on)} == {
        twice.pk, once.pk, long_ago.pk,
    }  # fmt: skip
    assert activities.active(team().network, RULES, on=on) == []


def test_participants_are_replaced_and_the_trail_keeps_both(crew):
    found, company, other = activity(crew), OrganisationFactory(), OrganisationFactory()
    activities.set_participants(found, {company.pk: 1}, by=crew.worker)
    activities.set_participants(found, {other.pk: 3}, by=crew.worker)
    assert list(found.participations.values_list("organisation", "people")) == [(other.pk, 3)]
    assert AuditEvent.objects.filter(action="activity.participants_set").count() == 2


def test_only_the_network_writes_and_days_run_forward(crew):
    found = activity(crew)
    with pytest.raises(NotAllowed):
        activities.change(found, title="x", by=crew.manager)
    with pytest.raises(DomainError, match="vóór 01/02/2027"):
        activities.change(found, ends_on=date(2027, 1, 31), by=crew.worker)
    activities.remove(found, by=crew.worker)
    assert not Activity.objects.exists()
