"""Host, secondment, spearhead link: their conditions apply when, and only when, the dossier says so."""

import pytest

from applications.domain import completeness, conditions, freezing, snapshot, team
from applications.domain.conditions import CONDITIONS
from applications.domain.stale import Stale
from applications.models import ConditionStatement
from ibnportal.core.errors import DomainError
from tests.applications.domain.sample import RULES, dossier, statement
from tests.factories.applications import ApplicationFactory, declare_what_applies

EVERYTHING = tuple(statement(condition.code) for condition in CONDITIONS)
BY_FACT = {
    "uses_host": ("host_1", "host_2", "host_3", "host_4"),
    "uses_secondment": (
        "secondment_cost", "secondment_size", "secondment_tasks", "secondment_payment", "secondment_use", "secondment_independence",
    ),
    "has_spc_link": ("spc_1", "spc_2", "spc_3", "spc_4", "spc_5"),
}  # fmt: skip


@pytest.mark.parametrize("fact", BY_FACT)
def test_conditions_apply_when_and_only_when_the_dossier_says_so(fact):
    codes = [item.code for item in conditions.applying(dossier(**{fact: True}), 2)]
    assert codes == ["separate_accounting", *BY_FACT[fact]]
    assert [item.code for item in conditions.applying(dossier(), 2)] == ["separate_accounting"]


def without(code, **fields):
    kept = tuple(item for item in EVERYTHING if item.code != code)
    return completeness.condition_findings(dossier(conditions=kept, **fields))


@pytest.mark.parametrize(
    ("fact", "code", "rule_id"),
    [
        pytest.param("uses_host", "host_1", "APL-06", marks=[pytest.mark.rule("APL-06"), pytest.mark.rule("DOC-10")]),
        pytest.param("uses_host", "host_2", "APL-07", marks=pytest.mark.rule("APL-07")),
        pytest.param("uses_host", "host_3", "APL-08", marks=pytest.mark.rule("APL-08")),
        pytest.param("uses_host", "host_4", "APL-09", marks=pytest.mark.rule("APL-09")),
        pytest.param("uses_secondment", "secondment_cost", "APL-11", marks=[pytest.mark.rule("APL-11"), pytest.mark.rule("DOC-11")]),
        pytest.param("uses_secondment", "secondment_size", "APL-11", marks=pytest.mark.rule("APL-11")),
        pytest.param("uses_secondment", "secondment_tasks", "APL-11", marks=pytest.mark.rule("APL-11")),
        pytest.param("uses_secondment", "secondment_payment", "APL-11", marks=pytest.mark.rule("APL-11")),
        pytest.param("uses_secondment", "secondment_use", "APL-12", marks=pytest.mark.rule("APL-12")),
        pytest.param("uses_secondment", "secondment_independence", "APL-12", marks=pytest.mark.rule("APL-12")),
        pytest.param("has_spc_link", "spc_1", "POS-10", marks=[pytest.mark.rule("POS-09"), pytest.mark.rule("POS-10")]),
        pytest.param("has_spc_link", "spc_2", "POS-11", marks=[pytest.mark.rule("POS-09"), pytest.mark.rule("POS-11")]),
        pytest.param("has_spc_link", "spc_3", "POS-12", marks=[pytest.mark.rule("POS-09"), pytest.mark.rule("POS-12")]),
        pytest.param("has_spc_link", "spc_4", "POS-13", marks=[pytest.mark.rule("POS-09"), pytest.mark.rule("POS-13")]),
        pytest.param("has_spc_link", "spc_5", "POS-14", marks=[pytest.mark.rule("POS-09"), pytest.mark.rule("POS-14")]),
    ],
)  # fmt: skip
def test_each_condition_that_applies_is_declared_or_missed(fact, code, rule_id):
    assert [item.rule_id for item in without(code, **{fact: True})] == [rule_id]
    assert without(code) == []


@pytest.mark.rule("APL-13")
def test_separate_accounting_is_always_declared_in_a_full_dossier():
    assert [item.rule_id for item in without("separate_accounting")] == ["APL-13"]
    assert completeness.condition_findings(dossier(1, conditions=())) == []


@pytest.mark.rule("POS-09")
def test_a_link_to_a_spearhead_cluster_has_its_five_conditions_in_phase_one_too():
    found = completeness.condition_findings(dossier(1, has_spc_link=True, conditions=()))
    assert [item.rule_id for item in found] == ["POS-10", "POS-11", "POS-12", "POS-13", "POS-14"]


def test_what_has_to_be_shown_is_not_shown_by_a_tick_alone():
    bare = tuple(statement(item.code, explanation="") for item in EVERYTHING)
    given = dossier(uses_host=True, uses_secondment=True, conditions=bare)
    assert [item.rule_id for item in completeness.condition_findings(given)] == ["APL-06", "APL-07", "APL-08", "APL-09"]


# ---------------------------------------------------------------- writing


@pytest.fixture
def draft(db, clock):
    clock.set("2026-04-01T10:00")
    return ApplicationFactory(state="p2_draft")


def test_only_what_applies_is_handed_in_and_what_was_written_waits(draft):
    by = draft.representative
    conditions.state(
        draft, by=by, circumstances={"uses_host": True}, statements={"host_1": (True, "Twintig jaar ervaring.")}
    )
    assert len(snapshot.parse(freezing.take(draft, 2)).conditions) == 5
    conditions.state(draft, by=by, circumstances={"uses_host": False}, statements={})
    assert len(snapshot.parse(freezing.take(draft, 2)).conditions) == 1
    conditions.state(draft, by=by, circumstances={"uses_host": True}, statements={})
    again = {item.code: item for item in snapshot.parse(freezing.take(draft, 2)).conditions}
    assert again["host_1"].explanation == "Twintig jaar ervaring."


def test_secondment_cannot_be_denied_while_somebody_is_seconded(draft):
    team.save_member(draft, name="Bram Maes", engagement="seconded", home_organisation="Technofed", by=draft.colleague)
    with pytest.raises(DomainError, match="Bram Maes gedetacheerd") as refused:
        conditions.state(draft, by=draft.colleague, circumstances={"uses_secondment": False}, statements={})
    assert refused.value.rule_id == "ROL-15"
    draft.refresh_from_db()
    assert draft.uses_secondment


def test_an_explanation_that_a_colleague_changed_is_not_written_over(draft):
    declare_what_applies(draft)
    conditions.state(
        draft,
        by=draft.colleague,
        circumstances={"has_spc_link": True},
        statements={"spc_1": (True, "Van een collega.")},
    )
    with pytest.raises(Stale) as refused:
        conditions.state(
            draft,
            by=draft.representative,
            circumstances={},
            statements={"spc_1": (True, "Van mij.")},
            seen={"spc_1": ""},
        )
    assert "Van een collega." in refused.value.findings[0].message
    assert ConditionStatement.objects.get(code="spc_1").explanation == "Van een collega."


@pytest.mark.parametrize("phase", [1, 2])
def test_a_condition_of_the_other_phase_is_refused(db, clock, phase):
    draft = ApplicationFactory(state="p1_draft" if phase == 1 else "p2_draft")
    code = "host_1" if phase == 1 else "bestaat_niet"
    with pytest.raises(DomainError):
        conditions.state(draft, by=draft.colleague, circumstances={}, statements={code: (True, "")})


@pytest.mark.rule("APL-04")
@pytest.mark.parametrize(
    ("founded", "gap"),
    [
        ("2026-11-01", None),
        (None, "Wanneer CIRMA vzw i.o. opgericht wordt, is niet ingevuld."),
        ("2026-11-02", "CIRMA vzw i.o. wordt opgericht op 02/11/2026, na de start van het project op 01/11/2026."),
    ],
)
def test_a_beneficiary_is_founded_when_the_project_begins(founded, gap):
    from datetime import date

    given = dossier(
        beneficiary=None, is_beneficiary_to_be_founded=True, beneficiary_name="CIRMA vzw i.o.",
        founding_planned_on=date.fromisoformat(founded) if founded else None,
    )  # fmt: skip
    found = [item for item in completeness.gaps(given, RULES) if item.rule_id == "APL-04"]
    assert [item.message for item in found] == ([gap] if gap else [])
