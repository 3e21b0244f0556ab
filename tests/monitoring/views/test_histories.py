"""The history beside a row tells every act in words, never by its code."""

import re
from pathlib import Path

import pytest

from monitoring.views import agreements, collaborations, contributions, payments, steering

MONITORING = Path(__file__).parents[3] / "monitoring"
RECORDED = re.compile(r'record\(\s*f?"([a-z_]+)\.([a-z_{}.]+)"')


def acts_on(model: str) -> set[str]:
    files = [path for path in MONITORING.rglob("*.py") if "migrations" not in path.parts]
    found = {f"{noun}.{verb}" for path in files for noun, verb in RECORDED.findall(path.read_text(encoding="utf-8"))}
    return {act for act in found if act.partition(".")[0] == model}


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ("tranche", payments._EVENTS),
        ("contribution", contributions._EVENTS),
        ("agreement", agreements._EVENTS),
        ("collaboration", collaborations._EVENTS),
        ("steeringmeeting", steering._EVENTS),
    ],
)
def test_every_act_has_its_words(model, words):
    acts = acts_on(model)
    assert acts
    assert sorted(act for act in acts if act not in words) == []
