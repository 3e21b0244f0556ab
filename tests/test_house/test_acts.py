"""Every act that the code writes in the trail is known in Dutch: it is told in answers, exports and documents."""

import re
from pathlib import Path

from ibnportal.portal.answers import acts

ROOT = Path(__file__).parents[2]
APPS = ("ibnportal", "calls", "applications", "evaluation", "monitoring")
RECORDED = re.compile(r'record\(\s*"([a-z_]+\.[a-z_]+)"')


def recorded() -> set[str]:
    files = (path for app in APPS for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts)
    return {action for path in files for action in RECORDED.findall(path.read_text(encoding="utf-8"))}


def test_no_act_is_without_a_word():
    found = recorded()
    assert len(found) > 150
    assert sorted(action for action in found if action.partition(".")[2] not in acts.VERBS) == []
    models = acts._models()
    assert sorted({action.partition(".")[0] for action in found} - acts.NOUNS.keys() - models.keys()) == []
