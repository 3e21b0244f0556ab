"""Agreement between experts, harsh and lenient ones: literal figures, computed by hand or published. Pure: no database."""

from decimal import Decimal

import pytest

from evaluation.domain.agreement import alpha, mean, tendencies


def test_krippendorffs_own_example_of_an_ordinal_alpha():
    """Four observers, twelve units, five values: alpha 0,815 on an ordinal scale (Krippendorff 2011, example D)."""
    nobody = None
    observers = [
        [0, 1, 2, 2, 1, 0, 3, 0, 1, nobody, nobody, nobody],
        [0, 1, 2, 2, 1, 1, 3, 0, 1, 4, nobody, 2],
        [nobody, 2, 2, 2, 1, 2, 3, 1, 1, 4, 0, nobody],
        [0, 1, 2, 2, 1, 3, 3, 0, 1, 4, 0, nobody],
    ]
    found = alpha(observers, 5)
    assert found.value == Decimal("0.82")
    assert found.text == "de deskundigen zijn het grotendeels eens"


def test_who_contradict_each_other_agree_less_than_by_chance():
    found = alpha([[0, 5, 0, 5], [5, 0, 5, 0]], 6)
    assert found.value is not None
    assert found.value < 0
    assert found.text == "de deskundigen zijn het niet meer eens dan bij toeval"


@pytest.mark.parametrize("places", [[], [[0, 1, 2]], [[0, None], [None, 1]]])
def test_with_too_few_scores_there_is_no_figure(places):
    found = alpha(places, 6)
    assert (found.value, found.text) == (None, "te weinig scores")


def test_where_nobody_ever_differs_there_is_no_figure_either():
    assert alpha([[1, 1], [1, 1]], 6).text == "alle scores zijn gelijk"


def test_a_harsh_and_a_lenient_scorer_are_named():
    """Places count from the best: 1 is “goed”, 3 is “eerder zwak”. The third gives two steps less on every criterion."""
    found = tendencies([{1: 1, 2: 1, 3: 3}, {1: 1, 2: 1, 3: 3}])
    assert (found[3].steps, found[3].text) == (Decimal("-2.00"), "strenger dan de andere")
    assert (found[1].steps, found[1].text) == (Decimal("1.00"), "milder dan de andere")


def test_half_a_step_is_where_it_begins():
    found = tendencies([{1: 1, 2: 2}, {1: 1, 2: 1}])
    assert (found[2].steps, found[2].text) == (Decimal("-0.50"), "strenger dan de andere")
    found = tendencies([{1: 1, 2: 2}, {1: 1, 2: 1}, {1: 1, 2: 1}])
    assert found[2].text == "in lijn met de andere"


def test_alone_nobody_is_harsh():
    assert tendencies([{1: 5}])[1].text == "geen vergelijking mogelijk"


def test_the_mean_is_of_the_steps_values():
    assert (mean([4, 3, 3]), mean([])) == (Decimal("3.33"), None)
