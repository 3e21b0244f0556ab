"""Every picture that a template names is in the sprite: what is not shows as an empty square."""

import re

from tests.test_house.source import ROOT
from tests.test_house.test_templates import COMMENTS, templates

SPRITE = ROOT / "static" / "vendor" / "icons" / "icons.svg"
NAMED = re.compile(r'(?:{%\s*icon\s+|\bicon=)"([a-z0-9-]+)"')


def test_every_icon_that_a_template_names_exists():
    known = set(re.findall(r'id="([a-z0-9-]+)"', SPRITE.read_text(encoding="utf-8")))
    missing = {
        (str(path.relative_to(ROOT)), name)
        for path in templates()
        for name in NAMED.findall(COMMENTS.sub("", path.read_text(encoding="utf-8")))
        if name not in known
    }
    assert missing == set()
