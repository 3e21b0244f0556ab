"""The portal's proposal: every place that can be filled is, fairly, the same each time, each choice explained (P2-EVA-02)."""

import random
from datetime import date
from types import SimpleNamespace

import pytest

from evaluation.domain.matching import Candidate, Need, objection, propose, wanted

pytestmark = pytest.mark.rule("P2-EVA-02")

RULES = SimpleNamespace(min_experts=2, min_domain_experts=1, min_cluster_experts=1, language="nl")
JUNE, JULY = date(2026, 6, 2), date(2026, 6, 24)


def expert(pk, kinds=("domain",), tags=(), **facts):
    return Candidate(
        **{
            "pk": pk,
            "name": f"E{pk:02}",
            "kinds": kinds,
            "tags": frozenset(tags),
            "languages": frozenset({"nl"}),
            "max_load": 4,
            **facts,
        }
    )


def need(number, words=(), present=None, barred=None):
    return Need(number, frozenset(words), present or {}, barred or {})


def proposed(needs, pool, rules=RULES):
    return propose(needs, pool, rules=rules, from_on=JUNE, until_on=JULY)


def who(places):
    return [(place.number, place.kind, place.expert) for place in places]


def test_one_of_each_kind_for_every_dossier():
    places = proposed([need("A"), need("B")], [expert(1), expert(2, ("cluster",))])
    assert who(places) == [("A", "domain", 1), ("A", "cluster", 2), ("B", "domain", 1), ("B", "cluster", 2)]


def test_the_subject_decides_before_the_order_of_names():
    places = proposed([need("A", {"bouw", "hout"})], [expert(1), expert(2, tags=("bouw",)), expert(3, ("cluster",))])
    assert places[0].expert == 2
    assert places[0].why == "domeinkennis; vakgebied: bouw; 1 van 4 dossiers"


def test_the_load_is_even():
    pool = [expert(1), expert(2), expert(3), expert(9, ("cluster",), max_load=6)]
    places = proposed([need(number) for number in "ABCDEF"], pool)
    counts = [sum(place.expert == pk for place in places) for pk in (1, 2, 3)]
    assert counts == [2, 2, 2]


def test_who_has_work_already_gets_less():
    pool = [expert(1, load=2), expert(2), expert(9, ("cluster",))]
    places = proposed([need("A"), need("B")], pool)
    assert [place.expert for place in places if place.kind == "domain"] == [2, 2]


def test_an_expert_of_both_kinds_sits_once_in_a_dossier():
    places = proposed([need("A")], [expert(1, ("domain", "cluster"))])
    assert sorted(str(place.expert) for place in places) == ["1", "None"]


def test_a_place_is_given_up_where_that_fills_another():
    """E01 fits A better, but only E01 can take B: so A goes to E02."""
    pool = [expert(1, tags=("bouw",), max_load=1), expert(2, max_load=1), expert(9, ("cluster",))]
    places = proposed([need("A", {"bouw"}), need("B", barred={2: "is van dit dossier uitgesloten"})], pool)
    assert [place.expert for place in places if place.kind == "domain"] == [2, 1]


def test_what_cannot_be_filled_says_why():
    pool = [
        expert(1, available_until=date(2026, 6, 10)),
        expert(2, load=4),
        expert(3, languages=frozenset({"en"})),
        expert(4),
        expert(9, ("cluster",)),
    ]
    places = proposed([need("A", barred={4: "heeft een band met dit dossier (zelfde e-maildomein)"})], pool)
    assert places[0].expert is None
    assert places[0].why == (
        "Niemand met domeinkennis kan: E01 is er maar tot 10/06/2026; E02 heeft al 4 van 4 dossiers; E03 leest geen nl; "
        "E04 heeft een band met dit dossier (zelfde e-maildomein)."
    )
    assert places[1].expert == 9


def test_an_empty_pool_says_so():
    assert [place.why for place in proposed([need("A")], [])] == [
        "Niemand met domeinkennis. Vul de pool aan.",
        "Niemand met clusterwerking. Vul de pool aan.",
    ]


def test_a_third_expert_may_be_of_either_kind():
    rules = SimpleNamespace(min_experts=3, min_domain_experts=1, min_cluster_experts=1, language="nl")
    assert wanted(need("A"), rules) == ["domain", "cluster", ""]
    assert wanted(need("A", present={7: ("cluster",)}), rules) == ["domain", ""]


def test_who_is_on_it_counts_and_is_not_asked_again():
    places = proposed([need("A", present={1: ("domain",)})], [expert(1), expert(2, ("cluster",))])
    assert who(places) == [("A", "cluster", 2)]
    assert (
        objection(expert(1), need("A", present={1: ("domain",)}), "", rules=RULES, from_on=JUNE, until_on=JULY)
        == "is er al bij"
    )


def test_the_same_question_gets_the_same_answer_whatever_the_order():
    chance = random.Random(7)
    pool = [
        expert(
            pk,
            ("domain", "cluster") if pk % 5 == 0 else ("cluster",) if pk % 2 else ("domain",),
            tags=("bouw",) if pk % 3 else (),
        )
        for pk in range(1, 16)
    ]
    needs = [need(f"D{number:02}", {"bouw"} if number % 2 else set()) for number in range(12)]
    first = proposed(needs, pool)
    for _ in range(3):
        chance.shuffle(pool)
        chance.shuffle(needs)
        assert proposed(needs, pool) == first
    assert all(place.expert for place in first)


def test_nobody_is_overfull_twice_in_a_dossier_or_barred_in_any_of_many_pools():
    chance = random.Random(11)
    for _ in range(40):
        pool = [
            expert(
                pk,
                chance.choice([("domain",), ("cluster",), ("domain", "cluster")]),
                load=chance.randint(0, 2),
                max_load=3,
            )
            for pk in range(chance.randint(1, 8))
        ]
        needs = [
            need(f"D{number}", barred={row.pk: "uitgesloten" for row in pool if chance.random() < 0.3})
            for number in range(chance.randint(1, 6))
        ]
        places = proposed(needs, pool)
        by_number = {row.number: row for row in needs}
        for row in pool:
            mine = [place.number for place in places if place.expert == row.pk]
            assert len(mine) == len(set(mine))
            assert row.load + len(mine) <= max(row.max_load, row.load)
            assert not any(row.pk in by_number[number].barred for number in mine)
