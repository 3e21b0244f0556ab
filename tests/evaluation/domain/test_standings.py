"""What the database adds up is what the pure functions say; and the firm pages and the command around it."""

import json
from io import StringIO
from random import Random

import pgtrigger
import pytest
from django.core.management import CommandError, call_command

from calls.models import Criterion, ScaleStep
from evaluation.domain import ranking, shortlists, standings
from evaluation.models import Advice, PanelScore
from ibnportal.core.accounts.enums import Role
from ibnportal.core.canonical import canonical
from ibnportal.core.errors import DomainError
from tests.evaluation.domain.test_committee import advised
from tests.factories.evaluation import AssignmentFactory, evaluated
from tests.factories.evaluation import advised as really_advised

pytestmark = pytest.mark.django_db


@pytest.fixture
def handler(make_user, clock):
    return make_user(Role.CASE_HANDLER)


def judged(handler, *, count=30, seed=7):
    """Dossiers with panel scores drawn at random, knock-outs and grounds among them."""
    random = Random(seed)
    dossiers = [advised(requested=str(random.choice([150_000, 300_000, 675_000]))) for _ in range(count)]
    call = dossiers[0].call
    steps, criteria = list(ScaleStep.objects.filter(call=call)), list(Criterion.objects.filter(dimension__call=call))
    for dossier in dossiers:
        doubts = random.random() < 0.1
        advice = Advice.objects.create(
            application=dossier, phase=2, recommendation="positive", text="x", given_at=dossier.created_at, given_by=handler,
            doubts_identity=doubts, grounds_text="Zie tekst." if doubts else "",
        )  # fmt: skip
        PanelScore.objects.bulk_create(
            PanelScore(advice=advice, criterion=criterion, step=random.choice(steps[:4]), motivation="x")
            for criterion in criteria
        )
    return call


@pytest.mark.rule("P2-EVA-07", "P2-CRI-20")
def test_the_database_adds_up_to_the_same_order(handler, django_assert_num_queries):
    call = judged(handler)
    expected = ranking.order(ranking.inputs_of(call))
    with django_assert_num_queries(2):
        frame, places = standings.places_of(call)
    assert places == expected
    assert len({place.is_within_budget for place in places}) == 2
    assert any(place.knockouts for place in places)
    assert frame.max_awards == 5


def test_a_gap_is_named_by_the_database_too(handler):
    call = judged(handler, count=2)
    PanelScore.objects.filter(advice=Advice.objects.first()).first().delete()
    with pytest.raises(DomainError) as raised:
        standings.places_of(call)
    assert raised.value.findings[0].message == "Voor 1 van de 16 criteria ontbreekt de panelscore."


def test_a_changed_score_and_a_changed_weight_are_seen_at_once(handler):
    call = judged(handler, count=4)
    best = ScaleStep.objects.filter(call=call).order_by("-value").first()
    _, before = standings.places_of(call)
    last = Advice.objects.get(application__number=before[-1].number)
    PanelScore.objects.filter(advice=last).update(step=best)
    Advice.objects.filter(pk=last.pk).update(doubts_identity=False, grounds_text="")
    _, after = standings.places_of(call)
    assert (after[0].number, after[0].total) == (before[-1].number, 64)
    with pgtrigger.ignore():  # a published call keeps its weights; here only the sum is at stake
        Criterion.objects.filter(dimension__call=call, code="POL_MENTION").update(weight=3)
    assert standings.places_of(call)[1][0].total == 72


@pytest.mark.rule("P2-EVA-03")
def test_who_is_barred_finds_no_gap_in_the_order(handler, make_user):
    call = judged(handler, count=5)
    frozen = ranking.freeze(call, by=handler)
    member = make_user(Role.COMMITTEE_MEMBER)
    second = frozen.entries.get(rank=2).application
    second.bars.create(user=member, reason="Verwant", barred_at=second.created_at, barred_by=handler)
    _, places = shortlists.places_seen(member, frozen)
    assert [place.rank for place in places] == [1, 2, 3, 4]
    assert second.number not in {place.number for place in places}
    _, inputs, found = shortlists.firmness(member, call)
    assert second.number not in json.dumps([str(trial) for trial in found.trials]) + str(inputs)


@pytest.fixture
def frozen(handler):
    strong = really_advised(evaluated(letters=1), step="very_good")
    AssignmentFactory(application=evaluated(letters=1))
    weak = really_advised(evaluated(letters=1), ADD_NEED="critical")
    return ranking.freeze(strong.call, by=handler), strong, weak


@pytest.mark.rule("H-07")
def test_the_command_explains_every_place(frozen):
    _, strong, weak = frozen
    said = StringIO()
    call_command("rank", "2025", "--explain", "--sensitivity", stdout=said)
    text = said.getvalue()
    assert f"Staat voor {weak.number}: {weak.number} is uitgesloten." in text
    assert "H-07: 1 keer “kritisch” op clusterpotentieel; geen toegestaan." in text
    assert "Clusterpotentieel × 1: COMP_SIZE × 1" in text
    assert "Clusterpotentieel: gewicht 10 % hoger: niets verandert." in text
    assert strong.number in text


def test_the_command_replays_to_the_same_bytes(frozen, tmp_path):
    kept, *_ = frozen
    target = tmp_path / "rangschikking.json"
    said = StringIO()
    call_command("rank", "2025", "--replay", "1", "--write", str(target), stdout=said)
    assert "gelijk, byte per byte" in said.getvalue()
    assert target.read_bytes() == canonical(kept.snapshot)
    with pytest.raises(CommandError, match="geen versie 2"):
        call_command("rank", "2025", "--replay", "2", stdout=StringIO())


def test_a_ranking_of_before_the_experts_scores_were_kept_replays_too(frozen):
    kept, *_ = frozen
    inputs = ranking.inputs_from(kept.snapshot)
    old = ranking.snapshot(inputs, ranking.order(inputs), format_=ranking.WITHOUT_EXPERTS)
    assert "weight_shift" not in old["inputs"]
    assert ranking.replay(old) == canonical(old)


def test_the_page_says_how_firm_it_is(frozen, as_role):
    page = as_role(Role.COMMITTEE_MEMBER).get("/comite/rangschikking/2025/stevigheid/").content.decode()
    assert "In elke proef komen dezelfde dossiers binnen de budgetlijn" in page
    assert "10 % omhoog of omlaag" in page.replace("\xa0", " ")
