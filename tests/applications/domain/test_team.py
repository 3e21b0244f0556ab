"""The team: the cluster manager by name and main task, everybody's FTE and bond, secondment that shows itself."""

from dataclasses import replace
from decimal import Decimal

import pytest

from applications.domain import freezing, snapshot, team
from applications.models import TeamMember
from ibnportal.core.errors import DomainError
from ibnportal.core.findings import Severity
from tests.applications.domain.sample import RULES, member
from tests.factories.applications import ApplicationFactory


def found(*members, mean_fte=None):
    return [(item.rule_id, str(item.severity)) for item in team.findings(members, RULES, mean_fte=mean_fte)]


PAIR = (member(), member("Griet Claes", is_cluster_manager=False, is_main_task=False))


@pytest.mark.rule("ROL-05")
def test_the_cluster_manager_is_named_and_manages_as_main_task():
    assert found(*PAIR) == []
    nobody = replace(PAIR[0], is_cluster_manager=False, is_main_task=False)
    assert found(nobody, PAIR[1]) == [("ROL-05", "error")]
    aside = replace(PAIR[0], is_main_task=False)
    assert found(aside, PAIR[1]) == [("ROL-05", "warning")]


@pytest.mark.rule("ROL-15")
@pytest.mark.rule("APL-10")
def test_who_is_seconded_comes_from_somewhere():
    seconded = replace(PAIR[1], engagement="seconded")
    assert found(PAIR[0], seconded) == [("ROL-15", "error")]
    assert found(PAIR[0], replace(seconded, home_organisation="Technofed")) == []
    assert found(PAIR[0], replace(PAIR[1], engagement="freelance")) == []


def test_an_empty_team_and_a_nameless_function_are_gaps():
    assert found() == [("DUR-08", "error")]
    assert found(PAIR[0], replace(PAIR[1], function="")) == [("DUR-08", "error")]
    assert found(PAIR[0], PAIR[1], replace(PAIR[1], fte=None)) == [("DUR-08", "error")]


@pytest.mark.rule("DUR-04")
def test_a_team_below_two_fte_is_for_a_person_to_weigh():
    low = team.findings((PAIR[0], replace(PAIR[1], fte=Decimal("0.9"))), RULES, mean_fte=None)
    assert [(item.rule_id, item.severity) for item in low] == [("DUR-04", Severity.WARNING)]
    assert "1,9 VTE, minder dan de 2" in low[0].message


@pytest.mark.rule("DUR-05")
def test_there_is_no_maximum_of_fte():
    crowd = [replace(PAIR[1], name=f"Medewerker {number}") for number in range(40)]
    assert found(PAIR[0], *crowd) == []


@pytest.mark.rule("DUR-06")
def test_the_fte_of_the_team_stand_beside_those_of_the_budget():
    assert found(*PAIR, mean_fte=Decimal(2)) == []
    assert found(*PAIR, mean_fte=Decimal("2.5")) == [("DUR-06", "warning")]


# ---------------------------------------------------------------- writing


@pytest.fixture
def draft(db, clock):
    clock.set("2026-04-01T10:00")
    return ApplicationFactory(state="p2_draft")


def save(draft, name="Griet Claes", **fields):
    return team.save_member(draft, name=name, by=draft.colleague, **fields)


@pytest.mark.rule("ROL-05")
def test_the_dossier_knows_its_cluster_manager_and_there_is_one(draft):
    save(draft, is_cluster_manager=True, is_main_task=True)
    draft.refresh_from_db()
    assert (draft.cluster_manager_name, draft.is_manager_main_task) == ("Griet Claes", True)
    save(draft, "Bram Maes", is_cluster_manager=True)
    draft.refresh_from_db()
    assert (draft.cluster_manager_name, draft.is_manager_main_task) == ("Bram Maes", False)
    assert TeamMember.objects.filter(is_cluster_manager=True).count() == 1
    team.remove_member(TeamMember.objects.get(name="Bram Maes"), by=draft.colleague)
    draft.refresh_from_db()
    assert draft.cluster_manager_name == ""


@pytest.mark.rule("ROL-15")
@pytest.mark.rule("APL-10")
def test_somebody_seconded_makes_the_conditions_of_secondment_apply(draft):
    save(draft, engagement="seconded", home_organisation="Technofed")
    draft.refresh_from_db()
    assert draft.uses_secondment
    assert {item.group for item in snapshot.parse(freezing.take(draft, 2)).conditions} == {"always", "secondment"}


@pytest.mark.parametrize("fte", ["1.5", "-0.5", "0"])
def test_one_person_is_at_most_one_fte(draft, fte):
    with pytest.raises(DomainError) as refused:
        save(draft, fte=Decimal(fte))
    assert refused.value.findings[0].where == "fte"


@pytest.mark.rule("P1-SUB-03")
def test_phase_one_takes_no_team(db, clock):
    first = ApplicationFactory()
    with pytest.raises(DomainError) as refused:
        team.save_member(first, name="Griet", by=first.representative)
    assert refused.value.rule_id == "P1-SUB-03"
