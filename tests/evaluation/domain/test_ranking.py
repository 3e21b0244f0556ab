"""The order of the dossiers, without a database: what knocks out, what goes first, where the money ends."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.domain import ranking
from evaluation.domain.ranking import (
    CriterionInput,
    DimensionInput,
    DossierInput,
    Inputs,
    KnockoutInput,
    StepInput,
    order,
)
from ibnportal.core.canonical import canonical
from ibnportal.core.errors import DomainError

POLICY = ("POL_MENTION", "POL_CONTRIBUTION")
POTENTIAL = (
    "COMP_SIZE", "COMP_TIMELINE", "COMP_SOCIETAL", "ADD_RELEVANCE", "ADD_NEED", "ADD_COMPLEMENTARITY",
    "SUP_PRETRACK", "SUP_COMMITMENT", "SUP_REPRESENTATIVE",
)  # fmt: skip
QUALITY = ("QUAL_ORGANISATION", "QUAL_WORKING", "QUAL_PLAN", "QUAL_MEANS", "QUAL_FOLLOWUP")
ALL = POLICY + POTENTIAL + QUALITY

CALL = Inputs(
    call="2025",
    rules_version=1,
    dimensions=(
        DimensionInput("policy", "Aansluiting bij beleidsprioriteiten", 1),
        DimensionInput("potential", "Clusterpotentieel", 1),
        DimensionInput("quality", "Kwaliteit van het project", 1),
    ),
    criteria=tuple(
        CriterionInput(code, dimension, 1)
        for dimension, codes in (("policy", POLICY), ("potential", POTENTIAL), ("quality", QUALITY))
        for code in codes
    ),
    scale=(
        StepInput("very_good", "Zeer goed", 4),
        StepInput("good", "Goed", 3),
        StepInput("sufficient", "Voldoende", 2),
        StepInput("rather_weak", "Eerder zwak", 1),
        StepInput("critical", "Kritisch", 0),
        StepInput("unsupportable", "Niet-steunbaar", -1),
    ),
    knockouts=(
        KnockoutInput("potential", "rather_weak", 3),
        KnockoutInput("potential", "critical", 1),
        KnockoutInput("quality", "unsupportable", 1),
    ),
    budget=Decimal("3375000.00"),
    max_awards=5,
    dossiers=(),
)


def dossier(number="IBN-1", everywhere="good", requested="675000.00", grounds=(), **other):
    return DossierInput(
        number, tuple((code, other.get(code, everywhere)) for code in ALL), Decimal(requested), tuple(grounds)
    )


def ranked(*dossiers, **changes):
    return order(replace(CALL, dossiers=dossiers, **changes))


def reasons(*args, **kwargs):
    (place,) = ranked(dossier(*args, **kwargs))
    return [knockout.text for knockout in place.knockouts]


# ---------------------------------------------------------------- knock-outs (H-07, AMB-21)


@pytest.mark.rule("H-07")
class TestTheRuleOfTheFirstCall:
    def test_three_rather_weak_scores_on_cluster_potential_knock_out(self):
        assert reasons(COMP_SIZE="rather_weak", ADD_NEED="rather_weak", SUP_PRETRACK="rather_weak") == [
            "3 keer “eerder zwak” op clusterpotentieel; hoogstens 2 toegestaan"
        ]

    def test_two_rather_weak_scores_on_cluster_potential_do_not(self):
        assert reasons(COMP_SIZE="rather_weak", ADD_NEED="rather_weak") == []

    def test_one_critical_score_on_cluster_potential_knocks_out(self):
        assert reasons(COMP_TIMELINE="critical") == ["1 keer “kritisch” op clusterpotentieel; geen toegestaan"]

    def test_a_critical_score_on_quality_does_not_count(self):
        assert reasons(QUAL_PLAN="critical") == []

    def test_rather_weak_scores_on_quality_and_policy_do_not_count(self):
        weak = dict.fromkeys((*QUALITY, *POLICY, "COMP_SIZE", "ADD_NEED"), "rather_weak")
        assert reasons(**weak) == []

    def test_one_unsupportable_score_on_quality_knocks_out(self):
        assert reasons(QUAL_MEANS="unsupportable") == [
            "1 keer “niet-steunbaar” op kwaliteit van het project; geen toegestaan"
        ]

    def test_an_unsupportable_score_on_cluster_potential_is_another_rule_than_the_published_one(self):
        assert reasons(COMP_SIZE="unsupportable") == []

    def test_every_rule_that_fires_is_named(self):
        assert reasons(
            COMP_SIZE="rather_weak",
            ADD_NEED="rather_weak",
            SUP_PRETRACK="rather_weak",
            COMP_SOCIETAL="critical",
            QUAL_PLAN="unsupportable",
        ) == [
            "3 keer “eerder zwak” op clusterpotentieel; hoogstens 2 toegestaan",
            "1 keer “kritisch” op clusterpotentieel; geen toegestaan",
            "1 keer “niet-steunbaar” op kwaliteit van het project; geen toegestaan",
        ]


@pytest.mark.rule("P2-CRI-18")
def test_doubts_about_an_own_identity_knock_out_whatever_the_scores():
    (place,) = ranked(dossier(everywhere="very_good", grounds=["P2-CRI-18"]))
    assert [(ko.rule_id, ko.text) for ko in place.knockouts] == [
        ("P2-CRI-18", "Zeer sterke twijfel of er een ecosysteem met een eigen identiteit en dynamiek ontstaat")
    ]
    assert not place.is_within_budget


@pytest.mark.rule("P2-CRI-19")
def test_a_risk_of_market_distortion_knocks_out_whatever_the_scores():
    (place,) = ranked(dossier(everywhere="very_good", grounds=["P2-CRI-19"]))
    assert [(ko.rule_id, ko.text) for ko in place.knockouts] == [("P2-CRI-19", "Duidelijk risico op marktverstoring")]


def test_a_knocked_out_dossier_stands_below_all_others_and_takes_no_budget():
    places = ranked(dossier("IBN-1", "very_good", COMP_SIZE="critical"), dossier("IBN-2", "sufficient"))
    assert [(place.rank, place.number, place.total, place.cumulative) for place in places] == [
        (1, "IBN-2", 32, Decimal("675000.00")),
        (2, "IBN-1", 60, Decimal("675000.00")),
    ]


# ---------------------------------------------------------------- totals and ties


@pytest.mark.rule("P2-CRI-20")
def test_sixteen_criteria_make_three_totals_of_two_nine_and_five():
    (place,) = ranked(dossier(everywhere="good"))
    assert place.dimension_totals == (("policy", 6), ("potential", 27), ("quality", 15))
    assert place.total == 48


@pytest.mark.rule("P2-CRI-21")
def test_weights_of_criteria_and_dimensions_are_the_calls():
    heavy = tuple(replace(row, weight=3) if row.code == "QUAL_PLAN" else row for row in CALL.criteria)
    double = tuple(replace(row, weight=2) if row.code == "quality" else row for row in CALL.dimensions)
    (place,) = ranked(dossier(everywhere="good"), criteria=heavy, dimensions=double)
    assert place.dimension_totals == (("policy", 6), ("potential", 27), ("quality", 21))
    assert place.total == 6 + 27 + 2 * 21


@pytest.mark.rule("P2-CRI-21")
def test_another_scale_gives_other_totals_without_another_line_of_code():
    ten = tuple(replace(step, value=step.value * 10) for step in CALL.scale)
    (place,) = ranked(dossier(everywhere="good"), scale=ten)
    assert place.total == 480


class TestTies:
    def test_the_higher_total_on_the_first_dimension_goes_first(self):
        quality_first = dossier("IBN-1", QUAL_PLAN="very_good")
        policy_first = dossier("IBN-2", POL_MENTION="very_good")
        assert [place.number for place in ranked(quality_first, policy_first)] == ["IBN-2", "IBN-1"]

    def test_then_on_the_second(self):
        assert [
            place.number
            for place in ranked(dossier("IBN-1", QUAL_PLAN="very_good"), dossier("IBN-2", ADD_NEED="very_good"))
        ] == [
            "IBN-2",
            "IBN-1",
        ]

    def test_then_the_lower_request(self):
        places = ranked(dossier("IBN-1", requested="675000.00"), dossier("IBN-2", requested="600000.00"))
        assert [place.number for place in places] == ["IBN-2", "IBN-1"]

    def test_then_the_lower_number(self):
        assert [place.number for place in ranked(dossier("IBN-2"), dossier("IBN-1"))] == ["IBN-1", "IBN-2"]


# ---------------------------------------------------------------- the budget line


@pytest.mark.rule("P2-EVA-07")
def test_at_most_five_initiatives_lie_within_the_line():
    places = ranked(*(dossier(f"IBN-{n}", requested="300000.00") for n in range(1, 8)))
    assert [place.is_within_budget for place in places] == [True] * 5 + [False] * 2
    assert places[-1].cumulative == Decimal("2100000.00")


@pytest.mark.rule("P2-EVA-07", "PRG-02")
def test_five_times_the_highest_grant_is_exactly_the_budget():
    places = ranked(*(dossier(f"IBN-{n}") for n in range(1, 7)))
    assert places[4].cumulative == Decimal("3375000.00")
    assert [place.is_within_budget for place in places] == [True] * 5 + [False]


def test_nothing_below_the_line_slips_through_because_it_asks_less():
    dossiers = (
        dossier("IBN-1", "very_good", "1000000.00"),
        dossier("IBN-2", "good", "900000.00"),
        dossier("IBN-3", "sufficient", "1.00"),
    )
    places = ranked(*dossiers, budget=Decimal("1500000.00"))
    assert [place.is_within_budget for place in places] == [True, False, False]


def test_a_call_without_a_published_budget_has_no_line():
    places = ranked(*(dossier(f"IBN-{n}") for n in range(1, 10)), budget=None, max_awards=None)
    assert all(place.is_within_budget for place in places)


# ---------------------------------------------------------------- gaps


@pytest.mark.rule("P2-CRI-20")
def test_a_missing_panel_score_is_named_never_read_as_zero():
    gap = DossierInput("IBN-1", tuple((code, "good") for code in ALL[:13]), Decimal("1.00"))
    with pytest.raises(DomainError) as raised:
        ranked(gap)
    (finding,) = raised.value.findings
    assert (finding.where, finding.message) == ("IBN-1", "Voor 3 van de 16 criteria ontbreekt de panelscore.")


def test_a_step_of_another_call_is_refused():
    with pytest.raises(DomainError):
        ranked(dossier(everywhere="uitstekend"))


# ---------------------------------------------------------------- properties

STEPS = [step.code for step in CALL.scale]
dossiers_of_any_kind = st.lists(
    st.tuples(
        st.lists(st.sampled_from(STEPS), min_size=16, max_size=16),
        st.integers(min_value=0, max_value=675_000),
        st.sets(st.sampled_from(["P2-CRI-18", "P2-CRI-19"])),
    ),
    max_size=12,
).map(
    lambda rows: [
        DossierInput(
            f"IBN-{n:02d}",
            tuple(zip(ALL, steps, strict=True)),
            Decimal(amount).quantize(Decimal("0.01")),
            tuple(sorted(grounds)),
        )
        for n, (steps, amount, grounds) in enumerate(rows)
    ]
)


@settings(deadline=None, max_examples=60)
@given(dossiers_of_any_kind, st.randoms(use_true_random=False))
def test_the_order_is_total_and_does_not_depend_on_the_sequence_of_the_dossiers(dossiers, random):
    places = ranked(*dossiers)
    shuffled = list(dossiers)
    random.shuffle(shuffled)
    assert ranked(*shuffled) == places
    assert [place.rank for place in places] == list(range(1, len(dossiers) + 1))
    assert {place.number for place in places} == {row.number for row in dossiers}


@settings(deadline=None, max_examples=60)
@given(dossiers_of_any_kind, st.randoms(use_true_random=False))
def test_computing_again_from_the_snapshot_gives_the_same_bytes(dossiers, random):
    inputs = replace(CALL, dossiers=tuple(dossiers))
    kept = canonical(ranking.snapshot(inputs, order(inputs)))
    shuffled = list(dossiers)
    random.shuffle(shuffled)
    again = replace(CALL, dossiers=tuple(shuffled))
    assert canonical(ranking.snapshot(again, order(again))) == kept
    assert ranking.replay(ranking.snapshot(inputs, order(inputs))) == kept


@settings(deadline=None, max_examples=60)
@given(dossiers_of_any_kind)
def test_the_line_is_never_crossed_and_has_no_holes(dossiers):
    places = ranked(*dossiers)
    within = [place for place in places if place.is_within_budget]
    assert sum(place.requested for place in within) <= Decimal("3375000.00")
    assert len(within) <= 5
    assert not any(place.knockouts for place in within)
    assert [place.rank for place in within] == list(range(1, len(within) + 1))


@settings(deadline=None, max_examples=60)
@given(dossiers_of_any_kind)
def test_without_a_dossier_the_others_keep_their_mutual_order(dossiers):
    inputs = replace(CALL, dossiers=tuple(dossiers))
    hidden = {row.number for row in dossiers[:1]}
    kept = [place.number for place in order(inputs) if place.number not in hidden]
    assert [place.number for place in order(ranking.only(inputs, kept))] == kept
