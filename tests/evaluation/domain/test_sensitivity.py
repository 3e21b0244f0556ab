"""How firm the order is: one expert left out, one weight moved; with figures worked out by hand."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings

from evaluation.domain import ranking
from evaluation.domain.ranking import CriterionInput, DimensionInput, DossierInput, Inputs, StepInput
from evaluation.domain.sensitivity import Move, trials
from ibnportal.core.canonical import canonical
from tests.evaluation.domain.test_ranking import CALL, dossiers_of_any_kind

TWO = Inputs(
    call="klein",
    rules_version=1,
    dimensions=(DimensionInput("a", "Potentieel", 1), DimensionInput("b", "Kwaliteit", 1)),
    criteria=(CriterionInput("A1", "a", 1, "Omvang"), CriterionInput("B1", "b", 1, "Plan")),
    scale=tuple(StepInput(str(value), f"Stap {value}", value) for value in range(11)),
    knockouts=(),
    budget=None,
    max_awards=1,
    dossiers=(),
)


def dossier(number, a, b, experts=()):
    return DossierInput(
        number,
        (("A1", str(a)), ("B1", str(b))),
        Decimal("100.00"),
        (),
        tuple((code, (("A1", str(x)), ("B1", str(y)))) for code, x, y in experts),
    )


@pytest.mark.rule("P2-EVA-07")
def test_without_a_lenient_expert_the_other_dossier_comes_within_the_line():
    # X: panel 8 + 8 = 16; the experts give 10+10 and 6+6, mean 16. Without D1: 12, so the panel's total falls by 4 to 12.
    # Y: panel 7 + 7 = 14, scored by D2 and D3 who agree: 14 stays 14.
    inputs = replace(
        TWO,
        dossiers=(
            dossier("X", 8, 8, (("D1", 10, 10), ("D2", 6, 6))),
            dossier("Y", 7, 7, (("D2", 7, 7), ("D3", 7, 7))),
        ),
    )
    found = trials(inputs)
    first, second, third = found.experts
    assert first.label == "Zonder deskundige D1 (1 dossier)"
    assert first.moves == (Move("Y", 2, 1), Move("X", 1, 2))
    assert (first.enters, first.leaves) == (("Y",), ("X",))
    # Without D2, X rises by 4 to 20 and Y stays 14; without D3 nothing at all.
    assert second.moves == third.moves == ()
    assert found.fragile == {"X", "Y"}
    assert found.decisive == (first,)


def test_who_was_alone_on_a_dossier_cannot_be_left_out_there():
    found = trials(replace(TWO, dossiers=(dossier("X", 8, 8, (("D1", 1, 1),)), dossier("Y", 7, 7))))
    (only,) = found.experts
    assert only.moves == ()
    assert only.note == "Niemand anders beoordeelde X: dat totaal blijft."


@pytest.mark.rule("P2-CRI-21")
def test_a_weight_ten_per_cent_higher_turns_the_order_round():
    # Both have 14, X goes first on potential; with quality a tenth higher Z has 14,9 and X 14,4.
    inputs = replace(TWO, dossiers=(dossier("X", 10, 4), dossier("Z", 5, 9)), weight_shift=Decimal("0.10"))
    by_label = {trial.label: trial for trial in trials(inputs).weights}
    assert len(by_label) == 8  # two dimensions and two criteria, up and down
    turned = by_label["Kwaliteit: gewicht 10 % hoger"]
    assert turned.moves == (Move("Z", 2, 1), Move("X", 1, 2))
    assert by_label["Potentieel: gewicht 10 % hoger"].moves == ()
    assert by_label["Potentieel: gewicht 10 % lager"].moves == (Move("Z", 2, 1), Move("X", 1, 2))
    assert by_label["Kwaliteit, plan: gewicht 10 % hoger"].moves == turned.moves


def test_a_call_without_a_shift_tries_no_weights():
    assert trials(replace(TWO, dossiers=(dossier("X", 1, 1),))).weights == ()


def test_a_shift_of_another_call_is_that_calls():
    inputs = replace(TWO, dossiers=(dossier("X", 10, 4), dossier("Z", 4, 9)), weight_shift=Decimal("0.25"))
    assert {trial.label for trial in trials(inputs).weights} >= {"Kwaliteit: gewicht 25 % hoger"}
    # 14 against 13; quality a quarter higher: 15 against 15,25.
    assert next(t for t in trials(inputs).weights if t.label == "Kwaliteit: gewicht 25 % hoger").moves


@settings(deadline=None, max_examples=25)
@given(dossiers_of_any_kind)
def test_the_trials_of_a_snapshot_are_those_of_its_inputs(dossiers):
    inputs = replace(CALL, dossiers=tuple(dossiers), weight_shift=Decimal("0.1"))
    kept = ranking.snapshot(inputs, ranking.order(inputs))
    assert trials(ranking.inputs_from(kept)) == trials(inputs)
    assert ranking.replay(kept) == canonical(kept)
