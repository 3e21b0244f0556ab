"""Acts of the trail in words, as answers tell them."""

import pytest

from ibnportal.portal.answers import acts


@pytest.mark.parametrize(
    ("action", "words"),
    [
        ("letter.signed", "Intentiebrief: ondertekend"),
        ("application.looked", "Aanvraag: bekeken"),
        ("contribution.refused", "Bijdrage: telt niet mee"),
        ("tranche.released", "Schijf: vrijgegeven"),
        ("decision.released", "Beslissing: bekendgemaakt"),
        ("nothing.like_this", "Nothing: like this"),
        ("odd", "Odd"),
    ],
)
def test_an_act_in_words(action, words):
    assert acts.in_words(action) == words
